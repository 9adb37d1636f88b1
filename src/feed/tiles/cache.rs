//! Tiles on the disk: a file each, named by a hash that holds no key, written beside and put in place whole.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::clock::Clock;

/// The first bytes of a file.
const MAGIC: &[u8; 8] = b"YFSTILE1";
/// How long a tile is good where its server does not say.
const USUAL_AGE_SECS: i64 = 7 * 86_400;
/// Longer than this nothing is believed to be good.
const LONGEST_AGE_SECS: i64 = 90 * 86_400;
/// What was half written longer ago than this, nobody writes any more.
const LONGEST_WRITING: Duration = Duration::from_secs(3600);
/// The longest tag that is kept.
const LONGEST_TAG: usize = 512;

/// Tiles in a folder, of which the oldest go when it is full.
pub(super) struct Cache {
    folder: PathBuf,
    most_bytes: u64,
    held_bytes: Mutex<u64>,
}

/// A tile from the disk.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    pub(super) tag: String,
    pub(super) is_fresh: bool,
}

impl Cache {
    /// Opens a folder, which is made if it is missing; one that cannot be written keeps nothing.
    pub(super) fn open(folder: PathBuf, most_bytes: u64) -> Self {
        if let Err(error) = std::fs::create_dir_all(&folder) {
            tracing::warn!("tiles are not kept ({error}): {}", folder.display());
        }
        let cache = Self { folder, most_bytes, held_bytes: Mutex::new(0) };
        cache.trim();
        cache
    }

    fn path(&self, name: &str) -> PathBuf {
        let hash = Sha256::digest(name.as_bytes());
        let mut text = String::with_capacity(32);
        for byte in hash.iter().take(16) {
            let _ = write!(text, "{byte:02x}");
        }
        self.folder.join(text)
    }

    /// The tile of a name, where it is held whole.
    pub(super) fn read(&self, name: &str) -> Option<Held> {
        let mut bytes = Vec::new();
        std::fs::File::open(self.path(name)).ok()?.take(8 << 20).read_to_end(&mut bytes).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let good_until = i64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
        let tag_length = usize::from(u16::from_le_bytes(rest.get(8..10)?.try_into().ok()?));
        let tag = std::str::from_utf8(rest.get(10..10 + tag_length)?).ok()?.to_owned();
        let now = Clock::real_now().as_second();
        // A clock that was set back must not keep a tile for ever.
        let is_fresh = good_until > now && good_until - now <= LONGEST_AGE_SECS;
        Some(Held { bytes: rest.get(10 + tag_length..)?.to_vec(), tag, is_fresh })
    }

    /// Lets a tile go.
    pub(super) fn remove(&self, name: &str) {
        let path = self.path(name);
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!("a tile does not go ({error}): {}", path.display());
        }
    }

    /// Keeps a tile, unless its server forbids it.
    pub(super) fn write(&self, name: &str, tile: &[u8], control: &str, tag: &str) {
        let Some(age_secs) = age_secs(control) else { return };
        let tag = if tag.len() > LONGEST_TAG { "" } else { tag };
        let path = self.path(name);
        let part = part(&path);
        let good_until = Clock::real_now().as_second().saturating_add(age_secs);
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::File::create(&part)?;
            file.write_all(MAGIC)?;
            file.write_all(&good_until.to_le_bytes())?;
            file.write_all(&(tag.len() as u16).to_le_bytes())?;
            file.write_all(tag.as_bytes())?;
            file.write_all(tile)?;
            drop(file);
            std::fs::rename(&part, &path)
        };
        if let Err(error) = write() {
            tracing::debug!("a tile is not kept ({error}): {}", path.display());
            let _ = std::fs::remove_file(&part);
            return;
        }
        let is_full = {
            let mut held = self.held_bytes.lock().unwrap_or_else(PoisonError::into_inner);
            *held += tile.len() as u64 + 64;
            *held > self.most_bytes
        };
        if is_full {
            self.trim();
        }
    }

    /// Removes what was left half written, and the oldest until a fifth is free where it is full.
    fn trim(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        let mut files = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(about) = entry.metadata() else { continue };
            if is_part(&path) {
                // Another process may be at it.
                let age = about.modified().ok().and_then(|at| at.elapsed().ok());
                if age.is_some_and(|age| age > LONGEST_WRITING) {
                    let _ = std::fs::remove_file(&path);
                }
            } else if about.is_file() {
                files.push((about.modified().ok(), about.len(), path));
            }
        }
        files.sort();
        let mut held: u64 = files.iter().map(|(_, size, _)| size).sum();
        if held > self.most_bytes {
            for (_, size, path) in files {
                if held <= self.most_bytes / 5 * 4 {
                    break;
                }
                if std::fs::remove_file(&path).is_ok() {
                    held -= size;
                }
            }
        }
        *self.held_bytes.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

