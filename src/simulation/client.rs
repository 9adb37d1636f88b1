//! The requests of a simulation over HTTP, and what their answers mean for whoever made them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::SimulationError;
use crate::governance::wire::read_page;
use crate::governance::{
    Event, Health, HistoryAccepted, HistoryBatch, Issue, IssueId, NewIssue, NewPatrol, NewStep, PatrolId,
    PositionBatch, PositionsAccepted, Problem,
};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take to its end; a batch of history is the longest.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Features of a page.
const PAGE: u32 = 2_000;
/// Pages of a snapshot at most: a server that always has a next one is not believed.
const MAX_PAGES: usize = 1_000;

/// Why a request did not do what it should.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server is not there, or cannot now: try again later.
    Lost(String),
    /// The server will not have this client: trying again is of no use.
    Forbidden(String),
    /// The server understood, and refuses.
    Refused(Box<Problem>),
}

/// An issue that the server holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) version: u64,
    pub(super) is_open: bool,
    /// When its last event happened.
    pub(super) updated_at: Timestamp,
}

impl Held {
    fn of(issue: &Issue) -> Self {
        Self { version: issue.version, is_open: issue.state.is_open(), updated_at: issue.updated_at }
    }
}

/// Talks to one server.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    token: String,
}

struct Answer {
    status: StatusCode,
    bytes: Vec<u8>,
}

impl Client {
    /// A client for one server.
    pub(super) fn new(mut base: Url, token: String) -> Result<Self, SimulationError> {
        if !matches!(base.scheme(), "http" | "https") {
            return Err(SimulationError::Scheme(base));
        }
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        base.set_query(None);
        base.set_fragment(None);
        // The second call and later ones find one installed, which is what is wanted.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("yunfushan-simulation/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        let is_loopback = match base.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if is_loopback {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| SimulationError::Client(explain(&error)))?;
        Ok(Self { http, base, token })
    }

    /// `GET /health`.
    pub(super) async fn health(&self) -> Result<Health, Failure> {
        let answer = self.send(self.request(Method::GET, self.url(&["health"])?)).await?;
        read(&answer)
    }

    /// Every issue that the server holds.
    pub(super) async fn held(&self) -> Result<BTreeMap<IssueId, Held>, Failure> {
        let mut held = BTreeMap::new();
        let mut url = self.url(&["collections", "issues", "items"])?;
        url.query_pairs_mut().append_pair("limit", &PAGE.to_string());
        for _ in 0..MAX_PAGES {
            let answer = self.send(self.request(Method::GET, url.clone())).await?;
            let page = read_page::<Issue>(&answer.bytes).map_err(|error| lost(&error))?;
            held.extend(page.items.into_iter().map(|issue| (issue.id.clone(), Held::of(&issue))));
            let Some(next) = page.next else { break };
            let next = url.join(&next).map_err(|error| lost(&error))?;
            // The token goes to no other server.
            if next.origin() != self.base.origin() {
                return Err(Failure::Lost(format!("the next page lies on another server: {next}")));
            }
            url = next;
        }
        Ok(held)
    }

    /// The version of an issue, and when its last event happened, where the server says so.
    pub(super) async fn held_issue(&self, id: &IssueId) -> Result<(u64, Option<Timestamp>), Failure> {
        let url = self.url(&["api", "v1", "issues", &id.0])?;
        let answer = self.send(self.request(Method::GET, url)).await?;
        let feature: crate::governance::wire::Feature = read(&answer)?;
        let updated_at = feature.properties.get("updated_at").and_then(serde_json::Value::as_str);
        Ok((version(&answer)?, updated_at.and_then(|at| at.parse().ok())))
    }

    /// Everything that happened to an issue.
    pub(super) async fn events(&self, id: &IssueId) -> Result<Vec<Event>, Failure> {
        #[derive(Deserialize)]
        struct Events {
            events: Vec<Event>,
        }
        let url = self.url(&["api", "v1", "issues", &id.0, "events"])?;
        let Events { events } = read(&self.send(self.request(Method::GET, url)).await?)?;
        Ok(events)
    }

