//! Snapshot, then stream, for as long as it takes.
//!
//! The order of DESIGN section 6: the first page of the issues names the last event before it; the stream is opened from
//! that number before anything else is read, and runs beside the further pages.
//! What arrives on it is passed on at once instead of being kept until the snapshot is read: versions and tombstones
//! decide in the [`super::Situation`], so a page that was read before an event and arrives after it changes nothing.
//! The end of the snapshot names what the pages had and what the stream brought meanwhile.
//! Patrols carry no numbers, so they are read after the stream is open, also when it was resumed.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::backoff::Backoff;
use super::events::SseParser;
use super::outlet::Outlet;
use super::snapshot::{HasId, PageError, Pager};
use super::transport::{Answer, AnswerError, Body, Get, Transport, TransportError, read_whole, require_ok};
use super::{Delivery, FeedConfig};
use crate::clock::Clock;
use crate::governance::wire::{Heartbeat, Item, Page, StreamEvent};
use crate::governance::{FeedState, Health, Issue, IssueId, Patrol, PatrolId, ServerClock, Update};

/// The longest wait that a server may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);
/// The most bytes of `/health`.
const MAX_HEALTH_BYTES: usize = 64 * 1024;
/// A reading of the clock that differs by less than this, in real time, is the way of the message: it is not applied,
/// so that ages do not jump back and forth.
const CLOCK_JITTER_SECS: f64 = 0.25;
/// The state is told again at most so often while the stream runs.
const TELL_EVERY: SignedDuration = SignedDuration::from_millis(500);

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error("{what}: {source}")]
    Answer { what: &'static str, source: AnswerError },
    #[error("{what}: {source}")]
    Page { what: &'static str, source: PageError },
    #[error("the server does not say which event its snapshot follows (no Event-Id)")]
    NoEventId,
    #[error("the event stream broke off: {0}")]
    Broken(TransportError),
    #[error("the server ended the event stream")]
    Ended,
    #[error("nothing was heard for {} seconds", .0.as_secs())]
    Silent(Duration),
    #[error("{what} took longer than {} seconds", .limit.as_secs())]
    Slow { what: &'static str, limit: Duration },
}

/// A feed at work.
pub(super) struct Live<T> {
    pub(super) transport: T,
    pub(super) config: FeedConfig,
    pub(super) outlet: Outlet,
    pub(super) skipped: Arc<AtomicU64>,
    memory: Memory,
}

/// What outlives a connection.
#[derive(Debug, Default)]
struct Memory {
    /// Where the stream can be resumed; only once a snapshot was read whole.
    resume_from: Cell<Option<u64>>,
    /// The highest event that was ever heard of.
    highest_event: Cell<u64>,
    /// Since when there is no connection.
    lost_since: Cell<Option<Timestamp>>,
    clock: Cell<Option<ServerClock>>,
    told_at: Cell<Option<Timestamp>>,
}

/// What a load read.
enum Loaded {
    Everything(Vec<IssueId>, Vec<PatrolId>),
    Patrols(Vec<PatrolId>),
}

/// What the stream brought while pages were being read.
#[derive(Default)]
struct Meanwhile {
    issues: BTreeSet<IssueId>,
    patrols: BTreeSet<PatrolId>,
}

type Stream<B> = (B, SseParser);

impl<T: Transport> Live<T> {
    pub(super) fn new(transport: T, config: FeedConfig, outlet: Outlet, skipped: Arc<AtomicU64>) -> Self {
        Self { transport, config, outlet, skipped, memory: Memory::default() }
    }

    /// Connects, follows, and connects again; where it is refused it waits until somebody else asks.
    pub(super) async fn run(&self, mut chance: impl FnMut() -> f64) -> Infallible {
        let mut backoff = Backoff::default();
        loop {
            self.outlet.put_state(FeedState::Connecting);
            // Waited for from before the first request on, so that none is missed.
            tokio::select! {
                biased;
                () = self.transport.renewed() => {}
                never = self.connect_again(&mut backoff, &mut chance) => match never {},
            }
            tracing::info!("somebody else asks from now on; everything is read anew");
            self.begin_anew().await;
            backoff = Backoff::default();
        }
    }

    /// Forgets what was read, which may have been masked for whoever asked.
    async fn begin_anew(&self) {
        self.memory.resume_from.set(None);
        self.memory.highest_event.set(0);
        self.memory.lost_since.set(None);
        self.outlet.put(Delivery::Reset).await;
    }

    async fn connect_again(&self, backoff: &mut Backoff, chance: &mut impl FnMut() -> f64) -> Infallible {
        loop {
            let Err(error) = self.session(backoff).await;
            if let SessionError::Answer { source: AnswerError::Refused { .. }, .. } = error {
                let reason = format!("{error}; give the right token or log in: {}", self.config.base_url);
                tracing::error!("{reason}");
                self.outlet.put_state(FeedState::Refused { reason });
                return std::future::pending().await;
            }
            let mut wait = backoff.next_wait(chance());
            if let SessionError::Answer {
                source: AnswerError::Status { retry_after_secs: Some(secs), .. },
                ..
            } = error
            {
                wait = wait.max(Duration::from_secs(secs)).min(MAX_RETRY_AFTER);
            }
            let now = Clock::real_now();
            let since = self.memory.lost_since.get().unwrap_or(now);
            self.memory.lost_since.set(Some(since));
            let retry_at = now
                .saturating_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO))
                .unwrap_or(now);
            tracing::warn!(attempt = backoff.failures(), "{error}: {}", self.config.base_url);
            self.outlet.put_state(FeedState::Lost { since, reason: error.to_string(), retry_at });
            tokio::time::sleep(wait).await;
        }
    }

    /// One connection, from the first request to whatever ends it.
    async fn session(&self, backoff: &mut Backoff) -> Result<Infallible, SessionError> {
        self.ask_health().await?;
        if let Some(from) = self.memory.resume_from.get() {
            match self.open_stream(from).await {
                Ok(stream) => return self.follow(stream, from, self.load_patrols_alone(), backoff).await,
                Err(SessionError::Answer { source: AnswerError::Status { status, .. }, .. })
                    if (400..500).contains(&status) && status != 429 =>
                {
                    tracing::info!(from, status, "the stream cannot be resumed; a new snapshot is taken");
                }
                Err(error) => return Err(error),
            }
        }
        self.memory.resume_from.set(None);
        let what = "reading issues";
        let mut pager = Pager::new(self.items_url(Issue::COLLECTION));
        let (first, event_id) = self.read_page::<Issue>(&mut pager, what).await?;
        let event_id = event_id.ok_or(SessionError::NoEventId)?;
        if event_id < self.memory.highest_event.get() {
            tracing::warn!("the server has another database than before; everything is read anew");
            self.memory.highest_event.set(event_id);
            self.outlet.put(Delivery::Reset).await;
        }
        self.memory.highest_event.set(self.memory.highest_event.get().max(event_id));
        let stream = self.open_stream(event_id).await?;
        self.follow(stream, event_id, self.load_everything(first, pager), backoff).await
    }

    async fn ask_health(&self) -> Result<(), SessionError> {
        let what = "asking how the server is";
        let body = self.get_whole("health", what, MAX_HEALTH_BYTES).await;
        match body {
            Ok(body) => match serde_json::from_slice::<Health>(&body) {
                Ok(health) => {
                    let heartbeat = Heartbeat { clock: health.clock, simulated: health.simulated };
                    self.hear_clock(heartbeat.arrived()).await;
                    Ok(())
                }
                Err(error) => {
                    let begins = String::from_utf8_lossy(&body).trim_start().chars().take(60).collect();
                    let source = PageError::Unreadable { source: error.into(), begins };
                    Err(SessionError::Page { what, source })
                }
            },
            // A server without it may still have all the rest; its clock comes with the first heartbeat.
            Err(SessionError::Answer { source: AnswerError::Status { status: 404, .. }, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn hear_clock(&self, clock: ServerClock) {
        let is_news = self.memory.clock.get().is_none_or(|held| {
            let apart = held.clock.now().duration_since(clock.clock.now()).as_secs_f64().abs();
            held.simulated != clock.simulated
                || (held.clock.rate() - clock.clock.rate()).abs() > f64::EPSILON
                || apart > CLOCK_JITTER_SECS * clock.clock.rate().max(1.0)
        });
        if is_news {
            self.memory.clock.set(Some(clock));
            self.outlet.put(Update::Clock(clock).into()).await;
        }
    }

    async fn load_everything(&self, first: Page<Issue>, pager: Pager) -> Result<Loaded, SessionError> {
        let issues = self.load(first, pager, |issue: Issue| Update::Issue(Box::new(issue))).await?;
        Ok(Loaded::Everything(
            issues.into_iter().map(IssueId).collect(),
            self.load_patrols().await?.into_iter().map(PatrolId).collect(),
        ))
    }

    async fn load_patrols_alone(&self) -> Result<Loaded, SessionError> {
        Ok(Loaded::Patrols(self.load_patrols().await?.into_iter().map(PatrolId).collect()))
    }

    async fn load_patrols(&self) -> Result<Vec<String>, SessionError> {
        let mut pager = Pager::new(self.items_url(Patrol::COLLECTION));
        let (first, _) = self.read_page::<Patrol>(&mut pager, "reading patrols").await?;
        self.load(first, pager, |patrol: Patrol| Update::Patrol(Box::new(patrol))).await
    }

    /// Passes a first page on, and all further ones; gives the ids that were there.
    async fn load<I: Item + HasId>(
        &self,
        first: Page<I>,
        mut pager: Pager,
        into_update: impl Fn(I) -> Update,
    ) -> Result<Vec<String>, SessionError> {
        let mut ids = Vec::new();
        let mut page = first;
        loop {
            for refused in &page.refused {
                self.skip(format_args!("{} feature {}: {}", I::COLLECTION, refused.index, refused.reason));
            }
            for item in page.items {
                ids.push(item.id_text().to_owned());
                self.outlet.put(into_update(item).into()).await;
            }
            if pager.next().is_none() {
                break;
            }
            (page, _) = self.read_page(&mut pager, "reading a further page").await?;
        }
        if pager.repeated() {
            tracing::warn!(
                collection = I::COLLECTION,
                "the server repeats its pages; there may be more than it gives"
            );
        }
        Ok(ids)
    }

    async fn read_page<I: Item + HasId>(
        &self,
        pager: &mut Pager,
        what: &'static str,
    ) -> Result<(Page<I>, Option<u64>), SessionError> {
        let url = pager.next().cloned().unwrap_or_else(|| self.items_url(I::COLLECTION));
        let get = Get { url, accept: "application/geo+json, application/json", last_event_id: None };
        let (head_event_id, body) = self.fetch(get, what, self.config.max_page_bytes).await?;
        let page = pager.take::<I>(&body).map_err(|source| SessionError::Page { what, source })?;
        let event_id = page.event_id.or(head_event_id);
        Ok((page, event_id))
    }

    async fn get_whole(&self, path: &str, what: &'static str, limit: usize) -> Result<Vec<u8>, SessionError> {
        let get = Get { url: self.url(path), accept: "application/json", last_event_id: None };
        Ok(self.fetch(get, what, limit).await?.1)
    }

    async fn fetch(
        &self,
        get: Get,
        what: &'static str,
        limit_bytes: usize,
    ) -> Result<(Option<u64>, Vec<u8>), SessionError> {
        let whole = async {
            let answer = require_ok(self.transport.get(get).await?).await?;
            let event_id = answer.event_id;
            Ok((event_id, read_whole(answer, limit_bytes).await?))
        };
        let limit = self.config.request_timeout;
        tokio::time::timeout(limit, whole)
            .await
            .map_err(|_elapsed| SessionError::Slow { what, limit })?
            .map_err(|source| SessionError::Answer { what, source })
    }

    async fn open_stream(&self, from: u64) -> Result<Stream<T::Body>, SessionError> {
        let what = "opening the event stream";
        let get =
            Get { url: self.url("api/v1/events"), accept: "text/event-stream", last_event_id: Some(from) };
        let open = async {
            let answer: Answer<T::Body> = require_ok(self.transport.get(get).await?).await?;
            if answer.media_type != "text/event-stream" {
                return Err(AnswerError::MediaType {
                    expected: "text/event-stream",
                    found: answer.media_type,
                });
            }
            Ok((answer.body, SseParser::new(self.config.max_event_bytes)))
        };
        let limit = self.config.request_timeout;
        tokio::time::timeout(limit, open)
            .await
            .map_err(|_elapsed| SessionError::Slow { what, limit })?
            .map_err(|source| SessionError::Answer { what, source })
    }

    /// Follows the stream while `load` reads beside it.
    async fn follow(
        &self,
        (mut body, mut parser): Stream<T::Body>,
        from: u64,
        load: impl Future<Output = Result<Loaded, SessionError>>,
        backoff: &mut Backoff,
    ) -> Result<Infallible, SessionError> {
        let mut load = pin!(load);
        let mut meanwhile = Some(Meanwhile::default());
        let mut last_event = from;
        loop {
            tokio::select! {
                loaded = &mut load, if meanwhile.is_some() => {
                    let loaded = loaded?;
                    self.complete(loaded, meanwhile.take().unwrap_or_default()).await;
                    self.memory.resume_from.set(Some(last_event));
                    self.memory.lost_since.set(None);
                    backoff.reset();
                    self.tell_live(Clock::real_now());
                }
                chunk = tokio::time::timeout(self.config.silence, body.chunk()) => {
                    let chunk = chunk.map_err(|_elapsed| SessionError::Silent(self.config.silence))?;
                    let bytes = chunk.map_err(SessionError::Broken)?.ok_or(SessionError::Ended)?;
                    for event in parser.read(&bytes) {
                        match event {
                            Ok(event) => {
                                let id = event.id.as_deref().and_then(|id| id.parse::<u64>().ok());
                                self.hear(&event.name, &event.data, meanwhile.as_mut()).await;
                                if let Some(id) = id {
                                    last_event = last_event.max(id);
                                    self.memory.highest_event.set(self.memory.highest_event.get().max(id));
                                }
                            }
                            Err(oversized) => self.skip(format_args!("{oversized}")),
                        }
                    }
                    if meanwhile.is_none() {
                        self.memory.resume_from.set(Some(last_event));
                        let now = Clock::real_now();
                        if self.memory.told_at.get().is_none_or(|told| now.duration_since(told) >= TELL_EVERY) {
                            self.tell_live(now);
                        }
                    }
                }
            }
        }
    }

    fn tell_live(&self, now: Timestamp) {
        self.memory.told_at.set(Some(now));
        self.outlet.put_state(FeedState::Live { last_heard_at: now });
    }

    /// Passes one event on; one that cannot be read is skipped, and the rest goes on.
    async fn hear(&self, name: &str, data: &str, meanwhile: Option<&mut Meanwhile>) {
        let event = match StreamEvent::read(name, data) {
            Ok(Some(event)) => event,
            Ok(None) => return tracing::debug!(name, "an event of an unknown kind"),
            Err(error) => return self.skip(format_args!("event {name}: {error}")),
        };
        if let Some(meanwhile) = meanwhile {
            meanwhile.note(&event);
        }
        let delivery = match event {
            StreamEvent::Issue(issue) => Update::Issue(issue).into(),
            StreamEvent::IssueRemoved(gone) => {
                Update::IssueRemoved { id: gone.id, version: gone.version }.into()
            }
            StreamEvent::Patrol(patrol) => Update::Patrol(patrol).into(),
            StreamEvent::PatrolRemoved(gone) => {
                Update::PatrolRemoved { id: gone.id, version: gone.version }.into()
            }
            StreamEvent::Positions(moves) => Delivery::Moves(moves),
            StreamEvent::Heartbeat(heartbeat) => return self.hear_clock(heartbeat.arrived()).await,
        };
        self.outlet.put(delivery).await;
    }

    async fn complete(&self, loaded: Loaded, meanwhile: Meanwhile) {
        let delivery = match loaded {
            Loaded::Everything(mut issues, mut patrols) => {
                issues.extend(meanwhile.issues);
                patrols.extend(meanwhile.patrols);
                Update::SnapshotComplete { issues, patrols }.into()
            }
            Loaded::Patrols(mut patrols) => {
                patrols.extend(meanwhile.patrols);
                Delivery::PatrolsComplete(patrols)
            }
        };
        self.outlet.put(delivery).await;
    }

    fn skip(&self, what: std::fmt::Arguments<'_>) {
        let count = self.skipped.fetch_add(1, Ordering::Relaxed);
        // A server that is wrong throughout must not fill the disk.
        if count < 20 || count.is_multiple_of(1_000) {
            tracing::warn!(skipped = count + 1, "skipped: {what}");
        }
    }

    fn url(&self, path: &str) -> Url {
        self.config.base_url.join(path).unwrap_or_else(|_not_a_path| self.config.base_url.clone())
    }

    fn items_url(&self, collection: &str) -> Url {
        let mut url = self.url(&format!("collections/{collection}/items"));
        url.query_pairs_mut().append_pair("limit", &self.config.page_limit.to_string());
        url
    }
}

impl Meanwhile {
    /// Notes what the pages, read at their own time, may not have. What goes again is decided by its tombstone.
    fn note(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::Issue(issue) => {
                self.issues.insert(issue.id.clone());
            }
            StreamEvent::Patrol(patrol) => {
                self.patrols.insert(patrol.id.clone());
            }
            _ => {}
        }
    }
}
