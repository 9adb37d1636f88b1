//! Webhooks: what is told to whom, once, and again until it is taken.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Bench, bench_with, patrol, rubbish, step};
use crate::clock::Clock;
use crate::server::webhooks::{Teller, send_waiting};
use crate::server::{Courier, Parcel};

/// What was sent, and what is answered.
#[derive(Clone, Default)]
struct Post {
    sent: Arc<Mutex<Vec<Parcel>>>,
    answer: Arc<Mutex<Option<u16>>>,
}

impl Post {
    fn courier(&self) -> Courier {
        let post = self.clone();
        Arc::new(move |parcel| {
            post.sent.lock().expect("a lock").push(parcel);
            let answer = post.answer.lock().expect("a lock").ok_or_else(|| "nobody is there".to_owned());
            Box::pin(async move { answer })
        })
    }

    fn answer(&self, status: Option<u16>) {
        *self.answer.lock().expect("a lock") = status;
    }

    fn take(&self) -> Vec<Parcel> {
        std::mem::take(&mut self.sent.lock().expect("a lock"))
    }
}

async fn bench() -> (Bench, Post) {
    let post = Post::default();
    let courier = post.courier();
    let bench = bench_with(|config| config.courier = Some(courier)).await;
    (bench, post)
}

async fn subscribe(bench: &Bench, kinds: &[&str], more: Value) -> String {
    let mut body = json!({ "url": "https://10.0.0.7/hook", "kinds": kinds });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made = bench.post("/api/v1/webhooks", &body).await.expect(201).json();
    assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")));
    made["id"].as_str().expect("an id").to_owned()
}

/// What waits in the log of a webhook: kinds and issues or patrols, the oldest first.
async fn log(bench: &Bench, id: &str) -> Vec<(String, String)> {
    let log = bench.get(&format!("/api/v1/webhooks/{id}/deliveries")).await.expect(200).json();
    let told = log["deliveries"].as_array().expect("a list").iter().rev();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    told.map(|one| (text(&one["kind"]), text(&one["subject"]))).collect()
}

fn kinds(log: &[(String, String)]) -> Vec<&str> {
    log.iter().map(|(kind, _)| kind.as_str()).collect()
}

async fn send(bench: &Bench, post: &Post, now: Timestamp) -> Vec<Parcel> {
    while send_waiting(&bench.app, &post.courier(), now).await.expect("it sends") > 0 {}
    post.take()
}

#[tokio::test]
async fn dispatch_and_supervision_are_told_once_to_whoever_wants_them() {
    let (bench, post) = bench().await;
    bench.post("/api/v1/issues", &rubbish("before")).await.expect(201);
    let all = subscribe(&bench, &["dispatched", "supervised"], json!({})).await;
    let other = subscribe(&bench, &["dispatched"], json!({ "departments": ["other"] })).await;
    let there = subscribe(&bench, &["supervised"], json!({ "areas": ["330802006001"] })).await;
    let mut report = rubbish("A-1");
    report["areas"] = json!({ "community": "330802006001" });
    bench.post("/api/v1/issues", &report).await.expect(201);
    for (version, name) in (1..).zip(["register", "supervise", "dispatch", "note"]) {
        bench.step("A-1", version, &step(name)).await.expect(200);
    }
    let mut teller = Teller::default();
    assert_eq!(teller.look(&bench.app).await.expect("it looks"), 3);
    assert_eq!(teller.look(&bench.app).await.expect("it looks"), 0);
    // Neither does a server that starts anew tell it again.
    assert_eq!(Teller::default().look(&bench.app).await.expect("it looks"), 0);
    assert_eq!(kinds(&log(&bench, &all).await), ["issue.supervised", "issue.dispatched"]);
    assert_eq!(kinds(&log(&bench, &there).await), ["issue.supervised"]);
    assert_eq!(log(&bench, &other).await, []);

    post.answer(Some(204));
    let now = Clock::real_now() + SignedDuration::from_secs(1);
    let sent = send(&bench, &post, now).await;
    assert_eq!(sent.len(), 3);
    let body: Value = serde_json::from_str(&sent[0].body).expect("JSON");
    assert_eq!(body["data"]["issue"], "A-1");
    assert_eq!(body["data"]["department"], "环卫所");
    assert!(!sent[0].body.contains("值班台"), "who did it is not told");
    let header =
        |name: &str| sent[0].headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    assert!(header("webhook-id").is_some_and(|id| id.starts_with("msg_")));
    assert_eq!(header("webhook-timestamp"), Some(&now.as_second().to_string()));
    assert!(header("webhook-signature").is_some_and(|signature| signature.starts_with("v1,")));
    assert_eq!(send(&bench, &post, now).await, []);
}

