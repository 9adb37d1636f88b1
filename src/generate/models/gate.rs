//! 水亭门: a gate of grey brick with an arch and battlements, and a tower of timber under two eaves upon it.

use super::roof::{GableRoof, Skirt, brackets};
use super::shape::{Paint, Point, SIDES, Shape, on_side};

/// Half the width and half the depth of the gate at its foot.
const BODY: [f64; 2] = [15.4, 7.6];
/// Height of the platform.
const DECK: f64 = 8.0;
/// Half the width of the arch, and the height at which its curve begins.
const ARCH: [f64; 2] = [3.5, 3.1];
/// So much of the distance from the middle a metre of height do the walls lean inward.
const BATTER: f64 = 0.0085;

/// Builds the gate.
pub(super) fn build() -> Shape {
    body().battered(BATTER).and(wings()).and(tower())
}

/// Points of the arch from left to right: x and y. Quarter turns by halving, without sines.
fn arch(radius: f64) -> Vec<[f64; 2]> {
    // Cosines of 0°, 15°, 30°, 45°, 60°, 75°, 90°.
    const COSINES: [f64; 7] =
        [1.0, 0.965_926, 0.866_025, std::f64::consts::FRAC_1_SQRT_2, 0.5, 0.258_819, 0.0];
    let spring = ARCH[1];
    let left = (0..7).map(|i| [-radius * COSINES[i], spring + radius * COSINES[6 - i]]);
    let right = (0..6).rev().map(|i| [radius * COSINES[i], spring + radius * COSINES[6 - i]]);
    left.chain(right).collect()
}

fn body() -> Shape {
    let mut shape = Shape::default();
    let [half, depth] = BODY;
    // Both sides of the arch, in courses of nearly one tone, on a plinth of stone.
    let courses = [0.0, 1.0, 2.2, 3.4, 4.6, 5.8, 7.0, DECK];
    for (i, pair) in courses.windows(2).enumerate() {
        let paint = match i {
            0 => Paint::Stone,
            _ if i % 2 == 0 => Paint::BrickDark,
            _ => Paint::Brick,
        };
        for [x0, x1] in [[-half, -ARCH[0]], [ARCH[0], half]] {
            shape.ring(paint, [x0, x1], [pair[0], pair[1]], [-depth, depth]);
        }
    }
    // Over the arch, the vault under it, and its rim.
    let (vault, rim) = (arch(ARCH[0]), arch(ARCH[0] + 0.6));
    for (a, b) in vault.iter().zip(vault.iter().skip(1)) {
        for (side, sign) in [(0, 1.0), (2, -1.0)] {
            // Seen from behind, left is right.
            let at = |[x, y]: [f64; 2]| on_side(side, x * sign, y, depth);
            let (low, high) = if sign > 0.0 { (*a, *b) } else { (*b, *a) };
            shape.quad(Paint::Brick, [at(low), at(high), at([high[0], DECK]), at([low[0], DECK])]);
        }
        let at = |[x, y]: [f64; 2], z: f64| -> Point { [x, y, z] };
        shape.quad(Paint::BrickDark, [at(*a, depth), at(*a, -depth), at(*b, -depth), at(*b, depth)]);
    }
    let foot = |radius: f64, sign: f64| [radius * sign, 0.0];
    let whole = |points: &[[f64; 2]], radius: f64| {
        let mut all = vec![foot(radius, -1.0)];
        all.extend_from_slice(points);
        all.push(foot(radius, 1.0));
        all
    };
    let (inner, outer) = (whole(&vault, ARCH[0]), whole(&rim, ARCH[0] + 0.6));
    for ((a, b), (c, d)) in inner.iter().zip(inner.iter().skip(1)).zip(outer.iter().zip(outer.iter().skip(1)))
    {
        let out = depth + 0.07;
        let front = |[x, y]: [f64; 2]| -> Point { [x, y, out] };
        shape.quad(Paint::StoneLight, [front(*a), front(*b), front(*d), front(*c)]);
        let back = |[x, y]: [f64; 2]| -> Point { [x, y, -out] };
        shape.quad(Paint::StoneLight, [back(*c), back(*d), back(*b), back(*a)]);
    }
    // The stone with the gate's name, on both sides.
    for side in [0, 2] {
        shape.panel(Paint::StoneLight, side, [-2.3, 2.3], [7.0, 8.25], depth + 0.16);
        shape.panel(Paint::Plaque, side, [-2.05, 2.05], [7.15, 8.1], depth + 0.19);
    }
    // The platform, the band under its edge, the battlements.
    shape.lid(Paint::Paving, [-half, half], DECK, [-depth, depth]);
    shape.ring(Paint::Stone, [-half - 0.14, half + 0.14], [DECK - 0.3, DECK], [-depth - 0.14, depth + 0.14]);
    battlements(&mut shape, [half, depth], DECK, 1.0);
    shape
}

