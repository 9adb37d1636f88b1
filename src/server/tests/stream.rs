//! The event stream: which positions come, who hears the same, and who is cut off.

use std::sync::Arc;

use axum::body::BodyDataStream;
use axum::http::Method;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Bench, bench, bench_with, patrol, position, request, rubbish, step};
use crate::clock::Reading;
use crate::governance::{Post, Role};
use crate::server::access::{Level, let_in};
use crate::server::hub::{Rate, Wish};
use crate::server::shifts;

/// An open stream, read event by event.
struct Stream {
    body: BodyDataStream,
    held: String,
}

impl Stream {
    /// The next event but heartbeats: name, number, data. `None` when the stream has ended.
    async fn next(&mut self) -> Option<(String, Option<u64>, Value)> {
        loop {
            while let Some((event, rest)) = self.held.split_once("\n\n") {
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let name = field("event").expect("a name").to_owned();
                let number = field("id").map(|number| number.parse().expect("a number"));
                let data = serde_json::from_str(field("data").expect("data")).expect("JSON");
                self.held = rest.to_owned();
                if name != "heartbeat" {
                    return Some((name, number, data));
                }
            }
            let chunk = self.body.next().await?.expect("a chunk");
            self.held.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The patrols of the next batch and where they are.
    async fn positions(&mut self) -> Vec<(String, f64)> {
        let (name, number, data) = self.next().await.expect("the stream goes on");
        assert_eq!((name.as_str(), number), ("positions", None), "{data}");
        let one = |update: &Value| {
            let lon = update["fix"]["place"]["lon"].as_f64().expect("a longitude");
            (update["id"].as_str().expect("an id").to_owned(), lon)
        };
        data.as_array().expect("a list").iter().map(one).collect()
    }
}

impl Bench {
    async fn stream(&self, query: &str) -> Stream {
        self.stream_by(super::TOKEN, query).await
    }

    async fn stream_by(&self, secret: &str, query: &str) -> Stream {
        let mut request = request(Method::GET, &format!("/api/v1/events?{query}"), &[], None);
        let bearer = format!("Bearer {secret}").parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        assert_eq!(response.status(), 200);
        Stream { body: response.into_body().into_data_stream(), held: String::new() }
    }

    async fn go(&self, patrol: &str, second: u32, lon: f64) {
        let at = format!("2026-09-15T01:59:{second:02}Z");
        let mut told = self.app.hub.subscribe(Some(Wish::default()));
        self.post("/api/v1/positions", &json!([position(patrol, &at, lon)])).await.expect(200);
        // Where servers share a database, it comes a little later.
        while told.recv().await.expect("it is told").text(Level::Whole).starts_with(b"event: patrol") {}
    }
}

#[tokio::test]
async fn positions_come_at_the_rate_and_within_the_bounds_that_are_asked_for() {
    let bench = bench().await;
    for id in ["p1", "p2"] {
        bench.put(&format!("/api/v1/patrols/{id}"), &patrol()).await.expect(201);
    }
    bench.go("p1", 0, 118.8).await;
    bench.go("p2", 0, 119.6).await;
    let mut live = bench.stream("").await;
    let mut seconds = bench.stream("positions=1s&bbox=118.7,28,118.9,29").await;
    let mut fives = bench.stream("positions=5s").await;
    let mut off = bench.stream("positions=off").await;
    bench.go("p1", 1, 118.81).await;
    bench.go("p2", 1, 119.5).await;
    bench.go("p1", 2, 118.82).await;
    bench.app.hub.tick(1);
    // It stood within the bounds and leaves them: told once more, though this view never told of it within.
    bench.go("p1", 3, 119.1).await;
    bench.app.hub.tick(2);
    bench.go("p1", 4, 119.2).await;
    bench.app.hub.tick(5);

    for expected in [("p1", 118.81), ("p2", 119.5), ("p1", 118.82), ("p1", 119.1), ("p1", 119.2)] {
        assert_eq!(live.positions().await, [(expected.0.to_owned(), expected.1)]);
    }
    assert_eq!(seconds.positions().await, [("p1".to_owned(), 118.82)]);
    assert_eq!(seconds.positions().await, [("p1".to_owned(), 119.1)]);
    assert_eq!(fives.positions().await, [("p1".to_owned(), 119.2), ("p2".to_owned(), 119.5)]);
    // Events of issues come to all of them, whatever they asked for, and before positions that wait: so it is logged here.
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    for stream in [&mut live, &mut seconds, &mut fives, &mut off] {
        let (name, number, _) = stream.next().await.expect("the stream goes on");
        assert_eq!((name.as_str(), number), ("issue", Some(1)));
    }
}

#[tokio::test]
async fn two_hundred_readers_of_one_view_share_one_batch() {
    let bench = bench().await;
    bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201);
    bench.go("p1", 0, 118.7).await;
    let wish = Wish { rate: Rate::EverySecond, ..Wish::default() };
    let mut listeners: Vec<_> = (0..200).map(|_| bench.app.hub.subscribe(Some(wish.clone()))).collect();
    bench.go("p1", 1, 118.8).await;
    bench.app.hub.tick(1);
    let mut frames = Vec::new();
    for listener in &mut listeners {
        frames.push(listener.recv().await.expect("a batch"));
    }
    assert!(frames.iter().all(|frame| Arc::ptr_eq(frame, &frames[0])), "encoded more than once");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let bench = bench().await;
    for query in ["positions=2s", "positions=", "bbox=1,2,3", "areas=", "areas=,", "after=x"] {
        bench.get(&format!("/api/v1/events?{query}")).await.expect(400);
    }
    // This one was started without a place.
    let refused = bench.get("/api/v1/events?areas=330802006001").await.expect(422).json();
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("330802006001")), "{refused}");
}

