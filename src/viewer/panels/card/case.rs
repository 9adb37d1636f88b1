//! What can be done about an issue from its card, and what has been.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Fact, Section, Sources};
use crate::feed::{ErrandError, Situation};
use crate::governance::deadline::account;
use crate::governance::{
    Actor, Attachment, Department, Event, Issue, IssueId, NewStep, Owner, Step, allowed_steps,
};
use crate::picture::Picture;
use crate::viewer::actions::Action;
use crate::viewer::casework::{Case, News, Photo};
use crate::viewer::panels::likely::{self, LikelyLine, LikelyLines};
use crate::viewer::panels::speech::Speech;
use crate::viewer::panels::theme::Tone;

/// So many of the latest events are told.
const MOST_EVENTS: usize = 14;
/// By so many days a deadline is moved.
pub(in super::super) const DAYS: [i64; 4] = [1, 3, 7, 15];

/// What can be done about an issue.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Doable {
    /// Which.
    pub(in super::super) issue: IssueId,
    /// The version that is shown.
    seen: u64,
    /// The steps that its state and whoever sits at the desk allow.
    pub(in super::super) steps: Vec<Offer>,
    /// Who has the lead.
    pub(in super::super) department: Option<Department>,
    /// From when on days are counted that a deadline is moved by.
    moved_from: Timestamp,
    /// Photos that the next step will name.
    attached: Vec<Attachment>,
    /// How many there are, or why one could not be handed in, in words.
    pub(in super::super) attached_words: Option<(String, Tone)>,
    /// What is on its way, in words.
    pub(in super::super) pending: Option<String>,
    /// What became of the last step.
    pub(in super::super) news: Option<(String, Tone)>,
}

/// A photo of a case.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct CardPhoto {
    /// Its hash.
    pub(in super::super) hash: String,
    /// When it was taken.
    pub(in super::super) taken: String,
    /// What it shows, once that has come.
    pub(in super::super) picture: Option<Arc<Picture>>,
}

/// A step that can be taken.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Offer {
    /// Which.
    pub(in super::super) step: Step,
    /// What it is called.
    pub(in super::super) name: String,
    /// As whom.
    actor: Actor,
}

/// What somebody is about to do, as far as it has been typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Draft {
    /// About which issue.
    pub(in super::super) issue: Option<IssueId>,
    /// Which step.
    pub(in super::super) step: Option<Step>,
    /// In what words.
    pub(in super::super) note: String,
    /// Who is to have the lead.
    pub(in super::super) department: String,
    /// By how many days the deadline is moved.
    pub(in super::super) days: i64,
    /// The number of the issue that it goes into.
    pub(in super::super) into: String,
    likely: LikelyLines<(IssueId, u64)>,
}

impl Draft {
    /// Begins a step anew, or puts it away if it is the one that was begun.
    pub(in super::super) fn toggle(&mut self, step: Step, doable: &Doable) {
        let is_other = self.step != Some(step) || self.issue.as_ref() != Some(&doable.issue);
        *self = Self {
            issue: Some(doable.issue.clone()),
            step: is_other.then_some(step),
            note: String::new(),
            department: doable.department.clone().unwrap_or_default(),
            days: DAYS[0],
            into: String::new(),
            likely: LikelyLines::default(),
        };
    }

    /// The open issues that this one may be the same as.
    pub(in super::super) fn likely(
        &mut self,
        doable: &Doable,
        situation: &Situation,
        now: Timestamp,
        speech: &Speech,
    ) -> &[LikelyLine] {
        self.likely.of((doable.issue.clone(), doable.seen), || {
            let issue = situation.issue(&doable.issue);
            let found = issue.and_then(|issue| {
                let but = Some(&issue.id);
                Some(likely::find(situation, Some(&issue.class), issue.place?, but, now, speech))
            });
            found.unwrap_or_default()
        })
    }

    /// The issue that it goes into, as far as that is known and another one.
    pub(in super::super) fn target<'a>(
        &self,
        doable: &Doable,
        situation: &'a Situation,
    ) -> Option<&'a Issue> {
        let id = IssueId(self.into.trim().to_owned());
        situation.issue(&id).filter(|issue| issue.id != doable.issue)
    }

    /// What is begun about this issue.
    pub(in super::super) fn begun(&self, doable: &Doable) -> Option<Step> {
        self.step.filter(|_| self.issue.as_ref() == Some(&doable.issue))
    }

    /// Whether a step asks for a department.
    pub(in super::super) const fn wants_department(step: Step) -> bool {
        matches!(step, Step::Dispatch | Step::Reassign)
    }

    /// Whether all is there that the step cannot do without.
    pub(in super::super) fn is_complete(&self, step: Step, doable: &Doable, situation: &Situation) -> bool {
        match step {
            Step::Merge => self.target(doable, situation).is_some(),
            step => !Self::wants_department(step) || !self.department.trim().is_empty(),
        }
    }

    /// The step to be taken.
    pub(in super::super) fn action(&self, offer: &Offer, doable: &Doable) -> Action {
        let (step, actor) = (offer.step, offer.actor.clone());
        let words = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let until = || doable.moved_from.checked_add(SignedDuration::from_hours(24 * self.days)).ok();
        let step = NewStep {
            note: words(&self.note),
            department: if Self::wants_department(step) { words(&self.department) } else { None },
            until: if step == Step::Extend { until() } else { None },
            attachments: doable.attached.clone(),
            merged_into: words(&self.into).filter(|_| step == Step::Merge).map(IssueId),
            ..NewStep::bare(step, actor)
        };
        Action::TakeStep { issue: doable.issue.clone(), seen: doable.seen, step: Box::new(step) }
    }
}

