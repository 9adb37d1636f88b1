//! The one writer: takes writes from a bounded queue, commits many at once, answers only after the commit.
//!
//! Each write is decided against the transaction it is written in, so what it sees is what it changes.
//! A write that is refused leaves nothing behind; a database that fails undoes the whole batch, and every write of it
//! is answered with that. What was committed is published in the order of the events' numbers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::access::{Caller, entry};
use super::hub::{Frame, Hub};
use super::metrics::Metrics;
use super::organisation::{Organisation, UnitChange, UnitsChanged, Whereabouts};
use super::shifts::AT_ONCE;
use super::store::attachments::AttachmentRow;
use super::store::{Contact, HeldIssue, HeldPatrol, PackedFix, Remembered, Store, StoreError, Transaction};
use crate::clock::Clock;
use crate::governance::rulebook::{RuleError, Rulebook, check_areas, check_place, check_text, is_valid_id};
use crate::governance::wire::{PositionUpdate, StreamEvent, word};
use crate::governance::{
    ApplyError, Attachment, Bond, Event, Fix, HistoryAccepted, HistoryBatch, Issue, IssueId, Locality,
    NewIssue, NewPatrol, NewStep, NewVisit, Patrol, PatrolId, PatrolKind, PositionBatch, PositionsAccepted,
    Power, RefusedEntry, State, Step, Visit,
};

/// Writes that may wait; beyond it, whoever writes waits before it may even ask.
const QUEUE: usize = 1_024;
/// Writes of one commit at most.
const BATCH: usize = 256;
/// How far ahead of the server's clock a position may lie.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What the writer decides by.
pub(super) struct Rules {
    pub(super) book: Rulebook,
    pub(super) organisation: Organisation,
    pub(super) clock: Clock,
    pub(super) simulated: bool,
}

/// A key that makes a request safe to repeat, and what the request said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdempotencyKey {
    pub(super) key: String,
    /// A hash of route and body: the same key for something else is a mistake.
    pub(super) fingerprint: String,
}

/// Something to be written.
pub(super) enum Write {
    Report {
        new: Box<NewIssue>,
        /// Whom to reach about it; kept apart from every event.
        contact: Option<Box<Contact>>,
        key: Option<IdempotencyKey>,
    },
    Step {
        id: IssueId,
        seen: u64,
        new: Box<NewStep>,
        key: Option<IdempotencyKey>,
    },
    Patrol {
        id: PatrolId,
        new: Box<NewPatrol>,
    },
    Positions(PositionBatch),
    History(HistoryBatch),
    Units(Vec<UnitChange>),
    Attachment(Box<AttachmentRow>),
    Visit {
        id: String,
        new: Box<NewVisit>,
    },
    /// Tell of shifts that ended before this time.
    EndShifts {
        before: Timestamp,
    },
    /// Forget the photos from before this time that no event names.
    ForgetAttachments {
        before: Timestamp,
    },
}

/// What was written, durably.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Written {
    Issue(Box<Issue>),
    Patrol {
        patrol: Box<Patrol>,
        created: bool,
    },
    Positions(PositionsAccepted),
    History(HistoryAccepted),
    /// The versions that the units have now, in the order of the changes.
    Units(Vec<u64>),
    Attachment {
        created: bool,
    },
    Visit {
        visit: Box<Visit>,
        created: bool,
    },
    AttachmentsForgotten(u64),
    /// So many were told of.
    ShiftsEnded(u64),
}

/// Why nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum WriteError {
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error("there is no issue {0}")]
    NoIssue(IssueId),
    #[error("the issue is at version {held}")]
    Stale { held: u64 },
    #[error("there is no unit {0}")]
    NoUnit(String),
    #[error("there is another visit {0} already")]
    VisitTaken(String),
    #[error("there is an issue {0} already")]
    IdTaken(IssueId),
    #[error("this Idempotency-Key came with another request before")]
    KeyReused,
    #[error("the database holds real data")]
    NotSimulated,
    #[error("entry {index}: {source}")]
    Entry { index: usize, source: Box<Self> },
    #[error("none of the positions was taken")]
    NoPosition(Vec<RefusedEntry>),
    #[error("{0}")]
    Store(Arc<StoreError>),
    #[error("the server is shutting down")]
    Stopped,
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<ApplyError> for WriteError {
    fn from(error: ApplyError) -> Self {
        Self::Rule(error.into())
    }
}

