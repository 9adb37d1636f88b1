//! Ages, deadlines and dates in words.
//!
//! A length of time is rounded down to what a glance can take in: seconds, then minutes, then hours and minutes, then days and hours.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Messages;

const MINUTE_SECS: i64 = 60;
const HOUR_SECS: i64 = 60 * MINUTE_SECS;
const DAY_SECS: i64 = 24 * HOUR_SECS;
/// Younger than this is "just now": positions and heartbeats come every few seconds, and a number that flickers says nothing.
const JUST_NOW_SECS: i64 = 5;

impl Messages {
    /// How old something is: `刚刚`, `12 秒前`, `3 分钟前`, `5 小时前`, `2 天前`. What lies in the future is `刚刚` too.
    pub fn ago(&self, age: SignedDuration) -> String {
        let secs = age.as_secs();
        let (key, n) = match secs {
            ..JUST_NOW_SECS => return self.text("ago-now").into_owned(),
            ..MINUTE_SECS => ("ago-seconds", secs),
            ..HOUR_SECS => ("ago-minutes", secs / MINUTE_SECS),
            ..DAY_SECS => ("ago-hours", secs / HOUR_SECS),
            _ => ("ago-days", secs / DAY_SECS),
        };
        self.text_with(key, &[("n", n.into())]).into_owned()
    }

    /// A length of time: `45 秒`, `12 分钟`, `3 小时 20 分钟`, `2 天 4 小时`. The sign is dropped.
    pub fn span(&self, span: SignedDuration) -> String {
        let secs = span.unsigned_abs().as_secs().cast_signed();
        let (days, hours, minutes) =
            (secs / DAY_SECS, secs % DAY_SECS / HOUR_SECS, secs % HOUR_SECS / MINUTE_SECS);
        let text = match (days, hours, minutes) {
            (0, 0, 0) => self.text_with("span-seconds", &[("n", secs.into())]),
            (0, 0, n) => self.text_with("span-minutes", &[("n", n.into())]),
            (0, n, 0) => self.text_with("span-hours", &[("n", n.into())]),
            (0, hours, minutes) => {
                self.text_with("span-hours-minutes", &[("hours", hours.into()), ("minutes", minutes.into())])
            }
            (n, 0, _) => self.text_with("span-days", &[("n", n.into())]),
            (days, hours, _) => {
                self.text_with("span-days-hours", &[("days", days.into()), ("hours", hours.into())])
            }
        };
        text.into_owned()
    }

    /// What is left until a deadline, or by how much it has passed: `剩余 3 小时`, `超期 20 分钟`.
    pub fn remaining(&self, now: Timestamp, due: Timestamp) -> String {
        let left = due.duration_since(now);
        let key = match left.as_secs() {
            0 => return self.text("due-now").into_owned(),
            1.. => "remaining",
            _ => "overdue-by",
        };
        self.text_with(key, &[("span", self.span(left).into())]).into_owned()
    }

    /// Hours and minutes of the place's day: `07:55`.
    pub fn time(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.strftime("format-time", at, zone)
    }

    /// With seconds: `07:55:08`.
    pub fn time_with_seconds(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.strftime("format-time-seconds", at, zone)
    }

    /// The date: `2026年9月15日`.
    pub fn date(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.strftime("format-date", at, zone)
    }

    /// The weekday: `星期二`.
    pub fn weekday(&self, at: Timestamp, zone: &TimeZone) -> Cow<'_, str> {
        self.text(match at.to_zoned_datetime(zone.clone()).weekday() {
            jiff::civil::Weekday::Monday => "weekday-1",
            jiff::civil::Weekday::Tuesday => "weekday-2",
            jiff::civil::Weekday::Wednesday => "weekday-3",
            jiff::civil::Weekday::Thursday => "weekday-4",
            jiff::civil::Weekday::Friday => "weekday-5",
            jiff::civil::Weekday::Saturday => "weekday-6",
            jiff::civil::Weekday::Sunday => "weekday-7",
        })
    }

    /// Date and time: `2026-09-15 07:55`.
    pub fn date_time(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.strftime("format-date-time", at, zone)
    }

    /// Date and time where the year is understood: `9月15日 07:55`.
    pub fn date_time_short(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.strftime("format-date-time-short", at, zone)
    }

    fn strftime(&self, key: &str, at: Timestamp, zone: &TimeZone) -> String {
        let zoned = at.to_zoned_datetime(zone.clone());
        jiff::fmt::strtime::format(self.text(key).as_bytes(), &zoned).unwrap_or_else(|_| zoned.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn chinese() -> Messages {
        Messages::new(Language::Chinese)
    }

    fn morning() -> (Timestamp, TimeZone) {
        let at = "2026-09-14T23:55:08Z".parse().expect("a time");
        (at, TimeZone::get("Asia/Shanghai").expect("a bundled zone"))
    }

    #[test]
    fn ages_are_rounded_down() {
        let ago = |secs| chinese().ago(SignedDuration::from_secs(secs));
        assert_eq!(ago(-30), "刚刚");
        assert_eq!(ago(4), "刚刚");
        assert_eq!(ago(59), "59 秒前");
        assert_eq!(ago(119), "1 分钟前");
        assert_eq!(ago(7_199), "1 小时前");
        assert_eq!(ago(172_800), "2 天前");
    }

    #[test]
    fn spans_name_two_units_at_most() {
        let span = |secs| chinese().span(SignedDuration::from_secs(secs));
        assert_eq!(span(0), "0 秒");
        assert_eq!(span(45), "45 秒");
        assert_eq!(span(3_600), "1 小时");
        assert_eq!(span(-12_000), "3 小时 20 分钟");
        assert_eq!(span(2 * 86_400 + 59), "2 天");
        assert_eq!(span(100_800), "1 天 4 小时");
        assert!(!chinese().span(SignedDuration::MIN).is_empty());
    }

    #[test]
    fn deadlines_lie_ahead_or_behind() {
        let (now, _) = morning();
        let due = |secs| chinese().remaining(now, now + SignedDuration::from_secs(secs));
        assert_eq!(due(3 * 3_600), "剩余 3 小时");
        assert_eq!(due(0), "现在到期");
        assert_eq!(due(-1_200), "超期 20 分钟");
    }

    #[test]
    fn times_are_those_of_the_place() {
        let (at, zone) = morning();
        assert_eq!(chinese().time(at, &zone), "07:55");
        assert_eq!(chinese().time_with_seconds(at, &zone), "07:55:08");
        assert_eq!(chinese().date(at, &zone), "2026年9月15日");
        assert_eq!(chinese().weekday(at, &zone), "星期二");
        assert_eq!(chinese().date_time(at, &zone), "2026-09-15 07:55");
        assert_eq!(chinese().date_time_short(at, &zone), "9月15日 07:55");
        assert_eq!(Messages::new(Language::English).date(at, &zone), "15 September 2026");
    }
}
