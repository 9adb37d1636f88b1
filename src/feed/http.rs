//! The transport over HTTP, by reqwest on tokio.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, header};
use tokio::sync::watch;
use url::{Host, Url};

use super::transport::{Answer, Body, Get, Transport, TransportError};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the head of an answer may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How many redirections are followed.
const MAX_REDIRECTS: usize = 3;

/// A write.
#[derive(Debug, Clone)]
pub(super) struct Write {
    /// How.
    pub(super) method: Method,
    /// The address.
    pub(super) url: Url,
    /// The body's media type.
    pub(super) media_type: &'static str,
    /// The body.
    pub(super) body: Vec<u8>,
    /// The version that the writer saw (`If-Match`), of what is there already.
    pub(super) seen: Option<u64>,
    /// What makes the same write known again (`Idempotency-Key`), so that it is safe to repeat.
    pub(super) key: Option<String>,
}

/// What the server knows us by: a token, or what a log-in gave. Shared by all that talk to the server.
#[derive(Clone)]
pub(super) struct Pass(watch::Sender<Option<String>>);

impl Pass {
    /// Another one, or none any more; whoever follows the server begins anew with it.
    pub(super) fn set(&self, secret: Option<String>) {
        self.0.send_replace(secret);
    }
}

impl std::fmt::Debug for Pass {
    /// Without what it is: it must not get into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pass").finish_non_exhaustive()
    }
}

/// HTTP with a bearer token.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    pass: Pass,
}

impl Http {
    /// A client for one server.
    pub(super) fn new(base: &Url, token: Option<String>) -> Result<Self, TransportError> {
        // The second call and later ones find one installed, which is what is wanted.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("yunfushan/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::limited(MAX_REDIRECTS));
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        let pass = Pass(watch::Sender::new(token));
        Ok(Self { client: builder.build().map_err(|error| explain(&error))?, pass })
    }

    /// What it is known by.
    pub(super) fn pass(&self) -> &Pass {
        &self.pass
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl Transport for Http {
    type Body = HttpBody;

    async fn get(&self, get: Get) -> Result<Answer<HttpBody>, TransportError> {
        let mut request = self.client.get(get.url).header(header::ACCEPT, get.accept);
        if let Some(id) = get.last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        self.send(request).await
    }

    async fn renewed(&self) {
        // The sender is ours, so it does not end.
        let _ended = self.pass.0.subscribe().changed().await;
    }
}

impl Http {
    /// Sends a write and waits for the head of the answer.
    pub(super) async fn write(&self, write: Write) -> Result<Answer<HttpBody>, TransportError> {
        let mut request = self
            .client
            .request(write.method, write.url)
            .header(header::CONTENT_TYPE, write.media_type)
            .body(write.body);
        if let Some(key) = write.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(seen) = write.seen {
            request = request.header(header::IF_MATCH, format!("\"{seen}\""));
        }
        self.send(request).await
    }

    async fn send(&self, mut request: RequestBuilder) -> Result<Answer<HttpBody>, TransportError> {
        if let Some(secret) = &*self.pass.0.borrow() {
            request = request.bearer_auth(secret);
        }
        let response = tokio::time::timeout(HEAD_TIMEOUT, request.send())
            .await
            .map_err(|_elapsed| {
                TransportError(format!("no answer within {} seconds", HEAD_TIMEOUT.as_secs()))
            })?
            .map_err(|error| explain(&error))?;
        let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let number = |name: &str| text(name).and_then(|value| value.trim().parse().ok());
        let media_type = text("content-type").and_then(|value| value.split(';').next()).unwrap_or_default();
        Ok(Answer {
            status: response.status().as_u16(),
            media_type: media_type.trim().to_ascii_lowercase(),
            event_id: number("event-id"),
            retry_after_secs: number("retry-after"),
            length: response.content_length(),
            body: HttpBody(response),
        })
    }
}

/// The body of an answer over HTTP.
#[derive(Debug)]
pub(super) struct HttpBody(reqwest::Response);

impl Body for HttpBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(self.0.chunk().await.map_err(|error| explain(&error))?.map(Into::into))
    }
}

/// The innermost cause says what happened; the outer ones say that something did.
pub(super) fn explain(error: &reqwest::Error) -> TransportError {
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
    TransportError(format!("{what}: {cause}"))
}
