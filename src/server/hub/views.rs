//! Positions on their way out: one view for all readers that ask for the same rate and bounds.
//!
//! A view holds the newest fix of each patrol that moved within its bounds since its last batch, and encodes it once.
//! A patrol that leaves the bounds is told once more, with its first fix outside, so that nobody keeps it standing.
//! Where each patrol was before is kept once for all views, so whoever joins late misses nothing; the first move of a patrol
//! that is heard of since the start is told to everyone, for it may have come from anywhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::broadcast;

use super::Frame;
use crate::geo::LonLat;
use crate::governance::wire::{PositionUpdate, StreamEvent};
use crate::governance::{AreaCodes, PatrolId};
use crate::server::store::Bbox;

/// Batches held for a reader that is a little behind.
const CAPACITY: usize = 1_024;

/// Tells which areas a place lies in at a time.
pub(in crate::server) type AreasAt = Arc<dyn Fn(LonLat, Timestamp) -> AreaCodes + Send + Sync>;

/// How often a reader wants to hear of positions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::server) enum Rate {
    /// With each commit that brought some.
    #[default]
    EachCommit,
    EverySecond,
    EveryFiveSeconds,
}

/// Which positions a reader wants, and how often.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::server) struct Wish {
    pub(in crate::server) rate: Rate,
    /// Within this box, edges included.
    pub(in crate::server) bbox: Option<Bbox>,
    /// Within one of these areas; anywhere if there are none. Sorted, so that equal wishes are equal.
    pub(in crate::server) areas: Vec<String>,
}

/// A place and the areas that it lies in, as far as somebody asks for them.
struct Spot {
    place: LonLat,
    areas: AreaCodes,
}

/// That a patrol has moved.
struct Move {
    update: PositionUpdate,
    now: Spot,
    /// Where it was before, if that is known.
    before: Option<Spot>,
}

impl Wish {
    fn has_bounds(&self) -> bool {
        self.bbox.is_some() || !self.areas.is_empty()
    }

    fn takes(&self, spot: &Spot) -> bool {
        self.bbox.is_none_or(|bbox| bbox.touches(Bbox::at(spot.place)))
            && (self.areas.is_empty() || self.areas.iter().any(|code| lies_in(&spot.areas, code)))
    }
}

/// Whether one of the areas has this code, or lies below it: of 9, 12 and 15 digits each begins with that of its parent.
fn lies_in(areas: &AreaCodes, code: &str) -> bool {
    let is_parent = matches!(code.len(), 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit());
    [&areas.community, &areas.grid, &areas.compound]
        .into_iter()
        .flatten()
        .any(|held| held == code || (is_parent && matches!(held.len(), 12 | 15) && held.starts_with(code)))
}

/// All views, and where each patrol is.
#[derive(Default)]
pub(super) struct Views {
    views: Vec<View>,
    places: HashMap<PatrolId, LonLat>,
}

impl Views {
    /// Hears what a wish asks for, from now on.
    pub(super) fn subscribe(&mut self, wish: Wish) -> broadcast::Receiver<Arc<Frame>> {
        if let Some(view) = self.views.iter().find(|view| view.wish == wish) {
            return view.sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(CAPACITY);
        self.views.push(View { wish, pending: BTreeMap::new(), sender });
        receiver
    }

    /// Takes moves, and gives what is due at once.
    pub(super) fn take(&mut self, moves: Vec<PositionUpdate>, areas: &AreasAt) -> Vec<Due> {
        let needs_areas = self.views.iter().any(|view| !view.wish.areas.is_empty());
        let moves: Vec<Move> = moves
            .into_iter()
            .map(|update| {
                let spot = |place| {
                    let areas = if needs_areas { areas(place, update.fix.at) } else { AreaCodes::default() };
                    Spot { place, areas }
                };
                let now = spot(update.fix.place);
                let before = self.places.insert(update.id.clone(), update.fix.place).map(spot);
                Move { update, now, before }
            })
            .collect();
        for view in &mut self.views {
            view.take(&moves);
        }
        self.due(Rate::EachCommit)
    }

    /// Drops what waits of these patrols.
    pub(super) fn hide(&mut self, patrols: &[PatrolId]) {
        for view in &mut self.views {
            for patrol in patrols {
                view.pending.remove(patrol);
            }
        }
    }

    /// What is due after so many seconds; views without a reader end.
    pub(super) fn tick(&mut self, second: u64) -> Vec<Due> {
        self.views.retain(|view| view.sender.receiver_count() > 0);
        let mut due = self.due(Rate::EverySecond);
        if second.is_multiple_of(5) {
            due.append(&mut self.due(Rate::EveryFiveSeconds));
        }
        due
    }

    fn due(&mut self, rate: Rate) -> Vec<Due> {
        self.views.iter_mut().filter(|view| view.wish.rate == rate).filter_map(View::due).collect()
    }
}

/// All readers of one wish.
struct View {
    wish: Wish,
    pending: BTreeMap<PatrolId, PositionUpdate>,
    sender: broadcast::Sender<Arc<Frame>>,
}

impl View {
    /// Keeps what its readers want to hear of these moves.
    fn take(&mut self, moves: &[Move]) {
        if self.sender.receiver_count() == 0 {
            return;
        }
        for Move { update, now, before } in moves {
            let is_told = !self.wish.has_bounds()
                || self.wish.takes(now)
                || before.as_ref().is_none_or(|before| self.wish.takes(before))
                // It came or left since the last batch, and only its newest fix is told.
                || self.pending.contains_key(&update.id);
            if is_told {
                self.pending.insert(update.id.clone(), update.clone());
            }
        }
    }

