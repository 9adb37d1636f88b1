//! The doctor: a sound file is sound while a server uses it, and each kind of damage is found.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::json;

use super::attachments::naming;
use super::{Bench, bench, patrol, position, request, rubbish, step};
use crate::governance::organisation::{UnitKind, read_csv, read_features};
use crate::governance::{Post, Role};
use crate::server::access::let_in;
use crate::server::{Beside, Diagnosis, Finding, Note, examine};

/// A server that has been used for a while.
async fn used() -> Bench {
    let bench = bench().await;
    for id in ["A-1", "A-2", "A-3"] {
        bench.post("/api/v1/issues", &rubbish(id)).await.expect(201);
    }
    for (version, name) in (1..).zip(["register", "dispatch", "accept"]) {
        bench.step("A-1", version, &step(name)).await.expect(200);
    }
    bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201);
    let batch =
        json!([position("p1", "2026-09-15T01:50:00Z", 118.0), position("p1", "2026-09-15T01:51:00Z", 118.1)]);
    bench.post("/api/v1/positions", &batch).await.expect(200);
    bench
}

async fn examined(bench: &Bench) -> Diagnosis {
    examine(bench.database.clone(), &Beside::default()).await.expect("it can be read")
}

/// The same with its photos.
async fn examined_whole(bench: &Bench) -> Diagnosis {
    let beside = Beside { files: Some(bench.folder.path().join("files")), place: None };
    examine(bench.database.clone(), &beside).await.expect("it can be read")
}

/// What is found after somebody has tampered with the database.
async fn found_after(statement: &'static str) -> Vec<Finding> {
    let bench = used().await;
    Box::pin(super::raw::execute(&bench.database, statement)).await;
    examined(&bench).await.findings
}

#[tokio::test]
async fn a_sound_file_is_sound_while_it_is_used() {
    let bench = used().await;
    let diagnosis = examined(&bench).await;
    assert!(diagnosis.is_sound(), "{diagnosis:?}");
    let Diagnosis { issues, events, patrols, positions, more, .. } = diagnosis;
    assert_eq!((issues, events, patrols, positions, more), (3, 6, 1, 2, 0));
    // And goes on being used.
    bench.step("A-1", 4, &step("handle")).await.expect(200);
    assert!(examined(&bench).await.is_sound());
}

#[tokio::test]
async fn what_is_missing_is_found() {
    let findings = found_after("DELETE FROM events WHERE number = 5").await;
    let [Finding::Gap { from: 5, to: 5 }, Finding::Event { number: 6, issue, reason }] = findings.as_slice()
    else {
        panic!("{findings:?}")
    };
    assert!(issue == "A-1" && reason.contains("does not follow"), "{reason}");
    let findings = found_after("DELETE FROM events WHERE number = 6").await;
    assert_eq!(findings[0], Finding::Counter { counter: 6, last: 5 });
    assert!(matches!(&findings[1], Finding::Issue { issue, .. } if issue == "A-1"), "{findings:?}");
    let findings = found_after("DELETE FROM events WHERE number = 3").await;
    assert!(findings.contains(&Finding::Issue { issue: "A-3".into(), reason: "it has no events".into() }));
    let findings = found_after("DELETE FROM issue_features WHERE issue = 2").await;
    assert_eq!(findings, [Finding::Issue { issue: "A-2".into(), reason: "it has no feature".into() }]);
    let findings = found_after("DELETE FROM issues WHERE id = 'A-2'").await;
    assert!(matches!(&findings[0], Finding::Dangling { parent, .. } if parent == "issues"), "{findings:?}");
}

#[tokio::test]
async fn what_was_changed_is_found() {
    let findings = found_after("UPDATE issues SET lon = 0 WHERE id = 'A-1'").await;
    assert!(matches!(findings.as_slice(), [Finding::Issue { issue, .. }] if issue == "A-1"), "{findings:?}");
    let findings = found_after(
        "UPDATE issue_features SET feature = replace(feature, 'accepted', 'handling') WHERE issue = 1",
    )
    .await;
    assert_eq!(findings, [Finding::Issue { issue: "A-1".into(), reason: "its feature differs".into() }]);
    let findings = found_after(
        "UPDATE events SET event = replace(event, '\"step\":\"dispatch\"', '\"step\":\"close\"')",
    )
    .await;
    assert!(matches!(findings.as_slice(), [Finding::Event { number: 5, .. }]), "{findings:?}");
    let findings = found_after("UPDATE events SET happened_at = 0 WHERE number = 2").await;
    assert!(matches!(findings.as_slice(), [Finding::Event { number: 2, .. }]), "{findings:?}");
    let findings = found_after("UPDATE patrols SET profile = '{}'").await;
    assert!(
        matches!(findings.as_slice(), [Finding::Patrol { patrol, .. }] if patrol == "p1"),
        "{findings:?}"
    );
    let findings = found_after("UPDATE position_batches SET positions = 7").await;
    assert!(matches!(findings.as_slice(), [Finding::Positions { .. }]), "{findings:?}");
    let findings = found_after("UPDATE position_batches SET packed = substr(packed, 1, 20)").await;
    assert!(matches!(findings.as_slice(), [Finding::Positions { .. }]), "{findings:?}");
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let beside = Beside::default();
    assert!(examine(folder.path().join("absent.sqlite"), &beside).await.is_err());
    let path = folder.path().join("scribble.sqlite");
    std::fs::write(&path, "not a database at all, but long enough to be looked at by whoever reads files")
        .expect("it can be written");
    assert!(examine(path, &beside).await.is_err());
}

