//! Rows and numbers, as both databases have them.

use sqlx::Row;

use super::{EngineConnection, EngineRow};
use crate::geo::LonLat;
use crate::governance::{Fix, NewPatrol, Patrol, PatrolId};
use crate::server::store::StoreError;

/// A version or number for a statement. It fits: these count single events.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A version or number from a row.
pub(super) fn number(row: &EngineRow, column: usize) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(column)?;
    u64::try_from(number)
        .map_err(|error| StoreError::Damaged(format!("{number} where a count belongs: {error}")))
}

/// The number of the last event.
pub(super) async fn last_event(connection: &mut EngineConnection) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT last_event FROM counter WHERE one = 1").fetch_one(connection).await?;
    number(&row, 0)
}

/// What [`patrol_from_row`] reads.
pub(super) const PATROL_COLUMNS: &str = "p.seq, p.id, p.version, p.profile, f.version, f.at, f.lon, f.lat, \
                                         f.heading_deg, f.speed_mps, f.accuracy_m, f.mock, f.battery_percent";

/// A patrol from a row of [`PATROL_COLUMNS`], with its place in the order of arrival.
pub(super) fn patrol_from_row(row: &EngineRow) -> Result<(i64, Patrol), StoreError> {
    let profile: NewPatrol = serde_json::from_str(row.try_get(3)?)?;
    let profile_version = number(row, 2)?;
    let (fix, fix_version) = match row.try_get::<Option<i64>, _>(5)? {
        None => (None, 0),
        Some(at_ms) => {
            let at = jiff::Timestamp::from_millisecond(at_ms)
                .map_err(|error| StoreError::Damaged(error.to_string()))?;
            let fix = Fix {
                at,
                place: LonLat::new(row.try_get(6)?, row.try_get(7)?),
                heading_deg: row.try_get::<Option<f64>, _>(8)?.map(|value| value as f32),
                speed_mps: row.try_get::<Option<f64>, _>(9)?.map(|value| value as f32),
                accuracy_m: row.try_get::<Option<f64>, _>(10)?.map(|value| value as f32),
                mock: row.try_get::<i64, _>(11)? != 0,
                battery_percent: row.try_get::<Option<f64>, _>(12)?.map(|value| value as f32),
            };
            (Some(fix), number(row, 4)?)
        }
    };
    let patrol = Patrol {
        id: PatrolId(row.try_get(1)?),
        version: profile_version.max(fix_version),
        name: profile.name,
        kind: profile.kind,
        areas: profile.areas,
        fix,
        duty: profile.duty,
    };
    Ok((row.try_get(0)?, patrol))
}
