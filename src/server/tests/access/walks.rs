//! Every route by everybody who may not, and everything that a screen may read searched for what it must not see.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::super::{Bench, bench, step};
use super::{post_of, with};
use crate::clock::Clock;
use crate::governance::Role;
use crate::server::access::{ROUTES, TableMay as May, let_in};

/// A path with something in its brackets that is there.
fn filled(path: &str) -> String {
    let id = match path {
        path if path.starts_with("/collections") => "issues",
        path if path.starts_with("/api/v1/patrols") => "p1",
        path if path.starts_with("/api/v1/accounts") => "nobody",
        _ => "A-1",
    };
    path.replace("{id}", id)
        .replace("{feature}", "A-1")
        .replace("{file}", "A-1.json")
        .replace("{kind}", "stairwell")
        .replace("{hash}", &"0".repeat(64))
        .replace("{figure}", "reported")
        .replace("{*code}", "S-1")
}

#[tokio::test]
async fn every_route_refuses_a_secret_that_is_missing_wrong_expired_or_revoked() {
    let bench = bench().await;
    let store = &*bench.app.store;
    let past = Clock::real_now() - jiff::SignedDuration::from_secs(1);
    let expired = let_in(store, post_of("expired", Role::Admin), Some(past)).await;
    let new = json!({ "name": "revoked", "role": "desk" });
    let made = bench.post("/api/v1/tokens", &new).await.expect(201).json();
    let revoked = made["token"].as_str().expect("a secret").to_owned();
    bench.by(&revoked, Method::GET, "/api/v1/me", None).await.expect(200);
    let path = format!("/api/v1/tokens/{}", made["id"].as_str().expect("an id"));
    bench.send(super::super::request(Method::DELETE, &path, &[], None)).await.expect(204);
    let wrong = format!("yft_{}", "0".repeat(64));
    let unknown_session = wrong.replace("yft_", "yfs_");
    let secrets =
        [None, Some(""), Some("wrong"), Some(&wrong), Some(&unknown_session), Some(&expired), Some(&revoked)];
    for route in ROUTES {
        for secret in secrets {
            let request = with(secret, &route.method, &filled(route.path), None);
            let status = bench.send(request).await.status.as_u16();
            let expected: &[u16] = match route.may {
                // What lies behind looks for itself, and finds that something else is missing.
                May::Anybody => &[200, 400, 415],
                May::KeyInForm(_) => &[400, 403, 415],
                May::Roles(_) | May::Start => &[401],
            };
            assert!(expected.contains(&status), "{} {}: {secret:?} {status}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn every_route_refuses_the_roles_that_are_too_weak_and_no_other() {
    let bench = bench().await;
    for role in Role::ALL {
        let secret = bench.token(post_of(role.name(), role)).await;
        for route in ROUTES {
            let path = filled(route.path);
            if path == "/api/v1/events" {
                // It does not end; the walk below reads it.
                continue;
            }
            let answer = bench.by(&secret, route.method.clone(), &path, None).await;
            let may = match route.may {
                May::Anybody => true,
                May::Roles(roles) | May::KeyInForm(roles) => roles.contains(&role),
                May::Start => false,
            };
            let said = String::from_utf8_lossy(&answer.body);
            let is_refused = answer.status == 403 && said.contains("Your role may not do this");
            assert_eq!(is_refused, !may, "{role:?} {} {path}: {} {said}", route.method, answer.status);
            assert_ne!(answer.status, 401, "{role:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_path_that_is_in_no_table_is_nobodys() {
    let bench = bench().await;
    let unlisted = bench.app.clone();
    let router = axum::Router::new()
        .route("/secrets", axum::routing::get(|| async { "told" }))
        .layer(axum::middleware::from_fn_with_state(unlisted.clone(), crate::server::access::guard))
        .with_state(unlisted);
    let request = with(Some(super::super::TOKEN), &Method::GET, "/secrets", None);
    let answer = router.oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), 403);
}

/// What must be seen by whoever works here, and by no screen.
const MARKS: [&str; 11] = [
    "MARKDESCRIPTION",
    "MARKNOTE",
    "13800009999",
    "MARKROOM",
    "郑云海",
    "MARKSTREET",
    "MARKSTEWARD",
    "MARKMEMBER",
    "13711112222",
    "MARKPERSON",
    "MARKWORDS",
];
/// Of these a work place sees all in some answer but what is personal data proper.
const PERSONAL: [&str; 3] = ["13711112222", "MARKPERSON", "MARKWORDS"];

fn marked(id: &str, photo: &str) -> Value {
    json!({
        "id": id,
        "title": "call 13800009999",
        "description": "MARKDESCRIPTION 13800009999",
        "class": { "scheme": "local", "kind": "event", "code": "06010" },
        "source": "hotline",
        "place": { "lon": 118.8735, "lat": 28.9655 },
        "address": "坊门街12号3幢MARKROOM室",
        "actor": { "name": "郑云海", "role": "desk" },
        "note": "MARKNOTE",
        "attachments": [{ "hash": photo, "media_type": "image/jpeg" }],
    })
}

/// Writes everything that is marked; returns the hash of a photo, which is a mark, too.
async fn write_marks(bench: &Bench, id: &str) -> String {
    let photo = super::super::super::attachments::jpeg_with_exif(64, 40, 1);
    let mut sent =
        super::super::request(Method::POST, "/api/v1/attachments", &[("content-type", "image/jpeg")], None);
    *sent.body_mut() = Body::from(photo);
    let kept = bench.send(sent).await;
    assert!(kept.status.is_success(), "{}", String::from_utf8_lossy(&kept.body));
    let photo = kept.json()["hash"].as_str().expect("a hash").to_owned();
    bench.post("/api/v1/issues", &marked(id, &photo)).await.expect(201);
    let mut noted = step("register");
    noted["note"] = json!("MARKNOTE");
    noted["actor"]["name"] = json!("郑云海");
    bench.step(id, 1, &noted).await.expect(200);
    let mut placed = step("locate");
    placed["location"] = json!({
        "place": { "lon": 118.8735, "lat": 28.9655 }, "address": "坊门街12号3幢MARKSTREET单元" });
    bench.step(id, 2, &placed).await.expect(200);
    let contact = json!({
        "name": "MARKPERSON", "phone": "13711112222", "words": "MARKWORDS", "purpose": "call back" });
    bench.put(&format!("/api/v1/issues/{id}/contact"), &contact).await.expect(204);
    let stairwell = json!({ "properties": { "kind": "stairwell", "code": "S-1", "name": "1", "building": "b1",
        "steward": "MARKSTEWARD", "party_members": [{ "name": "MARKMEMBER", "households": ["402"] }] } });
    let path = "/api/v1/organisation/stairwell/S-1";
    let new =
        super::super::request(Method::PUT, path, &[("if-none-match", "*")], Some(stairwell.to_string()));
    // There already, the second time.
    assert!([201, 412].contains(&bench.send(new).await.status.as_u16()));
    let visit = json!({ "id": format!("v-{id}"), "trust": "button", "note": "MARKNOTE",
        "place": { "lon": 118.87, "lat": 28.96 }, "actor": { "name": "郑云海", "role": "officer" } });
    bench.post("/api/v1/visits", &visit).await.expect(201);
    let patrol = json!({ "name": "郑云海", "kind": "steward" });
    bench.put(&format!("/api/v1/patrols/{id}"), &patrol).await;
    photo
}

/// All that a secret can read by GET, in every format, and the event stream: what was, and what comes meanwhile.
async fn all_that_is_read(bench: &Bench, secret: &str, meanwhile: &str) -> String {
    let stream = |after: &str| {
        let mut request = with(Some(secret), &Method::GET, "/api/v1/events", None);
        request.headers_mut().insert("last-event-id", after.parse().expect("a number"));
        bench.router.clone().oneshot(request)
    };
    let live = stream("").await.expect("a stream");
    write_marks(bench, meanwhile).await;
    let replayed = stream("0").await.expect("a stream");
    let mut read = String::new();
    for (stream, last) in [(live, "event: patrol"), (replayed, "\nid: 6\n")] {
        assert_eq!(stream.status(), 200);
        let mut told = String::new();
        let mut chunks = stream.into_body().into_data_stream();
        // Patrols and issues come in no order among each other.
        while !told.contains(last) || told.matches("event: issue").count() < 3 {
            let chunk = tokio::time::timeout(Duration::from_secs(20), chunks.next()).await;
            told.push_str(&String::from_utf8_lossy(
                &chunk.expect("it goes on").expect("a chunk").expect("bytes"),
            ));
        }
        read.push_str(&told);
    }
    for route in ROUTES.iter().filter(|route| route.method == Method::GET && route.path != "/api/v1/events") {
        let mut paths = vec![filled(route.path)];
        if route.path.starts_with("/collections/{id}") {
            paths.push(route.path.replace("{id}", "patrols").replace("{feature}", "A-1"));
            paths.push(route.path.replace("{id}", "stairwells").replace("{feature}", "S-1"));
        }
        if route.path.starts_with("/api/v1/patrols") {
            paths.push("/api/v1/patrols/A-1".to_owned());
        }
        if route.path.ends_with("{file}") {
            paths.push(filled(route.path).replace(".json", ".xml"));
        }
        for path in paths {
            let answer = bench.by(secret, Method::GET, &path, None).await;
            read.push_str(&String::from_utf8_lossy(&answer.body));
        }
    }
    read
}

#[tokio::test]
async fn a_screen_sees_no_name_number_word_or_room_in_any_answer() {
    let bench = bench().await;
    if let Some(shared) = bench.app.store.shared() {
        // Where servers share a database, what is live comes from there.
        let follower = crate::server::follower::Follower::new(shared).await.expect("it begins");
        let (store, hub) = (std::sync::Arc::clone(&bench.app.store), bench.app.hub.clone());
        tokio::spawn(follower.run(
            store,
            hub,
            std::sync::Arc::clone(&bench.app.rules),
            bench.app.stop.clone(),
        ));
    }
    let photo = write_marks(&bench, "A-1").await;
    let marks: Vec<&str> = MARKS.into_iter().chain([photo.as_str()]).collect();
    for (at, role) in [Role::Screen, Role::Program].into_iter().enumerate() {
        let secret = bench.token(post_of(role.name(), role)).await;
        let read = all_that_is_read(&bench, &secret, &format!("B-{at}")).await;
        for mark in &marks {
            assert!(!read.contains(*mark), "{role:?} sees {mark}: {}", around(&read, mark));
        }
        // It does see that there is something.
        assert!(read.contains("A-1") && read.contains("郑**") && read.contains("坊门街12号3幢"), "{read}");
    }
    let secret = bench.token(post_of("viewer", Role::Viewer)).await;
    let read = all_that_is_read(&bench, &secret, "C-1").await;
    for mark in marks.iter().filter(|mark| !PERSONAL.contains(mark)) {
        assert!(read.contains(*mark), "a viewer must see {mark}, else the screen's test says nothing");
    }
    for mark in PERSONAL {
        assert!(!read.contains(mark), "a viewer sees {mark}: {}", around(&read, mark));
    }
    let secret = bench.token(post_of("desk", Role::Desk)).await;
    let read = all_that_is_read(&bench, &secret, "D-1").await;
    for mark in PERSONAL {
        assert!(read.contains(mark), "the desk must see {mark}");
    }
}

fn around<'a>(text: &'a str, mark: &str) -> &'a str {
    let at = text.find(mark).unwrap_or_default();
    let start = text[..at].char_indices().rev().nth(300).map_or(0, |(at, _)| at);
    &text[start..at + mark.len()]
}

#[tokio::test]
async fn other_origins_are_refused_unless_they_are_named() {
    let preflight = |origin: &str| {
        Request::builder()
            .method(Method::OPTIONS)
            .uri("/api/v1/issues")
            .header("host", "127.0.0.1:8650")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(Body::empty())
            .expect("a request")
    };
    let closed = bench().await;
    let answer = closed.send(preflight("https://map.example")).await.expect(401);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let open =
        super::super::bench_with(|config| config.allow_origins = vec!["https://map.example".into()]).await;
    let answer = open.send(preflight("https://map.example")).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "https://map.example");
    let answer = open.send(preflight("https://evil.example")).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    use axum::extract::connect_info::ConnectInfo;
    let bench =
        super::super::bench_with(|config| config.requests_per_second = std::num::NonZeroU32::new(1)).await;
    let secret = bench.token(post_of("desk", Role::Desk)).await;
    let from = |secret: &str, address: &str| {
        let mut request = with(Some(secret), &Method::GET, "/api/v1/me", None);
        let address: std::net::SocketAddr = address.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(crate::server::tls::Peer(address)));
        bench.send(request)
    };
    for _ in 0..4 {
        from(&secret, "192.0.2.7:5").await.expect(200);
    }
    let answer = from(&secret, "192.0.2.8:5").await.expect(429);
    assert_eq!((answer.header("retry-after"), &answer.json()["type"]), ("1", &json!("/problems/too-many")));
    for _ in 0..9 {
        from(super::super::TOKEN, "192.0.2.7:5").await.expect(200);
        from(&secret, "127.0.0.1:5").await.expect(200);
    }
}