/// A server with two photos that issues name and one that none does.
async fn with_photos() -> (Bench, [String; 3]) {
    let bench = used().await;
    let photos = [bench.photo(40).await, bench.photo(48).await, bench.photo(56).await];
    for (id, hash) in ["B-1", "B-2"].into_iter().zip(&photos) {
        bench.post("/api/v1/issues", &naming(rubbish(id), &[hash])).await.expect(201);
    }
    (bench, photos)
}

#[tokio::test]
async fn photos_are_there_and_what_they_were() {
    let (bench, [first, second, unnamed]) = with_photos().await;
    let sound = examined_whole(&bench).await;
    assert!(sound.is_sound() && sound.notes.is_empty() && sound.photos == 3, "{sound:?}");
    assert!(sound.photo_bytes > 1_000);
    let files = bench.folder.path().join("files");
    let path = |hash: &str| files.join(&hash[..2]).join(&hash[2..]);

    let mut bytes = std::fs::read(path(&first)).expect("a photo");
    let last = bytes.len() - 10;
    bytes[last] ^= 1;
    std::fs::write(path(&first), &bytes).expect("written");
    std::fs::remove_file(path(&second)).expect("removed");
    std::fs::remove_file(path(&unnamed)).expect("removed");
    let found = examined_whole(&bench).await;
    let reason_of = |hash: &str| {
        let reasons = found.findings.iter().filter_map(|finding| match finding {
            Finding::Photo { hash: of, reason } if of == hash => Some(reason.as_str()),
            _ => None,
        });
        reasons.collect::<Vec<_>>().join(";")
    };
    assert_eq!(found.findings.len(), 2, "{found:?}");
    assert!(reason_of(&first).contains("content is another"), "{found:?}");
    assert!(reason_of(&second).contains("it is not there"), "{found:?}");
    assert!(matches!(found.notes.as_slice(), [Note::Upload { hash, .. }] if *hash == unnamed), "{found:?}");

    bytes.pop();
    std::fs::write(path(&first), bytes).expect("written");
    let found = examined_whole(&bench).await;
    assert!(
        matches!(&found.findings[..], [Finding::Photo { reason, .. }, _] if reason.contains("bytes where"))
            || matches!(&found.findings[..], [_, Finding::Photo { reason, .. }] if reason.contains("bytes where")),
        "{found:?}"
    );

    std::fs::rename(&files, bench.folder.path().join("elsewhere")).expect("moved");
    let found = examined_whole(&bench).await;
    assert!(matches!(found.findings.as_slice(), [Finding::NoPhotos { count: 3, .. }]), "{found:?}");
}

#[tokio::test]
async fn a_photo_without_its_small_one_and_files_of_nobody_are_told() {
    let (bench, [first, ..]) = with_photos().await;
    let files = bench.folder.path().join("files");
    std::fs::remove_file(files.join(&first[..2]).join(format!("{}.small", &first[2..]))).expect("removed");
    let stray = files.join("00").join("1".repeat(62));
    std::fs::create_dir_all(files.join("00")).expect("a folder");
    std::fs::write(&stray, b"whatever").expect("written");
    let found = examined_whole(&bench).await;
    assert!(
        matches!(found.findings.as_slice(), [Finding::Photo { hash, reason }] if *hash == first && reason.contains("small")),
        "{found:?}"
    );
    assert!(found.notes.is_empty(), "its row may be on its way: {found:?}");
    let old = std::fs::File::options().write(true).open(&stray).expect("opened");
    old.set_modified(std::time::UNIX_EPOCH).expect("made old");
    let found = examined_whole(&bench).await;
    assert_eq!(found.notes, [Note::StrayFiles { count: 1, first: stray }]);
}

#[tokio::test]
async fn what_events_say_of_photos_is_held_against_what_is_stored() {
    let (bench, [first, ..]) = with_photos().await;
    Box::pin(super::raw::execute(&bench.database, "UPDATE attachments SET used_by = NULL")).await;
    let found = examined(&bench).await.findings;
    assert!(found.len() == 2 && found.iter().all(|finding| !finding.is_damage()), "{found:?}");
    assert!(found.contains(&Finding::Photo {
        hash: first.clone(),
        reason: "event 7 names it, and it is kept as one that none names".into()
    }));
    Box::pin(super::raw::execute(&bench.database, "DELETE FROM attachments")).await;
    let found = examined(&bench).await.findings;
    let reason = "event 7 names it, and it is not stored".to_owned();
    assert!(found.contains(&Finding::Photo { hash: first, reason }), "{found:?}");
}

