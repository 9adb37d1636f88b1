//! One real port: the stream, who is kept out, and what a server refuses to start with.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::{Value, json};
use yunfushan::clock::{Clock, Reading};
use yunfushan::server::{Config, Running, ServerError, start};

use super::client::{Client, Sent, TOKEN, issue, patrol, position, step};

fn reading() -> Reading {
    Reading { now: "2026-09-15T10:00:00+08:00".parse().expect("a time"), rate: 60.0 }
}

fn config(folder: &tempfile::TempDir) -> Config {
    Config {
        token: Some(TOKEN.to_owned()),
        simulated: true,
        clock: Some(reading()),
        ..Config::new(folder.path().join("port.sqlite"))
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn running(config: Config) -> (Running, Client) {
    let running = start(config).expect("it starts");
    let client = Client::new(&running.url());
    (running, client)
}

#[tokio::test]
async fn the_stream_tells_what_is_written_in_order_and_resumes() {
    let folder = folder();
    let (running, client) = running(config(&folder));
    let mut live = client.events(0).await;
    let heartbeat = live.next().await.expect("a heartbeat comes first");
    assert_eq!((heartbeat.name.as_str(), heartbeat.number), ("heartbeat", None));
    assert_eq!(
        (&heartbeat.data["simulated"], &heartbeat.data["clock"]["rate"]),
        (&json!(true), &json!(60.0))
    );

    client.post("/api/v1/issues", None, &issue("A-1")).await.expect("acknowledged");
    client.put("/api/v1/patrols/p1", &patrol("郑云")).await;
    let batch = json!([position("p1", 1), position("p1", 3), position("p1", 2)]);
    client.post("/api/v1/positions", None, &batch).await.expect("acknowledged");
    client.post("/api/v1/issues/A-1/steps", Some(1), &step("register")).await.expect("acknowledged");

    // Issues come in the order of their numbers, and so do patrols among themselves; between the two there is none:
    // a stream that is still catching up with the store has the issues first.
    let mut sent = BTreeMap::<String, Vec<Sent>>::new();
    while sent.values().map(Vec::len).sum::<usize>() < 4 {
        let next = live.next().await.expect("the stream goes on");
        if next.name != "heartbeat" {
            sent.entry(next.name.clone()).or_default().push(next);
        }
    }
    let [first, second] = &sent["issue"][..] else { panic!("{sent:?}") };
    assert_eq!((first.number, &first.data["properties"]["state"]), (Some(1), &json!("reported")));
    assert_eq!((second.number, &second.data["properties"]["state"]), (Some(2), &json!("registered")));
    let [told] = &sent["patrol"][..] else { panic!("{sent:?}") };
    assert_eq!((told.number, &told.data["id"]), (None, &json!("p1")));
    let [moved] = &sent["positions"][..] else { panic!("{sent:?}") };
    // Only the newest of each patrol, and no number.
    assert_eq!((moved.number, moved.data.as_array().map(Vec::len)), (None, Some(1)));
    assert_eq!(moved.data[0]["fix"]["at"], batch[1]["fix"]["at"]);

    // Each as it stood then, from the store; after the last one, only what comes.
    let mut again = client.events(0).await;
    assert_eq!(again.next_of("issue").await, *first);
    assert_eq!(again.next_of("issue").await, *second);
    let mut late = client.events(1).await;
    assert_eq!(late.next_of("issue").await, *second);
    let beyond = client.request(reqwest::Method::GET, "/api/v1/events").header("last-event-id", 3);
    assert_eq!(beyond.send().await.expect("an answer").status(), 410);
    running.stop().expect("it ends well");
}

#[tokio::test]
async fn a_snapshot_and_the_stream_after_it_miss_nothing_while_others_write() {
    let folder = folder();
    let (_running, client) = running(config(&folder));
    let writer = tokio::spawn({
        let client = client.clone();
        async move {
            for number in 0..150 {
                client
                    .post("/api/v1/issues", None, &issue(&format!("A-{number}")))
                    .await
                    .expect("acknowledged");
            }
        }
    });
    // Readers come at any moment; each must end with everything.
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let client = client.clone();
        readers.spawn(async move {
            let answer = client.get("/collections/issues/items?limit=10000").await;
            let page: Value = answer.json().await.expect("JSON");
            let mut seen: Vec<Value> = page["features"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|feature| feature["id"].clone())
                .collect();
            assert_eq!(page["eventId"], seen.len());
            let mut events = client.events(seen.len() as u64).await;
            while seen.len() < 150 {
                seen.push(events.next_of("issue").await.data["id"].clone());
            }
            seen
        });
        tokio::time::sleep(std::time::Duration::from_millis(7)).await;
    }
    let expected: Vec<Value> = (0..150).map(|number| json!(format!("A-{number}"))).collect();
    while let Some(seen) = readers.join_next().await {
        assert_eq!(seen.expect("the reader ends"), expected);
    }
    writer.await.expect("the writer ends");
}

#[tokio::test]
async fn the_clock_goes_on_while_the_server_is_down() {
    let folder = folder();
    let (first, _) = running(config(&folder));
    let clock = first.clock;
    first.stop().expect("it ends well");
    let (second, client) = running(Config { clock: None, ..config(&folder) });
    let health = client.get_json("/health").await;
    assert_eq!(health["clock"]["rate"], 60.0);
    let real = Clock::real_now();
    let apart = second.clock.at(real).duration_since(clock.at(real)).as_secs_f64().abs();
    assert!(apart < 1.0, "{apart} s of scenario time apart");
    // A rate alone changes nothing else.
    let shown = second.clock;
    drop(second);
    let (faster, _) = running(Config { clock: None, clock_rate: Some(600.0), ..config(&folder) });
    assert_eq!(faster.clock.rate(), 600.0);
    let real = Clock::real_now();
    let ahead = faster.clock.at(real).duration_since(shown.at(real)).as_secs_f64();
    assert!((0.0..600.0).contains(&ahead), "{ahead} s of scenario time ahead");
    // A clock that is given goes before the one that is kept.
    drop(faster);
    let (third, _) = running(config(&folder));
    assert!(third.clock.now().duration_since(reading().now).as_secs() < 60);
}

#[test]
fn what_it_refuses_to_start_with() {
    let folder = folder();
    let listen = |address: &str| Config { listen: address.parse().expect("an address"), ..config(&folder) };
    for address in ["0.0.0.0:0", "192.168.1.2:8650", "[::]:0"] {
        assert!(matches!(start(listen(address)), Err(ServerError::NotLoopback(_))), "{address}");
    }
    let short = Config { token: Some("short".to_owned()), ..config(&folder) };
    assert!(matches!(start(short), Err(ServerError::WeakToken)));
    let real_scenario = Config { simulated: false, ..config(&folder) };
    assert!(matches!(start(real_scenario), Err(ServerError::ScenarioClock)));

    let running = start(config(&folder)).expect("it starts");
    assert!(matches!(start(config(&folder)), Err(ServerError::Open(_))), "two servers on one file");
    let taken = SocketAddr::from(([127, 0, 0, 1], running.addr.port()));
    assert!(matches!(start(Config { listen: taken, ..config(&folder) }), Err(ServerError::Listen { .. })));
    running.stop().expect("it ends well");
    let real = Config { simulated: false, clock: None, ..config(&folder) };
    let refused = start(real).err().expect("simulated and real data are not mixed").to_string();
    assert!(refused.starts_with("the database holds simulated data"), "{refused}");
    start(config(&folder)).expect("it starts again").stop().expect("it ends well");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = folder();
    let config = config(&folder);
    std::fs::write(
        folder.path().join("port.sqlite"),
        "not a database, but quite long enough to be looked at as one",
    )
    .expect("written");
    assert!(matches!(start(config), Err(ServerError::Open(_))));
}
