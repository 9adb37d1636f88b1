//! What is seen of every request: one line in the log, its figures, and an id that the answer carries.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::App;

/// The header that names a request: taken over from whoever has named it already, such as a proxy.
const REQUEST_ID: &str = "x-request-id";
/// What a route is called that there is none of: never the path itself, which anybody can make up.
const NO_ROUTE: &str = "none";

/// Whose request it was, as an answer carries it out to the log: the id of an account or token, never a name.
#[derive(Debug, Clone)]
pub(super) struct CallerId(pub(super) String);

/// Names a request, waits for its answer, and writes down what came of it.
pub(super) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    // A method that nobody knows is one that anybody can make up.
    let known = matches!(method.as_str(), "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH");
    let method = if known { method.as_str() } else { "other" };
    app.metrics.request(method, route, status, took);
    let caller = response.extensions().get::<CallerId>().map(|caller| caller.0.as_str());
    tracing::info!(id, method, route, status, ms = took.as_millis() as u64, caller, "answered");
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The id that the request brought, if it is a plain one, else a new one.
fn request_id(request: &Request) -> String {
    let brought = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    brought.filter(is_plain).map_or_else(|| uuid::Uuid::now_v7().simple().to_string(), str::to_owned)
}
