//! The tour as plain values: what is shown next, and when.

use std::collections::{HashSet, VecDeque};

use bevy::prelude::Resource;
use jiff::Timestamp;

use crate::governance::{Issue, IssueId};

/// Seconds at each stop.
const STOP_SECS: f64 = 14.0;
/// Seconds over the whole place at the end of a round.
const OVERVIEW_SECS: f64 = 20.0;
/// Seconds that a hand pauses the tour.
const PAUSE_SECS: f64 = 60.0;
/// Stops of a round.
const STOPS: usize = 8;
/// How many of the stops are the newest issues, whatever their urgency.
const NEWEST: usize = 3;

/// What the tour is doing, for the wall's panel.
#[derive(Clone, Debug, PartialEq)]
pub enum TourState {
    /// Switched off.
    Off,
    /// Going from stop to stop.
    Running,
    /// A hand has the camera; seconds until it goes on.
    Paused {
        /// Whole seconds.
        left_secs: u32,
    },
    /// An urgent issue holds the screen.
    Holding {
        /// Which.
        id: IssueId,
        /// Since when, in scenario time.
        since: Timestamp,
    },
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing.
    Stay,
    /// Show an issue.
    Show(IssueId),
    /// Show the whole place.
    Overview,
    /// Turn on slowly.
    Turn,
}

/// The tour.
#[derive(Resource, Default, Debug)]
pub struct Tour {
    is_on: bool,
    round: VecDeque<IssueId>,
    next_at_secs: f64,
    paused_until_secs: f64,
    now_secs: f64,
    /// Urgent and not taken, the newest first, with the scenario time of the alarm.
    alarms: VecDeque<(IssueId, Timestamp)>,
    shown_alarm: Option<IssueId>,
    was_paused: bool,
    known: HashSet<IssueId>,
    knows_the_past: bool,
}

impl Tour {
    /// Switches it on or off.
    pub fn set_on(&mut self, on: bool) {
        self.is_on = on;
        self.paused_until_secs = 0.0;
        self.next_at_secs = 0.0;
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// What it is doing.
    pub fn state(&self) -> TourState {
        if let (true, Some((id, since))) = (self.is_on, self.alarms.front()) {
            return TourState::Holding { id: id.clone(), since: *since };
        }
        match self.is_on {
            false => TourState::Off,
            true if self.now_secs < self.paused_until_secs => {
                TourState::Paused { left_secs: (self.paused_until_secs - self.now_secs).ceil() as u32 }
            }
            true => TourState::Running,
        }
    }

    /// In how many whole seconds it goes on to the next stop, while nothing holds or pauses it.
    pub fn next_in_secs(&self) -> Option<u32> {
        (self.state() == TourState::Running)
            .then(|| (self.next_at_secs - self.now_secs).max(0.0).ceil() as u32)
    }

    /// A hand has moved something.
    pub fn pause(&mut self, now_secs: f64) {
        self.paused_until_secs = now_secs + PAUSE_SECS;
    }

    /// Whether the first snapshot has been seen.
    pub fn knows_the_past(&self) -> bool {
        self.knows_the_past
    }

    /// What was urgent before this viewer started raises no alarm.
    pub fn learn_the_past<'a>(&mut self, urgent: impl Iterator<Item = &'a IssueId>) {
        self.known.extend(urgent.cloned());
        self.knows_the_past = true;
    }

    /// Another database is behind the address: what is known is of no more use.
    pub fn forget(&mut self) {
        self.known.clear();
        self.alarms.clear();
        self.knows_the_past = false;
    }

    /// An issue is urgent: it holds the screen unless it has been seen before. The newest comes before older ones.
    pub fn alarm(&mut self, id: &IssueId, now: Timestamp) {
        if self.known.insert(id.clone()) {
            self.alarms.push_front((id.clone(), now));
        }
    }

