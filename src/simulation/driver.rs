//! Makes the requests of a plan when they are due by the server's clock, and goes on after whatever breaks.
//!
//! Nothing is sent twice in effect: what is due is forgotten only when the server has acknowledged it, and every
//! report and step carries a key that makes a repeat harmless.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::client::{Client, Failure, Held};
use super::life::{Entry, Life};
use super::planner::{Day, Planner, prefix, start_of};
use super::setting::Setting;
use super::simulator::{Phase, PhaseCell};
use crate::clock::Clock;
use crate::governance::{
    HistoryBatch, IssueId, NewPatrol, NewPosition, NewStep, PatrolId, PositionBatch, Problem,
};

/// Scenario seconds between two looks at what is due: about one position of everybody on foot. The server tells
/// its listeners only of the newest position in a batch, so a longer wait would cut the corners of their trails.
const TICK_SCENARIO_S: f64 = 15.0;
/// The same in real time, at least and at most.
const SHORTEST_TICK: Duration = Duration::from_millis(250);
const LONGEST_TICK: Duration = Duration::from_secs(1);
/// Real time after which the server is asked for its clock again.
const CLOCK_EVERY: Duration = Duration::from_secs(15);
/// The first and the longest wait after a failure.
const FIRST_WAIT: Duration = Duration::from_millis(300);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The scenario time that one batch of positions covers at most.
const SLICE: SignedDuration = SignedDuration::from_mins(10);
/// Positions that are older than this are not sent any more.
const STALE: SignedDuration = SignedDuration::from_hours(2);
/// How much of the way that lies behind a patrol is sent at the start, so that it has a trail.
const TRAIL: SignedDuration = SignedDuration::from_mins(10);
/// A start that lies farther back than this is not caught up with.
const LONGEST_RESUME: SignedDuration = SignedDuration::from_hours(24 * 60);

/// What the driver is to do.
pub(super) struct Driver {
    pub(super) client: Client,
    pub(super) setting: Arc<Setting>,
    pub(super) seed: u64,
    pub(super) start: Option<Timestamp>,
    pub(super) phase: Arc<PhaseCell>,
}

/// A plan under way.
struct Course {
    planner: Planner,
    /// The days that are not over, and the last one that is.
    days: VecDeque<Day>,
    /// What is due next of each life, by time.
    due: BinaryHeap<Reverse<(Timestamp, usize)>>,
    lives: BTreeMap<usize, Progress>,
    count: usize,
    /// Patrols that the server is yet to be told of.
    patrols: VecDeque<(PatrolId, NewPatrol)>,
    /// Positions up to here were sent.
    sent_until: Timestamp,
}

/// How far a life has come.
struct Progress {
    life: Arc<Life>,
    /// The number of its next event.
    next: usize,
    /// The version that the server holds.
    version: u64,
    /// When the last thing happened that somebody else did: what is planned cannot happen before it.
    earliest: Option<Timestamp>,
}

impl Progress {
    /// When something happens that was planned for `planned_at`: then, or right after what somebody else did.
    fn moment(&self, planned_at: Timestamp) -> Timestamp {
        self.earliest.map_or(planned_at, |earliest| earliest.max(planned_at))
    }
}

