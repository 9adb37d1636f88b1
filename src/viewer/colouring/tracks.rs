//! The ways of patrols, stretch by stretch, as positions come in: each stretch once, a bounded number a frame.

use bevy::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::waiting::Waiting;
use crate::feed::{Changes, PatrolTrail, Situation, TrailPoint};
use crate::geo::LonLat;
use crate::viewer::place::Stand;
use crate::viewer::slots;

/// Patrols that are looked at in one frame. Who waits meanwhile is looked at later with all that the trail has.
const MOST_A_FRAME: usize = 200;
/// A stretch ends when a patrol has gone so far, metres: somebody who walks does so every ten seconds.
/// It is half of how near a way must pass a building to count, and a phone is off by as much between houses.
const STRETCH_M: f64 = 15.0;
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
    /// By the situation's slot.
    last: Vec<Option<Seen>>,
    waiting: Waiting,
}

/// Where a patrol was last, as far as stretches go.
#[derive(Clone, Copy)]
struct Seen {
    /// `[east, north]` in metres.
    place: [f64; 2],
    at: Timestamp,
}

impl PatrolTracks {
    /// Whether something waits to be looked at.
    pub(super) fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Forgets everything and looks at every patrol again.
    pub(super) fn restart(&mut self, situation: &Situation) {
        *self = Self::default();
        for (slot, _) in situation.patrols_by_slot() {
            self.waiting.wait(slot);
        }
    }

    /// Takes what changed.
    pub(super) fn follow(&mut self, changes: &Changes, situation: &Situation) {
        if changes.reset {
            return self.restart(situation);
        }
        // Slots are given to others, who do not go on from there.
        for gone in &changes.patrols_removed {
            if let Some(last) = self.last.get_mut(gone.slot as usize) {
                *last = None;
            }
        }
        for slot in &changes.patrols {
            self.waiting.wait(*slot);
        }
    }

    /// The stretches of some of those that have moved.
    pub(super) fn take(&mut self, situation: &Situation, stand: &Stand) -> Vec<Walk> {
        let mut walks = Vec::new();
        for slot in self.waiting.take(MOST_A_FRAME) {
            if let Some(trail) = situation.patrol_at(slot) {
                self.lengthen(slot, trail, |place| stand.place.frame.project(place), &mut walks);
            }
        }
        walks
    }

