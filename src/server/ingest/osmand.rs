//! OsmAnd's protocol: a position in a query or a form, or the JSON of newer clients.
//!
//! In a query speed is in knots, in JSON in metres a second; both mark what they do not know by a negative number.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use super::super::App;
use super::super::access::Caller;
use super::super::problem::{ApiError, ApiResult};
use super::super::request::{SMALL_BODY, media_type, pairs, parse_json, read_body};
use super::{KNOT_MPS, charge, hand_in, heading, known};
use crate::geo::LonLat;
use crate::governance::{Fix, NewPosition, PatrolId};

/// Numbers below this are seconds, others milliseconds: the year 5138, or March 1973.
const SECONDS: i64 = 100_000_000_000;

/// `GET /ingest/osmand`: one position in the query.
pub(super) async fn by_query(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    hand_in(&app, &caller, vec![from_pairs(&query.unwrap_or_default(), app.now())?]).await?;
    Ok(StatusCode::OK)
}

/// `POST /ingest/osmand`: one position in the query or in a form, or JSON.
pub(super) async fn by_body(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<StatusCode> {
    let bytes = read_body(body, SMALL_BODY).await?;
    let media_type = media_type(&headers);
    let positions = if media_type.eq_ignore_ascii_case("application/json") {
        from_json(&bytes, app.now())?
    } else if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") || bytes.is_empty() {
        let form = String::from_utf8_lossy(&bytes);
        vec![from_pairs(&format!("{}&{form}", query.unwrap_or_default()), app.now())?]
    } else {
        let title = "This route wants a form or application/json";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", title));
    };
    hand_in(&app, &caller, positions).await?;
    Ok(StatusCode::OK)
}

fn from_pairs(text: &str, now: Timestamp) -> ApiResult<NewPosition> {
    let (mut device, mut at, mut lat, mut lon) = (None, None, None, None);
    let (mut speed_kn, mut heading_deg, mut accuracy_m, mut mock) = (None, None, None, false);
    let mut battery = Value::Null;
    for (name, value) in pairs(text.as_bytes()) {
        let value = value.trim();
        match &*name {
            "id" | "deviceid" => device = Some(value.to_owned()),
            "timestamp" => at = Some(time(value)?),
            "lat" => lat = Some(number(&name, value)?),
            "lon" => lon = Some(number(&name, value)?),
            "location" => {
                let (first, second) = value.split_once(',').ok_or_else(|| no_number("location", value))?;
                lat = Some(number(&name, first)?);
                lon = Some(number(&name, second)?);
            }
            "speed" => speed_kn = Some(number(&name, value)?),
            "bearing" | "heading" => heading_deg = Some(number(&name, value)?),
            "accuracy" => accuracy_m = Some(number(&name, value)?),
            "batt" => battery = value.into(),
            "mock" => mock = value == "true" || value == "1",
            "valid" if value == "false" || value == "0" => {
                return Err(ApiError::unprocessable(
                    "valid is false: the device says that it does not know where it is",
                ));
            }
            _ => {}
        }
    }
    let place = lat.zip(lon).map(|(lat, lon)| LonLat::new(lon, lat)).ok_or_else(|| missing("lat and lon"))?;
    Ok(NewPosition {
        patrol: PatrolId(device.ok_or_else(|| missing("id"))?),
        fix: Fix {
            at: at.unwrap_or(now),
            place,
            heading_deg: heading(heading_deg),
            speed_mps: known(speed_kn, KNOT_MPS),
            accuracy_m: known(accuracy_m, 1.0),
            mock,
            battery_percent: charge(&battery, 1.0),
        },
    })
}

#[derive(Deserialize)]
struct Sent {
    device_id: Value,
    location: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Location),
    Many(Vec<Location>),
}

#[derive(Deserialize)]
struct Location {
    timestamp: Value,
    coords: Coordinates,
    #[serde(default)]
    mock: bool,
    /// With a `level` of 0 to 1, −1 where it is not known.
    #[serde(default)]
    battery: Value,
}

#[derive(Deserialize)]
struct Coordinates {
    latitude: f64,
    longitude: f64,
    accuracy: Option<f64>,
    speed: Option<f64>,
    heading: Option<f64>,
}

