//! A stream that says what it should not: single events are skipped and counted, the rest goes on over the same connection.

use std::collections::BTreeSet;
use std::time::Duration;

use yunfushan::governance::wire::{PositionUpdate, Removal, StreamEvent};
use yunfushan::governance::{FeedState, IssueId, PatrolId};

use super::fake::{Answer, EVENTS, Fake, World, fix, issue, patrol, raw_sse, sse, stream_head};
use super::watch::{Watch, config};

fn world(stream: Vec<u8>) -> World {
    World { issues: vec![issue("a", 5), issue("b", 1)], patrols: vec![patrol("p", 3)], event: 7, stream }
}

fn put(number: u64, id: &str, version: u64) -> Vec<u8> {
    sse(Some(number), &StreamEvent::Issue(Box::new(issue(id, version))))
}

fn remove(number: u64, id: &str, version: u64) -> Vec<u8> {
    sse(Some(number), &StreamEvent::IssueRemoved(Removal { id: IssueId(id.into()), version }))
}

fn moved(version: u64, lon: f64) -> Vec<u8> {
    let update = PositionUpdate { id: PatrolId("p".into()), version, fix: fix(lon) };
    sse(None, &StreamEvent::Positions(vec![update]))
}

fn watch_of(stream: Vec<u8>) -> (Fake, Watch) {
    let fake = Fake::start(world(stream).well());
    let watch = Watch::start(config(fake.url(), "a token for tests"));
    (fake, watch)
}

/// The last event of each stream: when it has come, everything before it has.
fn last() -> Vec<u8> {
    put(99, "last", 1)
}

fn until_last(watch: &mut Watch) {
    watch.until("the last event has come", |situation| {
        situation.issue(&IssueId("last".into())).is_some()
            && matches!(situation.feed(), FeedState::Live { .. })
    });
}

#[test]
fn events_that_cannot_be_read_are_skipped_and_counted() {
    let good = String::from_utf8(put(8, "a", 6)).expect("UTF-8");
    let bad = |from: &str, to: &str| {
        let spoilt = good.replace(from, to);
        assert_ne!(spoilt, good, "{from}");
        spoilt.into_bytes()
    };
    let skipped = [
        raw_sse(Some(8), "issue", "{\"type\":\"Feature\",\"id\":\"x\""),
        raw_sse(Some(9), "issue", "<html>"),
        raw_sse(Some(10), "issue", ""),
        raw_sse(Some(11), "issue_removed", "[]"),
        raw_sse(None, "positions", "{\"id\":\"p\"}"),
        raw_sse(None, "positions", "[{\"id\":\"p\",\"version\":4,\"fix\":{\"at\":\"yesterday\"}}]"),
        raw_sse(None, "heartbeat", "{\"clock\":12}"),
        bad("\"version\":6", "\"version\":\"six\""),
        bad("\"version\":6", "\"version\":-6"),
        bad("\"version\":6", "\"version\":1e400"),
        bad("\"version\":6", "\"version\":18446744073709551616"),
        bad("118.8735", "918.8735"),
        bad("\"state\":\"reported\"", "\"state\":\"lost\""),
        bad("\"2026-09-15T02:00:00Z\"", "\"2026-99-15T02:00:00Z\""),
        b"event: issue\ndata: \xff\xfe\n\n".to_vec(),
    ];
    let ignored = [
        raw_sse(Some(12), "weather", "{\"rain\":true}"),
        b": a comment\n\nretry: 10\n\ndata\n\nid: many\n\n\n\n".to_vec(),
    ];
    let count = skipped.len() as u64;
    let stream = [skipped.concat(), ignored.concat(), put(13, "c", 1), last()].concat();
    let (_fake, mut watch) = watch_of(stream);
    until_last(&mut watch);
    assert_eq!(watch.feed.skipped(), count);
    assert_eq!(
        watch.issues(),
        [("a".to_owned(), 5), ("b".to_owned(), 1), ("c".to_owned(), 1), ("last".to_owned(), 1)].into()
    );
}

