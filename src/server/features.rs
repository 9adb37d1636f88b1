//! OGC API – Features Part 1 (core, GeoJSON): landing page, conformance, collections, items.
//!
//! Pages follow the order of arrival, which never changes, so paging is stable while others write.
//! The first page of a snapshot says which event it follows: header `Event-Id` and member `eventId`.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::{Caller, Thing, mask_feature};
use super::problem::{ApiError, ApiResult};
use super::query::filter;
use super::store::{Filter, PageRows, StoreError, Versioned};
use super::{App, organisation, standing};
use crate::governance::organisation::UnitKind;
use crate::governance::wire::Item;
use crate::governance::{Issue, IssueId, Patrol, PatrolId};

pub(super) const GEOJSON: &str = "application/geo+json";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// The header that names the last event before the first page.
pub(super) const EVENT_ID: &str = "event-id";

/// A collection that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Issues,
    Patrols,
    /// The place's buildings, where the server has a place.
    Buildings,
    /// The areas of all kinds that the place consists of, where there are any.
    Areas,
    /// What the place consists of, one kind a collection, where there is any of it.
    Units(UnitKind),
}

impl Collection {
    const ALL: [Self; 4] = [Self::Issues, Self::Patrols, Self::Buildings, Self::Areas];

    /// What this server has.
    fn served(app: &App) -> impl Iterator<Item = Self> {
        let has_place = app.place.is_some();
        let standing = app.rules.organisation.standing();
        let is_served = move |collection: &Self| match collection {
            Self::Issues | Self::Patrols => true,
            Self::Buildings => has_place,
            Self::Areas => standing.units.keys().any(|(kind, _)| kind.is_area()),
            Self::Units(kind) => standing.units.keys().any(|(of, _)| of == kind),
        };
        Self::ALL.into_iter().chain(UnitKind::ALL.map(Self::Units)).filter(is_served)
    }

    fn find(app: &App, id: &str) -> ApiResult<Self> {
        Self::served(app).find(|collection| collection.id() == id).ok_or_else(|| {
            let served: Vec<&str> = Self::served(app).map(Self::id).collect();
            ApiError::not_found(format!("there is no collection {id:?}; there are {}", served.join(", ")))
        })
    }

    /// Whether a page says which event it follows.
    const fn has_events(self) -> bool {
        matches!(self, Self::Issues | Self::Patrols)
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Issues => Issue::COLLECTION,
            Self::Patrols => Patrol::COLLECTION,
            Self::Buildings => "buildings",
            Self::Areas => "areas",
            Self::Units(kind) => kind.collection(),
        }
    }

    /// What of it is masked; what stands still is for everybody.
    const fn thing(self) -> Option<Thing> {
        match self {
            Self::Issues => Some(Thing::Issue),
            Self::Patrols => Some(Thing::Patrol),
            Self::Areas | Self::Units(_) => Some(Thing::Unit),
            Self::Buildings => None,
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
            Self::Buildings => {
                ("建筑 Buildings", "What stands there, with heights above their own ground in metres.")
            }
            Self::Areas => {
                ("区域 Areas", "Who answers for which ground, from the subdistrict to the back lane.")
            }
            Self::Units(kind) => organisation::describe(kind),
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

pub(super) fn link(href: &str, rel: &str, media_type: &str) -> Value {
    json!({ "href": href, "rel": rel, "type": media_type })
}

/// The address that the client used, for links: a proxy says which in `X-Forwarded-Host` and `X-Forwarded-Proto`.
/// Whoever sends these without being one gets wrong links in their own answer, and nothing else.
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
            link(&format!("{base}/openapi.json"), "service-desc", "application/vnd.oai.openapi+json;version=3.1"),
            link(&format!("{base}/api"), "service-doc", "text/html"),
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
pub(super) async fn collections(State(app): State<App>, headers: HeaderMap) -> Response {
    let base = base(&headers);
    let collections: Vec<Value> =
        Collection::served(&app).map(|collection| collection.describe(&base)).collect();
    json_response(&json!({
        "links": [link(&format!("{base}/collections"), "self", "application/json")],
        "collections": collections,
    }))
}

/// `GET /collections/{id}`.
pub(super) async fn collection(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    Ok(json_response(&Collection::find(&app, &id)?.describe(&base(&headers))))
}

/// `GET /collections/{id}/items`.
pub(super) async fn items(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let collection = Collection::find(&app, &id)?;
    let filter = filter(query.as_deref(), collection, app.now())?;
    let seen = page_tag(&app, collection, &filter).await?;
    if let Some(tag) = seen.as_ref().filter(|tag| is_seen(&headers, tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag.clone())]).into_response());
    }
    let mut page = match (collection, &app.place) {
        (Collection::Issues, _) => app.store.issues(&filter).await?,
        (Collection::Patrols, _) => app.store.patrols(&filter).await?,
        (Collection::Buildings, Some(place)) => standing::buildings(place, &filter),
        (Collection::Buildings, None) => PageRows::default(),
        (Collection::Areas, _) => {
            let organisation = &app.rules.organisation;
            organisation::areas(&organisation.standing(), &filter, &organisation.zone)
        }
        (Collection::Units(kind), _) => {
            let organisation = &app.rules.organisation;
            organisation::page(&organisation.standing(), kind, &filter, &organisation.zone)
        }
    };
    if let Some(thing) = collection.thing() {
        let masked =
            page.features.into_iter().map(|text| mask_feature(thing, text, caller.level(), app.now()));
        page.features = masked.collect::<Result<_, _>>().map_err(StoreError::from)?;
    }
    let is_first = filter.after == 0 && collection.has_events();
    let body = page_text(&page, is_first, &base(&headers), collection, query.as_deref(), &app.now());
    let mut response = ([(header::CONTENT_TYPE, GEOJSON)], body).into_response();
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Some(tag) = seen {
        answer.insert(header::ETAG, tag);
    }
    if is_first {
        answer.insert(EVENT_ID, HeaderValue::from(page.event_id));
    }
    Ok(response)
}

