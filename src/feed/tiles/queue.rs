//! Which tile is next: what is wanted, what waits after a failure, and whether the server needs a rest.
//!
//! A tile that fails waits twice as long each time and comes up again by itself. A server that does not answer, that says
//! so, or that fails again and again is left alone as a whole, and then tried with one request.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::Levels;
use crate::geo::MapTile;

/// So many requests at once, as browsers do.
const PARALLEL: usize = 6;
/// The most tiles that are wanted at once, and of those that are shown, that are asked about.
const MOST_WANTED: usize = 256;
/// Of decoded tiles that wait to be taken more than so many bytes are not made.
const MOST_WAITING_BYTES: usize = 32 << 20;
/// The most failures that are remembered.
const MOST_FAILURES: usize = 4_096;
/// The first wait after a failure; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest rest that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);
/// What a server does not have is asked for again after so long.
const ABSENT_WAIT: Duration = Duration::from_secs(600);
/// A tile that is refused is asked for again after so long; so is any, after so many refusals in a row.
const REFUSED_WAIT: Duration = Duration::from_secs(120);
const REFUSALS: u32 = 4;
/// The log has a line of each kind of trouble at most so often.
const TOLD_EVERY: Duration = Duration::from_secs(300);

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Look on the disk.
    Look(MapTile),
    /// Ask the server.
    Ask(MapTile),
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Nothing is on the disk.
    NotHeld,
    /// A picture from the disk, which the server may have newer where it is not fresh.
    Held {
        /// It.
        levels: Levels,
        /// Whether it is good without asking.
        is_fresh: bool,
    },
    /// A picture from the server.
    Here(Levels),
    /// The server has none newer.
    Same,
    /// The server has none there.
    Absent,
    /// The server wants another key, or nobody there.
    Refused(u16),
    /// It may come later.
    Failed(Failure),
}

/// Kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// No answer.
    Silent,
    /// An answer that is none.
    Status,
    /// Something that is no picture.
    Broken,
    /// A key is refused.
    Refused,
}

/// A tile that did not come.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) trouble: Trouble,
    /// In words, without the address.
    pub(super) text: String,
    /// Whether any other tile would have fared the same.
    pub(super) is_of_server: bool,
    /// What the server asks for.
    pub(super) retry_after: Option<Duration>,
}

/// How the server is.
#[derive(Debug, Default)]
struct Server {
    rests_until: Option<Instant>,
    rests: u32,
    failures: u32,
    refusals: u32,
}

impl Server {
    fn rest(&self, now: Instant) -> Option<Instant> {
        self.rests_until.filter(|until| *until > now)
    }

    fn failed(&mut self, failure: &Failure, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let asked = failure.retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        // Requests that were on their way together fail together, which is one failure.
        if self.rest(now).is_none() {
            if !failure.is_of_server && (self.failures as usize) < PARALLEL {
                return;
            }
            self.rests_until = Some(now + wait(self.rests));
            self.rests = self.rests.saturating_add(1);
        }
        self.rests_until = self.rests_until.max(Some(now + asked));
    }

    fn refused(&mut self, status: u16, now: Instant) {
        self.refusals = self.refusals.saturating_add(1);
        if status == 401 || self.refusals >= REFUSALS {
            self.rests_until = self.rests_until.max(Some(now + REFUSED_WAIT));
        }
    }

    /// What was on its way may come all the same, so that a rest that was asked for is kept.
    fn answered(&mut self) {
        *self = Self { rests_until: self.rests_until, ..Self::default() };
    }

    fn parallel(&self) -> usize {
        if self.rests > 0 || self.refusals >= REFUSALS { 1 } else { PARALLEL }
    }
}

fn wait(times: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << times.min(8)).min(LONGEST_WAIT)
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Queue {
    wanted: Vec<MapTile>,
    /// Of those that are wanted, what is not on the disk.
    looked: HashSet<MapTile>,
    /// Shown from the disk, and to be asked about.
    stale: VecDeque<MapTile>,
    busy: HashSet<MapTile>,
    failures: HashMap<MapTile, (u32, Instant)>,
    server: Server,
    arrived: Vec<(MapTile, Option<Levels>)>,
    arrived_bytes: usize,
    problem: Option<String>,
    told: BTreeMap<Trouble, Instant>,
}

