//! The work calendar: which hours count when a limit is given in working time.
//!
//! Weekdays are workdays and weekends are not, but for the exceptions of a year, which are data:
//! `date,kind,name` with `kind` `holiday` or `workday` (调休上班).
//! A year without data follows the weekday rule alone. A place may have other hours and another weekend.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::lines::lines;

/// The exceptions of 2026, after the notice of the General Office of the State Council of 2025-11-04.
const CHINA_2026: &str = include_str!("calendar/china-2026.csv");

/// Office hours unless a place says otherwise: 08:30–12:00 and 13:30–17:30, seven and a half hours a day.
const OFFICE_HOURS: [(Time, Time); 2] =
    [(time(8, 30, 0, 0), time(12, 0, 0, 0)), (time(13, 30, 0, 0), time(17, 30, 0, 0))];

/// The days of the week by their names.
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// How far a deadline may lie ahead; beyond it there is none, so that an absurd limit cannot keep a server busy.
const MAX_DAYS: usize = 3_660;

/// Whether an exceptional day is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exception {
    Holiday,
    Workday,
}

/// Which hours of which days are working time.
#[derive(Debug, Clone)]
pub struct WorkCalendar {
    zone: TimeZone,
    hours: Vec<(Time, Time)>,
    weekend: Vec<Weekday>,
    exceptions: BTreeMap<Date, Exception>,
}

/// A line of a calendar file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CalendarWarning {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl Default for WorkCalendar {
    fn default() -> Self {
        Self::china().0
    }
}

impl WorkCalendar {
    /// The clocks of the place: of working time, of days of validity and of the days of indicators.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Office hours in Asia/Shanghai with the exceptions that ship with the program.
    pub fn china() -> (Self, Vec<CalendarWarning>) {
        Self::from_exceptions(CHINA_2026)
    }

