//! `GET /api/v1/duty`: who ought to be out now, and who of them can be seen to be.

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use super::question::number;
use crate::governance::indicators::{Limits, Presence, Value, presence};
use crate::governance::wire::Item;
use crate::governance::{Fix, Patrol};
use crate::server::App;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::store::{Filter, Store, StoreError};

/// How old a position may be before somebody is silent, and which battery is empty, unless the client says otherwise.
pub(in crate::server) const LIMITS: Limits =
    Limits { silent_after: SignedDuration::from_mins(15), flat_percent: Fix::FLAT_PERCENT };
/// Patrols that are read at once.
const PAGE: u32 = 2_000;

/// The roster of now.
pub(super) async fn duty(State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Response> {
    let mut limits = LIMITS;
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "silent_after_secs" => {
                limits.silent_after = SignedDuration::from_secs(number(&name, &value)? as i64);
            }
            "out_of_battery_percent" => {
                let percent = value.parse::<f32>().ok().filter(|percent| (0.0..=100.0).contains(percent));
                limits.flat_percent = percent.ok_or_else(|| {
                    ApiError::bad_request(format!("{name} is {value:?}, expected a number from 0 to 100"))
                })?;
            }
            _ => {
                return Err(ApiError::bad_request(format!(
                    "{name:?} is not a parameter here; there are silent_after_secs and out_of_battery_percent"
                )));
            }
        }
    }
    let now = app.now();
    let patrols = every_patrol(&*app.store).await?;
    let seen: Vec<(Presence, &Patrol)> =
        patrols.iter().filter_map(|patrol| Some((presence(patrol, now, limits)?, patrol))).collect();
    let (present, on_duty) = (
        seen.iter().filter(|(presence, _)| *presence == Presence::Present).count() as u64,
        seen.len() as u64,
    );
    let share = Value::Ratio {
        value: (on_duty > 0).then(|| present as f64 / on_duty as f64),
        numerator: present,
        denominator: on_duty,
    };
    let list = |wanted: Presence| -> Vec<Json> {
        seen.iter().filter(|(presence, _)| *presence == wanted).map(|(_, patrol)| entry(patrol)).collect()
    };
    let body = json!({
        "as_of": now,
        "silent_after_secs": limits.silent_after.as_secs(),
        "out_of_battery_percent": limits.flat_percent,
        "share": share,
        "present": list(Presence::Present),
        "expected": list(Presence::Expected),
        "silent": list(Presence::Silent),
        "out_of_battery": list(Presence::OutOfBattery),
        "never_started": list(Presence::NeverStarted),
    });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body.to_string()).into_response())
}

/// By id alone: who that is, says the patrol itself to those who may know.
fn entry(patrol: &Patrol) -> Json {
    json!({
        "id": patrol.id,
        "kind": patrol.kind,
        "areas": patrol.areas,
        "duty": patrol.duty,
        "last_at": patrol.fix.map(|fix| fix.at),
        "battery_percent": patrol.fix.and_then(|fix| fix.battery_percent),
        "href": format!("/api/v1/patrols/{}", patrol.id),
    })
}

/// Every patrol of the store.
pub(in crate::server) async fn every_patrol(store: &dyn Store) -> Result<Vec<Patrol>, StoreError> {
    let mut patrols = Vec::new();
    let mut filter = Filter { limit: PAGE, ..Filter::default() };
    loop {
        let page = store.patrols(&filter).await?;
        for feature in &page.features {
            patrols.push(Patrol::from_text(feature)?);
        }
        match page.next {
            Some(next) => filter.after = next,
            None => return Ok(patrols),
        }
    }
}
