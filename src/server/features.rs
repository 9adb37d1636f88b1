//! OGC API – Features Part 1 (core, GeoJSON): landing page, conformance, collections, items.
//!
//! Pages follow the order of arrival, which never changes, so paging is stable while others write.
//! The first page of a snapshot says which event it follows: header `Event-Id` and member `eventId`.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::problem::{ApiError, ApiResult};
use super::request::filter;
use super::store::{PageRows, Versioned};
use crate::governance::wire::Item;
use crate::governance::{Issue, IssueId, Patrol, PatrolId};

const GEOJSON: &str = "application/geo+json";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The header that names the last event before the first page.
pub(super) const EVENT_ID: &str = "event-id";

/// A collection that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Collection {
    Issues,
    Patrols,
}

impl Collection {
    const ALL: [Self; 2] = [Self::Issues, Self::Patrols];

    fn find(id: &str) -> ApiResult<Self> {
        Self::ALL.into_iter().find(|collection| collection.id() == id).ok_or_else(|| {
            ApiError::not_found(format!("there is no collection {id:?}; there are issues and patrols"))
        })
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Issues => Issue::COLLECTION,
            Self::Patrols => Patrol::COLLECTION,
        }
    }

    fn describe(self, base: &str) -> Value {
        let (title, description) = match self {
            Self::Issues => {
                ("问题 Issues", "What is wrong in the neighbourhood, each with its state and deadline.")
            }
            Self::Patrols => {
                ("巡查力量 Patrols", "Who is on duty on the ground, each with its last position.")
            }
        };
        let id = self.id();
        json!({
            "id": id,
            "title": title,
            "description": description,
            "itemType": "feature",
            "crs": [CRS84],
            "links": [
                link(&format!("{base}/collections/{id}"), "self", "application/json"),
                link(&format!("{base}/collections/{id}/items"), "items", GEOJSON),
            ],
        })
    }
}

fn link(href: &str, rel: &str, media_type: &str) -> Value {
    json!({ "href": href, "rel": rel, "type": media_type })
}

/// The address that the client used, for links: a proxy says which in `X-Forwarded-Host` and `X-Forwarded-Proto`.
/// The server listens on loopback alone, so nobody else can.
pub(super) fn base(headers: &HeaderMap) -> String {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let scheme = if value("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    let host = value("x-forwarded-host").or_else(|| value(header::HOST.as_str()));
    host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

fn json_response(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// `GET /`.
pub(super) async fn landing(headers: HeaderMap) -> Response {
    let base = base(&headers);
    json_response(&json!({
        "title": "云府山 Yunfushan",
        "description": "Issues and patrols of a neighbourhood, live.",
        "links": [
            link(&format!("{base}/"), "self", "application/json"),
            link(&format!("{base}/conformance"), "conformance", "application/json"),
            link(&format!("{base}/collections"), "data", "application/json"),
        ],
    }))
}

/// `GET /conformance`.
pub(super) async fn conformance() -> Response {
    json_response(&json!({
        "conformsTo": [
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        ],
    }))
}

/// `GET /collections`.
pub(super) async fn collections(headers: HeaderMap) -> Response {
    let base = base(&headers);
    json_response(&json!({
        "links": [link(&format!("{base}/collections"), "self", "application/json")],
        "collections": Collection::ALL.map(|collection| collection.describe(&base)),
    }))
}

/// `GET /collections/{id}`.
pub(super) async fn collection(Path(id): Path<String>, headers: HeaderMap) -> ApiResult<Response> {
    Ok(json_response(&Collection::find(&id)?.describe(&base(&headers))))
}

/// `GET /collections/{id}/items`.
pub(super) async fn items(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let collection = Collection::find(&id)?;
    let filter = filter(query.as_deref())?;
    let page = match collection {
        Collection::Issues => app.store.issues(&filter).await?,
        Collection::Patrols => app.store.patrols(&filter).await?,
    };
    let is_first = filter.after == 0;
    let body = page_text(&page, is_first, &base(&headers), collection, query.as_deref(), &app.now());
    let mut response = ([(header::CONTENT_TYPE, GEOJSON)], body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_first {
        response.headers_mut().insert(EVENT_ID, HeaderValue::from(page.event_id));
    }
    Ok(response)
}

/// A FeatureCollection around Features that are encoded already.
fn page_text(
    page: &PageRows,
    is_first: bool,
    base: &str,
    collection: Collection,
    query: Option<&str>,
    now: &jiff::Timestamp,
) -> String {
    let path = format!("{base}/collections/{}/items", collection.id());
    let own = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut links = vec![link(&own, "self", GEOJSON)];
    if let Some(next) = page.next {
        links.push(link(&format!("{path}?{}", next_query(query, next)), "next", GEOJSON));
    }
    let mut head = json!({
        "type": "FeatureCollection",
        "timeStamp": now.to_string(),
        "numberReturned": page.features.len(),
        "links": links,
    });
    if is_first {
        head["eventId"] = page.event_id.into();
    }
    let head = head.to_string();
    let head = head.strip_suffix('}').unwrap_or(&head);
    let features = page.features.join(",");
    format!("{head},\"features\":[{features}]}}")
}

/// The same query, further on.
fn next_query(query: Option<&str>, next: i64) -> String {
    let kept = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(name, _)| name != "cursor");
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(kept).append_pair("cursor", &next.to_string());
    serializer.finish()
}

/// `GET /collections/{id}/items/{fid}`.
pub(super) async fn item(
    State(app): State<App>,
    Path((id, feature)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let found = match Collection::find(&id)? {
        Collection::Issues => app.store.issue(&IssueId(feature.clone())).await?,
        Collection::Patrols => app.store.patrol(&PatrolId(feature.clone())).await?,
    };
    let found =
        found.ok_or_else(|| ApiError::not_found(format!("there is no feature {feature:?} in {id}")))?;
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| *seen == etag(found.version)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(found.version))]).into_response());
    }
    Ok(feature_response(StatusCode::OK, found))
}

/// `GET /api/v1/issues/{id}`: the same as the item of the collection.
pub(super) async fn issue(
    state: State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    item(state, Path((Issue::COLLECTION.to_owned(), id)), headers).await
}

/// `GET /api/v1/patrols/{id}`: the same as the item of the collection.
pub(super) async fn patrol(
    state: State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    item(state, Path((Patrol::COLLECTION.to_owned(), id)), headers).await
}

fn etag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// A Feature with its version as ETag.
pub(super) fn feature_response(status: StatusCode, found: Versioned) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(GEOJSON)),
        (header::ETAG, etag(found.version)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (status, headers, found.feature).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_keeps_the_query_but_for_the_cursor() {
        assert_eq!(
            next_query(Some("bbox=1,2,3,4&cursor=5&limit=2"), 9),
            "bbox=1%2C2%2C3%2C4&limit=2&cursor=9"
        );
        assert_eq!(next_query(None, 9), "cursor=9");
    }
}
