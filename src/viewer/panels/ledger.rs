//! Every issue as the panels need it: a few numbers a slot, counted and sorted without touching the issues themselves.
//!
//! [`Ledger::follow`] takes what changed; [`Ledger::counts`] and [`Order`] then cost a pass over 40 bytes an issue,
//! so that 100,000 of them are counted in well under a millisecond.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::feed::{Changes, Situation};
use crate::governance::{Issue, State};
use crate::viewer::slots;

/// What is due within so many seconds is due soon.
pub(super) const DUE_SOON_SECS: i64 = 2 * 3600;
/// The window of the rate of closing on time, days.
pub(super) const RATE_DAYS: i64 = 30;

/// No deadline, or one whose clock stands.
const NEVER: i64 = i64::MAX;
/// No building.
pub(super) const NO_BUILDING: u32 = u32::MAX;
const NO_NAME: u16 = u16::MAX;

/// What the panels know of an issue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// When it must be closed, seconds; `i64::MAX` where nothing is due.
    pub(super) due_secs: i64,
    /// The deadline as written, whatever the state.
    promised_secs: i64,
    /// When it was reported, seconds.
    pub(super) reported_secs: i64,
    /// When it was closed, seconds; `i64::MAX` while it is not.
    closed_secs: i64,
    /// Its building's number, or [`NO_BUILDING`].
    pub(super) building: u32,
    class: u16,
    community: u16,
    /// Where it stands.
    pub(super) state: State,
    /// Whether a wall must show it first.
    pub(super) is_urgent: bool,
    is_placed: bool,
}

impl Facts {
    /// Whether it is open and past its deadline.
    pub(super) fn is_overdue(&self, now_secs: i64) -> bool {
        self.state.is_open() && self.due_secs < now_secs
    }
}

/// Names that recur, by number.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u16>,
    keys: Vec<String>,
    texts: Vec<String>,
}

impl Names {
    fn number(&mut self, key: &str, name: &str) -> u16 {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        let number = u16::try_from(self.keys.len()).unwrap_or(NO_NAME);
        if number != NO_NAME {
            self.numbers.insert(key.to_owned(), number);
            self.keys.push(key.to_owned());
            self.texts.push(name.to_owned());
        }
        number
    }

    fn find(&self, key: &str) -> u16 {
        self.numbers.get(key).copied().unwrap_or(NO_NAME)
    }
}

/// Which issues a list shows, before the filter: each figure opens to its cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Lens {
    /// Whatever somebody still has to do something about.
    #[default]
    Open,
    /// Every issue.
    All,
    /// Open and past the deadline.
    Overdue,
    /// Open and due within [`DUE_SOON_SECS`].
    DueSoon,
    /// Open and urgent.
    Urgent,
    /// Open and not placed (待落图).
    Unplaced,
    /// Reported today.
    TodayNew,
    /// Closed today.
    TodayClosed,
    /// Due within the last [`RATE_DAYS`] days: what the rate of closing on time is made of.
    Due,
}

/// A point in time as the ledger needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Now {
    /// Now, seconds.
    pub(super) secs: i64,
    /// Midnight at the place, seconds.
    pub(super) day_start_secs: i64,
}

impl Now {
    /// A time at a place.
    pub(super) fn new(now: Timestamp, zone: &TimeZone) -> Self {
        let midnight = now.to_zoned_datetime(zone.clone()).start_of_day();
        Self {
            secs: now.as_second(),
            day_start_secs: midnight.map_or(now.as_second(), |start| start.timestamp().as_second()),
        }
    }

    /// The start of the window of the rate.
    fn rate_start_secs(self) -> i64 {
        self.secs.saturating_sub(RATE_DAYS * 86_400)
    }
}

impl Lens {
    /// Whether an issue is one of them.
    pub(super) fn shows(self, facts: &Facts, now: Now) -> bool {
        let is_open = facts.state.is_open();
        match self {
            Self::Open => is_open,
            Self::All => true,
            Self::Overdue => facts.is_overdue(now.secs),
            Self::DueSoon => {
                is_open && facts.due_secs >= now.secs && facts.due_secs - now.secs <= DUE_SOON_SECS
            }
            Self::Urgent => facts.is_urgent,
            Self::Unplaced => is_open && !facts.is_placed,
            Self::TodayNew => facts.reported_secs >= now.day_start_secs && facts.reported_secs <= now.secs,
            Self::TodayClosed => facts.closed_secs >= now.day_start_secs && facts.closed_secs <= now.secs,
            Self::Due => {
                !matches!(facts.state, State::Void | State::Merged | State::Suspended)
                    && facts.promised_secs >= now.rate_start_secs()
                    && facts.promised_secs <= now.secs
            }
        }
    }

    /// Whether what it shows changes by time alone.
    pub(super) const fn follows_time(self) -> bool {
        !matches!(self, Self::Open | Self::All | Self::Urgent | Self::Unplaced)
    }
}

