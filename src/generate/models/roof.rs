//! Roofs with a sagging curve and corners that turn up: a skirt around a wall, and the hip-and-gable roof (歇山).

use super::shape::{Paint, Point, SIDES, Shape, on_side};

/// Four slopes around a rectangle, from its top line down to the eave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skirt {
    /// Half the length and half the depth of the inner rectangle.
    pub(super) inner: [f64; 2],
    /// The same at the eave.
    pub(super) outer: [f64; 2],
    /// Height of the inner line.
    pub(super) top: f64,
    /// Height of the eave in the middle of a side.
    pub(super) eave: f64,
    /// The slope sags by this power: 1 is straight.
    pub(super) sag: f64,
    /// So much higher are the corners of the eave.
    pub(super) lift: f64,
    /// So much farther out are they.
    pub(super) reach: f64,
}

/// A row of tiles is so wide, metres.
const ROW_M: f64 = 0.95;
/// Steps down a slope.
const STEPS: u32 = 4;
/// Thickness of an eave.
const THICK_M: f64 = 0.28;

impl Skirt {
    /// A point of the slope of a side: `u` from -1 to 1 along it, `v` from the inner line to the eave.
    fn at(&self, side: usize, u: f64, v: f64) -> Point {
        let (length, depth) = if side.is_multiple_of(2) { (0, 1) } else { (1, 0) };
        let between = |axis: usize| self.inner[axis] + (self.outer[axis] - self.inner[axis]) * v;
        let corner = ((u.abs() - 0.45) / 0.55).max(0.0);
        // The third power by hand, so that every machine writes the same.
        let turn = corner * corner * corner * v * v;
        let along = u * between(length) + u.signum() * self.reach * turn;
        let y = self.eave + (self.top - self.eave) * sagging(1.0 - v, self.sag) + self.lift * turn;
        on_side(side, along, y, between(depth) + self.reach * turn)
    }

    /// Adds the slopes, the eave's edge, its underside and the ridges of the corners.
    pub(super) fn build(&self, shape: &mut Shape) {
        for side in SIDES {
            let length = self.outer[side % 2] * 2.0;
            // An odd number, so that the middle is a row.
            let rows = ((length / ROW_M / 2.0).round() as u32) * 2 + 1;
            let place = |i: u32| f64::from(i) / f64::from(rows) * 2.0 - 1.0;
            for row in 0..rows {
                let paint = if row % 2 == 0 { Paint::Tile } else { Paint::TileLight };
                let (u0, u1) = (place(row), place(row + 1));
                for step in 0..STEPS {
                    let (v0, v1) =
                        (f64::from(step) / f64::from(STEPS), f64::from(step + 1) / f64::from(STEPS));
                    let at = |u, v| self.at(side, u, v);
                    shape.quad(paint, [at(u0, v1), at(u1, v1), at(u1, v0), at(u0, v0)]);
                }
            }
            let pieces = 14;
            let below = |[x, y, z]: Point| [x, y - THICK_M, z];
            for piece in 0..pieces {
                let u = |i: u32| f64::from(i) / f64::from(pieces) * 2.0 - 1.0;
                let (a, b) = (self.at(side, u(piece), 1.0), self.at(side, u(piece + 1), 1.0));
                shape.quad(Paint::Eave, [below(a), below(b), b, a]);
                // The underside rises toward the wall.
                let inner = |i: u32| {
                    let [x, _, z] = self.at(side, u(i), 0.0);
                    [x, self.eave + (self.top - self.eave) * 0.3, z]
                };
                shape.quad(Paint::TimberDark, [inner(piece), inner(piece + 1), below(b), below(a)]);
            }
            let hip: Vec<Point> = (0..=5).map(|i| self.at(side, 1.0, f64::from(i) / 5.0)).collect();
            let mut hip = hip;
            // The end of the ridge turns up once more.
            if let (Some(last), Some(before)) = (hip.last().copied(), hip.get(4).copied()) {
                let out: Point = std::array::from_fn(|i| last[i] + (last[i] - before[i]) * 0.18);
                hip.push([out[0], last[1] + 0.35, out[2]]);
            }
            shape.bar(Paint::Ridge, &hip, 0.34, 0.3);
        }
    }
}

/// `x` to a power between 1 and 2, by a square and a straight line: what differs between machines is left out.
fn sagging(x: f64, power: f64) -> f64 {
    let share = power - 1.0;
    x * (1.0 - share) + x * x * share
}

/// The hip-and-gable roof: a skirt below, a gable roof above it, the main ridge with its ornaments.
#[derive(Debug, Clone, Copy)]
pub(super) struct GableRoof {
    /// Half the length and half the depth at the eave.
    pub(super) outer: [f64; 2],
    /// Half the length and half the depth where the gables stand.
    pub(super) gable: [f64; 2],
    /// Height of the eave.
    pub(super) eave: f64,
    /// From the eave to the ridge.
    pub(super) rise: f64,
    /// As [`Skirt::sag`].
    pub(super) sag: f64,
    /// As [`Skirt::lift`].
    pub(super) lift: f64,
    /// As [`Skirt::reach`].
    pub(super) reach: f64,
}

impl GableRoof {
    /// The height of the front slope so far from the ridge.
    fn height(&self, z: f64) -> f64 {
        self.eave + self.rise * sagging(1.0 - z / self.outer[1], self.sag)
    }

