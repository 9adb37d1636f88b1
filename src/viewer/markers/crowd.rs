//! What is known of every issue and patrol for drawing: a record a slot, and where it lies in its tree.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use bevy::prelude::*;
use jiff::Timestamp;

use super::tree::{Traits, Tree};
use crate::geo::LonLat;
use crate::governance::{IssueId, PatrolId, State};
use crate::viewer::slots;

/// A patrol that is farther from where it is shown than this does not glide there, metres.
const JUMP_M: f32 = 400.0;
/// A glide takes as long as the last fix is old when the next one comes, within these bounds, milliseconds.
const GLIDE_MS: (u32, u32) = (300, 12_000);
/// A patrol without a roster that has not been heard of for so long is not shown, minutes.
const GONE_MIN: i64 = 2 * 60;
/// A patrol that has not been heard of for so long is grey and hollow, minutes.
pub(super) const SILENT_MIN: i64 = 10;

/// What is drawn of an issue.
#[derive(Clone, Debug)]
pub(super) struct IssueRecord {
    pub(super) id: IssueId,
    /// Where it was reported: the foot is found again only when this changes.
    pub(super) reported_at: LonLat,
    /// The roof or the ground that it stands on.
    pub(super) foot: Vec3,
    pub(super) state: State,
    pub(super) icon: u8,
    pub(super) is_urgent: bool,
    pub(super) is_overdue: bool,
    /// When it becomes overdue, unless its clock stands.
    pub(super) due_at: Option<Timestamp>,
}

/// A glide from one place to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Glide {
    pub(super) from: Vec3,
    pub(super) to: Vec3,
    pub(super) start_ms: u32,
    pub(super) for_ms: u32,
}

impl Glide {
    pub(super) fn at(&self, now_ms: u32) -> Vec3 {
        let share = now_ms.wrapping_sub(self.start_ms) as f32 / self.for_ms.max(1) as f32;
        self.from.lerp(self.to, share.clamp(0.0, 1.0))
    }

    /// On to another place, from wherever it is by now; too far is a jump.
    pub(super) fn on_to(&self, place: Vec3, now_ms: u32) -> Self {
        let here = self.at(now_ms);
        let for_ms = now_ms.wrapping_sub(self.start_ms).clamp(GLIDE_MS.0, GLIDE_MS.1);
        let from = if here.distance(place) <= JUMP_M { here } else { place };
        Self { from, to: place, start_ms: now_ms, for_ms }
    }
}

/// What is drawn of a patrol.
#[derive(Clone, Debug)]
pub(super) struct PatrolRecord {
    pub(super) id: PatrolId,
    pub(super) glide: Glide,
    pub(super) icon: u8,
    /// Degrees clockwise from north.
    pub(super) heading_deg: Option<f32>,
    pub(super) accuracy_m: Option<f32>,
    pub(super) seen_at: Timestamp,
    /// When its shift ends, where a roster says so: people are shown only within it.
    pub(super) off_duty_at: Option<Timestamp>,
    pub(super) is_silent: bool,
    /// The number of its newest trail point, how many there are, and the time of the newest.
    pub(super) newest: u32,
    pub(super) points: u32,
    pub(super) newest_at: Option<Timestamp>,
}

impl PatrolRecord {
    /// Whether it may be shown: until its shift ends, or, without a roster, until it has been silent for long.
    pub(super) fn is_shown(&self, now: Timestamp) -> bool {
        match self.off_duty_at {
            Some(end) => now < end,
            None => now.as_second() < self.seen_at.as_second().saturating_add(GONE_MIN * 60),
        }
    }

    /// The second from which it may look otherwise by time alone: silent, or not shown. `i64::MAX` where nothing more comes.
    pub(super) fn turns_secs(&self, now: Timestamp) -> i64 {
        let seen = self.seen_at.as_second();
        let gone = match self.off_duty_at {
            Some(end) => end.as_second(),
            None => seen.saturating_add(GONE_MIN * 60),
        };
        let turns = [seen.saturating_add(SILENT_MIN * 60), gone];
        turns.into_iter().filter(|turn| *turn >= now.as_second()).min().unwrap_or(i64::MAX)
    }

    pub(super) fn place(&self) -> Vec3 {
        self.glide.to
    }
}

/// A record knows whose it is.
pub(super) trait Owned<Id> {
    fn owner(&self) -> &Id;
}

impl Owned<IssueId> for IssueRecord {
    fn owner(&self) -> &IssueId {
        &self.id
    }
}

impl Owned<PatrolId> for PatrolRecord {
    fn owner(&self) -> &PatrolId {
        &self.id
    }
}

/// Records by slot, and their tree.
pub(super) struct Crowd<Id, T> {
    pub(super) records: Vec<Option<T>>,
    slots: HashMap<Id, u32>,
    pub(super) tree: Tree,
}

impl<Id, T> Default for Crowd<Id, T> {
    fn default() -> Self {
        Self { records: Vec::new(), slots: HashMap::new(), tree: Tree::default() }
    }
}

