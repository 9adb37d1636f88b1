//! The situation: every issue and patrol as it stands, changed only by what a feed delivers.
//!
//! Free of any engine: a viewer wraps it, gives it what arrives, and reacts to the [`Changes`] that come back, never to everything.
//! Only higher versions replace lower ones, and removals leave tombstones, so that a thing delivered twice, or late, changes nothing.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::Delivery;
use super::held::{Gone, Held};
use crate::geo::LonLat;
use crate::governance::wire::PositionUpdate;
use crate::governance::{FeedState, Fix, Issue, IssueId, Patrol, PatrolId, ServerClock, Update};

/// How many points a trail has at most.
const TRAIL_POINTS: usize = 32;
/// After a silence of this length the trail begins anew: nobody knows the way in between.
const TRAIL_GAP: SignedDuration = SignedDuration::from_mins(10);
/// Points nearer to the one before, in degrees of latitude (about 1 m), do not lengthen a trail.
const TRAIL_STEP_DEG: f64 = 0.000_01;

/// One point of a trail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrailPoint {
    /// When the patrol was there.
    pub at: Timestamp,
    /// Where.
    pub place: LonLat,
    /// Radius of the accuracy circle in metres, where known.
    pub accuracy_m: Option<f32>,
    /// The phone says that the position is faked.
    pub mock: bool,
}

impl From<Fix> for TrailPoint {
    fn from(fix: Fix) -> Self {
        Self { at: fix.at, place: fix.place, accuracy_m: fix.accuracy_m, mock: fix.mock }
    }
}

/// A patrol and where it was of late.
#[derive(Debug, Clone, PartialEq)]
pub struct PatrolTrail {
    /// The patrol as it stands.
    pub patrol: Patrol,
    /// Its last positions, the oldest first, the newest being [`Patrol::fix`].
    pub trail: VecDeque<TrailPoint>,
}

/// What changed, by slot, each once. What is gone is to be taken out first: a slot that is told in both lists of one round
/// does not occur, but one that is gone may be another's in the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Slots of issues that are new or changed.
    pub issues: Vec<u32>,
    /// Issues that are gone.
    pub issues_removed: Vec<Gone<IssueId>>,
    /// Slots of patrols that are new, changed or moved.
    pub patrols: Vec<u32>,
    /// Patrols that are gone.
    pub patrols_removed: Vec<Gone<PatrolId>>,
    /// The server's clock was set.
    pub clock: bool,
    /// The state of the feed changed.
    pub feed: bool,
    /// Another database is behind the address: everything held before is gone.
    pub reset: bool,
    /// A whole snapshot has been read: lists and counts are complete.
    pub snapshot: bool,
}

impl Changes {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Every issue and patrol as it stands.
#[derive(Debug)]
pub struct Situation {
    issues: Held<IssueId, Box<Issue>>,
    patrols: Held<PatrolId, PatrolTrail>,
    clock: Option<ServerClock>,
    feed: FeedState,
}

impl Default for Situation {
    fn default() -> Self {
        Self { issues: Held::default(), patrols: Held::default(), clock: None, feed: FeedState::Connecting }
    }
}

impl Situation {
    /// Applies one delivery.
    pub fn apply(&mut self, delivery: impl Into<Delivery>) -> Changes {
        self.apply_all([delivery])
    }

    /// Applies deliveries in order and tells all changes together, each slot once.
    pub fn apply_all<D: Into<Delivery>>(&mut self, deliveries: impl IntoIterator<Item = D>) -> Changes {
        let mut changes = Changes::default();
        for delivery in deliveries {
            match delivery.into() {
                Delivery::Update(update) => self.update(update, &mut changes),
                Delivery::Moves(moves) => {
                    for position in moves {
                        self.move_patrol(position);
                    }
                }
                Delivery::PatrolsComplete(patrols) => self.patrols.retain(patrols),
                Delivery::Reset => {
                    changes.reset = true;
                    self.issues.clear();
                    self.patrols.clear();
                }
            }
        }
        (changes.issues, changes.issues_removed) = self.issues.end_round();
        (changes.patrols, changes.patrols_removed) = self.patrols.end_round();
        changes
    }

    fn update(&mut self, update: Update, changes: &mut Changes) {
        match update {
            Update::Issue(issue) => self.put_issue(issue),
            Update::IssueRemoved { id, version } => {
                self.issues.remove(&id, version);
            }
            Update::Patrol(patrol) => self.put_patrol(*patrol),
            Update::PatrolRemoved { id, version } => {
                self.patrols.remove(&id, version);
            }
            Update::SnapshotComplete { issues, patrols } => {
                self.issues.retain(issues);
                self.patrols.retain(patrols);
                changes.snapshot = true;
            }
            Update::Clock(clock) => {
                changes.clock |= self.clock != Some(clock);
                self.clock = Some(clock);
            }
            Update::Feed(feed) => {
                changes.feed |= self.feed != feed;
                self.feed = feed;
            }
        }
    }