#[test]
fn versions_that_go_back_or_repeat_change_nothing() {
    let stream = [
        put(8, "a", 4),
        put(9, "a", 5),
        put(10, "a", 7),
        put(11, "a", 6),
        put(11, "a", 7),
        remove(12, "a", 3),
        remove(13, "b", 2),
        put(14, "b", 1),
        put(15, "b", 2),
        put(16, "c", 0),
        moved(2, 118.0),
        moved(5, 118.5),
        moved(4, 118.1),
        last(),
    ];
    let (_fake, mut watch) = watch_of(stream.concat());
    until_last(&mut watch);
    watch.until("the patrol has moved", |situation| {
        situation.patrol(&PatrolId("p".into())).is_some_and(|held| held.patrol.version == 5)
    });
    assert_eq!(watch.issues(), [("a".to_owned(), 7), ("c".to_owned(), 0), ("last".to_owned(), 1)].into());
    let held = watch.situation.patrol(&PatrolId("p".into())).expect("it is held");
    assert_eq!(held.patrol.fix, Some(fix(118.5)));
    assert_eq!(watch.feed.skipped(), 0);
}

#[test]
fn an_event_of_a_hundred_megabytes_is_thrown_away_and_the_next_one_read() {
    let flood = || Answer::Flood {
        head: [stream_head(), b"event: issue\nid: 8\ndata: ".to_vec()].concat(),
        chunk: vec![b'x'; 1 << 16],
        total: 100 << 20,
        tail: [b"\n\n".to_vec(), last()].concat(),
    };
    let fake = Fake::start(world(Vec::new()).ill_at(EVENTS, flood));
    let mut watch = Watch::start(yunfushan::feed::FeedConfig {
        silence: Duration::from_secs(20),
        ..config(fake.url(), "a token for tests")
    });
    until_last(&mut watch);
    assert_eq!(watch.feed.skipped(), 1);
    assert_eq!(fake.most_sent(), 100 << 20, "it was read to its end, and not kept");
}

#[test]
fn a_stream_dropped_in_the_middle_of_an_event_is_opened_again_and_nothing_comes_twice() {
    // Ends after half an event, again and again: each time the resumed one is whole up to the same place.
    let whole = put(8, "a", 6);
    let half = [stream_head(), put(7, "b", 2), whole[..whole.len() / 2].to_vec()].concat();
    let fake = Fake::start(world(Vec::new()).ill_at(EVENTS, move || Answer::Bytes(half.clone())));
    let mut watch = Watch::start(config(fake.url(), "a token for tests"));
    let mut tries = BTreeSet::new();
    while tries.len() < 3 {
        assert_eq!(watch.until_lost("the stream ends"), "the server ended the event stream");
        if let FeedState::Lost { retry_at, .. } = watch.situation.feed() {
            tries.insert(*retry_at);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(watch.issues(), [("a".to_owned(), 5), ("b".to_owned(), 2)].into());
    fake.become_(world([put(7, "b", 2), whole].concat()).well());
    watch.until("the whole event has come", |situation| {
        situation.issue(&IssueId("a".into())).is_some_and(|issue| issue.version == 6)
    });
    assert_eq!(watch.issues(), [("a".to_owned(), 6), ("b".to_owned(), 2)].into());
}

#[test]
fn another_database_behind_the_same_address_replaces_everything() {
    let (fake, mut watch) = watch_of(last());
    until_last(&mut watch);
    // Its versions and numbers begin anew, and are lower than what was seen.
    fake.become_(
        World { issues: vec![issue("a", 1)], patrols: vec![patrol("q", 1)], event: 1, stream: Vec::new() }
            .well(),
    );
    watch.until("the old ones are gone", |situation| {
        situation.issue_count() == 1
            && situation.patrol_count() == 1
            && matches!(situation.feed(), FeedState::Live { .. })
    });
    assert_eq!(watch.issues(), [("a".to_owned(), 1)].into());
    assert_eq!(watch.patrols(), [("q".to_owned(), 1)].into());
}
