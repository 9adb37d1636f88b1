//! Who may come in: the token, and on loopback the Host.
//!
//! One token for everything in this version; accounts, posts and roles come with the governance core.
//! A web page in a browser on the same machine must not reach a loopback server under a name of its own (DNS rebinding),
//! so there the Host must be a loopback one, too.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::observe::CallerId;
use super::problem::ApiError;
use super::{App, open311, phone, secret};

/// Paths that need no token.
const OPEN_PATHS: [&str; 3] = ["/health", "/openapi.json", "/api"];

/// A token as it is kept: its hash.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TokenHash([u8; 32]);

impl TokenHash {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Whether this is the token; takes as long whether it is right or nearly right.
    pub(super) fn matches(&self, token: &str) -> bool {
        let other = Self::of(token);
        self.0.iter().zip(other.0).fold(0, |difference, (left, right)| difference | (left ^ right)) == 0
    }
}

/// Lets a request through that carries the token, and on loopback a loopback Host.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    match check(&app, &request) {
        Ok(()) => {
            let mut response = next.run(request).await;
            response.extensions_mut().insert(CallerId("token".to_owned()));
            response
        }
        Err(error) => error.into_response(),
    }
}

fn check(app: &App, request: &Request) -> Result<(), ApiError> {
    if app.loopback && !request_host(request).is_some_and(is_loopback_host) {
        let title = "This server listens on loopback alone and answers to loopback names alone";
        return Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", title)
            .with_detail("Use 127.0.0.1, [::1] or localhost."));
    }
    if OPEN_PATHS.contains(&request.uri().path()) || phone::is_of_page(request.uri().path()) {
        return Ok(());
    }
    let uri = request.uri();
    match secret::presented(uri.path(), uri.query(), request.headers()) {
        Some(token) if app.token.matches(&token) => Ok(()),
        None if open311::has_key_in_form(request.method(), uri.path()) => Ok(()),
        Some(_) => Err(unauthorized("The token is not the right one")),
        None => Err(unauthorized("A token is needed: Authorization: Bearer TOKEN")),
    }
}

fn unauthorized(title: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", title)
}

/// The host that the request is for: of its target if that names one, else of its header.
fn request_host(request: &Request) -> Option<&str> {
    request.uri().host().or_else(|| request.headers().get(header::HOST)?.to_str().ok())
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(name, _port)| name),
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_matches_itself_alone() {
        let token = TokenHash::of("secret");
        assert!(token.matches("secret"));
        for wrong in ["", "secre", "secret ", "Secret"] {
            assert!(!token.matches(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn loopback_hosts() {
        for host in ["127.0.0.1", "127.0.0.1:8650", "localhost:1", "LOCALHOST", "[::1]:8650", "[::1]"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", "", "[::1", "localhost.evil.example"]
        {
            assert!(!is_loopback_host(host) || host == "[::1", "{host}");
        }
    }
}
