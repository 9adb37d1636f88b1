//! What a server takes from a place: its classes, and what it consists of.

use anyhow::Context;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::city::{Files, Place};
use crate::geo::{Datum, LonLat};
use crate::governance::classes::ClassTable;
use crate::governance::organisation::{PlacedUnit, RefusedUnit, UnitKind, read_csv, read_features};
use crate::governance::rulebook::Rulebook;

/// The place's class table with the usual work calendar by the place's clocks; the built-in table where the place has none.
///
/// # Errors
/// Where the place names a table that cannot be read.
pub(super) fn rulebook(place: &Place, files: &dyn Files) -> anyhow::Result<Rulebook> {
    let mut rulebook = Rulebook::default();
    match TimeZone::get(&place.manifest.time_zone) {
        Ok(zone) => rulebook.calendar = rulebook.calendar.in_zone(zone),
        Err(error) => tracing::warn!("time_zone of place.toml cannot be used: {error}"),
    }
    let Some(name) = &place.manifest.files.classes else { return Ok(rulebook) };
    let (classes, warnings) =
        ClassTable::read(&files.read(name)?).with_context(|| format!("the class table: {name}"))?;
    for warning in warnings {
        tracing::warn!("{warning} of {name}");
    }
    rulebook.classes = classes;
    Ok(rulebook)
}

/// What a place consists of, as its files have it: areas, stairwells, roster, and the tables of departments and teams.
///
/// What cannot be read is told and left out.
pub(super) fn units(place: &Place, files: &dyn Files) -> Vec<PlacedUnit> {
    let names = &place.manifest.files;
    let tables = [
        (&names.areas, None),
        (&names.stairwells, Some(UnitKind::Stairwell)),
        (&names.roster, Some(UnitKind::Shift)),
        (&names.departments, Some(UnitKind::Department)),
        (&names.teams, Some(UnitKind::Team)),
    ];
    let mut units = Vec::new();
    for (name, kind) in tables {
        let Some(name) = name else { continue };
        let read = files.read(name).map_err(anyhow::Error::from).and_then(|bytes| {
            Ok(match kind {
                Some(kind) => read_csv(&bytes, kind)?,
                None => read_features(std::str::from_utf8(&bytes)?, None)?,
            })
        });
        match read {
            Ok(reading) => {
                for RefusedUnit { entry, reason } in reading.refused {
                    tracing::warn!("entry {entry} is left out: {reason}: {name}");
                }
                units.extend(reading.units);
            }
            Err(error) => tracing::warn!("cannot be used ({error}): {name}"),
        }
    }
    for unit in &mut units {
        if let Some(coordinates) = unit.geometry.as_mut().and_then(|geometry| geometry.get_mut("coordinates"))
        {
            to_wgs84(coordinates, names.datum);
        }
    }
    units
}

/// Moves every position of a geometry.
fn to_wgs84(coordinates: &mut Value, datum: Datum) {
    let Some(list) = coordinates.as_array_mut() else { return };
    match list.as_mut_slice() {
        [lon, lat, ..] if lon.is_number() => {
            let (Some(at_lon), Some(at_lat)) = (lon.as_f64(), lat.as_f64()) else { return };
            let place = datum.to_wgs84(LonLat::new(at_lon, at_lat));
            (*lon, *lat) = (place.lon.into(), place.lat.into());
        }
        _ => list.iter_mut().for_each(|part| to_wgs84(part, datum)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Embedded;
    use crate::generate;

    #[test]
    fn the_demo_place_has_units_of_every_kind() {
        let files = Embedded(generate::embedded());
        let place = Place::read(&files).expect("the demo place reads");
        let units = units(&place, &files);
        for kind in UnitKind::ALL {
            assert!(units.iter().any(|placed| placed.unit.kind() == kind), "{kind:?}");
        }
        let zone = rulebook(&place, &files).expect("rules").calendar.zone().iana_name().map(str::to_owned);
        assert_eq!(zone.as_deref(), Some("Asia/Shanghai"));
    }
}
