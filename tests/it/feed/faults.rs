//! Answers that are none: the state says why, what was held stays, memory is bounded, and the feed recovers by itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use yunfushan::governance::FeedState;

use super::fake::{Answer, EVENTS, Fake, HEALTH, ISSUES, PATROLS, World, answer, issue, patrol, stream_head};
use super::watch::{Watch, config};

const HUNDRED_MB: usize = 100 << 20;
/// What lies in the buffers of the system and of the HTTP client, beyond what the feed takes, at most.
const BUFFERS: usize = 24 << 20;

/// Something that is no answer.
#[derive(Clone, Copy)]
struct Fault {
    name: &'static str,
    ill: fn() -> Answer,
    /// What the reason has in it, where `/health` or a page of a collection is answered so.
    page: &'static str,
    /// The same for the event stream.
    stream: &'static str,
}

const FAULTS: [Fault; 14] = [
    Fault {
        name: "HTML",
        ill: || Answer::Bytes(answer("200 OK", "text/html", b"<html><body>Please log in</body></html>")),
        page: "it begins with \"<html><body>Please log in</body></html>\"",
        stream: "the server answered with \"text/html\", expected text/event-stream",
    },
    Fault {
        name: "500 with a problem",
        ill: || {
            let body = br#"{"type":"full","title":"No room","status":500,"detail":"the disk is full"}"#;
            Answer::Bytes(answer("500 Internal Server Error", "application/problem+json", body))
        },
        page: "the server answered HTTP 500: the disk is full",
        stream: "the server answered HTTP 500: the disk is full",
    },
    Fault {
        name: "502 with HTML",
        ill: || Answer::Bytes(answer("502 Bad Gateway", "text/html", b"<html>nginx</html>")),
        page: "the server answered HTTP 502",
        stream: "the server answered HTTP 502",
    },
    Fault {
        name: "204 without a body",
        ill: || Answer::Bytes(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec()),
        page: "the server answered HTTP 204",
        stream: "the server answered HTTP 204",
    },
    Fault {
        name: "half a body",
        ill: || {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 5000\r\n\r\n";
            Answer::Bytes(format!("{head}{{\"type\":\"FeatureCollection\",\"featu").into_bytes())
        },
        page: "the connection broke",
        stream: "the event stream broke off: the connection broke",
    },
    Fault {
        name: "broken JSON",
        ill: || {
            Answer::Bytes(answer(
                "200 OK",
                "application/json",
                b"{\"type\":\"FeatureCollection\",\"features\":[{",
            ))
        },
        page: "the answer cannot be read: not the JSON that was expected",
        stream: "expected text/event-stream",
    },
    Fault {
        name: "other JSON",
        ill: || Answer::Bytes(answer("200 OK", "application/json", b"[]")),
        page: "the answer cannot be read",
        stream: "expected text/event-stream",
    },
    Fault {
        name: "bytes that are no HTTP",
        ill: || Answer::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        page: "the connection broke: invalid HTTP",
        stream: "the connection broke: invalid HTTP",
    },
    Fault {
        name: "nothing, and the end",
        ill: || Answer::Bytes(Vec::new()),
        page: "the connection broke",
        stream: "the connection broke",
    },
    Fault {
        name: "nothing at all",
        ill: || Answer::Open(Vec::new()),
        page: " took longer than 2 seconds",
        stream: " took longer than 2 seconds",
    },
    Fault {
        name: "a circle of redirections",
        ill: || {
            Answer::Bytes(
                b"HTTP/1.1 302 Found\r\nlocation: ?\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    .to_vec(),
            )
        },
        page: "too many redirects",
        stream: "too many redirects",
    },
    Fault {
        name: "100 MB, announced",
        ill: || {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {HUNDRED_MB}\r\n\r\n"
            );
            Answer::Flood {
                head: head.into(),
                chunk: vec![b' '; 1 << 16],
                total: HUNDRED_MB,
                tail: Vec::new(),
            }
        },
        page: " bytes, which is refused",
        stream: "expected text/event-stream",
    },
    Fault {
        name: "100 MB, not announced",
        ill: || Answer::Flood {
            head: b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n".to_vec(),
            chunk: vec![b' '; 1 << 16],
            total: HUNDRED_MB,
            tail: Vec::new(),
        },
        page: " bytes, which is refused",
        stream: "expected text/event-stream",
    },
    Fault {
        name: "100 MB, packed into a few hundred kB",
        ill: || {
            let body = gzip_of_zeros(HUNDRED_MB);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            Answer::Bytes([head.as_bytes(), &body].concat())
        },
        page: " bytes, which is refused",
        stream: "expected text/event-stream",
    },
];

