//! The chosen area: by its label, by search, or by the filter of the lists.
//!
//! Reads [`Chosen`] and [`Filter`]; owns [`ChosenArea`]; raises walls of light on the stage.

use bevy::prelude::*;

use super::filter::Filter;
use super::layers::{Layer, Layers};
use super::palette;
use super::place::Stand;
use super::selection::{Chosen, Selection};
use super::stage::{Stroke, StrokeLayer, StrokeScene};
use super::{ShowSystems, ViewerSystems};
use crate::city::{AreaKind, Ground};

/// How far above the ground the walls begin, metres.
const FOOT_M: f32 = 0.2;
/// Width of their foot where something stands before it, points.
const FOOT_PT: f32 = 1.5;

/// The area whose boundary is shown, as it stands in the place's list of areas.
#[derive(Resource, Default, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChosenArea(pub Option<u32>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ChosenArea>().add_systems(
        Update,
        (choose_area, draw_walls)
            .chain()
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

/// Walls of light along the boundary.
fn draw_walls(area: Res<ChosenArea>, layers: Res<Layers>, stand: Res<Stand>, mut scene: ResMut<StrokeScene>) {
    if !(area.is_changed() || layers.is_changed()) {
        return;
    }
    let shown = area.0.filter(|_| layers.shows(Layer::Areas));
    let shown = shown.and_then(|index| stand.place.areas.get(index as usize));
    let (mut walls, mut feet) = (Vec::new(), Vec::new());
    for ring in shown.iter().flat_map(|area| &area.polygons).flat_map(Ground::rings) {
        let points: Vec<Vec3> = ring.iter().map(|[east, north]| Vec3::new(*east, FOOT_M, -*north)).collect();
        for (from, to) in points.iter().zip(points.iter().cycle().skip(1)) {
            if from != to {
                walls.push(Stroke::wall(*from, *to, palette::WALL));
                feet.push(Stroke::line(*from, *to, FOOT_PT, palette::WALL));
            }
        }
    }
    scene.replace(StrokeLayer::Walls, walls);
    scene.replace(StrokeLayer::Boundary, feet);
}
