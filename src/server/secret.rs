//! Where a request carries its secret.
//!
//! `Authorization: Bearer SECRET` everywhere. Some clients of other standards can set no such header, so on their routes
//! alone the secret may also come as `api_key` or `token` in the query, or as the password of HTTP Basic.

use axum::http::{HeaderMap, header};

/// Where a secret may stand in the address, although addresses end up in logs: there is no other way for these clients.
const IN_QUERY: [(&str, &[&str]); 2] = [("/open311/v2/", &["api_key"]), ("/ingest/", &["token", "api_key"])];
/// Where HTTP Basic is taken: OwnTracks knows nothing else. The user's name is the patrol's business.
const BASIC: &str = "/ingest/";

/// The secret that a request carries, if any.
pub(super) fn presented(path: &str, query: Option<&str>, headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((scheme, value)) = authorization.and_then(|value| value.split_once(' ')) {
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(value.trim().to_owned());
        }
        if scheme.eq_ignore_ascii_case("basic") && path.starts_with(BASIC) {
            return basic(value).map(|(_user, password)| password);
        }
    }
    let (_, names) = IN_QUERY.iter().find(|(root, _)| path.starts_with(root))?;
    let pairs = url::form_urlencoded::parse(query?.as_bytes());
    pairs.into_iter().find(|(name, _)| names.contains(&&**name)).map(|(_, value)| value.into_owned())
}

/// The user's name and the password of HTTP Basic.
pub(super) fn basic(value: &str) -> Option<(String, String)> {
    let text = String::from_utf8(decode_base64(value.trim())?).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// RFC 4648 with or without padding; `None` if it is something else.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, authorization.parse().expect("a header"));
        headers
    }

    #[test]
    fn a_secret_is_found_where_the_route_takes_it() {
        let none = HeaderMap::new();
        let found = |path, query, headers: &HeaderMap| presented(path, query, headers);
        assert_eq!(found("/collections", None, &with("Bearer abc")).as_deref(), Some("abc"));
        assert_eq!(found("/collections", Some("token=abc"), &none), None);
        assert_eq!(found("/collections", None, &with("Basic dTphYmM=")), None);
        assert_eq!(found("/ingest/osmand", Some("id=1&token=a%20c"), &none).as_deref(), Some("a c"));
        assert_eq!(found("/ingest/owntracks", None, &with("Basic dTphYmM=")).as_deref(), Some("abc"));
        assert_eq!(found("/ingest/owntracks", None, &with("Basic dTphYmM")).as_deref(), Some("abc"));
        assert_eq!(found("/ingest/owntracks", None, &with("Basic !!")), None);
        assert_eq!(found("/open311/v2/requests.json", Some("api_key=abc"), &none).as_deref(), Some("abc"));
        assert_eq!(found("/open311/v2/requests.json", Some("token=abc"), &none), None);
    }

    #[test]
    fn user_and_password() {
        assert_eq!(basic("cDE6YTpi"), Some(("p1".to_owned(), "a:b".to_owned())));
        assert_eq!(basic("cDE="), None);
    }
}
