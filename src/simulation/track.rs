//! The way of one patrol through its shift: legs and pauses along the roads, and the positions that its phone would send.

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::network::{Mode, Node, Route, chance, distance_m, mix, to_centimetre};
use super::setting::{Setting, mode};
use crate::geo::LocalFrame;
use crate::governance::{Duty, Fix, PatrolId, PatrolKind};

/// Scenario seconds between positions of somebody on foot, of a vehicle, and of whoever stands still.
const EVERY_WALKING_S: f64 = 12.0;
const EVERY_DRIVING_S: f64 = 4.0;
const EVERY_STANDING_S: f64 = 60.0;
/// The least time between two positions.
const LEAST_S: f64 = 0.5;
/// The slowest and the fastest that anybody walks, in metres a second.
pub(super) const WALKING_MPS: std::ops::Range<f64> = 1.0..1.5;
/// The same for a vehicle on patrol.
pub(super) const DRIVING_MPS: std::ops::Range<f64> = 4.0..7.5;
/// The largest error of a position, in metres.
pub(super) const NOISE_M: f64 = 3.0;
/// The longest way of a stroll, in metres on foot; a vehicle goes farther.
const STROLL_M: f64 = 700.0;
/// A shift at least this long has a meal in it.
const MEAL_FROM_HOURS: i64 = 6;

/// That a patrol has to be somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Visit {
    /// Which member of the cast.
    pub(super) member: usize,
    /// From when.
    pub(super) at: Timestamp,
    /// Until when.
    pub(super) until: Timestamp,
    /// Where.
    pub(super) node: Node,
}

/// The way of one patrol through one shift.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Whose.
    pub patrol: PatrolId,
    /// The shift.
    pub duty: Duty,
    legs: Vec<Leg>,
    every_s: f64,
    noise: u64,
}

/// A part of a track, in seconds since the start of the shift.
#[derive(Debug, Clone, PartialEq)]
struct Leg {
    from_s: f64,
    to_s: f64,
    /// One point: standing. Several: moving along them at an even speed.
    points: Vec<[f64; 2]>,
    length_m: f64,
}

impl Leg {
    fn speed_mps(&self) -> f64 {
        if self.points.len() < 2 { 0.0 } else { self.length_m / (self.to_s - self.from_s).max(1e-9) }
    }

    /// Where it is at a time, and in which direction it moves.
    fn at(&self, time_s: f64) -> ([f64; 2], Option<[f64; 2]>) {
        let Some(first) = self.points.first().copied() else { return ([0.0; 2], None) };
        let share = ((time_s - self.from_s) / (self.to_s - self.from_s).max(1e-9)).clamp(0.0, 1.0);
        let mut left_m = share * self.length_m;
        let mut direction = None;
        let mut point = first;
        for pair in self.points.windows(2) {
            let [a, b] = pair else { continue };
            let length_m = distance_m(*a, *b);
            direction = Some([b[0] - a[0], b[1] - a[1]]);
            if left_m <= length_m {
                return (mix(*a, *b, left_m / length_m.max(1e-9)), direction);
            }
            left_m -= length_m;
            point = *b;
        }
        (point, direction)
    }
}

impl Track {
    /// The positions after `after` and up to `until`, as the patrol's phone sends them.
    pub fn fixes(&self, after: Timestamp, until: Timestamp, frame: LocalFrame) -> Vec<Fix> {
        let since = |at: Timestamp| at.duration_since(self.duty.from).as_secs_f64();
        // Nobody is followed beyond the end of a shift.
        let (after_s, until_s) = (since(after), since(until.min(self.duty.to)));
        let first = self.legs.partition_point(|leg| leg.to_s <= after_s);
        let mut fixes = Vec::new();
        for leg in self.legs.iter().skip(first).take_while(|leg| leg.from_s <= until_s) {
            let every_s = if leg.points.len() < 2 { EVERY_STANDING_S } else { self.every_s };
            let mut step = ((after_s - leg.from_s) / every_s).floor().max(-1.0) as i64 + 1;
            loop {
                let time_s = leg.from_s + step as f64 * every_s;
                // The end of a leg is the start of the next, which has a position of its own.
                if time_s > until_s || time_s > leg.to_s - LEAST_S {
                    break;
                }
                if time_s > after_s
                    && let Some(fix) = self.fix(leg, time_s, frame)
                {
                    fixes.push(fix);
                }
                step += 1;
            }
        }
        fixes
    }

