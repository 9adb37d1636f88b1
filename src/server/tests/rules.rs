//! What the rules of governance refuse, and how that is answered.

use serde_json::json;

use super::{bench, rubbish, step};

#[tokio::test]
async fn a_role_that_may_not_is_told_who_may() {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    let mut register = step("register");
    register["actor"]["role"] = json!("officer");
    let refused = bench.step("A-1", 1, &register).await.expect(403).json();
    assert_eq!(refused["type"], "/problems/not-allowed");
    assert_eq!(refused["roles"], json!(["desk", "manager", "admin"]));
    let mut report = rubbish("A-2");
    report["actor"]["role"] = json!("viewer");
    bench.post("/api/v1/issues", &report).await.expect(403);
    assert_eq!(bench.get("/api/v1/issues/A-1").await.expect(200).json()["properties"]["version"], 1);
}

#[tokio::test]
async fn a_step_before_the_last_event_is_refused_with_the_earliest_time() {
    let bench = bench().await;
    let mut report = rubbish("A-1");
    report["happened_at"] = json!("2026-09-15T09:40:00+08:00");
    bench.post("/api/v1/issues", &report).await.expect(201);
    let mut register = step("register");
    register["happened_at"] = json!("2026-09-15T09:50:00+08:00");
    bench.step("A-1", 1, &register).await.expect(200);
    let mut dispatch = step("dispatch");
    dispatch["happened_at"] = json!("2026-09-15T09:45:00+08:00");
    let refused = bench.step("A-1", 2, &dispatch).await.expect(422).json();
    let detail = refused["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("happened_at") && detail.contains("2026-09-15T01:50:00Z"), "{detail}");
    dispatch["happened_at"] = json!("2026-09-15T09:50:00+08:00");
    bench.step("A-1", 2, &dispatch).await.expect(200);
}
