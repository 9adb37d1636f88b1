//! Every error as problem details (RFC 9457), with the status that fits and a word on what to do.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::store::{StoreError, Trouble};
use super::writer::WriteError;
use crate::governance::rulebook::RuleError;
use crate::governance::{ApplyError, Problem, RefusedEntry, Role};

/// An error on its way to a client.
#[derive(Debug, Clone)]
pub(super) struct ApiError(Box<Problem>, Option<u64>);

/// What handlers return.
pub(super) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A problem of this status; `kind` is its word for programs.
    pub(super) fn new(status: StatusCode, kind: &str, title: impl Into<String>) -> Self {
        Self(
            Box::new(Problem {
                kind: format!("/problems/{kind}"),
                title: title.into(),
                status: status.as_u16(),
                detail: None,
                state: None,
                allowed: None,
                roles: None,
                version: None,
                refused: Vec::new(),
            }),
            None,
        )
    }

    /// With the roles that may.
    pub(super) fn with_roles(mut self, roles: Vec<Role>) -> Self {
        self.0.roles = Some(roles);
        self
    }

    /// That somebody asks too often, with the seconds to wait.
    pub(super) fn too_many(wait_secs: u64) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "That is too often")
            .with_detail(format!("Wait {wait_secs} seconds."));
        error.1 = Some(wait_secs);
        error
    }

    /// With a word on what to do about it.
    pub(super) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request cannot be understood")
            .with_detail(detail)
    }

    /// Nothing is taken because some entries cannot be.
    pub(super) fn refused_entries(refused: impl IntoIterator<Item = RefusedEntry>) -> Self {
        let mut error = Self::unprocessable("Some entries cannot be taken; nothing was.");
        error.0.refused = refused.into_iter().collect();
        error
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing").with_detail(detail)
    }

    pub(super) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "The request is well-formed but cannot be taken",
        )
        .with_detail(detail)
    }

    pub(super) fn conflict(kind: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, kind, "The request does not fit what is stored").with_detail(detail)
    }

    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server has made a mistake")
            .with_detail("It has been logged; nothing was changed unless an answer said so.")
    }

    pub(super) fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The server cannot do this now")
            .with_detail("Nothing was written; try again in a few seconds.")
    }

    /// The database refuses; whoever runs the server can do something about it.
    fn unavailable_by(trouble: Option<Trouble>) -> Self {
        let problem = |kind, title| Self::new(StatusCode::SERVICE_UNAVAILABLE, kind, title);
        match trouble {
            Some(Trouble::Full) => problem("disk-full", "The server's disk is full").with_detail(
                "Nothing was written, and nothing that was written is lost; make room on the disk and try again.",
            ),
            Some(Trouble::Locked) => problem("database-locked", "Another program has the database locked")
                .with_detail("Nothing was written; try again when the other program is done."),
            None => Self::unavailable(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        // For standards that have errors of their own.
        response.extensions_mut().insert(self.0);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"yunfushan\""));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(self.1.unwrap_or(1)));
            }
            _ => {}
        }
        response
    }
}

/// Makes a problem of whatever else is answered with an error, such as an address that is no text.
pub(super) async fn complete(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if status.as_u16() < 400 || response.extensions().get::<Box<Problem>>().is_some() {
        return response;
    }
    let title = status.canonical_reason().unwrap_or("The request cannot be answered");
    ApiError::new(status, "refused", title).into_response()
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a read failed");
        match error {
            StoreError::Damaged(_) => Self::internal(),
            StoreError::Database(_) | StoreError::Migration(_) | StoreError::Conflict => Self::unavailable(),
        }
    }
}

impl From<RuleError> for ApiError {
    fn from(error: RuleError) -> Self {
        let detail = error.to_string();
        match error {
            RuleError::Invalid { .. } | RuleError::Apply(ApplyError::Incomplete { .. }) => {
                Self::unprocessable(detail)
            }
            RuleError::NotAllowed(refusal) => {
                let title = "This role may not take this step";
                let mut error = Self::new(StatusCode::FORBIDDEN, "not-allowed", title).with_detail(detail);
                error.0.roles = Some(refusal.may);
                error
            }
            RuleError::NotTheirs(_) => {
                let title = "This role may take this step only on what is theirs";
                Self::new(StatusCode::FORBIDDEN, "not-theirs", title).with_detail(detail)
            }
            RuleError::Apply(ApplyError::Refused(refusal)) => {
                let title = "The life cycle does not allow this step now";
                let mut error = Self::new(StatusCode::CONFLICT, "step-not-allowed", title);
                error.0.state = Some(refusal.from);
                error.0.allowed = Some(refusal.allowed);
                error
            }
            RuleError::Apply(
                ApplyError::OutOfOrder { .. } | ApplyError::WrongState { .. } | ApplyError::BeforeLast { .. },
            ) => {
                tracing::error!(detail, "the rulebook made an event that does not follow");
                Self::internal()
            }
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let detail = error.to_string();
        match error {
            WriteError::Rule(rule) => rule.into(),
            WriteError::NoIssue(_) | WriteError::NoUnit(_) => Self::not_found(detail),
            WriteError::Stale { held } => {
                let title = "It has changed since it was read";
                let mut error = Self::new(StatusCode::PRECONDITION_FAILED, "stale", title)
                    .with_detail("Read it again, decide again, and send the new version in If-Match.");
                error.0.version = Some(held);
                error
            }
            WriteError::IdTaken(_) | WriteError::VisitTaken(_) => Self::conflict("id-taken", detail),
            WriteError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "key-reused",
                "This Idempotency-Key came with another request before",
            )
            .with_detail("Make a new key for a new request."),
            WriteError::NotSimulated => Self::conflict("not-simulated", detail)
                .with_detail("Histories are taken only by a server that was started with --simulated."),
            WriteError::Entry { index, source } => {
                let mut error = Self::from(*source);
                let said = error.0.detail.take().unwrap_or_else(|| error.0.title.clone());
                error.with_detail(format!("entry {index}: {said}"))
            }
            WriteError::NoPosition(refused) => {
                let mut error = Self::unprocessable(detail);
                error.0.refused = refused;
                error
            }
            // The writer has logged it.
            WriteError::Store(error) => Self::unavailable_by(error.trouble()),
            WriteError::Stopped => Self::unavailable(),
        }
    }
}
