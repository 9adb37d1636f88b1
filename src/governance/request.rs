//! What clients send: bodies of requests, and the answers that are not features.
//!
//! The server reads them, the simulator, the feed and the phone page write them.
//! Unknown fields are ignored, so that a newer client can talk to an older server.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Actor, AreaCodes, Attachment, ClassCode, Department, Duty, Fix, IssueId, Location, Owner, PatrolId,
    PatrolKind, Source, Step, Urgency,
};
use crate::geo::LonLat;

/// `POST /api/v1/issues`: a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewIssue {
    /// The id that the client made; the server makes one where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<IssueId>,
    /// A short title.
    pub title: String,
    /// More words; no personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its class; one that the place's table lacks is kept, and gets no deadline.
    pub class: ClassCode,
    /// How pressing; that of its class where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// How it came.
    pub source: Source,
    /// Whose it is: ours unless said.
    #[serde(default)]
    pub owner: Owner,
    /// Where it is, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<LonLat>,
    /// The address as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The building's id in the building source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// The areas that hold there, as far as the client knows them; the server fills in what is absent where it can.
    #[serde(default)]
    pub areas: AreaCodes,
    /// Who has the lead; that of its class where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Department>,
    /// The post that answers for it; no personal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// When it was found; now where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<Timestamp>,
    /// Who reports it.
    pub actor: Actor,
    /// In what words, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// `POST /api/v1/issues/{id}/steps`: one step of an issue. The version that the writer saw goes in `If-Match`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewStep {
    /// Which.
    pub step: Step,
    /// By whom.
    pub actor: Actor,
    /// In what words, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it happened, not before the issue's last event; now where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<Timestamp>,
    /// The new deadline; an extension needs it, other steps ignore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who has the lead from now on; a reassignment needs it, a dispatch where the issue has none yet, a registration or
    /// a reopening may say it, other steps ignore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Department>,
    /// Who helps from now on, instead of who did: up to ten, of a dispatch or a reassignment; other steps ignore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helpers: Option<Vec<Department>>,
    /// The issue that this one goes into; a merge needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IssueId>,
    /// Where it is; placing it needs this, other steps ignore it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Box<Location>>,
    /// What came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl NewStep {
    /// A step without anything else.
    pub fn bare(step: Step, actor: Actor) -> Self {
        Self {
            step,
            actor,
            note: None,
            happened_at: None,
            until: None,
            department: None,
            helpers: None,
            merged_into: None,
            location: None,
            attachments: Vec::new(),
        }
    }
}

/// `PUT /api/v1/patrols/{id}`: a patrol without its position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewPatrol {
    /// The name shown.
    pub name: String,
    /// What it is.
    pub kind: PatrolKind,
    /// The areas it is responsible for.
    #[serde(default)]
    pub areas: AreaCodes,
    /// Its shift today, as the roster has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Duty>,
}

/// One position of one patrol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NewPosition {
    /// Whose.
    pub patrol: PatrolId,
    /// Where and when.
    pub fix: Fix,
}

/// `POST /api/v1/positions`: a batch, in any order; at most [`PositionBatch::MAX`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct PositionBatch(pub Vec<NewPosition>);

impl PositionBatch {
    /// The most positions that one request may carry.
    pub const MAX: usize = 10_000;
}

/// The whole life of one issue that is over or under way, as history tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct IssueHistory {
    /// The report; `happened_at` is required.
    pub report: NewIssue,
    /// The steps in order; each with `happened_at`, none before the one before.
    #[serde(default)]
    pub steps: Vec<NewStep>,
}

/// `POST /api/v1/history`: whole histories, in batches of at most [`HistoryBatch::MAX`]. Only for simulated data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryBatch {
    /// Which.
    pub issues: Vec<IssueHistory>,
}

impl HistoryBatch {
    /// The most issues that one request may carry.
    pub const MAX: usize = 1_000;
}

/// The answer to a batch of positions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PositionsAccepted {
    /// How many were stored.
    pub accepted: usize,
    /// Those that were not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedEntry>,
}

impl Problem {
    /// The sentence for people: what to do about it, else what it is; none where it says neither.
    pub fn sentence(&self) -> Option<&str> {
        let said = |text: &'_ &str| !text.is_empty();
        let detail = self.detail.as_deref().map(str::trim).filter(said);
        detail.or_else(|| Some(self.title.trim()).filter(said))
    }

    /// The sentence of a body that is a problem document; none of anything else.
    pub fn sentence_of(body: &[u8]) -> Option<String> {
        serde_json::from_slice::<Self>(body).ok()?.sentence().map(str::to_owned)
    }
}

/// The answer to a batch of history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryAccepted {
    /// How many issues were stored.
    pub issues: usize,
    /// How many events they have.
    pub events: usize,
}

/// The answer to `POST /api/v1/attachments`: a photo is stored, and may be named by its hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StoredAttachment {
    /// Hexadecimal SHA-256 of what is kept, which is the photo without what it said of itself.
    pub hash: String,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// Length of what is kept.
    pub bytes: usize,
    /// Pixels, as it is looked at.
    pub width: u32,
    /// Pixels, as it is looked at.
    pub height: u32,
    /// When it was taken, if it said so; offered once and not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Timestamp>,
    /// Where it was taken, if it said so; offered once and not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<LonLat>,
}

impl StoredAttachment {
    /// The largest photo that is taken, in bytes.
    pub const MOST_BYTES: usize = 10 << 20;
    /// The longest side of one, in pixels.
    pub const MOST_SIDE: u32 = 16_384;
}

/// One entry of a batch that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RefusedEntry {
    /// Its index in the batch, from 0.
    pub index: usize,
    /// Why, in words.
    pub reason: String,
}

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok` while the server can write and read.
    pub status: String,
    /// The scenario clock.
    pub clock: crate::clock::Reading,
    /// Whether what the server holds is simulated.
    pub simulated: bool,
    /// The server's version.
    pub version: String,
}

/// A problem by RFC 9457, as the server answers every error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A word for programs, such as `stale`, as a relative URI.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The state that the issue is in, where a step was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<super::State>,
    /// The steps that are allowed, where one was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Step>>,
    /// The roles that may do it, where one that may not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<super::Role>>,
    /// The version that is held, where a stale one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The entries that were refused, where the whole batch was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedEntry>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_sentence() {
        let of = |body: &str| Problem::sentence_of(body.as_bytes());
        let problem = |rest: &str| of(&format!(r#"{{"type":"stale","status":412{rest}}}"#));
        assert_eq!(problem(r#","title":"Stale","detail":"read it again""#).as_deref(), Some("read it again"));
        assert_eq!(problem(r#","title":"Stale","detail":" ""#).as_deref(), Some("Stale"));
        assert_eq!(problem(r#","title":"Stale""#).as_deref(), Some("Stale"));
        for nothing in [problem(r#","title":"""#), of("<html>"), of("")] {
            assert_eq!(nothing, None);
        }
    }
}