/// A write, and who wants it.
type Wanted = (Caller, Write);
type Reply = oneshot::Sender<Result<Written, WriteError>>;

/// Where writes are handed in.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<(Wanted, Reply)>, Metrics);

impl Writer {
    /// Hands in a write and waits until it is durable or refused.
    pub(super) async fn write(&self, by: &Caller, write: Write) -> Result<Written, WriteError> {
        let _waiting = self.1.write();
        let (reply, answer) = oneshot::channel();
        self.0.send(((by.clone(), write), reply)).await.map_err(|_closed| WriteError::Stopped)?;
        let written = answer.await.map_err(|_dropped| WriteError::Stopped)??;
        self.1.written(&written);
        Ok(written)
    }

    /// Whether the writer has ended, so that nothing can be written any more.
    pub(super) fn is_gone(&self) -> bool {
        self.0.is_closed()
    }
}

/// Starts the writer. It ends when every [`Writer`] is gone and the queue is empty.
pub(super) fn start(
    store: Arc<dyn Store>,
    rules: Arc<Rules>,
    hub: Hub,
    metrics: Metrics,
) -> (Writer, tokio::task::JoinHandle<()>) {
    let (sender, queue) = mpsc::channel(QUEUE);
    let task = tokio::spawn(run(store, rules, hub, metrics.clone(), queue));
    (Writer(sender, metrics), task)
}

async fn run(
    store: Arc<dyn Store>,
    rules: Arc<Rules>,
    hub: Hub,
    metrics: Metrics,
    mut queue: mpsc::Receiver<(Wanted, Reply)>,
) {
    let mut taken = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut taken, BATCH).await > 0 {
        let (writes, replies): (Vec<Wanted>, Vec<Reply>) = taken.drain(..).unzip();
        let began = Instant::now();
        let committed = commit(&*store, &rules, writes).await;
        metrics.commit(began.elapsed());
        match committed {
            Ok((results, Told { frames, moves, gone_home })) => {
                // Published first: whoever reads its own answer may count on the event being under way.
                for frame in frames {
                    hub.publish(frame);
                }
                hub.moved(moves);
                hub.hide(&gone_home);
                for (reply, result) in replies.into_iter().zip(results) {
                    // Whoever asked may have gone.
                    let _gone = reply.send(result);
                }
            }
            Err(error) => {
                tracing::error!(%error, writes = replies.len(), "nothing of this batch was written");
                let error = Arc::new(error);
                for reply in replies {
                    let _gone = reply.send(Err(WriteError::Store(Arc::clone(&error))));
                }
            }
        }
    }
}

type Results = Vec<Result<Written, WriteError>>;

/// What a commit has to tell everyone who listens.
#[derive(Default)]
struct Told {
    frames: Vec<Frame>,
    moves: Vec<PositionUpdate>,
    /// Whose position is shown no more.
    gone_home: Vec<PatrolId>,
}

/// One transaction: all writes, or none.
async fn commit(
    store: &dyn Store,
    rules: &Rules,
    writes: Vec<Wanted>,
) -> Result<(Results, Told), StoreError> {
    let mut batch = Batch {
        transaction: store.begin().await?,
        rules,
        now: rules.clock.now(),
        told: Told::default(),
        is_shared: store.shared().is_some(),
        positions: Positions::default(),
        organisation: UnitsChanged::default(),
    };
    let mut results = Vec::with_capacity(writes.len());
    for (by, write) in writes {
        match batch.write(&by, write).await {
            // A database that fails fails for all.
            Err(WriteError::Store(error)) => {
                return Err(
                    Arc::try_unwrap(error).unwrap_or_else(|error| StoreError::Damaged(error.to_string()))
                );
            }
            result => results.push(result),
        }
    }
    batch.store_positions().await?;
    batch.transaction.commit().await?;
    rules.organisation.take(batch.organisation);
    Ok((results, batch.told))
}

/// What positions of one commit come to.
#[derive(Default)]
struct Positions {
    fixes: Vec<PackedFix>,
    /// What `fixes` holds: patrol and time in milliseconds.
    held: HashSet<(u32, i64)>,
    patrols: HashMap<PatrolId, HeldPatrol>,
    moved: BTreeSet<PatrolId>,
}

