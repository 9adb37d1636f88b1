//! Which path leads where, and what every request passes through.

use std::any::Any;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::problem::{ApiError, ApiResult};
use super::{
    App, access, api, attachments, events, features, indicators, ingest, metrics, observe, open311,
    organisation, phone, problem, track, visits, webhooks, write,
};
use crate::governance::Health;

/// The whole API.
pub(super) fn router(app: App) -> Router {
    let routes = Router::new()
        .merge(access::routes())
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
        .merge(api::routes())
        .merge(open311::routes())
        .merge(ingest::routes())
        .merge(organisation::routes())
        .merge(track::routes())
        .merge(indicators::routes())
        .merge(webhooks::routes())
        .merge(metrics::routes())
        .fallback(no_such_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(without_nul))
        .layer(from_fn_with_state(app.clone(), access::guard))
        .layer(from_fn(problem::complete))
        .layer(from_fn(open311::errors))
        .layer(CompressionLayer::new());
    let routes = match cross_origin(&app.allow_origins) {
        Some(layer) => routes.layer(layer),
        None => routes,
    };
    routes
        .layer(from_fn_with_state(app.clone(), protect))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// Lets pages of these origins ask; with none, no page of another origin may.
fn cross_origin(origins: &[HeaderValue]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let named = header::HeaderName::from_static;
    let sent = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        named("idempotency-key"),
        named("last-event-id"),
    ];
    let shown = [header::ETAG, header::LOCATION, header::RETRY_AFTER, named(features::EVENT_ID)];
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins.iter().cloned()))
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
            .allow_headers(sent)
            .expose_headers(shown)
            .max_age(std::time::Duration::from_secs(3_600)),
    )
}

/// What browsers are told with every answer. A page of ours that needs more says so itself.
async fn protect(State(app): State<App>, request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let is_tls = app.access.is_tls();
    let tls = is_tls.then_some((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
    let told = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in told.into_iter().chain(tls) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What is answered depends on who asks.
    headers.append(header::VARY, HeaderValue::from_static("authorization, cookie"));
    response
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

/// PostgreSQL holds no U+0000: nothing has one in its name, and in a query it is left out as it is in bodies.
async fn without_nul(mut request: axum::extract::Request, next: Next) -> Response {
    const NUL: &str = "%00";
    let uri = request.uri();
    if uri.path().contains(NUL) {
        return no_such_path(uri.clone()).await.into_response();
    }
    if let Some(query) = uri.query().filter(|query| query.contains(NUL)) {
        let cleaned = format!("{}?{}", uri.path(), query.replace(NUL, ""));
        if let Ok(cleaned) = cleaned.parse() {
            *request.uri_mut() = cleaned;
        }
    }
    next.run(request).await
}

async fn no_such_path(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is nothing at {}", uri.path()))
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", format!("{method} is not possible here"))
        .with_detail(format!("at {}", uri.path()))
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
