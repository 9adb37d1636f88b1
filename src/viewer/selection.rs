//! What is chosen.

use crate::governance::{IssueId, PatrolId};

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// A building by its index in the city.
    Building(u32),
    /// An issue.
    Issue(IssueId),
    /// A patrol.
    Patrol(PatrolId),
    /// A place that search found: east and south in whole metres, and its name.
    Place {
        /// East and south, metres.
        at: (i32, i32),
        /// Its name.
        name: String,
    },
}