#[tokio::test]
async fn each_deadline_is_told_when_it_is_near_and_when_it_has_passed() {
    let (bench, _) = bench().await;
    let mut old = rubbish("old");
    old["happened_at"] = json!("2026-09-01T09:00:00+08:00");
    bench.post("/api/v1/issues", &old).await.expect(201);
    let all = subscribe(&bench, &["due_soon", "overdue"], json!({})).await;
    // Due in four hours of work, by half past three.
    bench.post("/api/v1/issues", &rubbish("later")).await.expect(201);
    old["id"] = json!("told-late");
    bench.post("/api/v1/issues", &old).await.expect(201);
    let mut soon = rubbish("soon");
    // Of elevated urgency it is two hours: half past ten.
    soon["happened_at"] = json!("2026-09-15T08:30:00+08:00");
    soon["urgency"] = json!("elevated");
    bench.post("/api/v1/issues", &soon).await.expect(201);
    let mut teller = Teller::default();
    teller.look(&bench.app).await.expect("it looks");
    let log_now = log(&bench, &all).await;
    // What was late before anybody asked to be told is in the figures, not in the post.
    assert_eq!(kinds(&log_now), ["issue.overdue", "issue.due_soon"], "{log_now:?}");
    assert!(log_now[0].1.starts_with("overdue:told-late:") && log_now[1].1.starts_with("due_soon:soon:"));
    assert_eq!(teller.look(&bench.app).await.expect("it looks"), 0);

    bench.step("soon", 1, &step("register")).await.expect(200);
    let mut extend = step("extend");
    extend["until"] = json!("2026-09-15T11:00:00+08:00");
    extend["note"] = json!("x");
    bench.step("soon", 2, &extend).await.expect(200);
    assert_eq!(teller.look(&bench.app).await.expect("it looks"), 1, "another deadline is told anew");
}

#[tokio::test]
async fn who_is_silent_is_told_once_a_shift() {
    let (bench, _) = bench().await;
    let all = subscribe(&bench, &["silent_patrol"], json!({})).await;
    let elsewhere = subscribe(&bench, &["silent_patrol"], json!({ "areas": ["330802006002"] })).await;
    let mut patrol = patrol();
    patrol["duty"] = json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T09:00:00Z" });
    patrol["areas"] = json!({ "community": "330802006001" });
    bench.put("/api/v1/patrols/p1", &patrol).await.expect(201);
    for _ in 0..2 {
        Teller::default().look(&bench.app).await.expect("it looks");
    }
    assert_eq!(kinds(&log(&bench, &all).await), ["patrol.silent"]);
    assert_eq!(log(&bench, &elsewhere).await, []);
    patrol["duty"] = json!({ "from": "2026-09-15T01:00:00Z", "to": "2026-09-15T09:00:00Z" });
    bench.put("/api/v1/patrols/p1", &patrol).await.expect(200);
    Teller::default().look(&bench.app).await.expect("it looks");
    assert_eq!(log(&bench, &all).await.len(), 2, "another shift");
}