/// A share that may be of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rate {
    /// How many did.
    pub(super) part: u32,
    /// Of how many.
    pub(super) whole: u32,
}

impl Rate {
    /// In percent with one decimal, `None` for nothing of nothing.
    pub(super) fn percent(self) -> Option<String> {
        (self.whole > 0).then(|| format!("{:.1}", f64::from(self.part) * 100.0 / f64::from(self.whole)))
    }
}

/// The figures about issues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Of each lens.
    pub(super) open: u32,
    /// Open and past the deadline.
    pub(super) overdue: u32,
    /// Open and due soon.
    pub(super) due_soon: u32,
    /// Reported today.
    pub(super) today_new: u32,
    /// Closed today.
    pub(super) today_closed: u32,
    /// Open and urgent.
    pub(super) urgent: u32,
    /// Open and without a place.
    pub(super) unplaced: u32,
    /// Closed on time, of those due in the window.
    pub(super) on_time: Rate,
}

/// Every issue, by slot.
#[derive(Default)]
pub(super) struct Ledger {
    slots: Vec<Option<Facts>>,
    classes: Names,
    communities: Names,
}

impl Ledger {
    /// Forgets everything and reads it again; `building` tells the building of a slot's issue.
    pub(super) fn rebuild(&mut self, situation: &Situation, building: &dyn Fn(u32) -> Option<u32>) {
        self.slots.clear();
        for (slot, issue) in situation.issues_by_slot() {
            self.put(slot, issue, building);
        }
    }

    /// Takes what changed, and tells the slots that did.
    pub(super) fn follow(
        &mut self,
        changes: &Changes,
        situation: &Situation,
        building: &dyn Fn(u32) -> Option<u32>,
        touched: &mut Vec<u32>,
    ) {
        for gone in &changes.issues_removed {
            if let Some(facts) = self.slots.get_mut(gone.slot as usize) {
                *facts = None;
                touched.push(gone.slot);
            }
        }
        for slot in &changes.issues {
            if let Some(issue) = situation.issue_at(*slot) {
                self.put(*slot, issue, building);
                touched.push(*slot);
            }
        }
    }

    fn put(&mut self, slot: u32, issue: &Issue, building: &dyn Fn(u32) -> Option<u32>) {
        let seconds = |time: Option<Timestamp>| time.map_or(NEVER, Timestamp::as_second);
        let runs = issue.state.is_open() && issue.state != State::Suspended;
        let facts = Facts {
            due_secs: if runs { seconds(issue.due_at) } else { NEVER },
            promised_secs: seconds(issue.due_at),
            reported_secs: issue.reported_at.as_second(),
            closed_secs: seconds(issue.closed_at),
            building: building(slot).unwrap_or(NO_BUILDING),
            class: self.classes.number(&issue.class.code, &issue.class_name),
            community: issue
                .areas
                .community
                .as_deref()
                .map_or(NO_NAME, |code| self.communities.number(code, code)),
            state: issue.state,
            is_urgent: issue.is_urgent(),
            is_placed: issue.place.is_some(),
        };
        if let Some(held) = slots::entry(&mut self.slots, slot, || None) {
            *held = Some(facts);
        }
    }

