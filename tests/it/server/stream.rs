//! The event stream over a real port: a hundred thousand events across restarts, two hundred screens, a reader that sleeps.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Client, Server, TOKEN, issue, patrol, position, step};

/// Issues of one batch of history, and the events of each.
const ISSUES: u64 = 625;
const EVENTS: u64 = 8;
/// Batches before each kill.
const BATCHES: u64 = 5;
/// Lives of the server: three restarts between them.
const LIVES: u64 = 4;

/// Whole lives of issues, `EVENTS` events each.
fn history(batch: u64) -> Value {
    let begin: jiff::Timestamp = "2026-06-17T00:00:00Z".parse().expect("a time");
    let steps = ["register", "dispatch", "accept", "handle", "give_feedback", "check", "close"];
    let life = |number: u64| {
        let minute = |minutes: i64| json!(begin + jiff::SignedDuration::from_mins(minutes));
        let mut report = issue(&format!("H-{batch}-{number}"));
        report["department"] = "环卫所".into();
        report["happened_at"] = minute(0);
        let steps: Vec<Value> = (1..)
            .zip(steps)
            .map(|(at, name)| {
                let mut step = step(name);
                step["happened_at"] = minute(at);
                step
            })
            .collect();
        json!({ "report": report, "steps": steps })
    };
    json!({ "issues": (0..ISSUES).map(life).collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_events_across_three_restarts_come_once_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("stream.sqlite");
    let start = Instant::now();
    let (mut read, mut cuts) = (0, 0);
    for life in 0..LIVES {
        let server = Server::spawn(&database);
        let client = Client::new(&server.url);
        let writer = tokio::spawn({
            let client = client.clone();
            async move {
                for batch in life * BATCHES..(life + 1) * BATCHES {
                    client.post("/api/v1/history", None, &history(batch)).await.expect("acknowledged");
                }
            }
        });
        let written = (life + 1) * BATCHES * ISSUES * EVENTS;
        // The last life is read to its end; each before it is killed while the reader is in the midst.
        let until = if life + 1 == LIVES { written } else { written - 7_000 };
        while read < until {
            let mut events = client.events(read).await;
            while read < until {
                // Cut off, since more was told at once than is held for it: it comes again, as after a restart.
                let Some(sent) = events.next().await else {
                    cuts += 1;
                    break;
                };
                if sent.name == "issue" {
                    assert_eq!(sent.number, Some(read + 1), "a gap or a repeat");
                    assert_eq!(sent.data["properties"]["version"], read % EVENTS + 1);
                    read += 1;
                }
            }
        }
        writer.await.expect("everything was acknowledged");
        server.kill();
    }
    assert_eq!(read, 100_000);
    let seconds = start.elapsed().as_secs_f64();
    println!("100,000 events written and read across {} restarts in {seconds:.1} s, {cuts} cuts", LIVES - 1);
}

/// Processor time that a process has used, in seconds.
fn processor_time(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("a process");
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("ticks")).sum();
    ticks / 100.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_screens_follow_five_hundred_patrols() {
    const SCREENS: usize = 200;
    const PATROLS: u64 = 500;
    const SECONDS: u64 = 8;
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::spawn(&folder.path().join("screens.sqlite"));
    let client = Client::new(&server.url);
    for number in 0..PATROLS {
        client.put(&format!("/api/v1/patrols/p{number}"), &patrol("郑云")).await;
    }
    let mut screens = tokio::task::JoinSet::new();
    for _ in 0..SCREENS {
        let client = client.clone();
        screens.spawn(async move {
            let path = "/api/v1/events?positions=1s&bbox=118.8,28.9,118.9,29";
            let mut answer = client.get(path).await;
            let (mut bytes, mut batches) = (0, 0);
            while let Ok(Some(chunk)) = answer.chunk().await {
                bytes += chunk.len();
                batches += chunk.windows(16).filter(|window| window == b"event: positions").count();
            }
            (bytes, batches)
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let id = server.id();
    let (start, before) = (Instant::now(), processor_time(id));
    // Five requests a second and one batch a second out of them.
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    for round in 0..SECONDS * 5 {
        ticks.tick().await;
        let batch: Vec<Value> = (0..PATROLS).map(|number| position(&format!("p{number}"), round)).collect();
        client.post("/api/v1/positions", None, &batch.into()).await.expect("acknowledged");
    }
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let elapsed = start.elapsed();
    let share = (processor_time(id) - before) / elapsed.as_secs_f64();
    server.kill();
    let (mut bytes, mut batches) = (0, Vec::new());
    while let Some(screen) = screens.join_next().await {
        let (heard, times) = screen.expect("the screen ends");
        bytes += heard;
        batches.push(times as u64);
    }
    println!(
        "{SCREENS} screens, {PATROLS} patrols, {} positions a second in: {:.0} % of one core, {} MB sent",
        PATROLS * 5,
        share * 100.0,
        bytes / 1_000_000
    );
    // At most one batch a second, whatever came in; a machine that is busy with something else skips some.
    let (least, most) = (SECONDS / 2, elapsed.as_secs() + 3);
    let all = batches.iter().all(|times| (least..=most).contains(times));
    assert!(all, "{batches:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_takes_nothing_is_cut_off_and_resumes() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::spawn(&folder.path().join("asleep.sqlite"));
    let client = Client::new(&server.url);
    for batch in 0..4 {
        client.post("/api/v1/history", None, &history(batch)).await.expect("acknowledged");
    }
    let all = 4 * ISSUES * EVENTS;
    let address = server.url.strip_prefix("http://").expect("an address").to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(&address).expect("a connection");
        let request = format!(
            "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nLast-Event-ID: 0\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).expect("sent");
        // Longer than the server waits; what its side of the socket holds comes afterwards, and then the end.
        std::thread::sleep(Duration::from_secs(18));
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        let mut taken = Vec::new();
        // An end without the last chunk is one, too.
        let _end = socket.read_to_end(&mut taken);
        taken.windows(4).filter(|window| window == b"\nid:").count() as u64
    });
    let came = asked.await.expect("it ends");
    assert!((1..all).contains(&came), "{came} of {all} events came");
    let mut events = client.events(came).await;
    assert_eq!(events.next_of("issue").await.number, Some(came + 1));
}
