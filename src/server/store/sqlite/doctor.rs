//! Whether a file holds what it must: its pages, the numbering of events, every issue as the fold of its events, positions.
//!
//! Reads alone, in one transaction, so a server may go on writing beside it. One issue is held at a time.

use std::path::Path;

use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use super::{BUSY_TIMEOUT, OpenError};
use crate::governance::wire::Item;
use crate::governance::{Event, Issue, IssueId, NewPatrol};
use crate::server::store::StoreError;
use crate::server::store::packed::{RECORD, unpack};

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

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// Examines a file.
///
/// # Errors
/// Where it is none of ours or cannot be read at all; everything else is a [`Finding`].
pub async fn examine(path: &Path) -> Result<Diagnosis, OpenError> {
    let examined = examine_file(path).await;
    examined.map_err(|source| OpenError::Store { path: path.to_owned(), source })
}

async fn examine_file(path: &Path) -> Result<Diagnosis, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT);
    let mut connection = options.connect().await?;
    let mut diagnosis = Diagnosis::default();
    let mut transaction = connection.begin().await?;
    examine_pages(&mut transaction, &mut diagnosis).await?;
    // A file whose pages are damaged says little that can be believed.
    if diagnosis.is_sound() {
        examine_numbers(&mut transaction, &mut diagnosis).await?;
        examine_issues(&mut transaction, &mut diagnosis).await?;
        examine_patrols(&mut transaction, &mut diagnosis).await?;
        examine_positions(&mut transaction, &mut diagnosis).await?;
    }
    transaction.rollback().await?;
    connection.close().await?;
    Ok(diagnosis)
}

async fn examine_pages(
    connection: &mut SqliteConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    for row in sqlx::query("PRAGMA integrity_check").fetch_all(&mut *connection).await? {
        let message: String = row.try_get(0)?;
        if message != "ok" {
            diagnosis.find(Finding::File { message });
        }
    }
    for row in sqlx::query("PRAGMA foreign_key_check").fetch_all(connection).await? {
        diagnosis.find(Finding::Dangling { table: row.try_get(0)?, parent: row.try_get(2)? });
    }
    Ok(())
}

async fn examine_numbers(
    connection: &mut SqliteConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let counter = super::statements::last_event(connection).await?;
    let mut last = 0;
    let mut rows = sqlx::query("SELECT number FROM events ORDER BY number").fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let number: u64 = row.try_get(0)?;
        if number != last + 1 {
            diagnosis.find(Finding::Gap { from: last + 1, to: number.saturating_sub(1) });
        }
        last = number;
        diagnosis.events += 1;
    }
    if counter != last {
        diagnosis.find(Finding::Counter { counter, last });
    }
    Ok(())
}

/// An issue as its events have it so far.
struct Folded {
    seq: i64,
    issue: Result<Issue, ()>,
}

async fn examine_issues(
    connection: &mut SqliteConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let mut rows = sqlx::query(
        "SELECT i.seq, i.id, i.version, i.lon, i.lat, i.reported_at, i.closed_at, f.feature,
                e.number, e.version, e.happened_at, e.recorded_at, e.event
         FROM issues i LEFT JOIN issue_features f ON f.issue = i.seq LEFT JOIN events e ON e.issue = i.seq
         ORDER BY i.seq, e.version",
    )
    .fetch(connection);
    let mut held: Option<(Folded, SqliteRow)> = None;
    while let Some(row) = rows.try_next().await? {
        let seq: i64 = row.try_get(0)?;
        let id: String = row.try_get(1)?;
        if held.as_ref().is_none_or(|(folded, _)| folded.seq != seq) {
            if let Some((folded, row)) = held.take() {
                compare(folded, &row, diagnosis)?;
            }
            diagnosis.issues += 1;
        }
        let Some(number) = row.try_get::<Option<u64>, _>(8)? else {
            diagnosis.find(Finding::Issue { issue: id, reason: "it has no events".to_owned() });
            continue;
        };
        let before = held.take().map(|(folded, _)| folded.issue);
        let issue = match (event_of(&row), before) {
            (_, Some(Err(()))) => Err(()),
            (Err(reason), _) => {
                diagnosis.find(Finding::Event { number, issue: id, reason });
                Err(())
            }
            (Ok(event), before) => follow(before.and_then(Result::ok), &id, &event).map_err(|reason| {
                diagnosis.find(Finding::Event { number, issue: id, reason });
            }),
        };
        held = Some((Folded { seq, issue }, row));
    }
    if let Some((folded, row)) = held {
        compare(folded, &row, diagnosis)?;
    }
    Ok(())
}

