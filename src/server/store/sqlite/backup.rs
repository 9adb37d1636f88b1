//! Copies of a file: one made beside a running server, and one put back.
//!
//! Neither overwrites anything: the name is taken first, the copy is made under another one, examined, synced, and
//! only then gets the name.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::super::{Database, Diagnosis, Finding, OpenError, StoreError, examine_rows};
use super::{BUSY_TIMEOUT, lock};
use crate::server::store::attachments::StoredPhoto;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// PostgreSQL has its own programs for it.
    #[error(
        "a PostgreSQL database is backed up and restored by its own programs: \
         pg_dump --format=custom --file=FILE '{0}', then a copy of the folder of photos (serve --files), which only \
         grows; and pg_restore --dbname='{0}' FILE. doctor --files says whether the photos fit"
    )]
    Postgres(Database),
    /// Nothing is ever overwritten.
    #[error("there is something already, and nothing is overwritten: {}", .0.display())]
    Taken(PathBuf),
    /// The copy names photos and has none.
    #[error(
        "the copy names {count} photos, and their folder is not beside it; bring it, or ask for the database alone \
         with --without-photos: {}", folder.display()
    )]
    NoPhotos {
        /// How many.
        count: usize,
        /// Where they ought to be.
        folder: PathBuf,
    },
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
    #[error("the copy is not sound and was removed: {}; examine the original with doctor", .0.findings.iter().find(|found| found.is_damage()).map(ToString::to_string).unwrap_or_default())]
    Unsound(Box<Diagnosis>),
}

/// A copy of a database that is whole and examined, and has not got its name yet; gone unless [`DatabaseCopy::keep`] is called.
pub(in crate::server) struct DatabaseCopy {
    name: PathBuf,
    part: PathBuf,
    is_kept: bool,
    /// What is in it.
    pub(in crate::server) diagnosis: Diagnosis,
    /// The photos that it knows.
    pub(in crate::server) photos: Vec<StoredPhoto>,
    /// Keeps servers away from a database that is being restored.
    _lock: Option<File>,
}

impl DatabaseCopy {
    /// Copies the database as of one moment while a server may go on using it.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left of it then.
    pub(in crate::server) async fn of(database: &Database, out: &Path) -> Result<Self, BackupError> {
        let Database::File(from) = database else { return Err(BackupError::Postgres(database.clone())) };
        Self::make(from, out, None).await
    }

    /// Copies a copy to where there is no database.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left of it then.
    pub(in crate::server) async fn back(copied: &Path, database: &Database) -> Result<Self, BackupError> {
        let Database::File(to) = database else { return Err(BackupError::Postgres(database.clone())) };
        let lock = lock(to)?;
        // What the log of another file says must not be read into this one.
        for end in ["-wal", "-shm"] {
            let beside = beside(to, end);
            if beside.exists() {
                return Err(BackupError::Taken(beside));
            }
        }
        Self::make(copied, to, Some(lock)).await
    }

    async fn make(from: &Path, to: &Path, lock: Option<File>) -> Result<Self, BackupError> {
        let mut copy = Self::begin(to, lock)?;
        let copied = copy_pages(from, &copy.part).await;
        copied.map_err(|source| Database::from(from).error(source))?;
        let (diagnosis, held) = Box::pin(examine_rows(copy.part.clone())).await?;
        (copy.diagnosis, copy.photos) = (diagnosis, held.photos);
        if copy.diagnosis.findings.iter().any(Finding::is_damage) {
            Err(BackupError::Unsound(Box::new(std::mem::take(&mut copy.diagnosis))))
        } else {
            Ok(copy)
        }
    }

    fn begin(name: &Path, lock: Option<File>) -> Result<Self, BackupError> {
        let taken = OpenOptions::new().write(true).create_new(true).open(name);
        taken.map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => BackupError::Taken(name.to_owned()),
            _ => BackupError::Write { path: name.to_owned(), source },
        })?;
        let part = beside(name, &format!(".part-{}", std::process::id()));
        Ok(Self {
            name: name.to_owned(),
            part,
            is_kept: false,
            diagnosis: Diagnosis::default(),
            photos: Vec::new(),
            _lock: lock,
        })
    }

    /// Takes photos out of it that no event names.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(in crate::server) async fn forget(&self, hashes: &[String]) -> Result<(), OpenError> {
        let write = async {
            let mut connection = reading(&self.part).read_only(false).connect().await?;
            for hash in hashes {
                sqlx::query("DELETE FROM attachments WHERE hash = $1 AND used_by IS NULL")
                    .bind(hash)
                    .execute(&mut connection)
                    .await?;
            }
            connection.close().await?;
            Ok::<_, StoreError>(())
        };
        write.await.map_err(|source| Database::from(self.part.as_path()).error(source))
    }

    /// Makes it durable and gives it its name.
    ///
    /// # Errors
    /// [`BackupError::Write`]; nothing is left of it then.
    pub(in crate::server) fn keep(mut self) -> Result<Diagnosis, BackupError> {
        let synced = || {
            File::open(&self.part)?.sync_all()?;
            std::fs::rename(&self.part, &self.name)?;
            let folder = self.name.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        synced().map_err(|source| BackupError::Write { path: self.name.clone(), source })?;
        self.is_kept = true;
        Ok(std::mem::take(&mut self.diagnosis))
    }
}

impl Drop for DatabaseCopy {
    fn drop(&mut self) {
        if !self.is_kept {
            // It may be gone already, and whoever waits is told of the first mistake.
            let _gone = std::fs::remove_file(&self.part);
            let _gone = std::fs::remove_file(&self.name);
        }
    }
}

/// The database as of one moment, without the space that is free in it.
async fn copy_pages(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut connection = reading(from).connect().await?;
    sqlx::query("VACUUM INTO $1").bind(to.to_string_lossy()).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

fn reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
