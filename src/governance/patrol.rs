//! Patrols (巡查力量): people and vehicles on duty on the ground.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::AreaCodes;
use crate::geo::LonLat;

/// The id of a patrol.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct PatrolId(pub String);

impl fmt::Display for PatrolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a patrol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PatrolKind {
    /// 网格员.
    GridOfficer,
    /// 城管.
    UrbanManagement,
    /// 志愿者.
    Volunteer,
    /// 红管家.
    Steward,
    /// 民警, 辅警.
    Police,
    /// 环卫.
    Sanitation,
    /// 物业保安.
    PropertyGuard,
    /// A vehicle.
    Vehicle,
}

/// One position of a patrol.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Fix {
    /// When it was there.
    pub at: Timestamp,
    /// Where.
    pub place: LonLat,
    /// Heading in degrees clockwise from north, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading_deg: Option<f32>,
    /// Speed in metres a second, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<f32>,
    /// Radius of the accuracy circle in metres, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f32>,
    /// The phone says that the position is faked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mock: bool,
    /// Charge of the device's battery, 0 to 100, where it was told. Only the newest position of a patrol keeps it; tracks
    /// do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 100))]
    pub battery_percent: Option<f32>,
}

/// A patrol as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Patrol {
    /// Its id.
    pub id: PatrolId,
    /// Grows with every change; only a higher version replaces a lower one.
    pub version: u64,
    /// The name shown; a simulation's people are invented, a wall masks names.
    pub name: String,
    /// What it is.
    pub kind: PatrolKind,
    /// The areas it is responsible for.
    #[serde(default)]
    pub areas: AreaCodes,
    /// The last position, if any was ever sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Its shift today, as the roster has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duty: Option<Duty>,
}

/// One line of a roster (值班表): who ought to be on duty when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Duty {
    /// The shift's start.
    pub from: Timestamp,
    /// The shift's end.
    pub to: Timestamp,
}

impl Fix {
    /// A battery of this charge or less is as good as empty, in percent, unless somebody says otherwise.
    pub const FLAT_PERCENT: f32 = 5.0;
}

impl Patrol {
    /// Whether the roster wants it out at `now`.
    pub fn is_on_duty(&self, now: Timestamp) -> bool {
        self.duty.is_some_and(|duty| duty.from <= now && now < duty.to)
    }

    /// Whether the shift of a person is over at `now`: then it is nobody's business where they are. Vehicles have no shift.
    pub fn is_after_shift(&self, now: Timestamp) -> bool {
        self.kind != PatrolKind::Vehicle && self.duty.is_some_and(|duty| duty.to < now)
    }
}