struct Batch<'a> {
    transaction: Box<dyn Transaction>,
    rules: &'a Rules,
    now: Timestamp,
    /// What this server publishes after the commit; nothing where the follower does it for all.
    told: Told,
    is_shared: bool,
    positions: Positions,
    organisation: UnitsChanged,
}

impl Batch<'_> {
    async fn write(&mut self, by: &Caller, write: Write) -> Result<Written, WriteError> {
        match write {
            Write::Report { new, contact, key } => self.report(by, *new, contact.as_deref(), key).await,
            Write::Step { id, seen, new, key } => self.step(by, id, seen, &new, key).await,
            Write::Patrol { id, new } => self.patrol(by, id, *new).await,
            Write::Positions(batch) => self.take_positions(by, batch).await,
            Write::History(batch) => self.history(by, batch).await,
            Write::Units(changes) => self.units(by, changes).await,
            Write::Attachment(row) => self.attachment(by, &row).await,
            Write::Visit { id, new } => self.visit(by, id, *new).await,
            Write::EndShifts { before } => self.end_shifts(before).await,
            Write::ForgetAttachments { before } => {
                let forgotten = self.transaction.forget_unused_attachments(before).await?;
                Ok(Written::AttachmentsForgotten(forgotten))
            }
        }
    }

    async fn report(
        &mut self,
        by: &Caller,
        new: NewIssue,
        contact: Option<&Contact>,
        key: Option<IdempotencyKey>,
    ) -> Result<Written, WriteError> {
        if let Some(written) = self.replay(key.as_ref()).await? {
            return Ok(written);
        }
        let event = self.rules.book.report(&new, by.standing(None), &self.locality(&new), self.now)?;
        self.check_attachments(&event).await?;
        let id = self.new_id(new.id).await?;
        let issue = Issue::open(id, &event)?;
        let (_, number) = self.transaction.insert_issue(&issue, std::slice::from_ref(&event)).await?;
        self.mark_attachments(&event, number).await?;
        self.remember(key, &issue).await?;
        if let Some(contact) = contact {
            self.transaction.set_contact(&issue.id, Some(contact)).await?;
        }
        self.log(by, "report", &format!("issue/{}", issue.id)).await?;
        self.publish(number, &issue)?;
        Ok(Written::Issue(Box::new(issue)))
    }

    async fn step(
        &mut self,
        by: &Caller,
        id: IssueId,
        seen: u64,
        new: &NewStep,
        key: Option<IdempotencyKey>,
    ) -> Result<Written, WriteError> {
        if let Some(written) = self.replay(key.as_ref()).await? {
            return Ok(written);
        }
        let Some(HeldIssue { seq, mut issue }) = self.transaction.issue(&id).await? else {
            return Err(WriteError::NoIssue(id));
        };
        if issue.version != seen {
            return Err(WriteError::Stale { held: issue.version });
        }
        let is_theirs_asked = by.posts().iter().any(|post| post.role.power(new.step) == Power::OnTheirs);
        let reporter = if is_theirs_asked { self.transaction.reporter(seq).await? } else { None };
        let mut event = self.rules.book.step(&issue, new, by.standing(reporter.as_ref()), self.now)?;
        if let Some(location) = &event.location {
            let place = Some(location.place).filter(|place| check_place(*place).is_ok());
            let at = issue.reported_at;
            let found = self.ask(&Whereabouts { place, address: None, at });
            self.rules.book.settle(&issue, &mut event, &found);
        }
        let bound = self.bound(&issue, &event).await?;
        self.check_attachments(&event).await?;
        if let (Some(location), Some(address)) = (&event.location, &issue.address) {
            let transaction = &mut *self.transaction;
            self.organisation.remember(transaction, address, location, self.now).await?;
        }
        issue.apply(&event)?;
        let number = self.transaction.append(seq, &issue, &event).await?;
        self.mark_attachments(&event, number).await?;
        self.remember(key, &issue).await?;
        self.log(by, &format!("step {}", word(event.step)), &format!("issue/{}", issue.id)).await?;
        self.publish(number, &issue)?;
        if let Some((HeldIssue { seq, issue: mut other }, bond)) = bound
            && let Some(event) = self.rules.book.bond(&other, bond, &event)
        {
            other.apply(&event)?;
            let number = self.transaction.append(seq, &other, &event).await?;
            self.publish(number, &other)?;
        }
        Ok(Written::Issue(Box::new(issue)))
    }

    /// The other issue that a step changes with this one: the one that it goes into, or that it comes out of again.
    async fn bound(&mut self, issue: &Issue, event: &Event) -> Result<Option<(HeldIssue, Bond)>, WriteError> {
        if let Some(into) = &event.merged_into {
            let Some(target) = self.transaction.issue(into).await? else {
                return Err(WriteError::NoIssue(into.clone()));
            };
            // Else two could go into each other, and nobody would handle either.
            if target.issue.state == State::Merged {
                let reason = "was merged itself; name the issue that it went into".to_owned();
                return Err(RuleError::Invalid { member: "merged_into", reason }.into());
            }
            return Ok(Some((target, Bond::Absorbed(issue.id.clone()))));
        }
        match &issue.merged_into {
            Some(into) if event.step == Step::Reopen => {
                let held = self.transaction.issue(into).await?;
                Ok(held.map(|held| (held, Bond::Released(issue.id.clone()))))
            }
            _ => Ok(None),
        }
    }

    async fn history(&mut self, by: &Caller, batch: HistoryBatch) -> Result<Written, WriteError> {
        if !self.rules.simulated {
            return Err(WriteError::NotSimulated);
        }
        // Everything is decided before anything is written, so that a refused batch leaves nothing behind.
        let entry = |index, error: WriteError| WriteError::Entry { index, source: Box::new(error) };
        let mut lives: Vec<(Issue, Vec<Event>)> = Vec::with_capacity(batch.issues.len());
        let mut ids = HashSet::new();
        for (index, history) in batch.issues.into_iter().enumerate() {
            let locality = self.locality(&history.report);
            let id = self.new_id(history.report.id.clone()).await.map_err(|error| entry(index, error))?;
            if !ids.insert(id.clone()) {
                return Err(entry(index, WriteError::IdTaken(id)));
            }
            let life = self.rules.book.history(id, &history, &locality, self.now);
            let life = life.map_err(|error| entry(index, error.into()))?;
            for event in &life.1 {
                self.check_attachments(event).await.map_err(|error| entry(index, error))?;
            }
            lives.push(life);
        }
        let mut accepted = HistoryAccepted::default();
        for (mut issue, events) in lives {
            let (_, first) = self.transaction.insert_issue(&issue, &events).await?;
            accepted.issues += 1;
            accepted.events += events.len();
            for (number, event) in (first..).zip(&events) {
                self.mark_attachments(event, number).await?;
            }
            if let Some((report, steps)) = events.split_first() {
                issue = Issue::open(issue.id, report)?;
                self.publish(first, &issue)?;
                for (number, event) in (first + 1..).zip(steps) {
                    issue.apply(event)?;
                    self.publish(number, &issue)?;
                }
            }
        }
        self.log(by, "history", &format!("{} issues", accepted.issues)).await?;
        Ok(Written::History(accepted))
    }

    async fn units(&mut self, by: &Caller, changes: Vec<UnitChange>) -> Result<Written, WriteError> {
        let mut changed = UnitsChanged::default();
        let mut versions = Vec::with_capacity(changes.len());
        for change in changes {
            let organisation = &self.rules.organisation;
            versions.push(changed.write(organisation, &mut *self.transaction, change, self.now).await?);
        }
        self.log(by, "change organisation", &format!("{} units", versions.len())).await?;
        self.organisation.append(changed);
        Ok(Written::Units(versions))
    }

    async fn patrol(&mut self, by: &Caller, id: PatrolId, new: NewPatrol) -> Result<Written, WriteError> {
        check_patrol(&id, &new)?;
        self.load_patrols(&[&id]).await?;
        let created = !self.positions.patrols.contains_key(&id);
        let held = self.positions.patrols.get(&id).map(|held| &held.patrol);
        let version = held.map_or(1, |patrol| patrol.version + 1);
        let fix = held.and_then(|patrol| patrol.fix);
        let NewPatrol { name, kind, areas, duty } = new.clone();
        let patrol = Patrol { id, version, name, kind, areas, fix, duty };
        if held.is_some_and(|held| *held == Patrol { version: held.version, ..patrol.clone() }) {
            // Nothing changes, so nothing is written and nobody is told.
            return Ok(Written::Patrol {
                patrol: Box::new(Patrol { version: version - 1, ..patrol }),
                created,
            });
        }
        let shift_ends = patrol
            .duty
            .map(|duty| duty.to)
            .filter(|_| patrol.kind != PatrolKind::Vehicle && !patrol.is_after_shift(self.now));
        self.transaction.put_patrol(&patrol.id, version, &new, shift_ends).await?;
        match self.positions.patrols.get_mut(&patrol.id) {
            Some(held) => held.patrol = patrol.clone(),
            None => self.load_patrols(&[&patrol.id]).await?,
        }
        self.log(by, "put patrol", &format!("patrol/{}", patrol.id)).await?;
        self.tell(StreamEvent::Patrol(Box::new(patrol.clone()))).await?;
        Ok(Written::Patrol { patrol: Box::new(patrol), created })
    }

    /// Tells of the next shifts that ended before a time.
    async fn end_shifts(&mut self, before: Timestamp) -> Result<Written, WriteError> {
        let ids = self.transaction.ended_shifts(before, AT_ONCE).await?;
        self.load_patrols(&ids.iter().collect::<Vec<_>>()).await?;
        for id in &ids {
            let Some(HeldPatrol { patrol, .. }) = self.positions.patrols.get_mut(id) else { continue };
            patrol.version += 1;
            let patrol = patrol.clone();
            let Patrol { name, kind, areas, duty, .. } = patrol.clone();
            let profile = NewPatrol { name, kind, areas, duty };
            self.transaction.put_patrol(id, patrol.version, &profile, None).await?;
            self.tell(StreamEvent::Patrol(Box::new(patrol))).await?;
        }
        Ok(Written::ShiftsEnded(ids.len() as u64))
    }

    async fn take_positions(&mut self, by: &Caller, batch: PositionBatch) -> Result<Written, WriteError> {
        let mut ids: Vec<&PatrolId> = batch.0.iter().map(|position| &position.patrol).collect();
        ids.sort_unstable();
        ids.dedup();
        self.load_patrols(&ids).await?;
        let mut answer = PositionsAccepted::default();
        for (index, position) in batch.0.into_iter().enumerate() {
            let taken = if by.may_move(&position.patrol) {
                self.take_position(&position.patrol, position.fix)
            } else {
                Err(format!("patrol {} is not yours", position.patrol))
            };
            match taken {
                Ok(()) => answer.accepted += 1,
                Err(reason) => answer.refused.push(RefusedEntry { index, reason }),
            }
        }
        if answer.accepted == 0 && !answer.refused.is_empty() {
            return Err(WriteError::NoPosition(answer.refused));
        }
        Ok(Written::Positions(answer))
    }

    /// Notes a position: kept once, shown if it is newer than the newest. Devices that hear no answer send again.
    fn take_position(&mut self, id: &PatrolId, fix: Fix) -> Result<(), String> {
        let Some(held) = self.positions.patrols.get_mut(id) else {
            return Err(format!("there is no patrol {id}; PUT it first"));
        };
        let mut fix = checked(fix, self.now)?;
        // Where people are outside of their shift is nobody's business; vehicles have none.
        let is_person = held.patrol.kind != PatrolKind::Vehicle;
        if is_person && held.patrol.duty.is_some_and(|duty| fix.at < duty.from || duty.to < fix.at) {
            return Err("at lies outside of the shift, and positions are kept within it alone".to_owned());
        }
        let patrol = u32::try_from(held.seq).map_err(|_too_many| "there are too many patrols".to_owned())?;
        let is_newest_again = held.patrol.fix.is_some_and(|newest| newest.at == fix.at);
        if is_newest_again || !self.positions.held.insert((patrol, fix.at.as_millisecond())) {
            return Ok(());
        }
        self.positions.fixes.push(PackedFix { patrol, fix });
        // A device that does not say it each time has what it said last, but not what it had before the shift.
        let since = held.patrol.duty.map_or(Timestamp::MIN, |duty| duty.from);
        let told = held.patrol.fix.filter(|told| told.at >= since);
        fix.battery_percent = fix.battery_percent.or_else(|| told?.battery_percent);
        if held.patrol.fix.is_none_or(|newest| newest.at < fix.at) {
            held.patrol.fix = Some(fix);
            held.patrol.version += 1;
            self.positions.moved.insert(id.clone());
        }
        Ok(())
    }

    /// Writes what all positions of this commit came to, and tells of it once.
    async fn store_positions(&mut self) -> Result<(), StoreError> {
        let Positions { fixes, patrols, moved, .. } = &self.positions;
        let newest: Vec<&HeldPatrol> = moved.iter().filter_map(|id| patrols.get(id)).collect();
        self.transaction.add_positions(fixes, &newest, self.now).await?;
        // What comes when the shift is over is kept, but a position is told unmasked: then the patrol is told, masked.
        let (late, newest): (Vec<&HeldPatrol>, Vec<&HeldPatrol>) =
            newest.into_iter().partition(|held| held.patrol.is_after_shift(self.now));
        let late: Vec<StreamEvent> =
            late.into_iter().map(|held| StreamEvent::Patrol(Box::new(held.patrol.clone()))).collect();
        let updates = newest.iter().filter_map(|held| {
            let Patrol { id, version, fix, .. } = &held.patrol;
            Some(PositionUpdate { id: id.clone(), version: *version, fix: (*fix)? })
        });
        let updates: Vec<PositionUpdate> = updates.collect();
        if !updates.is_empty() {
            self.tell(StreamEvent::Positions(updates)).await?;
        }
        for event in late {
            self.tell(event).await?;
        }
        Ok(())
    }

    /// Loads the patrols that this commit does not hold yet.
    async fn load_patrols(&mut self, ids: &[&PatrolId]) -> Result<(), StoreError> {
        let missing: Vec<&PatrolId> =
            ids.iter().copied().filter(|id| !self.positions.patrols.contains_key(*id)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for held in self.transaction.patrols(&missing).await? {
            self.positions.patrols.insert(held.patrol.id.clone(), held);
        }
        Ok(())
    }

    /// The id that the client made, if it is free, or a new one.
    async fn new_id(&mut self, wanted: Option<IssueId>) -> Result<IssueId, WriteError> {
        let Some(id) = wanted else { return Ok(IssueId(uuid::Uuid::now_v7().to_string())) };
        if self.transaction.issue(&id).await?.is_some() {
            return Err(WriteError::IdTaken(id));
        }
        Ok(id)
    }

    async fn attachment(&mut self, by: &Caller, row: &AttachmentRow) -> Result<Written, WriteError> {
        let created = !self.transaction.has_attachment(&row.hash).await?;
        self.transaction.put_attachment(row, self.now).await?;
        self.log(by, "put photo", &format!("attachment/{}", row.hash)).await?;
        Ok(Written::Attachment { created })
    }

    async fn visit(&mut self, by: &Caller, id: String, mut new: NewVisit) -> Result<Written, WriteError> {
        new.actor = by.signature(new.actor);
        let said_when = new.happened_at.is_some();
        let visit = Visit::record(id, new, self.now)?;
        if let Some(held) = self.transaction.visit(&visit.id).await? {
            // What does not say when is about now, each time that it is sent.
            let again = if said_when { visit } else { Visit { happened_at: held.happened_at, ..visit } };
            if !held.says_the_same(&again) {
                return Err(WriteError::VisitTaken(held.id));
            }
            return Ok(Written::Visit { visit: Box::new(held), created: false });
        }
        self.transaction.put_visit(&visit).await?;
        self.log(by, "visit", &format!("visit/{}", visit.id)).await?;
        Ok(Written::Visit { visit: Box::new(visit), created: true })
    }

    /// That every photo that an event names is stored.
    async fn check_attachments(&mut self, event: &Event) -> Result<(), WriteError> {
        for Attachment { hash, .. } in &event.attachments {
            if !self.transaction.has_attachment(&hash.to_ascii_lowercase()).await? {
                let reason =
                    format!("name {hash}, which is not stored here; POST it to /api/v1/attachments first");
                return Err(RuleError::Invalid { member: "attachments", reason }.into());
            }
        }
        Ok(())
    }

    async fn mark_attachments(&mut self, event: &Event, number: u64) -> Result<(), StoreError> {
        for Attachment { hash, .. } in &event.attachments {
            self.transaction.mark_attachment(&hash.to_ascii_lowercase(), number).await?;
        }
        Ok(())
    }

    fn locality(&self, new: &NewIssue) -> Locality {
        let place = new.place.filter(|place| check_place(*place).is_ok());
        let at = new.happened_at.unwrap_or(self.now);
        self.ask(&Whereabouts { place, address: new.address.as_deref(), at })
    }

    fn ask(&self, whereabouts: &Whereabouts<'_>) -> Locality {
        self.rules.organisation.locality(whereabouts)
    }

    /// What was answered to this key before, if anything was.
    async fn replay(&mut self, key: Option<&IdempotencyKey>) -> Result<Option<Written>, WriteError> {
        let Some(key) = key else { return Ok(None) };
        let Some(answer) = self.transaction.remembered(&key.key).await? else { return Ok(None) };
        if answer.fingerprint != key.fingerprint {
            return Err(WriteError::KeyReused);
        }
        let issue = self.transaction.issue_at(&answer.issue, answer.version).await?;
        Ok(issue.map(|issue| Written::Issue(Box::new(issue))))
    }

    async fn remember(&mut self, key: Option<IdempotencyKey>, issue: &Issue) -> Result<(), StoreError> {
        let Some(IdempotencyKey { key, fingerprint }) = key else { return Ok(()) };
        let answer = Remembered { fingerprint, issue: issue.id.clone(), version: issue.version };
        self.transaction.remember(&key, &answer, self.now).await
    }

    /// Writes down who did it, with what was done.
    async fn log(&mut self, by: &Caller, action: &str, target: &str) -> Result<(), StoreError> {
        self.transaction.log(&entry(by, action, target, "done")).await
    }

    /// Something without a number, for every screen.
    async fn tell(&mut self, event: StreamEvent) -> Result<(), StoreError> {
        match event {
            event if self.is_shared => self.transaction.tell(&event).await?,
            StreamEvent::Positions(moves) => self.told.moves.extend(moves),
            event => {
                if let StreamEvent::Patrol(patrol) = &event
                    && patrol.is_after_shift(self.now)
                {
                    self.told.gone_home.push(patrol.id.clone());
                }
                self.told.frames.push(Frame::of(None, &event, self.now)?);
            }
        }
        Ok(())
    }

    fn publish(&mut self, number: u64, issue: &Issue) -> Result<(), StoreError> {
        if self.is_shared {
            return Ok(());
        }
        // Encoded even if nobody seems to listen: a reader that comes between here and the commit relies on it.
        self.told.frames.push(Frame::of(
            Some(number),
            &StreamEvent::Issue(Box::new(issue.clone())),
            self.now,
        )?);
        Ok(())
    }
}

