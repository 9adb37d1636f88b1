//! The outline of a plain building with a wanted number of corners, within a rectangle.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::generate::plane::{Point, at};

/// How many corners, and how many of a hundred buildings have them: nine on average (8.98).
const CORNERS: [(u32, u32); 12] = [
    (4, 11),
    (5, 4),
    (6, 14),
    (7, 6),
    (8, 16),
    (9, 6),
    (10, 12),
    (11, 4),
    (12, 14),
    (13, 2),
    (14, 4),
    (16, 7),
];

/// A number of corners for an outer ring.
pub(super) fn corner_count(rng: &mut ChaCha8Rng) -> u32 {
    let mut chance = rng.random_range(0..100_u32);
    for (corners, share) in CORNERS {
        if chance < share {
            return corners;
        }
        chance -= share;
    }
    4
}

/// An outline of `corners` corners (4 to 16) within the rectangle from 0, 0 to `width`, `depth`, anticlockwise.
///
/// A rectangle, of which an odd corner cuts off the south-west one, two more take a notch out of the north-east,
/// and each four a recess in the south or north front. Nothing reaches the middle third, where a court may lie.
pub(super) fn outline(width: f64, depth: f64, corners: u32, rng: &mut ChaCha8Rng) -> Vec<Point> {
    let spare = corners.clamp(4, 16) - 4;
    let is_cut = spare % 2 == 1;
    let has_notch = spare / 2 % 2 == 1;
    let recesses = spare / 4;
    let south = recesses.div_ceil(2);
    let mut part = |low: f64, high: f64| rng.random_range(low..high);

    let cut = if is_cut { (width * part(0.1, 0.16), depth * part(0.12, 0.3)) } else { (0.0, 0.0) };
    let notch = if has_notch { (width * part(0.18, 0.3), depth * part(0.18, 0.3)) } else { (0.0, 0.0) };
    let mut ring = vec![at(cut.0, 0.0)];
    let mut front = |ring: &mut Vec<Point>, from: f64, to: f64, count: u32, y: f64, inward: f64| {
        for i in 0..count {
            let (start, step) = (f64::from(i), (to - from) / f64::from(count));
            let left = from + step * (start + part(0.2, 0.32));
            let right = from + step * (start + part(0.62, 0.8));
            let deep = y + inward * depth * part(0.1, 0.28);
            ring.extend([at(left, y), at(left, deep), at(right, deep), at(right, y)]);
        }
    };
    front(&mut ring, cut.0, width, south, 0.0, 1.0);
    ring.push(at(width, 0.0));
    if has_notch {
        ring.extend([at(width, depth - notch.1), at(width - notch.0, depth - notch.1)]);
    }
    ring.push(at(width - notch.0, depth));
    front(&mut ring, width - notch.0, 0.0, recesses - south, depth, -1.0);
    ring.push(at(0.0, depth));
    if is_cut {
        ring.push(at(0.0, cut.1));
    }
    ring
}

/// A court in the middle of the same rectangle, clockwise.
pub(super) fn court(width: f64, depth: f64, rng: &mut ChaCha8Rng) -> Vec<Point> {
    let mut part = || rng.random_range(0.0..0.06);
    let (west, east) = (width * (0.34 + part()), width * (0.66 - part()));
    let (south, north) = (depth * (0.34 + part()), depth * (0.66 - part()));
    vec![at(west, south), at(west, north), at(east, north), at(east, south)]
}
