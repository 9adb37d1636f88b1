use super::*;
use crate::city::{ReadOptions, read};
use crate::governance::{Fix, Issue, IssueId, Patrol, PatrolId};
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
    ledger.rebuild(held, &|slot| {
        let issue = held.issue_at(slot)?;
        place.city.find(issue.building.as_deref()?).map(|index| index.0)
    });
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    let speech = Speech::new(crate::language::Language::Chinese, zone);
    let now = at("2026-09-15T10:00");
    let sources = Sources {
        place: Some(&place),
        situation: held,
        ledger: &ledger,
        now,
        judged_at: now,
        arrival: Arrival::Whole,
        speech: &speech,
        masks_names,
        fan: FanState::default(),
        case: None,
        login: &Login::default(),
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
        battery_percent: None,
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
fn an_empty_battery_is_told_of_a_patrol() {
    let mut low = near();
    if let Some(fix) = &mut low.fix {
        fix.battery_percent = Some(4.0);
    }
    let selection = Selection::Patrol(PatrolId("王小明".into()));
    let told = |patrol: Patrol| {
        let card = card(&selection, &situation(Vec::new(), vec![patrol]), false).expect("there");
        card.facts.into_iter().find(|fact| fact.label == "电量").map(|fact| (fact.value, fact.tone))
    };
    assert_eq!(told(low), Some(("4%".to_owned(), Tone::Bad)));
    assert_eq!(told(near()), None);
}

#[test]
fn issues_that_are_one_case_lead_to_each_other() {
    let one = Issue { merged_into: Some(IssueId("2".into())), ..issue("1", State::Merged) };
    let other = Issue { absorbed: vec![IssueId("1".into())], ..issue("2", State::Handling) };
    let held = situation(vec![one, other], Vec::new());
    let linked = |id: &str, title: &str| {
        let card = card(&Selection::Issue(IssueId(id.into())), &held, false).expect("there");
        let section = card.sections.into_iter().find(|section| section.title == title).expect("a section");
        section.links[0].selection.clone()
    };
    assert_eq!(linked("1", "并入"), Selection::Issue(IssueId("2".into())));
    assert_eq!(linked("2", "并入本案的"), Selection::Issue(IssueId("1".into())));
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
    let card = card(&Selection::Place { at: (10, 20), name: "钟楼".into() }, &Situation::default(), false);
    assert_eq!(card.expect("there").title, "钟楼");
}
