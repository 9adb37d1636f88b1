//! What lies flat and what is written on it: from the place's ways and areas to the stage's vertices and labels.

use std::collections::{BTreeMap, HashSet};

use bevy::prelude::*;

use super::labels::{Label, LabelKind};
use super::palette;
use super::stage::{FlatVertex, FlatVertices};
use crate::city::{self, AreaKind, Place};
use crate::mesh::flat::{self, FlatClass, FlatMesh};

/// Width of the outline of a community, metres.
const COMMUNITY_LINE_M: f32 = 2.4;
/// Width of the outline of the subdistrict, metres.
const SUBDISTRICT_LINE_M: f32 = 6.0;
/// Only roads longer than this are named, metres.
const NAMED_ROAD_M: f32 = 90.0;
/// A long road is named once every so many metres.
const ROAD_NAME_EVERY_M: f32 = 420.0;

/// Squares, green, water and roads, in painting order.
pub(super) fn surfaces_and_roads(place: &Place) -> FlatVertices {
    to_vertices(&flat::ways(&place.ways), |class| (surface_row(class), [0; 4]))
}

/// The row of the ground palette for a class of [`FlatClass`]: 0 is the bare plain.
fn surface_row(class: u32) -> u32 {
    FlatClass::ALL.iter().find(|known| **known as u32 == class).map_or(0, |known| match known {
        FlatClass::Square => 1,
        FlatClass::Green => 2,
        FlatClass::Water => 3,
        FlatClass::Footway | FlatClass::Alley => 4,
        FlatClass::Residential => 5,
        FlatClass::Secondary => 6,
        FlatClass::Primary => 7,
        FlatClass::Bridge => 6,
        FlatClass::Wall => 8,
    })
}

/// The outlines of communities and of the subdistrict.
pub(super) fn outlines(place: &Place) -> FlatVertices {
    let mut vertices = FlatVertices::default();
    for (kind, width_m, alpha) in
        [(AreaKind::Community, COMMUNITY_LINE_M, 105), (AreaKind::Subdistrict, SUBDISTRICT_LINE_M, 150)]
    {
        let mesh = flat::outlines(place.areas.iter().filter(|area| area.kind == kind), width_m);
        let [r, g, b, _] = palette::AREA_LINE;
        let light = palette::linear([r, g, b], 0.0) * 255.0;
        let tint = [light.x as u8, light.y as u8, light.z as u8, alpha];
        append(&mut vertices, to_vertices(&mesh, |_| (0, tint)));
    }
    vertices
}

fn to_vertices(mesh: &FlatMesh, paint: impl Fn(u32) -> (u32, [u8; 4])) -> FlatVertices {
    let vertices = mesh
        .positions
        .iter()
        .zip(&mesh.class)
        .map(|([east, north], class)| {
            let (class, tint) = paint(*class);
            FlatVertex { place: [*east, -*north], class, tint }
        })
        .collect();
    FlatVertices { vertices, indices: mesh.indices.clone() }
}

fn append(all: &mut FlatVertices, more: FlatVertices) {
    let first = all.vertices.len() as u32;
    all.vertices.extend(more.vertices);
    all.indices.extend(more.indices.into_iter().map(|index| index + first));
}

/// Everything that has a name, where it is written.
pub(super) fn labels(place: &Place) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut write = |text: &str, at: [f32; 2], up: f32, kind: LabelKind| {
        if !text.trim().is_empty() {
            labels.push(Label { text: text.to_owned(), place: Vec3::new(at[0], up, -at[1]), kind });
        }
    };
    for area in place.areas.iter().filter(|area| area.kind == AreaKind::Community) {
        if let Some(at) = inside(area.polygons.iter()) {
            write(&area.name, at, 1.0, LabelKind::Community);
        }
    }
    // What is a landmark, a park and a building at once is named once.
    let mut named: HashSet<&str> = place.ways.labels.iter().map(|label| label.name.as_str()).collect();
    // What lies in pieces is named once, in its largest.
    let mut surfaces: BTreeMap<(&str, LabelKind), Vec<&city::Ground>> = BTreeMap::new();
    for surface in &place.ways.surfaces {
        let kind = match surface.kind {
            city::SurfaceKind::Water => LabelKind::Water,
            city::SurfaceKind::Green | city::SurfaceKind::Square => LabelKind::Green,
            city::SurfaceKind::Bridge | city::SurfaceKind::Wall => continue,
        };
        if let Some(name) = &surface.name {
            surfaces.entry((name, kind)).or_default().extend(&surface.polygons);
        }
    }
    for ((name, kind), polygons) in surfaces {
        if let Some(at) = inside(polygons.into_iter())
            && named.insert(name)
        {
            write(name, at, 0.5, kind);
        }
    }
    for landmark in &place.landmarks {
        if let Some(name) = landmark.name.as_deref().filter(|name| named.insert(name)) {
            let [east, north] = landmark.place.map(|part| part as f32);
            write(name, [east, north], landmark.bounds().1[1] + 2.0, LabelKind::Landmark);
        }
    }
    for label in &place.ways.labels {
        write(&label.name, label.point, 14.0, LabelKind::Landmark);
    }
    // A street is many lines between crossings: its name keeps a distance from itself.
    let mut streets: BTreeMap<&str, Vec<Vec2>> = BTreeMap::new();
    let mut roads: Vec<&city::Road> = place.ways.roads.iter().collect();
    roads.sort_by(|a, b| length_m(&b.line).total_cmp(&length_m(&a.line)));
    for road in roads {
        let Some(name) = &road.name else { continue };
        let written = streets.entry(name).or_default();
        for at in along(&road.line) {
            let is_apart = written.iter().all(|other| other.distance(Vec2::from(at)) > ROAD_NAME_EVERY_M);
            if is_apart {
                written.push(Vec2::from(at));
                let is_lane = matches!(road.class, city::RoadClass::Alley | city::RoadClass::Footway);
                write(name, at, 0.5, if is_lane { LabelKind::Lane } else { LabelKind::Road });
            }
        }
    }
    for building in place.city.iter() {
        if let Some(name) = building.name().filter(|name| !named.contains(name)) {
            let [east, north] = building.centroid();
            write(name, [east as f32, north as f32], building.top_m() + 3.0, LabelKind::Building);
        }
    }
    labels
}

