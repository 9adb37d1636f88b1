//! How an issue begins: what, where, when, and by whom it is found.

use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use super::{Author, Find, Sort};
use crate::governance::classes::Class;
use crate::governance::{Actor, AreaCodes, IssueId, NewIssue, Owner, PatrolKind, Role, Source, Urgency};
use crate::simulation::catalogue::{Entry, weighted};
use crate::simulation::sites::Site;

impl<'a> Author<'a> {
    /// Something of a sort that happens on the day that starts at `midnight`.
    pub(super) fn find(&mut self, midnight: Timestamp, sort: Sort) -> Option<Find<'a>> {
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

    /// The report of what was found.
    pub(super) fn report(&mut self, id: &IssueId, find: &Find<'_>) -> NewIssue {
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
        // Who calls the hotline says where in words; the desk finds it on the map.
        let is_calm = class.urgency == Urgency::General && site.address.is_some();
        let in_words = source == Source::Hotline && is_calm && self.chance(0.3);
        NewIssue {
            id: Some(id.clone()),
            title: entry.title(class, &site.phrase, self.rng.random()),
            description: String::new(),
            class: class.code.clone(),
            urgency,
            source,
            owner: Owner::Us,
            place: Some(site.place).filter(|_| !in_words),
            address: site.address.clone(),
            building: site.building.clone().filter(|_| !in_words),
            areas: if in_words { AreaCodes::default() } else { site.areas.clone() },
            department: None,
            responsible: site.responsible.clone().filter(|_| !in_words),
            happened_at: Some(at),
            actor: actor.unwrap_or_else(program),
            note: None,
            attachments: Vec::new(),
        }
    }
}
