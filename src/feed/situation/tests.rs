//! Versions, tombstones, trails, and what is told as changed.

use proptest::prelude::*;

use super::*;
use crate::governance::{AreaCodes, ClassCode, PatrolKind, Source};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_789_430_000 + secs).expect("a valid time")
}

fn issue(id: &str, version: u64) -> Issue {
    let class = ClassCode { scheme: "local".into(), kind: "event".into(), code: "1".into() };
    Issue {
        version,
        title: format!("{id} v{version}"),
        class_name: "暴露垃圾".into(),
        place: Some(LonLat::new(118.87, 28.97)),
        ..Issue::reported(IssueId(id.into()), class, Source::Patrol, at(0))
    }
}

fn fix(secs: i64, lon: f64) -> Fix {
    Fix {
        at: at(secs),
        place: LonLat::new(lon, 28.97),
        heading_deg: Some(90.0),
        speed_mps: Some(1.2),
        accuracy_m: Some(5.0),
        mock: false,
        battery_percent: None,
    }
}

fn patrol(id: &str, version: u64, fix: Option<Fix>) -> Patrol {
    Patrol {
        id: PatrolId(id.into()),
        version,
        name: "王".into(),
        kind: PatrolKind::GridOfficer,
        areas: AreaCodes::default(),
        fix,
        duty: None,
    }
}

fn put(id: &str, version: u64) -> Delivery {
    Update::Issue(Box::new(issue(id, version))).into()
}

fn put_patrol(id: &str, version: u64, fix: Option<Fix>) -> Delivery {
    Update::Patrol(Box::new(patrol(id, version, fix))).into()
}

fn remove(id: &str, version: u64) -> Delivery {
    Update::IssueRemoved { id: IssueId(id.into()), version }.into()
}

fn moved(id: &str, version: u64, fix: Fix) -> Delivery {
    Delivery::Moves(vec![PositionUpdate { id: PatrolId(id.into()), version, fix }])
}

fn ids(list: &[&str]) -> Vec<IssueId> {
    list.iter().map(|id| IssueId((*id).into())).collect()
}

fn complete(list: &[&str]) -> Delivery {
    Update::SnapshotComplete { issues: ids(list), patrols: vec![] }.into()
}

/// The ids in these slots.
fn at_slots(situation: &Situation, slots: &[u32]) -> Vec<IssueId> {
    slots.iter().filter_map(|slot| Some(situation.issue_at(*slot)?.id.clone())).collect()
}

fn gone<Id>(list: Vec<Gone<Id>>) -> Vec<Id> {
    list.into_iter().map(|gone| gone.id).collect()
}

#[test]
fn only_higher_versions_replace_and_only_they_are_told() {
    let mut situation = Situation::default();
    assert_eq!(situation.apply(put("a", 2)).issues, [0]);
    assert!(situation.apply(put("a", 2)).is_empty());
    assert!(situation.apply(put("a", 1)).is_empty());
    assert_eq!(situation.apply(put("a", 3)).issues, [0]);
    assert_eq!(situation.issue(&IssueId("a".into())).map(|issue| issue.title.as_str()), Some("a v3"));
    // Several changes of one round are told once.
    let changes = situation.apply_all([put("b", 1), put("a", 4), put("b", 2), put("a", 5)]);
    assert_eq!(at_slots(&situation, &changes.issues), ids(&["b", "a"]));
}

#[test]
fn a_tombstone_keeps_what_is_older_away() {
    let mut situation = Situation::default();
    // Removed before it was ever heard of: the page that still has it arrives later.
    assert!(situation.apply(remove("a", 5)).is_empty());
    assert!(situation.apply(put("a", 4)).is_empty());
    assert!(situation.apply(remove("a", 4)).is_empty());
    assert_eq!(situation.apply(put("a", 6)).issues, [0]);
    assert!(situation.apply(remove("a", 6)).is_empty(), "a removal needs a higher version, too");
    assert_eq!(gone(situation.apply(remove("a", 7)).issues_removed), ids(&["a"]));
    assert_eq!(situation.issue_count(), 0);
    // Gone and back within one round is a change.
    situation.apply(put("a", 8));
    let changes = situation.apply_all([remove("a", 9), put("a", 10)]);
    assert_eq!((changes.issues, changes.issues_removed), (vec![0], vec![]));
}

#[test]
fn a_snapshot_takes_away_what_it_does_not_have() {
    let mut situation = Situation::default();
    situation.apply_all([put("a", 1), put("b", 7), put("c", 1), put_patrol("p", 1, None)]);
    let changes = situation.apply(complete(&["c", "a", "unknown"]));
    assert!(changes.snapshot && changes.issues.is_empty());
    assert_eq!(gone(changes.issues_removed), ids(&["b"]));
    assert_eq!(gone(changes.patrols_removed), [PatrolId("p".into())]);
    assert!(situation.apply(put("b", 7)).is_empty(), "an old copy does not bring it back");
    assert_eq!(situation.apply(put("b", 8)).issues.len(), 1);
    assert_eq!(situation.issue_count(), 3);
}

