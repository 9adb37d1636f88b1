//! The stages of an issue's life: whose turn it is, and how long each turn may take.
//!
//! The limit of a class spans the whole life; a stage's limit says where on the way the time goes.
//! Limits are data: `stage,limit,limit_unit`, a line a stage. A stage without a limit lasts until the issue's own deadline.
//! The shipped limits are ours, for want of a public table; handling has none, so that it gets the rest of the time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::State;
use super::classes::{Limit, read_limit};
use super::lines::lines;

/// The limits that hold where a place has none of its own.
const DEFAULT: &str = include_str!("stages/default.csv");

/// What an open issue waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 核实: that somebody on the spot says what is there.
    Verifying,
    /// 立案: that the desk takes it.
    Registering,
    /// 派遣: that the desk says who has the lead.
    Dispatching,
    /// 签收: that the lead takes it.
    Accepting,
    /// 处置: that the lead puts it right.
    Handling,
    /// 核查: that it is looked at and closed.
    Checking,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 6] = [
        Self::Verifying,
        Self::Registering,
        Self::Dispatching,
        Self::Accepting,
        Self::Handling,
        Self::Checking,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verifying => "verifying",
            Self::Registering => "registering",
            Self::Dispatching => "dispatching",
            Self::Accepting => "accepting",
            Self::Handling => "handling",
            Self::Checking => "checking",
        }
    }
}

impl State {
    /// What is waited for in this state; `None` of closed issues, and of a suspended one, whose clock stands.
    pub const fn stage(self) -> Option<Stage> {
        match self {
            Self::Reported => Some(Stage::Registering),
            Self::Verifying => Some(Stage::Verifying),
            Self::Registered => Some(Stage::Dispatching),
            Self::Dispatched => Some(Stage::Accepting),
            Self::Accepted | Self::Handling => Some(Stage::Handling),
            Self::Feedback | Self::Checking => Some(Stage::Checking),
            Self::Closed | Self::Void | Self::Merged | Self::Suspended => None,
        }
    }
}

/// How long each stage may take.
#[derive(Debug, Clone, PartialEq)]
pub struct StageLimits(BTreeMap<Stage, Limit>);

/// A line of a table of stages that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct StageWarning {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl Default for StageLimits {
    fn default() -> Self {
        Self::read(DEFAULT).0
    }
}

impl StageLimits {
    /// Reads `stage,limit,limit_unit` below a heading. Lines that cannot be used are left out and reported.
    pub fn read(text: &str) -> (Self, Vec<StageWarning>) {
        let mut limits = BTreeMap::new();
        let mut warnings = Vec::new();
        for (number, line) in lines(text) {
            let mut cells = line.split(',').map(str::trim);
            let mut cell = || cells.next().unwrap_or_default();
            let (name, amount, unit) = (cell(), cell(), cell());
            let Some(stage) = Stage::ALL.into_iter().find(|stage| stage.name() == name) else {
                let known = Stage::ALL.map(Stage::name).join(", ");
                let reason = format!("stage is {name:?}, expected one of {known}");
                warnings.push(StageWarning { line: number, reason });
                continue;
            };
            if amount.is_empty() {
                continue;
            }
            match read_limit(amount, unit) {
                Ok(limit) => {
                    limits.insert(stage, limit);
                }
                Err(reason) => warnings.push(StageWarning { line: number, reason }),
            }
        }
        (Self(limits), warnings)
    }

    /// How long a stage may take; `None` if it lasts until the issue's own deadline.
    pub fn get(&self, stage: Stage) -> Option<Limit> {
        self.0.get(&stage).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::classes::LimitUnit;

    #[test]
    fn the_shipped_limits_read_without_a_warning() {
        let (limits, warnings) = StageLimits::read(DEFAULT);
        assert_eq!(warnings, []);
        let amounts = Stage::ALL.map(|stage| limits.get(stage).map(|limit| limit.amount));
        assert_eq!(amounts, [Some(2.0), Some(2.0), Some(1.0), Some(2.0), None, Some(8.0)]);
        assert!(limits.0.values().all(|limit| limit.unit == LimitUnit::WorkHours));
    }

    #[test]
    fn lines_that_cannot_be_used_are_reported_and_left_out() {
        let text = "\u{feff}stage,limit,limit_unit\n# ours\nwaiting,2,hours\nchecking,soon,hours\nhandling,3,days\naccepting\n";
        let (limits, warnings) = StageLimits::read(text);
        assert_eq!(warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(limits.0.keys().copied().collect::<Vec<_>>(), [Stage::Handling]);
    }

    #[test]
    fn somebody_is_waited_for_in_every_open_state_but_the_suspended() {
        for state in State::ALL {
            let is_waiting = state.is_open() && state != State::Suspended;
            assert_eq!(state.stage().is_some(), is_waiting, "{state:?}");
        }
        for stage in Stage::ALL {
            assert_eq!(serde_json::to_value(stage).expect("a name"), stage.name());
        }
    }
}
