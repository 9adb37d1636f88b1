//! Landmarks: from the place's models to the stage's, and what a ray meets of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::platform::collections::HashMap;
use bevy::prelude::*;

use super::stage::{ModelSet, PlacedModel};
use crate::city::{BuildingIndex, Landmark, Model, Place};
use crate::mesh::{CityMesh, model};

/// Buildings that are not drawn, since a landmark is.
pub(super) fn replaced(place: &Place) -> BTreeSet<u32> {
    place.landmarks.iter().flat_map(|landmark| &landmark.replaces).map(|index| index.0).collect()
}

/// The landmark of each building that is not drawn, by the building.
pub(super) fn by_building(place: &Place) -> HashMap<u32, usize> {
    let each = place.landmarks.iter().enumerate();
    each.flat_map(|(i, landmark)| landmark.replaces.iter().map(move |index| (index.0, i))).collect()
}

/// The stage's models: each file once, and where it stands.
pub(super) fn models(place: &Place, mesh: &CityMesh) -> ModelSet {
    let mut set = ModelSet::default();
    let mut known: Vec<&Arc<Model>> = Vec::new();
    let row = |index: &BuildingIndex| mesh.rows.get(index.0 as usize).copied();
    for landmark in &place.landmarks {
        let held = known.iter().position(|model| Arc::ptr_eq(model, &landmark.model));
        let index = held.unwrap_or_else(|| {
            known.push(&landmark.model);
            set.models.push(model::pack(&landmark.model));
            known.len() - 1
        });
        let (min, max) = landmark.bounds();
        set.placed.push(PlacedModel {
            model: index,
            origin: Vec3::from_array(landmark.world([0.0; 3])),
            ground_m: landmark.ground_m,
            bearing_deg: landmark.bearing_deg,
            scale: landmark.scale,
            min: Vec3::from_array(min),
            max: Vec3::from_array(max),
            row: landmark.building.as_ref().and_then(row),
            rows: landmark.replaces.iter().filter_map(row).collect(),
        });
    }
    set
}

/// The landmark that a ray of length 1 meets first: how far away, and the building that it stands for.
pub(super) fn pick(
    landmarks: &[Landmark],
    origin: [f64; 3],
    direction: [f64; 3],
) -> Option<(f64, Option<BuildingIndex>)> {
    landmarks
        .iter()
        .filter_map(|landmark| Some((landmark.meets(origin, direction)?, landmark.building)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
}