#[test]
fn after_a_reset_versions_begin_anew() {
    let mut situation = Situation::default();
    situation.apply_all([put("a", 9), put("b", 9), remove("c", 9), put_patrol("p", 9, None)]);
    let changes = situation.apply_all([Delivery::Reset, put("a", 1), put("c", 1), complete(&["a", "c"])]);
    assert_eq!(at_slots(&situation, &changes.issues), ids(&["a", "c"]));
    assert_eq!(gone(changes.issues_removed), ids(&["b"]));
    assert_eq!(gone(changes.patrols_removed), [PatrolId("p".into())]);
    assert_eq!(situation.issue(&IssueId("a".into())).map(|issue| issue.version), Some(1));
}

#[test]
fn patrols_move_by_version_and_leave_a_bounded_trail() {
    let mut situation = Situation::default();
    let id = PatrolId("p".into());
    assert!(situation.apply(moved("p", 1, fix(0, 118.0))).is_empty(), "nobody knows this patrol");
    situation.apply(put_patrol("p", 1, Some(fix(0, 118.0))));
    for step in 1..=100_u32 {
        let changes = situation.apply(moved(
            "p",
            1 + u64::from(step),
            fix(5 * i64::from(step), 118.0 + 0.0001 * f64::from(step)),
        ));
        assert_eq!(changes.patrols, [0]);
    }
    let held = situation.patrol(&id).expect("is held");
    assert_eq!(held.trail.len(), TRAIL_POINTS);
    assert_eq!(held.trail.back().map(|point| point.at), Some(at(500)));
    assert_eq!(held.patrol.fix, Some(fix(500, 118.01)));
    // Older by version: nothing.
    assert!(situation.apply(moved("p", 50, fix(600, 118.5))).is_empty());
    // Standing still moves the time, but does not lengthen the trail.
    situation.apply(moved("p", 102, fix(505, 118.01)));
    let held = situation.patrol(&id).expect("is held");
    assert_eq!(
        (held.trail.back().map(|point| point.at), held.patrol.fix),
        (Some(at(500)), Some(fix(505, 118.01)))
    );
    // After a long silence the trail begins anew, and without a position there is none.
    situation.apply(moved("p", 103, fix(505 + 700, 118.02)));
    assert_eq!(situation.patrol(&id).map(|held| held.trail.len()), Some(1));
    situation.apply(put_patrol("p", 104, None));
    assert_eq!(situation.patrol(&id).map(|held| held.trail.len()), Some(0));
}

#[test]
fn patrols_that_are_complete_say_nothing_about_issues() {
    let mut situation = Situation::default();
    situation.apply_all([put("a", 1), put_patrol("p", 1, None), put_patrol("q", 1, None)]);
    let changes = situation.apply(Delivery::PatrolsComplete(vec![PatrolId("q".into())]));
    assert_eq!(gone(changes.patrols_removed), [PatrolId("p".into())]);
    assert_eq!((situation.issue_count(), situation.patrol_count()), (1, 1));
}

#[test]
fn slots_stay_while_a_thing_is_held_and_are_used_again() {
    let mut situation = Situation::default();
    situation.apply_all([put("a", 1), put("b", 1)]);
    let slot = situation.issue_slot(&IssueId("b".into()));
    let changes = situation.apply_all([put("b", 2), remove("a", 2), put("c", 1)]);
    assert_eq!(situation.issue_slot(&IssueId("b".into())), slot);
    assert_eq!(changes.issues_removed, [Gone { slot: 0, id: IssueId("a".into()) }]);
    assert_eq!(changes.issues, [1, 2], "the slot is another's only when those who follow have heard of it");
    situation.apply(put("d", 1));
    assert_eq!(situation.issue_slot(&IssueId("d".into())), Some(0));
    assert_eq!(situation.issue_at(0).map(|issue| issue.id.0.as_str()), Some("d"));
}

fn any_delivery() -> impl Strategy<Value = Delivery> {
    let id = prop::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        4 => (id.clone(), 0u64..6).prop_map(|(id, version)| put(id, version)),
        2 => (id.clone(), 0u64..6).prop_map(|(id, version)| remove(id, version)),
        2 => (id.clone(), 0u64..6, 0i64..100).prop_map(|(id, version, secs)| put_patrol(id, version, Some(fix(secs, 118.0)))),
        2 => (id.clone(), 0u64..6, 0i64..100).prop_map(|(id, version, secs)| moved(id, version, fix(secs, 118.1))),
        1 => (id, 0u64..6).prop_map(|(id, version)| Update::PatrolRemoved { id: PatrolId(id.into()), version }.into()),
        1 => prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..3).prop_map(|list| complete(&list)),
    ]
}

