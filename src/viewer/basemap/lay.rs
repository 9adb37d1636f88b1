//! A square of the map on the ground, cut along the relief where there is one.

use std::sync::Arc;

use crate::city::Relief;
use crate::geo::{Bounds, Datum, LocalFrame, MapTile};
use crate::mesh::{Corner, FlatMesh, Lane, drape};
use crate::viewer::stage::TileVertex;

/// A square over more cells of the relief than this stays flat, and the relief over it has its own colour: it would take
/// too long to cut.
const MOST_CELLS: f64 = 12_000.0;

/// Its triangles, three corners each: laid in small squares, since a shifted datum does not only move but also bends.
pub(super) fn lay(
    square: MapTile,
    frame: &LocalFrame,
    datum: Datum,
    relief: Option<&Relief>,
) -> Arc<[TileVertex]> {
    let mut mesh = grid(square, frame, datum);
    if let Some(relief) = relief {
        let bounds = Bounds::of(mesh.corners.iter().map(|corner| corner.place.map(f64::from)));
        if bounds.intersects(&relief.bounds()) && cells_below(bounds, relief) <= MOST_CELLS {
            mesh = drape::drape(&mesh, relief);
        }
    }
    let corners = mesh.indices.iter().filter_map(|index| mesh.corners.get(*index as usize));
    corners.map(vertex).collect()
}

fn cells_below(bounds: Bounds, relief: &Relief) -> f64 {
    let (reach, [columns, rows]) = (relief.bounds(), relief.cells());
    let share = |axis: usize, cells: usize| {
        let common = bounds.max[axis].min(reach.max[axis]) - bounds.min[axis].max(reach.min[axis]);
        common / (reach.max[axis] - reach.min[axis]) * cells as f64
    };
    share(0, columns) * share(1, rows)
}

/// Flat; where on the picture a corner lies stands in its lane: along from the west, left from the north.
fn grid(square: MapTile, frame: &LocalFrame, datum: Datum) -> FlatMesh {
    let parts: u32 = if square.z < 13 { 8 } else { 2 };
    let mut mesh = FlatMesh::default();
    for row in 0..=parts {
        for column in 0..=parts {
            let uv = [column, row].map(|part| f64::from(part) / f64::from(parts));
            let place = square.metres(uv, frame, datum).map(|metres| metres as f32);
            let [along_m, left_m] = uv.map(|part| part as f32);
            mesh.corners.push(Corner {
                place,
                lane: Lane { along_m, left_m, ..Lane::default() },
                ..Corner::default()
            });
        }
    }
    for row in 0..parts {
        for column in 0..parts {
            let a = row * (parts + 1) + column;
            let (b, c, d) = (a + 1, a + parts + 1, a + parts + 2);
            mesh.indices.extend([a, c, d, a, d, b]);
        }
    }
    mesh
}

fn vertex(corner: &Corner) -> TileVertex {
    let [east, north] = corner.place;
    let lean = |part: f32| (part.clamp(-1.0, 1.0) * 127.0).round() as i8;
    TileVertex {
        point: [east, corner.up_m, -north],
        uv: [corner.lane.along_m, corner.lane.left_m],
        lean: [lean(corner.lean[0]), lean(-corner.lean[1]), 0, 0],
    }
}

#[cfg(test)]
mod tests {
    use bevy::prelude::*;

    use super::*;
    use crate::geo::LonLat;

    const PLACE: LonLat = LonLat { lon: 118.8745, lat: 28.9662 };

    /// Where a point of the picture lies on the ground: between the corners it is drawn straight.
    fn drawn_at(corners: &[TileVertex], uv: [f64; 2]) -> Option<Vec3> {
        let uv = uv.map(|part| part as f32);
        corners.chunks(3).find_map(|triangle| {
            let [a, b, c] = [triangle[0], triangle[1], triangle[2]];
            let minus = |p: [f32; 2], q: [f32; 2]| Vec2::new(p[0] - q[0], p[1] - q[1]);
            let (ab, ac, at) = (minus(b.uv, a.uv), minus(c.uv, a.uv), minus(uv, a.uv));
            let whole = ab.perp_dot(ac);
            let (s, t) = (at.perp_dot(ac) / whole, ab.perp_dot(at) / whole);
            let [p, q, r] = [a.point, b.point, c.point].map(Vec3::from);
            (s >= -1e-5 && t >= -1e-5 && s + t <= 1.00001).then(|| p + (q - p) * s + (r - p) * t)
        })
    }

    #[test]
    fn a_gcj_02_tile_is_drawn_where_its_ground_is() {
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        // Where a GCJ-02 map draws the place, within the tile that holds it there.
        let drawn = Datum::Gcj02.from_wgs84(PLACE);
        let wanted = frame.project(PLACE);
        for zoom in [11, 14, 16, 18] {
            let tile = MapTile::at(zoom, drawn);
            let uv = tile.part(wanted, &frame, Datum::Gcj02);
            let found = drawn_at(&lay(tile, &frame, Datum::Gcj02, None), uv).expect("within the tile");
            let off_m = Vec2::new(found.x, -found.z).distance(Vec2::new(wanted[0] as f32, wanted[1] as f32));
            assert!(off_m < 1.0, "{off_m} m at zoom {zoom}");
        }
    }

    #[test]
    fn a_square_lies_on_the_relief_and_a_huge_one_does_not() {
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        let place = frame.project(PLACE);
        // A ridge through the place: nodes every 10 m, the middle one 8 m high.
        let heights = (0..81).map(|i| if i % 9 == 4 { 8.0 } else { 0.0 }).collect();
        let least = place.map(|metres| metres - 40.0);
        let relief = Relief::from_nodes(least, [10.0, 10.0], 9, heights).expect("a grid");
        let tile = MapTile::at(17, PLACE);
        let laid = lay(tile, &frame, Datum::Wgs84, Some(&relief));
        let uv = tile.part(place, &frame, Datum::Wgs84);
        let found = drawn_at(&laid, uv).expect("within the tile");
        assert!((found.y - 8.0).abs() < 0.05, "{found}");
        let fine = Relief::from_nodes(least, [0.5, 0.5], 161, vec![1.0; 161 * 161]).expect("a grid");
        let laid = lay(tile, &frame, Datum::Wgs84, Some(&fine));
        assert!(laid.len() == 24 && laid.iter().all(|corner| corner.point[1] == 0.0), "25,600 cells");
    }
}