impl Queue {
    pub(super) fn want(&mut self, tiles: impl IntoIterator<Item = MapTile>) {
        let here: HashSet<MapTile> = self.arrived.iter().map(|(tile, _)| *tile).collect();
        self.wanted = tiles.into_iter().filter(|tile| !here.contains(tile)).take(MOST_WANTED).collect();
        let wanted: HashSet<MapTile> = self.wanted.iter().copied().collect();
        self.looked.retain(|tile| wanted.contains(tile));
    }

    pub(super) fn take(&mut self) -> Vec<(MapTile, Option<Levels>)> {
        self.arrived_bytes = 0;
        std::mem::take(&mut self.arrived)
    }

    pub(super) fn problem(&self) -> Option<String> {
        self.problem.clone()
    }

    /// What to do next, and otherwise when there may be something.
    pub(super) fn next(&mut self, now: Instant) -> Result<Job, Option<Instant>> {
        if self.arrived_bytes >= MOST_WAITING_BYTES {
            return Err(None);
        }
        let unseen = |tile: &&MapTile| !self.looked.contains(tile) && !self.busy.contains(tile);
        if let Some(tile) = self.wanted.iter().find(unseen).copied() {
            self.busy.insert(tile);
            return Ok(Job::Look(tile));
        }
        if let Some(rest) = self.server.rest(now) {
            return Err(Some(rest));
        }
        if self.busy.len() >= self.server.parallel() {
            return Err(None);
        }
        let mut soonest = None;
        for tile in self.wanted.iter().chain(&self.stale).filter(|tile| !self.busy.contains(tile)) {
            match self.failures.get(tile).map(|(_, until)| *until).filter(|until| *until > now) {
                Some(until) => soonest = Some(soonest.map_or(until, |held: Instant| held.min(until))),
                None => {
                    let tile = *tile;
                    self.busy.insert(tile);
                    return Ok(Job::Ask(tile));
                }
            }
        }
        Err(soonest)
    }

    /// Notes what became of a job; whether something has arrived.
    pub(super) fn finish(&mut self, tile: MapTile, outcome: Outcome, now: Instant) -> bool {
        self.busy.remove(&tile);
        match outcome {
            Outcome::NotHeld => {
                self.looked.insert(tile);
                false
            }
            Outcome::Held { levels, is_fresh } => {
                if !is_fresh && !self.stale.contains(&tile) {
                    self.stale.push_back(tile);
                    if self.stale.len() > MOST_WANTED {
                        self.stale.pop_front();
                    }
                }
                self.arrive(tile, Some(levels));
                true
            }
            Outcome::Here(levels) => {
                self.settled(tile);
                self.failures.remove(&tile);
                self.arrive(tile, Some(levels));
                true
            }
            Outcome::Same => {
                self.settled(tile);
                // Another process may have brought it meanwhile: then it is on the disk.
                self.looked.remove(&tile);
                self.failures.remove(&tile);
                false
            }
            Outcome::Absent => {
                // What is shown from the disk stays.
                let is_shown = self.stale.contains(&tile);
                self.settled(tile);
                self.fail(tile, ABSENT_WAIT, now);
                if !is_shown {
                    self.arrive(tile, None);
                }
                !is_shown
            }
            Outcome::Refused(status) => {
                self.server.refused(status, now);
                self.fail(tile, REFUSED_WAIT, now);
                let text = format!("the map's server refuses (status {status}); see its key");
                self.tell(Trouble::Refused, text, now);
                false
            }
            Outcome::Failed(failure) => {
                self.server.failed(&failure, now);
                let times = self.failures.get(&tile).map_or(0, |(times, _)| *times);
                self.fail(tile, wait(times), now);
                self.tell(failure.trouble, failure.text, now);
                false
            }
        }
    }

    /// The server has answered.
    fn settled(&mut self, tile: MapTile) {
        self.server.answered();
        self.problem = None;
        self.stale.retain(|held| *held != tile);
    }

