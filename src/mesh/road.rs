//! Roads as ribbons that know where they are: how far from the junction at either end, how far from the centre line.
//!
//! A road is cut where it meets others of its standing. Within a junction it is bare carriageway, so that no line of one
//! road runs across another and a side street opens through the pavement.
//! The pavement lies beside what the data call the width, which runs from kerb to kerb.

use std::collections::HashMap;

use super::flat::{Corner, FlatClass, FlatMesh, Lane, Spine};
use crate::city::{Road, RoadClass};

/// Points nearer than this are one, metres.
const SAME_M: f64 = 0.2;
/// The flattest crossing that is reckoned with, as a sine: flatter ones do not open for ever.
const FLATTEST: f64 = 0.35;
/// What a stretch that ends at no junction has left of it, metres: beyond anything that fades there, and a multiple of a dash.
const OPEN_M: f64 = 60.0;
/// Stretches are cut at this length, so that how far along them one is can be packed, metres.
const LONGEST_M: f64 = 1_000.0;
/// From the kerb of the crossing road to where lines may begin, metres.
const SETBACK_M: f64 = 0.6;
/// Of a narrower stretch between two junctions no zebra crossing is made, metres.
const ZEBRA_ROOM_M: f64 = 24.0;

/// How wide the pavement beside a kerb is, metres.
pub(super) fn pavement_m(class: RoadClass) -> f64 {
    match class {
        RoadClass::Primary => 3.6,
        RoadClass::Secondary => 2.2,
        RoadClass::Residential => 1.2,
        RoadClass::Alley | RoadClass::Footway => 0.0,
    }
}

/// An arm of a junction: a road that leads away from it.
#[derive(Clone, Copy)]
struct Arm {
    road: u32,
    class: RoadClass,
    half_m: f64,
    /// Of length 1.
    direction: [f64; 2],
}

/// Roads and where they meet.
pub(super) struct Network<'a> {
    roads: &'a [Road],
    spines: Vec<Option<Spine>>,
    arms: HashMap<(i64, i64), Vec<Arm>>,
}

/// A point of a road that ends a stretch.
#[derive(Clone, Copy)]
struct End {
    /// Number of the point on the spine.
    point: usize,
    /// How far the junction reaches along the road, metres; `None` where there is none.
    clear_m: Option<f64>,
    /// Whether another large road crosses.
    is_large: bool,
}

fn key(point: [f64; 2]) -> (i64, i64) {
    ((point[0] / SAME_M).round() as i64, (point[1] / SAME_M).round() as i64)
}

impl<'a> Network<'a> {
    /// Finds where roads meet: at points that they share.
    pub(super) fn new(roads: &'a [Road]) -> Self {
        let spines: Vec<_> = roads.iter().map(|road| Spine::new(&road.line, false)).collect();
        let mut arms: HashMap<(i64, i64), Vec<Arm>> = HashMap::new();
        for (number, (road, spine)) in (0_u32..).zip(roads.iter().zip(&spines)) {
            let Some(spine) = spine else { continue };
            let arm = |from: [f64; 2], to: [f64; 2]| {
                let (x, y) = (to[0] - from[0], to[1] - from[1]);
                let length = x.hypot(y).max(1e-9);
                let half_m = f64::from(road.width_m) / 2.0;
                Arm { road: number, class: road.class, half_m, direction: [x / length, y / length] }
            };
            for pair in spine.points.windows(2) {
                let &[from, to] = pair else { continue };
                arms.entry(key(from)).or_default().push(arm(from, to));
                arms.entry(key(to)).or_default().push(arm(to, from));
            }
        }
        Self { roads, spines, arms }
    }

    /// Appends the roads of a class: the round ends of all first, so that none lies on the lines of another.
    pub(super) fn draw(&self, mesh: &mut FlatMesh, class: FlatClass) {
        let of_class = || {
            (0_u32..)
                .zip(self.roads.iter().zip(&self.spines))
                .filter(|(_, (road, _))| FlatClass::from(road.class) == class)
                .filter_map(|(number, (road, spine))| Some((number, road, spine.as_ref()?)))
        };
        for (_, road, spine) in of_class() {
            let half = f64::from(road.width_m) / 2.0;
            // Far below 0: as within a junction.
            let lane = Lane { along_m: -OPEN_M as f32, left_m: -OPEN_M as f32, across_m: 0.0, half_m: 0.0 };
            let like = Corner { class: class as u32, lane, ..Corner::default() };
            if let [first, second, ..] = spine.points.as_slice() {
                mesh.cap(*first, *second, half, like);
            }
            if let [.., second, last] = spine.points.as_slice() {
                mesh.cap(*last, *second, half, like);
            }
        }
        for (number, road, spine) in of_class() {
            self.stretches(mesh, number, road, spine);
        }
    }

