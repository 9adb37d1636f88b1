//! The relief: how high the ground stands above the plain, from an Esri ASCII grid (`.asc`).
//!
//! Heights are metres above the plain that everything else stands on, places are degrees.
//! Reading lays the middles of the file's cells onto a grid of local metres, so that a height is two multiplications away and
//! what is drawn is exactly what [`Relief::ground_m`] says: each cell is two triangles, parted from south-west to north-east.
//! Outside of the grid the ground is the plain.

mod ascii;
mod stand;

use crate::geo::{Bounds, Datum, LocalFrame};

/// The most numbers that a file may have.
const MOST_NUMBERS: usize = 4_000_000;
/// What stands at most so high at the edge of the grid is not worth a warning, metres.
const LOW_EDGE_M: f32 = 0.5;

/// The ground above the plain, on a square grid of local metres.
#[derive(Debug, Clone, PartialEq)]
pub struct Relief {
    /// The south-western node, `[east, north]`.
    min: [f64; 2],
    /// Metres between nodes, eastward and northward.
    cell_m: [f64; 2],
    columns: usize,
    rows: usize,
    /// Row by row from the south, each from the west.
    heights_m: Vec<f32>,
    highest_m: f32,
}

/// Why a relief cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReliefError {
    /// Not text at all.
    #[error("this is no text; an Esri ASCII grid (.asc) is wanted")]
    NotText,
    /// A line of the header is missing.
    #[error("the header does not say {0}")]
    Missing(&'static str),
    /// A number of the header is none, or cannot be used.
    #[error("{key} cannot be used: {value}")]
    Header {
        /// Which.
        key: String,
        /// As written.
        value: String,
    },
    /// Too many cells.
    #[error(
        "{columns} by {rows} cells are more than {MOST_NUMBERS}; make it coarser, or cut out what is needed"
    )]
    TooLarge {
        /// As the header says.
        columns: usize,
        /// As the header says.
        rows: usize,
    },
    /// Fewer numbers than cells.
    #[error("{found} heights, but {wanted} cells")]
    TooFew {
        /// Numbers in the file.
        found: usize,
        /// Cells by the header.
        wanted: usize,
    },
    /// Not degrees.
    #[error(
        "its corners are no degrees of longitude and latitude; heights on a projected grid cannot be read"
    )]
    NotDegrees,
    /// Elsewhere.
    #[error("it lies too far from the place")]
    TooFar,
}

impl Relief {
    /// Reads a grid; what was put right is said in words. `None` where all of it is as low as the plain.
    ///
    /// # Errors
    /// If its header cannot be used, cells are missing, or it lies elsewhere.
    pub fn read(
        bytes: &[u8],
        frame: LocalFrame,
        datum: Datum,
    ) -> Result<(Option<Self>, Vec<String>), ReliefError> {
        let mut warnings = Vec::new();
        let grid = ascii::DegreeGrid::parse(bytes, &mut warnings)?;
        let relief = grid.to_metres(frame, datum)?;
        let edge = grid.edge_m();
        if edge > LOW_EDGE_M {
            warnings.push(format!(
                "the ground stands {edge:.0} m above the plain at the edge of the relief and drops to it there; heights are metres above the plain, not above the sea"
            ));
        }
        Ok((relief, warnings))
    }

    /// A relief from its nodes: row by row from the south, each from the west; `None` if they are no grid, or nothing
    /// of it stands above the plain.
    pub fn from_nodes(min: [f64; 2], cell_m: [f64; 2], columns: usize, heights_m: Vec<f32>) -> Option<Self> {
        let rows = heights_m.len().checked_div(columns)?;
        let is_grid = columns >= 2
            && rows >= 2
            && columns * rows == heights_m.len()
            && cell_m.iter().all(|side| *side > 0.0);
        let highest_m = heights_m.iter().copied().fold(0.0, f32::max);
        (is_grid && highest_m > 0.0).then_some(Self { min, cell_m, columns, rows, heights_m, highest_m })
    }

