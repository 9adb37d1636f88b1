//! What is chosen, and what is under the cursor.
//!
//! Reads [`Action::Select`] and [`Action::Show`]; owns [`Chosen`] and [`Hovered`]; marks buildings on the stage.

use bevy::prelude::*;

use super::actions::Action;
use super::camera::{CameraMove, Rig};
use super::markers::Markers;
use super::place::Stand;
use super::situation::Live;
use super::stage::Scene;
use super::view::{MiddleOfMap, View};
use super::{ShowSystems, ViewerSystems};
use crate::governance::{IssueId, PatrolId};

/// How near a chosen issue is looked at, metres.
const NEAR_ISSUE_M: f32 = 420.0;
/// How near a chosen patrol is looked at, metres.
const NEAR_PATROL_M: f32 = 380.0;

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A building by its index in the city.
    Building(u32),
    /// An area by its place in the list of areas.
    Area(u32),
    /// An issue.
    Issue(IssueId),
    /// A patrol.
    Patrol(PatrolId),
    /// A place that search found: east and south in whole metres, and its name.
    Place {
        /// East and south, metres.
        at: (i32, i32),
        /// Its name.
        name: String,
    },
}

/// What is chosen.
#[derive(Resource, Default, Clone, Debug, PartialEq)]
pub struct Chosen(pub Option<Selection>);

/// What is under the cursor.
#[derive(Resource, Default, Clone, Debug, PartialEq)]
pub struct Hovered(pub Option<Selection>);

/// The system that takes what is chosen.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Selected;

/// The system that marks buildings on the stage.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Marked;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Chosen>().init_resource::<Hovered>().add_systems(
        Update,
        (select.in_set(Selected).in_set(ViewerSystems::Apply), mark.in_set(Marked).in_set(ShowSystems::Mark)),
    );
}

fn select(
    mut actions: MessageReader<Action>,
    mut chosen: ResMut<Chosen>,
    markers: Res<Markers>,
    stand: Option<Res<Stand>>,
    live: Res<Live>,
    view: Res<View>,
    middle: Res<MiddleOfMap>,
    mut rig: ResMut<Rig>,
) {
    for action in actions.read() {
        match action {
            Action::Select(selection) => {
                chosen.set_if_neq(Chosen(selection.clone()));
            }
            Action::Show(selection) => {
                if let Some((place, distance_m)) = whereabouts(selection, &markers, stand.as_deref(), &live) {
                    // The camera looks at a point so far to the side that the place itself lies free of panels.
                    let aside_m = -middle.0 * distance_m / view.pixels_at_one_m.max(1.0);
                    let right = Vec2::from_angle(rig.goal.bearing_deg.to_radians());
                    let place = Vec2::new(place.x, place.z) + right * aside_m;
                    rig.take(CameraMove::FlyToPlace { place, distance_m });
                }
                chosen.set_if_neq(Chosen(Some(selection.clone())));
            }
            _ => {}
        }
    }
}

/// Where something is, and from how far it is looked at.
fn whereabouts(
    selection: &Selection,
    markers: &Markers,
    stand: Option<&Stand>,
    live: &Live,
) -> Option<(Vec3, f32)> {
    match selection {
        Selection::Issue(id) => {
            // A closed issue has no marker, but it has a place.
            let place = || Some(stand?.world(live.situation.issue(id)?.place?));
            Some((markers.issue_place(id).or_else(place)?, NEAR_ISSUE_M))
        }
        Selection::Patrol(id) => Some((markers.patrol_place(id)?, NEAR_PATROL_M)),
        Selection::Building(index) => {
            let (middle, size_m) = stand?.building_extent(*index)?;
            Some((middle, (size_m * 4.5).clamp(180.0, 900.0)))
        }
        Selection::Area(index) => {
            let bounds = stand?.place.areas.get(*index as usize)?.bounds;
            let ([east, north], [width, depth]) = (bounds.centre(), bounds.size());
            let distance_m = (width.max(depth) as f32 * 2.0).clamp(NEAR_ISSUE_M, 4_000.0);
            Some((Vec3::new(east as f32, 0.0, -north as f32), distance_m))
        }
        Selection::Place { at: (east, south), .. } => {
            Some((Vec3::new(*east as f32, 0.0, *south as f32), 520.0))
        }
    }
}

fn mark(chosen: Res<Chosen>, hovered: Res<Hovered>, stand: Option<Res<Stand>>, mut scene: ResMut<Scene>) {
    let Some(stand) = stand else { return };
    let row = |selection: &Option<Selection>| match selection {
        Some(Selection::Building(index)) => stand.row(*index),
        _ => None,
    };
    let marks = super::stage::Marks {
        hovered: row(&hovered.0),
        selected: row(&chosen.0),
        dim_others: matches!(chosen.0, Some(Selection::Building(_))),
        is_apart: scene.marks.is_apart,
    };
    if scene.marks != marks {
        scene.marks = marks;
    }
}
