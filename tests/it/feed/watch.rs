//! Somebody who looks on: a real feed, and the situation that it is applied to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use url::Url;
use yunfushan::feed::{Delivery, Feed, FeedConfig, Situation};
use yunfushan::governance::{FeedState, IssueId};

/// After this a test has waited in vain.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Watch {
    pub(super) feed: Feed,
    pub(super) situation: Situation,
    /// The versions told so far: each must be higher than the one before, or something came twice.
    told: BTreeMap<IssueId, u64>,
}

/// The usual settings, but for how long is waited.
pub(super) fn config(url: Url, token: &str) -> FeedConfig {
    FeedConfig {
        silence: Duration::from_secs(7),
        request_timeout: Duration::from_secs(2),
        ..FeedConfig::new(url, Some(token.to_owned()))
    }
}

impl Watch {
    pub(super) fn start(config: FeedConfig) -> Self {
        let feed = Feed::start(config).expect("a feed starts");
        Self { feed, situation: Situation::default(), told: BTreeMap::new() }
    }

    /// Applies what has arrived.
    pub(super) fn look(&mut self) {
        let deliveries = self.feed.drain(usize::MAX, usize::MAX);
        if deliveries.contains(&Delivery::Reset) {
            self.told.clear();
        }
        for slot in self.situation.apply_all(deliveries).issues {
            let issue = self.situation.issue_at(slot).expect("what is told as changed is there");
            let (id, version) = (&issue.id, issue.version);
            let before = self.told.insert(id.clone(), version);
            assert!(before.is_none_or(|before| before < version), "{}: {before:?}, then {version}", id.0);
        }
    }

    /// Applies what arrives until something holds; fails with what was waited for.
    pub(super) fn until(&mut self, what: &str, holds: impl Fn(&Situation) -> bool) {
        let start = Instant::now();
        loop {
            self.look();
            if holds(&self.situation) {
                return;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain until {what}; the feed is {:?}, issues {:?}",
                self.situation.feed(),
                self.issues()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(super) fn until_live(&mut self, what: &str) {
        self.until(what, |situation| matches!(situation.feed(), FeedState::Live { .. }));
    }

    /// Waits until the connection is lost for a reason that has something in it; gives the whole reason.
    pub(super) fn until_lost_because(&mut self, what: &str, expected: &str) -> String {
        self.until(&format!("{what}: {expected:?}"), |situation| {
            matches!(situation.feed(), FeedState::Lost { reason, .. } if reason.contains(expected))
        });
        self.until_lost(what)
    }

    /// Waits until the connection is lost, and gives the reason.
    pub(super) fn until_lost(&mut self, what: &str) -> String {
        self.until(what, |situation| matches!(situation.feed(), FeedState::Lost { .. }));
        match self.situation.feed() {
            FeedState::Lost { reason, .. } => reason.clone(),
            state => panic!("{what}: {state:?}"),
        }
    }

    /// The version of each issue. An issue held twice fails.
    pub(super) fn issues(&self) -> BTreeMap<String, u64> {
        let mut issues = BTreeMap::new();
        for issue in self.situation.issues() {
            let twice = issues.insert(issue.id.0.clone(), issue.version);
            assert_eq!(twice, None, "{} is held twice", issue.id.0);
        }
        assert_eq!(issues.len(), self.situation.issue_count());
        issues
    }

    /// The version of each patrol.
    pub(super) fn patrols(&self) -> BTreeMap<String, u64> {
        self.situation.patrols().map(|held| (held.patrol.id.0.clone(), held.patrol.version)).collect()
    }
}
