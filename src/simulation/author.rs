//! Writes lives: chooses what happens where, who finds it, who puts it right, and what goes wrong on the way.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, ToSpan};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::cast::Member;
use super::catalogue::{Entry, weighted};
use super::life::{Life, Say, Script};
use super::network::distance_m;
use super::setting::Setting;
use super::sites::Site;
use super::track::Visit;
use crate::governance::classes::{Class, LimitUnit};
use crate::governance::deadline::limit_for;
use crate::governance::{Actor, IssueId, NewIssue, Owner, PatrolKind, Role, Source, Step, Urgency};

/// A patrol has one visit in so much time.
const BETWEEN_VISITS: SignedDuration = SignedDuration::from_mins(25);
/// The longest that a patrol stays with an issue.
const LONGEST_VISIT: SignedDuration = SignedDuration::from_mins(35);
/// How far a patrol of another area may be that is called to something urgent, in metres.
const CALL_REACH_M: f64 = 900.0;
/// The share of issues that are closed in time.
const ON_TIME: f64 = 0.89;

/// Which patrols have to be where when.
#[derive(Debug, Clone, Default)]
pub(super) struct Diary {
    visits: Vec<Visit>,
    taken: BTreeSet<(usize, Timestamp)>,
}

impl Diary {
    fn is_free(&self, member: usize, at: Timestamp) -> bool {
        let from = at.saturating_sub(BETWEEN_VISITS).unwrap_or(at);
        let to = at.saturating_add(BETWEEN_VISITS).unwrap_or(at);
        self.taken.range((member, from)..=(member, to)).next().is_none()
    }

    fn note(&mut self, visit: Visit) {
        self.taken.insert((visit.member, visit.at));
        self.visits.push(visit);
    }

    /// The visits of a member in a span of time, in order.
    pub(super) fn of(&self, member: usize, from: Timestamp, to: Timestamp) -> Vec<Visit> {
        let mut visits: Vec<Visit> = self
            .visits
            .iter()
            .filter(|visit| visit.member == member && from <= visit.at && visit.at < to)
            .copied()
            .collect();
        visits.sort_by_key(|visit| visit.at);
        visits
    }

