//! What happens in the neighbourhood: issues and their life cycle, patrols, classes, deadlines.
//!
//! Pure values and rules; it knows `geo` and nobody else.
//! [`Update`] is the one thing that a feed hands to whoever keeps a picture of the situation.
//!
//! The way of a write: a request ([`NewIssue`], [`NewStep`]) becomes an [`Event`] by the rules of the place
//! ([`rulebook::Rulebook`]: classes, limits of stages, calendar, the matrix of [`allowed_steps`], the table of who may do what behind
//! [`Role::power`], and whose an issue is, [`Post::covers`]), and the event changes the [`Issue`]
//! ([`Issue::open`], [`Issue::apply`]). [`wire`] is how all of it travels.

mod area;
mod assignment;
pub mod calendar;
pub mod classes;
pub mod deadline;
mod diagram;
pub mod duplicates;
mod fold;
pub mod indicators;
mod issue;
mod lifecycle;
mod lines;
pub mod organisation;
mod patrol;
mod posts;
mod powers;
mod request;
pub mod rulebook;
pub mod stages;
mod update;
mod visit;
pub mod wire;

pub use area::{AreaCodes, Department};
pub use assignment::{COMPOUND_DEPARTMENT, Locality, Reason};
pub use diagram::diagram;
pub use fold::ApplyError;
pub use issue::{
    Attachment, Bond, ClassCode, Event, Issue, IssueId, Location, Owner, Report, Source, Suspension, Urgency,
};
pub use lifecycle::{Actor, Refusal, Role, State, Step, Target, allowed_steps};
pub use patrol::{Duty, Fix, Patrol, PatrolId, PatrolKind};
pub use posts::{Account, Denied, NotTheirs, Post, Standing};
pub use powers::{NotAllowed, Power};
pub use request::{
    Health, HistoryAccepted, HistoryBatch, IssueHistory, NewIssue, NewPatrol, NewPosition, NewStep,
    PositionBatch, PositionsAccepted, Problem, RefusedEntry, StoredAttachment,
};
pub use update::{FeedState, ServerClock, Update};
pub use visit::{NewVisit, Trust, Visit};