    /// What is known of the issue in a slot.
    pub(super) fn facts(&self, slot: u32) -> Option<&Facts> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// How many slots there are, used or not.
    pub(super) fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// Every slot in use.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Facts)> {
        self.slots.iter().enumerate().filter_map(|(slot, facts)| Some((slot as u32, facts.as_ref()?)))
    }

    /// The number of a class, and of a community, by code; one that no issue has matches none.
    pub(super) fn class_number(&self, code: &str) -> u16 {
        self.classes.find(code)
    }

    pub(super) fn community_number(&self, code: &str) -> u16 {
        self.communities.find(code)
    }

    pub(super) fn has_class(facts: &Facts, number: u16) -> bool {
        number != NO_NAME && facts.class == number
    }

    pub(super) fn has_community(facts: &Facts, number: u16) -> bool {
        number != NO_NAME && facts.community == number
    }

    /// The classes that open issues have: code, name, how many; the most frequent first.
    pub(super) fn open_classes(&self) -> Vec<(String, String, u32)> {
        let mut counts = vec![0_u32; self.classes.keys.len()];
        for (_, facts) in self.iter().filter(|(_, facts)| facts.state.is_open()) {
            if let Some(count) = counts.get_mut(usize::from(facts.class)) {
                *count += 1;
            }
        }
        let names = self.classes.keys.iter().zip(&self.classes.texts);
        let mut classes: Vec<_> = counts
            .into_iter()
            .zip(names)
            .filter(|(count, _)| *count > 0)
            .map(|(count, (code, name))| (code.clone(), name.clone(), count))
            .collect();
        classes.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        classes
    }

    /// The open issues of a building, the most pressing first, at most so many.
    pub(super) fn open_at(&self, building: u32, most: usize) -> Vec<u32> {
        let mut found: Vec<(i64, u32)> = self
            .iter()
            .filter(|(_, facts)| facts.building == building && facts.state.is_open())
            .map(|(slot, facts)| (facts.due_secs, slot))
            .collect();
        found.sort_unstable();
        found.into_iter().take(most).map(|(_, slot)| slot).collect()
    }

    /// The figures.
    pub(super) fn counts(&self, now: Now) -> Counts {
        let mut counts = Counts::default();
        for (_, facts) in self.iter() {
            for (lens, count) in [
                (Lens::Open, &mut counts.open),
                (Lens::Overdue, &mut counts.overdue),
                (Lens::DueSoon, &mut counts.due_soon),
                (Lens::TodayNew, &mut counts.today_new),
                (Lens::TodayClosed, &mut counts.today_closed),
                (Lens::Urgent, &mut counts.urgent),
                (Lens::Unplaced, &mut counts.unplaced),
                (Lens::Due, &mut counts.on_time.whole),
            ] {
                *count += u32::from(lens.shows(facts, now));
            }
            let was_on_time = facts.closed_secs <= facts.promised_secs && facts.closed_secs != NEVER;
            counts.on_time.part += u32::from(was_on_time && Lens::Due.shows(facts, now));
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::panels::samples::{at, issue, situation};

    fn ledger(issues: Vec<Issue>) -> Ledger {
        let mut ledger = Ledger::default();
        let held = situation(issues, Vec::new());
        ledger.rebuild(&held, &|slot| held.issue_at(slot)?.building.as_ref().map(|_| 7));
        ledger
    }

    fn now() -> Now {
        Now::new(at("2026-09-15T10:00"), &TimeZone::get("Asia/Shanghai").expect("a zone"))
    }

    #[test]
    fn the_day_begins_at_midnight_of_the_place() {
        assert_eq!(now().secs - now().day_start_secs, 10 * 3600);
    }

    #[test]
    fn figures_are_those_of_their_lenses() {
        let late = Issue { due_at: Some(at("2026-09-15T09:59")), ..issue("late", State::Handling) };
        let soon = Issue { due_at: Some(at("2026-09-15T11:30")), ..issue("soon", State::Reported) };
        let later =
            Issue { due_at: Some(at("2026-09-16T11:30")), place: None, ..issue("later", State::Reported) };
        let stands = Issue { due_at: Some(at("2026-09-14T11:30")), ..issue("stands", State::Suspended) };
        let urgent = Issue { supervised: true, ..issue("urgent", State::Reported) };
        let closed = Issue {
            reported_at: at("2026-09-14T23:00"),
            closed_at: Some(at("2026-09-15T00:10")),
            due_at: Some(at("2026-09-15T04:00")),
            ..issue("closed", State::Closed)
        };
        let closed_late = Issue {
            reported_at: at("2026-09-10T23:00"),
            closed_at: Some(at("2026-09-12T00:10")),
            due_at: Some(at("2026-09-11T04:00")),
            ..issue("closed late", State::Closed)
        };
        let counts = ledger(vec![late, soon, later, stands, urgent, closed, closed_late]).counts(now());
        assert_eq!((counts.open, counts.overdue, counts.due_soon), (5, 1, 1));
        assert_eq!((counts.urgent, counts.unplaced), (1, 1));
        assert_eq!((counts.today_new, counts.today_closed), (5, 1));
        // Due in the window: the late one, the two closed; the suspended one stands.
        assert_eq!(counts.on_time, Rate { part: 1, whole: 3 });
        assert_eq!(counts.on_time.percent().as_deref(), Some("33.3"));
    }

    #[test]
    fn nothing_of_nothing_is_no_hundred_percent() {
        assert_eq!(ledger(Vec::new()).counts(now()).on_time.percent(), None);
        assert_eq!(Rate { part: 0, whole: 4 }.percent().as_deref(), Some("0.0"));
    }

    #[test]
    fn what_is_removed_is_no_longer_counted() {
        let mut held = situation(vec![issue("a", State::Reported), issue("b", State::Reported)], Vec::new());
        let mut ledger = Ledger::default();
        ledger.rebuild(&held, &|_| None);
        let update = crate::governance::Update::IssueRemoved {
            id: crate::governance::IssueId("a".into()),
            version: 9,
        };
        let changes = held.apply(update);
        let mut touched = Vec::new();
        ledger.follow(&changes, &held, &|_| None, &mut touched);
        assert_eq!(touched.len(), 1);
        assert_eq!(ledger.counts(now()).open, 1);
    }

    #[test]
    fn classes_and_buildings_are_found_again() {
        let here = Issue { building: Some("b1".into()), ..issue("a", State::Reported) };
        let done = Issue { building: Some("b1".into()), ..issue("b", State::Closed) };
        let ledger = ledger(vec![here, done, issue("c", State::Reported)]);
        assert_eq!(ledger.open_at(7, 10).len(), 1);
        assert_eq!(ledger.open_classes(), [("06010".to_owned(), "暴露垃圾".to_owned(), 2)]);
    }
}