    /// Forgets what lies before a moment.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        self.visits.retain(|visit| visit.at >= at);
        self.taken.retain(|(_, then)| *then >= at);
    }
}

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

    fn find(&mut self, midnight: Timestamp, sort: Sort) -> Option<Find<'a>> {
        let setting = self.setting;
        let classes: Vec<(&'a Class, &'a Entry)> = setting
            .cast
            .classes
            .iter()
            .filter_map(|class| Some((class, setting.catalogue.entry(class)?)))
            .collect();
        let weights: Vec<((&Class, &Entry), f64)> = classes
            .into_iter()
            .map(|(class, entry)| {
                let is_high = class.urgency == Urgency::High;
                let weight = match sort {
                    Sort::Usual => entry.weight,
                    Sort::Quick => entry.weight * entry.on_spot * f64::from(u8::from(!is_high)),
                    Sort::Alarm(_) => entry.weight * f64::from(u8::from(is_high)),
                };
                ((class, entry), weight)
            })
            .collect();
        let (class, entry) = weighted(weights, self.rng.random())?;
        if let Sort::Alarm(at) = sort {
            return self.alarm(class, entry, at);
        }
        let hour = weighted(entry.hours.weights().into_iter().enumerate(), self.rng.random())?;
        let seconds = hour as i64 * 3_600 + self.rng.random_range(0..3_600);
        let at = midnight.checked_add(SignedDuration::from_secs(seconds)).ok()?;
        let source = if sort == Sort::Quick { Source::Patrol } else { entry.source(self.rng.random()) };
        let found_by: &[PatrolKind] = match source {
            Source::Patrol => &entry.finders,
            Source::Volunteer => &[PatrolKind::Volunteer, PatrolKind::Steward],
            _ => &[],
        };
        if !found_by.is_empty() {
            if let Some((finder, site)) = self.finder(found_by, entry, at) {
                return Some(Find { class, entry, site, source, finder: Some(finder), at });
            }
            if sort == Sort::Quick {
                return None;
            }
        }
        // Nobody of the patrols was there, so somebody else told.
        let source = if found_by.is_empty() { source } else { Source::ResidentApp };
        let kind = *entry.places.get(self.rng.random_range(0..entry.places.len()))?;
        let site = setting.sites.pick(kind, None, self.rng.random())?;
        Some(Find { class, entry, site, source, finder: None, at })
    }

    /// Something urgent near the point that the camera looks at.
    fn alarm(&mut self, class: &'a Class, entry: &'a Entry, at: Timestamp) -> Option<Find<'a>> {
        let kind = *entry.places.get(self.rng.random_range(0..entry.places.len()))?;
        let start = self.setting.place.start();
        let off = [self.between(-350.0, 350.0), self.between(-350.0, 350.0)];
        let site = self.setting.sites.nearest(kind, [start[0] + off[0], start[1] + off[1]])?;
        Some(Find { class, entry, site, source: Source::Hotline, finder: None, at })
    }

    /// A patrol of these kinds that comes upon something in its own area, and where.
    fn finder(&mut self, kinds: &[PatrolKind], entry: &Entry, at: Timestamp) -> Option<(usize, &'a Site)> {
        let setting = self.setting;
        let able: Vec<usize> = self.able(kinds, at).map(|(number, _)| number).collect();
        for _ in 0..able.len().min(4) {
            let member = *able.get(self.rng.random_range(0..able.len()))?;
            let areas = &setting.cast.members.get(member)?.areas;
            let area = areas.grid.as_deref().or(areas.community.as_deref());
            let kind = *entry.places.get(self.rng.random_range(0..entry.places.len()))?;
            if let Some(site) = setting.sites.pick(kind, area, self.rng.random()) {
                return Some((member, site));
            }
        }
        None
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

    fn report(&mut self, id: &IssueId, find: &Find<'_>) -> NewIssue {
        let Find { class, entry, site, source, finder, at } = *find;
        let setting = self.setting;
        let mut source = source;
        // Now and then a leader on the round hands something over on the spot.
        let manager = setting.cast.manager(site.areas.community.as_deref());
        if finder.is_none() && source != Source::Hotline && manager.is_some() && self.chance(0.06) {
            source = Source::Leader;
        }
        let program = || {
            let name = setting.catalogue.actor(source).unwrap_or("API").to_owned();
            Actor { name, role: Role::Program }
        };
        let actor = match source {
            Source::Patrol | Source::Volunteer => finder.and_then(|finder| self.member_actor(finder)),
            Source::Leader => manager,
            Source::PropertyCompany => {
                let company = site.company.as_deref();
                company.map(|company| setting.cast.actor(Role::Handler, Some(company), 0))
            }
            _ => None,
        };
        let urgency = (source == Source::Leader || self.chance(0.03))
            .then_some(Urgency::Elevated)
            .filter(|_| class.urgency == Urgency::General);
        if let Some(finder) = finder {
            let until = at.saturating_add(SignedDuration::from_mins(6)).unwrap_or(at);
            self.visit(finder, site, at, until);
        }
        NewIssue {
            id: Some(id.clone()),
            title: entry.title(class, &site.phrase, self.rng.random()),
            description: String::new(),
            class: class.code.clone(),
            urgency,
            source,
            owner: Owner::Us,
            place: Some(site.place),
            address: site.address.clone(),
            building: site.building.clone(),
            areas: site.areas.clone(),
            department: None,
            responsible: site.responsible.clone(),
            happened_at: Some(at),
            actor: actor.unwrap_or_else(program),
            note: None,
            attachments: Vec::new(),
        }
    }

    /// Everything after the report.
    fn live(&mut self, script: &mut Script<'_>, find: &Find<'_>, sort: Sort) {
        let entry = find.entry;
        let is_urgent = script.issue.urgency == Urgency::High;
        if let Some(finder) = find.finder
            && !is_urgent
            && (sort == Sort::Quick || self.chance(entry.on_spot))
        {
            let minutes = self.rng.random_range(3..14);
            let at = find.at.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(find.at);
            let actor = self.member_actor(finder).unwrap_or_else(|| script_actor(script));
            let note = entry.done(self.rng.random());
            script.take_at(at, Step::CloseOnSpot, actor, Say { note, ..Say::default() });
            return;
        }
        if self.ends_early(script, find, sort) {
            return;
        }
        let is_long = is_long(script);
        let late = !matches!(sort, Sort::Alarm(_)) && !self.chance(ON_TIME);
        // Of long limits nobody waits for the very end; of short ones many do.
        let share = match (late, is_long) {
            (true, _) => self.between(1.1, 2.1),
            (false, true) => self.between(0.6, 0.98),
            (false, false) => self.between(0.35, 0.95),
        };
        self.begin(script, find, share);
        self.handle(script, find, share, late);
        if is_long && self.chance(0.03) {
            self.reopen(script, find);
        }
    }

    /// Void or merged: nothing is to be done.
    fn ends_early(&mut self, script: &mut Script<'_>, find: &Find<'_>, sort: Sort) -> bool {
        if sort != Sort::Usual {
            return false;
        }
        let desk = self.desk();
        let same = self.known.iter().rev().find(|known| {
            known.class == find.class.code.code
                && known.grid == find.site.areas.grid
                && known.at < find.at
                && find.at.duration_since(known.at) < SignedDuration::from_hours(48)
        });
        if let Some(same) = same.map(|known| known.id.clone())
            && self.chance(0.5)
        {
            let say = Say { merged_into: Some(same), ..self.say("merge") };
            script.take(0.06, Step::Merge, desk, say);
            return true;
        }
        if find.finder.is_none() && self.chance(0.05) {
            let say = self.say("void");
            script.take(0.05, Step::Verify, desk.clone(), Say::default());
            script.take(0.14, Step::MakeVoid, desk, say);
            return true;
        }
        false
    }

    /// From the report to the hands of whoever has the lead.
    fn begin(&mut self, script: &mut Script<'_>, find: &Find<'_>, share: f64) {
        let (class, site) = (find.class, find.site);
        let desk = self.desk();
        let is_urgent = script.issue.urgency == Urgency::High;
        if matches!(find.source, Source::Hotline | Source::ResidentApp) && !is_urgent && self.chance(0.6) {
            let at = script.moment(share * 0.03);
            let officer = self.comer(&[PatrolKind::GridOfficer], site, at, false);
            let actor =
                officer.and_then(|officer| self.member_actor(officer)).unwrap_or_else(|| desk.clone());
            let say = self.say("verify");
            if let Some(at) = script.take_at(at, Step::Verify, actor, say)
                && let Some(officer) = officer
            {
                self.visit(officer, site, at, at.saturating_add(SignedDuration::from_mins(8)).unwrap_or(at));
            }
        }
        let mut at = share * self.between(0.05, 0.1);
        script.take(at, Step::Register, desk.clone(), Say::default());
        at += share * self.between(0.02, 0.05);
        let lead =
            site.company.clone().filter(|_| find.entry.by_company).or_else(|| class.department.clone());
        let lead = lead.unwrap_or_else(|| desk.name.clone());
        script.take(
            at,
            Step::Dispatch,
            desk.clone(),
            Say { department: Some(lead.clone()), ..Say::default() },
        );
        if !is_urgent && self.chance(0.03) {
            at += share * self.between(0.04, 0.1);
            let handler = self.setting.cast.actor(Role::Handler, Some(&lead), self.rng.random());
            let say = self.say("send_back");
            script.take(at, Step::SendBack, handler, say);
            at += share * 0.03;
            script.take(at, Step::Dispatch, desk.clone(), Say { department: Some(lead), ..Say::default() });
        }
        at += share * self.between(0.03, 0.1);
        self.accept(script, at);
        if !is_urgent && self.chance(0.02) {
            let classes = &self.setting.cast.classes;
            let other = classes.iter().nth(self.rng.random_range(0..classes.len().max(1)));
            if let Some(department) = other.and_then(|class| class.department.clone())
                && Some(&department) != script.issue.department.as_ref()
            {
                let say = Say { department: Some(department), ..self.say("reassign") };
                script.take(at + share * 0.04, Step::Reassign, desk, say);
                self.accept(script, at + share * 0.07);
            }
        }
        if self.chance(0.08) {
            let say = self.say("note");
            let desk = self.desk();
            script.take(at + share * 0.08, Step::Note, desk, say);
        }
    }

    fn accept(&mut self, script: &mut Script<'_>, share: f64) {
        let handler = self.handler(script);
        script.take(share, Step::Accept, handler, Say::default());
    }

    fn handler(&mut self, script: &Script<'_>) -> Actor {
        self.setting.cast.actor(Role::Handler, script.issue.department.as_deref(), self.rng.random())
    }

    /// From the first hand to the end, with what goes wrong on the way.
    fn handle(&mut self, script: &mut Script<'_>, find: &Find<'_>, share: f64, late: bool) {
        let (entry, site) = (find.entry, find.site);
        let is_urgent = script.issue.urgency == Urgency::High;
        let is_long = is_long(script);
        let mut at = share * self.between(0.28, 0.45);
        let begun = script.moment(at);
        let patrol = self.comer(&entry.handlers, site, begun, is_urgent);
        let actor =
            patrol.and_then(|patrol| self.member_actor(patrol)).unwrap_or_else(|| self.handler(script));
        let begun = script.take_at(begun, Step::Handle, actor.clone(), Say::default());
        if self.chance(if is_urgent {
            0.3
        } else if is_long {
            0.04
        } else {
            0.0
        }) {
            self.supervise(script, at + share * 0.03);
        }
        if is_long && self.chance(0.16) {
            self.suspend(script, &mut at, &actor);
        }
        if late && is_long && self.chance(0.3) {
            self.extend(script, share, &actor);
        }
        let feedback = share * self.between(0.74, 0.88);
        if late {
            // While it lies, it is urged, and the worst are supervised.
            if self.chance(0.7) {
                self.urge(script, share * 0.6);
            }
            if share > 1.25 && self.chance(0.5) {
                self.supervise(script, feedback - share * 0.06);
            }
        } else if self.chance(0.04) {
            self.urge(script, feedback - share * 0.1);
        }
        let note = entry.done(self.rng.random());
        let done = script.take(feedback, Step::GiveFeedback, actor.clone(), Say { note, ..Say::default() });
        if let (Some(patrol), Some(begun), Some(done)) = (patrol, begun, done) {
            self.visit(patrol, site, begun, done);
        }
        let mut end = feedback + share * 0.04;
        if self.chance(0.05) {
            let (desk, say) = (self.desk(), self.say("rework"));
            script.take(end, Step::Rework, desk, say);
            end += share * self.between(0.05, 0.09);
            let note = entry.done(self.rng.random());
            script.take(end, Step::GiveFeedback, actor, Say { note, ..Say::default() });
        }
        self.check(script, site, end, share.max(end + share * 0.03));
    }

    fn check(&mut self, script: &mut Script<'_>, site: &Site, check: f64, close: f64) {
        let at = script.moment(check);
        let officer =
            self.comer(&[PatrolKind::GridOfficer], site, at, false).filter(|_| self.rng.random_bool(0.6));
        let actor = match officer.and_then(|officer| self.member_actor(officer)) {
            Some(actor) => actor,
            None => self.desk(),
        };
        let say = self.say("check");
        if let Some(at) = script.take_at(at, Step::Check, actor, say)
            && let Some(officer) = officer
        {
            self.visit(officer, site, at, at.saturating_add(SignedDuration::from_mins(7)).unwrap_or(at));
        }
        let (desk, say) = (self.desk(), self.say("close"));
        script.take(close, Step::Close, desk, say);
    }

    fn urge(&mut self, script: &mut Script<'_>, share: f64) {
        let (desk, say) = (self.desk(), self.say("urge"));
        script.take(share, Step::Urge, desk, say);
    }

    fn supervise(&mut self, script: &mut Script<'_>, share: f64) {
        let community = script.issue.areas.community.clone();
        let manager = self.setting.cast.manager(community.as_deref());
        let actor = manager.unwrap_or_else(|| self.desk());
        let say = self.say("supervise");
        script.take(share, Step::Supervise, actor, say);
    }

    /// The clock stands for some days.
    fn suspend(&mut self, script: &mut Script<'_>, at: &mut f64, actor: &Actor) {
        let say = self.say("suspend");
        let Some(since) = script.take(*at + 0.05, Step::Suspend, actor.clone(), say) else { return };
        let days = self.rng.random_range(3..18);
        let moment = since.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(since);
        let say = self.say("resume");
        let desk = self.desk();
        if let Some(moment) = script.take_at(moment, Step::Resume, desk, say) {
            *at += 0.05;
            script.count_from(moment, *at);
        }
    }

    /// The deadline moves, so that the end is in time after all.
    fn extend(&mut self, script: &mut Script<'_>, share: f64, actor: &Actor) {
        let Some(due_at) = script.issue.due_at else { return };
        let end = script.moment(share).max(due_at);
        let until = end.saturating_add(SignedDuration::from_hours(24)).unwrap_or(end);
        let until = until.round(jiff::Unit::Hour).unwrap_or(until);
        let say = Say { until: Some(until), ..self.say("extend") };
        script.take(share.min(0.85).max(share * 0.5), Step::Extend, actor.clone(), say);
    }

    /// It comes back after some days, and is handled again, faster.
    fn reopen(&mut self, script: &mut Script<'_>, find: &Find<'_>) {
        let days = self.rng.random_range(1..5);
        let zone = &self.setting.cast.zone;
        let date = zone.to_datetime(script.last()).date().saturating_add(days.days());
        let morning = date.at(9, self.rng.random_range(0..59), 0, 0);
        let Ok(at) = zone.to_timestamp(morning) else { return };
        let (desk, say) = (self.desk(), self.say("reopen"));
        let Some(at) = script.take_at(at, Step::Reopen, desk.clone(), say) else { return };
        script.count_from(at, 0.0);
        let lead = script.issue.department.clone();
        script.take(0.04, Step::Dispatch, desk, Say { department: lead, ..Say::default() });
        self.accept(script, 0.1);
        self.handle(script, find, 0.6, false);
    }
}

/// Whether the limit is one of days.
fn is_long(script: &Script<'_>) -> bool {
    let limit = script.limit();
    matches!(limit.unit, LimitUnit::WorkDays | LimitUnit::Days) && limit.amount >= 2.0
}

fn script_actor(script: &Script<'_>) -> Actor {
    Actor { name: script.issue.responsible.clone().unwrap_or_default(), role: Role::Officer }
}
