//! The router through `oneshot`: what each route answers, and how each mistake is answered.
//!
//! These modules are compiled twice, as `tests` on SQLite and as `tests_on_postgres`; where no PostgreSQL is installed,
//! the second run on SQLite too and say so.

mod access;
mod api;
mod attachments;
mod backup;
mod cluster;
mod doctor;
mod filters;
mod indicators;
mod ingest;
mod malformed;
mod observed;
mod open311;
mod organisation;
mod phone;
mod raw;
mod records;
mod rules;
mod standing;
mod stream;
mod track;
mod webhooks;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::access::TokenHash;
use super::follower::Follower;
use super::running::{Config, app};
use super::{App, Database, router};
use crate::clock::Reading;
use crate::governance::Issue;
use crate::governance::classes::ClassTable;
use crate::governance::rulebook::Rulebook;
use crate::governance::wire::{Page, read_page};

const TOKEN: &str = "a-token-for-tests";

/// A server without a port, on a database of its own; simulated, its clock at 10:00 on Tuesday 2026-09-15.
struct Bench {
    router: Router,
    app: App,
    database: Database,
    /// Publishes what each request has written, before its answer is looked at.
    follower: Option<Mutex<Follower>>,
    #[allow(dead_code, reason = "what it holds goes with it")]
    folder: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }

    #[track_caller]
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        if status >= 400 {
            let problem = self.json();
            assert_eq!(self.header("content-type"), "application/problem+json");
            assert_eq!(problem["status"], status);
            assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        }
        self
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A database that nobody has used.
async fn new_database(folder: &TempDir) -> Database {
    let is_postgres = module_path!().contains("tests_on_postgres");
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let url = if is_postgres { Box::pin(cluster::new_database(&test)).await } else { None };
    url.map_or_else(|| folder.path().join("test.sqlite").into(), |url| url.parse().expect("a URL"))
}

async fn bench() -> Bench {
    bench_with(|_| {}).await
}

/// The same with other settings.
async fn bench_with(change: impl FnOnce(&mut Config)) -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let database = new_database(&folder).await;
    bench_on(folder, database, change).await
}

/// Another server on the same database, where servers may share one.
async fn beside(bench: &Bench, change: impl FnOnce(&mut Config)) -> Option<Bench> {
    bench.app.store.shared()?;
    let folder = tempfile::tempdir().expect("a folder");
    Some(bench_on(folder, bench.database.clone(), change).await)
}

async fn bench_on(folder: TempDir, database: Database, change: impl FnOnce(&mut Config)) -> Bench {
    let table = "scheme,kind,code,name,group,department,urgency,limit,limit_unit\n\
                 local,event,06010,暴露垃圾,市容环境,环卫所,general,4,work_hours\n";
    let classes = ClassTable::read(table.as_bytes()).expect("the table reads").0;
    let mut config = Config {
        simulated: true,
        clock: Some(Reading { now: "2026-09-15T10:00:00+08:00".parse().expect("a time"), rate: 1.0 }),
        rulebook: Rulebook { classes, ..Rulebook::default() },
        files: Some(folder.path().join("files")),
        ..Config::new(database.clone())
    };
    change(&mut config);
    let (app, _writer) =
        Box::pin(app(&config, TokenHash::of(TOKEN), CancellationToken::new())).await.expect("it opens");
    let follower = match app.store.shared() {
        Some(shared) => Some(Mutex::new(Follower::new(shared).await.expect("it can be followed"))),
        None => None,
    };
    Bench { router: router::router(app.clone()), app, database, follower, folder }
}

impl Bench {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        self.follow().await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Learns what any server of the database has written.
    async fn follow(&self) {
        if let (Some(follower), Some(shared)) = (&self.follower, self.app.store.shared()) {
            follower
                .lock()
                .await
                .publish(shared, &self.app.hub, &self.app.rules)
                .await
                .expect("it is published");
        }
    }

