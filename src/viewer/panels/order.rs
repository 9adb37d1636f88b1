//! Which issues the list shows and in what order: slots only, kept sorted as issues change.

use std::cmp::Ordering;

use super::ledger::{Facts, Ledger, Lens, Now};
use crate::feed::Situation;
use crate::viewer::filter::Filter;

/// More changes than this at once are sorted anew instead of one by one.
const MOST_SINGLE_CHANGES: usize = 64;

/// A column that the list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Column {
    /// By the order of the life cycle.
    State,
    /// By title.
    Title,
    /// By address.
    Address,
    /// By when it was reported.
    Reported,
    /// By what is left until the deadline.
    Remaining,
}

/// How the list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    /// By what.
    pub(super) column: Column,
    /// The largest first.
    pub(super) is_descending: bool,
}

impl Default for Sort {
    /// What presses most comes first.
    fn default() -> Self {
        Self { column: Column::Remaining, is_descending: false }
    }
}

impl Sort {
    /// After a click on a column: the same again turns round; times begin with the newest, all else from the start.
    pub(super) fn clicked(self, column: Column) -> Self {
        if self.column == column {
            Self { column, is_descending: !self.is_descending }
        } else {
            Self { column, is_descending: column == Column::Reported }
        }
    }
}

/// What the list is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query {
    /// Which issues.
    pub(super) lens: Lens,
    /// What map and list share.
    pub(super) filter: Filter,
    /// In what order.
    pub(super) sort: Sort,
}

impl Query {
    /// Whether what it asks for changes by time alone.
    pub(super) fn follows_time(&self) -> bool {
        self.lens.follows_time() || self.filter.overdue
    }
}

/// A key that sorts without looking at the issue; equal keys of texts are told apart by the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    value: u128,
    slot: u32,
}

/// The slots of the list, in order.
#[derive(Default)]
pub(super) struct Order {
    keys: Vec<Key>,
    query: Query,
    class: Option<u16>,
    community: Option<u16>,
    /// How many passed the lens, before the filter.
    total: usize,
}

impl Order {
    /// How many it shows.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many there would be without the filter.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// The slot in a row.
    pub(super) fn slot(&self, row: usize) -> Option<u32> {
        self.keys.get(row).map(|key| key.slot)
    }

    /// Sorts anew.
    pub(super) fn rebuild(&mut self, query: &Query, ledger: &Ledger, situation: &Situation, now: Now) {
        self.query.clone_from(query);
        self.class = query.filter.class.as_deref().map(|code| ledger.class_number(code));
        self.community = query.filter.community.as_deref().map(|code| ledger.community_number(code));
        self.total = 0;
        // With each key its text: looking it up again at each comparison would cost more than the sorting.
        let mut rows: Vec<(Key, &str)> = Vec::with_capacity(self.keys.len());
        for (slot, facts) in ledger.iter() {
            if !query.lens.shows(facts, now) {
                continue;
            }
            self.total += 1;
            if self.passes(facts, now) {
                rows.push(self.row(slot, facts, situation));
            }
        }
        rows.sort_unstable_by(|a, b| self.compare(*a, *b, ledger));
        self.keys.clear();
        self.keys.extend(rows.into_iter().map(|(key, _)| key));
    }

    /// Takes up the slots that changed; `true` if anything in the list did.
    pub(super) fn follow(
        &mut self,
        touched: &[u32],
        ledger: &Ledger,
        situation: &Situation,
        now: Now,
    ) -> bool {
        if touched.is_empty() {
            return false;
        }
        if touched.len() > MOST_SINGLE_CHANGES {
            let query = self.query.clone();
            self.rebuild(&query, ledger, situation, now);
            return true;
        }
        self.keys.retain(|key| !touched.contains(&key.slot));
        let mut once = touched.to_vec();
        once.sort_unstable();
        once.dedup();
        for slot in once {
            let Some(facts) = ledger.facts(slot) else { continue };
            if !self.query.lens.shows(facts, now) || !self.passes(facts, now) {
                continue;
            }
            let row = self.row(slot, facts, situation);
            let at = self.keys.partition_point(|held| {
                self.compare((*held, self.text(held.slot, situation)), row, ledger) == Ordering::Less
            });
            self.keys.insert(at, row.0);
        }
        self.total = ledger.iter().filter(|(_, facts)| self.query.lens.shows(facts, now)).count();
        true
    }

