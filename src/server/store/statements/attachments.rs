//! Photos: what is kept of each beside its file.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::Row;

use super::{EngineConnection, EngineStore, Writing, integer};
use crate::governance::IssueId;
use crate::server::store::attachments::{AttachmentRow, Attachments, StoredPhoto, WriteAttachments};
use crate::server::store::{Answer, StoreError};

/// Every photo that the database knows.
pub(super) async fn stored_photos(connection: &mut EngineConnection) -> Result<Vec<StoredPhoto>, StoreError> {
    let rows = sqlx::query("SELECT hash, bytes, used_by FROM attachments ORDER BY hash")
        .fetch_all(connection)
        .await?;
    let photo = |row: &super::EngineRow| -> Result<StoredPhoto, StoreError> {
        let used_by: Option<i64> = row.try_get(2)?;
        Ok(StoredPhoto { hash: row.try_get(0)?, bytes: row.try_get(1)?, is_used: used_by.is_some() })
    };
    rows.iter().map(photo).collect()
}

impl Attachments for EngineStore {
    fn attachment<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<AttachmentRow>> {
        Box::pin(async move {
            let row =
                sqlx::query("SELECT hash, media_type, bytes, width, height FROM attachments WHERE hash = $1")
                    .bind(hash)
                    .fetch_optional(self.readers())
                    .await?;
            row.map(|row| {
                Ok(AttachmentRow {
                    hash: row.try_get(0)?,
                    media_type: row.try_get(1)?,
                    bytes: row.try_get(2)?,
                    width: row.try_get(3)?,
                    height: row.try_get(4)?,
                })
            })
            .transpose()
        })
    }

    fn attachments_between<'a>(&'a self, from: &'a str, to: &'a str) -> Answer<'a, Vec<String>> {
        Box::pin(async move {
            let rows =
                sqlx::query("SELECT hash FROM attachments WHERE hash >= $1 AND hash < $2 ORDER BY hash")
                    .bind(from)
                    .bind(to)
                    .fetch_all(self.readers())
                    .await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        })
    }

    fn is_released<'a>(&'a self, hash: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let row = sqlx::query("SELECT issue FROM released_photos WHERE hash = $1 LIMIT 1")
                .bind(hash)
                .fetch_optional(self.readers())
                .await?;
            Ok(row.is_some())
        })
    }

    fn released<'a>(&'a self, issue: &'a IssueId) -> Answer<'a, BTreeSet<String>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT r.hash FROM released_photos r JOIN issues i ON i.seq = r.issue WHERE i.id = $1",
            )
            .bind(&issue.0)
            .fetch_all(self.readers())
            .await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        })
    }
}

impl WriteAttachments for Writing {
    fn has_attachment<'a>(&'a mut self, hash: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let row = sqlx::query("SELECT hash FROM attachments WHERE hash = $1")
                .bind(hash)
                .fetch_optional(&mut *self.0)
                .await?;
            Ok(row.is_some())
        })
    }

    fn put_attachment<'a>(&'a mut self, row: &'a AttachmentRow, now: Timestamp) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO attachments (hash, media_type, bytes, width, height, stored_at)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO UPDATE SET stored_at = excluded.stored_at",
            )
            .bind(&row.hash)
            .bind(&row.media_type)
            .bind(row.bytes)
            .bind(row.width)
            .bind(row.height)
            .bind(now.as_millisecond())
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn mark_attachment<'a>(&'a mut self, hash: &'a str, event: u64) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE attachments SET used_by = $1 WHERE hash = $2 AND used_by IS NULL")
                .bind(integer(event))
                .bind(hash)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn release<'a>(
        &'a mut self,
        issue: i64,
        hash: &'a str,
        is_released: bool,
        now: Timestamp,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = if is_released {
                sqlx::query(
                    "INSERT INTO released_photos (issue, hash, released_at) VALUES ($1, $2, $3)
                     ON CONFLICT (issue, hash) DO NOTHING",
                )
                .bind(issue)
                .bind(hash)
                .bind(now.as_millisecond())
                .execute(&mut *self.0)
                .await?
            } else {
                sqlx::query("DELETE FROM released_photos WHERE issue = $1 AND hash = $2")
                    .bind(issue)
                    .bind(hash)
                    .execute(&mut *self.0)
                    .await?
            };
            Ok(done.rows_affected() > 0)
        })
    }

    fn forget_unused_attachments(&mut self, before: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let done = sqlx::query("DELETE FROM attachments WHERE used_by IS NULL AND stored_at < $1")
                .bind(before.as_millisecond())
                .execute(&mut *self.0)
                .await?;
            Ok(done.rows_affected())
        })
    }
}
