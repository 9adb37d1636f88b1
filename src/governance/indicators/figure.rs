//! The figures: what each counts, by which course has which mark.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Course, Moment, Window};
use crate::governance::{State, Step};

/// How near a deadline is soon.
pub const DUE_SOON: SignedDuration = SignedDuration::from_hours(2);

/// An indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// 上报: reported in the window.
    Reported,
    /// 立案: registered in the window.
    Registered,
    /// 处置: feedback given in the window, or closed there on the spot.
    Handled,
    /// 结案: closed in the window, on the spot or not.
    Closed,
    /// 重办: reopened in the window.
    Reopened,
    /// 应结案: the deadline lies in the window and has come; neither void nor merged, its clock not standing.
    Due,
    /// 按期结案: of those, closed and not after the deadline.
    ClosedOnTime,
    /// 按期结案率: [`Figure::ClosedOnTime`] of [`Figure::Due`].
    OnTimeRate,
    /// The median of the natural time from report to closing, of those closed in the window.
    MedianTimeToClose,
    /// Open at the moment.
    Open,
    /// Open and past the deadline at the moment, its clock not standing.
    Overdue,
    /// Open, with a deadline that comes within [`DUE_SOON`] of the moment.
    DueSoon,
    /// Open, with a deadline on the day of the moment, passed or not.
    DueToday,
}

/// Which counted figures a course belongs to, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks(u16);

/// What is looked at: a window, the moment of looking, and the day of that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The window.
    pub window: Window,
    /// The moment.
    pub moment: Moment,
    /// The day of the moment, by the clocks of the place.
    pub today: Window,
}

/// What a figure comes to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// So many cases.
    Count {
        /// How many.
        value: u64,
    },
    /// A part of a whole.
    Ratio {
        /// From 0 to 1; `None` of nothing.
        value: Option<f64>,
        /// The part.
        numerator: u64,
        /// The whole.
        denominator: u64,
    },
    /// A time in the middle of many.
    Median {
        /// In seconds; `None` of nothing.
        value: Option<f64>,
        /// Of how many cases.
        of: u64,
    },
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 13] = [
        Self::Reported,
        Self::Registered,
        Self::Handled,
        Self::Closed,
        Self::Reopened,
        Self::Due,
        Self::ClosedOnTime,
        Self::OnTimeRate,
        Self::MedianTimeToClose,
        Self::Open,
        Self::Overdue,
        Self::DueSoon,
        Self::DueToday,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Registered => "registered",
            Self::Handled => "handled",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Due => "due",
            Self::ClosedOnTime => "closed_on_time",
            Self::OnTimeRate => "on_time_rate",
            Self::MedianTimeToClose => "median_time_to_close",
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_within_two_hours",
            Self::DueToday => "due_today",
        }
    }

    /// The figure whose cases are behind this one: itself, of a quotient the whole.
    pub const fn counted(self) -> Self {
        match self {
            Self::OnTimeRate => Self::Due,
            Self::MedianTimeToClose => Self::Closed,
            figure => figure,
        }
    }

    const fn bit(self) -> u16 {
        1 << self.counted() as u16
    }
}

impl Marks {
    /// Whether a course with these marks is one of the cases behind a figure.
    pub const fn has(self, figure: Figure) -> bool {
        self.0 & figure.bit() != 0
    }

    fn set(&mut self, figure: Figure, is_one: bool) {
        if is_one {
            self.0 |= figure.bit();
        }
    }
}

impl View {
    /// The figures that a course counts for, and in seconds how long it took to close if it was closed in the window.
    ///
    /// `None` if nobody knew of it at the moment.
    pub fn marks(&self, course: &Course) -> Option<(Marks, Option<i64>)> {
        let standing = course.at(self.moment)?;
        let mut marks = Marks::default();
        let mut closed_at = None;
        for transition in course.known(self.moment).filter(|known| self.window.contains(known.happened_at)) {
            match transition.step {
                Step::Report => marks.set(Figure::Reported, true),
                Step::Register => marks.set(Figure::Registered, true),
                Step::GiveFeedback => marks.set(Figure::Handled, true),
                Step::Reopen => marks.set(Figure::Reopened, true),
                Step::Close => closed_at = Some(transition.happened_at),
                Step::CloseOnSpot => {
                    marks.set(Figure::Handled, true);
                    closed_at = Some(transition.happened_at);
                }
                _ => {}
            }
        }
        marks.set(Figure::Closed, closed_at.is_some());
        let took = closed_at.map(|at: Timestamp| at.duration_since(standing.first.happened_at).as_secs());
        marks.set(Figure::Open, standing.last.state.is_open());
        if let Some(due_at) = standing.last.due_at {
            let at = self.moment.at;
            let is_counted = standing.is_running() || standing.last.state == State::Closed;
            let is_due = is_counted && self.window.contains(due_at) && due_at <= at;
            marks.set(Figure::Due, is_due);
            marks.set(
                Figure::ClosedOnTime,
                is_due && standing.closed_at.is_some_and(|closed| closed <= due_at),
            );
            if standing.is_running() {
                marks.set(Figure::Overdue, due_at < at);
                marks.set(Figure::DueSoon, at <= due_at && due_at.duration_since(at) < DUE_SOON);
                marks.set(Figure::DueToday, self.today.contains(due_at));
            }
        }
        Some((marks, took))
    }
}
