//! Times and rates on the command line.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The zone of local times.
const ZONE: &str = "Asia/Shanghai";

/// The clocks that times are read and told by on the command line.
pub(super) fn zone() -> Result<TimeZone, String> {
    TimeZone::get(ZONE).map_err(|error| error.to_string())
}

/// A time, local or with an offset.
pub(super) fn read_time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let local: DateTime =
        text.parse().map_err(|_not_a_time| "expected a time such as 2026-09-15T07:55".to_owned())?;
    zone()?.to_timestamp(local).map_err(|error| error.to_string())
}

/// Scenario seconds per real second.
pub(super) fn read_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 3_600.0 => Ok(rate),
        _ => Err("expected a number above 0 and up to 3600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_are_those_of_the_place() {
        let expected: Timestamp = "2026-09-14T23:55:00Z".parse().expect("a valid time");
        for text in
            ["2026-09-15T07:55", "2026-09-15 07:55:00", "2026-09-15T07:55:00+08:00", "2026-09-14T23:55:00Z"]
        {
            assert_eq!(read_time(text), Ok(expected), "{text}");
        }
        assert!(read_time("tomorrow").is_err());
    }

    #[test]
    fn rates() {
        assert_eq!(read_rate("60"), Ok(60.0));
        for text in ["0", "-1", "nan", "inf", "fast"] {
            assert!(read_rate(text).is_err(), "{text}");
        }
    }
}