    /// `POST /api/v1/history`.
    pub(super) async fn history(&self, batch: &HistoryBatch) -> Result<HistoryAccepted, Failure> {
        let url = self.url(&["api", "v1", "history"])?;
        read(&self.send(json(self.request(Method::POST, url), batch)?).await?)
    }

    /// `PUT /api/v1/patrols/{id}`.
    pub(super) async fn patrol(&self, id: &PatrolId, new: &NewPatrol) -> Result<(), Failure> {
        let url = self.url(&["api", "v1", "patrols", &id.0])?;
        self.send(json(self.request(Method::PUT, url), new)?).await.map(|_| ())
    }

    /// `POST /api/v1/positions`.
    pub(super) async fn positions(&self, batch: &PositionBatch) -> Result<PositionsAccepted, Failure> {
        let url = self.url(&["api", "v1", "positions"])?;
        read(&self.send(json(self.request(Method::POST, url), batch)?).await?)
    }

    /// `POST /api/v1/issues`; the issue's version.
    pub(super) async fn report(&self, new: &NewIssue, key: &str) -> Result<u64, Failure> {
        let url = self.url(&["api", "v1", "issues"])?;
        let request = self.request(Method::POST, url).header("idempotency-key", key);
        version(&self.send(json(request, new)?).await?)
    }

    /// `POST /api/v1/issues/{id}/steps`; the issue's new version.
    pub(super) async fn step(
        &self,
        id: &IssueId,
        seen: u64,
        new: &NewStep,
        key: &str,
    ) -> Result<u64, Failure> {
        let url = self.url(&["api", "v1", "issues", &id.0, "steps"])?;
        let request = self
            .request(Method::POST, url)
            .header("idempotency-key", key)
            .header(header::IF_MATCH, format!("\"{seen}\""));
        version(&self.send(json(request, new)?).await?)
    }

    fn url(&self, path: &[&str]) -> Result<Url, Failure> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.pop_if_empty().extend(path);
            }
            Err(()) => return Err(Failure::Lost(format!("not an address to build on: {}", self.base))),
        }
        Ok(url)
    }

    fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.http.request(method, url).bearer_auth(&self.token)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        let broken = |error: reqwest::Error| Failure::Lost(explain(&error));
        let response = request.send().await.map_err(broken)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(broken)?.to_vec();
        if status.is_success() {
            return Ok(Answer { status, bytes });
        }
        let problem: Option<Problem> = serde_json::from_slice(&bytes).ok();
        let said = problem.as_ref().and_then(Problem::sentence).unwrap_or("no reason was given").to_owned();
        Err(match (status, problem) {
            // The token is fine; whoever acts in it may not do this.
            (StatusCode::FORBIDDEN, Some(problem)) if problem.kind.ends_with("not-allowed") => {
                Failure::Refused(Box::new(problem))
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                Failure::Forbidden(format!("the server refuses the token ({status}): {said}"))
            }
            (StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS, _) => {
                Failure::Lost(format!("{status}: {said}"))
            }
            (status, Some(problem)) if status.is_client_error() => Failure::Refused(Box::new(problem)),
            // Whoever answers so is no server of ours, or not yet.
            (status, _) => Failure::Lost(format!("{status}: {said}")),
        })
    }
}

fn json(request: reqwest::RequestBuilder, body: &impl Serialize) -> Result<reqwest::RequestBuilder, Failure> {
    let body = serde_json::to_vec(body).map_err(|error| lost(&error))?;
    Ok(request.header(header::CONTENT_TYPE, "application/json").body(body))
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    serde_json::from_slice(&answer.bytes)
        .map_err(|error| Failure::Lost(format!("{} with a body that cannot be read: {error}", answer.status)))
}

fn version(answer: &Answer) -> Result<u64, Failure> {
    let feature: crate::governance::wire::Feature = read(answer)?;
    let version = feature.properties.get("version").and_then(serde_json::Value::as_u64);
    version.ok_or_else(|| Failure::Lost("an issue without a version".to_owned()))
}

fn lost(error: &dyn std::error::Error) -> Failure {
    Failure::Lost(error.to_string())
}

/// The innermost cause says what happened; the outer ones say that something did.
fn explain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let what = if error.is_connect() {
        "cannot connect"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    };
    format!("{what}: {cause}")
}
