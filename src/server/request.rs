//! Reading requests: bodies, versions, keys.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::access::Caller;
use super::problem::{ApiError, ApiResult};
use super::writer::IdempotencyKey;

/// The largest body of a report, a step or a patrol.
pub(super) const SMALL_BODY: usize = 256 * 1024;
/// The largest body of a batch of positions or of history.
pub(super) const BATCH_BODY: usize = 16 * 1024 * 1024;

/// A JSON body, read; and a hash of its bytes.
pub(super) struct JsonBody<T> {
    pub(super) value: T,
    pub(super) hash: String,
}

/// Reads a JSON body of at most `limit` bytes.
pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> ApiResult<JsonBody<T>> {
    check_media_type(headers, "application/json", "not-json")?;
    let bytes = read_body(body, limit).await?;
    Ok(JsonBody { value: parse_json(&bytes)?, hash: hex(&Sha256::digest(&bytes)) })
}

/// Reads JSON: 400 if it is none, 422 if it says something else than is wanted.
///
/// The character U+0000 is left out wherever it stands in a text: PostgreSQL holds none, and it says nothing to anybody.
pub(super) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    serde_json::from_slice(&without_nul(bytes)).map_err(|error| {
        if error.is_data() {
            ApiError::unprocessable(error.to_string())
        } else {
            ApiError::bad_request(format!("the body is not JSON: {error}"))
        }
    })
}

/// JSON without `\u0000` in its texts; what is escaped itself, as in `\\u0000`, stays.
fn without_nul(json: &[u8]) -> Cow<'_, [u8]> {
    const NUL: &[u8] = b"\\u0000";
    if !json.windows(NUL.len()).any(|window| window == NUL) {
        return Cow::Borrowed(json);
    }
    let mut kept = Vec::with_capacity(json.len());
    let mut rest = json;
    while let Some((first, after)) = rest.split_first() {
        rest = match (*first, after.split_first()) {
            (b'\\', _) if rest.starts_with(NUL) => rest.split_at(NUL.len()).1,
            (b'\\', Some((second, after))) => {
                kept.extend([*first, *second]);
                after
            }
            _ => {
                kept.push(*first);
                after
            }
        };
    }
    Cow::Owned(kept)
}

/// A form, read: each name once, what is empty left out; and a hash of its bytes.
pub(super) struct FormBody {
    fields: HashMap<String, String>,
    pub(super) hash: String,
}

impl FormBody {
    /// What was filled in.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }
}

/// The pairs of a form; what is empty is left out, and U+0000 as in [`parse_json`].
pub(super) fn pairs(form: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, String)> {
    url::form_urlencoded::parse(form)
        .map(|(name, value)| (name, value.replace('\0', "")))
        .filter(|(_, value)| !value.trim().is_empty())
}

/// Reads a form of at most `limit` bytes.
pub(super) async fn form(headers: &HeaderMap, body: Body, limit: usize) -> ApiResult<FormBody> {
    check_media_type(headers, "application/x-www-form-urlencoded", "not-a-form")?;
    let bytes = read_body(body, limit).await?;
    let fields = pairs(&bytes).map(|(name, value)| (name.into_owned(), value));
    Ok(FormBody { fields: fields.collect(), hash: hex(&Sha256::digest(&bytes)) })
}

/// The media type of a body, without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn check_media_type(headers: &HeaderMap, wanted: &str, kind: &str) -> ApiResult<()> {
    if media_type(headers).eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, kind, format!("This route wants {wanted}")))
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read_body(body: Body, limit: usize) -> ApiResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| ApiError::bad_request(format!("the body broke off: {error}")))?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large")
                .with_detail(format!("At most {limit} bytes; send several smaller ones.")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
        text
    })
}

/// The version that the writer saw, from `If-Match: "3"`.
pub(super) fn seen_version(headers: &HeaderMap) -> ApiResult<u64> {
    let missing = || {
        ApiError::new(
            StatusCode::PRECONDITION_REQUIRED,
            "version-needed",
            "The version that you saw is needed",
        )
        .with_detail("Send the ETag that came with the issue as If-Match: \"3\".")
    };
    let value = headers.get(header::IF_MATCH).ok_or_else(missing)?.to_str().unwrap_or_default().trim();
    if value == "*" {
        return Err(missing());
    }
    let tag = value.strip_prefix("W/").unwrap_or(value);
    let number = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
    number.parse().map_err(|_not_a_number| ApiError::bad_request("If-Match is not one version such as \"3\""))
}

/// The key that makes the request safe to repeat, if it carries one.
pub(super) fn idempotency_key(
    headers: &HeaderMap,
    caller: &Caller,
    route: &str,
    body_hash: &str,
) -> ApiResult<Option<IdempotencyKey>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim().trim_matches('"');
    if key.is_empty() || key.len() > 100 {
        return Err(ApiError::bad_request("Idempotency-Key is not 1 to 100 printable characters"));
    }
    // Nobody gets what was answered to somebody else.
    let key = if caller.speaks_for_others() { key.to_owned() } else { format!("{} {key}", caller.key()) };
    Ok(Some(IdempotencyKey { key, fingerprint: format!("{route} {body_hash}") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_left_out_of_texts_and_nothing_else_is() {
        let read = |text: &str| parse_json::<String>(text.as_bytes()).expect("a text");
        assert_eq!(read(r#""a\u0000b""#), "ab");
        assert_eq!(read(r#""\u0000\u0000""#), "");
        assert_eq!(read(r#""a\\u0000b\n""#), "a\\u0000b\n");
        assert_eq!(read(r#""\\\u0000x""#), "\\x");
        assert!(parse_json::<String>(b"\"\\").is_err());
    }

    #[test]
    fn versions() {
        let seen = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, value.parse().expect("a header"));
            seen_version(&headers)
        };
        assert_eq!(seen("\"3\"").expect("sound"), 3);
        assert_eq!(seen("W/\"12\"").expect("sound"), 12);
        assert!(seen("*").is_err() && seen("\"x\"").is_err() && seen("\"1\", \"2\"").is_err());
        assert!(seen_version(&HeaderMap::new()).is_err());
    }
}
