//! What webhooks are told.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{QueryBuilder, Row};

use super::{Engine, EngineRow, EngineStore, Writing};
use crate::server::store::deliveries::{
    Attempt, Deliveries, NewDelivery, Standing, Told, Waiting, WriteDeliveries,
};
use crate::server::store::{Answer, StoreError};

fn time(row: &EngineRow, column: usize) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(row.try_get(column)?).map_err(|error| StoreError::Damaged(error.to_string()))
}

impl Deliveries for EngineStore {
    fn waiting(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<Waiting>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT seq, id, webhook, body, made_at, attempts FROM deliveries
                 WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, seq LIMIT $2",
            )
            .bind(now.as_millisecond())
            .bind(i64::from(limit))
            .fetch_all(self.readers())
            .await?;
            let waiting = rows.iter().map(|row| {
                Ok(Waiting {
                    seq: row.try_get(0)?,
                    id: row.try_get(1)?,
                    webhook: row.try_get(2)?,
                    body: row.try_get(3)?,
                    made_at: time(row, 4)?,
                    attempts: row.try_get(5)?,
                })
            });
            waiting.collect()
        })
    }

    fn told<'a>(&'a self, webhook: &'a str, before: i64, limit: u32) -> Answer<'a, Vec<Told>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT seq, id, kind, subject, state, made_at, next_at FROM deliveries
                 WHERE webhook = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
            )
            .bind(webhook)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(self.readers())
            .await?;
            let told = rows.iter().map(|row| {
                let state: String = row.try_get(4)?;
                let next_at = if state == "waiting" { Some(time(row, 6)?) } else { None };
                Ok(Told {
                    seq: row.try_get(0)?,
                    id: row.try_get(1)?,
                    kind: row.try_get(2)?,
                    subject: row.try_get(3)?,
                    state,
                    made_at: time(row, 5)?,
                    next_at,
                    attempts: Vec::new(),
                })
            });
            let mut told: Vec<Told> = told.collect::<Result<_, StoreError>>()?;
            let (Some(last), Some(first)) = (told.last(), told.first()) else { return Ok(told) };
            let rows = sqlx::query(
                "SELECT a.delivery, a.at, a.status, a.error
                 FROM delivery_attempts a JOIN deliveries d ON d.seq = a.delivery
                 WHERE d.webhook = $1 AND d.seq BETWEEN $2 AND $3 ORDER BY a.delivery, a.attempt",
            )
            .bind(webhook)
            .bind(last.seq)
            .bind(first.seq)
            .fetch_all(self.readers())
            .await?;
            let mut attempts: HashMap<i64, Vec<Attempt>> = HashMap::new();
            for row in &rows {
                let attempt = Attempt { at: time(row, 1)?, status: row.try_get(2)?, error: row.try_get(3)? };
                attempts.entry(row.try_get(0)?).or_default().push(attempt);
            }
            for one in &mut told {
                one.attempts = attempts.remove(&one.seq).unwrap_or_default();
            }
            Ok(told)
        })
    }
}

impl WriteDeliveries for Writing {
    fn add_delivery<'a>(&'a mut self, new: &'a NewDelivery) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query(
                "INSERT INTO deliveries (id, webhook, subject, kind, body, state, made_at, next_at, attempts)
                 VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6, 0) ON CONFLICT (webhook, subject) DO NOTHING",
            )
            .bind(&new.id)
            .bind(&new.webhook)
            .bind(&new.subject)
            .bind(new.kind)
            .bind(&new.body)
            .bind(new.made_at.as_millisecond())
            .execute(&mut *self.0)
            .await?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn claim_delivery<'a>(&'a mut self, waiting: &'a Waiting, until: Timestamp) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query(
                "UPDATE deliveries SET attempts = attempts + 1, next_at = $1
                 WHERE seq = $2 AND attempts = $3 AND state = 'waiting'",
            )
            .bind(until.as_millisecond())
            .bind(waiting.seq)
            .bind(waiting.attempts)
            .execute(&mut *self.0)
            .await?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn note_delivery<'a>(
        &'a mut self,
        seq: i64,
        attempt: Option<(i64, &'a Attempt)>,
        standing: Standing,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            if let Some((number, attempt)) = attempt {
                sqlx::query(
                    "INSERT INTO delivery_attempts (delivery, attempt, at, status, error)
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (delivery, attempt) DO NOTHING",
                )
                .bind(seq)
                .bind(number)
                .bind(attempt.at.as_millisecond())
                .bind(attempt.status)
                .bind(&attempt.error)
                .execute(&mut *self.0)
                .await?;
            }
            let mut query = QueryBuilder::<Engine>::new("UPDATE deliveries SET state = ");
            match standing {
                Standing::Waiting(next_at) => {
                    query.push("'waiting', next_at = ").push_bind(next_at.as_millisecond());
                }
                Standing::Done => {
                    query.push("'done'");
                }
                Standing::GivenUp => {
                    query.push("'given_up'");
                }
            }
            query.push(" WHERE seq = ").push_bind(seq).build().execute(&mut *self.0).await?;
            Ok(())
        })
    }

    fn forget_deliveries(&mut self, before: Timestamp) -> Answer<'_, ()> {
        Box::pin(async move {
            for statement in [
                "DELETE FROM delivery_attempts WHERE delivery IN
                 (SELECT seq FROM deliveries WHERE state <> 'waiting' AND made_at < $1)",
                "DELETE FROM deliveries WHERE state <> 'waiting' AND made_at < $1",
            ] {
                sqlx::query(statement).bind(before.as_millisecond()).execute(&mut *self.0).await?;
            }
            Ok(())
        })
    }
}
