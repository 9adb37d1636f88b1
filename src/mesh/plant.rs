//! Trees where the data have room for them: in lawns and parks, denser on a hill, and along the kerbs of larger streets.
//!
//! Where a tree stands follows from the ground alone, so that the same place always has the same trees.

use std::ops::RangeInclusive;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::road::pavement_m;
use crate::city::{self, City, Ground, Index, Relief, RoadClass, SurfaceKind, Ways};
use crate::geo::Bounds;
use crate::geo::noise::{mixed, smooth_noise};

/// No place has more trees.
const MOST_TREES: f64 = 150_000.0;
/// Between trees of a park, metres.
const PARK_M: f64 = 10.5;
/// Between trees on a hill, metres.
const HILL_M: f64 = 6.2;
/// Ground so high above the plain is a hill, metres.
const HILL_FROM_M: f32 = 2.5;
/// How wide groves and clearings are, metres.
const GROVE_M: f64 = 38.0;
/// Between trees of a street, metres.
const STREET_M: f64 = 9.0;
/// From the kerb to the trunk, metres.
const KERB_M: f64 = 1.0;
/// From a trunk to the next building in a park and in a street, metres.
const BUILDING_M: [f64; 2] = [3.0, 2.2];
/// From a street's trees to the kerb of a crossing street, metres.
const CORNER_M: f64 = 6.0;
/// The side of the squares that trees are drawn by, metres.
const SQUARE_M: f64 = 96.0;

/// What a tree looks like; the numbers are those of `trees.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum TreeKind {
    /// A round crown.
    Broad = 0,
    /// A pointed crown.
    Conical = 1,
    /// No trunk.
    Shrub = 2,
}

/// A tree: 16 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Tree {
    /// East, up, south, metres: where it comes out of the ground.
    pub foot: [f32; 3],
    /// Height in decimetres; `TreeKind`; a shade of its own; how early it goes with distance, 255 first.
    pub look: [u8; 4],
}

/// The trees of a square, those that stay longest first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeSquare {
    /// The least corner of the box around them: x east, y up, z south.
    pub min: [f32; 3],
    /// The greatest.
    pub max: [f32; 3],
    /// Where they begin.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// All trees of a place, square by square.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trees {
    /// The trees.
    pub trees: Vec<Tree>,
    /// The squares.
    pub squares: Vec<TreeSquare>,
}

/// Plants a place.
pub fn plant(ways: &Ways, city: &City, index: &Index, relief: Option<&Relief>) -> Trees {
    let greens: Vec<&Ground> = of_kind(ways, &[SurfaceKind::Green]).collect();
    let area_m2: f64 = greens.iter().map(|green| crate::city::signed_area_m2(&green.exterior).abs()).sum();
    let wanted = area_m2 / (HILL_M * HILL_M);
    let site = Site { city, index, relief, taken: Taken::new(ways) };
    let mut trees = Vec::new();
    let wider = (wanted / MOST_TREES).sqrt().max(1.0);
    for green in &greens {
        site.park(green, wider, &mut trees);
    }
    for (number, road) in ways.roads.iter().enumerate() {
        if road.class >= RoadClass::Secondary && (trees.len() as f64) < MOST_TREES {
            site.street(number, road, &mut trees);
        }
    }
    in_squares(trees)
}

fn of_kind<'a>(ways: &'a Ways, kinds: &'a [SurfaceKind]) -> impl Iterator<Item = &'a Ground> {
    ways.surfaces.iter().filter(|surface| kinds.contains(&surface.kind)).flat_map(|surface| &surface.polygons)
}

/// Ground where nothing grows.
struct Taken<'a> {
    hard: Vec<&'a Ground>,
    hard_tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    segments: RTree<GeomWithData<Rectangle<[f64; 2]>, Segment>>,
}

#[derive(Clone, Copy)]
struct Segment {
    road: usize,
    from: [f64; 2],
    to: [f64; 2],
    half_m: f64,
}

/// How far from a segment one asks at most, metres.
const FARTHEST_M: f64 = 8.0;

