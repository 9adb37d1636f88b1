//! A small HTTP server written by hand, so that it can be ill in any way: one answer a connection, then the end.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;
use yunfushan::clock::Reading;
use yunfushan::geo::LonLat;
use yunfushan::governance::wire::{Heartbeat, Item, StreamEvent};
use yunfushan::governance::{
    AreaCodes, ClassCode, Fix, Health, Issue, IssueId, Patrol, PatrolId, PatrolKind, Source,
};

/// How often an open connection looks whether the server has changed.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What was asked.
pub(super) struct Request {
    pub(super) path: String,
    pub(super) last_event_id: Option<u64>,
}

/// What is answered.
pub(super) enum Answer {
    /// These bytes, head and all, then the end.
    Bytes(Vec<u8>),
    /// A head, the same chunk again and again up to a total, an end, and open as an event stream is.
    Flood { head: Vec<u8>, chunk: Vec<u8>, total: usize, tail: Vec<u8> },
    /// These bytes, and open until the server changes.
    Open(Vec<u8>),
}

pub(super) type Behaviour = Box<dyn Fn(&Request) -> Answer + Send>;

struct Shared {
    behaviour: Mutex<Behaviour>,
    /// Counts changes; whoever holds a connection of an older one lets it go.
    generation: AtomicU64,
    is_over: AtomicBool,
    /// The most bytes that one connection was able to send.
    most_sent: AtomicUsize,
}

/// A server on a loopback port.
pub(super) struct Fake {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Fake {
    pub(super) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(behaviour),
            generation: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            most_sent: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        let accept = move || {
            for stream in listener.incoming().flatten() {
                if accepting.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // A client that goes away in the middle is what these tests are about.
                let serve = move || drop(shared.serve(stream));
                std::thread::Builder::new().name("fake-connection".into()).spawn(serve).expect("a thread");
            }
        };
        std::thread::Builder::new().name("fake-server".into()).spawn(accept).expect("a thread");
        Self { address, shared }
    }

    pub(super) fn url(&self) -> Url {
        format!("http://{}/", self.address).parse().expect("an address")
    }