impl Driver {
    /// Drives until the server refuses for good.
    pub(super) async fn run(self) {
        let mut course = None;
        let mut failures = 0_u32;
        loop {
            let result = self.session(&mut course, &mut failures).await;
            match result {
                Ok(never) => match never {},
                Err(Failure::Lost(reason)) => {
                    let wait = FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT);
                    if failures == 0 {
                        tracing::warn!(reason, "the simulation has lost the server and tries again");
                    }
                    failures = failures.saturating_add(1);
                    tokio::time::sleep(wait).await;
                }
                Err(Failure::Forbidden(reason)) => return self.phase.set(Phase::Failed(reason)),
                Err(Failure::Refused(problem)) => {
                    return self.phase.set(Phase::Failed(words(&problem)));
                }
            }
        }
    }

    /// Works until something fails.
    async fn session(
        &self,
        course: &mut Option<Course>,
        failures: &mut u32,
    ) -> Result<std::convert::Infallible, Failure> {
        let mut clock = self.clock().await?;
        let mut read_at = Instant::now();
        let course = match course {
            Some(course) => course,
            None => {
                let prepared = self.prepare(clock).await?;
                course.insert(prepared)
            }
        };
        loop {
            let begun = Instant::now();
            self.tick(course, clock.now()).await?;
            if *failures > 0 {
                tracing::info!("the simulation has found the server again");
            }
            *failures = 0;
            self.phase.set(Phase::Ready);
            tokio::time::sleep(tick_of(clock.rate()).saturating_sub(begun.elapsed())).await;
            if read_at.elapsed() >= CLOCK_EVERY {
                clock = self.clock().await?;
                read_at = Instant::now();
            }
        }
    }

    async fn clock(&self) -> Result<Clock, Failure> {
        let health = self.client.health().await?;
        if !health.simulated {
            let reason = "the server holds real data; a simulation is for one started with --simulated";
            return Err(Failure::Forbidden(reason.to_owned()));
        }
        Ok(Clock::anchored(health.clock))
    }

    /// Makes the plan, and brings the store to the present: ninety days of history into an empty one, and into one
    /// that an earlier run has filled, what is missing since.
    async fn prepare(&self, clock: Clock) -> Result<Course, Failure> {
        let held = self.client.held().await?;
        let now = clock.now();
        let earlier = held.keys().filter_map(|id| start_of(self.seed, id)).max();
        let start = earlier
            .or(self.start)
            .filter(|start| *start <= now && now.duration_since(*start) < LONGEST_RESUME)
            .unwrap_or(now);
        let begun = Instant::now();
        let mut planner = Planner::new(Arc::clone(&self.setting), self.seed, start);
        let mut lives = planner.history();
        let mut days = VecDeque::new();
        // The whole way up to the present, for what happens later depends on it.
        while days.back().is_none_or(|day: &Day| day.to <= now) {
            let Some(day) = planner.next_day() else { break };
            lives.extend(day.lives.iter().cloned());
            days.push_back(day);
        }
        tracing::debug!(lives = lives.len(), took = ?begun.elapsed(), "planned");
        let ours = prefix(self.seed);
        let is_ours = held.is_empty() || held.keys().any(|id| id.0.starts_with(&ours));
        if is_ours {
            self.fill(&lives, &held, now).await?;
        }
        let trail = now.saturating_sub(TRAIL).unwrap_or(now);
        let mut course = Course {
            planner,
            patrols: days.back().map(|day| day.patrols.iter().cloned().collect()).unwrap_or_default(),
            days,
            due: BinaryHeap::new(),
            lives: BTreeMap::new(),
            count: 0,
            sent_until: trail,
        };
        for life in lives {
            match held.get(&life.id) {
                Some(held) => {
                    if let Some(done) = self.done(&life, *held).await? {
                        let earliest = Some(held.updated_at);
                        course.take(Progress { life, next: done, version: held.version, earliest });
                    }
                }
                None if life.reported_at() > now => course.add(life, 0),
                // Of what was told just now, all up to now is there, and nothing else.
                None if is_ours => {
                    let done = life.until(now).map_or(0, |history| 1 + history.steps.len());
                    course.add(life, done);
                }
                None => {}
            }
        }
        Ok(course)
    }

    /// How much of a life the server holds; `None` where nothing of it is to come. A version does not tell: what others
    /// did is counted in it.
    async fn done(&self, life: &Life, held: Held) -> Result<Option<usize>, Failure> {
        let last_at = life.steps.last().and_then(|step| step.happened_at).unwrap_or(life.reported_at());
        if !held.is_open && last_at <= held.updated_at {
            return Ok(None);
        }
        Ok(Some(life.done(&self.client.events(&life.id).await?)).filter(|done| *done < life.len()))
    }

    /// Sends what happened up to now of the lives that the server does not hold.
    async fn fill(
        &self,
        lives: &[Arc<Life>],
        held: &BTreeMap<IssueId, Held>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut missing: Vec<_> = lives
            .iter()
            .filter(|life| !held.contains_key(&life.id))
            .filter_map(|life| Some((life.id.clone(), life.until(now)?)))
            .collect();
        missing.sort_by_key(|(_, history)| history.report.happened_at);
        for part in missing.chunks(HistoryBatch::MAX) {
            let batch = HistoryBatch { issues: part.iter().map(|(_, history)| history.clone()).collect() };
            let accepted = match self.client.history(&batch).await {
                Ok(accepted) => accepted,
                // The batch, or another's, had arrived although nobody said so: look again, and send what is missing.
                Err(Failure::Refused(problem))
                    if problem.status == 409 && problem.kind.ends_with("id-taken") =>
                {
                    return Err(Failure::Lost(words(&problem)));
                }
                Err(failure) => return Err(failure),
            };
            tracing::debug!(accepted.issues, accepted.events, "history");
        }
        if !missing.is_empty() {
            tracing::info!(issues = missing.len(), took = ?begun.elapsed(), "history is in the store");
        }
        Ok(())
    }

    /// Sends everything that is due at `now`.
    async fn tick(&self, course: &mut Course, now: Timestamp) -> Result<(), Failure> {
        while course.days.back().is_some_and(|day| day.to <= now) && course.plan_day() {}
        while let Some((id, patrol)) = course.patrols.front() {
            self.client.patrol(id, patrol).await?;
            course.patrols.pop_front();
        }
        self.send_positions(course, now).await?;
        while let Some(Reverse((at, number))) = course.due.peek().copied()
            && at <= now
        {
            self.send_due(course, number).await?;
        }
        course.forget(now);
        Ok(())
    }

    async fn send_positions(&self, course: &mut Course, now: Timestamp) -> Result<(), Failure> {
        if now.duration_since(course.sent_until) < -STALE {
            tracing::warn!(%now, "the server's clock was set back; positions go on from there");
            course.sent_until = now;
        }
        let oldest = now.saturating_sub(STALE).unwrap_or(now);
        course.sent_until = course.sent_until.max(oldest);
        while course.sent_until < now {
            let until = course.sent_until.saturating_add(SLICE).unwrap_or(now).min(now);
            let mut batch = PositionBatch(course.positions(until, &self.setting));
            // Far more than a slice of any sane roster has.
            batch.0.truncate(PositionBatch::MAX);
            if !batch.0.is_empty() {
                match self.client.positions(&batch).await {
                    Ok(answer) => {
                        if let Some(refused) = answer.refused.first() {
                            tracing::warn!(
                                count = answer.refused.len(),
                                reason = refused.reason,
                                "positions refused"
                            );
                        }
                    }
                    // A server that has forgotten the patrols is told of them again.
                    Err(Failure::Refused(problem)) => {
                        tracing::warn!(reason = words(&problem), "no position was taken");
                        course.tell_patrols();
                    }
                    Err(failure) => return Err(failure),
                }
            }
            course.sent_until = until;
        }
        Ok(())
    }

    /// Sends the next event of a life, which is due.
    async fn send_due(&self, course: &mut Course, number: usize) -> Result<(), Failure> {
        let Some(progress) = course.lives.get(&number) else {
            course.due.pop();
            return Ok(());
        };
        let (life, next, version) = (Arc::clone(&progress.life), progress.next, progress.version);
        let id = &life.id;
        let key = format!("{id}-{next}");
        let Some((planned_at, entry)) = life.entry(next) else {
            course.drop_life(number);
            return Ok(());
        };
        let happened_at = progress.moment(planned_at);
        let result = match entry {
            Entry::Report(report) => self.client.report(report, &key).await,
            Entry::Step(step) => {
                let step = NewStep { happened_at: Some(happened_at), ..step.clone() };
                self.client.step(id, version, &step, &key).await
            }
        };
        match result {
            Ok(version) => course.advance(number, next + 1, version),
            Err(Failure::Refused(problem)) => match problem.status {
                // Somebody else has dealt with it: what is planned is tried on what it has become, and after that.
                status @ (412 | 422) if next > 0 => match self.client.held_issue(id).await {
                    Ok((held, updated_at)) if status == 412 || updated_at > Some(happened_at) => {
                        course.saw(number, held, updated_at);
                    }
                    Ok(_) => {
                        tracing::warn!(%id, reason = words(&problem), "a plan is given up");
                        course.drop_life(number);
                    }
                    Err(Failure::Refused(_)) => course.drop_life(number),
                    Err(failure) => return Err(failure),
                },
                409 => {
                    let later = problem.allowed.as_ref().and_then(|allowed| {
                        life.steps
                            .iter()
                            .enumerate()
                            .skip(next)
                            .find(|(_, step)| allowed.contains(&step.step))
                    });
                    if let Some((step, _)) = later {
                        tracing::info!(%id, reason = words(&problem), "a planned step is left out");
                        course.advance(number, step + 1, version);
                    } else {
                        tracing::info!(%id, reason = words(&problem), "a plan is given up");
                        course.drop_life(number);
                    }
                }
                _ => {
                    tracing::warn!(%id, reason = words(&problem), "a plan is given up");
                    course.drop_life(number);
                }
            },
            Err(failure) => return Err(failure),
        }
        Ok(())
    }
}

