//! Writing: what one transaction of the writer does.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Row};

use super::{
    Engine, PATROL_COLUMNS, before_commit, filtered, integer, number, patrol_from_row, push_ids, tell,
    write_words,
};
use crate::governance::wire::{Item, StreamEvent};
use crate::governance::{Event, Issue, IssueId, NewPatrol, PatrolId};
use crate::server::store::packed::pack;
use crate::server::store::{Answer, HeldIssue, HeldPatrol, PackedFix, Remembered, StoreError, Transaction};

/// Rows of one statement; ten values each stay well below SQLite's 32,766.
const CHUNK: usize = 500;

/// A transaction that writes.
pub(super) struct Writing(pub(super) sqlx::Transaction<'static, Engine>);

impl Writing {
    /// Takes the next `count` numbers of events; returns the first.
    async fn take_numbers(&mut self, count: usize) -> Result<u64, StoreError> {
        let count = count as u64;
        let row =
            sqlx::query("UPDATE counter SET last_event = last_event + $1 WHERE one = 1 RETURNING last_event")
                .bind(integer(count))
                .fetch_one(&mut *self.0)
                .await?;
        Ok((number(&row, 0)? + 1).saturating_sub(count))
    }

    async fn insert_event(&mut self, number: u64, seq: i64, event: &Event) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO events (number, issue, version, happened_at, recorded_at, event) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(integer(number))
        .bind(seq)
        .bind(integer(event.version))
        .bind(event.happened_at.as_millisecond())
        .bind(event.recorded_at.as_millisecond())
        .bind(serde_json::to_string(event)?)
        .execute(&mut *self.0)
        .await?;
        Ok(())
    }

    async fn insert(&mut self, issue: &Issue, events: &[Event]) -> Result<(i64, u64), StoreError> {
        let row = sqlx::query(
            "INSERT INTO issues (id, version, lon, lat, reported_at, closed_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq",
        )
        .bind(&issue.id.0)
        .bind(integer(issue.version))
        .bind(issue.place.map(|place| place.lon))
        .bind(issue.place.map(|place| place.lat))
        .bind(issue.reported_at.as_millisecond())
        .bind(issue.closed_at.map(Timestamp::as_millisecond))
        .fetch_one(&mut *self.0)
        .await?;
        let seq: i64 = row.try_get(0)?;
        sqlx::query("INSERT INTO issue_features (issue, feature) VALUES ($1, $2)")
            .bind(seq)
            .bind(issue.to_text()?)
            .execute(&mut *self.0)
            .await?;
        filtered::write_filters(&mut self.0, seq, issue).await?;
        write_words(&mut self.0, seq, issue).await?;
        let first = self.take_numbers(events.len()).await?;
        for (number, event) in (first..).zip(events) {
            self.insert_event(number, seq, event).await?;
        }
        Ok((seq, first))
    }

    async fn update(&mut self, seq: i64, issue: &Issue, event: &Event) -> Result<u64, StoreError> {
        sqlx::query(
            "UPDATE issues SET version = $1, lon = $2, lat = $3, reported_at = $4, closed_at = $5 WHERE seq = $6",
        )
        .bind(integer(issue.version))
        .bind(issue.place.map(|place| place.lon))
        .bind(issue.place.map(|place| place.lat))
        .bind(issue.reported_at.as_millisecond())
        .bind(issue.closed_at.map(Timestamp::as_millisecond))
        .bind(seq)
        .execute(&mut *self.0)
        .await?;
        sqlx::query("UPDATE issue_features SET feature = $1 WHERE issue = $2")
            .bind(issue.to_text()?)
            .bind(seq)
            .execute(&mut *self.0)
            .await?;
        filtered::write_filters(&mut self.0, seq, issue).await?;
        if event.location.is_some() {
            write_words(&mut self.0, seq, issue).await?;
        }
        let number = self.take_numbers(1).await?;
        self.insert_event(number, seq, event).await?;
        Ok(number)
    }

    async fn upsert_fixes(&mut self, newest: &[&HeldPatrol]) -> Result<(), StoreError> {
        for chunk in newest.chunks(CHUNK) {
            let rows = chunk.iter().filter_map(|held| Some((held, held.patrol.fix?)));
            let mut query = QueryBuilder::<Engine>::new(
                "INSERT INTO patrol_fixes (patrol, version, at, lon, lat, heading_deg, speed_mps, accuracy_m, mock, battery_percent) ",
            );
            query.push_values(rows, |mut row, (held, fix)| {
                row.push_bind(held.seq)
                    .push_bind(integer(held.patrol.version))
                    .push_bind(fix.at.as_millisecond())
                    .push_bind(fix.place.lon)
                    .push_bind(fix.place.lat)
                    .push_bind(fix.heading_deg.map(f64::from))
                    .push_bind(fix.speed_mps.map(f64::from))
                    .push_bind(fix.accuracy_m.map(f64::from))
                    .push_bind(i64::from(fix.mock))
                    .push_bind(fix.battery_percent.map(f64::from));
            });
            query.push(
                " ON CONFLICT (patrol) DO UPDATE SET version = excluded.version, at = excluded.at,
                  lon = excluded.lon, lat = excluded.lat, heading_deg = excluded.heading_deg,
                  speed_mps = excluded.speed_mps, accuracy_m = excluded.accuracy_m, mock = excluded.mock,
                  battery_percent = excluded.battery_percent",
            );
            query.build().execute(&mut *self.0).await?;
        }
        Ok(())
    }
}