#[tokio::test]
async fn a_reader_that_falls_behind_is_cut_off_and_resumes_without_a_gap() {
    let bench = bench().await;
    let mut slow = bench.stream("after=0").await;
    let life = |number: u32| {
        let mut report = rubbish(&format!("A-{number}"));
        report["happened_at"] = json!("2026-07-01T01:00:00Z");
        let entry = |(minute, name): (u32, &str)| {
            let mut step = step(name);
            step["happened_at"] = json!(format!("2026-07-01T01:{minute:02}:00Z"));
            step
        };
        let steps: Vec<Value> =
            [(5, "register"), (6, "dispatch"), (7, "accept"), (8, "handle")].map(entry).into();
        json!({ "report": report, "steps": steps })
    };
    // It takes nothing while more is told than is held for it.
    let lives: Vec<Value> = (0..1_000).map(life).collect();
    bench.post("/api/v1/history", &json!({ "issues": lives })).await.expect(201);
    if bench.app.store.shared().is_some() {
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    }
    let mut last = 0;
    while let Some((_, number, _)) = slow.next().await {
        assert_eq!(number, Some(last + 1));
        last += 1;
    }
    assert!(last < 5_000, "nobody was cut off");
    while last < 5_000 {
        let mut again = bench.stream(&format!("after={last}")).await;
        while last < 5_000 {
            let Some((_, number, _)) = again.next().await else { break };
            assert_eq!(number, Some(last + 1));
            last += 1;
        }
    }
}

/// A token of this role.
async fn token(bench: &Bench, role: Role) -> String {
    let (areas, departments) = (Vec::new(), Vec::new());
    let post = Post { name: role.name().to_owned(), role, areas, departments, patrol: None };
    let_in(&*bench.app.store, post, None).await
}

