//! What the API says of itself: OpenAPI 3.1 at `/openapi.json`, and the same to read at `/api`.
//!
//! The shapes of bodies come from the types that read and write them (`utoipa`), the routes from one table ([`table`]).
//! A test compares the table with the routes that the sources register and with what the router answers, so a new route
//! is a line there. Neither page needs a token: they tell what there is, and nothing of what is in it.

mod page;
mod shapes;
mod table;

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Map, Value, json};

use self::table::{Body, Operation, Parameter, Shape, operations};
use super::App;

/// The two routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/openapi.json", get(document)).route("/api", get(read))
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(describe);
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
static PAGE: LazyLock<String> = LazyLock::new(|| page::page(&DOCUMENT));

/// `GET /openapi.json`.
async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/vnd.oai.openapi+json;version=3.1")], TEXT.as_str())
}

/// `GET /api`.
async fn read() -> impl IntoResponse {
    let policy = (HeaderName::from_static("content-security-policy"), page::POLICY);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), policy], PAGE.as_str())
}

/// The document.
fn describe() -> Value {
    let mut document = shapes::components();
    document["info"] = json!({
        "title": "Yunfushan",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Issues and patrols of a neighbourhood: reported, followed, handled and watched. \
                        Errors are problem documents (RFC 9457), under /open311 the standard's own.",
        "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
    });
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = describe_operation(operation);
    }
    document["paths"] = Value::Object(paths);
    document["security"] = json!([{ "bearer": [] }]);
    document
}

fn describe_operation(operation: &Operation) -> Value {
    let mut answers = Map::new();
    for (status, shape, description) in operation.answers {
        answers
            .insert(status.to_string(), json!({ "description": description, "content": content(&[*shape]) }));
    }
    let is_open311 = operation.path.starts_with("/open311/");
    let problem = if is_open311 { open311_error(operation.path) } else { vec![Shape::PROBLEM] };
    for status in operation.problems.iter().chain(&table::ANYWHERE) {
        let status = axum::http::StatusCode::from_u16(*status).unwrap_or_default();
        let description = status.canonical_reason().unwrap_or_default();
        let answer = json!({ "description": description, "content": content(&problem) });
        answers.insert(status.as_u16().to_string(), answer);
    }
    let mut described = json!({
        "tags": [operation.tag],
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "parameters": operation.parameters.iter().map(describe_parameter).collect::<Vec<_>>(),
        "responses": answers,
    });
    if !operation.body.is_empty() {
        let shapes: Vec<Shape> = operation.body.iter().map(|Body(shape)| *shape).collect();
        described["requestBody"] = json!({ "required": true, "content": content(&shapes) });
    }
    match operation.security {
        table::Security::Token => {}
        table::Security::Open => described["security"] = json!([]),
        table::Security::Open311 => described["security"] = json!([{ "bearer": [] }, { "api_key": [] }]),
        table::Security::Tracker => {
            described["security"] = json!([{ "bearer": [] }, { "tracker_token": [] }, { "basic": [] }]);
        }
    }
    described
}

/// Errors come in the format that the path ends with; where that is a parameter, in either.
fn open311_error(path: &str) -> Vec<Shape> {
    match path.rsplit_once('.') {
        Some((_, "json")) => vec![Shape::OPEN311_ERRORS],
        Some((_, "xml")) => vec![Shape::XML],
        _ => vec![Shape::OPEN311_ERRORS, Shape::XML],
    }
}

fn content(shapes: &[Shape]) -> Value {
    let mut content = Map::new();
    for Shape { media_type, schema } in shapes.iter().filter(|shape| !shape.media_type.is_empty()) {
        let schema = match *schema {
            "" => json!({ "type": ["object", "array", "string"] }),
            "text" => json!({ "type": "string" }),
            "binary" => json!({ "type": "string", "format": "binary" }),
            name => json!({ "$ref": format!("#/components/schemas/{name}") }),
        };
        content.insert((*media_type).to_owned(), json!({ "schema": schema }));
    }
    Value::Object(content)
}

fn describe_parameter(parameter: &Parameter) -> Value {
    let mut described = json!({
        "name": parameter.name,
        "in": parameter.place.word(),
        "required": parameter.is_required,
        "description": parameter.description,
        "schema": parameter.kind.schema(),
    });
    // Lists travel as one value with commas between.
    if matches!(parameter.kind, table::Kind::Words(_)) {
        described["style"] = json!("form");
        described["explode"] = json!(false);
    }
    described
}

/// A name for programs: the method and the words of the path.
fn operation_id(operation: &Operation) -> String {
    let words = operation.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = std::iter::once(operation.method).chain(words).collect();
    words.join("_")
}

#[cfg(test)]
pub(super) use table::operations as documented;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_is_openapi_and_every_reference_leads_somewhere() {
        let read: utoipa::openapi::OpenApi = serde_json::from_value(DOCUMENT.clone()).expect("OpenAPI");
        assert_eq!(read.paths.paths.len(), DOCUMENT["paths"].as_object().map_or(0, Map::len));
        assert_eq!(DOCUMENT["openapi"], "3.1.0");
        let text = TEXT.as_str();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(DOCUMENT["components"]["schemas"].get(name).is_some(), "{name}");
        }
        let ids: Vec<String> = operations().map(operation_id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        for operation in operations() {
            let in_path: BTreeSet<&str> =
                operation.path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
            let parameters =
                operation.parameters.iter().filter(|parameter| parameter.place == table::Place::Path);
            assert_eq!(in_path, parameters.map(|parameter| parameter.name).collect(), "{}", operation.path);
        }
    }

    #[test]
    fn the_page_says_every_route() {
        for operation in operations() {
            assert!(
                PAGE.contains(&*quick_xml::escape::escape(operation.summary))
                    && PAGE.contains(operation.path),
                "{}",
                operation.path
            );
        }
        assert!(
            !PAGE.contains("<script") && !PAGE.contains("http://") && PAGE.len() < 200_000,
            "{}",
            PAGE.len()
        );
    }

    #[test]
    fn the_collections_of_the_document_are_those_that_are_served() {
        let query = |name: &str| {
            operations().find(|operation| operation.path == name).map(|found| {
                found
                    .parameters
                    .iter()
                    .filter(|parameter| parameter.place == table::Place::Query)
                    .map(|parameter| parameter.name)
                    .collect::<Vec<_>>()
            })
        };
        let known: Vec<&str> =
            super::super::query::COMMON.into_iter().chain(super::super::query::OF_ISSUES).collect();
        assert_eq!(query("/collections/{id}/items"), Some(known));
    }
}
