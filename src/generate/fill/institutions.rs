//! Blocks with one purpose: schools, hospitals, markets, offices, towers, gardens.

use geo::{BooleanOps, Polygon};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::network::deep_inside;
use super::super::plane::{Frame, holds, left, middle, oval, shrunk, snug_box};
use super::super::town::{Building, Ground, Town};
use super::rows::plain_rows;
use super::{frontage, row_direction};
use crate::city::BuildingUse;

fn named(mut building: Building, name: Option<&str>) -> Building {
    building.name = name.map(str::to_owned);
    building
}

/// Tries a shape at spots of a grid, nearest to the wanted spot first, until it lies within the block and is free.
fn try_spots(
    town: &mut Town,
    block: &Polygon,
    wanted: Frame,
    mut make: impl FnMut(&Frame) -> Building,
) -> Option<Frame> {
    let mut spots: Vec<(i32, i32)> = (-12..=12).flat_map(|x| (-12..=12).map(move |y| (x, y))).collect();
    spots.sort_by_key(|&(x, y)| (x * x + y * y, x, y));
    spots.into_iter().find_map(|(x, y)| {
        let frame = Frame::new(wanted.out(f64::from(x) * 3.0, f64::from(y) * 3.0), wanted.u);
        let building = make(&frame);
        (holds(block, &building.footprint) && town.build(building).is_some()).then_some(frame)
    })
}

/// A school: a field with a track at one end, teaching wings like a comb, a gymnasium.
pub(super) fn school(town: &mut Town, block: &Polygon, name: Option<&str>, rng: &mut ChaCha8Rng) {
    let (frame, w, h) = snug_box(block);
    let field_at_end = rng.random_bool(0.5);
    // The largest track that fits into one end.
    let sizes = [(46.0, 32.0), (40.0, 28.0), (34.0, 23.0), (28.0, 18.0), (20.0, 14.0)];
    let track = sizes.into_iter().find_map(|(rx, ry)| {
        for turn in [true, false] {
            let (rx, ry) = if turn { (ry, rx) } else { (rx, ry) };
            for share in [0.24, 0.3, 0.36] {
                let x = if field_at_end { w * (1.0 - share) } else { w * share };
                for y in [0.5, 0.42, 0.58] {
                    let spot = Frame::new(frame.out(x, h * y), frame.u);
                    let ground = spot.rect(-rx - 4.0, -ry - 4.0, rx + 4.0, ry + 4.0);
                    if holds(block, &ground) && town.is_open(&ground) {
                        return Some((spot, rx, ry, ground));
                    }
                }
            }
        }
        None
    });
    if let Some((spot, rx, ry, ground)) = track {
        let grass = oval(spot.origin, spot.u, rx, ry, 24);
        for shape in &ground.difference(&grass) {
            town.add_patch(Ground::Square, name.unwrap_or_default(), shape);
        }
        town.add_patch(Ground::Green, "操场", &grass);
    }
    let direction = row_direction(block, rng);
    let levels = rng.random_range(4..=5u32);
    let x = if field_at_end { w * 0.28 } else { w * 0.72 };
    let wanted = Frame::new(frame.out(x, h * 0.5) - direction * 24.0 - left(direction) * 30.0, direction);
    for (teeth, long) in [(3, 46.0), (3, 36.0), (2, 40.0), (2, 30.0)] {
        let found = try_spots(town, block, wanted, |spot| {
            let (deep, gap, spine) = (9.5, 17.0, 7.5);
            let mut points = vec![(0.0, 0.0)];
            let top = f64::from(teeth) * deep + f64::from(teeth - 1) * gap;
            for tooth in 0..teeth {
                let y = f64::from(tooth) * (deep + gap);
                points.push((long, y));
                points.push((long, y + deep));
                if tooth + 1 < teeth {
                    points.push((spine, y + deep));
                    points.push((spine, y + deep + gap));
                }
            }
            points.push((0.0, top));
            let building = Building::new(
                spot.draw(&points),
                BuildingUse::School,
                levels,
                f64::from(levels) * 3.8 + 1.0,
                1995,
            )
            .with_room(spot.rect(-3.0, -3.0, long + 3.0, top + 3.0));
            named(building, name)
        });
        if found.is_some() {
            break;
        }
    }
    let centre = Frame::new(middle(block), direction);
    try_spots(town, block, centre, |spot| {
        let shape = spot.rect(0.0, 0.0, 34.0, 22.0);
        named(
            Building::new(shape, BuildingUse::School, 2, 12.5, 2004)
                .with_room(spot.rect(-4.0, -4.0, 38.0, 26.0)),
            name,
        )
    });
    for piece in shrunk(block, 4.0) {
        plain_rows(town, &piece, BuildingUse::School, name, 9.0, (3, 5), rng);
    }
}

