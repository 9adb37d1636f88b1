//! The shapes of bodies and answers: from the types of governance, and by hand where a standard has them.

use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::governance::{
    Event, Health, HistoryAccepted, HistoryBatch, Issue, NewIssue, NewPatrol, NewStep, NewVisit, Patrol,
    PositionBatch, PositionsAccepted, Problem, StoredAttachment,
};

#[derive(OpenApi)]
#[openapi(components(schemas(
    Event,
    Health,
    HistoryAccepted,
    HistoryBatch,
    Issue,
    NewIssue,
    NewPatrol,
    NewStep,
    NewVisit,
    Patrol,
    PositionBatch,
    PositionsAccepted,
    Problem,
    StoredAttachment
)))]
struct Types;

/// The document with its components and nothing else.
pub(super) fn components() -> Value {
    let mut document = serde_json::to_value(Types::openapi()).unwrap_or_default();
    let schemas = &mut document["components"]["schemas"];
    let features =
        [("IssueFeature", feature(&schemas["Issue"])), ("PatrolFeature", feature(&schemas["Patrol"]))];
    for (name, schema) in features.into_iter().chain(by_hand()).chain(figures()).chain(webhooks()) {
        schemas[name] = schema;
    }
    // The place of a position stands in the Feature's geometry.
    schemas["PatrolFeature"]["properties"]["properties"]["properties"]["fix"] = json!({ "type": "object" });
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "A token, or a session's." },
        "api_key": { "type": "apiKey", "in": "query", "name": "api_key", "description": "The same token, for Open311; a POST may have it in its form." },
        "tracker_token": { "type": "apiKey", "in": "query", "name": "token", "description": "The same token, for trackers that can set no header." },
        "basic": { "type": "http", "scheme": "basic", "description": "The same token as password, for OwnTracks." },
    });
    document
}

/// A Feature around the members of a type, without its id and what the geometry says.
fn feature(of: &Value) -> Value {
    let mut properties = of.clone();
    if let Some(members) = properties["properties"].as_object_mut() {
        members.remove("id");
        members.remove("place");
    }
    if let Some(required) = properties["required"].as_array_mut() {
        required.retain(|name| name != "id" && name != "place");
    }
    json!({
        "type": "object",
        "description": "A GeoJSON Feature with a Point or no geometry.",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": { "type": "string" },
            "geometry": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Geometry" }] },
            "properties": properties,
        },
    })
}