/// The event of a row, if its columns say the same.
fn event_of(row: &SqliteRow) -> Result<Event, String> {
    let text = |error: sqlx::Error| error.to_string();
    let event: Event = serde_json::from_str(row.try_get(12).map_err(text)?).map_err(|e| e.to_string())?;
    let columns: (u64, i64, i64) =
        (row.try_get(9).map_err(text)?, row.try_get(10).map_err(text)?, row.try_get(11).map_err(text)?);
    let said = (event.version, event.happened_at.as_millisecond(), event.recorded_at.as_millisecond());
    if columns == said { Ok(event) } else { Err("its columns say otherwise".to_owned()) }
}

fn follow(before: Option<Issue>, id: &str, event: &Event) -> Result<Issue, String> {
    match before {
        None => Issue::open(IssueId(id.to_owned()), event).map_err(|error| error.to_string()),
        Some(mut issue) => {
            issue.replay(event).map_err(|error| error.to_string())?;
            Ok(issue)
        }
    }
}

/// Whether an issue is kept as its events have it; `row` is any of its rows.
fn compare(folded: Folded, row: &SqliteRow, diagnosis: &mut Diagnosis) -> Result<(), StoreError> {
    // What is wrong with its events has been told.
    let Ok(issue) = folded.issue else { return Ok(()) };
    let mut differs = |reason: String| {
        diagnosis.find(Finding::Issue { issue: issue.id.0.clone(), reason });
    };
    let kept: (u64, Option<f64>, Option<f64>, i64, Option<i64>) =
        (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
    let folded = (
        issue.version,
        issue.place.map(|place| place.lon),
        issue.place.map(|place| place.lat),
        issue.reported_at.as_millisecond(),
        issue.closed_at.map(jiff::Timestamp::as_millisecond),
    );
    if kept != folded {
        differs(format!("its row has {kept:?}, its events {folded:?}"));
    }
    match row.try_get::<Option<&str>, _>(7)?.map(Issue::from_text) {
        None => differs("it has no feature".to_owned()),
        Some(Err(error)) => differs(format!("its feature cannot be read: {error}")),
        Some(Ok(kept)) if kept != issue => differs("its feature differs".to_owned()),
        Some(Ok(_)) => {}
    }
    Ok(())
}

async fn examine_patrols(
    connection: &mut SqliteConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let mut rows = sqlx::query("SELECT id, profile FROM patrols ORDER BY seq").fetch(connection);
    while let Some(row) = rows.try_next().await? {
        diagnosis.patrols += 1;
        if let Err(error) = serde_json::from_str::<NewPatrol>(row.try_get(1)?) {
            diagnosis.find(Finding::Patrol { patrol: row.try_get(0)?, reason: error.to_string() });
        }
    }
    Ok(())
}

async fn examine_positions(
    connection: &mut SqliteConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let last_patrol: Option<i64> =
        sqlx::query("SELECT max(seq) FROM patrols").fetch_one(&mut *connection).await?.try_get(0)?;
    let last_patrol = last_patrol.unwrap_or(0);
    let mut rows =
        sqlx::query("SELECT seq, positions, packed FROM position_batches ORDER BY seq").fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let (batch, count): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let packed: &[u8] = row.try_get(2)?;
        let fixes = unpack(packed);
        diagnosis.positions += fixes.len() as u64;
        let reason = if !packed.len().is_multiple_of(RECORD) {
            format!("{} bytes are left over", packed.len() % RECORD)
        } else if i64::try_from(fixes.len()) != Ok(count) {
            format!("it holds {} where it says {count}", fixes.len())
        } else if fixes.iter().any(|fix| !(1..=last_patrol).contains(&i64::from(fix.patrol))) {
            "it has a position of a patrol that is not there".to_owned()
        } else {
            continue;
        };
        diagnosis.find(Finding::Positions { batch, reason });
    }
    Ok(())
}
