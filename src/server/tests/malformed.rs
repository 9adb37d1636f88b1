//! Malformed bodies on every route that takes one: never a panic, never a 5xx.
//!
//! A case is a valid body with some damage, or noise, sent as whatever media type. `YUNFUSHAN_FUZZ_MINUTES` says how
//! long it is tried; without it a few hundred cases are.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, header};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use serde_json::{Value, json};

use super::{Bench, bench, patrol, request, rubbish};
use crate::server::api::documented;

/// Cases of one round.
const CASES: u32 = 400;
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MEDIA_TYPES: [&str; 8] = [
    JSON,
    JSON,
    FORM,
    "text/csv",
    "application/geo+json",
    "text/xml",
    "multipart/form-data; boundary=x",
    "application/json; charset=\u{ff}",
];

/// Method, path as it is documented, path to ask, media type, body.
type Good = (&'static str, &'static str, &'static str, &'static str, String);

/// A body that is taken, for every route that takes one.
fn good() -> Vec<Good> {
    let mut report = rubbish("x");
    report.as_object_mut().expect("an object").remove("id");
    report["happened_at"] = json!("2026-09-15T01:00:00Z");
    report["areas"] = json!({ "community": "330802006001" });
    report["owner"] = json!({ "system": "other", "name": "a", "number": "1", "state": "b" });
    let actor = json!({ "name": "a", "role": "desk" });
    let step = json!({
        "step": "locate", "actor": actor, "note": "b", "department": "c",
        "helpers": ["d"], "until": "2026-09-16T02:00:00Z", "merged_into": "A-1",
        "location": { "place": { "lon": 118.8, "lat": 28.9 }, "address": "e" },
    });
    // Steps are taken on our own issues alone.
    let mut ours = report.clone();
    ours["owner"] = json!({ "system": "us" });
    let mut first = step.clone();
    first["happened_at"] = json!("2026-09-15T01:05:00Z");
    let second = json!({ "step": "register", "actor": actor, "happened_at": "2026-09-15T01:06:00Z" });
    let history = json!({ "issues": [{ "report": ours, "steps": [first, second] }] });
    let fix = json!({
        "at": "2026-09-15T02:00:00Z", "place": { "lon": 118.8, "lat": 28.9 }, "heading_deg": 1.0, "speed_mps": 1.0,
        "accuracy_m": 3.0, "mock": true, "battery_percent": 50.0,
    });
    let mut put = patrol();
    put["duty"] = json!({ "from": "2026-09-15T01:00:00Z", "to": "2026-09-15T09:00:00Z" });
    let unit = json!({ "type": "Feature", "geometry": null, "properties": { "kind": "department", "code": "d", "name": "e" } });
    let form = "api_key=a-token-for-tests&service_code=local-event-06010&lat=28.9&long=118.8&description=a&address_string=b\
                &media_url=https%3A%2F%2Fx.example%2F1&attribute%5BFOUND_AT%5D=2026-09-15T01%3A00%3A00Z";
    let osmand = json!({
        "device_id": "p1",
        "location": { "timestamp": "2026-09-15T02:00:00Z", "mock": false, "battery": { "level": 0.5 }, "coords": { "latitude": 28.9, "longitude": 118.8, "speed": 1.0 } },
    });
    let owntracks = json!([{ "_type": "location", "lat": 28.9, "lon": 118.8, "tst": 1_789_437_600, "vel": 3, "batt": 50, "topic": "owntracks/p1/x" }]);
    let webhook = json!({
        "url": "https://hooks.example.org/a", "kinds": ["dispatched"], "areas": [], "departments": [], "paused": false,
    });
    let visit = json!({
        "id": "v-1", "code": "c", "place": { "lon": 118.8, "lat": 28.9 }, "accuracy_m": 3.0, "trust": "code", "actor": actor,
        "happened_at": "2026-09-15T01:00:00Z", "note": "n",
    });
    let post = json!({ "name": "desk", "role": "desk", "areas": ["330802006"], "departments": [] });
    let account = json!({ "id": "a-1", "posts": [post] });
    let person = json!({ "name": "a", "phone": "1" });
    let contact = json!({ "name": "a", "phone": "1", "email": "a@example.org", "words": "b", "purpose": "c", "keep_days": 3 });
    let log_in = json!({ "account": "a-1", "password": "a long password", "cookie": false });
    let password = json!({ "password": "a long password", "new_password": "another long password" });
    let token =
        json!({ "name": "wall", "role": "screen", "areas": [], "expires_at": "2027-01-01T00:00:00Z" });
    vec![
        ("put", "/api/v1/accounts/{id}", "/api/v1/accounts/a-1", JSON, account.to_string()),
        ("put", "/api/v1/accounts/{id}/person", "/api/v1/accounts/a-1/person", JSON, person.to_string()),
        ("post", "/api/v1/accounts/{id}/code", "/api/v1/accounts/a-1/code", JSON, "{}".to_owned()),
        ("put", "/api/v1/issues/{id}/contact", "/api/v1/issues/A-1/contact", JSON, contact.to_string()),
        ("post", "/api/v1/sessions", "/api/v1/sessions", JSON, log_in.to_string()),
        ("put", "/api/v1/me/password", "/api/v1/me/password", JSON, password.to_string()),
        ("post", "/api/v1/tokens", "/api/v1/tokens", JSON, token.to_string()),
        ("post", "/api/v1/webhooks", "/api/v1/webhooks", JSON, webhook.to_string()),
        ("put", "/api/v1/webhooks/{id}", "/api/v1/webhooks/w", JSON, webhook.to_string()),
        ("post", "/api/v1/visits", "/api/v1/visits", JSON, visit.to_string()),
        ("post", "/api/v1/attachments", "/api/v1/attachments", "image/jpeg", "no photo".to_owned()),
        (
            "put",
            "/api/v1/issues/{id}/attachments/{hash}/release",
            "/api/v1/issues/A-1/attachments/0000000000000000000000000000000000000000000000000000000000000000/release",
            JSON,
            "{}".to_owned(),
        ),
        ("post", "/api/v1/issues", "/api/v1/issues", JSON, report.to_string()),
        ("post", "/api/v1/issues/{id}/steps", "/api/v1/issues/A-1/steps", JSON, step.to_string()),
        ("post", "/api/v1/history", "/api/v1/history", JSON, history.to_string()),
        ("put", "/api/v1/patrols/{id}", "/api/v1/patrols/p1", JSON, put.to_string()),
        (
            "post",
            "/api/v1/positions",
            "/api/v1/positions",
            JSON,
            json!([{ "patrol": "p1", "fix": fix }]).to_string(),
        ),
        ("post", "/open311/v2/requests.json", "/open311/v2/requests.json", FORM, form.to_owned()),
        ("post", "/open311/v2/requests.xml", "/open311/v2/requests.xml", FORM, form.to_owned()),
        (
            "post",
            "/ingest/osmand",
            "/ingest/osmand",
            FORM,
            "id=p1&lat=28.9&lon=118.8&timestamp=1789437600&speed=1".to_owned(),
        ),
        ("post", "/ingest/osmand", "/ingest/osmand", JSON, osmand.to_string()),
        ("post", "/ingest/owntracks", "/ingest/owntracks?u=p1", JSON, owntracks.to_string()),
        (
            "post",
            "/api/v1/organisation/{kind}",
            "/api/v1/organisation/department",
            "text/csv",
            "code,name\nd,e\n".to_owned(),
        ),
        (
            "post",
            "/api/v1/organisation/{kind}",
            "/api/v1/organisation/department",
            "application/geo+json",
            json!({ "type": "FeatureCollection", "features": [unit] }).to_string(),
        ),
        (
            "put",
            "/api/v1/organisation/{kind}/{code}",
            "/api/v1/organisation/department/d",
            JSON,
            unit.to_string(),
        ),
    ]
}

