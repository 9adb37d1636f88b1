//! How far within an area the ground lies: a map of distances from its boundary, by which a shader sets back all that
//! is outside, with an edge as sharp as the boundary itself at every distance.

use crate::city::Ground;

/// Most texels along a side, the rim included.
const MOST_SIDE: usize = 512;
/// Texels around the area, so that what is beyond the map is outside.
const RIM: usize = 4;
/// A texel is at least so large, metres.
const LEAST_TEXEL_M: f32 = 1.0;
/// Distances are told up to so many texels.
const REACH: f32 = 3.0;

/// A map of how far within an area each texel's middle lies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Within {
    /// The north-west corner: east and south, metres.
    pub min: [f32; 2],
    /// Side of a texel, metres.
    pub texel_m: f32,
    /// Texels eastward and southward; none where there is no area.
    pub size: [u32; 2],
    /// From the north-west, row by row: 128 at the boundary, 255 three texels within and more, 0 three texels outside.
    pub texels: Vec<u8>,
}

impl Within {
    /// The map of an area of these polygons.
    pub fn of(polygons: &[Ground]) -> Self {
        let rings: Vec<Vec<[f32; 2]>> = polygons
            .iter()
            .flat_map(Ground::rings)
            .map(|ring| ring.iter().map(|[east, north]| [*east, -north]).collect())
            .collect();
        let points = || rings.iter().flatten();
        let least = |axis: usize| points().map(|point| point[axis]).fold(f32::INFINITY, f32::min);
        let most = |axis: usize| points().map(|point| point[axis]).fold(f32::NEG_INFINITY, f32::max);
        let (from, to) = ([least(0), least(1)], [most(0), most(1)]);
        let extent = [to[0] - from[0], to[1] - from[1]];
        if !extent.iter().all(|metres| metres.is_finite() && *metres > 0.0) {
            return Self::default();
        }
        let inner = (MOST_SIDE - 2 * RIM - 1) as f32;
        let texel_m = (extent[0].max(extent[1]) / inner).max(LEAST_TEXEL_M);
        let size = extent.map(|metres| (metres / texel_m).ceil() as usize + 2 * RIM);
        let min = from.map(|metres| metres - RIM as f32 * texel_m);
        // In texels from here on, their middles at whole numbers.
        let place = |[x, y]: [f32; 2]| [(x - min[0]) / texel_m - 0.5, (y - min[1]) / texel_m - 0.5];
        let rings: Vec<Vec<[f32; 2]>> =
            rings.iter().map(|ring| ring.iter().map(|point| place(*point)).collect()).collect();
        let inside = inside(&rings, size);
        let distances = distances(&rings, size);
        let texels = inside.iter().zip(distances).map(|(is_inside, distance)| {
            let toward = if *is_inside { distance } else { -distance };
            (127.5 + 127.5 * toward / REACH).round() as u8
        });
        Self { min, texel_m, size: size.map(|texels| texels as u32), texels: texels.collect() }
    }
}

/// Each edge of rings, the closing one too.
fn edges(rings: &[Vec<[f32; 2]>]) -> impl Iterator<Item = [[f32; 2]; 2]> {
    rings.iter().flat_map(|ring| {
        ring.iter().zip(ring.iter().cycle().skip(1)).map(|(from, to)| [*from, *to]).take(ring.len())
    })
}

/// Whether the middles of texels lie within: an odd number of edges is crossed on the way there from the west.
fn inside(rings: &[Vec<[f32; 2]>], [width, height]: [usize; 2]) -> Vec<bool> {
    let mut crossings = vec![Vec::new(); height];
    for [from, to] in edges(rings) {
        let (low, high) = if from[1] <= to[1] { (from, to) } else { (to, from) };
        // Rows whose middle lies on the edge, its lower end included, its upper one not.
        let rows = (low[1].ceil().max(0.0) as usize)..(high[1].ceil().max(0.0) as usize).min(height);
        for row in rows {
            let share = (row as f32 - low[1]) / (high[1] - low[1]);
            if let Some(crossings) = crossings.get_mut(row) {
                crossings.push(low[0] + (high[0] - low[0]) * share);
            }
        }
    }
    let mut inside = Vec::with_capacity(width * height);
    for crossings in &mut crossings {
        crossings.sort_unstable_by(f32::total_cmp);
        let mut passed = 0;
        inside.extend((0..width).map(|column| {
            while crossings.get(passed).is_some_and(|x| *x <= column as f32) {
                passed += 1;
            }
            passed % 2 == 1
        }));
    }
    inside
}

