//! Deadlines: when an issue must be closed or a stage be over, and what a suspension does to that.
//!
//! Computed by the server alone and sent with the issue; a viewer has neither the table nor the calendar.

mod account;

use jiff::{SignedDuration, Timestamp};

pub use account::{DeadlineAccount, Extension, Stop, account};

use super::calendar::WorkCalendar;
use super::classes::{Class, Limit, LimitUnit};
use super::{Suspension, Urgency};

/// Hours of a natural day.
const HOURS_A_DAY: f64 = 24.0;

/// The moment when a limit that began at `from` is over; `None` if that is beyond all reason.
pub fn after_limit(calendar: &WorkCalendar, from: Timestamp, limit: Limit) -> Option<Timestamp> {
    let hours = |count: f64| SignedDuration::try_from_secs_f64(count * 3_600.0).ok();
    match limit.unit {
        LimitUnit::WorkHours => calendar.after_work(from, hours(limit.amount)?),
        LimitUnit::WorkDays => {
            let work =
                SignedDuration::try_from_secs_f64(calendar.workday().as_secs_f64() * limit.amount).ok()?;
            calendar.after_work(from, work)
        }
        LimitUnit::Hours => from.checked_add(hours(limit.amount)?).ok(),
        LimitUnit::Days => from.checked_add(hours(limit.amount * HOURS_A_DAY)?).ok(),
    }
}

/// A limit as it holds for an urgency: each level above the `usual` one halves it.
pub fn hastened(limit: Limit, usual: Urgency, urgency: Urgency) -> Limit {
    let level = |urgency| match urgency {
        Urgency::General => 0,
        Urgency::Elevated => 1,
        Urgency::High => 2,
    };
    let raised = (level(urgency) - level(usual)).max(0);
    Limit { amount: limit.amount / f64::from(1 << raised), ..limit }
}

/// The limit of an issue of this class and urgency: each level of urgency above the class's own halves it
/// (ours; a table that wants otherwise gives the class that urgency and its limit).
pub fn limit_for(class: &Class, urgency: Urgency) -> Option<Limit> {
    class.limit.map(|limit| hastened(limit, class.urgency, urgency))
}

/// The deadline after a suspension (挂账): what was left of the time when the clock was stopped is left again.
///
/// In working time if the limit is counted so, else in natural time.
/// An issue that was already overdue stays overdue by as much.
pub fn after_suspension(
    calendar: &WorkCalendar,
    due_at: Timestamp,
    suspension: Suspension,
    resumed_at: Timestamp,
    unit: Option<LimitUnit>,
) -> Option<Timestamp> {
    let resumed_at = resumed_at.max(suspension.since);
    if unit.is_some_and(LimitUnit::is_working_time) && due_at > suspension.since {
        calendar.after_work(resumed_at, calendar.work_between(suspension.since, due_at))
    } else {
        due_at.checked_add(resumed_at.duration_since(suspension.since)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{ClassCode, State};

    fn at(local: &str) -> Timestamp {
        format!("{local}:00+08:00").parse().expect("a valid time")
    }

    fn due(from: &str, amount: f64, unit: LimitUnit) -> Option<Timestamp> {
        after_limit(&WorkCalendar::default(), at(from), Limit { amount, unit })
    }

    #[test]
    fn the_four_units() {
        // Friday afternoon before a plain weekend.
        let friday = "2026-09-11T16:30";
        assert_eq!(due(friday, 4.0, LimitUnit::WorkHours), Some(at("2026-09-14T11:30")));
        assert_eq!(due(friday, 2.0, LimitUnit::WorkDays), Some(at("2026-09-15T16:30")));
        assert_eq!(due(friday, 4.0, LimitUnit::Hours), Some(at("2026-09-11T20:30")));
        assert_eq!(due(friday, 2.0, LimitUnit::Days), Some(at("2026-09-13T16:30")));
    }

    #[test]
    fn urgency_above_that_of_the_class_halves_the_limit() {
        let class = Class {
            code: ClassCode { scheme: "local".into(), kind: "event".into(), code: "1".into() },
            name: "x".into(),
            group: String::new(),
            department: None,
            urgency: Urgency::Elevated,
            limit: Some(Limit { amount: 8.0, unit: LimitUnit::Hours }),
        };
        let amount = |urgency| limit_for(&class, urgency).map(|limit| limit.amount);
        assert_eq!(amount(Urgency::General), Some(8.0));
        assert_eq!(amount(Urgency::Elevated), Some(8.0));
        assert_eq!(amount(Urgency::High), Some(4.0));
    }

    #[test]
    fn what_was_left_before_a_suspension_is_left_after_it() {
        let calendar = WorkCalendar::default();
        let suspension = Suspension { from: State::Handling, since: at("2026-09-15T11:00") };
        // One hour before noon and two after: three hours of work were left.
        let resume = |unit| {
            after_suspension(&calendar, at("2026-09-15T15:30"), suspension, at("2026-09-18T16:30"), unit)
        };
        // Friday 16:30: one hour left, then Sunday the 20th, which is worked.
        assert_eq!(resume(Some(LimitUnit::WorkHours)), Some(at("2026-09-20T10:30")));
        // Natural time: four and a half hours were left.
        assert_eq!(resume(Some(LimitUnit::Hours)), Some(at("2026-09-18T21:00")));
        assert_eq!(resume(None), Some(at("2026-09-18T21:00")));
    }

    #[test]
    fn an_overdue_issue_stays_overdue_by_as_much() {
        let calendar = WorkCalendar::default();
        let suspension = Suspension { from: State::Handling, since: at("2026-09-15T11:00") };
        let due = after_suspension(
            &calendar,
            at("2026-09-15T09:00"),
            suspension,
            at("2026-09-16T11:00"),
            Some(LimitUnit::WorkHours),
        );
        assert_eq!(due, Some(at("2026-09-16T09:00")));
    }
}
