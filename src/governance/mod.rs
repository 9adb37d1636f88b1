//! What happens in the neighbourhood: issues and their life cycle, patrols, classes, deadlines.
//!
//! Pure values and rules; it knows `geo` and nobody else.
//! [`Update`] is the one thing that a feed hands to whoever keeps a picture of the situation.

mod area;
mod issue;
mod lifecycle;
mod patrol;
mod update;

pub use area::{AreaCodes, Department};
pub use issue::{Attachment, ClassCode, Event, Issue, IssueId, Owner, Source, Urgency};
pub use lifecycle::{Actor, Refusal, Role, State, Step, allowed_steps};
pub use patrol::{Duty, Fix, Patrol, PatrolId, PatrolKind};
pub use update::{FeedState, ServerClock, Update};
