//! The card of what is chosen, as plain values: facts, and what can be gone to from there.

use jiff::Timestamp;

use super::ledger::{Ledger, NO_BUILDING};
use super::roster::{self, Duty};
use super::rows::{IssueRow, deadline_tone, duty_tone, shown_name};
use super::speech::Speech;
use super::theme::Tone;
use crate::city::{AreaKind, BuildingIndex, BuildingRef, Management, Place};
use crate::feed::Situation;
use crate::geo::LonLat;
use crate::governance::{AreaCodes, Issue, Owner, Patrol, State, Urgency};
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
    /// In which words.
    pub(super) speech: &'a Speech,
    /// Whether names of people are masked.
    pub(super) masks_names: bool,
}

impl Card {
    /// The card of what is chosen; `None` if it is gone.
    pub(super) fn new(selection: &Selection, sources: &Sources<'_>) -> Option<Self> {
        let card = match selection {
            Selection::Building(index) => {
                sources.building(sources.place?.city.building(BuildingIndex(*index))?)
            }
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

    fn building(&self, building: BuildingRef<'_>) -> Card {
        let speech = self.speech;
        let mut facts = Vec::new();
        let usage = serde_json::to_value(building.usage()).ok();
        let usage = usage.as_ref().and_then(|value| value.as_str()).unwrap_or("other");
        let usage = speech.words.building_use(usage).to_owned();
        if building.name().is_some() {
            self.fact(&mut facts, "card-address", building.address().map(str::to_owned));
        }
        self.fact(&mut facts, "card-use", Some(usage.clone()));
        let height =
            speech.with("card-height-value", &[("metres", format!("{:.1}", building.height_m()).into())]);
        let floors =
            building.given_levels().map(|levels| speech.count("card-floors-value", usize::from(levels)));
        self.fact(
            &mut facts,
            "card-height",
            Some(floors.map_or(height.clone(), |floors| format!("{height} · {floors}"))),
        );
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

        let mut sections = vec![self.issues_here(building)];
        sections.extend(self.stairwells(building));
        sections.push(self.patrols_near(building.lon_lat()));
        let title =
            building.name().or(building.address()).map_or_else(|| building.id().to_string(), str::to_owned);
        Card { kind: usage, title, facts, sections, ..Card::default() }
    }

    fn compound(&self, facts: &mut Vec<Fact>, code: Option<&str>) {
        let Some(code) = code else { return };
        self.fact(facts, "card-compound", self.area_name(AreaKind::Compound, Some(code)));
        let Some(area) = self.place.and_then(|place| place.areas.find(AreaKind::Compound, code)) else {
            return;
        };
        let by = match (area.management, &area.company) {
            (Some(Management::Company), Some(company)) => Some(company.clone()),
            (Some(Management::Company), None) => Some(self.speech.words.management("company").to_owned()),
            (Some(Management::Community), _) => Some(self.speech.words.management("community").to_owned()),
            (Some(Management::None), _) => Some(self.speech.words.management("none").to_owned()),
            (None, _) => None,
        };
        self.fact(facts, "card-management", by);
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
            empty: self.speech.owned("card-no-issues-here"),
        }
    }

    fn issue_link(&self, issue: &Issue) -> Link {
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

    fn patrols_near(&self, place: LonLat) -> Section {
        let links = roster::nearest(self.situation, place, self.now, NEAR_M, NEAREST)
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
            empty: self.speech.with("card-no-nearby-patrols", &[("radius", (NEAR_M as i64).into())]),
        }
    }

    fn issue(&self, issue: &Issue) -> Card {
        let (speech, words) = (self.speech, &self.speech.words);
        let mut facts = Vec::new();
        self.fact(&mut facts, "issue-class", Some(issue.class_name.clone()));
        self.fact(&mut facts, "issue-urgency", Some(words.urgency(issue.urgency).to_owned()));
        self.fact(&mut facts, "issue-source", Some(words.source(issue.source).to_owned()));
        self.fact(&mut facts, "issue-address", issue.address.clone());
        self.areas(&mut facts, &issue.areas);
        let reported = format!(
            "{} · {}",
            speech.moment(self.now, issue.reported_at),
            speech.ago(self.now, issue.reported_at)
        );
        self.fact(&mut facts, "issue-reported", Some(reported));
        let (deadline, tone) = match (issue.state, issue.due_at) {
            (State::Suspended, _) => (speech.owned("issue-suspended"), Tone::Quiet),
            (_, None) => (speech.owned("issue-no-deadline"), Tone::Quiet),
            (state, Some(due)) if state.is_open() => (
                format!("{} · {}", speech.moment(self.now, due), speech.remaining(self.now, issue)),
                deadline_tone(issue, self.now),
            ),
            (_, Some(due)) => (speech.moment(self.now, due), Tone::Quiet),
        };
        self.toned_fact(&mut facts, "issue-deadline", Some(deadline), tone);
        self.fact(&mut facts, "issue-closed", issue.closed_at.map(|at| speech.moment(self.now, at)));
        self.fact(&mut facts, "card-department", issue.department.clone());
        self.fact(&mut facts, "card-responsible", issue.responsible.clone());

        let mut sections = Vec::new();
        sections.extend(self.building_of(issue));
        sections.extend(issue.place.map(|place| self.patrols_near(place)));
        Card {
            kind: speech.with("issue-number", &[("number", issue.id.0.as_str().into())]),
            title: issue.title.clone(),
            state: Some((issue.state, words.state(issue.state).to_owned())),
            badges: self.marks(issue),
            facts,
            description: issue.description.clone(),
            sections,
            selection: None,
        }
    }

    fn marks(&self, issue: &Issue) -> Vec<(String, Tone)> {
        let speech = self.speech;
        let mut marks = Vec::new();
        if issue.urgency == Urgency::High {
            marks.push((speech.owned("wall-urgent"), Tone::Bad));
        }
        if issue.supervised {
            marks.push((speech.owned("issue-supervised"), Tone::Bad));
        }
        if issue.urged > 0 {
            marks.push((speech.count("issue-urged", issue.urged as usize), Tone::Warn));
        }
        if issue.reopened > 0 {
            marks.push((speech.count("issue-reopened", issue.reopened as usize), Tone::Warn));
        }
        if issue.place.is_none() {
            marks.push((speech.owned("issue-unplaced"), Tone::Warn));
        }
        if let Owner::Other { name, number, state, .. } = &issue.owner {
            let text = speech.with(
                "issue-other-system",
                &[
                    ("system", name.as_str().into()),
                    ("number", number.as_str().into()),
                    ("state", state.as_str().into()),
                ],
            );
            marks.push((text, Tone::Quiet));
        }
        marks
    }

    fn building_of(&self, issue: &Issue) -> Option<Section> {
        let slot = self.situation.issue_slot(&issue.id)?;
        let index = self.ledger.facts(slot)?.building;
        if index == NO_BUILDING {
            return None;
        }
        let building = self.place?.city.building(BuildingIndex(index))?;
        let text = building.name().or(building.address())?.to_owned();
        let compound = self.area_name(AreaKind::Compound, building.compound()).unwrap_or_default();
        let link = Link {
            selection: Selection::Building(index),
            state: None,
            text,
            note: compound,
            tone: Tone::Quiet,
        };
        Some(Section {
            title: self.speech.owned("issue-at-building"),
            links: vec![link],
            ..Section::default()
        })
    }

    fn patrol(&self, patrol: &Patrol) -> Card {
        let (speech, words) = (self.speech, &self.speech.words);
        let mut facts = Vec::new();
        let duty = Duty::of(patrol, self.now);
        self.fact(&mut facts, "patrol-kind", Some(words.patrol_kind(patrol.kind).to_owned()));
        let shift = patrol.duty.map_or_else(
            || speech.owned("patrol-no-duty"),
            |duty| {
                speech.with(
                    "patrol-duty-value",
                    &[
                        ("from", speech.messages.time(duty.from, &speech.zone).into()),
                        ("to", speech.messages.time(duty.to, &speech.zone).into()),
                    ],
                )
            },
        );
        self.fact(&mut facts, "patrol-duty", Some(shift));
        let seen = patrol.fix.map_or_else(
            || speech.owned("patrol-never-seen"),
            |fix| format!("{} · {}", speech.moment(self.now, fix.at), speech.ago(self.now, fix.at)),
        );
        self.fact(&mut facts, "patrol-last-seen", Some(seen));
        if let Some(speed_mps) = patrol.fix.and_then(|fix| fix.speed_mps) {
            let speed = if speed_mps < STANDING_MPS {
                speech.owned("patrol-standing")
            } else {
                speech.with("patrol-speed-value", &[("kmh", format!("{:.1}", speed_mps * 3.6).into())])
            };
            self.fact(&mut facts, "patrol-speed", Some(speed));
        }
        self.fact(
            &mut facts,
            "patrol-accuracy",
            patrol.fix.and_then(|fix| fix.accuracy_m).map(|metres| {
                speech.with("patrol-accuracy-value", &[("metres", (metres.round() as i64).into())])
            }),
        );
        self.areas(&mut facts, &patrol.areas);
        let mut badges = vec![(speech.owned(duty.key()), duty_tone(duty))];
        if patrol.fix.is_some_and(|fix| fix.mock) {
            badges.push((speech.owned("patrol-mock"), Tone::Bad));
        }
        Card {
            kind: speech.owned("patrol"),
            title: shown_name(patrol, self.masks_names),
            badges,
            facts,
            ..Card::default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{ReadOptions, read};
    use crate::governance::{Fix, IssueId, PatrolId};
    use crate::viewer::panels::samples::{at, issue, patrol, situation};

    const BUILDINGS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"b1",
        "properties":{"height":9,"levels":3,"year":1986,"address":"坊门街12号","use":"residential","community":"330802006003"},
        "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9602],[118.87,28.96]]]}}]}"#;

    fn place() -> Place {
        let (city, report) = read(BUILDINGS.as_bytes(), &ReadOptions::named("b")).expect("readable");
        Place::of_city(city, report)
    }

    fn card(selection: &Selection, held: &Situation, masks_names: bool) -> Option<Card> {
        let place = place();
        let mut ledger = Ledger::default();
        ledger.rebuild(held, &|issue| place.city.find(issue.building.as_deref()?).map(|index| index.0));
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
        let speech = Speech::new(crate::language::Language::Chinese, zone);
        let now = at("2026-09-15T10:00");
        let sources = Sources {
            place: Some(&place),
            situation: held,
            ledger: &ledger,
            now,
            speech: &speech,
            masks_names,
        };
        Card::new(selection, &sources)
    }

    fn near() -> Patrol {
        let fix = Fix {
            at: at("2026-09-15T09:59"),
            place: LonLat::new(118.871, 28.96),
            heading_deg: None,
            speed_mps: Some(1.2),
            accuracy_m: Some(5.0),
            mock: false,
        };
        Patrol { fix: Some(fix), ..patrol("王小明") }
    }

    fn value<'a>(card: &'a Card, label: &str) -> Option<&'a str> {
        card.facts.iter().find(|fact| fact.label == label).map(|fact| fact.value.as_str())
    }

    #[test]
    fn a_building_leads_to_its_issues_and_to_who_is_near() {
        let here = Issue { building: Some("b1".into()), ..issue("q", State::Handling) };
        let held = situation(vec![here], vec![near()]);
        let card = card(&Selection::Building(0), &held, false).expect("there");
        assert_eq!((card.title.as_str(), card.kind.as_str()), ("坊门街12号", "住宅"));
        assert_eq!(value(&card, "高度"), Some("9.0 米 · 3 层"));
        assert_eq!(value(&card, "建成年份"), Some("1986 年"));
        assert_eq!(card.sections[0].links[0].selection, Selection::Issue(IssueId("q".into())));
        let patrols = &card.sections[1];
        assert_eq!(patrols.links[0].text, "网格员 王小明");
        assert_eq!(patrols.links[0].note, "80 米");
    }

    #[test]
    fn an_issue_leads_to_its_building() {
        let here = Issue {
            building: Some("b1".into()),
            due_at: Some(at("2026-09-15T09:40")),
            urged: 2,
            ..issue("q", State::Handling)
        };
        let held = situation(vec![here], Vec::new());
        let card = card(&Selection::Issue(IssueId("q".into())), &held, false).expect("there");
        assert_eq!(card.state, Some((State::Handling, "处置中".to_owned())));
        assert_eq!(card.badges, [("催办 2 次".to_owned(), Tone::Warn)]);
        assert_eq!(value(&card, "期限"), Some("09:40 · 超期 20 分钟"));
        assert_eq!(card.sections[0].links[0].selection, Selection::Building(0));
        assert!(card.sections[1].links.is_empty(), "nobody is out");
    }

    #[test]
    fn a_patrol_is_masked_on_a_wall_and_what_is_gone_has_no_card() {
        let held = situation(Vec::new(), vec![near()]);
        let chosen = Selection::Patrol(PatrolId("王小明".into()));
        let shown = card(&chosen, &held, true).expect("there");
        assert_eq!((shown.title.as_str(), shown.badges[0].0.as_str()), ("王**", "在岗"));
        assert_eq!(value(&shown, "速度"), Some("4.3 公里/时"));
        assert_eq!(card(&Selection::Patrol(PatrolId("x".into())), &held, false), None);
        assert_eq!(card(&Selection::Building(99), &held, false), None);
    }

    #[test]
    fn a_place_that_search_found_has_a_card() {
        let card =
            card(&Selection::Place { at: (10, 20), name: "钟楼".into() }, &Situation::default(), false);
        assert_eq!(card.expect("there").title, "钟楼");
    }
}
