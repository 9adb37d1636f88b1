//! The ways of patrols, stretch by stretch, as positions come in: each stretch once, a bounded number a frame.

use std::collections::{HashMap, HashSet, VecDeque};

use bevy::prelude::*;
use jiff::{SignedDuration, Timestamp};

use crate::feed::{Changes, PatrolTrail, Situation};
use crate::geo::LonLat;
use crate::governance::PatrolId;
use crate::viewer::place::Stand;

/// Patrols that are looked at in one frame.
const MOST_A_FRAME: usize = 300;
/// A stretch ends when a patrol has gone so far, metres: somebody who walks does so every few seconds.
const STRETCH_M: f64 = 8.0;
/// Or when so much time has passed: whoever stands somewhere is still there.
const STANDING: SignedDuration = SignedDuration::from_mins(1);
/// After a silence of this length nobody knows the way in between.
const GAP: SignedDuration = SignedDuration::from_mins(10);
/// Nor after a leap of so many metres.
const LEAP_M: f64 = 400.0;
/// A position that may be off by more metres than this says nothing of single buildings.
const COARSE_M: f32 = 50.0;

/// A stretch that a patrol went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Walk {
    /// From here, `[east, north]` in metres,
    pub(super) from: [f64; 2],
    /// to here,
    pub(super) to: [f64; 2],
    /// where it was at this time.
    pub(super) at: Timestamp,
}

/// Where patrols were last, and who has moved since.
#[derive(Resource, Default)]
pub(super) struct PatrolTracks {
    last: HashMap<PatrolId, ([f64; 2], Timestamp)>,
    waiting: VecDeque<PatrolId>,
    is_waiting: HashSet<PatrolId>,
}

impl PatrolTracks {
    /// Whether something waits to be looked at.
    pub(super) fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Forgets everything and looks at every patrol again.
    pub(super) fn restart(&mut self, situation: &Situation) {
        *self = Self::default();
        for trail in situation.patrols() {
            self.wait(&trail.patrol.id);
        }
    }

    /// Takes what changed.
    pub(super) fn follow(&mut self, changes: &Changes, situation: &Situation) {
        if changes.reset {
            return self.restart(situation);
        }
        for id in &changes.patrols_removed {
            self.last.remove(id);
        }
        for id in &changes.patrols {
            self.wait(id);
        }
    }

    fn wait(&mut self, id: &PatrolId) {
        if !self.is_waiting.contains(id) {
            self.is_waiting.insert(id.clone());
            self.waiting.push_back(id.clone());
        }
    }

    /// The stretches of some of those that have moved.
    pub(super) fn take(&mut self, situation: &Situation, stand: &Stand) -> Vec<Walk> {
        let mut walks = Vec::new();
        for _ in 0..MOST_A_FRAME {
            let Some(id) = self.waiting.pop_front() else { break };
            self.is_waiting.remove(&id);
            if let Some(trail) = situation.patrol(&id) {
                self.lengthen(trail, |place| stand.place.frame.project(place), &mut walks);
            }
        }
        walks
    }

    /// Adds the stretches of a trail that are new.
    fn lengthen(&mut self, held: &PatrolTrail, project: impl Fn(LonLat) -> [f64; 2], walks: &mut Vec<Walk>) {
        let Some(fix) = held.patrol.fix else { return };
        if fix.mock || fix.accuracy_m.is_some_and(|accuracy_m| accuracy_m > COARSE_M) {
            return;
        }
        let mut last = self.last.get(&held.patrol.id).copied();
        // A trail leaves out points where somebody stands, the newest position among them.
        let points = held.trail.iter().map(|point| (point.at, point.place)).chain([(fix.at, fix.place)]);
        for (at, place) in points {
            if last.is_some_and(|(_, last_at)| at <= last_at) {
                continue;
            }
            let to = project(place);
            let walk = match last {
                Some((from, from_at)) => {
                    let gone_m = (to[0] - from[0]).hypot(to[1] - from[1]);
                    let since = at.duration_since(from_at);
                    if gone_m < STRETCH_M && since < STANDING {
                        continue;
                    }
                    let is_known = gone_m <= LEAP_M && since <= GAP;
                    Walk { from: if is_known { from } else { to }, to, at }
                }
                None => Walk { from: to, to, at },
            };
            walks.push(walk);
            last = Some((to, at));
        }
        if let Some(last) = last {
            self.last.insert(held.patrol.id.clone(), last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::TrailPoint;
    use crate::governance::{AreaCodes, Fix, Patrol, PatrolKind};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_789_000_000 + secs).expect("a time")
    }

    /// A patrol with a trail of `(seconds, metres east)`; a degree is a metre here.
    fn trail(points: &[(i64, f64)]) -> PatrolTrail {
        let place = |east: f64| LonLat::new(east, 0.0);
        let last = points.last().expect("a point");
        let fix = Fix {
            at: at(last.0),
            place: place(last.1),
            heading_deg: None,
            speed_mps: None,
            accuracy_m: Some(8.0),
            mock: false,
        };
        PatrolTrail {
            patrol: Patrol {
                id: PatrolId("p".into()),
                version: 1,
                name: String::new(),
                kind: PatrolKind::GridOfficer,
                areas: AreaCodes::default(),
                fix: Some(fix),
                duty: None,
            },
            trail: points
                .iter()
                .map(|(secs, east)| TrailPoint { at: at(*secs), place: place(*east) })
                .collect(),
        }
    }

    /// The stretches that a trail adds: seconds, from, to.
    fn walked(tracks: &mut PatrolTracks, trail: &PatrolTrail) -> Vec<(i64, f64, f64)> {
        let mut walks = Vec::new();
        tracks.lengthen(trail, |place| [place.lon, place.lat], &mut walks);
        walks.iter().map(|walk| (walk.at.as_second() - 1_789_000_000, walk.from[0], walk.to[0])).collect()
    }

    #[test]
    fn a_way_is_told_in_stretches_and_each_once() {
        let mut tracks = PatrolTracks::default();
        let first = trail(&[(0, 0.0), (3, 4.0), (6, 9.0), (9, 12.0), (12, 20.0)]);
        assert_eq!(walked(&mut tracks, &first), [(0, 0.0, 0.0), (6, 0.0, 9.0), (12, 9.0, 20.0)]);
        assert_eq!(walked(&mut tracks, &first), [], "nothing is new");
        assert_eq!(walked(&mut tracks, &trail(&[(12, 20.0), (20, 21.0)])), [], "a step");
        assert_eq!(walked(&mut tracks, &trail(&[(12, 20.0), (72, 21.0)])), [(72, 20.0, 21.0)], "still there");
    }

    #[test]
    fn nobody_knows_the_way_over_a_silence_or_a_leap() {
        let mut tracks = PatrolTracks::default();
        assert_eq!(
            walked(&mut tracks, &trail(&[(0, 0.0), (700, 100.0)])),
            [(0, 0.0, 0.0), (700, 100.0, 100.0)]
        );
        assert_eq!(walked(&mut tracks, &trail(&[(710, 600.0)])), [(710, 600.0, 600.0)]);
    }

    #[test]
    fn a_faked_or_coarse_position_is_no_visit() {
        let mut tracks = PatrolTracks::default();
        let mut coarse = trail(&[(0, 0.0)]);
        coarse.patrol.fix.as_mut().expect("a fix").accuracy_m = Some(120.0);
        assert_eq!(walked(&mut tracks, &coarse), []);
        let mut faked = trail(&[(0, 0.0)]);
        faked.patrol.fix.as_mut().expect("a fix").mock = true;
        assert_eq!(walked(&mut tracks, &faked), []);
    }
}
