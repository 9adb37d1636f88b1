//! How open the sky is over the ground between buildings: a coarse map, made once, for soft shade without a screen pass.
//!
//! Two values a texel: how much of the sky the ground sees among the buildings around it, from their heights blurred
//! over some tens of metres; and how close a wall is, from their footprints blurred over a few.

use crate::city::City;

/// The side of a texel, metres, where the city is small enough.
const TEXEL_M: f64 = 2.0;
/// The most texels a side; a larger city gets larger texels.
const MOST_TEXELS: f64 = 1024.0;
/// Room around the buildings, metres.
const MARGIN_M: f64 = 60.0;
/// Half the side of the square over which heights are blurred, twice, metres.
const SKY_REACH_M: f64 = 9.0;
/// The same for footprints.
const WALL_REACH_M: f64 = 2.0;
/// Buildings that fill everything around to this height leave half of the sky.
const HALF_OPEN_M: f32 = 13.0;
/// What stands on no ground shades none: parts that float higher than this above theirs, metres.
const FLOATS_M: f32 = 4.0;

/// The map: x east and z south, as the picture has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Openness {
    /// The north-western corner: x and z, metres.
    pub min: [f32; 2],
    /// The side of a texel, metres.
    pub texel_m: f32,
    /// Columns and rows.
    pub size: [u32; 2],
    /// Row by row from the north: how much of the sky is seen, and how close a wall is, in 255ths.
    pub texels: Vec<[u8; 2]>,
}

impl Openness {
    /// Makes the map of a city; empty where there are no buildings.
    pub fn of(city: &City) -> Self {
        let bounds = city.bounds;
        if bounds.is_empty() {
            return Self::default();
        }
        let [width_m, depth_m] = bounds.size().map(|side| side + 2.0 * MARGIN_M);
        let texel_m = TEXEL_M.max(width_m.max(depth_m) / MOST_TEXELS);
        let (columns, rows) = ((width_m / texel_m).ceil() as usize, (depth_m / texel_m).ceil() as usize);
        let mut raster = Raster {
            min: [bounds.min[0] - MARGIN_M, -bounds.max[1] - MARGIN_M],
            texel_m,
            columns,
            rows,
            heights: vec![0.0; columns * rows],
            crossings: Vec::new(),
        };
        for building in city.iter().filter(|building| building.base_m() < FLOATS_M) {
            for polygon in building.polygons() {
                // The sky is seen from the building's own ground.
                raster.fill(polygon.rings(), building.rise_m());
            }
        }
        raster.finish()
    }

    /// The same for footprints of one height, for tests and small scenes.
    #[cfg(test)]
    fn of_grounds(grounds: &[crate::city::Ground], top_m: f32, size: usize) -> Self {
        let mut raster = Raster {
            min: [0.0, 0.0],
            texel_m: TEXEL_M,
            columns: size,
            rows: size,
            heights: vec![0.0; size * size],
            crossings: Vec::new(),
        };
        for ground in grounds {
            raster.fill(ground.rings(), top_m);
        }
        raster.finish()
    }
}

/// Heights of what is built, texel by texel.
struct Raster {
    min: [f64; 2],
    texel_m: f64,
    columns: usize,
    rows: usize,
    heights: Vec<f32>,
    crossings: Vec<f64>,
}

impl Raster {
    /// Fills the texels whose middles lie within rings of `[east, north]`, by the even-odd rule.
    fn fill<'a>(&mut self, rings: impl Iterator<Item = &'a [[f32; 2]]>, top_m: f32) {
        let rings: Vec<&[[f32; 2]]> = rings.collect();
        let row_of = |z: f64| (z - self.min[1]) / self.texel_m - 0.5;
        let (mut north, mut south) = (f64::INFINITY, f64::NEG_INFINITY);
        for [_, y] in rings.iter().copied().flatten() {
            north = north.min(-f64::from(*y));
            south = south.max(-f64::from(*y));
        }
        if north > south {
            return;
        }
        let first = row_of(north).ceil().max(0.0) as usize;
        let end = (row_of(south).floor() + 1.0).clamp(0.0, self.rows as f64) as usize;
        for row in first..end {
            let z = self.min[1] + (row as f64 + 0.5) * self.texel_m;
            self.crossings.clear();
            for ring in &rings {
                for i in 0..ring.len() {
                    let ([ax, ay], [bx, by]) =
                        (ring[i].map(f64::from), ring[(i + 1) % ring.len()].map(f64::from));
                    if (-ay > z) != (-by > z) {
                        self.crossings.push(ax + (bx - ax) * (-z - ay) / (by - ay));
                    }
                }
            }
            self.crossings.sort_unstable_by(f64::total_cmp);
            for pair in self.crossings.chunks_exact(2) {
                let column =
                    |x: f64| ((x - self.min[0]) / self.texel_m - 0.5).ceil().clamp(0.0, self.columns as f64);
                let (from, to) = (column(pair[0]) as usize, column(pair[1]) as usize);
                let start = row * self.columns;
                if let Some(texels) = self.heights.get_mut(start + from..start + to) {
                    for height in texels {
                        *height = height.max(top_m);
                    }
                }
            }
        }
    }

    fn finish(self) -> Openness {
        let reach = |metres: f64| (metres / self.texel_m).round().max(1.0) as usize;
        let mut built: Vec<f32> = self.heights.iter().map(|height| f32::from(*height > 0.0)).collect();
        let mut heights = self.heights;
        for _ in 0..2 {
            blur(&mut heights, self.columns, reach(SKY_REACH_M));
            blur(&mut built, self.columns, reach(WALL_REACH_M));
        }
        let byte = |share: f32| (share.clamp(0.0, 1.0) * 255.0).round() as u8;
        let texels = heights
            .iter()
            .zip(&built)
            .map(|(height, built)| [byte(1.0 / (1.0 + height / HALF_OPEN_M)), byte(*built)])
            .collect();
        Openness {
            min: self.min.map(|metres| metres as f32),
            texel_m: self.texel_m as f32,
            size: [self.columns as u32, self.rows as u32],
            texels,
        }
    }
}

