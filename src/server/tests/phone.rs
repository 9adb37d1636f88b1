//! The phone's page, the codes at gates, and visits.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{bench, request};

fn visit(id: &str) -> Value {
    json!({
        "id": id,
        "trust": "code",
        "code": "gate-7",
        "place": { "lon": 118.8735, "lat": 28.9655 },
        "happened_at": "2026-09-15T01:50:00Z",
        "actor": { "name": "府山社区第03网格", "role": "officer" },
    })
}

#[tokio::test]
async fn the_page_opens_without_a_token_and_asks_nobody_else() {
    let bench = bench().await;
    for path in
        ["/m", "/m/page.js", "/m/outbox.js", "/m/worker.js", "/m/style.css", "/m/zh.json", "/m/en.json"]
    {
        let open = Request::get(path).header(header::HOST, "localhost").body(Body::empty());
        let answer = bench.send(open.expect("a request")).await.expect(200);
        assert!(answer.header("content-security-policy").starts_with("default-src 'self';"), "{path}");
    }
    let closed = Request::get("/m/other").header(header::HOST, "localhost").body(Body::empty());
    bench.send(closed.expect("a request")).await.expect(401);
}

#[tokio::test]
async fn a_code_at_a_gate_is_a_picture_of_an_address() {
    let bench = bench().await;
    let code = bench.get("/m/codes?place=%E5%8D%97%E9%97%A8%201").await.expect(200);
    assert_eq!(code.header("content-type"), "image/svg+xml");
    assert!(String::from_utf8_lossy(&code.body).contains("<svg"));
    bench.get("/m/codes").await.expect(400);
    bench.get("/m/codes?place=%20").await.expect(400);
    bench.get(&format!("/m/codes?place={}", "x".repeat(101))).await.expect(400);
}

#[tokio::test]
async fn a_visit_is_noted_once_and_read_in_pages() {
    let bench = bench().await;
    let noted = bench.post("/api/v1/visits", &visit("v-1")).await.expect(201).json();
    assert_eq!((&noted["id"], &noted["geometry"]["coordinates"][0]), (&json!("v-1"), &json!(118.8735)));
    assert_eq!(noted["properties"]["trust"], "code");
    assert_eq!(bench.post("/api/v1/visits", &visit("v-1")).await.expect(200).json(), noted);
    let mut other = visit("v-1");
    other["code"] = json!("gate-8");
    assert_eq!(bench.post("/api/v1/visits", &other).await.expect(409).json()["type"], "/problems/id-taken");
    // Without an id of its own the key of the request makes it one; without a time it is now.
    let mut bare = json!({ "trust": "button", "actor": { "name": "x", "role": "officer" } });
    bench.post("/api/v1/visits", &bare).await.expect(422);
    bare["place"] = json!({ "lon": 118.87, "lat": 28.96 });
    for status in [201, 200] {
        let keyed = [("idempotency-key", "k-1")];
        let sent = request(Method::POST, "/api/v1/visits", &keyed, Some(bare.to_string()));
        assert_eq!(bench.send(sent).await.expect(status).json()["id"], "k-1");
    }
    bench.post("/api/v1/visits", &visit("v-2")).await.expect(201);

    let ids = async |query: &str| -> Vec<Value> {
        let page = bench.get(&format!("/api/v1/visits?{query}")).await.expect(200).json();
        page["features"].as_array().expect("a list").iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(ids("").await, ["v-1", "k-1", "v-2"]);
    assert_eq!(ids("code=gate-7").await, ["v-1", "v-2"]);
    assert_eq!(ids("datetime=2026-09-15T01:55:00Z/..").await, ["k-1"]);
    let page = bench.get("/api/v1/visits?limit=2").await.expect(200).json();
    let next = page["links"].as_array().expect("links").iter().find(|link| link["rel"] == "next");
    let next = next.and_then(|link| link["href"].as_str()).expect("a next page");
    let query = next.split_once('?').expect("a query").1;
    assert_eq!(ids(query).await, ["v-2"]);
    for query in ["limit=0", "cursor=x", "datetime=now", "colour=red"] {
        bench.get(&format!("/api/v1/visits?{query}")).await.expect(400);
    }
}