impl<'a> Taken<'a> {
    fn new(ways: &'a Ways) -> Self {
        const HARD: &[SurfaceKind] =
            &[SurfaceKind::Water, SurfaceKind::Square, SurfaceKind::Bridge, SurfaceKind::Wall];
        let hard: Vec<&Ground> = of_kind(ways, HARD).collect();
        let rectangle = |bounds: Bounds| Rectangle::from_corners(bounds.min, bounds.max);
        let hard_boxes = hard
            .iter()
            .enumerate()
            .map(|(number, ground)| GeomWithData::new(rectangle(ground.bounds()), number));
        let segments = ways.roads.iter().enumerate().flat_map(|(road, held)| {
            let half_m = f64::from(held.width_m) / 2.0 + pavement_m(held.class) * 0.5;
            held.line.windows(2).filter_map(move |pair| {
                let &[from, to] = pair else { return None };
                let (from, to) = (from.map(f64::from), to.map(f64::from));
                let reach = Bounds::of([from, to]).expanded(half_m + FARTHEST_M);
                Some(GeomWithData::new(rectangle(reach), Segment { road, from, to, half_m }))
            })
        });
        Self {
            hard_tree: RTree::bulk_load(hard_boxes.collect()),
            segments: RTree::bulk_load(segments.collect()),
            hard,
        }
    }

    /// Whether water or stone lies at a point.
    fn is_hard(&self, point: [f64; 2]) -> bool {
        self.hard_tree
            .locate_in_envelope_intersecting(&AABB::from_point(point))
            .any(|entry| self.hard.get(entry.data).is_some_and(|ground| ground.contains(point)))
    }

    /// Whether a road lies within so many metres of a point.
    fn is_near_road(&self, point: [f64; 2], margin_m: f64, but: Option<usize>) -> bool {
        self.segments.locate_in_envelope_intersecting(&AABB::from_point(point)).any(|entry| {
            let Segment { road, from, to, half_m } = entry.data;
            Some(road) != but && city::from_edge_m((from, to), point) < half_m + margin_m
        })
    }
}

/// The rows of a grid of squares over a ground, from south to north, each with the edges that pass through it: whether a
/// point lies in the ground is asked of those alone, and columns beyond them are never looked at. So the time that a
/// ground takes grows with its corners and its area, not with corners by area.
struct Rows {
    step: f64,
    /// By how far south they begin, the southernmost last.
    coming: Vec<([f64; 2], [f64; 2])>,
    met: Vec<([f64; 2], [f64; 2])>,
    next: i64,
    last: i64,
}

impl Rows {
    fn of(ground: &Ground, step: f64) -> Self {
        let mut coming: Vec<_> = ground.rings().flat_map(city::edges).collect();
        coming.sort_by(|a, b| south_of(b).total_cmp(&south_of(a)));
        let bounds = ground.bounds();
        let [next, last] = [bounds.min[1], bounds.max[1]].map(|north| (north / step).floor() as i64);
        Self { step, coming, met: Vec::new(), next, last }
    }

    /// The next row, and the columns that the ground can reach in it.
    fn advance(&mut self) -> Option<(i64, RangeInclusive<i64>)> {
        if self.next > self.last {
            return None;
        }
        let row = self.next;
        self.next += 1;
        let (south, north) = (row as f64 * self.step, (row + 1) as f64 * self.step);
        self.met.retain(|([_, a], [_, b])| a.max(*b) >= south);
        while let Some(edge) = self.coming.pop_if(|edge| south_of(edge) <= north) {
            if edge.0[1].max(edge.1[1]) >= south {
                self.met.push(edge);
            }
        }
        let (mut west, mut east) = (f64::INFINITY, f64::NEG_INFINITY);
        for &([ax, ay], [bx, by]) in &self.met {
            for level in [ay.clamp(south, north), by.clamp(south, north)] {
                let x =
                    if ay == by { ax } else { ax + (bx - ax) * ((level - ay) / (by - ay)).clamp(0.0, 1.0) };
                (west, east) = (west.min(x), east.max(x));
            }
            if ay == by {
                (west, east) = (west.min(bx), east.max(bx));
            }
        }
        let column = |x: f64| (x / self.step).floor() as i64;
        // Without an edge from far in the east to far in the west: no column at all.
        Some((row, column(west)..=column(east)))
    }