/// What indicators and the roster answer.
fn figures() -> [(&'static str, Value); 3] {
    let time = json!({ "type": "string", "format": "date-time" });
    let window =
        json!({ "type": "object", "required": ["from", "to"], "properties": { "from": time, "to": time } });
    let number = json!({ "type": ["number", "null"] });
    let count = json!({ "type": "integer", "minimum": 0 });
    let before = json!({
        "type": "object",
        "required": ["value", "change"],
        "properties": { "value": number, "numerator": count, "denominator": count, "of": count, "change": number },
    });
    let figure = json!({
        "type": "object",
        "description": "A number, with the counts of a quotient; null of nothing. Times are in seconds.",
        "required": ["value", "previous", "year_before", "cases"],
        "properties": {
            "value": number, "numerator": count, "denominator": count, "of": count,
            "previous": before, "year_before": before, "cases": { "type": "string" },
        },
    });
    let group = json!({
        "type": "object",
        "required": ["key", "figures"],
        "properties": {
            "key": { "type": ["string", "null"] },
            "figures": { "type": "object", "additionalProperties": figure },
        },
    });
    let indicators = json!({
        "type": "object",
        "required": ["period", "as_of", "computed_at", "event_id", "previous", "year_before", "by", "groups"],
        "properties": {
            "period": window, "as_of": time, "computed_at": time, "event_id": count,
            "previous": window, "year_before": window, "by": { "type": ["string", "null"] },
            "groups": { "type": "array", "items": group },
        },
    });
    let cases = json!({
        "type": "object",
        "required": ["figure", "period", "as_of", "number_matched", "number_returned", "cases", "next"],
        "properties": {
            "figure": { "type": "string" }, "period": window, "as_of": time,
            "number_matched": count, "number_returned": count,
            "cases": { "type": "array", "items": { "type": "object", "required": ["id", "title", "href"] } },
            "next": { "type": ["string", "null"] },
        },
    });
    let patrols = json!({ "type": "array", "items": { "type": "object", "required": ["id", "href"] } });
    let roster = json!({
        "type": "object",
        "required": [
            "as_of", "silent_after_secs", "out_of_battery_percent", "share",
            "present", "expected", "silent", "out_of_battery", "never_started",
        ],
        "properties": {
            "as_of": time, "silent_after_secs": count, "out_of_battery_percent": { "type": "number" },
            "share": { "type": "object", "required": ["value", "numerator", "denominator"] },
            "present": patrols, "expected": patrols, "silent": patrols,
            "out_of_battery": patrols, "never_started": patrols,
        },
    });
    [("Indicators", indicators), ("Cases", cases), ("Roster", roster)]
}

/// What is said of webhooks, and what was sent.
fn webhooks() -> [(&'static str, Value); 4] {
    let texts = json!({ "type": "array", "maxItems": 100, "items": { "type": "string", "minLength": 1, "maxLength": 100 } });
    let kinds = ["dispatched", "due_soon", "overdue", "supervised", "silent_patrol"];
    let said = json!({
        "url": { "type": "string", "format": "uri", "pattern": "^https?://", "maxLength": 1_000 },
        "kinds": { "type": "array", "minItems": 1, "items": { "type": "string", "enum": kinds } },
        "areas": texts,
        "departments": texts,
        "paused": { "type": "boolean" },
        "secret": { "type": ["string", "null"], "description": "whsec_ and 24 to 64 bytes in base64." },
    });
    let new = json!({
        "type": "object", "required": ["url", "kinds"], "additionalProperties": false, "properties": said,
    });
    let mut held = said;
    held["id"] = json!({ "type": "string" });
    held["created_at"] = json!({ "type": "string", "format": "date-time" });
    held["deliveries"] = json!({ "type": "string" });
    let held = json!({ "type": "object", "required": ["id", "url", "kinds"], "properties": held });
    let all = json!({
        "type": "object",
        "required": ["webhooks"],
        "properties": { "webhooks": { "type": "array", "items": { "$ref": "#/components/schemas/Webhook" } } },
    });
    let delivery =
        json!({ "type": "object", "required": ["id", "kind", "subject", "state", "made_at", "attempts"] });
    let log = json!({
        "type": "object",
        "required": ["deliveries", "next"],
        "properties": {
            "deliveries": { "type": "array", "items": delivery },
            "next": { "type": ["string", "null"] },
        },
    });
    [("NewWebhook", new), ("Webhook", held), ("Webhooks", all), ("Deliveries", log)]
}

fn by_hand() -> [(&'static str, Value); 14] {
    let text = || json!({ "type": ["string", "null"] });
    let list_of =
        |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } });
    let link = json!({
        "type": "object",
        "required": ["href", "rel"],
        "properties": { "href": { "type": "string" }, "rel": { "type": "string" }, "type": { "type": "string" } },
    });
    let request = [
        "status_notes",
        "description",
        "agency_responsible",
        "service_notice",
        "address",
        "address_id",
        "zipcode",
        "media_url",
        "expected_datetime",
    ];
    let mut request: serde_json::Map<String, Value> =
        request.into_iter().map(|name| (name.to_owned(), text())).collect();
    for name in
        ["service_request_id", "service_name", "service_code", "requested_datetime", "updated_datetime"]
    {
        request.insert(name.to_owned(), json!({ "type": "string" }));
    }
    request.insert("status".to_owned(), json!({ "type": "string", "enum": ["open", "closed"] }));
    request.insert("lat".to_owned(), json!({ "type": ["number", "null"] }));
    request.insert("long".to_owned(), json!({ "type": ["number", "null"] }));
    [
        ("Link", link),
        (
            "Geometry",
            json!({
                "type": "object",
                "required": ["type", "coordinates"],
                "properties": {
                    "type": { "type": "string", "enum": ["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"] },
                    "coordinates": { "type": "array", "items": { "type": ["number", "array"] }, "description": "Longitude and latitude in degrees, WGS-84." },
                },
            }),
        ),
        (
            "Feature",
            json!({
                "type": "object",
                "description": "A GeoJSON Feature; of issues and patrols an IssueFeature or a PatrolFeature.",
                "required": ["type", "id", "geometry", "properties"],
                "properties": {
                    "type": { "type": "string", "enum": ["Feature"] },
                    "id": { "type": "string" },
                    "geometry": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Geometry" }] },
                    "properties": { "type": "object" },
                },
            }),
        ),
        (
            "FeatureCollection",
            json!({
                "type": "object",
                "required": ["type", "features", "links", "timeStamp", "numberReturned"],
                "properties": {
                    "type": { "type": "string", "enum": ["FeatureCollection"] },
                    "features": list_of("Feature"),
                    "links": list_of("Link"),
                    "timeStamp": { "type": "string", "format": "date-time" },
                    "numberReturned": { "type": "integer", "minimum": 0 },
                    "eventId": { "type": "integer", "minimum": 0, "description": "The last event before a snapshot's first page." },
                },
            }),
        ),
        (
            "Landing",
            json!({ "type": "object", "required": ["links"], "properties": { "title": text(), "description": text(), "links": list_of("Link") } }),
        ),
        (
            "Conformance",
            json!({ "type": "object", "required": ["conformsTo"], "properties": { "conformsTo": { "type": "array", "items": { "type": "string" } } } }),
        ),
        (
            "Collection",
            json!({ "type": "object", "required": ["id", "links"], "properties": { "id": { "type": "string" }, "title": text(), "description": text(), "links": list_of("Link") } }),
        ),
        (
            "Collections",
            json!({ "type": "object", "required": ["links", "collections"], "properties": { "links": list_of("Link"), "collections": list_of("Collection") } }),
        ),
        (
            "Events",
            json!({ "type": "object", "required": ["events"], "properties": { "events": list_of("Event") } }),
        ),
        (
            "Open311Request",
            json!({ "type": "object", "required": ["service_request_id"], "properties": request }),
        ),
        ("Open311Requests", list_of("Open311Request")),
        (
            "Open311Errors",
            json!({
                "type": "array",
                "items": { "type": "object", "required": ["code", "description"], "properties": { "code": { "type": "integer" }, "description": { "type": "string" } } },
            }),
        ),
        (
            "PhotoForm",
            json!({
                "type": "object",
                "required": ["photo"],
                "properties": { "photo": { "type": "string", "format": "binary" } },
            }),
        ),
        (
            "Open311Report",
            json!({
                "type": "object",
                "required": ["service_code"],
                "description": "lat and long, address_string or address_id must be there. Names, e-mail and telephone numbers are taken and not kept.",
                "properties": {
                    "api_key": { "type": "string" },
                    "jurisdiction_id": { "type": "string" },
                    "service_code": { "type": "string" },
                    "lat": { "type": "number", "minimum": -90, "maximum": 90 },
                    "long": { "type": "number", "minimum": -180, "maximum": 180 },
                    "address_string": { "type": "string" },
                    "address_id": { "type": "string" },
                    "description": { "type": "string", "maxLength": 4000 },
                    "media_url": { "type": "string", "format": "uri" },
                    "attribute[FOUND_AT]": { "type": "string", "format": "date-time" },
                    "email": { "type": "string" },
                    "device_id": { "type": "string" },
                    "account_id": { "type": "string" },
                    "first_name": { "type": "string" },
                    "last_name": { "type": "string" },
                    "phone": { "type": "string" },
                },
            }),
        ),
    ]
}