    /// Adds all of it.
    pub(super) fn build(&self, shape: &mut Shape) {
        let [length, depth] = self.gable;
        let top = self.height(depth);
        let skirt = Skirt {
            inner: self.gable,
            outer: self.outer,
            top,
            eave: self.eave,
            sag: self.sag,
            lift: self.lift,
            reach: self.reach,
        };
        skirt.build(shape);
        let over = length + 0.7;
        let steps = 4;
        let z = |i: u32| depth * f64::from(i) / f64::from(steps);
        let rows = ((over * 2.0 / ROW_M / 2.0).round() as u32) * 2 + 1;
        let x = |i: u32| (f64::from(i) / f64::from(rows) * 2.0 - 1.0) * over;
        for side in [0, 2] {
            for row in 0..rows {
                let paint = if row % 2 == 0 { Paint::Tile } else { Paint::TileLight };
                for step in 0..steps {
                    let at = |i: u32, j: u32| on_side(side, x(i), self.height(z(j)) + 0.04, z(j));
                    shape.quad(
                        paint,
                        [at(row, step + 1), at(row + 1, step + 1), at(row + 1, step), at(row, step)],
                    );
                }
            }
        }
        for side in [1, 3] {
            // The gable's wall, set back, and the board along the edge of the slope.
            for step in 0..steps {
                let (low, high) = (z(step + 1), z(step));
                let (y0, y1) = (self.height(low), self.height(high));
                let at = |along: f64, y: f64| on_side(side, along, y, length);
                shape.quad(Paint::Wall, [at(-low, y0), at(low, y0), at(high, y1), at(-high, y1)]);
                for sign in [-1.0, 1.0] {
                    let at = |along: f64, y: f64| on_side(side, along * sign, y, over);
                    let outside =
                        [at(low, y0 - 0.5), at(high, y1 - 0.5), at(high, y1 + 0.04), at(low, y0 + 0.04)];
                    let turned = [outside[1], outside[0], outside[3], outside[2]];
                    shape.quad(Paint::Timber, if sign < 0.0 { outside } else { turned });
                }
            }
            for sign in [-1.0, 1.0] {
                let edge: Vec<Point> =
                    (0..=steps).map(|i| on_side(side, z(i) * sign, self.height(z(i)), over - 0.35)).collect();
                shape.bar(Paint::Ridge, &edge, 0.36, 0.4);
            }
        }
        self.ridge(shape, over);
    }

    /// The main ridge, a little higher at its ends, a beast with a curled tail on each, a pearl in the middle.
    fn ridge(&self, shape: &mut Shape, over: f64) {
        let y = self.eave + self.rise;
        let points: Vec<Point> = (0..=8)
            .map(|i| {
                let u = f64::from(i) / 4.0 - 1.0;
                [u * (over - 0.2), y + 0.25 * u * u * u * u, 0.0]
            })
            .collect();
        shape.bar(Paint::Ridge, &points, 0.44, 0.72);
        let y = y + 0.2;
        for sign in [-1.0, 1.0] {
            let at = |x: f64, up: f64| [sign * (over - 1.1 + x), y + up];
            let mut part = |outline: [[f64; 2]; 4]| {
                let outline = if sign < 0.0 {
                    let [a, b, c, d] = outline;
                    [a, d, c, b]
                } else {
                    outline
                };
                shape.extrude(Paint::Ridge, &outline, [-0.26, 0.26]);
            };
            part([at(-0.35, 0.0), at(1.0, 0.0), at(1.05, 1.1), at(-0.2, 0.85)]);
            part([at(0.25, 0.9), at(1.05, 1.1), at(0.85, 1.75), at(0.45, 1.6)]);
            part([at(0.45, 1.6), at(0.85, 1.75), at(0.2, 2.05), at(0.05, 1.85)]);
        }
        shape.bar(Paint::Ridge, &[[-0.32, y + 0.4, 0.0], [0.32, y + 0.4, 0.0]], 0.5, 0.62);
        shape.bar(Paint::Gold, &[[-0.2, y + 1.0, 0.0], [0.2, y + 1.0, 0.0]], 0.34, 0.55);
    }
}

/// Blocks under an eave, as brackets look from afar: so many to the front and to the side.
pub(super) fn brackets(shape: &mut Shape, half: [f64; 2], y: [f64; 2], counts: [u32; 2]) {
    for side in SIDES {
        let (length, out) = if side % 2 == 0 { (half[0], half[1]) } else { (half[1], half[0]) };
        let count = counts[side % 2];
        for i in 0..count {
            let middle = (f64::from(i) / f64::from(count - 1) * 2.0 - 1.0) * (length - 0.3);
            let at = |along: f64, y: f64, out: f64| on_side(side, middle + along, y, out);
            let (w, near, far) = (0.27, out - 0.05, out + 0.75);
            // A wedge that grows outward and upward.
            let foot = [at(-w, y[0], near), at(w, y[0], near)];
            let edge = [at(-w * 1.5, y[1], far), at(w * 1.5, y[1], far)];
            let back = [at(-w * 1.5, y[1], near), at(w * 1.5, y[1], near)];
            shape.quad(Paint::Beam, [foot[0], foot[1], edge[1], edge[0]]);
            shape.triangle(Paint::TimberDark, [foot[1], back[1], edge[1]]);
            shape.triangle(Paint::TimberDark, [foot[0], edge[0], back[0]]);
        }
    }
}
