//! Photos: what is kept of each beside its file.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Answer;
use crate::governance::IssueId;

/// What is kept of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct AttachmentRow {
    /// Hexadecimal SHA-256 of the file, in small letters.
    pub(in crate::server) hash: String,
    pub(in crate::server) media_type: String,
    /// Length of the file.
    pub(in crate::server) bytes: i64,
    /// Pixels, as it is looked at.
    pub(in crate::server) width: i64,
    /// Pixels, as it is looked at.
    pub(in crate::server) height: i64,
}

/// A photo as whoever looks after the files sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct StoredPhoto {
    /// As [`AttachmentRow::hash`]; whatever stands there in a database that is damaged.
    pub(in crate::server) hash: String,
    /// Length of the file.
    pub(in crate::server) bytes: i64,
    /// Whether an event names it.
    pub(in crate::server) is_used: bool,
}

/// Photos, read.
pub(in crate::server) trait Attachments {
    /// What is kept of a photo.
    fn attachment<'a>(&'a self, hash: &'a str) -> Answer<'a, Option<AttachmentRow>>;
    /// The hashes of photos from `from` on and before `to`, in order.
    fn attachments_between<'a>(&'a self, from: &'a str, to: &'a str) -> Answer<'a, Vec<String>>;
    /// Whether walls may show a photo, as one of whatever issue.
    fn is_released<'a>(&'a self, hash: &'a str) -> Answer<'a, bool>;
    /// The photos of an issue that walls may show.
    fn released<'a>(&'a self, issue: &'a IssueId) -> Answer<'a, BTreeSet<String>>;
}

/// Photos, written.
pub(in crate::server) trait WriteAttachments {
    /// Whether a photo is stored.
    fn has_attachment<'a>(&'a mut self, hash: &'a str) -> Answer<'a, bool>;
    /// Stores what is kept of a photo, or notes that it came again.
    fn put_attachment<'a>(&'a mut self, row: &'a AttachmentRow, now: Timestamp) -> Answer<'a, ()>;
    /// Notes that an event names a photo, if it is the first.
    fn mark_attachment<'a>(&'a mut self, hash: &'a str, event: u64) -> Answer<'a, ()>;
    /// Lets walls show a photo of the issue with this place, or lets them no more; whether that is news.
    fn release<'a>(
        &'a mut self,
        issue: i64,
        hash: &'a str,
        is_released: bool,
        now: Timestamp,
    ) -> Answer<'a, bool>;
    /// Forgets the photos from before this time that no event names; says how many.
    fn forget_unused_attachments(&mut self, before: Timestamp) -> Answer<'_, u64>;
}