    fn fix(&self, leg: &Leg, time_s: f64, frame: LocalFrame) -> Option<Fix> {
        let at = self.duty.from.checked_add(SignedDuration::from_millis((time_s * 1_000.0) as i64)).ok()?;
        let ([east, north], direction) = leg.at(time_s);
        let [off_east, off_north] = self.noise_m(time_s);
        let place = to_centimetre(frame.unproject([east + off_east, north + off_north]));
        let wobble = chance(self.noise ^ (time_s as u64)) - 0.5;
        let heading = direction.map(|[east, north]| {
            ((east.atan2(north).to_degrees() + wobble * 8.0).rem_euclid(360.0) as f32).min(359.99)
        });
        let speed = (leg.speed_mps() * (1.0 + wobble * 0.04)).max(0.0);
        let accuracy = 3.0 + 5.0 * chance(self.noise.rotate_left(17) ^ (time_s / 90.0) as u64);
        // Parts of a power of two, which are short in writing, too.
        let round = |value: f64, parts: f64| ((value * parts).round() / parts) as f32;
        Some(Fix {
            at,
            place,
            heading_deg: heading.map(f32::round).map(|heading| heading % 360.0),
            speed_mps: Some(round(speed, 32.0)),
            accuracy_m: Some(round(accuracy, 2.0)),
            mock: false,
            battery_percent: None,
        })
    }

    /// The error of a position: it drifts, as that of a phone does between houses; at most [`NOISE_M`].
    fn noise_m(&self, time_s: f64) -> [f64; 2] {
        let wave = |salt: u64, period_s: f64| {
            let phase = chance(self.noise ^ salt);
            (std::f64::consts::TAU * (time_s / period_s + phase)).sin()
        };
        let most_m = NOISE_M * std::f64::consts::FRAC_1_SQRT_2;
        [
            most_m * (0.65 * wave(1, 210.0) + 0.35 * wave(2, 47.0)),
            most_m * (0.65 * wave(3, 170.0) + 0.35 * wave(4, 61.0)),
        ]
    }
}

/// Plans the way of a member of the cast through a shift, by way of its visits (in the order of their time).
pub(super) fn plan(
    setting: &Setting,
    member: usize,
    duty: Duty,
    visits: &[Visit],
    rng: &mut ChaCha8Rng,
) -> Option<Track> {
    let who = setting.cast.members.get(member)?;
    let territory = setting.territory(member);
    let mode = mode(who.kind);
    let fallback = || setting.network.nearest(setting.place.start(), mode);
    let home = pick(territory, rng).or_else(fallback)?;
    let pace = if mode == Mode::Drive { DRIVING_MPS } else { WALKING_MPS };
    let seconds = |at: Timestamp| at.duration_since(duty.from).as_secs_f64();
    let mut walk = Walk {
        setting,
        territory,
        mode,
        kind: who.kind,
        // Everybody has a pace of one's own, and keeps near it.
        pace_mps: rng.random_range(pace.start + 0.1..pace.end - 0.1),
        pace,
        node: home,
        now_s: 0.0,
        end_s: seconds(duty.to),
        legs: Vec::new(),
        taste: rng.random(),
    };
    let mut visits =
        visits.iter().copied().filter(|visit| duty.from <= visit.at && visit.at < duty.to).peekable();
    let mut meal_s = walk.meal(duty, &setting.cast.zone, rng);
    while walk.now_s < walk.end_s {
        if let Some(visit) = visits.peek() {
            let way = walk.route(visit.node);
            let needed_s =
                way.as_ref().map_or(0.0, |way| way.length_m / walk.pace_mps) + rng.random_range(60.0..180.0);
            let spare_s = seconds(visit.at) - needed_s - walk.now_s;
            // No time for anything else before it.
            if spare_s < 300.0 {
                let visit = *visit;
                visits.next();
                if spare_s > 20.0 {
                    walk.stand(spare_s);
                }
                if let Some(way) = way {
                    walk.go(visit.node, way, rng);
                }
                let stay_s = seconds(visit.until).max(seconds(visit.at)) - walk.now_s;
                walk.stand(stay_s.clamp(90.0, 3_600.0));
                continue;
            }
            if !walk.stroll(rng, Some(spare_s)) {
                walk.stand((spare_s - 290.0).clamp(10.0, 600.0));
            }
        } else if meal_s.is_some_and(|meal_s| walk.now_s >= meal_s) {
            meal_s = None;
            walk.stroll(rng, None);
            walk.stand(rng.random_range(2_100.0..3_300.0));
        } else if !walk.stroll(rng, None) {
            walk.stand(rng.random_range(240.0..600.0));
        }
    }
    let every_s = if mode == Mode::Drive { EVERY_DRIVING_S } else { EVERY_WALKING_S };
    Some(Track { patrol: who.id.clone(), duty, legs: walk.legs, every_s, noise: rng.random() })
}

