//! Copies of a file: one made beside a running server, and one put back.
//!
//! Neither overwrites anything: the name is taken first, the copy is made under another one, examined, synced, and
//! only then gets the name.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::super::{Database, Diagnosis, OpenError, StoreError, examine};
use super::{BUSY_TIMEOUT, lock};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// PostgreSQL has its own programs for it.
    #[error(
        "a PostgreSQL database is backed up and restored by its own programs: \
         pg_dump --format=custom --file=FILE '{0}', and pg_restore --dbname='{0}' FILE"
    )]
    Postgres(Database),
    /// Nothing is ever overwritten.
    #[error("there is something already, and nothing is overwritten: {}", .0.display())]
    Taken(PathBuf),
    /// The copy cannot be written.
    #[error("cannot write the copy: {source}: {}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be read, or another server has it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The copy is not what it must be.
    #[error("the copy is not sound and was removed: {}; examine the original with doctor", .0.findings.first().map(ToString::to_string).unwrap_or_default())]
    Unsound(Box<Diagnosis>),
}

/// Copies the database to a new file while a server may go on using it; says what is in the copy.
///
/// # Errors
/// [`BackupError`]; there is no copy then.
pub async fn backup(database: &Database, out: &Path) -> Result<Diagnosis, BackupError> {
    let Database::File(from) = database else { return Err(BackupError::Postgres(database.clone())) };
    copy(from, out).await
}

/// Puts a copy where there is no database; says what is in it.
///
/// # Errors
/// [`BackupError`]; there is no database then.
pub async fn restore(copied: &Path, database: &Database) -> Result<Diagnosis, BackupError> {
    let Database::File(to) = database else { return Err(BackupError::Postgres(database.clone())) };
    let _lock = lock(to)?;
    // What the log of another file says must not be read into this one.
    for end in ["-wal", "-shm"] {
        let beside = beside(to, end);
        if beside.exists() {
            return Err(BackupError::Taken(beside));
        }
    }
    copy(copied, to).await
}

/// A name taken, and the file that is to get it; both go unless [`Copy::keep`] is called.
struct Copy {
    name: PathBuf,
    part: PathBuf,
    is_kept: bool,
}

impl Copy {
    fn begin(name: &Path) -> Result<Self, BackupError> {
        let taken = OpenOptions::new().write(true).create_new(true).open(name);
        taken.map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::Taken(name.to_owned()),
            _ => BackupError::Write { path: name.to_owned(), source },
        })?;
        let part = beside(name, &format!(".part-{}", std::process::id()));
        Ok(Self { name: name.to_owned(), part, is_kept: false })
    }

    fn keep(mut self) -> Result<(), BackupError> {
        let synced = || {
            File::open(&self.part)?.sync_all()?;
            std::fs::rename(&self.part, &self.name)?;
            let folder = self.name.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        synced().map_err(|source| BackupError::Write { path: self.name.clone(), source })?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.is_kept {
            // It may be gone already, and whoever waits is told of the first mistake.
            let _gone = std::fs::remove_file(&self.part);
            let _gone = std::fs::remove_file(&self.name);
        }
    }
}

async fn copy(from: &Path, to: &Path) -> Result<Diagnosis, BackupError> {
    let copy = Copy::begin(to)?;
    let copied = copy_pages(from, &copy.part).await;
    copied.map_err(|source| Database::from(from).error(source))?;
    let diagnosis = Box::pin(examine(copy.part.clone())).await?;
    if !diagnosis.is_sound() {
        return Err(BackupError::Unsound(Box::new(diagnosis)));
    }
    copy.keep()?;
    Ok(diagnosis)
}

/// The database as of one moment, without the space that is free in it.
async fn copy_pages(from: &Path, to: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(from)
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT);
    let mut connection = options.connect().await?;
    sqlx::query("VACUUM INTO $1").bind(to.to_string_lossy()).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
