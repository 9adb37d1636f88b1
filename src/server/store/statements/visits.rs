//! Visits: that somebody was at a place.

use sqlx::{QueryBuilder, Row};

use super::{Engine, EngineStore, Writing};
use crate::governance::Visit;
use crate::server::store::Answer;
use crate::server::store::visits::{VisitFilter, Visits, WriteVisits};

impl Visits for EngineStore {
    fn visits<'a>(&'a self, filter: &'a VisitFilter) -> Answer<'a, Vec<(i64, Visit)>> {
        Box::pin(async move {
            let mut query = QueryBuilder::<Engine>::new("SELECT seq, visit FROM visits WHERE seq > ");
            query.push_bind(filter.after);
            if let Some(code) = &filter.code {
                query.push(" AND code = ").push_bind(code);
            }
            if let Some(from) = filter.time.and_then(|time| time.from) {
                query.push(" AND happened_at >= ").push_bind(from.as_millisecond());
            }
            if let Some(to) = filter.time.and_then(|time| time.to) {
                query.push(" AND happened_at <= ").push_bind(to.as_millisecond());
            }
            query.push(" ORDER BY seq LIMIT ").push_bind(i64::from(filter.limit));
            let rows = query.build().fetch_all(self.readers()).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, serde_json::from_str(row.try_get(1)?)?))).collect()
        })
    }
}

impl WriteVisits for Writing {
    fn visit<'a>(&'a mut self, id: &'a str) -> Answer<'a, Option<Visit>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT visit FROM visits WHERE id = $1")
                .bind(id)
                .fetch_optional(&mut *self.0)
                .await?;
            row.map(|row| Ok(serde_json::from_str(row.try_get(0)?)?)).transpose()
        })
    }

    fn put_visit<'a>(&'a mut self, visit: &'a Visit) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT INTO visits (id, happened_at, code, visit) VALUES ($1, $2, $3, $4)")
                .bind(&visit.id)
                .bind(visit.happened_at.as_millisecond())
                .bind(visit.code.as_deref())
                .bind(serde_json::to_string(visit)?)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }
}
