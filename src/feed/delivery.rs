//! What a feed hands over.

use crate::governance::wire::PositionUpdate;
use crate::governance::{PatrolId, Update};

/// One thing that a feed hands over, to be given to a [`super::Situation`] in the order of arrival.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// A change to one thing, or the end of a snapshot.
    Update(Update),
    /// New positions; each applied only if its version is higher than that of the patrol held.
    /// They come in thousands a second, so they travel together and without the rest of the patrol.
    Moves(Vec<PositionUpdate>),
    /// All patrols were read again: those held and not in this list are gone.
    /// After a resumed stream, since events of patrols carry no number and are never resumed.
    PatrolsComplete(Vec<PatrolId>),
    /// What comes next is from another database, whose versions begin anew: everything held is gone, tombstones too.
    Reset,
}

impl From<Update> for Delivery {
    fn from(update: Update) -> Self {
        Self::Update(update)
    }
}