    /// Whether a point of the row that came last lies in the ground, by the even-odd rule.
    fn contains(&self, point: [f64; 2]) -> bool {
        self.met.iter().filter(|&&(a, b)| city::passes_east(a, b, point)).count() % 2 == 1
    }
}

fn south_of(([_, a], [_, b]): &([f64; 2], [f64; 2])) -> f64 {
    a.min(*b)
}

struct Site<'a> {
    city: &'a City,
    index: &'a Index,
    relief: Option<&'a Relief>,
    taken: Taken<'a>,
}

impl Site<'_> {
    fn ground_m(&self, [east, north]: [f64; 2]) -> f32 {
        self.relief.map_or(0.0, |relief| relief.ground_m(east, north))
    }

    /// Trees of a lawn or a park: groves and clearings on the plain, a wood on a hill.
    fn park(&self, green: &Ground, wider: f64, trees: &mut Vec<Tree>) {
        let step = HILL_M * wider;
        // On the plain there are as many fewer as they stand farther apart.
        let open = (HILL_M / PARK_M) * (HILL_M / PARK_M);
        let mut rows = Rows::of(green, step);
        while let Some((row, columns)) = rows.advance() {
            for column in columns {
                let chance = Chance::at(column, row);
                let at = [
                    (column as f64 + 0.15 + 0.7 * chance.part(0)) * step,
                    (row as f64 + 0.15 + 0.7 * chance.part(1)) * step,
                ];
                let up = self.ground_m(at);
                let is_hill = up > HILL_FROM_M;
                let grove = smooth_noise(at, GROVE_M, |x, y| Chance::at(x, y).part(9));
                let likely = if is_hill { 0.55 + 0.75 * grove } else { open * (3.4 * grove - 0.5) };
                if chance.part(2) >= likely || !rows.contains(at) {
                    continue;
                }
                let is_free = !self.taken.is_near_road(at, 1.0, None)
                    && !self.taken.is_hard(at)
                    && self.index.nearest(self.city, at, BUILDING_M[0]).is_none();
                if is_free {
                    let kind = match chance.part(3) {
                        part if part < if is_hill { 0.26 } else { 0.08 } => TreeKind::Conical,
                        part if part > if is_hill { 0.86 } else { 0.74 } => TreeKind::Shrub,
                        _ => TreeKind::Broad,
                    };
                    trees.push(tree(at, up, kind, &chance));
                }
            }
        }
    }

    /// Trees along both kerbs of a street.
    fn street(&self, number: usize, road: &crate::city::Road, trees: &mut Vec<Tree>) {
        let out = f64::from(road.width_m) / 2.0 + KERB_M;
        for side in [1.0, -1.0] {
            let mut next = STREET_M * 0.5;
            for pair in road.line.windows(2) {
                let &[from, to] = pair else { continue };
                let (from, to) = (from.map(f64::from), to.map(f64::from));
                let along = [to[0] - from[0], to[1] - from[1]];
                let length = along[0].hypot(along[1]);
                if length < 1e-6 {
                    continue;
                }
                let along = along.map(|part| part / length);
                while next < length {
                    let at = [
                        from[0] + along[0] * next - along[1] * out * side,
                        from[1] + along[1] * next + along[0] * out * side,
                    ];
                    next += STREET_M;
                    let is_free = !self.taken.is_near_road(at, CORNER_M, Some(number))
                        && !self.taken.is_hard(at)
                        && self.index.nearest(self.city, at, BUILDING_M[1]).is_none();
                    if is_free && (trees.len() as f64) < MOST_TREES {
                        let chance = Chance::at((at[0] * 10.0) as i64, (at[1] * 10.0) as i64);
                        let mut planted = tree(at, self.ground_m(at), TreeKind::Broad, &chance);
                        // A street's trees are of one age.
                        planted.look[0] = 62 + (chance.part(4) * 14.0) as u8;
                        trees.push(planted);
                    }
                }
                next -= length;
            }
        }
    }
}