impl Transaction for Writing {
    fn setting<'a>(&'a mut self, name: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
                .bind(name)
                .fetch_optional(&mut *self.0)
                .await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?)
        })
    }

    fn set_setting<'a>(&'a mut self, name: &'a str, value: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
            .bind(name)
            .bind(value)
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn issue<'a>(&'a mut self, id: &'a IssueId) -> Answer<'a, Option<HeldIssue>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT i.seq, f.feature FROM issues i JOIN issue_features f ON f.issue = i.seq WHERE i.id = $1",
            )
            .bind(&id.0)
            .fetch_optional(&mut *self.0)
            .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(HeldIssue { seq: row.try_get(0)?, issue: Issue::from_text(row.try_get(1)?)? }))
        })
    }

    fn issue_at<'a>(&'a mut self, id: &'a IssueId, version: u64) -> Answer<'a, Option<Issue>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT e.event FROM events e JOIN issues i ON i.seq = e.issue
                 WHERE i.id = $1 AND e.version <= $2 ORDER BY e.version",
            )
            .bind(&id.0)
            .bind(integer(version))
            .fetch_all(&mut *self.0)
            .await?;
            let events = rows.iter().map(|row| Ok(serde_json::from_str(row.try_get(0)?)?));
            let events: Vec<Event> = events.collect::<Result<_, StoreError>>()?;
            let damaged = |error| StoreError::Damaged(format!("issue {id}: {error}"));
            let Some((first, steps)) = events.split_first() else { return Ok(None) };
            let mut issue = Issue::open(id.clone(), first).map_err(damaged)?;
            for event in steps {
                issue.replay(event).map_err(damaged)?;
            }
            Ok(Some(issue))
        })
    }

    fn insert_issue<'a>(&'a mut self, issue: &'a Issue, events: &'a [Event]) -> Answer<'a, (i64, u64)> {
        Box::pin(self.insert(issue, events))
    }

    fn append<'a>(&'a mut self, seq: i64, issue: &'a Issue, event: &'a Event) -> Answer<'a, u64> {
        Box::pin(self.update(seq, issue, event))
    }

    fn fill_in_filters(&mut self) -> Answer<'_, bool> {
        Box::pin(filtered::fill_in(&mut self.0))
    }

    fn remembered<'a>(&'a mut self, key: &'a str) -> Answer<'a, Option<Remembered>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT k.fingerprint, i.id, k.version FROM idempotency k JOIN issues i ON i.seq = k.issue WHERE k.key = $1",
            )
            .bind(key)
            .fetch_optional(&mut *self.0)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let (fingerprint, issue) = (row.try_get(0)?, IssueId(row.try_get(1)?));
            Ok(Some(Remembered { fingerprint, issue, version: number(&row, 2)? }))
        })
    }

    fn remember<'a>(&'a mut self, key: &'a str, answer: &'a Remembered, now: Timestamp) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO idempotency (key, fingerprint, issue, version, recorded_at)
                 SELECT $1, $2, seq, $3, $4 FROM issues WHERE id = $5",
            )
            .bind(key)
            .bind(&answer.fingerprint)
            .bind(integer(answer.version))
            .bind(now.as_millisecond())
            .bind(&answer.issue.0)
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn forget_before(&mut self, time: Timestamp) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("DELETE FROM idempotency WHERE recorded_at < $1")
                .bind(time.as_millisecond())
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn patrols<'a>(&'a mut self, ids: &'a [&'a PatrolId]) -> Answer<'a, Vec<HeldPatrol>> {
        Box::pin(async move {
            let mut query = QueryBuilder::<Engine>::new("SELECT ");
            query.push(PATROL_COLUMNS);
            query.push(" FROM patrols p LEFT JOIN patrol_fixes f ON f.patrol = p.seq WHERE p.id ");
            push_ids(&mut query, ids)?;
            let rows = query.build().fetch_all(&mut *self.0).await?;
            let held =
                rows.iter().map(|row| patrol_from_row(row).map(|(seq, patrol)| HeldPatrol { seq, patrol }));
            held.collect()
        })
    }

    fn put_patrol<'a>(
        &'a mut self,
        id: &'a PatrolId,
        version: u64,
        profile: &'a NewPatrol,
        shift_ends: Option<Timestamp>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let done = sqlx::query(
                "INSERT INTO patrols (id, version, profile, shift_ends) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (id) DO UPDATE SET version = excluded.version, profile = excluded.profile,
                 shift_ends = excluded.shift_ends WHERE patrols.version < excluded.version",
            )
            .bind(&id.0)
            .bind(integer(version))
            .bind(serde_json::to_string(profile)?)
            .bind(shift_ends.map(Timestamp::as_millisecond))
            .execute(&mut *self.0)
            .await?;
            if done.rows_affected() == 0 { Err(StoreError::Conflict) } else { Ok(()) }
        })
    }

    fn ended_shifts(&mut self, before: Timestamp, limit: u32) -> Answer<'_, Vec<PatrolId>> {
        Box::pin(async move {
            let rows =
                sqlx::query("SELECT id FROM patrols WHERE shift_ends < $1 ORDER BY shift_ends, seq LIMIT $2")
                    .bind(before.as_millisecond())
                    .bind(i64::from(limit))
                    .fetch_all(&mut *self.0)
                    .await?;
            rows.iter().map(|row| Ok(PatrolId(row.try_get(0)?))).collect()
        })
    }

    fn add_positions<'a>(
        &'a mut self,
        fixes: &'a [PackedFix],
        newest: &'a [&'a HeldPatrol],
        now: Timestamp,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let times = fixes.iter().map(|packed| packed.fix.at.as_millisecond());
            let (Some(from), Some(to)) = (times.clone().min(), times.max()) else { return Ok(()) };
            sqlx::query(
                "INSERT INTO position_batches (recorded_at, from_at, to_at, positions, packed) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(now.as_millisecond())
            .bind(from)
            .bind(to)
            .bind(integer(fixes.len() as u64))
            .bind(pack(fixes))
            .execute(&mut *self.0)
            .await?;
            self.upsert_fixes(newest).await
        })
    }

    fn tell<'a>(&'a mut self, event: &'a StreamEvent) -> Answer<'a, ()> {
        Box::pin(tell(&mut self.0, event))
    }

    fn commit(mut self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move {
            before_commit(&mut self.0).await?;
            Ok(self.0.commit().await?)
        })
    }
}
