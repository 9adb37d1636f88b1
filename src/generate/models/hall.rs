//! 孔氏南宗家庙 大成殿: a hall of five bays under two eaves, on a terrace of stone with steps and balustrades.

use super::gate::hall;
use super::roof::{GableRoof, Skirt, brackets};
use super::shape::{Paint, SIDES, Shape, on_side};

/// Height of the terrace.
const TERRACE: f64 = 1.5;
/// Half the width and half the depth of the terrace under the hall.
const UNDER: [f64; 2] = [19.6, 12.8];
/// Half the width of the terrace before the hall, and how far from the middle its front is.
const BEFORE: [f64; 2] = [11.0, 20.5];

/// Builds the hall.
pub(super) fn build() -> Shape {
    let mut shape = Shape::default();
    terrace(&mut shape);
    let columns = [-14.4, -8.8, -3.2, 3.2, 8.8, 14.4];
    for x in columns {
        for z in [-9.2, 9.2] {
            shape.column(Paint::Stone, [x, z], [TERRACE, TERRACE + 0.5], 0.55);
            shape.column(Paint::Timber, [x, z], [TERRACE + 0.5, TERRACE + 5.4], 0.38);
        }
    }
    for z in [-4.6, 0.0, 4.6] {
        for x in [-14.4, 14.4] {
            shape.column(Paint::Timber, [x, z], [TERRACE, TERRACE + 5.4], 0.38);
        }
    }
    shape.ring(Paint::Beam, [-14.7, 14.7], [TERRACE + 4.6, TERRACE + 5.4], [-9.5, 9.5]);
    hall(&mut shape, [12.8, 7.6], [TERRACE, TERRACE + 6.4], [5, 3], true);
    // The ends and the back are plastered below.
    for side in [1, 2, 3] {
        let length = if side == 2 { 12.8 } else { 7.6 };
        let out = if side == 2 { 7.6 } else { 12.8 };
        shape.panel(Paint::Wall, side, [-length, length], [TERRACE, TERRACE + 4.9], out + 0.12);
    }
    brackets(&mut shape, [14.6, 9.4], [TERRACE + 5.4, TERRACE + 6.1], [15, 10]);
    Skirt {
        inner: [12.3, 7.1],
        outer: [17.8, 12.5],
        top: TERRACE + 8.5,
        eave: TERRACE + 6.1,
        sag: 1.5,
        lift: 1.5,
        reach: 0.8,
    }
    .build(&mut shape);
    for x in [-6.0, 6.0] {
        shape.block(Paint::Lamp, [x - 0.36, x + 0.36], [TERRACE + 3.3, TERRACE + 4.2], [10.1, 10.82]);
    }
    let upper = TERRACE + 8.0;
    shape.ring(Paint::TimberDark, [-12.2, 12.2], [upper, upper + 2.6], [-7.0, 7.0]);
    for side in SIDES {
        let (length, out, count) = if side % 2 == 0 { (12.2, 7.0, 15) } else { (7.0, 12.2, 8) };
        for i in 0..count {
            let middle = (f64::from(i) + 0.5) / f64::from(count) * 2.0 * length - length;
            shape.panel(
                Paint::Window,
                side,
                [middle - 0.6, middle + 0.6],
                [upper + 0.95, upper + 1.75],
                out + 0.06,
            );
        }
        shape.panel(Paint::Beam, side, [-length, length], [upper + 2.0, upper + 2.6], out + 0.08);
    }
    // The board between the eaves, blue with gold.
    let board = [
        [-1.9, upper + 0.6, 7.5],
        [1.9, upper + 0.6, 7.5],
        [1.9, upper + 2.5, 8.0],
        [-1.9, upper + 2.5, 8.0],
    ];
    shape.quad(Paint::Gold, board);
    let inset =
        |p: [f64; 3]| [p[0] * 0.87, upper + 1.55 + (p[1] - upper - 1.55) * 0.76, 7.78 + (p[2] - 7.75) * 0.76];
    shape.quad(Paint::Plaque, board.map(inset));
    brackets(&mut shape, [12.3, 7.1], [upper + 2.6, upper + 3.2], [13, 8]);
    GableRoof {
        outer: [15.6, 10.4],
        gable: [10.6, 5.0],
        eave: upper + 3.15,
        rise: 6.0,
        sag: 1.5,
        lift: 1.6,
        reach: 0.8,
    }
    .build(&mut shape);
    shape
}

/// Two platforms of stone, steps up to them, and balustrades along their edges.
fn terrace(shape: &mut Shape) {
    let [half, depth] = UNDER;
    let [front_half, front] = BEFORE;
    for (x, z) in [([-half, half], [-depth, depth]), ([-front_half, front_half], [depth, front])] {
        shape.ring(Paint::Stone, x, [0.0, TERRACE - 0.25], z);
        // A lip of lighter stone.
        let lip = 0.12;
        shape.block(
            Paint::StoneLight,
            [x[0] - lip, x[1] + lip],
            [TERRACE - 0.25, TERRACE],
            [z[0] - lip, z[1] + lip],
        );
    }
    shape.lid(Paint::Paving, [-half + 0.5, half - 0.5], TERRACE + 0.02, [-depth + 0.5, depth - 0.1]);
    shape.lid(
        Paint::Paving,
        [-front_half + 0.5, front_half - 0.5],
        TERRACE + 0.02,
        [depth - 0.1, front - 0.5],
    );
    let steps = 6;
    for step in 0..steps {
        let y = TERRACE * f64::from(steps - step) / f64::from(steps + 1);
        let from = front + 0.36 * f64::from(step);
        shape.block(Paint::StoneLight, [-3.4, 3.4], [0.0, y], [from, from + 0.36]);
        for sign in [-1.0, 1.0] {
            // The steps at the sides of the front platform.
            let x = sign * (front_half + 0.36 * f64::from(step));
            let edge = sign * (front_half + 0.36 * f64::from(step + 1));
            shape.block(Paint::StoneLight, [x.min(edge), x.max(edge)], [0.0, y], [15.0, 17.6]);
        }
    }
    // Along from, along to, out, by side of the building.
    for (side, a0, a1, out) in [
        (0, -front_half, -3.4, front),
        (0, 3.4, front_half, front),
        (0, -half, -front_half, depth),
        (0, front_half, half, depth),
        (2, -half, half, depth),
        (1, -depth, depth, half),
        (3, -depth, depth, half),
        (1, -15.0, -depth, front_half),
        (1, -front, -17.6, front_half),
        (3, depth, 15.0, front_half),
        (3, 17.6, front, front_half),
    ] {
        balustrade(shape, side, [a0, a1], out - 0.2);
    }
}

fn balustrade(shape: &mut Shape, side: usize, [a0, a1]: [f64; 2], out: f64) {
    let corner = |along: f64, out: f64| {
        let [x, _, z] = on_side(side, along, 0.0, out);
        [x, z]
    };
    let mut piece = |a: [f64; 2], y: [f64; 2], thick: f64| {
        let ([x0, z0], [x1, z1]) = (corner(a[0], out - thick), corner(a[1], out + thick));
        shape.block(Paint::StoneLight, [x0.min(x1), x0.max(x1)], y, [z0.min(z1), z0.max(z1)]);
    };
    piece([a0, a1], [TERRACE + 0.12, TERRACE + 0.72], 0.06);
    let count = ((a1 - a0) / 2.4).round().max(1.0);
    for i in 0..=count as u32 {
        let at = a0 + (a1 - a0) * f64::from(i) / count;
        piece([at - 0.13, at + 0.13], [TERRACE, TERRACE + 1.05], 0.13);
    }
}
