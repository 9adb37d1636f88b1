//! Shops along streets: a row of narrow houses, wall to wall, that makes a street read as a street.

use geo::{MultiPolygon, Polygon};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::plane::{
    Frame, between, cross, distance, dot, edges, holds, nearest_on_path, unit, without,
};
use super::super::town::{Building, RoadClass, Town};
use crate::city::BuildingUse;

/// How a row of shops is built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    width_m: (f64, f64),
    depth_m: (f64, f64),
    levels: (u32, u32),
    storey_m: f64,
    used_for: BuildingUse,
    years: (i32, i32),
    /// How often a gap is left, such as a gateway.
    gap: f64,
    /// The least street that draws shops.
    least: RoadClass,
}

/// Traditional shop houses of the old streets.
pub(super) const OLD_SHOPS: Style = Style {
    width_m: (9.0, 20.0),
    depth_m: (9.0, 13.0),
    levels: (2, 3),
    storey_m: 3.4,
    used_for: BuildingUse::Commercial,
    years: (1920, 1992),
    gap: 0.05,
    least: RoadClass::Residential,
};

/// Shops before rows of flats.
pub(super) const SHOPS: Style = Style {
    width_m: (18.0, 44.0),
    depth_m: (8.5, 11.0),
    levels: (2, 4),
    storey_m: 3.6,
    used_for: BuildingUse::Commercial,
    years: (1982, 2008),
    gap: 0.14,
    least: RoadClass::Residential,
};

/// Shops in self-built houses.
pub(super) const SELF_BUILT_SHOPS: Style = Style {
    width_m: (12.0, 24.0),
    depth_m: (10.0, 13.0),
    levels: (3, 5),
    storey_m: 3.3,
    used_for: BuildingUse::Commercial,
    years: (1988, 2012),
    gap: 0.06,
    least: RoadClass::Residential,
};

/// Stores and offices of the shopping streets.
pub(super) const STORES: Style = Style {
    width_m: (20.0, 42.0),
    depth_m: (14.0, 19.0),
    levels: (3, 7),
    storey_m: 3.9,
    used_for: BuildingUse::Commercial,
    years: (1985, 2015),
    gap: 0.08,
    least: RoadClass::Residential,
};

/// Builds rows along those edges of the block that face a street; returns the land behind them.
pub(super) fn line(town: &mut Town, block: &Polygon, style: Style, rng: &mut ChaCha8Rng) -> Vec<Polygon> {
    let mut used = Vec::new();
    for (a, b) in edges(block.exterior()) {
        let size = distance(a, b);
        if size < style.width_m.0 + 4.0 || !faces_street(town, (a, b), style.least) {
            continue;
        }
        let frame = Frame::new(a, b - a);
        let depth = rng.random_range(style.depth_m.0..style.depth_m.1);
        let mut from = 0.6;
        let mut levels = rng.random_range(style.levels.0..=style.levels.1);
        while from + style.width_m.0 < size - 0.4 {
            if rng.random_bool(style.gap) {
                from += rng.random_range(4.0..7.0);
                continue;
            }
            let mut width = rng.random_range(style.width_m.0..style.width_m.1);
            if size - from - width < style.width_m.0 {
                width = (size - from - 0.6).min(style.width_m.1 * 1.2);
            }
            if rng.random_bool(0.4) {
                levels = rng.random_range(style.levels.0..=style.levels.1);
            }
            let back = depth + rng.random_range(-1.0..1.0);
            let front = 0.3 + if rng.random_bool(0.15) { rng.random_range(0.0..0.8) } else { 0.0 };
            let mut shape = frame.rect(from, front, from + width, back);
            if width > 9.0 && rng.random_bool(0.35) {
                // A wing to the back makes it an L.
                let wing = width * rng.random_range(0.35..0.6);
                let deep = back + rng.random_range(2.5..5.0);
                shape = frame.draw(&if rng.random_bool(0.5) {
                    [(0.0, front), (width, front), (width, back), (wing, back), (wing, deep), (0.0, deep)]
                        .map(|(x, y)| (from + x, y))
                } else {
                    [
                        (0.0, front),
                        (width, front),
                        (width, deep),
                        (width - wing, deep),
                        (width - wing, back),
                        (0.0, back),
                    ]
                    .map(|(x, y)| (from + x, y))
                });
            }
            if holds(block, &shape) {
                let height = f64::from(levels) * style.storey_m + rng.random_range(0.3..1.4);
                let year = rng.random_range(style.years.0..style.years.1);
                let plain = frame.rect(from, 0.3, from + width, back);
                let mut building = Building::new(shape, style.used_for, levels, height, year);
                if town.build(building.clone()).is_none() {
                    building.footprint = plain;
                    town.build(building);
                }
            }
            from += width + if rng.random_bool(0.25) { rng.random_range(0.8..2.0) } else { 0.25 };
        }
        used.push(frame.rect(-1.0, -2.0, size + 1.0, depth + 1.2));
    }
    without(&MultiPolygon(vec![block.clone()]), &used).0
}

/// Whether a street of that rank runs along an edge, right before it.
fn faces_street(town: &Town, edge: (super::Point, super::Point), least: RoadClass) -> bool {
    let middle = between(edge.0, edge.1, 0.5);
    let direction = unit(edge.1 - edge.0);
    town.roads.iter().filter(|road| road.class <= least && !road.name.is_empty()).any(|road| {
        let reach = road.width_m / 2.0 + road.class.setback_m() + 1.5;
        let (_, foot, gap, along) = nearest_on_path(&road.path, middle);
        gap < reach
            && cross(along, direction).abs() < 0.3
            && dot(foot - middle, super::inward(edge.0, edge.1)) < 0.0
    })
}
