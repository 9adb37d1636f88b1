//! Rows of flats that face south, estates of towers, warehouses: everything that stands in rows.

use geo::Polygon;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::plane::{Frame, Point, holds, middle, shrunk, snap};
use super::super::town::{Building, Ground, Stairwell, Town};
use super::{row_direction, shed};
use crate::city::BuildingUse;

/// Calls `place` for every spot of a grid of rows within a block, south to north.
/// `place` gets the spot's frame and answers how wide a building it put there, if it could.
fn in_rows(
    block: &Polygon,
    direction: Point,
    pitch_m: f64,
    gap_m: f64,
    mut place: impl FnMut(&Frame) -> Option<f64>,
) {
    let centre = Frame::new(middle(block), direction);
    let (low, high) = centre.extent(block);
    let mut y = low.y + 1.0;
    while y < high.y {
        let mut x = low.x + 0.5;
        let mut is_row = false;
        while x < high.x {
            let frame = Frame::new(centre.out(x, y), direction);
            if let Some(width) = place(&frame) {
                x += width + gap_m;
                is_row = true;
            } else {
                x += 2.5;
            }
        }
        y += if is_row { pitch_m } else { 2.0 };
    }
}

/// A slab of `units` stairwells: stairs stand out to the north, balconies to the south.
fn slab_outline(frame: &Frame, units: u32, unit_m: f64, depth_m: f64, has_bays: bool) -> Polygon {
    let width = f64::from(units) * unit_m;
    if !has_bays {
        return frame.rect(0.0, 0.0, width, depth_m);
    }
    let mut points = vec![(0.0, 0.0)];
    if units <= 3 {
        for unit in 0..units {
            let x = f64::from(unit) * unit_m;
            for (from, to) in [(1.2, 4.4), (unit_m - 4.4, unit_m - 1.2)] {
                points.extend([(x + from, 0.0), (x + from, -1.3), (x + to, -1.3), (x + to, 0.0)]);
            }
        }
    }
    points.extend([(width, 0.0), (width, depth_m)]);
    for unit in (0..units).rev() {
        let x = f64::from(unit) * unit_m + unit_m / 2.0;
        points.extend([
            (x + 1.5, depth_m),
            (x + 1.5, depth_m + 1.0),
            (x - 1.5, depth_m + 1.0),
            (x - 1.5, depth_m),
        ]);
    }
    points.push((0.0, depth_m));
    frame.draw(&points)
}

/// Rows of five to seven floors, from the seventies to the nineties.
pub(super) fn slabs(town: &mut Town, block: &Polygon, compound: Option<usize>, rng: &mut ChaCha8Rng) {
    let direction = row_direction(block, rng);
    let levels = rng.random_range(5..=7u32);
    let year = 1974 + (levels as i32 - 5) * 7 + rng.random_range(0..8);
    let depth = rng.random_range(9.8..11.6);
    let pitch = depth + f64::from(levels) * 2.9 * rng.random_range(0.98..1.14);
    let has_bays = rng.random_bool(0.75);
    // Two, three or four flats open from each landing.
    let flats = [2u32, 3, 4, 4, 4, 4][rng.random_range(0..6u32) as usize % 6];
    let unit = f64::from(flats) * rng.random_range(6.6..7.6) + 1.4;
    let Some(inner) = shrunk(block, 0.8).into_iter().max_by(by_area) else { return };
    let mut frames = Vec::new();
    in_rows(&inner, direction, pitch, rng_gap(rng), |frame| {
        let most = (rng.random_range(48.0..76.0) / unit) as u32;
        for units in (1..=most).rev() {
            let width = f64::from(units) * unit;
            let outline = slab_outline(frame, units, unit, depth, has_bays);
            if !holds(&inner, &outline) {
                continue;
            }
            let height = f64::from(levels) * 2.9 + 1.1;
            let room = frame.rect(-2.5, -5.0, width + 2.5, depth + 5.0);
            let mut building =
                Building::new(outline, BuildingUse::Residential, levels, height, year).with_room(room);
            building.compound = compound;
            building.stairwells = (0..units)
                .map(|n| Stairwell {
                    place: snap(frame.out((f64::from(n) + 0.5) * unit, depth + 1.6)),
                    households: levels * flats,
                })
                .collect();
            if town.build(building).is_some() {
                frames.push((*frame, width));
                return Some(width);
            }
        }
        None
    });
    for (frame, width) in frames {
        let free = pitch - depth;
        if rng.random_bool(0.3) {
            // A shed for bicycles in the yard before the house.
            let from = rng.random_range(0.0..(width - 8.0).max(0.1));
            let long = rng.random_range(7.0..14.0);
            town.build(shed(frame.rect(from, -free * 0.55, from + long, -free * 0.55 + 2.8), rng));
        } else if rng.random_bool(0.5) {
            lawn(town, &inner, &frame.rect(1.0, -free * 0.62, width - 1.0, -free * 0.3));
        }
    }
    infill(town, &inner, direction, compound, rng);
}