/// A name that no other thread and no other process writes to.
fn part(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("{}-{number}.part", std::process::id()))
}

fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "part")
}

/// How long a tile is good by `Cache-Control`; `None` where it must not be kept.
fn age_secs(control: &str) -> Option<i64> {
    let control = control.to_ascii_lowercase();
    let mut age = USUAL_AGE_SECS;
    for part in control.split(',').map(str::trim) {
        match part.split_once('=') {
            None if part == "no-store" => return None,
            None if part == "no-cache" => age = 0,
            Some(("max-age", secs)) => age = secs.trim_matches('"').parse().unwrap_or(age),
            _ => {}
        }
    }
    Some(age.clamp(0, LONGEST_AGE_SECS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_come_back_and_age_as_their_server_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path().to_owned(), 1 << 20);
        cache.write("a", b"tile", "public, max-age=60", "\"v1\"");
        let held = cache.read("a").expect("held");
        assert_eq!((held.bytes.as_slice(), held.tag.as_str(), held.is_fresh), (&b"tile"[..], "\"v1\"", true));
        cache.write("b", b"tile", "no-cache", "");
        assert!(!cache.read("b").expect("held").is_fresh);
        cache.write("c", b"tile", "no-store", "");
        assert_eq!(cache.read("c"), None);
        assert_eq!(age_secs(""), Some(USUAL_AGE_SECS));
        assert_eq!(age_secs("max-age=-5"), Some(0));
        // Cut short, as a full disk leaves it, or written by somebody else.
        for broken in [&b"YFSTILE1\0\0"[..], b"", b"something else altogether"] {
            std::fs::write(cache.path("a"), broken).expect("written");
            assert_eq!(cache.read("a"), None);
        }
    }

    #[test]
    fn two_at_once_write_beside_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, other] = [0, 1].map(|_| Cache::open(folder.path().to_owned(), 1 << 20));
        let path = one.path("a");
        assert_ne!(part(&path), part(&path));
        std::thread::scope(|scope| {
            for (cache, byte) in [(&one, 1_u8), (&other, 2)] {
                scope.spawn(move || (0..50).for_each(|_| cache.write("a", &[byte; 5_000], "", "")));
            }
        });
        let held = one.read("a").expect("whole").bytes;
        assert!(held == [1; 5_000] || held == [2; 5_000]);
        one.remove("a");
        assert_eq!(other.read("a"), None);
    }

    #[test]
    fn a_full_folder_loses_its_oldest_and_halves_go_at_the_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let half = |name: &str, age: Duration| {
            let file = std::fs::File::create(folder.path().join(name)).expect("written");
            let now = file.metadata().and_then(|about| about.modified()).expect("a time");
            file.set_modified(now - age).expect("a time");
        };
        half("old.1-1.part", LONGEST_WRITING * 2);
        half("new.1-2.part", Duration::ZERO);
        let cache = Cache::open(folder.path().to_owned(), 10_000);
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .expect("readable")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert_eq!(left, ["new.1-2.part"], "another process may be at it");
        for i in 0..40 {
            cache.write(&i.to_string(), &[0; 1000], "", "");
        }
        let bytes: u64 = std::fs::read_dir(folder.path())
            .expect("readable")
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|about| about.len())
            .sum();
        assert!((1..=10_000).contains(&bytes), "{bytes} bytes");
    }
}
