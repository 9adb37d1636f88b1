//! The document and the router say the same.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::Method;

use super::{bench, request};
use crate::server::api::documented;

/// The paths that the sources of the server register.
fn registered(folder: &Path, paths: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                registered(&path, paths);
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        for call in text.split(".route(").skip(1) {
            let argument = call.trim_start();
            // The files of the phone's page are registered from a table of theirs.
            let Some(literal) = argument.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                assert!(
                    path.ends_with("phone/mod.rs"),
                    "a route whose path is no literal: {}",
                    path.display()
                );
                continue;
            };
            // What takes the rest of the path is a parameter like any other in the document.
            paths.insert(literal.replace("{*", "{"));
        }
    }
}

#[test]
fn every_path_is_documented_and_every_documented_path_is_there() {
    let mut paths = BTreeSet::new();
    registered(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server"), &mut paths);
    assert!(paths.len() > 20, "{paths:?}");
    let documented: BTreeSet<String> = documented().map(|operation| operation.path.to_owned()).collect();
    assert_eq!(paths, documented);
}

#[tokio::test]
async fn every_documented_method_is_there_and_no_other() {
    let bench = bench().await;
    for path in documented().map(|operation| operation.path).collect::<BTreeSet<_>>() {
        let asked = path
            .replace("{id}", "issues")
            .replace("{feature}", "x")
            .replace("{figure}", "closed")
            .replace("{file}", "x.json")
            .replace("{kind}", "grid")
            .replace("{code}", "x");
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let name = method.as_str().to_ascii_lowercase();
            let is_documented =
                documented().any(|operation| operation.path == path && operation.method == name);
            let answer = bench.send_head(request(method, &asked, &[], None)).await;
            assert_eq!(answer.as_u16() != 405, is_documented, "{name} {path}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_served_to_anybody() {
    let bench = bench().await;
    for (path, media_type) in [
        ("/openapi.json", "application/vnd.oai.openapi+json;version=3.1"),
        ("/api", "text/html; charset=utf-8"),
    ] {
        let open = axum::http::Request::builder().uri(path).header("host", "localhost");
        let answer = bench.send(open.body(axum::body::Body::empty()).expect("a request")).await.expect(200);
        assert_eq!(answer.header("content-type"), media_type);
        assert!(answer.body.len() > 10_000, "{path}: {}", answer.body.len());
    }
}

#[tokio::test]
async fn an_address_that_is_no_text_is_a_problem_like_any_other() {
    let bench = bench().await;
    bench.get("/api/v1/issues/%ff").await.expect(400);
    bench.get("/collections/issues/items?bbox=%ff").await.expect(400);
}

#[tokio::test]
async fn event_streams_are_not_packed() {
    let bench = bench().await;
    let request = request(Method::GET, "/api/v1/events", &[("accept-encoding", "gzip")], None);
    let response = tower::ServiceExt::oneshot(bench.router.clone(), request).await.expect("an answer");
    assert_eq!(response.headers().get("content-encoding"), None);
    let mut chunks = response.into_body().into_data_stream();
    let first =
        futures_util::StreamExt::next(&mut chunks).await.expect("a heartbeat at once").expect("a chunk");
    assert!(first.starts_with(b"event: heartbeat"), "{first:?}");
}
