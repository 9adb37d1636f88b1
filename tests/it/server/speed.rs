//! A sanity check of speed, far below what the machine can do, so that it fails only if something is badly wrong.
//! `cargo test --release`-like figures and the load tool come with the governance core; what was measured is printed.

use std::time::Instant;

use serde_json::{Value, json};
use yunfushan::clock::Reading;
use yunfushan::server::{Config, start};

use super::client::{Client, TOKEN, issue, patrol, position, step};

/// Positions of the whole run, and of one request.
const POSITIONS: u64 = 20_000;
const BATCH: u64 = 500;
/// Positions a second that the design asks for; the bar here, on whatever runs the tests, is a fifth.
const WANTED: f64 = 5_000.0;

fn config(folder: &tempfile::TempDir) -> Config {
    let now = "2026-09-15T10:00:00+08:00".parse().expect("a time");
    Config {
        token: Some(TOKEN.to_owned()),
        simulated: true,
        clock: Some(Reading { now, rate: 1.0 }),
        ..Config::new(folder.path().join("speed.sqlite"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_are_stored_durably_fast_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(config(&folder)).expect("it starts");
    let client = Client::new(&running.url());
    for number in 0..BATCH {
        client.put(&format!("/api/v1/patrols/p{number}"), &patrol("郑云")).await;
    }
    let start = Instant::now();
    for round in 0..POSITIONS / BATCH {
        let batch: Vec<Value> = (0..BATCH).map(|number| position(&format!("p{number}"), round)).collect();
        let answer = client.post("/api/v1/positions", None, &batch.into()).await.expect("acknowledged");
        assert_eq!(answer["accepted"], BATCH);
    }
    let rate = POSITIONS as f64 / start.elapsed().as_secs_f64();
    println!("{rate:.0} positions a second, one client, {BATCH} a batch, each batch durable before the next");
    assert!(rate > WANTED / 5.0, "{rate:.0} positions a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ninety_days_of_history_and_a_page_of_a_box() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(config(&folder)).expect("it starts");
    let client = Client::new(&running.url());
    let steps = ["register", "dispatch", "accept", "handle", "give_feedback", "check", "close"];
    let begin: jiff::Timestamp = "2026-06-17T00:00:00Z".parse().expect("a time");
    let start = Instant::now();
    let mut events = 0;
    for batch in 0..8 {
        let lives: Vec<Value> = (0..500)
            .map(|number| {
                let at = begin + jiff::SignedDuration::from_mins(30 * (batch * 500 + number));
                let mut report = issue(&format!("H-{batch}-{number}"));
                report["department"] = "环卫所".into();
                report["happened_at"] = json!(at);
                let steps: Vec<Value> = (1..)
                    .zip(steps)
                    .map(|(minute, name)| {
                        let mut step = step(name);
                        step["happened_at"] = json!(at + jiff::SignedDuration::from_mins(minute));
                        step
                    })
                    .collect();
                json!({ "report": report, "steps": steps })
            })
            .collect();
        let answer =
            client.post("/api/v1/history", None, &json!({ "issues": lives })).await.expect("acknowledged");
        events += answer["events"].as_u64().expect("a number");
    }
    println!("{events} events of 4,000 issues in {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!((events, client.last_event().await), (32_000, 32_000));
    let start = Instant::now();
    let mut events = client.events(0).await;
    for number in 1..=32_000 {
        assert_eq!(events.next_of("issue").await.number, Some(number));
    }
    println!("32,000 events read back in {:.2} s", start.elapsed().as_secs_f64());
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        let page =
            client.get_json("/collections/issues/items?bbox=118.87,28.96,118.88,28.97&limit=100").await;
        assert_eq!(page["numberReturned"], 100);
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("a page of 100 in a box: median {:.1} ms, slowest {:.1} ms", times[100], times[199]);
}
