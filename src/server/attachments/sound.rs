//! Whether photos are what they were: looked at by the doctor, and copied by backups.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files::{Files, Found, make_folder, older_than};
use super::housekeeping::FRESH;
use super::photo;
use crate::clock::Clock;
use crate::server::request::hex;
use crate::server::store::attachments::StoredPhoto;

/// What is the matter with a photo that a database knows.
#[derive(Debug, thiserror::Error)]
pub(in crate::server) enum PhotoFault {
    #[error("its hash is none")]
    NoHash,
    #[error("it is not there: {}", .0.display())]
    Missing(PathBuf),
    #[error("it has {held} bytes where {said} are said: {}", path.display())]
    Length { held: u64, said: i64, path: PathBuf },
    #[error("its content is another: {}", .0.display())]
    Content(PathBuf),
    #[error("its small one is not there: {}", .0.display())]
    NoSmall(PathBuf),
    #[error("it cannot be read: {source}: {}", path.display())]
    Unreadable { source: io::Error, path: PathBuf },
}

/// What became of photos that were to be copied.
#[derive(Debug, Default)]
pub(in crate::server) struct Copied {
    pub(in crate::server) photos: u64,
    pub(in crate::server) bytes: u64,
    /// Those that were not copied, and why.
    pub(in crate::server) wrong: Vec<(StoredPhoto, PhotoFault)>,
}

/// Copies photos to a folder where there is none, each checked; a small one that is missing is made anew.
///
/// # Errors
/// If they cannot be written; what cannot be read is in [`Copied::wrong`].
pub(in crate::server) fn copy_photos(from: &Path, to: &Path, photos: Vec<StoredPhoto>) -> io::Result<Copied> {
    let (from, to) = (Files::new(from.to_owned()), Files::new(to.to_owned()));
    let mut copied = Copied::default();
    let mut shelves: HashSet<PathBuf> = HashSet::new();
    for photo in photos {
        let (bytes, small) = match whole(&from, &photo) {
            Ok(whole) => whole,
            Err(fault) => {
                copied.wrong.push((photo, fault));
                continue;
            }
        };
        let path = to.photo(&photo.hash);
        if let Some(shelf) = path.parent().filter(|shelf| !shelves.contains(*shelf)) {
            make_folder(shelf)?;
            shelves.insert(shelf.to_owned());
        }
        write(&path, &bytes)?;
        if let Some(small) = small {
            write(&to.thumbnail(&photo.hash), &small)?;
        }
        copied.photos += 1;
        copied.bytes += bytes.len() as u64;
    }
    // The names are on the disk when their folders are; in whatever order.
    let mut shelves: Vec<PathBuf> = shelves.into_iter().collect();
    shelves.sort();
    for shelf in shelves {
        File::open(shelf)?.sync_all()?;
    }
    Ok(copied)
}

/// A photo and its small one, which a photo that no picture can be made of does without.
fn whole(files: &Files, photo: &StoredPhoto) -> Result<(Vec<u8>, Option<Vec<u8>>), PhotoFault> {
    let bytes = read_checked(files, photo)?;
    let small = fs::read(files.thumbnail(&photo.hash)).ok();
    let small = small.or_else(|| photo::prepare(&bytes).ok().map(|photo| photo.thumbnail));
    Ok((bytes, small))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The bytes of a photo, if they are what its hash and its row say.
fn read_checked(files: &Files, photo: &StoredPhoto) -> Result<Vec<u8>, PhotoFault> {
    let is_hash = photo.hash.len() == 64 && photo.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash {
        return Err(PhotoFault::NoHash);
    }
    let path = files.photo(&photo.hash);
    let held = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PhotoFault::Missing(path)),
        Err(source) => return Err(PhotoFault::Unreadable { source, path }),
    };
    // Before it is read: there may be anything under that name.
    if i64::try_from(held) != Ok(photo.bytes) {
        return Err(PhotoFault::Length { held, said: photo.bytes, path });
    }
    match fs::read(&path) {
        Ok(bytes) if hex(&Sha256::digest(&bytes)) == photo.hash => Ok(bytes),
        Ok(_) => Err(PhotoFault::Content(path)),
        Err(source) => Err(PhotoFault::Unreadable { source, path }),
    }
}

/// What a folder of photos looks like beside its database.
#[derive(Debug, Default)]
pub(in crate::server) struct Examined {
    pub(in crate::server) photos: u64,
    pub(in crate::server) bytes: u64,
    pub(in crate::server) wrong: Vec<(StoredPhoto, PhotoFault)>,
    /// Files that no photo of the database has, but for what was only just written.
    pub(in crate::server) stray: Vec<PathBuf>,
}

/// Looks at every photo that a database knows, and for files that none has.
pub(in crate::server) fn examine_photos(folder: &Path, photos: Vec<StoredPhoto>) -> io::Result<Examined> {
    let files = Files::new(folder.to_owned());
    let mut examined = Examined::default();
    let known: HashSet<String> = photos.iter().map(|photo| photo.hash.clone()).collect();
    for photo in photos {
        let small = files.thumbnail(&photo.hash);
        let checked = read_checked(&files, &photo).and_then(|bytes| {
            if small.is_file() { Ok(bytes.len() as u64) } else { Err(PhotoFault::NoSmall(small)) }
        });
        match checked {
            Ok(bytes) => {
                examined.photos += 1;
                examined.bytes += bytes;
            }
            Err(fault) => examined.wrong.push((photo, fault)),
        }
    }
    for first in 0..=u8::MAX {
        let found = older_than(&files.shelf(&format!("{first:02x}")), FRESH, Clock::real_now())?;
        let stray = found
            .into_iter()
            .filter(|Found { hash, .. }| hash.as_ref().is_none_or(|hash| !known.contains(hash)));
        examined.stray.extend(stray.map(|found| found.path));
    }
    examined.stray.sort();
    Ok(examined)
}