fn from_json(bytes: &[u8], now: Timestamp) -> ApiResult<Vec<NewPosition>> {
    let sent: Sent = parse_json(bytes)?;
    let device = match sent.device_id {
        Value::String(id) => id,
        Value::Number(id) => id.to_string(),
        _ => return Err(missing("device_id")),
    };
    let locations = match sent.location {
        OneOrMany::One(location) => vec![location],
        OneOrMany::Many(locations) => locations,
    };
    let position = |Location { timestamp, coords, mock, battery }| {
        let at = match timestamp {
            Value::Null => now,
            Value::String(text) => time(&text)?,
            other => time(&other.to_string())?,
        };
        let fix = Fix {
            at,
            place: LonLat::new(coords.longitude, coords.latitude),
            heading_deg: heading(coords.heading),
            speed_mps: known(coords.speed, 1.0),
            accuracy_m: known(coords.accuracy, 1.0),
            mock,
            battery_percent: charge(battery.get("level").unwrap_or(&Value::Null), 100.0),
        };
        Ok(NewPosition { patrol: PatrolId(device.clone()), fix })
    };
    locations.into_iter().map(position).collect()
}

/// Seconds or milliseconds since 1970, ISO 8601 with a zone, or `2026-09-15 10:00:00` in UTC.
fn time(text: &str) -> ApiResult<Timestamp> {
    let text = text.trim();
    let from_number = |number: i64| {
        let is_seconds = (-SECONDS..SECONDS).contains(&number);
        if is_seconds { Timestamp::from_second(number) } else { Timestamp::from_millisecond(number) }.ok()
    };
    let in_words = || {
        // An unescaped plus sign arrives as a space.
        let signed = text.rsplit_once(' ').map(|(time, zone)| format!("{time}+{zone}"));
        let spoken = |text: &str| text.parse::<Timestamp>().ok();
        let in_utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
        spoken(text).or_else(|| signed.as_deref().and_then(spoken)).or_else(in_utc)
    };
    text.parse().ok().and_then(from_number).or_else(in_words).ok_or_else(|| {
        ApiError::bad_request(format!(
            "timestamp is {text:?}, expected seconds or milliseconds since 1970 or a time such as 2026-09-15T02:00:00Z"
        ))
    })
}

fn number(name: &str, text: &str) -> ApiResult<f64> {
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| no_number(name, text))
}

fn no_number(name: &str, text: &str) -> ApiError {
    ApiError::bad_request(format!("{name} is {text:?}, expected a number such as 28.9655"))
}

fn missing(name: &str) -> ApiError {
    ApiError::bad_request(format!("{name} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_many_forms() {
        let expected: Timestamp = "2026-09-15T02:00:00Z".parse().expect("a time");
        for text in [
            "1789437600",
            "1789437600000",
            "2026-09-15T02:00:00Z",
            "2026-09-15T10:00:00+08:00",
            "2026-09-15T10:00:00 08:00",
            "2026-09-15T02:00:00.000+0000",
            "2026-09-15 02:00:00",
        ] {
            assert_eq!(time(text).ok(), Some(expected), "{text}");
        }
        for text in ["", "soon", "99999999999999999999", "9223372036854775807", "NaN"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn knots_become_metres_a_second_and_unknown_stays_unknown() {
        let now = Timestamp::UNIX_EPOCH;
        let sent = from_pairs(
            "deviceid=p1&location=28.9,118.8&speed=10&bearing=370&accuracy=-1&altitude=70&batt=55",
            now,
        )
        .expect("sound");
        assert_eq!(sent.patrol, PatrolId("p1".into()));
        assert_eq!(sent.fix.place, LonLat::new(118.8, 28.9));
        assert!((sent.fix.speed_mps.expect("a speed") - 5.144_444).abs() < 1e-5);
        assert_eq!((sent.fix.heading_deg, sent.fix.accuracy_m, sent.fix.at), (Some(10.0), None, now));
        for (batt, percent) in [
            ("55", Some(55.0)),
            ("4.5", Some(4.5)),
            ("0", Some(0.0)),
            ("7%", Some(7.0)),
            ("-1", None),
            ("101", None),
            ("NaN", None),
            ("full", None),
        ] {
            let sent = from_pairs(&format!("id=a&lat=1&lon=2&batt={batt}"), now).expect("sound");
            assert_eq!(sent.fix.battery_percent, percent, "{batt}");
        }
        for wrong in [
            "lat=1&lon=2",
            "id=a&lat=1",
            "id=a&lat=x&lon=2",
            "id=a&lat=nan&lon=2",
            "id=a&location=1",
            "id=a&lat=1&lon=2&valid=false",
        ] {
            assert!(from_pairs(wrong, now).is_err(), "{wrong}");
        }
    }
}
