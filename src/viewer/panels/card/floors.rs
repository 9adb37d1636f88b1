//! The part of a building's card about its storeys.

use super::{Section, Sources};
use crate::city::{BuildingRef, storey_in};
use crate::governance::Issue;

/// What is known of the fan of storeys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::viewer::panels) struct FanState {
    /// The storeys of the chosen building are drawn apart.
    pub(in crate::viewer::panels) is_open: bool,
    /// The chosen storey, 1 for the lowest.
    pub(in crate::viewer::panels) chosen: Option<u16>,
}

/// The storeys of a building, to be chosen from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::viewer::panels) struct Floors {
    /// How they stand.
    pub(in crate::viewer::panels) fan: FanState,
    /// How many open issues name each, the lowest first.
    pub(in crate::viewer::panels) issues: Vec<usize>,
}

impl Sources<'_> {
    /// The storeys of a building, where their number is known and more than one.
    pub(super) fn floors(&self, building: BuildingRef<'_>) -> Option<Floors> {
        let count = building.given_levels().filter(|levels| *levels > 1)?;
        let mut issues = vec![0; usize::from(count)];
        for storey in self.open_issues_at(building).filter_map(storey_of) {
            if let Some(held) = issues.get_mut(usize::from(storey) - 1) {
                *held += 1;
            }
        }
        Some(Floors { fan: self.fan, issues })
    }

    /// The open issues that name the chosen storey.
    pub(super) fn issues_on_floor(&self, building: BuildingRef<'_>) -> Option<Section> {
        let storey = self.fan.chosen?;
        let links = self
            .open_issues_at(building)
            .filter(|issue| storey_of(issue) == Some(storey))
            .map(|issue| self.issue_link(issue))
            .collect();
        Some(Section {
            title: self.speech.count("card-floor-issues", usize::from(storey)),
            links,
            lines: Vec::new(),
            empty: self.speech.owned(self.arrival.nothing("card-no-floor-issues")),
        })
    }

    fn open_issues_at(&self, building: BuildingRef<'_>) -> impl Iterator<Item = &Issue> {
        let slots = self.ledger.open_at(building.index().0, usize::MAX);
        slots.into_iter().filter_map(|slot| self.situation.issue_at(slot))
    }
}

/// The storey that an issue's address names, else its title or description.
fn storey_of(issue: &Issue) -> Option<u16> {
    let address = issue.address.as_deref().unwrap_or_default();
    [address, &issue.title, &issue.description].into_iter().find_map(storey_in)
}