    fn stretches(&self, mesh: &mut FlatMesh, number: u32, road: &Road, spine: &Spine) {
        let half = f64::from(road.width_m) / 2.0;
        let pavement = pavement_m(road.class);
        let class = FlatClass::from(road.class) as u32;
        for [from, to] in self.parts(number, road, spine) {
            let at = |end: End| spine.along_m.get(end.point).copied().unwrap_or(0.0);
            let (start, stop) = (at(from), at(to));
            let begin = from.clear_m.map_or(start - OPEN_M, |clear| start + clear);
            let finish = to.clear_m.map_or(stop + OPEN_M, |clear| stop - clear);
            let lane = |along: f64, across: f64| Lane {
                along_m: (along - begin) as f32,
                left_m: (finish - along) as f32,
                across_m: across as f32,
                half_m: half as f32,
            };
            let mut flags = if pavement > 0.0 { FlatMesh::MARKED } else { 0 };
            let is_large = road.class >= RoadClass::Secondary && finish - begin > ZEBRA_ROOM_M;
            if is_large && from.is_large {
                flags |= FlatMesh::ZEBRA_FIRST;
            }
            if is_large && to.is_large {
                flags |= FlatMesh::ZEBRA_LAST;
            }
            let like = Corner { class, flags, ..Corner::default() };
            mesh.stretch(spine, from.point..to.point + 1, [half + pavement, half + pavement], &lane, like);
        }
    }

    /// A road's stretches, each from an end to an end.
    fn parts(&self, number: u32, road: &Road, spine: &Spine) -> Vec<[End; 2]> {
        let last = spine.points.len() - 1;
        let mut parts = Vec::new();
        let mut from: Option<End> = None;
        for point in 0..=last {
            let end = self.end_at(number, road, spine, point);
            let Some(begun) = from else {
                from = Some(end);
                continue;
            };
            let along = |point: usize| spine.along_m.get(point).copied().unwrap_or(0.0);
            let next = along((point + 1).min(last)) - along(begun.point);
            if point == last || end.clear_m.is_some() || next > LONGEST_M {
                parts.push([begun, end]);
                from = Some(end);
            }
        }
        parts
    }

