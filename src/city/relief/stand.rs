//! Buildings put onto the relief.

use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};

use super::Relief;
use crate::city::{BuildingIndex, BuildingRef, City};
use crate::geo::Bounds;

impl City {
    /// Raises each building to the lowest ground below it, so that its walls reach down to the ground all round.
    /// What floats goes with the building that it floats over.
    pub(crate) fn stand_on(&mut self, relief: &Relief) {
        let least = |building: BuildingRef<'_>| {
            let rings = building.polygons().map(|polygon| relief.least_m(polygon.exterior()));
            rings.fold(f32::INFINITY, f32::min)
        };
        let reach = relief.bounds();
        let touched: Vec<_> = self.iter().filter(|building| building.bounds().intersects(&reach)).collect();
        let standing: Vec<_> = touched
            .iter()
            .filter(|building| building.base_m() <= 0.0)
            .map(|building| {
                let Bounds { min, max } = building.bounds();
                GeomWithData::new(Rectangle::from_corners(min, max), (building.index().0, least(*building)))
            })
            .collect();
        let mut raised: Vec<(u32, f32)> = standing.iter().map(|entry| entry.data).collect();
        let tree = RTree::bulk_load(standing);
        for building in touched.iter().filter(|building| building.base_m() > 0.0) {
            let centre = building.centroid();
            let below = tree
                .locate_all_at_point(&centre)
                .find(|entry| self.building(BuildingIndex(entry.data.0)).is_some_and(|b| b.contains(centre)));
            raised.push((building.index().0, below.map_or_else(|| least(*building), |entry| entry.data.1)));
        }
        drop(touched);
        for (index, ground_m) in raised {
            if let Some(base_m) = self.buildings.base_m.get_mut(index as usize)
                && ground_m.is_finite()
            {
                *base_m += ground_m;
            }
        }
    }
}
