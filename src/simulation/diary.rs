//! Which patrols have to be where when.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::track::Visit;

/// A patrol has one visit in so much time.
const BETWEEN_VISITS: SignedDuration = SignedDuration::from_mins(25);

/// Which patrols have to be where when.
#[derive(Debug, Clone, Default)]
pub(super) struct Diary {
    visits: Vec<Visit>,
    taken: BTreeSet<(usize, Timestamp)>,
}

impl Diary {
    /// Whether a member has nothing else to do about a moment.
    pub(super) fn is_free(&self, member: usize, at: Timestamp) -> bool {
        let from = at.saturating_sub(BETWEEN_VISITS).unwrap_or(at);
        let to = at.saturating_add(BETWEEN_VISITS).unwrap_or(at);
        self.taken.range((member, from)..=(member, to)).next().is_none()
    }

    /// Notes that a member has to be somewhere.
    pub(super) fn note(&mut self, visit: Visit) {
        self.taken.insert((visit.member, visit.at));
        self.visits.push(visit);
    }

    /// The visits of a member in a span of time, in order.
    pub(super) fn of(&self, member: usize, from: Timestamp, to: Timestamp) -> Vec<Visit> {
        let mut visits: Vec<Visit> = self
            .visits
            .iter()
            .filter(|visit| visit.member == member && from <= visit.at && visit.at < to)
            .copied()
            .collect();
        visits.sort_by_key(|visit| visit.at);
        visits
    }

    /// Forgets what lies before a moment.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        self.visits.retain(|visit| visit.at >= at);
        self.taken.retain(|(_, then)| *then >= at);
    }
}
