//! Triangles by what they are painted with.

use std::collections::BTreeMap;

/// A point: x, y up, z toward the front, metres.
pub(super) type Point = [f64; 3];

/// What a surface is painted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Paint {
    Brick,
    BrickDark,
    Stone,
    StoneLight,
    Paving,
    Tile,
    TileLight,
    Ridge,
    Timber,
    TimberDark,
    Beam,
    Wall,
    Plaque,
    Gold,
    /// Lattice doors and windows: warm light behind them at night.
    Window,
    /// Lanterns.
    Lamp,
    /// The edge of an eave, with a line of light at night.
    Eave,
}

impl Paint {
    /// All of them, in the order of the materials.
    pub(super) const ALL: [Self; 17] = [
        Self::Brick,
        Self::BrickDark,
        Self::Stone,
        Self::StoneLight,
        Self::Paving,
        Self::Tile,
        Self::TileLight,
        Self::Ridge,
        Self::Timber,
        Self::TimberDark,
        Self::Beam,
        Self::Wall,
        Self::Plaque,
        Self::Gold,
        Self::Window,
        Self::Lamp,
        Self::Eave,
    ];

    /// Name, sRGB, and light of its own in sRGB.
    pub(super) fn look(self) -> (&'static str, [u8; 3], [u8; 3]) {
        match self {
            Self::Brick => ("brick", [112, 109, 104], [0; 3]),
            Self::BrickDark => ("brick dark", [108, 105, 100], [0; 3]),
            Self::Stone => ("stone", [146, 141, 131], [0; 3]),
            Self::StoneLight => ("stone light", [176, 171, 160], [0; 3]),
            Self::Paving => ("paving", [124, 121, 114], [0; 3]),
            Self::Tile => ("tile", [66, 70, 76], [0; 3]),
            Self::TileLight => ("tile light", [77, 82, 88], [0; 3]),
            Self::Ridge => ("ridge", [104, 108, 112], [0; 3]),
            Self::Timber => ("timber", [110, 56, 44], [0; 3]),
            Self::TimberDark => ("timber dark", [82, 46, 36], [0; 3]),
            Self::Beam => ("beam", [62, 86, 82], [0; 3]),
            Self::Wall => ("wall", [124, 72, 58], [0; 3]),
            Self::Plaque => ("plaque", [34, 42, 62], [0; 3]),
            Self::Gold => ("gold", [196, 160, 84], [70, 52, 20]),
            Self::Window => ("window", [96, 62, 46], [226, 154, 84]),
            Self::Lamp => ("lamp", [160, 52, 36], [248, 116, 64]),
            Self::Eave => ("eave", [98, 78, 60], [150, 108, 62]),
        }
    }
}

/// Triangles of one paint: corners in millimetres, each once.
#[derive(Debug, Default)]
pub(super) struct Patch {
    pub(super) corners: Vec<[i32; 3]>,
    pub(super) indices: Vec<u16>,
    known: BTreeMap<[i32; 3], u16>,
}

/// A side of something that stands square: front, right, back, left.
pub(super) const SIDES: [usize; 4] = [0, 1, 2, 3];

/// A point of a side: so far along it to the right, so high, so far out from the middle.
pub(super) fn on_side(side: usize, along: f64, y: f64, out: f64) -> Point {
    match side % 4 {
        0 => [along, y, out],
        1 => [out, y, -along],
        2 => [-along, y, -out],
        _ => [-out, y, along],
    }
}

/// A model in the making.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) patches: BTreeMap<Paint, Patch>,
}

impl Shape {
    /// A triangle, counter-clockwise seen from outside.
    pub(super) fn triangle(&mut self, paint: Paint, corners: [Point; 3]) {
        let millimetres = corners.map(|corner| corner.map(|part| (part * 1000.0).round() as i32));
        let [a, b, c] = millimetres;
        if a == b || b == c || c == a {
            return;
        }
        let patch = self.patches.entry(paint).or_default();
        for corner in millimetres {
            let index = *patch.known.entry(corner).or_insert_with(|| {
                patch.corners.push(corner);
                (patch.corners.len() - 1) as u16
            });
            patch.indices.push(index);
        }
    }