    /// Only the status, also of an answer that does not end.
    async fn send_head(&self, request: Request<Body>) -> StatusCode {
        self.router.clone().oneshot(request).await.expect("the router answers").status()
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, &[], None)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(request(Method::POST, path, &[], Some(body.to_string()))).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(request(Method::PUT, path, &[], Some(body.to_string()))).await
    }

    async fn step(&self, id: &str, version: u64, body: &Value) -> Answer {
        let version = format!("\"{version}\"");
        let path = format!("/api/v1/issues/{id}/steps");
        self.send(request(Method::POST, &path, &[("if-match", &version)], Some(body.to_string()))).await
    }
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:8650")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.map_or_else(Body::empty, Body::from)).expect("a request")
}

fn rubbish(id: &str) -> Value {
    json!({
        "id": id,
        "title": "楼道口堆放垃圾",
        "class": { "scheme": "local", "kind": "event", "code": "06010" },
        "source": "patrol",
        "place": { "lon": 118.8735, "lat": 28.9655 },
        "actor": { "name": "府山社区第03网格", "role": "officer" },
    })
}

fn step(step: &str) -> Value {
    // The desk does not say for others that they have begun or done their work.
    let (name, role) = match step {
        "accept" | "handle" | "give_feedback" | "send_back" => ("环卫所", "handler"),
        _ => ("值班台", "desk"),
    };
    json!({ "step": step, "actor": { "name": name, "role": role } })
}

fn patrol() -> Value {
    json!({ "name": "郑云", "kind": "grid_officer" })
}

fn position(patrol: &str, at: &str, lon: f64) -> Value {
    json!({ "patrol": patrol, "fix": { "at": at, "place": { "lon": lon, "lat": 28.96 }, "heading_deg": 90.0 } })
}

#[tokio::test]
async fn a_bare_report_becomes_an_issue_with_a_deadline() {
    let bench = bench().await;
    let answer = bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    assert_eq!((answer.header("location"), answer.header("etag")), ("/api/v1/issues/A-1", "\"1\""));
    let read = bench.get("/collections/issues/items/A-1").await.expect(200);
    assert_eq!(read.body, answer.body);
    assert_eq!(bench.get("/api/v1/issues/A-1").await.expect(200).body, answer.body);
    let properties = &read.json()["properties"];
    assert_eq!(properties["class_name"], "暴露垃圾");
    assert_eq!(properties["department"], "环卫所");
    assert_eq!(properties["state"], "reported");
    // Two hours before noon and two after.
    assert!(
        properties["due_at"].as_str().is_some_and(|due| due.starts_with("2026-09-15T07:30:0")),
        "{properties}"
    );
}

#[tokio::test]
async fn the_server_makes_an_id_and_refuses_one_that_is_taken() {
    let bench = bench().await;
    let mut new = rubbish("A-1");
    bench.post("/api/v1/issues", &new).await.expect(201);
    assert_eq!(bench.post("/api/v1/issues", &new).await.expect(409).json()["type"], "/problems/id-taken");
    new.as_object_mut().expect("an object").remove("id");
    let answer = bench.post("/api/v1/issues", &new).await.expect(201);
    assert!(answer.header("location").len() > "/api/v1/issues/".len() + 30);
}

#[tokio::test]
async fn a_step_needs_the_version_that_was_seen() {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.post("/api/v1/issues/A-1/steps", &step("register")).await.expect(428);
    assert_eq!(bench.step("A-1", 1, &step("register")).await.expect(200).header("etag"), "\"2\"");
    let stale = bench.step("A-1", 1, &step("dispatch")).await.expect(412).json();
    assert_eq!((&stale["type"], &stale["version"]), (&json!("/problems/stale"), &json!(2)));
    let refused = bench.step("A-1", 2, &step("close")).await.expect(409).json();
    assert_eq!(refused["state"], "registered");
    let allowed =
        json!(["dispatch", "make_void", "merge", "suspend", "extend", "urge", "supervise", "locate", "note"]);
    assert_eq!(refused["allowed"], allowed);
    bench.step("A-9", 1, &step("register")).await.expect(404);
    // The refused ones left nothing behind.
    assert_eq!(bench.get("/api/v1/issues/A-1").await.expect(200).json()["properties"]["version"], 2);
}