/// What is done to a body.
#[derive(Debug, Clone)]
enum Damage {
    /// Something else altogether.
    Noise(Vec<u8>),
    /// Bytes written over others; places count around.
    Bytes(Vec<(usize, u8)>),
    /// What lies between two places comes again at a third.
    Copied(usize, usize, usize),
    /// It ends early.
    Cut(usize),
    /// Members of its JSON have other values: which, and which of [`odd`].
    Values(Vec<(usize, usize)>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Damage::Noise),
        2 => prop::collection::vec((any::<usize>(), any::<u8>()), 1..6).prop_map(Damage::Bytes),
        1 => (any::<usize>(), any::<usize>(), any::<usize>()).prop_map(|(from, to, at)| Damage::Copied(from, to, at)),
        1 => any::<usize>().prop_map(Damage::Cut),
        5 => prop::collection::vec((any::<usize>(), any::<usize>()), 1..4).prop_map(Damage::Values),
    ]
}

fn odd() -> Vec<Value> {
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(0.1),
        json!(1e308),
        json!(-1e308),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("\u{202e}\u{1f600}\u{fffe}"),
        json!("x".repeat(5_000)),
        json!("NaN"),
        json!("9999-12-31T23:59:59Z"),
        json!("-009999-01-02T00:00:00Z"),
        json!("1970-01-01T00:00:00Z"),
        json!("A-1"),
        json!("register"),
        json!([]),
        json!({}),
        deep,
        json!([null, [], {}]),
        json!({ "": "" }),
    ]
}

