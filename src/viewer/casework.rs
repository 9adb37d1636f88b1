//! The case that is open on the desk: what happened to it, and the steps that are taken from its card.
//!
//! Reads [`Chosen`], [`Live`] and [`Action::TakeStep`]; owns [`Casework`]. What a step led to comes through the feed like
//! everything else: here is only kept what was asked and what became of it.

use std::sync::Arc;

use bevy::prelude::*;
use jiff::Timestamp;

use super::ViewerSystems;
use super::actions::Action;
use super::login::Login;
use super::reporting::Reporting;
use super::selection::{Chosen, Selected, Selection};
use super::situation::Live;
use crate::feed::{Clerk, Errand, ErrandError, Outcome, Report};
use crate::governance::{Attachment, Event, IssueId, Step};
use crate::picture::Picture;

/// So many photos of a case are shown.
const MOST_PHOTOS: usize = 24;
/// So many are handed in for one step.
const MOST_ATTACHED: usize = 8;

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum News {
    /// It has been taken.
    Taken(Step),
    /// It has not, and why.
    Not(Step, ErrandError),
}

/// A photo of the case that is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Photo {
    pub(super) hash: String,
    /// When it was taken for the step that names it.
    pub(super) at: Timestamp,
    /// What it shows, once that has come.
    pub(super) picture: Option<Arc<Picture>>,
    is_asked: bool,
}

impl Photo {
    /// One that has come.
    #[cfg(test)]
    pub(super) fn shown(hash: &str, at: Timestamp, picture: Picture) -> Self {
        Self { hash: hash.to_owned(), at, picture: Some(Arc::new(picture)), is_asked: true }
    }
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
    /// The photos of its events, in their order, each once.
    pub(super) photos: Vec<Photo>,
    /// The photo that is shown large.
    pub(super) large: Option<Photo>,
    /// Photos that have been handed in for the next step.
    pub(super) attached: Vec<Attachment>,
    /// How many are on their way.
    pub(super) attaching: usize,
    /// Why the last one could not be handed in.
    pub(super) not_attached: Option<ErrandError>,
    /// The version that its events were asked for at.
    asked: u64,
}

impl Case {
    /// One of which nothing is known yet.
    pub(super) const fn new(issue: IssueId) -> Self {
        Self {
            issue,
            events: None,
            pending: None,
            news: None,
            photos: Vec::new(),
            large: None,
            attached: Vec::new(),
            attaching: 0,
            not_attached: None,
            asked: 0,
        }
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
            Errand::Events(_) | Errand::Step { .. } | Errand::Photo { .. } | Errand::Attach { .. } => {
                casework.take(report);
            }
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
        match action {
            Action::TakeStep { issue, seen, step } => {
                let errand = Errand::Step { issue: issue.clone(), seen: *seen, step: step.clone() };
                casework.hand_over(clerk, errand, step.step);
            }
            Action::AttachPhoto { issue, path } => {
                casework.attach(clerk, Errand::Attach { issue: issue.clone(), path: path.clone() });
            }
            Action::FetchPhoto(hash) => casework.enlarge(clerk, hash),
            _ => {}
        }
    }
    let version = chosen.and_then(|id| live.situation.issue(id)).map(|issue| issue.version);
    casework.ask(clerk, version);
    casework.fetch(clerk);
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
            let busy = ErrandError::busy();
            case.news = Some(News::Not(step, busy));
        }
        self.revision += 1;
    }

    /// Hands in a photo.
    fn attach(&mut self, clerk: &Clerk, errand: Errand) {
        let Some(case) = &mut self.case else { return };
        if case.attached.len() + case.attaching >= MOST_ATTACHED {
            return;
        }
        if clerk.send(errand) {
            (case.attaching, case.not_attached) = (case.attaching + 1, None);
        } else {
            case.not_attached = Some(ErrandError::busy());
        }
        self.revision += 1;
    }

    /// Shows a photo large, as soon as it has come.
    fn enlarge(&mut self, clerk: &Clerk, hash: &str) {
        let Some(case) = &mut self.case else { return };
        let Some(photo) = case.photos.iter().find(|photo| photo.hash == hash) else { return };
        case.large = Some(photo.clone());
        // The small one stands for it meanwhile, and stays where it cannot come.
        let _is_sent = clerk.send(Errand::Photo { hash: hash.to_owned(), is_large: true });
        self.revision += 1;
    }

    /// Asks for photos that have not been asked for, one a frame.
    fn fetch(&mut self, clerk: &Clerk) {
        let Some(case) = &mut self.case else { return };
        if let Some(photo) = case.photos.iter_mut().find(|photo| !photo.is_asked) {
            photo.is_asked = clerk.send(Errand::Photo { hash: photo.hash.clone(), is_large: false });
        }
    }

    /// Takes what came of an errand; what is about another case is over.
    fn take(&mut self, report: Report) {
        let Report { errand, outcome } = report;
        let Some(case) = &mut self.case else { return };
        let is_of_case = match &errand {
            Errand::Events(issue) | Errand::Step { issue, .. } | Errand::Attach { issue, .. } => {
                case.issue == *issue
            }
            // A hash stands for the same photo wherever it is.
            Errand::Photo { .. } => true,
            _ => false,
        };
        if is_of_case {
            case.take(errand, outcome);
            self.revision += 1;
        }
    }
}