    /// What there is at a point of a road.
    fn end_at(&self, number: u32, road: &Road, spine: &Spine, point: usize) -> End {
        let nothing = End { point, clear_m: None, is_large: false };
        let Some(arms) = spine.points.get(point).and_then(|at| self.arms.get(&key(*at))) else {
            return nothing;
        };
        // Two ends that meet are one road that goes on.
        if arms.len() <= 2 {
            return nothing;
        }
        let own: Vec<[f64; 2]> =
            arms.iter().filter(|arm| arm.road == number).map(|arm| arm.direction).collect();
        // A path does not part a street, and a lane parts no main road.
        let least = match road.class {
            RoadClass::Primary | RoadClass::Secondary => RoadClass::Residential,
            RoadClass::Residential => RoadClass::Alley,
            RoadClass::Alley | RoadClass::Footway => RoadClass::Footway,
        };
        let others = arms.iter().filter(|arm| arm.road != number && arm.class >= least);
        others.fold(nothing, |end, arm| {
            let sine = |own: &[f64; 2]| (own[0] * arm.direction[1] - own[1] * arm.direction[0]).abs();
            let steepest = own.iter().map(sine).fold(0.0, f64::max);
            // What goes straight on is the same street under another number.
            if steepest < 0.17 {
                return end;
            }
            let reach = arm.half_m / steepest.max(FLATTEST) + SETBACK_M;
            End {
                point,
                clear_m: Some(end.clear_m.map_or(reach, |held| held.max(reach))),
                is_large: end.is_large || arm.class >= RoadClass::Secondary,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Ways;
    use crate::mesh::flat::ways;

    fn road(class: RoadClass, width_m: f32, line: &[[f32; 2]]) -> Road {
        Road { class, width_m, name: None, name_en: None, line: line.to_vec() }
    }

    fn mesh(roads: Vec<Road>) -> FlatMesh {
        ways(&Ways { roads, ..Ways::default() })
    }

    fn area_m2(mesh: &FlatMesh) -> f64 {
        let at = |i: u32| mesh.corners[i as usize].place.map(f64::from);
        mesh.indices
            .chunks_exact(3)
            .map(|t| {
                let (p, q, r) = (at(t[0]), at(t[1]), at(t[2]));
                ((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])) / 2.0
            })
            .sum()
    }

    #[test]
    fn a_straight_alley_is_its_length_times_its_width_and_two_caps() {
        let mesh = mesh(vec![road(RoadClass::Alley, 10.0, &[[0.0, 0.0], [100.0, 0.0]])]);
        // A half octagon of radius 5: 4 triangles of 5 × 5 × sin 45° ÷ 2.
        let cap = 4.0 * 12.5 * std::f64::consts::FRAC_1_SQRT_2;
        assert!((area_m2(&mesh) - 1_000.0 - 2.0 * cap).abs() < 1e-3, "{}", area_m2(&mesh));
    }

    #[test]
    fn lines_end_at_the_kerb_of_the_crossing_street() {
        // A street of 20 m with pavements of 2.2 m meets one of 10 m in its middle, at a right angle.
        let mesh = mesh(vec![
            road(RoadClass::Secondary, 20.0, &[[-100.0, 0.0], [0.0, 0.0], [100.0, 0.0]]),
            road(RoadClass::Residential, 10.0, &[[0.0, 0.0], [0.0, 80.0]]),
        ]);
        let street: Vec<&Corner> = mesh
            .corners
            .iter()
            .filter(|corner| corner.class == FlatClass::Secondary as u32 && corner.lane.half_m > 0.0)
            .collect();
        assert_eq!(street.len(), 8, "two stretches of four corners");
        assert!(street.iter().all(|corner| (corner.lane.across_m.abs() - 12.2).abs() < 1e-4));
        // The first stretch begins in the open and ends within the junction, 5.6 m deep.
        assert_eq!((street[0].lane.along_m, street[0].lane.left_m), (60.0, 94.4));
        assert_eq!((street[2].lane.along_m, street[2].lane.left_m), (160.0, -5.6));
        assert_eq!((street[4].lane.along_m, street[6].lane.left_m), (-5.6, 60.0));
        let side: Vec<f32> = mesh
            .corners
            .iter()
            .filter(|corner| corner.class == FlatClass::Residential as u32 && corner.lane.half_m > 0.0)
            .map(|corner| corner.lane.along_m)
            .collect();
        assert_eq!(side[0], -10.6, "it begins at the kerb of the street");
        assert!(mesh.corners.iter().all(|corner| corner.flags & FlatMesh::ZEBRA_FIRST == 0));
    }

    #[test]
    fn large_roads_that_cross_have_zebra_crossings_and_paths_part_nothing() {
        let cross = |class| {
            mesh(vec![
                road(RoadClass::Primary, 24.0, &[[-100.0, 0.0], [0.0, 0.0], [100.0, 0.0]]),
                road(class, 16.0, &[[0.0, -90.0], [0.0, 0.0], [0.0, 90.0]]),
            ])
        };
        let flags = |mesh: &FlatMesh| mesh.corners.iter().fold(0, |all, corner| all | corner.flags);
        let large = cross(RoadClass::Secondary);
        assert_eq!(flags(&large), FlatMesh::MARKED | FlatMesh::ZEBRA_FIRST | FlatMesh::ZEBRA_LAST);
        let path = cross(RoadClass::Footway);
        assert_eq!(flags(&path), FlatMesh::MARKED);
        let main = path.corners.iter().filter(|corner| corner.class == FlatClass::Primary as u32);
        assert!(main.filter(|corner| corner.lane.half_m > 0.0).all(|corner| corner.lane.along_m >= 60.0));
    }

    #[test]
    fn a_street_in_two_pieces_goes_on() {
        let mesh = mesh(vec![
            road(RoadClass::Secondary, 16.0, &[[-100.0, 0.0], [0.0, 0.0]]),
            road(RoadClass::Secondary, 16.0, &[[0.0, 0.0], [100.0, 0.0]]),
        ]);
        let lanes = mesh.corners.iter().filter(|corner| corner.lane.half_m > 0.0);
        assert!(lanes.clone().all(|corner| corner.lane.along_m >= 60.0 && corner.lane.left_m >= 60.0));
        assert_eq!(lanes.count(), 8);
    }
}
