//! How long somebody who failed to log in must wait: each failure beyond the first few doubles it.
//!
//! Counted by account and by address. An attempt counts as failed until it has succeeded, so that many at once gain nothing.
//! Kept in memory: what is counted is guessing over the wire, and whoever can restart the server need not guess.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;
/// The wait after the first failure that costs something.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// After so long without a failure all is forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);
/// Whom we count at most; beyond it those whose last failure is longest ago go.
const MOST: usize = 10_000;

/// Who has failed how often.
#[derive(Debug, Default)]
pub(super) struct Lockouts(Mutex<HashMap<String, Failures>>);

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    fn until(self) -> Timestamp {
        let Some(costly) = self.count.checked_sub(FREE) else { return Timestamp::MIN };
        let factor = 1_i32.checked_shl(costly.min(16)).unwrap_or(i32::MAX);
        let wait = FIRST_WAIT.checked_mul(factor).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        self.last.saturating_add(wait).unwrap_or(Timestamp::MAX)
    }
}

impl Lockouts {
    /// Begins an attempt, which counts as failed from now on.
    ///
    /// # Errors
    /// The seconds to wait, where one of the keys must wait; then the attempt does not count.
    pub(super) fn attempt(&self, keys: &[String], now: Timestamp) -> Result<(), u64> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = keys.iter().filter_map(|key| held.get(key)).map(|failures| failures.until()).max();
        if let Some(until) = until.filter(|until| *until > now) {
            return Err(u64::try_from(until.duration_since(now).as_secs() + 1).unwrap_or(1));
        }
        if held.len() >= MOST {
            held.retain(|_, failures| now.duration_since(failures.last) < FORGOTTEN);
        }
        if held.len() >= MOST {
            let mut times: Vec<Timestamp> = held.values().map(|failures| failures.last).collect();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().unwrap_or(now);
            held.retain(|_, failures| failures.last > middle);
        }
        for key in keys {
            let failures = held.entry(key.clone()).or_insert(Failures { count: 0, last: now });
            if now.duration_since(failures.last) >= FORGOTTEN {
                failures.count = 0;
            }
            *failures = Failures { count: failures.count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// The attempt succeeded: the account is forgiven all, the address this one attempt. Else whoever has one account
    /// could go on guessing at others for ever.
    pub(super) fn succeeded(&self, account: &str, address: Option<&str>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(account);
        if let Some(failures) = address.and_then(|address| held.get_mut(address)) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[test]
    fn each_failure_beyond_the_fifth_doubles_the_wait() {
        let lockouts = Lockouts::default();
        let keys = ["account:a".to_owned()];
        for _ in 0..5 {
            assert_eq!(lockouts.attempt(&keys, at(0)), Ok(()));
        }
        let mut now = 0;
        for wait in [10, 20, 40, 80, 160, 320, 640, 900, 900] {
            assert_eq!(lockouts.attempt(&keys, at(now)), Err(wait + 1), "at {now}");
            assert_eq!(lockouts.attempt(&keys, at(now + 1)), Err(wait), "at {now}");
            now += i64::try_from(wait).expect("small");
            assert_eq!(lockouts.attempt(&keys, at(now)), Ok(()), "at {now}");
        }
        // Others do not wait, and after an hour without a failure nobody does.
        assert_eq!(lockouts.attempt(&["account:b".to_owned()], at(now)), Ok(()));
        assert_eq!(lockouts.attempt(&keys, at(now + 3_600)), Ok(()));
        assert_eq!(lockouts.attempt(&keys, at(now + 3_600)), Ok(()));
    }

    #[test]
    fn whoever_succeeds_on_one_account_cannot_guess_at_others_without_end() {
        let lockouts = Lockouts::default();
        let keys = |account: &str| [format!("account:{account}"), "address:1".to_owned()];
        for attempt in 0..5 {
            assert_eq!(lockouts.attempt(&keys(&attempt.to_string()), at(0)), Ok(()));
        }
        assert!(lockouts.attempt(&keys("own"), at(0)).is_err());
        assert_eq!(lockouts.attempt(&keys("own"), at(10)), Ok(()));
        lockouts.succeeded("account:own", Some("address:1"));
        assert!(lockouts.attempt(&keys("6"), at(10)).is_err());
    }

    #[test]
    fn it_never_grows_without_end() {
        let lockouts = Lockouts::default();
        for number in 0..25_000_i64 {
            assert_eq!(lockouts.attempt(&[number.to_string()], at(number / 100)), Ok(()));
        }
        assert!(lockouts.0.lock().expect("a lock").len() <= MOST);
    }
}
