//! Whole copies: the database, then every photo that it names.
//!
//! The copy of the database is of one moment. A photo is written before its row and its file is never changed, and only
//! what no event names is ever removed: so every photo that the copied database names is in the folder when that is read after it.
//! What no event named, and is gone by then, is taken out of the copy.
//! `OUT.files` lies beside `OUT`, as photos lie beside a database in use. The database gets its name last: where `OUT` is
//! there and is not empty, all is there.

use std::path::{Path, PathBuf};

use super::attachments::{Copied, copy_photos};
use super::store::{BackupError, Database, DatabaseCopy, Diagnosis, Finding, files_beside};

/// Copies the database to a new file while a server may go on using it, and the photos in `files` to a folder beside that;
/// without a folder the database alone. Says what is in the copy, and which photos were not as they must be.
///
/// # Errors
/// [`BackupError`]; there is no copy then.
pub async fn backup(database: &Database, files: Option<&Path>, out: &Path) -> Result<Diagnosis, BackupError> {
    let copy = DatabaseCopy::of(database, out).await?;
    match files {
        None => copy.keep(),
        Some(files) => with_photos(copy, files, &files_beside(out)).await,
    }
}

/// Puts a copy where there is no database, and its photos into `files`; without a folder the database alone. Says what
/// is in it, and which photos were not as they must be.
///
/// # Errors
/// [`BackupError`]; there is no database then.
pub async fn restore(
    copied: &Path,
    database: &Database,
    files: Option<&Path>,
) -> Result<Diagnosis, BackupError> {
    let copy = DatabaseCopy::back(copied, database).await?;
    let Some(files) = files else { return copy.keep() };
    let from = files_beside(copied);
    if !from.is_dir() {
        let count = copy.photos.iter().filter(|photo| photo.is_used).count();
        if count > 0 {
            return Err(BackupError::NoPhotos { count, folder: from });
        }
    }
    with_photos(copy, &from, files).await
}

/// A folder that is ours until it is kept.
struct NewFolder {
    path: PathBuf,
    is_kept: bool,
}

impl NewFolder {
    /// Only where there is nothing.
    fn begin(path: &Path) -> Result<Self, BackupError> {
        match std::fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => return Err(BackupError::Taken(path.to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(BackupError::Write { path: path.to_owned(), source }),
        }
        Ok(Self { path: path.to_owned(), is_kept: false })
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.is_kept {
            // Whoever waits is told of the first mistake.
            let _gone = std::fs::remove_dir_all(&self.path);
        }
    }
}

async fn with_photos(mut copy: DatabaseCopy, from: &Path, to: &Path) -> Result<Diagnosis, BackupError> {
    let mut folder = NewFolder::begin(to)?;
    let photos = std::mem::take(&mut copy.photos);
    let (source, target) = (from.to_owned(), to.to_owned());
    let write_error = |source| BackupError::Write { path: to.to_owned(), source };
    let Copied { photos, bytes, wrong } =
        tokio::task::spawn_blocking(move || copy_photos(&source, &target, photos))
            .await
            .map_err(|panicked| write_error(std::io::Error::other(panicked)))?
            .map_err(write_error)?;
    let (used, unused): (Vec<_>, Vec<_>) = wrong.into_iter().partition(|(photo, _)| photo.is_used);
    let unused: Vec<String> = unused.into_iter().map(|(photo, _)| photo.hash).collect();
    copy.forget(&unused).await?;
    let mut diagnosis = copy.keep()?;
    folder.is_kept = true;
    (diagnosis.photos, diagnosis.photo_bytes) = (photos, bytes);
    for (photo, fault) in used {
        diagnosis.find(Finding::Photo { hash: photo.hash, reason: fault.to_string() });
    }
    Ok(diagnosis)
}