impl Case {
    fn take(&mut self, errand: Errand, outcome: Result<Outcome, ErrandError>) {
        match (errand, outcome) {
            (Errand::Events(_), Ok(Outcome::Events(events))) => {
                self.list_photos(&events);
                self.events = Some(events);
            }
            (Errand::Step { step, .. }, Ok(_)) => {
                (self.pending, self.news) = (None, Some(News::Taken(step.step)));
                self.attached.clear();
                self.not_attached = None;
            }
            (Errand::Step { step, .. }, Err(error)) => {
                (self.pending, self.news) = (None, Some(News::Not(step.step, error)));
                // Whatever it is by now is looked at again.
                self.asked = 0;
            }
            (Errand::Photo { hash, is_large }, Ok(Outcome::Photo(picture))) => {
                let small = self.photos.iter_mut().filter(|_| !is_large);
                let large = self.large.iter_mut().filter(|_| is_large);
                for photo in small.chain(large).filter(|photo| photo.hash == hash) {
                    photo.picture = Some(Arc::clone(&picture));
                }
            }
            (Errand::Attach { .. }, outcome) => {
                self.attaching = self.attaching.saturating_sub(1);
                match outcome {
                    Ok(Outcome::Attached(photo)) if !self.attached.contains(&photo) => {
                        self.attached.push(photo);
                    }
                    Ok(_) => {}
                    Err(error) => self.not_attached = Some(error),
                }
            }
            // What is known already stays; the next change asks again.
            _ => {}
        }
    }

    fn list_photos(&mut self, events: &[Event]) {
        for event in events {
            for Attachment { hash, media_type } in &event.attachments {
                let is_new = !self.photos.iter().any(|photo| photo.hash == *hash);
                if is_new && media_type.starts_with("image/") && self.photos.len() < MOST_PHOTOS {
                    let (hash, at) = (hash.clone(), event.happened_at);
                    self.photos.push(Photo { hash, at, picture: None, is_asked: false });
                }
            }
        }
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
    fn photos_are_listed_once_and_come_when_they_come() {
        let mut casework = Casework::default();
        casework.open(Some(&id("a")));
        let photo = |hash: &str| Attachment { hash: hash.into(), media_type: "image/jpeg".into() };
        let event: Event = serde_json::from_value(serde_json::json!({
            "version": 1, "step": "report", "state": "reported", "actor": { "name": "desk", "role": "desk" },
            "happened_at": "2026-09-15T01:00:00Z", "recorded_at": "2026-09-15T01:00:00Z",
            "attachments": [photo("1"), photo("2"), photo("1")],
        }))
        .expect("an event");
        let events = Ok(Outcome::Events(vec![event]));
        casework.take(Report { errand: Errand::Events(id("a")), outcome: events });
        let shown = |casework: &Casework| -> Vec<(String, bool)> {
            let case = casework.case.as_ref().expect("open");
            case.photos.iter().map(|photo| (photo.hash.clone(), photo.picture.is_some())).collect()
        };
        assert_eq!(shown(&casework), [("1".to_owned(), false), ("2".to_owned(), false)]);
        let picture = Arc::new(Picture { width: 1, height: 1, rgba: vec![0; 4] });
        let errand = Errand::Photo { hash: "2".into(), is_large: false };
        casework.take(Report { errand, outcome: Ok(Outcome::Photo(picture)) });
        assert_eq!(shown(&casework), [("1".to_owned(), false), ("2".to_owned(), true)]);
    }

    #[test]
    fn a_photo_that_was_handed_in_goes_with_the_next_step() {
        let mut casework = Casework::default();
        casework.open(Some(&id("a")));
        let attach = |casework: &mut Casework, outcome| {
            let errand = Errand::Attach { issue: id("a"), path: "x.jpg".into() };
            casework.take(Report { errand, outcome });
        };
        let photo = Attachment { hash: "1".into(), media_type: "image/jpeg".into() };
        attach(&mut casework, Ok(Outcome::Attached(photo.clone())));
        attach(&mut casework, Ok(Outcome::Attached(photo.clone())));
        attach(&mut casework, Err(ErrandError::Refused("neither a JPEG nor a PNG: x.jpg".into())));
        let case = casework.case.as_ref().expect("open");
        assert_eq!((case.attached.as_slice(), case.not_attached.is_some()), ([photo].as_slice(), true));
        casework.take(step("a", Ok(Outcome::Taken)));
        assert!(casework.case.as_ref().expect("open").attached.is_empty());
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
