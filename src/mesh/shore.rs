//! Shores: a ribbon along the edge of water, a little on the land and more on the water.
//!
//! Where one water lies against another, as pieces of a river do, there is no shore.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::flat::{Corner, FlatClass, FlatMesh, Lane, Spine};
use crate::city::{Ground, SurfaceKind, Ways};

/// How far the ribbon reaches over the water, metres.
const WET_M: f32 = 3.2;
/// How far the ribbon reaches onto the land, metres.
const QUAY_M: f32 = 1.3;
/// Beside an edge so far off there must be no water, metres.
const BESIDE_M: f64 = 1.5;
/// Looked at so often along an edge, metres.
const LOOK_M: f64 = 40.0;

/// Appends the shores of all waters.
pub(super) fn banks(mesh: &mut FlatMesh, ways: &Ways) {
    let waters: Vec<&Ground> = ways
        .surfaces
        .iter()
        .filter(|surface| surface.kind == SurfaceKind::Water)
        .flat_map(|surface| &surface.polygons)
        .collect();
    let boxes = waters.iter().enumerate().map(|(number, water)| {
        let bounds = water.bounds();
        GeomWithData::new(Rectangle::from_corners(bounds.min, bounds.max), number)
    });
    let tree = RTree::bulk_load(boxes.collect());
    let is_water = |point: [f64; 2], but: usize| {
        tree.locate_in_envelope_intersecting(&AABB::from_point(point)).any(|entry| {
            entry.data != but && waters.get(entry.data).is_some_and(|water| water.contains(point))
        })
    };
    for (number, water) in waters.iter().enumerate() {
        for ring in water.rings() {
            // Water lies to the left of an outer ring and of a hole.
            let Some(spine) = Spine::new(ring, true) else { continue };
            let is_shore: Vec<bool> = spine
                .points
                .windows(2)
                .map(|pair| match pair {
                    &[a, b] => !along(a, b).any(|point| is_water(point, number)),
                    _ => false,
                })
                .collect();
            shore(mesh, &spine, &is_shore);
        }
    }
}

/// Points to the right of an edge, out of the water.
fn along(a: [f64; 2], b: [f64; 2]) -> impl Iterator<Item = [f64; 2]> {
    let (x, y) = (b[0] - a[0], b[1] - a[1]);
    let length = x.hypot(y).max(1e-9);
    let count = (length / LOOK_M).ceil().clamp(1.0, 64.0);
    (0..count as u32).map(move |i| {
        let share = (f64::from(i) + 0.5) / count;
        [a[0] + x * share + y / length * BESIDE_M, a[1] + y * share - x / length * BESIDE_M]
    })
}

/// Ribbons along the edges of a ring that are shores.
fn shore(mesh: &mut FlatMesh, spine: &Spine, is_shore: &[bool]) {
    let lane = |along: f64, across: f64| Lane {
        along_m: (along % 600.0) as f32,
        left_m: 0.0,
        across_m: across as f32,
        half_m: 0.0,
    };
    let like = Corner { class: FlatClass::Bank as u32, ..Corner::default() };
    let mut start = None;
    for edge in 0..=is_shore.len() {
        let is = is_shore.get(edge).copied().unwrap_or(false);
        match (start, is) {
            (None, true) => start = Some(edge),
            (Some(from), false) => {
                mesh.stretch(spine, from..edge + 1, [f64::from(WET_M), f64::from(QUAY_M)], &lane, like);
                start = None;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Surface;

    fn water(west: f32, east: f32) -> Surface {
        let exterior = vec![[west, 0.0], [east, 0.0], [east, 100.0], [west, 100.0]];
        Surface {
            kind: SurfaceKind::Water,
            name: None,
            name_en: None,
            polygons: vec![Ground { exterior, holes: vec![] }],
        }
    }

    #[test]
    fn pieces_of_a_river_have_no_shore_between_them() {
        let mut alone = FlatMesh::default();
        banks(&mut alone, &Ways { surfaces: vec![water(0.0, 100.0)], ..Ways::default() });
        assert_eq!(alone.triangles(), 8, "four edges");
        let mut two = FlatMesh::default();
        banks(&mut two, &Ways { surfaces: vec![water(0.0, 100.0), water(100.0, 200.0)], ..Ways::default() });
        assert_eq!(two.triangles(), 12, "three edges each");
        // Positive across is toward the water: of the southern edge, north.
        assert!(alone.corners.iter().all(|corner| {
            let is_over = corner.place[0] > 0.5
                && corner.place[0] < 99.5
                && corner.place[1] > 0.5
                && corner.place[1] < 99.5;
            is_over == (corner.lane.across_m > 0.0)
        }));
    }
}
