//! From the sketch to the ground: the border, the river and the moat, streets, bridges, lawns and squares.

use geo::{BooleanOps, MultiPolygon, Polygon};

use super::plane::{
    Point, at, band, beside, corners, distance, edges, middle, nearest_on_path, oval, pairs, path_length,
    polygon, smooth, strip, unit, without,
};
use super::sketch::{self, Spot};
use super::town::{Ground, Road, RoadClass, Town};

/// How far apart the points of a curve are, in metres.
const CURVE_STEP_M: f64 = 45.0;
/// A street's end is drawn to the next street if that is no further away, in metres.
const REACH_M: f64 = 26.0;

/// The points of a sketched line.
pub(super) fn points(spots: &[Spot]) -> Vec<Point> {
    spots.iter().map(|&(x, y)| at(x, y)).collect()
}

fn bank() -> Vec<Point> {
    smooth(&points(sketch::RIVER_BANK), CURVE_STEP_M, false)
}

/// The part of a line beside the bank that lies between the two ends of the land border, shortened by `inset`.
fn within_border(line: &[Point], bank: &[Point], inset: f64) -> Vec<Point> {
    let ends = points(sketch::LAND_BORDER);
    let foot = |p: Option<&Point>| nearest_on_path(bank, p.copied().unwrap_or_default()).0;
    let (from, to) = (foot(ends.first()) + inset, foot(ends.last()) - inset);
    line.iter().copied().filter(|&p| (from..=to).contains(&nearest_on_path(bank, p).0)).collect()
}

/// The subdistrict's border.
pub(super) fn border() -> Polygon {
    let bank = bank();
    let mut ring = points(sketch::LAND_BORDER);
    let mut in_river = within_border(&beside(&bank, sketch::BORDER_IN_RIVER_M), &bank, 0.0);
    in_river.reverse();
    ring.append(&mut in_river);
    polygon(ring)
}

/// Draws streets, water, bridges, squares and lawns into an empty town.
pub(super) fn draw(town: &mut Town) {
    let bank = bank();
    draw_streets(town, &bank);
    draw_water(town, &bank);
    for &(name, outline) in sketch::SQUARES {
        let outline = polygon(points(outline));
        add_all(town, Ground::Square, name, &outline.difference(&geo::unary_union(&road_strips(town, 0.2))));
    }
    draw_lawns(town, &bank);
    for &(kind, name, (x, y)) in sketch::PLACES {
        town.add_label(kind, name, at(x, y));
    }
}

fn road(name: &str, class: RoadClass, width_m: f64, path: Vec<Point>) -> Road {
    Road { name: name.to_owned(), class, width_m, path, opens_from: None, is_named_alley: false }
}

fn draw_streets(town: &mut Town, bank: &[Point]) {
    let riverside = within_border(&beside(bank, -sketch::RIVERSIDE_M), bank, 55.0);
    let mut roads = vec![road("江滨路", RoadClass::Secondary, 16.0, riverside)];
    for street in sketch::STREETS {
        let path = points(street.path);
        let path = if street.is_curved { smooth(&path, CURVE_STEP_M, false) } else { path };
        roads.push(road(street.name, street.class, street.width_m, path));
    }
    let far = within_border(&beside(bank, sketch::RIVER_WIDTH_M + 62.0), bank, -60.0);
    roads.push(road("江滨西路", RoadClass::Secondary, 16.0, far));
    let mut bridges = Vec::new();
    for &(name, (x0, y0), (x1, y1)) in sketch::RIVER_BRIDGES {
        let far_end = roads.last().map_or(at(x1, y1), |far| nearest_on_path(&far.path, at(x1, y1)).1);
        bridges.push(road(name, RoadClass::Secondary, 18.0, vec![at(x0, y0), far_end]));
    }
    roads.append(&mut bridges);
    for path in sketch::PARK_PATHS {
        roads.push(road("府山步道", RoadClass::Footway, 3.0, smooth(&points(path), 25.0, false)));
    }
    draw_ends_together(&mut roads);
    // The greenway by the water, with ways down from the road to it.
    let greenway = within_border(&beside(bank, -16.0), bank, 70.0);
    let riverside = roads.first().map(|road| road.path.clone()).unwrap_or_default();
    let count = greenway.len();
    let steps: Vec<usize> = (0..count).step_by(7).chain(count.checked_sub(1)).collect();
    for &index in &steps {
        let Some(&by_water) = greenway.get(index) else { continue };
        let foot = nearest_on_path(&riverside, by_water).1;
        if distance(foot, by_water) < 90.0 {
            roads.push(road("信安湖绿道", RoadClass::Footway, 3.0, vec![foot, by_water]));
        }
    }
    roads.push(road("信安湖绿道", RoadClass::Footway, 4.0, greenway));
    for road in roads {
        town.add_road(road);
    }
}

