//! The organisation of the place, as the server has it: what its files say, and what was edited since.
//!
//! The files of a place are the beginning; an edit is a record (`unit`) that stands before what the files say, and goes
//! on standing when the files change. A unit that was removed is a record without a body.
//! Everything is kept in memory as one [`Standing`], which is replaced as a whole after each commit that changed it:
//! by the writer what it wrote itself, by the follower what other servers wrote.

mod edit;
mod locality;
mod routes;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub(super) use edit::{Expected, UnitChange, UnitsChanged, unit_of};
pub(super) use locality::Whereabouts;
pub(super) use routes::{area, areas, describe, item, page, routes};

use super::StoreError;
use super::store::Store;
use super::store::records::{Changed, Record, Records};
use crate::city::search::AddressBook;
use crate::city::{Areas, Place};
use crate::geo::{Datum, LocalFrame, LonLat};
use crate::governance::calendar::WorkCalendar;
use crate::governance::organisation::{PlacedUnit, UnitKind};

/// The kind of record that a unit is.
pub(super) const UNITS: &str = "unit";
/// The kind of record that a corrected address is.
const CORRECTIONS: &str = "address";
/// Records read at once.
const PAGE: u32 = 1_000;

/// A unit with its version: 1 as the files have it, higher where it was edited.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldUnit {
    pub(super) version: u64,
    /// `None` where it was removed.
    pub(super) unit: Option<PlacedUnit>,
}

/// Where an address lies, as somebody placed it by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Correction {
    pub(super) place: LonLat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) building: Option<String>,
}

/// A correction with its version.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldCorrection {
    version: u64,
    correction: Correction,
}

type Key = (UnitKind, String);

/// The organisation at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) units: Arc<BTreeMap<Key, HeldUnit>>,
    corrections: Arc<HashMap<String, HeldCorrection>>,
    /// The ground of all areas, with whatever days of validity; rebuilt only where an area changed.
    areas: Arc<Areas>,
}

impl Standing {
    /// Grows with every edit of an area.
    pub(super) fn revision_of_areas(&self) -> u64 {
        self.units.iter().filter(|((kind, _), _)| kind.is_area()).map(|(_, held)| held.version).sum()
    }
}

/// The organisation, shared by all who ask.
#[derive(Debug)]
pub(super) struct Organisation {
    standing: RwLock<Arc<Standing>>,
    /// The last change of a record that is in it.
    read_up_to: AtomicU64,
    addresses: AddressBook,
    frame: LocalFrame,
    pub(super) zone: TimeZone,
}

impl Organisation {
    /// What the files of a place say; without a place, of these units alone. Days are those of the work calendar, which
    /// everything else goes by, too.
    pub(super) fn new(place: Option<&Place>, units: &[PlacedUnit], calendar: &WorkCalendar) -> Self {
        let frame = place.map_or_else(|| LocalFrame::new(somewhere(units)), |place| place.frame);
        let units: BTreeMap<Key, HeldUnit> = units
            .iter()
            .map(|unit| {
                let key = (unit.unit.kind(), unit.unit.code.clone());
                (key, HeldUnit { version: 1, unit: Some(unit.clone()) })
            })
            .collect();
        let areas = Arc::new(ground(&units, frame));
        Self {
            standing: RwLock::new(Arc::new(Standing {
                units: Arc::new(units),
                corrections: Arc::default(),
                areas,
            })),
            read_up_to: AtomicU64::new(0),
            addresses: AddressBook::new(place.map(|place| place.addresses.as_slice()).unwrap_or_default()),
            frame,
            zone: calendar.zone().clone(),
        }
    }

    /// As it stands now.
    pub(super) fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what was edited.
    ///
    /// # Errors
    /// If the store cannot be read, or holds what cannot be understood.
    pub(super) async fn load(&self, store: &dyn Store) -> Result<(), StoreError> {
        self.read(store, Err).await
    }

