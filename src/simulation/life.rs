//! The life of one issue, planned from its report to its end: who does what when, as the rules allow it.

use jiff::{SignedDuration, Timestamp};

use crate::governance::classes::{Limit, LimitUnit};
use crate::governance::deadline::after_limit;
use crate::governance::rulebook::Rulebook;
use crate::governance::{
    Actor, Department, Event, Issue, IssueHistory, IssueId, Locality, Location, NewIssue, NewStep, Standing,
    Step,
};

/// The limit of a class that has none.
const NO_LIMIT: Limit = Limit { amount: 3.0, unit: LimitUnit::WorkDays };
/// The least time between two steps of one issue.
const LEAST: SignedDuration = SignedDuration::from_secs(40);

/// One issue from its report to its end; every entry says when it happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Life {
    /// The issue's id.
    pub id: IssueId,
    /// The report, with its time.
    pub report: NewIssue,
    /// The steps in the order of their times.
    pub steps: Vec<NewStep>,
}

/// One request of a life.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry<'a> {
    /// `POST /api/v1/issues`.
    Report(&'a NewIssue),
    /// `POST /api/v1/issues/{id}/steps`.
    Step(&'a NewStep),
}

impl Life {
    /// When it is reported.
    pub fn reported_at(&self) -> Timestamp {
        self.report.happened_at.unwrap_or_default()
    }

    /// How many events it has.
    pub fn len(&self) -> usize {
        1 + self.steps.len()
    }

    /// It never is: every life has a report.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// An event of it and its time, counted from 0, the report.
    pub fn entry(&self, number: usize) -> Option<(Timestamp, Entry<'_>)> {
        match number.checked_sub(1) {
            None => Some((self.reported_at(), Entry::Report(&self.report))),
            Some(step) => {
                let step = self.steps.get(step)?;
                Some((step.happened_at?, Entry::Step(step)))
            }
        }
    }

    /// How many of its entries an issue with these events has behind it: whatever comes up to the last one that was
    /// sent. What others did meanwhile, and what came in from another issue, is none of them.
    pub fn done(&self, events: &[Event]) -> usize {
        let mut done = 0;
        for event in events.iter().filter(|event| event.bond.is_none()) {
            let is_this = |number: &usize| {
                self.entry(*number).is_some_and(|(at, entry)| {
                    let (step, actor) = match entry {
                        Entry::Report(report) => (Step::Report, &report.actor),
                        Entry::Step(step) => (step.step, &step.actor),
                    };
                    // An entry happens when it was planned or after what somebody else did, never earlier.
                    (step, actor) == (event.step, &event.actor) && at <= event.happened_at
                })
            };
            done = (done..self.len()).find(is_this).map_or(done, |number| number + 1);
        }
        done
    }

    /// What had happened by a moment; `None` if nothing.
    pub fn until(&self, at: Timestamp) -> Option<IssueHistory> {
        if self.reported_at() > at {
            return None;
        }
        let steps = self.steps.iter().take_while(|step| step.happened_at.is_some_and(|then| then <= at));
        Some(IssueHistory { report: self.report.clone(), steps: steps.cloned().collect() })
    }

    /// The issue as it stands when everything up to a moment has happened, by these rules; `None` if nothing had.
    pub fn issue_at(&self, at: Timestamp, rules: &Rulebook) -> Option<Issue> {
        let history = self.until(at)?;
        rules.history(self.id.clone(), &history, &Locality::default(), at).ok().map(|(issue, _)| issue)
    }
}

/// A life while it is being written: knows how the issue stands, and takes only steps that the rules allow.
#[derive(Debug)]
pub(super) struct Script<'a> {
    rules: &'a Rulebook,
    pub(super) issue: Issue,
    report: NewIssue,
    steps: Vec<NewStep>,
    /// Shares of the limit are counted from here.
    base: (Timestamp, f64),
    limit: Limit,
    last: Timestamp,
}

/// What a step says beside its actor.
#[derive(Debug, Default)]
pub(super) struct Say {
    pub(super) note: Option<String>,
    pub(super) department: Option<Department>,
    pub(super) until: Option<Timestamp>,
    pub(super) merged_into: Option<IssueId>,
    pub(super) location: Option<Box<Location>>,
}

impl<'a> Script<'a> {
    /// A life that begins with a report; `None` if the rules refuse it.
    pub(super) fn open(
        id: IssueId,
        report: NewIssue,
        limit: Option<Limit>,
        rules: &'a Rulebook,
    ) -> Option<Self> {
        let at = report.happened_at?;
        let event = rules
            .report(&report, Standing::AsSaid, &Locality::default(), at)
            .inspect_err(|error| tracing::debug!(%error, %id, "a report that the rules refuse"))
            .ok()?;
        let issue = Issue::open(id, &event).ok()?;
        let limit = limit.unwrap_or(NO_LIMIT);
        Some(Self { rules, issue, report, steps: Vec::new(), base: (at, 0.0), limit, last: at })
    }

    /// The moment when a share of the limit has passed, never before the last step.
    pub(super) fn moment(&self, share: f64) -> Timestamp {
        let amount = self.limit.amount * (share - self.base.1).max(0.0);
        let moment = after_limit(&self.rules.calendar, self.base.0, Limit { amount, ..self.limit });
        let least = self.last.saturating_add(LEAST).unwrap_or(self.last);
        moment.map_or(least, |moment| moment.max(least))
    }

    /// Shares of the limit count from this moment on, which is as if `share` had passed.
    pub(super) fn count_from(&mut self, at: Timestamp, share: f64) {
        self.base = (at, share);
    }

    /// When the last thing happened.
    pub(super) fn last(&self) -> Timestamp {
        self.last
    }

    /// How long the issue may take.
    pub(super) fn limit(&self) -> Limit {
        self.limit
    }

    /// Takes a step when a share of the limit has passed; says when, or `None` if the rules refuse it.
    pub(super) fn take(&mut self, share: f64, step: Step, actor: Actor, say: Say) -> Option<Timestamp> {
        self.take_at(self.moment(share), step, actor, say)
    }

    /// Takes a step at a moment, or right after the last one if that is later.
    pub(super) fn take_at(&mut self, at: Timestamp, step: Step, actor: Actor, say: Say) -> Option<Timestamp> {
        let at = at.max(self.last.saturating_add(LEAST).unwrap_or(self.last));
        // The wire has milliseconds enough; whole seconds are what people write down.
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let new = NewStep {
            note: say.note,
            happened_at: Some(at),
            until: say.until,
            department: say.department,
            merged_into: say.merged_into,
            location: say.location,
            ..NewStep::bare(step, actor)
        };
        let event = self
            .rules
            .step(&self.issue, &new, Standing::AsSaid, at)
            .inspect_err(|error| tracing::debug!(%error, id = %self.issue.id, "a step that the rules refuse"))
            .ok()?;
        self.issue.apply(&event).ok()?;
        self.steps.push(new);
        self.last = at;
        Some(at)
    }

    /// The life that was written.
    pub(super) fn end(self) -> Life {
        Life { id: self.issue.id, report: self.report, steps: self.steps }
    }
}