    /// Office hours in Asia/Shanghai with the exceptions of a file, as [`WorkCalendar::excepting`].
    pub fn from_exceptions(text: &str) -> (Self, Vec<CalendarWarning>) {
        // China has had one zone without summer time since 1991, so a fixed offset stands in for a missing database.
        let zone = TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| TimeZone::fixed(offset(8)));
        let weekend = vec![Weekday::Saturday, Weekday::Sunday];
        let plain = Self { zone, hours: OFFICE_HOURS.to_vec(), weekend, exceptions: BTreeMap::new() };
        plain.excepting(text)
    }

    /// The same with the exceptions of a file `date,kind,name` instead of those that it has.
    /// Lines that cannot be used are left out and reported.
    #[must_use]
    pub fn excepting(self, text: &str) -> (Self, Vec<CalendarWarning>) {
        let mut exceptions = BTreeMap::new();
        let mut warnings = Vec::new();
        for (number, line) in lines(text) {
            let mut cells = line.split(',').map(str::trim);
            let date = cells.next().unwrap_or_default();
            let kind = cells.next().unwrap_or_default();
            match (date.parse::<Date>(), kind) {
                (Ok(date), "holiday") => {
                    exceptions.insert(date, Exception::Holiday);
                }
                (Ok(date), "workday") => {
                    exceptions.insert(date, Exception::Workday);
                }
                (Ok(_), _) => {
                    let reason = format!("kind is {kind:?}, expected holiday or workday");
                    warnings.push(CalendarWarning { line: number, reason });
                }
                (Err(_), _) => {
                    let reason = format!("{date:?} is not a date such as 2026-10-01");
                    warnings.push(CalendarWarning { line: number, reason });
                }
            }
        }
        (Self { exceptions, ..self }, warnings)
    }

    /// The same by the clocks of another place.
    #[must_use]
    pub fn in_zone(self, zone: TimeZone) -> Self {
        Self { zone, ..self }
    }

    /// The same with other spans of the day, such as `08:30-12:00`; they follow one another.
    ///
    /// # Errors
    /// Which span is none, and what was expected.
    pub fn with_hours<S: AsRef<str>>(self, spans: &[S]) -> Result<Self, String> {
        let mut hours: Vec<(Time, Time)> = Vec::new();
        for span in spans {
            let span = span.as_ref();
            let ends = span.split_once('-').and_then(|(from, to)| {
                Some((from.trim().parse::<Time>().ok()?, to.trim().parse::<Time>().ok()?))
            });
            let follows = |from: Time| hours.last().is_none_or(|(_, end)| *end <= from);
            match ends {
                Some((from, to)) if from < to && follows(from) => hours.push((from, to)),
                _ => {
                    return Err(format!(
                        "hours are {span:?}, expected a span such as 08:30-12:00 after the one before"
                    ));
                }
            }
        }
        if hours.is_empty() {
            return Err("hours are empty, expected spans such as 08:30-12:00".to_owned());
        }
        Ok(Self { hours, ..self })
    }

    /// The same with other days of the week off, such as `saturday`.
    ///
    /// # Errors
    /// Which day is none, or that no day would be worked.
    pub fn with_weekend<S: AsRef<str>>(self, days: &[S]) -> Result<Self, String> {
        let mut weekend = Vec::new();
        for day in days {
            let day = day.as_ref();
            let known = WEEKDAYS.iter().find(|(name, _)| *name == day.trim().to_ascii_lowercase());
            match known {
                Some((_, weekday)) => weekend.push(*weekday),
                None => return Err(format!("weekend has {day:?}, expected a day such as saturday")),
            }
        }
        if WEEKDAYS.iter().all(|(_, weekday)| weekend.contains(weekday)) {
            return Err("weekend has every day: nothing would ever be due".to_owned());
        }
        Ok(Self { weekend, ..self })
    }

    /// Whether a day is worked.
    pub fn is_workday(&self, date: Date) -> bool {
        match self.exceptions.get(&date) {
            Some(Exception::Holiday) => false,
            Some(Exception::Workday) => true,
            None => !self.weekend.contains(&date.weekday()),
        }
    }

    /// The working time of one full workday.
    pub fn workday(&self) -> SignedDuration {
        self.hours.iter().fold(SignedDuration::ZERO, |sum, (from, to)| sum + to.duration_since(*from))
    }

    /// The moment when `work` of working time has passed since `from`; `None` if that is more than ten years ahead.
    /// Zero or negative working time gives `from` itself.
    pub fn after_work(&self, from: Timestamp, work: SignedDuration) -> Option<Timestamp> {
        if work <= SignedDuration::ZERO {
            return Some(from);
        }
        let mut left = work;
        for (start, end) in self.spans(from).take(MAX_DAYS * self.hours.len()) {
            let start = start.max(from);
            if start >= end {
                continue;
            }
            let span = end.duration_since(start);
            if left <= span {
                return start.checked_add(left).ok();
            }
            left -= span;
        }
        None
    }

    /// How much working time lies between two moments; zero if `to` is not after `from`.
    pub fn work_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        self.spans(from)
            .take(MAX_DAYS * self.hours.len())
            .take_while(|(start, _)| *start < to)
            .map(|(start, end)| end.min(to).duration_since(start.max(from)).max(SignedDuration::ZERO))
            .fold(SignedDuration::ZERO, |sum, span| sum + span)
    }

    /// The spans of working time, from the day of `from` on.
    fn spans(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let first = self.zone.to_datetime(from).date();
        let days = first.series(1.day());
        days.filter(|date| self.is_workday(*date)).flat_map(move |date| {
            self.hours
                .iter()
                .filter_map(move |(start, end)| Some((self.moment(date, *start)?, self.moment(date, *end)?)))
        })
    }

    fn moment(&self, date: Date, time: Time) -> Option<Timestamp> {
        self.zone.to_timestamp(date.to_datetime(time)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(local: &str) -> Timestamp {
        format!("{local}:00+08:00").parse().expect("a valid time")
    }

    fn hours(count: i64) -> SignedDuration {
        SignedDuration::from_hours(count)
    }

    #[test]
    fn the_shipped_calendar_reads_without_a_warning() {
        let (calendar, warnings) = WorkCalendar::china();
        assert_eq!(warnings, []);
        assert_eq!(calendar.exceptions.len(), 39);
        assert_eq!(calendar.workday(), SignedDuration::from_mins(450));
    }

    #[test]
    fn noon_and_night_do_not_count() {
        let calendar = WorkCalendar::default();
        // Tuesday: two hours before noon, two after the break.
        assert_eq!(calendar.after_work(at("2026-09-15T10:00"), hours(4)), Some(at("2026-09-15T15:30")));
        // Found before the office opens, and during the break.
        assert_eq!(calendar.after_work(at("2026-09-15T06:00"), hours(1)), Some(at("2026-09-15T09:30")));
        assert_eq!(calendar.after_work(at("2026-09-15T12:40"), hours(1)), Some(at("2026-09-15T14:30")));
        // Half an hour of today, three and a half of tomorrow.
        assert_eq!(calendar.after_work(at("2026-09-15T17:00"), hours(4)), Some(at("2026-09-16T12:00")));
    }

    #[test]
    fn weekends_holidays_and_made_up_days() {
        let calendar = WorkCalendar::default();
        // Friday afternoon to Monday, in a plain week.
        assert_eq!(calendar.after_work(at("2026-09-11T17:00"), hours(1)), Some(at("2026-09-14T09:00")));
        // Sunday 20 September is made up for the National Day.
        assert_eq!(calendar.after_work(at("2026-09-19T17:00"), hours(1)), Some(at("2026-09-20T09:30")));
        // The eve of the National Day to Thursday the 8th.
        assert_eq!(calendar.after_work(at("2026-09-30T17:00"), hours(1)), Some(at("2026-10-08T09:00")));
        // A workday is seven and a half hours: the same time of the next workday, over Mid-Autumn.
        assert_eq!(
            calendar.after_work(at("2026-09-24T10:00"), calendar.workday()),
            Some(at("2026-09-28T10:00"))
        );
    }

    #[test]
    fn working_time_between_is_what_was_added() {
        let calendar = WorkCalendar::default();
        let from = at("2026-09-29T16:00");
        for minutes in [1, 59, 450, 451, 3_000] {
            let work = SignedDuration::from_mins(minutes);
            let to = calendar.after_work(from, work).expect("within ten years");
            assert_eq!(calendar.work_between(from, to), work);
        }
        assert_eq!(calendar.work_between(from, at("2026-09-29T15:00")), SignedDuration::ZERO);
        assert_eq!(calendar.work_between(at("2026-09-29T16:00"), at("2026-09-29T17:00")), hours(1));
    }

    #[test]
    fn absurd_limits_have_no_deadline() {
        assert_eq!(WorkCalendar::default().after_work(at("2026-09-15T10:00"), hours(1_000_000)), None);
    }

    #[test]
    fn a_place_works_at_its_own_hours_and_days() {
        let calendar = WorkCalendar::default()
            .with_hours(&["09:00-12:00", "14:00 - 18:00"])
            .and_then(|calendar| calendar.with_weekend(&["Sunday"]))
            .expect("a calendar")
            .in_zone(TimeZone::UTC);
        assert_eq!(calendar.workday(), hours(7));
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        // Friday afternoon over Saturday, which is worked here, to Monday.
        assert_eq!(
            calendar.after_work(at("2026-09-11T17:00:00Z"), hours(8)),
            Some(at("2026-09-12T18:00:00Z"))
        );
        assert_eq!(
            calendar.after_work(at("2026-09-12T17:00:00Z"), hours(2)),
            Some(at("2026-09-14T10:00:00Z"))
        );
        for bad in [&["12:00-09:00"][..], &["09:00-12:00", "11:00-13:00"], &["morning"], &[]] {
            let told = WorkCalendar::default().with_hours(bad).expect_err("none");
            assert!(told.contains("08:30-12:00"), "{told}");
        }
        let all = WEEKDAYS.map(|(name, _)| name);
        assert!(WorkCalendar::default().with_weekend(&all).is_err());
        assert!(WorkCalendar::default().with_weekend(&["someday"]).expect_err("none").contains("someday"));
    }

    #[test]
    fn bad_lines_are_reported_and_left_out() {
        let (calendar, warnings) =
            WorkCalendar::from_exceptions("date,kind,name\n2026-13-01,holiday,x\n2026-09-15,maybe,y\n");
        assert_eq!(warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [2, 3]);
        assert!(calendar.is_workday("2026-09-15".parse().expect("a date")));
    }
}