/// How many values there are within a value, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The value with this number; `left` says how many come before it.
fn nth<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(members) => members.values_mut().find_map(|member| nth(member, left)),
        _ => None,
    }
}

fn damaged(body: &str, damage: &Damage) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    let around = |place: usize| place % body.len();
    match damage {
        Damage::Noise(noise) => bytes.clone_from(noise),
        Damage::Bytes(changes) => changes.iter().for_each(|(place, byte)| bytes[around(*place)] = *byte),
        Damage::Copied(from, to, at) => {
            let (from, to) = (around(*from).min(around(*to)), around(*from).max(around(*to)));
            let copied = bytes[from..to].to_vec();
            let at = around(*at);
            bytes.splice(at..at, copied);
        }
        Damage::Cut(at) => bytes.truncate(around(*at)),
        Damage::Values(changes) => match serde_json::from_str::<Value>(body) {
            Ok(mut value) => {
                for (place, which) in changes {
                    let odd = odd();
                    let mut left = place % count(&value);
                    if let Some(inner) = nth(&mut value, &mut left) {
                        inner.clone_from(&odd[which % odd.len()]);
                    }
                }
                bytes = value.to_string().into_bytes();
            }
            // A form: some fields have other values.
            Err(_) => {
                let mut fields: Vec<(String, String)> =
                    url::form_urlencoded::parse(&bytes).into_owned().collect();
                for (place, which) in changes {
                    let odd = odd();
                    let (at, odd) = (place % fields.len(), &odd[which % odd.len()]);
                    fields[at].1 = odd.as_str().map_or_else(|| odd.to_string(), str::to_owned);
                }
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                bytes = form.extend_pairs(fields).finish().into_bytes();
            }
        },
    }
    bytes
}

async fn send(bench: &Bench, good: &Good, body: Vec<u8>, media_type: Option<&str>, version: &str) -> u16 {
    let (method, _, path, usual, _) = good;
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).expect("a method");
    let mut request = request(method, path, &[("if-match", version)], None).map(|_| Body::from(body));
    let media_type = media_type.unwrap_or(usual);
    let media_type = header::HeaderValue::from_bytes(media_type.as_bytes()).expect("a header");
    request.headers_mut().insert(header::CONTENT_TYPE, media_type);
    bench.send(request).await.status.as_u16()
}

async fn prepared() -> Bench {
    let bench = bench().await;
    bench.post("/api/v1/issues", &rubbish("A-1")).await.expect(201);
    bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201);
    bench
}

