//! Who may come in, what they may do, how much they see: the tables walked over every route.

mod sessions;
mod walks;

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::{Answer, Bench, bench, rubbish};
use crate::governance::{PatrolId, Post, Role};
use crate::server::access::let_in;

fn post_of(name: &str, role: Role) -> Post {
    Post { name: name.to_owned(), role, areas: Vec::new(), departments: Vec::new(), patrol: None }
}

/// A request with this secret, or none.
fn with(secret: Option<&str>, method: &Method, path: &str, body: Option<&Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8650");
    if let Some(secret) = secret {
        request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).expect("a request")
}

impl Bench {
    async fn by(&self, secret: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.send(with(Some(secret), &method, path, body)).await
    }

    async fn step_by(&self, secret: &str, id: &str, version: u64, step: &str) -> Answer {
        let body = json!({ "step": step, "actor": { "name": "somebody", "role": "admin" } });
        let mut request =
            with(Some(secret), &Method::POST, &format!("/api/v1/issues/{id}/steps"), Some(&body));
        let version = format!("\"{version}\"").parse().expect("a header");
        request.headers_mut().insert(header::IF_MATCH, version);
        self.send(request).await
    }

    async fn token(&self, post: Post) -> String {
        let_in(&*self.app.store, post, None).await
    }
}

/// An issue of the cleaners in grid 330802006003005, dispatched.
async fn dispatched(bench: &Bench, id: &str) {
    let mut new = rubbish(id);
    new["areas"] = json!({ "community": "330802006003", "grid": "330802006003005" });
    new["department"] = json!("cleaners");
    bench.post("/api/v1/issues", &new).await.expect(201);
    bench.step(id, 1, &super::step("register")).await.expect(200);
    bench.step(id, 2, &super::step("dispatch")).await.expect(200);
}

#[tokio::test]
async fn what_is_not_theirs_is_refused_and_the_caller_signs() {
    let bench = bench().await;
    dispatched(&bench, "A-1").await;
    let of = |name: &str, role, areas: &[&str], departments: &[&str]| Post {
        areas: areas.iter().map(|code| (*code).to_owned()).collect(),
        departments: departments.iter().map(|name| (*name).to_owned()).collect(),
        ..post_of(name, role)
    };
    let neighbour = bench.token(of("grid 6", Role::Officer, &["330802006003006"], &[])).await;
    let gardeners = bench.token(of("gardener", Role::Handler, &[], &["gardeners"])).await;
    let elsewhere = bench.token(of("secretary", Role::Manager, &["330802006004"], &[])).await;
    for (secret, step) in [(&neighbour, "accept"), (&gardeners, "accept"), (&elsewhere, "suspend")] {
        let refused = bench.step_by(secret, "A-1", 3, step).await.expect(403).json();
        assert_eq!(refused["type"], "/problems/not-theirs");
    }
    // What the state refuses is not told to whom it does not concern.
    bench.step_by(&neighbour, "A-1", 3, "give_feedback").await.expect(403);
    let officer = bench.token(of("grid 5", Role::Officer, &["330802006003005"], &[])).await;
    let cleaner = bench.token(of("cleaner", Role::Handler, &[], &["cleaners"])).await;
    let manager = bench.token(of("the other secretary", Role::Manager, &["330802006003"], &[])).await;
    bench.step_by(&officer, "A-1", 3, "accept").await.expect(200);
    bench.step_by(&cleaner, "A-1", 4, "handle").await.expect(200);
    bench.step_by(&manager, "A-1", 5, "suspend").await.expect(200);
    bench.step_by(&officer, "A-1", 6, "resume").await.expect(403);
    let events = bench.get("/api/v1/issues/A-1/events").await.expect(200).json();
    let signed: Vec<&str> =
        (3..6).map(|at| events["events"][at]["actor"]["name"].as_str().expect("a name")).collect();
    assert_eq!(signed, ["grid 5", "cleaner", "the other secretary"]);
    assert_eq!(events["events"][3]["actor"]["role"], "officer");
}

