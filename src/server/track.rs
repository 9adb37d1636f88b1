//! `GET /api/v1/patrols/{id}/track`: where a patrol went, as one GeoJSON Feature.
//!
//! `from` and `to` (RFC 3339; the last 24 hours unless said, 31 days at most), `every_s` (of positions closer together
//! than this the first alone), `limit` (20,000 unless said). The geometry is a LineString, of a single position a Point,
//! of none null; `properties.coordTimes` has the time of each position in the same order, `properties.mock` the indexes
//! of those that the phone said were faked. Where there are more than `limit`, a `next` link leads on.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::App;
use super::problem::{ApiError, ApiResult};
use super::query::time;
use crate::governance::{Fix, PatrolId};

/// What is shown unless the client says otherwise.
const LAST: SignedDuration = SignedDuration::from_hours(24);
/// The longest time of one request.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Positions of one answer unless the client says otherwise, and at most.
const DEFAULT_LIMIT: usize = 20_000;
const MAX_LIMIT: usize = 100_000;

/// The routes of tracks.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/patrols/{id}/track", get(track))
}

struct Asked {
    from: Timestamp,
    to: Timestamp,
    every: SignedDuration,
    limit: usize,
}

async fn track(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let asked = read(query.as_deref(), app.now())?;
    let id = PatrolId(id);
    let fixes = app.store.track(&id, asked.from, asked.to).await?;
    let fixes = fixes.ok_or_else(|| ApiError::not_found(format!("there is no patrol {id}")))?;
    let body = feature(&id, &asked, fixes).to_string();
    let headers = [(header::CONTENT_TYPE, "application/geo+json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

fn read(query: Option<&str>, now: Timestamp) -> ApiResult<Asked> {
    let (mut from, mut to, mut every, mut limit) = (None, None, SignedDuration::ZERO, DEFAULT_LIMIT);
    let number = |name: &str, value: &str, least: u32, most: u32| {
        value.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
            ApiError::bad_request(format!("{name} is {value:?}, expected a number from {least} to {most}"))
        })
    };
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "from" => from = Some(time(&name, &value)?),
            "to" => to = Some(time(&name, &value)?),
            "every_s" => every = SignedDuration::from_secs(number(&name, &value, 0, 86_400)?.into()),
            "limit" => limit = number(&name, &value, 1, MAX_LIMIT as u32)? as usize,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "{name:?} is not a parameter here; there are from, to, every_s, limit"
                )));
            }
        }
    }
    let to = to.unwrap_or(now);
    let from = from.unwrap_or_else(|| to.saturating_sub(LAST).unwrap_or(to));
    if to < from || to.duration_since(from) > LONGEST {
        return Err(ApiError::bad_request(
            "to lies before from, or more than 31 days after it; ask for less",
        ));
    }
    Ok(Asked { from, to, every, limit })
}

fn feature(id: &PatrolId, asked: &Asked, fixes: Vec<Fix>) -> serde_json::Value {
    let mut shown: Vec<Fix> = Vec::new();
    let mut next = None;
    for fix in fixes {
        if shown.last().is_some_and(|last| fix.at.duration_since(last.at) < asked.every) {
            continue;
        }
        if shown.len() == asked.limit {
            next = Some(fix.at);
            break;
        }
        shown.push(fix);
    }
    let coordinates: Vec<[f64; 2]> = shown.iter().map(|fix| [fix.place.lon, fix.place.lat]).collect();
    let geometry = match coordinates.as_slice() {
        [] => serde_json::Value::Null,
        [one] => json!({ "type": "Point", "coordinates": one }),
        _ => json!({ "type": "LineString", "coordinates": coordinates }),
    };
    let times: Vec<Timestamp> = shown.iter().map(|fix| fix.at).collect();
    let mock: Vec<usize> =
        shown.iter().enumerate().filter(|(_, fix)| fix.mock).map(|(index, _)| index).collect();
    let links: Vec<_> = next
        .map(|from| {
            let every = asked.every.as_secs();
            let (to, limit) = (asked.to, asked.limit);
            let href =
                format!("/api/v1/patrols/{id}/track?from={from}&to={to}&every_s={every}&limit={limit}");
            json!({ "rel": "next", "type": "application/geo+json", "href": href })
        })
        .into_iter()
        .collect();
    json!({
        "type": "Feature",
        "id": id,
        "geometry": geometry,
        "properties": {
            "patrol": id,
            "from": asked.from,
            "to": asked.to,
            "every_s": asked.every.as_secs(),
            "coordTimes": times,
            "mock": mock,
        },
        "links": links,
    })
}