/// A gzip file of many zeros by hand: one literal, then the same 258 bytes again and again (RFC 1951, fixed codes).
fn gzip_of_zeros(count: usize) -> Vec<u8> {
    let mut bits = vec![true, true, false]; // The last block, of fixed codes (01, the lower bit first).
    let code = |bits: &mut Vec<bool>, value: u32, length: u32| {
        bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    };
    code(&mut bits, 0b0011_0000, 8); // The literal 0.
    for _ in 0..count / 258 {
        code(&mut bits, 0b1100_0101, 8); // Length 258 (285), no extra bits.
        code(&mut bits, 0, 5); // Distance 1.
    }
    code(&mut bits, 0, 7); // The end of the block.
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let packed =
        bits.chunks(8).map(|byte| byte.iter().rev().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit)));
    head.into_iter().chain(packed).chain([0; 8]).collect()
}

fn before() -> World {
    World {
        issues: vec![issue("a", 1), issue("b", 1)],
        patrols: vec![patrol("p", 1)],
        event: 2,
        ..World::default()
    }
}

/// Later: one changed, one gone, one new.
fn after() -> World {
    World { issues: vec![issue("a", 2), issue("c", 1)], event: 9, ..before() }
}

fn versions(world: &World) -> BTreeMap<String, u64> {
    world.issues.iter().map(|issue| (issue.id.0.clone(), issue.version)).collect()
}

/// From an ill server to a well one, to the ill one, and to a well one.
fn falls_ill_and_recovers(fault: Fault, path: &'static str) {
    let what = format!("{} at {path}", fault.name);
    let expected = if path == EVENTS { fault.stream } else { fault.page };
    let begins = match path {
        HEALTH => "asking how the server is",
        ISSUES => "reading issues",
        PATROLS => "reading patrols",
        _ => "",
    };
    // The end of the stream that was open is told first, then what is answered.
    let check = |watch: &mut Watch| {
        let reason = watch.until_lost_because(&what, expected);
        assert!(reason.starts_with(begins), "{what}: {reason}");
        assert!(reason.len() < 1_000, "{what}: a reason for people");
    };
    // At the start the stream of a server that is ill at its issues is never asked for, so it need not be.
    let fake = Fake::start(before().ill_at(path, fault.ill));
    let mut watch = Watch::start(config(fake.url(), "a token for tests"));
    check(&mut watch);

    fake.become_(before().well());
    watch.until_live(&what);
    assert_eq!(watch.issues(), versions(&before()), "{what}");

    fake.become_(after().ill_at(path, fault.ill));
    check(&mut watch);
    let held = watch.issues();
    // A stream or a page of patrols that is ill leaves the issues to be read.
    let may_hold = if matches!(path, EVENTS | PATROLS) { vec!["a", "b", "c"] } else { vec!["a", "b"] };
    assert!(
        held.contains_key("a") && held.keys().all(|id| may_hold.contains(&id.as_str())),
        "{what}: {held:?}"
    );
    assert_eq!(watch.patrols(), [("p".to_owned(), 1)].into(), "{what}: the last state stays");

    fake.become_(after().well());
    watch.until(&what, |situation| {
        matches!(situation.feed(), FeedState::Live { .. }) && situation.issue_count() == 2
    });
    assert_eq!(watch.issues(), versions(&after()), "{what}");
    assert!(fake.most_sent() < (32 << 20) + BUFFERS, "{what}: {} bytes were taken", fake.most_sent());
}

