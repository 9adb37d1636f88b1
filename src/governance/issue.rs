//! An issue (问题, 案件): something wrong at a place, with a life.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Actor, AreaCodes, Department, Reason, State, Step};
use crate::geo::LonLat;

/// The id of an issue, unique within its system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct IssueId(pub String);

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A class of the place's class table. Codes of different editions collide, so a bare number is never stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ClassCode {
    /// The edition, such as `GBT47678.5-2026` or `local`.
    pub scheme: String,
    /// 管理部件 or 管理事项: `component` or `event`.
    pub kind: String,
    /// The code within scheme and kind, such as `06010`.
    pub code: String,
}

/// How pressing an issue is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// 一般.
    #[default]
    General,
    /// 较高.
    Elevated,
    /// 高.
    High,
}

/// How an issue came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A patrol found it.
    Patrol,
    /// 现场交办.
    Leader,
    /// 12345.
    Hotline,
    /// A resident's app.
    ResidentApp,
    /// The property company.
    PropertyCompany,
    /// A volunteer.
    Volunteer,
    /// A sensor.
    Sensor,
    /// Handed over by another system.
    Transfer,
}

/// Whose issue it is. Steps are offered only on our own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "system")]
pub enum Owner {
    /// This system of record.
    #[default]
    Us,
    /// Another system, with its number, its state in its own words and a link.
    Other {
        /// The system's name.
        name: String,
        /// The number there.
        number: String,
        /// The state there, in its words.
        state: String,
        /// Where it can be looked at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
}

/// A photo or file that belongs to an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Attachment {
    /// The content hash, hexadecimal SHA-256.
    pub hash: String,
    /// Such as `image/jpeg`.
    pub media_type: String,
}

/// One event in the life of an issue. Never edited, and free of personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Event {
    /// The issue's version after this event: 1, 2, 3, …
    pub version: u64,
    /// What was done.
    pub step: Step,
    /// The state afterwards.
    pub state: State,
    /// When it happened.
    pub happened_at: Timestamp,
    /// When it was recorded here.
    pub recorded_at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// In what words, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Who has the lead from now on, where the event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Department>,
    /// Who helps from now on, where the event changes it: the whole list, nobody if it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helpers: Option<Vec<Department>>,
    /// The deadline from now on, where the event moves it; computed by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When the stage that the issue is in now must be over; computed by the server for each event.
    /// Without it there is none, neither in closed issues nor in events from before there were such limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_due_at: Option<Timestamp>,
    /// The issue that this one went into, where it was merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IssueId>,
    /// Where it is from now on, where the event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Box<Location>>,
    /// Another issue that went into this one or came out of it again, where the event tells of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bond: Option<Bond>,
    /// What was reported: of the first event, and only of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<Report>>,
}

/// Where an issue is: what a [`Step::Locate`] says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Location {
    /// The point.
    pub place: LonLat,
    /// The address, where it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The building's id in the building source, if it is at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// The areas that hold there; the server fills in what a request leaves out.
    #[serde(default)]
    pub areas: AreaCodes,
    /// The post that answers for it there; the server says so, whatever a request says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// How areas, post and department were decided there; the server says so. Empty of places from before it was said, which
    /// change nothing but the place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Reason>,
}

impl Location {
    /// A place of which the rest is not known.
    pub fn at(place: LonLat) -> Self {
        Self {
            place,
            address: None,
            building: None,
            areas: AreaCodes::default(),
            responsible: None,
            decided: Vec::new(),
        }
    }
}

/// What another issue has to do with this one, told in an event of this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// The other one was merged into this one.
    Absorbed(IssueId),
    /// The other one was reopened, so it is no part of this one any more.
    Released(IssueId),
}

/// What a report says: the part of an issue that holds from its first event on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Report {
    /// A short title.
    pub title: String,
    /// More words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its class in the place's table.
    pub class: ClassCode,
    /// The class's name when it was reported, in the place's language.
    pub class_name: String,
    /// How pressing.
    #[serde(default)]
    pub urgency: Urgency,
    /// How it came.
    pub source: Source,
    /// Whose it is.
    #[serde(default)]
    pub owner: Owner,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<LonLat>,
    /// The address as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The building's id in the building source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// The areas that held when it arose.
    #[serde(default)]
    pub areas: AreaCodes,
    /// The post that answers for it; no personal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// How place, areas, department and post were decided; empty in reports from before it was said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Reason>,
}

