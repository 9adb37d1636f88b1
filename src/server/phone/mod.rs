//! `/m`: the page for an officer's phone, and the codes that hang at gates.
//!
//! A few files of `assets/phone`, held in the program: no framework, nothing from elsewhere. The page is a client like any
//! other; it holds no data, so it needs no token, and everything that it asks for does.

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use qrcode::QrCode;
use qrcode::render::svg;

use super::App;
use super::features::base;
use super::problem::{ApiError, ApiResult};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

/// Path, media type and content of each file.
const FILES: [(&str, &str, &str); 7] = [
    ("/m", HTML, include_str!("../../../assets/phone/index.html")),
    ("/m/style.css", "text/css; charset=utf-8", include_str!("../../../assets/phone/style.css")),
    ("/m/page.js", SCRIPT, include_str!("../../../assets/phone/page.js")),
    ("/m/outbox.js", SCRIPT, include_str!("../../../assets/phone/outbox.js")),
    ("/m/worker.js", SCRIPT, include_str!("../../../assets/phone/worker.js")),
    ("/m/zh.json", JSON, include_str!("../../../assets/phone/zh.json")),
    ("/m/en.json", JSON, include_str!("../../../assets/phone/en.json")),
];
/// What the page may load and reach: itself, and photos that it has just taken.
const POLICY: &str =
    "default-src 'self'; img-src 'self' blob: data:; base-uri 'none'; frame-ancestors 'none'";
/// The longest name of a place on a code.
const MAX_PLACE: usize = 100;

/// The routes of the page.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/m", get(|| async { file("/m") }))
        .route("/m/style.css", get(|| async { file("/m/style.css") }))
        .route("/m/page.js", get(|| async { file("/m/page.js") }))
        .route("/m/outbox.js", get(|| async { file("/m/outbox.js") }))
        .route("/m/worker.js", get(|| async { file("/m/worker.js") }))
        .route("/m/zh.json", get(|| async { file("/m/zh.json") }))
        .route("/m/en.json", get(|| async { file("/m/en.json") }))
        .route("/m/codes", get(code))
}

fn file(path: &str) -> ApiResult<Response> {
    let found = FILES.iter().find(|(file, ..)| *file == path);
    let (_, media_type, text) = *found.ok_or_else(ApiError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        // The worker stands below `/m` and serves `/m` itself.
        (header::HeaderName::from_static("service-worker-allowed"), "/m"),
    ];
    Ok((headers, text).into_response())
}

/// `GET /m/codes?place=…`: a code to print, which opens the page checked in at that place.
async fn code(RawQuery(query): RawQuery, headers: HeaderMap) -> ApiResult<Response> {
    let pairs = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let place = pairs.into_iter().find(|(name, _)| name == "place").map(|(_, value)| value.trim().to_owned());
    let place = place.filter(|place| (1..=MAX_PLACE).contains(&place.chars().count()));
    let place = place.ok_or_else(|| {
        ApiError::bad_request(format!(
            "place is needed: what the code is to say, 1 to {MAX_PLACE} characters"
        ))
    })?;
    let place: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
    // Browsers keep a plus in a fragment as it is.
    let address = format!("{}/m#checkin={}", base(&headers), place.replace('+', "%20"));
    let code = QrCode::new(address.as_bytes()).map_err(|error| {
        tracing::warn!(%error, "an address does not fit into a code");
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The place does not fit into a code")
    })?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(480, 480).build();
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], image).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{State, Step};

    #[test]
    fn the_page_is_small_and_whole() {
        let bytes: usize = FILES.iter().map(|(_, _, text)| text.len()).sum();
        assert!(bytes < 100_000, "{bytes} bytes");
        let text = |path: &str| FILES.iter().find(|(file, ..)| *file == path).expect("a file").2;
        for (path, ..) in FILES.iter().filter(|(path, ..)| path.starts_with("/m/")) {
            let is_named = ["/m", "/m/page.js", "/m/worker.js"].iter().any(|file| text(file).contains(path));
            assert!(is_named, "nobody asks for {path}");
        }
        for (path, _, text) in FILES {
            let elsewhere = text.matches("http").count() - text.matches("http://www.w3.org/2000/svg").count();
            assert_eq!(elsewhere, 0, "{path} asks others");
        }
    }

    #[test]
    fn both_languages_say_the_same_things_and_all_that_the_page_asks_for() {
        let read = |path: &str| -> serde_json::Map<String, serde_json::Value> {
            let text = FILES.iter().find(|(file, ..)| *file == path).expect("a file").2;
            serde_json::from_str(text).expect("a flat object")
        };
        let (chinese, english) = (read("/m/zh.json"), read("/m/en.json"));
        let keys = |of: &serde_json::Map<String, serde_json::Value>| of.keys().cloned().collect::<Vec<_>>();
        let sorted = |mut keys: Vec<String>| {
            keys.sort();
            keys
        };
        assert_eq!(sorted(keys(&chinese)), sorted(keys(&english)));
        for (path, _, text) in FILES.iter().filter(|(_, kind, _)| *kind == SCRIPT || *kind == HTML) {
            for begin in ["say('", "data-say=\""] {
                for rest in text.split(begin).skip(1) {
                    let key = rest.split(['\'', '"']).next().unwrap_or_default();
                    // A key that is made of two parts ends with a dash here.
                    assert!(key.ends_with('-') || chinese.contains_key(key), "{path}: no text {key}");
                }
            }
        }
        for state in State::ALL {
            assert!(chinese.contains_key(&format!("state-{}", state.name())), "{state:?}");
        }
        for step in Step::ALL {
            let name = serde_json::to_value(step).expect("a name");
            assert!(chinese.contains_key(&format!("step-{}", name.as_str().expect("a word"))), "{step:?}");
        }
    }
}
