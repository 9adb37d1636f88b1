//! The ways of patrols, stretch by stretch, as positions come in: each stretch once, a bounded number a frame.

use bevy::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::waiting::Waiting;
use crate::feed::{Changes, PatrolTrail, Situation, TrailPoint};
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
    /// By the situation's slot.
    last: Vec<Option<Seen>>,
    waiting: Waiting,
}

/// Where a patrol was last, as far as stretches go.
struct Seen {
    /// Whose slot it was then: slots are given to others.
    id: PatrolId,
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
        for trail in situation.patrols() {
            if let Some(slot) = situation.patrol_slot(&trail.patrol.id) {
                self.waiting.wait(slot);
            }
        }
    }

    /// Takes what changed.
    pub(super) fn follow(&mut self, changes: &Changes, situation: &Situation) {
        if changes.reset {
            return self.restart(situation);
        }
        if !changes.patrols_removed.is_empty() {
            // Which slot a removed patrol had is no longer known; a look at every slot is cheap.
            for (slot, last) in (0..).zip(&mut self.last) {
                let is_gone = last.as_ref().is_some_and(|seen| {
                    situation.patrol_at(slot).is_none_or(|trail| trail.patrol.id != seen.id)
                });
                if is_gone {
                    *last = None;
                }
            }
        }
        for id in &changes.patrols {
            if let Some(slot) = situation.patrol_slot(id) {
                self.waiting.wait(slot);
            }
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
        let index = slot as usize;
        if self.last.len() <= index {
            self.last.resize_with(index + 1, || None);
        }
        let Some(known) = self.last.get_mut(index) else { return };
        if known.as_ref().is_some_and(|known| known.id != held.patrol.id) {
            *known = None;
        }
        let mut last = known.as_ref().map(|known| (known.place, known.at));
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
        if let Some((place, at)) = last {
            let known = known.get_or_insert_with(|| Seen { id: held.patrol.id.clone(), place, at });
            (known.place, known.at) = (place, at);
        }
    }
}

/// Whether it says where somebody really was, and exactly enough for single buildings.
fn is_exact(point: &TrailPoint) -> bool {
    !point.mock && point.accuracy_m.is_none_or(|accuracy_m| accuracy_m <= COARSE_M)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{AreaCodes, Fix, Patrol, PatrolKind, Update};

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
        let coarse = |secs, east| Fix { accuracy_m: Some(120.0), ..fix(secs, east) };
        let faked = |secs, east| Fix { mock: true, ..fix(secs, east) };
        assert_eq!(walked(&mut tracks, &trail_of(&[coarse(0, 0.0)])), []);
        assert_eq!(walked(&mut tracks, &trail_of(&[faked(0, 0.0)])), []);
        // Nor is one of several that come together, whatever the newest is.
        let amid = [fix(0, 0.0), faked(1, 100.0), fix(2, 10.0), coarse(3, 200.0), fix(4, 20.0)];
        assert_eq!(
            walked(&mut tracks, &trail_of(&amid)),
            [(0, 0.0, 0.0), (2, 0.0, 10.0), (4, 10.0, 20.0)],
            "no way leads there"
        );
        assert_eq!(walked(&mut tracks, &trail_of(&[fix(5, 30.0), faked(6, 300.0)])), [(5, 20.0, 30.0)]);
        let unknown = Fix { accuracy_m: None, ..fix(7, 40.0) };
        assert_eq!(walked(&mut tracks, &trail_of(&[unknown])), [(7, 30.0, 40.0)]);
    }

    #[test]
    fn whoever_gets_the_slot_of_another_does_not_go_on_from_there() {
        let mut tracks = PatrolTracks::default();
        assert_eq!(walked(&mut tracks, &trail(&[(0, 0.0)])), [(0, 0.0, 0.0)]);
        let mut second = trail(&[(3, 9.0)]);
        second.patrol.id = PatrolId("q".into());
        assert_eq!(walked(&mut tracks, &second), [(3, 9.0, 9.0)]);
        let mut situation = Situation::default();
        let changes = situation.apply(Update::Patrol(Box::new(second.patrol.clone())));
        tracks.follow(&changes, &situation);
        assert_eq!(tracks.waiting.take(9), [0]);
        let changes = situation.apply(Update::PatrolRemoved { id: second.patrol.id.clone(), version: 2 });
        tracks.follow(&changes, &situation);
        let mut again = trail(&[(6, 18.0)]);
        again.patrol.id = second.patrol.id;
        assert_eq!(walked(&mut tracks, &again), [(6, 18.0, 18.0)], "whoever was removed begins anew");
    }
}
