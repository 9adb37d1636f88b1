//! Several servers on one PostgreSQL database: every screen on any of them sees everything, in order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use yunfushan::clock::Reading;
use yunfushan::server::{Config, Running, start};

use super::client::{Client, Events, TOKEN, issue, patrol, position, step};
use super::cluster;

/// Issues that each server reports, each with one step after it.
const ISSUES: u64 = 120;

fn server(url: &str) -> (Running, Client) {
    let running = start(Config {
        token: Some(TOKEN.to_owned()),
        simulated: true,
        clock: Some(Reading { now: "2026-09-15T10:00:00+08:00".parse().expect("a time"), rate: 1.0 }),
        ..Config::new(url.parse::<yunfushan::server::Database>().expect("a URL"))
    })
    .expect("it starts");
    let client = Client::new(&running.url());
    (running, client)
}

async fn write(client: Client, name: &'static str) {
    for number in 0..ISSUES {
        let id = format!("{name}-{number}");
        client.post("/api/v1/issues", None, &issue(&id)).await.expect("acknowledged");
        let path = format!("/api/v1/issues/{id}/steps");
        client.post(&path, Some(1), &step("register")).await.expect("acknowledged");
    }
}

/// Both servers move the same patrols, in any order among themselves.
async fn walk(client: Client, name: &'static str) {
    client.put(&format!("/api/v1/patrols/{name}"), &patrol(name)).await;
    for number in 0..ISSUES {
        let shared = if number % 2 == 0 { ["p1", "p2"] } else { ["p2", "p1"] };
        let batch = json!([position(shared[0], number), position(name, number), position(shared[1], number)]);
        client.post("/api/v1/positions", None, &batch).await.expect("acknowledged");
    }
}

/// Reads until every event has come, and the last position of everyone; every number once, in order.
async fn watch(mut events: Events) {
    let last = 4 * ISSUES;
    let mut next = 1;
    let mut versions: BTreeMap<String, u64> = BTreeMap::new();
    let mut patrols = BTreeSet::new();
    let mut newest: BTreeMap<String, Timestamp> = BTreeMap::new();
    let time = |moved: &Value| moved["fix"]["at"].as_str().expect("text").parse().expect("a time");
    let end: Timestamp = time(&position("p1", ISSUES - 1));
    let is_done = |newest: &BTreeMap<String, Timestamp>| {
        ["a", "b", "p1", "p2"].iter().all(|id| newest.get(*id).is_some_and(|at| *at == end))
    };
    while next <= last || !is_done(&newest) || patrols.len() < 2 {
        let sent = events.next().await.expect("the stream goes on");
        match sent.name.as_str() {
            "issue" => {
                assert_eq!(sent.number, Some(next), "a gap, a repeat or out of order");
                next += 1;
                let version = versions.entry(sent.data["id"].to_string()).or_default();
                *version += 1;
                assert_eq!(sent.data["properties"]["version"], *version);
            }
            "patrol" => {
                patrols.insert(sent.data["id"].to_string());
            }
            "positions" => {
                for moved in sent.data.as_array().expect("a list") {
                    let id = moved["id"].as_str().expect("an id").to_owned();
                    let at = time(moved);
                    let before = newest.insert(id, at);
                    assert!(before.is_none_or(|before| before <= at), "a patrol went back");
                }
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_screen_on_any_server_sees_every_event_in_order() {
    let Some(url) = cluster::new_database("every_screen_on_any_server_sees_every_event_in_order").await
    else {
        return;
    };
    let (first, one) = server(&url);
    let (second, other) = server(&url);
    for id in ["p1", "p2"] {
        one.put(&format!("/api/v1/patrols/{id}"), &patrol(id)).await;
    }
    let mut watchers = tokio::task::JoinSet::new();
    for client in [&one, &one, &other, &other] {
        watchers.spawn(watch(client.events(0).await));
    }
    let mut writers = tokio::task::JoinSet::new();
    for (client, name) in [(&one, "a"), (&other, "b")] {
        writers.spawn(write(client.clone(), name));
        writers.spawn(walk(client.clone(), name));
    }
    while let Some(writer) = writers.join_next().await {
        writer.expect("it writes");
    }
    while let Some(watcher) = watchers.join_next().await {
        watcher.expect("it has seen everything");
    }
    // Whoever comes late gets the same from the store, from any of them.
    for client in [&one, &other] {
        let mut events = client.events(0).await;
        for number in 1..=4 * ISSUES {
            assert_eq!(events.next_of("issue").await.number, Some(number));
        }
    }
    // One goes, the other goes on.
    first.stop().expect("it ends well");
    other.post("/api/v1/issues", None, &issue("late")).await.expect("acknowledged");
    assert_eq!(other.last_event().await, 4 * ISSUES + 1);
    second.stop().expect("it ends well");
    let database: yunfushan::server::Database = url.parse().expect("a URL");
    let beside = yunfushan::server::Beside::default();
    let diagnosis = yunfushan::server::examine(database, &beside);
    let diagnosis = diagnosis.await.expect("it can be read");
    assert!(diagnosis.is_sound(), "{diagnosis:?}");
    assert_eq!(diagnosis.events, 4 * ISSUES + 1);
    // Where both said where a patrol was at one moment, one of the two may be kept.
    assert!((4 * ISSUES..=6 * ISSUES).contains(&diagnosis.positions), "{diagnosis:?}");
}