/// A point that lies inside the largest of some polygons, as far from its edges as is worth while.
fn inside<'a>(polygons: impl Iterator<Item = &'a city::Ground>) -> Option<[f32; 2]> {
    let largest = polygons.max_by(|a, b| {
        city::signed_area_m2(&a.exterior).abs().total_cmp(&city::signed_area_m2(&b.exterior).abs())
    })?;
    let [x, y] = city::centroid(largest.rings())?;
    if largest.contains([x, y]) {
        return Some([x as f32, y as f32]);
    }
    // A crescent: the middle of the longest stretch of a horizontal line through the centroid.
    let bounds = largest.bounds();
    let steps = 64;
    let width = bounds.size()[0] / f64::from(steps);
    let mut best = (0, bounds.centre()[0]);
    let mut run = 0;
    for step in 0..=steps {
        let at = bounds.min[0] + width * f64::from(step);
        if largest.contains([at, y]) {
            run += 1;
            if run > best.0 {
                best = (run, at - width * f64::from(run - 1) * 0.5);
            }
        } else {
            run = 0;
        }
    }
    Some([best.1 as f32, y as f32])
}

fn length_m(line: &[[f32; 2]]) -> f32 {
    line.windows(2).map(|pair| Vec2::from(pair[0]).distance(Vec2::from(pair[1]))).sum()
}

/// Points along a line, each in the middle of its stretch.
fn along(line: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let pieces: Vec<(Vec2, Vec2)> =
        line.windows(2).map(|pair| (Vec2::from(pair[0]), Vec2::from(pair[1]))).collect();
    let length: f32 = pieces.iter().map(|(a, b)| a.distance(*b)).sum();
    if length < NAMED_ROAD_M {
        return Vec::new();
    }
    let count = (length / ROAD_NAME_EVERY_M).round().max(1.0);
    (0..count as u32)
        .filter_map(|index| {
            let mut left = length * (index as f32 + 0.5) / count;
            pieces.iter().find_map(|(a, b)| {
                let piece = a.distance(*b);
                if left <= piece {
                    return Some(a.lerp(*b, left / piece.max(1e-3)).to_array());
                }
                left -= piece;
                None
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_road_is_named_more_than_once() {
        assert_eq!(along(&[[0.0, 0.0], [50.0, 0.0]]), Vec::<[f32; 2]>::new());
        assert_eq!(along(&[[0.0, 0.0], [100.0, 0.0]]), [[50.0, 0.0]]);
        let twice = along(&[[0.0, 0.0], [400.0, 0.0], [840.0, 0.0]]);
        assert_eq!(twice.iter().map(|at| at[0].round()).collect::<Vec<_>>(), [210.0, 630.0]);
    }

    #[test]
    fn the_name_of_a_crescent_lies_in_it() {
        let exterior = vec![
            [0.0, 0.0],
            [100.0, 0.0],
            [100.0, 100.0],
            [0.0, 100.0],
            [0.0, 90.0],
            [90.0, 90.0],
            [90.0, 10.0],
            [0.0, 10.0],
        ];
        let ground = city::Ground { exterior, holes: Vec::new() };
        let at = inside([&ground].into_iter()).expect("a place");
        assert!(ground.contains([f64::from(at[0]), f64::from(at[1])]), "{at:?}");
    }
}
