//! Writes lives: chooses what happens where, who finds it, who puts it right, and what goes wrong on the way.

mod beginning;
mod course;

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::cast::Member;
use super::catalogue::Entry;
use super::diary::Diary;
use super::life::{Life, Say, Script};
use super::network::distance_m;
use super::setting::Setting;
use super::sites::Site;
use super::track::Visit;
use crate::governance::classes::Class;
use crate::governance::deadline::limit_for;
use crate::governance::{Actor, IssueId, NewIssue, PatrolKind, Role, Source};

/// The longest that a patrol stays with an issue.
const LONGEST_VISIT: SignedDuration = SignedDuration::from_mins(35);
/// How far a patrol of another area may be that is called to something urgent, in metres.
const CALL_REACH_M: f64 = 900.0;

/// What sort of life is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Anything, as often as it happens.
    Usual,
    /// Something that a patrol comes upon and that is soon put right.
    Quick,
    /// Something urgent in the middle of the picture, at this moment.
    Alarm(Timestamp),
}

/// An issue that another may turn out to be the same as.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) id: IssueId,
    class: String,
    grid: Option<String>,
    at: Timestamp,
}

/// Writes one life.
pub(super) struct Author<'a> {
    pub(super) setting: &'a Setting,
    pub(super) diary: &'a mut Diary,
    pub(super) known: &'a [Known],
    pub(super) rng: ChaCha8Rng,
}

/// How an issue began.
struct Find<'a> {
    class: &'a Class,
    entry: &'a Entry,
    site: &'a Site,
    source: Source,
    finder: Option<usize>,
    at: Timestamp,
}

impl<'a> Author<'a> {
    fn chance(&mut self, of: f64) -> bool {
        self.rng.random_bool(of.clamp(0.0, 1.0))
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        self.rng.random_range(from..to)
    }

    fn words(&mut self, step: &str) -> Option<String> {
        self.setting.catalogue.words(step, self.rng.random())
    }

    fn say(&mut self, step: &str) -> Say {
        Say { note: self.words(step), ..Say::default() }
    }

    fn desk(&mut self) -> Actor {
        self.setting.cast.actor(Role::Desk, None, self.rng.random())
    }

    /// A life that begins on the day that starts at `midnight`; `None` if nothing of the sort can happen.
    pub(super) fn write(&mut self, id: IssueId, midnight: Timestamp, sort: Sort) -> Option<Life> {
        let find = (0..8).find_map(|_| self.find(midnight, sort))?;
        let report = self.report(&id, &find);
        let limit = limit_for(find.class, report.urgency.unwrap_or(find.class.urgency));
        let setting = self.setting;
        let mut script = Script::open(id, report, limit, &setting.rules)?;
        self.locate(&mut script, find.site);
        self.live(&mut script, &find, sort);
        Some(script.end())
    }

    /// What another life may turn out to be the same as.
    pub(super) fn known(life: &Life) -> Known {
        let NewIssue { class, areas, .. } = &life.report;
        Known {
            id: life.id.clone(),
            class: class.code.clone(),
            grid: areas.grid.clone(),
            at: life.reported_at(),
        }
    }

    /// The members of some kinds who are on duty and free.
    fn able(&self, kinds: &[PatrolKind], at: Timestamp) -> impl Iterator<Item = (usize, &'a Member)> {
        let (setting, diary) = (self.setting, &*self.diary);
        setting.cast.members.iter().enumerate().filter(move |(number, member)| {
            kinds.contains(&member.kind)
                && !setting.cast.absent.contains(&member.id)
                && member.is_on_duty(at, &setting.cast.zone)
                && diary.is_free(*number, at)
        })
    }

    /// The patrol that comes to a site: one of the area, or, if it is urgent, the nearest.
    fn comer(&self, kinds: &[PatrolKind], site: &Site, at: Timestamp, is_urgent: bool) -> Option<usize> {
        let home = self.able(kinds, at).find(|(_, member)| Setting::is_home(member, site));
        if home.is_some() || !is_urgent {
            return home.map(|(number, _)| number);
        }
        let away_m = |number: usize| {
            let nodes = self.setting.territory(number).iter();
            let away = nodes.map(|node| distance_m(self.setting.network.point(*node), site.point));
            away.min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
        };
        self.able(kinds, at)
            .map(|(number, _)| (number, away_m(number)))
            .filter(|(_, away_m)| *away_m < CALL_REACH_M)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(number, _)| number)
    }

    fn visit(&mut self, member: usize, site: &Site, at: Timestamp, until: Timestamp) {
        let until = until.min(at.saturating_add(LONGEST_VISIT).unwrap_or(at));
        self.diary.note(Visit { member, at, until, node: site.node });
    }

    fn member_actor(&self, member: usize) -> Option<Actor> {
        self.setting.cast.members.get(member).map(Member::actor)
    }
}
