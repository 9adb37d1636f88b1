//! Windows of time, the moment at which one looks at them, and the windows that they are compared with.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::Serialize;

use super::Transition;

/// From a time on, up to another one and without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// The first moment within.
    pub from: Timestamp,
    /// The first moment no longer within.
    pub to: Timestamp,
}

/// When one looks, and what was known then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What happened later does not count.
    pub at: Timestamp,
    /// What was recorded later does not count.
    pub known: Timestamp,
}

/// A calendar period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday on.
    Week,
    /// From the first on.
    Month,
    /// From the first of January on.
    Year,
}

/// With what a window is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// 环比: the window before it, of the same length.
    Previous,
    /// 同比: the same window a year before; of a week, 52 weeks before, so that its days are the same ones.
    YearBefore,
}

impl Window {
    /// Whether a time lies in it.
    pub fn contains(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.to
    }
}

impl Moment {
    /// With what is known at that time.
    pub const fn of(at: Timestamp) -> Self {
        Self { at, known: at }
    }

    /// Whether it had happened and was recorded.
    pub fn knows(self, transition: &Transition) -> bool {
        transition.recorded_at <= self.known && transition.happened_at <= self.at
    }
}

impl Period {
    /// Every period.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn length(self) -> Span {
        match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        }
    }

    /// The period in which a time lies, by the clocks of a place; `None` at the ends of representable time.
    pub fn around(self, time: Timestamp, zone: &TimeZone) -> Option<Window> {
        let day = zone.to_datetime(time).date();
        let first = match self {
            Self::Day => day,
            Self::Week => day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok()?,
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        };
        let begin = first.to_datetime(jiff::civil::Time::midnight());
        let end = begin.checked_add(self.length()).ok()?;
        Some(Window { from: zone.to_timestamp(begin).ok()?, to: zone.to_timestamp(end).ok()? })
    }
}

impl Comparison {
    /// The window to compare with, and the moment that lies in it as the given one does in its own.
    ///
    /// What is known is not set back: a comparison uses the best that is known of both. `None` at the ends of time.
    pub fn of(
        self,
        window: Window,
        period: Option<Period>,
        moment: Moment,
        zone: &TimeZone,
    ) -> Option<(Window, Moment)> {
        let back = |time: Timestamp| match (self, period) {
            (Self::Previous, None) => time.checked_sub(window.to.duration_since(window.from)).ok(),
            (Self::Previous, Some(period)) => set_back(time, period.length(), zone),
            (Self::YearBefore, Some(Period::Week)) => set_back(time, 52.weeks(), zone),
            (Self::YearBefore, _) => set_back(time, 1.year(), zone),
        };
        let compared = Window { from: back(window.from)?, to: back(window.to)? };
        Some((compared, Moment { at: back(moment.at)?, known: moment.known }))
    }
}

fn set_back(time: Timestamp, by: Span, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(zone.to_datetime(time).checked_sub(by).ok()?).ok()
}
