//! The course of every issue, in memory, caught up from the log of events whenever somebody asks.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use jiff::tz::TimeZone;
use tokio::sync::Mutex;

use crate::governance::calendar::WorkCalendar;
use crate::governance::indicators::{Companies, Course, Word, Words};
use crate::governance::organisation::UnitKind;
use crate::governance::{Event, IssueId};
use crate::server::organisation::Organisation;
use crate::server::store::log::Logged;
use crate::server::store::{Store, StoreError};

/// Events that are read from the store at once.
const PAGE: u32 = 5_000;

/// What is known of all issues up to one event.
#[derive(Default)]
pub(in crate::server) struct Courses {
    /// In the order of arrival.
    all: Vec<Course>,
    /// By the issue's place in the store.
    places: HashMap<i64, usize>,
    words: Words,
    last_event: u64,
}

/// Courses that several requests share.
#[derive(Clone)]
pub(in crate::server) struct Ledger {
    courses: Arc<RwLock<Courses>>,
    /// Held by whoever catches up, so that no event is taken twice.
    catching_up: Arc<Mutex<()>>,
    /// The clocks of the place.
    pub(super) zone: TimeZone,
}

impl Ledger {
    /// An empty one; its days are those of the work calendar.
    pub(in crate::server) fn new(calendar: &WorkCalendar) -> Self {
        Self { courses: Arc::default(), catching_up: Arc::default(), zone: calendar.zone().clone() }
    }

    /// Looks at all courses, after everything that the store has is in them.
    ///
    /// Both the reading of events and the looking run beside the threads that answer.
    pub(in crate::server) async fn look<T: Send + 'static>(
        &self,
        store: &dyn Store,
        look: impl FnOnce(&Courses) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.catch_up(store).await?;
        let courses = Arc::clone(&self.courses);
        beside(move || look(&courses.read().unwrap_or_else(PoisonError::into_inner))).await
    }

    /// Takes all that the store has, so that the first question is not the one that waits for it.
    ///
    /// Dropped half way it has done no harm: what it took is taken, and a question takes the rest.
    pub(in crate::server) async fn warm(&self, store: &dyn Store) {
        let began = Instant::now();
        match self.catch_up(store).await {
            Ok(()) => {
                let issues = self.courses.read().unwrap_or_else(PoisonError::into_inner).all.len();
                tracing::debug!(issues, took = ?began.elapsed(), "figures can be asked for");
            }
            // Whoever asks tries again, and is told.
            Err(error) => tracing::warn!(%error, "the courses of issues cannot be read yet"),
        }
    }

    async fn catch_up(&self, store: &dyn Store) -> Result<(), StoreError> {
        let _alone = self.catching_up.lock().await;
        loop {
            let after = self.courses.read().unwrap_or_else(PoisonError::into_inner).last_event;
            let page = store.log_after(after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            if !page.is_empty() {
                let courses = Arc::clone(&self.courses);
                let take = move || courses.write().unwrap_or_else(PoisonError::into_inner).take(page);
                beside(take).await??;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// Which company runs which compound now.
pub(super) fn companies(organisation: &Organisation) -> Companies {
    let standing = organisation.standing();
    let compounds = standing.units.iter().filter(|((kind, _), _)| *kind == UnitKind::Compound);
    let run = compounds.filter_map(|((_, code), held)| {
        Some((code.clone(), Word::from(held.unit.as_ref()?.unit.company()?)))
    });
    run.collect()
}

/// Runs work that takes long on a thread that does not answer requests.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let failed = |error: tokio::task::JoinError| StoreError::Damaged(format!("counting failed: {error}"));
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

impl Courses {
    /// Every course, in the order of arrival.
    pub(in crate::server) fn all(&self) -> &[Course] {
        &self.all
    }

    /// The course of the issue with this place in the store.
    pub(in crate::server) fn get(&self, seq: i64) -> Option<&Course> {
        self.places.get(&seq).and_then(|place| self.all.get(*place))
    }

    /// The last event that is in them.
    pub(in crate::server) fn last_event(&self) -> u64 {
        self.last_event
    }

    fn take(&mut self, page: Vec<Logged>) -> Result<(), StoreError> {
        for Logged { number, seq, issue, event } in page {
            // Whoever gave up while this was being taken has let somebody else read the same page.
            if number <= self.last_event {
                continue;
            }
            let event: Event = serde_json::from_str(&event)?;
            match self.places.get(&seq).and_then(|place| self.all.get_mut(*place)) {
                Some(course) => course.follow(&event, &mut self.words),
                None => {
                    let begun = Course::begin(IssueId(issue), &event, &mut self.words);
                    let course = begun.ok_or_else(|| {
                        StoreError::Damaged(format!("event {number}: it begins an issue without a report"))
                    })?;
                    self.places.insert(seq, self.all.len());
                    self.all.push(course);
                }
            }
            self.last_event = number;
        }
        Ok(())
    }
}
