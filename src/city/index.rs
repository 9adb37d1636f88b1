//! Which building is under the cursor, at a point, or near one: exact, by footprints and heights.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree, RTreeObject};

use super::building::{BuildingIndex, BuildingRef, City};
use crate::geo::Bounds;

/// Where a ray meets a building. The ray's space is the picture's: x east, y up, z south, in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which building.
    pub building: BuildingIndex,
    /// Along the ray, in metres.
    pub distance_m: f64,
    /// Where: x east, y up, z south.
    pub point: [f64; 3],
    /// Whether it is the roof (or the underside) and not a wall.
    pub is_roof: bool,
}

type Entry = GeomWithData<Rectangle<[f64; 3]>, u32>;

/// A spatial index over the boxes of all buildings of a city, `[east, north, up]`.
#[derive(Debug, Default)]
pub struct Index {
    tree: RTree<Entry>,
}

impl Index {
    /// Builds the index.
    pub fn new(city: &City) -> Self {
        let entries = city
            .iter()
            .map(|building| {
                let bounds = building.bounds();
                let [low, high] = [building.bottom_m(), building.top_m()].map(f64::from);
                let [[west, south], [east, north]] = [bounds.min, bounds.max];
                GeomWithData::new(
                    Rectangle::from_corners([west, south, low], [east, north, high]),
                    building.index().0,
                )
            })
            .collect();
        Self { tree: RTree::bulk_load(entries) }
    }

    /// The first building that a ray meets: walls, roofs with their courtyards open, undersides of what floats.
    ///
    /// `origin` and `direction` are x east, y up, z south; the direction need not be of length 1.
    /// From inside a building, it is that building's wall or roof from within.
    pub fn pick(&self, city: &City, origin: [f64; 3], direction: [f64; 3]) -> Option<Hit> {
        self.pick_where(city, origin, direction, |_| true)
    }

    /// The same among some of the buildings.
    pub fn pick_where(
        &self,
        city: &City,
        origin: [f64; 3],
        direction: [f64; 3],
        is_there: impl Fn(BuildingIndex) -> bool,
    ) -> Option<Hit> {
        let ray = Ray::new(origin, direction)?;
        let mut best: Option<Hit> = None;
        let mut nodes: Vec<(f64, &rstar::ParentNode<Entry>)> = vec![(0.0, self.tree.root())];
        // Nearest boxes first; what starts behind the best hit is never opened.
        while let Some(next) = nodes.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0)).map(|(i, _)| i)
        {
            let (start_m, node) = nodes.swap_remove(next);
            if best.is_some_and(|hit| hit.distance_m < start_m) {
                break;
            }
            for child in node.children() {
                let Some(start_m) = ray.enters(&child.envelope()) else { continue };
                if best.is_some_and(|hit| hit.distance_m < start_m) {
                    continue;
                }
                match child {
                    rstar::RTreeNode::Parent(parent) => nodes.push((start_m, parent)),
                    rstar::RTreeNode::Leaf(leaf) => {
                        let building = Some(BuildingIndex(leaf.data)).filter(|index| is_there(*index));
                        let building = building.and_then(|index| city.building(index));
                        let hit = building.and_then(|building| ray.meets(building));
                        if let Some(hit) = hit
                            && best.is_none_or(|best| hit.distance_m < best.distance_m)
                        {
                            best = Some(hit);
                        }
                    }
                }
            }
        }
        best
    }

    /// The building whose footprint a point of the ground lies in; of several, the tallest.
    pub fn at(&self, city: &City, point: [f64; 2]) -> Option<BuildingIndex> {
        self.within(Bounds::of([point]))
            .filter_map(|index| city.building(index))
            .filter(|building| building.contains(point))
            .max_by(|a, b| a.top_m().total_cmp(&b.top_m()))
            .map(BuildingRef::index)
    }

    /// The building whose footprint is nearest to a point, within a radius; 0 m away if the point lies in it.
    pub fn nearest(&self, city: &City, point: [f64; 2], radius_m: f64) -> Option<(BuildingIndex, f64)> {
        let square = Bounds::of([point]).expanded(radius_m);
        self.within(square)
            .filter_map(|index| city.building(index))
            .map(|building| (building.index(), distance_m(building, point)))
            .filter(|(_, distance_m)| *distance_m <= radius_m)
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The buildings whose footprints lie within a radius of a straight way from `a` to `b`.
    pub fn along<'a>(
        &'a self,
        city: &'a City,
        a: [f64; 2],
        b: [f64; 2],
        radius_m: f64,
    ) -> impl Iterator<Item = BuildingIndex> + 'a {
        self.within(Bounds::of([a, b]).expanded(radius_m))
            .filter_map(|index| city.building(index))
            .filter(move |building| is_along(*building, a, b, radius_m))
            .map(BuildingRef::index)
    }

    /// The buildings whose boxes touch a box on the ground.
    pub fn within(&self, bounds: Bounds) -> impl Iterator<Item = BuildingIndex> + '_ {
        let envelope = AABB::from_corners(
            [bounds.min[0], bounds.min[1], f64::NEG_INFINITY],
            [bounds.max[0], bounds.max[1], f64::INFINITY],
        );
        self.tree.locate_in_envelope_intersecting(&envelope).map(|entry| BuildingIndex(entry.data))
    }
}

/// From a point to the nearest edge of a footprint, 0 inside.
fn distance_m(building: BuildingRef<'_>, point: [f64; 2]) -> f64 {
    if building.contains(point) {
        return 0.0;
    }
    footprint_edges(building).map(|edge| from_edge_m(edge, point)).fold(f64::INFINITY, f64::min)
}

