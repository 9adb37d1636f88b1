//! Issues and patrols as objects of this world: pins on stems above roofs, groups of them with counts by state, people
//! with heading, accuracy and trail.
//!
//! ```text
//! SituationChanged → crowd (a record a thing) + tree (counts a square) → cut (what is drawn, bounded by the picture)
//!   → compose (instances, fades between cuts) → stage::MarkerScene → marker.wgsl
//! ```
//!
//! Work is done per change and per thing drawn, never per thing held: a frame with a hundred thousand issues costs what
//! their few hundred groups cost, and one in which nobody asked for anything and the view hardly drifted composes nothing. Emits [`MarkersOnScreen`], which the pointer picks from.

mod compose;
mod crowd;
mod cut;
mod icons;
mod pick;
mod texts;
mod tree;

pub use pick::{Hit, MarkersOnScreen};
pub(crate) use texts::masked;

use bevy::prelude::*;
use jiff::Timestamp;

use self::crowd::{Crowd, Deadlines, Glide, IssueRecord, PatrolRecord, SILENT_MIN};
use self::icons::Icons;
use self::tree::Traits;
use super::filter::Filter;
use super::located::Located;
use super::place::Stand;
use super::situation::{Live, SituationChanged, SituationReceived};
use super::sky::SceneTime;
use super::slots;
use super::stage::{MarkerScene, TRAIL_POINTS};
use super::{ShowSystems, ViewerSystems};
use crate::feed::{PatrolTrail, Situation};
use crate::governance::{Issue, IssueId, PatrolId, State};

/// How high above the ground a person's marker stands, metres.
const PATROL_HEIGHT_M: f32 = 2.0;
/// How high above the ground trails lie, metres.
const TRAIL_HEIGHT_M: f32 = 0.6;

/// Every marker there is.
#[derive(Resource, Default)]
pub struct Markers {
    issues: Crowd<IssueId, IssueRecord>,
    patrols: Crowd<PatrolId, PatrolRecord>,
    deadlines: Deadlines,
    /// By slot of the patrols: the second from which one may look otherwise, by time alone.
    turns_secs: Vec<i64>,
    /// Grows when a record changes that the trees do not tell of.
    revision: u64,
    /// Grows with what is to be seen at once.
    pressing: u64,
    filter: Filter,
    /// When ages were last looked at.
    looked_at: Option<Timestamp>,
    /// The first second of the scenario that was met: seconds on the device count from there.
    first_second: Option<i64>,
}

impl Markers {
    /// Where an issue stands: the roof or ground under its pin.
    pub fn issue_place(&self, id: &IssueId) -> Option<Vec3> {
        self.issues.find(id).map(|record| record.foot)
    }

    /// Where a patrol was last.
    pub fn patrol_place(&self, id: &PatrolId) -> Option<Vec3> {
        self.patrols.find(id).map(PatrolRecord::place)
    }

    /// A time as the device counts: seconds from the first that was met, modulo 2^20.
    fn device_secs(&mut self, at: Timestamp) -> u32 {
        let first = *self.first_second.get_or_insert(at.as_second());
        (at.as_second() - first).rem_euclid(1 << 20) as u32
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Markers>()
        .init_resource::<MarkersOnScreen>()
        .init_resource::<Icons>()
        .init_resource::<compose::Composition>()
        .add_systems(
            Update,
            (
                // Before any action: what is shown because it is new must have a place already.
                follow_situation.in_set(ViewerSystems::Receive).after(SituationReceived),
                (follow_filter, age, compose::compose, texts::write).chain().in_set(ShowSystems::Markers),
            )
                .run_if(resource_exists::<Stand>),
        );
}

/// What taking over a change needs besides the change.
struct Hands<'a> {
    stand: &'a Stand,
    located: &'a Located,
    icons: &'a mut Icons,
    scene: &'a mut MarkerScene,
    now: Timestamp,
    now_ms: u32,
}

