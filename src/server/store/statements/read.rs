//! Reading: pages, single features, events.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use sqlx::{QueryBuilder, Row};

use super::{
    Engine, EnginePool, EngineStore, PATROL_COLUMNS, SIZE, Writing, begin_reading, begin_writing, filtered,
    integer, last_event, number, patrol_from_row, shared,
};
use crate::governance::wire::Item;
use crate::governance::{Event, Issue, IssueId, PatrolId};
use crate::server::store::{
    Answer, CountedPage, Filter, IssueFilter, Numbered, PageRows, Shared, Store, StoreError, Transaction,
    Versioned,
};

impl Store for EngineStore {
    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        Box::pin(async {
            let transaction = begin_writing(self.writer()).await?;
            Ok(Box::new(Writing(transaction)) as Box<dyn Transaction>)
        })
    }

    fn issues<'a>(&'a self, filter: &'a Filter) -> Answer<'a, PageRows> {
        Box::pin(issues(self.readers(), filter))
    }

    fn issue<'a>(&'a self, id: &'a IssueId) -> Answer<'a, Option<Versioned>> {
        Box::pin(issue(self.readers(), id))
    }

    fn newest_issues<'a>(&'a self, filter: &'a IssueFilter, page: CountedPage) -> Answer<'a, Vec<Issue>> {
        Box::pin(filtered::newest_issues(self.readers(), filter, page))
    }

    fn issue_events<'a>(&'a self, id: &'a IssueId) -> Answer<'a, Option<Vec<Event>>> {
        Box::pin(issue_events(self.readers(), id))
    }

    fn patrols<'a>(&'a self, filter: &'a Filter) -> Answer<'a, PageRows> {
        Box::pin(patrols(self.readers(), filter))
    }

    fn patrol<'a>(&'a self, id: &'a PatrolId) -> Answer<'a, Option<Versioned>> {
        Box::pin(patrol(self.readers(), id))
    }

    fn has_ended_shift(&self, before: Timestamp) -> Answer<'_, bool> {
        Box::pin(async move {
            let row = sqlx::query("SELECT seq FROM patrols WHERE shift_ends < $1 LIMIT 1")
                .bind(before.as_millisecond())
                .fetch_optional(self.readers())
                .await?;
            Ok(row.is_some())
        })
    }

    fn events_after(&self, number: u64, limit: u32) -> Answer<'_, Vec<Numbered>> {
        Box::pin(events_after(self.readers(), number, limit))
    }

    fn size_bytes(&self) -> Answer<'_, u64> {
        Box::pin(async {
            let row = sqlx::query(SIZE).fetch_one(self.readers()).await?;
            number(&row, 0)
        })
    }

    fn last_event(&self) -> Answer<'_, u64> {
        Box::pin(async {
            let mut connection = self.readers().acquire().await?;
            last_event(&mut connection).await
        })
    }

    fn shared(&self) -> Option<&dyn Shared> {
        shared(self)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.readers().close().await;
            self.writer().close().await;
        })
    }
}

/// One page of issues and the last event before it, in one transaction.
async fn issues(pool: &EnginePool, filter: &Filter) -> Result<PageRows, StoreError> {
    let mut transaction = begin_reading(pool).await?;
    let event_id = last_event(&mut transaction).await?;
    let mut query = QueryBuilder::<Engine>::new(
        "SELECT i.seq, f.feature FROM issues i JOIN issue_features f ON f.issue = i.seq WHERE i.seq > ",
    );
    query.push_bind(filter.after);
    push_bbox(&mut query, filter, "i.");
    filtered::push(&mut query, &filter.issues);
    if let Some(time) = filter.time {
        if let Some(to) = time.to {
            query.push(" AND i.reported_at <= ").push_bind(to.as_millisecond());
        }
        if let Some(from) = time.from {
            query
                .push(" AND (i.closed_at IS NULL OR i.closed_at >= ")
                .push_bind(from.as_millisecond())
                .push(")");
        }
    }
    query.push(" ORDER BY i.seq LIMIT ").push_bind(i64::from(filter.limit) + 1);
    let mut page = PageRows { event_id, ..PageRows::default() };
    let mut rows = query.build().fetch(&mut *transaction);
    let mut last = filter.after;
    while let Some(row) = rows.try_next().await? {
        if page.features.len() == filter.limit as usize {
            page.next = Some(last);
            break;
        }
        last = row.try_get(0)?;
        page.features.push(row.try_get(1)?);
    }
    drop(rows);
    transaction.commit().await?;
    Ok(page)
}

