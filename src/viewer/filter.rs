//! What list and map show.

use bevy::prelude::*;
use jiff::Timestamp;

use super::ViewerSystems;
use super::actions::{Action, FilterChange};
use crate::governance::{Issue, State};

/// The filter that map and list share.
#[derive(Resource, Default, Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Only this state.
    pub state: Option<State>,
    /// Only this class, by its code.
    pub class: Option<String>,
    /// Only this community, by its code.
    pub community: Option<String>,
    /// Only what is overdue.
    pub overdue: bool,
}

impl Filter {
    /// Whether an issue passes.
    pub fn matches(&self, issue: &Issue, now: Timestamp) -> bool {
        self.state.is_none_or(|state| issue.state == state)
            && self.class.as_ref().is_none_or(|code| issue.class.code == *code)
            && self.community.as_ref().is_none_or(|code| issue.areas.community.as_ref() == Some(code))
            && (!self.overdue || issue.is_overdue(now))
    }

    /// Takes a change.
    pub fn take(&mut self, change: &FilterChange) {
        match change {
            FilterChange::State(state) => self.state = *state,
            FilterChange::Class(code) => self.class.clone_from(code),
            FilterChange::Community(code) => self.community.clone_from(code),
            FilterChange::Overdue(overdue) => self.overdue = *overdue,
            FilterChange::Clear => *self = Self::default(),
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Filter>().add_systems(Update, change_filter.in_set(ViewerSystems::Apply));
}

fn change_filter(mut actions: MessageReader<Action>, mut filter: ResMut<Filter>) {
    for action in actions.read() {
        if let Action::Filter(change) = action {
            filter.take(change);
        }
    }
}
