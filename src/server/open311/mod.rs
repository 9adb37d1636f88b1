//! Open311 GeoReport v2, as a server: resident apps report here and follow what they reported.
//!
//! Services are the classes of the place's table, requests are issues. Every answer comes as JSON and as XML, by the end
//! of the path; errors come as the standard's arrays, made in one place ([`errors`]) from the problems that all routes
//! answer with. The key (`api_key`) is a token: in the form of a POST, in the query, or as any other route takes it.
//!
//! - `document`: JSON and XML from one value. `services`: the class table. `report`: what a POST says.
//! - `requests`: issues as requests, and which are asked for.
//!
//! Names, phone numbers and addresses of those who report (`first_name`, `last_name`, `phone`, `email`), and their own
//! words where numbers stand in them, are kept apart from the issue (`GET /api/v1/issues/{id}/contact`); `device_id` and
//! `account_id` are not kept.

mod document;
mod report;
mod requests;
mod services;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{MethodRouter, get};

use self::document::{Format, Node};
use super::App;
use super::access::Caller;
use super::problem::{ApiError, ApiResult};
use crate::governance::Problem;

/// Where it stands.
const ROOT: &str = "/open311/v2/";
/// When these routes last changed what they answer.
const CHANGED: &str = "2026-11-28T00:00:00Z";

/// The routes of the standard.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/open311/v2/discovery.json", discovery_in(Format::Json))
        .route("/open311/v2/discovery.xml", discovery_in(Format::Xml))
        .route("/open311/v2/services.json", services_in(Format::Json))
        .route("/open311/v2/services.xml", services_in(Format::Xml))
        .route("/open311/v2/services/{file}", get(services::definition))
        .route("/open311/v2/requests.json", requests_in(Format::Json))
        .route("/open311/v2/requests.xml", requests_in(Format::Xml))
        .route("/open311/v2/requests/{file}", get(requests::one))
        .route("/open311/v2/tokens/{file}", get(requests::token))
}

fn discovery_in(format: Format) -> MethodRouter<App> {
    get(move |State(app): State<App>, headers: HeaderMap| async move {
        discovery(&app, &headers).answer("discovery", format)
    })
}

fn services_in(format: Format) -> MethodRouter<App> {
    get(move |State(app): State<App>| async move { services::list(&app, format) })
}

fn requests_in(format: Format) -> MethodRouter<App> {
    let list = move |State(app): State<App>, caller: Caller, RawQuery(query): RawQuery| async move {
        requests::list(&app, &caller, query.as_deref(), format).await
    };
    let post = move |State(app): State<App>,
                     caller: Caller,
                     RawQuery(query): RawQuery,
                     headers: HeaderMap,
                     body: Body| async move {
        report::post(&app, caller, query.as_deref(), &headers, body, format).await
    };
    get(list).post(post)
}

/// The id and the format of `id.json` or `id.xml`.
fn split_file(file: &str) -> ApiResult<(&str, Format)> {
    Format::split(file).ok_or_else(|| ApiError::not_found("the path ends neither in .json nor in .xml"))
}

/// What the standard calls service discovery: which versions stand where.
fn discovery(app: &App, headers: &HeaderMap) -> Node {
    let base = super::features::base(headers);
    let formats = ["text/xml", "application/json"].map(Node::text).to_vec();
    Node::Record(vec![
        ("changeset", Node::text(CHANGED)),
        ("contact", Node::Nothing),
        ("key_service", Node::Nothing),
        (
            "endpoints",
            Node::List(
                "endpoint",
                vec![Node::Record(vec![
                    ("specification", Node::text("http://wiki.open311.org/GeoReport_v2")),
                    ("url", Node::text(format!("{base}/open311/v2"))),
                    ("changeset", Node::text(CHANGED)),
                    ("type", Node::text(if app.rules.simulated { "test" } else { "production" })),
                    ("formats", Node::List("format", formats)),
                ])],
            ),
        ),
    ])
}

/// Writes the errors of these routes, whoever made them, as the standard has them.
pub(super) async fn errors(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let Some(format) =
        path.starts_with(ROOT).then(|| Format::split(path).map_or(Format::Xml, |(_, format)| format))
    else {
        return next.run(request).await;
    };
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Box<Problem>>() else { return response };
    let mut description = problem.title.clone();
    if let Some(detail) = &problem.detail {
        description = format!("{description}: {detail}");
    }
    let error = Node::Record(vec![
        ("code", Node::Integer(problem.status.into())),
        ("description", Node::text(description)),
    ]);
    let (parts, _) = response.into_parts();
    let mut answer = Node::List("error", vec![error]).answer("errors", format);
    *answer.status_mut() = parts.status;
    for (name, value) in &parts.headers {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// The error that the standard has for a key that is missing or wrong.
fn key_error(is_missing: bool) -> ApiError {
    if is_missing {
        ApiError::new(StatusCode::BAD_REQUEST, "key-needed", "api_key was not provided")
    } else {
        ApiError::new(StatusCode::FORBIDDEN, "wrong-key", "api_key is not a valid one")
    }
}