/// Draws each end of a street to the nearest street within reach.
fn draw_ends_together(roads: &mut [Road]) {
    for index in 0..roads.len() {
        for is_end in [false, true] {
            let Some(road) = roads.get(index) else { continue };
            let Some(&end) = (if is_end { road.path.last() } else { road.path.first() }) else { continue };
            let nearest = roads
                .iter()
                .enumerate()
                .filter(|&(other, _)| other != index)
                .map(|(_, other)| nearest_on_path(&other.path, end))
                .min_by(|a, b| a.2.total_cmp(&b.2));
            let Some((_, foot, gap, _)) = nearest else { continue };
            if gap > 0.001 && gap < REACH_M {
                // The next corner inward must not lie beyond the street that the end is drawn to.
                let Some(road) = roads.get_mut(index) else { continue };
                let corner = if is_end { road.path.last_mut() } else { road.path.first_mut() };
                if let Some(corner) = corner {
                    *corner = foot;
                }
            }
        }
    }
}

/// The ground of all roads, each `beyond` metres wider on both sides.
pub(super) fn road_strips(town: &Town, beyond: f64) -> Vec<Polygon> {
    town.roads
        .iter()
        .flat_map(|road| {
            let half = road.width_m / 2.0 + beyond;
            pairs(&road.path).map(move |(a, b)| strip(a, b, half, half * 0.4))
        })
        .collect()
}

fn add_all(town: &mut Town, ground: Ground, name: &str, shapes: &MultiPolygon) {
    for shape in shapes {
        if geo::Area::unsigned_area(shape) > 15.0 {
            town.add_patch(ground, name, shape);
        }
    }
}

fn draw_water(town: &mut Town, bank: &[Point]) {
    let river = band(bank, 0.0, sketch::RIVER_WIDTH_M);
    let lakes: Vec<(&str, Polygon)> = sketch::LAKES
        .iter()
        .map(|&(name, outline)| (name, polygon(smooth(&points(outline), 22.0, true))))
        .collect();
    let mut before: Vec<Polygon> = vec![river.clone()];
    before.extend(lakes.iter().map(|(_, lake)| lake.clone()));
    let mut crossed: Vec<Polygon> = lakes.iter().map(|(_, lake)| lake.clone()).collect();
    let half = sketch::MOAT_WIDTH_M / 2.0;
    let mut moats = Vec::new();
    for piece in sketch::MOAT {
        let line = smooth(&points(piece), CURVE_STEP_M, false);
        moats.push(without(&MultiPolygon(vec![band(&line, -half, half)]), &before));
        crossed.push(band(&line, -half - 3.0, half + 3.0));
    }
    // Bridges first: they are where streets meet water.
    let crossed = geo::unary_union(&crossed);
    let streets: Vec<(String, Vec<Point>, f64)> =
        town.roads.iter().map(|road| (road.name.clone(), road.path.clone(), road.width_m)).collect();
    for (name, path, width_m) in streets {
        let strips: Vec<Polygon> = pairs(&path).map(|(a, b)| strip(a, b, width_m / 2.0 + 1.0, 0.5)).collect();
        let is_big = sketch::RIVER_BRIDGES.iter().any(|&(bridge, ..)| bridge == name);
        let over = if is_big {
            geo::unary_union(&strips).intersection(&band(bank, -6.0, sketch::RIVER_WIDTH_M + 6.0))
        } else if name.ends_with("步道") {
            continue;
        } else {
            geo::unary_union(&strips).intersection(&crossed)
        };
        for shape in &over {
            if geo::Area::unsigned_area(shape) > 60.0 {
                let label = if is_big { name.clone() } else { format!("{name}桥") };
                town.add_patch(Ground::Bridge, &label, shape);
            }
        }
    }
    town.add_patch(Ground::Water, "信安湖", &river);
    for moat in &moats {
        add_all(town, Ground::Water, "护城河", moat);
    }
    for (name, lake) in &lakes {
        town.add_patch(Ground::Water, name, lake);
    }
}

