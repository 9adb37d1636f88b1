//! Copies beside a running server: whole, with every photo, and put back.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::attachments::naming;
use super::{Bench, Database, bench, rubbish};
use crate::server::{BackupError, Beside, Diagnosis, Finding, backup, examine, restore};

/// A server with a photo that an issue names and one that nothing does; their hashes. PostgreSQL is copied by others.
async fn used() -> Option<(Bench, String, String)> {
    let bench = bench().await;
    if !matches!(bench.database, Database::File(_)) {
        return None;
    }
    let (named, unnamed) = (bench.photo(40).await, bench.photo(48).await);
    bench.post("/api/v1/issues", &naming(rubbish("A-1"), &[&named])).await.expect(201);
    Some((bench, named, unnamed))
}

fn photo_in(folder: &Path, hash: &str) -> PathBuf {
    folder.join(&hash[..2]).join(&hash[2..])
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn copied(&self, out: &str) -> Result<Diagnosis, BackupError> {
        backup(&self.database, Some(&self.path("files")), &self.path(out)).await
    }

    async fn restored(&self, from: &str, to: &str) -> Result<Diagnosis, BackupError> {
        let database = Database::File(self.path(to));
        restore(&self.path(from), &database, Some(&database.files_folder())).await
    }
}

#[tokio::test]
async fn a_backup_has_every_photo_and_is_put_back_into_an_empty_place() {
    let Some((bench, named, unnamed)) = used().await else { return };
    let made = bench.copied("copy").await.expect("a copy");
    assert!(made.is_sound() && (made.issues, made.photos) == (1, 2), "{made:?}");
    let read =
        |folder: &str, hash: &str| std::fs::read(photo_in(&bench.path(folder), hash)).expect("a photo");
    let size = read("files", &named).len() + read("files", &unnamed).len();
    assert_eq!(made.photo_bytes, size as u64);

    let back = bench.restored("copy", "back").await.expect("it is put back");
    assert_eq!(back, made);
    for hash in [&named, &unnamed] {
        assert_eq!(read("back.files", hash), read("files", hash));
        assert!(photo_in(&bench.path("back.files"), &format!("{hash}.small")).is_file());
    }
    let beside = Beside { files: Some(bench.path("back.files")), place: None };
    assert_eq!(examine(bench.path("back"), &beside).await.expect("it reads"), made);

    // Nothing is overwritten: neither a database nor a folder that has something in it.
    assert!(
        matches!(bench.copied("copy").await, Err(BackupError::Taken(path)) if path == bench.path("copy"))
    );
    std::fs::remove_file(bench.path("back")).expect("removed");
    let taken = bench.restored("copy", "back").await;
    assert!(matches!(taken, Err(BackupError::Taken(path)) if path == bench.path("back.files")));
    assert_eq!(read("back.files", &named), read("files", &named), "what was there stays");
    assert!(!bench.path("back").exists(), "no database without its photos");
    let names = std::fs::read_dir(bench.folder.path()).expect("a folder").flatten();
    assert!(names.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains(".part")));
}

#[tokio::test]
async fn a_database_without_photos_is_one_file_as_ever() {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    if !matches!(bench.database, Database::File(_)) {
        let refused = bench.copied("copy").await.expect_err("others do that").to_string();
        assert!(refused.contains("pg_dump") && refused.contains("photos"), "{refused}");
        return;
    }
    assert_eq!(bench.copied("copy").await.expect("a copy").photos, 0);
    assert!(!bench.path("copy.files").exists());
    assert!(bench.restored("copy", "back").await.expect("it is put back").is_sound());
    assert!(!bench.path("back.files").exists());
}

