//! Records: small things that are edited, such as accounts, areas or rosters, each kept as JSON under a kind and an id.
//!
//! A kind is a word of the subject that keeps it (`account`, `webhook`). What is counted, filtered or sorted by the
//! database wants a table of its own instead.

use jiff::Timestamp;

use super::Answer;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Record {
    pub(in crate::server) id: String,
    /// Grows with every change.
    pub(in crate::server) version: u64,
    /// JSON.
    pub(in crate::server) body: String,
    /// When it was last written, by the server's clock.
    pub(in crate::server) changed_at: Timestamp,
}

/// A record that was written, and when in the order of all writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Changed {
    /// Grows with every record that is written, without saying how many there were.
    pub(in crate::server) change: u64,
    pub(in crate::server) kind: String,
    pub(in crate::server) record: Record,
}

/// Records, read.
pub(in crate::server) trait Records {
    /// One record.
    fn record<'a>(&'a self, kind: &'a str, id: &'a str) -> Answer<'a, Option<Record>>;
    /// The records of a kind with ids after this one (`""`: from the beginning), in the order of the ids' bytes.
    fn records<'a>(&'a self, kind: &'a str, after_id: &'a str, limit: u32) -> Answer<'a, Vec<Record>>;
    /// The records of all kinds whose last change comes after this one (0: all of them), in the order of changes.
    fn records_changed(&self, after: u64, limit: u32) -> Answer<'_, Vec<Changed>>;
}

/// Records, written.
pub(in crate::server) trait WriteRecords {
    /// A record to be changed.
    fn record<'a>(&'a mut self, kind: &'a str, id: &'a str) -> Answer<'a, Option<Record>>;
    /// Writes a record, new or not; its version must be higher than the one that is kept, else the batch is done again
    /// ([`super::StoreError::Conflict`]).
    fn put_record<'a>(
        &'a mut self,
        kind: &'a str,
        id: &'a str,
        version: u64,
        body: &'a str,
        now: Timestamp,
    ) -> Answer<'a, ()>;
    /// Deletes a record; whether it was there.
    fn delete_record<'a>(&'a mut self, kind: &'a str, id: &'a str) -> Answer<'a, bool>;
}