    fn passes(&self, facts: &Facts, now: Now) -> bool {
        let filter = &self.query.filter;
        filter.state.is_none_or(|state| facts.state == state)
            && self.class.is_none_or(|number| Ledger::has_class(facts, number))
            && self.community.is_none_or(|number| Ledger::has_community(facts, number))
            && (!filter.overdue || facts.is_overdue(now.secs))
    }

    /// A slot's key, and the text that tells it from others with the same key.
    fn row<'s>(&self, slot: u32, facts: &Facts, situation: &'s Situation) -> (Key, &'s str) {
        let text = self.text(slot, situation);
        let value = match self.query.sort.column {
            Column::State => u128::from(facts.state as u8),
            Column::Title | Column::Address if text.is_empty() => u128::MAX,
            Column::Title | Column::Address => prefix(text),
            Column::Reported => ordered(facts.reported_secs),
            Column::Remaining => ordered(facts.due_secs),
        };
        (Key { value, slot }, text)
    }

    /// What a column of texts says of a slot; nothing for the others.
    fn text<'s>(&self, slot: u32, situation: &'s Situation) -> &'s str {
        let text = match self.query.sort.column {
            Column::Title => situation.issue_at(slot).map(|issue| issue.title.as_str()),
            Column::Address => situation.issue_at(slot).and_then(|issue| issue.address.as_deref()),
            Column::State | Column::Reported | Column::Remaining => None,
        };
        text.unwrap_or_default()
    }

    fn compare(&self, a: (Key, &str), b: (Key, &str), ledger: &Ledger) -> Ordering {
        let by_value = a.0.value.cmp(&b.0.value).then_with(|| a.1.cmp(b.1));
        let by_value = if self.query.sort.is_descending { by_value.reverse() } else { by_value };
        let (a, b) = (a.0.slot, b.0.slot);
        let reported = |slot| ledger.facts(slot).map(|facts| facts.reported_secs);
        by_value.then_with(|| reported(b).cmp(&reported(a))).then_with(|| a.cmp(&b))
    }
}

/// Seconds as a number that sorts the same and has no sign.
fn ordered(secs: i64) -> u128 {
    u128::from(secs.cast_unsigned() ^ (1 << 63))
}

