//! The organisation over HTTP: collections to read, and routes to edit.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Expected, Standing, UnitChange};
use crate::governance::RefusedEntry;
use crate::governance::organisation::{
    PlacedUnit, Reading, RefusedUnit, Unit, UnitKind, read_csv, read_features,
};
use crate::server::App;
use crate::server::access::{Caller, Thing, mask_feature};
use crate::server::features::feature_response;
use crate::server::problem::{ApiError, ApiResult};
use crate::server::request::{BATCH_BODY, SMALL_BODY, json, media_type, read_body, seen_version};
use crate::server::store::{Bbox, Filter, PageRows, StoreError, Versioned};
use crate::server::writer::{Write, Written};

/// The routes that edit, and the one that finds addresses.
pub(in crate::server) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/organisation/{kind}", post(import))
        .route("/api/v1/organisation/{kind}/{*code}", put(write).delete(remove).get(unit))
        .route("/api/v1/addresses", get(addresses))
}

/// What a collection of units is called.
pub(in crate::server) fn describe(kind: UnitKind) -> (&'static str, &'static str) {
    match kind {
        UnitKind::Subdistrict => ("Subdistricts", "The subdistrict itself."),
        UnitKind::Community => ("Communities", "Who answers for which community."),
        UnitKind::Grid => ("Grids", "Grids by kind, each with the post of its officer."),
        UnitKind::Compound => ("Compounds", "Who runs which compound, and who looks after it."),
        UnitKind::BusinessDistrict => ("Business districts", "Commercial areas and their alliances."),
        UnitKind::Alley => ("Back alleys", "Back alleys and who answers for them."),
        UnitKind::Stairwell => ("Stairwells", "Entrances of buildings, with their households and stewards."),
        UnitKind::Department => ("Departments", "Departments, task groups and companies that handle issues."),
        UnitKind::Team => ("Teams", "Teams of field efforts, with their compounds."),
        UnitKind::Shift => ("Roster", "Who ought to be on duty when."),
    }
}

/// A page of units, in the order of their codes; the cursor counts along it.
pub(in crate::server) fn page(
    standing: &Standing,
    kind: UnitKind,
    filter: &Filter,
    zone: &TimeZone,
) -> PageRows {
    page_of(standing, |of| of == kind, PlacedUnit::to_feature, filter, zone)
}

/// A page of all areas of whatever kind, the larger ones first; the same units as in the collections of their kinds.
pub(in crate::server) fn areas(standing: &Standing, filter: &Filter, zone: &TimeZone) -> PageRows {
    page_of(standing, UnitKind::is_area, area_feature, filter, zone)
}

fn page_of(
    standing: &Standing,
    is_wanted: impl Fn(UnitKind) -> bool,
    feature: impl Fn(&PlacedUnit, u64) -> Value,
    filter: &Filter,
    zone: &TimeZone,
) -> PageRows {
    let mut page = PageRows::default();
    let start = usize::try_from(filter.after).unwrap_or(usize::MAX);
    let wanted = standing.units.iter().filter(|((kind, _), _)| is_wanted(*kind));
    for (row, (_, held)) in wanted.enumerate().skip(start) {
        let Some(unit) = &held.unit else { continue };
        let is_asked = filter.bbox.is_none_or(|bbox| touches(unit.geometry.as_ref(), bbox))
            && filter.time.is_none_or(|time| time.meets(unit.unit.valid_from, unit.unit.valid_to, zone));
        if !is_asked {
            continue;
        }
        if page.features.len() == filter.limit as usize {
            page.next = i64::try_from(row).ok();
            break;
        }
        page.features.push(feature(unit, held.version).to_string());
    }
    page
}

/// An area among those of all kinds: told apart by kind and code.
fn area_feature(unit: &PlacedUnit, version: u64) -> Value {
    let mut feature = unit.to_feature(version);
    feature["id"] = format!("{}-{}", unit.unit.kind().name(), unit.unit.code).into();
    feature
}

/// One area, by kind and code as [`area_feature`] writes them.
pub(in crate::server) fn area(standing: &Standing, id: &str) -> Option<Versioned> {
    let (kind, code) = id.split_once('-')?;
    let kind = UnitKind::named(kind).filter(|kind| kind.is_area())?;
    let held = standing.units.get(&(kind, code.to_owned()))?;
    let feature = area_feature(held.unit.as_ref()?, held.version).to_string();
    Some(Versioned { version: held.version, feature })
}

/// One unit.
pub(in crate::server) fn item(standing: &Standing, kind: UnitKind, code: &str) -> Option<Versioned> {
    let held = standing.units.get(&(kind, code.to_owned()))?;
    let unit = held.unit.as_ref()?;
    Some(Versioned { version: held.version, feature: unit.to_feature(held.version).to_string() })
}

/// Whether the box around a geometry touches a box.
fn touches(geometry: Option<&Value>, bbox: Bbox) -> bool {
    fn around(value: &Value, bounds: &mut [f64; 4]) {
        let Some(list) = value.as_array() else { return };
        match (list.first().and_then(Value::as_f64), list.get(1).and_then(Value::as_f64)) {
            (Some(lon), Some(lat)) => {
                *bounds = [bounds[0].min(lon), bounds[1].min(lat), bounds[2].max(lon), bounds[3].max(lat)];
            }
            _ => list.iter().for_each(|part| around(part, bounds)),
        }
    }
    let Some(coordinates) = geometry.and_then(|geometry| geometry.get("coordinates")) else { return false };
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    around(coordinates, &mut bounds);
    let [west, south, east, north] = bounds;
    // Without a position there is no box, and infinity touches nothing.
    west <= east && bbox.touches(Bbox { west, south, east, north })
}