    /// Four corners, counter-clockwise seen from outside.
    pub(super) fn quad(&mut self, paint: Paint, [a, b, c, d]: [Point; 4]) {
        self.triangle(paint, [a, b, c]);
        self.triangle(paint, [a, c, d]);
    }

    /// A rectangle on a side: along from `a0` to `a1`, up from `y0` to `y1`.
    pub(super) fn panel(
        &mut self,
        paint: Paint,
        side: usize,
        [a0, a1]: [f64; 2],
        [y0, y1]: [f64; 2],
        out: f64,
    ) {
        let at = |along, y| on_side(side, along, y, out);
        self.quad(paint, [at(a0, y0), at(a1, y0), at(a1, y1), at(a0, y1)]);
    }

    /// A convex outline in x and y, counter-clockwise seen from the front, between two depths.
    pub(super) fn extrude(&mut self, paint: Paint, outline: &[[f64; 2]], [z0, z1]: [f64; 2]) {
        let at = |[x, y]: [f64; 2], z: f64| [x, y, z];
        let Some((first, rest)) = outline.split_first() else { return };
        for pair in rest.windows(2) {
            self.triangle(paint, [at(*first, z1), at(pair[0], z1), at(pair[1], z1)]);
            self.triangle(paint, [at(*first, z0), at(pair[1], z0), at(pair[0], z0)]);
        }
        for (from, to) in outline.iter().zip(outline.iter().cycle().skip(1)) {
            self.quad(paint, [at(*from, z1), at(*from, z0), at(*to, z0), at(*to, z1)]);
        }
    }

    /// A box without its underside.
    pub(super) fn block(&mut self, paint: Paint, x: [f64; 2], y: [f64; 2], z: [f64; 2]) {
        self.ring(paint, x, y, z);
        self.lid(paint, x, y[1], z);
    }

