//! The life cycle of an issue: states, steps, and which step leads from which state.

use serde::{Deserialize, Serialize};

/// Where an issue stands (DESIGN.md, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 上报.
    Reported,
    /// 核实, where the source demands it.
    Verifying,
    /// 立案.
    Registered,
    /// 派遣.
    Dispatched,
    /// 签收.
    Accepted,
    /// 处置.
    Handling,
    /// 反馈.
    Feedback,
    /// 核查.
    Checking,
    /// 结案.
    Closed,
    /// 作废.
    Void,
    /// 并案.
    Merged,
    /// 挂账: the clock stops.
    Suspended,
}

impl State {
    /// Every state, in the order of the life cycle.
    pub const ALL: [Self; 12] = [
        Self::Reported,
        Self::Verifying,
        Self::Registered,
        Self::Dispatched,
        Self::Accepted,
        Self::Handling,
        Self::Feedback,
        Self::Checking,
        Self::Closed,
        Self::Void,
        Self::Merged,
        Self::Suspended,
    ];

    /// Whether somebody still has to do something.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Void | Self::Merged)
    }
}

/// One step in the life of an issue; each is one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 上报: the first event of every issue.
    Report,
    /// 核实.
    Verify,
    /// 立案.
    Register,
    /// 派遣.
    Dispatch,
    /// 签收.
    Accept,
    /// 开始处置.
    Handle,
    /// 反馈: handled, says the handler.
    GiveFeedback,
    /// 核查.
    Check,
    /// 结案.
    Close,
    /// 即办: closed on the spot by the finder.
    CloseOnSpot,
    /// 作废.
    MakeVoid,
    /// 并案.
    Merge,
    /// 挂账.
    Suspend,
    /// 恢复.
    Resume,
    /// 回退.
    SendBack,
    /// 改派.
    Reassign,
    /// 返工.
    Rework,
    /// 延期: the deadline moves.
    Extend,
    /// 重办.
    Reopen,
    /// 催办: changes no state.
    Urge,
    /// 督办: changes no state.
    Supervise,
    /// A contact note: changes no state.
    Note,
}

/// In what role an actor acts (DESIGN.md, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads, names masked.
    Screen,
    /// Reads.
    Viewer,
    /// The duty desk.
    Desk,
    /// A person on the ground.
    Officer,
    /// A department or property company.
    Handler,
    /// Steps within own areas.
    Manager,
    /// Looks after personal data.
    Privacy,
    /// Everything.
    Admin,
    /// A program, such as a sensor or a resident app.
    Program,
}

/// Who did something. Holds no personal data: a label such as a post or a program's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account, post or program.
    pub name: String,
    /// In what role.
    pub role: Role,
}

/// Why a step was not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step:?} is not allowed from state {from:?}; allowed are {allowed:?}")]
pub struct Refusal {
    /// The state that the issue is in.
    pub from: State,
    /// The step that was asked for.
    pub step: Step,
    /// The steps that this state allows.
    pub allowed: Vec<Step>,
}

/// The steps that a state allows, in a fixed order.
pub fn allowed_steps(_from: State) -> &'static [Step] {
    &[]
}
