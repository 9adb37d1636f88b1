//! The seam between what a feed says and how it travels: one GET at a time, its body in chunks.

use std::future::Future;

use url::Url;

use crate::governance::Problem;

/// A GET.
#[derive(Debug, Clone)]
pub struct Get {
    /// The address.
    pub url: Url,
    /// The `Accept` header.
    pub accept: &'static str,
    /// The `Last-Event-ID` header, where a stream is resumed.
    pub last_event_id: Option<u64>,
}

/// The head of an answer, and its body to come.
#[derive(Debug)]
pub struct Answer<B> {
    /// The HTTP status.
    pub status: u16,
    /// The media type without parameters, in lower case; empty where absent.
    pub media_type: String,
    /// The `Event-Id` header.
    pub event_id: Option<u64>,
    /// The `Retry-After` header in seconds.
    pub retry_after_secs: Option<u64>,
    /// The size that the answer claims to have, in bytes.
    pub length: Option<u64>,
    /// The body.
    pub body: B,
}

/// Something on the way went wrong: no connection, a broken one, silence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// A body that arrives in chunks. A call that is given up half-way loses nothing.
pub trait Body {
    /// The next chunk; `None` at the proper end.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, TransportError>>;
}

/// What can GET.
pub trait Transport {
    /// Its bodies.
    type Body: Body;

    /// Sends the request and waits for the head of the answer.
    fn get(&self, get: Get) -> impl Future<Output = Result<Answer<Self::Body>, TransportError>>;

    /// Waits until the server is asked by somebody else than before: what may be read is another then.
    fn renewed(&self) -> impl Future<Output = ()> {
        std::future::pending()
    }
}

/// Why an answer was not what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The transport failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server refuses us: the token is wrong or may not read this.
    #[error("the server refuses the token (HTTP {status})")]
    Refused {
        /// 401 or 403.
        status: u16,
    },
    /// Another status than 200.
    #[error("the server answered HTTP {status}{}", quoted(.detail))]
    Status {
        /// The status.
        status: u16,
        /// What the server said about it, shortened.
        detail: String,
        /// How long it asked to wait, in seconds.
        retry_after_secs: Option<u64>,
    },
    /// The answer is larger than any right one.
    #[error("the answer is larger than {limit_bytes} bytes, which is refused")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The answer is of another kind.
    #[error("the server answered with {found:?}, expected {expected}")]
    MediaType {
        /// What was needed.
        expected: &'static str,
        /// What came.
        found: String,
    },
}

fn quoted(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(": {detail}") }
}

/// Reads a whole body of at most `limit_bytes`.
///
/// # Errors
/// [`AnswerError::TooLarge`] as soon as that is known, [`AnswerError::Transport`] if it breaks off.
pub async fn read_whole<B: Body>(mut answer: Answer<B>, limit_bytes: usize) -> Result<Vec<u8>, AnswerError> {
    let too_large = || AnswerError::TooLarge { limit_bytes };
    if answer.length.is_some_and(|length| length > limit_bytes as u64) {
        return Err(too_large());
    }
    let mut whole = Vec::new();
    while let Some(chunk) = answer.body.chunk().await? {
        if whole.len() + chunk.len() > limit_bytes {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// How much of an error's text is read, in bytes.
const ERROR_BYTES: usize = 16 * 1024;
/// How much of it is told, in characters.
const ERROR_CHARS: usize = 200;

/// The answer if its status is 200, else what the server said.
///
/// # Errors
/// [`AnswerError::Refused`] for 401 and 403, [`AnswerError::Status`] for every other.
pub async fn require_ok<B: Body>(answer: Answer<B>) -> Result<Answer<B>, AnswerError> {
    match answer.status {
        200 => Ok(answer),
        status @ (401 | 403) => Err(AnswerError::Refused { status }),
        status => {
            let retry_after_secs = answer.retry_after_secs;
            let is_text = !answer.media_type.contains("html");
            let body = read_whole(answer, ERROR_BYTES).await.unwrap_or_default();
            let detail = if is_text { describe(&body) } else { String::new() };
            Err(AnswerError::Status { status, detail, retry_after_secs })
        }
    }
}

/// The sentence of a problem document, or the first characters of whatever else it is.
fn describe(body: &[u8]) -> String {
    let text = Problem::sentence_of(body).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    text.trim().chars().take(ERROR_CHARS).collect()
}