impl Course {
    /// Takes a life of which the server holds so many events, and no others.
    fn add(&mut self, life: Arc<Life>, done: usize) {
        self.take(Progress { life, next: done, version: done as u64, earliest: None });
    }

    /// Takes a life from where it is.
    fn take(&mut self, progress: Progress) {
        if let Some((at, _)) = progress.life.entry(progress.next) {
            self.due.push(Reverse((at, self.count)));
            self.lives.insert(self.count, progress);
            self.count += 1;
        }
    }

    /// The event that was due has happened; the next one may be waited for.
    fn advance(&mut self, number: usize, next: usize, version: u64) {
        self.due.pop();
        let Some(progress) = self.lives.get_mut(&number) else { return };
        (progress.next, progress.version) = (next, version);
        match progress.life.entry(next) {
            Some((at, _)) => self.due.push(Reverse((at, number))),
            None => {
                self.lives.remove(&number);
            }
        }
    }

    /// The server holds another version than was thought, whose last event happened at `updated_at`.
    fn saw(&mut self, number: usize, version: u64, updated_at: Option<Timestamp>) {
        if let Some(progress) = self.lives.get_mut(&number) {
            progress.version = version;
            progress.earliest = progress.earliest.max(updated_at);
        }
    }

    fn drop_life(&mut self, number: usize) {
        self.due.pop();
        self.lives.remove(&number);
    }

