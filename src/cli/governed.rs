//! What a server takes from a place: its classes, and which areas hold where.

use std::sync::Arc;

use anyhow::Context;

use crate::city::{AreaKind, Files, GridKind, Place};
use crate::governance::classes::ClassTable;
use crate::governance::rulebook::Rulebook;
use crate::governance::{AreaCodes, Locality, Reason};
use crate::server::{LocalityLookup, Whereabouts};

/// The place's class table with the usual work calendar; the built-in table where the place has none.
///
/// # Errors
/// Where the place names a table that cannot be read.
pub(super) fn rulebook(place: &Place, files: &dyn Files) -> anyhow::Result<Rulebook> {
    let mut rulebook = Rulebook::default();
    let Some(name) = &place.manifest.files.classes else { return Ok(rulebook) };
    let (classes, warnings) =
        ClassTable::read(&files.read(name)?).with_context(|| format!("the class table: {name}"))?;
    for warning in warnings {
        tracing::warn!("{warning} of {name}");
    }
    rulebook.classes = classes;
    Ok(rulebook)
}

/// Tells the community, the governance grid (治理网格) and the compound that a point lies in.
pub(super) fn locality_lookup(place: Arc<Place>) -> LocalityLookup {
    Arc::new(move |asked: &Whereabouts<'_>| {
        let Some(point) = asked.place else {
            return Locality { because: vec![Reason::PlaceUnknown], ..Locality::default() };
        };
        let point = place.frame.project(point);
        let code = |kind| place.areas.at_kind(point, kind).map(|area| area.code.clone());
        let grid = place.areas.at(point).find(|area| {
            area.kind == AreaKind::Grid
                && !matches!(area.grid_kind, Some(GridKind::Unit | GridKind::Campaign))
        });
        Locality::of_areas(AreaCodes {
            community: code(AreaKind::Community),
            grid: grid.map(|area| area.code.clone()),
            compound: code(AreaKind::Compound),
        })
    })
}