fn follow_situation(
    mut changed: MessageReader<SituationChanged>,
    (live, located): (Res<Live>, Res<Located>),
    stand: Res<Stand>,
    scene_time: Res<SceneTime>,
    time: Res<Time<Real>>,
    mut icons: ResMut<Icons>,
    mut scene: ResMut<MarkerScene>,
    mut markers: ResMut<Markers>,
) {
    let situation = &live.situation;
    let markers = &mut *markers;
    let mut hands = Hands {
        stand: &stand,
        located: &located,
        icons: &mut icons,
        scene: scene.bypass_change_detection(),
        now: scene_time.now,
        now_ms: milliseconds(&time),
    };
    if stand.is_added() {
        // What came before the city was there.
        for (slot, issue) in situation.issues_by_slot() {
            markers.set_issue(&mut hands, slot, issue);
        }
        for (slot, held) in situation.patrols_by_slot() {
            markers.set_patrol(&mut hands, slot, held);
        }
        changed.clear();
    }
    for SituationChanged(changes) in changed.read() {
        // A slot may soon be another's: nothing on screen must stand for it any more.
        markers.pressing += (changes.issues_removed.len() + changes.patrols_removed.len()) as u64;
        for gone in &changes.issues_removed {
            markers.issues.remove(gone.slot);
        }
        for gone in &changes.patrols_removed {
            markers.patrols.remove(gone.slot);
        }
        for slot in &changes.issues {
            if let Some(issue) = situation.issue_at(*slot) {
                markers.set_issue(&mut hands, *slot, issue);
            }
        }
        for slot in &changes.patrols {
            if let Some(held) = situation.patrol_at(*slot) {
                markers.set_patrol(&mut hands, *slot, held);
            }
        }
    }
    if let Some(pixels) = icons.changed_pixels() {
        scene.icons = pixels;
    }
}

impl Markers {
    fn set_issue(&mut self, hands: &mut Hands, slot: u32, issue: &Issue) {
        let Some(place) = issue.place.filter(|_| issue.state.is_open()) else {
            self.issues.remove(slot);
            return;
        };
        let held = self.issues.at(slot);
        let foot = held.filter(|held| held.reported_at == place).map(|held| held.foot);
        let foot = foot.unwrap_or_else(|| {
            let ground = hands.stand.world(place);
            // A place beside its building stays at the façade; only what lies within a footprint stands on a roof.
            let roof_m = hands.located.below(slot).and_then(|building| hands.stand.roof_m(building));
            ground.with_y(roof_m.unwrap_or(ground.y))
        });
        let due_at = issue.due_at.filter(|_| issue.state != State::Suspended);
        let is_overdue = issue.is_overdue(hands.now);
        if let Some(due_at) = due_at
            && !is_overdue
            && held.is_none_or(|held| held.due_at != Some(due_at))
        {
            self.deadlines.add(due_at, slot);
        }
        let record = IssueRecord {
            id: issue.id.clone(),
            reported_at: place,
            foot,
            state: issue.state,
            icon: hands.icons.of_class(&hands.stand.place.icons, &issue.class, issue.class_short()),
            is_urgent: issue.is_urgent(),
            is_overdue,
            due_at,
        };
        let traits = record.traits();
        self.issues.put(slot, record);
        if self.filter == Filter::default() || self.filter.matches(issue, hands.now) {
            self.issues.tree.set(slot, foot, traits);
        } else {
            self.issues.tree.remove(slot);
        }
        self.revision += 1;
    }

    fn set_patrol(&mut self, hands: &mut Hands, slot: u32, held: &PatrolTrail) {
        let patrol = &held.patrol;
        let Some(fix) = patrol.fix else {
            self.patrols.remove(slot);
            return;
        };
        let world = hands.stand.world(fix.place);
        let place = world + Vec3::Y * PATROL_HEIGHT_M;
        let known = self.patrols.at(slot);
        let glide = match known {
            Some(known) if known.glide.to == place => known.glide,
            Some(known) => known.glide.on_to(place, hands.now_ms),
            None => Glide { from: place, to: place, start_ms: hands.now_ms, for_ms: 1 },
        };
        let (mut newest, newest_at) = known.map_or((0, None), |known| (known.newest, known.newest_at));
        let is_new = |at: Timestamp| newest_at.is_none_or(|newest| at > newest);
        let fresh = held.trail.iter().rev().take_while(|point| is_new(point.at)).count();
        for point in held.trail.iter().skip(held.trail.len() - fresh) {
            newest = newest.wrapping_add(1);
            let world = if point.place == fix.place { world } else { hands.stand.world(point.place) };
            let secs = self.device_secs(point.at);
            hands.scene.points.set(slot, newest, world + Vec3::Y * TRAIL_HEIGHT_M, secs);
        }
        if fresh > 2 {
            // What was composed must not show points that are written over.
            self.pressing += 1;
        }
        let icon = hands.icons.of_patrol(patrol.kind);
        let mut known = self.patrols.at_mut(slot);
        // A course over ground stands in where the fix says none.
        let moved = (glide.to - glide.from).xz();
        let course = (moved.length() > 3.0).then(|| moved.x.atan2(-moved.y).to_degrees().rem_euclid(360.0));
        let heading_deg = fix.heading_deg.or(course).or(known.as_ref().and_then(|known| known.heading_deg));
        let record = PatrolRecord {
            id: match &mut known {
                Some(known) => std::mem::replace(&mut known.id, PatrolId(String::new())),
                None => patrol.id.clone(),
            },
            glide,
            icon,
            heading_deg,
            accuracy_m: fix.accuracy_m,
            seen_at: fix.at,
            off_duty_at: patrol.duty.map(|duty| duty.to),
            is_silent: is_silent(fix.at, hands.now),
            newest,
            points: (held.trail.len() as u32).min(TRAIL_POINTS),
            newest_at: held.trail.back().map(|point| point.at),
        };
        let (shown_at, traits) = (record.is_shown(hands.now).then(|| record.place()), patrol_traits(&record));
        let turns_secs = record.turns_secs(hands.now);
        match known {
            Some(known) => *known = record,
            None => self.patrols.put(slot, record),
        }
        match shown_at {
            Some(place) => self.patrols.tree.set(slot, place, traits),
            None => self.patrols.tree.remove(slot),
        }
        if let Some(held) = slots::entry(&mut self.turns_secs, slot, || i64::MAX) {
            *held = turns_secs;
        }
        self.revision += 1;
    }
}

