//! Everything of a place that has a name, and where it is written.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bevy::math::{Vec2, Vec3};

use super::{Label, LabelKind, Stretch};
use crate::city::{self, AreaKind, Place, RoadClass};
use crate::viewer::selection::Selection;

/// Roads shorter than this are not named, metres.
const NAMED_ROAD_M: f32 = 40.0;
/// A road may be named at places this far apart, metres: how many of them are is a question of the screen.
const ROAD_NAME_EVERY_M: f32 = 60.0;
/// Ends of two lines of one road that are nearer than this are one point, metres.
const JOINED_M: f32 = 1.0;
/// Points of a line nearer than this are one, metres.
const FINE_M: f32 = 1.5;

/// All names of a place.
pub(in crate::viewer) fn of_place(place: &Place) -> Vec<Label> {
    let mut labels = Vec::new();
    areas(place, &mut labels);
    // What is a landmark, a park and a building at once is named once.
    let mut named: HashSet<&str> = place.ways.labels.iter().map(|label| label.name.as_str()).collect();
    surfaces(place, &mut named, &mut labels);
    let standing = landmarks(place, &mut labels);
    for label in place.ways.labels.iter().filter(|label| !standing.names.contains(label.name.as_str())) {
        let at = above(place, Vec2::from(label.point), 14.0);
        labels.push(Label::new(LabelKind::Landmark, &label.name, at).in_english(label.name_en.as_deref()));
    }
    roads(place, &mut labels);
    for building in place.city.iter().filter(|building| !standing.buildings.contains(&building.index())) {
        if let Some(name) = building.name().filter(|name| !named.contains(name)) {
            let [east, north] = building.centroid();
            let at = Vec3::new(east as f32, building.top_m() + 3.0, -north as f32);
            let label = Label::new(LabelKind::Building, name, at);
            labels.push(label.leading_to(Selection::Building(building.index().0)));
        }
    }
    labels.retain(|label| !label.text.trim().is_empty());
    labels
}

/// What landmarks have named already.
struct Standing<'a> {
    names: HashSet<&'a str>,
    buildings: HashSet<city::BuildingIndex>,
}

/// Names of landmarks, over their tops: their own, else those of the buildings that they stand for.
fn landmarks<'a>(place: &'a Place, labels: &mut Vec<Label>) -> Standing<'a> {
    let mut standing = Standing { names: HashSet::new(), buildings: HashSet::new() };
    for landmark in &place.landmarks {
        standing.buildings.extend(&landmark.replaces);
        let building = landmark.building.and_then(|index| place.city.building(index));
        let own = landmark.name.as_deref();
        let Some(name) = own.or_else(|| building.and_then(city::BuildingRef::name)) else { continue };
        let english = place.ways.labels.iter().find(|label| label.name == name);
        standing.names.insert(name);
        let [east, north] = landmark.place.map(|part| part as f32);
        let at = Vec3::new(east, landmark.bounds().1[1] + 2.0, -north);
        let kind = if own.is_some() { LabelKind::Landmark } else { LabelKind::Building };
        let label = Label::new(kind, name, at).in_english(english.and_then(|label| label.name_en.as_deref()));
        labels.push(match landmark.building {
            Some(index) => label.leading_to(Selection::Building(index.0)),
            None => label,
        });
    }
    standing
}

/// A point so many metres above the ground, as the picture has it.
fn above(place: &Place, at: Vec2, up_m: f32) -> Vec3 {
    Vec3::new(at.x, up_m + place.ground_m(at.as_dvec2().to_array()), -at.y)
}

fn areas(place: &Place, labels: &mut Vec<Label>) {
    for (index, area) in place.areas.iter().enumerate() {
        let kind = match area.kind {
            AreaKind::Community => LabelKind::Community,
            AreaKind::Compound | AreaKind::BusinessDistrict => LabelKind::Compound,
            AreaKind::Grid => LabelKind::Grid,
            AreaKind::Subdistrict | AreaKind::Alley => continue,
        };
        if let Some(at) = inside(area.polygons.iter()) {
            let [width, depth] = area.bounds.size();
            labels.push(
                Label::new(kind, &area.name, above(place, Vec2::from(at), 1.0))
                    .in_english(area.name_en.as_deref())
                    .as_wide_as(width.min(depth) as f32)
                    .leading_to(Selection::Area(index as u32)),
            );
        }
    }
}