/// A low wall along the edge of a platform, with teeth.
fn battlements(shape: &mut Shape, half: [f64; 2], y: f64, wall_m: f64) {
    for side in SIDES {
        let (length, out) = if side % 2 == 0 { (half[0], half[1]) } else { (half[1], half[0]) };
        teeth(shape, side, [-length, length], out, y, wall_m);
    }
}

fn teeth(shape: &mut Shape, side: usize, [a0, a1]: [f64; 2], out: f64, y: f64, wall_m: f64) {
    let mut piece = |a: [f64; 2], up: [f64; 2], paint: Paint| {
        let at = |along: f64, y: f64, out: f64| on_side(side, along, y, out);
        let (near, far) = (out - 0.45, out);
        shape.quad(
            paint,
            [at(a[0], up[0], far), at(a[1], up[0], far), at(a[1], up[1], far), at(a[0], up[1], far)],
        );
        shape.quad(
            paint,
            [at(a[1], up[0], near), at(a[0], up[0], near), at(a[0], up[1], near), at(a[1], up[1], near)],
        );
        shape.quad(
            paint,
            [at(a[0], up[1], far), at(a[1], up[1], far), at(a[1], up[1], near), at(a[0], up[1], near)],
        );
        for (along, first, second) in [(a[1], far, near), (a[0], near, far)] {
            let [p, q] = [at(along, up[0], first), at(along, up[0], second)];
            shape.quad(paint, [p, q, [q[0], up[1], q[2]], [p[0], up[1], p[2]]]);
        }
    };
    piece([a0, a1], [y, y + wall_m * 0.55], Paint::BrickDark);
    let count = ((a1 - a0) / 1.9).floor().max(2.0);
    let every = (a1 - a0) / count;
    for i in 0..count as u32 {
        let start = a0 + every * f64::from(i) + every * 0.18;
        piece([start, start + every * 0.64], [y + wall_m * 0.55, y + wall_m * 1.35], Paint::Brick);
    }
}

/// What is left of the wall on both sides.
fn wings() -> Shape {
    let mut shape = Shape::default();
    for [x0, x1] in [[-25.0, -14.9], [14.9, 25.0]] {
        let courses = [0.0, 0.9, 2.2, 3.5, 4.8, 6.0];
        for (i, pair) in courses.windows(2).enumerate() {
            let paint = match i {
                0 => Paint::Stone,
                _ if i % 2 == 0 => Paint::Brick,
                _ => Paint::BrickDark,
            };
            shape.ring(paint, [x0, x1], [pair[0], pair[1]], [-2.8, 2.8]);
        }
        shape.lid(Paint::Paving, [x0, x1], 6.0, [-2.8, 2.8]);
        teeth(&mut shape, 0, [x0, x1], 2.8, 6.0, 0.9);
        teeth(&mut shape, 2, [-x1, -x0], 2.8, 6.0, 0.7);
    }
    shape
}