impl<Id: Clone + Eq + std::hash::Hash, T: Owned<Id>> Crowd<Id, T> {
    pub(super) fn at(&self, slot: u32) -> Option<&T> {
        self.records.get(slot as usize)?.as_ref()
    }

    pub(super) fn at_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.records.get_mut(slot as usize)?.as_mut()
    }

    pub(super) fn slot(&self, id: &Id) -> Option<u32> {
        self.slots.get(id).copied()
    }

    pub(super) fn find(&self, id: &Id) -> Option<&T> {
        self.at(self.slot(id)?)
    }

    /// Puts a record into a slot: its own, or one that nothing is in.
    pub(super) fn put(&mut self, slot: u32, record: T) {
        if let Some(held) = slots::entry(&mut self.records, slot, || None) {
            if held.is_none() {
                self.slots.insert(record.owner().clone(), slot);
            }
            *held = Some(record);
        }
    }

    /// Forgets what is in a slot, if anything is.
    pub(super) fn remove(&mut self, slot: u32) {
        if let Some(record) = self.records.get_mut(slot as usize).and_then(Option::take) {
            self.slots.remove(record.owner());
            self.tree.remove(slot);
        }
    }
}

/// When issues become overdue, the soonest first. An entry that no longer holds is thrown away when its time comes.
#[derive(Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<(Timestamp, u32)>>);

impl Deadlines {
    pub(super) fn add(&mut self, at: Timestamp, slot: u32) {
        self.0.push(Reverse((at, slot)));
    }

    /// The slots of what has passed.
    pub(super) fn passed(&mut self, now: Timestamp) -> Vec<u32> {
        let mut passed = Vec::new();
        while let Some(Reverse((at, slot))) = self.0.peek().copied()
            && at < now
        {
            self.0.pop();
            passed.push(slot);
        }
        passed
    }
}

/// Which of a group's colours a state has.
pub(super) const fn state_group(state: State) -> u8 {
    match state {
        State::Reported | State::Verifying => 0,
        State::Registered | State::Dispatched => 1,
        State::Accepted | State::Handling => 2,
        State::Feedback | State::Checking => 3,
        State::Suspended | State::Closed | State::Void | State::Merged => 4,
    }
}

impl IssueRecord {
    pub(super) fn traits(&self) -> Traits {
        Traits { group: state_group(self.state), is_urgent: self.is_urgent, is_overdue: self.is_overdue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glide_takes_as_long_as_the_fix_before_was_the_newest() {
        let first = Glide { from: Vec3::ZERO, to: Vec3::ZERO, start_ms: 1000, for_ms: 1 };
        let second = first.on_to(Vec3::new(10.0, 0.0, 0.0), 3000);
        assert_eq!((second.for_ms, second.at(4000)), (2000, Vec3::new(5.0, 0.0, 0.0)));
        // Half-way it turns north, from where it is.
        let third = second.on_to(Vec3::new(10.0, 0.0, -10.0), 4000);
        assert_eq!(third.from, Vec3::new(5.0, 0.0, 0.0));
        assert_eq!(
            third.on_to(Vec3::new(1000.0, 0.0, 0.0), 4500).from,
            Vec3::new(1000.0, 0.0, 0.0),
            "too far: a jump"
        );
    }

    #[test]
    fn a_slot_is_free_for_another_when_its_own_is_gone() {
        let record = |id: &str| IssueRecord {
            id: IssueId(id.into()),
            reported_at: LonLat::new(0.0, 0.0),
            foot: Vec3::ZERO,
            state: State::Reported,
            icon: 0,
            is_urgent: false,
            is_overdue: false,
            due_at: None,
        };
        let (a, b) = (IssueId("a".into()), IssueId("b".into()));
        let mut crowd = Crowd::default();
        crowd.put(1, record("a"));
        crowd.remove(1);
        crowd.remove(7);
        crowd.put(2, record("a"));
        crowd.put(1, record("b"));
        crowd.put(1, IssueRecord { icon: 3, ..record("b") });
        assert_eq!(crowd.find(&a).map(|record| &record.id), Some(&a));
        assert_eq!(crowd.find(&b).map(|record| record.icon), Some(3));
        assert_eq!((crowd.slot(&a), crowd.slot(&b)), (Some(2), Some(1)));
        crowd.remove(2);
        assert!(crowd.at(2).is_none() && crowd.at(1).is_some() && crowd.slot(&a).is_none());
    }

    #[test]
    fn deadlines_pass_once() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        let mut deadlines = Deadlines::default();
        deadlines.add(at(20), 2);
        deadlines.add(at(10), 1);
        assert_eq!(deadlines.passed(at(10)), [0; 0], "due then is not overdue yet");
        assert_eq!(deadlines.passed(at(15)), [1]);
        assert_eq!(deadlines.passed(at(30)), [2]);
        assert!(deadlines.passed(at(30)).is_empty());
    }
}
