//! The log of events.

use sqlx::Row;

use super::{EngineStore, integer, number};
use crate::server::store::Answer;
use crate::server::store::log::{EventLog, Logged};

impl EventLog for EngineStore {
    fn log_after(&self, after: u64, limit: u32) -> Answer<'_, Vec<Logged>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT e.number, e.issue, i.id, e.event FROM events e JOIN issues i ON i.seq = e.issue
                 WHERE e.number > $1 ORDER BY e.number LIMIT $2",
            )
            .bind(integer(after))
            .bind(i64::from(limit))
            .fetch_all(self.readers())
            .await?;
            let logged = rows.iter().map(|row| {
                let (seq, issue, event) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
                Ok(Logged { number: number(row, 0)?, seq, issue, event })
            });
            logged.collect()
        })
    }
}
