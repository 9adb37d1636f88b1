//! Whether a database holds what it must: its pages, the numbering of events, every issue as the fold of its events, the
//! photos that events name, positions, accounts and tokens.
//!
//! Reads alone, in one transaction, so a server may go on writing beside it. One issue is held at a time.

use std::path::PathBuf;

use serde::Serialize;

use super::attachments::StoredPhoto;
use super::records::Record;
use super::{Database, OpenError, postgres, sqlite};
use crate::governance::Post;

/// So many findings are told one by one.
const MOST_FINDINGS: usize = 200;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// SQLite finds the file itself damaged.
    #[error("the file is damaged: {message}; restore a backup")]
    File {
        /// What SQLite says.
        message: String,
    },
    /// A row points to one that is not there.
    #[error("table {table} points to a row of {parent} that is not there")]
    Dangling {
        /// The table that points.
        table: String,
        /// The table that it points to.
        parent: String,
    },
    /// Numbers of events are missing.
    #[error("events {from} to {to} are missing")]
    Gap {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The counter is not the number of the last event.
    #[error("the counter stands at {counter}, the last event is {last}")]
    Counter {
        /// What the counter says.
        counter: u64,
        /// The last event.
        last: u64,
    },
    /// An event cannot be read, or does not follow the one before it.
    #[error("event {number} of issue {issue}: {reason}")]
    Event {
        /// Its number.
        number: u64,
        /// Whose it is.
        issue: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What is kept of an issue is not what its events say.
    #[error("issue {issue} is kept as something else than its events say: {reason}")]
    Issue {
        /// Which.
        issue: String,
        /// In what it differs.
        reason: String,
    },
    /// There are photos, and not even their folder.
    #[error("{count} photos are known and their folder is not there; name it with --files: {}", folder.display())]
    NoPhotos {
        /// How many.
        count: usize,
        /// Where they ought to be.
        folder: PathBuf,
    },
    /// An account is not as it must be, or has a post that cannot be.
    #[error("account {account}: {reason}")]
    Account {
        /// Which.
        account: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A token is not as it must be.
    #[error("token {token}: {reason}")]
    Token {
        /// Its id.
        token: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something small that is edited cannot be read.
    #[error("{kind} {id}: {reason}")]
    Record {
        /// What it is.
        kind: String,
        /// Which.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A photo is not there, or not what it was.
    #[error("photo {hash}: {reason}")]
    Photo {
        /// Its hash.
        hash: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A patrol cannot be read.
    #[error("patrol {patrol}: {reason}")]
    Patrol {
        /// Which.
        patrol: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A batch of positions cannot be read whole.
    #[error("batch {batch} of positions: {reason}")]
    Positions {
        /// Which row.
        batch: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// A track cannot be read whole.
    #[error("track of patrol number {patrol} in hour {hour} since 1970: {reason}")]
    Track {
        /// The patrol's place in the order of arrival.
        patrol: i64,
        /// The hour.
        hour: i64,
        /// What is wrong with it.
        reason: String,
    },
}

impl Finding {
    /// Whether the database itself is damaged; else somebody has to see to something, and it can be used and copied as it is.
    pub fn is_damage(&self) -> bool {
        !matches!(
            self,
            Self::Photo { .. }
                | Self::NoPhotos { .. }
                | Self::Account { .. }
                | Self::Token { .. }
                | Self::Record { .. }
        )
    }
}

/// Something that is no mistake, and that somebody may want to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// There are files among the photos that are none; a server removes them when it next tidies up.
    #[error("{count} files are no photos of this database, the first of them {}", first.display())]
    StrayFiles {
        /// How many.
        count: usize,
        /// One of them.
        first: PathBuf,
    },
    /// An upload is not there, or not what it was; no event names it.
    #[error("photo {hash}, which no event names: {reason}")]
    Upload {
        /// Its hash.
        hash: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Posts have areas or departments, and without the place nobody knows whether there are such.
    #[error(
        "{posts} posts have areas or departments, which were not looked at; name the place's folder with --place"
    )]
    PlaceUnknown {
        /// How many posts.
        posts: usize,
    },
}

/// What a database holds that is looked at together with what lies beside it.
#[derive(Debug, Default)]
pub(in crate::server) struct Held {
    pub(in crate::server) photos: Vec<StoredPhoto>,
    pub(in crate::server) posts: Vec<HeldPost>,
    /// Of every kind.
    pub(in crate::server) records: Vec<(String, Record)>,
}

/// A post, and who has it.
#[derive(Debug)]
pub(in crate::server) struct HeldPost {
    pub(in crate::server) holder: Holder,
    pub(in crate::server) post: Post,
}

/// Who has a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) enum Holder {
    /// The account with this id.
    Account(String),
    /// The token with this id.
    Token(String),
}

impl Holder {
    /// What is wrong with them.
    pub(in crate::server) fn finding(&self, reason: String) -> Finding {
        match self.clone() {
            Self::Account(account) => Finding::Account { account, reason },
            Self::Token(token) => Finding::Token { token, reason },
        }
    }
}

/// What a file holds, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// How many issues.
    pub issues: u64,
    /// How many events.
    pub events: u64,
    /// How many patrols.
    pub patrols: u64,
    /// How many positions.
    pub positions: u64,
    /// How many photos that are as they must be.
    pub photos: u64,
    /// How many bytes these are.
    pub photo_bytes: u64,
    /// What is wrong, the first two hundred.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
    /// What is no mistake, the first two hundred.
    pub notes: Vec<Note>,
}

impl Diagnosis {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    pub(in crate::server) fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    pub(in crate::server) fn note(&mut self, note: Note) {
        if self.notes.len() < MOST_FINDINGS {
            self.notes.push(note);
        }
    }
}

/// Examines a database alone; what has to be looked at together with something else comes along.
///
/// # Errors
/// Where it is none of ours or cannot be read at all; everything else is a [`Finding`].
pub(in crate::server) async fn examine_rows(
    database: impl Into<Database>,
) -> Result<(Diagnosis, Held), OpenError> {
    let database = database.into();
    let examined = match &database {
        Database::File(path) => sqlite::examine(path).await,
        Database::Postgres(url) => postgres::examine(url).await,
    };
    examined.map_err(|source| database.error(source))
}
