//! Rows of lists as they are read: made only for what is in view, kept until something changes or a second has passed.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::ledger::DUE_SOON_SECS;
use super::roster::Duty;
use super::speech::Speech;
use super::theme::Tone;
use crate::governance::{Issue, IssueId, Owner, Patrol, PatrolId, State};
use crate::viewer::markers::masked;

/// An issue in a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IssueRow {
    /// Which.
    pub(super) id: IssueId,
    /// Where it stands.
    pub(super) state: State,
    /// The same in words.
    pub(super) state_name: String,
    /// What it is.
    pub(super) title: String,
    /// Its class.
    pub(super) class: String,
    /// Where it is.
    pub(super) address: String,
    /// When it was reported.
    pub(super) reported: String,
    /// What is left of its time.
    pub(super) remaining: String,
    /// How that is meant.
    pub(super) tone: Tone,
    /// Whether it is urgent.
    pub(super) is_urgent: bool,
    /// Whether it is ours to be placed and has no place yet.
    pub(super) wants_place: bool,
}

impl IssueRow {
    /// An issue at a time.
    pub(super) fn new(issue: &Issue, now: Timestamp, speech: &Speech) -> Self {
        Self {
            id: issue.id.clone(),
            state: issue.state,
            state_name: speech.words.state(issue.state).to_owned(),
            title: issue.title.clone(),
            class: issue.class_short().to_owned(),
            address: match (&issue.address, issue.place) {
                (_, None) => speech.owned("issue-unplaced"),
                (Some(address), _) => address.clone(),
                (None, _) => speech.dash(),
            },
            reported: speech.moment(now, issue.reported_at),
            remaining: speech.remaining(now, issue),
            tone: deadline_tone(issue, now),
            is_urgent: issue.is_urgent(),
            wants_place: issue.place.is_none() && issue.state.is_open() && issue.owner == Owner::Us,
        }
    }
}

/// How a deadline is meant.
pub(super) fn deadline_tone(issue: &Issue, now: Timestamp) -> Tone {
    if !issue.state.is_open() || issue.state == State::Suspended {
        return Tone::Quiet;
    }
    match issue.due_at.map(|due| due.duration_since(now).as_secs()) {
        None => Tone::Quiet,
        Some(..0) => Tone::Bad,
        Some(left) if left <= DUE_SOON_SECS => Tone::Warn,
        Some(_) => Tone::Normal,
    }
}

/// A patrol in a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PatrolRow {
    /// Which.
    pub(super) id: PatrolId,
    /// What it is.
    pub(super) kind: String,
    /// What it is called; masked on a wall.
    pub(super) name: String,
    /// How it stands to its roster.
    pub(super) duty: Duty,
    /// The same in words.
    pub(super) duty_name: String,
    /// When it was last seen.
    pub(super) seen: String,
}

impl PatrolRow {
    /// A patrol at a time; `judged_at` is the time at which its presence is judged.
    pub(super) fn new(
        patrol: &Patrol,
        judged_at: Timestamp,
        now: Timestamp,
        speech: &Speech,
        masks_names: bool,
    ) -> Self {
        let duty = Duty::of(patrol, judged_at);
        Self {
            id: patrol.id.clone(),
            kind: speech.words.patrol_kind(patrol.kind).to_owned(),
            name: shown_name(patrol, masks_names),
            duty,
            duty_name: speech.owned(duty.key()),
            seen: patrol.fix.map_or_else(|| speech.dash(), |fix| speech.ago(now, fix.at)),
        }
    }

    /// How its duty is meant.
    pub(super) fn tone(&self) -> Tone {
        duty_tone(self.duty)
    }
}

/// How a duty is meant.
pub(super) fn duty_tone(duty: Duty) -> Tone {
    match duty {
        Duty::Absent => Tone::Bad,
        Duty::Silent => Tone::Warn,
        Duty::Present => Tone::Good,
        Duty::Off => Tone::Quiet,
    }
}

/// What a patrol is called, masked where names are.
pub(super) fn shown_name(patrol: &Patrol, masks_names: bool) -> String {
    if masks_names { masked(&patrol.name) } else { patrol.name.clone() }
}

/// Rows that were made, by slot.
pub(super) struct RowCache<T>(HashMap<u32, Arc<T>>);

impl<T> Default for RowCache<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> RowCache<T> {
    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The row of a slot, made if need be.
    pub(super) fn row(&mut self, slot: u32, make: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
        if let Some(row) = self.0.get(&slot) {
            return Some(row.clone());
        }
        let row = Arc::new(make()?);
        self.0.insert(slot, row.clone());
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::panels::samples::{at, issue, patrol};

    #[test]
    fn deadlines_have_tones() {
        let now = at("2026-09-15T10:00");
        let due = |time: &str| Issue { due_at: Some(at(time)), ..issue("a", State::Handling) };
        assert_eq!(deadline_tone(&due("2026-09-15T09:00"), now), Tone::Bad);
        assert_eq!(deadline_tone(&due("2026-09-15T11:00"), now), Tone::Warn);
        assert_eq!(deadline_tone(&due("2026-09-16T11:00"), now), Tone::Normal);
        assert_eq!(deadline_tone(&issue("a", State::Handling), now), Tone::Quiet);
        let closed = Issue { state: State::Closed, ..due("2026-09-15T09:00") };
        assert_eq!(deadline_tone(&closed, now), Tone::Quiet);
    }

    #[test]
    fn a_wall_masks_names() {
        let speech = Speech::default();
        let now = at("2026-09-15T10:00");
        assert_eq!(PatrolRow::new(&patrol("王小明"), now, now, &speech, false).name, "王小明");
        assert_eq!(PatrolRow::new(&patrol("王小明"), now, now, &speech, true).name, "王**");
    }

    #[test]
    fn an_issue_without_a_place_says_so() {
        let speech = Speech::default();
        let row = IssueRow::new(
            &Issue { place: None, ..issue("a", State::Reported) },
            at("2026-09-15T10:00"),
            &speech,
        );
        assert_eq!(row.address, "待落图");
        assert_eq!(row.remaining, "—");
    }

    #[test]
    fn rows_are_made_once() {
        let mut cache = RowCache::default();
        let mut made = 0;
        for _ in 0..3 {
            let row = cache.row(4, || {
                made += 1;
                Some(made)
            });
            assert_eq!(row.as_deref(), Some(&1));
        }
        assert!(cache.row(5, || None).is_none());
    }
}
