//! Indicators: how much was reported, handled and closed, how much of it in time, and what is late now.
//!
//! An issue's [`Course`] is the narrow fold of its events that counting needs. From courses, a [`View`] (a window of
//! time, and the moment at which one looks) and perhaps a [`Dimension`] to split by come the [`Figure`]s.
//!
//! - A figure is the number of the courses that [`View::marks`] gives it, or a quotient of two such numbers, so the list
//!   of its cases is never another one than what was counted.
//! - What was recorded after the moment does not count, and neither does what happened after it.
//! - What is due is the denominator of the rate in time: the cases whose deadline of that moment lies in the window.
//!   Void and merged ones are not due, suspended ones neither: their clock stands.
//! - A quotient over nothing is nothing, not 100 %.

mod course;
mod duty;
mod figure;
mod split;
mod window;

pub use course::{Course, Facts, Standing, Transition, Word, Words};
pub use duty::{Limits, Presence, presence};
pub use figure::{DUE_SOON, Figure, Marks, Value, View};
pub use split::{Companies, Dimension, Tally, Wanted, cases, tally};
pub use window::{Comparison, Moment, Period, Window};

#[cfg(test)]
mod tests;
