//! The life cycle of an issue: states, steps, and which step leads from which state.

use serde::{Deserialize, Serialize};

/// Where an issue stands (DESIGN.md, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
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

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Verifying => "verifying",
            Self::Registered => "registered",
            Self::Dispatched => "dispatched",
            Self::Accepted => "accepted",
            Self::Handling => "handling",
            Self::Feedback => "feedback",
            Self::Checking => "checking",
            Self::Closed => "closed",
            Self::Void => "void",
            Self::Merged => "merged",
            Self::Suspended => "suspended",
        }
    }

    /// Whether somebody still has to do something.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Void | Self::Merged)
    }
}

/// One step in the life of an issue; each is one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
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
    /// 落图: where it is, said or corrected; changes no state.
    Locate,
    /// A contact note: changes no state.
    Note,
}

/// In what role an actor acts (DESIGN.md, section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
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

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Screen,
        Self::Viewer,
        Self::Desk,
        Self::Officer,
        Self::Handler,
        Self::Manager,
        Self::Privacy,
        Self::Admin,
        Self::Program,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Viewer => "viewer",
            Self::Desk => "desk",
            Self::Officer => "officer",
            Self::Handler => "handler",
            Self::Manager => "manager",
            Self::Privacy => "privacy",
            Self::Admin => "admin",
            Self::Program => "program",
        }
    }

    /// The role of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Who did something. Holds no personal data: a label such as a post or a program's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Actor {
    /// The account, post or program.
    pub name: String,
    /// In what role.
    pub role: Role,
}

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// To this state.
    To(State),
    /// Nowhere: the step is a mark, and the state stays.
    Stay,
    /// Back to the state that the issue was suspended from.
    Back,
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

/// The transition matrix: the steps that a state allows, in a fixed order, the usual way on first.
///
/// This is the one place that says which step leads from which state; [`Step::target`] says where to.
/// `Report` is in no row: it is the first event of an issue, and only that.
pub const fn allowed_steps(from: State) -> &'static [Step] {
    use Step::{
        Accept, Check, Close, CloseOnSpot, Dispatch, Extend, GiveFeedback, Handle, Locate, MakeVoid, Merge,
        Note, Reassign, Register, Reopen, Resume, Rework, SendBack, Supervise, Suspend, Urge, Verify,
    };
    match from {
        State::Reported => &[Register, Verify, CloseOnSpot, MakeVoid, Merge, Urge, Supervise, Locate, Note],
        State::Verifying => &[Register, MakeVoid, Merge, Urge, Supervise, Locate, Note],
        State::Registered => &[Dispatch, MakeVoid, Merge, Suspend, Extend, Urge, Supervise, Locate, Note],
        State::Dispatched => {
            &[Accept, SendBack, Reassign, MakeVoid, Merge, Suspend, Extend, Urge, Supervise, Locate, Note]
        }
        State::Accepted => {
            &[Handle, SendBack, Reassign, MakeVoid, Merge, Suspend, Extend, Urge, Supervise, Locate, Note]
        }
        State::Handling => &[
            GiveFeedback,
            SendBack,
            Reassign,
            MakeVoid,
            Merge,
            Suspend,
            Extend,
            Urge,
            Supervise,
            Locate,
            Note,
        ],
        State::Feedback => &[Check, Rework, Urge, Supervise, Locate, Note],
        State::Checking => &[Close, Rework, Urge, Supervise, Locate, Note],
        State::Closed | State::Void | State::Merged => &[Reopen, Note],
        State::Suspended => &[Resume, MakeVoid, Merge, Urge, Supervise, Locate, Note],
    }
}

impl Step {
    /// Every step, in the order of the life cycle.
    pub const ALL: [Self; 23] = [
        Self::Report,
        Self::Verify,
        Self::Register,
        Self::Dispatch,
        Self::Accept,
        Self::Handle,
        Self::GiveFeedback,
        Self::Check,
        Self::Close,
        Self::CloseOnSpot,
        Self::MakeVoid,
        Self::Merge,
        Self::Suspend,
        Self::Resume,
        Self::SendBack,
        Self::Reassign,
        Self::Rework,
        Self::Extend,
        Self::Reopen,
        Self::Urge,
        Self::Supervise,
        Self::Locate,
        Self::Note,
    ];

    /// Whether the step may say who has the lead: it is decided with it, not by whoever does the work.
    pub const fn is_assignment(self) -> bool {
        matches!(self, Self::Register | Self::Dispatch | Self::Reassign | Self::Reopen)
    }

    /// Where the step leads, from whichever state allows it.
    pub const fn target(self) -> Target {
        match self {
            Self::Report => Target::To(State::Reported),
            Self::Verify => Target::To(State::Verifying),
            Self::Register | Self::SendBack | Self::Reopen => Target::To(State::Registered),
            Self::Dispatch | Self::Reassign => Target::To(State::Dispatched),
            Self::Accept => Target::To(State::Accepted),
            Self::Handle | Self::Rework => Target::To(State::Handling),
            Self::GiveFeedback => Target::To(State::Feedback),
            Self::Check => Target::To(State::Checking),
            Self::Close | Self::CloseOnSpot => Target::To(State::Closed),
            Self::MakeVoid => Target::To(State::Void),
            Self::Merge => Target::To(State::Merged),
            Self::Suspend => Target::To(State::Suspended),
            Self::Resume => Target::Back,
            Self::Extend | Self::Urge | Self::Supervise | Self::Locate | Self::Note => Target::Stay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_reached_and_only_reporting_is_in_no_row() {
        let mut reached = vec![State::Reported];
        let mut seen = 0;
        while let Some(&state) = reached.get(seen) {
            seen += 1;
            for step in allowed_steps(state) {
                if let Target::To(next) = step.target()
                    && !reached.contains(&next)
                {
                    reached.push(next);
                }
            }
        }
        assert_eq!(reached.len(), State::ALL.len());
        let unused: Vec<_> = Step::ALL
            .into_iter()
            .filter(|step| !State::ALL.iter().any(|state| allowed_steps(*state).contains(step)))
            .collect();
        assert_eq!(unused, [Step::Report]);
    }

    #[test]
    fn closed_states_allow_only_reopening_and_notes() {
        for state in State::ALL.into_iter().filter(|state| !state.is_open()) {
            assert_eq!(allowed_steps(state), [Step::Reopen, Step::Note]);
        }
    }

    #[test]
    fn only_a_suspended_issue_resumes_and_no_row_names_a_step_twice() {
        for state in State::ALL {
            let steps = allowed_steps(state);
            assert_eq!(steps.contains(&Step::Resume), state == State::Suspended, "{state:?}");
            let distinct: std::collections::HashSet<_> = steps.iter().collect();
            assert_eq!(distinct.len(), steps.len(), "{state:?}");
        }
    }
}
