//! Where everything is kept: one trait, an implementation a database.
//!
//! [`Store`] reads; [`Transaction`] is what the one writer works in. What is decided (rules, versions, numbering of
//! events) is decided above this trait, so a second database repeats statements, not judgement.
//! A page and the number of the last event before it are read in one transaction.

mod access;
pub(super) mod attachments;
mod bbox;
mod database;
pub(super) mod deliveries;
mod doctor;
mod filter;
pub(super) mod log;
pub(super) mod packed;
mod postgres;
pub(super) mod records;
mod shared;
mod sqlite;
pub(super) mod track;
pub(super) mod tracks;
pub(super) mod visits;
mod words;

use std::path::PathBuf;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::governance::wire::StreamEvent;
use crate::governance::{Event, Issue, IssueId, NewPatrol, Patrol, PatrolId};

pub(super) use access::{
    AccessStore, AccessTransaction, AuditEntry, Contact, HeldAccount, HeldCode, HeldToken, Person,
    without_nul,
};
use attachments::{Attachments, WriteAttachments};
pub(super) use bbox::Bbox;
use deliveries::{Deliveries, WriteDeliveries};
pub(super) use filter::{IssueFilter, class_key};
use log::EventLog;
pub(super) use packed::PackedFix;
use postgres::Postgres;
use records::{Records, WriteRecords};
pub(super) use shared::Shared;
use sqlite::Sqlite;
use tracks::{Tracks, WriteTracks};
use visits::{Visits, WriteVisits};

pub use database::Database;
pub(super) use database::files_beside;
pub use doctor::{Diagnosis, Finding, Note};
pub(super) use doctor::{Held, HeldPost, Holder, examine_rows};
pub use sqlite::BackupError;
pub(super) use sqlite::DatabaseCopy;

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused: locked, full, gone.
    #[error("the database cannot be used now: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Something in it cannot be read back.
    #[error("the database holds something that cannot be read: {0}")]
    Damaged(String),
    /// What was read in this transaction has been changed by another server.
    #[error("another server has changed the same thing; do it again")]
    Conflict,
}

/// What whoever runs the server can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no room left on the disk.
    Full,
    /// Another program has the database.
    Locked,
}

impl StoreError {
    /// What is the matter with the database, where that is known.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        let Self::Database(sqlx::Error::Database(error)) = self else { return None };
        match error.code()?.as_ref() {
            // SQLite's own numbers and those with more detail; PostgreSQL's five letters.
            "13" | "53100" => Some(Trouble::Full),
            "5" | "261" | "517" | "773" | "6" | "55P03" => Some(Trouble::Locked),
            _ => None,
        }
    }
}

impl From<crate::governance::wire::WireError> for StoreError {
    fn from(error: crate::governance::wire::WireError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server has it.
    #[error("another server is using this database: {}", .0.display())]
    InUse(PathBuf),
    /// The lock file beside it cannot be written.
    #[error("cannot write beside the database: {source}: {}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database itself.
    #[error("{source}: {database}")]
    Store {
        /// Which.
        database: Database,
        /// Why.
        source: StoreError,
    },
}

/// What the store answers.
pub(super) type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Which features of a collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter {
    /// Within this box, edges included; features without a place are in no box.
    pub(super) bbox: Option<Bbox>,
    /// Alive at some moment of this interval.
    pub(super) time: Option<Interval>,
    /// After this place in the order of arrival: where the page before ended. 0 for the first page.
    pub(super) after: i64,
    /// At most this many.
    pub(super) limit: u32,
    /// What else, of issues.
    pub(super) issues: IssueFilter,
}

/// Which page of issues, counted, newest first: for standards that know no cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountedPage {
    /// As many are passed over.
    pub(super) skip: u32,
    /// At most this many.
    pub(super) limit: u32,
}

/// A closed interval of time; an end that is `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl Interval {
    /// Whether it has a moment in common with what holds from one day to another, both included, by the clocks of a zone.
    pub(super) fn meets(self, first: Option<Date>, last: Option<Date>, zone: &TimeZone) -> bool {
        let day = |time: Timestamp| zone.to_datetime(time).date();
        first.is_none_or(|first| self.to.is_none_or(|to| first <= day(to)))
            && last.is_none_or(|last| self.from.is_none_or(|from| last >= day(from)))
    }
}

/// One page of a collection: Features as text, in the order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PageRows {
    /// The last event committed before this page was read.
    pub(super) event_id: u64,
    /// The Features.
    pub(super) features: Vec<String>,
    /// Where the next page begins, if there may be one.
    pub(super) next: Option<i64>,
}

/// A Feature as text, with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Versioned {
    pub(super) version: u64,
    pub(super) feature: String,
}

/// An issue as it stood after an event, with the event's number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbered {
    pub(super) number: u64,
    pub(super) issue: Issue,
}

/// An issue as the writer holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldIssue {
    pub(super) seq: i64,
    pub(super) issue: Issue,
}

/// A patrol as the writer holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldPatrol {
    pub(super) seq: i64,
    pub(super) patrol: Patrol,
}

/// What was answered to a request with this key before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Remembered {
    pub(super) fingerprint: String,
    pub(super) issue: IssueId,
    pub(super) version: u64,
}