/// A hospital: a ward tower on a podium, and older wings.
pub(super) fn hospital(town: &mut Town, block: &Polygon, name: Option<&str>, rng: &mut ChaCha8Rng) {
    let direction = row_direction(block, rng);
    let centre = Frame::new(middle(block) - direction * 32.0, direction);
    for (w, d) in [(64.0, 34.0), (48.0, 28.0), (36.0, 22.0)] {
        let found = try_spots(town, block, centre, |spot| {
            let shape = spot.draw(&[
                (0.0, 0.0),
                (w, 0.0),
                (w, d),
                (w * 0.62, d),
                (w * 0.62, d * 0.72),
                (w * 0.3, d * 0.72),
                (w * 0.3, d),
                (0.0, d),
            ]);
            named(
                Building::new(shape, BuildingUse::Medical, 4, 17.0, 2006).with_room(spot.rect(
                    -6.0,
                    -10.0,
                    w + 6.0,
                    d + 6.0,
                )),
                name,
            )
        });
        if let Some(spot) = found {
            let mut tower =
                Building::new(spot.rect(5.0, 4.0, w - 5.0, d * 0.64), BuildingUse::Medical, 13, 52.0, 2006)
                    .floating_from(17.0);
            tower.is_part = true;
            town.build(named(tower, name));
            break;
        }
    }
    for piece in shrunk(block, 3.0) {
        plain_rows(town, &piece, BuildingUse::Medical, name, 13.0, (4, 7), rng);
    }
}

/// A market hall with a clerestory, and stalls around it.
pub(super) fn market(town: &mut Town, block: &Polygon, name: Option<&str>, rng: &mut ChaCha8Rng) {
    let (frame, w, h) = snug_box(block);
    let (half_w, half_h) = (w * 0.3, h * 0.26);
    let centre = Frame::new(frame.out(w / 2.0, h / 2.0), frame.u);
    let found = try_spots(town, block, centre, |spot| {
        named(
            Building::new(spot.rect(-half_w, -half_h, half_w, half_h), BuildingUse::Market, 2, 9.5, 1999)
                .with_room(spot.rect(-half_w - 4.0, -half_h - 4.0, half_w + 4.0, half_h + 4.0)),
            name,
        )
    });
    if let Some(spot) = found {
        let mut top = Building::new(
            spot.rect(-half_w + 3.0, -half_h * 0.4, half_w - 3.0, half_h * 0.4),
            BuildingUse::Market,
            1,
            12.5,
            1999,
        )
        .floating_from(9.5);
        top.is_part = true;
        town.build(named(top, name));
    }
    frontage::line(town, block, frontage::SHOPS, rng);
    for piece in shrunk(block, 2.0) {
        plain_rows(town, &piece, BuildingUse::Commercial, None, 8.0, (1, 2), rng);
    }
}

