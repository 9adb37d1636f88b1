//! One tile from its server. Addresses hold keys, so that no text from here holds an address.

use std::time::Duration;

use reqwest::{StatusCode, header};

use super::cache::Cache;
use super::levels;
use super::queue::{Failure, Outcome, Trouble};
use crate::config::BaseMap;
use crate::geo::MapTile;
use crate::picture;

/// The largest tile, in bytes.
const MOST_BYTES: usize = 4 << 20;
/// The largest tile, in pixels a side.
pub(super) const MOST_SIDE: u32 = 1_024;
/// How long one tile may take, and a connection.
const TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client that tells nobody where it comes from: the address before a redirection holds the key.
pub(super) fn client() -> reqwest::Result<reqwest::Client> {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("yunfushan/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::limited(3))
        .referer(false)
        .build()
}

fn failed(trouble: Trouble, text: String) -> Outcome {
    Outcome::Failed(Failure { trouble, text, is_of_server: false, retry_after: None })
}

/// The innermost reason, which names no address.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it takes too long".to_owned();
    }
    let first = std::error::Error::source(error);
    let last = std::iter::successors(first, |error| error.source()).last();
    last.map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

/// Asks the server for a tile, and keeps what it gives. What is on the disk has been looked at and is whole.
pub(super) async fn ask(
    tile: MapTile,
    map: &BaseMap,
    client: &reqwest::Client,
    cache: Option<&Cache>,
) -> Outcome {
    let name = map.name(tile);
    let held = cache.and_then(|cache| cache.read(&name));
    let mut request = client.get(map.address(tile)).header(header::ACCEPT, "image/png,image/jpeg");
    if let Some(tag) = held.as_ref().map(|held| held.tag.as_str()).filter(|tag| !tag.is_empty()) {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            let is_of_server = error.is_connect();
            let text = format!("the map's server does not answer: {}", cause(&error));
            return Outcome::Failed(Failure {
                trouble: Trouble::Silent,
                text,
                is_of_server,
                retry_after: None,
            });
        }
    };
    let text = |name: header::HeaderName| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (control, tag) = (text(header::CACHE_CONTROL), text(header::ETAG));
    let retry_after = text(header::RETRY_AFTER).trim().parse().ok().map(Duration::from_secs);
    let status = response.status();
    if let (StatusCode::NOT_MODIFIED, Some(held)) = (status, held.as_ref()) {
        if let Some(cache) = cache {
            cache.write(&name, &held.bytes, &control, &held.tag);
        }
        return Outcome::Same;
    }
    match status.as_u16() {
        200 => {}
        204 | 404 | 410 => return Outcome::Absent,
        401 | 403 => return Outcome::Refused(status.as_u16()),
        other => {
            return Outcome::Failed(Failure {
                trouble: Trouble::Status,
                text: format!("the map's server answers with status {other}"),
                is_of_server: retry_after.is_some() || matches!(other, 429 | 503),
                retry_after,
            });
        }
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MOST_BYTES => {
                return failed(Trouble::Broken, "a tile larger than 4 MB".to_owned());
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                return failed(Trouble::Broken, format!("a tile broke off: {}", cause(&error)));
            }
        }
    }
    match picture::decode(&bytes, MOST_SIDE) {
        Ok(picture) => {
            if let Some(cache) = cache {
                cache.write(&name, &bytes, &control, &tag);
            }
            Outcome::Here(levels(&picture, map.tile_px))
        }
        Err(error) => failed(Trouble::Broken, format!("a tile that is no picture: {error}")),
    }
}