fn check_patrol(id: &PatrolId, new: &NewPatrol) -> Result<(), RuleError> {
    let invalid = |member, reason: &str| RuleError::Invalid { member, reason: reason.to_owned() };
    if !is_valid_id(&id.0) {
        return Err(invalid("id", "is not 1 to 64 letters, digits and -_.:"));
    }
    if new.name.trim().is_empty() {
        return Err(invalid("name", "is empty"));
    }
    check_text("name", &new.name, 100)?;
    check_areas(&new.areas)?;
    if new.duty.is_some_and(|duty| duty.to <= duty.from) {
        return Err(invalid("duty", "ends before it begins"));
    }
    Ok(())
}

/// A position as it is kept: to the millisecond, with numbers that make sense.
fn checked(fix: Fix, now: Timestamp) -> Result<Fix, String> {
    check_place(fix.place).map_err(|error| error.to_string())?;
    if fix.at.duration_since(now) > MAX_AHEAD {
        return Err(format!("at lies in the future; the server's clock shows {now}"));
    }
    let sane = |value: Option<f32>| value.is_none_or(|value| (0.0..=100_000.0).contains(&value));
    if !sane(fix.speed_mps) || !sane(fix.accuracy_m) {
        return Err("speed_mps and accuracy_m are 0 to 100000".to_owned());
    }
    if !fix.battery_percent.is_none_or(|percent| (0.0..=100.0).contains(&percent)) {
        return Err("battery_percent is 0 to 100".to_owned());
    }
    if !fix.heading_deg.is_none_or(|heading| (0.0..=360.0).contains(&heading)) {
        return Err("heading_deg is 0 to 360".to_owned());
    }
    let at = Timestamp::from_millisecond(fix.at.as_millisecond()).unwrap_or(fix.at);
    Ok(Fix { at, ..fix })
}
