//! Photos: taken in, served, named by events, and removed when nobody names them.

use axum::body::Body;
use axum::http::{Method, Request, header};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::{Answer, Bench, bench, request, rubbish, step};
use crate::clock::Clock;
use crate::governance::{Post, Role};
use crate::server::access::let_in;
use crate::server::attachments::{jpeg_with_exif, tidy};

const PATH: &str = "/api/v1/attachments";

impl Bench {
    async fn upload(&self, media_type: &str, bytes: Vec<u8>) -> Answer {
        let mut upload = request(Method::POST, PATH, &[("content-type", media_type)], None);
        *upload.body_mut() = Body::from(bytes);
        self.send(upload).await
    }

    /// Uploads a photo of its own; its hash.
    pub(super) async fn photo(&self, width: u16) -> String {
        let answer = self.upload("image/jpeg", jpeg_with_exif(width, 40, 1)).await.expect(201);
        answer.json()["hash"].as_str().expect("a hash").to_owned()
    }
}

pub(super) fn naming(mut body: Value, hashes: &[&str]) -> Value {
    let one = |hash: &&str| json!({ "hash": hash, "media_type": "image/jpeg" });
    body["attachments"] = hashes.iter().map(one).collect();
    body
}

#[tokio::test]
async fn a_photo_is_kept_once_and_served_without_what_it_said() {
    let bench = bench().await;
    let sent = jpeg_with_exif(640, 480, 6);
    let stored = bench.upload("image/jpeg", sent.clone()).await.expect(201);
    let told = stored.json();
    let hash = told["hash"].as_str().expect("a hash");
    assert_eq!(
        (&told["media_type"], &told["width"], &told["height"]),
        (&json!("image/jpeg"), &json!(480), &json!(640))
    );
    assert_eq!(told["taken_at"], "2026-09-15T01:41:30Z");
    assert!((told["place"]["lon"].as_f64().expect("a place") - 118.8735).abs() < 1e-6);
    assert_eq!(stored.header("location"), format!("{PATH}/{hash}"));

    let photo = bench.get(&format!("{PATH}/{hash}")).await.expect(200);
    assert_eq!(crate::server::request::hex(&<sha2::Sha256 as sha2::Digest>::digest(&photo.body)), hash);
    assert_eq!(photo.header("etag"), format!("\"{hash}\""));
    assert_eq!(photo.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(
        (photo.header("content-type"), photo.header("x-content-type-options")),
        ("image/jpeg", "nosniff")
    );
    assert!(photo.header("content-disposition").starts_with("inline; filename="));
    assert!(!photo.body.windows(9).any(|window| window == b"Zheng Yun"));
    let small = bench.get(&format!("{PATH}/{hash}/thumbnail")).await.expect(200);
    let small_picture = crate::picture::decode(&small.body, 320).expect("a picture");
    assert_eq!((small_picture.width, small_picture.height), (240, 320));
    let etag = small.header("etag").to_owned();
    let seen = request(Method::GET, &format!("{PATH}/{hash}/thumbnail"), &[("if-none-match", &etag)], None);
    assert!(bench.send(seen).await.expect(304).body.is_empty());

    // The same again, as a file of a form.
    let mut form = b"--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nbefore\r\n--x\r\n\
        Content-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        .to_vec();
    form.extend(sent);
    form.extend(b"\r\n--x--\r\n");
    let again = bench.upload("multipart/form-data; boundary=x", form).await.expect(200);
    assert_eq!(again.json(), told);
    let files = bench.folder.path().join("files").join(&hash[..2]);
    assert_eq!(std::fs::read_dir(files).expect("a folder").count(), 2);
}

#[tokio::test]
async fn what_is_no_photo_is_refused() {
    let bench = bench().await;
    bench.upload("application/pdf", b"%PDF-1.7".to_vec()).await.expect(415);
    bench.upload("image/jpeg", b"%PDF-1.7".to_vec()).await.expect(415);
    bench.upload("image/jpeg", vec![0xFF, 0xD8, 0xFF, 0xE0]).await.expect(422);
    bench.upload("image/jpeg", vec![0xFF; 10 * 1024 * 1024 + 1]).await.expect(413);
    bench.upload("multipart/form-data; boundary=x", b"--x--\r\n".to_vec()).await.expect(422);
    bench.upload("multipart/form-data", b"--x--\r\n".to_vec()).await.expect(400);
    bench.upload("multipart/form-data; boundary=x", b"--x\r\nhalf".to_vec()).await.expect(400);
    let mut large = b"--x\r\nContent-Disposition: form-data; name=\"p\"; filename=\"a\"\r\n\r\n".to_vec();
    large.resize(11 * 1024 * 1024, 7);
    bench.upload("multipart/form-data; boundary=x", large).await.expect(413);
    let mut bomb = jpeg_with_exif(16, 16, 1);
    let frame = bomb.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
    bomb[frame + 5..frame + 9].fill(0xFF);
    let refused = bench.upload("image/jpeg", bomb).await.expect(422).json();
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("65535 x 65535")), "{refused}");
    let unknown = "0".repeat(64);
    for path in [unknown.as_str(), "x", "..%2F..%2Fetc%2Fpasswd", "%00"] {
        bench.get(&format!("{PATH}/{path}")).await.expect(404);
        bench.get(&format!("{PATH}/{path}/thumbnail")).await.expect(404);
    }
    let closed = Request::post(PATH).header(header::HOST, "localhost").body(Body::empty());
    bench.send(closed.expect("a request")).await.expect(401);
}