#[tokio::test]
async fn the_events_of_an_issue_carry_both_times_and_fold_to_it() {
    let bench = bench().await;
    let mut report = rubbish("A-1");
    report["happened_at"] = json!("2026-09-15T09:40:00+08:00");
    bench.post("/api/v1/issues", &report).await.expect(201);
    for (version, name) in
        (1..).zip(["register", "dispatch", "accept", "handle", "give_feedback", "check", "close"])
    {
        bench.step("A-1", version, &step(name)).await.expect(200);
    }
    let answer = bench.get("/api/v1/issues/A-1/events").await.expect(200).json();
    let events: Vec<crate::governance::Event> =
        serde_json::from_value(answer["events"].clone()).expect("events");
    assert_eq!(events.len(), 8);
    assert_eq!(events[0].happened_at, "2026-09-15T09:40:00+08:00".parse().expect("a time"));
    assert!(events[0].recorded_at >= "2026-09-15T10:00:00+08:00".parse().expect("a time"));
    let issue = Issue::fold(crate::governance::IssueId("A-1".into()), &events).expect("they fold");
    let read = bench.get("/collections/issues/items/A-1").await.expect(200);
    let stored = <Issue as crate::governance::wire::Item>::from_text(&String::from_utf8_lossy(&read.body));
    assert_eq!(stored.expect("an issue"), issue);
    bench.get("/api/v1/issues/A-9/events").await.expect(404);
}

#[tokio::test]
async fn merging_needs_another_issue_that_is_there() {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.post("/api/v1/issues", &rubbish("A-2")).await.expect(201);
    let mut merge = step("merge");
    bench.step("A-1", 1, &merge).await.expect(422);
    for (into, status) in [("A-1", 422), ("A-9", 404), ("A-2", 200)] {
        merge["merged_into"] = json!(into);
        bench.step("A-1", 1, &merge).await.expect(status);
    }
    let read = bench.get("/api/v1/issues/A-1").await.expect(200).json();
    assert_eq!(read["properties"]["merged_into"], "A-2");
    let whole = async || bench.get("/api/v1/issues/A-2").await.expect(200).json()["properties"].clone();
    assert_eq!((&whole().await["absorbed"], &whole().await["version"]), (&json!(["A-1"]), &json!(2)));
    // Not back into what is itself merged: both would be gone.
    let mut back = step("merge");
    back["merged_into"] = json!("A-1");
    bench.step("A-2", 2, &back).await.expect(422);
    // Reopened, it is no part of the other one any more.
    bench.step("A-1", 2, &step("reopen")).await.expect(200);
    assert_eq!((&whole().await["absorbed"], &whole().await["version"]), (&Value::Null, &json!(3)));
}

#[tokio::test]
async fn the_same_key_is_answered_the_same_and_done_once() {
    let bench = bench().await;
    let mut new = rubbish("A-1");
    new.as_object_mut().expect("an object").remove("id");
    let report = |body: &Value| {
        request(Method::POST, "/api/v1/issues", &[("idempotency-key", "k1")], Some(body.to_string()))
    };
    let first = bench.send(report(&new)).await.expect(201);
    let id = first.json()["id"].as_str().expect("an id").to_owned();
    bench.step(&id, 1, &step("register")).await.expect(200);
    let again = bench.send(report(&new)).await.expect(201);
    assert_eq!((again.body, again.headers["etag"].clone()), (first.body, first.headers["etag"].clone()));
    new["title"] = json!("另一件事");
    assert_eq!(bench.send(report(&new)).await.expect(422).json()["type"], "/problems/key-reused");
    assert_eq!(bench.get("/collections/issues/items").await.json()["numberReturned"], 1);

    // A step repeated with its key is no conflict, though the version has moved on.
    let path = format!("/api/v1/issues/{id}/steps");
    let headers = [("idempotency-key", "k2"), ("if-match", "\"2\"")];
    let urge = || request(Method::POST, &path, &headers, Some(step("urge").to_string()));
    assert_eq!(bench.send(urge()).await.expect(200).header("etag"), "\"3\"");
    assert_eq!(bench.send(urge()).await.expect(200).header("etag"), "\"3\"");
    assert_eq!(bench.get(&format!("/api/v1/issues/{id}")).await.json()["properties"]["urged"], 1);
}

