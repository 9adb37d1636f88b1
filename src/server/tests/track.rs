//! Tracks: one patrol's way, fresh or put in order, thinned out and forgotten as configured.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Bench, bench, patrol, position};
use crate::server::keeping::{Keeping, keep_once, move_fresh};
use crate::server::{Beside, examine};

/// A walk of two patrols, one position every five seconds from 09:00 to 09:10 and again at 08:59:30.
async fn walked() -> Bench {
    let bench = bench().await;
    for id in ["p1", "p2"] {
        bench.put(&format!("/api/v1/patrols/{id}"), &patrol()).await.expect(201);
    }
    let start: Timestamp = "2026-09-15T01:00:00Z".parse().expect("a time");
    for chunk in 0..4 {
        let batch: Vec<Value> = (0..30)
            .flat_map(|n| {
                let n = chunk * 30 + n;
                let at = (start + SignedDuration::from_secs(5 * n)).to_string();
                [position("p1", &at, 118.87 + n as f64 * 1e-5), position("p2", &at, 118.0)]
            })
            .collect();
        bench.post("/api/v1/positions", &batch.into()).await.expect(200);
    }
    // Late, from the hour before; and one that has come already.
    let late = [position("p1", "2026-09-15T00:59:30Z", 118.8), position("p1", "2026-09-15T01:00:05Z", 118.8)];
    bench.post("/api/v1/positions", &late.to_vec().into()).await.expect(200);
    bench
}

async fn track(bench: &Bench, query: &str) -> Value {
    let answer = bench.get(&format!("/api/v1/patrols/p1/track?{query}")).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/geo+json");
    answer.json()
}

fn count(track: &Value) -> usize {
    let times = track["properties"]["coordTimes"].as_array().expect("a list");
    assert!(times.windows(2).all(|pair| {
        let time = |value: &Value| value.as_str().expect("text").parse::<Timestamp>().expect("a time");
        time(&pair[0]) < time(&pair[1])
    }));
    times.len()
}

#[tokio::test]
async fn a_track_is_the_same_fresh_and_put_in_order() {
    let bench = walked().await;
    let fresh = track(&bench, "from=2026-09-15T00:00:00Z&to=2026-09-15T01:10:00Z").await;
    assert_eq!(count(&fresh), 121);
    assert_eq!(fresh["geometry"]["type"], "LineString");
    assert_eq!(fresh["geometry"]["coordinates"][0], json!([118.8, 28.96]));
    // What came first at a moment is what counts.
    assert_eq!(fresh["geometry"]["coordinates"][2], json!([118.87001, 28.96]));
    move_fresh(&*bench.app.store).await.expect("moved");
    assert_eq!(bench.app.store.fresh().await.expect("an answer"), (0, None));
    let moved = track(&bench, "from=2026-09-15T00:00:00Z&to=2026-09-15T01:10:00Z").await;
    assert_eq!(moved, fresh);
    // What comes later joins what lies there.
    let late = json!([position("p1", "2026-09-15T01:00:07Z", 118.8)]);
    bench.post("/api/v1/positions", &late).await.expect(200);
    assert_eq!(count(&track(&bench, "from=2026-09-15T00:00:00Z").await), 122);
    move_fresh(&*bench.app.store).await.expect("moved");
    assert_eq!(count(&track(&bench, "from=2026-09-15T00:00:00Z").await), 122);
    let diagnosis = examine(bench.database.clone(), &Beside::default()).await.expect("it can be read");
    assert!(diagnosis.is_sound(), "{diagnosis:?}");
    assert_eq!(diagnosis.positions, 122 + 120);
}

#[tokio::test]
async fn a_track_is_cut_to_what_is_asked_for() {
    let bench = walked().await;
    for _ in 0..2 {
        assert_eq!(count(&track(&bench, "from=2026-09-15T01:00:00Z&to=2026-09-15T01:01:00Z").await), 13);
        let thin = track(&bench, "from=2026-09-15T01:00:00Z&to=2026-09-15T01:10:00Z&every_s=60").await;
        assert_eq!(count(&thin), 10);
        let mut page = track(&bench, "from=2026-09-15T00:00:00Z&to=2026-09-15T01:10:00Z&limit=50").await;
        let mut seen = count(&page);
        while let Some(next) = page["links"][0]["href"].as_str() {
            page = bench.get(next).await.expect(200).json();
            seen += count(&page);
        }
        assert_eq!(seen, 121);
        let one = track(&bench, "from=2026-09-15T00:59:00Z&to=2026-09-15T00:59:59Z").await;
        assert_eq!(one["geometry"], json!({ "type": "Point", "coordinates": [118.8, 28.96] }));
        let none = track(&bench, "from=2026-09-14T00:59:00Z&to=2026-09-14T00:59:59Z").await;
        assert_eq!(none["geometry"], Value::Null);
        move_fresh(&*bench.app.store).await.expect("moved");
    }
    bench.get("/api/v1/patrols/nobody/track").await.expect(404);
    for query in ["from=yesterday", "colour=red", "limit=0", "every_s=-1", "from=2026-01-01T00:00:00Z"] {
        bench.get(&format!("/api/v1/patrols/p1/track?{query}")).await.expect(400);
    }
}

#[tokio::test]
async fn positions_are_thinned_out_and_forgotten_as_configured() {
    let bench = walked().await;
    let keeping = Keeping { days: 10, thin_after_days: 3, thin_seconds: 60 };
    let counted = async |days: i64| {
        let now = bench.app.now() + SignedDuration::from_hours(24 * days);
        keep_once(&*bench.app.store, keeping, now).await.expect("kept");
        count(&track(&bench, "from=2026-09-15T00:00:00Z&to=2026-09-15T01:10:00Z").await)
    };
    assert_eq!(counted(0).await, 121);
    assert_eq!(bench.app.store.fresh().await.expect("an answer").0, 242, "too young to be moved");
    assert_eq!(counted(2).await, 121);
    assert_eq!(bench.app.store.fresh().await.expect("an answer").0, 0);
    // One of the hour before, one each minute of the ten.
    assert_eq!(counted(4).await, 11);
    assert_eq!(counted(5).await, 11);
    let diagnosis = examine(bench.database.clone(), &Beside::default()).await.expect("it can be read");
    assert!(diagnosis.is_sound(), "{diagnosis:?}");
    assert_eq!(counted(11).await, 0);
    // The newest of each stays where it was.
    bench.get("/collections/patrols/items/p1").await.expect(200);
}