/// That the clock of an issue stands (挂账).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Suspension {
    /// The state that it goes back to.
    pub from: State,
    /// Since when the clock stands.
    pub since: Timestamp,
}

/// An issue as it stands: the fold of its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Issue {
    /// Its id.
    pub id: IssueId,
    /// How many events it has had; only a higher version replaces a lower one.
    pub version: u64,
    /// A short title.
    pub title: String,
    /// More words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Its class in the place's table.
    pub class: ClassCode,
    /// The class's name when it was reported, in the place's language.
    pub class_name: String,
    /// How pressing.
    #[serde(default)]
    pub urgency: Urgency,
    /// Where it stands.
    pub state: State,
    /// How it came.
    pub source: Source,
    /// Whose it is.
    #[serde(default)]
    pub owner: Owner,
    /// Where it is; `None` while nobody has placed it (待落图).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<LonLat>,
    /// The address as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The building's id in the building source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
    /// The areas that held when it arose.
    #[serde(default)]
    pub areas: AreaCodes,
    /// Who has the lead (主办).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Department>,
    /// Who helps (协办): each once, never who has the lead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Department>,
    /// The post that answers for it, such as `府山社区第03网格 网格员`; no personal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// When its last event happened: the next one cannot have happened before.
    pub updated_at: Timestamp,
    /// When it must be closed; computed by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When the stage that it is in must be over; it stands while the issue is suspended, and is gone when it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_due_at: Option<Timestamp>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// How often it was urged (催办).
    #[serde(default)]
    pub urged: u32,
    /// Under supervision (督办).
    #[serde(default)]
    pub supervised: bool,
    /// How often it was reopened (重办).
    #[serde(default)]
    pub reopened: u32,
    /// While it is suspended: from which state, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// While it is merged: the issue that it went into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IssueId>,
    /// The issues that went into this one, in the order in which they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<IssueId>,
    /// How place, areas, department and post were decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Reason>,
}

impl Issue {
    /// An issue that has just been reported, and of which nothing else is known: its first version, without words or
    /// place, of general urgency, ours.
    pub fn reported(id: IssueId, class: ClassCode, source: Source, reported_at: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            title: String::new(),
            description: String::new(),
            class,
            class_name: String::new(),
            urgency: Urgency::General,
            state: State::Reported,
            source,
            owner: Owner::Us,
            place: None,
            address: None,
            building: None,
            areas: AreaCodes::default(),
            department: None,
            helpers: Vec::new(),
            responsible: None,
            reported_at,
            updated_at: reported_at,
            due_at: None,
            stage_due_at: None,
            closed_at: None,
            urged: 0,
            supervised: false,
            reopened: 0,
            suspension: None,
            merged_into: None,
            absorbed: Vec::new(),
            decided: Vec::new(),
        }
    }

    /// The class's name as people say it: without the mark of a self-defined class.
    pub fn class_short(&self) -> &str {
        self.class_name.strip_suffix(super::classes::SELF_DEFINED).unwrap_or(&self.class_name)
    }

    /// Whether it is open and past its deadline at `now`. A suspended issue is never overdue: its clock stands.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state.is_open() && self.state != State::Suspended && self.due_at.is_some_and(|due| due < now)
    }

    /// Whether whoever has the turn is late at `now`, as [`Issue::is_overdue`] says it of the whole.
    pub fn is_stage_overdue(&self, now: Timestamp) -> bool {
        self.state.stage().is_some() && self.stage_due_at.is_some_and(|due| due < now)
    }

    /// Whether a wall must show it before everything else: open, of high urgency or supervised.
    pub fn is_urgent(&self) -> bool {
        self.state.is_open() && (self.urgency == Urgency::High || self.supervised)
    }
}
