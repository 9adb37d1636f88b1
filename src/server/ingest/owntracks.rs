//! OwnTracks in HTTP mode: a message or an array of them; only those with a position matter.
//!
//! User and device come as `X-Limit-U` and `X-Limit-D` or as `u` and `d` in the address, else from the topic. The user
//! is the patrol; the device stands for it where there is no user. Speed is in kilometres an hour.
//! The answer is an array of messages for the device: none.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::super::App;
use super::super::access::Caller;
use super::super::problem::{ApiError, ApiResult};
use super::super::request::{BATCH_BODY, json};
use super::{KMH_MPS, charge, hand_in, heading, known};
use crate::geo::LonLat;
use crate::governance::{Fix, NewPosition, PatrolId, PositionBatch};

#[derive(Deserialize)]
struct Location {
    lat: f64,
    lon: f64,
    /// When it was there, in seconds since 1970.
    tst: i64,
    acc: Option<f64>,
    vel: Option<f64>,
    cog: Option<f64>,
    /// Percent.
    #[serde(default)]
    batt: Value,
    topic: Option<String>,
}

/// `POST /ingest/owntracks`.
pub(super) async fn take(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let messages = match json::<Value>(&headers, body, BATCH_BODY).await?.value {
        Value::Array(messages) => messages,
        message => vec![message],
    };
    let device = device(&headers, query.as_deref().unwrap_or_default());
    let is_location = |message: &Value| message.get("_type").and_then(Value::as_str) == Some("location");
    let positions = messages.into_iter().filter(is_location).map(|message| {
        let location: Location =
            serde_json::from_value(message).map_err(|error| ApiError::unprocessable(error.to_string()))?;
        position(device.as_deref(), location)
    });
    let positions = positions.collect::<ApiResult<Vec<_>>>()?;
    if positions.len() > PositionBatch::MAX {
        let (sent, max) = (positions.len(), PositionBatch::MAX);
        return Err(ApiError::unprocessable(format!(
            "{sent} positions are too many; send at most {max} at once"
        )));
    }
    if !positions.is_empty() {
        hand_in(&app, &caller, positions).await?;
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], "[]").into_response())
}

/// The user, or the device, as the request names them.
fn device(headers: &HeaderMap, query: &str) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let pair = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let ways = [header("x-limit-u"), pair("u"), header("x-limit-d"), pair("d")];
    ways.into_iter().flatten().map(|id| id.trim().to_owned()).find(|id| !id.is_empty())
}

fn position(device: Option<&str>, sent: Location) -> ApiResult<NewPosition> {
    // A topic is owntracks/USER/DEVICE.
    let of_topic = || sent.topic.as_deref().and_then(|topic| topic.split('/').nth(1));
    let patrol = device.or_else(of_topic).ok_or_else(|| {
        ApiError::bad_request(
            "nobody is named: set a user in the app, or send X-Limit-U, or u in the address",
        )
    })?;
    let at = Timestamp::from_second(sent.tst)
        .map_err(|error| ApiError::unprocessable(format!("tst is no time in seconds since 1970: {error}")))?;
    Ok(NewPosition {
        patrol: PatrolId(patrol.to_owned()),
        fix: Fix {
            at,
            place: LonLat::new(sent.lon, sent.lat),
            heading_deg: heading(sent.cog),
            speed_mps: known(sent.vel, KMH_MPS),
            accuracy_m: known(sent.acc, 1.0),
            mock: false,
            battery_percent: charge(&sent.batt, 1.0),
        },
    })
}
