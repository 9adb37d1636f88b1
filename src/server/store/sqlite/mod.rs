//! SQLite: one file, WAL, no set-up.
//!
//! One connection writes, a few read beside it; `synchronous=FULL`, so a commit that returned survives `kill -9` and power loss.
//! A lock file beside the database keeps a second server out, whose events the first one's screens would never see.

mod backup;
mod doctor;
#[path = "../statements/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "the statements are compiled for each database")]
mod statements;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection, QueryBuilder, SqliteConnection};

use super::words::{sqlite_document, sqlite_search};
use super::{Database, OpenError, Shared, StoreError};
use crate::governance::wire::StreamEvent;
use crate::governance::{Issue, PatrolId};

pub use backup::BackupError;
pub(in crate::server) use backup::DatabaseCopy;
pub(super) use doctor::examine;

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
    /// Held as long as a server uses the store.
    lock: Option<File>,
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // Not left to the closing of the file: a program that is being started at this moment has it open, too.
        if let Some(lock) = &self.lock {
            let _closing_does = lock.unlock();
        }
    }
}

impl Sqlite {
    /// Opens a file, makes it where it is absent, and brings its tables up to date.
    pub(in crate::server) async fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        let mut store = Self::open_beside(path).await?;
        store.lock = Some(lock);
        Ok(store)
    }

    /// The same beside a server that may be using it: only for what makes no events.
    pub(in crate::server) async fn open_beside(path: &Path) -> Result<Self, OpenError> {
        let connected = Self::connect(path).await;
        let (writer, readers) = connected.map_err(|source| Database::from(path).error(source))?;
        Ok(Self { writer, readers, lock: None })
    }

    async fn connect(path: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("journal_size_limit", JOURNAL_BYTES)
            // What is erased is gone from the file, too.
            .pragma("secure_delete", "ON");
        let pool = |size| {
            let options = SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT);
            // On a full disk SQLite itself rolls back; the connection then believes for ever that it is in the
            // transaction, and cannot be used again.
            options.after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
        };
        let writer = pool(1)
            .connect_with(options.clone().thread_name(|_| "yunfushan-sqlite-writer".to_owned()))
            .await?;
        MIGRATIONS.run(&writer).await?;
        let options = options.thread_name(|index| format!("yunfushan-sqlite-reader-{index}"));
        let readers = pool(READERS).connect_with(options.create_if_missing(false)).await?;
        Ok((writer, readers))
    }

    fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    fn readers(&self) -> &SqlitePool {
        &self.readers
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

type Engine = sqlx::Sqlite;
type EnginePool = SqlitePool;
type EngineRow = SqliteRow;
type EngineConnection = SqliteConnection;
type EngineStore = Sqlite;

/// Asks how many bytes the database has.
const SIZE: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

async fn begin_reading(pool: &SqlitePool) -> Result<sqlx::Transaction<'static, Engine>, StoreError> {
    Ok(pool.begin().await?)
}

async fn begin_writing(pool: &SqlitePool) -> Result<sqlx::Transaction<'static, Engine>, StoreError> {
    Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
}

/// `IN` these ids, as one parameter whatever their number.
fn push_ids(query: &mut QueryBuilder<Engine>, ids: &[&PatrolId]) -> Result<(), StoreError> {
    query.push("IN (SELECT value FROM json_each(").push_bind(serde_json::to_string(ids)?).push("))");
    Ok(())
}

/// The issues in which these words stand.
fn push_words(query: &mut QueryBuilder<Engine>, words: &str) {
    match sqlite_search(words) {
        Some(search) => {
            query.push(" AND i.seq IN (SELECT rowid FROM issue_words WHERE issue_words MATCH ");
            query.push_bind(search).push(")");
        }
        // Signs alone stand in no text.
        None => {
            query.push(" AND 1 = 0");
        }
    }
}

/// Writes the words that an issue is found by, instead of those that it had.
async fn write_words(connection: &mut SqliteConnection, seq: i64, issue: &Issue) -> Result<(), StoreError> {
    let words = sqlx::query("INSERT OR REPLACE INTO issue_words (rowid, words) VALUES ($1, $2)");
    words.bind(seq).bind(sqlite_document(issue)).execute(connection).await?;
    Ok(())
}

/// Nobody shares a file.
fn shared(_store: &Sqlite) -> Option<&dyn Shared> {
    None
}

/// There is no other server to be told.
async fn tell(_writing: &mut SqliteConnection, _event: &StreamEvent) -> Result<(), StoreError> {
    Ok(())
}

/// Nor one that waits for a commit.
async fn before_commit(_writing: &mut SqliteConnection) -> Result<(), StoreError> {
    Ok(())
}
