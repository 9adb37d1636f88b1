//! Webhooks from a server that runs, over HTTP.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use yunfushan::feed::Post;
use yunfushan::server::{Config, Courier, Parcel, start};

use super::client::{Client, TOKEN, issue, step};

/// Answers one request after another with these heads, and hands over what came.
fn answering(heads: &'static [&'static str]) -> (Url, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let (sender, requests) = sync_channel(8);
    let answer = move || {
        for head in heads {
            let (mut socket, _) = listener.accept().expect("a connection");
            let mut held = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let read = socket.read(&mut buffer).expect("it reads");
                held.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&held).into_owned();
                let length = text.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
                });
                let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
                if read == 0 || length.is_some_and(|length| body >= length) {
                    sender.send(text).expect("somebody listens");
                    break;
                }
            }
            write!(socket, "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                .expect("it writes");
        }
    };
    std::thread::Builder::new().name("hook".to_owned()).spawn(answer).expect("a thread");
    (url.parse().expect("a URL"), requests)
}

fn courier() -> Courier {
    let post = Post::new().expect("a client");
    Arc::new(move |parcel: Parcel| {
        let post = post.clone();
        Box::pin(async move { post.send(parcel.url, &parcel.headers, parcel.body).await })
    })
}

#[tokio::test]
async fn a_dispatch_arrives_signed_and_again_after_an_error() {
    let (url, requests) = answering(&["500 Oh", "204 Thanks"]);
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config {
        token: Some(TOKEN.to_owned()),
        courier: Some(courier()),
        ..Config::new(folder.path().join("hooks.sqlite"))
    };
    let running = start(config).expect("it starts");
    let client = Client::new(&running.url());
    let hook = json!({ "url": url, "kinds": ["dispatched"] });
    let made = client.post("/api/v1/webhooks", None, &hook).await.expect("acknowledged");
    client.post("/api/v1/issues", None, &issue("A-1")).await.expect("acknowledged");
    client.post("/api/v1/issues/A-1/steps", Some(1), &step("register")).await.expect("acknowledged");
    let mut dispatch = step("dispatch");
    dispatch["department"] = "环卫所".into();
    client.post("/api/v1/issues/A-1/steps", Some(2), &dispatch).await.expect("acknowledged");

    let received = tokio::task::spawn_blocking(move || {
        let wait = Duration::from_secs(60);
        [requests.recv_timeout(wait), requests.recv_timeout(wait)].map(|request| request.expect("a request"))
    });
    let [first, second] = received.await.expect("no panic");
    let header = |request: &str, name: &str| {
        let line = request.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    };
    assert!(first.starts_with("POST /hook HTTP/1.1"), "{first}");
    assert!(header(&first, "webhook-signature").starts_with("v1,"));
    assert_eq!(header(&first, "webhook-id"), header(&second, "webhook-id"));
    let body: Value = serde_json::from_str(first.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    assert_eq!((&body["type"], &body["data"]["issue"]), (&json!("issue.dispatched"), &json!("A-1")));

    let log = made["deliveries"].as_str().expect("a link").to_owned();
    for _ in 0..100 {
        let told = client.get_json(&log).await;
        if told["deliveries"][0]["state"] == "done" {
            assert_eq!(told["deliveries"][0]["attempts"][0]["status"], 500);
            running.stop().expect("it ends well");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was not noted");
}

#[tokio::test]
async fn redirections_are_not_followed_and_nobody_there_is_an_error() {
    let (url, _requests) = answering(&["302 Found\r\nlocation: http://127.0.0.1:1/elsewhere"]);
    let post = Post::new().expect("a client");
    assert_eq!(post.send(url, &[], "{}".to_owned()).await, Ok(302));
    let nobody = "http://127.0.0.1:1/".parse().expect("a URL");
    let error = post.send(nobody, &[], "{}".to_owned()).await.expect_err("nobody is there");
    assert!(error.starts_with("cannot connect"), "{error}");
}
