//! Visits (走访, 打卡): that somebody was at a place, and how sure that is.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Actor;
use super::rulebook::{RuleError, check_place, check_text, is_valid_id};
use crate::geo::LonLat;

/// How far ahead of the server's clock a visit may lie.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// The longest code and note, in characters.
const MAX_CODE: usize = 100;
const MAX_NOTE: usize = 1_000;

/// How a visit is known, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// A code that hangs at the place was scanned.
    Code,
    /// A button was pressed, and the phone said where.
    Button,
    /// A track went by.
    Track,
}

/// `POST /api/v1/visits`: somebody was somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewVisit {
    /// The id that the client made, so that the same visit may be sent again; the server makes one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the code at the place says, such as the name of a gate; a visit known by a code needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where the phone was; a visit known otherwise needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<LonLat>,
    /// Radius of the accuracy circle in metres, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f32>,
    /// How it is known.
    pub trust: Trust,
    /// When; now where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<Timestamp>,
    /// Who.
    pub actor: Actor,
    /// In what words, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A visit as it is kept. Never edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Its id.
    pub id: String,
    /// What the code at the place said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where the phone was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<LonLat>,
    /// Radius of the accuracy circle in metres, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f32>,
    /// How it is known.
    pub trust: Trust,
    /// When it happened.
    pub happened_at: Timestamp,
    /// When it was recorded here.
    pub recorded_at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// In what words, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Visit {
    /// What was sent, as it is kept under an id, recorded at `now`.
    ///
    /// # Errors
    /// [`RuleError::Invalid`] names the member that cannot be taken.
    pub fn record(id: String, new: NewVisit, now: Timestamp) -> Result<Self, RuleError> {
        let invalid = |member, reason: &str| RuleError::Invalid { member, reason: reason.to_owned() };
        if !is_valid_id(&id) {
            return Err(invalid("id", "is not 1 to 64 letters, digits and -_.:"));
        }
        let code = new.code.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
        match new.trust {
            Trust::Code if code.is_none() => {
                return Err(invalid("code", "is needed of a visit known by one"));
            }
            Trust::Button | Trust::Track if new.place.is_none() => {
                return Err(invalid("place", "is needed of a visit that is known by no code"));
            }
            _ => {}
        }
        check_text("code", code.as_deref().unwrap_or_default(), MAX_CODE)?;
        check_text("note", new.note.as_deref().unwrap_or_default(), MAX_NOTE)?;
        check_text("actor", &new.actor.name, MAX_CODE)?;
        if new.actor.name.trim().is_empty() {
            return Err(invalid("actor", "has an empty name"));
        }
        if let Some(place) = new.place {
            check_place(place)?;
        }
        if !new.accuracy_m.is_none_or(|accuracy| (0.0..=100_000.0).contains(&accuracy)) {
            return Err(invalid("accuracy_m", "is not 0 to 100000"));
        }
        let happened_at = new.happened_at.unwrap_or(now);
        if happened_at.duration_since(now) > MAX_AHEAD {
            return Err(invalid("happened_at", "lies in the future"));
        }
        Ok(Self {
            id,
            code,
            place: new.place,
            accuracy_m: new.accuracy_m,
            trust: new.trust,
            happened_at,
            recorded_at: now,
            actor: new.actor,
            note: new.note,
        })
    }

    /// Whether both say the same, whenever they were recorded.
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { recorded_at: self.recorded_at, ..other.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Role;

    fn visit(trust: Trust) -> NewVisit {
        let actor = Actor { name: "x".to_owned(), role: Role::Officer };
        NewVisit {
            id: None,
            code: None,
            place: None,
            accuracy_m: None,
            trust,
            happened_at: None,
            actor,
            note: None,
        }
    }

    #[test]
    fn each_trust_needs_what_it_rests_on() {
        let now = "2026-09-15T02:00:00Z".parse().expect("a time");
        let is_taken = |new| Visit::record("v-1".to_owned(), new, now).is_ok();
        let place = Some(LonLat::new(118.87, 28.96));
        assert!(
            !is_taken(visit(Trust::Code))
                && !is_taken(visit(Trust::Button))
                && !is_taken(visit(Trust::Track))
        );
        assert!(is_taken(NewVisit { code: Some("gate-1".into()), ..visit(Trust::Code) }));
        assert!(!is_taken(NewVisit { code: Some(" ".into()), ..visit(Trust::Code) }));
        assert!(is_taken(NewVisit { place, ..visit(Trust::Button) }));
        assert!(!is_taken(NewVisit { place, accuracy_m: Some(f32::NAN), ..visit(Trust::Button) }));
        let later = Some(now + SignedDuration::from_mins(6));
        assert!(!is_taken(NewVisit { place, happened_at: later, ..visit(Trust::Button) }));
    }
}
