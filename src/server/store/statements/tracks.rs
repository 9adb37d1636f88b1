//! Where patrols went.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::Row;

use super::{EngineStore, Writing, begin_reading, integer, number};
use crate::governance::{Fix, PatrolId};
use crate::server::store::packed::{Kept, unpack_of};
use crate::server::store::track::{code, decode, hour_of, in_order, thin};
use crate::server::store::tracks::{FreshBatch, Tracks, WriteTracks};
use crate::server::store::{Answer, StoreError};

fn decoded(coded: &[u8], patrol: i64, hour: i64) -> Result<Vec<Kept>, StoreError> {
    decode(coded)
        .ok_or_else(|| StoreError::Damaged(format!("the track of patrol {patrol} in hour {hour} is none")))
}

impl Tracks for EngineStore {
    fn track<'a>(&'a self, id: &'a PatrolId, from: Timestamp, to: Timestamp) -> Answer<'a, Option<Vec<Fix>>> {
        Box::pin(async move {
            let (from, to) = (from.as_millisecond(), to.as_millisecond());
            // In one transaction: what is moved meanwhile is seen before or after it, never between.
            let mut transaction = begin_reading(self.readers()).await?;
            let patrol = sqlx::query("SELECT seq FROM patrols WHERE id = $1")
                .bind(&id.0)
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(patrol) = patrol else { return Ok(None) };
            let patrol: i64 = patrol.try_get(0)?;
            let whose = u32::try_from(patrol)
                .map_err(|_too_many| StoreError::Damaged(format!("patrol number {patrol}")))?;
            let mut kept = Vec::new();
            let mut rows =
                sqlx::query("SELECT hour, coded FROM tracks WHERE patrol = $1 AND hour BETWEEN $2 AND $3")
                    .bind(patrol)
                    .bind(hour_of(from))
                    .bind(hour_of(to))
                    .fetch(&mut *transaction);
            while let Some(row) = rows.try_next().await? {
                kept.extend(decoded(row.try_get(1)?, patrol, row.try_get(0)?)?);
            }
            drop(rows);
            let mut rows = sqlx::query(
                "SELECT packed FROM position_batches WHERE from_at <= $1 AND to_at >= $2 ORDER BY seq",
            )
            .bind(to)
            .bind(from)
            .fetch(&mut *transaction);
            while let Some(row) = rows.try_next().await? {
                kept.extend(unpack_of(row.try_get(0)?, whose));
            }
            drop(rows);
            transaction.commit().await?;
            kept.retain(|kept| (from..=to).contains(&kept.at));
            Ok(Some(in_order(kept).into_iter().filter_map(Kept::fix).collect()))
        })
    }

    fn fresh(&self) -> Answer<'_, (u64, Option<i64>)> {
        Box::pin(async {
            let row = sqlx::query(
                "SELECT CAST(COALESCE(sum(positions), 0) AS BIGINT), min(recorded_at) FROM position_batches",
            )
            .fetch_one(self.readers())
            .await?;
            Ok((number(&row, 0)?, row.try_get(1)?))
        })
    }

    fn fresh_after(&self, seq: i64, limit: u32) -> Answer<'_, Vec<FreshBatch>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT seq, recorded_at, positions, packed FROM position_batches
                 WHERE seq > $1 ORDER BY seq LIMIT $2",
            )
            .bind(seq)
            .bind(i64::from(limit))
            .fetch_all(self.readers())
            .await?;
            let batches = rows.iter().map(|row| {
                Ok(FreshBatch {
                    seq: row.try_get(0)?,
                    recorded_at: row.try_get(1)?,
                    positions: number(row, 2)?,
                    packed: row.try_get(3)?,
                })
            });
            batches.collect()
        })
    }
}

impl WriteTracks for Writing {
    fn merge_track(&mut self, patrol: u32, hour: i64, mut kept: Vec<Kept>) -> Answer<'_, ()> {
        Box::pin(async move {
            let patrol = i64::from(patrol);
            let row = sqlx::query("SELECT coded FROM tracks WHERE patrol = $1 AND hour = $2")
                .bind(patrol)
                .bind(hour)
                .fetch_optional(&mut *self.0)
                .await?;
            if let Some(row) = row {
                let mut held = decoded(row.try_get(0)?, patrol, hour)?;
                held.append(&mut kept);
                kept = held;
            }
            let kept = in_order(kept);
            sqlx::query(
                "INSERT INTO tracks (patrol, hour, positions, thinned, coded) VALUES ($1, $2, $3, 0, $4)
                 ON CONFLICT (patrol, hour) DO UPDATE SET
                 positions = excluded.positions, thinned = 0, coded = excluded.coded",
            )
            .bind(patrol)
            .bind(hour)
            .bind(integer(kept.len() as u64))
            .bind(code(&kept))
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn drop_fresh(&mut self, through: i64) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM position_batches WHERE seq <= $1")
                .bind(through)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn thin_tracks(&mut self, before_hour: i64, every_ms: i64, limit: u32) -> Answer<'_, u64> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT patrol, hour, coded FROM tracks WHERE thinned = 0 AND hour < $1 ORDER BY hour LIMIT $2",
            )
            .bind(before_hour)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await?;
            for row in &rows {
                let (patrol, hour): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                let mut kept = decoded(row.try_get(2)?, patrol, hour)?;
                thin(&mut kept, every_ms);
                sqlx::query("UPDATE tracks SET thinned = 1, positions = $3, coded = $4 WHERE patrol = $1 AND hour = $2")
                    .bind(patrol)
                    .bind(hour)
                    .bind(integer(kept.len() as u64))
                    .bind(code(&kept))
                    .execute(&mut *self.0)
                    .await?;
            }
            Ok(rows.len() as u64)
        })
    }

    fn drop_tracks(&mut self, before_hour: i64, limit: u32) -> Answer<'_, u64> {
        Box::pin(async move {
            let done = sqlx::query(
                "DELETE FROM tracks WHERE (patrol, hour) IN
                 (SELECT patrol, hour FROM tracks WHERE thinned IN (0, 1) AND hour < $1 LIMIT $2)",
            )
            .bind(before_hour)
            .bind(i64::from(limit))
            .execute(&mut *self.0)
            .await?;
            Ok(done.rows_affected())
        })
    }
}