/// Offices of the administration around a forecourt.
pub(super) fn civic(town: &mut Town, block: &Polygon, name: Option<&str>, rng: &mut ChaCha8Rng) {
    let direction = row_direction(block, rng);
    for (w, d) in [(58.0, 34.0), (44.0, 28.0), (34.0, 22.0)] {
        let wanted = Frame::new(middle(block) - direction * (w / 2.0), direction);
        let found = try_spots(town, block, wanted, |spot| {
            let shape = spot.draw(&[
                (0.0, 0.0),
                (13.0, 0.0),
                (13.0, d - 14.0),
                (w - 13.0, d - 14.0),
                (w - 13.0, 0.0),
                (w, 0.0),
                (w, d),
                (0.0, d),
            ]);
            named(
                Building::new(shape, BuildingUse::Office, 6, 22.5, 1997).with_room(spot.rect(
                    -4.0,
                    -6.0,
                    w + 4.0,
                    d + 4.0,
                )),
                name,
            )
        });
        if let Some(spot) = found {
            let court = spot.rect(14.5, -3.0, w - 14.5, d - 16.0);
            if town.is_open(&court) {
                town.add_patch(Ground::Square, name.unwrap_or_default(), &court);
            }
            break;
        }
    }
    for piece in shrunk(block, 2.5) {
        plain_rows(town, &piece, BuildingUse::Office, None, 11.0, (3, 6), rng);
    }
}

/// Towers up to 28 floors on a podium of shops.
pub(super) fn towers(town: &mut Town, block: &Polygon, name: Option<&str>, rng: &mut ChaCha8Rng) {
    let direction = row_direction(block, rng);
    let year = rng.random_range(2005..2020);
    for (w, d) in [(84.0, 46.0), (68.0, 40.0), (54.0, 34.0), (40.0, 28.0), (28.0, 24.0)] {
        let wanted =
            Frame::new(middle(block) - direction * (w / 2.0) - left(direction) * (d / 2.0), direction);
        let found = try_spots(town, block, wanted, |spot| {
            let shape = spot.draw(&[(0.0, 3.0), (3.0, 0.0), (w - 3.0, 0.0), (w, 3.0), (w, d), (0.0, d)]);
            named(
                Building::new(shape, BuildingUse::Commercial, 4, 19.0, year).with_room(spot.rect(
                    -4.0,
                    -4.0,
                    w + 4.0,
                    d + 4.0,
                )),
                name,
            )
        });
        let Some(spot) = found else { continue };
        let count = if w > 60.0 { 2 } else { 1 };
        let levels = [28u32, 24];
        for tower in 0..count {
            let floors = levels.get(tower).copied().unwrap_or(20);
            let from = if tower == 0 { 4.0 } else { w - 32.0 };
            let wide = if count == 1 { w - 8.0 } else { 28.0 };
            let shape = spot.draw(&[
                (from + 2.0, 6.0),
                (from + wide - 2.0, 6.0),
                (from + wide, 8.0),
                (from + wide, d - 7.0),
                (from + wide - 2.0, d - 5.0),
                (from + 2.0, d - 5.0),
                (from, d - 7.0),
                (from, 8.0),
            ]);
            let used_for = if tower == 0 { BuildingUse::Office } else { BuildingUse::Residential };
            let mut part = Building::new(shape, used_for, floors, f64::from(floors) * 3.25 + 2.5, year)
                .floating_from(19.0);
            part.is_part = true;
            town.build(named(part, name));
        }
        break;
    }
    frontage::line(town, block, frontage::STORES, rng);
    for piece in shrunk(block, 2.5) {
        plain_rows(town, &piece, BuildingUse::Commercial, None, 14.0, (4, 9), rng);
    }
}

/// A small public garden with a pavilion.
pub(super) fn garden(town: &mut Town, block: &Polygon, name: Option<&str>, rng: &mut ChaCha8Rng) {
    town.add_patch(Ground::Green, name.unwrap_or_default(), block);
    if let (Some(spot), Some(name)) = (deep_inside(block), name) {
        town.add_label("place", name, spot);
        let shape = oval(spot, row_direction(block, rng), 4.0, 4.0, 8);
        town.build(Building::new(shape, BuildingUse::Public, 1, 5.2, 2012).named(name).in_the_open());
    }
}
