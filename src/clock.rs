//! The one clock: real, or scenario time that starts anywhere and runs at any rate.
//!
//! This is the only module that asks the system what time it is; everybody else takes the time as an argument.
//! The age of data is scenario time ([`Clock::now`]); the age of a connection is real time ([`Clock::real_now`], [`std::time::Instant`]).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A clock: at real time `anchor_real` the scenario shows `anchor_scenario`, and runs `rate` times as fast as real time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    anchor_real: Timestamp,
    anchor_scenario: Timestamp,
    rate: f64,
}

impl Clock {
    /// The real clock.
    pub fn real() -> Self {
        let now = Self::real_now();
        Self { anchor_real: now, anchor_scenario: now, rate: 1.0 }
    }

    /// A scenario clock that shows `start` now and runs `rate` times as fast as real time.
    pub fn scenario(start: Timestamp, rate: f64) -> Self {
        Self { anchor_real: Self::real_now(), anchor_scenario: start, rate }
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

    #[test]
    fn a_scenario_clock_runs_at_its_rate() {
        let start: Timestamp = "2026-09-14T23:55:00Z".parse().expect("a valid time");
        let clock = Clock::scenario(start, 60.0);
        let later = clock.anchor_real + jiff::SignedDuration::from_secs(2);
        assert_eq!(clock.at(later), start + jiff::SignedDuration::from_secs(120));
    }
}
