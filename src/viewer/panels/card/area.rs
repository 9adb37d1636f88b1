//! The card of an area: who answers for it, what is wrong there, who is near.

use super::{Card, MOST_ISSUES, Section, Sources};
use crate::city::{Area, AreaKind};
use crate::governance::Issue;

impl Sources<'_> {
    pub(super) fn area(&self, area: &Area) -> Card {
        let mut facts = Vec::new();
        let kind = match area.kind {
            AreaKind::Subdistrict => "card-subdistrict",
            AreaKind::Community => "card-community",
            AreaKind::Grid => "card-grid",
            AreaKind::Compound => "card-compound",
            AreaKind::BusinessDistrict => "card-business-district",
            AreaKind::Alley => "card-alley",
        };
        if area.kind == AreaKind::Compound {
            self.management(&mut facts, area);
        }
        let middle = area.bounds.centre();
        if !matches!(area.kind, AreaKind::Subdistrict | AreaKind::Community) {
            let of = |kind| self.place?.areas.at_kind(middle, kind).map(|area| area.name.clone());
            self.fact(&mut facts, "card-community", of(AreaKind::Community));
        }
        self.fact(&mut facts, "card-responsible", area.responsible.clone());
        let buildings = self.buildings_within(area);
        let counted = (buildings > 0).then(|| self.speech.count("card-buildings-value", buildings));
        self.fact(&mut facts, "card-buildings", counted);
        let mut sections = vec![self.issues_within(area)];
        sections.extend(self.place.map(|place| self.patrols_near(place.frame.unproject(middle))));
        Card { kind: self.speech.owned(kind), title: area.name.clone(), facts, sections, ..Card::default() }
    }

    fn buildings_within(&self, area: &Area) -> usize {
        let Some(place) = self.place else { return 0 };
        let code = Some(area.code.as_str());
        place
            .city
            .iter()
            .filter(|building| match area.kind {
                AreaKind::Community => building.community() == code,
                AreaKind::Grid => building.grid() == code,
                AreaKind::Compound => building.compound() == code,
                _ => false,
            })
            .count()
    }

    /// The open issues whose place lies in it, what presses most first.
    fn issues_within(&self, area: &Area) -> Section {
        let is_within = |issue: &Issue| match area.kind {
            AreaKind::Community => issue.areas.community.as_ref() == Some(&area.code),
            AreaKind::Grid => issue.areas.grid.as_ref() == Some(&area.code),
            AreaKind::Compound => issue.areas.compound.as_ref() == Some(&area.code),
            _ => issue
                .place
                .and_then(|place| Some(area.contains(self.place?.frame.project(place))))
                .unwrap_or_default(),
        };
        let mut found: Vec<(i64, &Issue)> = self
            .ledger
            .iter()
            .filter(|(_, facts)| facts.state.is_open())
            .filter_map(|(slot, facts)| Some((facts.due_secs, self.situation.issue_at(slot)?)))
            .filter(|(_, issue)| is_within(issue))
            .collect();
        found.sort_by_key(|(due_secs, _)| *due_secs);
        let count = found.len();
        Section {
            title: if count > 0 {
                self.speech.count("card-issues-in-area", count)
            } else {
                self.speech.owned("card-issues-here")
            },
            links: found.iter().take(MOST_ISSUES).map(|(_, issue)| self.issue_link(issue)).collect(),
            lines: Vec::new(),
            empty: self.speech.owned(self.arrival.nothing("card-no-issues-here")),
        }
    }
}
