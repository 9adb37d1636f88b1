//! The outline of the chosen building: bright where it is seen, dashed and dim where something stands before it.
//!
//! Its edges are drawn again as lines, so that no second pass over the picture is needed; which of them are its
//! silhouette depends on where the camera stands, and is worked out here, for one building, when either changes.

use bevy::prelude::*;

use super::ShowSystems;
use super::floors::Fan;
use super::palette::{self, Rgba, faded};
use super::place::Stand;
use super::selection::{Chosen, Selection};
use super::stage::{Stroke, StrokeLayer, StrokeScene};
use super::view::View;
use crate::city::{BuildingIndex, BuildingRef};

/// Width of the outline, points.
const WIDTH_PT: f32 = 2.0;
/// Width of the edges within it.
const INNER_PT: f32 = 1.0;
/// The silhouette is worked out again when the camera has moved by this share of its distance.
const MOVED: f32 = 0.01;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        outline_chosen
            .in_set(ShowSystems::Mark)
            .after(super::floors::StoreysDrawn)
            .run_if(resource_exists::<Stand>),
    );
}

fn outline_chosen(
    chosen: Res<Chosen>,
    fan: Res<Fan>,
    stand: Res<Stand>,
    view: Res<View>,
    mut scene: ResMut<StrokeScene>,
    mut from: Local<Option<Vec3>>,
) {
    let building = match &chosen.0 {
        // Fanned out, its storeys have outlines of their own.
        Some(Selection::Building(index)) if !fan.is_shown() => stand.city().building(BuildingIndex(*index)),
        _ => None,
    };
    let Some(building) = building else {
        if from.take().is_some() {
            scene.replace(StrokeLayer::Hidden, Vec::new());
            scene.replace(StrokeLayer::Outline, Vec::new());
        }
        return;
    };
    let has_moved = from.is_none_or(|from| from.distance(view.camera) > view.camera.y.max(20.0) * MOVED);
    if !(has_moved || chosen.is_changed()) {
        return;
    }
    *from = Some(view.camera);
    let edges = edges(building, view.camera);
    let line = |edge: &Edge, width, color: Rgba| Stroke::line(edge.from, edge.to, width, color);
    let silhouette = || edges.iter().filter(|edge| edge.is_silhouette);
    scene.replace(
        StrokeLayer::Hidden,
        silhouette().map(|edge| line(edge, WIDTH_PT, palette::ACCENT)).collect(),
    );
    scene.replace(
        StrokeLayer::Outline,
        edges
            .iter()
            .filter(|edge| !edge.is_silhouette)
            .map(|edge| line(edge, INNER_PT, faded(palette::ACCENT, 0.5)))
            .chain(silhouette().map(|edge| line(edge, WIDTH_PT, palette::ACCENT)))
            .collect(),
    );
}

/// An edge of a building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) from: Vec3,
    pub(super) to: Vec3,
    /// Of the two faces that meet in it, one is turned to the camera and the other away.
    pub(super) is_silhouette: bool,
}

/// From where to where a building's walls reach, metres above the plain.
struct Body {
    bottom_m: f32,
    top_m: f32,
    has_underside: bool,
}

/// The edges of a building as they are seen from a point.
fn edges(building: BuildingRef<'_>, camera: Vec3) -> Vec<Edge> {
    let body = Body {
        bottom_m: building.bottom_m(),
        top_m: building.top_m(),
        has_underside: building.is_floating(),
    };
    let mut edges = Vec::new();
    for polygon in building.polygons() {
        for (number, ring) in polygon.rings().enumerate() {
            // The ground is to the left of an outer ring that runs counter-clockwise, and of a hole that runs clockwise.
            let is_left = (crate::city::signed_area_m2(ring) > 0.0) == (number == 0);
            ring_edges(ring, is_left, &body, camera, &mut edges);
        }
    }
    edges
}