/// What a page of this collection is known by, where that can be told without reading it: issues change by events alone,
/// areas by edits, what stands still by a new start. What is overdue changes by itself, patrols move without events.
async fn page_tag(app: &App, collection: Collection, filter: &Filter) -> ApiResult<Option<HeaderValue>> {
    let tag = match collection {
        Collection::Issues if filter.issues.overdue.is_none() => {
            format!("W/\"{}-{}\"", app.start_id, app.store.last_event().await?)
        }
        Collection::Issues | Collection::Patrols | Collection::Units(_) => return Ok(None),
        Collection::Areas => {
            format!("W/\"{}-{}\"", app.start_id, app.rules.organisation.standing().revision_of_areas())
        }
        Collection::Buildings => format!("W/\"{}\"", app.start_id),
    };
    Ok(HeaderValue::try_from(tag).ok())
}

/// Whether the client has what is known by this tag.
fn is_seen(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tag = plain(tag.to_str().unwrap_or_default());
    let seen = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    seen.flat_map(|value| value.split(',')).any(|seen| plain(seen) == tag || seen.trim() == "*")
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
pub(super) fn next_query(query: Option<&str>, next: i64) -> String {
    let kept = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(name, _)| name != "cursor");
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(kept).append_pair("cursor", &next.to_string());
    serializer.finish()
}

/// `GET /collections/{id}/items/{fid}`.
pub(super) async fn item(
    State(app): State<App>,
    caller: Caller,
    Path((id, feature)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let collection = Collection::find(&app, &id)?;
    let standing = |feature: Option<String>| feature.map(|feature| Versioned { version: 1, feature });
    let found = match (collection, &app.place) {
        (Collection::Issues, _) => app.store.issue(&IssueId(feature.clone())).await?,
        (Collection::Patrols, _) => app.store.patrol(&PatrolId(feature.clone())).await?,
        (Collection::Buildings, Some(place)) => standing(standing::building(place, &feature)),
        (Collection::Buildings, None) => None,
        (Collection::Areas, _) => organisation::area(&app.rules.organisation.standing(), &feature),
        (Collection::Units(kind), _) => {
            organisation::item(&app.rules.organisation.standing(), kind, &feature)
        }
    };
    let mut found =
        found.ok_or_else(|| ApiError::not_found(format!("there is no feature {feature:?} in {id}")))?;
    if is_seen(&headers, &etag(found.version)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(found.version))]).into_response());
    }
    if let Some(thing) = collection.thing() {
        found.feature =
            mask_feature(thing, found.feature, caller.level(), app.now()).map_err(StoreError::from)?;
    }
    Ok(feature_response(StatusCode::OK, found))
}

/// `GET /api/v1/issues/{id}`: the same as the item of the collection.
pub(super) async fn issue(
    state: State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    item(state, caller, Path((Issue::COLLECTION.to_owned(), id)), headers).await
}

/// `GET /api/v1/patrols/{id}`: the same as the item of the collection.
pub(super) async fn patrol(
    state: State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    item(state, caller, Path((Patrol::COLLECTION.to_owned(), id)), headers).await
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