/// A database, read.
pub(super) trait Store:
    AccessStore + Attachments + Deliveries + EventLog + Records + Tracks + Visits + Send + Sync + 'static
{
    /// Opens the writing transaction. There is one writer a server, and servers take turns, so it never waits for long.
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>>;
    /// One page of issues.
    fn issues<'a>(&'a self, filter: &'a Filter) -> Answer<'a, PageRows>;
    /// One issue as it stands.
    fn issue<'a>(&'a self, id: &'a IssueId) -> Answer<'a, Option<Versioned>>;
    /// The issues of a counted page, the last reported first.
    fn newest_issues<'a>(&'a self, filter: &'a IssueFilter, page: CountedPage) -> Answer<'a, Vec<Issue>>;
    /// Everything that happened to an issue, in order; `None` if there is no such issue.
    fn issue_events<'a>(&'a self, id: &'a IssueId) -> Answer<'a, Option<Vec<Event>>>;
    /// One page of patrols.
    fn patrols<'a>(&'a self, filter: &'a Filter) -> Answer<'a, PageRows>;
    /// One patrol as it stands.
    fn patrol<'a>(&'a self, id: &'a PatrolId) -> Answer<'a, Option<Versioned>>;
    /// Whether a shift ended before this time of which nobody was told.
    fn has_ended_shift(&self, before: Timestamp) -> Answer<'_, bool>;
    /// The events after this number, at most `limit` of them, each with its issue as it stood then.
    fn events_after(&self, number: u64, limit: u32) -> Answer<'_, Vec<Numbered>>;
    /// How large the database is.
    fn size_bytes(&self) -> Answer<'_, u64>;
    /// The number of the last event; 0 before the first.
    fn last_event(&self) -> Answer<'_, u64>;
    /// The same store as one that several servers share, if it is.
    fn shared(&self) -> Option<&dyn Shared>;
    /// Finishes what is under way and closes the database.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The writing transaction. Dropped without [`Transaction::commit`], nothing of it remains.
pub(super) trait Transaction:
    AccessTransaction + WriteAttachments + WriteDeliveries + WriteRecords + WriteTracks + WriteVisits + Send
{
    /// A setting of the whole file.
    fn setting<'a>(&'a mut self, name: &'a str) -> Answer<'a, Option<String>>;
    /// Writes a setting.
    fn set_setting<'a>(&'a mut self, name: &'a str, value: &'a str) -> Answer<'a, ()>;
    /// An issue to be changed.
    fn issue<'a>(&'a mut self, id: &'a IssueId) -> Answer<'a, Option<HeldIssue>>;
    /// An issue as it stood at a version.
    fn issue_at<'a>(&'a mut self, id: &'a IssueId, version: u64) -> Answer<'a, Option<Issue>>;
    /// Stores a new issue with all its events, which get the next numbers; returns its place and the first number.
    fn insert_issue<'a>(&'a mut self, issue: &'a Issue, events: &'a [Event]) -> Answer<'a, (i64, u64)>;
    /// Stores the next event of an issue, and the issue as it stands now; returns the event's number.
    fn append<'a>(&'a mut self, seq: i64, issue: &'a Issue, event: &'a Event) -> Answer<'a, u64>;
    /// Fills in what issues from before are asked by, some of them; `false` when there is nothing left to do.
    fn fill_in_filters(&mut self) -> Answer<'_, bool>;
    /// What was answered to this key.
    fn remembered<'a>(&'a mut self, key: &'a str) -> Answer<'a, Option<Remembered>>;
    /// Remembers what was answered to this key.
    fn remember<'a>(&'a mut self, key: &'a str, answer: &'a Remembered, now: Timestamp) -> Answer<'a, ()>;
    /// Forgets the keys from before this time.
    fn forget_before(&mut self, time: Timestamp) -> Answer<'_, ()>;
    /// The patrols with these ids, in any order; unknown ids are left out.
    fn patrols<'a>(&'a mut self, ids: &'a [&'a PatrolId]) -> Answer<'a, Vec<HeldPatrol>>;
    /// Stores a patrol without its position, new or not, and when somebody is to be told that its shift has ended.
    fn put_patrol<'a>(
        &'a mut self,
        id: &'a PatrolId,
        version: u64,
        profile: &'a NewPatrol,
        shift_ends: Option<Timestamp>,
    ) -> Answer<'a, ()>;
    /// The patrols whose shift ended before this time of which nobody was told, at most `limit` of them.
    fn ended_shifts(&mut self, before: Timestamp, limit: u32) -> Answer<'_, Vec<PatrolId>>;
    /// Stores positions, and these patrols' newest ones with their versions.
    fn add_positions<'a>(
        &'a mut self,
        fixes: &'a [PackedFix],
        newest: &'a [&'a HeldPatrol],
        now: Timestamp,
    ) -> Answer<'a, ()>;
    /// Tells the screens of every server something without a number; nothing where there is one server alone.
    fn tell<'a>(&'a mut self, event: &'a StreamEvent) -> Answer<'a, ()>;
    /// Makes it durable.
    fn commit(self: Box<Self>) -> Answer<'static, ()>;
}
