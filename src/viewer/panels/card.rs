//! The card of what is chosen, as plain values: facts, and what can be gone to from there.

mod area;
mod building;
mod case;
mod floors;
mod issue;
mod patrol;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub(super) use self::case::{CardPhoto, DAYS, Doable, Draft, Offer};
pub(super) use self::floors::{FanState, Floors};

use super::arrival::Arrival;
use super::ledger::Ledger;
use super::roster;
use super::rows::shown_name;
use super::speech::Speech;
use super::theme::Tone;
use crate::city::{Area, AreaKind, BuildingIndex, Management, Place};
use crate::feed::Situation;
use crate::geo::LonLat;
use crate::governance::{AreaCodes, State};
use crate::viewer::casework::Case;
use crate::viewer::login::Login;
use crate::viewer::selection::Selection;

/// How far patrols are near, metres.
const NEAR_M: f64 = 800.0;
/// How many of them are named.
const NEAREST: usize = 3;
/// How many issues of a building are named.
const MOST_ISSUES: usize = 6;
/// How many stairwells of a building are named.
const MOST_STAIRWELLS: usize = 6;
/// Slower than this is standing, metres a second.
const STANDING_MPS: f32 = 0.3;

/// A name and a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// The name.
    pub(super) label: String,
    /// The value.
    pub(super) value: String,
    /// How it is meant.
    pub(super) tone: Tone,
}

/// Something to go to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// What.
    pub(super) selection: Selection,
    /// The mark before it, where it is an issue.
    pub(super) state: Option<State>,
    /// What it is called.
    pub(super) text: String,
    /// What stands at its end.
    pub(super) note: String,
    /// How that is meant.
    pub(super) tone: Tone,
}

/// A part of a card with a title.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Section {
    /// Its title.
    pub(super) title: String,
    /// Where to go.
    pub(super) links: Vec<Link>,
    /// What is to be read.
    pub(super) lines: Vec<String>,
    /// What stands there when there is nothing.
    pub(super) empty: String,
}

/// The card.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Card {
    /// What sort of thing it is about.
    pub(super) kind: String,
    /// What it is called.
    pub(super) title: String,
    /// Where an issue stands, with its name.
    pub(super) state: Option<(State, String)>,
    /// What must be noticed.
    pub(super) badges: Vec<(String, Tone)>,
    /// What is known.
    pub(super) facts: Vec<Fact>,
    /// In somebody's words.
    pub(super) description: String,
    /// The storeys of a building, where they are known.
    pub(super) floors: Option<Floors>,
    /// What can be done about an issue.
    pub(super) doable: Option<Doable>,
    /// The photos of an issue.
    pub(super) photos: Vec<CardPhoto>,
    /// The one of them that is shown large.
    pub(super) large: Option<CardPhoto>,
    /// What is around.
    pub(super) sections: Vec<Section>,
    /// What the card is about, to fly there again.
    pub(super) selection: Option<Selection>,
}

/// Everything that a card is made from.
pub(super) struct Sources<'a> {
    /// What stands still.
    pub(super) place: Option<&'a Place>,
    /// What happens.
    pub(super) situation: &'a Situation,
    /// The same by slot.
    pub(super) ledger: &'a Ledger,
    /// The scenario's time.
    pub(super) now: Timestamp,
    /// The time at which the presence of patrols is judged.
    pub(super) judged_at: Timestamp,
    /// Whether it can be known that there is nothing.
    pub(super) arrival: Arrival,
    /// In which words.
    pub(super) speech: &'a Speech,
    /// Whether names of people are masked.
    pub(super) masks_names: bool,
    /// How the storeys of the chosen building are shown.
    pub(super) fan: FanState,
    /// The case that is open.
    pub(super) case: Option<&'a Case>,
    /// Who sits at the desk.
    pub(super) login: &'a Login,
}

impl Card {
    /// The card of what is chosen; `None` if it is gone.
    pub(super) fn new(selection: &Selection, sources: &Sources<'_>) -> Option<Self> {
        let card = match selection {
            Selection::Building(index) => {
                sources.building(sources.place?.city.building(BuildingIndex(*index))?)
            }
            Selection::Area(index) => sources.area(sources.place?.areas.get(*index as usize)?),
            Selection::Issue(id) => sources.issue(sources.situation.issue(id)?),
            Selection::Patrol(id) => sources.patrol(&sources.situation.patrol(id)?.patrol),
            Selection::Place { at: (east, south), name } => {
                sources.spot([f64::from(*east), -f64::from(*south)], name)
            }
        };
        Some(Self { selection: Some(selection.clone()), ..card })
    }
}