    /// The next batch, if there is anything to tell.
    fn due(&mut self) -> Option<Due> {
        if self.pending.is_empty() {
            return None;
        }
        let updates = std::mem::take(&mut self.pending).into_values().collect();
        Some(Due { updates, sender: self.sender.clone() })
    }
}

/// A batch that is to be encoded and sent.
pub(super) struct Due {
    updates: Vec<PositionUpdate>,
    sender: broadcast::Sender<Arc<Frame>>,
}

impl Due {
    pub(super) fn send(self) {
        // Only those within a shift are taken, so no position is masked, whatever the time.
        let any_time = jiff::Timestamp::UNIX_EPOCH;
        match Frame::of(None, &StreamEvent::Positions(self.updates), any_time) {
            // An error says only that the last reader has gone.
            Ok(frame) => drop(self.sender.send(Arc::new(frame))),
            Err(error) => tracing::error!(%error, "a batch of positions cannot be told"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Fix;

    const BOX: Bbox = Bbox { west: 118.0, south: 28.0, east: 119.0, north: 29.0 };

    fn moved(id: &str, version: u64, lon: f64) -> PositionUpdate {
        let at = Timestamp::from_second(version as i64).expect("a time");
        let place = LonLat::new(lon, 28.5);
        let fix = Fix {
            at,
            place,
            heading_deg: None,
            speed_mps: None,
            accuracy_m: None,
            mock: false,
            battery_percent: None,
        };
        PositionUpdate { id: PatrolId(id.into()), version, fix }
    }

    fn areas_at(place: LonLat, _at: Timestamp) -> AreaCodes {
        match place.lon {
            118.0..118.5 => AreaCodes {
                community: Some("330802006001".into()),
                grid: Some("330802006001003".into()),
                compound: Some("xq-7".into()),
            },
            118.5..119.0 => AreaCodes { community: Some("330802006002".into()), ..AreaCodes::default() },
            _ => AreaCodes::default(),
        }
    }

    /// What a view of this wish tells of these commits in its next batch: patrols and versions. Each patrol stood `from` before.
    fn told(wish: Wish, from: &[(&str, f64)], commits: &[Vec<PositionUpdate>]) -> Vec<(String, u64)> {
        let areas: AreasAt = Arc::new(areas_at);
        let mut views = Views::default();
        views.take(from.iter().map(|(id, lon)| moved(id, 1, *lon)).collect(), &areas);
        let wish = Wish { rate: Rate::EverySecond, ..wish };
        let _reader = views.subscribe(wish);
        for moves in commits {
            assert!(views.take(moves.clone(), &areas).is_empty(), "nothing is due at once");
        }
        let due: Vec<_> = views.tick(1).into_iter().flat_map(|due| due.updates).collect();
        assert!(views.tick(2).is_empty(), "what was told is not told again");
        due.into_iter().map(|update| (update.id.0, update.version)).collect()
    }

    fn boxed() -> Wish {
        Wish { bbox: Some(BOX), ..Wish::default() }
    }

    #[test]
    fn only_the_newest_of_each_patrol_is_in_a_batch() {
        let commits = [vec![moved("a", 2, 118.1), moved("b", 5, 10.0)], vec![moved("a", 3, 118.2)]];
        let from = [("a", 118.0), ("b", 11.0)];
        assert_eq!(told(Wish::default(), &from, &commits), [("a".into(), 3), ("b".into(), 5)]);
        assert_eq!(told(boxed(), &from, &commits), [("a".into(), 3)]);
        // Nobody knows where these were before.
        assert_eq!(told(boxed(), &[], &commits), [("a".into(), 3), ("b".into(), 5)]);
    }

    #[test]
    fn whoever_leaves_is_told_once_more_and_then_no_more() {
        let leaves = vec![moved("a", 2, 119.5)];
        let goes_on = vec![moved("a", 3, 119.6)];
        assert_eq!(told(boxed(), &[("a", 118.5)], std::slice::from_ref(&leaves)), [("a".into(), 2)]);
        assert_eq!(told(boxed(), &[("a", 119.5)], std::slice::from_ref(&goes_on)), []);
        // Both between two batches: the newest is the one that is told.
        assert_eq!(told(boxed(), &[("a", 118.5)], &[leaves, goes_on]), [("a".into(), 3)]);
        let through = [vec![moved("a", 2, 118.5)], vec![moved("a", 3, 119.5)]];
        assert_eq!(told(boxed(), &[("a", 117.0)], &through), [("a".into(), 3)]);
    }

    #[test]
    fn areas_hold_what_lies_below_them() {
        let from = [("a", 10.0), ("b", 10.0), ("c", 10.0), ("d", 118.2)];
        let commits =
            [vec![moved("a", 2, 118.1), moved("b", 3, 118.6), moved("c", 4, 11.0), moved("d", 5, 10.0)]];
        let of = |code: &str| {
            let wish = Wish { areas: vec![code.to_owned()], ..Wish::default() };
            told(wish, &from, &commits).into_iter().map(|(id, _)| id).collect::<String>()
        };
        assert_eq!(of("330802006"), "abd");
        assert_eq!(of("330802006001"), "ad");
        assert_eq!(of("330802006001003"), "ad");
        assert_eq!(of("330802006002"), "b");
        assert_eq!(of("xq-7"), "ad");
        assert_eq!((of("xq"), of("3308"), of("330802007")), (String::new(), String::new(), String::new()));
    }
}
