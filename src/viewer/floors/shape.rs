//! The storeys of a building as shapes: where each stands, what a ray meets, and the prism that the stage draws.

use bevy::math::{Vec2, Vec3};

use crate::city::{BuildingRef, Ground};
use crate::mesh::flat::FlatMesh;
use crate::viewer::stage::{PlateVertex, Prism};

/// The gap between two storeys when open, of a storey's height, at most.
const GAP: f32 = 1.25;
/// All gaps together: so many metres, and this share of the building's height, so that towers stay in the picture.
const ALL_GAPS: (f32, f32) = (8.0, 0.6);
/// What is left of a storey's height when open; `plates.wgsl` has the same.
const OPEN_HEIGHT: f32 = 0.55;

/// The storeys of one building.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Storeys {
    /// East and south of each ring's corners, metres.
    pub(super) rings: Vec<Vec<Vec2>>,
    /// Where the lowest begins above the plain.
    pub(super) foot_m: f32,
    pub(super) storey_m: f32,
    pub(super) count: u16,
}

impl Storeys {
    /// Those of a building whose number of storeys is known and more than one.
    pub(super) fn of(building: BuildingRef<'_>) -> Option<Self> {
        let count = u16::from(building.given_levels().filter(|levels| *levels > 1)?);
        let rings = building
            .polygons()
            .flat_map(|polygon| polygon.rings().map(corners).collect::<Vec<_>>())
            .filter(|ring| ring.len() > 2)
            .collect();
        Some(Self {
            rings,
            foot_m: building.bottom_m(),
            storey_m: building.height_m() / f32::from(count),
            count,
        })
    }

    /// The gap between two storeys when open, metres.
    pub(super) fn gap_m(&self) -> f32 {
        let count = f32::from(self.count.max(1));
        let most = (ALL_GAPS.0 + self.storey_m * count * ALL_GAPS.1) / count;
        (self.storey_m * GAP).min(most)
    }

    /// How high it all stands when open, metres.
    pub(super) fn open_height_m(&self) -> f32 {
        self.extent_m(self.count, 1.0).1 - self.foot_m
    }

    /// The middle of the ground plan, east and south, metres.
    pub(super) fn middle(&self) -> Vec2 {
        let corners = self.rings.first().map(Vec::as_slice).unwrap_or_default();
        corners.iter().copied().sum::<Vec2>() / corners.len().max(1) as f32
    }

    /// Foot and top of a storey, 1 for the lowest, metres.
    pub(super) fn extent_m(&self, storey: u16, openness: f32) -> (f32, f32) {
        let below = f32::from(storey.saturating_sub(1));
        let foot = self.foot_m + below * (self.storey_m + self.gap_m() * openness);
        (foot, foot + self.storey_m * (1.0 + (OPEN_HEIGHT - 1.0) * openness))
    }

    /// The storey that a ray meets first; the direction is of length 1.
    pub(super) fn pick(&self, origin: Vec3, direction: Vec3, openness: f32) -> Option<u16> {
        let mut best: Option<(f32, u16)> = None;
        for storey in 1..=self.count {
            let (foot, top) = self.extent_m(storey, openness);
            let hits = self.meets_walls(origin, direction, foot, top);
            let hits = hits.chain(self.meets_plate(origin, direction, foot));
            let nearest = hits.chain(self.meets_plate(origin, direction, top)).min_by(f32::total_cmp);
            if let Some(along) = nearest
                && best.is_none_or(|(held, _)| along < held)
            {
                best = Some((along, storey));
            }
        }
        best.map(|(_, storey)| storey)
    }

