//! What the tests of the server share: a client, the child process, and bodies.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "a-token-for-tests";

/// A client of one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        // The tests share one process, so somebody else may have chosen already.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .build()
            .expect("a client");
        Self { http, url: url.to_owned() }
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(TOKEN)
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.request(reqwest::Method::GET, path).send().await.expect("an answer")
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// Posts, and says whether it was acknowledged; a connection that breaks is no acknowledgement.
    pub(crate) async fn post(&self, path: &str, version: Option<u64>, body: &Value) -> Option<Value> {
        let mut request = self.request(reqwest::Method::POST, path).json(body);
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        let answer = request.send().await.ok()?;
        if !answer.status().is_success() {
            return None;
        }
        answer.json().await.ok()
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> reqwest::StatusCode {
        self.request(reqwest::Method::PUT, path).json(body).send().await.expect("an answer").status()
    }

    /// The number of the last event.
    pub(crate) async fn last_event(&self) -> u64 {
        let answer = self.get("/collections/issues/items?limit=1").await;
        let number = answer.headers().get("event-id").and_then(|value| value.to_str().ok()).map(str::parse);
        number.expect("the first page names the last event").expect("a number")
    }

    /// Opens the event stream after an event.
    pub(crate) async fn events(&self, after: u64) -> Events {
        let request = self.request(reqwest::Method::GET, "/api/v1/events").header("last-event-id", after);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events { answer, held: Vec::new() }
    }
}

/// One Server-Sent Event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    pub(crate) name: String,
    pub(crate) number: Option<u64>,
    pub(crate) data: Value,
}

/// An open event stream.
pub(crate) struct Events {
    answer: reqwest::Response,
    held: Vec<u8>,
}

impl Events {
    /// The next event; `None` when the stream has ended. Fails the test after ten quiet seconds.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        loop {
            if let Some(end) = self.held.windows(2).position(|window| window == b"\n\n") {
                let lines = String::from_utf8(self.held.drain(..end + 2).collect()).expect("UTF-8");
                let field =
                    |name: &str| lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                return Some(Sent {
                    name: field("event").expect("a name").to_owned(),
                    number: field("id").map(|number| number.parse().expect("a number")),
                    data: serde_json::from_str(field("data").expect("data")).expect("JSON"),
                });
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.answer.chunk()).await;
            match chunk.expect("a heartbeat at least") {
                Ok(Some(chunk)) => self.held.extend_from_slice(&chunk),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The next event of this name. Fails the test where only heartbeats come for half a minute.
    pub(crate) async fn next_of(&mut self, name: &str) -> Sent {
        let mut heartbeats = 0;
        while heartbeats < 7 {
            let sent = self.next().await.expect("the stream goes on");
            if sent.name == name {
                return sent;
            }
            heartbeats += i32::from(sent.name == "heartbeat");
        }
        panic!("no event {name} comes any more");
    }
}

/// The real program as a child process.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// Runs `yunfushan serve` on a file or database of simulated data and a free port.
    pub(crate) fn spawn(database: &(impl AsRef<OsStr> + ?Sized)) -> Self {
        Self::spawn_at(database, "127.0.0.1:0", &["--clock-start", "2026-09-15T10:00"])
    }

    /// The same on a port that was chosen, such as the one of a server that has gone; without more, its clock goes on.
    pub(crate) fn spawn_at(database: &(impl AsRef<OsStr> + ?Sized), listen: &str, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yunfushan"))
            .args(["serve", "--listen", listen, "--token", TOKEN, "--simulated", "--database"])
            .arg(database)
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a first line");
        let url = line.trim().strip_prefix("listening on ").expect("the address").to_owned();
        Self { child, url }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it ended");
    }

    /// SIGTERM; says how it ended.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(sent.success());
        self.child.wait().expect("it ended")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already, where the test ended it.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

pub(crate) fn issue(id: &str) -> Value {
    json!({
        "id": id,
        "title": "楼道口堆放垃圾",
        "class": { "scheme": "local", "kind": "event", "code": "06010" },
        "source": "patrol",
        "place": { "lon": 118.8735, "lat": 28.9655 },
        "actor": { "name": "府山社区第03网格", "role": "officer" },
    })
}

pub(crate) fn step(step: &str) -> Value {
    // The desk does not say for others that they have begun or done their work.
    let (name, role) = match step {
        "accept" | "handle" | "give_feedback" | "send_back" => ("环卫所", "handler"),
        _ => ("值班台", "desk"),
    };
    json!({ "step": step, "actor": { "name": name, "role": role } })
}

pub(crate) fn patrol(name: &str) -> Value {
    json!({ "name": name, "kind": "grid_officer" })
}

/// A position `index` milliseconds after 09:00.
pub(crate) fn position(patrol: &str, index: u64) -> Value {
    let start: jiff::Timestamp = "2026-09-15T01:00:00Z".parse().expect("a time");
    let at = start + jiff::SignedDuration::from_millis(i64::try_from(index).expect("a small number"));
    json!({ "patrol": patrol, "fix": { "at": at, "place": { "lon": 118.87, "lat": 28.96 }, "heading_deg": 90.0 } })
}
