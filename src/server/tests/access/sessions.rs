//! Logging in: codes, passwords, lock-out, cookies, and the end of a session.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::super::{Answer, Bench, bench, rubbish};
use super::with;

const SESSIONS: &str = "/api/v1/sessions";
const PASSWORD: &str = "a long enough password";

async fn account(bench: &Bench, id: &str, role: &str) -> String {
    let post = json!({ "name": format!("post of {id}"), "role": role });
    let path = format!("/api/v1/accounts/{id}");
    let made = bench.put(&path, &json!({ "posts": [post] })).await.expect(201).json();
    made["code"].as_str().expect("a code").to_owned()
}

async fn log_in(bench: &Bench, body: &Value) -> Answer {
    bench.send(with(None, &Method::POST, SESSIONS, Some(body))).await
}

/// An account with a password, and a session of it.
async fn entered(bench: &Bench, id: &str, role: &str) -> String {
    let code = account(bench, id, role).await;
    let body = json!({ "account": id, "code": code, "new_password": PASSWORD });
    secret_of(&log_in(bench, &body).await.expect(201))
}

fn secret_of(answer: &Answer) -> String {
    answer.json()["token"].as_str().expect("a secret").to_owned()
}

#[tokio::test]
async fn a_code_sets_a_password_once_and_the_password_lets_in() {
    let bench = bench().await;
    let code = account(&bench, "p001", "desk").await;
    let by_code =
        |code: &str, password: &str| json!({ "account": "p001", "code": code, "new_password": password });
    for easy in ["short", "aaaaaaaaaaaaaa", "x-P001-x-p001"] {
        log_in(&bench, &by_code(&code, easy)).await.expect(422);
    }
    log_in(&bench, &by_code("AAAA-AAAA-AAAA-AAAA", PASSWORD)).await.expect(401);
    let session = secret_of(&log_in(&bench, &by_code(&code.to_lowercase(), PASSWORD)).await.expect(201));
    log_in(&bench, &by_code(&code, PASSWORD)).await.expect(401);
    let me = bench.by(&session, Method::GET, "/api/v1/me", None).await.expect(200).json();
    assert_eq!(
        (&me["kind"], &me["account"], &me["posts"][0]["role"]),
        (&json!("account"), &json!("p001"), &json!("desk"))
    );
    let always = me["steps"]["desk"]["always"].as_array().expect("a list");
    assert!(always.contains(&json!("dispatch")) && !always.contains(&json!("accept")));
    bench.by(&session, Method::POST, "/api/v1/issues", Some(&rubbish("A-1"))).await.expect(201);
    let events = bench.get("/api/v1/issues/A-1/events").await.json();
    assert_eq!(events["events"][0]["actor"]["name"], "post of p001");

    let by_password = |password: &str| json!({ "account": "p001", "password": password });
    log_in(&bench, &by_password("another password")).await.expect(401);
    let again = secret_of(&log_in(&bench, &by_password(PASSWORD)).await.expect(201));
    assert_ne!(session, again);
    bench.by(&session, Method::DELETE, "/api/v1/sessions/current", None).await.expect(204);
    bench.by(&session, Method::GET, "/api/v1/me", None).await.expect(401);
    bench.by(&again, Method::GET, "/api/v1/me", None).await.expect(200);
    log_in(&bench, &json!({ "account": "p001" })).await.expect(422);
    log_in(&bench, &json!({ "account": "p009", "password": PASSWORD })).await.expect(401);
}

#[tokio::test]
async fn guessing_makes_wait_even_whoever_then_knows() {
    let bench = bench().await;
    entered(&bench, "p001", "desk").await;
    let body = |password: &str| json!({ "account": "p001", "password": password });
    for _ in 0..5 {
        log_in(&bench, &body("a wrong password")).await.expect(401);
    }
    let wait = log_in(&bench, &body(PASSWORD)).await.expect(429);
    let secs: u64 = wait.header("retry-after").parse().expect("a number");
    assert!((5..=11).contains(&secs), "{secs}");
    // Who does not exist is answered the same, and others are let in.
    for _ in 0..5 {
        log_in(&bench, &json!({ "account": "p009", "password": "x" })).await.expect(401);
    }
    log_in(&bench, &json!({ "account": "p009", "password": "x" })).await.expect(429);
    entered(&bench, "p002", "desk").await;
    let audit = bench.get("/api/v1/audit").await.expect(200).json();
    let refused =
        audit["lines"].as_array().expect("a list").iter().filter(|line| line["outcome"] == "refused");
    assert_eq!(refused.count(), 10);
}