fn tree([east, north]: [f64; 2], up: f32, kind: TreeKind, chance: &Chance) -> Tree {
    let (least, more) = match kind {
        TreeKind::Broad => (60.0, 50.0),
        TreeKind::Conical => (75.0, 55.0),
        TreeKind::Shrub => (14.0, 14.0),
    };
    let height_dm = least + more * chance.part(4);
    let byte = |part: f64| (part * 255.0) as u8;
    Tree {
        foot: [east as f32, up, -north as f32],
        look: [height_dm as u8, kind as u8, byte(chance.part(5)), byte(chance.part(6))],
    }
}

/// Sorts trees into squares, each with those first that stay longest.
fn in_squares(mut trees: Vec<Tree>) -> Trees {
    let square =
        |tree: &Tree| [tree.foot[0], tree.foot[2]].map(|at| (f64::from(at) / SQUARE_M).floor() as i64);
    trees.sort_by_cached_key(|tree| (square(tree), tree.look[3], tree.foot.map(f32::to_bits)));
    let mut squares = Vec::new();
    let mut first = 0;
    for group in trees.chunk_by(|a, b| square(a) == square(b)) {
        let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for tree in group {
            let height = f32::from(tree.look[0]) * 0.1;
            // No crown is wider than it is high.
            let [x, y, z] = tree.foot;
            for (axis, (low, high)) in
                [(x - height * 0.5, x + height * 0.5), (y, y + height), (z - height * 0.5, z + height * 0.5)]
                    .into_iter()
                    .enumerate()
            {
                min[axis] = min[axis].min(low);
                max[axis] = max[axis].max(high);
            }
        }
        squares.push(TreeSquare { min, max, first, count: group.len() as u32 });
        first += group.len() as u32;
    }
    Trees { trees, squares }
}

/// What chance says at a place: always the same.
struct Chance(u64);

