//! Where issues are: the building and the place of each, found once for every change, a bounded number a frame.

use bevy::prelude::*;

use super::waiting::Waiting;
use crate::feed::{Changes, Situation};
use crate::governance::Issue;
use crate::viewer::located::Located;
use crate::viewer::place::Stand;
use crate::viewer::slots;

/// Issues that are looked at in one frame: a snapshot brings thousands, and all of them when the city has come.
const MOST_A_FRAME: usize = 4_000;

/// What colourings know of an issue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Site {
    /// The building that it is at.
    pub(super) building: Option<u32>,
    /// `[east, north]` in metres; `None` while nobody has placed it.
    pub(super) place: Option<[f64; 2]>,
    /// Whether somebody still has to do something about it.
    pub(super) is_open: bool,
    /// When it was reported, seconds.
    pub(super) reported_secs: i64,
}

impl Site {
    fn of(issue: &Issue, building: Option<u32>, stand: &Stand) -> Self {
        Self {
            building,
            place: issue.place.map(|place| stand.place.frame.project(place)),
            is_open: issue.state.is_open(),
            reported_secs: issue.reported_at.as_second(),
        }
    }
}

/// What became of an issue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SiteChange {
    /// What was known of it.
    pub(super) before: Option<Site>,
    /// What is known of it; `None` if it is gone.
    pub(super) after: Option<Site>,
}

/// Every issue, by slot.
#[derive(Resource, Default)]
pub(super) struct IssueSites {
    slots: Vec<Option<Site>>,
    waiting: Waiting,
}

impl IssueSites {
    /// Every site.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Site> {
        self.slots.iter().flatten()
    }

    /// Whether something waits to be looked at.
    pub(super) fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Forgets everything and looks at every issue again.
    pub(super) fn restart(&mut self, situation: &Situation) {
        *self = Self::default();
        for (slot, _) in situation.issues_by_slot() {
            self.waiting.wait(slot);
        }
    }

    /// Takes what changed.
    pub(super) fn follow(&mut self, changes: &Changes) {
        for slot in changes.issues_removed.iter().map(|gone| &gone.slot).chain(&changes.issues) {
            self.waiting.wait(*slot);
        }
    }

    /// Looks at some of what waits.
    pub(super) fn take(
        &mut self,
        situation: &Situation,
        located: &Located,
        stand: &Stand,
    ) -> Vec<SiteChange> {
        self.take_with(|slot| Some(Site::of(situation.issue_at(slot)?, located.building(slot), stand)))
    }

    fn take_with(&mut self, look: impl Fn(u32) -> Option<Site>) -> Vec<SiteChange> {
        let mut changes = Vec::new();
        for slot in self.waiting.take(MOST_A_FRAME) {
            let Some(held) = slots::entry(&mut self.slots, slot, || None) else { continue };
            let after = look(slot);
            let before = std::mem::replace(held, after);
            if before != after {
                changes.push(SiteChange { before, after });
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Site = Site { building: Some(7), place: None, is_open: true, reported_secs: 0 };

    #[test]
    fn an_issue_that_changes_twice_is_looked_at_once_and_a_flood_over_frames() {
        let mut sites = IssueSites::default();
        for slot in (0..5000).chain(0..5000) {
            sites.waiting.wait(slot);
        }
        assert_eq!(sites.take_with(|_| Some(SITE)).len(), 4000);
        assert!(sites.is_behind());
        assert_eq!(sites.take_with(|_| Some(SITE)).len(), 1000);
        assert!(!sites.is_behind());
        sites.waiting.wait(5);
        assert_eq!(sites.take_with(|_| Some(SITE)), [], "nothing that is shown has changed");
        sites.waiting.wait(5);
        assert_eq!(sites.take_with(|_| None), [SiteChange { before: Some(SITE), after: None }]);
        assert_eq!(sites.iter().count(), 4999);
    }
}
