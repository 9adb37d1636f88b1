//! Who is out: every patrol with whether it is where the roster wants it, and who is near a place.

use jiff::{SignedDuration, Timestamp};

use crate::feed::Situation;
use crate::geo::LonLat;
use crate::governance::{FeedState, Patrol};

/// A patrol that has not been heard of for so long is silent; the map greys it out at the same time.
pub(super) const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Positions so long before the shift count as having come.
const EARLY: SignedDuration = SignedDuration::from_mins(30);
/// Metres of a degree of latitude.
const METRES_A_DEGREE: f64 = 111_320.0;

/// How a patrol stands to its roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Duty {
    /// Ought to be out and never came.
    Absent,
    /// Came, and has not been heard of for [`SILENT_AFTER`].
    Silent,
    /// Out.
    Present,
    /// Not wanted now.
    Off,
}

impl Duty {
    /// How a patrol stands at a time.
    pub(super) fn of(patrol: &Patrol, now: Timestamp) -> Self {
        let Some(duty) = patrol.duty.filter(|_| patrol.is_on_duty(now)) else { return Self::Off };
        match patrol.fix {
            Some(fix) if now.duration_since(fix.at) <= SILENT_AFTER => Self::Present,
            Some(fix) if duty.from.duration_since(fix.at) <= EARLY => Self::Silent,
            _ => Self::Absent,
        }
    }

    /// The key of its name in the message files.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Absent => "patrol-absent",
            Self::Silent => "patrol-silent",
            Self::Present => "patrol-on-duty",
            Self::Off => "patrol-off-duty",
        }
    }
}

/// The figures about patrols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DutyCounts {
    /// Came: out or silent.
    pub(super) present: u32,
    /// Of those, silent.
    pub(super) silent: u32,
    /// Ought to be out.
    pub(super) expected: u32,
    /// Never came.
    pub(super) absent: u32,
    /// All that are known.
    pub(super) all: u32,
}

/// Which patrols the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum PatrolLens {
    /// Every one.
    #[default]
    All,
    /// Those that the roster wants now.
    Expected,
    /// Those that never came.
    Absent,
}

/// A column that the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum PatrolColumn {
    /// By kind.
    Kind,
    /// By name.
    Name,
    /// Absent first.
    #[default]
    Duty,
    /// By when it was last seen.
    Seen,
}

/// How the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PatrolSort {
    /// By what.
    pub(super) column: PatrolColumn,
    /// The largest first.
    pub(super) is_descending: bool,
}

impl PatrolSort {
    /// After a click on a column.
    pub(super) fn clicked(self, column: PatrolColumn) -> Self {
        let again = self.column == column;
        Self { column, is_descending: if again { !self.is_descending } else { column == PatrolColumn::Seen } }
    }
}

/// The list of patrols and the figures about them, as of the last look.
#[derive(Default)]
pub(super) struct Roster {
    rows: Vec<u32>,
    counts: DutyCounts,
}

/// The scenario's time at which the presence of patrols is judged.
///
/// Nothing has been heard of anybody since the connection was lost, which is nobody's absence: from then on it is
/// the time of the loss.
pub(super) fn judged_at(situation: &Situation, now: Timestamp) -> Timestamp {
    match (situation.feed(), situation.clock()) {
        (FeedState::Lost { since, .. }, Some(server)) => server.clock.at(*since),
        _ => now,
    }
}

/// A patrol near a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    /// Its slot.
    pub(super) slot: u32,
    /// How far, as the crow flies.
    pub(super) distance_m: f64,
}

impl Roster {
    /// Looks at every patrol again.
    pub(super) fn refresh(
        &mut self,
        situation: &Situation,
        now: Timestamp,
        lens: PatrolLens,
        sort: PatrolSort,
    ) {
        let mut counts = DutyCounts::default();
        let mut rows: Vec<(u128, u32)> = Vec::with_capacity(self.rows.len());
        for (slot, patrol) in by_slot(situation) {
            let duty = Duty::of(patrol, now);
            counts.all += 1;
            counts.expected += u32::from(duty != Duty::Off);
            counts.absent += u32::from(duty == Duty::Absent);
            counts.silent += u32::from(duty == Duty::Silent);
            let is_shown = match lens {
                PatrolLens::All => true,
                PatrolLens::Expected => duty != Duty::Off,
                PatrolLens::Absent => duty == Duty::Absent,
            };
            if !is_shown {
                continue;
            }
            let seen = patrol.fix.map_or(0, |fix| fix.at.as_second().max(0)).unsigned_abs();
            let key = match sort.column {
                PatrolColumn::Kind => u128::from(patrol.kind as u8),
                PatrolColumn::Name => name_key(&patrol.name),
                PatrolColumn::Duty => u128::from(duty as u8),
                PatrolColumn::Seen => u128::from(seen),
            };
            rows.push((key, slot));
        }
        counts.present = counts.expected - counts.absent;
        rows.sort_unstable_by(|a, b| {
            let by_key = if sort.is_descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
            by_key.then_with(|| a.1.cmp(&b.1))
        });
        self.counts = counts;
        self.rows.clear();
        self.rows.extend(rows.into_iter().map(|(_, slot)| slot));
    }

