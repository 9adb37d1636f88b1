//! Who sits at the desk: what the server says whom it knows, logging in and out, and as whom steps are taken.
//!
//! Reads [`Live`] and [`Action::LogIn`], [`Action::LogOut`]; owns [`Login`]. The answer of the server comes by way of
//! `casework`, which takes what the clerk brings; the feed reads everything anew by itself.

use bevy::prelude::*;

use super::ViewerSystems;
use super::actions::Action;
use super::situation::Live;
use crate::feed::{Clerk, Errand, ErrandError, Me, MeKind, Outcome};
use crate::governance::{Actor, FeedState, Issue, Role, Standing, Step};

/// What became of a log-in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Entering {
    /// None was tried.
    #[default]
    Not,
    /// It is on its way.
    Pending,
    /// It came to nothing.
    Refused(ErrandError),
}

/// Who sits at the desk.
#[derive(Resource, Default)]
pub(super) struct Login {
    /// Whom the server knows, once it has said so.
    pub(super) me: Option<Me>,
    pub(super) entering: Entering,
    /// The server lets nobody in as we are.
    pub(super) is_shut_out: bool,
    has_asked: bool,
    /// Grows when something of it changes.
    pub(super) revision: u64,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Login>().add_systems(Update, follow.in_set(ViewerSystems::Apply));
}

pub(super) fn follow(mut actions: MessageReader<Action>, live: Res<Live>, mut login: ResMut<Login>) {
    let login = login.bypass_change_detection();
    let Some(clerk) = live.feed.as_ref().map(crate::feed::Feed::clerk) else {
        actions.clear();
        return;
    };
    login.hear(live.situation.feed(), clerk);
    for action in actions.read() {
        match action {
            Action::LogIn(entry) => login.send(clerk, Errand::LogIn(entry.clone())),
            Action::LogOut => login.send(clerk, Errand::LogOut),
            _ => {}
        }
    }
}

impl Login {
    fn hear(&mut self, feed: &FeedState, clerk: &Clerk) {
        let is_shut_out = matches!(feed, FeedState::Refused { .. });
        if is_shut_out != self.is_shut_out {
            self.is_shut_out = is_shut_out;
            if is_shut_out {
                (self.me, self.has_asked) = (None, false);
            }
            self.revision += 1;
        }
        if matches!(feed, FeedState::Live { .. }) && self.me.is_none() && !self.has_asked {
            self.has_asked = clerk.send(Errand::Me);
        }
    }

    fn send(&mut self, clerk: &Clerk, errand: Errand) {
        if self.entering == Entering::Pending {
            return;
        }
        self.entering =
            if clerk.send(errand) { Entering::Pending } else { Entering::Refused(ErrandError::busy()) };
        self.revision += 1;
    }

    /// Takes what came of an errand of ours. A server that knows nobody by name is asked as whoever sits there.
    pub(super) fn take(&mut self, errand: &Errand, outcome: Result<Outcome, ErrandError>) {
        let is_entering = matches!(errand, Errand::LogIn(_) | Errand::LogOut);
        match outcome {
            Ok(Outcome::Me(me)) => {
                self.me = me;
                if is_entering {
                    // What is known is right, and after a log-out the feed says whether anything may be read.
                    (self.entering, self.has_asked) = (Entering::Not, true);
                }
            }
            Err(error) if is_entering => self.entering = Entering::Refused(error),
            // It is asked again when the feed has come back.
            _ => {}
        }
        self.revision += 1;
    }

    /// The account that is logged in.
    pub(super) fn account(&self) -> Option<&str> {
        let me = self.me.as_ref().filter(|me| me.kind == MeKind::Account)?;
        me.account.as_deref()
    }

    /// As whom a step of an issue is taken, or one reported where there is none yet; `None` where nobody here may.
    /// `desk` is what somebody is called whom the server does not know by name.
    pub(super) fn act(
        &self,
        step: Step,
        issue: Option<&Issue>,
        reporter: Option<&Actor>,
        desk: &str,
    ) -> Option<Actor> {
        let said = Actor { name: desk.to_owned(), role: Role::Desk };
        let standing = match &self.me {
            Some(me) if me.kind != MeKind::Start => Standing::Holds { posts: &me.posts, reporter },
            _ => Standing::AsSaid,
        };
        standing.act(step, issue, &said).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{AreaCodes, ClassCode, IssueId, Post, Source};

    fn me(kind: MeKind, role: Role, areas: &[&str]) -> Me {
        let post = Post {
            name: "府山第03网格".into(),
            role,
            areas: areas.iter().map(|area| (*area).to_owned()).collect(),
            departments: Vec::new(),
            patrol: None,
        };
        Me { kind, account: Some("zhao".into()), posts: vec![post] }
    }

    fn issue() -> Issue {
        let class = ClassCode { scheme: "s".into(), kind: "event".into(), code: "06010".into() };
        let at = "2026-09-15T00:30:00Z".parse().expect("a time");
        Issue {
            areas: AreaCodes { community: Some("330802006003".into()), ..AreaCodes::default() },
            ..Issue::reported(IssueId("1".into()), class, Source::Patrol, at)
        }
    }

    #[test]
    fn steps_are_taken_as_a_post_that_may() {
        let mut login = Login::default();
        let issue = issue();
        let role = |login: &Login, step| Some(login.act(step, Some(&issue), None, "值班台")?.role);
        assert_eq!(role(&login, Step::Register), Some(Role::Desk), "whoever has the token of the start");
        login.take(&Errand::Me, Ok(Outcome::Me(Some(me(MeKind::Account, Role::Manager, &["330802006"])))));
        let actor = login.act(Step::Register, Some(&issue), None, "值班台").expect("it is theirs");
        assert_eq!((actor.name.as_str(), actor.role), ("府山第03网格", Role::Manager));
        assert_eq!(login.account(), Some("zhao"));
        let elsewhere = me(MeKind::Account, Role::Manager, &["330803"]);
        login.take(&Errand::Me, Ok(Outcome::Me(Some(elsewhere))));
        assert_eq!(role(&login, Step::Register), None, "what lies elsewhere is not");
        login.take(&Errand::Me, Ok(Outcome::Me(Some(me(MeKind::Token, Role::Screen, &[])))));
        assert_eq!((role(&login, Step::Note), login.account()), (None, None));
    }

    #[test]
    fn a_log_in_that_fails_says_why_and_changes_nothing_else() {
        let mut login = Login { entering: Entering::Pending, ..Login::default() };
        login.take(&Errand::LogOut, Err(ErrandError::Unknown));
        assert_eq!(login.entering, Entering::Refused(ErrandError::Unknown));
        login.take(&Errand::Me, Err(ErrandError::Unknown));
        assert_eq!(login.entering, Entering::Refused(ErrandError::Unknown));
    }
}
