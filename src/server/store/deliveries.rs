//! What webhooks are told, and what came of it.

use jiff::Timestamp;
use serde::Serialize;

use super::Answer;

/// Something to be told to one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct NewDelivery {
    /// Its `Webhook-Id`, the same however often it is sent.
    pub(in crate::server) id: String,
    pub(in crate::server) webhook: String,
    /// What it tells of: told once to each webhook.
    pub(in crate::server) subject: String,
    pub(in crate::server) kind: &'static str,
    pub(in crate::server) body: String,
    /// By the real clock.
    pub(in crate::server) made_at: Timestamp,
}

/// A delivery whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::server) struct Waiting {
    pub(in crate::server) seq: i64,
    pub(in crate::server) id: String,
    pub(in crate::server) webhook: String,
    pub(in crate::server) body: String,
    pub(in crate::server) made_at: Timestamp,
    /// How often it was sent.
    pub(in crate::server) attempts: i64,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Standing {
    /// It is sent at this time, perhaps again.
    Waiting(Timestamp),
    /// It was taken.
    Done,
    /// It was sent for a day in vain, or there is nobody any more to send it to.
    GivenUp,
}

/// What came of sending it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::server) struct Attempt {
    /// By the real clock.
    pub(in crate::server) at: Timestamp,
    /// The status of the answer, if there was one.
    pub(in crate::server) status: Option<i64>,
    /// Why there was none.
    pub(in crate::server) error: Option<String>,
}

/// A delivery as the log shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::server) struct Told {
    #[serde(skip)]
    pub(in crate::server) seq: i64,
    pub(in crate::server) id: String,
    pub(in crate::server) kind: String,
    pub(in crate::server) subject: String,
    pub(in crate::server) state: String,
    pub(in crate::server) made_at: Timestamp,
    /// When it is sent next, while it waits.
    pub(in crate::server) next_at: Option<Timestamp>,
    pub(in crate::server) attempts: Vec<Attempt>,
}

/// Deliveries, read.
pub(in crate::server) trait Deliveries {
    /// Those that are to be sent by now, the one that waited longest first.
    fn waiting(&self, now: Timestamp, limit: u32) -> Answer<'_, Vec<Waiting>>;
    /// Those of a webhook before this place, the newest first.
    fn told<'a>(&'a self, webhook: &'a str, before: i64, limit: u32) -> Answer<'a, Vec<Told>>;
}

/// Deliveries, written.
pub(in crate::server) trait WriteDeliveries {
    /// Adds one, unless that webhook was told of the same before; whether it did.
    fn add_delivery<'a>(&'a mut self, new: &'a NewDelivery) -> Answer<'a, bool>;
    /// Takes one to send it, so that nobody else does until then; whether it was still to be had.
    fn claim_delivery<'a>(&'a mut self, waiting: &'a Waiting, until: Timestamp) -> Answer<'a, bool>;
    /// Writes down what came of it; without an attempt only how it stands.
    fn note_delivery<'a>(
        &'a mut self,
        seq: i64,
        attempt: Option<(i64, &'a Attempt)>,
        standing: Standing,
    ) -> Answer<'a, ()>;
    /// Forgets those that ended and were made before this time.
    fn forget_deliveries(&mut self, before: Timestamp) -> Answer<'_, ()>;
}