#[tokio::test]
async fn every_route_that_takes_a_body_is_tried_with_one_that_is_good() {
    let tried: BTreeSet<_> = good().iter().map(|(method, path, ..)| (*method, *path)).collect();
    let documented = documented().filter(|operation| ["post", "put"].contains(&operation.method));
    assert_eq!(tried, documented.map(|operation| (operation.method, operation.path)).collect());
    let bench = prepared().await;
    for good in good() {
        // The unit was imported just before, a photo is no text and there is none, nobody subscribed or sends, and nobody has a password.
        let refused =
            ["{code}", "attachments", "webhooks", "webhooks/{id}", "sessions", "password", "release"];
        let is_refused = refused.iter().any(|end| good.1.ends_with(end));
        let status = send(&bench, &good, good.4.clone().into_bytes(), None, "\"1\"").await;
        assert!(status < 300 || is_refused, "{} {}: {status}", good.0, good.2);
    }
}

#[test]
fn no_body_makes_a_panic_or_an_error_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let bench = runtime.block_on(prepared());
    let good = good();
    let minutes =
        std::env::var("YUNFUSHAN_FUZZ_MINUTES").ok().and_then(|minutes| minutes.parse::<u64>().ok());
    let until = Instant::now() + Duration::from_secs(60 * minutes.unwrap_or_default());
    let config = || Config {
        cases: CASES,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    };
    let case = (0..good.len(), damage(), prop::option::weighted(0.2, 0..MEDIA_TYPES.len()), 0_u64..4);
    let mut cases = 0;
    loop {
        let ran = TestRunner::new(config()).run(&case, |(route, damage, media_type, version)| {
            let good = &good[route];
            let body = damaged(&good.4, &damage);
            let media_type = media_type.map(|which| MEDIA_TYPES[which]);
            let status = runtime.block_on(send(&bench, good, body, media_type, &format!("\"{version}\"")));
            prop_assert!(status < 500, "{} {}: {status}", good.0, good.2);
            Ok(())
        });
        if let Err(failed) = ran {
            panic!("after {cases} cases: {failed}");
        }
        cases += CASES;
        if Instant::now() >= until {
            break;
        }
    }
    println!("{cases} damaged bodies");
    let findings = runtime.block_on(bench.get("/api/v1/issues/A-1")).expect(200).json();
    assert_eq!(findings["id"], "A-1");
}

/// PostgreSQL holds no U+0000: an address that has one finds nothing or is refused, and no write beside it is lost.
#[tokio::test]
async fn an_address_with_a_nul_is_no_error_of_ours() {
    let bench = prepared().await;
    let mut asked = 0;
    for operation in documented() {
        let method = Method::from_bytes(operation.method.to_ascii_uppercase().as_bytes()).expect("a method");
        let mut paths = vec![filled(operation.path, "%00"), filled(operation.path, "issues")];
        let queries = operation.query_names();
        paths.extend(queries.map(|name| format!("{}?{name}=a%00b", filled(operation.path, "issues"))));
        for path in paths.into_iter().filter(|path| path.contains("%00")) {
            let body = (method != Method::GET).then(|| "{}".to_owned());
            let status =
                bench.send_head(request(method.clone(), &path, &[("if-match", "\"1\"")], body)).await;
            assert!(status.as_u16() < 500, "{method} {path}: {status}");
            asked += 1;
        }
    }
    assert!(asked > 80, "{asked}");
    // In a form and in JSON it is left out.
    let form = "id=p%001&lat=28.9&lon=118.8&timestamp=2026-09-15T02:00:00Z";
    let json = json!([{ "patrol": "p\u{0}1", "fix": { "at": "2026-09-15T02:00:01Z", "place": { "lon": 118.8, "lat": 28.9 } } }]);
    for (path, media_type, body) in
        [("/ingest/osmand", FORM, form.to_owned()), ("/api/v1/positions", JSON, json.to_string())]
    {
        let sent = request(Method::POST, path, &[], None).map(|_| Body::from(body));
        let (mut parts, body) = sent.into_parts();
        parts.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
        bench.send(Request::from_parts(parts, body)).await.expect(200);
    }
    let patrol = bench.get("/api/v1/patrols/p1").await.expect(200).json();
    assert_eq!(patrol["properties"]["fix"]["at"], "2026-09-15T02:00:01Z", "{patrol}");
    bench.get("/api/v1/issues/A-1").await.expect(200);
}

/// A path with every parameter said to be this.
fn filled(path: &str, value: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { value.to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