#[tokio::test]
async fn an_event_names_only_what_is_stored() {
    let bench = bench().await;
    let (before, after, made_up) = (bench.photo(40).await, bench.photo(48).await, "ab".repeat(32));
    let refused =
        bench.post("/api/v1/issues", &naming(rubbish("A-1"), &[&before, &made_up])).await.expect(422);
    let detail = refused.json()["detail"].as_str().unwrap_or_default().to_owned();
    assert!(detail.contains(&made_up) && detail.contains(PATH), "{detail}");
    bench.post("/api/v1/issues", &naming(rubbish("A-1"), &[&before])).await.expect(201);
    bench.step("A-1", 1, &naming(step("close_on_spot"), &[&made_up])).await.expect(422);
    // In whichever letters.
    let after = after.to_uppercase();
    bench.step("A-1", 1, &naming(step("close_on_spot"), &[&before, &after])).await.expect(200);
    let events = bench.get("/api/v1/issues/A-1/events").await.expect(200).json();
    assert_eq!(events["events"][1]["attachments"][1]["hash"], after);
    let mut report = naming(rubbish("A-2"), &[&made_up]);
    report["happened_at"] = json!("2026-07-01T01:00:00Z");
    let history = json!({ "issues": [{ "report": report, "steps": [] }] });
    bench.post("/api/v1/history", &history).await.expect(422);
}

#[tokio::test]
async fn what_nobody_names_is_gone_after_a_day() {
    let bench = bench().await;
    let (named, unnamed) = (bench.photo(40).await, bench.photo(48).await);
    bench.post("/api/v1/issues", &naming(rubbish("A-1"), &[&named])).await.expect(201);
    let folder = bench.folder.path().join("files");
    std::fs::write(folder.join(&named[..2]).join("0123.part"), b"left by a crash").expect("written");
    let (real, later) = (Clock::real_now(), Clock::real_now() + SignedDuration::from_hours(2));
    assert_eq!(tidy(&bench.app, real).await.expect("tidied"), 0);
    assert_eq!(tidy(&bench.app, later).await.expect("tidied"), 1, "only the part");

    // A day goes by.
    let mut transaction = bench.app.store.begin().await.expect("a transaction");
    let now = bench.app.now() + SignedDuration::from_hours(25);
    assert_eq!(transaction.forget_unused_attachments(now).await.expect("forgotten"), 1);
    transaction.commit().await.expect("committed");
    bench.get(&format!("{PATH}/{unnamed}")).await.expect(404);
    assert_eq!(tidy(&bench.app, real).await.expect("tidied"), 0, "its row might be on its way");
    assert_eq!(tidy(&bench.app, later).await.expect("tidied"), 2, "the photo and the small one");
    bench.get(&format!("{PATH}/{named}")).await.expect(200);
    bench.step("A-1", 1, &naming(step("register"), &[&unnamed])).await.expect(422);
    // It may come again.
    assert_eq!(bench.photo(48).await, unnamed);
    bench.get(&format!("{PATH}/{unnamed}/thumbnail")).await.expect(200);
}

