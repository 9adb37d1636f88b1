use std::time::Instant;

use super::super::sample;
use super::*;

const BOX: [[f64; 2]; 4] = [[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]];
const COURT: [[f64; 2]; 4] = [[5.0, 3.0], [5.0, 7.0], [15.0, 7.0], [15.0, 3.0]];
const DOWN: [f64; 3] = [0.0, -1.0, 0.0];

fn shifted(ring: &[[f64; 2]], east: f64) -> Vec<[f64; 2]> {
    ring.iter().map(|p| [p[0] + east, p[1]]).collect()
}

/// A box with a courtyard, a tower behind it, and a bridge that floats 30 m east.
fn three() -> (City, Index) {
    let (tower, bridge) = (shifted(&BOX, 40.0), shifted(&BOX, 80.0));
    let city =
        sample::city_of(&[(&[&BOX, &COURT], 0.0, 9.0), (&[&tower], 0.0, 60.0), (&[&bridge], 30.0, 5.0)]);
    let index = Index::new(&city);
    (city, index)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.01
}

#[test]
fn straight_down_meets_the_roof() {
    let (city, index) = three();
    let hit = index.pick(&city, [2.0, 100.0, -2.0], DOWN).expect("the roof");
    assert_eq!(hit.building, BuildingIndex(0));
    assert!(hit.is_roof && near(hit.distance_m, 91.0) && near(hit.point[1], 9.0), "{hit:?}");
    // South of the origin there is nothing: z is minus north.
    assert_eq!(index.pick(&city, [2.0, 100.0, 2.0], DOWN), None);
}

#[test]
fn a_ray_into_a_courtyard_meets_the_ground_or_the_inner_wall() {
    let (city, index) = three();
    assert_eq!(index.pick(&city, [10.0, 100.0, -5.0], DOWN), None, "the ground");
    // Steeply east from above the court: over the roof's edge down onto the east wall of the court, at x = 15.
    let hit = index.pick(&city, [10.0, 14.0, -5.0], [1.0, -2.0, 0.0]).expect("the inner wall");
    assert!(!hit.is_roof && near(hit.point[0], 15.0) && near(hit.point[1], 4.0), "{hit:?}");
}

#[test]
fn walls_from_the_side_nearest_first() {
    let (city, index) = three();
    let hit = index.pick(&city, [-100.0, 4.0, -5.0], [2.0, 0.0, 0.0]).expect("the west wall");
    assert_eq!((hit.building, hit.is_roof), (BuildingIndex(0), false));
    assert!(near(hit.distance_m, 100.0) && near(hit.point[0], 0.0), "{hit:?}");
    // Over the low box onto the tower.
    let hit = index.pick(&city, [-100.0, 20.0, -5.0], [1.0, 0.0, 0.0]).expect("the tower");
    assert_eq!(hit.building, BuildingIndex(1));
    assert!(near(hit.distance_m, 140.0), "{hit:?}");
    assert_eq!(index.pick(&city, [-100.0, 20.0, -5.0], [-1.0, 0.0, 0.0]), None, "behind");
}

#[test]
fn under_and_over_what_floats() {
    let (city, index) = three();
    let up = index.pick(&city, [85.0, 1.0, -5.0], [0.0, 1.0, 0.0]).expect("the underside");
    assert!(up.is_roof && near(up.point[1], 30.0), "{up:?}");
    assert_eq!(
        index.pick(&city, [100.0 + 10.0, 20.0, -5.0], [-1.0, 0.0, 0.0]).map(|h| h.building),
        Some(BuildingIndex(1))
    );
    assert_eq!(index.at(&city, [85.0, 5.0]), Some(BuildingIndex(2)));
}

