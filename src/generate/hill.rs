//! The hill of the park as a grid of heights: two rises, 峥嵘岭 in the north and 龟峰 in the south, with a saddle between.
//!
//! How high and how wide they are is invented, as facts of a sketch; the ground comes down to the plain before it reaches
//! the edge of the park. Only the four operations and square roots, as everywhere on the drawing board.

use std::fmt::Write as _;

use super::landscape::points;
use super::plane::{Point, at, distance, edges, nearest_on, polygon};
use super::sketch;
use super::write::{METRES_A_DEGREE, ORIGIN, number};
use crate::geo::noise::{mixed, smooth_noise, soft};
use geo::{BoundingRect, Contains, Polygon};

/// Degrees of a cell: about 8 m eastward, 9 m northward.
const CELL_DEG: f64 = 0.000_08;
/// From the edge of the park to where the ground is free to rise, metres.
const FOOT_M: f64 = 85.0;
/// From the water of a pond to where the ground is free to rise, and how much of that is level, metres.
const SHORE_M: [f64; 2] = [60.0, 10.0];
/// How rough the ground is, as a part of its height.
const ROUGH: f64 = 0.16;
/// How wide bumps of the ground are, metres.
const BUMP_M: f64 = 46.0;

/// A rise: its middle, its half lengths along and across, which way it runs, its height.
struct Rise {
    middle: Point,
    along: Point,
    half_m: [f64; 2],
    height_m: f64,
}

const RISES: [Rise; 3] = [
    // 峥嵘岭, the higher one.
    Rise { middle: at(228.0, -232.0), along: at(0.6, 0.8), half_m: [180.0, 150.0], height_m: 46.0 },
    // 龟峰, broad like the back of a turtle.
    Rise { middle: at(312.0, -540.0), along: at(0.6, 0.8), half_m: [185.0, 155.0], height_m: 35.0 },
    // The saddle between them.
    Rise { middle: at(250.0, -390.0), along: at(-0.1, 0.995), half_m: [190.0, 105.0], height_m: 15.0 },
];

/// `relief.asc`: the hill as an Esri ASCII grid in degrees.
pub(super) fn relief(seed: u64) -> Vec<u8> {
    let park = polygon(points(sketch::HILL_PARK));
    let ponds: Vec<Polygon> = sketch::LAKES.iter().map(|&(_, outline)| polygon(points(outline))).collect();
    let Some(around) = park.bounding_rect() else { return Vec::new() };
    let step = at(CELL_DEG * METRES_A_DEGREE.x, CELL_DEG * METRES_A_DEGREE.y);
    let columns = (around.width() / step.x) as usize + 3;
    let rows = (around.height() / step.y) as usize + 3;
    let corner = at(around.min().x - 1.5 * step.x, around.min().y - 1.5 * step.y);
    let mut text = format!("ncols {columns}\nnrows {rows}\n");
    let _ = writeln!(text, "xllcorner {}", number(ORIGIN.lon + corner.x / METRES_A_DEGREE.x, 9));
    let _ = writeln!(text, "yllcorner {}", number(ORIGIN.lat + corner.y / METRES_A_DEGREE.y, 9));
    let _ = writeln!(text, "cellsize {}\nNODATA_value -9999", number(CELL_DEG, 9));
    for row in (0..rows).rev() {
        let heights: Vec<String> = (0..columns)
            .map(|column| {
                let middle = corner + at((column as f64 + 0.5) * step.x, (row as f64 + 0.5) * step.y);
                number(height_m(seed, &park, &ponds, middle), 1)
            })
            .collect();
        text.push_str(&heights.join(" "));
        text.push('\n');
    }
    text.into_bytes()
}

fn height_m(seed: u64, park: &Polygon, ponds: &[Polygon], place: Point) -> f64 {
    let inside = |shape: &Polygon| shape.contains(&geo::Point::from(place));
    if !inside(park) || ponds.iter().any(inside) {
        return 0.0;
    }
    let to_edge = |shape: &Polygon| {
        edges(shape.exterior())
            .map(|(a, b)| distance(nearest_on(a, b, place), place))
            .fold(f64::INFINITY, f64::min)
    };
    let to_water = ponds.iter().map(to_edge).fold(f64::INFINITY, f64::min);
    let free: f64 = RISES
        .iter()
        .map(|rise| {
            let from = place - rise.middle;
            let along = (from.x * rise.along.x + from.y * rise.along.y) / rise.half_m[0];
            let across = (from.y * rise.along.x - from.x * rise.along.y) / rise.half_m[1];
            let inside = (1.0 - along * along - across * across).max(0.0);
            rise.height_m * inside * inside * (3.0 - 2.0 * inside)
        })
        // Two rises meet in a soft valley and not in a crease.
        .fold(0.0, |a: f64, b| (a + b + ((a - b) * (a - b) + 60.0).sqrt() - 60.0_f64.sqrt()) * 0.5);
    let rough = 1.0 + ROUGH * (bumps(seed, place, BUMP_M) + 0.5 * bumps(seed ^ 0x5EED, place, BUMP_M * 0.4));
    free * rough * soft(to_edge(park) / FOOT_M) * soft((to_water - SHORE_M[1]) / SHORE_M[0])
}

/// Smooth noise between minus 1 and 1.
fn bumps(seed: u64, place: Point, wide_m: f64) -> f64 {
    smooth_noise([place.x, place.y], wide_m, |x, y| noise(seed, x, y))
}

fn noise(seed: u64, x: i64, y: i64) -> f64 {
    let key = seed
        ^ (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (y as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    (mixed(key) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Relief;
    use crate::geo::{Datum, LocalFrame};

    #[test]
    fn two_rises_with_a_saddle_and_a_foot_on_the_plain() {
        let bytes = relief(super::super::FUSHAN_SEED);
        assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
        let (relief, warnings) =
            Relief::read(&bytes, LocalFrame::new(ORIGIN), Datum::Wgs84).expect("readable");
        let relief = relief.expect("a hill");
        assert!(warnings.is_empty(), "{warnings:?}");
        assert!((30.0..=42.0).contains(&relief.highest_m()), "{}", relief.highest_m());
        let (north, south) = (relief.ground_m(228.0, -232.0), relief.ground_m(312.0, -540.0));
        let saddle = relief.ground_m(250.0, -375.0);
        assert!(relief.ground_m(345.0, -288.0) < 0.1, "the pond lies level");
        assert!(north > 28.0 && south > 25.0, "{north} {south}");
        assert!(saddle > 5.0 && saddle < south - 8.0, "{saddle}");
        for spot in points(sketch::HILL_PARK) {
            assert!(relief.ground_m(spot.x, spot.y) < 0.3, "{spot:?}");
        }
    }
}
