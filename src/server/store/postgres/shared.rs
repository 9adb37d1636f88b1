//! How the servers of one database learn what any of them wrote.

use sqlx::postgres::PgListener;
use sqlx::{PgConnection, Row};
use tokio::sync::Notify;

use super::Postgres;
use crate::governance::wire::StreamEvent;
use crate::server::store::shared::{Shared, Told};
use crate::server::store::{Answer, StoreError};

const CHANNEL: &str = "yunfushan";

/// Tells the screens of every server, with the commit.
pub(super) async fn tell(writing: &mut PgConnection, event: &StreamEvent) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO told (name, data) VALUES ($1, $2)")
        .bind(event.name())
        .bind(event.data()?)
        .execute(writing)
        .await?;
    Ok(())
}

/// Says with the commit that there is something new, and no more than that.
pub(super) async fn before_commit(writing: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(writing).await?;
    Ok(())
}

impl Shared for Postgres {
    fn listen<'a>(&'a self, news: &'a Notify) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut listener = PgListener::connect_with(&self.readers).await?;
            listener.listen(CHANNEL).await?;
            // What was committed while nobody listened is news, too.
            news.notify_one();
            while listener.try_recv().await?.is_some() {
                news.notify_one();
            }
            Ok(())
        })
    }

    fn last_told(&self) -> Answer<'_, i64> {
        Box::pin(async {
            let row = sqlx::query("SELECT COALESCE(max(seq), 0) FROM told").fetch_one(&self.readers).await?;
            Ok(row.try_get(0)?)
        })
    }

    fn told_after(&self, seq: i64, limit: u32) -> Answer<'_, Vec<Told>> {
        Box::pin(async move {
            let rows = sqlx::query("SELECT seq, name, data FROM told WHERE seq > $1 ORDER BY seq LIMIT $2")
                .bind(seq)
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
            let told = rows.iter().map(|row| {
                let event = StreamEvent::read(row.try_get(1)?, row.try_get(2)?)?;
                Ok(Told { seq: row.try_get(0)?, event })
            });
            told.collect()
        })
    }

    fn forget_told(&self) -> Answer<'_, ()> {
        Box::pin(async {
            sqlx::query("DELETE FROM told WHERE at < now() - interval '1 minute'")
                .execute(&self.readers)
                .await?;
            Ok(())
        })
    }
}