#[tokio::test]
async fn open_streams_hear_that_a_shift_has_ended_as_the_patrol_is_then_shown() {
    // A quarter of a minute is left for what has to be done before the shift ends, on a machine with much else to do.
    let clock = Reading { now: "2026-09-15T10:00:00+08:00".parse().expect("a time"), rate: 10.0 };
    let bench = bench_with(|config| config.clock = Some(clock)).await;
    let duty = json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T02:02:30Z" });
    let end: jiff::Timestamp = "2026-09-15T02:02:30Z".parse().expect("a time");
    for (id, kind) in [("p1", "grid_officer"), ("v1", "vehicle")] {
        let new = json!({ "name": "郑云", "kind": kind, "duty": duty });
        bench.put(&format!("/api/v1/patrols/{id}"), &new).await.expect(201);
    }
    bench.go("p1", 0, 118.8).await;
    bench.go("v1", 0, 118.8).await;
    let roles = [Some(Role::Screen), Some(Role::Viewer), None];
    let mut readers = Vec::new();
    for role in roles {
        let secret = match role {
            Some(role) => token(&bench, role).await,
            None => super::TOKEN.to_owned(),
        };
        // A batch that is told only when the shift is over.
        readers.push((role, bench.stream_by(&secret, "positions=5s").await, secret));
    }
    let shown = async |secret: &str| {
        let mut request = request(Method::GET, "/api/v1/patrols/p1", &[], None);
        request.headers_mut().insert("authorization", format!("Bearer {secret}").parse().expect("a header"));
        bench.send(request).await.expect(200).json()
    };
    bench.go("p1", 1, 118.81).await;
    assert_eq!(shifts::end(&bench.app).await.expect("an answer"), 0, "nobody's shift is over");
    for (_, _, secret) in &readers {
        assert!(shown(secret).await["geometry"].is_object(), "this machine is too slow for this test");
    }
    assert!(bench.app.now() < end, "this machine is too slow for this test");
    let mut told = 0;
    while told == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        told = shifts::end(&bench.app).await.expect("it can be told");
    }
    assert_eq!((told, shifts::end(&bench.app).await.expect("an answer")), (1, 0), "each is told once");
    assert!(bench.app.now() > end);
    bench.follow().await;
    bench.app.hub.tick(5);
    // What comes late is kept, and shown to nobody who may not see it.
    bench
        .post("/api/v1/positions", &json!([position("p1", "2026-09-15T02:02:00Z", 118.82)]))
        .await
        .expect(200);
    bench.app.hub.tick(10);
    bench.post("/api/v1/issues", &rubbish("last")).await.expect(201);
    for (role, stream, secret) in &mut readers {
        let held = shown(secret).await;
        let mut events = Vec::new();
        loop {
            let (name, _, data) = stream.next().await.expect("the stream goes on");
            if name == "issue" {
                break;
            }
            events.push((name, data));
        }
        let ended: Vec<&Value> =
            events.iter().filter(|(name, _)| name == "patrol").map(|(_, data)| data).collect();
        assert_eq!(ended.len(), 2, "{role:?} {events:?}");
        assert_eq!(*ended[1], held, "{role:?}");
        let versions: Vec<_> = ended.iter().map(|data| data["properties"]["version"].as_u64()).collect();
        assert_eq!(versions, [Some(4), Some(5)]);
        assert!(events.iter().all(|(name, data)| name == "patrol" || !data.to_string().contains("p1")));
        for data in ended {
            let (fix, geometry) = (&data["properties"]["fix"], &data["geometry"]);
            assert_eq!(fix.is_object(), role.is_none(), "{role:?} {fix}");
            assert_eq!(geometry.is_object(), role.is_none());
            let name = if *role == Some(Role::Screen) { "郑*" } else { "郑云" };
            assert_eq!(data["properties"]["name"], name);
        }
    }
    // Who is written down when their shift is over is told masked, and of no end after that.
    let new = json!({ "name": "郑海", "kind": "grid_officer", "duty": duty });
    bench.put("/api/v1/patrols/p1", &new).await.expect(200);
    assert_eq!(shifts::end(&bench.app).await.expect("an answer"), 0);
}