fn by_area(a: &Polygon, b: &Polygon) -> std::cmp::Ordering {
    geo::Area::unsigned_area(a).total_cmp(&geo::Area::unsigned_area(b))
}

fn rng_gap(rng: &mut ChaCha8Rng) -> f64 {
    rng.random_range(6.5..9.5)
}

fn lawn(town: &mut Town, block: &Polygon, shape: &Polygon) {
    if holds(block, shape) && town.is_open(shape) {
        town.add_patch(Ground::Green, "", shape);
    }
}

/// Fills what rows leave free: low houses, and lawns where there is room for no house.
fn infill(town: &mut Town, block: &Polygon, direction: Point, compound: Option<usize>, rng: &mut ChaCha8Rng) {
    in_rows(block, direction, 6.0, 5.0, |frame| {
        let (w, d) = (rng.random_range(9.0..20.0), rng.random_range(8.0..10.5));
        let shape = frame.rect(0.0, 0.0, w, d);
        let levels = rng.random_range(1..=3u32);
        if !holds(block, &shape) {
            return None;
        }
        let mut building = Building::new(
            shape,
            BuildingUse::Residential,
            levels,
            f64::from(levels) * 3.1 + 0.6,
            rng.random_range(1966..1990),
        )
        .with_room(frame.rect(-4.0, -5.0, w + 4.0, d + 5.0));
        building.compound = compound;
        town.build(building).map(|_| w)
    });
    in_rows(block, direction, 2.0, 3.0, |frame| {
        let (w, d) = (rng.random_range(9.0..18.0), rng.random_range(6.0..9.0));
        let shape = frame.rect(0.0, 0.0, w, d);
        let around = frame.rect(-1.5, -1.5, w + 1.5, d + 1.5);
        (holds(block, &around) && town.is_open(&around)).then(|| {
            town.add_patch(Ground::Green, "", &shape);
            w
        })
    });
}

/// A tower: a broad body with a core to the north and recesses to the south.
fn tower_outline(frame: &Frame, w: f64, d: f64) -> Polygon {
    let core = w * 0.22;
    let (mid, recess) = (w / 2.0, 1.8);
    frame.draw(&[
        (0.0, 0.0),
        (w * 0.32, 0.0),
        (w * 0.32, recess),
        (w * 0.42, recess),
        (w * 0.42, -0.9),
        (w * 0.58, -0.9),
        (w * 0.58, recess),
        (w * 0.68, recess),
        (w * 0.68, 0.0),
        (w, 0.0),
        (w, d),
        (mid + core, d),
        (mid + core, d + 2.4),
        (mid - core, d + 2.4),
        (mid - core, d),
        (0.0, d),
    ])
}