#[tokio::test]
async fn pages_are_whole_and_stable_while_others_write() {
    let bench = bench().await;
    for number in 0..7 {
        bench.post("/api/v1/issues", &rubbish(&format!("A-{number}"))).await.expect(201);
    }
    let answer = bench.get("/collections/issues/items?limit=3").await.expect(200);
    assert_eq!((answer.header("event-id"), answer.header("content-type")), ("7", "application/geo+json"));
    let mut page: Page<Issue> = read_page(&answer.body).expect("a page");
    assert_eq!(page.event_id, Some(7));
    let mut seen: Vec<String> = Vec::new();
    loop {
        assert!(page.refused.is_empty());
        seen.extend(page.items.drain(..).map(|issue| issue.id.0));
        let Some(next) = page.next.take() else { break };
        // What changes or comes while we page neither moves nor repeats anything.
        bench.step("A-0", 1, &step("register")).await;
        let path = next.strip_prefix("http://127.0.0.1:8650").expect("an absolute link");
        let answer = bench.get(path).await.expect(200);
        assert_eq!(answer.header("event-id"), "");
        page = read_page(&answer.body).expect("a page");
    }
    assert_eq!(seen, ["A-0", "A-1", "A-2", "A-3", "A-4", "A-5", "A-6"]);
}

#[tokio::test]
async fn boxes_and_times_filter() {
    let bench = bench().await;
    let mut east = rubbish("east");
    east["place"]["lon"] = json!(118.9);
    let mut unplaced = rubbish("unplaced");
    unplaced.as_object_mut().expect("an object").remove("place");
    for issue in [rubbish("west"), east, unplaced] {
        bench.post("/api/v1/issues", &issue).await.expect(201);
    }
    bench.step("west", 1, &step("close_on_spot")).await.expect(200);
    let ids = async |query: &str| -> Vec<String> {
        let answer = bench.get(&format!("/collections/issues/items?{query}")).await.expect(200);
        read_page::<Issue>(&answer.body).expect("a page").items.into_iter().map(|issue| issue.id.0).collect()
    };
    assert_eq!(ids("").await, ["west", "east", "unplaced"]);
    assert_eq!(ids("bbox=118.87,28.96,118.88,28.97").await, ["west"]);
    assert_eq!(ids("bbox=118.9,28.9,118.9,29").await, ["east"]);
    assert_eq!(ids("bbox=118.88,28,118.874,29").await, ["west", "east"]);
    assert_eq!(ids("datetime=2026-09-15T03:00:00Z/..").await, ["east", "unplaced"]);
    assert_eq!(ids("datetime=../2026-09-15T01:00:00Z").await, [""; 0]);
    bench.get("/collections/issues/items?bbox=1,2,3").await.expect(400);
    bench.get("/collections/issues/items?colour=red").await.expect(400);
}

