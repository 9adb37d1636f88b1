//! What phone trackers already send: OsmAnd's protocol (which Traccar's clients speak, too) and OwnTracks over HTTP.
//!
//! A device is a patrol of the same id; it is registered by `PUT /api/v1/patrols/{id}`, and one that is not is refused.
//! Each protocol has its own unit of speed; here it becomes metres a second. Of what trackers send beyond a position the
//! charge of the battery is taken, the rest (altitude, cells) is ignored. Positions are taken by the one writer like any others: in any order, each
//! moment of a patrol once, and only a newer one moves it.

mod osmand;
mod owntracks;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::Value;

use super::App;
use super::access::Caller;
use super::problem::{ApiError, ApiResult};
use super::writer::{Write, Written};
use crate::governance::{NewPosition, PatrolId, PositionBatch};

/// Metres a second of a knot.
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;
/// Metres a second of a kilometre an hour.
const KMH_MPS: f64 = 1.0 / 3.6;

/// The routes of the trackers.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ingest/osmand", get(osmand::by_query).post(osmand::by_body))
        .route("/ingest/owntracks", post(owntracks::take))
}

/// Hands positions to the writer; a device that is no patrol is refused with a word on how to register it.
async fn hand_in(app: &App, caller: &Caller, positions: Vec<NewPosition>) -> ApiResult<()> {
    let mut devices: Vec<&PatrolId> = positions.iter().map(|position| &position.patrol).collect();
    devices.sort_unstable();
    devices.dedup();
    for device in devices {
        if app.store.patrol(device).await?.is_none() {
            return Err(unknown_device(device));
        }
    }
    // Where some are refused, such as one from the future, the device must not send the others for ever.
    match app.writer.write(caller, Write::Positions(PositionBatch(positions))).await? {
        Written::Positions(_) => Ok(()),
        _ => Err(ApiError::internal()),
    }
}

fn unknown_device(device: &PatrolId) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "unknown-device", "This device is not registered").with_detail(
        format!(
            "There is no patrol {device}. Register it with PUT /api/v1/patrols/{device} and a body such as \
         {{\"name\":\"…\",\"kind\":\"grid_officer\"}}, or set the device's identifier to the id of a patrol."
        ),
    )
}

/// A number that a tracker sends where it knows one: negative ones say that it does not.
fn known(value: Option<f64>, scale: f64) -> Option<f32> {
    value.filter(|value| *value >= 0.0).map(|value| (value * scale) as f32)
}

/// Charge of a battery in percent, from a number or the text of one, which older clients send. What cannot be is not
/// known: the position is worth more.
fn charge(value: &Value, scale: f64) -> Option<f32> {
    let told = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().trim_end_matches('%').parse().ok(),
        _ => None,
    };
    known(told, scale).filter(|percent| *percent <= 100.0)
}

/// A heading; some trackers count beyond a full turn.
fn heading(value: Option<f64>) -> Option<f32> {
    known(value.filter(|value| value.is_finite()), 1.0).map(|degrees| degrees.rem_euclid(360.0))
}