fn draw_lawns(town: &mut Town, bank: &[Point]) {
    let mut taken: Vec<Polygon> = road_strips(town, 0.4);
    taken.extend(
        town.patches
            .iter()
            .filter(|patch| matches!(patch.ground, Ground::Water | Ground::Square))
            .map(|patch| patch.shape.clone()),
    );
    let mut lawns: Vec<(&str, Polygon)> = Vec::new();
    let near = within_border(bank, bank, 0.0);
    lawns.push(("信安湖滨江绿带", band(&near, -3.0, -(sketch::RIVERSIDE_M - 9.0))));
    let far = within_border(&beside(bank, sketch::RIVER_WIDTH_M), bank, -90.0);
    lawns.push(("江滨西绿带", band(&far, 3.0, 50.0)));
    lawns.push(("府山公园", polygon(points(sketch::HILL_PARK))));
    for &(name, outline) in sketch::LAKES {
        // A rim of lawn around each pond: its outline drawn out from the middle.
        let outline = smooth(&points(outline), 22.0, true);
        let centre = middle(&polygon(outline.clone()));
        let reach = if name == "南湖" { 26.0 } else { 13.0 };
        let rim: Vec<Point> = outline.iter().map(|&p| p + unit(p - centre) * reach).collect();
        lawns.push((name, polygon(rim)));
    }
    for piece in sketch::MOAT {
        let line = smooth(&points(piece), CURVE_STEP_M, false);
        let reach = sketch::MOAT_WIDTH_M / 2.0 + 12.0;
        lawns.push(("护城河绿带", band(&line, -reach, reach)));
    }
    for (name, lawn) in lawns {
        let free = without(&MultiPolygon(vec![lawn.clone()]), &taken);
        add_all(town, Ground::Green, name, &free);
        taken.push(lawn);
    }
    // Flower beds on the squares would hide them; one round bed in the middle of the big one is enough.
    let bed = oval(at(-132.0, -1096.0), at(1.0, 0.0), 12.0, 9.0, 16);
    town.patches.push(super::town::Patch { ground: Ground::Green, name: String::new(), shape: bed });
}

/// The land that may be built on: within the border, off the water, lawns and squares, back from the streets.
pub(super) fn building_land(town: &Town, reserved: &[Polygon]) -> MultiPolygon {
    let mut taken: Vec<Polygon> = town
        .patches
        .iter()
        .filter(|patch| matches!(patch.ground, Ground::Water | Ground::Square | Ground::Green))
        .map(|patch| patch.shape.clone())
        .collect();
    for road in &town.roads {
        let half = road.width_m / 2.0 + road.class.setback_m();
        taken.extend(pairs(&road.path).map(|(a, b)| strip(a, b, half, half * 0.4)));
    }
    taken.extend(edges(town.boundary.exterior()).map(|(a, b)| strip(a, b, 8.0, 4.0)));
    taken.extend_from_slice(reserved);
    let land = without(&MultiPolygon(vec![town.boundary.clone()]), &taken);
    // What lies on the far bank or in mid-river is nobody's building land.
    let far_bank = band(&bank(), -2.0, 2000.0);
    without(&land, &[far_bank])
}

/// Draws the lines along which areas may be divided, from the sketch, to streets and border.
pub(super) fn divides() -> Vec<Vec<Point>> {
    sketch::DIVIDES.iter().map(|line| points(line)).collect()
}

/// The point at half of a path's length.
pub(super) fn halfway(path: &[Point]) -> Point {
    super::plane::along(path, path_length(path) / 2.0).0
}

/// The border's corners as a closed line.
pub(super) fn closed(shape: &Polygon) -> Vec<Point> {
    let mut line = corners(shape.exterior()).to_vec();
    line.extend(line.first().copied());
    line
}
