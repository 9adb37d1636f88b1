//! A server that is told to stop: streams end at once, and what was asked before is answered.

use std::time::{Duration, Instant};

use super::client::{Client, Server, issue};

#[tokio::test]
async fn streams_end_and_writes_under_way_are_answered_as_they_were_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("stopping.sqlite");
    let server = Server::spawn(&database);
    let client = Client::new(&server.url);
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = client.events(0).await;
        stream.next().await.expect("a heartbeat comes first");
        streams.push(stream);
    }
    let writers: Vec<_> = (0..8)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let id = format!("w{task}-{number}");
                    if client.post("/api/v1/issues", None, &issue(&id)).await.is_none() {
                        break;
                    }
                    acknowledged.push(id);
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;

    let told = Instant::now();
    let ended = tokio::task::spawn_blocking(move || server.terminate()).await.expect("it ends");
    assert!(ended.success(), "{ended}");
    assert!(told.elapsed() < Duration::from_secs(5), "it took {:?}", told.elapsed());
    for stream in &mut streams {
        // What was sent before it ended may still come.
        while stream.next().await.is_some() {}
    }
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.expect("no writer panicked"));
    }
    assert!(acknowledged.len() > 8, "{}", acknowledged.len());

    let server = Server::spawn(&database);
    let client = Client::new(&server.url);
    assert_eq!(
        client.last_event().await,
        acknowledged.len() as u64,
        "each was answered, and nothing else was written"
    );
    for id in acknowledged {
        assert_eq!(client.get(&format!("/api/v1/issues/{id}")).await.status(), 200, "{id}");
    }
}

#[tokio::test]
async fn the_log_of_requests_is_json_and_holds_no_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let database = folder.path().join("log.sqlite");
    let file = std::fs::File::create(&log).expect("a file");
    let server = Server::spawn_with_log(&database, &["--log-format", "json"], file);
    let client = Client::new(&server.url);
    client.post("/api/v1/issues", None, &issue("A-1")).await.expect("acknowledged");
    client.get("/api/v1/issues/A-1?token=a-secret").await;
    assert!(tokio::task::spawn_blocking(move || server.terminate()).await.expect("it ends").success());
    let text = std::fs::read_to_string(&log).expect("a log");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    let told = |index: usize, name: &str| answered[index][name].clone();
    assert_eq!(
        (told(0, "method"), told(0, "route"), told(0, "status")),
        ("POST".into(), "/api/v1/issues".into(), 201.into())
    );
    assert_eq!(
        (told(1, "method"), told(1, "route"), told(1, "status")),
        ("GET".into(), "/api/v1/issues/{id}".into(), 200.into())
    );
    assert!(told(0, "id").is_string() && told(0, "ms").is_number() && told(0, "caller").is_string());
    assert!(
        !text.contains("a-secret") && !text.contains(super::client::TOKEN) && !text.contains("A-1"),
        "{text}"
    );
}