fn shown(situation: &Situation) -> String {
    let mut issues: Vec<_> = situation.issues().map(|issue| (&issue.id, issue.version)).collect();
    issues.sort();
    let mut patrols: Vec<_> = situation.patrols().map(|held| format!("{held:?}")).collect();
    patrols.sort();
    format!("{issues:?} {patrols:?}")
}

proptest! {
    #[test]
    fn applying_twice_changes_nothing(deliveries in prop::collection::vec(any_delivery(), 0..40)) {
        let mut situation = Situation::default();
        for delivery in deliveries {
            situation.apply(delivery.clone());
            let before = shown(&situation);
            let changes = situation.apply(delivery);
            prop_assert_eq!(&before, &shown(&situation));
            prop_assert!(changes.issues.is_empty() && changes.issues_removed.is_empty());
            prop_assert!(changes.patrols.is_empty() && changes.patrols_removed.is_empty());
        }
    }

    #[test]
    fn the_order_of_versions_does_not_matter(
        mut deliveries in prop::collection::vec((prop::sample::select(vec!["a", "b"]), any::<bool>()), 1..20),
        seed in any::<u64>(),
    ) {
        use rand::SeedableRng;
        use rand::seq::SliceRandom;
        // Each version is one thing only, as a server has it.
        let numbered: Vec<Delivery> = deliveries.drain(..).enumerate().map(|(index, (id, there))| {
            let version = index as u64 + 1;
            if there { put(id, version) } else { remove(id, version) }
        }).collect();
        let mut shuffled = numbered.clone();
        shuffled.shuffle(&mut rand::rngs::SmallRng::seed_from_u64(seed));
        let (mut first, mut second) = (Situation::default(), Situation::default());
        first.apply_all(numbered);
        second.apply_all(shuffled);
        prop_assert_eq!(shown(&first), shown(&second));
    }

    #[test]
    fn what_is_told_is_what_changed(rounds in prop::collection::vec(prop::collection::vec(any_delivery(), 0..8), 0..8)) {
        // A copy that follows nothing but the changes ends up with the same issues.
        let mut situation = Situation::default();
        let mut copy = std::collections::BTreeMap::new();
        for round in rounds {
            let changes = situation.apply_all(round);
            for Gone { slot, id } in &changes.issues_removed {
                prop_assert!(situation.issue(id).is_none() && situation.issue_at(*slot).is_none());
                // What came and went within the round was never heard of.
                prop_assert!(copy.remove(slot).is_none_or(|(held, _)| held == *id));
            }
            for slot in changes.issues {
                let issue = situation.issue_at(slot);
                prop_assert!(issue.is_some());
                let told = issue.map(|issue| (issue.id.clone(), issue.version));
                let before = copy.remove(&slot);
                prop_assert!(before.is_none_or(|(id, _)| told.as_ref().is_some_and(|told| told.0 == id)));
                copy.extend(told.map(|told| (slot, told)));
            }
            let held: std::collections::BTreeMap<_, _> = situation
                .issues_by_slot()
                .map(|(slot, issue)| (slot, (issue.id.clone(), issue.version)))
                .collect();
            prop_assert_eq!(&copy, &held);
        }
    }
}

/// The time that this thread has spent on a processor, so that a busy machine does not spoil the measurement.
fn busy_ms() -> f64 {
    let text =
        std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells the time of a thread");
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).expect("nanoseconds") / 1e6
}

/// The size that DESIGN section 9 sets: 100,000 issues held and 10,000 patrols moving each second.
/// The bound is loose, for a slow machine; run with `--nocapture` to see the figure.
#[test]
#[cfg(target_os = "linux")]
fn ten_thousand_moves_beside_a_hundred_thousand_issues_take_milliseconds() {
    let mut situation = Situation::default();
    situation.apply_all((0..100_000).map(|n| put(&format!("issue-{n}"), 1)));
    situation.apply_all((0..10_000).map(|n| put_patrol(&format!("patrol-{n}"), 1, Some(fix(0, 118.0)))));
    let mut times_ms = Vec::new();
    for second in 1..=60_u32 {
        let moves = (0..10_000)
            .map(|n| PositionUpdate {
                id: PatrolId(format!("patrol-{n}")),
                version: 1 + u64::from(second),
                fix: fix(i64::from(second), 118.0 + 0.0001 * f64::from(second)),
            })
            .collect();
        let begun_ms = busy_ms();
        let changes = situation.apply(Delivery::Moves(moves));
        times_ms.push(busy_ms() - begun_ms);
        assert_eq!(changes.patrols.len(), 10_000);
    }
    times_ms.sort_by(f64::total_cmp);
    let (median_ms, longest_ms) = (times_ms[times_ms.len() / 2], times_ms[times_ms.len() - 1]);
    println!("10,000 moves: median {median_ms:.2} ms, longest {longest_ms:.2} ms");
    assert!(median_ms < 12.0, "{median_ms:.2} ms");
}