#[tokio::test]
async fn a_program_may_urge_what_it_reported_and_nothing_else() {
    let bench = bench().await;
    dispatched(&bench, "A-1").await;
    let program = bench.token(post_of("app", Role::Program)).await;
    // It signs with its own name, whatever it says.
    bench.by(&program, Method::POST, "/api/v1/issues", Some(&rubbish("A-2"))).await.expect(201);
    bench.step_by(&program, "A-2", 1, "urge").await.expect(200);
    bench.step_by(&program, "A-1", 3, "urge").await.expect(403);
    bench.step_by(&program, "A-2", 2, "register").await.expect(403);
    let events = bench.get("/api/v1/issues/A-2/events").await.expect(200).json();
    assert_eq!(events["events"][0]["actor"], json!({ "name": "app", "role": "program" }));
    let contact = json!({ "name": "x", "purpose": "call back" });
    let path = |id: &str| format!("/api/v1/issues/{id}/contact");
    bench.by(&program, Method::PUT, &path("A-2"), Some(&contact)).await.expect(204);
    bench.by(&program, Method::PUT, &path("A-1"), Some(&contact)).await.expect(403);
}

#[tokio::test]
async fn nobody_gets_what_was_answered_to_the_key_of_somebody_else() {
    let bench = bench().await;
    let mut new = rubbish("A-1");
    new.as_object_mut().expect("an object").remove("id");
    let mut ids = Vec::new();
    for name in ["app", "other app"] {
        let secret = bench.token(post_of(name, Role::Program)).await;
        let mut request = with(Some(&secret), &Method::POST, "/api/v1/issues", Some(&new));
        request.headers_mut().insert("idempotency-key", "k".parse().expect("a header"));
        ids.push(bench.send(request).await.expect(201).json()["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn positions_are_ones_own_and_within_the_shift() {
    let bench = bench().await;
    let duty = json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T09:30:00Z" });
    for id in ["p1", "p2"] {
        let body = json!({ "name": "郑云", "kind": "grid_officer", "duty": duty });
        bench.put(&format!("/api/v1/patrols/{id}"), &body).await.expect(201);
    }
    bench
        .put("/api/v1/patrols/v1", &json!({ "name": "车1", "kind": "vehicle", "duty": duty }))
        .await
        .expect(201);
    let officer = Post { patrol: Some(PatrolId("p1".into())), ..post_of("grid 5", Role::Officer) };
    let secret = bench.token(officer).await;
    let now = "2026-09-15T02:00:00Z";
    let before = "2026-09-14T23:59:59Z";
    let batch = json!([
        super::position("p1", now, 118.0),
        super::position("p2", now, 118.0),
        super::position("p1", before, 118.0),
    ]);
    let taken = bench.by(&secret, Method::POST, "/api/v1/positions", Some(&batch)).await.expect(200).json();
    assert_eq!((&taken["accepted"], &taken["refused"][0]["index"]), (&json!(1), &json!(1)));
    assert_eq!(taken["refused"][1]["index"], 2);
    let late = json!([super::position("p2", before, 118.0), super::position("v1", before, 118.0)]);
    let taken = bench.post("/api/v1/positions", &late).await.expect(200).json();
    assert_eq!((&taken["accepted"], &taken["refused"][0]["index"]), (&json!(1), &json!(0)));
    // The shift is over: only an administrator still sees where they were.
    let over = json!({ "name": "郑云", "kind": "grid_officer",
        "duty": { "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T01:59:00Z" } });
    bench.put("/api/v1/patrols/p1", &over).await.expect(200);
    let desk = bench.token(post_of("desk", Role::Desk)).await;
    for path in ["/api/v1/patrols/p1", "/collections/patrols/items/p1"] {
        let seen = bench.by(&desk, Method::GET, path, None).await.expect(200).json();
        assert!(seen["geometry"].is_null() && seen["properties"].get("fix").is_none(), "{seen}");
        assert!(!bench.get(path).await.json()["geometry"].is_null());
    }
    bench.by(&desk, Method::PUT, "/api/v1/patrols/p3", Some(&super::patrol())).await.expect(201);
    bench.by(&secret, Method::PUT, "/api/v1/patrols/p1", Some(&super::patrol())).await.expect(403);
}

#[tokio::test]
async fn personal_data_is_read_on_record_and_erased_without_touching_an_event() {
    let bench = bench().await;
    dispatched(&bench, "A-1").await;
    let events = bench.get("/api/v1/issues/A-1/events").await.expect(200).body;
    let privacy = bench.token(post_of("privacy", Role::Privacy)).await;
    let desk = bench.token(post_of("desk", Role::Desk)).await;
    let contact = json!({ "name": "王大妈", "phone": "13800001111", "words": "x", "purpose": "call back" });
    let path = "/api/v1/issues/A-1/contact";
    bench.by(&desk, Method::GET, path, None).await.expect(404);
    bench.by(&desk, Method::PUT, path, Some(&contact)).await.expect(204);
    bench.by(&desk, Method::PUT, path, Some(&json!({ "purpose": " " }))).await.expect(422);
    bench.by(&desk, Method::PUT, "/api/v1/issues/A-9/contact", Some(&contact)).await.expect(404);
    let read = bench.by(&desk, Method::GET, path, None).await.expect(200).json();
    assert_eq!((&read["phone"], &read["purpose"]), (&json!("13800001111"), &json!("call back")));
    bench.by(&desk, Method::DELETE, path, None).await.expect(403);
    bench.by(&privacy, Method::DELETE, path, None).await.expect(204);
    bench.by(&privacy, Method::GET, path, None).await.expect(404);
    assert_eq!(bench.get("/api/v1/issues/A-1/events").await.expect(200).body, events);

    let audit = bench.by(&privacy, Method::GET, "/api/v1/audit", None).await.expect(200);
    let text = String::from_utf8_lossy(&audit.body).into_owned();
    assert!(!text.contains("王大妈") && !text.contains("13800001111"), "{text}");
    let lines = audit.json()["lines"].as_array().expect("a list").clone();
    let done: Vec<String> = lines
        .iter()
        .filter(|line| line["target"] == "issue/A-1" || line["outcome"] == "refused")
        .map(|line| format!("{} {}", line["action"].as_str().unwrap_or_default(), line["outcome"]))
        .collect();
    let expected = [
        "report \"done\"",
        "step register \"done\"",
        "step dispatch \"done\"",
        "read contact \"done\"",
        "write contact \"done\"",
        "read contact \"done\"",
        "DELETE /api/v1/issues/{id}/contact \"refused\"",
        "erase contact \"done\"",
        "read contact \"done\"",
    ];
    assert_eq!(done, expected);
    assert_eq!(lines[0]["who"], "start");
    assert!(lines[5]["who"].as_str().is_some_and(|who| who.starts_with("token:")), "{lines:?}");
    let after = format!("/api/v1/audit?after={}", lines[1]["number"]);
    let rest = bench.by(&privacy, Method::GET, &after, None).await.expect(200).json();
    assert_eq!(rest["lines"][0], lines[2]);
    bench.by(&privacy, Method::GET, "/api/v1/audit?after=x", None).await.expect(400);
    bench.by(&desk, Method::GET, "/api/v1/audit", None).await.expect(403);
}

#[tokio::test]
async fn what_is_kept_no_longer_is_erased() {
    let bench = bench().await;
    dispatched(&bench, "A-1").await;
    let contact = json!({ "name": "x", "purpose": "call back", "keep_days": 1 });
    bench.put("/api/v1/issues/A-1/contact", &contact).await.expect(204);
    let erased = async |hours: i64| {
        let later = crate::clock::Clock::real_now() + jiff::SignedDuration::from_hours(hours);
        let mut transaction = bench.app.store.begin().await.expect("a transaction");
        let erased = transaction.forget_expired(later).await.expect("done");
        transaction.commit().await.expect("committed");
        erased
    };
    assert_eq!((erased(23).await, erased(25).await), (0, 1));
    bench.get("/api/v1/issues/A-1/contact").await.expect(404);
}

#[tokio::test]
async fn no_line_of_the_audit_can_be_changed() {
    let bench = bench().await;
    dispatched(&bench, "A-1").await;
    for statement in
        ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 2"]
    {
        assert!(super::raw::is_refused(&bench.database, statement).await, "{statement}");
    }
    let lines = super::raw::number(&bench.database, "SELECT count(*) FROM audit").await;
    assert_eq!(lines, 3);
}
