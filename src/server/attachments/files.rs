//! The folder of photos: each under its hash, durable before anybody is told, and never written to again.
//!
//! `ab/cdef…` is the photo, `ab/cdef….small` the small one. A file is written under a name of its own, flushed and renamed,
//! so that a name always leads to a whole file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{RwLock, Semaphore};

/// Photos that are looked into at once: each may take a hundred megabytes while it is decoded.
const DECODING: usize = 2;
const SMALL: &str = ".small";
const PART: &str = ".part";

/// Where photos are kept.
#[derive(Debug)]
pub(in crate::server) struct Files {
    folder: PathBuf,
    pub(super) decoding: Semaphore,
    /// Read while a photo and its row are written, written while files without a row are removed.
    pub(super) tidying: RwLock<()>,
}

/// A file that lies in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The hash that it is named by; none of one that was never finished.
    pub(super) hash: Option<String>,
}

impl Files {
    /// A folder that is made with its first photo.
    pub(in crate::server) fn new(folder: PathBuf) -> Self {
        Self { folder, decoding: Semaphore::new(DECODING), tidying: RwLock::new(()) }
    }

    /// Where the photo with this hash lies, which must be of hexadecimal digits.
    pub(super) fn photo(&self, hash: &str) -> PathBuf {
        let (folder, name) = hash.split_at_checked(2).unwrap_or((hash, "_"));
        self.folder.join(folder).join(name)
    }

    /// Where its small one lies.
    pub(super) fn thumbnail(&self, hash: &str) -> PathBuf {
        let mut path = self.photo(hash).into_os_string();
        path.push(SMALL);
        path.into()
    }

    /// The folder of all hashes that begin with these two digits.
    pub(super) fn shelf(&self, first: &str) -> PathBuf {
        self.folder.join(first)
    }
}

/// Writes a file so that it is whole and stays, whatever happens next.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_folder(folder)?;
    let part = folder.join(format!("{}{PART}", uuid::Uuid::new_v4().simple()));
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&part, path));
    if renamed.is_err() {
        // Room may be what is missing. Else the housekeeping finds it.
        let _left = fs::remove_file(&part);
    }
    renamed?;
    File::open(folder)?.sync_all()
}

pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    // The names of the new folders are in their parents, which must be on the disk, too.
    for parent in folder.ancestors().skip(1).take(2).filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// The files of one shelf that were written this long ago at least.
pub(super) fn older_than(shelf: &Path, age: SignedDuration, real_now: Timestamp) -> io::Result<Vec<Found>> {
    let entries = match fs::read_dir(shelf) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let first = shelf.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let written = entry.metadata()?.modified()?;
        let is_old =
            Timestamp::try_from(written).is_ok_and(|written| real_now.duration_since(written) >= age);
        let name = entry.file_name();
        if let Some(name) = name.to_str().filter(|_| is_old) {
            let hash = (!name.ends_with(PART)).then(|| format!("{first}{}", name.trim_end_matches(SMALL)));
            found.push(Found { path: entry.path(), hash });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::new(folder.path().join("new/files"));
        let path = files.photo("abcdef");
        put(&path, b"one").expect("written");
        put(&path, b"two").expect("written again");
        put(&files.thumbnail("abcdef"), b"small").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"two");
        assert!(path.ends_with("new/files/ab/cdef"));
        let shelf = files.shelf("ab");
        let (minute, later) = (SignedDuration::from_mins(1), "2100-01-01T00:00:00Z".parse().expect("a time"));
        let mut found: Vec<_> = older_than(&shelf, minute, later).expect("a list");
        found.sort_by(|left, right| left.path.cmp(&right.path));
        assert_eq!(found.iter().map(|found| found.hash.as_deref()).collect::<Vec<_>>(), [Some("abcdef"); 2]);
        assert_eq!(older_than(&shelf, minute, Timestamp::UNIX_EPOCH).expect("a list"), []);
        assert_eq!(older_than(&files.shelf("00"), minute, later).expect("none"), []);
    }
}
