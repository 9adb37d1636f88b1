//! Which building each issue is at, found once for every change.
//!
//! Reads [`SituationChanged`]; owns [`Located`], by the situation's slots; markers, colourings and panels look there.

use bevy::prelude::*;

use super::place::Stand;
use super::situation::{Live, SituationChanged};
use super::slots;
use crate::governance::Issue;

/// No building.
const NONE: u32 = u32::MAX;

/// The buildings of one issue.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    at: u32,
    below: u32,
}

impl Found {
    const NOTHING: Self = Self { at: NONE, below: NONE };

    fn of(issue: &Issue, stand: &Stand) -> Self {
        let below = issue.place.and_then(|place| stand.building_below(place));
        // The one that it names, else the one that its place lies in.
        let named = issue.building.as_deref().and_then(|id| stand.city().find(id));
        let at = named.map(|index| index.0).or(below);
        Self { at: at.unwrap_or(NONE), below: below.unwrap_or(NONE) }
    }
}

/// The buildings of all issues, by slot.
#[derive(Resource, Default)]
pub(super) struct Located(Vec<Found>);

impl Located {
    /// The building that an issue is at: the one it names, else the one that its place lies in.
    pub(super) fn building(&self, slot: u32) -> Option<u32> {
        self.found(slot).map(|found| found.at).filter(|building| *building != NONE)
    }

    /// The building whose footprint the place of an issue lies in, whatever it names.
    pub(super) fn below(&self, slot: u32) -> Option<u32> {
        self.found(slot).map(|found| found.below).filter(|building| *building != NONE)
    }

    fn found(&self, slot: u32) -> Option<Found> {
        self.0.get(slot as usize).copied()
    }

    fn put(&mut self, slot: u32, found: Found) {
        if let Some(held) = slots::entry(&mut self.0, slot, || Found::NOTHING) {
            *held = found;
        }
    }
}

/// After the situation is that of this frame, and before anybody who follows it.
pub(super) fn locate(
    mut changed: MessageReader<SituationChanged>,
    live: Res<Live>,
    stand: Res<Stand>,
    mut located: ResMut<Located>,
) {
    let situation = &live.situation;
    if stand.is_added() {
        // What came before the city was there.
        located.0.clear();
        for (slot, issue) in situation.issues_by_slot() {
            located.put(slot, Found::of(issue, &stand));
        }
        changed.clear();
    }
    for SituationChanged(changes) in changed.read() {
        for gone in &changes.issues_removed {
            located.put(gone.slot, Found::NOTHING);
        }
        for slot in &changes.issues {
            if let Some(issue) = situation.issue_at(*slot) {
                located.put(*slot, Found::of(issue, &stand));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_of_a_slot_that_nobody_has() {
        let mut located = Located::default();
        located.put(2, Found { at: 7, below: NONE });
        assert_eq!((located.building(2), located.below(2)), (Some(7), None));
        assert_eq!((located.building(1), located.below(9)), (None, None));
        located.put(2, Found::NOTHING);
        assert_eq!(located.building(2), None);
    }
}