/// An estate of 11 to 18 floors around lawns.
pub(super) fn estate(town: &mut Town, block: &Polygon, compound: Option<usize>, rng: &mut ChaCha8Rng) {
    let direction = row_direction(block, rng);
    let year = rng.random_range(2001..2019);
    let tallest = [11u32, 11, 15, 18, 18][rng.random_range(0..5u32) as usize % 5];
    let depth = rng.random_range(13.0..15.0);
    let pitch = depth + 26.0 + f64::from(tallest) * 0.6;
    let Some(inner) = shrunk(block, 3.0).into_iter().max_by(by_area) else { return };
    let mut frames = Vec::new();
    in_rows(&inner, direction, pitch, 13.0, |frame| {
        let is_wide = rng.random_bool(0.35);
        let w = if is_wide { rng.random_range(36.0..44.0) } else { rng.random_range(24.0..29.0) };
        let levels = if rng.random_bool(0.25) { 11 } else { tallest };
        let outline = tower_outline(frame, w, depth);
        if !holds(&inner, &outline) {
            return None;
        }
        let room = frame.rect(-5.0, -10.0, w + 5.0, depth + 8.0);
        let height = f64::from(levels) * 2.95 + 3.2;
        let mut building =
            Building::new(outline, BuildingUse::Residential, levels, height, year).with_room(room);
        building.compound = compound;
        let entrances: &[f64] = if is_wide { &[0.3, 0.7] } else { &[0.5] };
        building.stairwells = entrances
            .iter()
            .map(|&share| Stairwell {
                place: snap(frame.out(w * share, depth + 3.2)),
                households: levels * if is_wide { 3 } else { 5 },
            })
            .collect();
        town.build(building)?;
        frames.push((*frame, w));
        Some(w)
    });
    for (frame, w) in frames {
        // A lift house on the roof would be one more part; a lawn before the house says more.
        lawn(town, &inner, &frame.rect(0.0, -9.0, w, -3.5));
        lawn(town, &inner, &frame.rect(w * 0.1, -22.0, w * 0.9, -12.0));
    }
    // A gate house and a club.
    in_rows(&inner, direction, 400.0, 300.0, |frame| {
        let building = Building::new(frame.rect(0.0, 0.0, 12.0, 8.0), BuildingUse::Public, 1, 4.5, year)
            .with_room(frame.rect(-3.0, -3.0, 15.0, 11.0));
        holds(&inner, &building.footprint).then(|| town.build(building)).flatten().map(|_| 12.0)
    });
}

/// Warehouses and workshops by the railway.
pub(super) fn works(town: &mut Town, block: &Polygon, rng: &mut ChaCha8Rng) {
    let direction = super::super::plane::snug_box(block).0.u;
    let Some(inner) = shrunk(block, 2.5).into_iter().max_by(by_area) else { return };
    let depth = rng.random_range(16.0..24.0);
    in_rows(&inner, direction, depth + rng.random_range(7.0..12.0), 7.0, |frame| {
        let want = rng.random_range(24.0..68.0);
        for share in [1.0, 0.7, 0.5, 0.3] {
            let w: f64 = want * share;
            let d = if w < 20.0 { depth * 0.6 } else { depth };
            let outline = frame.rect(0.0, 0.0, w, d);
            if holds(&inner, &outline) {
                let (levels, height) =
                    if rng.random_bool(0.2) { (3, 11.0) } else { (1, rng.random_range(6.5..10.0)) };
                let year = rng.random_range(1968..2006);
                let room = frame.rect(-3.0, -3.0, w + 3.0, d + 3.0);
                let used_for = if levels > 1 { BuildingUse::Office } else { BuildingUse::Industrial };
                if town
                    .build(Building::new(outline, used_for, levels, height, year).with_room(room))
                    .is_some()
                {
                    return Some(w);
                }
            }
        }
        None
    });
}

/// Rows of any use, for institutions.
pub(super) fn plain_rows(
    town: &mut Town,
    block: &Polygon,
    used_for: BuildingUse,
    name: Option<&str>,
    depth: f64,
    levels: (u32, u32),
    rng: &mut ChaCha8Rng,
) {
    let direction = row_direction(block, rng);
    let pitch = depth + 9.0 + f64::from(levels.1) * 1.6;
    in_rows(block, direction, pitch, 8.0, |frame| {
        let floors = rng.random_range(levels.0..=levels.1);
        for w in [rng.random_range(44.0..58.0), 36.0, 24.0, 15.0] {
            let outline = frame.rect(0.0, 0.0, w, depth);
            if holds(block, &outline) {
                let mut building =
                    Building::new(outline, used_for, floors, f64::from(floors) * 3.5 + 1.0, 1996)
                        .with_room(frame.rect(-5.0, -6.0, w + 5.0, depth + 6.0));
                building.name = name.map(str::to_owned);
                if town.build(building).is_some() {
                    return Some(w);
                }
            }
        }
        None
    });
}
