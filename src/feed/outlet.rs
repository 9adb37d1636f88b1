//! The bounded way from the thread of a feed to whoever applies what it delivers.
//!
//! Steps of issues are never dropped: a full outlet makes the feed wait, and so the server.
//! Of positions only the newest of each patrol waits; of the clock and the state of the feed only the newest.

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

use super::Delivery;
use crate::governance::wire::PositionUpdate;
use crate::governance::{FeedState, PatrolId, ServerClock, Update};

/// The most patrols whose newest position waits; positions of further ones are dropped.
const MAX_MOVES: usize = 100_000;

/// Whom to tell that something has come in.
type Call = Box<dyn Fn() + Send + Sync>;

/// The queue, shared by both ends.
#[derive(Clone)]
pub(super) struct Outlet(Arc<Shared>);

struct Shared {
    capacity: usize,
    queue: Mutex<Queue>,
    room: Notify,
    delivered: OnceLock<Call>,
}

impl std::fmt::Debug for Outlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outlet").field("capacity", &self.0.capacity).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Queue {
    ordered: VecDeque<Delivery>,
    moves: Vec<PositionUpdate>,
    move_rows: HashMap<PatrolId, usize>,
    /// Positions that are being taken out, some at a time: older than those in `moves`.
    leaving: std::vec::IntoIter<PositionUpdate>,
    clock: Option<ServerClock>,
    feed: Option<FeedState>,
}

impl Outlet {
    /// An outlet in which at most `capacity` deliveries wait, positions not counted.
    pub(super) fn new(capacity: usize) -> Self {
        Self(Arc::new(Shared {
            capacity: capacity.max(1),
            queue: Mutex::new(Queue::default()),
            room: Notify::new(),
            delivered: OnceLock::new(),
        }))
    }

    /// Whom to tell from now on that something has come in. What waits already is told at once.
    pub(super) fn on_delivery(&self, call: Call) {
        if self.0.delivered.set(call).is_ok() {
            self.tell();
        }
    }

