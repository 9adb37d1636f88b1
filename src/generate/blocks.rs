//! From building land to blocks: cut again and again, a lane in each cut, until a block suits its quarter.
//!
//! A lane runs from street to street (or ends dead), so that the network hangs together and every block is reached.

use geo::{Area, Contains, Intersects, Polygon};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::plane::{
    Point, at, cross, cut, distance, dot, edges, left, meeting, middle, pairs, snug_box, strip, turned, unit,
};
use super::sketch::{QUARTERS, Quarter, SPECIAL_BLOCKS};
use super::town::{Compound, Ground, Management, Road, RoadClass, Town};

/// How far a lane is drawn on to meet a street, in metres.
const LANE_REACH_M: f64 = 30.0;
/// Estates are no larger than this, in m².
const ESTATE_M2: f64 = 75_000.0;
/// Houses that make an estate; a tower counts for two.
const FEWEST_HOUSES: u32 = 8;
/// Smaller pieces stay empty, in m².
const SMALLEST_M2: f64 = 90.0;

/// A block to be filled.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub shape: Polygon,
    pub quarter: Quarter,
    /// The name, for a block with one purpose.
    pub name: Option<&'static str>,
    /// The estate that it is part of, by its place in the town's list.
    pub compound: Option<usize>,
}

/// The quarter that a spot takes after.
pub(super) fn quarter_at(spot: Point) -> Quarter {
    QUARTERS
        .iter()
        .min_by(|a, b| {
            let far = |q: &(Quarter, (f64, f64))| distance(at(q.1.0, q.1.1), spot);
            far(a).total_cmp(&far(b))
        })
        .map_or(Quarter::Old, |q| q.0)
}

/// How large blocks are cut, in m².
const fn block_m2(quarter: Quarter) -> f64 {
    match quarter {
        Quarter::Historic => 2600.0,
        Quarter::Old => 3300.0,
        Quarter::SelfBuilt => 3600.0,
        Quarter::Commerce => 5200.0,
        Quarter::Slabs => 9000.0,
        Quarter::Works => 12_000.0,
        _ => 15_000.0,
    }
}

/// Cuts land into blocks, drawing lanes as it goes.
pub(super) fn cut_up(town: &mut Town, land: Vec<Polygon>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (index, shape) in land.into_iter().enumerate() {
        let mut rng = town.chance(1000 + index as u64);
        cut_block(town, shape, (0, None), &mut rng, &mut blocks);
    }
    blocks
}

fn cut_block(
    town: &mut Town,
    shape: Polygon,
    (depth, estate): (u32, Option<(usize, Quarter)>),
    rng: &mut ChaCha8Rng,
    blocks: &mut Vec<Block>,
) {
    let area = shape.unsigned_area();
    if area < SMALLEST_M2 {
        return;
    }
    let mut specials =
        SPECIAL_BLOCKS.iter().filter(|special| shape.contains(&geo::Point(at(special.2.0, special.2.1))));
    let special = specials.next();
    let is_shared = specials.next().is_some();
    let quarter = special.map_or_else(
        || estate.map_or_else(|| quarter_at(middle(&shape)), |(_, quarter)| quarter),
        |special| special.0,
    );
    let target = special.map_or(block_m2(quarter), |special| special.3);
    let (frame, w, h) = snug_box(&shape);
    let is_small = area <= target * 1.45 && !is_shared;
    let is_long = w > 3.2 * h && w > 110.0 && special.is_none();
    if depth > 12 || (is_small && !is_long) || h < 18.0 && w < 90.0 {
        let is_estate = matches!(quarter, Quarter::Slabs | Quarter::Estate);
        let compound =
            is_estate.then(|| estate.map_or_else(|| add_compound(town, &shape), |(compound, _)| compound));
        blocks.push(Block { shape, quarter, name: special.map(|special| special.1), compound });
        return;
    }
    // From this size on, what is cut further stays one estate, and keeps its lanes within.
    let estate = estate.or_else(|| {
        let is_whole =
            special.is_none() && area < ESTATE_M2 && matches!(quarter, Quarter::Slabs | Quarter::Estate);
        is_whole.then(|| (add_compound(town, &shape), quarter))
    });
    let share = rng.random_range(0.43..0.57);
    let tilt = rng.random_range(-0.05..0.05);
    let across = w < 1.2 * h && rng.random_bool(0.5);
    let (point, direction) = if across {
        (frame.out(w / 2.0, h * share), turned(frame.u, tilt))
    } else {
        (frame.out(w * share, h / 2.0), turned(left(frame.u), tilt))
    };
    let (class, width_m) = lane(quarter, area);
    let (on_left, on_right) = cut(&shape, point, direction, width_m + 2.0 * class.setback_m());
    draw_lanes(town, &shape, point, direction, class, width_m);
    for piece in on_left.into_iter().chain(on_right) {
        cut_block(town, piece, (depth + 1, estate), rng, blocks);
    }
}

