//! Telling other programs: signed webhooks in the form of the Standard Webhooks specification.
//!
//! ```text
//! events, deadlines, roster → teller (what is new, for whom) → deliveries in the store → sender → the other program
//! ```
//!
//! - `subscription`: who wants to be told of what; `routes`: making and changing them, and the log of deliveries.
//! - `teller`: writes deliveries in one transaction with the place up to which it has looked, each subject once for each
//!   webhook, so a restart loses nothing and tells nothing twice, and neither do several servers on one database.
//! - `sender`: sends what waits, a few at once, again and again for a day; what came of it stays in the log.
//! - `sign`: the signature.
//!
//! What is told is free of names: codes, posts, times, and the title of the issue.

mod routes;
mod sender;
mod sign;
mod subscription;
mod teller;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use url::Url;

pub(super) use routes::routes;
#[cfg(test)]
pub(super) use {sender::send_waiting, teller::Teller};

use super::App;
use super::store::StoreError;
use super::store::records::Record;

/// The kind of record that a subscription is.
const RECORD: &str = "webhook";

/// Whether a record can be read, if it is one of ours.
pub(super) fn check_record(kind: &str, record: &Record) -> Option<Result<(), StoreError>> {
    let read = |body: &str| serde_json::from_str::<subscription::Subscription>(body).map(drop);
    (kind == RECORD).then(|| read(&record.body).map_err(StoreError::from))
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Where to.
    pub url: Url,
    /// Headers by name and value.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// Sends a parcel once, following no redirection, and says the status of the answer, or why there was none.
pub type Courier = Arc<dyn Fn(Parcel) -> BoxFuture<'static, Result<u16, String>> + Send + Sync>;

/// Tells and sends until the server stops.
pub(super) async fn run(app: App, courier: Courier) {
    let news = Notify::new();
    tokio::join!(teller::run(&app, &news), sender::run(&app, &courier, &news));
}
