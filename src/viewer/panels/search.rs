//! The search box as plain values: what was typed, what it finds among places and issues, and which hit is chosen.

use crate::city::search::{Hit, HitKind, Query, SearchIndex, SearchText};
use crate::feed::Situation;
use crate::governance::{Issue, State};
use crate::viewer::selection::Selection;

/// How many hits are shown.
const MOST_HITS: usize = 10;
/// How many of them may be issues, where places answer as well.
const MOST_ISSUES: usize = 5;
/// How many issues are prepared in one frame, ahead of any search.
const PREPARED_A_FRAME: usize = 200;

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The key of what sort of thing it is.
    pub(super) kind_key: &'static str,
    /// The mark before it, where it is an issue.
    pub(super) state: Option<State>,
    /// What it is called.
    pub(super) name: String,
    /// What tells it from others.
    pub(super) detail: String,
    /// Where it leads.
    pub(super) selection: Selection,
    score: u32,
}

impl Found {
    fn place(hit: Hit) -> Self {
        let [east, north] = hit.at;
        // An area is chosen itself, not a point in it.
        let selection = match (hit.building, hit.area) {
            (Some(building), _) => Selection::Building(building.0),
            (None, Some(area)) => Selection::Area(area),
            (None, None) => {
                Selection::Place { at: (east.round() as i32, -north.round() as i32), name: hit.name.clone() }
            }
        };
        Self {
            kind_key: match hit.kind {
                HitKind::Building => "search-kind-building",
                HitKind::Address => "search-kind-address",
                HitKind::Road => "search-kind-road",
                HitKind::Compound => "search-kind-compound",
                HitKind::Community => "search-kind-community",
                HitKind::Place => "search-kind-place",
            },
            state: None,
            name: hit.name,
            detail: hit.detail.unwrap_or_default(),
            selection,
            score: hit.score,
        }
    }

    fn issue(issue: &Issue, score: u32) -> Self {
        Self {
            kind_key: "search-kind-issue",
            state: Some(issue.state),
            name: issue.title.clone(),
            detail: issue.address.clone().unwrap_or_else(|| issue.id.0.clone()),
            selection: Selection::Issue(issue.id.clone()),
            score,
        }
    }
}

/// The texts of issues, prepared for searching, by slot.
#[derive(Default)]
pub(super) struct IssueTexts {
    texts: Vec<Option<SearchText>>,
    next: usize,
}