    fn put_issue(&mut self, issue: Box<Issue>) {
        if !self.issues.is_news(&issue.id, issue.version) {
            return;
        }
        if self.issues.slot(&issue.id).is_none() {
            self.issues.add(issue.id.clone(), issue.version, issue);
        } else {
            let (id, version) = (issue.id.clone(), issue.version);
            self.issues.change(&id, version, |held| *held = issue);
        }
    }

    fn put_patrol(&mut self, patrol: Patrol) {
        if !self.patrols.is_news(&patrol.id, patrol.version) {
            return;
        }
        let (id, version) = (patrol.id.clone(), patrol.version);
        if self.patrols.slot(&id).is_none() {
            let mut trail = PatrolTrail { patrol, trail: VecDeque::new() };
            if let Some(fix) = trail.patrol.fix {
                trail.lengthen(fix);
            }
            self.patrols.add(id, version, trail);
        } else {
            self.patrols.change(&id, version, |held| held.replace(patrol));
        }
    }

    fn move_patrol(&mut self, PositionUpdate { id, version, fix }: PositionUpdate) {
        self.patrols.change(&id, version, |held| {
            held.patrol.version = version;
            held.patrol.fix = Some(fix);
            held.lengthen(fix);
        });
    }

    /// The issue with this id.
    pub fn issue(&self, id: &IssueId) -> Option<&Issue> {
        self.issues.get(id).map(Box::as_ref)
    }

    /// Every issue, in the order of slots.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().map(Box::as_ref)
    }

    /// Every issue with its slot, in the order of slots.
    pub fn issues_by_slot(&self) -> impl Iterator<Item = (u32, &Issue)> {
        self.issues.by_slot().map(|(slot, issue)| (slot, issue.as_ref()))
    }

    /// How many issues there are.
    pub fn issue_count(&self) -> usize {
        self.issues.len()
    }

    /// The patrol with this id, with its trail.
    pub fn patrol(&self, id: &PatrolId) -> Option<&PatrolTrail> {
        self.patrols.get(id)
    }

    /// Every patrol with its trail, in the order of slots.
    pub fn patrols(&self) -> impl Iterator<Item = &PatrolTrail> {
        self.patrols.iter()
    }

    /// Every patrol with its trail and its slot, in the order of slots.
    pub fn patrols_by_slot(&self) -> impl Iterator<Item = (u32, &PatrolTrail)> {
        self.patrols.by_slot()
    }

    /// How many patrols there are.
    pub fn patrol_count(&self) -> usize {
        self.patrols.len()
    }

    /// The slot of an issue: a small number that is its own while it is held, fit for a row of a texture.
    /// A slot is given to another only after its issue was told as removed.
    pub fn issue_slot(&self, id: &IssueId) -> Option<u32> {
        self.issues.slot(id)
    }

    /// The slot of a patrol, as [`Situation::issue_slot`].
    pub fn patrol_slot(&self, id: &PatrolId) -> Option<u32> {
        self.patrols.slot(id)
    }

    /// The issue in a slot.
    pub fn issue_at(&self, slot: u32) -> Option<&Issue> {
        self.issues.at_slot(slot).map(Box::as_ref)
    }

    /// The patrol in a slot, with its trail.
    pub fn patrol_at(&self, slot: u32) -> Option<&PatrolTrail> {
        self.patrols.at_slot(slot)
    }

    /// The server's clock, once one was heard.
    pub fn clock(&self) -> Option<ServerClock> {
        self.clock
    }

    /// What the server's clock shows now, or the real time while no clock was heard.
    pub fn now(&self) -> Timestamp {
        self.clock.map_or_else(crate::clock::Clock::real_now, |server| server.clock.now())
    }

    /// How the feed is doing.
    pub fn feed(&self) -> &FeedState {
        &self.feed
    }
}

impl PatrolTrail {
    fn replace(&mut self, patrol: Patrol) {
        let fix = patrol.fix;
        self.patrol = patrol;
        match fix {
            Some(fix) => self.lengthen(fix),
            // Positions are shown only within a shift; without one there is no trail either.
            None => self.trail.clear(),
        }
    }

    fn lengthen(&mut self, fix: Fix) {
        if let Some(last) = self.trail.back() {
            if fix.at <= last.at {
                return;
            }
            if fix.at.duration_since(last.at) > TRAIL_GAP {
                self.trail.clear();
            } else if (fix.place.lon - last.place.lon).abs() < TRAIL_STEP_DEG
                && (fix.place.lat - last.place.lat).abs() < TRAIL_STEP_DEG
            {
                return;
            }
        }
        if self.trail.len() >= TRAIL_POINTS {
            self.trail.pop_front();
        }
        self.trail.push_back(fix.into());
    }
}

#[cfg(test)]
mod tests;
