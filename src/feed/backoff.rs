//! How long to wait before trying again: twice as long each time, up to a bound, and never all at once.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);

/// Waits that double, with jitter: a hundred screens that lost the same server do not come back in the same instant.
#[derive(Debug, Clone, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait. `chance` is a random number from 0 to 1; the wait is from a half to the whole of the step.
    pub(super) fn next_wait(&mut self, chance: f64) -> Duration {
        let step = FIRST.saturating_mul(1_u32 << self.failures.min(10)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        step.mul_f64(0.5 + 0.5 * if chance.is_nan() { 1.0 } else { chance.clamp(0.0, 1.0) })
    }

    /// How many times in a row it failed.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// It worked: the next wait is the first again.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_bound_and_start_again() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9).map(|_| backoff.next_wait(1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        backoff.reset();
        assert_eq!(backoff.next_wait(0.0), Duration::from_millis(250));
        for _ in 0..100 {
            assert!(backoff.next_wait(f64::NAN) <= LONGEST);
        }
    }
}
