//! What the doctor looks at, whatever the database.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sqlx::Row;

use super::attachments::stored_photos;
use super::doctor_access::examine_access;
use super::records::every_record;
use super::{EngineConnection, EngineRow, integer, last_event, number};
use crate::governance::wire::Item;
use crate::governance::{Event, Issue, IssueId, NewPatrol};
use crate::server::store::attachments::StoredPhoto;
use crate::server::store::packed::{RECORD, unpack};
use crate::server::store::track::{decode, hour_of};
use crate::server::store::{Diagnosis, Finding, Held, StoreError};

/// Everything but the file itself.
pub(in crate::server::store) async fn examine(
    connection: &mut EngineConnection,
    diagnosis: &mut Diagnosis,
) -> Result<Held, StoreError> {
    let photos = stored_photos(connection).await?;
    examine_numbers(connection, diagnosis).await?;
    examine_issues(connection, &photos, diagnosis).await?;
    examine_patrols(connection, diagnosis).await?;
    examine_positions(connection, diagnosis).await?;
    let posts = examine_access(connection, diagnosis).await?;
    Ok(Held { photos, posts, records: every_record(connection).await? })
}

async fn examine_numbers(
    connection: &mut EngineConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let counter = last_event(connection).await?;
    let mut last = 0;
    let mut rows = sqlx::query("SELECT number FROM events ORDER BY number").fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let number = number(&row, 0)?;
        if number != last + 1 {
            diagnosis.find(Finding::Gap { from: last + 1, to: number.saturating_sub(1) });
        }
        last = number;
        diagnosis.events += 1;
    }
    if counter != last {
        diagnosis.find(Finding::Counter { counter, last });
    }
    Ok(())
}

/// An issue as its events have it so far.
struct Folded {
    seq: i64,
    issue: Result<Issue, ()>,
}

async fn examine_issues(
    connection: &mut EngineConnection,
    photos: &[StoredPhoto],
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let is_used: HashMap<&str, bool> =
        photos.iter().map(|photo| (photo.hash.as_str(), photo.is_used)).collect();
    let mut rows = sqlx::query(
        "SELECT i.seq, i.id, i.version, i.lon, i.lat, i.reported_at, i.closed_at, f.feature,
                e.number, e.version, e.happened_at, e.recorded_at, e.event
         FROM issues i LEFT JOIN issue_features f ON f.issue = i.seq LEFT JOIN events e ON e.issue = i.seq
         ORDER BY i.seq, e.version",
    )
    .fetch(connection);
    let mut held: Option<(Folded, EngineRow)> = None;
    while let Some(row) = rows.try_next().await? {
        let seq: i64 = row.try_get(0)?;
        let id: String = row.try_get(1)?;
        if held.as_ref().is_none_or(|(folded, _)| folded.seq != seq) {
            if let Some((folded, row)) = held.take() {
                compare(folded, &row, diagnosis)?;
            }
            diagnosis.issues += 1;
        }
        let Some(number) = row.try_get::<Option<i64>, _>(8)?.map(i64::unsigned_abs) else {
            diagnosis.find(Finding::Issue { issue: id, reason: "it has no events".to_owned() });
            continue;
        };
        let before = held.take().map(|(folded, _)| folded.issue);
        let issue = match (event_of(&row), before) {
            (_, Some(Err(()))) => Err(()),
            (Err(reason), _) => {
                diagnosis.find(Finding::Event { number, issue: id, reason });
                Err(())
            }
            (Ok(event), before) => {
                examine_attachments(number, &event, &is_used, diagnosis);
                follow(before.and_then(Result::ok), &id, &event).map_err(|reason| {
                    diagnosis.find(Finding::Event { number, issue: id, reason });
                })
            }
        };
        held = Some((Folded { seq, issue }, row));
    }
    if let Some((folded, row)) = held {
        compare(folded, &row, diagnosis)?;
    }
    Ok(())
}

/// Whether the photos that an event names are stored, and are known to be named: else they would be tidied away.
fn examine_attachments(number: u64, event: &Event, is_used: &HashMap<&str, bool>, diagnosis: &mut Diagnosis) {
    for attachment in &event.attachments {
        let hash = attachment.hash.to_ascii_lowercase();
        let reason = match is_used.get(hash.as_str()) {
            Some(true) => continue,
            Some(false) => format!("event {number} names it, and it is kept as one that none names"),
            None => format!("event {number} names it, and it is not stored"),
        };
        diagnosis.find(Finding::Photo { hash, reason });
    }
}

