//! Visits: that somebody was at a place.

use super::{Answer, Interval};
use crate::governance::Visit;

/// Which visits.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::server) struct VisitFilter {
    /// Of this code.
    pub(in crate::server) code: Option<String>,
    /// Within this interval.
    pub(in crate::server) time: Option<Interval>,
    /// After this place in the order of arrival.
    pub(in crate::server) after: i64,
    /// At most this many.
    pub(in crate::server) limit: u32,
}

/// Visits, read.
pub(in crate::server) trait Visits {
    /// Visits in the order of arrival, each with its place in it.
    fn visits<'a>(&'a self, filter: &'a VisitFilter) -> Answer<'a, Vec<(i64, Visit)>>;
}

/// Visits, written.
pub(in crate::server) trait WriteVisits {
    /// One visit.
    fn visit<'a>(&'a mut self, id: &'a str) -> Answer<'a, Option<Visit>>;
    /// Stores a new visit.
    fn put_visit<'a>(&'a mut self, visit: &'a Visit) -> Answer<'a, ()>;
}