#[test]
fn whatever_is_answered_the_feed_says_why_and_recovers() {
    // They wait more than they work, so all at once.
    std::thread::scope(|scope| {
        let cases =
            FAULTS.into_iter().flat_map(|fault| [HEALTH, ISSUES, PATROLS, EVENTS].map(|path| (fault, path)));
        let running: Vec<_> = cases
            .map(|(fault, path)| (fault, path, scope.spawn(move || falls_ill_and_recovers(fault, path))))
            .collect();
        let failed: Vec<String> = running
            .into_iter()
            .filter_map(|(fault, path, case)| case.join().err().map(|_| format!("{} at {path}", fault.name)))
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    });
}

#[test]
fn nobody_at_the_port_is_told_too() {
    let url = {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}/", nobody.local_addr().expect("an address"))
    };
    let mut watch = Watch::start(config(url.parse().expect("an address"), "a token for tests"));
    let reason = watch.until_lost("nobody listens");
    assert!(reason.contains("cannot connect: Connection refused"), "{reason}");
}

#[test]
fn a_wrong_token_is_final_and_says_what_to_do() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let fake =
            Fake::start(before().ill_at(ISSUES, move || Answer::Bytes(answer(status, "text/plain", b""))));
        let mut watch = Watch::start(config(fake.url(), "a token for tests"));
        watch.until(status, |situation| matches!(situation.feed(), FeedState::Refused { .. }));
        let FeedState::Refused { reason } = watch.situation.feed() else { panic!("it was refused") };
        assert!(
            reason.contains("the server refuses the token") && reason.contains("give the right token"),
            "{reason}"
        );
        assert!(!reason.contains("a token for tests"), "the token itself is not told");
    }
}

#[test]
fn a_server_that_asks_to_wait_is_left_alone_so_long() {
    let busy = || {
        let head = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        Answer::Bytes(head.as_bytes().to_vec())
    };
    let fake = Fake::start(before().ill_at(HEALTH, busy));
    let mut watch = Watch::start(config(fake.url(), "a token for tests"));
    watch.until_lost("it is busy");
    let start = Instant::now();
    fake.become_(before().well());
    watch.until_live("it is well");
    assert!(start.elapsed() > Duration::from_millis(1_500), "{:?}", start.elapsed());
}

#[test]
fn a_snapshot_without_the_number_of_an_event_is_refused() {
    let page = || {
        Answer::Bytes(answer(
            "200 OK",
            "application/geo+json",
            b"{\"type\":\"FeatureCollection\",\"features\":[]}",
        ))
    };
    let fake = Fake::start(before().ill_at(ISSUES, page));
    let mut watch = Watch::start(config(fake.url(), "a token for tests"));
    let reason = watch.until_lost("no number");
    assert!(reason.contains("no Event-Id"), "{reason}");
}

#[test]
fn a_viewer_that_takes_nothing_makes_the_feed_wait() {
    const MANY: usize = 20_000;
    let issues = (0..MANY).map(|number| issue(&format!("i{number}"), 1)).collect();
    let fake = Fake::start(World { issues, event: 1, ..World::default() }.well());
    let mut watch =
        Watch::start(yunfushan::feed::FeedConfig { capacity: 64, ..config(fake.url(), "a token for tests") });
    std::thread::sleep(Duration::from_millis(1_500));
    let waiting = watch.feed.drain(usize::MAX, usize::MAX);
    // The clock and the state of the feed do not count.
    assert!(waiting.len() <= 64 + 2, "{} deliveries wait", waiting.len());
    watch.situation.apply_all(waiting);
    watch.until("everything has come", |situation| situation.issue_count() == MANY);
    watch.until_live("everything has come");
}

#[test]
fn the_head_of_a_stream_alone_is_no_life() {
    // A proxy that opens the stream and lets nothing through.
    let fake = Fake::start(before().ill_at(EVENTS, || Answer::Open(stream_head())));
    let mut watch = Watch::start(yunfushan::feed::FeedConfig {
        silence: Duration::from_secs(1),
        ..config(fake.url(), "a token for tests")
    });
    let reason = watch.until_lost("the stream is silent");
    assert_eq!(reason, "nothing was heard for 1 seconds");
    assert_eq!(watch.issues(), versions(&before()), "the snapshot was read all the same");
}