impl Chance {
    fn at(x: i64, y: i64) -> Self {
        Self((x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (y as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F))
    }

    /// One of several numbers from 0 to 1.
    fn part(&self, which: u64) -> f64 {
        let key = self.0.wrapping_add((which + 1).wrapping_mul(0xA076_1D64_78BD_642F));
        (mixed(key) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Road, Surface};
    use crate::geo::{LocalFrame, LonLat};

    fn empty() -> (City, Index) {
        let city = City::empty(LocalFrame::new(LonLat::new(118.87, 28.96)));
        let index = Index::new(&city);
        (city, index)
    }

    fn square(kind: SurfaceKind, low: f32, high: f32) -> Surface {
        let exterior = vec![[low, low], [high, low], [high, high], [low, high]];
        Surface { kind, name: None, name_en: None, polygons: vec![Ground { exterior, holes: vec![] }] }
    }

    fn road(class: RoadClass, width_m: f32, line: &[[f32; 2]]) -> Road {
        Road { class, width_m, name: None, name_en: None, line: line.to_vec() }
    }

    #[test]
    fn rows_of_a_ground_hold_what_the_ground_holds_and_little_else() {
        let corners = |count: usize, wide_m: f64, seed: i64| -> Vec<[f32; 2]> {
            let corner = |i: usize| {
                let turn = i as f64 / count as f64 * std::f64::consts::TAU;
                let out = wide_m * (0.4 + 0.6 * Chance::at(i as i64, seed).part(1));
                [(out * turn.cos()) as f32, (out * turn.sin()).round() as f32]
            };
            (0..count).map(corner).collect()
        };
        for seed in 0..20 {
            let ground =
                Ground { exterior: corners(40, 100.0, seed), holes: vec![corners(12, 35.0, seed + 100)] };
            let mut rows = Rows::of(&ground, 3.1);
            while let Some((row, columns)) = rows.advance() {
                for column in -50..50 {
                    let at = [column as f64 * 3.1 + 0.7, row as f64 * 3.1 + 1.3];
                    let is_in = ground.contains(at);
                    assert!(!is_in || columns.contains(&column), "{at:?} of {columns:?}");
                    assert!(!columns.contains(&column) || rows.contains(at) == is_in, "{at:?}");
                }
            }
            assert_eq!(rows.coming, [], "every edge has come");
        }
        // A lane of 2 m across 14 km by 14 km: a box of five million squares.
        let exterior = vec![[0.0, 0.0], [2.0, 0.0], [14_002.0, 14_000.0], [14_000.0, 14_000.0]];
        let mut rows = Rows::of(&Ground { exterior, holes: Vec::new() }, HILL_M);
        let mut looked_at = 0;
        while let Some((_, columns)) = rows.advance() {
            looked_at += columns.count();
        }
        assert!((2_000..10_000).contains(&looked_at), "{looked_at}");
    }

    #[test]
    fn a_park_has_trees_but_not_in_its_pond_nor_on_its_path() {
        let (city, index) = empty();
        let ways = Ways {
            surfaces: vec![square(SurfaceKind::Green, 0.0, 300.0), square(SurfaceKind::Water, 100.0, 180.0)],
            roads: vec![road(RoadClass::Footway, 4.0, &[[0.0, 50.0], [300.0, 50.0]])],
            ..Ways::default()
        };
        let planted = plant(&ways, &city, &index, None);
        // 9 ha less 0.64 ha at about one tree in 110 m².
        assert!((400..1_100).contains(&planted.trees.len()), "{}", planted.trees.len());
        for tree in &planted.trees {
            let [east, up, south] = tree.foot;
            let north = -south;
            assert!((0.0..=300.0).contains(&east) && (0.0..=300.0).contains(&north) && up == 0.0);
            let in_pond = (100.0..=180.0).contains(&east) && (100.0..=180.0).contains(&north);
            assert!(!in_pond && (north - 50.0).abs() >= 3.0, "{tree:?}");
        }
        assert_eq!(planted, plant(&ways, &city, &index, None), "always the same");
        let counted: u32 = planted.squares.iter().map(|square| square.count).sum();
        assert_eq!(counted as usize, planted.trees.len());
        for square in &planted.squares {
            let trees = &planted.trees[square.first as usize..(square.first + square.count) as usize];
            assert!(trees.is_sorted_by_key(|tree| tree.look[3]), "those that stay longest come first");
            assert!(trees.iter().all(|tree| tree.foot[0] >= square.min[0] && tree.foot[0] <= square.max[0]));
        }
    }

    #[test]
    fn a_street_has_trees_at_both_kerbs_but_not_at_its_corners() {
        let (city, index) = empty();
        let ways = Ways {
            roads: vec![
                road(RoadClass::Secondary, 16.0, &[[0.0, 0.0], [90.0, 0.0]]),
                road(RoadClass::Residential, 8.0, &[[45.0, 0.0], [45.0, 60.0]]),
            ],
            ..Ways::default()
        };
        let planted = plant(&ways, &city, &index, None);
        let (north, south): (Vec<&Tree>, Vec<&Tree>) =
            planted.trees.iter().partition(|tree| tree.foot[2] < 0.0);
        assert!(
            north.iter().all(|tree| tree.foot[2] == -9.0) && south.iter().all(|tree| tree.foot[2] == 9.0)
        );
        // Every nine metres from four and a half on there would be ten; none stands opposite the side street either.
        assert_eq!(south.len(), 8);
        // Within 4 m of half width, half of 1.2 m of pavement and 6 m of the side street's middle there is none.
        assert!(
            north.len() == 8 && north.iter().all(|tree| (tree.foot[0] - 45.0).abs() >= 10.6),
            "{north:?}"
        );
        assert_eq!(size_of::<Tree>(), 16);
    }

    #[test]
    fn a_lane_has_none() {
        let (city, index) = empty();
        let roads = vec![road(RoadClass::Residential, 8.0, &[[0.0, 0.0], [90.0, 0.0]])];
        assert!(plant(&Ways { roads, ..Ways::default() }, &city, &index, None).trees.is_empty());
    }
}