fn surfaces<'a>(place: &'a Place, named: &mut HashSet<&'a str>, labels: &mut Vec<Label>) {
    // What lies in pieces is named once, in its largest.
    type Pieces<'a> = (Vec<&'a city::Ground>, Option<&'a str>);
    let mut surfaces: BTreeMap<(&str, LabelKind), Pieces<'_>> = BTreeMap::new();
    for surface in &place.ways.surfaces {
        let kind = match surface.kind {
            city::SurfaceKind::Water => LabelKind::Water,
            city::SurfaceKind::Green | city::SurfaceKind::Square => LabelKind::Green,
            city::SurfaceKind::Bridge | city::SurfaceKind::Wall => continue,
        };
        if let Some(name) = &surface.name {
            let (pieces, english) = surfaces.entry((name, kind)).or_default();
            pieces.extend(&surface.polygons);
            *english = english.or(surface.name_en.as_deref());
        }
    }
    for ((name, kind), (pieces, english)) in surfaces {
        let area_m2: f64 = pieces.iter().map(|piece| city::signed_area_m2(&piece.exterior).abs()).sum();
        if let Some(at) = inside(pieces.into_iter())
            && named.insert(name)
        {
            labels.push(
                Label::new(kind, name, above(place, Vec2::from(at), 0.5))
                    .in_english(english)
                    .as_wide_as(area_m2.sqrt() as f32),
            );
        }
    }
}

/// A name that has a number in it is that of a lane off another street, whatever its class.
fn is_numbered(name: &str) -> bool {
    name.chars().any(|character| character.is_ascii_digit())
}

fn roads(place: &Place, labels: &mut Vec<Label>) {
    // A street is many lines between crossings: they are joined, and its names keep a distance from each other.
    let mut streets: BTreeMap<&str, (LabelKind, Option<&str>, Vec<Vec<Vec2>>)> = BTreeMap::new();
    for road in &place.ways.roads {
        let Some(name) = &road.name else { continue };
        let kind = match road.class {
            RoadClass::Primary | RoadClass::Secondary => LabelKind::Road,
            RoadClass::Residential if !is_numbered(name) => LabelKind::Street,
            RoadClass::Residential | RoadClass::Alley | RoadClass::Footway => LabelKind::Lane,
        };
        let line: Vec<Vec2> = road.line.iter().copied().map(Vec2::from).collect();
        let (held, english, lines) = streets.entry(name).or_insert((kind, None, Vec::new()));
        *held = (*held).max(kind);
        *english = english.or(road.name_en.as_deref());
        lines.push(line);
    }
    for (street, (name, (kind, english, lines))) in streets.into_iter().enumerate() {
        for line in joined(lines) {
            let line = thinned(&line);
            let points: Arc<[Vec3]> = line.iter().map(|at| above(place, *at, 0.5)).collect();
            for (rank, piece, at) in along(&line) {
                labels.push(
                    Label::new(kind, name, above(place, at, 0.5)).in_english(english).along(Stretch {
                        points: points.clone(),
                        piece,
                        rank,
                        street: street as u32,
                    }),
                );
            }
        }
    }
}

/// Lines that go on in each other become one, straight on before around a corner.
fn joined(mut lines: Vec<Vec<Vec2>>) -> Vec<Vec<Vec2>> {
    lines.retain(|line| line.len() > 1);
    lines.sort_by(|a, b| length_m(a).total_cmp(&length_m(b)));
    let mut chains = Vec::new();
    while let Some(mut chain) = lines.pop() {
        for _end in 0..2 {
            while let Some(next) = continuation(&chain, &lines) {
                let mut line = lines.swap_remove(next.0);
                if next.1 {
                    line.reverse();
                }
                chain.extend(line.into_iter().skip(1));
            }
            chain.reverse();
        }
        chains.push(chain);
    }
    chains
}