    /// The figures.
    pub(super) fn counts(&self) -> DutyCounts {
        self.counts
    }

    /// How many the list shows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The slot in a row.
    pub(super) fn slot(&self, row: usize) -> Option<u32> {
        self.rows.get(row).copied()
    }
}

/// Patrols that have been heard of lately within a radius of a place, the nearest first, at most so many.
pub(super) fn nearest(
    situation: &Situation,
    place: LonLat,
    now: Timestamp,
    radius_m: f64,
    most: usize,
) -> Vec<Near> {
    let shrink = place.lat.to_radians().cos();
    let mut near: Vec<Near> = by_slot(situation)
        .filter_map(|(slot, patrol)| {
            let fix = patrol.fix.filter(|fix| now.duration_since(fix.at) <= SILENT_AFTER)?;
            let east = (fix.place.lon - place.lon) * shrink * METRES_A_DEGREE;
            let north = (fix.place.lat - place.lat) * METRES_A_DEGREE;
            let distance_m = east.hypot(north);
            (distance_m <= radius_m).then_some(Near { slot, distance_m })
        })
        .collect();
    near.sort_unstable_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| a.slot.cmp(&b.slot)));
    near.truncate(most);
    near
}

/// Every patrol with its slot, without asking for each by its id.
fn by_slot(situation: &Situation) -> impl Iterator<Item = (u32, &Patrol)> {
    (0..).filter_map(|slot| Some((slot, &situation.patrol_at(slot)?.patrol))).take(situation.patrol_count())
}

fn name_key(name: &str) -> u128 {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(name.bytes()) {
        *byte = from;
    }
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Fix;
    use crate::viewer::panels::samples::{at, patrol, situation};

    fn seen(name: &str, time: &str, lon: f64) -> Patrol {
        let fix = Fix {
            at: at(time),
            place: LonLat::new(lon, 28.96),
            heading_deg: None,
            speed_mps: None,
            accuracy_m: None,
            mock: false,
            battery_percent: None,
        };
        Patrol { fix: Some(fix), ..patrol(name) }
    }

    #[test]
    fn absence_is_visible_because_there_is_a_roster() {
        let now = at("2026-09-15T10:00");
        assert_eq!(Duty::of(&seen("a", "2026-09-15T09:55", 118.87), now), Duty::Present);
        assert_eq!(Duty::of(&seen("a", "2026-09-15T09:40", 118.87), now), Duty::Silent);
        assert_eq!(
            Duty::of(&seen("a", "2026-09-14T16:00", 118.87), now),
            Duty::Absent,
            "yesterday is not today"
        );
        assert_eq!(Duty::of(&patrol("a"), now), Duty::Absent);
        assert_eq!(Duty::of(&Patrol { duty: None, ..patrol("a") }, now), Duty::Off);
        assert_eq!(Duty::of(&patrol("a"), at("2026-09-15T20:00")), Duty::Off, "after the shift");
    }

    #[test]
    fn counts_and_rows_agree() {
        let held = situation(
            Vec::new(),
            vec![
                seen("甲", "2026-09-15T09:59", 118.870),
                seen("乙", "2026-09-15T09:30", 118.871),
                patrol("丙"),
                Patrol { duty: None, ..seen("丁", "2026-09-15T09:58", 118.872) },
            ],
        );
        let now = at("2026-09-15T10:00");
        let mut roster = Roster::default();
        roster.refresh(&held, now, PatrolLens::All, PatrolSort::default());
        let counts = roster.counts();
        assert_eq!((counts.present, counts.expected, counts.absent, counts.silent), (2, 3, 1, 1));
        let names = |roster: &Roster| -> Vec<String> {
            (0..roster.len())
                .filter_map(|row| Some(held.patrol_at(roster.slot(row)?)?.patrol.name.clone()))
                .collect()
        };
        assert_eq!(names(&roster), ["丙", "乙", "甲", "丁"], "what is wrong comes first");
        roster.refresh(&held, now, PatrolLens::Absent, PatrolSort::default());
        assert_eq!(names(&roster), ["丙"]);
        roster.refresh(&held, now, PatrolLens::All, PatrolSort::default().clicked(PatrolColumn::Seen));
        assert_eq!(names(&roster), ["甲", "丁", "乙", "丙"]);
    }

    #[test]
    fn the_nearest_come_first_and_the_silent_not_at_all() {
        let held = situation(
            Vec::new(),
            vec![
                seen("far", "2026-09-15T09:59", 118.876),
                seen("near", "2026-09-15T09:59", 118.871),
                seen("silent", "2026-09-15T09:00", 118.8701),
            ],
        );
        let place = LonLat::new(118.87, 28.96);
        let near = nearest(&held, place, at("2026-09-15T10:00"), 500.0, 3);
        assert_eq!(near.len(), 1);
        // A thousandth of a degree at 28.96° north is 111.32 m × cos 28.96° = 97.4 m.
        assert!((near[0].distance_m - 97.4).abs() < 0.1, "{near:?}");
        assert_eq!(nearest(&held, place, at("2026-09-15T10:00"), 5_000.0, 3).len(), 2);
        assert_eq!(nearest(&held, place, at("2026-09-15T10:00"), 5_000.0, 1).len(), 1);
    }
}