#[tokio::test]
async fn what_nobody_named_may_go_while_the_copy_is_made() {
    let Some((bench, named, unnamed)) = used().await else { return };
    // As if the housekeeping had come between the database and the files.
    std::fs::remove_file(photo_in(&bench.path("files"), &unnamed)).expect("removed");
    let made = bench.copied("copy").await.expect("a copy");
    assert!(made.is_sound() && made.photos == 1, "{made:?}");
    let rows = super::raw::texts(&Database::File(bench.path("copy")), "SELECT hash FROM attachments").await;
    assert_eq!(rows, [named], "the copy does not know what it has not got");
}

#[tokio::test]
async fn a_photo_that_is_damaged_is_named_and_keeps_no_other_from_being_copied() {
    let Some((bench, named, _)) = used().await else { return };
    let second = bench.photo(56).await;
    bench.post("/api/v1/issues", &naming(rubbish("A-2"), &[&second])).await.expect(201);
    let path = photo_in(&bench.path("files"), &named);
    let mut bytes = std::fs::read(&path).expect("a photo");
    let last = bytes.len() - 10;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    let made = bench.copied("copy").await.expect("a copy all the same");
    let [Finding::Photo { hash, reason }] = made.findings.as_slice() else { panic!("{made:?}") };
    assert!(*hash == named && reason.contains("content is another"), "{reason}");
    assert!(!photo_in(&bench.path("copy.files"), &named).exists());
    assert!(photo_in(&bench.path("copy.files"), &second).is_file());
    // What is put back says it again.
    let back = bench.restored("copy", "back").await.expect("it is put back");
    assert!(matches!(back.findings.as_slice(), [Finding::Photo { hash, .. }] if *hash == named), "{back:?}");
}

#[tokio::test]
async fn a_copy_whose_photos_stayed_behind_is_not_put_back_by_mistake() {
    let Some((bench, named, _)) = used().await else { return };
    bench.copied("copy").await.expect("a copy");
    std::fs::rename(bench.path("copy.files"), bench.path("elsewhere")).expect("moved");
    let refused = bench.restored("copy", "back").await;
    assert!(matches!(refused, Err(BackupError::NoPhotos { count: 1, .. })), "{refused:?}");
    assert!(!bench.path("back").exists());
    let alone = restore(&bench.path("copy"), &Database::File(bench.path("back")), None).await;
    assert_eq!(alone.expect("the database alone").issues, 1);
    // A name that leads elsewhere is not followed.
    let outside = "UPDATE attachments SET hash = '../../elsewhere' WHERE used_by IS NOT NULL";
    super::raw::execute(&Database::File(bench.path("back")), outside).await;
    let (database, files) = (Database::File(bench.path("back")), bench.path("elsewhere"));
    let made = backup(&database, Some(&files), &bench.path("again")).await.expect("a copy");
    let [Finding::Photo { hash: lost, .. }, Finding::Photo { hash, reason }] = made.findings.as_slice()
    else {
        panic!("{made:?}")
    };
    assert!(hash.starts_with("../..") && reason.contains("its hash is none"), "{reason}");
    assert_eq!(*lost, named, "the event names what is not stored");
}

#[tokio::test]
async fn photos_are_named_by_what_is_copied_while_others_write() {
    let Some((bench, ..)) = used().await else { return };
    let copying = async {
        let mut made = Vec::new();
        for round in 0..4 {
            made.push(bench.copied(&format!("copy-{round}")).await.expect("a copy"));
        }
        made
    };
    let writing = async {
        for number in 0..12_u16 {
            let hash = bench.photo(64 + 8 * number).await;
            let body: Value = naming(rubbish(&format!("B-{number}")), &[&hash]);
            bench.post("/api/v1/issues", &body).await.expect(201);
        }
    };
    let (made, ()) = tokio::join!(copying, writing);
    assert!(made.iter().all(Diagnosis::is_sound), "{made:?}");
    assert!(made.iter().all(|made| made.photos >= 2), "{made:?}");
    let named = json!(bench.get("/collections/issues/items").await.expect(200).json()["numberReturned"]);
    assert_eq!(named, 13);
}