    /// How high the ground stands above the plain at a point, metres: 0 outside of the grid.
    ///
    /// In a cell whose corners are a (south-west), b (south-east), c (north-west) and d (north-east), and at u of it
    /// eastward and v northward: `a + u (b - a) + v (d - b)` where u ≥ v, else `a + v (c - a) + u (d - c)`.
    pub fn ground_m(&self, east: f64, north: f64) -> f32 {
        let Some((column, row, u, v)) = self.cell_at(east, north) else { return 0.0 };
        let [a, b, c, d] = self.corners_m(column, row);
        if u >= v { a + u * (b - a) + v * (d - b) } else { a + v * (c - a) + u * (d - c) }
    }

    /// The direction straight out of the ground, `[east, north, up]`, smoothed over the cells around.
    pub fn normal(&self, east: f64, north: f64) -> [f32; 3] {
        let [wide, deep] = self.cell_m;
        let slope = |a: f32, b: f32, reach: f64| (b - a) / (2.0 * reach) as f32;
        let x = slope(self.ground_m(east - wide, north), self.ground_m(east + wide, north), wide);
        let y = slope(self.ground_m(east, north - deep), self.ground_m(east, north + deep), deep);
        let length = (x * x + y * y + 1.0).sqrt();
        [-x / length, -y / length, 1.0 / length]
    }

    /// The lowest ground below a closed ring.
    pub fn least_m(&self, ring: &[[f32; 2]]) -> f32 {
        let mut least = f32::INFINITY;
        for (i, from) in ring.iter().enumerate() {
            let to = ring.get(i + 1).or(ring.first()).unwrap_or(from);
            let (from, to) = (from.map(f64::from), to.map(f64::from));
            let length = (to[0] - from[0]).hypot(to[1] - from[1]);
            let steps = (length / self.least_cell_m()).ceil().clamp(1.0, 1_000.0);
            for step in 0..steps as u32 {
                let share = f64::from(step) / steps;
                let at = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
                least = least.min(self.ground_m(at[0], at[1]));
            }
        }
        if least.is_finite() { least } else { 0.0 }
    }

    /// Where a ray first meets ground above the plain: metres along it. The ray's space is the picture's: x east, y up,
    /// z south; the direction is of length 1.
    pub fn meets(&self, origin: [f64; 3], direction: [f64; 3]) -> Option<f64> {
        let bounds = self.bounds();
        let low = [bounds.min[0], 0.0, -bounds.max[1]];
        let high = [bounds.max[0], f64::from(self.highest_m), -bounds.min[1]];
        let (mut from, mut to) = (0.0_f64, f64::INFINITY);
        for axis in 0..3 {
            if direction[axis].abs() < 1e-12 {
                if !(low[axis]..=high[axis]).contains(&origin[axis]) {
                    return None;
                }
                continue;
            }
            let (a, b) =
                ((low[axis] - origin[axis]) / direction[axis], (high[axis] - origin[axis]) / direction[axis]);
            from = from.max(a.min(b));
            to = to.min(a.max(b));
        }
        if from > to || !to.is_finite() {
            return None;
        }
        let above = |along: f64| {
            let at: [f64; 3] = std::array::from_fn(|axis| origin[axis] + along * direction[axis]);
            at[1] - f64::from(self.ground_m(at[0], -at[2]))
        };
        // Half the shorter side of a cell at a time. The way through the box is at most as long as its width, depth and
        // height together: in n by m square cells, up to h of their sides high, at most some 2 (n + m + h) steps; in
        // longer cells the more, the longer they are than wide.
        let step = self.least_cell_m() * 0.5;
        let mut before = from;
        while before < to {
            let next = (before + step).min(to);
            // The plain itself is everybody's, and met at the very end.
            if above(next) < -1e-6 {
                let (mut outside, mut inside) = (before, next);
                for _ in 0..24 {
                    let middle = (outside + inside) * 0.5;
                    if above(middle) < 0.0 { inside = middle } else { outside = middle }
                }
                return Some(inside);
            }
            before = next;
        }
        None
    }