    fn arrive(&mut self, tile: MapTile, levels: Option<Levels>) {
        self.wanted.retain(|wanted| *wanted != tile);
        self.looked.remove(&tile);
        let bytes = levels.iter().flat_map(|levels| levels.iter()).map(|level| level.rgba.len());
        self.arrived_bytes += bytes.sum::<usize>();
        self.arrived.push((tile, levels));
    }

    fn fail(&mut self, tile: MapTile, wait: Duration, now: Instant) {
        if self.failures.len() >= MOST_FAILURES {
            self.failures.retain(|_, (_, until)| *until > now);
            if self.failures.len() >= MOST_FAILURES {
                self.failures.clear();
            }
        }
        let times = self.failures.get(&tile).map_or(0, |(times, _)| *times);
        self.failures.insert(tile, (times.saturating_add(1), now + wait));
    }

    fn tell(&mut self, trouble: Trouble, text: String, now: Instant) {
        if self.is_news(trouble, now) {
            tracing::warn!("the base map: {text}");
        }
        self.problem = Some(text);
    }

    fn is_news(&mut self, trouble: Trouble, now: Instant) -> bool {
        let is_news = self.told.get(&trouble).is_none_or(|told| now.duration_since(*told) >= TOLD_EVERY);
        if is_news {
            self.told.insert(trouble, now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;

    const TILE: MapTile = MapTile { z: 1, x: 0, y: 0 };
    const OTHER: MapTile = MapTile { z: 1, x: 1, y: 0 };

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn failed(is_of_server: bool, retry_after: Option<u64>) -> Outcome {
        let retry_after = retry_after.map(secs);
        Outcome::Failed(Failure {
            trouble: Trouble::Status,
            text: "no".to_owned(),
            is_of_server,
            retry_after,
        })
    }

    fn picture(bytes: usize) -> Levels {
        vec![Picture { width: 1, height: 1, rgba: vec![0; bytes] }].into()
    }

    /// A queue that wants tiles of which none is on the disk.
    fn wanting(tiles: &[MapTile], now: Instant) -> Queue {
        let mut queue = Queue::default();
        queue.want(tiles.iter().copied());
        for tile in tiles {
            assert_eq!(queue.next(now), Ok(Job::Look(*tile)));
            queue.finish(*tile, Outcome::NotHeld, now);
        }
        queue
    }

    #[test]
    fn what_failed_comes_up_by_itself_later_each_time_and_holds_nothing_up() {
        let start = Instant::now();
        let mut queue = wanting(&[TILE, OTHER], start);
        let mut now = start;
        for wait_secs in [1, 2, 4, 8, 16] {
            assert_eq!(queue.next(now), Ok(Job::Ask(TILE)));
            queue.finish(TILE, failed(false, None), now);
            if now == start {
                assert_eq!(queue.next(now), Ok(Job::Ask(OTHER)), "it does not wait for the first");
                queue.finish(OTHER, Outcome::Absent, now);
            }
            // An answer for another tile came, so that the server as a whole is well.
            queue.server = Server::default();
            let next = now + secs(wait_secs);
            assert_eq!(queue.next(now + secs(wait_secs) / 2), Err(Some(next)));
            now = next;
        }
        assert!(queue.problem().is_some());
        assert_eq!(queue.next(now), Ok(Job::Ask(TILE)), "nobody asked again");
        assert!(queue.finish(TILE, Outcome::Here(picture(4)), now));
        assert_eq!((queue.next(now), queue.problem()), (Err(None), None));
        assert_eq!(queue.take().len(), 2, "one is there and one is not");
    }

    #[test]
    fn a_silent_server_rests_as_a_whole_and_is_tried_with_one_request() {
        let start = Instant::now();
        let mut queue = wanting(&[TILE, OTHER], start);
        assert_eq!([queue.next(start), queue.next(start)], [Ok(Job::Ask(TILE)), Ok(Job::Ask(OTHER))]);
        queue.finish(TILE, failed(true, None), start);
        queue.finish(OTHER, failed(true, None), start);
        assert_eq!(queue.next(start), Err(Some(start + secs(1))), "two at once are one failure");
        let later = start + secs(1);
        assert_eq!(queue.next(later), Ok(Job::Ask(TILE)));
        assert_eq!(queue.next(later), Err(None), "one at a time");
        queue.finish(TILE, failed(true, None), later);
        assert_eq!(queue.next(later), Err(Some(later + secs(2))));
        let later = later + secs(2);
        assert_eq!(queue.next(later), Ok(Job::Ask(TILE)));
        queue.finish(TILE, Outcome::Here(picture(4)), later);
        assert_eq!(queue.server.parallel(), PARALLEL, "well again");
    }

    #[test]
    fn a_server_says_how_long_it_rests_within_bounds() {
        for (asked, granted) in [(30, 30), (1_000_000, 600), (0, 1)] {
            let now = Instant::now();
            let mut queue = wanting(&[TILE], now);
            assert_eq!(queue.next(now), Ok(Job::Ask(TILE)));
            queue.finish(TILE, failed(true, Some(asked)), now);
            assert_eq!(queue.next(now), Err(Some(now + secs(granted))), "{asked}");
        }
    }

    #[test]
    fn one_refusal_is_for_one_tile_and_four_are_for_all() {
        let now = Instant::now();
        let tiles: Vec<MapTile> = (0..6).map(|x| MapTile { z: 3, x, y: 0 }).collect();
        let mut queue = wanting(&tiles, now);
        for (i, tile) in tiles.iter().take(4).enumerate() {
            assert_eq!(queue.next(now), Ok(Job::Ask(*tile)), "after {i} refusals");
            queue.finish(*tile, Outcome::Refused(403), now);
        }
        assert_eq!(queue.next(now), Err(Some(now + REFUSED_WAIT)));
        let mut queue = wanting(&tiles, now);
        assert_eq!(queue.next(now), Ok(Job::Ask(tiles[0])));
        queue.finish(tiles[0], Outcome::Refused(401), now);
        assert_eq!(queue.next(now), Err(Some(now + REFUSED_WAIT)), "401 is about the key alone");
    }

    #[test]
    fn what_is_on_the_disk_comes_first_even_while_the_server_rests() {
        let now = Instant::now();
        let mut queue = wanting(&[TILE], now);
        assert_eq!(queue.next(now), Ok(Job::Ask(TILE)));
        queue.finish(TILE, failed(true, Some(60)), now);
        queue.want([TILE, OTHER]);
        assert_eq!(queue.next(now), Ok(Job::Look(OTHER)));
        assert!(queue.finish(OTHER, Outcome::Held { levels: picture(4), is_fresh: false }, now));
        assert_eq!(queue.next(now), Err(Some(now + secs(60))));
        // Then the server is asked about it, after what is lacking.
        let later = now + secs(60);
        assert_eq!(queue.next(later), Ok(Job::Ask(TILE)));
        queue.finish(TILE, Outcome::Same, later);
        assert_eq!(queue.next(later), Ok(Job::Look(TILE)), "somebody else has brought it");
        queue.finish(TILE, Outcome::NotHeld, later);
        queue.want([]);
        assert_eq!(queue.next(later), Ok(Job::Ask(OTHER)));
        queue.finish(OTHER, Outcome::Same, later);
        assert_eq!(queue.next(later), Err(None));
    }

    #[test]
    fn a_full_shelf_waits_and_the_log_is_not_filled() {
        let now = Instant::now();
        let mut queue = wanting(&[TILE, OTHER], now);
        assert_eq!(queue.next(now), Ok(Job::Ask(TILE)));
        queue.finish(TILE, Outcome::Here(picture(MOST_WAITING_BYTES)), now);
        assert_eq!(queue.next(now), Err(None));
        queue.take();
        assert_eq!(queue.next(now), Ok(Job::Ask(OTHER)));
        let told = |queue: &mut Queue, after| {
            [Trouble::Silent, Trouble::Status, Trouble::Silent, Trouble::Status]
                .into_iter()
                .filter(|trouble| queue.is_news(*trouble, now + secs(after)))
                .count()
        };
        assert_eq!([told(&mut queue, 0), told(&mut queue, 299), told(&mut queue, 300)], [2, 0, 2]);
    }
}
