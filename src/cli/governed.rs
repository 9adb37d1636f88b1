//! What a server takes from a place: its classes, and what it consists of.

use anyhow::{Context, anyhow};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::city::{Files, Place, Work};
use crate::geo::{Datum, LonLat};
use crate::governance::calendar::WorkCalendar;
use crate::governance::classes::ClassTable;
use crate::governance::organisation::{PlacedUnit, RefusedUnit, UnitKind, read_csv, read_features};
use crate::governance::rulebook::Rulebook;
use crate::governance::stages::StageLimits;

/// What decides at a place: its classes, its limits of stages and its work calendar, each as usual where the place says
/// nothing about it.
///
/// # Errors
/// Where the place names a table that cannot be read, or hours that are none.
pub(super) fn rulebook(place: &Place, files: &dyn Files) -> anyhow::Result<Rulebook> {
    let mut rulebook = Rulebook::default();
    let names = &place.manifest.files;
    if let Some(name) = &names.classes {
        take_classes(&mut rulebook, &files.read(name)?, name)?;
    }
    if let Some(name) = &names.stages {
        let (stages, warnings) = StageLimits::read(text(&files.read(name)?, name)?);
        warn(name, warnings);
        rulebook.stages = stages;
    }
    if let Some(name) = &names.calendar {
        take_calendar(&mut rulebook, &files.read(name)?, name)?;
    }
    rulebook.calendar = worked(place, rulebook.calendar).map_err(|reason| anyhow!("place.toml: {reason}"))?;
    Ok(rulebook)
}

/// Goes by another class table, called `name`.
pub(super) fn take_classes(rulebook: &mut Rulebook, bytes: &[u8], name: &str) -> anyhow::Result<()> {
    let (classes, warnings) = ClassTable::read(bytes).with_context(|| format!("the class table: {name}"))?;
    warn(name, warnings);
    rulebook.classes = classes;
    Ok(())
}

/// Goes by other holidays and made-up workdays, in a file called `name`; hours and clocks stay.
pub(super) fn take_calendar(rulebook: &mut Rulebook, bytes: &[u8], name: &str) -> anyhow::Result<()> {
    let (calendar, warnings) = std::mem::take(&mut rulebook.calendar).excepting(text(bytes, name)?);
    warn(name, warnings);
    rulebook.calendar = calendar;
    Ok(())
}

/// The calendar by the clocks and hours of a place.
fn worked(place: &Place, calendar: WorkCalendar) -> Result<WorkCalendar, String> {
    let zone = &place.manifest.time_zone;
    let zone = TimeZone::get(zone).map_err(|error| format!("time_zone is {zone:?}: {error}"))?;
    let Work { hours, weekend } = &place.manifest.work;
    let mut calendar = calendar.in_zone(zone);
    if let Some(hours) = hours {
        calendar = calendar.with_hours(hours)?;
    }
    match weekend {
        Some(weekend) => calendar.with_weekend(weekend),
        None => Ok(calendar),
    }
}

fn warn<W: std::fmt::Display>(name: &str, warnings: Vec<W>) {
    for warning in warnings {
        tracing::warn!("{warning} of {name}");
    }
}

fn text<'a>(bytes: &'a [u8], name: &str) -> anyhow::Result<&'a str> {
    std::str::from_utf8(bytes).with_context(|| format!("it is no text in UTF-8: {name}"))
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
    use std::borrow::Cow;

    use super::*;
    use crate::city::{Embedded, FileError, ReadOptions, read};
    use crate::generate;
    use crate::governance::classes::LimitUnit;
    use crate::governance::stages::Stage;

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

    struct Few;

    impl Files for Few {
        fn read(&self, name: &str) -> Result<Cow<'_, [u8]>, FileError> {
            match name {
                "stages.csv" => Ok(b"stage,limit,limit_unit\nverifying,3,hours\n"[..].into()),
                "days.csv" => Ok(b"date,kind,name\n2027-01-01,holiday,x\n"[..].into()),
                _ => Err(FileError { name: name.to_owned(), reason: "there is none".to_owned() }),
            }
        }
    }

    fn ruled(change: impl FnOnce(&mut crate::city::Manifest)) -> anyhow::Result<Rulebook> {
        let buildings = br#"{"type":"FeatureCollection","features":[]}"#;
        let (city, report) = read(buildings, &ReadOptions::named("b")).expect("readable");
        let mut place = Place::of_city(city, report);
        change(&mut place.manifest);
        rulebook(&place, &Few)
    }

    #[test]
    fn a_place_brings_its_own_stages_days_and_hours() {
        let rules = ruled(|manifest| {
            manifest.files.stages = Some("stages.csv".into());
            manifest.files.calendar = Some("days.csv".into());
            manifest.time_zone = "Etc/GMT-9".into();
            manifest.work =
                Work { hours: Some(vec!["10:00-16:00".into()]), weekend: Some(vec!["monday".into()]) };
        })
        .expect("rules");
        let limit = rules.stages.get(Stage::Verifying).expect("a limit");
        assert_eq!((limit.amount, limit.unit), (3.0, LimitUnit::Hours));
        assert_eq!(rules.stages.get(Stage::Checking), None, "instead of what ships");
        let day = |date: &str| rules.calendar.is_workday(date.parse().expect("a date"));
        assert!(!day("2027-01-01") && day("2026-10-01") && day("2026-09-13") && !day("2026-09-14"));
        assert_eq!(rules.calendar.workday(), jiff::SignedDuration::from_hours(6));
        assert_eq!(rules.calendar.zone().iana_name(), Some("Etc/GMT-9"));
    }

    #[test]
    fn what_cannot_be_used_says_where() {
        let told =
            |change: fn(&mut crate::city::Manifest)| format!("{:#}", ruled(change).expect_err("refused"));
        assert!(
            told(|manifest| manifest.work.hours = Some(vec!["noon".into()])).contains("place.toml: hours")
        );
        assert!(told(|manifest| manifest.time_zone = "Mars/Phobos".into()).contains("Mars/Phobos"));
        assert!(told(|manifest| manifest.files.stages = Some("no.csv".into())).contains("no.csv"));
    }
}