#[tokio::test]
async fn a_patrol_is_put_moves_and_keeps_its_newest_position() {
    let bench = bench().await;
    assert_eq!(bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201).header("etag"), "\"1\"");
    // The same again changes nothing.
    assert_eq!(bench.put("/api/v1/patrols/p1", &patrol()).await.expect(200).header("etag"), "\"1\"");
    let batch = json!([
        position("p1", "2026-09-15T01:59:00Z", 118.872),
        position("p1", "2026-09-15T01:58:00Z", 118.871),
        position("nobody", "2026-09-15T01:58:00Z", 118.871),
        position("p1", "2026-09-16T01:58:00Z", 118.871),
    ]);
    let answer = bench.post("/api/v1/positions", &batch).await.expect(200).json();
    assert_eq!(answer["accepted"], 2);
    let refused: Vec<_> =
        answer["refused"].as_array().expect("a list").iter().map(|entry| entry["index"].clone()).collect();
    assert_eq!(refused, [2, 3]);
    let read = bench.get("/collections/patrols/items/p1").await.expect(200);
    assert_eq!(read.header("etag"), "\"2\"");
    assert_eq!(read.json()["geometry"]["coordinates"], json!([118.872, 28.96]));
    // A late position is kept but does not move it; a change of the roster keeps the position.
    bench
        .post("/api/v1/positions", &json!([position("p1", "2026-09-15T01:50:00Z", 118.0)]))
        .await
        .expect(200);
    let mut renamed = patrol();
    renamed["duty"] = json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T09:30:00Z" });
    let answer = bench.put("/api/v1/patrols/p1", &renamed).await.expect(200);
    assert_eq!(
        (answer.header("etag"), &answer.json()["geometry"]["coordinates"][0]),
        ("\"3\"", &json!(118.872))
    );
    let page = bench.get("/collections/patrols/items?bbox=118.8,28.9,118.9,29").await.expect(200);
    assert_eq!(read_page::<crate::governance::Patrol>(&page.body).expect("a page").items[0].version, 3);
    let none = bench
        .post("/api/v1/positions", &json!([position("nobody", "2026-09-15T01:58:00Z", 0.0)]))
        .await
        .expect(422);
    assert_eq!(none.json()["refused"][0]["index"], 0);
}

#[tokio::test]
async fn history_fills_a_simulated_store_whole_or_not_at_all() {
    let bench = bench().await;
    let life = |id: &str, last: &str| {
        let mut report = rubbish(id);
        report["happened_at"] = json!("2026-07-01T01:00:00Z");
        let mut register = step("register");
        register["happened_at"] = json!("2026-07-01T01:05:00Z");
        let mut second = step(last);
        second["happened_at"] = json!("2026-07-01T01:06:00Z");
        json!({ "report": report, "steps": [register, second] })
    };
    let bad = json!({ "issues": [life("A-1", "dispatch"), life("A-2", "close")] });
    let problem = bench.post("/api/v1/history", &bad).await.expect(409).json();
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.starts_with("entry 1:")), "{problem}");
    assert_eq!(bench.get("/collections/issues/items").await.json()["numberReturned"], 0);
    let good = json!({ "issues": [life("A-1", "dispatch"), life("A-2", "make_void")] });
    let answer = bench.post("/api/v1/history", &good).await.expect(201).json();
    assert_eq!(answer, json!({ "issues": 2, "events": 6 }));
    assert_eq!(bench.get("/collections/issues/items").await.header("event-id"), "6");
    bench.post("/api/v1/history", &good).await.expect(409);
}

#[tokio::test]
async fn events_after_a_number_show_each_issue_as_it_stood() {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.post("/api/v1/issues", &rubbish("A-2")).await.expect(201);
    bench.step("A-1", 1, &step("register")).await.expect(200);
    bench.step("A-1", 2, &step("dispatch")).await.expect(200);
    let after = async |number, limit| -> Vec<(u64, String, u64)> {
        let events = bench.app.store.events_after(number, limit).await.expect("events");
        events.into_iter().map(|event| (event.number, event.issue.id.0, event.issue.version)).collect()
    };
    let all = [
        (1, "A-1".to_owned(), 1),
        (2, "A-2".to_owned(), 1),
        (3, "A-1".to_owned(), 2),
        (4, "A-1".to_owned(), 3),
    ];
    assert_eq!(after(0, 100).await, all);
    assert_eq!(after(2, 1).await, all[2..3]);
    assert_eq!(after(4, 100).await, []);
}