impl IssueTexts {
    /// Forgets the texts of slots that changed.
    pub(super) fn forget(&mut self, touched: &[u32]) {
        for slot in touched {
            if let Some(text) = self.texts.get_mut(*slot as usize) {
                *text = None;
                self.next = self.next.min(*slot as usize);
            }
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Prepares a few more, so that the first search need not wait for all of them.
    pub(super) fn prepare_some(&mut self, situation: &Situation, slots: usize) {
        let end = (self.next + PREPARED_A_FRAME).min(slots);
        while self.next < end {
            self.prepare(situation, self.next as u32);
            self.next += 1;
        }
    }

    fn prepare(&mut self, situation: &Situation, slot: u32) {
        let index = slot as usize;
        if self.texts.len() <= index {
            self.texts.resize(index + 1, None);
        }
        if let (Some(text @ None), Some(issue)) = (self.texts.get_mut(index), situation.issue_at(slot)) {
            let address = issue.address.as_deref().unwrap_or_default();
            *text = Some(SearchText::new(&format!(
                "{} {} {address} {}",
                issue.title, issue.class_name, issue.id.0
            )));
        }
    }

    fn find(&mut self, query: &Query, situation: &Situation, slots: usize) -> Vec<Found> {
        let mut hits: Vec<(bool, u32, u32)> = Vec::new();
        for slot in 0..slots as u32 {
            self.prepare(situation, slot);
            let text = self.texts.get(slot as usize).and_then(Option::as_ref);
            let Some(score) = text.and_then(|text| query.score(text)) else { continue };
            let is_open = situation.issue_at(slot).is_some_and(|issue| issue.state.is_open());
            hits.push((is_open, score, slot));
        }
        // The open ones first: the closed are found when nothing else answers.
        hits.sort_unstable_by(|a, b| b.cmp(a));
        hits.truncate(MOST_HITS);
        hits.iter()
            .filter_map(|(_, score, slot)| Some(Found::issue(situation.issue_at(*slot)?, *score)))
            .collect()
    }
}

/// What answers, the best first.
pub(super) fn find(
    typed: &str,
    places: Option<&SearchIndex>,
    issues: &mut IssueTexts,
    situation: &Situation,
    slots: usize,
) -> Vec<Found> {
    let query = Query::new(typed);
    if query.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Found> = places
        .map(|index| index.find(&query, MOST_HITS))
        .unwrap_or_default()
        .into_iter()
        .map(Found::place)
        .collect();
    let issues = issues.find(&query, situation, slots);
    let room = (MOST_HITS - found.len().min(MOST_HITS)).max(MOST_ISSUES);
    found.truncate(MOST_HITS - issues.len().min(room));
    found.extend(issues.into_iter().take(room));
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

/// What is in the box.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SearchBox {
    /// What was typed.
    pub(super) typed: String,
    /// What it finds.
    pub(super) found: Vec<Found>,
    /// Which of them is chosen.
    pub(super) chosen: usize,
    /// The box is to take the keyboard.
    pub(super) wants_focus: bool,
    /// What was typed has changed and not been looked for.
    pub(super) is_stale: bool,
    /// The hits are shown.
    pub(super) is_open: bool,
    /// The chosen hit is to be gone to as soon as what was typed has been looked for.
    pub(super) enters: bool,
}

impl SearchBox {
    /// Empties it.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes what was found.
    pub(super) fn take(&mut self, found: Vec<Found>) {
        self.chosen = 0;
        self.is_stale = false;
        self.found = found;
    }

    /// Moves the choice up or down, within the hits.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.found.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::panels::samples::{issue, situation};

    fn held() -> Situation {
        let titled = |id: &str, title: &str, state| Issue { title: title.into(), ..issue(id, state) };
        situation(
            vec![
                titled("1", "占道经营", State::Closed),
                titled("2", "占道经营", State::Handling),
                titled("3", "井盖缺失", State::Reported),
            ],
            Vec::new(),
        )
    }

    fn ids(typed: &str, held: &Situation) -> Vec<String> {
        find(typed, None, &mut IssueTexts::default(), held, 3)
            .into_iter()
            .map(|found| match found.selection {
                Selection::Issue(id) => id.0,
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn issues_are_found_by_characters_sound_initials_and_address() {
        let held = held();
        assert_eq!(ids("井盖", &held), ["3"]);
        assert_eq!(ids("jinggai", &held), ["3"]);
        assert_eq!(ids("jgqs", &held), ["3"]);
        assert_eq!(ids("坊门街", &held).len(), 3);
        assert!(ids("不存在", &held).is_empty() && ids("  ", &held).is_empty());
    }

    #[test]
    fn open_ones_come_before_closed_ones() {
        assert_eq!(ids("zdjy", &held()), ["2", "1"]);
    }

    #[test]
    fn a_changed_issue_is_found_by_its_new_words() {
        let mut held = held();
        let mut texts = IssueTexts::default();
        texts.prepare_some(&held, 3);
        let new = Issue { title: "路灯不亮".into(), version: 2, ..issue("3", State::Reported) };
        held.apply(crate::governance::Update::Issue(Box::new(new)));
        let slot = held.issue_slot(&crate::governance::IssueId("3".into())).expect("held");
        texts.forget(&[slot]);
        assert_eq!(find("路灯", None, &mut texts, &held, 3).len(), 1);
        assert!(find("井盖", None, &mut texts, &held, 3).is_empty());
    }

    #[test]
    fn the_choice_stays_within_the_hits() {
        let mut search = SearchBox::default();
        search.step(1);
        assert_eq!(search.chosen, 0);
        search.take(find("占道", None, &mut IssueTexts::default(), &held(), 3));
        search.step(5);
        assert_eq!(search.chosen, 1);
        search.step(-9);
        assert_eq!(search.chosen, 0);
    }
}