/// A server with an account of a grid officer and a token of a department; the session of the officer.
async fn with_people() -> Bench {
    let bench = used().await;
    let posts = json!([{ "name": "grid 5", "role": "officer", "areas": ["330802006003005"] }]);
    let made = bench.put("/api/v1/accounts/p001", &json!({ "posts": posts })).await.expect(201).json();
    let code = made["code"].as_str().expect("a code").to_owned();
    let body = json!({ "account": "p001", "code": code, "new_password": "correct horse battery" });
    let open = request(Method::POST, "/api/v1/sessions", &[], Some(body.to_string()));
    bench.send(open).await.expect(201);
    let post = Post {
        name: "cleaners' program".into(),
        role: Role::Handler,
        areas: Vec::new(),
        departments: vec!["cleaners".into()],
        patrol: None,
    };
    let_in(&*bench.app.store, post, None).await;
    bench
}

async fn reasons_after(statement: &'static str) -> Vec<String> {
    let bench = with_people().await;
    Box::pin(super::raw::execute(&bench.database, statement)).await;
    examined(&bench).await.findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn accounts_and_tokens_are_looked_at() {
    let bench = with_people().await;
    let sound = examined(&bench).await;
    assert!(sound.is_sound(), "{sound:?}");
    assert_eq!(sound.notes, [Note::PlaceUnknown { posts: 2 }]);

    for (statement, found) in [
        ("DELETE FROM posts", "account p001: it has no post"),
        ("UPDATE posts SET name = 'other'", "account p001: its post other calls itself grid 5"),
        (
            "UPDATE posts SET post = '{}'",
            "account p001: its post grid 5 cannot be read: missing field `name`",
        ),
        ("UPDATE accounts SET password = 'secret'", "account p001: its password is no hash"),
        ("UPDATE accounts SET disabled_at = 1", "account p001: it is disabled, and has sessions: 1"),
        ("UPDATE sessions SET account = 999", "table sessions points to a row of accounts that is not there"),
        ("UPDATE posts SET account = 999", "table posts points to a row of accounts that is not there"),
    ] {
        let reasons = reasons_after(statement).await;
        assert!(reasons.iter().any(|reason| reason.starts_with(found)), "{statement}: {reasons:?}");
    }
    for (statement, found) in [
        ("UPDATE tokens SET hash = 'secret'", "its secret is kept as no hash"),
        ("UPDATE tokens SET post = '{}'", "its post cannot be read"),
        (
            "UPDATE tokens SET post = replace(post, 'handler', 'admin')",
            "the role admin, which no token may have",
        ),
    ] {
        let reasons = reasons_after(statement).await;
        assert!(
            matches!(reasons.as_slice(), [one] if one.starts_with("token ") && one.contains(found)),
            "{statement}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn posts_are_for_areas_and_departments_that_there_are() {
    let bench = with_people().await;
    let grid = r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null,
        "properties": {"kind": "grid", "code": "330802006003005", "name": "5"}}]}"#;
    let areas = read_features(grid, None).expect("a grid").units;
    let departments = read_csv(b"name,sort\ncleaners,office\n", UnitKind::Department).expect("a table").units;
    let examined = async |units: Vec<_>, classes: &[&str]| {
        let names: BTreeSet<String> = classes.iter().map(|name| (*name).to_owned()).collect();
        let beside = Beside { files: None, place: Some((units, names)) };
        examine(bench.database.clone(), &beside).await.expect("it can be read")
    };
    let all = [areas.clone(), departments].concat();
    let sound = examined(all.clone(), &[]).await;
    assert!(sound.is_sound() && sound.notes.is_empty(), "{sound:?}");
    assert!(examined(areas.clone(), &["cleaners"]).await.is_sound(), "a class names them");
    let found = examined(Vec::new(), &[]).await.findings;
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said[0], "account p001: its post grid 5 has the area 330802006003005, which there is not");
    assert!(
        said[1].ends_with("its post cleaners' program has the department cleaners, which there is not"),
        "{said:?}"
    );

    // What was edited stands before what the files say.
    let path = "/api/v1/organisation/grid/330802006003005";
    let body =
        json!({ "properties": { "kind": "grid", "code": "330802006003005", "name": "5" } }).to_string();
    bench.send(request(Method::PUT, path, &[("if-none-match", "*")], Some(body))).await.expect(201);
    assert_eq!(examined(Vec::new(), &["cleaners"]).await.findings, []);
    bench.send(request(Method::DELETE, path, &[("if-match", "\"1\"")], None)).await.expect(204);
    assert_eq!(examined(all, &[]).await.findings.len(), 1, "it was removed");
    Box::pin(super::raw::execute(&bench.database, "UPDATE records SET body = '{'")).await;
    let found = examined(areas, &["cleaners"]).await.findings;
    assert!(matches!(found.as_slice(), [Finding::Record { kind, .. }] if kind == "unit"), "{found:?}");
}