    /// The box around the grid.
    pub fn bounds(&self) -> Bounds {
        let size = [(self.columns - 1) as f64 * self.cell_m[0], (self.rows - 1) as f64 * self.cell_m[1]];
        Bounds { min: self.min, max: [self.min[0] + size[0], self.min[1] + size[1]] }
    }

    /// The shorter side of a cell, metres.
    pub fn least_cell_m(&self) -> f64 {
        self.cell_m[0].min(self.cell_m[1])
    }

    /// Cells eastward and northward.
    pub fn cells(&self) -> [usize; 2] {
        [self.columns - 1, self.rows - 1]
    }

    /// The highest ground, metres.
    pub fn highest_m(&self) -> f32 {
        self.highest_m
    }

    /// Heights of a cell's corners: south-west, south-east, north-west, north-east.
    pub fn corners_m(&self, column: usize, row: usize) -> [f32; 4] {
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| self.node_m(column + x, row + y))
    }

    /// The place of a node, `[east, north]`.
    pub fn node(&self, column: usize, row: usize) -> [f64; 2] {
        [self.min[0] + column as f64 * self.cell_m[0], self.min[1] + row as f64 * self.cell_m[1]]
    }

    fn node_m(&self, column: usize, row: usize) -> f32 {
        self.heights_m.get(row * self.columns + column).copied().unwrap_or(0.0)
    }

    /// The cell of a point, and where in it.
    fn cell_at(&self, east: f64, north: f64) -> Option<(usize, usize, f32, f32)> {
        let (x, y) = ((east - self.min[0]) / self.cell_m[0], (north - self.min[1]) / self.cell_m[1]);
        let is_inside = x >= 0.0 && y >= 0.0 && x <= (self.columns - 1) as f64 && y <= (self.rows - 1) as f64;
        if !is_inside {
            return None;
        }
        let (column, row) = ((x as usize).min(self.columns - 2), (y as usize).min(self.rows - 2));
        Some((column, row, (x - column as f64) as f32, (y - row as f64) as f32))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::LonLat;

    const FRAME_AT: LonLat = LonLat::new(118.87, 28.96);

    fn read(text: &str) -> Result<(Option<Relief>, Vec<String>), ReliefError> {
        Relief::read(text.as_bytes(), LocalFrame::new(FRAME_AT), Datum::Wgs84)
    }

    fn header(columns: u32, rows: u32) -> String {
        format!(
            "ncols {columns}\nnrows {rows}\nxllcorner 118.87\nyllcorner 28.96\ncellsize 0.001\nNODATA_value -9999\n"
        )
    }

    /// A pyramid of 2 × 2 cells of 10 m, 8 m high in the middle.
    fn pyramid() -> Relief {
        let heights = vec![0.0, 0.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0, 0.0];
        Relief::from_nodes([0.0, 0.0], [10.0, 10.0], 3, heights).expect("a grid")
    }

    #[test]
    fn between_nodes_the_ground_is_the_triangle_that_is_drawn() {
        let relief = pyramid();
        assert_eq!(relief.ground_m(10.0, 10.0), 8.0);
        // In the south-western cell (a 0, b 0, c 0, d 8) both triangles rise toward d: u 0.5, v 0.25 gives 8 × 0.25.
        assert_eq!(relief.ground_m(5.0, 2.5), 2.0);
        assert_eq!(relief.ground_m(2.5, 5.0), 2.0);
        // In the south-eastern one (a 0, b 0, c 8, d 0) u ≥ v is flat, and u < v is v 8 - u 8.
        assert_eq!(relief.ground_m(17.5, 5.0), 0.0);
        assert_eq!(relief.ground_m(12.5, 7.5), 4.0);
        assert_eq!((relief.ground_m(-0.1, 5.0), relief.ground_m(5.0, f64::NAN)), (0.0, 0.0));
        assert_eq!(
            relief.least_m(&[[9.0, 9.0], [11.0, 9.0], [11.0, 11.0], [9.0, 11.0]]),
            relief.ground_m(11.0, 9.0).min(relief.ground_m(9.0, 11.0))
        );
    }

    #[test]
    fn a_ray_meets_the_slope_and_not_the_plain() {
        let relief = pyramid();
        // Level, 4 m above the plain, eastward along the middle: the slope of 8 m in 10 m is met half way up.
        let along = relief.meets([-20.0, 4.0, -10.0], [1.0, 0.0, 0.0]).expect("the hill is in the way");
        assert!((along - 25.0).abs() < 1e-3, "{along}");
        assert!(relief.meets([-20.0, 9.0, -10.0], [1.0, 0.0, 0.0]).is_none(), "over the top");
        assert!(relief.meets([-20.0, 4.0, -10.0], [-1.0, 0.0, 0.0]).is_none(), "away");
        assert!(relief.meets([17.5, 50.0, -5.0], [0.0, -1.0, 0.0]).is_none(), "the plain beside it");
    }

    #[test]
    fn a_file_is_laid_onto_metres_from_the_north_down() {
        let mut text = header(3, 4);
        text.push_str("0 0 0\n0 0 0\n0 30 0\n0 0 0\n");
        let (relief, warnings) = read(&text).expect("readable");
        let relief = relief.expect("a hill");
        assert!(warnings.is_empty(), "{warnings:?}");
        // The middle of the second cell from the west, the second from the south.
        let at = LocalFrame::new(FRAME_AT).project(LonLat::new(118.8715, 28.9615));
        let top = relief.ground_m(at[0], at[1]);
        assert!((29.9..=30.0).contains(&top), "{top}");
        let south = LocalFrame::new(FRAME_AT).project(LonLat::new(118.8715, 28.9605));
        assert!(relief.ground_m(south[0], south[1]) < 0.1);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(read("\u{feff}"), Err(ReliefError::Missing("ncols")));
        assert_eq!(
            Relief::read(&[0xFF, 0xFE, 0x00], LocalFrame::new(FRAME_AT), Datum::Wgs84),
            Err(ReliefError::NotText)
        );
        assert_eq!(read(&header(2, 2)), Err(ReliefError::TooFew { found: 0, wanted: 4 }));
        assert_eq!(read(&header(3_000, 3_000)), Err(ReliefError::TooLarge { columns: 3_000, rows: 3_000 }));
        let projected = header(2, 2).replace("118.87", "487000.0") + "0 1 2 3";
        assert_eq!(read(&projected), Err(ReliefError::NotDegrees));
        assert_eq!(read(&(header(2, 2).replace("118.87", "7.0") + "0 1 2 3")), Err(ReliefError::TooFar));
        assert!(matches!(read(&header(2, 2).replace("0.001", "-1")), Err(ReliefError::Header { .. })));
        let (_, warnings) = read(&(header(2, 2) + "60 -3 x 1e9 7")).expect("usable");
        assert_eq!(warnings.len(), 5, "{warnings:?}");
        let (relief, warnings) = read(&(header(2, 2) + "0 0 -9999 0")).expect("usable");
        assert!(relief.is_none() && warnings.is_empty());
    }

    proptest! {
        #[test]
        fn no_file_panics(text in "[ a-z0-9.\\-\n]{0,200}", columns in 0u32..9, rows in 0u32..9) {
            let _any = read(&text);
            let _any = read(&(header(columns, rows) + &text));
        }

        #[test]
        fn a_ray_from_above_ends_on_the_ground(
            heights in prop::collection::vec(0.0_f32..40.0, 25), x in 5.0_f64..35.0, y in 5.0_f64..35.0, tilt in -0.4_f64..0.4,
        ) {
            let relief = Relief::from_nodes([0.0, 0.0], [10.0, 10.0], 5, heights).expect("a grid");
            let length = (1.0 + tilt * tilt).sqrt();
            let direction = [tilt / length, -1.0 / length, 0.0];
            let along = relief.meets([x - tilt * 100.0, 100.0, -y], direction);
            if let Some(along) = along {
                let east = x - tilt * 100.0 + along * direction[0];
                let up = 100.0 + along * direction[1];
                // Along the foot of a wall the ray may pass between two looks: it is on the ground or below it, never above.
                prop_assert!(up - f64::from(relief.ground_m(east, y)) < 0.01, "{up}");
            }
        }
    }
}
