//! The card of a building: what it is, who answers for it, what is wrong there.

use super::{Card, Link, MOST_ISSUES, MOST_STAIRWELLS, Section, Sources};
use crate::city::{AreaKind, BuildingRef};
use crate::governance::Issue;
use crate::viewer::panels::rows::IssueRow;
use crate::viewer::selection::Selection;

impl Sources<'_> {
    pub(super) fn building(&self, building: BuildingRef<'_>) -> Card {
        let speech = self.speech;
        let mut facts = Vec::new();
        let usage = serde_json::to_value(building.usage()).ok();
        let usage = usage.as_ref().and_then(|value| value.as_str()).unwrap_or("other");
        let usage = speech.words.building_use(usage).to_owned();
        if building.name().is_some() {
            self.fact(&mut facts, "card-address", building.address().map(str::to_owned));
        }
        self.fact(&mut facts, "card-use", Some(usage.clone()));
        let metres =
            |metres: f32| speech.with("card-height-value", &[("metres", format!("{metres:.1}").into())]);
        let height = metres(building.rise_m());
        let floors =
            building.given_levels().map(|levels| speech.count("card-floors-value", usize::from(levels)));
        self.fact(
            &mut facts,
            "card-height",
            Some(floors.map_or(height.clone(), |floors| format!("{height} · {floors}"))),
        );
        let base = building.is_floating().then(|| metres(building.base_m()));
        self.fact(&mut facts, "card-base-height", base);
        self.fact(
            &mut facts,
            "card-year",
            building.year().map(|year| speech.with("card-year-value", &[("year", year.to_string().into())])),
        );
        self.fact(&mut facts, "card-community", self.area_name(AreaKind::Community, building.community()));
        self.fact(&mut facts, "card-grid", self.area_name(AreaKind::Grid, building.grid()));
        self.compound(&mut facts, building.compound());
        let answers = self
            .responsible(AreaKind::Grid, building.grid())
            .or_else(|| self.responsible(AreaKind::Community, building.community()));
        self.fact(&mut facts, "card-responsible", answers);

        let mut sections: Vec<Section> = self.issues_on_floor(building).into_iter().collect();
        sections.push(self.issues_here(building));
        sections.extend(self.stairwells(building));
        sections.push(self.patrols_near(building.lon_lat()));
        let title =
            building.name().or(building.address()).map_or_else(|| building.id().to_string(), str::to_owned);
        Card { kind: usage, title, facts, sections, floors: self.floors(building), ..Card::default() }
    }

    fn issues_here(&self, building: BuildingRef<'_>) -> Section {
        let links = self
            .ledger
            .open_at(building.index().0, MOST_ISSUES)
            .into_iter()
            .filter_map(|slot| self.situation.issue_at(slot))
            .map(|issue| self.issue_link(issue))
            .collect();
        Section {
            title: self.speech.owned("card-issues-here"),
            links,
            lines: Vec::new(),
            empty: self.speech.owned(self.arrival.nothing("card-no-issues-here")),
        }
    }

    pub(super) fn issue_link(&self, issue: &Issue) -> Link {
        let row = IssueRow::new(issue, self.now, self.speech);
        Link {
            selection: Selection::Issue(row.id),
            state: Some(row.state),
            text: row.title,
            note: row.remaining,
            tone: row.tone,
        }
    }

    fn stairwells(&self, building: BuildingRef<'_>) -> Option<Section> {
        let id = building.original_id();
        let speech = self.speech;
        let wells: Vec<_> =
            self.place?.stairwells.iter().filter(|stairwell| stairwell.building == id).collect();
        if wells.is_empty() {
            return None;
        }
        let households: u32 = wells.iter().map(|well| well.households).sum();
        let title = speech.with(
            "card-stairwells-value",
            &[("stairwells", (wells.len() as i64).into()), ("households", i64::from(households).into())],
        );
        let lines = wells
            .iter()
            .take(MOST_STAIRWELLS)
            .map(|well| {
                let households = i64::from(well.households);
                let line = speech.with(
                    "card-stairwell",
                    &[("name", well.stairwell.as_str().into()), ("households", households.into())],
                );
                match &well.steward {
                    Some(steward) => {
                        let name = if self.masks_names {
                            crate::viewer::markers::masked(steward)
                        } else {
                            steward.clone()
                        };
                        format!("{line} · {} {name}", speech.text("card-steward"))
                    }
                    None => line,
                }
            })
            .collect();
        Some(Section { title, links: Vec::new(), lines, empty: String::new() })
    }
}