/// Means over squares of `2 reach + 1` texels a side; beyond the map nothing is built.
fn blur(values: &mut [f32], columns: usize, reach: usize) {
    let share = 1.0 / (2 * reach + 1) as f32;
    let mut line = Vec::new();
    for row in values.chunks_exact_mut(columns.max(1)) {
        line.clear();
        line.extend_from_slice(row);
        let mut sum: f32 = line.iter().take(reach).sum();
        for (i, value) in row.iter_mut().enumerate() {
            sum += line.get(i + reach).copied().unwrap_or(0.0);
            *value = sum * share;
            sum -= if i >= reach { line[i - reach] } else { 0.0 };
        }
    }
    // Down all columns at once, row by row: memory is gone through as it lies.
    let rows: Vec<f32> = values.to_vec();
    let row = |number: usize| rows.chunks_exact(columns.max(1)).nth(number);
    let mut sums = vec![0.0_f32; columns];
    let add = |sums: &mut [f32], row: Option<&[f32]>, sign: f32| {
        for (sum, value) in sums.iter_mut().zip(row.into_iter().flatten()) {
            *sum += sign * value;
        }
    };
    for number in 0..reach {
        add(&mut sums, row(number), 1.0);
    }
    for (number, values) in values.chunks_exact_mut(columns.max(1)).enumerate() {
        add(&mut sums, row(number + reach), 1.0);
        for (value, sum) in values.iter_mut().zip(&sums) {
            *value = sum * share;
        }
        add(&mut sums, number.checked_sub(reach).and_then(row), -1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Ground;
    use crate::geo::{LocalFrame, LonLat};

    /// A block from 20 m to 40 m east and as far south, in a map of 60 m a side.
    fn block(top_m: f32) -> Openness {
        let exterior = vec![[20.0, -40.0], [40.0, -40.0], [40.0, -20.0], [20.0, -20.0]];
        Openness::of_grounds(&[Ground { exterior, holes: Vec::new() }], top_m, 30)
    }

    #[test]
    fn an_open_place_sees_all_of_the_sky() {
        let map = block(30.0);
        assert_eq!((map.size, map.texels.len()), ([30, 30], 900));
        assert_eq!(map.texels[0], [255, 0]);
    }

    #[test]
    fn the_foot_of_a_wall_is_darker_than_the_street_and_more_so_for_a_higher_one() {
        let at = |map: &Openness, east: usize, south: usize| map.texels[south / 2 * 30 + east / 2];
        let (low, high) = (block(6.0), block(30.0));
        let [foot, close] = at(&high, 18, 30);
        let [street, far] = at(&high, 10, 30);
        assert!(foot < street && close > far, "{foot} {street} {close} {far}");
        assert!(at(&high, 18, 30)[0] < at(&low, 18, 30)[0]);
        assert_eq!(far, 0, "10 m away no wall is close");
        assert_eq!(at(&low, 30, 30)[1], 255, "in the middle of the block everything is built");
    }

    #[test]
    fn a_house_shades_its_surroundings_on_a_hill_as_on_the_plain() {
        let ring = [[0.0, 0.0], [20.0, 0.0], [20.0, 20.0], [0.0, 20.0]];
        let mut city = crate::city::sample::city_of(&[(&[&ring], 0.0, 12.0)]);
        let on_the_plain = Openness::of(&city);
        let level = crate::city::Relief::from_nodes([-100.0, -100.0], [300.0, 300.0], 2, vec![30.0; 4]);
        city.stand_on(&level.expect("a grid"));
        let on_the_hill = Openness::of(&city);
        assert!(on_the_hill.texels.iter().any(|[open, _]| *open < 200), "it shades");
        assert_eq!(on_the_hill, on_the_plain);
    }

    #[test]
    fn a_blur_keeps_the_sum_away_from_the_edge() {
        let mut values = vec![0.0; 81];
        values[40] = 9.0;
        blur(&mut values, 9, 1);
        assert!((values[40] - 1.0).abs() < 1e-6 && (values[30] - 1.0).abs() < 1e-6, "{values:?}");
        assert!((values.iter().sum::<f32>() - 9.0).abs() < 1e-5);
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(
            Openness::of(&City::empty(LocalFrame::new(LonLat::new(118.87, 28.97)))),
            Openness::default()
        );
    }
}