/// The event of a row, if its columns say the same.
fn event_of(row: &EngineRow) -> Result<Event, String> {
    let text = |error: sqlx::Error| error.to_string();
    let event: Event = serde_json::from_str(row.try_get(12).map_err(text)?).map_err(|e| e.to_string())?;
    let columns: (i64, i64, i64) =
        (row.try_get(9).map_err(text)?, row.try_get(10).map_err(text)?, row.try_get(11).map_err(text)?);
    let said =
        (integer(event.version), event.happened_at.as_millisecond(), event.recorded_at.as_millisecond());
    if columns == said { Ok(event) } else { Err("its columns say otherwise".to_owned()) }
}

fn follow(before: Option<Issue>, id: &str, event: &Event) -> Result<Issue, String> {
    match before {
        None => Issue::open(IssueId(id.to_owned()), event).map_err(|error| error.to_string()),
        Some(mut issue) => {
            issue.replay(event).map_err(|error| error.to_string())?;
            Ok(issue)
        }
    }
}

/// Whether an issue is kept as its events have it; `row` is any of its rows.
fn compare(folded: Folded, row: &EngineRow, diagnosis: &mut Diagnosis) -> Result<(), StoreError> {
    // What is wrong with its events has been told.
    let Ok(issue) = folded.issue else { return Ok(()) };
    let mut differs = |reason: String| {
        diagnosis.find(Finding::Issue { issue: issue.id.0.clone(), reason });
    };
    let kept: (i64, Option<f64>, Option<f64>, i64, Option<i64>) =
        (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
    let folded = (
        integer(issue.version),
        issue.place.map(|place| place.lon),
        issue.place.map(|place| place.lat),
        issue.reported_at.as_millisecond(),
        issue.closed_at.map(jiff::Timestamp::as_millisecond),
    );
    if kept != folded {
        differs(format!("its row has {kept:?}, its events {folded:?}"));
    }
    match row.try_get::<Option<&str>, _>(7)?.map(Issue::from_text) {
        None => differs("it has no feature".to_owned()),
        Some(Err(error)) => differs(format!("its feature cannot be read: {error}")),
        Some(Ok(kept)) if kept != issue => differs("its feature differs".to_owned()),
        Some(Ok(_)) => {}
    }
    Ok(())
}

async fn examine_patrols(
    connection: &mut EngineConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let mut rows = sqlx::query("SELECT id, profile FROM patrols ORDER BY seq").fetch(connection);
    while let Some(row) = rows.try_next().await? {
        diagnosis.patrols += 1;
        if let Err(error) = serde_json::from_str::<NewPatrol>(row.try_get(1)?) {
            diagnosis.find(Finding::Patrol { patrol: row.try_get(0)?, reason: error.to_string() });
        }
    }
    Ok(())
}

async fn examine_positions(
    connection: &mut EngineConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let last_patrol: Option<i64> =
        sqlx::query("SELECT max(seq) FROM patrols").fetch_one(&mut *connection).await?.try_get(0)?;
    let last_patrol = last_patrol.unwrap_or(0);
    let mut rows = sqlx::query("SELECT seq, positions, packed FROM position_batches ORDER BY seq")
        .fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        let (batch, said): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let packed: &[u8] = row.try_get(2)?;
        let held = unpack(packed).count();
        diagnosis.positions += held as u64;
        let reason = if !packed.len().is_multiple_of(RECORD) {
            format!("{} bytes are left over", packed.len() % RECORD)
        } else if i64::try_from(held) != Ok(said) {
            format!("it holds {held} where it says {said}")
        } else if unpack(packed).any(|(patrol, _)| !(1..=last_patrol).contains(&i64::from(patrol))) {
            "it has a position of a patrol that is not there".to_owned()
        } else {
            continue;
        };
        diagnosis.find(Finding::Positions { batch, reason });
    }
    drop(rows);
    let mut rows = sqlx::query("SELECT patrol, hour, positions, coded FROM tracks ORDER BY patrol, hour")
        .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let (patrol, hour, said): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let kept = decode(row.try_get(3)?);
        diagnosis.positions += kept.as_ref().map_or(0, Vec::len) as u64;
        let reason = match kept {
            None => "it cannot be decoded".to_owned(),
            Some(kept) if i64::try_from(kept.len()) != Ok(said) => {
                format!("it holds {} where it says {said}", kept.len())
            }
            Some(kept) if !kept.is_sorted_by(|one, next| one.at < next.at) => "it is not in order".to_owned(),
            Some(kept) if kept.iter().any(|kept| hour_of(kept.at) != hour) => {
                "it has a position of another hour".to_owned()
            }
            Some(_) => continue,
        };
        diagnosis.find(Finding::Track { patrol, hour, reason });
    }
    Ok(())
}
