//! The event stream: what one Server-Sent Event says.

use serde::{Deserialize, Serialize};

use super::{Item, WireError};
use crate::clock::{Clock, Reading};
use crate::governance::{Fix, Issue, IssueId, Patrol, PatrolId, ServerClock};

/// One event of `GET /api/v1/events`.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamEvent {
    /// `issue`: an issue as it stood after the event; carries the event's number as its id.
    Issue(Box<Issue>),
    /// `issue_removed`: an issue is gone; carries a number.
    IssueRemoved(Removal<IssueId>),
    /// `patrol`: a patrol as it stands; carries no number.
    Patrol(Box<Patrol>),
    /// `patrol_removed`: a patrol is gone; carries no number.
    PatrolRemoved(Removal<PatrolId>),
    /// `positions`: new positions, only the newest of each patrol; carries no number and is never resumed.
    Positions(Vec<PositionUpdate>),
    /// `heartbeat`: the server lives, and this is its clock.
    Heartbeat(Heartbeat),
}

/// That something is gone, as of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal<Id> {
    /// What.
    pub id: Id,
    /// The tombstone's version.
    pub version: u64,
}

/// A patrol's new position, and the patrol's version with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PositionUpdate {
    /// Whose.
    pub id: PatrolId,
    /// The patrol's version with this position.
    pub version: u64,
    /// Where and when.
    pub fix: Fix,
}

/// The server's clock as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// What the scenario clock shows at the moment of sending.
    pub clock: Reading,
    /// Whether what the server holds is simulated.
    pub simulated: bool,
}

impl Heartbeat {
    /// The server's clock, anchored at this moment: call it on arrival.
    pub fn arrived(self) -> ServerClock {
        ServerClock { clock: Clock::anchored(self.clock), simulated: self.simulated }
    }
}

impl StreamEvent {
    /// The name in the `event:` line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issue(_) => "issue",
            Self::IssueRemoved(_) => "issue_removed",
            Self::Patrol(_) => "patrol",
            Self::PatrolRemoved(_) => "patrol_removed",
            Self::Positions(_) => "positions",
            Self::Heartbeat(_) => "heartbeat",
        }
    }

    /// The text of the `data:` line; JSON without line breaks.
    ///
    /// # Errors
    /// [`WireError::Json`] if it cannot be written, which does not happen with finite numbers.
    pub fn data(&self) -> Result<String, WireError> {
        Ok(match self {
            Self::Issue(issue) => issue.to_text()?,
            Self::IssueRemoved(removal) => serde_json::to_string(removal)?,
            Self::Patrol(patrol) => patrol.to_text()?,
            Self::PatrolRemoved(removal) => serde_json::to_string(removal)?,
            Self::Positions(positions) => serde_json::to_string(positions)?,
            Self::Heartbeat(heartbeat) => serde_json::to_string(heartbeat)?,
        })
    }

    /// Reads an event from its name and data. `None` if the name is unknown: a newer server may say more.
    ///
    /// # Errors
    /// [`WireError`] if the data does not fit the name.
    pub fn read(name: &str, data: &str) -> Result<Option<Self>, WireError> {
        Ok(Some(match name {
            "issue" => Self::Issue(Box::new(Issue::from_text(data)?)),
            "issue_removed" => Self::IssueRemoved(serde_json::from_str(data)?),
            "patrol" => Self::Patrol(Box::new(Patrol::from_text(data)?)),
            "patrol_removed" => Self::PatrolRemoved(serde_json::from_str(data)?),
            "positions" => {
                let mut positions: Vec<PositionUpdate> = serde_json::from_str(data)?;
                // As with Features: a place off the earth is none.
                positions.retain(|position| position.fix.place.is_valid());
                Self::Positions(positions)
            }
            "heartbeat" => Self::Heartbeat(serde_json::from_str(data)?),
            _ => return Ok(None),
        }))
    }
}
