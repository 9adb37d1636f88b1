//! A density on the plane: points that are smoothed by a bell, kept on a grid of whole numbers, so that what is taken out
//! leaves exactly nothing behind however long the viewer runs.

use crate::geo::Bounds;

/// Side of a cell, metres, where the city allows.
const CELL_M: f64 = 20.0;
/// Most cells: a city that is wider has wider ones.
const MOST_CELLS: f64 = 1_000_000.0;
/// The bell reaches so many standard deviations; beyond is 1.1 % of a point.
const REACH: f64 = 3.0;
/// What the middle of one point adds.
const UNIT: f64 = 16_384.0;

/// The density.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    /// South-west corner, `[east, north]` in metres.
    min: [f64; 2],
    cell_m: f64,
    size: [usize; 2],
    sigma_m: f64,
    cells: Vec<u32>,
}

impl Field {
    /// An empty field over a box, for bells of a standard deviation in metres.
    pub(super) fn new(bounds: Bounds, sigma_m: f64) -> Self {
        if bounds.is_empty() {
            return Self::default();
        }
        let bounds = bounds.expanded(sigma_m * REACH);
        let [width, depth] = bounds.size();
        let cell_m = CELL_M.max((width * depth / MOST_CELLS).sqrt());
        let size = [width, depth].map(|side| (side / cell_m).ceil() as usize + 1);
        Self { min: bounds.min, cell_m, size, sigma_m, cells: vec![0; size[0] * size[1]] }
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) {
        self.cells.fill(0);
    }

    /// Puts a point in, or takes out one that was put in at the same place. Points outside count nowhere.
    pub(super) fn put(&mut self, point: [f64; 2], is_in: bool) {
        if self.cells.is_empty() || !point.iter().all(|metres| metres.is_finite()) {
            return;
        }
        let at: [f64; 2] = std::array::from_fn(|axis| (point[axis] - self.min[axis]) / self.cell_m);
        let reach = self.sigma_m * REACH / self.cell_m;
        let range = |axis: usize| {
            let last = self.size[axis] as f64 - 1.0;
            ((at[axis] - reach).ceil().max(0.0), (at[axis] + reach).floor().min(last))
        };
        let ((left, right), (bottom, top)) = (range(0), range(1));
        if left > right || bottom > top {
            return;
        }
        let spread = -0.5 * (self.cell_m / self.sigma_m).powi(2);
        // A bell over the plane is one along the columns times one along the rows: 50 exponentials instead of 625.
        let bell = |axis: usize, cell: usize| (spread * (cell as f64 - at[axis]).powi(2)).exp();
        let columns: Vec<f64> = (left as usize..=right as usize).map(|x| bell(0, x)).collect();
        for y in bottom as usize..=top as usize {
            let row = UNIT * bell(1, y);
            let start = y * self.size[0] + left as usize;
            for (cell, column) in self.cells.iter_mut().skip(start).zip(&columns) {
                // The same steps on the way in and on the way out, so the same whole number.
                let part = (row * column).round() as u32;
                *cell = if is_in { cell.wrapping_add(part) } else { cell.wrapping_sub(part) };
            }
        }
    }

    /// The cell nearest to a place.
    pub(super) fn cell(&self, place: [f64; 2]) -> u32 {
        let at = |axis: usize| ((place[axis] - self.min[axis]) / self.cell_m.max(1.0)).round();
        let (x, y) = (at(0), at(1));
        let is_inside = x >= 0.0 && y >= 0.0 && (x as usize) < self.size[0] && (y as usize) < self.size[1];
        if is_inside { (y as usize * self.size[0] + x as usize) as u32 } else { u32::MAX }
    }

    /// Points a hectare at a cell; 0 outside.
    pub(super) fn per_hectare(&self, cell: u32) -> f32 {
        let held = self.cells.get(cell as usize).copied().unwrap_or(0);
        let middle_per_hectare = 1e4 / (std::f64::consts::TAU * self.sigma_m.max(1.0).powi(2));
        (f64::from(held) / UNIT * middle_per_hectare) as f32
    }

    /// Columns and rows.
    pub(super) const fn size(&self) -> [usize; 2] {
        self.size
    }

    /// Where the middle of a cell is, `[east, north]` in metres.
    pub(super) fn place(&self, x: usize, y: usize) -> [f32; 2] {
        [self.min[0] + x as f64 * self.cell_m, self.min[1] + y as f64 * self.cell_m]
            .map(|metres| metres as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field() -> Field {
        Field::new(Bounds::of([[0.0, 0.0], [1000.0, 600.0]]), 80.0)
    }

    #[test]
    fn one_point_is_one_point_over_all() {
        let mut field = field();
        field.put([500.0, 300.0], true);
        let hectares_a_cell = 20.0 * 20.0 / 1e4;
        let total: f32 = (0..field.cells.len() as u32).map(|cell| field.per_hectare(cell)).sum();
        assert!((total * hectares_a_cell - 1.0).abs() < 0.02, "{total}");
        // In its middle: 10,000 / (2 pi 80^2) = 0.2487 a hectare; 80 m away e^-0.5 of that.
        let at = |east: f64| field.per_hectare(field.cell([east, 300.0]));
        assert!((at(500.0) - 0.2487).abs() < 0.001, "{}", at(500.0));
        assert!((at(580.0) - 0.1508).abs() < 0.001, "{}", at(580.0));
        assert_eq!(at(800.0), 0.0);
    }

    #[test]
    fn what_is_taken_out_leaves_nothing_behind() {
        let mut field = field();
        let points: Vec<[f64; 2]> =
            (0..500).map(|i| [f64::from(i * 37 % 1000), f64::from(i * 91 % 600)]).collect();
        for point in &points {
            field.put(*point, true);
        }
        field.put([f64::NAN, 0.0], true);
        field.put([1e9, -1e9], true);
        for point in points.iter().rev() {
            field.put(*point, false);
        }
        assert!(field.cells.iter().all(|cell| *cell == 0));
    }

    #[test]
    fn a_wide_city_has_wide_cells_and_an_empty_one_none() {
        let wide = Field::new(Bounds::of([[0.0, 0.0], [100_000.0, 80_000.0]]), 80.0);
        assert!(wide.cells.len() < 1_100_000 && wide.cell_m > 80.0, "{} cells", wide.cells.len());
        let mut none = Field::new(Bounds::EMPTY, 80.0);
        none.put([0.0, 0.0], true);
        assert_eq!(none.per_hectare(none.cell([0.0, 0.0])), 0.0);
    }
}
