use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::city::{BuildingIndex, sample};

type P3 = [f64; 3];

fn sub(a: P3, b: P3) -> P3 {
    std::array::from_fn(|i| a[i] - b[i])
}

fn cross(a: P3, b: P3) -> P3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Corners and vertices of each triangle of a level, with its range.
fn triangles<'a>(
    tile: &'a Tile,
    level: &'a Level,
) -> impl Iterator<Item = (usize, [Vertex; 3], [P3; 3])> + 'a {
    (0..=SECTORS).flat_map(move |sector| {
        let range = level.sector(sector);
        level.indices[range.start as usize..range.end as usize].chunks_exact(3).map(move |t| {
            let vertices = [t[0], t[1], t[2]].map(|i| level.vertex(usize::from(i)));
            (sector, vertices, vertices.map(|v| tile.position(v.position).map(f64::from)))
        })
    })
}

/// Twice the area as a vector along the normal.
fn normal([a, b, c]: [P3; 3]) -> P3 {
    cross(sub(b, a), sub(c, a))
}

fn length([x, y, z]: P3) -> f64 {
    (x * x + y * y + z * z).sqrt()
}

/// Roof, wall and underside areas of one building.
fn areas(mesh: &CityMesh, building: u32, full: bool) -> (f64, f64, f64) {
    let (mut roof, mut wall, mut under) = (0.0, 0.0, 0.0);
    for tile in &mesh.tiles {
        let Some(row) = tile.buildings.iter().position(|b| *b == building) else { continue };
        for (sector, vertices, corners) in triangles(tile, if full { &tile.full } else { &tile.block }) {
            if usize::from(vertices[0].row) != row {
                continue;
            }
            let normal = normal(corners);
            let area = length(normal) / 2.0;
            match (sector == SECTORS, normal[1] >= 0.0) {
                (true, true) => roof += area,
                (true, false) => under += area,
                (false, _) => wall += area,
            }
        }
    }
    (roof, wall, under)
}

fn perimeter(ring: &[[f32; 2]]) -> f64 {
    (0..ring.len())
        .map(|i| (ring[i], ring[(i + 1) % ring.len()]))
        .map(|(a, b)| f64::from(a[0] - b[0]).hypot(f64::from(a[1] - b[1])))
        .sum()
}

/// Checks that indices, ranges, rows and facings of a mesh hold together.
fn check(city: &crate::city::City, mesh: &CityMesh) {
    let mut seen = vec![false; city.len()];
    let mut next_row = 0;
    for tile in &mesh.tiles {
        assert_eq!(tile.first_row, next_row);
        next_row += tile.buildings.len() as u32;
        for (i, building) in (0_u32..).zip(&tile.buildings) {
            assert!(!std::mem::replace(&mut seen[*building as usize], true), "once only");
            assert_eq!(mesh.rows[*building as usize], tile.first_row + i);
        }
        for level in [&tile.full, &tile.block] {
            assert!(level.vertex_count() <= 65_535);
            assert_eq!(level.vertices.len() % Vertex::BYTES, 0);
            assert!(level.indices.iter().all(|i| usize::from(*i) < level.vertex_count()));
            assert!(level.sector_ends.is_sorted());
            assert_eq!(level.sector_ends[SECTORS] as usize, level.indices.len());
            for (sector, vertices, corners) in triangles(tile, level) {
                assert!(
                    vertices
                        .iter()
                        .all(|v| v.row == vertices[0].row && usize::from(v.row) < tile.buildings.len())
                );
                let normal = normal(corners);
                if sector < SECTORS {
                    assert_eq!(usize::from(vertices[0].facing()), sector);
                    assert!(normal[1].abs() <= 1e-3 * length(normal), "walls are upright");
                    // Quantisation turns tiny walls; long ones face where their range says: within half a sector.
                    // Two of its corners stand above each other; the third is a wall's length away.
                    let level_m = |a: usize, b: usize| {
                        let [x, _, z] = sub(corners[a], corners[b]);
                        x.hypot(z)
                    };
                    let along = level_m(0, 1).max(level_m(1, 2));
                    if along > 1.0 {
                        let angle = (-normal[2]).atan2(normal[0]);
                        let off = angle - sector as f64 * std::f64::consts::FRAC_PI_4;
                        let off = off.sin().atan2(off.cos()).abs();
                        let step = tile.step.into_iter().fold(0.0_f32, f32::max);
                        let slack = 0.01 + 2.0 * f64::from(step) / along;
                        assert!(off < std::f64::consts::FRAC_PI_8 + slack, "{off} rad off sector {sector}");
                    }
                } else if vertices[0].flags & Vertex::TOP != 0 {
                    assert_eq!(vertices[0].facing(), Vertex::UP);
                    // A sliver thinner than the quantisation may turn over; nothing wider may.
                    let step = tile.step.into_iter().fold(0.0_f32, f32::max);
                    let longest =
                        length(sub(corners[1], corners[0])).max(length(sub(corners[2], corners[1])));
                    assert!(normal[1] >= -1e-3 - 2.0 * f64::from(step) * longest, "roofs face up");
                }
            }
        }
    }
    assert_eq!(next_row as usize, city.len());
}

