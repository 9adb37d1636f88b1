//! What phone trackers send, by their own protocols.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{Answer, Bench, TOKEN, bench, patrol, request};

/// 10:00 on Tuesday 2026-09-15, when the bench's clock starts.
const NOON: i64 = 1_789_437_600;

async fn with_patrol() -> Bench {
    let bench = bench().await;
    bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201);
    bench
}

/// Without a header of ours.
async fn plain(bench: &Bench, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8650");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    bench.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

async fn fix(bench: &Bench) -> Value {
    bench.get("/api/v1/patrols/p1").await.expect(200).json()["properties"]["fix"].clone()
}

async fn stored(bench: &Bench) -> usize {
    let sum = "SELECT CAST(coalesce(sum(positions), 0) AS BIGINT) FROM position_batches";
    usize::try_from(super::raw::number(&bench.database, sum).await).expect("not negative")
}

#[tokio::test]
async fn osmand_by_query_and_form() {
    let bench = with_patrol().await;
    let query = format!(
        "/ingest/osmand?token={TOKEN}&id=p1&timestamp={NOON}&lat=28.96&lon=118.87&speed=10&bearing=90&altitude=70&batt=12"
    );
    plain(&bench, Method::GET, &query, &[], "").await.expect(200);
    let first = fix(&bench).await;
    assert_eq!((&first["at"], &first["heading_deg"]), (&json!("2026-09-15T02:00:00Z"), &json!(90.0)));
    assert_eq!(first["battery_percent"], 12.0);
    assert!((first["speed_mps"].as_f64().expect("a speed") - 5.1444).abs() < 1e-3);
    let form = format!("deviceid=p1&timestamp={}000&location=28.97,118.88&accuracy=12&mock=true", NOON + 60);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("/ingest/osmand?api_key={TOKEN}");
    plain(&bench, Method::POST, &path, &headers, &form).await.expect(200);
    let second = fix(&bench).await;
    assert_eq!((&second["at"], &second["mock"]), (&json!("2026-09-15T02:01:00Z"), &json!(true)));
    // Everything in the address, as older clients post it.
    let path = format!("{query}&").replace(&NOON.to_string(), &(NOON + 120).to_string());
    plain(&bench, Method::POST, &path, &[], "").await.expect(200);
    assert_eq!(fix(&bench).await["at"], "2026-09-15T02:02:00Z");
    assert_eq!(stored(&bench).await, 3);
}

#[tokio::test]
async fn osmand_by_json_has_metres_a_second_and_marks_fakes() {
    let bench = with_patrol().await;
    let location = |at: &str, mock: bool| {
        json!({
            "timestamp": at, "is_moving": true, "odometer": 3, "mock": mock, "event": "motionchange",
            "coords": { "latitude": 28.96, "longitude": 118.87, "accuracy": 5, "speed": 1.5, "heading": -1, "altitude": 70 },
            "battery": { "level": -1, "is_charging": false }, "activity": { "type": "walking" }, "extras": {},
        })
    };
    let mut low = location("2026-09-15T01:59:00.000Z", false);
    low["battery"]["level"] = json!(0.25);
    bench.post("/ingest/osmand", &json!({ "device_id": "p1", "location": low })).await.expect(200);
    assert_eq!(fix(&bench).await["battery_percent"], 25.0);
    let one = json!({ "device_id": "p1", "location": location("2026-09-15T02:00:00.000Z", true) });
    bench.post("/ingest/osmand", &one).await.expect(200);
    let shown = fix(&bench).await;
    assert_eq!(
        (&shown["speed_mps"], &shown["mock"], &shown["heading_deg"]),
        (&json!(1.5), &json!(true), &Value::Null)
    );
    assert_eq!(shown["battery_percent"], 25.0, "a level that is not known leaves the last one standing");
    let many = [location("2026-09-15T02:02:00.000Z", false), location("2026-09-15T02:01:00.000Z", false)];
    bench.post("/ingest/osmand", &json!({ "device_id": "p1", "location": many })).await.expect(200);
    assert_eq!(fix(&bench).await["at"], "2026-09-15T02:02:00Z");
    assert_eq!(stored(&bench).await, 4);
    bench.post("/ingest/osmand", &json!({ "device_id": "p1" })).await.expect(422);
    bench
        .post(
            "/ingest/osmand",
            &json!({ "device_id": null, "location": location("2026-09-15T02:01:00Z", false) }),
        )
        .await
        .expect(400);
}

#[tokio::test]
async fn owntracks_by_header_address_or_topic() {
    let bench = with_patrol().await;
    let location = |at: i64| json!({ "_type": "location", "lat": 28.96, "lon": 118.87, "tst": at, "acc": 8, "vel": 36, "cog": 180, "tid": "p1", "batt": 80 });
    // The password of HTTP Basic is the token: p1:a-token-for-tests.
    let basic = ("authorization", "Basic cDE6YS10b2tlbi1mb3ItdGVzdHM=");
    let json_type = ("content-type", "application/json");
    let headers = [basic, json_type, ("x-limit-u", "p1"), ("x-limit-d", "phone")];
    let answer = plain(&bench, Method::POST, "/ingest/owntracks", &headers, &location(NOON).to_string())
        .await
        .expect(200);
    assert_eq!(answer.json(), json!([]));
    let shown = fix(&bench).await;
    assert_eq!(
        (&shown["speed_mps"], &shown["heading_deg"], &shown["accuracy_m"]),
        (&json!(10.0), &json!(180.0), &json!(8.0))
    );
    assert_eq!(shown["battery_percent"], 80.0);

    let batch = json!([location(NOON + 20), location(NOON + 10), { "_type": "waypoint", "desc": "x" }, 7]);
    bench.post("/ingest/owntracks?u=&d=p1", &batch).await.expect(200);
    assert_eq!(fix(&bench).await["at"], "2026-09-15T02:00:20Z");
    let mut by_topic = location(NOON + 30);
    by_topic["topic"] = json!("owntracks/p1/phone");
    bench.post("/ingest/owntracks", &by_topic).await.expect(200);
    assert_eq!(stored(&bench).await, 4);
    for other in [json!({ "_type": "lwt", "tst": 1 }), json!({ "_type": "transition" }), json!([]), json!({})]
    {
        assert_eq!(bench.post("/ingest/owntracks", &other).await.expect(200).json(), json!([]));
    }
    bench.post("/ingest/owntracks", &location(NOON)).await.expect(400);
    bench.post("/ingest/owntracks?u=p1", &json!({ "_type": "location", "lat": 28.0 })).await.expect(422);
}

#[tokio::test]
async fn what_comes_twice_is_stored_once_and_only_the_newest_moves() {
    let bench = with_patrol().await;
    let send = async |at: i64| {
        bench.get(&format!("/ingest/osmand?id=p1&lat=28.96&lon=118.87&timestamp={at}")).await.expect(200);
    };
    send(NOON + 20).await;
    send(NOON + 20).await;
    send(NOON).await;
    assert_eq!(fix(&bench).await["at"], "2026-09-15T02:00:20Z");
    let same =
        |at: &str| json!({ "patrol": "p1", "fix": { "at": at, "place": { "lon": 118.87, "lat": 28.96 } } });
    let twice = json!([same("2026-09-15T01:00:00Z"), same("2026-09-15T01:00:00Z")]);
    assert_eq!(bench.post("/api/v1/positions", &twice).await.expect(200).json()["accepted"], 2);
    assert_eq!(stored(&bench).await, 3);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_word_on_what_to_do() {
    let bench = with_patrol().await;
    let stranger = bench.get("/ingest/osmand?id=p9&lat=28.96&lon=118.87").await.expect(404).json();
    assert_eq!(stranger["type"], "/problems/unknown-device");
    assert!(
        stranger["detail"].as_str().is_some_and(|detail| detail.contains("PUT /api/v1/patrols/p9")),
        "{stranger}"
    );
    let late = format!("/ingest/osmand?id=p1&lat=28.96&lon=118.87&timestamp={}", NOON + 3_600);
    bench.get(&late).await.expect(422);
    bench.get("/ingest/osmand?id=p1&lat=91&lon=118.87").await.expect(422);
    bench.get("/ingest/osmand?id=p1&lat=28.96").await.expect(400);
    bench.get("/ingest/osmand?id=p1&lat=28.96&lon=118.87&valid=false").await.expect(422);
    let text = request(Method::POST, "/ingest/osmand", &[], None);
    let (mut parts, _) = text.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, "text/plain".parse().expect("a type"));
    bench.send(Request::from_parts(parts, Body::from("id=p1"))).await.expect(415);
    for (path, headers) in [
        ("/ingest/osmand?id=p1", vec![]),
        ("/ingest/osmand?id=p1&token=wrong", vec![]),
        ("/ingest/osmand?id=p1", vec![("authorization", "Basic cDE6d3Jvbmc=")]),
    ] {
        plain(&bench, Method::GET, path, &headers, "").await.expect(401);
    }
    assert_eq!(stored(&bench).await, 0);
}

#[tokio::test]
async fn the_charge_of_a_battery_is_kept_with_the_newest_position_alone() {
    let bench = with_patrol().await;
    let at = |time: &str, battery: Value| {
        let mut position = super::position("p1", &format!("2026-09-15T{time}:00Z"), 118.87);
        position["fix"]["battery_percent"] = battery;
        json!([position])
    };
    let charge = async || fix(&bench).await["battery_percent"].clone();
    bench.post("/api/v1/positions", &at("01:50", json!(61.5))).await.expect(200);
    assert_eq!(charge().await, 61.5);
    // What is older than the newest changes nothing, what says nothing leaves what was said.
    bench.post("/api/v1/positions", &at("01:40", json!(90))).await.expect(200);
    bench.post("/api/v1/positions", &at("01:51", Value::Null)).await.expect(200);
    assert_eq!(charge().await, 61.5);
    for wrong in [json!(-1), json!(100.5), json!(1e30)] {
        bench.post("/api/v1/positions", &at("01:52", wrong)).await.expect(422);
    }
    bench.post("/api/v1/positions", &at("01:52", json!("full"))).await.expect(422);
    bench.post("/api/v1/positions", &at("01:53", json!(0))).await.expect(200);
    assert_eq!(charge().await, 0.0);
    let whole = "/api/v1/patrols/p1/track?from=2026-09-15T00:00:00Z&to=2026-09-15T02:00:00Z";
    let track = bench.get(whole).await.expect(200).json();
    assert_eq!(track["geometry"]["coordinates"].as_array().map(Vec::len), Some(4));
    assert!(!track.to_string().contains("battery"), "{track}");
    // Of the shift before it says nothing.
    let mut on_duty = patrol();
    on_duty["duty"] = json!({ "from": "2026-09-15T01:55:00Z", "to": "2026-09-15T09:00:00Z" });
    bench.put("/api/v1/patrols/p1", &on_duty).await.expect(200);
    bench.post("/api/v1/positions", &at("01:56", Value::Null)).await.expect(200);
    assert_eq!(charge().await, Value::Null);
}