/// How far each texel's middle is from the boundary, up to [`REACH`].
fn distances(rings: &[Vec<[f32; 2]>], [width, height]: [usize; 2]) -> Vec<f32> {
    let mut distances = vec![REACH; width * height];
    for [from, to] in edges(rings) {
        let along = [to[0] - from[0], to[1] - from[1]];
        let length2 = along[0] * along[0] + along[1] * along[1];
        let rows = texels(from[1].min(to[1]), from[1].max(to[1]), height);
        for row in rows {
            // Where the edge is, give or take the reach, in rows that near.
            let at = |y: f32| from[0] + along[0] * ((y - from[1]) / along[1]).clamp(0.0, 1.0);
            let (west, east) = if along[1] == 0.0 {
                (from[0], to[0])
            } else {
                (at(row as f32 - REACH), at(row as f32 + REACH))
            };
            for column in texels(west.min(east), west.max(east), width) {
                let offset = [column as f32 - from[0], row as f32 - from[1]];
                let share = if length2 > 0.0 {
                    ((offset[0] * along[0] + offset[1] * along[1]) / length2).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let distance = (offset[0] - along[0] * share).hypot(offset[1] - along[1] * share);
                if let Some(held) = distances.get_mut(row * width + column) {
                    *held = held.min(distance);
                }
            }
        }
    }
    distances
}

/// The texels between two coordinates, give or take the reach.
fn texels(from: f32, to: f32, count: usize) -> std::ops::Range<usize> {
    let first = (from - REACH).floor().max(0.0) as usize;
    let last = (to + REACH).ceil().max(0.0) as usize;
    first.min(count)..(last + 1).min(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn square(from: f32, to: f32) -> Vec<[f32; 2]> {
        vec![[from, from], [to, from], [to, to], [from, to]]
    }

    fn at(map: &Within, east: f32, north: f32) -> u8 {
        let [x, y] = [(east - map.min[0]) / map.texel_m, (-north - map.min[1]) / map.texel_m];
        map.texels[y as usize * map.size[0] as usize + x as usize]
    }

    #[test]
    fn a_square_with_a_hole() {
        let area = Ground { exterior: square(0.0, 100.0), holes: vec![square(40.0, 60.0)] };
        let map = Within::of(&[area]);
        assert_eq!((map.texel_m, map.size), (1.0, [108, 108]));
        assert_eq!((map.min, map.texels.len()), ([-4.0, -104.0], 108 * 108));
        assert_eq!((at(&map, 20.5, 20.5), at(&map, 50.5, 50.5)), (255, 0));
        // Half a metre within and outside of the eastern edge: 127.5 ± 127.5 / 6.
        assert_eq!((at(&map, 99.5, 50.5), at(&map, 100.5, 50.5)), (149, 106));
        assert!(map.texels[..108].iter().all(|texel| *texel == 0), "the rim is outside");
    }

    #[test]
    fn a_large_area_has_larger_texels_and_none_has_no_map() {
        let large = Within::of(&[Ground { exterior: square(-5_000.0, 5_000.0), holes: Vec::new() }]);
        assert!(large.size.iter().all(|side| *side <= 512), "{:?}", large.size);
        assert_eq!((at(&large, 0.0, 0.0), at(&large, 4_900.0, -4_900.0)), (255, 255));
        assert_eq!(Within::of(&[]), Within::default());
        assert_eq!(Within::of(&[Ground::default()]), Within::default());
        let line = Ground { exterior: vec![[0.0, 0.0], [9.0, 0.0]], holes: Vec::new() };
        assert_eq!(Within::of(&[line]), Within::default());
        let broken = Ground { exterior: vec![[0.0, 0.0], [f32::NAN, 9.0], [1e30, 5.0]], holes: Vec::new() };
        assert!(Within::of(&[broken]).size.iter().all(|side| *side <= 512));
    }

    proptest! {
        #[test]
        fn what_is_told_is_how_far_it_is(
            corners in proptest::collection::vec((-60f32..60.0, -60f32..60.0), 3..7),
            east in -60f32..60.0,
            north in -60f32..60.0,
        ) {
            let ring: Vec<[f32; 2]> = corners.into_iter().map(|(x, y)| [x, y]).collect();
            let area = Ground { exterior: ring.clone(), holes: Vec::new() };
            let map = Within::of(std::slice::from_ref(&area));
            prop_assume!(!map.texels.is_empty());
            let [x, y] = [((east - map.min[0]) / map.texel_m).floor(), ((-north - map.min[1]) / map.texel_m).floor()];
            prop_assume!(x >= 0.0 && y >= 0.0 && x < map.size[0] as f32 && y < map.size[1] as f32);
            // The texel's middle.
            let [px, py] = [map.min[0] + (x + 0.5) * map.texel_m, -(map.min[1] + (y + 0.5) * map.texel_m)];
            let distance = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                let share = (((px - a[0]) * dx + (py - a[1]) * dy) / (dx * dx + dy * dy).max(1e-12)).clamp(0.0, 1.0);
                (px - a[0] - dx * share).hypot(py - a[1] - dy * share)
            }).fold(f32::INFINITY, f32::min);
            prop_assume!(distance > 0.05);
            let told = (f32::from(map.texels[y as usize * map.size[0] as usize + x as usize]) - 127.5) / 127.5;
            let is_inside = area.contains([f64::from(px), f64::from(py)]);
            let expected = (distance / map.texel_m / REACH).min(1.0) * if is_inside { 1.0 } else { -1.0 };
            prop_assert!((told - expected).abs() < 0.02, "told {} expected {}", told, expected);
        }
    }
}
