//! Whether a database holds what it must: its pages, the numbering of events, every issue as the fold of its events, positions.
//!
//! Reads alone, in one transaction, so a server may go on writing beside it. One issue is held at a time.

use serde::Serialize;

use super::attachments::StoredPhoto;
use super::{Database, OpenError, postgres, sqlite};

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
}

/// Examines a database alone; the photos that it knows come along, whose files somebody else looks at.
///
/// # Errors
/// Where it is none of ours or cannot be read at all; everything else is a [`Finding`].
pub(in crate::server) async fn examine_rows(
    database: impl Into<Database>,
) -> Result<(Diagnosis, Vec<StoredPhoto>), OpenError> {
    let database = database.into();
    let examined = match &database {
        Database::File(path) => sqlite::examine(path).await,
        Database::Postgres(url) => postgres::examine(url).await,
    };
    examined.map_err(|source| database.error(source))
}