#[tokio::test]
async fn a_new_password_a_new_code_and_disabling_end_sessions() {
    let bench = bench().await;
    let session = entered(&bench, "p001", "desk").await;
    let body = json!({ "account": "p001", "password": PASSWORD });
    let other = secret_of(&log_in(&bench, &body).await.expect(201));
    let change = |old: &str| json!({ "password": old, "new_password": "yet another password" });
    let path = "/api/v1/me/password";
    bench.by(&session, Method::PUT, path, Some(&change("a wrong password"))).await.expect(403);
    bench.by(&session, Method::PUT, path, Some(&change(PASSWORD))).await.expect(204);
    bench.by(&session, Method::GET, "/api/v1/me", None).await.expect(200);
    bench.by(&other, Method::GET, "/api/v1/me", None).await.expect(401);
    log_in(&bench, &body).await.expect(401);

    let request = super::super::request(Method::POST, "/api/v1/accounts/p001/code", &[], None);
    bench.send(request).await.expect(201);
    bench.by(&session, Method::GET, "/api/v1/me", None).await.expect(401);

    let session = entered(&bench, "p002", "desk").await;
    let posts = json!([{ "name": "post of p002", "role": "desk" }]);
    bench.put("/api/v1/accounts/p002", &json!({ "posts": posts, "disabled": true })).await.expect(200);
    bench.by(&session, Method::GET, "/api/v1/me", None).await.expect(401);
    log_in(&bench, &json!({ "account": "p002", "password": PASSWORD })).await.expect(401);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let bench = bench().await;
    let session = entered(&bench, "p001", "desk").await;
    let lasts = bench.app.store.account("p001").await.expect("read").expect("an account");
    let past = crate::clock::Clock::real_now() - jiff::SignedDuration::from_secs(1);
    let mut transaction = bench.app.store.begin().await.expect("a transaction");
    // The same secret, over since a second.
    let hash = crate::server::access::hash_of(&session);
    transaction.end_session(&hash).await.expect("ended");
    transaction.insert_session(&hash, lasts.seq, past, past).await.expect("begun");
    transaction.commit().await.expect("committed");
    bench.by(&session, Method::GET, "/api/v1/me", None).await.expect(401);
}

#[tokio::test]
async fn a_cookie_writes_only_from_a_page_of_ours() {
    let bench = bench().await;
    let code = account(&bench, "p001", "desk").await;
    let body = json!({ "account": "p001", "code": code, "new_password": PASSWORD, "cookie": true });
    let answer = log_in(&bench, &body).await.expect(201);
    assert!(answer.json().get("token").is_none());
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "there is no TLS here");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let ask = |method: Method, origin: Option<&str>| {
        let body = (method == Method::POST).then(|| rubbish("A-1"));
        let mut request = with(None, &method, "/api/v1/issues", body.as_ref());
        if method == Method::GET {
            *request.uri_mut() = "/api/v1/me".parse().expect("a path");
        }
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, format!("theme=dark; {cookie}").parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        }
        bench.send(request)
    };
    ask(Method::GET, None).await.expect(200);
    for origin in [None, Some("http://evil.example"), Some("null"), Some("http://127.0.0.1:9999")] {
        let refused = ask(Method::POST, origin).await.expect(403).json();
        assert_eq!(refused["type"], "/problems/wrong-origin");
    }
    ask(Method::POST, Some("http://127.0.0.1:8650")).await.expect(201);
}

#[tokio::test]
async fn accounts_and_tokens_are_administered() {
    let bench = bench().await;
    account(&bench, "p001", "desk").await;
    let taken = json!({ "posts": [{ "name": "post of p001", "role": "desk" }] });
    let refused = bench.put("/api/v1/accounts/p002", &taken).await.expect(409).json();
    assert_eq!(refused["type"], "/problems/post-taken");
    bench.put("/api/v1/accounts/p002", &json!({ "posts": [] })).await.expect(422);
    bench.put("/api/v1/accounts/p%202", &taken).await.expect(422);
    bench.get("/api/v1/accounts/p002").await.expect(404);
    let listed = bench.get("/api/v1/accounts").await.expect(200).json();
    assert_eq!(listed["accounts"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["accounts"][0]["has_password"], false);

    bench.get("/api/v1/accounts/p001/person").await.expect(404);
    let person = json!({ "name": "郑云", "phone": "13800001111" });
    bench.put("/api/v1/accounts/p001/person", &person).await.expect(204);
    assert_eq!(bench.get("/api/v1/accounts/p001/person").await.expect(200).json(), person);
    let erase = super::super::request(Method::DELETE, "/api/v1/accounts/p001/person", &[], None);
    bench.send(erase).await.expect(204);
    bench.get("/api/v1/accounts/p001/person").await.expect(404);

    for role in ["admin", "privacy"] {
        bench.post("/api/v1/tokens", &json!({ "name": "x", "role": role })).await.expect(422);
    }
    let old = json!({ "name": "x", "role": "screen", "expires_at": "2020-01-01T00:00:00Z" });
    bench.post("/api/v1/tokens", &old).await.expect(422);
    let wall = json!({ "name": "wall", "role": "screen" });
    let made = bench.post("/api/v1/tokens", &wall).await.expect(201).json();
    bench.post("/api/v1/tokens", &wall).await.expect(409);
    let shown = bench.get("/api/v1/tokens").await.expect(200);
    let secret = made["token"].as_str().expect("a secret");
    assert!(!String::from_utf8_lossy(&shown.body).contains(secret));
    let me = bench.by(secret, Method::GET, "/api/v1/me", None).await.expect(200).json();
    assert_eq!((&me["kind"], &me["posts"][0]["name"]), (&json!("token"), &json!("wall")));
}