/// A track while it is being planned.
struct Walk<'a> {
    setting: &'a Setting,
    territory: &'a [Node],
    mode: Mode,
    kind: PatrolKind,
    pace_mps: f64,
    pace: std::ops::Range<f64>,
    node: Node,
    now_s: f64,
    end_s: f64,
    legs: Vec<Leg>,
    taste: u64,
}

impl Walk<'_> {
    fn route(&mut self, to: Node) -> Option<Route> {
        self.taste = self.taste.wrapping_add(1);
        let network = &self.setting.network;
        let way = network.route(self.node, to, self.mode, self.taste);
        // A vehicle stops where the street ends.
        way.or_else(|| {
            network.route(self.node, network.nearest(network.point(to), self.mode)?, self.mode, self.taste)
        })
    }

    fn go(&mut self, to: Node, way: Route, rng: &mut ChaCha8Rng) {
        self.node = if self.mode == Mode::Walk {
            to
        } else {
            way.points.last().and_then(|end| self.setting.network.nearest(*end, self.mode)).unwrap_or(to)
        };
        if way.length_m < 1.0 {
            return;
        }
        let pace_mps = (self.pace_mps * rng.random_range(0.93..1.07))
            .clamp(self.pace.start + 0.03, self.pace.end - 0.03);
        let to_s = self.now_s + way.length_m / pace_mps;
        self.legs.push(Leg { from_s: self.now_s, to_s, length_m: way.length_m, points: way.points });
        self.now_s = to_s;
    }

    fn stand(&mut self, for_s: f64) {
        let point = self.setting.network.point(self.node);
        let to_s = self.now_s + for_s;
        self.legs.push(Leg { from_s: self.now_s, to_s, length_m: 0.0, points: vec![point] });
        self.now_s = to_s;
    }

    /// Walks to some place of the territory and looks around there; `false` if there is none in reach of the time.
    fn stroll(&mut self, rng: &mut ChaCha8Rng, spare_s: Option<f64>) -> bool {
        let reach_m = if self.mode == Mode::Drive { STROLL_M * 4.0 } else { STROLL_M };
        for _ in 0..6 {
            let Some(target) = pick(self.territory, rng) else { return false };
            let from = self.setting.network.point(self.node);
            let straight_m = distance_m(from, self.setting.network.point(target));
            if target == self.node || straight_m > reach_m {
                continue;
            }
            let look_s = match self.kind {
                PatrolKind::Vehicle => rng.random_range(20.0..240.0),
                PatrolKind::Steward | PatrolKind::Volunteer => rng.random_range(120.0..600.0),
                PatrolKind::PropertyGuard => rng.random_range(60.0..300.0),
                _ => rng.random_range(45.0..360.0),
            };
            let Some(way) = self.route(target) else { continue };
            let needed_s = way.length_m / self.pace_mps + look_s;
            // Half of it again, since the way to the visit may be longer from there.
            if spare_s.is_some_and(|spare_s| needed_s * 1.5 > spare_s) {
                continue;
            }
            self.go(target, way, rng);
            self.stand(look_s);
            return true;
        }
        false
    }

    /// When a meal is due, in seconds since the start of the shift.
    fn meal(&self, duty: Duty, zone: &jiff::tz::TimeZone, rng: &mut ChaCha8Rng) -> Option<f64> {
        if duty.to.duration_since(duty.from) < SignedDuration::from_hours(MEAL_FROM_HOURS) {
            return None;
        }
        let date = zone.to_datetime(duty.from).date();
        [(11, 30), (17, 40)].into_iter().find_map(|(hour, minute)| {
            let noon = zone.to_timestamp(date.at(hour, minute, 0, 0)).ok()?;
            let meal_s = noon.duration_since(duty.from).as_secs_f64() + rng.random_range(0.0..2_400.0);
            (meal_s > 5_400.0 && meal_s < self.end_s - 3_600.0).then_some(meal_s)
        })
    }
}

fn pick(nodes: &[Node], rng: &mut ChaCha8Rng) -> Option<Node> {
    if nodes.is_empty() { None } else { nodes.get(rng.random_range(0..nodes.len())).copied() }
}
