//! Visits (走访, 打卡): noted by phones, read as GeoJSON.

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::App;
use super::access::Caller;
use super::features::{GEOJSON, base, link, next_query};
use super::problem::{ApiError, ApiResult};
use super::query::{cursor, interval, limit};
use super::request::{SMALL_BODY, idempotency_key, json as json_body};
use super::store::StoreError;
use super::store::visits::VisitFilter;
use super::writer::{Write, Written};
use crate::governance::{NewVisit, Visit};

const PATH: &str = "/api/v1/visits";
/// Visits of a page unless the client says otherwise, and at most.
const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// The routes of visits.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/v1/visits", post(note).get(list))
}

/// `POST /api/v1/visits`: 201 with the visit, 200 if the same was sent before.
///
/// Its id, else the Idempotency-Key, makes it safe to send again.
async fn note(State(app): State<App>, caller: Caller, headers: HeaderMap, body: Body) -> ApiResult<Response> {
    let body = json_body::<NewVisit>(&headers, body, SMALL_BODY).await?;
    let key = idempotency_key(&headers, &caller, "POST visits", &body.hash)?.map(|key| key.key);
    let id = body.value.id.clone().or(key).unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let written = app.writer.write(&caller, Write::Visit { id, new: Box::new(body.value) }).await?;
    let Written::Visit { visit, created } = written else { return Err(ApiError::internal()) };
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, [(header::CONTENT_TYPE, GEOJSON)], feature(&visit)?.to_string()).into_response())
}

/// `GET /api/v1/visits`: a page in the order of arrival; `datetime`, `code`, `limit`, `cursor`.
async fn list(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> ApiResult<Response> {
    let filter = filter(query.as_deref())?;
    let mut visits = app.store.visits(&VisitFilter { limit: filter.limit + 1, ..filter.clone() }).await?;
    let is_more = visits.len() > filter.limit as usize;
    visits.truncate(filter.limit as usize);
    let path = format!("{}{PATH}", base(&headers));
    let own = query.as_ref().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut links = vec![link(&own, "self", GEOJSON)];
    if let Some((last, _)) = visits.last().filter(|_| is_more) {
        links.push(link(&format!("{path}?{}", next_query(query.as_deref(), *last)), "next", GEOJSON));
    }
    let features: Vec<Value> = visits.iter().map(|(_, visit)| feature(visit)).collect::<Result<_, _>>()?;
    let page = json!({
        "type": "FeatureCollection",
        "timeStamp": app.now().to_string(),
        "numberReturned": features.len(),
        "links": links,
        "features": features,
    });
    let headers = [(header::CONTENT_TYPE, GEOJSON), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, page.to_string()).into_response())
}

fn filter(query: Option<&str>) -> ApiResult<VisitFilter> {
    let mut filter = VisitFilter { limit: DEFAULT_LIMIT, ..VisitFilter::default() };
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "datetime" => filter.time = Some(interval(&name, &value)?),
            "code" => filter.code = Some(value.into_owned()),
            "limit" => filter.limit = limit(&value, MAX_LIMIT)?,
            "cursor" => filter.after = cursor(&value)?,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "{name:?} is not a parameter here; there are datetime, code and limit"
                )));
            }
        }
    }
    Ok(filter)
}

/// A visit as a GeoJSON Feature.
fn feature(visit: &Visit) -> Result<Value, StoreError> {
    let mut properties = serde_json::to_value(visit)?;
    if let Some(properties) = properties.as_object_mut() {
        properties.remove("id");
        properties.remove("place");
    }
    let geometry = visit.place.map(|place| json!({ "type": "Point", "coordinates": [place.lon, place.lat] }));
    Ok(json!({ "type": "Feature", "id": visit.id, "geometry": geometry, "properties": properties }))
}
