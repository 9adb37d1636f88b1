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
    /// As [`Self::Silent`], and the battery was as good as empty when the last one came.
    OutOfBattery,
    /// Nothing came since the shift began.
    NeverStarted,
}

/// From when on somebody is missed, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// How old the last position may be.
    pub silent_after: SignedDuration,
    /// The charge at and below which a battery is what ended the positions, in percent.
    pub flat_percent: f32,
}

/// How a patrol is doing at `now`; `None` if the roster does not want it out.
///
/// Somebody is silent whose last position is `silent_after` old or older, and has not started who was not heard of for as
/// long since the shift began. Somebody is out of battery who is silent, and whose charge was at most `flat_percent`.
pub fn presence(patrol: &Patrol, now: Timestamp, limits: Limits) -> Option<Presence> {
    let Limits { silent_after, flat_percent } = limits;
    let duty = patrol.duty.filter(|_| patrol.is_on_duty(now))?;
    let last = patrol.fix.map(|fix| fix.at);
    let is_flat =
        patrol.fix.and_then(|fix| fix.battery_percent).is_some_and(|percent| percent <= flat_percent);
    Some(match last {
        Some(at) if now.duration_since(at) < silent_after => Presence::Present,
        Some(at) if at >= duty.from && is_flat => Presence::OutOfBattery,
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

    const LIMITS: Limits = Limits { silent_after: SignedDuration::from_mins(15), flat_percent: 5.0 };

    fn patrol(last: Option<&str>) -> Patrol {
        let fix = last.map(|time| Fix {
            at: at(time),
            place: LonLat::new(118.87, 28.96),
            heading_deg: None,
            speed_mps: None,
            accuracy_m: None,
            mock: false,
            battery_percent: None,
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
        let seen = |last, now| presence(&patrol(last), at(now), LIMITS);
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

    #[test]
    fn who_is_silent_with_an_empty_battery_is_out_of_battery() {
        let seen = |percent, last, now| {
            let mut patrol = patrol(Some(last));
            if let Some(fix) = &mut patrol.fix {
                fix.battery_percent = percent;
            }
            presence(&patrol, at(now), LIMITS)
        };
        assert_eq!(seen(Some(5.0), "09:00", "09:15"), Some(Presence::OutOfBattery));
        assert_eq!(seen(Some(5.1), "09:00", "09:15"), Some(Presence::Silent));
        assert_eq!(seen(None, "09:00", "09:15"), Some(Presence::Silent));
        assert_eq!(seen(Some(1.0), "09:00", "09:14"), Some(Presence::Present), "not yet silent");
        assert_eq!(seen(Some(1.0), "06:00", "09:00"), Some(Presence::NeverStarted), "of another shift");
    }
}
