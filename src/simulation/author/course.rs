//! What becomes of an issue: the hands that it goes through, and what goes wrong on the way.

use jiff::{SignedDuration, ToSpan};
use rand::Rng;

use super::{Author, Find, Sort};
use crate::governance::classes::LimitUnit;
use crate::governance::{Actor, Location, PatrolKind, Role, Source, Step, Urgency};
use crate::simulation::life::{Say, Script};
use crate::simulation::sites::Site;

/// The share of issues that are closed in time, if nothing else goes wrong.
const ON_TIME: f64 = 0.89;

impl Author<'_> {
    /// Everything after the report.
    pub(super) fn live(&mut self, script: &mut Script<'_>, find: &Find<'_>, sort: Sort) {
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

    /// What was reported in words is found on the map by the desk.
    pub(super) fn locate(&mut self, script: &mut Script<'_>, site: &Site) {
        if script.issue.place.is_some() {
            return;
        }
        let (desk, wait) = (self.desk(), SignedDuration::from_mins(self.rng.random_range(2..12)));
        let at = script.issue.reported_at.saturating_add(wait).unwrap_or(script.issue.reported_at);
        let location = Location {
            building: site.building.clone(),
            areas: site.areas.clone(),
            ..Location::at(site.place)
        };
        script.take_at(at, Step::Locate, desk, Say { location: Some(Box::new(location)), ..Say::default() });
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
            self.suspend(script, &mut at);
        }
        if late && is_long && self.chance(0.3) {
            self.extend(script, share);
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

    /// Who decides at the desk on what handlers ask.
    fn head_of_desk(&self) -> Actor {
        self.setting.cast.actor(Role::Desk, None, 0)
    }

    /// The clock stands for some days, as whoever has the work has asked the desk.
    fn suspend(&mut self, script: &mut Script<'_>, at: &mut f64) {
        let (desk, say) = (self.head_of_desk(), self.say("suspend"));
        let Some(since) = script.take(*at + 0.05, Step::Suspend, desk, say) else { return };
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
    fn extend(&mut self, script: &mut Script<'_>, share: f64) {
        let Some(due_at) = script.issue.due_at else { return };
        let end = script.moment(share).max(due_at);
        let until = end.saturating_add(SignedDuration::from_hours(24)).unwrap_or(end);
        let until = until.round(jiff::Unit::Hour).unwrap_or(until);
        let say = Say { until: Some(until), ..self.say("extend") };
        script.take(share.min(0.85).max(share * 0.5), Step::Extend, self.head_of_desk(), say);
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
