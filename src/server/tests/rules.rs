//! What the rules of governance refuse, and how that is answered.

use serde_json::json;

use super::{bench, rubbish, step};
use crate::governance::{Event, Issue, IssueId};

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

#[tokio::test]
async fn a_store_from_before_these_rules_is_read_and_gone_on_with() {
    let bench = bench().await;
    // As the first version wrote them: without the members that came later, by anybody, in any order of time.
    let old = json!([
        {
            "version": 1, "step": "report", "state": "reported",
            "happened_at": "2026-09-15T01:00:00Z", "recorded_at": "2026-09-15T01:00:00Z",
            "actor": { "name": "x", "role": "viewer" }, "due_at": "2026-09-15T07:30:00Z",
            "report": {
                "title": "x", "class": { "scheme": "local", "kind": "event", "code": "06010" },
                "class_name": "x", "source": "patrol",
            },
        },
        {
            "version": 2, "step": "register", "state": "registered",
            "happened_at": "2026-09-15T00:58:00Z", "recorded_at": "2026-09-15T01:05:00Z",
            "actor": { "name": "x", "role": "officer" }, "department": "x",
        },
    ]);
    let events: Vec<Event> = serde_json::from_value(old).expect("old events read");
    let mut issue = Issue::open(IssueId("A-1".into()), &events[0]).expect("it opens");
    issue.replay(&events[1]).expect("it follows");
    let mut transaction = bench.app.store.begin().await.expect("a transaction");
    transaction.insert_issue(&issue, &events).await.expect("stored");
    assert_eq!(transaction.issue_at(&issue.id, 2).await.expect("an answer").as_ref(), Some(&issue));
    transaction.commit().await.expect("committed");

    let told = bench.app.store.events_after(0, 10).await.expect("events");
    assert_eq!(told.last().map(|numbered| &numbered.issue), Some(&issue));
    let answer = bench.step("A-1", 2, &step("dispatch")).await.expect(200).json();
    assert_eq!(
        (&answer["properties"]["version"], &answer["properties"]["state"]),
        (&json!(3), &json!("dispatched"))
    );
    assert!(answer["properties"]["stage_due_at"].is_string(), "{answer}");
}