/// The tower: a hall with a gallery of columns, an eave around it, a second storey, and its roof.
fn tower() -> Shape {
    let mut shape = Shape::default();
    shape.centred(Paint::StoneLight, [10.6, 5.1], [DECK, DECK + 0.5]);
    let floor = DECK + 0.5;
    let bays = [-9.5, -5.8, -2.1, 2.1, 5.8, 9.5];
    for x in bays {
        for z in [-4.1, 4.1] {
            shape.column(Paint::Timber, [x, z], [floor, floor + 3.8], 0.27);
        }
    }
    for z in [-1.4, 1.4] {
        for x in [-9.5, 9.5] {
            shape.column(Paint::Timber, [x, z], [floor, floor + 3.8], 0.27);
        }
    }
    // The lintels that tie the columns together.
    shape.ring(Paint::Beam, [-9.7, 9.7], [floor + 3.3, floor + 3.85], [-4.3, 4.3]);
    hall(&mut shape, [8.0, 2.8], [floor, floor + 4.3], [5, 2], true);
    brackets(&mut shape, [9.6, 4.2], [floor + 3.85, floor + 4.4], [13, 6]);
    Skirt {
        inner: [7.5, 2.6],
        outer: [11.6, 6.3],
        top: floor + 5.9,
        eave: floor + 4.45,
        sag: 1.55,
        lift: 1.1,
        reach: 0.6,
    }
    .build(&mut shape);
    for x in [-7.0, -2.4, 2.4, 7.0] {
        shape.block(Paint::Lamp, [x - 0.28, x + 0.28], [floor + 2.3, floor + 3.0], [4.6, 5.16]);
    }
    let upper = floor + 5.6;
    hall(&mut shape, [7.3, 2.45], [upper, upper + 2.6], [5, 2], false);
    for x in [-7.4, -4.5, -1.6, 1.6, 4.5, 7.4] {
        for z in [-2.55, 2.55] {
            shape.column(Paint::Timber, [x, z], [upper, upper + 2.6], 0.2);
        }
    }
    shape.ring(Paint::Beam, [-7.6, 7.6], [upper + 2.2, upper + 2.65], [-2.75, 2.75]);
    brackets(&mut shape, [7.5, 2.65], [upper + 2.65, upper + 3.1], [11, 5]);
    shape.panel(Paint::Gold, 0, [-1.35, 1.35], [upper + 0.75, upper + 1.85], 2.86);
    shape.panel(Paint::Plaque, 0, [-1.2, 1.2], [upper + 0.88, upper + 1.72], 2.9);
    GableRoof {
        outer: [9.9, 5.1],
        gable: [6.3, 2.3],
        eave: upper + 3.1,
        rise: 4.7,
        sag: 1.55,
        lift: 1.15,
        reach: 0.6,
    }
    .build(&mut shape);
    shape
}

/// The walls of a hall: leaves of lattice doors (or windows) to the front and the back, plain ends.
pub(super) fn hall(shape: &mut Shape, half: [f64; 2], [y0, y1]: [f64; 2], bays: [u32; 2], has_doors: bool) {
    shape.ring(Paint::TimberDark, [-half[0], half[0]], [y0, y1], [-half[1], half[1]]);
    for side in SIDES {
        let (length, out, count) =
            if side % 2 == 0 { (half[0], half[1], bays[0]) } else { (half[1], half[0], bays[1]) };
        let bay = length * 2.0 / f64::from(count);
        for i in 0..count {
            let start = -length + bay * f64::from(i) + 0.32;
            let width = bay - 0.64;
            let leaves = if side % 2 == 0 { 4 } else { 2 };
            for leaf in 0..leaves {
                let a0 = start + width * f64::from(leaf) / f64::from(leaves) + 0.06;
                let a1 = start + width * f64::from(leaf + 1) / f64::from(leaves) - 0.06;
                let low = if has_doors && side % 2 == 0 { y0 + 0.15 } else { y0 + (y1 - y0) * 0.3 };
                let high = y0 + (y1 - y0) * 0.74;
                shape.panel(Paint::Timber, side, [a0, a1], [low, high], out + 0.05);
                let sill = low + (high - low) * 0.36;
                shape.panel(Paint::Window, side, [a0 + 0.09, a1 - 0.09], [sill, high - 0.1], out + 0.09);
            }
        }
    }
}