#[test]
fn points_and_neighbours() {
    let (city, index) = three();
    assert_eq!(index.at(&city, [2.0, 2.0]), Some(BuildingIndex(0)));
    assert_eq!(index.at(&city, [10.0, 5.0]), None, "a courtyard");
    let (building, distance_m) = index.nearest(&city, [30.0, 5.0], 50.0).expect("near");
    assert!(building.0 < 2 && near(distance_m, 10.0));
    let (building, distance_m) = index.nearest(&city, [10.0, 5.0], 50.0).expect("near");
    assert!(building == BuildingIndex(0) && near(distance_m, 2.0), "{distance_m}");
    assert_eq!(index.nearest(&city, [2.0, 2.0], 1.0), Some((BuildingIndex(0), 0.0)));
    assert_eq!(index.nearest(&city, [500.0, 500.0], 50.0), None);
}

#[test]
fn odd_rays_meet_nothing() {
    let (city, index) = three();
    for direction in [[0.0; 3], [f64::NAN, 0.0, 0.0], [f64::INFINITY, 0.0, 0.0]] {
        assert_eq!(index.pick(&city, [0.0, 1.0, 0.0], direction), None);
    }
    assert_eq!(index.pick(&city, [f64::NAN, 1.0, 0.0], DOWN), None);
    let nothing = City::empty(city.frame);
    assert_eq!(Index::new(&nothing).pick(&nothing, [0.0, 9.0, 0.0], DOWN), None);
}

#[test]
fn the_index_agrees_with_trying_every_building_and_is_quick() {
    let city = sample::city(100_000);
    let start = Instant::now();
    let index = Index::new(&city);
    let build = start.elapsed();
    let rays: Vec<([f64; 3], [f64; 3])> = (0..400)
        .map(|i| f64::from(i) * 0.7)
        .map(|i| {
            let origin =
                [3_000.0 * i.sin(), 20.0 + 3.0 * (i * 7.0).sin().abs() * 300.0, 3_000.0 * (i * 1.7).cos()];
            (origin, [(i * 3.1).sin(), -0.05 - (i * 5.3).sin().abs() * 0.4, (i * 3.1).cos()])
        })
        .collect();
    let start = Instant::now();
    let hits: Vec<_> =
        rays.iter().map(|(origin, direction)| index.pick(&city, *origin, *direction)).collect();
    let each = start.elapsed() / rays.len() as u32;
    println!("index of {}: {build:?}; a pick: {each:?}", city.len());
    assert!(build.as_secs_f64() < 1.0 && each.as_secs_f64() < 0.001, "{build:?} {each:?}");
    assert!(hits.iter().flatten().count() > 200);
    for ((origin, direction), hit) in rays.iter().zip(&hits).step_by(20) {
        let ray = Ray::new(*origin, *direction).expect("usable");
        let best =
            city.iter().filter_map(|b| ray.meets(b)).min_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
        assert_eq!(best.map(|h| h.distance_m), hit.map(|h| h.distance_m));
    }
}

#[test]
fn what_lies_along_a_way() {
    let (city, index) = three();
    let along = |a, b, radius_m| {
        let mut found: Vec<u32> = index.along(&city, a, b, radius_m).map(|index| index.0).collect();
        found.sort_unstable();
        found
    };
    // The boxes stand from x = 0 to 20, 40 to 60 and 80 to 100, and from y = 0 to 10.
    assert_eq!(along([-50.0, -9.0], [200.0, -9.0], 10.0), [0, 1, 2], "9 m south of all three");
    assert_eq!(along([-50.0, -9.0], [200.0, -9.0], 8.0), Vec::<u32>::new());
    assert_eq!(along([10.0, -30.0], [10.0, 40.0], 1.0), [0], "across the first");
    assert_eq!(along([28.0, 5.0], [32.0, 5.0], 8.5), [0, 1], "between two, 8 m from each");
    assert_eq!(along([50.0, 5.0], [50.0, 5.0], 0.5), [1], "standing in it");
    assert_eq!(
        along([10.0, 5.0], [10.0, 5.0], 1.0),
        Vec::<u32>::new(),
        "in the middle of a courtyard of 10 by 4 m"
    );
    assert_eq!(
        along([70.0, -40.0], [110.0, 0.0], 5.0),
        Vec::<u32>::new(),
        "7.07 m from the corner at (100, 0)"
    );
    assert_eq!(along([70.0, -40.0], [110.0, 0.0], 7.1), [2]);
}
