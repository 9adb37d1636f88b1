//! Which path leads where, and what every request passes through.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use super::problem::{ApiError, ApiResult};
use super::{
    App, access, attachments, events, features, ingest, open311, organisation, phone, track, visits, write,
};
use crate::governance::Health;

/// The whole API.
pub(super) fn router(app: App) -> Router {
    let nosniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Router::new()
        .route("/", get(features::landing))
        .route("/conformance", get(features::conformance))
        .route("/collections", get(features::collections))
        .route("/collections/{id}", get(features::collection))
        .route("/collections/{id}/items", get(features::items))
        .route("/collections/{id}/items/{feature}", get(features::item))
        .route("/api/v1/issues", post(write::report))
        .route("/api/v1/issues/{id}", get(features::issue))
        .route("/api/v1/issues/{id}/steps", post(write::step))
        .route("/api/v1/issues/{id}/events", get(write::issue_events))
        .route("/api/v1/patrols/{id}", put(write::put_patrol).get(features::patrol))
        .route("/api/v1/positions", post(write::positions))
        .route("/api/v1/history", post(write::history))
        .route("/api/v1/events", get(events::events))
        .merge(attachments::routes())
        .merge(visits::routes())
        .merge(phone::routes())
        .route("/health", get(health))
        .merge(open311::routes())
        .merge(ingest::routes())
        .merge(organisation::routes())
        .merge(track::routes())
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), access::guard))
        .layer(from_fn(open311::errors))
        .layer(CompressionLayer::new())
        .layer(nosniff)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(app)
}

/// `GET /health`: whether it can read and write, and its clock. Needs no token.
async fn health(State(app): State<App>) -> ApiResult<Response> {
    app.store.last_event().await?;
    if app.writer.is_gone() {
        tracing::error!("the writer has ended");
        return Err(ApiError::unavailable());
    }
    let health = Health {
        status: "ok".to_owned(),
        clock: app.rules.clock.reading(),
        simulated: app.rules.simulated,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let body = serde_json::to_string(&health).map_err(super::StoreError::from)?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

async fn no_such_path(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is nothing at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", format!("{method} is not possible here"))
        .with_detail(format!("at {}", uri.path()))
}

/// What the log says of a request: not its query, which may hold a secret.
fn span(request: &Request<Body>) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("something that is no text");
    tracing::error!(said, "a request panicked");
    ApiError::internal().into_response()
}