#[tokio::test]
async fn every_door_is_closed_without_the_token_and_to_other_hosts() {
    let bench = bench().await;
    let paths =
        ["/", "/collections", "/collections/issues/items", "/api/v1/events", "/api/v1/issues", "/nowhere"];
    for path in paths {
        for token in [None, Some("Bearer wrong"), Some("Basic YTpi"), Some(TOKEN)] {
            let mut request = Request::builder().uri(path).header(header::HOST, "localhost");
            if let Some(token) = token {
                request = request.header(header::AUTHORIZATION, token);
            }
            let answer = bench.send(request.body(Body::empty()).expect("a request")).await.expect(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"yunfushan\"");
        }
    }
    for host in ["evil.example", "192.168.1.2:8650"] {
        let request = Request::builder().uri("/health").header(header::HOST, host);
        bench.send(request.body(Body::empty()).expect("a request")).await.expect(421);
    }
    let open = Request::builder().uri("/health").header(header::HOST, "[::1]:8650");
    let health = bench.send(open.body(Body::empty()).expect("a request")).await.expect(200).json();
    assert_eq!((&health["status"], &health["simulated"]), (&json!("ok"), &json!(true)));
    assert!(health["clock"]["now"].as_str().is_some_and(|now| now.starts_with("2026-09-15T02:00")));
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_said() {
    let bench = bench().await;
    let post = |body: &str| request(Method::POST, "/api/v1/issues", &[], Some(body.to_owned()));
    bench.send(post("{\"title\":")).await.expect(400);
    bench.send(post("<html>")).await.expect(400);
    let missing = bench.send(post("{\"title\":\"x\"}")).await.expect(422).json();
    assert!(missing["detail"].as_str().is_some_and(|detail| detail.contains("class")), "{missing}");
    bench.send(post(&"[".repeat(100_000))).await.expect(422);
    bench.send(post(&format!("\"{}\"", "x".repeat(300 * 1024)))).await.expect(413);
    let mut form = post("title=x");
    form.headers_mut()
        .insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().expect("a type"));
    bench.send(form).await.expect(415);
    let mut absurd = rubbish("A-1");
    absurd["place"]["lat"] = json!(1e308);
    bench.post("/api/v1/issues", &absurd).await.expect(422);
    bench.send(request(Method::DELETE, "/api/v1/issues", &[], None)).await.expect(405);
    bench.get("/nowhere").await.expect(404);
    bench.get("/collections/houses/items").await.expect(404);
    bench.get("/collections/issues/items/A-9").await.expect(404);
}

#[tokio::test]
async fn the_way_in_by_the_standard() {
    let bench = bench().await;
    let landing = bench.get("/").await.expect(200).json();
    let rels: Vec<_> =
        landing["links"].as_array().expect("links").iter().map(|link| link["rel"].clone()).collect();
    assert_eq!(rels, ["self", "conformance", "data", "service-desc", "service-doc"]);
    assert_eq!(
        bench.get("/conformance").await.expect(200).json()["conformsTo"].as_array().map(Vec::len),
        Some(2)
    );
    let collections = bench.get("/collections").await.expect(200).json();
    let ids: Vec<_> =
        collections["collections"].as_array().expect("a list").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(ids, ["issues", "patrols"]);
    assert_eq!(bench.get("/collections/patrols").await.expect(200).json()["itemType"], "feature");
}

#[tokio::test]
async fn seen_items_are_not_sent_again_and_large_answers_are_packed() {
    let bench = bench().await;
    for number in 0..20 {
        bench.post("/api/v1/issues", &rubbish(&format!("A-{number}"))).await.expect(201);
    }
    let seen = request(Method::GET, "/collections/issues/items/A-1", &[("if-none-match", "\"1\"")], None);
    assert!(bench.send(seen).await.expect(304).body.is_empty());
    let packed = request(Method::GET, "/collections/issues/items", &[("accept-encoding", "gzip")], None);
    let answer = bench.send(packed).await.expect(200);
    assert_eq!((answer.header("content-encoding"), &answer.body[..2]), ("gzip", &[0x1f, 0x8b][..]));
}
