//! The case that is open on the desk: what happened to it, and the steps that are taken from its card.
//!
//! Reads [`Chosen`], [`Live`] and [`Action::TakeStep`]; owns [`Casework`]. What a step led to comes through the feed like
//! everything else: here is only kept what was asked and what became of it.

use bevy::prelude::*;

use super::ViewerSystems;
use super::actions::Action;
use super::login::Login;
use super::reporting::Reporting;
use super::selection::{Chosen, Selected, Selection};
use super::situation::Live;
use crate::feed::{Clerk, Errand, ErrandError, Outcome, Report};
use crate::governance::{Event, IssueId, Step};

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum News {
    /// It has been taken.
    Taken(Step),
    /// It has not, and why.
    Not(Step, ErrandError),
}

/// The case that is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case {
    /// Which.
    pub(super) issue: IssueId,
    /// Its events, once they have come.
    pub(super) events: Option<Vec<Event>>,
    /// The step that is on its way.
    pub(super) pending: Option<Step>,
    /// What became of the last one.
    pub(super) news: Option<News>,
    /// The version that its events were asked for at.
    asked: u64,
}

impl Case {
    /// One of which nothing is known yet.
    pub(super) const fn new(issue: IssueId) -> Self {
        Self { issue, events: None, pending: None, news: None, asked: 0 }
    }
}

/// What is worked on.
#[derive(Resource, Default)]
pub(super) struct Casework {
    pub(super) case: Option<Case>,
    /// Grows when something of it changes.
    pub(super) revision: u64,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Casework>().add_systems(
        Update,
        work.after(Selected)
            .after(super::reporting::log)
            .after(super::login::follow)
            .in_set(ViewerSystems::Apply),
    );
}

fn work(
    mut actions: MessageReader<Action>,
    chosen: Res<Chosen>,
    live: Res<Live>,
    mut casework: ResMut<Casework>,
    mut reporting: ResMut<Reporting>,
    mut login: ResMut<Login>,
) {
    let login = login.bypass_change_detection();
    let casework = casework.bypass_change_detection();
    let Some(clerk) = live.feed.as_ref().map(crate::feed::Feed::clerk) else {
        actions.clear();
        return;
    };
    for report in clerk.reports() {
        match report.errand {
            Errand::Report { .. } | Errand::Classes => reporting.take(report.outcome),
            Errand::Me | Errand::LogIn(_) | Errand::LogOut => login.take(&report.errand, report.outcome),
            Errand::Events(_) | Errand::Step { .. } => casework.take(report),
        }
    }
    let chosen = match &chosen.0 {
        Some(Selection::Issue(id)) => Some(id),
        _ => None,
    };
    casework.open(chosen);
    if let Some((_, error)) = reporting.not_merged.take_if(|(id, _)| Some(&*id) == chosen) {
        casework.tell(News::Not(Step::Merge, error));
    }
    for action in actions.read() {
        if let Action::TakeStep { issue, seen, step } = action {
            let errand = Errand::Step { issue: issue.clone(), seen: *seen, step: step.clone() };
            casework.hand_over(clerk, errand, step.step);
        }
    }
    let version = chosen.and_then(|id| live.situation.issue(id)).map(|issue| issue.version);
    casework.ask(clerk, version);
}

impl Casework {
    /// Opens what is chosen, if that is an issue and another one than before.
    fn open(&mut self, issue: Option<&IssueId>) {
        if self.case.as_ref().map(|case| &case.issue) != issue {
            self.case = issue.cloned().map(Case::new);
            self.revision += 1;
        }
    }

    /// Says something about the open case.
    fn tell(&mut self, news: News) {
        if let Some(case) = &mut self.case {
            case.news = Some(news);
            self.revision += 1;
        }
    }

    /// Asks for the events of the open case where there are newer ones.
    fn ask(&mut self, clerk: &Clerk, version: Option<u64>) {
        if let (Some(case), Some(version)) = (&mut self.case, version)
            && version > case.asked
            && clerk.send(Errand::Events(case.issue.clone()))
        {
            case.asked = version;
        }
    }

    /// Has a step taken; one at a time.
    fn hand_over(&mut self, clerk: &Clerk, errand: Errand, step: Step) {
        let Some(case) = self.case.as_mut().filter(|case| case.pending.is_none()) else { return };
        if clerk.send(errand) {
            (case.pending, case.news) = (Some(step), None);
        } else {
            let busy = ErrandError::Failed("too much is under way".to_owned());
            case.news = Some(News::Not(step, busy));
        }
        self.revision += 1;
    }

    /// Takes what came of an errand; what is about another case is over.
    fn take(&mut self, report: Report) {
        let Report { errand, outcome } = report;
        let (Errand::Events(issue) | Errand::Step { issue, .. }) = &errand else { return };
        let Some(case) = self.case.as_mut().filter(|case| case.issue == *issue) else { return };
        match (errand, outcome) {
            (Errand::Events(_), Ok(Outcome::Events(events))) => case.events = Some(events),
            // What is known already stays; the next change asks again.
            (
                Errand::Events(_)
                | Errand::Report { .. }
                | Errand::Classes
                | Errand::Me
                | Errand::LogIn(_)
                | Errand::LogOut,
                _,
            ) => {}
            (Errand::Step { step, .. }, Ok(_)) => {
                (case.pending, case.news) = (None, Some(News::Taken(step.step)));
            }
            (Errand::Step { step, .. }, Err(error)) => {
                (case.pending, case.news) = (None, Some(News::Not(step.step, error)));
                // Whatever it is by now is looked at again.
                case.asked = 0;
            }
        }
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{Actor, NewStep, Role};

    fn id(text: &str) -> IssueId {
        IssueId(text.to_owned())
    }

    fn step(issue: &str, outcome: Result<Outcome, ErrandError>) -> Report {
        let actor = Actor { name: "desk".into(), role: Role::Desk };
        let step = Box::new(NewStep::bare(Step::Register, actor));
        Report { errand: Errand::Step { issue: id(issue), seen: 1, step }, outcome }
    }

    #[test]
    fn what_becomes_of_a_step_is_told_of_the_open_case_alone() {
        let mut casework = Casework::default();
        casework.open(Some(&id("a")));
        casework.take(Report { errand: Errand::Events(id("a")), outcome: Ok(Outcome::Events(Vec::new())) });
        casework.take(step("b", Ok(Outcome::Taken)));
        let case = casework.case.as_ref().expect("open");
        assert_eq!((case.events.as_deref(), &case.news), (Some([].as_slice()), &None));
        casework.take(step("a", Err(ErrandError::Stale)));
        let case = casework.case.as_mut().expect("open");
        assert_eq!(case.news, Some(News::Not(Step::Register, ErrandError::Stale)));
        assert_eq!((case.pending, case.asked), (None, 0), "and it is looked at again");
        let before = casework.revision;
        casework.open(Some(&id("a")));
        assert_eq!(casework.revision, before);
        casework.open(None);
        assert!(casework.case.is_none());
    }

    #[test]
    fn without_a_server_a_step_fails_and_says_so() {
        let (_hand, feed) = crate::feed::Feed::by_hand();
        let mut casework = Casework::default();
        casework.open(Some(&id("a")));
        let Report { errand, .. } = step("a", Ok(Outcome::Taken));
        casework.hand_over(feed.clerk(), errand, Step::Register);
        let case = casework.case.as_ref().expect("open");
        assert!(matches!(case.news, Some(News::Not(Step::Register, ErrandError::Failed(_)))));
        assert_eq!(case.pending, None);
    }
}
