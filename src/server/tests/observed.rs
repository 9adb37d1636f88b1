//! What is seen from outside of how the server is doing: figures for Prometheus, ids of requests.

use axum::http::Method;
use serde_json::json;

use super::{bench, patrol, position, request, rubbish};

#[tokio::test]
async fn metrics_count_by_route_and_name_nobody() {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.get("/api/v1/issues/A-1").await.expect(200);
    bench.get("/api/v1/issues/A-2").await.expect(404);
    bench.get("/nowhere/secret-name").await.expect(404);
    bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201);
    let batch = json!([position("p1", "2026-09-15T01:59:00Z", 118.872)]);
    bench.post("/api/v1/positions", &batch).await.expect(200);
    let stream = request(Method::GET, "/api/v1/events", &[], None);
    let open = tower::ServiceExt::oneshot(bench.router.clone(), stream).await.expect("it answers");

    // Where servers share a database, it takes a moment longer until the stream is open.
    for _ in 0..1_000 {
        let text = String::from_utf8(bench.get("/metrics").await.body).expect("UTF-8");
        if text.contains("yunfushan_event_streams 1") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let answer = bench.get("/metrics").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.body).expect("UTF-8");
    for line in [
        r#"yunfushan_http_requests_total{method="GET",route="/api/v1/issues/{id}",status="200"} 1"#,
        r#"yunfushan_http_requests_total{method="GET",route="/api/v1/issues/{id}",status="404"} 1"#,
        r#"yunfushan_http_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"yunfushan_http_request_duration_seconds_count{method="GET",route="/api/v1/issues/{id}"} 2"#,
        "yunfushan_positions_accepted_total 1",
        "yunfushan_event_streams 1",
        "yunfushan_writer_queue 0",
        "yunfushan_commit_duration_seconds_count 3",
        "yunfushan_last_event 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(text.contains(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))), "{text}");
    let size = text.lines().find_map(|line| line.strip_prefix("yunfushan_database_size_bytes "));
    assert!(size.and_then(|size| size.parse::<u64>().ok()).is_some_and(|size| size > 10_000), "{size:?}");
    for personal in ["A-1", "secret-name", "p1"] {
        assert!(!text.contains(personal), "{personal}");
    }
    drop(open);
    for _ in 0..100 {
        let text = String::from_utf8(bench.get("/metrics").await.body).expect("UTF-8");
        if text.contains("yunfushan_event_streams 0") {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the stream is still counted");
}

#[tokio::test]
async fn every_answer_carries_the_id_of_its_request() {
    let bench = bench().await;
    let with = async |id: &str| {
        bench
            .send(request(Method::GET, "/collections", &[("x-request-id", id)], None))
            .await
            .header("x-request-id")
            .to_owned()
    };
    assert_eq!(with("proxy-7.a").await, "proxy-7.a");
    for odd in ["", "a b", "a\"b", &"x".repeat(65)] {
        let made = with(odd).await;
        assert!(made != odd && made.len() == 32, "{odd:?}: {made:?}");
    }
    let refused = axum::http::Request::builder().uri("/collections").header("host", "localhost");
    let refused = bench.send(refused.body(axum::body::Body::empty()).expect("a request")).await.expect(401);
    assert_eq!(refused.header("x-request-id").len(), 32);
}
