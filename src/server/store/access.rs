//! What the store keeps of access: accounts and their posts, sessions, tokens, personal data, the audit.
//!
//! Secrets come and go as hashes. Times are those of the real clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Answer;
use crate::governance::{Account, Actor, IssueId, Post};

/// An account as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct HeldAccount {
    pub(in crate::server) seq: i64,
    pub(in crate::server) account: Account,
    /// The hash of its password, once there is one.
    pub(in crate::server) password: Option<String>,
    pub(in crate::server) is_disabled: bool,
}

/// A token of a program or a wall, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct HeldToken {
    pub(in crate::server) id: String,
    pub(in crate::server) post: Post,
    pub(in crate::server) created_at: Timestamp,
    /// Without one it never expires.
    pub(in crate::server) expires_at: Option<Timestamp>,
    pub(in crate::server) revoked_at: Option<Timestamp>,
}

/// A one-time code: the hash of it, and until when it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct HeldCode {
    pub(in crate::server) hash: String,
    pub(in crate::server) expires_at: Timestamp,
}

/// A person's name and phone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::server) struct Person {
    pub(in crate::server) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::server) phone: Option<String>,
}

/// Who reported an issue and how to reach them, for what and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Contact {
    pub(in crate::server) name: Option<String>,
    pub(in crate::server) phone: Option<String>,
    pub(in crate::server) email: Option<String>,
    /// The caller's own words.
    pub(in crate::server) words: Option<String>,
    pub(in crate::server) purpose: String,
    pub(in crate::server) keep_until: Timestamp,
}

/// Text as PostgreSQL can hold it: without NUL, which means nothing in a name or a number.
pub(in crate::server) fn without_nul(text: Option<String>) -> Option<String> {
    text.map(|text| text.replace('\0', ""))
}

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct AuditEntry {
    pub(in crate::server) at: Timestamp,
    pub(in crate::server) who: String,
    pub(in crate::server) action: String,
    pub(in crate::server) target: String,
    pub(in crate::server) outcome: &'static str,
}

/// A line of the audit as it is read: its number and the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::server) struct AuditLine {
    pub(in crate::server) number: i64,
    pub(in crate::server) at: Timestamp,
    pub(in crate::server) who: String,
    pub(in crate::server) action: String,
    pub(in crate::server) target: String,
    pub(in crate::server) outcome: String,
}

/// Access, read.
pub(in crate::server) trait AccessStore {
    /// Whether anybody has an account that is not disabled.
    fn has_accounts(&self) -> Answer<'_, bool>;
    /// Every account, in the order in which they were made.
    fn accounts(&self) -> Answer<'_, Vec<HeldAccount>>;
    /// One account.
    fn account<'a>(&'a self, id: &'a str) -> Answer<'a, Option<HeldAccount>>;
    /// Whose session this is, and when it ends.
    fn session<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<(HeldAccount, Timestamp)>>;
    /// Every token, revoked ones included.
    fn tokens(&self) -> Answer<'_, Vec<HeldToken>>;
    /// The token with this hash.
    fn token<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<HeldToken>>;
    /// Lines of the audit after a number, oldest first.
    fn audit(&self, after: i64, limit: u32) -> Answer<'_, Vec<AuditLine>>;
}

/// Access, changed.
pub(in crate::server) trait AccessTransaction {
    /// Adds to the audit.
    fn log<'a>(&'a mut self, entry: &'a AuditEntry) -> Answer<'a, ()>;
    /// Who reported an issue: the actor of its first event.
    fn reporter(&mut self, issue: i64) -> Answer<'_, Option<Actor>>;
    /// An account to be changed.
    fn account_to_change<'a>(&'a mut self, id: &'a str) -> Answer<'a, Option<HeldAccount>>;
    /// The account that has a post of this name.
    fn account_of_post<'a>(&'a mut self, name: &'a str) -> Answer<'a, Option<HeldAccount>>;
    /// Makes an account without posts and password.
    fn insert_account<'a>(&'a mut self, id: &'a str, now: Timestamp) -> Answer<'a, i64>;
    /// Gives an account these posts and no others.
    fn set_posts<'a>(&'a mut self, account: i64, posts: &'a [Post]) -> Answer<'a, ()>;
    /// Sets or takes away a password.
    fn set_password<'a>(&'a mut self, account: i64, password: Option<&'a str>) -> Answer<'a, ()>;
    /// Disables an account from a time on, or enables it.
    fn set_disabled(&mut self, account: i64, since: Option<Timestamp>) -> Answer<'_, ()>;
    /// The one-time code of an account.
    fn code(&mut self, account: i64) -> Answer<'_, Option<HeldCode>>;
    /// Sets the one-time code, or takes it away.
    fn set_code<'a>(&'a mut self, account: i64, code: Option<&'a HeldCode>) -> Answer<'a, ()>;
    /// Begins a session.
    fn insert_session<'a>(
        &'a mut self,
        hash: &'a str,
        account: i64,
        now: Timestamp,
        end: Timestamp,
    ) -> Answer<'a, ()>;
    /// Ends one session.
    fn end_session<'a>(&'a mut self, hash: &'a str) -> Answer<'a, ()>;
    /// Ends all sessions of an account but one.
    fn end_sessions<'a>(&'a mut self, account: i64, but: Option<&'a str>) -> Answer<'a, ()>;
    /// Makes a token.
    fn insert_token<'a>(&'a mut self, token: &'a HeldToken, hash: &'a str) -> Answer<'a, ()>;
    /// Revokes a token; whether there was one that was not revoked.
    fn revoke_token<'a>(&'a mut self, id: &'a str, now: Timestamp) -> Answer<'a, bool>;
    /// Who has an account.
    fn person(&mut self, account: i64) -> Answer<'_, Option<Person>>;
    /// Writes down who has an account, or erases it.
    fn set_person<'a>(&'a mut self, account: i64, person: Option<&'a Person>) -> Answer<'a, ()>;
    /// Who reported an issue; the outer `None` if there is no such issue.
    fn contact<'a>(&'a mut self, issue: &'a IssueId) -> Answer<'a, Option<Option<Contact>>>;
    /// Writes down who reported an issue, or erases it; whether there is such an issue.
    fn set_contact<'a>(&'a mut self, issue: &'a IssueId, contact: Option<&'a Contact>) -> Answer<'a, bool>;
    /// Deletes sessions, codes and contacts whose time is over; how many contacts that were.
    fn forget_expired(&mut self, now: Timestamp) -> Answer<'_, u64>;
}