    /// The four sides of a box.
    pub(super) fn ring(&mut self, paint: Paint, [x0, x1]: [f64; 2], [y0, y1]: [f64; 2], [z0, z1]: [f64; 2]) {
        let corners = [[x0, z1], [x1, z1], [x1, z0], [x0, z0]];
        for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            self.quad(paint, [[a[0], y0, a[1]], [b[0], y0, b[1]], [b[0], y1, b[1]], [a[0], y1, a[1]]]);
        }
    }

    /// The top of a box.
    pub(super) fn lid(&mut self, paint: Paint, [x0, x1]: [f64; 2], y: f64, [z0, z1]: [f64; 2]) {
        self.quad(paint, [[x0, y, z1], [x1, y, z1], [x1, y, z0], [x0, y, z0]]);
    }

    /// A box without underside around the middle: half its length and half its depth.
    pub(super) fn centred(&mut self, paint: Paint, half: [f64; 2], y: [f64; 2]) {
        self.block(paint, [-half[0], half[0]], y, [-half[1], half[1]]);
    }

    /// A round column of eight sides, without its ends.
    pub(super) fn column(&mut self, paint: Paint, [x, z]: [f64; 2], [y0, y1]: [f64; 2], radius: f64) {
        // Halves of the root of two and whole numbers alone, so that every machine writes the same.
        let h = radius * std::f64::consts::FRAC_1_SQRT_2;
        let around = [
            [radius, 0.0],
            [h, h],
            [0.0, radius],
            [-h, h],
            [-radius, 0.0],
            [-h, -h],
            [0.0, -radius],
            [h, -h],
        ];
        for (a, b) in around.iter().zip(around.iter().cycle().skip(1)) {
            let at = |[dx, dz]: [f64; 2], y: f64| [x + dx, y, z - dz];
            self.quad(paint, [at(*a, y0), at(*b, y0), at(*b, y1), at(*a, y1)]);
        }
    }

    /// A bar along points: so wide, so high above them.
    pub(super) fn bar(&mut self, paint: Paint, points: &[Point], width: f64, height: f64) {
        let mut sections = Vec::with_capacity(points.len());
        for i in 0..points.len() {
            let (Some(before), Some(at), Some(after)) =
                (points.get(i.saturating_sub(1)), points.get(i), points.get((i + 1).min(points.len() - 1)))
            else {
                continue;
            };
            let (dx, dz) = (after[0] - before[0], after[2] - before[2]);
            let length = dx.hypot(dz).max(1e-6);
            // To the right of the way.
            let (rx, rz) = (-dz / length * width * 0.5, dx / length * width * 0.5);
            let corner = |sign: f64, up: f64| [at[0] + sign * rx, at[1] + up, at[2] + sign * rz];
            sections.push([corner(1.0, -0.1), corner(1.0, height), corner(-1.0, height), corner(-1.0, -0.1)]);
        }
        for pair in sections.windows(2) {
            let [a, b] = [pair[0], pair[1]];
            self.quad(paint, [a[0], b[0], b[1], a[1]]);
            self.quad(paint, [a[1], b[1], b[2], a[2]]);
            self.quad(paint, [a[2], b[2], b[3], a[3]]);
        }
        if let (Some(a), Some(b)) = (sections.first(), sections.last()) {
            self.quad(paint, [a[0], a[1], a[2], a[3]]);
            self.quad(paint, [b[3], b[2], b[1], b[0]]);
        }
    }

    /// Everything leans inward: so much of its distance from the middle a metre of height.
    pub(super) fn battered(mut self, a_metre: f64) -> Self {
        for patch in self.patches.values_mut() {
            for corner in &mut patch.corners {
                let keep = 1.0 - a_metre * f64::from(corner[1]) / 1000.0;
                corner[0] = (f64::from(corner[0]) * keep).round() as i32;
                corner[2] = (f64::from(corner[2]) * keep).round() as i32;
            }
        }
        self
    }

    /// With another shape.
    pub(super) fn and(mut self, other: Self) -> Self {
        for (paint, patch) in other.patches {
            let mine = self.patches.entry(paint).or_default();
            let first = mine.corners.len() as u16;
            mine.corners.extend(patch.corners);
            mine.indices.extend(patch.indices.iter().map(|index| index + first));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_and_a_box_face_outward() {
        let mut shape = Shape::default();
        shape.bar(Paint::Ridge, &[[0.0, 0.0, 0.0], [4.0, 0.0, 0.0]], 1.0, 1.0);
        shape.centred(Paint::Stone, [2.0, 1.0], [0.0, 3.0]);
        shape.column(Paint::Timber, [0.0, 0.0], [0.0, 2.0], 0.5);
        shape.extrude(Paint::Tile, &[[0.0, 0.0], [2.0, 0.0], [1.0, 2.0]], [-1.0, 1.0]);
        for (paint, patch) in &shape.patches {
            let sum = patch.corners.iter().fold([0.0; 3], |sum: [f64; 3], corner| {
                std::array::from_fn(|i| sum[i] + f64::from(corner[i]))
            });
            let middle = sum.map(|part| part / patch.corners.len() as f64);
            for triangle in patch.indices.chunks(3) {
                let at = |i: usize| patch.corners[usize::from(triangle[i])].map(f64::from);
                let [a, b, c] = [at(0), at(1), at(2)];
                let (u, v): (Point, Point) =
                    (std::array::from_fn(|i| b[i] - a[i]), std::array::from_fn(|i| c[i] - a[i]));
                let face = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
                let outward: f64 = (0..3).map(|i| face[i] * (a[i] - middle[i])).sum();
                assert!(outward > 0.0, "{paint:?}");
            }
        }
    }
}
