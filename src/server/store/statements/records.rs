//! Records: small things that are edited.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Row};

use super::{Engine, EngineConnection, EngineRow, EngineStore, Writing, integer, number};
use crate::server::store::records::{Changed, Record, Records, WriteRecords};
use crate::server::store::{Answer, StoreError};

const SELECT: &str = "SELECT id, version, body, changed_at FROM records WHERE kind = ";
const SELECT_CHANGED: &str = "SELECT id, version, body, changed_at, change, kind FROM records
                              WHERE change > $1 ORDER BY change LIMIT $2";

fn record_from_row(row: &EngineRow) -> Result<Record, StoreError> {
    let changed_at = Timestamp::from_millisecond(row.try_get(3)?)
        .map_err(|error| StoreError::Damaged(error.to_string()))?;
    Ok(Record { id: row.try_get(0)?, version: number(row, 1)?, body: row.try_get(2)?, changed_at })
}

/// Every record with its kind.
pub(super) async fn every_record(
    connection: &mut EngineConnection,
) -> Result<Vec<(String, Record)>, StoreError> {
    let rows = sqlx::query("SELECT id, version, body, changed_at, kind FROM records ORDER BY kind, id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((row.try_get(4)?, record_from_row(row)?))).collect()
}

fn one(kind: &str, id: &str) -> QueryBuilder<Engine> {
    let mut query = QueryBuilder::new(SELECT);
    query.push_bind(kind).push(" AND id = ").push_bind(id);
    query
}

impl Records for EngineStore {
    fn record<'a>(&'a self, kind: &'a str, id: &'a str) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            let row = one(kind, id).build().fetch_optional(self.readers()).await?;
            row.as_ref().map(record_from_row).transpose()
        })
    }

    fn records<'a>(&'a self, kind: &'a str, after_id: &'a str, limit: u32) -> Answer<'a, Vec<Record>> {
        Box::pin(async move {
            let mut query = QueryBuilder::<Engine>::new(SELECT);
            query.push_bind(kind).push(" AND id > ").push_bind(after_id);
            query.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit));
            let rows = query.build().fetch_all(self.readers()).await?;
            rows.iter().map(record_from_row).collect()
        })
    }

    fn records_changed(&self, after: u64, limit: u32) -> Answer<'_, Vec<Changed>> {
        Box::pin(async move {
            let query = sqlx::query(SELECT_CHANGED).bind(integer(after)).bind(i64::from(limit));
            let rows = query.fetch_all(self.readers()).await?;
            let changed = rows.iter().map(|row| {
                let record = record_from_row(row)?;
                Ok(Changed { change: number(row, 4)?, kind: row.try_get(5)?, record })
            });
            changed.collect()
        })
    }
}

impl WriteRecords for Writing {
    fn record<'a>(&'a mut self, kind: &'a str, id: &'a str) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            let row = one(kind, id).build().fetch_optional(&mut *self.0).await?;
            row.as_ref().map(record_from_row).transpose()
        })
    }

    fn put_record<'a>(
        &'a mut self,
        kind: &'a str,
        id: &'a str,
        version: u64,
        body: &'a str,
        now: Timestamp,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let row = sqlx::query(
                "UPDATE counter SET last_change = last_change + 1 WHERE one = 1 RETURNING last_change",
            )
            .fetch_one(&mut *self.0)
            .await?;
            let change: i64 = row.try_get(0)?;
            let done = sqlx::query(
                "INSERT INTO records (kind, id, version, body, changed_at, change)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body,
                 changed_at = excluded.changed_at, change = excluded.change
                 WHERE records.version < excluded.version",
            )
            .bind(kind)
            .bind(id)
            .bind(integer(version))
            .bind(body)
            .bind(now.as_millisecond())
            .bind(change)
            .execute(&mut *self.0)
            .await?;
            if done.rows_affected() == 0 { Err(StoreError::Conflict) } else { Ok(()) }
        })
    }

    fn delete_record<'a>(&'a mut self, kind: &'a str, id: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query("DELETE FROM records WHERE kind = $1 AND id = $2")
                .bind(kind)
                .bind(id)
                .execute(&mut *self.0)
                .await?;
            Ok(done.rows_affected() > 0)
        })
    }
}
