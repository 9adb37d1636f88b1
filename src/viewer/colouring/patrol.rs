//! By last patrol: how long ago any patrol's track passed a building; the longer ago, the darker, as if lamps went out.
//!
//! Passed means: the track came within [`NEAR_M`] of the footprint. That is the width of a street with its pavements and
//! what a position is off by between houses; farther away a person sees nothing of a building's foot.
//! Only what was heard since the viewer started counts, and the legend says since when.

use jiff::{SignedDuration, Timestamp};

use super::scale::{Class, Name, Scale, UNKNOWN};
use super::{Colouring, News, Note, NoteValue, Touched, tone};
use crate::city::{BuildingRef, City};

/// A building is passed where a track comes so near to its footprint, metres.
pub(super) const NEAR_M: f64 = 30.0;
/// Where classes begin, minutes.
const BREAKS_MIN: [u32; 5] = [15, 30, 60, 120, 240];
/// Ages are looked at again so often: a quarter of a minute of the finest class does not matter.
const AGE_STEP: SignedDuration = SignedDuration::from_secs(15);
/// Never passed.
const NEVER: i64 = i64::MIN;

/// By last patrol.
pub(super) struct ByPatrol {
    scale: Scale,
    /// When each building was last passed, seconds.
    passed_secs: Vec<i64>,
    /// The earliest position that was heard.
    since: Option<Timestamp>,
    now: Timestamp,
}

impl ByPatrol {
    pub(super) fn new() -> Self {
        let colors = tone::ramp(&tone::TEAL, BREAKS_MIN.len() + 1).into_iter().rev();
        let name = |from: Option<f32>, to: Option<f32>| match (from, to) {
            (Some(from), Some(to)) => Name::Minutes(from as u32, to as u32),
            (Some(from), None) => Name::FromMinutes(from as u32),
            (None, to) => Name::WithinMinutes(to.unwrap_or_default() as u32),
        };
        let scale = Scale::of_numbers(&BREAKS_MIN.map(|minutes| minutes as f32), colors, name);
        Self { scale, passed_secs: Vec::new(), since: None, now: Timestamp::UNIX_EPOCH }
    }

    fn class_at(&self, passed_secs: i64) -> Class {
        if passed_secs == NEVER {
            return UNKNOWN;
        }
        let minutes = self.now.as_second().saturating_sub(passed_secs).max(0) as f32 / 60.0;
        self.scale.class(minutes)
    }

    /// A building was passed; whether that is later than what was known.
    fn pass(&mut self, building: u32, at: Timestamp) -> bool {
        let Some(held) = self.passed_secs.get_mut(building as usize) else { return false };
        let is_later = at.as_second() > *held;
        if is_later {
            *held = at.as_second();
        }
        is_later
    }
}

impl Colouring for ByPatrol {
    fn scale(&self) -> &Scale {
        &self.scale
    }

    fn class(&self, building: BuildingRef<'_>) -> Class {
        self.class_at(self.passed_secs.get(building.index().0 as usize).copied().unwrap_or(NEVER))
    }

    fn unknown_key(&self) -> &'static str {
        "colouring-patrol-unknown"
    }

    fn begin(&mut self, city: &City) {
        self.passed_secs = vec![NEVER; city.len()];
        self.since = None;
    }

    fn follow(&mut self, news: &News<'_>) -> Touched {
        let mut touched = Touched::Nothing;
        if news.is_reset {
            self.passed_secs.fill(NEVER);
            self.since = None;
            touched = Touched::All;
        }
        let mut passed = Vec::new();
        for walk in news.walks {
            self.since = Some(self.since.map_or(walk.at, |since| since.min(walk.at)));
            for building in news.stand.buildings_along(walk.from, walk.to, NEAR_M) {
                if self.pass(building, walk.at) {
                    passed.push(building);
                }
            }
        }
        if !passed.is_empty() {
            touched.add(Touched::Some(passed));
        }
        // The clock may be set back, too.
        if news.now.duration_since(self.now).abs() >= AGE_STEP {
            self.now = news.now;
            touched = Touched::All;
        }
        touched
    }

    fn notes(&self) -> Vec<Note> {
        let since = self.since.map(|since| Note {
            key: "colouring-patrol-since",
            values: vec![("time", NoteValue::Time(since))],
        });
        let near =
            Note { key: "colouring-patrol-near", values: vec![("n", NoteValue::Count(NEAR_M as u32))] };
        std::iter::once(near).chain(since).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_pass_counts_and_ages() {
        let at = |secs: i64| Timestamp::from_second(1_789_000_000 + secs).expect("a time");
        let mut colouring = ByPatrol { passed_secs: vec![NEVER; 2], now: at(0), ..ByPatrol::new() };
        assert_eq!(colouring.class_at(colouring.passed_secs[1]), UNKNOWN);
        assert!(colouring.pass(1, at(-60)));
        assert!(!colouring.pass(1, at(-600)), "an older one that comes late changes nothing");
        assert!(!colouring.pass(9, at(0)), "there is no such building");
        let class = |colouring: &ByPatrol| colouring.class_at(colouring.passed_secs[1]);
        assert_eq!(class(&colouring), 0);
        colouring.now = at(14 * 60);
        assert_eq!(class(&colouring), 1, "15 minutes after it was passed");
        colouring.now = at(24 * 3600);
        assert_eq!(class(&colouring), 5);
        colouring.now = at(-3600);
        assert_eq!(class(&colouring), 0, "a clock that was set back");
        let light = |class: usize| tone::oklab(colouring.scale.classes[class].0)[0];
        assert!(light(0) > light(2) && light(2) > light(5), "the longer ago, the darker");
    }
}
