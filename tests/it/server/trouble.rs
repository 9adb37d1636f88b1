//! A full disk, a locked database, a copy made meanwhile: what was acknowledged is there, and the rest is told plainly.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sqlx::{ConnectOptions, Connection};

use super::client::{Client, Server, issue, patrol, position};
use super::cluster;

/// Posts an issue; its status and body.
async fn post(client: &Client, id: &str) -> (u16, Value) {
    let request = client.request(reqwest::Method::POST, "/api/v1/issues").json(&issue(id));
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yunfushan")).args(arguments).output().expect("the program starts")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[track_caller]
fn assert_sound(database: &Path) {
    let examined = run(&["doctor", text(database)]);
    assert!(examined.status.success(), "{}", String::from_utf8_lossy(&examined.stdout));
}

/// A small file system in memory, gone with this.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs", text(folder.path())])
            .output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").args(["--lazy", text(self.0.path())]).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_loses_nothing() {
    let Some(disk) = SmallDisk::new() else {
        cluster::skip("a_full_disk_is_told_and_loses_nothing", "no file system can be mounted here; be root");
        return;
    };
    let (ballast, database) = (disk.0.path().join("ballast"), disk.0.path().join("full.sqlite"));
    std::fs::write(&ballast, vec![1; 1_000_000]).expect("written");
    let server = Server::spawn(&database);
    let client = Client::new(&server.url);
    let mut acknowledged = Vec::new();
    let refused = loop {
        let id = format!("A-{}", acknowledged.len());
        match post(&client, &id).await {
            (201, _) => acknowledged.push(id),
            refused => break refused,
        }
        assert!(acknowledged.len() < 100_000, "the disk never fills");
    };
    assert_eq!((refused.0, &refused.1["type"]), (503, &"/problems/disk-full".into()), "{}", refused.1);
    assert!(acknowledged.len() > 20, "only {} fitted", acknowledged.len());
    // It goes on answering, and refuses for as long as there is no room.
    assert_eq!(client.last_event().await, acknowledged.len() as u64);
    assert_eq!(post(&client, "B-1").await.0, 503);
    std::fs::remove_file(&ballast).expect("removed");
    let mut tries = 0;
    while post(&client, "B-2").await.0 != 201 {
        tries += 1;
        assert!(tries < 50, "there is room again, and it does not notice");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    server.kill();
    let server = Server::spawn(&database);
    let client = Client::new(&server.url);
    let mut events = client.events(0).await;
    for (number, id) in (1..).zip(acknowledged.iter().map(String::as_str).chain(["B-2"])) {
        let sent = events.next_of("issue").await;
        assert_eq!((sent.number, &sent.data["id"]), (Some(number), &id.into()));
    }
    drop(events);
    server.kill();
    assert_sound(&database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("locked.sqlite");
    let server = Server::spawn(&database);
    let client = Client::new(&server.url);
    assert_eq!(post(&client, "A-1").await.0, 201);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let mut other = options.connect().await.expect("it opens");
    let locked = other.begin_with("BEGIN IMMEDIATE").await.expect("it locks");
    let (status, problem) = post(&client, "A-2").await;
    assert_eq!((status, &problem["type"]), (503, &"/problems/database-locked".into()), "{problem}");
    assert_eq!(client.last_event().await, 1, "it can be read all the same");
    locked.rollback().await.expect("it lets go");
    assert_eq!(post(&client, "A-3").await.0, 201);
    assert_eq!(client.last_event().await, 2);
    server.kill();
    assert_sound(&database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_made_beside_a_running_server_and_put_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let [database, copied, restored] =
        ["running.sqlite", "copy.sqlite", "restored.sqlite"].map(|name| folder.path().join(name));
    let server = Server::spawn(&database);
    let client = Client::new(&server.url);
    client.put("/api/v1/patrols/p1", &patrol("郑云")).await;
    client.post("/api/v1/positions", None, &vec![position("p1", 1)].into()).await.expect("acknowledged");
    for number in 0..20 {
        assert_eq!(post(&client, &format!("A-{number}")).await.0, 201);
    }
    // Others go on writing while it is made.
    let writing = tokio::spawn({
        let client = client.clone();
        async move {
            for number in 0.. {
                if post(&client, &format!("B-{number}")).await.0 != 201 || number == 100 {
                    break;
                }
            }
        }
    });
    let made = {
        let (database, copied) = (database.clone(), copied.clone());
        let backup = move || run(&["backup", "--database", text(&database), "--out", text(&copied)]);
        tokio::task::spawn_blocking(backup).await.expect("it ends")
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains("1 patrols, 1 positions: nothing is wrong"));
    writing.await.expect("it writes");
    // Nothing is overwritten, and nothing is left lying about.
    let again = run(&["backup", "--database", text(&database), "--out", text(&copied)]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("overwritten"));
    let in_use = run(&["restore", "--from", text(&copied), "--database", text(&database)]);
    assert!(!in_use.status.success(), "a database that is used must not be replaced");
    let back = run(&["restore", "--from", text(&copied), "--database", text(&restored)]);
    assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    let parts = std::fs::read_dir(folder.path()).expect("a folder").flatten();
    assert!(parts.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains(".part")));
    server.kill();
    let server = Server::spawn(&restored);
    let client = Client::new(&server.url);
    assert!(client.last_event().await >= 20);
    assert_eq!(client.get_json("/collections/issues/items/A-19").await["id"], "A-19");
    assert_eq!(post(&client, "C-1").await.0, 201);
    server.kill();
    assert_sound(&restored);
    let absent = run(&["backup", "--database", text(&folder.path().join("absent.sqlite")), "--out", "never"]);
    assert!(!absent.status.success() && !Path::new("never").exists());
    let url = run(&["backup", "--database", "postgres://cloud:secret@db.example/twin", "--out", "never"]);
    let said = String::from_utf8_lossy(&url.stderr).into_owned();
    assert!(!url.status.success() && said.contains("pg_dump") && !said.contains("secret"), "{said}");
}