/// Gives up estates in name only: fewer houses than make a 小区 are houses along a street.
pub(super) fn settle_compounds(town: &mut Town) {
    let mut houses = vec![0_u32; town.compounds.len()];
    for building in &town.buildings {
        if let Some(count) = building.compound.and_then(|compound| houses.get_mut(compound)) {
            *count += if building.levels > 9 { 2 } else { 1 };
        }
    }
    let mut kept = 0;
    let numbers: Vec<Option<usize>> = houses
        .iter()
        .map(|count| {
            let is_kept = *count >= FEWEST_HOUSES;
            kept += usize::from(is_kept);
            is_kept.then(|| kept - 1)
        })
        .collect();
    for building in &mut town.buildings {
        building.compound = building.compound.and_then(|compound| numbers.get(compound).copied().flatten());
    }
    let mut of_old = numbers.iter();
    town.compounds.retain(|_| of_old.next().is_some_and(Option::is_some));
}

/// An estate in the making; name and management come later.
fn add_compound(town: &mut Town, shape: &Polygon) -> usize {
    town.compounds.push(Compound {
        name: String::new(),
        shape: shape.clone(),
        management: Management::Nobody,
    });
    town.compounds.len() - 1
}

/// What kind of lane cuts a piece of this size, and how wide it is.
fn lane(quarter: Quarter, area_m2: f64) -> (RoadClass, f64) {
    if area_m2 > 26_000.0 && quarter != Quarter::Historic {
        return (RoadClass::Residential, 6.5);
    }
    match quarter {
        Quarter::Historic => (RoadClass::Alley, 2.8),
        Quarter::Old => (RoadClass::Alley, 3.2),
        Quarter::SelfBuilt => (RoadClass::Alley, 3.8),
        _ => (RoadClass::Residential, 5.5),
    }
}

/// Draws the lanes of one cut: each stretch of the line within the shape, drawn on to the streets beyond.
fn draw_lanes(
    town: &mut Town,
    shape: &Polygon,
    point: Point,
    direction: Point,
    class: RoadClass,
    width_m: f64,
) {
    let (from, to) = (point - direction * 3000.0, point + direction * 3000.0);
    let mut stops: Vec<f64> = std::iter::once(shape.exterior())
        .chain(shape.interiors())
        .flat_map(edges)
        .filter(|&(a, b)| cross(b - a, direction).abs() > 1e-6)
        .filter_map(|(a, b)| meeting(from, to, a, b))
        .map(|p| dot(p - point, direction))
        .collect();
    stops.sort_by(f64::total_cmp);
    stops.dedup_by(|a, b| (*a - *b).abs() < 0.05);
    for (start, end) in stops.windows(2).filter_map(|pair| pair.first().zip(pair.last())) {
        let (a, b) = (point + direction * *start, point + direction * *end);
        let halfway = geo::Point(point + direction * ((start + end) / 2.0));
        if end - start < 14.0 || !shape.contains(&halfway) {
            continue;
        }
        let (first, last) = (drawn_on(town, a, direction * -1.0), drawn_on(town, b, direction));
        if first.is_none() && last.is_none() {
            continue;
        }
        let opens_from = first.or(last).map(|hit| hit.1);
        let (start, end) = (first.map_or(a, |hit| hit.0), last.map_or(b, |hit| hit.0));
        // A lane starts where it opens from a street.
        let path = if first.is_some() { vec![start, end] } else { vec![end, start] };
        town.add_road(Road { name: String::new(), class, width_m, path, opens_from, is_named_alley: false });
    }
}

/// Where a lane that goes on from `end` meets the next street, and which street that is.
fn drawn_on(town: &Town, end: Point, direction: Point) -> Option<(Point, usize)> {
    let direction = unit(direction);
    let far = end + direction * LANE_REACH_M;
    let back = end - direction * 0.3;
    let (hit, street) = town
        .roads
        .iter()
        .enumerate()
        .filter(|(_, road)| road.class != RoadClass::Footway)
        .flat_map(|(street, road)| {
            pairs(&road.path).filter_map(move |(a, b)| Some((meeting(back, far, a, b)?, street)))
        })
        .min_by(|p, q| distance(p.0, back).total_cmp(&distance(q.0, back)))?;
    let way = strip(end, hit, 1.5, 0.0);
    let is_wet =
        town.patches.iter().any(|patch| patch.ground == Ground::Water && patch.shape.intersects(&way));
    (!is_wet).then_some((hit, street))
}