    /// Plans the next day; `false` if there is none.
    fn plan_day(&mut self) -> bool {
        let Some(day) = self.planner.next_day() else { return false };
        for life in &day.lives {
            self.add(Arc::clone(life), 0);
        }
        self.patrols = day.patrols.iter().cloned().collect();
        self.days.push_back(day);
        true
    }

    fn tell_patrols(&mut self) {
        if let Some(day) = self.days.back() {
            self.patrols = day.patrols.iter().cloned().collect();
        }
    }

    /// The positions of everybody since the last ones.
    fn positions(&self, until: Timestamp, setting: &Setting) -> Vec<NewPosition> {
        let mut positions: Vec<NewPosition> = Vec::new();
        for track in self.days.iter().flat_map(|day| &day.tracks) {
            if track.duty.from > until || track.duty.to < self.sent_until {
                continue;
            }
            let fixes = track.fixes(self.sent_until, until, setting.place.frame);
            positions.extend(fixes.into_iter().map(|fix| NewPosition { patrol: track.patrol.clone(), fix }));
        }
        positions.sort_by_key(|position| position.fix.at);
        positions
    }

    /// Forgets the days whose last shift is over.
    fn forget(&mut self, now: Timestamp) {
        while self.days.len() > 2 && self.days.front().is_some_and(|day| day.to < now) {
            self.days.pop_front();
        }
    }
}

/// Real time between two looks at what is due, at a rate of the clock.
fn tick_of(rate: f64) -> Duration {
    let seconds = TICK_SCENARIO_S / rate.max(1e-3);
    Duration::from_secs_f64(seconds.clamp(SHORTEST_TICK.as_secs_f64(), LONGEST_TICK.as_secs_f64()))
}

fn words(problem: &Problem) -> String {
    problem.sentence().unwrap_or(&problem.kind).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_is_looked_at_more_often() {
        for (rate, millis) in [(0.0, 1_000), (1.0, 1_000), (30.0, 500), (60.0, 250), (3_600.0, 250)] {
            assert_eq!(tick_of(rate).as_millis(), millis, "{rate}");
        }
    }
}
