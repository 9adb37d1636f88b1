//! Who may do what: role by step, in one table.
//!
//! The matrix of [`allowed_steps`](super::allowed_steps) says what an issue allows; this table says whom. Its reasons:
//!
//! - Whoever answers for the work says how it goes: accepting, handling and giving feedback belong to handlers and to
//!   officers who have the issue, sending back to handlers alone. Neither desk nor manager may say them in their place,
//!   else the times of departments would be what the desk wrote down.
//! - Whoever has the work does not move its deadline: a handler asks, and the desk or a manager suspends or extends.
//! - Whoever found or verified something need not be whoever decides on it: officers neither register nor close.
//! - Residents' apps and sensors tell and urge; they decide nothing. Whoever looks after personal data may note what was
//!   done about it; screens and viewers read.
//! - Property companies are handlers and a source of their own, so handlers report.

use serde::Serialize;

use super::{Role, Step};

/// How far a role may take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Not at all.
    Never,
    /// On what is theirs: what they reported, what their department has, what lies in their areas.
    ///
    /// Whose an issue is, [`Post::covers`](super::Post::covers) tells; of an actor that is only said nothing is known.
    OnTheirs,
    /// On any issue.
    Always,
}

const NO: Power = Power::Never;
const OWN: Power = Power::OnTheirs;
const ANY: Power = Power::Always;

/// The table; columns in the order of [`Role::ALL`].
const POWERS: [(Step, [Power; Role::ALL.len()]); Step::ALL.len()] = [
    //                    screen viewer desk officer handler manager privacy admin program
    (Step::Report, [NO, NO, ANY, ANY, ANY, ANY, NO, ANY, ANY]),
    (Step::Verify, [NO, NO, ANY, ANY, NO, OWN, NO, ANY, NO]),
    (Step::Register, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Dispatch, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Accept, [NO, NO, NO, OWN, OWN, NO, NO, ANY, NO]),
    (Step::Handle, [NO, NO, NO, OWN, OWN, NO, NO, ANY, NO]),
    (Step::GiveFeedback, [NO, NO, NO, OWN, OWN, NO, NO, ANY, NO]),
    (Step::Check, [NO, NO, ANY, ANY, NO, OWN, NO, ANY, NO]),
    (Step::Close, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::CloseOnSpot, [NO, NO, ANY, OWN, NO, OWN, NO, ANY, NO]),
    (Step::MakeVoid, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Merge, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Suspend, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Resume, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::SendBack, [NO, NO, NO, NO, OWN, NO, NO, ANY, NO]),
    (Step::Reassign, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Rework, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Extend, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Reopen, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Urge, [NO, NO, ANY, NO, NO, OWN, NO, ANY, OWN]),
    (Step::Supervise, [NO, NO, ANY, NO, NO, OWN, NO, ANY, NO]),
    (Step::Locate, [NO, NO, ANY, OWN, NO, OWN, NO, ANY, NO]),
    (Step::Note, [NO, NO, ANY, ANY, OWN, OWN, ANY, ANY, OWN]),
];

/// That a role may not take a step, whatever state the issue is in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("role {role:?} may not take step {step:?}; those that may are {may:?}")]
pub struct NotAllowed {
    /// The role that asked.
    pub role: Role,
    /// The step that it asked for.
    pub step: Step,
    /// The roles that may take it, in the order of [`Role::ALL`].
    pub may: Vec<Role>,
}

impl Role {
    /// How far the role may take a step.
    pub fn power(self, step: Step) -> Power {
        let column = Self::ALL.iter().position(|role| *role == self);
        let row = POWERS.iter().find(|(of, _)| *of == step);
        row.zip(column).and_then(|((_, powers), column)| powers.get(column).copied()).unwrap_or(Power::Never)
    }

    /// Whether the role may take a step at all.
    pub fn may(self, step: Step) -> bool {
        self.power(step) != Power::Never
    }

    /// That the role may take a step.
    ///
    /// # Errors
    /// [`NotAllowed`] with the roles that may.
    pub fn check(self, step: Step) -> Result<(), NotAllowed> {
        if self.may(step) { Ok(()) } else { Err(NotAllowed { role: self, step, may: step.roles() }) }
    }
}

impl Step {
    /// The roles that may take the step, in the order of [`Role::ALL`].
    pub fn roles(self) -> Vec<Role> {
        Role::ALL.into_iter().filter(|role| role.may(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{State, allowed_steps};

    fn name(value: impl Serialize) -> String {
        let value = serde_json::to_value(value).expect("a name");
        value.as_str().expect("a string").to_owned()
    }

    /// The table as text: a line a role, its steps by their names on the wire, those on what is theirs in brackets.
    fn table() -> String {
        let line = |role: Role| {
            let steps = Step::ALL.into_iter().filter_map(|step| match role.power(step) {
                Power::Never => None,
                Power::OnTheirs => Some(format!("({})", name(step))),
                Power::Always => Some(name(step)),
            });
            let steps: Vec<String> = steps.collect();
            format!("{}: {}", name(role), steps.join(" ")).trim_end().to_owned()
        };
        Role::ALL.map(line).join("\n")
    }

    #[test]
    fn the_table_walked() {
        let expected = "\
screen:
viewer:
desk: report verify register dispatch check close close_on_spot make_void merge suspend resume reassign rework extend reopen urge supervise locate note
officer: report verify (accept) (handle) (give_feedback) check (close_on_spot) (locate) note
handler: report (accept) (handle) (give_feedback) (send_back) (note)
manager: report (verify) (register) (dispatch) (check) (close) (close_on_spot) (make_void) (merge) (suspend) (resume) (reassign) (rework) (extend) (reopen) (urge) (supervise) (locate) (note)
privacy: note
admin: report verify register dispatch accept handle give_feedback check close close_on_spot make_void merge suspend resume send_back reassign rework extend reopen urge supervise locate note
program: report (urge) (note)";
        assert_eq!(table(), expected);
    }

    #[test]
    fn the_rows_are_the_steps() {
        assert_eq!(POWERS.map(|(step, _)| step), Step::ALL);
    }

    #[test]
    fn every_issue_can_come_to_its_end_without_the_administrator() {
        for state in State::ALL.into_iter().filter(|state| state.is_open()) {
            for step in allowed_steps(state) {
                let roles = step.roles();
                assert!(roles.iter().any(|role| *role != Role::Admin), "{step:?}: {roles:?}");
            }
        }
    }

    #[test]
    fn a_refusal_names_who_may() {
        let refused = Role::Handler.check(Step::Extend).expect_err("handlers ask");
        assert_eq!(refused.may, [Role::Desk, Role::Manager, Role::Admin]);
        assert_eq!(Role::Desk.check(Step::Extend), Ok(()));
    }
}