/// The line that goes on where a chain ends, and whether it runs the other way.
fn continuation(chain: &[Vec2], lines: &[Vec<Vec2>]) -> Option<(usize, bool)> {
    let [.., before, end] = chain else { return None };
    let heading = (*end - *before).normalize_or_zero();
    let mut best = (0.5, None);
    for (index, line) in lines.iter().enumerate() {
        let ends = [(line.first(), line.get(1), false), (line.last(), line.iter().nth_back(1), true)];
        for (start, second, is_reversed) in ends {
            let (Some(start), Some(second)) = (start, second) else { continue };
            let straightness = (*second - *start).normalize_or_zero().dot(heading);
            if start.distance(*end) <= JOINED_M && straightness > best.0 {
                best = (straightness, Some((index, is_reversed)));
            }
        }
    }
    best.1
}

fn thinned(line: &[Vec2]) -> Vec<Vec2> {
    let mut kept: Vec<Vec2> = Vec::with_capacity(line.len());
    for (index, point) in line.iter().enumerate() {
        let is_apart = kept.last().is_none_or(|last| last.distance(*point) >= FINE_M);
        if is_apart || index + 1 == line.len() {
            kept.push(*point);
        }
    }
    kept
}

fn length_m(line: &[Vec2]) -> f32 {
    line.windows(2).map(|pair| pair.first().zip(pair.last()).map_or(0.0, |(a, b)| a.distance(*b))).sum()
}

/// Places along a line: how late it comes (the middle first, then the quarters), the piece that it lies on, and where.
fn along(line: &[Vec2]) -> Vec<(u8, usize, Vec2)> {
    let length = length_m(line);
    if length < NAMED_ROAD_M {
        return Vec::new();
    }
    let mut places = Vec::new();
    for rank in 0..6u8 {
        let parts = 1u32 << (rank + 1);
        if rank > 0 && length / (parts as f32) < ROAD_NAME_EVERY_M {
            break;
        }
        for odd in (1..parts).step_by(2) {
            let mut left = length * odd as f32 / parts as f32;
            for (piece, pair) in line.windows(2).enumerate() {
                let [a, b] = pair else { continue };
                let piece_m = a.distance(*b);
                if left <= piece_m {
                    places.push((rank, piece, a.lerp(*b, left / piece_m.max(1e-3))));
                    break;
                }
                left -= piece_m;
            }
        }
    }
    places
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[[f32; 2]]) -> Vec<Vec2> {
        points.iter().copied().map(Vec2::from).collect()
    }

    #[test]
    fn a_long_road_is_named_in_the_middle_and_then_at_its_quarters() {
        assert!(along(&line(&[[0.0, 0.0], [30.0, 0.0]])).is_empty());
        assert_eq!(along(&line(&[[0.0, 0.0], [100.0, 0.0]])), [(0, 0, Vec2::new(50.0, 0.0))]);
        let named = along(&line(&[[0.0, 0.0], [120.0, 0.0], [240.0, 0.0]]));
        let places: Vec<(u8, usize, f32)> =
            named.iter().map(|(rank, piece, at)| (*rank, *piece, at.x)).collect();
        assert_eq!(places, [(0, 0, 120.0), (1, 0, 60.0), (1, 1, 180.0)]);
    }

    #[test]
    fn the_lines_of_a_street_are_joined_straight_on() {
        // East along the axis in three pieces, the middle one drawn the other way; a branch goes north.
        let lines = vec![
            line(&[[0.0, 0.0], [10.0, 0.0]]),
            line(&[[20.0, 0.0], [10.0, 0.0]]),
            line(&[[10.0, 0.0], [10.0, 9.0]]),
            line(&[[20.0, 0.0], [30.0, 0.0]]),
        ];
        let mut chains = joined(lines);
        chains.sort_by_key(Vec::len);
        assert_eq!(chains.len(), 2);
        assert_eq!(chains[0].len(), 2, "the branch alone");
        assert_eq!(length_m(&chains[1]), 30.0);
    }

    #[test]
    fn a_lane_is_known_by_its_number() {
        assert!(is_numbered("A7") && !is_numbered("A"));
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
