//! Buildings put onto the relief.

use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

use super::Relief;
use crate::city::{BuildingIndex, BuildingRef, City};
use crate::geo::Bounds;

impl City {
    /// Gives each building the lowest ground below it, so that its walls reach down to the ground all round.
    /// What floats goes with the building that it floats over. What the data say of a building stays as it is.
    pub(crate) fn stand_on(&mut self, relief: &Relief) {
        let least = |building: BuildingRef<'_>| {
            let rings = building.polygons().map(|polygon| relief.least_m(polygon.exterior()));
            rings.fold(f32::INFINITY, f32::min)
        };
        let reach = relief.bounds();
        let touched: Vec<_> = self.iter().filter(|building| building.bounds().intersects(&reach)).collect();
        let standing: Vec<_> = touched
            .iter()
            .filter(|building| !building.is_floating())
            .map(|building| {
                let Bounds { min, max } = building.bounds();
                GeomWithData::new(Rectangle::from_corners(min, max), (building.index().0, least(*building)))
            })
            .collect();
        let mut grounds: Vec<(u32, f32)> = standing.iter().map(|entry| entry.data).collect();
        let tree = RTree::bulk_load(standing);
        for building in touched.iter().filter(|building| building.is_floating()) {
            let centre = building.centroid();
            let below = tree
                .locate_all_at_point(&centre)
                .find(|entry| self.building(BuildingIndex(entry.data.0)).is_some_and(|b| b.contains(centre)));
            grounds.push((building.index().0, below.map_or_else(|| least(*building), |entry| entry.data.1)));
        }
        drop(touched);
        let mut of_each = vec![0.0; self.len()];
        for (index, ground_m) in grounds {
            if let Some(of_building) = of_each.get_mut(index as usize)
                && ground_m.is_finite()
            {
                *of_building = ground_m;
            }
        }
        self.buildings.ground_m = of_each;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Index, sample};

    const HOUSE: [[f64; 2]; 4] = [[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]];
    const BRIDGE: [[f64; 2]; 4] = [[40.0, 0.0], [60.0, 0.0], [60.0, 10.0], [40.0, 10.0]];

    /// A house of 9 m, a bridge from 6 m to 9 m above the ground, and a tower part from 9 m to 12 m over the house, on
    /// ground that stands 30 m above the plain.
    fn on_the_hill() -> City {
        let part = HOUSE.map(|[x, y]| [5.0 + x * 0.5, 2.0 + y * 0.5]);
        let mut city =
            sample::city_of(&[(&[&HOUSE], 0.0, 9.0), (&[&BRIDGE], 6.0, 3.0), (&[&part], 9.0, 3.0)]);
        let level = Relief::from_nodes([-100.0, -100.0], [300.0, 300.0], 2, vec![30.0; 4]).expect("a grid");
        city.stand_on(&level);
        // A second time changes nothing.
        city.stand_on(&level);
        city
    }

    #[test]
    fn on_a_hill_the_data_stay_and_the_ground_is_beside_them() {
        let city = on_the_hill();
        let of = |index| {
            let building = city.building(BuildingIndex(index)).expect("there");
            let above_ground = [building.base_m(), building.height_m(), building.rise_m()];
            (
                above_ground,
                [building.ground_m(), building.bottom_m(), building.top_m()],
                building.is_floating(),
            )
        };
        assert_eq!(of(0), ([0.0, 9.0, 9.0], [30.0, 30.0, 39.0], false));
        assert_eq!(of(1), ([6.0, 3.0, 9.0], [30.0, 36.0, 39.0], true));
        assert_eq!(of(2), ([9.0, 3.0, 12.0], [30.0, 39.0, 42.0], true));
    }

    #[test]
    fn from_below_a_ray_meets_the_underside_of_what_floats_alone() {
        let city = on_the_hill();
        let index = Index::new(&city);
        let up = |east: f64| index.pick(&city, [east, 1.0, -1.0], [0.0, 1.0, 0.0]).expect("a hit").point[1];
        // The house is met at its roof, from within; the bridge at its underside.
        assert!((up(1.0) - 39.0).abs() < 0.01 && (up(50.0) - 36.0).abs() < 0.01, "{} {}", up(1.0), up(50.0));
    }

    #[test]
    fn on_a_slope_a_house_stands_on_the_lowest_ground_below_it() {
        let mut city = sample::city_of(&[(&[&HOUSE], 0.0, 9.0)]);
        // From 0 m at the west to 40 m at 40 m east: the house begins 10 m east of the foot.
        let slope = Relief::from_nodes([-10.0, -20.0], [40.0, 40.0], 2, vec![0.0, 40.0, 0.0, 40.0]);
        city.stand_on(&slope.expect("a grid"));
        let house = city.building(BuildingIndex(0)).expect("there");
        assert!((house.ground_m() - 10.0).abs() < 0.05 && house.rise_m() == 9.0, "{}", house.ground_m());
    }
}
