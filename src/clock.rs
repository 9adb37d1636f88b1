//! The one clock: real, or scenario time that starts anywhere and runs at any rate.
//!
//! This is the only module that asks the system what time it is; everybody else takes the time as an argument.
//! The age of data is scenario time ([`Clock::now`]); the age of a connection is real time ([`Clock::real_now`], [`std::time::Instant`]).
//!
//! A clock travels as a [`Reading`]: what it shows now, and how fast it runs.
//! Whoever receives one anchors it at the moment of arrival ([`Clock::anchored`]), so two machines whose system clocks disagree still show the same scenario time, but for the way of the message.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The fastest and slowest rates that a scenario may run at; anything else is a mistake in a setting.
const RATES: std::ops::RangeInclusive<f64> = 0.0..=100_000.0;

/// A clock: at real time `anchor_real` the scenario shows `anchor_scenario`, and runs `rate` times as fast as real time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    anchor_real: Timestamp,
    anchor_scenario: Timestamp,
    rate: f64,
}

/// What a clock shows at one moment: the form in which it travels and is stored.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Reading {
    /// The scenario time at the moment of the reading.
    pub now: Timestamp,
    /// Scenario seconds per real second.
    pub rate: f64,
}

impl Clock {
    /// The real clock.
    pub fn real() -> Self {
        let now = Self::real_now();
        Self { anchor_real: now, anchor_scenario: now, rate: 1.0 }
    }

    /// A scenario clock that shows `start` now and runs `rate` times as fast as real time.
    /// A rate that is no number or out of bounds is taken as 1.
    pub fn scenario(start: Timestamp, rate: f64) -> Self {
        let rate = if RATES.contains(&rate) { rate } else { 1.0 };
        Self { anchor_real: Self::real_now(), anchor_scenario: start, rate }
    }

    /// A clock that another machine read as `now` and sent; anchored at this moment, its arrival.
    pub fn anchored(reading: Reading) -> Self {
        Self::scenario(reading.now, reading.rate)
    }

    /// A clock that was read as `reading` at the real time `real`, and has run on since.
    pub fn anchored_at(reading: Reading, real: Timestamp) -> Self {
        Self { anchor_real: real, ..Self::anchored(reading) }
    }

    /// What the clock shows now, and how fast it runs, to be sent or stored.
    pub fn reading(&self) -> Reading {
        Reading { now: self.now(), rate: self.rate }
    }

    /// The real time, from the system.
    #[allow(clippy::disallowed_methods, reason = "this module is the one place that reads the system clock")]
    pub fn real_now() -> Timestamp {
        Timestamp::now()
    }

    /// What the clock shows now.
    pub fn now(&self) -> Timestamp {
        self.at(Self::real_now())
    }

    /// What the clock shows at a real time. Saturates at the ends of representable time.
    pub fn at(&self, real: Timestamp) -> Timestamp {
        let elapsed_secs = real.duration_since(self.anchor_real).as_secs_f64() * self.rate;
        let delta = jiff::SignedDuration::try_from_secs_f64(elapsed_secs).unwrap_or_default();
        self.anchor_scenario.saturating_add(delta).unwrap_or(self.anchor_scenario)
    }

    /// Scenario seconds per real second.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        "2026-09-14T23:55:00Z".parse().expect("a valid time")
    }

    #[test]
    fn a_scenario_clock_runs_at_its_rate() {
        let clock = Clock::scenario(start(), 60.0);
        let later = clock.anchor_real + jiff::SignedDuration::from_secs(2);
        assert_eq!(clock.at(later), start() + jiff::SignedDuration::from_secs(120));
    }

    #[test]
    fn a_reading_travels_and_is_anchored_where_it_arrives() {
        let sent = Reading { now: start(), rate: 60.0 };
        let text = serde_json::to_string(&sent).expect("serialises");
        assert_eq!(text, r#"{"now":"2026-09-14T23:55:00Z","rate":60.0}"#);
        let read: Reading = serde_json::from_str(&text).expect("reads");
        let clock = Clock::anchored(read);
        assert_eq!(clock.at(clock.anchor_real), start());
        assert!((clock.rate() - 60.0).abs() < f64::EPSILON);
    }

    #[test]
    fn an_absurd_rate_is_taken_as_one() {
        for rate in [f64::NAN, f64::INFINITY, -1.0, 1e9] {
            assert!((Clock::scenario(start(), rate).rate() - 1.0).abs() < f64::EPSILON, "{rate}");
        }
    }
}
