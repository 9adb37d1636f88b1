//! Plans day after day: the lives that begin on each, and the ways of the patrols. Pure: the same seed, start and
//! place give the same plan, and nothing here knows a network.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::author::{Author, Known, Sort};
use super::diary::Diary;
use super::life::Life;
use super::setting::Setting;
use super::track::{self, Track};
use crate::governance::{IssueId, NewPatrol, PatrolId, Step};

/// How many days lie in the store before the first one.
pub const HISTORY_DAYS: i64 = 90;
/// New issues of a working day and of another, in history and of the usual sort later.
const WORKDAY: std::ops::RangeInclusive<u32> = 29..=40;
const OFF_DAY: std::ops::RangeInclusive<u32> = 18..=27;
/// What patrols come upon and soon put right, beside the usual, from the first day on.
const QUICK: std::ops::RangeInclusive<u32> = 32..=45;
/// When the first urgent issue comes after the start, in seconds.
const ALARM_AFTER_S: std::ops::RangeInclusive<i64> = 250..=350;
/// How many issues back one is looked for that another may be the same as.
const KNOWN: usize = 120;

/// One day: what begins on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment of the next.
    pub to: Timestamp,
    /// The lives that begin on it, in the order of their reports; each goes on as long as it goes on.
    pub lives: Vec<Arc<Life>>,
    /// The patrols with their shifts of the day.
    pub patrols: Vec<(PatrolId, NewPatrol)>,
    /// The ways of those who show up.
    pub tracks: Vec<Arc<Track>>,
}

/// Plans a simulation day by day.
#[derive(Debug)]
pub struct Planner {
    setting: Arc<Setting>,
    seed: u64,
    start: Timestamp,
    next: Date,
    diary: Diary,
    known: VecDeque<Known>,
}

impl Planner {
    /// A plan that starts at a moment, which is taken to the second.
    pub fn new(setting: Arc<Setting>, seed: u64, start: Timestamp) -> Self {
        let start = Timestamp::from_second(start.as_second()).unwrap_or(start);
        let next = setting.cast().zone.to_datetime(start).date();
        Self { setting, seed, start, next, diary: Diary::default(), known: VecDeque::new() }
    }

    /// When it starts.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The lives that begin in the ninety days before the first one. Call it first, and once.
    pub fn history(&mut self) -> Vec<Arc<Life>> {
        let first = self.next;
        let mut lives = Vec::new();
        for back in (1..=HISTORY_DAYS).rev() {
            let Ok(date) = first.checked_sub(back.days()) else { continue };
            lives.extend(self.lives(date, false));
        }
        lives
    }

    /// The next day; the first is that of the start.
    pub fn next_day(&mut self) -> Option<Day> {
        let date = self.next;
        self.next = date.checked_add(1.day()).ok()?;
        let (from, to) = (self.midnight(date)?, self.midnight(self.next)?);
        self.diary.forget_before(from.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(from));
        let lives = self.lives(date, true);
        let setting = Arc::clone(&self.setting);
        let (mut patrols, mut tracks) = (Vec::new(), Vec::new());
        for (number, member) in setting.cast.members.iter().enumerate() {
            let duty = member.duty(date, &setting.cast.zone);
            let new =
                NewPatrol { name: member.name.clone(), kind: member.kind, areas: member.areas.clone(), duty };
            patrols.push((member.id.clone(), new));
            if let Some(duty) = duty
                && !setting.cast.absent.contains(&member.id)
            {
                let visits = self.diary.of(number, duty.from, duty.to);
                let mut rng = self.rng(date, 0x7AAC_0000 + number as u64);
                tracks.extend(track::plan(&setting, number, duty, &visits, &mut rng).map(Arc::new));
            }
        }
        Some(Day { date, from, to, lives, patrols, tracks })
    }

    fn midnight(&self, date: Date) -> Option<Timestamp> {
        self.setting.cast.zone.to_timestamp(date.at(0, 0, 0, 0)).ok()
    }

    fn cast_date(&self, at: Timestamp) -> Date {
        self.setting.cast().zone.to_datetime(at).date()
    }

    fn rng(&self, date: Date, salt: u64) -> ChaCha8Rng {
        let day =
            u64::from(date.year().unsigned_abs()) * 1_000 + u64::from(date.day_of_year().unsigned_abs());
        let mut seed = [0; 32];
        // Without the start: whoever starts again on the same day finds the same plan.
        for (slot, part) in seed.chunks_exact_mut(8).zip([self.seed, day, salt]) {
            slot.copy_from_slice(&part.to_le_bytes());
        }
        ChaCha8Rng::from_seed(seed)
    }

    /// The lives of a day; from the first day on there is more, for patrols are followed.
    fn lives(&mut self, date: Date, is_followed: bool) -> Vec<Arc<Life>> {
        let Some(midnight) = self.midnight(date) else { return Vec::new() };
        let mut rng = self.rng(date, u64::MAX);
        let is_workday = self.setting.rules.calendar.is_workday(date);
        let usual = rng.random_range(if is_workday { WORKDAY } else { OFF_DAY });
        let quick = if is_followed && !is_sunday(date) { rng.random_range(QUICK) } else { 0 };
        let mut wanted: Vec<(IssueId, Sort)> = Vec::new();
        for number in 1..=usual + quick {
            let name = format!("{}{}-{number:03}", prefix(self.seed), date.strftime("%y%m%d"));
            wanted.push((IssueId(name), if number > usual { Sort::Quick } else { Sort::Usual }));
        }
        // Last, so that the rest of the day is the same whenever it starts.
        if is_followed && self.cast_date(self.start) == date {
            let after = SignedDuration::from_secs(rng.random_range(ALARM_AFTER_S));
            if let Ok(at) = self.start.checked_add(after) {
                wanted.push((alarm_id(self.seed, self.start), Sort::Alarm(at)));
            }
        }
        let mut lives = Vec::with_capacity(wanted.len());
        for (number, (id, sort)) in wanted.into_iter().enumerate() {
            let rng = self.rng(date, number as u64);
            let known = self.known.make_contiguous();
            let mut author = Author { setting: &self.setting, diary: &mut self.diary, known, rng };
            if let Some(life) = author.write(id, midnight, sort) {
                // Nothing goes into what went into something else.
                if !life.steps.iter().any(|step| step.step == Step::Merge) {
                    self.known.push_back(Author::known(&life));
                }
                if self.known.len() > KNOWN {
                    self.known.pop_front();
                }
                lives.push(Arc::new(life));
            }
        }
        lives.sort_by_key(|life| life.reported_at());
        lives
    }
}

fn is_sunday(date: Date) -> bool {
    date.weekday() == Weekday::Sunday
}

/// What the ids of a simulation begin with.
pub(super) fn prefix(seed: u64) -> String {
    format!("S{seed}-")
}

/// The id of the urgent issue that comes soon after the start; it says when the start was.
fn alarm_id(seed: u64, start: Timestamp) -> IssueId {
    IssueId(format!("{}{}", prefix(seed), start.strftime("%Y%m%dT%H%M%SZ")))
}

/// When the simulation began that an issue belongs to, if the issue says so.
pub(super) fn start_of(seed: u64, id: &IssueId) -> Option<Timestamp> {
    let text = id.0.strip_prefix(&prefix(seed))?;
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
}