/// From a point to the nearest point of an edge, metres.
pub(crate) fn from_edge_m(edge: ([f64; 2], [f64; 2]), point: [f64; 2]) -> f64 {
    let [x, y] = off_edge(edge, point);
    x.hypot(y)
}

/// The square of it, which is enough to compare.
fn from_edge_m2(edge: ([f64; 2], [f64; 2]), point: [f64; 2]) -> f64 {
    let [x, y] = off_edge(edge, point);
    x * x + y * y
}

/// From the nearest point of an edge to a point, `[east, north]`.
fn off_edge((a, b): ([f64; 2], [f64; 2]), point: [f64; 2]) -> [f64; 2] {
    let (along, to) = ([b[0] - a[0], b[1] - a[1]], [point[0] - a[0], point[1] - a[1]]);
    let length2 = along[0] * along[0] + along[1] * along[1];
    let t =
        if length2 > 0.0 { ((to[0] * along[0] + to[1] * along[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
    [to[0] - t * along[0], to[1] - t * along[1]]
}

/// Whether a footprint comes within a radius of a straight way: an end in or near it, a corner near the way, or crossed.
fn is_along(building: BuildingRef<'_>, a: [f64; 2], b: [f64; 2], radius_m: f64) -> bool {
    let radius_m2 = radius_m * radius_m;
    let is_near = |(c, d): ([f64; 2], [f64; 2])| {
        crosses((a, b), (c, d))
            || from_edge_m2((a, b), c) <= radius_m2
            || from_edge_m2((c, d), a) <= radius_m2
            || from_edge_m2((c, d), b) <= radius_m2
    };
    footprint_edges(building).any(is_near) || building.contains(a)
}

/// Whether two edges cross; those that only touch are near each other anyway.
fn crosses((a, b): ([f64; 2], [f64; 2]), (c, d): ([f64; 2], [f64; 2])) -> bool {
    let side =
        |p: [f64; 2], q: [f64; 2], r: [f64; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

fn footprint_edges(building: BuildingRef<'_>) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    building.polygons().flat_map(super::building::PolygonRef::rings).flat_map(edges)
}

/// The edges of a ring without its closing point, the one that closes it last.
pub(crate) fn edges(ring: &[[f32; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    ring.iter()
        .zip(ring.iter().skip(1).chain(ring.first()))
        .map(|(a, b)| (a.map(f64::from), b.map(f64::from)))
}

/// A ray in `[east, north, up]`, its direction of length 1.
struct Ray {
    origin: [f64; 3],
    direction: [f64; 3],
}

impl Ray {
    /// From the picture's axes; `None` without a direction or with numbers that are not finite.
    fn new([x, y, z]: [f64; 3], [dx, dy, dz]: [f64; 3]) -> Option<Self> {
        let length = (dx * dx + dy * dy + dz * dz).sqrt();
        let is_usable =
            length.is_finite() && length > 0.0 && [x, y, z].iter().all(|number| number.is_finite());
        is_usable.then(|| Self { origin: [x, -z, y], direction: [dx / length, -dz / length, dy / length] })
    }

    fn at(&self, distance_m: f64) -> [f64; 3] {
        std::array::from_fn(|axis| self.origin[axis] + distance_m * self.direction[axis])
    }

    /// Where the ray enters a box: 0 inside, `None` if it misses.
    fn enters(&self, bounds: &AABB<[f64; 3]>) -> Option<f64> {
        let (lower, upper) = (bounds.lower(), bounds.upper());
        let (mut from, mut to) = (0.0_f64, f64::INFINITY);
        for axis in 0..3 {
            let (origin, direction) = (self.origin[axis], self.direction[axis]);
            if direction.abs() < 1e-12 {
                if origin < lower[axis] || origin > upper[axis] {
                    return None;
                }
            } else {
                let (a, b) = ((lower[axis] - origin) / direction, (upper[axis] - origin) / direction);
                from = from.max(a.min(b));
                to = to.min(a.max(b));
            }
        }
        // A micrometre of slack, for boxes without thickness.
        (from <= to + 1e-6).then_some(from)
    }

    fn meets(&self, building: BuildingRef<'_>) -> Option<Hit> {
        let (bottom, top) = (f64::from(building.bottom_m()), f64::from(building.top_m()));
        let mut best = f64::INFINITY;
        let mut is_roof = false;
        // What stands on its ground has no underside.
        let underside = building.is_floating().then_some(bottom);
        for height in [Some(top), underside].into_iter().flatten() {
            let distance = (height - self.origin[2]) / self.direction[2];
            if self.direction[2].abs() > 1e-12 && distance >= 0.0 && distance < best {
                let [east, north, _] = self.at(distance);
                if building.contains([east, north]) {
                    (best, is_roof) = (distance, true);
                }
            }
        }
        for (a, b) in building.polygons().flat_map(super::building::PolygonRef::rings).flat_map(edges) {
            let along = [b[0] - a[0], b[1] - a[1]];
            let determinant = self.direction[0] * along[1] - self.direction[1] * along[0];
            if determinant.abs() < 1e-15 {
                continue;
            }
            let to = [a[0] - self.origin[0], a[1] - self.origin[1]];
            let distance = (to[0] * along[1] - to[1] * along[0]) / determinant;
            let share = (to[0] * self.direction[1] - to[1] * self.direction[0]) / determinant;
            let height = self.origin[2] + distance * self.direction[2];
            if distance >= 0.0
                && distance < best
                && (0.0..=1.0).contains(&share)
                && height >= bottom
                && height <= top
            {
                (best, is_roof) = (distance, false);
            }
        }
        let [east, north, up] = best.is_finite().then(|| self.at(best))?;
        Some(Hit { building: building.index(), distance_m: best, point: [east, up, -north], is_roof })
    }
}

#[cfg(test)]
mod tests;