/// The first sixteen bytes of a text as a number that sorts the same.
fn prefix(text: &str) -> u128 {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(text.bytes()) {
        *byte = from;
    }
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::governance::{Issue, State, Update};
    use crate::viewer::panels::samples::{at, issue, situation};

    fn now() -> Now {
        Now::new(at("2026-09-15T10:00"), &TimeZone::get("Asia/Shanghai").expect("a zone"))
    }

    fn ids(order: &Order, held: &Situation) -> Vec<String> {
        (0..order.len()).filter_map(|row| Some(held.issue_at(order.slot(row)?)?.id.0.clone())).collect()
    }

    fn order(held: &Situation, query: &Query) -> (Ledger, Order) {
        let (mut ledger, mut order) = (Ledger::default(), Order::default());
        ledger.rebuild(held, &|_| None);
        order.rebuild(query, &ledger, held, now());
        (ledger, order)
    }

    fn three() -> Situation {
        let due = |id: &str, title: &str, time: &str, state| Issue {
            title: title.into(),
            due_at: Some(at(time)),
            ..issue(id, state)
        };
        situation(
            vec![
                due("b", "占道经营占道经营占道经营乙", "2026-09-15T12:00", State::Reported),
                due("a", "占道经营占道经营占道经营甲", "2026-09-15T09:00", State::Handling),
                due("c", "暴露垃圾", "2026-09-15T11:00", State::Closed),
            ],
            Vec::new(),
        )
    }

    #[test]
    fn what_presses_most_comes_first() {
        let held = three();
        let (_, order) = order(&held, &Query::default());
        assert_eq!(ids(&order, &held), ["a", "b"], "the closed one is not in the list of open ones");
    }

    #[test]
    fn texts_are_told_apart_beyond_their_beginning() {
        let held = three();
        let sort = Sort { column: Column::Title, is_descending: false };
        let query = Query { lens: Lens::All, sort, ..Query::default() };
        let (_, sorted) = order(&held, &query);
        assert_eq!(ids(&sorted, &held), ["b", "a", "c"], "乙 U+4E59 comes before 甲 U+7532");
        let query = Query { sort: sort.clicked(Column::Title), ..query };
        let (_, sorted) = order(&held, &query);
        assert_eq!(ids(&sorted, &held), ["c", "a", "b"]);
    }

    #[test]
    fn the_filter_is_the_one_that_the_map_has() {
        let held = three();
        let filter = Filter { state: Some(State::Reported), ..Filter::default() };
        let (_, order) = order(&held, &Query { filter, ..Query::default() });
        assert_eq!((ids(&order, &held), order.total()), (vec!["b".to_owned()], 2));
    }

    #[test]
    fn a_change_moves_one_row_and_a_new_one_comes_in_its_place() {
        let mut held = three();
        let (mut ledger, mut order) = order(&held, &Query::default());
        let moved = Issue { version: 5, due_at: Some(at("2026-09-15T13:00")), ..issue("a", State::Handling) };
        let new = Issue { due_at: Some(at("2026-09-15T12:30")), ..issue("n", State::Reported) };
        let changes = held.apply_all([Update::Issue(Box::new(moved)), Update::Issue(Box::new(new))]);
        let mut touched = Vec::new();
        ledger.follow(&changes, &held, &|_| None, &mut touched);
        assert!(order.follow(&touched, &ledger, &held, now()));
        assert_eq!(ids(&order, &held), ["b", "n", "a"]);
        let mut anew = Order::default();
        anew.rebuild(&Query::default(), &ledger, &held, now());
        assert_eq!(ids(&anew, &held), ids(&order, &held), "the same as sorted anew");
        assert_eq!(order.total(), anew.total());
    }

    #[test]
    fn a_column_clicked_twice_turns_round() {
        let sort = Sort::default().clicked(Column::Reported);
        assert!(sort.is_descending, "the newest first");
        assert!(!sort.clicked(Column::Reported).is_descending);
        assert!(!sort.clicked(Column::State).is_descending);
    }

    #[test]
    fn a_hundred_thousand_are_sorted() {
        let many = (0..100_000).map(|n| Issue {
            address: Some(format!("府山街道坊门街{}号", n * 7919 % 100_000)),
            ..issue(&format!("{n}"), State::Reported)
        });
        let held = situation(many.collect(), Vec::new());
        let sort = Sort { column: Column::Address, is_descending: false };
        let (mut ledger, mut order) = (Ledger::default(), Order::default());
        ledger.rebuild(&held, &|_| None);
        let start = std::time::Instant::now();
        order.rebuild(&Query { sort, ..Query::default() }, &ledger, &held, now());
        let sorted = start.elapsed();
        let start = std::time::Instant::now();
        let counts = ledger.counts(now());
        println!("100,000 issues: sorted by address in {sorted:?}, counted in {:?}", start.elapsed());
        assert_eq!((order.len(), counts.open), (100_000, 100_000));
        let address = |row| held.issue_at(order.slot(row)?)?.address.clone();
        assert!((1..order.len()).all(|row| address(row - 1) <= address(row)));
    }
}
