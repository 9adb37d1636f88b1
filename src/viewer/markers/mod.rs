//! Issues and patrols as markers: pins on stems above roofs, arrows with trails, rings around what is urgent.
//!
//! Reads [`SituationChanged`] and keeps a plain record a thing; every frame those in view become sprites.
//! Emits [`MarkersOnScreen`], which the pointer picks from.

mod compose;
mod group;

pub(crate) use compose::masked;
pub use compose::{MarkersOnScreen, OnScreen};

use std::collections::BTreeMap;

use bevy::prelude::*;
use jiff::Timestamp;

use super::place::Stand;
use super::situation::{Live, SituationChanged, SituationReceived};
use super::{ShowSystems, ViewerSystems};
use crate::feed::PatrolTrail;
use crate::governance::{Issue, IssueId, PatrolId, State};

/// What is drawn of an issue.
#[derive(Clone, Debug)]
pub(super) struct IssueMarker {
    pub(super) id: IssueId,
    /// The roof or the ground that it stands on.
    pub(super) foot: Vec3,
    pub(super) state: State,
    pub(super) label: String,
    pub(super) is_urgent: bool,
    pub(super) due_at: Option<Timestamp>,
    pub(super) reported_at: Timestamp,
    pub(super) is_open: bool,
}

impl IssueMarker {
    pub(super) fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_open && self.state != State::Suspended && self.due_at.is_some_and(|due| due < now)
    }

    /// More is more pressing.
    pub(super) fn weight(&self, now: Timestamp) -> u32 {
        let age_minutes = now.duration_since(self.reported_at).as_mins().clamp(0, 9_999) as u32;
        u32::from(self.is_urgent) * 100_000 + u32::from(self.is_overdue(now)) * 50_000 + 9_999 - age_minutes
    }
}

/// What is drawn of a patrol.
#[derive(Clone, Debug)]
pub(super) struct PatrolMarker {
    pub(super) id: PatrolId,
    pub(super) name: String,
    /// Where it was last.
    pub(super) place: Vec3,
    /// Where it is shown now, on its way there.
    pub(super) shown: Vec3,
    pub(super) heading_deg: Option<f32>,
    pub(super) seen_at: Timestamp,
    /// When its shift ends, where a roster says so: people are shown only within it.
    pub(super) off_duty_at: Option<Timestamp>,
    /// Oldest first, with the time of each point.
    pub(super) trail: Vec<(Vec3, Timestamp)>,
}

impl PatrolMarker {
    /// Whether it may be shown: until its shift ends, or, without a roster, until it has been silent for long.
    pub(super) fn is_shown(&self, now: Timestamp) -> bool {
        match self.off_duty_at {
            Some(end) => now < end,
            None => now.duration_since(self.seen_at).as_mins() < GONE_MIN,
        }
    }
}

/// Every marker there is.
#[derive(Resource, Default)]
pub struct Markers {
    pub(super) issues: BTreeMap<IssueId, IssueMarker>,
    pub(super) patrols: BTreeMap<PatrolId, PatrolMarker>,
}

impl Markers {
    /// Where an issue stands: the roof or ground under its pin.
    pub fn issue_place(&self, id: &IssueId) -> Option<Vec3> {
        self.issues.get(id).map(|marker| marker.foot)
    }

    /// Where a patrol is shown.
    pub fn patrol_place(&self, id: &PatrolId) -> Option<Vec3> {
        self.patrols.get(id).map(|marker| marker.shown)
    }
}

/// How high above the ground a person's marker stands, metres.
const PATROL_HEIGHT_M: f32 = 2.0;
/// A patrol that is farther from where it is shown than this is not moved smoothly.
const JUMP_M: f32 = 400.0;

/// A marker is where it should be when it is as near as this.
const THERE_M: f32 = 0.05;

/// A patrol without a roster that has not been heard of for so long is not shown, minutes.
const GONE_MIN: i64 = 2 * 60;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Markers>().init_resource::<MarkersOnScreen>().add_systems(
        Update,
        (
            // Before any action: what is shown because it is new must have a place already.
            follow_situation.in_set(ViewerSystems::Receive).after(SituationReceived),
            (move_patrols, compose::compose).chain().in_set(ShowSystems::Markers),
        )
            .run_if(resource_exists::<Stand>),
    );
}

fn follow_situation(
    mut changed: MessageReader<SituationChanged>,
    live: Res<Live>,
    stand: Res<Stand>,
    mut markers: ResMut<Markers>,
) {
    let situation = &live.situation;
    if stand.is_added() {
        // What came before the city was there.
        for issue in situation.issues() {
            set_issue(&mut markers, &stand, issue);
        }
        for trail in situation.patrols() {
            set_patrol(&mut markers, &stand, trail);
        }
        changed.clear();
        return;
    }
    for SituationChanged(changes) in changed.read() {
        for id in &changes.issues_removed {
            markers.issues.remove(id);
        }
        for id in &changes.patrols_removed {
            markers.patrols.remove(id);
        }
        for issue in changes.issues.iter().filter_map(|id| situation.issue(id)) {
            set_issue(&mut markers, &stand, issue);
        }
        for trail in changes.patrols.iter().filter_map(|id| situation.patrol(id)) {
            set_patrol(&mut markers, &stand, trail);
        }
    }
}

fn set_issue(markers: &mut Markers, stand: &Stand, issue: &Issue) {
    let Some(place) = issue.place else {
        markers.issues.remove(&issue.id);
        return;
    };
    if !issue.state.is_open() {
        markers.issues.remove(&issue.id);
        return;
    }
    let ground = stand.world(place);
    let roof = issue
        .building
        .as_deref()
        .and_then(|id| stand.roof_of(id))
        .or_else(|| stand.roof_at(ground))
        .unwrap_or(ground.y);
    markers.issues.insert(
        issue.id.clone(),
        IssueMarker {
            id: issue.id.clone(),
            foot: ground.with_y(roof),
            state: issue.state,
            label: issue.class_short().to_owned(),
            is_urgent: issue.is_urgent(),
            due_at: issue.due_at,
            reported_at: issue.reported_at,
            is_open: true,
        },
    );
}

fn set_patrol(markers: &mut Markers, stand: &Stand, held: &PatrolTrail) {
    let patrol = &held.patrol;
    let Some(fix) = patrol.fix else {
        markers.patrols.remove(&patrol.id);
        return;
    };
    let place = stand.world(fix.place) + Vec3::Y * PATROL_HEIGHT_M;
    let shown = markers.patrols.get(&patrol.id).map_or(place, |held| held.shown);
    let trail = held.trail.iter().map(|point| (stand.world(point.place) + Vec3::Y * 0.6, point.at)).collect();
    markers.patrols.insert(
        patrol.id.clone(),
        PatrolMarker {
            id: patrol.id.clone(),
            name: patrol.name.clone(),
            place,
            shown: if shown.distance(place) <= JUMP_M { shown } else { place },
            off_duty_at: patrol.duty.map(|duty| duty.to),
            heading_deg: fix.heading_deg,
            seen_at: fix.at,
            trail,
        },
    );
}

/// Positions come once a second; in between markers glide.
fn move_patrols(time: Res<Time>, mut markers: ResMut<Markers>) {
    let share = 1.0 - (-time.delta_secs() * 3.0).exp();
    for marker in markers.bypass_change_detection().patrols.values_mut() {
        // Half way again and again never ends, and what moves keeps the picture being drawn.
        let is_there = marker.shown.distance_squared(marker.place) < THERE_M * THERE_M;
        marker.shown = if is_there { marker.place } else { marker.shown.lerp(marker.place, share) };
    }
}