    /// Adds the stretches of a trail that are new.
    fn lengthen(
        &mut self,
        slot: u32,
        held: &PatrolTrail,
        project: impl Fn(LonLat) -> [f64; 2],
        walks: &mut Vec<Walk>,
    ) {
        let Some(fix) = held.patrol.fix else { return };
        let Some(known) = slots::entry(&mut self.last, slot, || None) else { return };
        let mut last = known.map(|known| (known.place, known.at));
        // A trail leaves out points where somebody stands, the newest position among them.
        let points = held.trail.iter().copied().chain([TrailPoint::from(fix)]);
        for TrailPoint { at, place, .. } in points.filter(is_exact) {
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
        *known = last.map(|(place, at)| Seen { place, at });
    }
}

/// Whether it says where somebody really was, and exactly enough for single buildings.
fn is_exact(point: &TrailPoint) -> bool {
    !point.mock && point.accuracy_m.is_none_or(|accuracy_m| accuracy_m <= COARSE_M)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{AreaCodes, Fix, Patrol, PatrolId, PatrolKind, Update};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_789_000_000 + secs).expect("a time")
    }

    /// A position so many metres east; a degree is a metre here.
    fn fix(secs: i64, east: f64) -> Fix {
        Fix {
            at: at(secs),
            place: LonLat::new(east, 0.0),
            heading_deg: None,
            speed_mps: None,
            accuracy_m: Some(8.0),
            mock: false,
            battery_percent: None,
        }
    }

    /// A patrol that was at these positions.
    fn trail_of(fixes: &[Fix]) -> PatrolTrail {
        PatrolTrail {
            patrol: Patrol {
                id: PatrolId("p".into()),
                version: 1,
                name: String::new(),
                kind: PatrolKind::GridOfficer,
                areas: AreaCodes::default(),
                fix: fixes.last().copied(),
                duty: None,
            },
            trail: fixes.iter().copied().map(TrailPoint::from).collect(),
        }
    }

    /// A patrol with a trail of `(seconds, metres east)`.
    fn trail(points: &[(i64, f64)]) -> PatrolTrail {
        let fixes: Vec<Fix> = points.iter().map(|(secs, east)| fix(*secs, *east)).collect();
        trail_of(&fixes)
    }

    /// The stretches that a trail adds: seconds, from, to.
    fn walked(tracks: &mut PatrolTracks, trail: &PatrolTrail) -> Vec<(i64, f64, f64)> {
        let mut walks = Vec::new();
        tracks.lengthen(0, trail, |place| [place.lon, place.lat], &mut walks);
        walks.iter().map(|walk| (walk.at.as_second() - 1_789_000_000, walk.from[0], walk.to[0])).collect()
    }

    #[test]
    fn a_way_is_told_in_stretches_and_each_once() {
        let mut tracks = PatrolTracks::default();
        let first = trail(&[(0, 0.0), (3, 9.0), (6, 16.0), (9, 22.0), (12, 40.0)]);
        assert_eq!(walked(&mut tracks, &first), [(0, 0.0, 0.0), (6, 0.0, 16.0), (12, 16.0, 40.0)]);
        assert_eq!(walked(&mut tracks, &first), [], "nothing is new");
        assert_eq!(walked(&mut tracks, &trail(&[(12, 40.0), (20, 41.0)])), [], "a step");
        assert_eq!(walked(&mut tracks, &trail(&[(12, 40.0), (72, 41.0)])), [(72, 40.0, 41.0)], "still there");
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
        let coarse = |secs, east| Fix { accuracy_m: Some(120.0), ..fix(secs, east) };
        let faked = |secs, east| Fix { mock: true, ..fix(secs, east) };
        assert_eq!(walked(&mut tracks, &trail_of(&[coarse(0, 0.0)])), []);
        assert_eq!(walked(&mut tracks, &trail_of(&[faked(0, 0.0)])), []);
        // Nor is one of several that come together, whatever the newest is.
        let amid = [fix(0, 0.0), faked(1, 100.0), fix(2, 20.0), coarse(3, 200.0), fix(4, 40.0)];
        assert_eq!(
            walked(&mut tracks, &trail_of(&amid)),
            [(0, 0.0, 0.0), (2, 0.0, 20.0), (4, 20.0, 40.0)],
            "no way leads there"
        );
        assert_eq!(walked(&mut tracks, &trail_of(&[fix(5, 60.0), faked(6, 300.0)])), [(5, 40.0, 60.0)]);
        let unknown = Fix { accuracy_m: None, ..fix(7, 80.0) };
        assert_eq!(walked(&mut tracks, &trail_of(&[unknown])), [(7, 60.0, 80.0)]);
    }

    #[test]
    fn whoever_gets_the_slot_of_another_does_not_go_on_from_there() {
        let mut tracks = PatrolTracks::default();
        assert_eq!(walked(&mut tracks, &trail(&[(0, 0.0)])), [(0, 0.0, 0.0)]);
        let mut situation = Situation::default();
        let first = trail(&[(0, 0.0)]).patrol;
        let changes = situation.apply(Update::Patrol(Box::new(first.clone())));
        tracks.follow(&changes, &situation);
        assert_eq!(tracks.waiting.take(9), [0]);
        let changes = situation.apply(Update::PatrolRemoved { id: first.id.clone(), version: 2 });
        tracks.follow(&changes, &situation);
        let mut second = trail(&[(3, 9.0)]);
        second.patrol.id = PatrolId("q".into());
        let changes = situation.apply(Update::Patrol(Box::new(second.patrol.clone())));
        tracks.follow(&changes, &situation);
        assert_eq!(tracks.waiting.take(9), [0], "the slot is given anew");
        assert_eq!(walked(&mut tracks, &second), [(3, 9.0, 9.0)]);
    }
}
