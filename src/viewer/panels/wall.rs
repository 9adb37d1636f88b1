//! The wall's panels as plain values: what presses, what is new, what the tour is doing, and the alarm that holds the screen.

use jiff::Timestamp;

use super::ledger::{Facts, Ledger};
use super::rows::IssueRow;
use super::speech::Speech;
use super::theme::Tone;
use crate::feed::Situation;
use crate::governance::{Issue, IssueId};
use crate::viewer::tour::TourState;

/// An urgent issue that holds the screen until it is taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alarm {
    /// Which.
    pub(super) id: IssueId,
    /// What it is.
    pub(super) title: String,
    /// Where.
    pub(super) address: String,
    /// Who has the lead.
    pub(super) department: String,
    /// How long nobody has taken it.
    pub(super) since: String,
}

impl Alarm {
    /// The alarm of an issue at a time; `since` is when it arose, which may be long after the issue was reported.
    pub(super) fn new(issue: &Issue, since: Timestamp, now: Timestamp, speech: &Speech) -> Self {
        let span = speech.messages.span(now.duration_since(since));
        Self {
            id: issue.id.clone(),
            title: issue.title.clone(),
            address: issue.address.clone().unwrap_or_else(|| speech.owned("issue-unplaced")),
            department: issue.department.clone().unwrap_or_default(),
            since: speech.with("wall-urgent-since", &[("span", span.into())]),
        }
    }
}

/// What the tour is doing, in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TourLine {
    /// How that is meant.
    pub(super) tone: Tone,
    /// What it does.
    pub(super) words: String,
    /// The issue that it shows.
    pub(super) stop: Option<IssueRow>,
    /// When it goes on.
    pub(super) next: String,
}

impl TourLine {
    /// The tour's state; `stop` is what is shown, `next_secs` when it goes on.
    pub(super) fn new(
        state: &TourState,
        stop: Option<IssueRow>,
        next_secs: Option<u32>,
        speech: &Speech,
    ) -> Self {
        let span = |secs: u32| speech.span_secs(i64::from(secs)).into();
        let (tone, words) = match state {
            TourState::Off => (Tone::Quiet, speech.owned("wall-off")),
            TourState::Running => (Tone::Accent, speech.owned("wall-tour")),
            TourState::Paused { left_secs } => {
                (Tone::Warn, speech.with("wall-paused-resumes", &[("span", span(*left_secs))]))
            }
            TourState::Holding { .. } => (Tone::Bad, speech.owned("wall-urgent-new")),
        };
        let next = match (state, next_secs) {
            (TourState::Running, Some(secs)) => speech.with("wall-tour-next", &[("span", span(secs))]),
            _ => String::new(),
        };
        Self { tone, words, stop, next }
    }
}

/// What the wall lists.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WallLists {
    /// What presses most.
    pub(super) pressing: Vec<IssueRow>,
    /// What is new.
    pub(super) newest: Vec<IssueRow>,
}

impl WallLists {
    /// The lists at a time, each at most so long.
    pub(super) fn new(
        ledger: &Ledger,
        situation: &Situation,
        now: Timestamp,
        most: usize,
        speech: &Speech,
    ) -> Self {
        let rows = |slots: Vec<u32>| {
            slots
                .into_iter()
                .filter_map(|slot| situation.issue_at(slot))
                .map(|issue| IssueRow::new(issue, now, speech))
                .collect()
        };
        let now_secs = now.as_second();
        Self {
            pressing: rows(first(ledger, most, |facts| {
                (!facts.is_urgent, !facts.is_overdue(now_secs), facts.due_secs)
            })),
            newest: rows(first(ledger, most, |facts| -facts.reported_secs)),
        }
    }
}

/// The open issues with the smallest keys.
fn first<K: Ord>(ledger: &Ledger, most: usize, key: impl Fn(&Facts) -> K) -> Vec<u32> {
    let mut open: Vec<(K, u32)> = ledger
        .iter()
        .filter(|(_, facts)| facts.state.is_open())
        .map(|(slot, facts)| (key(facts), slot))
        .collect();
    if open.len() > most && most > 0 {
        open.select_nth_unstable(most - 1);
        open.truncate(most);
    }
    open.sort_unstable();
    open.into_iter().map(|(_, slot)| slot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::State;
    use crate::viewer::panels::samples::{at, issue, situation};

    #[test]
    fn what_presses_and_what_is_new() {
        let mut issues: Vec<Issue> = (0..30)
            .map(|n| Issue {
                reported_at: at(&format!("2026-09-15T08:{n:02}")),
                due_at: Some(at(&format!("2026-09-15T1{}:00", n % 5))),
                ..issue(&format!("{n}"), State::Handling)
            })
            .collect();
        issues[3].supervised = true;
        issues[29].state = State::Closed;
        let held = situation(issues, Vec::new());
        let mut ledger = Ledger::default();
        ledger.rebuild(&held, &|_| None);
        let lists = WallLists::new(&ledger, &held, at("2026-09-15T09:00"), 5, &Speech::default());
        assert_eq!(lists.pressing.len(), 5);
        assert_eq!(lists.pressing[0].id.0, "3", "the supervised one");
        assert!(lists.pressing[1..].iter().all(|row| row.remaining == "剩余 1 小时"), "{:?}", lists.pressing);
        let newest: Vec<&str> = lists.newest.iter().map(|row| row.id.0.as_str()).collect();
        assert_eq!(newest, ["28", "27", "26", "25", "24"], "29 is closed");
    }

    #[test]
    fn the_tour_speaks() {
        let speech = Speech::default();
        let line = TourLine::new(&TourState::Running, None, Some(7), &speech);
        assert_eq!((line.words.as_str(), line.next.as_str()), ("自动巡览", "下一站 7 秒"));
        let line = TourLine::new(&TourState::Paused { left_secs: 30 }, None, None, &speech);
        assert_eq!(line.words, "已暂停，30 秒后继续");
        assert!(line.next.is_empty());
    }

    #[test]
    fn an_alarm_says_how_long_nobody_has_taken_it() {
        // Reported at 08:30, urgent only since 08:50.
        let (since, now) = (at("2026-09-15T08:50"), at("2026-09-15T08:54"));
        let alarm = Alarm::new(&issue("a", State::Reported), since, now, &Speech::default());
        assert_eq!(alarm.since, "已 4 分钟 无人接警");
    }
}
