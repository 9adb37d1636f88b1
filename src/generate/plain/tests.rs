//! What must hold for plain cities: the mix that peers were measured with, and nothing to repair.

use geo::{Area, BooleanOps, BoundingRect, Polygon, Validation};
use rand_chacha::rand_core::SeedableRng;
use rstar::{AABB, RTree, RTreeObject};

use super::*;
use crate::city::{ReadOptions, read};

fn made(count: u32, seed: u64) -> (String, PlainCity) {
    let mut bytes = Vec::new();
    let city = plain_city(count, seed, PLAIN_ORIGIN, &mut bytes).expect("memory can be written");
    (String::from_utf8(bytes).expect("text"), city)
}

#[test]
fn nine_corners_some_courts_and_the_usual_size() {
    let (text, city) = made(20_000, 7);
    assert_eq!((city.buildings, city.bytes), (20_000, text.len() as u64));
    let corners = city.corners as f64 / 20_000.0;
    assert!((8.9..9.1).contains(&corners), "{corners}");
    let courts = f64::from(city.courtyards) / 20_000.0;
    assert!((0.035..0.045).contains(&courts), "{courts}");
    let bytes = text.len() / 20_000;
    assert!((390..470).contains(&bytes), "{bytes} bytes a building");
    let [west, south, east, north] = city.bounds;
    let scale = metres_a_degree(PLAIN_ORIGIN.lat);
    let ground_m2 = (east - west) * scale.x * (north - south) * scale.y / 20_000.0;
    assert!((450.0..1000.0).contains(&ground_m2), "{ground_m2} m² a building");
}

#[test]
fn reading_repairs_and_refuses_nothing() {
    for (count, seed) in [(1, 1), (57, 2), (20_000, 3)] {
        let (text, written) = made(count, seed);
        let (city, report) = read(text.as_bytes(), &ReadOptions::named("plain")).expect("readable");
        assert_eq!((report.features, report.shown), (count, count), "{:?}", report.refused.first());
        assert!(report.repaired.is_empty() && report.warnings.is_empty(), "{:?}", report.repaired);
        let rings = |holes: bool| {
            city.iter().flat_map(crate::city::BuildingRef::polygons).map(move |polygon| {
                if holes { polygon.holes().len() as u64 } else { polygon.exterior().len() as u64 }
            })
        };
        assert_eq!(rings(false).sum::<u64>(), written.corners);
        assert_eq!(rings(true).sum::<u64>(), u64::from(written.courtyards));
        assert!(city.iter().all(|building| building.address().is_some() && building.year().is_some()));
        let most = rings(false).max();
        assert!(count < 1000 || most == Some(16), "{most:?}");
    }
}

struct Footprint(Polygon);

impl RTreeObject for Footprint {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        let rect = self.0.bounding_rect().expect("not empty");
        AABB::from_corners(rect.min().into(), rect.max().into())
    }
}

#[test]
fn outlines_are_simple_and_apart() {
    let (text, _) = made(4_000, 11);
    let (city, _) = read(text.as_bytes(), &ReadOptions::named("plain")).expect("readable");
    let footprints: Vec<Footprint> = city
        .iter()
        .flat_map(crate::city::BuildingRef::polygons)
        .map(|part| {
            let ring = |ring: &[[f32; 2]]| {
                ring.iter().map(|p| (f64::from(p[0]), f64::from(p[1]))).collect::<geo::LineString>()
            };
            Footprint(Polygon::new(ring(part.exterior()), part.holes().map(ring).collect()))
        })
        .collect();
    for footprint in &footprints {
        assert!(footprint.0.is_valid(), "{:?}", footprint.0);
        assert!(footprint.0.unsigned_area() > 20.0, "{}", footprint.0.unsigned_area());
    }
    let tree = RTree::bulk_load(footprints);
    for a in &tree {
        for b in tree.locate_in_envelope_intersecting(&a.envelope()) {
            if !std::ptr::eq(a, b) {
                assert!(a.0.intersection(&b.0).unsigned_area() < 1e-3, "{:?} {:?}", a.0, b.0);
            }
        }
    }
}

#[test]
fn every_number_of_corners_is_met_with_and_without_a_court() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for corners in 4..=16 {
        for (width, depth) in [(9.9, 9.9), (31.0, 11.0), (60.0, 14.0)] {
            let ring = outline(width, depth, corners, &mut rng);
            assert_eq!(ring.len() as u32, corners);
            let hole = court(width, depth, &mut rng);
            let shape = Polygon::new(ring.into_iter().collect(), Vec::new());
            assert!(shape.signed_area() > 0.4 * width * depth, "anticlockwise");
            let shape = Polygon::new(shape.exterior().clone(), vec![hole.into_iter().collect()]);
            assert!(shape.is_valid(), "{corners} corners: {shape:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_a_larger_city_begins_like_a_smaller_one() {
    let (small, _) = made(500, 42);
    assert_eq!(small, made(500, 42).0);
    assert_ne!(small, made(500, 43).0);
    let (large, _) = made(900, 42);
    assert!(large.starts_with(small.trim_end_matches("\n]}\n")));
    // Made elsewhere, the bytes must be these: change them only on purpose.
    let digest: u64 = small.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    assert_eq!(format!("{digest:016x}"), "f241dc1ada812042");
}

#[test]
fn degrees_are_written_short_and_metres_are_those_of_the_ellipsoid() {
    let text = |degrees: f64| {
        let mut line = String::new();
        push_degrees(degrees, &mut line);
        line
    };
    assert_eq!(
        [118.87, -0.5, 28.0, 28.000_000_1, -0.000_000_04].map(text),
        ["118.87", "-0.5", "28", "28.0000001", "0"]
    );
    let scale = metres_a_degree(28.9655);
    assert!((scale.x - 97_471.25).abs() < 0.01 && (scale.y - 110_835.20).abs() < 0.01, "{scale:?}");
    let equator = metres_a_degree(0.0);
    assert!(
        (equator.x - 111_319.491).abs() < 0.001 && (equator.y - 110_574.276).abs() < 0.001,
        "{equator:?}"
    );
}

#[test]
fn a_spiral_covers_a_square() {
    let mut seen: Vec<(i64, i64)> = Spiral::default().take(81).collect();
    seen.sort_unstable();
    let square: Vec<(i64, i64)> = (-4..=4).flat_map(|x| (-4..=4).map(move |y| (x, y))).collect();
    assert_eq!(seen, square);
}