    /// An issue is no longer urgent, or gone.
    pub fn calm(&mut self, id: &IssueId) {
        self.known.remove(id);
        self.alarms.retain(|(alarm, _)| alarm != id);
    }

    /// Somebody has taken notice, here or at work.
    pub fn take(&mut self, id: &IssueId) {
        self.known.insert(id.clone());
        let before = self.alarms.len();
        self.alarms.retain(|(alarm, _)| alarm != id);
        if self.alarms.len() < before {
            self.next_at_secs = self.now_secs + 2.0;
        }
    }

    /// What to do at a time; `stops` is asked when a round begins, `is_stop` whether one of them is still worth it.
    pub fn step(
        &mut self,
        now_secs: f64,
        stops: impl FnOnce() -> Vec<IssueId>,
        is_stop: impl Fn(&IssueId) -> bool,
    ) -> Step {
        self.now_secs = now_secs;
        if !self.is_on {
            return Step::Stay;
        }
        let is_paused = now_secs < self.paused_until_secs;
        if std::mem::replace(&mut self.was_paused, is_paused) && !is_paused {
            // The hand has left the camera somewhere else.
            self.shown_alarm = None;
        }
        if let Some((alarm, _)) = self.alarms.front() {
            if self.shown_alarm.as_ref() != Some(alarm) {
                self.shown_alarm = Some(alarm.clone());
                return Step::Show(alarm.clone());
            }
            return if is_paused { Step::Stay } else { Step::Turn };
        }
        self.shown_alarm = None;
        if is_paused {
            return Step::Stay;
        }
        if now_secs < self.next_at_secs {
            return Step::Turn;
        }
        while let Some(next) = self.round.pop_front() {
            if is_stop(&next) {
                self.next_at_secs = now_secs + STOP_SECS;
                return Step::Show(next);
            }
        }
        self.round = stops().into();
        self.next_at_secs = now_secs + OVERVIEW_SECS;
        Step::Overview
    }
}

/// The stops of a round: the most pressing, then the newest, none twice.
pub(super) fn stops<'a>(issues: impl Iterator<Item = &'a Issue>, now: Timestamp) -> Vec<IssueId> {
    let mut open: Vec<&Issue> =
        issues.filter(|issue| issue.state.is_open() && issue.place.is_some()).collect();
    let pressing =
        |issue: &Issue| (issue.is_urgent(), issue.is_overdue(now), issue.urgency, issue.reported_at);
    let first = first_stops(&mut open, |a, b| pressing(b).cmp(&pressing(a)).then_with(|| a.id.cmp(&b.id)));
    let mut stops: Vec<IssueId> = first.iter().take(STOPS - NEWEST).map(|issue| issue.id.clone()).collect();
    // Of the newest no more are needed either: those that are stops already are fewer than there are stops.
    let newest =
        first_stops(&mut open, |a, b| b.reported_at.cmp(&a.reported_at).then_with(|| a.id.cmp(&b.id)));
    for issue in newest {
        if stops.len() >= STOPS {
            break;
        }
        if !stops.contains(&issue.id) {
            stops.push(issue.id.clone());
        }
    }
    stops
}

