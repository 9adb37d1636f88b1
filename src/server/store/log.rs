//! The log of events as it is: for whoever keeps a count of everything that happened.

use super::Answer;

/// One event, not read yet: reading a hundred thousand is work that is not done between answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Logged {
    pub(in crate::server) number: u64,
    /// The place of its issue in the order of arrival.
    pub(in crate::server) seq: i64,
    /// The id of its issue.
    pub(in crate::server) issue: String,
    /// The JSON of the event.
    pub(in crate::server) event: String,
}

/// The log, read.
pub(in crate::server) trait EventLog {
    /// The events after this number, at most `limit` of them, in their order.
    fn log_after(&self, number: u64, limit: u32) -> Answer<'_, Vec<Logged>>;
}
