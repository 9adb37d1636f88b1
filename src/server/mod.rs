//! The API server: a system of record for issues and patrols, by standards that other programs speak.
//!
//! ```text
//! request → access (who, what) → route → writer (one task: decide, commit, answer) → store
//!                                        ↘ reads straight from the store        ↓ after the commit
//!                                          GET /api/v1/events ← hub (each event encoded once)
//! ```
//!
//! - `access`: who may come in, what they may do, how much they see. `tls`: where connections come from.
//! - `request`, `problem`: what comes in and how errors go out (RFC 9457).
//! - `features`: OGC API – Features; `query`: its parameters; `standing`: buildings. `organisation`: areas and all else that a place consists of. `write`: the routes that write. `events`: the event stream.
//! - `open311`: GeoReport v2 for resident apps. `ingest`: what phone trackers send. `secret`: where a request carries its token.
//! - `attachments`: photos, checked, stripped and kept as files. `backup`: whole copies. `doctor`: whether all is as it must be.
//! - `visits`: who was where. `phone`: the page for an officer's phone.
//! - `api`: OpenAPI of all of it.
//! - `indicators`: figures, the cases behind each, who is on duty. `webhooks`: telling other programs.
//! - `observe`: the log's line, the figures and the id of every request. `metrics`: those figures for Prometheus.
//! - `writer`: the one writer. Many writes a commit; 2xx only after it.
//! - `track`: where a patrol went. `keeping`: old positions are packed, thinned out, forgotten.
//! - `shifts`: tells the open streams whose shift has ended.
//! - `hub`: what goes out to everyone who listens.
//! - `store`: one trait, SQLite or PostgreSQL behind it; the tables are in `migrations/`.
//! - `follower`: where several servers share a database, what any of them wrote reaches every screen by it.
//!
//! What is decided (life cycle, deadlines) is decided by [`crate::governance`]; nothing here knows a rule.
//! [`start`] runs a server on threads of its own, so that `serve`, `demo` and tests use the same one.

mod access;
mod api;
mod attachments;
mod backup;
mod doctor;
mod events;
mod features;
mod follower;
mod hub;
mod indicators;
mod ingest;
mod keeping;
mod metrics;
mod observe;
mod open311;
mod organisation;
mod phone;
mod problem;
mod query;
mod request;
mod router;
mod running;
mod secret;
mod shifts;
mod standing;
mod store;
#[cfg(test)]
mod tests;
#[cfg(test)]
#[path = "tests/mod.rs"]
#[allow(clippy::duplicate_mod, reason = "the same tests on the other database")]
mod tests_on_postgres;
mod tls;
mod track;
mod visits;
mod webhooks;
mod write;
mod writer;

use std::ops::Deref;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use access::{AccessError, Accounts, Imported, Listed, ListedToken, NewPerson, read_people};
pub use backup::{backup, restore};
pub use doctor::{Beside, examine};
pub use keeping::Keeping;
pub use running::{Config, Running, ServerError, start};
pub use store::{BackupError, Database, Diagnosis, Finding, Note, OpenError, StoreError};
pub use tls::TlsError;
pub use webhooks::{Courier, Parcel};

use crate::governance::wire::{Heartbeat, StreamEvent};

/// What every route has at hand.
#[derive(Clone)]
struct App(Arc<Shared>);

struct Shared {
    store: Arc<dyn store::Store>,
    writer: writer::Writer,
    hub: hub::Hub,
    ledger: indicators::Ledger,
    metrics: metrics::Metrics,
    /// Whether there is a courier for webhooks.
    can_send: bool,
    rules: Arc<writer::Rules>,
    /// What stands still, where the server was given a place.
    place: Option<Arc<crate::city::Place>>,
    /// Made anew at each start, so that nothing from before is taken for what it is now.
    start_id: String,
    files: attachments::Files,
    access: access::Access,
    /// Whose pages may ask.
    allow_origins: Vec<axum::http::HeaderValue>,
    stop: CancellationToken,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The scenario time.
    fn now(&self) -> jiff::Timestamp {
        self.rules.clock.now()
    }

    /// A heartbeat of this moment, encoded.
    fn heartbeat(&self) -> Result<hub::Frame, StoreError> {
        let heartbeat = Heartbeat { clock: self.rules.clock.reading(), simulated: self.rules.simulated };
        Ok(hub::Frame::of(None, &StreamEvent::Heartbeat(heartbeat), self.now())?)
    }
}