fn ring_edges(ring: &[[f32; 2]], is_left: bool, body: &Body, camera: Vec3, edges: &mut Vec<Edge>) {
    let (bottom, top) = (body.bottom_m, body.top_m);
    let mut points: Vec<Vec2> = ring.iter().map(|[east, north]| Vec2::new(*east, -*north)).collect();
    points.dedup_by(|a, b| a.distance(*b) < 0.05);
    if points.len() > 1 && points.first().zip(points.last()).is_some_and(|(a, b)| a.distance(*b) < 0.05) {
        points.pop();
    }
    let eye = Vec2::new(camera.x, camera.z);
    let count = points.len();
    let at = |index: usize| points.get(index % count.max(1)).copied().unwrap_or_default();
    // East and south: turning a wall's direction by a quarter clockwise as seen from above points to its left.
    let faces = |index: usize| {
        let (a, b) = (at(index), at(index + 1));
        let left = Vec2::new(b.y - a.y, a.x - b.x);
        let outward = if is_left { -left } else { left };
        (outward.dot(eye - a) > 0.0, outward.normalize_or_zero())
    };
    // What stands on a hill may be seen from below it, but its underside is in the ground.
    let (roof_faces, floor_faces) = (camera.y > top, body.has_underside && camera.y < bottom);
    for index in 0..count {
        let (a, b) = (at(index), at(index + 1));
        let (is_facing, normal) = faces(index);
        let (after_faces, after_normal) = faces(index + 1);
        let up = |at: Vec2, y: f32| Vec3::new(at.x, y, at.y);
        edges.push(Edge { from: up(a, top), to: up(b, top), is_silhouette: is_facing != roof_faces });
        if is_facing != floor_faces {
            edges.push(Edge { from: up(a, bottom), to: up(b, bottom), is_silhouette: true });
        }
        // A round tower has no edge at each of its corners, but it has a silhouette.
        let is_silhouette = is_facing != after_faces;
        if is_silhouette || normal.dot(after_normal) < 0.9 {
            edges.push(Edge { from: up(b, bottom), to: up(b, top), is_silhouette });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f32; 2]; 4] = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];

    fn silhouette(camera: Vec3) -> Vec<Edge> {
        silhouette_of(&Body { bottom_m: 0.0, top_m: 20.0, has_underside: false }, camera)
    }

    fn silhouette_of(body: &Body, camera: Vec3) -> Vec<Edge> {
        let mut edges = Vec::new();
        ring_edges(&SQUARE, true, body, camera, &mut edges);
        edges.retain(|edge| edge.is_silhouette);
        edges
    }

    #[test]
    fn from_the_foot_of_a_hill_a_house_on_it_has_no_underside_and_a_bridge_has_one() {
        // From the south-east and 10 m below: of the house, the far walls do not show at its foot; of the bridge they do.
        let below = Vec3::new(100.0, 20.0, 100.0);
        let at_the_foot = |has_underside| {
            let seen = silhouette_of(&Body { bottom_m: 30.0, top_m: 50.0, has_underside }, below);
            let foot = seen.into_iter().filter(|edge| edge.from.y == 30.0 && edge.to.y == 30.0);
            foot.map(|edge| {
                (edge.from.z == 0.0 && edge.to.z == 0.0) || (edge.from.x == 10.0 && edge.to.x == 10.0)
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(at_the_foot(false), [true, true], "the near walls, to the south and to the east");
        assert_eq!(at_the_foot(true), [false, false], "the far ones");
    }

    #[test]
    fn the_silhouette_of_a_box_from_above_a_corner_has_six_edges() {
        // From the south-east: the walls to the south and to the east are seen. Two edges of the roof, at the back,
        // two at the foot, in front, and two upright ones between what is seen and what is not.
        let seen = silhouette(Vec3::new(100.0, 80.0, 100.0));
        assert_eq!(seen.len(), 6, "{seen:?}");
        let upright: Vec<Vec2> = seen
            .iter()
            .filter(|edge| edge.from.y != edge.to.y)
            .map(|edge| Vec2::new(edge.from.x, edge.from.z))
            .collect();
        assert!(
            upright.contains(&Vec2::new(0.0, 0.0)) && upright.contains(&Vec2::new(10.0, -10.0)),
            "{upright:?}"
        );
        let roof = seen.iter().filter(|edge| edge.from.y == 20.0 && edge.to.y == 20.0);
        assert!(
            roof.clone().count() == 2 && roof.clone().all(|edge| edge.from.x == 0.0 || edge.from.z == -10.0)
        );
    }

    #[test]
    fn from_straight_above_the_silhouette_is_the_roof() {
        let seen = silhouette(Vec3::new(5.0, 500.0, -5.0));
        assert_eq!(seen.len(), 4);
        assert!(seen.iter().all(|edge| edge.from.y == 20.0));
    }
}