    fn edges(&self) -> impl Iterator<Item = (Vec2, Vec2)> + '_ {
        self.rings
            .iter()
            .flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)).map(|(from, to)| (*from, *to)))
    }

    fn meets_walls(
        &self,
        origin: Vec3,
        direction: Vec3,
        foot: f32,
        top: f32,
    ) -> impl Iterator<Item = f32> + '_ {
        let (from, along) = (Vec2::new(origin.x, origin.z), Vec2::new(direction.x, direction.z));
        self.edges().filter_map(move |(a, b)| {
            let wall = b - a;
            let denominator = along.perp_dot(wall);
            if denominator.abs() < 1e-9 {
                return None;
            }
            let way = (a - from).perp_dot(wall) / denominator;
            let share = (a - from).perp_dot(along) / denominator;
            let up = origin.y + direction.y * way;
            (way > 0.0 && (0.0..=1.0).contains(&share) && (foot..=top).contains(&up)).then_some(way)
        })
    }

    fn meets_plate(&self, origin: Vec3, direction: Vec3, at: f32) -> Option<f32> {
        let way = (at - origin.y) / direction.y;
        let point = origin + direction * way;
        (way.is_finite() && way > 0.0 && self.covers(Vec2::new(point.x, point.z))).then_some(way)
    }

    /// Whether a point lies on the ground plan: courtyards do not.
    fn covers(&self, point: Vec2) -> bool {
        let crossings = self.edges().filter(|(a, b)| {
            (a.y > point.y) != (b.y > point.y) && point.x < a.x + (b.x - a.x) * (point.y - a.y) / (b.y - a.y)
        });
        crossings.count() % 2 == 1
    }
}

fn corners(ring: &[[f32; 2]]) -> Vec<Vec2> {
    let mut points: Vec<Vec2> = ring.iter().map(|[east, north]| Vec2::new(*east, -*north)).collect();
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

/// Walls and a top of one storey.
pub(super) fn prism(building: BuildingRef<'_>) -> Prism {
    let mut prism = Prism::default();
    for polygon in building.polygons() {
        let mut top = FlatMesh::default();
        let ground = Ground {
            exterior: polygon.exterior().to_vec(),
            holes: polygon.holes().map(<[_]>::to_vec).collect(),
        };
        top.polygon(&ground, 0);
        let first = prism.vertices.len() as u32;
        prism.vertices.extend(top.corners.iter().map(|corner| {
            let [east, north] = corner.place;
            PlateVertex { place: [east, -north], up: 1.0 }
        }));
        prism.indices.extend(top.indices.iter().map(|index| first + index));
        for ring in polygon.rings().map(corners) {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                let first = prism.vertices.len() as u32;
                prism.vertices.extend(
                    [(a, 0.0), (b, 0.0), (b, 1.0), (a, 1.0)]
                        .map(|(at, up)| PlateVertex { place: at.to_array(), up }),
                );
                prism.indices.extend([0, 1, 2, 0, 2, 3].map(|index| first + index));
            }
        }
    }
    prism
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three storeys of 3 m on a square of 10 m with a courtyard of 2 m.
    fn court() -> Storeys {
        let ring = |from: f32, to: f32| {
            [(from, from), (to, from), (to, to), (from, to)].map(|(x, z)| Vec2::new(x, z)).to_vec()
        };
        Storeys { rings: vec![ring(0.0, 10.0), ring(4.0, 6.0)], foot_m: 0.0, storey_m: 3.0, count: 3 }
    }

    #[test]
    fn open_storeys_stand_apart() {
        let storeys = court();
        assert_eq!(storeys.extent_m(2, 0.0), (3.0, 6.0));
        let (foot, top) = storeys.extent_m(2, 1.0);
        // The gap is 1.25 × 3 = 3.75 m, less than (8 + 0.6 × 9) ÷ 3 = 4.47 m.
        assert!((foot - 6.75).abs() < 1e-4 && (top - 8.4).abs() < 1e-4, "{foot} {top}");
        let tower = Storeys { count: 30, ..court() };
        // (8 + 0.6 × 90) ÷ 30
        assert!((tower.gap_m() - 2.0667).abs() < 1e-3, "{}", tower.gap_m());
        assert!(storeys.extent_m(1, 1.0).1 < foot, "with a gap between");
    }

    #[test]
    fn a_ray_meets_the_nearest_storey() {
        let storeys = court();
        let down = |x: f32, z: f32| storeys.pick(Vec3::new(x, 100.0, z), Vec3::NEG_Y, 1.0);
        assert_eq!(down(1.0, 1.0), Some(3), "the roof");
        assert_eq!(down(5.0, 5.0), None, "the courtyard");
        assert_eq!(down(20.0, 5.0), None);
        let level = |y: f32| storeys.pick(Vec3::new(-50.0, y, 1.0), Vec3::X, 1.0);
        assert_eq!((level(1.0), level(7.0), level(14.0)), (Some(1), Some(2), Some(3)));
        assert_eq!(level(4.0), None, "through the gap");
    }
}