const BOX: [[f64; 2]; 4] = [[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]];
const COURT: [[f64; 2]; 4] = [[5.0, 3.0], [5.0, 7.0], [15.0, 7.0], [15.0, 3.0]];

#[test]
fn a_box_has_ten_triangles_and_ten_vertices() {
    let city = sample::city_of(&[(&[&BOX], 0.0, 12.0)]);
    let mesh = build(&city);
    check(&city, &mesh);
    let tile = &mesh.tiles[0];
    assert_eq!((tile.full.vertex_count(), tile.full.triangles()), (10, 10));
    assert_eq!((tile.block.vertex_count(), tile.block.triangles()), (8, 10));
    // South, east, north, west: sectors 6, 0, 2, 4, two triangles each; then the roof.
    assert_eq!(tile.full.sector_ends, [6, 6, 12, 12, 18, 18, 24, 24, 30]);
    let (roof, wall, under) = areas(&mesh, 0, true);
    assert!(
        (roof - 200.0).abs() < 0.05 && (wall - 720.0).abs() < 0.1 && under == 0.0,
        "{roof} {wall} {under}"
    );
    // x east, y up, z south: the box lies north of the origin.
    assert_eq!((tile.min[1], tile.max[1]), (0.0, 12.0));
    assert!(
        (tile.min[2] + 10.0).abs() < 0.01 && tile.max[2].abs() < 0.01 && (tile.max[0] - 20.0).abs() < 0.01
    );
}

#[test]
fn walls_know_how_far_along_they_are() {
    let city = sample::city_of(&[(&[&BOX], 0.0, 12.0)]);
    let mesh = build(&city);
    let level = &mesh.tiles[0].full;
    let along: Vec<u16> = (0..5).map(|i| level.vertex(2 * i).along_dm).collect();
    // The reader may start a ring elsewhere, but 20 + 10 + 20 + 10 m stay.
    assert_eq!(along[0], 0);
    assert!((i32::from(along[4]) - 600).abs() <= 1, "{along:?}");
    assert_eq!(level.vertex(0).position, level.vertex(8).position, "the seam is doubled");
}

#[test]
fn a_courtyard_is_open_and_has_walls_that_face_into_it() {
    let city = sample::city_of(&[(&[&BOX, &COURT], 0.0, 9.0)]);
    let mesh = build(&city);
    check(&city, &mesh);
    let (roof, wall, _) = areas(&mesh, 0, true);
    assert!((roof - 160.0).abs() < 0.1, "{roof}");
    assert!((wall - (60.0 + 28.0) * 9.0).abs() < 0.3, "{wall}");
    let tile = &mesh.tiles[0];
    let centre = [10.0, -5.0];
    for (sector, vertices, corners) in triangles(tile, &tile.full) {
        if sector < SECTORS && vertices[0].flags & Vertex::HOLE != 0 {
            let normal = normal(corners);
            let inward = [centre[0] - corners[0][0], centre[1] - corners[0][2]];
            assert!(normal[0] * inward[0] + normal[2] * inward[1] > 0.0, "toward the middle of the court");
        }
    }
    let (roof, _, _) = areas(&mesh, 0, false);
    assert!((roof - 200.0).abs() < 0.1, "from afar the court is closed: {roof}");
}

#[test]
fn on_a_hill_a_house_has_no_underside_and_a_bridge_has_one() {
    let ring = |east: f64| [[east, 0.0], [east + 20.0, 0.0], [east + 20.0, 10.0], [east, 10.0]];
    let mut city = sample::city_of(&[(&[&ring(0.0)], 0.0, 9.0), (&[&ring(40.0)], 6.0, 3.0)]);
    let level = crate::city::Relief::from_nodes([-100.0, -100.0], [300.0, 300.0], 2, vec![30.0; 4]);
    city.stand_on(&level.expect("a grid"));
    let mesh = build(&city);
    for full in [true, false] {
        // 60 m around, 9 m and 3 m high; 200 m² of roof.
        let (roof, wall, under) = areas(&mesh, 0, full);
        assert!(
            (roof - 200.0).abs() < 0.1 && (wall - 540.0).abs() < 0.2 && under == 0.0,
            "{roof} {wall} {under}"
        );
        let (roof, wall, under) = areas(&mesh, 1, full);
        assert!((roof - 200.0).abs() < 0.1 && (wall - 180.0).abs() < 0.2, "{roof} {wall}");
        assert!((under - 200.0).abs() < 0.1, "{under}");
    }
    let tile = mesh.tiles.first().expect("one");
    assert_eq!((tile.min[1], tile.max[1]), (30.0, 39.0));
}

#[test]
fn what_floats_has_an_underside() {
    let city = sample::city_of(&[(&[&BOX], 30.0, 10.0)]);
    let mesh = build(&city);
    let (roof, wall, under) = areas(&mesh, 0, true);
    assert!((roof - 200.0).abs() < 0.1 && (under - 200.0).abs() < 0.1 && (wall - 600.0).abs() < 0.2);
    assert_eq!((mesh.tiles[0].min[1], mesh.tiles[0].max[1]), (30.0, 40.0));
}

