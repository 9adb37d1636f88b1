//! `GET /metrics`: how the server is doing, for Prometheus.
//!
//! Labels are route templates, methods and statuses, so there are few of them and none names a person or an issue.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text::{CONTENT_TYPE, encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::App;
use super::problem::{ApiError, ApiResult};
use super::writer::Written;

/// Upper ends of the buckets of durations, in seconds.
const BUCKETS_SECS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

/// Everything that is counted.
#[derive(Clone)]
pub(super) struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    started: Instant,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    positions: Counter,
    streams: Gauge,
    writes: Gauge,
    commits: Histogram,
    last_event: Gauge,
    database_bytes: Gauge,
    uptime: Gauge,
}

/// Counts as long as it lives.
pub(super) struct Held(Gauge);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS_SECS)
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("yunfushan");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let durations = Family::<Route, Histogram, _>::new_with_constructor(histogram as fn() -> Histogram);
        registry.register("http_request_duration_seconds", "Time until an answer began", durations.clone());
        let positions = Counter::default();
        registry.register("positions_accepted", "Positions accepted and durable", positions.clone());
        let streams = Gauge::default();
        registry.register("event_streams", "Event streams that are open", streams.clone());
        let writes = Gauge::default();
        registry.register("writer_queue", "Writes that wait or are being written", writes.clone());
        let commits = histogram();
        registry.register("commit_duration_seconds", "Time of a transaction of the writer", commits.clone());
        let last_event = Gauge::default();
        registry.register("last_event", "Number of the last event, and so of all events", last_event.clone());
        let database_bytes = Gauge::default();
        registry.register("database_size_bytes", "Size of the database", database_bytes.clone());
        let uptime = Gauge::default();
        registry.register("uptime_seconds", "Time since the server started", uptime.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What is running", build);
        Self(Arc::new(Inner {
            registry,
            started: Instant::now(),
            requests,
            durations,
            positions,
            streams,
            writes,
            commits,
            last_event,
            database_bytes,
            uptime,
        }))
    }

    /// That a request was answered.
    pub(super) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let labels = Route { method: method.clone(), route: route.clone() };
        self.0.durations.get_or_create(&labels).observe(took.as_secs_f64());
        self.0.requests.get_or_create(&Request { method, route, status }).inc();
    }

    /// That an event stream is open.
    pub(super) fn stream(&self) -> Held {
        self.0.streams.inc();
        Held(self.0.streams.clone())
    }

    /// That a write waits for its answer.
    pub(super) fn write(&self) -> Held {
        self.0.writes.inc();
        Held(self.0.writes.clone())
    }

    /// That something was written.
    pub(super) fn written(&self, written: &Written) {
        if let Written::Positions(accepted) = written {
            self.0.positions.inc_by(accepted.accepted as u64);
        }
    }

    /// That a transaction of the writer ended, well or not.
    pub(super) fn commit(&self, took: Duration) {
        self.0.commits.observe(took.as_secs_f64());
    }
}

/// The route of this module.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(app): State<App>) -> ApiResult<Response> {
    let held = &app.metrics.0;
    let gauge = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    held.last_event.set(gauge(app.store.last_event().await?));
    held.database_bytes.set(gauge(app.store.size_bytes().await?));
    held.uptime.set(gauge(held.started.elapsed().as_secs()));
    let mut text = String::new();
    encode(&mut text, &held.registry).map_err(|error| {
        tracing::error!(%error, "metrics cannot be written");
        ApiError::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], text).into_response())
}