    /// Becomes another server: open connections end.
    pub(super) fn become_(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().expect("no panic") = behaviour;
        self.shared.generation.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn most_sent(&self) -> usize {
        self.shared.most_sent.load(Ordering::Relaxed)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.shared.generation.fetch_add(1, Ordering::Relaxed);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let generation = self.generation.load(Ordering::Relaxed);
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        let request = read_request(&mut stream)?;
        let answer = (self.behaviour.lock().expect("no panic"))(&request);
        match answer {
            Answer::Bytes(bytes) => return stream.write_all(&bytes),
            Answer::Open(bytes) => stream.write_all(&bytes)?,
            Answer::Flood { head, chunk, total, tail } => {
                stream.write_all(&head)?;
                let mut sent = 0;
                while sent < total {
                    stream.write_all(&chunk)?;
                    sent += chunk.len();
                    self.most_sent.fetch_max(sent, Ordering::Relaxed);
                }
                stream.write_all(&tail)?;
            }
        }
        while self.generation.load(Ordering::Relaxed) == generation {
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}

fn read_request(stream: &mut TcpStream) -> std::io::Result<Request> {
    let head = crate::http::read_head(stream)?.to_ascii_lowercase();
    let path = head.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
    let last_event_id = head.lines().find_map(|line| line.strip_prefix("last-event-id: ")?.parse().ok());
    Ok(Request { path, last_event_id })
}

/// A whole answer of a status, a media type and a body.
pub(super) fn answer(status: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// What a server holds that is well.
#[derive(Clone, Default)]
pub(super) struct World {
    pub(super) issues: Vec<Issue>,
    pub(super) patrols: Vec<Patrol>,
    /// The last event; a stream can be resumed from here alone.
    pub(super) event: u64,
    /// What the stream brings after its first heartbeat.
    pub(super) stream: Vec<u8>,
}

pub(super) const HEALTH: &str = "/health";
pub(super) const ISSUES: &str = "/collections/issues/items";
pub(super) const PATROLS: &str = "/collections/patrols/items";
pub(super) const EVENTS: &str = "/api/v1/events";

impl World {
    pub(super) fn well(self) -> Behaviour {
        Box::new(move |request| self.answer(request))
    }

    /// Well, but for one path.
    pub(super) fn ill_at(self, path: &'static str, ill: impl Fn() -> Answer + Send + 'static) -> Behaviour {
        Box::new(move |request| match request.path.as_str() {
            // The issues are asked for only if the stream cannot be resumed.
            EVENTS if path == ISSUES => Answer::Bytes(answer("410 Gone", "text/plain", b"")),
            asked if asked == path => ill(),
            _ => self.answer(request),
        })
    }

    fn answer(&self, request: &Request) -> Answer {
        let reading = Reading { now: "2026-09-15T02:00:00Z".parse().expect("a time"), rate: 1.0 };
        Answer::Bytes(match request.path.as_str() {
            HEALTH => {
                let health =
                    Health { status: "ok".into(), clock: reading, simulated: true, version: "0.1.0".into() };
                answer("200 OK", "application/json", &serde_json::to_vec(&health).expect("JSON"))
            }
            ISSUES => page(&self.issues, self.event),
            PATROLS => page(&self.patrols, self.event),
            EVENTS if request.last_event_id.is_some_and(|id| id != self.event) => {
                answer("410 Gone", "text/plain", b"")
            }
            EVENTS => {
                let heartbeat = StreamEvent::Heartbeat(Heartbeat { clock: reading, simulated: true });
                let begin = [stream_head(), sse(None, &heartbeat)].concat();
                return Answer::Open([begin, self.stream.clone()].concat());
            }
            _ => answer("404 Not Found", "text/plain", b""),
        })
    }
}

fn page<I: Item>(items: &[I], event: u64) -> Vec<u8> {
    let features: Vec<String> = items.iter().map(|item| item.to_text().expect("JSON")).collect();
    let body = format!(
        "{{\"type\":\"FeatureCollection\",\"eventId\":{event},\"features\":[{}]}}",
        features.join(",")
    );
    answer("200 OK", "application/geo+json", body.as_bytes())
}

pub(super) fn stream_head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec()
}

/// One Server-Sent Event.
pub(super) fn sse(number: Option<u64>, event: &StreamEvent) -> Vec<u8> {
    raw_sse(number, event.name(), &event.data().expect("JSON"))
}

pub(super) fn raw_sse(number: Option<u64>, name: &str, data: &str) -> Vec<u8> {
    let id = number.map_or_else(String::new, |number| format!("id: {number}\n"));
    format!("event: {name}\n{id}data: {data}\n\n").into_bytes()
}

pub(super) fn issue(id: &str, version: u64) -> Issue {
    let at = "2026-09-15T02:00:00Z".parse().expect("a time");
    let class = ClassCode { scheme: "local".into(), kind: "event".into(), code: "06010".into() };
    Issue {
        version,
        title: format!("{id} v{version}"),
        class_name: "暴露垃圾".into(),
        place: Some(LonLat::new(118.8735, 28.9655)),
        ..Issue::reported(IssueId(id.into()), class, Source::Patrol, at)
    }
}

pub(super) fn fix(lon: f64) -> Fix {
    Fix {
        at: "2026-09-15T02:00:00Z".parse().expect("a time"),
        place: LonLat::new(lon, 28.96),
        heading_deg: None,
        speed_mps: None,
        accuracy_m: None,
        mock: false,
        battery_percent: None,
    }
}

pub(super) fn patrol(id: &str, version: u64) -> Patrol {
    Patrol {
        id: PatrolId(id.into()),
        version,
        name: "郑云".into(),
        kind: PatrolKind::GridOfficer,
        areas: AreaCodes::default(),
        fix: Some(fix(118.87)),
        duty: None,
    }
}