fn is_silent(seen_at: Timestamp, now: Timestamp) -> bool {
    now.as_second() >= seen_at.as_second().saturating_add(SILENT_MIN * 60)
}

fn patrol_traits(record: &PatrolRecord) -> Traits {
    Traits { group: u8::from(record.is_silent), ..Traits::default() }
}

/// Milliseconds of real time, which goes on while nothing is drawn; it wraps after 49 days, and only differences are used.
fn milliseconds(time: &Time<Real>) -> u32 {
    time.elapsed().as_millis() as u32
}

/// Another filter: every issue is asked once.
fn follow_filter(
    filter: Res<Filter>,
    live: Res<Live>,
    scene_time: Res<SceneTime>,
    mut markers: ResMut<Markers>,
) {
    if markers.filter == *filter {
        return;
    }
    let markers = &mut *markers;
    markers.filter = filter.clone();
    markers.pressing += 1;
    for slot in 0..markers.issues.records.len() as u32 {
        markers.refilter(slot, &live.situation, scene_time.now);
    }
}

impl Markers {
    fn refilter(&mut self, slot: u32, situation: &Situation, now: Timestamp) {
        let Some(record) = self.issues.at(slot) else { return };
        let passes = self.filter == Filter::default()
            || situation.issue_at(slot).is_some_and(|issue| self.filter.matches(issue, now));
        let (foot, traits) = (record.foot, record.traits());
        if passes {
            self.issues.tree.set(slot, foot, traits);
        } else {
            self.issues.tree.remove(slot);
        }
    }
}

/// Once a second of the scenario: deadlines pass, patrols fall silent, shifts end.
fn age(live: Res<Live>, scene_time: Res<SceneTime>, mut markers: ResMut<Markers>) {
    let now = scene_time.now;
    let before = markers.looked_at.unwrap_or(now);
    if markers.looked_at.is_some_and(|before| before.as_second() == now.as_second()) {
        return;
    }
    let markers = &mut *markers;
    markers.looked_at = Some(now);
    let is_set_back = now < before;
    let passed = if is_set_back {
        // The clock was set back: what has become overdue since then is not any more, and will be again.
        let due = |record: &IssueRecord| record.due_at.filter(|due_at| (now..before).contains(due_at));
        let records = (0..).zip(&markers.issues.records);
        let back: Vec<_> =
            records.filter_map(|(slot, record)| Some((slot, due(record.as_ref()?)?))).collect();
        for (slot, due_at) in &back {
            markers.deadlines.add(*due_at, *slot);
        }
        back.into_iter().map(|(slot, _)| slot).collect()
    } else {
        markers.deadlines.passed(now)
    };
    for slot in passed {
        let Some(record) = markers.issues.at_mut(slot) else { continue };
        let is_overdue = record.due_at.is_some_and(|due| due < now);
        if record.is_overdue != is_overdue {
            record.is_overdue = is_overdue;
            markers.revision += 1;
            markers.refilter(slot, &live.situation, now);
        }
    }
    let crowd = &mut markers.patrols;
    for (slot, turns_secs) in markers.turns_secs.iter_mut().enumerate() {
        if *turns_secs > now.as_second() && !is_set_back {
            continue;
        }
        *turns_secs = i64::MAX;
        let Some(record) = crowd.records.get_mut(slot).and_then(Option::as_mut) else { continue };
        *turns_secs = record.turns_secs(now);
        let silent = is_silent(record.seen_at, now);
        let is_shown = record.is_shown(now);
        let was_shown = crowd.tree.item(slot as u32).is_some();
        if silent == record.is_silent && is_shown == was_shown {
            continue;
        }
        record.is_silent = silent;
        markers.revision += 1;
        if is_shown {
            crowd.tree.set(slot as u32, record.place(), patrol_traits(record));
        } else {
            crowd.tree.remove(slot as u32);
        }
    }
}