    /// Reads what was edited since it was last read, by whichever server. What this one cannot understand, such as the
    /// kinds of a newer one, it goes on without.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub(super) async fn follow<S: Records + ?Sized>(&self, store: &S) -> Result<(), StoreError> {
        let pass_over = |error: StoreError| {
            tracing::error!(%error, "a change of the organisation is not followed");
            Ok(())
        };
        self.read(store, pass_over).await
    }

    async fn read<S: Records + ?Sized>(
        &self,
        store: &S,
        not_understood: impl Fn(StoreError) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut changed = UnitsChanged::default();
        let mut read_up_to = self.read_up_to.load(Ordering::Relaxed);
        loop {
            let page = store.records_changed(read_up_to, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for Changed { change, kind, record } in page {
                changed.read(&kind, record).or_else(&not_understood)?;
                read_up_to = change;
            }
            if is_last {
                break;
            }
        }
        self.take(changed);
        self.read_up_to.fetch_max(read_up_to, Ordering::Relaxed);
        Ok(())
    }

    /// Takes what a commit changed, but for what it has from a later one.
    pub(super) fn take(&self, mut changed: UnitsChanged) {
        if changed.units.is_empty() && changed.corrections.is_empty() {
            return;
        }
        let mut standing = self.standing.write().unwrap_or_else(PoisonError::into_inner);
        // The first edit of what only other servers' files have is as old as the files here.
        changed.units.retain(|(key, unit)| {
            let held = standing.units.get(key);
            held.is_none_or(|held| {
                held.version < unit.version || (held.version == unit.version && held != unit)
            })
        });
        changed.corrections.retain(|(address, correction)| {
            standing.corrections.get(address).is_none_or(|held| held.version < correction.version)
        });
        if changed.units.is_empty() && changed.corrections.is_empty() {
            return;
        }
        let mut next = Standing::clone(&standing);
        let moves_areas = changed.units.iter().any(|((kind, _), _)| kind.is_area());
        // What did not change stays shared: an address that is placed by hand copies no unit.
        if !changed.units.is_empty() {
            Arc::make_mut(&mut next.units).extend(changed.units);
        }
        if !changed.corrections.is_empty() {
            Arc::make_mut(&mut next.corrections).extend(changed.corrections);
        }
        if moves_areas {
            next.areas = Arc::new(ground(&next.units, self.frame));
        }
        *standing = Arc::new(next);
    }
}

/// Whether a record can be read, if it is one of ours.
pub(super) fn check_record(kind: &str, record: &Record) -> Option<Result<(), StoreError>> {
    match kind {
        UNITS => Some(unit_of(record).map(drop)),
        CORRECTIONS => {
            Some(serde_json::from_str::<Correction>(&record.body).map(drop).map_err(StoreError::from))
        }
        _ => None,
    }
}

/// The ground of the areas, as the reader of `areas.geojson` takes it.
fn ground(units: &BTreeMap<Key, HeldUnit>, frame: LocalFrame) -> Areas {
    let areas = units.iter().filter(|((kind, _), _)| kind.is_area());
    let features: Vec<serde_json::Value> = areas
        .filter_map(|(_, held)| held.unit.as_ref())
        .filter(|unit| unit.geometry.is_some())
        .map(|unit| unit.to_feature(1))
        .collect();
    let document = serde_json::json!({"type": "FeatureCollection", "features": features}).to_string();
    match Areas::read(document.as_bytes(), "organisation", frame, Datum::Wgs84) {
        Ok((areas, report)) => {
            for warning in &report.warnings {
                tracing::warn!("an area of the organisation: {warning}");
            }
            areas
        }
        Err(error) => {
            if !features.is_empty() {
                tracing::warn!(%error, "no area of the organisation can be used");
            }
            Areas::default()
        }
    }
}

/// Any point of the units: a frame has to be somewhere.
fn somewhere(units: &[PlacedUnit]) -> LonLat {
    fn first(value: &serde_json::Value) -> Option<LonLat> {
        let list = value.as_array()?;
        match list
            .first()
            .and_then(serde_json::Value::as_f64)
            .zip(list.get(1).and_then(serde_json::Value::as_f64))
        {
            Some((lon, lat)) => Some(LonLat::new(lon, lat)).filter(|place| place.is_valid()),
            None => list.iter().find_map(first),
        }
    }
    let points = units.iter().filter_map(|unit| first(unit.geometry.as_ref()?.get("coordinates")?));
    points.into_iter().next().unwrap_or(LonLat::new(0.0, 0.0))
}