impl Sources<'_> {
    fn fact(&self, facts: &mut Vec<Fact>, key: &str, value: Option<String>) {
        self.toned_fact(facts, key, value, Tone::Normal);
    }

    fn toned_fact(&self, facts: &mut Vec<Fact>, key: &str, value: Option<String>, tone: Tone) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(Fact { label: self.speech.owned(key), value, tone });
        }
    }

    fn area_name(&self, kind: AreaKind, code: Option<&str>) -> Option<String> {
        let code = code?;
        let name = self.place.and_then(|place| place.areas.find(kind, code)).map(|area| area.name.clone());
        Some(name.unwrap_or_else(|| code.to_owned()))
    }

    fn responsible(&self, kind: AreaKind, code: Option<&str>) -> Option<String> {
        self.place?.areas.find(kind, code?)?.responsible.clone()
    }

    /// Community, grid, compound and who answers for them.
    fn areas(&self, facts: &mut Vec<Fact>, areas: &AreaCodes) {
        let (community, grid) = (areas.community.as_deref(), areas.grid.as_deref());
        self.fact(facts, "card-compound", self.area_name(AreaKind::Compound, areas.compound.as_deref()));
        self.fact(facts, "card-community", self.area_name(AreaKind::Community, community));
        self.fact(facts, "card-grid", self.area_name(AreaKind::Grid, grid));
    }

    fn compound(&self, facts: &mut Vec<Fact>, code: Option<&str>) {
        let Some(code) = code else { return };
        self.fact(facts, "card-compound", self.area_name(AreaKind::Compound, Some(code)));
        let Some(area) = self.place.and_then(|place| place.areas.find(AreaKind::Compound, code)) else {
            return;
        };
        self.management(facts, area);
    }

    fn management(&self, facts: &mut Vec<Fact>, area: &Area) {
        let by = match (area.management, &area.company) {
            (Some(Management::Company), Some(company)) => Some(company.clone()),
            (Some(Management::Company), None) => Some(self.speech.words.management("company").to_owned()),
            (Some(Management::Community), _) => Some(self.speech.words.management("community").to_owned()),
            (Some(Management::None), _) => Some(self.speech.words.management("none").to_owned()),
            (None, _) => None,
        };
        self.fact(facts, "card-management", by);
    }

    fn patrols_near(&self, place: LonLat) -> Section {
        let links = roster::nearest(self.situation, place, self.judged_at, NEAR_M, NEAREST)
            .into_iter()
            .filter_map(|near| {
                let patrol = &self.situation.patrol_at(near.slot)?.patrol;
                let name = shown_name(patrol, self.masks_names);
                Some(Link {
                    selection: Selection::Patrol(patrol.id.clone()),
                    state: None,
                    text: format!("{} {name}", self.speech.words.patrol_kind(patrol.kind)),
                    note: self.speech.distance(near.distance_m),
                    tone: Tone::Quiet,
                })
            })
            .collect();
        Section {
            title: self.speech.owned("card-nearby-patrols"),
            links,
            lines: Vec::new(),
            empty: self
                .speech
                .with(self.arrival.nothing("card-no-nearby-patrols"), &[("radius", (NEAR_M as i64).into())]),
        }
    }

    /// A place that search found.
    fn spot(&self, point: [f64; 2], name: &str) -> Card {
        let mut facts = Vec::new();
        let mut sections = Vec::new();
        if let Some(place) = self.place {
            let at = |kind| place.areas.at_kind(point, kind).map(|area| area.code.clone());
            let (community, grid) = (at(AreaKind::Community), at(AreaKind::Grid));
            self.fact(
                &mut facts,
                "card-community",
                self.area_name(AreaKind::Community, community.as_deref()),
            );
            self.fact(&mut facts, "card-grid", self.area_name(AreaKind::Grid, grid.as_deref()));
            self.compound(&mut facts, at(AreaKind::Compound).as_deref());
            let answers = self
                .responsible(AreaKind::Grid, grid.as_deref())
                .or_else(|| self.responsible(AreaKind::Community, community.as_deref()));
            self.fact(&mut facts, "card-responsible", answers);
            sections.push(self.patrols_near(place.frame.unproject(point)));
        }
        Card {
            kind: self.speech.owned("search-kind-place"),
            title: name.to_owned(),
            facts,
            sections,
            ..Card::default()
        }
    }
}
