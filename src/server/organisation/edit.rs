//! Editing: which unit becomes what, on which version that rests, and how it is kept.

use jiff::Timestamp;
use serde_json::Value;

use super::{CORRECTIONS, Correction, HeldCorrection, HeldUnit, Key, Organisation, UNITS};
use crate::city::search::normal_address;
use crate::governance::Location;
use crate::governance::organisation::{PlacedUnit, Unit, UnitKind};
use crate::server::StoreError;
use crate::server::store::Transaction;
use crate::server::store::records::Record;
use crate::server::writer::WriteError;

/// On which version an edit rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Expected {
    /// There is none yet.
    Absent,
    /// This one.
    Version(u64),
    /// Whatever there is: of whole files.
    Any,
}

/// One unit to be written; removed where `unit` is `None`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::server) struct UnitChange {
    pub(in crate::server) kind: UnitKind,
    pub(in crate::server) code: String,
    pub(in crate::server) expected: Expected,
    pub(in crate::server) unit: Option<PlacedUnit>,
}

/// What a commit changes of the organisation.
#[derive(Debug, Default)]
pub(in crate::server) struct UnitsChanged {
    pub(super) units: Vec<(Key, HeldUnit)>,
    pub(super) corrections: Vec<(String, HeldCorrection)>,
}

impl UnitsChanged {
    /// Adds what a record says, if it is of the organisation.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub(super) fn read(&mut self, kind: &str, record: Record) -> Result<(), StoreError> {
        match kind {
            UNITS => self.units.push(unit_of(&record)?),
            CORRECTIONS => {
                let correction = serde_json::from_str(&record.body)?;
                self.corrections.push((record.id, HeldCorrection { version: record.version, correction }));
            }
            _ => {}
        }
        Ok(())
    }

    /// Adds what another write of the same commit changes.
    pub(in crate::server) fn append(&mut self, mut other: Self) {
        self.units.append(&mut other.units);
        self.corrections.append(&mut other.corrections);
    }

    /// Writes a unit into a transaction, and notes it; the version that it has then.
    ///
    /// # Errors
    /// [`WriteError::Stale`] if there is another version than expected, [`WriteError::NoUnit`] if there is none.
    pub(in crate::server) async fn write(
        &mut self,
        organisation: &Organisation,
        transaction: &mut dyn Transaction,
        change: UnitChange,
        now: Timestamp,
    ) -> Result<u64, WriteError> {
        let key = (change.kind, change.code);
        let id = record_id(&key);
        let held = match transaction.record(UNITS, &id).await? {
            Some(record) => Some(unit_of(&record)?.1),
            None => organisation.standing().units.get(&key).cloned(),
        };
        let version = held.as_ref().map_or(0, |held| held.version);
        let is_there = held.as_ref().is_some_and(|held| held.unit.is_some());
        match change.expected {
            Expected::Absent if is_there => return Err(WriteError::Stale { held: version }),
            Expected::Version(_) if !is_there => return Err(WriteError::NoUnit(key.1)),
            Expected::Version(expected) if expected != version => {
                return Err(WriteError::Stale { held: version });
            }
            _ => {}
        }
        if held.is_some_and(|held| held.unit == change.unit) {
            return Ok(version);
        }
        let version = version + 1;
        let body = change.unit.as_ref().map_or(Value::Null, |unit| unit.to_feature(version)).to_string();
        transaction.put_record(UNITS, &id, version, &body, now).await?;
        self.units.push((key, HeldUnit { version, unit: change.unit }));
        Ok(version)
    }

    /// Remembers where an address lies, after somebody placed it by hand.
    pub(in crate::server) async fn remember(
        &mut self,
        transaction: &mut dyn Transaction,
        address: &str,
        location: &Location,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = normal_address(address);
        if id.is_empty() {
            return Ok(());
        }
        let version = transaction.record(CORRECTIONS, &id).await?.map_or(1, |record| record.version + 1);
        let correction = Correction { place: location.place, building: location.building.clone() };
        let body = serde_json::to_string(&correction)?;
        transaction.put_record(CORRECTIONS, &id, version, &body, now).await?;
        self.corrections.push((id, HeldCorrection { version, correction }));
        Ok(())
    }
}

fn record_id((kind, code): &Key) -> String {
    format!("{}/{code}", kind.name())
}

/// A unit as a record has it.
pub(in crate::server) fn unit_of(record: &Record) -> Result<(Key, HeldUnit), StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("unit {}: {what}", record.id));
    let (kind, code) = record.id.split_once('/').ok_or_else(|| damaged("no kind"))?;
    let kind = UnitKind::named(kind).ok_or_else(|| damaged("unknown kind"))?;
    let feature: Value = serde_json::from_str(&record.body)?;
    let unit = match feature.get("properties") {
        None => None,
        Some(properties) => {
            let unit: Unit = serde_json::from_value(properties.clone())?;
            let geometry = feature.get("geometry").filter(|geometry| geometry.is_object()).cloned();
            Some(PlacedUnit { unit, geometry })
        }
    };
    Ok(((kind, code.to_owned()), HeldUnit { version: record.version, unit }))
}