/// The first of some issues in an order, as many as a round has stops, without sorting the others.
fn first_stops<'a, 'b>(
    issues: &'b mut [&'a Issue],
    mut order: impl FnMut(&&'a Issue, &&'a Issue) -> std::cmp::Ordering,
) -> &'b [&'a Issue] {
    if issues.len() > STOPS {
        issues.select_nth_unstable_by(STOPS - 1, &mut order);
    }
    let first = issues.len().min(STOPS);
    let first = issues.get_mut(..first).unwrap_or_default();
    first.sort_by(order);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> IssueId {
        IssueId(name.into())
    }

    fn now() -> Timestamp {
        "2026-09-15T08:00:00+08:00".parse().expect("a time")
    }

    /// Every stop is worth it.
    fn all(_: &IssueId) -> bool {
        true
    }

    fn running() -> Tour {
        let mut tour = Tour::default();
        tour.set_on(true);
        tour.learn_the_past(std::iter::empty());
        tour
    }

    #[test]
    fn it_begins_with_the_whole_place_and_goes_from_stop_to_stop() {
        let mut tour = running();
        let stops = || vec![id("a"), id("b")];
        assert_eq!(tour.step(0.0, stops, all), Step::Overview);
        assert_eq!(tour.step(1.0, stops, all), Step::Turn);
        assert_eq!(tour.step(20.0, stops, all), Step::Show(id("a")));
        assert_eq!(tour.step(34.0, stops, all), Step::Show(id("b")));
        assert_eq!(tour.step(48.0, stops, all), Step::Overview);
    }

    #[test]
    fn a_hand_pauses_it_for_a_minute() {
        let mut tour = running();
        assert_eq!(tour.step(0.0, Vec::new, all), Step::Overview);
        tour.pause(10.0);
        assert_eq!(tour.step(30.0, || vec![id("a")], all), Step::Stay);
        assert_eq!(tour.state(), TourState::Paused { left_secs: 40 });
        assert_eq!(tour.step(70.0, || vec![id("a")], all), Step::Overview);
    }

    #[test]
    fn a_new_urgent_issue_holds_the_screen_until_it_is_taken() {
        let mut tour = running();
        tour.step(0.0, || vec![id("a")], all);
        tour.pause(1.0);
        tour.alarm(&id("fire"), now());
        assert_eq!(tour.step(2.0, Vec::new, all), Step::Show(id("fire")), "even while a hand has the camera");
        assert_eq!(tour.step(500.0, Vec::new, all), Step::Show(id("fire")), "again, when the hand has gone");
        assert_eq!(tour.step(501.0, Vec::new, all), Step::Turn, "and it stays there");
        assert_eq!(tour.state(), TourState::Holding { id: id("fire"), since: now() });
        tour.alarm(&id("fire"), now());
        tour.take(&id("fire"));
        assert_eq!(tour.state(), TourState::Running);
        assert_eq!(tour.step(503.0, Vec::new, all), Step::Show(id("a")));
        tour.alarm(&id("fire"), now());
        assert_eq!(tour.state(), TourState::Running, "taken once is taken");
    }

    #[test]
    fn what_was_urgent_before_raises_no_alarm() {
        let mut tour = Tour::default();
        tour.set_on(true);
        tour.learn_the_past([id("old")].iter());
        tour.alarm(&id("old"), now());
        assert_eq!(tour.state(), TourState::Running);
    }

    #[test]
    fn the_newest_alarm_comes_first_and_a_hand_does_not_leave_the_picture_elsewhere() {
        let mut tour = running();
        tour.alarm(&id("old"), now());
        assert_eq!(tour.step(0.0, Vec::new, all), Step::Show(id("old")));
        tour.alarm(&id("new"), now());
        assert_eq!(tour.step(1.0, Vec::new, all), Step::Show(id("new")));
        tour.pause(2.0);
        assert_eq!(tour.step(3.0, Vec::new, all), Step::Stay);
        assert_eq!(tour.step(63.0, Vec::new, all), Step::Show(id("new")), "after the hand has gone");
        tour.take(&id("new"));
        assert_eq!(tour.step(64.0, Vec::new, all), Step::Show(id("old")));
    }

    #[test]
    fn a_stop_that_has_closed_meanwhile_is_left_out() {
        let mut tour = running();
        tour.step(0.0, || vec![id("a"), id("b")], all);
        assert_eq!(tour.step(20.0, Vec::new, |stop| *stop == id("b")), Step::Show(id("b")));
    }

    #[test]
    fn another_database_raises_no_alarm_for_its_past() {
        let mut tour = running();
        tour.alarm(&id("fire"), now());
        tour.forget();
        assert!(!tour.knows_the_past());
        assert_eq!(tour.state(), TourState::Running);
    }
}
