//! The course of an issue: what counting needs of its events, and nothing else.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Moment;
use crate::governance::{AreaCodes, Event, IssueId, Source, State, Step, Urgency};

/// A code or name, held once however many issues carry it.
pub type Word = Arc<str>;

/// By what an issue is split and filtered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Its class as `scheme/kind/code`.
    pub class: Word,
    /// 社区.
    pub community: Option<Word>,
    /// 治理网格.
    pub grid: Option<Word>,
    /// 小区.
    pub compound: Option<Word>,
    /// Who has the lead.
    pub department: Option<Word>,
    /// The post that answers for it.
    pub officer: Option<Word>,
    /// How it came.
    pub source: Source,
    /// How pressing it is.
    pub urgency: Urgency,
}

/// One event, and what holds from then on.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When it happened.
    pub happened_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What was done.
    pub step: Step,
    /// The state afterwards.
    pub state: State,
    /// The deadline afterwards.
    pub due_at: Option<Timestamp>,
    /// By what it is split from then on.
    pub facts: Arc<Facts>,
}

/// The life of one issue as counting sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Which issue.
    pub id: IssueId,
    /// Its title.
    pub title: Box<str>,
    transitions: Vec<Transition>,
}

/// Where an issue stood at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Its report.
    pub first: &'a Transition,
    /// The last event that had happened and was known.
    pub last: &'a Transition,
    /// When it was closed, if it was.
    pub closed_at: Option<Timestamp>,
}

/// The words and facts that are in use: courses share them.
#[derive(Debug, Default)]
pub struct Words {
    words: HashSet<Word>,
    facts: HashSet<Arc<Facts>>,
}

impl Words {
    fn word(&mut self, text: &str) -> Word {
        if let Some(word) = self.words.get(text) {
            return Arc::clone(word);
        }
        let word = Word::from(text);
        self.words.insert(Arc::clone(&word));
        word
    }

    fn maybe(&mut self, text: Option<&String>) -> Option<Word> {
        text.map(|text| self.word(text))
    }

    fn facts(&mut self, facts: Facts) -> Arc<Facts> {
        if let Some(held) = self.facts.get(&facts) {
            return Arc::clone(held);
        }
        let facts = Arc::new(facts);
        self.facts.insert(Arc::clone(&facts));
        facts
    }
}

impl Course {
    /// Begins with a report; `None` of an event that carries none.
    pub fn begin(id: IssueId, event: &Event, words: &mut Words) -> Option<Self> {
        let report = event.report.as_deref()?;
        let facts = Facts {
            class: words
                .word(&format!("{}/{}/{}", report.class.scheme, report.class.kind, report.class.code)),
            community: words.maybe(report.areas.community.as_ref()),
            grid: words.maybe(report.areas.grid.as_ref()),
            compound: words.maybe(report.areas.compound.as_ref()),
            department: words.maybe(event.department.as_ref()),
            officer: words.maybe(report.responsible.as_ref()),
            source: report.source,
            urgency: report.urgency,
        };
        let first = Transition {
            happened_at: event.happened_at,
            recorded_at: event.recorded_at,
            step: event.step,
            state: event.state,
            due_at: event.due_at,
            facts: words.facts(facts),
        };
        Some(Self { id, title: report.title.as_str().into(), transitions: vec![first] })
    }

    /// Goes on with the next event.
    pub fn follow(&mut self, event: &Event, words: &mut Words) {
        let Some(last) = self.transitions.last() else { return };
        let mut facts = Arc::clone(&last.facts);
        if let Some(department) = &event.department
            && facts.department.as_deref() != Some(department)
        {
            let department = Some(words.word(department));
            facts = words.facts(Facts { department, ..(*facts).clone() });
        }
        if let Some(location) = event.location.as_deref().filter(|_| event.step == Step::Locate) {
            // As the issue takes it: community and grid stay where the place names none, a compound does not.
            let AreaCodes { community, grid, compound } = &location.areas;
            let says_who = !location.decided.is_empty();
            let areas = Facts {
                officer: if says_who {
                    words.maybe(location.responsible.as_ref())
                } else {
                    facts.officer.clone()
                },
                community: words.maybe(community.as_ref()).or_else(|| facts.community.clone()),
                grid: words.maybe(grid.as_ref()).or_else(|| facts.grid.clone()),
                compound: words.maybe(compound.as_ref()),
                ..(*facts).clone()
            };
            facts = words.facts(areas);
        }
        self.transitions.push(Transition {
            happened_at: event.happened_at,
            recorded_at: event.recorded_at,
            step: event.step,
            state: event.state,
            due_at: event.due_at.or(last.due_at),
            facts,
        });
    }

    /// Everything that happened, in order.
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// What had happened and was known at a moment, in order.
    pub fn known(&self, moment: Moment) -> impl Iterator<Item = &Transition> {
        self.transitions.iter().filter(move |transition| moment.knows(transition))
    }

    /// Where it stood at a moment; `None` if nobody knew of it.
    pub fn at(&self, moment: Moment) -> Option<Standing<'_>> {
        let mut known = self.known(moment);
        let first = known.next()?;
        let mut standing = Standing { first, last: first, closed_at: None };
        for transition in known {
            let was_closed = standing.last.state == State::Closed;
            standing.closed_at = match transition.state {
                State::Closed if was_closed => standing.closed_at,
                State::Closed => Some(transition.happened_at),
                _ => None,
            };
            standing.last = transition;
        }
        Some(standing)
    }
}

impl Standing<'_> {
    /// Whether its deadline counts down: it is open, and not suspended.
    pub fn is_running(&self) -> bool {
        self.last.state.is_open() && self.last.state != State::Suspended
    }
}