impl Sources<'_> {
    /// What can be done about an issue by whoever sits at the desk: nothing about another system's, nor without a server.
    pub(super) fn doable(&self, issue: &Issue) -> Option<Doable> {
        let case = self.case.filter(|case| case.issue == issue.id && issue.owner == Owner::Us)?;
        let reporter = case.events.as_ref().and_then(|events| events.first()).map(|event| &event.actor);
        let desk = self.speech.text("case-desk");
        let offer = |step: &Step| {
            let actor = self.login.act(*step, Some(issue), reporter, &desk)?;
            Some(Offer { step: *step, name: self.speech.words.step(*step).to_owned(), actor })
        };
        Some(Doable {
            issue: issue.id.clone(),
            seen: issue.version,
            steps: allowed_steps(issue.state).iter().filter_map(offer).collect(),
            department: issue.department.clone(),
            moved_from: issue.due_at.map_or(self.now, |due_at| due_at.max(self.now)),
            attached: case.attached.clone(),
            attached_words: self.attached(case),
            pending: case.pending.map(|step| self.step_words("case-pending", step)),
            news: case.news.as_ref().map(|news| self.news(news)),
        })
    }

    fn attached(&self, case: &Case) -> Option<(String, Tone)> {
        if let Some(error) = &case.not_attached {
            let reason = match error {
                ErrandError::Unknown => self.speech.owned("login-ended"),
                error => error.to_string(),
            };
            let words = self.speech.with("case-not-attached", &[("reason", reason.as_str().into())]);
            return Some((words, Tone::Bad));
        }
        if case.attaching > 0 {
            return Some((self.speech.owned("case-attaching"), Tone::Quiet));
        }
        let count = case.attached.len();
        (count > 0).then(|| (self.speech.count("case-attached", count), Tone::Good))
    }

    /// The photos of a case, and the one that is shown large.
    pub(super) fn photos(&self, issue: &Issue) -> (Vec<CardPhoto>, Option<CardPhoto>) {
        let Some(case) = self.case.filter(|case| case.issue == issue.id) else { return Default::default() };
        let photo = |photo: &Photo| CardPhoto {
            hash: photo.hash.clone(),
            taken: self.speech.moment(self.now, photo.at),
            picture: photo.picture.clone(),
        };
        (case.photos.iter().map(photo).collect(), case.large.as_ref().map(photo))
    }

    fn step_words(&self, key: &str, step: Step) -> String {
        self.speech.with(key, &[("step", self.speech.words.step(step).into())])
    }

    fn news(&self, news: &News) -> (String, Tone) {
        let (step, error) = match news {
            News::Taken(step) => return (self.step_words("case-taken", *step), Tone::Good),
            News::Not(step, error) => (*step, error),
        };
        let words = match error {
            ErrandError::Stale => self.speech.owned("case-stale"),
            ErrandError::Unknown => self.speech.owned("login-ended"),
            ErrandError::TooMany { .. } => self.speech.owned("case-too-many"),
            ErrandError::NotAllowed { .. } => self.step_words("case-not-allowed", step),
            ErrandError::Refused(reason) => {
                let step = self.speech.words.step(step);
                self.speech.with("case-refused", &[("step", step.into()), ("reason", reason.as_str().into())])
            }
            ErrandError::Failed(reason) => {
                let step = self.speech.words.step(step);
                self.speech.with("case-failed", &[("step", step.into()), ("reason", reason.as_str().into())])
            }
        };
        (words, Tone::Bad)
    }

    /// Everything that happened to an issue, the latest first.
    pub(super) fn history(&self, issue: &Issue) -> Option<Section> {
        let events = self.events(issue)?;
        let line = |event: &Event| {
            let line = self.speech.with(
                "issue-history-line",
                &[
                    ("time", self.speech.moment(self.now, event.happened_at).into()),
                    ("step", self.speech.words.step(event.step).into()),
                    ("actor", event.actor.name.as_str().into()),
                ],
            );
            match event.note.as_deref().filter(|note| !note.trim().is_empty()) {
                Some(note) => format!("{line}\n{note}"),
                None => line,
            }
        };
        let mut lines: Vec<String> = events.iter().rev().take(MOST_EVENTS).map(line).collect();
        let more = events.len().saturating_sub(MOST_EVENTS);
        if more > 0 {
            lines.push(self.speech.count("issue-history-more", more));
        }
        Some(Section { title: self.speech.owned("issue-history"), lines, ..Section::default() })
    }

    /// What has moved the deadline.
    pub(super) fn deadline_facts(&self, issue: &Issue, facts: &mut Vec<Fact>) {
        let Some(events) = self.events(issue) else { return };
        let told = account(events);
        if !told.extensions.is_empty() {
            let before = told.extensions.first().and_then(|extension| extension.from);
            let before = before.map_or_else(|| self.speech.dash(), |at| self.speech.moment(self.now, at));
            let count = told.extensions.len() as i64;
            let words =
                self.speech.with("issue-extended-value", &[("n", count.into()), ("first", before.into())]);
            self.fact(facts, "issue-extended", Some(words));
        }
        if !told.suspensions.is_empty() {
            let stood = told.suspensions.iter().map(|stop| stop.stood(self.now).as_secs()).sum();
            let count = told.suspensions.len() as i64;
            let words = self.speech.with(
                "issue-stopped-value",
                &[("n", count.into()), ("time", self.speech.span_secs(stood).into())],
            );
            self.fact(facts, "issue-stopped", Some(words));
        }
    }

    fn events(&self, issue: &Issue) -> Option<&[Event]> {
        self.case.filter(|case| case.issue == issue.id)?.events.as_deref()
    }
}