fn kind_of(name: &str) -> ApiResult<UnitKind> {
    UnitKind::named(name).or_else(|| UnitKind::of_collection(name)).ok_or_else(|| {
        let known: Vec<&str> = UnitKind::ALL.map(UnitKind::name).to_vec();
        ApiError::not_found(format!("there is no kind {name:?}; there are {}", known.join(", ")))
    })
}

/// `GET /api/v1/organisation/{kind}/{code}`: one unit with its version.
async fn unit(
    State(app): State<App>,
    caller: Caller,
    Path((kind, code)): Path<(String, String)>,
) -> ApiResult<Response> {
    let found = item(&app.rules.organisation.standing(), kind_of(&kind)?, &code);
    let mut found = found.ok_or_else(|| ApiError::not_found(format!("there is no {kind} {code}")))?;
    found.feature =
        mask_feature(Thing::Unit, found.feature, caller.level(), app.now()).map_err(StoreError::from)?;
    Ok(feature_response(StatusCode::OK, found))
}

/// A Feature as it is sent to be kept.
#[derive(Debug, Deserialize)]
struct NewUnit {
    #[serde(default)]
    geometry: Option<Value>,
    properties: Unit,
}

/// `PUT /api/v1/organisation/{kind}/{code}`: a Feature; `If-Match` with its version, or `If-None-Match: *` for a new one.
async fn write(
    State(app): State<App>,
    caller: Caller,
    Path((kind, code)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let kind = kind_of(&kind)?;
    let is_new = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == "*");
    let expected = if is_new { Expected::Absent } else { Expected::Version(seen_version(&headers)?) };
    let NewUnit { geometry, properties } = json::<NewUnit>(&headers, body, SMALL_BODY).await?.value;
    if properties.kind() != kind || properties.code != code {
        let detail = format!("the properties say {} {}", properties.kind().name(), properties.code);
        return Err(ApiError::unprocessable(format!("{detail}, the address {} {code}", kind.name())));
    }
    properties.check().map_err(ApiError::unprocessable)?;
    let unit = PlacedUnit { unit: properties, geometry: geometry.filter(Value::is_object) };
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let change = UnitChange { kind, code, expected, unit: Some(unit.clone()) };
    let version = changed(&app, &caller, vec![change]).await?.first().copied().unwrap_or(1);
    Ok(feature_response(status, Versioned { version, feature: unit.to_feature(version).to_string() }))
}

/// `DELETE /api/v1/organisation/{kind}/{code}`: takes away what was entered by mistake; what ended gets a `valid_to`.
async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path((kind, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> ApiResult<StatusCode> {
    let kind = kind_of(&kind)?;
    let expected = Expected::Version(seen_version(&headers)?);
    changed(&app, &caller, vec![UnitChange { kind, code, expected, unit: None }]).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn changed(app: &App, caller: &Caller, changes: Vec<UnitChange>) -> ApiResult<Vec<u64>> {
    match app.writer.write(caller, Write::Units(changes)).await? {
        Written::Units(versions) => Ok(versions),
        _ => Err(ApiError::internal()),
    }
}

#[derive(Debug, Deserialize)]
struct ImportQuery {
    #[serde(default)]
    dry_run: bool,
}

/// What an import came to.
#[derive(Debug, Serialize)]
struct Imported {
    /// Units that were taken.
    taken: usize,
}

/// `POST /api/v1/organisation/{kind}`: a whole file, CSV or GeoJSON; all of it or nothing. `dry_run=true` only reads it.
async fn import(
    State(app): State<App>,
    caller: Caller,
    Path(kind): Path<String>,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let kind = kind_of(&kind)?;
    let read: fn(&[u8], UnitKind) -> Result<Reading, String> = match media_type(&headers) {
        "text/csv" => |bytes, kind| read_csv(bytes, kind).map_err(|error| error.to_string()),
        "application/geo+json" | "application/json" => |bytes, kind| {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            read_features(text, Some(kind)).map_err(|error| error.to_string())
        },
        _ => {
            let title = "A file is text/csv or application/geo+json";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no-table", title));
        }
    };
    let bytes = read_body(body, BATCH_BODY).await?;
    let reading = read(&bytes, kind).map_err(ApiError::unprocessable)?;
    if !reading.refused.is_empty() {
        return Err(ApiError::refused_entries(
            reading
                .refused
                .into_iter()
                .map(|RefusedUnit { entry, reason }| RefusedEntry { index: entry.saturating_sub(1), reason }),
        ));
    }
    let imported = Imported { taken: reading.units.len() };
    if !query.dry_run {
        let changes = reading.units.into_iter().map(|placed| UnitChange {
            kind,
            code: placed.unit.code.clone(),
            expected: Expected::Any,
            unit: Some(placed),
        });
        changed(&app, &caller, changes.collect()).await?;
    }
    Ok(Json(imported).into_response())
}

#[derive(Debug, Deserialize)]
struct AddressQuery {
    q: String,
}

/// `GET /api/v1/addresses?q=`: where an address may lie, with how sure that is from 0 to 1.
async fn addresses(State(app): State<App>, Query(query): Query<AddressQuery>) -> Json<Value> {
    let found = app.rules.organisation.proposal(&query.q);
    let features: Vec<Value> = found
        .map(|(found, place)| {
            json!({
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
                "properties": {
                    "address": found.address,
                    "building": found.building,
                    "confidence": found.confidence,
                },
            })
        })
        .into_iter()
        .collect();
    Json(json!({"type": "FeatureCollection", "features": features}))
}
