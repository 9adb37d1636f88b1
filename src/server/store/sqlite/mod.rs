//! SQLite: one file, WAL, no set-up.
//!
//! One connection writes, a few read beside it; `synchronous=FULL`, so a commit that returned survives `kill -9` and power loss.
//! A lock file beside the database keeps a second server out, whose events the first one's screens would never see.

mod doctor;
mod filtered;
mod read;
mod write;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqliteConnection};

use super::{
    Answer, CountedPage, Filter, IssueFilter, Numbered, PageRows, Store, StoreError, Transaction, Versioned,
};
use crate::geo::LonLat;
use crate::governance::{Event, Fix, Issue, IssueId, NewPatrol, Patrol, PatrolId};

pub use doctor::{Diagnosis, Finding, examine};

static MIGRATIONS: Migrator = sqlx::migrate!("src/server/migrations/sqlite");

/// How long a statement waits for another program that has the file locked, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a reader waits for one of the connections.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read.
const READERS: u32 = 4;
/// The log of changes is cut back to this many bytes once its contents are in the file.
const JOURNAL_BYTES: &str = "67108864";

/// A SQLite file.
pub(in crate::server) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Held as long as the store lives.
    _lock: File,
}

/// Why a file could not be opened.
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
    #[error("{source}: {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
}

impl Sqlite {
    /// Opens a file, makes it where it is absent, and brings its tables up to date.
    pub(in crate::server) async fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        let connected = Self::connect(path).await;
        let (writer, readers) =
            connected.map_err(|source| OpenError::Store { path: path.to_owned(), source })?;
        Ok(Self { writer, readers, _lock: lock })
    }

    async fn connect(path: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("journal_size_limit", JOURNAL_BYTES);
        let pool = |size| SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool(1)
            .connect_with(options.clone().thread_name(|_| "yunfushan-sqlite-writer".to_owned()))
            .await?;
        MIGRATIONS.run(&writer).await?;
        let options = options.thread_name(|index| format!("yunfushan-sqlite-reader-{index}"));
        let readers = pool(READERS).connect_with(options.create_if_missing(false)).await?;
        Ok((writer, readers))
    }
}

/// Takes the lock beside the file, which the system releases even after `kill -9`.
fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let lock_error = |source| OpenError::Lock { path: lock_path.clone(), source };
    let file =
        File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(lock_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(lock_error(source)),
    }
}

impl Store for Sqlite {
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        Box::pin(async {
            let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
            Ok(Box::new(write::Writing(transaction)) as Box<dyn Transaction>)
        })
    }

    fn issues<'a>(&'a self, filter: &'a Filter) -> Answer<'a, PageRows> {
        Box::pin(read::issues(&self.readers, filter))
    }

    fn issue<'a>(&'a self, id: &'a IssueId) -> Answer<'a, Option<Versioned>> {
        Box::pin(read::issue(&self.readers, id))
    }

    fn newest_issues<'a>(&'a self, filter: &'a IssueFilter, page: CountedPage) -> Answer<'a, Vec<Issue>> {
        Box::pin(filtered::newest_issues(&self.readers, filter, page))
    }

    fn issue_events<'a>(&'a self, id: &'a IssueId) -> Answer<'a, Option<Vec<Event>>> {
        Box::pin(read::issue_events(&self.readers, id))
    }

    fn patrols<'a>(&'a self, filter: &'a Filter) -> Answer<'a, PageRows> {
        Box::pin(read::patrols(&self.readers, filter))
    }

    fn patrol<'a>(&'a self, id: &'a PatrolId) -> Answer<'a, Option<Versioned>> {
        Box::pin(read::patrol(&self.readers, id))
    }

    fn events_after(&self, number: u64, limit: u32) -> Answer<'_, Vec<Numbered>> {
        Box::pin(read::events_after(&self.readers, number, limit))
    }

    fn last_event(&self) -> Answer<'_, u64> {
        Box::pin(async {
            let mut connection = self.readers.acquire().await?;
            last_event(&mut connection).await
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.readers.close().await;
            self.writer.close().await;
        })
    }
}

async fn last_event(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT last_event FROM counter WHERE one = 1").fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

/// Versions and numbers fit: they count single events.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What [`patrol_from_row`] reads.
const PATROL_COLUMNS: &str = "p.seq, p.id, p.version, p.profile, f.version, f.at, f.lon, f.lat, f.heading_deg, \
                              f.speed_mps, f.accuracy_m, f.mock";

/// A patrol from a row of [`PATROL_COLUMNS`], with its place in the order of arrival.
fn patrol_from_row(row: &SqliteRow) -> Result<(i64, Patrol), StoreError> {
    let profile: NewPatrol = serde_json::from_str(row.try_get(3)?)?;
    let profile_version: u64 = row.try_get(2)?;
    let fix_version: Option<u64> = row.try_get(4)?;
    let fix = match row.try_get::<Option<i64>, _>(5)? {
        None => None,
        Some(at_ms) => {
            let at = jiff::Timestamp::from_millisecond(at_ms)
                .map_err(|error| StoreError::Damaged(error.to_string()))?;
            Some(Fix {
                at,
                place: LonLat::new(row.try_get(6)?, row.try_get(7)?),
                heading_deg: row.try_get::<Option<f64>, _>(8)?.map(|value| value as f32),
                speed_mps: row.try_get::<Option<f64>, _>(9)?.map(|value| value as f32),
                accuracy_m: row.try_get::<Option<f64>, _>(10)?.map(|value| value as f32),
                mock: row.try_get(11)?,
            })
        }
    };
    let patrol = Patrol {
        id: PatrolId(row.try_get(1)?),
        version: profile_version.max(fix_version.unwrap_or_default()),
        name: profile.name,
        kind: profile.kind,
        areas: profile.areas,
        fix,
        duty: profile.duty,
    };
    Ok((row.try_get(0)?, patrol))
}
