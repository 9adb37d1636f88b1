//! The chosen area: by its label, by search, or by the filter of the lists.
//!
//! Reads [`Chosen`] and [`Filter`]; owns [`ChosenArea`]; raises walls of light on the stage, and sets back what lies
//! outside of them.

use std::sync::Arc;

use bevy::prelude::*;

use super::filter::Filter;
use super::layers::{Layer, Layers};
use super::pace::{Pace, SMOOTH};
use super::palette;
use super::place::Stand;
use super::selection::{Chosen, Selection};
use super::stage::{Scene, Stroke, StrokeLayer, StrokeScene};
use super::{ShowSystems, ViewerSystems};
use crate::city::{Area, AreaKind, Ground, Place};
use crate::mesh::Within;

/// How far above the ground the walls begin, metres.
const FOOT_M: f32 = 0.2;
/// On a slope lines are laid in pieces of at most this length, metres.
const PIECE_M: f32 = 20.0;
/// Width of their foot where something stands before it, points.
const FOOT_PT: f32 = 1.5;
/// How quickly what lies outside steps back, and comes forward again.
const SET_BACK_PER_SEC: f32 = 4.0;

/// The area whose boundary is shown, as it stands in the place's list of areas.
#[derive(Resource, Default, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChosenArea(pub Option<u32>);

/// The systems here.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WallsDrawn;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ChosenArea>().add_systems(
        Update,
        (choose_area, draw_walls, set_back)
            .chain()
            .in_set(WallsDrawn)
            .in_set(ViewerSystems::Show)
            .before(ShowSystems::Light)
            .run_if(resource_exists::<Stand>),
    );
}

fn choose_area(chosen: Res<Chosen>, filter: Res<Filter>, stand: Res<Stand>, mut area: ResMut<ChosenArea>) {
    if !(chosen.is_changed() || filter.is_changed() || stand.is_changed()) {
        return;
    }
    let filtered = || {
        let position = stand.place.areas.position(AreaKind::Community, filter.community.as_deref()?)?;
        Some(position as u32)
    };
    let wanted = match &chosen.0 {
        Some(Selection::Area(index)) => Some(*index),
        _ => filtered(),
    };
    area.set_if_neq(ChosenArea(wanted));
}

/// A line so far above the ground, in the world; where the ground is not level, in pieces short enough to follow it.
pub(super) fn on_ground(place: &Place, line: &[[f32; 2]], up_m: f32) -> Vec<Vec3> {
    let at = |point: Vec2| {
        let ground_m = place.ground_m([f64::from(point.x), f64::from(point.y)]);
        Vec3::new(point.x, ground_m + up_m, -point.y)
    };
    let mut points = Vec::with_capacity(line.len());
    for pair in line.windows(2) {
        let [from, to] = pair else { continue };
        let (from, to) = (Vec2::from(*from), Vec2::from(*to));
        let is_level = place.relief.is_none();
        let pieces = if is_level { 1.0 } else { (from.distance(to) / PIECE_M).ceil().max(1.0) };
        points.extend((0..pieces as u32).map(|piece| at(from.lerp(to, piece as f32 / pieces))));
    }
    points.extend(line.last().map(|last| at(Vec2::from(*last))));
    points
}

/// The chosen area, where areas are shown.
fn shown<'a>(area: ChosenArea, layers: &Layers, stand: &'a Stand) -> Option<&'a Area> {
    area.0.filter(|_| layers.shows(Layer::Areas)).and_then(|index| stand.place.areas.get(index as usize))
}

/// Walls of light along the boundary.
fn draw_walls(area: Res<ChosenArea>, layers: Res<Layers>, stand: Res<Stand>, mut scene: ResMut<StrokeScene>) {
    if !(area.is_changed() || layers.is_changed()) {
        return;
    }
    let shown = shown(*area, &layers, &stand);
    let (mut walls, mut feet) = (Vec::new(), Vec::new());
    for ring in shown.iter().flat_map(|area| &area.polygons).flat_map(Ground::rings) {
        let mut closed = ring.to_vec();
        closed.extend(ring.first());
        let points = on_ground(&stand.place, &closed, FOOT_M);
        for (from, to) in points.iter().zip(points.iter().skip(1)) {
            if from != to {
                walls.push(Stroke::wall(*from, *to, palette::WALL));
                feet.push(Stroke::line(*from, *to, FOOT_PT, palette::WALL));
            }
        }
    }
    scene.replace(StrokeLayer::Walls, walls);
    scene.replace(StrokeLayer::Boundary, feet);
}

/// What lies outside of the chosen area steps back. What was chosen last keeps its map until that has faded.
fn set_back(
    area: Res<ChosenArea>,
    layers: Res<Layers>,
    stand: Res<Stand>,
    time: Res<Time>,
    pace: Res<Pace>,
    mut scene: ResMut<Scene>,
) {
    let shown = shown(*area, &layers, &stand);
    if let Some(shown) = shown
        && (area.is_changed() || layers.is_changed() || stand.is_changed())
    {
        let within = Within::of(&shown.polygons);
        if within != *scene.within {
            scene.within = Arc::new(within);
            scene.within_revision += 1;
        }
    }
    let goal = if shown.is_some() && !scene.within.texels.is_empty() { 1.0 } else { 0.0 };
    // From the next frame on: what it is drawn with may have to be made, and the answer to a click does not wait for that.
    let step = if area.is_changed() { 0.0 } else { time.delta_secs() * SET_BACK_PER_SEC };
    let share = scene.set_back + (goal - scene.set_back).clamp(-step, step);
    if goal != scene.set_back {
        scene.set_back = share;
        pace.moves(SMOOTH, "the chosen area");
    }
}