/// One page of patrols and the last event before it, in one transaction.
async fn patrols(pool: &EnginePool, filter: &Filter) -> Result<PageRows, StoreError> {
    let mut transaction = begin_reading(pool).await?;
    let event_id = last_event(&mut transaction).await?;
    let mut query = QueryBuilder::<Engine>::new("SELECT ");
    query.push(PATROL_COLUMNS);
    query.push(" FROM patrols p LEFT JOIN patrol_fixes f ON f.patrol = p.seq WHERE p.seq > ");
    query.push_bind(filter.after);
    push_bbox(&mut query, filter, "f.");
    if let Some(time) = filter.time {
        // A patrol that never sent a position has no time, and is there at any.
        if let Some(to) = time.to {
            query.push(" AND (f.at IS NULL OR f.at <= ").push_bind(to.as_millisecond()).push(")");
        }
        if let Some(from) = time.from {
            query.push(" AND (f.at IS NULL OR f.at >= ").push_bind(from.as_millisecond()).push(")");
        }
    }
    query.push(" ORDER BY p.seq LIMIT ").push_bind(i64::from(filter.limit) + 1);
    let mut page = PageRows { event_id, ..PageRows::default() };
    let mut rows = query.build().fetch(&mut *transaction);
    let mut last = filter.after;
    while let Some(row) = rows.try_next().await? {
        if page.features.len() == filter.limit as usize {
            page.next = Some(last);
            break;
        }
        let (seq, patrol) = patrol_from_row(&row)?;
        last = seq;
        page.features.push(patrol.to_text()?);
    }
    drop(rows);
    transaction.commit().await?;
    Ok(page)
}

fn push_bbox(query: &mut QueryBuilder<Engine>, filter: &Filter, table: &'static str) {
    let Some(bbox) = filter.bbox else { return };
    query.push(" AND ").push(table).push("lat BETWEEN ").push_bind(bbox.south);
    query.push(" AND ").push_bind(bbox.north);
    query.push(" AND (").push(table).push("lon >= ").push_bind(bbox.west);
    query.push(if bbox.west <= bbox.east { " AND " } else { " OR " });
    query.push(table).push("lon <= ").push_bind(bbox.east).push(")");
}

async fn issue(pool: &EnginePool, id: &IssueId) -> Result<Option<Versioned>, StoreError> {
    let row = sqlx::query(
        "SELECT i.version, f.feature FROM issues i JOIN issue_features f ON f.issue = i.seq WHERE i.id = $1",
    )
    .bind(&id.0)
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok(Versioned { version: number(&row, 0)?, feature: row.try_get(1)? })).transpose()
}

async fn patrol(pool: &EnginePool, id: &PatrolId) -> Result<Option<Versioned>, StoreError> {
    let mut query = QueryBuilder::<Engine>::new("SELECT ");
    query.push(PATROL_COLUMNS);
    query.push(" FROM patrols p LEFT JOIN patrol_fixes f ON f.patrol = p.seq WHERE p.id = ").push_bind(&id.0);
    let Some(row) = query.build().fetch_optional(pool).await? else { return Ok(None) };
    let (_, patrol) = patrol_from_row(&row)?;
    Ok(Some(Versioned { version: patrol.version, feature: patrol.to_text()? }))
}

async fn issue_events(pool: &EnginePool, id: &IssueId) -> Result<Option<Vec<Event>>, StoreError> {
    let rows = sqlx::query(
        "SELECT e.event FROM events e JOIN issues i ON i.seq = e.issue WHERE i.id = $1 ORDER BY e.version",
    )
    .bind(&id.0)
    .fetch_all(pool)
    .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let events = rows.iter().map(|row| Ok(serde_json::from_str(row.try_get(0)?)?));
    events.collect::<Result<_, StoreError>>().map(Some)
}

/// The events after a number, each with its issue as it stood then: the issues concerned are folded from their beginning.
async fn events_after(pool: &EnginePool, after: u64, limit: u32) -> Result<Vec<Numbered>, StoreError> {
    let mut rows = sqlx::query(
        "WITH wanted AS (SELECT number, issue FROM events WHERE number > $1 ORDER BY number LIMIT $2)
         SELECT e.number, e.issue, i.id, e.event
         FROM events e JOIN issues i ON i.seq = e.issue
         WHERE e.issue IN (SELECT issue FROM wanted) AND e.number <= (SELECT max(number) FROM wanted)
         ORDER BY e.number",
    )
    .bind(integer(after))
    .bind(i64::from(limit))
    .fetch(pool);
    let mut issues: HashMap<i64, Issue> = HashMap::new();
    let mut numbered = Vec::new();
    let damaged = |number: u64, reason: String| StoreError::Damaged(format!("event {number}: {reason}"));
    while let Some(row) = rows.try_next().await? {
        let event_number = number(&row, 0)?;
        let seq: i64 = row.try_get(1)?;
        let event: Event = serde_json::from_str(row.try_get(3)?)?;
        let issue = match issues.entry(seq) {
            std::collections::hash_map::Entry::Occupied(held) => {
                let issue = held.into_mut();
                issue.replay(&event).map_err(|error| damaged(event_number, error.to_string()))?;
                issue
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                let issue = Issue::open(IssueId(row.try_get(2)?), &event);
                place.insert(issue.map_err(|error| damaged(event_number, error.to_string()))?)
            }
        };
        if event_number > after {
            numbered.push(Numbered { number: event_number, issue: issue.clone() });
        }
    }
    Ok(numbered)
}
