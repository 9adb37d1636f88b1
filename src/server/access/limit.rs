//! How fast somebody may ask: so many requests a second, with room for a burst.
//!
//! By caller where there is one, else by address. Whoever speaks for others is not limited, nor is this machine:
//! the simulator, the load tool and a proxy stand there.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Caller;

/// Seconds of the usual rate that may come at once.
const BURST_SECONDS: u32 = 4;
/// Keys after which those that have been quiet are let go.
const MANY: usize = 10_000;

/// Limits requests.
pub(super) struct Limits(Option<DefaultKeyedRateLimiter<String>>);

impl Limits {
    /// So many requests a second for each; without a number nobody is limited.
    pub(super) fn new(per_second: Option<NonZeroU32>) -> Self {
        Self(per_second.map(|per_second| {
            let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(BURST_SECONDS - 1));
            RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst))
        }))
    }

    /// Takes one request.
    ///
    /// # Errors
    /// The seconds to wait.
    pub(super) fn take(&self, caller: &Caller, address: Option<IpAddr>) -> Result<(), u64> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        let is_here = address.is_none_or(|address| address.to_canonical().is_loopback());
        if caller.speaks_for_others() || is_here {
            return Ok(());
        }
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        let key = match (caller.posts(), address) {
            ([], Some(address)) => format!("address:{}", address.to_canonical()),
            _ => caller.key(),
        };
        limiter.check_key(&key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_limit_of_their_own_and_this_machine_has_none() {
        let limits = Limits::new(NonZeroU32::new(2));
        let far = "192.0.2.7".parse().ok();
        let nobody = Caller::nobody();
        for _ in 0..8 {
            assert_eq!(limits.take(&nobody, far), Ok(()));
        }
        assert_eq!(limits.take(&nobody, far), Err(1));
        assert_eq!(limits.take(&nobody, "192.0.2.8".parse().ok()), Ok(()));
        for address in [None, "127.0.0.1".parse().ok(), "::ffff:127.0.0.1".parse().ok()] {
            for _ in 0..20 {
                assert_eq!(limits.take(&nobody, address), Ok(()));
            }
        }
        for _ in 0..20 {
            assert_eq!(limits.take(&Caller::start(), far), Ok(()));
            assert_eq!(Limits::new(None).take(&nobody, far), Ok(()));
        }
    }
}