#[test]
fn a_crowded_square_is_split_and_a_huge_ring_is_thinned() {
    let city = sample::city(10_000);
    let mesh = build(&city);
    check(&city, &mesh);
    assert!(mesh.tiles.len() > 4);
    // 400 buildings on one spot of 200 corners each: 160,000 vertices, more than a tile holds at any level.
    let star: Vec<[f64; 2]> = (0..200)
        .map(|i| f64::from(i) / 200.0 * std::f64::consts::TAU)
        .map(|a| [10.0 * a.cos(), 10.0 * a.sin()])
        .collect();
    let rings: [&[[f64; 2]]; 1] = [&star];
    let one: (&[&[[f64; 2]]], f64, f64) = (&rings, 0.0, 9.0);
    let city = sample::city_of(&vec![one; 400]);
    let mesh = build(&city);
    check(&city, &mesh);
    assert!(mesh.tiles.len() >= 3, "{}", mesh.tiles.len());
    let circle: Vec<[f64; 2]> = (0..50_000)
        .map(|i| f64::from(i) / 50_000.0 * std::f64::consts::TAU)
        .map(|a| [1_000.0 * a.cos(), 1_000.0 * a.sin()])
        .collect();
    let city = sample::city_of(&[(&[&circle], 0.0, 9.0)]);
    let mesh = build(&city);
    check(&city, &mesh);
    let (roof, _, _) = areas(&mesh, 0, true);
    assert!((roof / (std::f64::consts::PI * 1e6) - 1.0).abs() < 1e-3, "{roof}");
}

#[test]
fn an_empty_city_has_no_tiles() {
    let mesh = build(&crate::city::City::empty(crate::geo::LocalFrame::new(sample::ORIGIN)));
    assert!(mesh.tiles.is_empty() && mesh.rows.is_empty());
}

#[test]
fn a_hundred_thousand_buildings_in_half_a_second() {
    let city = sample::city(100_000);
    let start = Instant::now();
    let mesh = build(&city);
    let elapsed = start.elapsed();
    println!(
        "{} tiles, {} full and {} block triangles, {} bytes a building: {elapsed:?}",
        mesh.tiles.len(),
        mesh.full_triangles(),
        mesh.block_triangles(),
        mesh.bytes() / city.len()
    );
    assert_eq!(mesh.tiles.iter().map(|tile| tile.buildings.len()).sum::<usize>(), 100_000);
    assert!(mesh.bytes() / city.len() < 600);
    assert!(elapsed.as_secs_f64() < 2.0, "{elapsed:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn roofs_walls_and_quantisation(
        radii in prop::collection::vec(8.0_f64..30.0, 4..24),
        hole in prop::option::of(3_u32..9),
        east in -400.0_f64..400.0, north in -400.0_f64..400.0,
        base in prop::sample::select(vec![0.0, 6.0]), height in 2.0_f64..120.0,
    ) {
        let ring = |n: usize, radius: &dyn Fn(usize) -> f64| -> Vec<[f64; 2]> {
            (0..n).map(|i| (i, i as f64 / n as f64 * std::f64::consts::TAU))
                .map(|(i, angle)| [east + radius(i) * angle.cos(), north + radius(i) * angle.sin()])
                .collect()
        };
        let outer = ring(radii.len(), &|i| radii[i]);
        let inner = hole.map(|n| ring(n as usize, &|_| 2.5));
        let mut rings: Vec<&[[f64; 2]]> = vec![&outer];
        rings.extend(inner.as_deref());
        // A second one far off makes the tile about a kilometre wide.
        let far: Vec<[f64; 2]> = BOX.iter().map(|p| [p[0] - 500.0, p[1] - 500.0]).collect();
        let city = sample::city_of(&[(&rings, base, height), (&[&far], 0.0, 3.0)]);
        let mesh = build(&city);
        check(&city, &mesh);
        let building = city.building(BuildingIndex(0)).expect("there");
        let (roof, wall, under) = areas(&mesh, 0, true);
        let around: f64 = building.polygons().flat_map(crate::city::PolygonRef::rings).map(perimeter).sum();
        // Up to 0.8 cm a corner and axis.
        prop_assert!((roof - building.area_m2()).abs() < 0.012 * around + 0.01, "{} {}", roof, building.area_m2());
        prop_assert!((wall / (around * height) - 1.0).abs() < 0.02, "{} {}", wall, around * height);
        prop_assert_eq!(under > 0.0, base > 0.0);
        for tile in &mesh.tiles {
            prop_assert!((0..3).all(|axis| tile.step[axis] / 2.0 < 0.02));
        }
        let (block, _, _) = areas(&mesh, 0, false);
        let outer: f64 = building.polygons().map(|p| crate::city::signed_area_m2(p.exterior())).sum();
        prop_assert!((0.85..1.15).contains(&(block / outer)), "{} {}", block, outer);
    }
}