#[tokio::test]
async fn a_wall_sees_the_photos_that_were_released_for_it_and_no_others() {
    let bench = bench().await;
    let (shown, hidden, other) = (bench.photo(40).await, bench.photo(48).await, bench.photo(56).await);
    let mut report = naming(rubbish("A-1"), &[&shown.to_uppercase(), &hidden]);
    report["areas"] = json!({ "community": "330802006003", "grid": "330802006003005" });
    bench.post("/api/v1/issues", &report).await.expect(201);
    bench.post("/api/v1/issues", &naming(rubbish("A-2"), &[&other])).await.expect(201);
    let token = async |role: Role, area: &str| {
        let areas = vec![area.to_owned()];
        let name = format!("{} {area}", role.name());
        let post = Post { name, role, areas, departments: Vec::new(), patrol: None };
        let_in(&*bench.app.store, post, None).await
    };
    let by = async |secret: &str, method: Method, path: &str| {
        let mut asked = request(method, path, &[], None);
        asked.headers_mut().insert("authorization", format!("Bearer {secret}").parse().expect("a header"));
        bench.send(asked).await
    };
    let screen = token(Role::Screen, "330802006").await;
    let seen = async |secret: &str, hash: &str| {
        let whole = by(secret, Method::GET, &format!("{PATH}/{hash}")).await.status.as_u16();
        let small = by(secret, Method::GET, &format!("{PATH}/{hash}/thumbnail")).await.status.as_u16();
        assert_eq!(whole, small);
        whole
    };
    let listed = async |secret: &str| {
        let events = by(secret, Method::GET, "/api/v1/issues/A-1/events").await.expect(200).json();
        events["events"][0]["attachments"].clone()
    };
    let release = |issue: &str, hash: &str| format!("/api/v1/issues/{issue}/attachments/{hash}/release");
    for hash in [&shown, &hidden, &other] {
        assert_eq!(seen(&screen, hash).await, 404);
    }
    assert_eq!(listed(&screen).await, Value::Null);

    // Whoever decides for another area, or has no say, is refused.
    let (desk, viewer) = (token(Role::Desk, "").await, token(Role::Viewer, "").await);
    let here = token(Role::Manager, "330802006003").await;
    let elsewhere = token(Role::Manager, "330802006004").await;
    let refused = by(&elsewhere, Method::PUT, &release("A-1", &shown)).await.expect(403).json();
    assert_eq!(refused["type"], "/problems/not-theirs");
    for weak in [&viewer, &screen] {
        let refused = by(weak, Method::PUT, &release("A-1", &shown)).await.expect(403).json();
        assert_eq!(refused["type"], "/problems/not-allowed");
    }
    for wrong in [release("A-1", &other), release("A-9", &shown), release("A-1", "x")] {
        by(&desk, Method::PUT, &wrong).await.expect(404);
    }
    assert_eq!(seen(&screen, &shown).await, 404, "nothing came of it");

    for secret in [&here, &desk] {
        by(secret, Method::PUT, &release("A-1", &shown)).await.expect(204);
    }
    assert_eq!((seen(&screen, &shown).await, seen(&screen, &hidden).await), (200, 404));
    assert_eq!(seen(&screen, &other).await, 404);
    let photo = by(&screen, Method::GET, &format!("{PATH}/{shown}")).await.expect(200);
    assert_eq!(photo.header("cache-control"), "private, no-cache", "it may be withdrawn");
    let one = json!({ "hash": shown.to_uppercase(), "media_type": "image/jpeg", "released": true });
    assert_eq!(listed(&screen).await, json!([one]));
    let two = json!({ "hash": hidden, "media_type": "image/jpeg" });
    assert_eq!(listed(&viewer).await, json!([one, two]));
    let program = token(Role::Program, "").await;
    assert_eq!((seen(&program, &shown).await, listed(&program).await), (403, Value::Null));
    // The same photo of another issue was not released with it.
    bench.post("/api/v1/issues", &naming(rubbish("A-3"), &[&shown])).await.expect(201);
    let events = by(&screen, Method::GET, "/api/v1/issues/A-3/events").await.expect(200).json();
    assert_eq!(events["events"][0]["attachments"], Value::Null);

    by(&elsewhere, Method::DELETE, &release("A-1", &shown)).await.expect(403);
    for _ in 0..2 {
        by(&desk, Method::DELETE, &release("A-1", &shown)).await.expect(204);
    }
    assert_eq!((seen(&screen, &shown).await, listed(&screen).await), (404, Value::Null));
    assert_eq!(seen(&viewer, &shown).await, 200);
    let audit = bench.get("/api/v1/audit").await.expect(200).json();
    let done: Vec<&str> = audit["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|line| line["target"] == format!("issue/A-1/attachment/{shown}") && line["outcome"] == "done")
        .filter_map(|line| line["action"].as_str())
        .collect();
    assert_eq!(done, ["release photo", "withdraw photo"], "what changes nothing is not told");
}

#[test]
fn malformed_uploads_are_never_a_mistake_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let bench = runtime.block_on(bench());
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let outcome = runner.run(&(0_usize..4, 0.0..1.0, changes), |(kind, keep, changes)| {
        let mut bytes = jpeg_with_exif(24, 16, 3);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let types = [
            "image/jpeg",
            "application/octet-stream",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
        ];
        if kind == 2 {
            let head = b"--x\r\nContent-Disposition: form-data; name=\"p\"; filename=\"a\"\r\n\r\n";
            bytes.splice(0..0, *head);
        }
        let answer = runtime.block_on(bench.upload(types[kind], bytes));
        prop_assert!([200, 201, 400, 413, 415, 422].contains(&answer.status.as_u16()), "{}", answer.status);
        Ok(())
    });
    outcome.expect("taken or refused");
}
