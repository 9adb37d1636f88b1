//! Who is on duty and can be seen to be.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::governance::Patrol;

/// How somebody whom the roster wants out is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// The last position is fresh.
    Present,
    /// The shift has just begun, and nothing has come yet.
    Expected,
    /// Positions came in this shift, but none lately.
    Silent,
    /// Nothing came since the shift began.
    NeverStarted,
}

/// How a patrol is doing at `now`; `None` if the roster does not want it out.
///
/// Somebody is silent whose last position is `silent_after` old or older, and has not started who was not heard of for as
/// long since the shift began.
pub fn presence(patrol: &Patrol, now: Timestamp, silent_after: SignedDuration) -> Option<Presence> {
    let duty = patrol.duty.filter(|_| patrol.is_on_duty(now))?;
    let last = patrol.fix.map(|fix| fix.at);
    Some(match last {
        Some(at) if now.duration_since(at) < silent_after => Presence::Present,
        Some(at) if at >= duty.from => Presence::Silent,
        _ if now.duration_since(duty.from) < silent_after => Presence::Expected,
        _ => Presence::NeverStarted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LonLat;
    use crate::governance::{AreaCodes, Duty, Fix, PatrolId, PatrolKind};

    fn at(local: &str) -> Timestamp {
        format!("2026-09-15T{local}:00+08:00").parse().expect("a valid time")
    }

    fn patrol(last: Option<&str>) -> Patrol {
        let fix = last.map(|time| Fix {
            at: at(time),
            place: LonLat::new(118.87, 28.96),
            heading_deg: None,
            speed_mps: None,
            accuracy_m: None,
            mock: false,
        });
        Patrol {
            id: PatrolId("p".into()),
            version: 1,
            name: "x".into(),
            kind: PatrolKind::GridOfficer,
            areas: AreaCodes::default(),
            fix,
            duty: Some(Duty { from: at("08:00"), to: at("17:00") }),
        }
    }

    #[test]
    fn a_shift_from_before_its_beginning_to_its_end() {
        let seen = |last, now| presence(&patrol(last), at(now), SignedDuration::from_mins(15));
        assert_eq!(seen(None, "07:59"), None);
        assert_eq!(seen(None, "08:14"), Some(Presence::Expected));
        assert_eq!(seen(None, "08:15"), Some(Presence::NeverStarted));
        // Yesterday's last position is none of today.
        assert_eq!(seen(Some("06:00"), "09:00"), Some(Presence::NeverStarted));
        // On the way there already.
        assert_eq!(seen(Some("07:55"), "08:05"), Some(Presence::Present));
        assert_eq!(seen(Some("09:00"), "09:14"), Some(Presence::Present));
        assert_eq!(seen(Some("09:00"), "09:15"), Some(Presence::Silent));
        assert_eq!(seen(Some("16:59"), "17:00"), None);
    }
}