#[tokio::test]
async fn who_fell_silent_with_an_empty_battery_is_told_as_such() {
    let (bench, post) = bench().await;
    subscribe(&bench, &["silent_patrol"], json!({})).await;
    let mut on_duty = patrol();
    on_duty["duty"] = json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T09:00:00Z" });
    bench.put("/api/v1/patrols/p1", &on_duty).await.expect(201);
    let mut last = super::position("p1", "2026-09-15T01:00:00Z", 118.87);
    last["fix"]["battery_percent"] = json!(2);
    bench.post("/api/v1/positions", &json!([last])).await.expect(200);
    Teller::default().look(&bench.app).await.expect("it looks");
    let sent = send(&bench, &post, Clock::real_now() + SignedDuration::from_secs(1)).await;
    let body: Value = serde_json::from_str(&sent[0].body).expect("JSON");
    let data = &body["data"];
    assert_eq!((&data["presence"], &data["battery_percent"]), (&json!("out_of_battery"), &json!(2.0)));
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_under_the_same_id_until_it_is() {
    let (bench, post) = bench().await;
    let id = subscribe(&bench, &["supervised"], json!({})).await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.step("A-1", 1, &step("supervise")).await.expect(200);
    Teller::default().look(&bench.app).await.expect("it looks");
    let begin = Clock::real_now() + SignedDuration::from_secs(1);
    let first = send(&bench, &post, begin).await;
    assert_eq!(send(&bench, &post, begin + SignedDuration::from_secs(4)).await, [], "not yet");
    post.answer(Some(302));
    let second = send(&bench, &post, begin + SignedDuration::from_secs(6)).await;
    post.answer(Some(200));
    let third = send(&bench, &post, begin + SignedDuration::from_secs(40)).await;
    assert_eq!((first.len(), second.len(), third.len()), (1, 1, 1));
    assert_eq!((&first[0].body, &first[0].headers[1]), (&third[0].body, &third[0].headers[1]));
    let log = bench.get(&format!("/api/v1/webhooks/{id}/deliveries")).await.expect(200).json();
    let told = &log["deliveries"][0];
    assert_eq!((&told["state"], &told["next_at"]), (&json!("done"), &Value::Null));
    let attempts = told["attempts"].as_array().expect("a list");
    let came_of_it: Vec<_> = attempts.iter().map(|attempt| (&attempt["status"], &attempt["error"])).collect();
    let null = Value::Null;
    let expected = [(&null, &json!("nobody is there")), (&json!(302), &null), (&json!(200), &null)];
    assert_eq!(came_of_it, expected);
}

#[tokio::test]
async fn what_nobody_wants_any_more_or_waits_for_too_long_is_given_up() {
    let (bench, post) = bench().await;
    let gone = subscribe(&bench, &["supervised"], json!({})).await;
    let late = subscribe(&bench, &["supervised"], json!({})).await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.step("A-1", 1, &step("supervise")).await.expect(200);
    Teller::default().look(&bench.app).await.expect("it looks");
    let delete = super::request(axum::http::Method::DELETE, &format!("/api/v1/webhooks/{gone}"), &[], None);
    bench.send(delete).await.expect(204);
    bench.get(&format!("/api/v1/webhooks/{gone}/deliveries")).await.expect(404);
    let next_day = Clock::real_now() + SignedDuration::from_hours(25);
    assert_eq!(send(&bench, &post, next_day).await, []);
    let log = bench.get(&format!("/api/v1/webhooks/{late}/deliveries")).await.expect(200).json();
    assert_eq!(log["deliveries"][0]["state"], "given_up");
}

#[tokio::test]
async fn a_subscription_is_made_changed_and_shown_without_its_secret() {
    let (bench, _) = bench().await;
    let id = subscribe(&bench, &["overdue"], json!({ "departments": ["环卫所"] })).await;
    let path = format!("/api/v1/webhooks/{id}");
    let shown = bench.get(&path).await.expect(200).json();
    assert_eq!((&shown["kinds"], &shown["departments"]), (&json!(["overdue"]), &json!(["环卫所"])));
    assert!(shown.get("secret").is_none());
    let changed = json!({ "url": "http://hook.example/", "kinds": ["due_soon"], "paused": true });
    assert_eq!(bench.put(&path, &changed).await.expect(200).json()["paused"], true);
    let list = bench.get("/api/v1/webhooks").await.expect(200).json();
    assert_eq!(list["webhooks"].as_array().map(Vec::len), Some(1));
    assert!(!list.to_string().contains("whsec_"));
    for wrong in [
        json!({ "url": "ftp://hook.example/", "kinds": ["overdue"] }),
        json!({ "url": "http://user:secret@hook.example/", "kinds": ["overdue"] }),
        json!({ "url": "http://hook.example/", "kinds": [] }),
        json!({ "url": "http://hook.example/", "kinds": ["anything"] }),
        json!({ "url": "http://hook.example/", "kinds": ["overdue"], "secret": "short" }),
        json!({ "url": "http://hook.example/", "kinds": ["overdue"], "areas": [""] }),
        json!({ "kinds": ["overdue"] }),
    ] {
        bench.post("/api/v1/webhooks", &wrong).await.expect(422);
    }
    let refused = super::bench().await.post("/api/v1/webhooks", &changed).await.expect(409).json();
    assert_eq!(refused["type"], "/problems/cannot-send");
}