    /// Tells that something has come in.
    pub(super) fn tell(&self) {
        if let Some(call) = self.0.delivered.get() {
            call();
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here panics half-way; a poisoned queue is as good as another.
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a delivery in, waiting for room if it is one that must not be lost.
    pub(super) async fn put(&self, delivery: Delivery) {
        let mut delivery = match delivery {
            Delivery::Moves(moves) => {
                self.queue().put_moves(moves);
                return self.tell();
            }
            Delivery::Update(Update::Clock(clock)) => {
                self.queue().clock = Some(clock);
                return self.tell();
            }
            Delivery::Update(Update::Feed(feed)) => return self.put_state(feed),
            ordered => ordered,
        };
        loop {
            // All waiters are woken, and each looks again: one that is not being polled must not swallow the only call.
            let mut room = pin!(self.0.room.notified());
            room.as_mut().enable();
            match self.try_put(delivery) {
                Ok(()) => return self.tell(),
                Err(back) => delivery = back,
            }
            // Whoever takes things out may have gone to rest.
            self.tell();
            room.await;
        }
    }

    /// Puts a delivery in at once, however many wait already.
    pub(super) fn put_now(&self, delivery: Delivery) {
        match delivery {
            Delivery::Moves(moves) => self.queue().put_moves(moves),
            Delivery::Update(Update::Clock(clock)) => self.queue().clock = Some(clock),
            Delivery::Update(Update::Feed(feed)) => self.queue().feed = Some(feed),
            ordered => self.queue().put_ordered(ordered),
        }
        self.tell();
    }

    /// Says how the feed is doing; never waits.
    pub(super) fn put_state(&self, feed: FeedState) {
        self.queue().feed = Some(feed);
        self.tell();
    }

    fn try_put(&self, delivery: Delivery) -> Result<(), Delivery> {
        let mut queue = self.queue();
        if queue.ordered.len() >= self.0.capacity {
            return Err(delivery);
        }
        queue.put_ordered(delivery);
        Ok(())
    }

    /// Whether an update or a position waits.
    pub(super) fn has_more(&self) -> bool {
        !self.queue().is_empty()
    }

    /// Takes at most `most` ordered deliveries and `most_moves` positions out, and the clock and the state of the feed.
    ///
    /// Positions come out only when nothing ordered is left, so that none arrives before its patrol.
    pub(super) fn drain(&self, most: usize, most_moves: usize) -> Vec<Delivery> {
        let mut queue = self.queue();
        let count = queue.ordered.len().min(most);
        let mut out: Vec<Delivery> = Vec::with_capacity(count + 3);
        out.extend(queue.clock.take().map(|clock| Update::Clock(clock).into()));
        out.extend(queue.ordered.drain(..count));
        if queue.ordered.is_empty() {
            if queue.leaving.len() == 0 {
                queue.move_rows.clear();
                queue.leaving = std::mem::take(&mut queue.moves).into_iter();
            }
            let moves: Vec<_> = queue.leaving.by_ref().take(most_moves).collect();
            if !moves.is_empty() {
                out.push(Delivery::Moves(moves));
            }
        }
        // The state last: "live" must not come before what was read.
        if queue.ordered.is_empty() || !matches!(queue.feed, Some(FeedState::Live { .. })) {
            out.extend(queue.feed.take().map(|feed| Update::Feed(feed).into()));
        }
        drop(queue);
        if count > 0 {
            self.0.room.notify_waiters();
        }
        out
    }
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.ordered.is_empty() && self.moves.is_empty() && self.leaving.len() == 0
    }

    fn put_ordered(&mut self, delivery: Delivery) {
        if delivery == Delivery::Reset {
            // What waits is of another database.
            self.leaving = Vec::new().into_iter();
            self.moves.clear();
            self.move_rows.clear();
        }
        self.ordered.push_back(delivery);
    }

    fn put_moves(&mut self, moves: Vec<PositionUpdate>) {
        for position in moves {
            if let Some(waiting) = self.move_rows.get(&position.id).and_then(|row| self.moves.get_mut(*row)) {
                if position.version > waiting.version {
                    *waiting = position;
                }
            } else if self.moves.len() < MAX_MOVES {
                self.move_rows.insert(position.id.clone(), self.moves.len());
                self.moves.push(position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::geo::LonLat;
    use crate::governance::{Fix, IssueId};

    fn removal(n: u64) -> Delivery {
        Update::IssueRemoved { id: IssueId(n.to_string()), version: n }.into()
    }

    fn position(id: &str, version: u64) -> PositionUpdate {
        let fix = Fix {
            at: jiff::Timestamp::UNIX_EPOCH,
            place: LonLat::new(118.0, 28.0),
            heading_deg: None,
            speed_mps: None,
            accuracy_m: None,
            mock: false,
            battery_percent: None,
        };
        PositionUpdate { id: PatrolId(id.into()), version, fix }
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
    }

    #[test]
    fn steps_wait_for_room_in_order_and_none_is_lost() {
        let outlet = Outlet::new(3);
        let taker = outlet.clone();
        let thread = std::thread::Builder::new().name("taker".into()).spawn(move || {
            let mut taken = Vec::new();
            while taken.len() < 1_000 {
                let out = taker.drain(2, 1);
                assert!(out.len() <= 2);
                taken.extend(out);
                std::thread::yield_now();
            }
            taken
        });
        runtime().block_on(async {
            // Two waiters in one task, as while a snapshot is read beside the stream.
            let even = async {
                for n in 0..500 {
                    outlet.put(removal(2 * n)).await;
                }
            };
            let odd = async {
                for n in 0..500 {
                    outlet.put(removal(2 * n + 1)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(even, odd) })
                .await
                .expect("nobody waits for ever");
        });
        let mut taken = thread.expect("a thread").join().expect("no panic");
        let evens: Vec<_> = taken
            .iter()
            .filter(
                |d| matches!(d, Delivery::Update(Update::IssueRemoved { version, .. }) if version % 2 == 0),
            )
            .cloned()
            .collect();
        assert_eq!(evens, (0..500).map(|n| removal(2 * n)).collect::<Vec<_>>());
        taken.sort_by_key(|delivery| match delivery {
            Delivery::Update(Update::IssueRemoved { version, .. }) => *version,
            _ => u64::MAX,
        });
        assert_eq!(taken, (0..1_000).map(removal).collect::<Vec<_>>());
    }

    #[test]
    fn whoever_takes_things_out_is_told_that_there_are_some() {
        let outlet = Outlet::new(1);
        let told = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counts = Arc::clone(&told);
        let count = || told.load(std::sync::atomic::Ordering::Relaxed);
        runtime().block_on(outlet.put(removal(1)));
        outlet.on_delivery(Box::new(move || {
            counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }));
        assert_eq!(count(), 1, "what came before is told too");
        runtime().block_on(outlet.put(Delivery::Moves(vec![position("a", 1)])));
        outlet.put_state(FeedState::Connecting);
        assert_eq!(count(), 3);
        let waits = async { tokio::time::timeout(Duration::from_millis(5), outlet.put(removal(2))).await };
        assert!(runtime().block_on(waits).is_err(), "there is no room");
        assert!(count() > 3, "a full outlet says so, lest both wait for each other");
    }

    #[test]
    fn of_positions_only_the_newest_waits_and_comes_after_what_is_ordered() {
        let outlet = Outlet::new(10);
        runtime().block_on(async {
            outlet.put(Delivery::Moves(vec![position("a", 1), position("b", 1)])).await;
            outlet.put(Delivery::Moves(vec![position("a", 3), position("b", 0)])).await;
            outlet.put(removal(1)).await;
            outlet.put(removal(2)).await;
        });
        assert_eq!(outlet.drain(1, 9), [removal(1)]);
        assert!(outlet.has_more());
        let moves = vec![position("a", 3), position("b", 1)];
        assert_eq!(outlet.drain(1, 9), [removal(2), Delivery::Moves(moves)]);
        assert_eq!(outlet.drain(1, 9), []);
        assert!(!outlet.has_more());
    }

    #[test]
    fn positions_are_taken_some_at_a_time_and_none_of_another_database_is_left() {
        let outlet = Outlet::new(10);
        let moves = |list: &[(&str, u64)]| {
            Delivery::Moves(list.iter().map(|(id, version)| position(id, *version)).collect())
        };
        runtime().block_on(async {
            outlet.put(moves(&[("a", 1), ("b", 1), ("c", 1)])).await;
            assert_eq!(outlet.drain(9, 2), [moves(&[("a", 1), ("b", 1)])]);
            outlet.put(moves(&[("c", 2), ("a", 2)])).await;
            assert_eq!(outlet.drain(9, 2), [moves(&[("c", 1)])]);
            assert_eq!(outlet.drain(9, 2), [moves(&[("c", 2), ("a", 2)])]);
            assert!(!outlet.has_more());
            outlet.put(moves(&[("a", 3), ("b", 3)])).await;
            assert_eq!(outlet.drain(9, 1), [moves(&[("a", 3)])]);
            outlet.put(Delivery::Reset).await;
            outlet.put(moves(&[("a", 1)])).await;
            assert_eq!(outlet.drain(9, 9), [Delivery::Reset, moves(&[("a", 1)])]);
        });
    }
}
