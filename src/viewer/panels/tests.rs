//! The panels drawn without an engine: what is there, what a click does, and that nothing fails in little room.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use ab_glyph::Font;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use super::book::{Book, DeskScene, Inputs};
use super::ledger::Lens;
use super::roster::{self, Duty};
use super::samples::{at, issue, patrol, situation};
use super::{desk_ui, theme, wall_ui};
use crate::city::{Place, ReadOptions, read};
use crate::clock::{Clock, Reading};
use crate::feed::{Changes, ClassOffer, Entry, Errand, ErrandError, Me, MeKind, Outcome, Secret, Situation};
use crate::geo::LonLat;
use crate::governance::{
    Attachment, ClassCode, FeedState, Fix, Issue, IssueId, Patrol, PatrolId, Post, Role, ServerClock, State,
    Step, Update,
};
use crate::language::Language;
use crate::picture::Picture;
use crate::viewer::actions::{Action, FilterChange};
use crate::viewer::camera::CameraMove;
use crate::viewer::casework::{Case, News, Photo};
use crate::viewer::colouring::Colourings;
use crate::viewer::filter::Filter;
use crate::viewer::layers::{Layer, Layers};
use crate::viewer::login::Login;
use crate::viewer::placing::Wanted;
use crate::viewer::preset::Preset;
use crate::viewer::reporting::{Reporting, Site};
use crate::viewer::selection::Selection;
use crate::viewer::tour::TourState;

const BUILDINGS: &str = r#"{"type":"FeatureCollection","features":[
    {"type":"Feature","id":"b1","properties":{"height":9,"address":"坊门街12号","name":"钟楼"},
     "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9602],[118.87,28.96]]]}},
    {"type":"Feature","id":"b2","properties":null,"geometry":null}]}"#;

struct Desk {
    book: Book,
    place: Option<Place>,
    situation: Situation,
    filter: Filter,
    colourings: Colourings,
    chosen: Option<Selection>,
    tour: TourState,
    is_wall: bool,
    has_feed: bool,
    has_snapshot: bool,
    case: Option<Case>,
    reporting: Reporting,
    login: Login,
    placing: Option<Wanted>,
    seconds: f64,
    actions: Rc<RefCell<Vec<Action>>>,
}

impl Desk {
    fn new(issues: Vec<Issue>, patrols: Vec<Patrol>) -> Self {
        Self::of(issues, patrols, true)
    }

    /// What has come so far, and whether that was the whole snapshot.
    fn of(issues: Vec<Issue>, patrols: Vec<Patrol>, has_snapshot: bool) -> Self {
        let (city, report) = read(BUILDINGS.as_bytes(), &ReadOptions::named("b")).expect("readable");
        let mut desk = Self {
            book: Book::default(),
            place: Some(Place::of_city(city, report)),
            situation: situation(issues, patrols),
            filter: Filter::default(),
            colourings: Colourings::default(),
            chosen: None,
            tour: TourState::Off,
            is_wall: false,
            has_feed: true,
            has_snapshot,
            case: None,
            reporting: Reporting::default(),
            login: Login::default(),
            placing: None,
            seconds: 0.0,
            actions: Rc::default(),
        };
        desk.refresh(true);
        desk
    }

    fn refresh(&mut self, comes: bool) {
        let Self { book, place, situation, filter, colourings, chosen, tour, .. } = self;
        let building = |slot| {
            let issue = situation.issue_at(slot)?;
            Some(place.as_ref()?.city.find(issue.building.as_deref()?)?.0)
        };
        let inputs = Inputs {
            place: place.as_ref(),
            names: None,
            situation,
            has_feed: self.has_feed,
            filter,
            colourings,
            chosen: chosen.as_ref(),
            tour: (tour.clone(), Some(5)),
            now: at("2026-09-15T10:00"),
            real_now: at("2026-09-15T10:00"),
            elapsed_secs: self.seconds,
            masks_names: self.is_wall,
            is_wall: self.is_wall,
            fan: super::card::FanState::default(),
            case: (self.case.as_ref(), u64::from(self.case.is_some())),
            reporting: &self.reporting,
            login: &self.login,
            building: &building,
        };
        if comes {
            book.set_zone(&jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone"));
            book.place_came(&inputs);
            book.follow(&Changes { snapshot: self.has_snapshot, ..Changes::default() }, &inputs);
        }
        book.refresh(&inputs);
    }

    /// A frame: refreshed and drawn, as the engine does it.
    fn frame(&mut self, ctx: &egui::Context) {
        self.seconds += 0.1;
        self.refresh(false);
        if !theme::dress(ctx) {
            return;
        }
        let mut clicked = Vec::new();
        if self.is_wall {
            wall_ui::wall(ctx, &self.book, &mut clicked);
        } else {
            let scene = DeskScene {
                situation: &self.situation,
                now: at("2026-09-15T10:00"),
                filter: &self.filter,
                chosen: self.chosen.as_ref(),
                layers: &Layers::default(),
                colouring: self.colourings.shown(),
                preset: (Preset::Low, false),
                hour: None,
                clock_hour: 7.92,
                tour_is_on: false,
                masks_names: false,
                has_feed: self.has_feed,
                login: &self.login,
                placing: self.placing.as_ref(),
            };
            let middle =
                self.book.with_desk(&scene, |view, state| desk_ui::desk(ctx, view, state, &mut clicked));
            assert!(middle.abs() < ctx.content_rect().width() * 0.5, "on the screen: {middle}");
        }
        self.actions.borrow_mut().extend(clicked);
    }
}

fn some_desk() -> Desk {
    let late = Issue {
        building: Some("b1".into()),
        due_at: Some(at("2026-09-15T09:40")),
        title: "垃圾桶满溢".into(),
        ..issue("1", State::Handling)
    };
    let new = Issue { title: "占道经营".into(), supervised: true, ..issue("2", State::Reported) };
    let fix = Fix {
        at: at("2026-09-15T09:59"),
        place: LonLat::new(118.871, 28.96),
        heading_deg: None,
        speed_mps: None,
        accuracy_m: None,
        mock: false,
        battery_percent: None,
    };
    Desk::new(vec![late, new], vec![Patrol { fix: Some(fix), ..patrol("王小明") }, patrol("李红")])
}

type Shown = (Harness<'static, Desk>, Rc<RefCell<Vec<Action>>>);

fn show(desk: Desk, width: f32, height: f32) -> Shown {
    let actions = desk.actions.clone();
    let mut harness = Harness::builder()
        .with_size(egui::vec2(width, height))
        .build_ui_state(|ui, desk: &mut Desk| desk.frame(&ui.ctx().clone()), desk);
    harness.run_steps(4);
    (harness, actions)
}

/// The tour at an alarm.
fn holding(id: &str) -> TourState {
    TourState::Holding { id: IssueId(id.into()), since: at("2026-09-15T09:56") }
}

/// What a click on a label does.
fn click(desk: Desk, label: &str) -> Vec<Action> {
    let (mut harness, actions) = show(desk, 1920.0, 1080.0);
    harness.get_by_label(label).click();
    harness.run_steps(3);
    actions.borrow().clone()
}

#[test]
fn the_desk_has_its_panels() {
    let (harness, _) = show(some_desk(), 1920.0, 1080.0);
    for label in [
        "搜索",
        "未结 2",
        "超期 1",
        "紧急 1",
        "未到岗 1",
        "在岗 / 应到 1 / 2",
        "问题 2",
        "巡查力量 2",
        "垃圾桶满溢 坊门街12号",
        "占道经营 坊门街12号",
        "仅看超期",
        "轨迹",
        "回到全景",
        "中文",
        "English",
        "开始巡览",
        "1 个要素无法使用",
    ] {
        assert!(harness.query_by_label(label).is_some(), "there is no {label}");
    }
}

#[test]
fn clicks_become_actions() {
    assert_eq!(
        click(some_desk(), "垃圾桶满溢 坊门街12号"),
        [Action::Show(Selection::Issue(IssueId("1".into())))]
    );
    assert_eq!(click(some_desk(), "超期 1"), [Action::Filter(FilterChange::Overdue(true))]);
    assert_eq!(click(some_desk(), "仅看超期"), [Action::Filter(FilterChange::Overdue(true))]);
    assert_eq!(click(some_desk(), "轨迹"), [Action::SetLayer(Layer::Trails, false)]);
    assert_eq!(click(some_desk(), "回到全景"), [Action::Camera(CameraMove::Home)]);
    assert_eq!(click(some_desk(), "正北朝上"), [Action::Camera(CameraMove::FaceNorth)]);
    assert_eq!(click(some_desk(), "English"), [Action::SetLanguage(Language::English)]);
    assert_eq!(click(some_desk(), "开始巡览"), [Action::SetTour(true)]);
}

#[test]
fn drawing_alone_asks_for_nothing() {
    let mut desk = some_desk();
    desk.chosen = Some(Selection::Issue(IssueId("1".into())));
    let (mut harness, actions) = show(desk, 1600.0, 900.0);
    harness.run_steps(20);
    assert!(actions.borrow().is_empty(), "{actions:?}");
}

#[test]
fn a_figure_opens_to_its_cases() {
    let (mut harness, _) = show(some_desk(), 1920.0, 1080.0);
    harness.get_by_label("紧急 1").click();
    harness.run_steps(3);
    assert_eq!(harness.state().book.state.lens, Lens::Urgent);
    assert!(harness.query_by_label("占道经营 坊门街12号").is_some());
    assert!(harness.query_by_label("垃圾桶满溢 坊门街12号").is_none());
}

#[test]
fn patrols_have_a_list_of_their_own() {
    let (mut harness, actions) = show(some_desk(), 1920.0, 1080.0);
    harness.get_by_label("巡查力量 2").click();
    harness.run_steps(3);
    harness.get_by_label("网格员 李红").click();
    harness.run_steps(3);
    assert_eq!(*actions.borrow(), [Action::Show(Selection::Patrol(PatrolId("李红".into())))]);
}

#[test]
fn the_card_leads_on_and_closes() {
    let chosen = |label: &str| {
        let mut desk = some_desk();
        desk.chosen = Some(Selection::Building(0));
        click(desk, label)
    };
    assert_eq!(chosen("垃圾桶满溢"), [Action::Show(Selection::Issue(IssueId("1".into())))]);
    assert_eq!(chosen("网格员 王小明"), [Action::Show(Selection::Patrol(PatrolId("王小明".into())))]);
    assert_eq!(chosen("定位"), [Action::Show(Selection::Building(0))]);
    let (mut harness, actions) = show(
        {
            let mut desk = some_desk();
            desk.chosen = Some(Selection::Building(0));
            desk.book.state.has_read_notice = true;
            desk
        },
        1920.0,
        1080.0,
    );
    harness.get_by_label("关闭").click();
    harness.run_steps(3);
    assert_eq!(*actions.borrow(), [Action::Select(None)]);
}

#[test]
fn typing_finds_and_enter_goes_there() {
    let (mut harness, actions) = show(some_desk(), 1920.0, 1080.0);
    let key = |pressed| egui::Event::Key {
        key: egui::Key::Slash,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    };
    harness.input_mut().events.extend([key(true), egui::Event::Text("/".into())]);
    harness.run_steps(1);
    harness.event(key(false));
    harness.run_steps(3);
    assert_eq!(harness.state().book.state.search.typed, "", "the sign is not typed");
    harness.event(egui::Event::Text("zdjy".into()));
    harness.run_steps(4);
    assert_eq!(harness.state().book.state.search.found.len(), 1);
    harness.key_press(egui::Key::Enter);
    harness.run_steps(3);
    assert_eq!(*actions.borrow(), [Action::Show(Selection::Issue(IssueId("2".into())))]);
}

#[test]
fn enter_takes_the_hits_of_what_was_typed_last() {
    let (mut harness, actions) = show(some_desk(), 1920.0, 1080.0);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::F);
    harness.run_steps(3);
    // Text and Enter in one frame: nothing has been looked for yet.
    let enter = |pressed| egui::Event::Key {
        key: egui::Key::Enter,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    };
    harness.input_mut().events.extend([egui::Event::Text("zdjy".into()), enter(true), enter(false)]);
    harness.run_steps(3);
    assert_eq!(*actions.borrow(), [Action::Show(Selection::Issue(IssueId("2".into())))]);
}

#[test]
fn what_is_not_found_is_said_and_escape_clears() {
    let (mut harness, actions) = show(some_desk(), 1920.0, 1080.0);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::F);
    harness.run_steps(3);
    harness.event(egui::Event::Text("没有这个".into()));
    harness.run_steps(4);
    assert!(harness.query_by_label("没有找到“没有这个”").is_some());
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().book.state.search.typed, "");
    assert!(actions.borrow().is_empty());
}

#[test]
fn the_report_names_what_was_refused() {
    let (mut harness, _) = show(some_desk(), 1920.0, 1080.0);
    harness.get_by_label("查看").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("要素 #1 b2：没有几何").is_some());
}

#[test]
fn nothing_fails_in_little_room() {
    for (width, height) in [(400.0, 720.0), (400.0, 200.0), (120.0, 90.0), (800.0, 600.0), (1280.0, 720.0)] {
        for is_wall in [false, true] {
            let mut desk = some_desk();
            desk.chosen = Some(Selection::Issue(IssueId("1".into())));
            desk.is_wall = is_wall;
            desk.tour = holding("2");
            desk.book.state.shows_help = true;
            desk.book.state.shows_report = true;
            let (harness, _) = show(desk, width, height);
            drop(harness);
        }
    }
}

#[test]
fn without_a_place_the_reason_is_said() {
    let mut desk = some_desk();
    desk.book.place_failed("没有 place.toml".into());
    let (harness, _) = show(desk, 1280.0, 720.0);
    assert!(harness.query_by_label("无法显示：没有 place.toml").is_some());
}

#[test]
fn an_alarm_holds_the_wall_until_it_is_taken() {
    let mut desk = some_desk();
    desk.is_wall = true;
    desk.tour = holding("2");
    assert_eq!(click(desk, "接警"), [Action::Take(IssueId("2".into()))]);
}

#[test]
fn a_wall_says_why_its_map_is_empty() {
    let mut desk = some_desk();
    desk.is_wall = true;
    desk.book.place_failed("没有 place.toml".into());
    let (harness, _) = show(desk, 1920.0, 1080.0);
    assert!(harness.query_by_label("无法显示：没有 place.toml").is_some());
}

#[test]
fn what_has_not_come_is_not_zero() {
    for is_wall in [false, true] {
        let mut desk = Desk::of(vec![], vec![patrol("李红")], false);
        desk.is_wall = is_wall;
        let (mut harness, _) = show(desk, 1920.0, 1080.0);
        for label in ["未结 —", "超期 —", "未到岗 —", "在岗 / 应到 —", "正在等待数据…"]
        {
            assert!(harness.query_all_by_label(label).next().is_some(), "there is no {label}");
        }
        harness.state_mut().has_feed = false;
        harness.run_steps(20);
        assert!(harness.query_all_by_label("正在等待数据…").next().is_none());
        assert!(harness.query_all_by_label("未接入").next().is_some());
        let desk = harness.state_mut();
        (desk.has_feed, desk.has_snapshot) = (true, true);
        desk.refresh(true);
        harness.run_steps(3);
        for label in ["未结 0", "未到岗 1", "在岗 / 应到 0 / 1", "没有符合条件的问题"] {
            assert!(harness.query_all_by_label(label).next().is_some(), "there is no {label}");
        }
    }
}

#[test]
fn a_lost_feed_makes_nobody_silent() {
    let mut desk = some_desk();
    // Seen at 09:59, lost at 09:59:30, and now it is an hour later.
    let since = at("2026-09-15T09:59:30");
    let clock = Clock::anchored_at(Reading { now: since, rate: 1.0 }, since);
    desk.situation.apply(Update::Clock(ServerClock { clock, simulated: false }));
    let lost = FeedState::Lost { since, reason: "reset".into(), retry_at: since };
    let later = at("2026-09-15T11:00");
    let duty = |situation: &Situation| {
        let patrol = &situation.patrol(&PatrolId("王小明".into())).expect("there").patrol;
        Duty::of(patrol, roster::judged_at(situation, later))
    };
    assert_eq!(duty(&desk.situation), Duty::Silent, "while the feed lives");
    desk.situation.apply(Update::Feed(lost));
    assert_eq!(roster::judged_at(&desk.situation, later), since);
    assert_eq!(duty(&desk.situation), Duty::Present);
}

#[test]
fn a_wall_has_no_switches_and_no_search() {
    let mut desk = some_desk();
    desk.is_wall = true;
    desk.refresh(true);
    let (harness, _) = show(desk, 3840.0, 1080.0);
    for label in ["未结 2", "超期 1", "在岗 / 应到 1 / 2", "占道经营"] {
        assert!(harness.query_all_by_label(label).next().is_some(), "there is no {label}");
    }
    for label in ["搜索", "English", "轨迹", "接警"] {
        assert!(harness.query_by_label(label).is_none(), "{label}");
    }
}

#[test]
fn the_desk_speaks_english() {
    let mut desk = some_desk();
    desk.book.speak(Language::English);
    let (harness, _) = show(desk, 1920.0, 1080.0);
    for label in ["Search", "Open 2", "Overdue 1", "Trails"] {
        assert!(harness.query_by_label(label).is_some(), "there is no {label}");
    }
}

#[test]
fn the_fonts_have_every_character_of_every_text() {
    let texts = [
        include_str!("../../../assets/language/zh-CN.ftl"),
        include_str!("../../../assets/language/en.ftl"),
        include_str!("../../../assets/language/vocabulary/own.toml"),
        include_str!("../../../assets/language/vocabulary/si-pingtai.toml"),
        include_str!("../../../assets/language/vocabulary/shuzi-chengguan.toml"),
        include_str!("../../../assets/language/vocabulary/12345.toml"),
        include_str!("../../../data/fushan/classes.csv"),
        include_str!("../../../data/fushan/people.csv"),
        include_str!("../../../data/fushan/addresses.csv"),
    ];
    // Headings fall back to this face for what theirs lacks.
    let bytes = include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf");
    let font = ab_glyph::FontRef::try_from_slice(bytes).expect("a font");
    let missing: BTreeSet<char> = texts
        .iter()
        .flat_map(|text| text.chars())
        .filter(|character| !character.is_control() && font.glyph_id(*character).0 == 0)
        .collect();
    assert!(missing.is_empty(), "no glyph for {missing:?}");
}

#[test]
fn every_key_in_these_files_has_a_text() {
    const FIRST: [&str; 23] = [
        "app", "card", "case", "clock", "column", "counts", "data", "feed", "filter", "help", "issue",
        "layer", "lens", "list", "log", "login", "notice", "panel", "patrol", "placing", "search", "view",
        "wall",
    ];
    let is_key = |text: &&str| {
        let has_shape = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        text.contains('-')
            && text.split('-').all(has_shape)
            && FIRST.iter().any(|first| text.starts_with(first))
    };
    let languages = Language::ALL.map(crate::language::Messages::new);
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/viewer/panels");
    let mut files: Vec<_> =
        std::fs::read_dir(&here).expect("the sources").flatten().map(|file| file.path()).collect();
    files
        .extend(std::fs::read_dir(here.join("card")).expect("the sources").flatten().map(|file| file.path()));
    let mut found = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let source = std::fs::read_to_string(file).expect("readable");
        for key in source.split('"').filter(is_key) {
            found += 1;
            for messages in &languages {
                assert!(
                    messages.has(key),
                    "{key} in {} has no text in {}",
                    file.display(),
                    messages.language()
                );
            }
        }
    }
    assert!(found > 100, "only {found} keys were found");
}

#[test]
fn a_colouring_has_a_legend_whose_classes_come_forward() {
    let mut desk = some_desk();
    desk.colourings.show(Some("use".parse().expect("a colouring")));
    let (mut harness, actions) = show(desk, 1280.0, 720.0);
    assert!(harness.query_by_label("建筑用途").is_some());
    harness.get_by_label("商业、农贸市场 0").click();
    harness.run_steps(3);
    assert_eq!(actions.borrow().last(), Some(&Action::Highlight(Some(1))));
    harness.get_by_label("取消着色").click();
    harness.run_steps(3);
    assert!(actions.borrow().contains(&Action::SetColouring(None)));
}

#[test]
fn all_switches_are_there_on_a_narrow_screen() {
    for (width, has_all_words) in [(1280.0, false), (1920.0, true)] {
        let (harness, _) = show(some_desk(), width, 720.0);
        for label in ["问题", "轨迹", "回到全景", "开始巡览", "English"] {
            let rect = harness.get_all_by_label(label).last().expect("it is there").rect();
            assert!(rect.left() >= 0.0 && rect.right() < width, "{label} lies at {rect:?} of {width}");
        }
        assert_eq!(harness.query_by_label("中文").is_some(), has_all_words, "{width}");
        assert_eq!(harness.query_by_label("图层").is_some(), has_all_words, "{width}");
    }
}

/// A desk on which an issue is open, as a server tells of it.
fn desk_with_case(news: Option<News>) -> Desk {
    let mut desk = some_desk();
    let id = IssueId("1".into());
    desk.chosen = Some(Selection::Issue(id.clone()));
    let mut case = Case::new(id);
    case.news = news;
    desk.case = Some(case);
    desk
}

#[test]
fn a_step_is_taken_from_the_card_after_it_has_been_confirmed() {
    let (mut harness, actions) = show(desk_with_case(None), 1920.0, 1080.0);
    let mut press = |label: &str| {
        harness.get_by_label(label).click();
        harness.run_steps(3);
    };
    press("催办");
    assert!(actions.borrow().is_empty(), "nothing is done before it is confirmed");
    press("确认");
    let taken = actions.borrow().clone();
    let [Action::TakeStep { issue, seen, step }] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!((issue.0.as_str(), *seen, step.step), ("1", 1, Step::Urge));
    assert_eq!((step.actor.name.as_str(), step.note.as_deref()), ("指挥中心值班台", None));
    assert!(harness.query_by_label("确认").is_none(), "and is put away then");
}

#[test]
fn a_conflict_is_said_and_a_wall_or_a_desk_without_a_server_offers_nothing() {
    let stale = News::Not(Step::Urge, ErrandError::Stale);
    let (harness, _) = show(desk_with_case(Some(stale)), 1920.0, 1080.0);
    assert!(harness.query_by_label("他人刚刚更新了此案，已重新载入，请核对后再办").is_some());
    let mut desk = desk_with_case(None);
    desk.case = None;
    let (harness, _) = show(desk, 1920.0, 1080.0);
    assert!(harness.query_by_label("下一步").is_none() && harness.query_by_label("催办").is_none());
}

#[test]
fn a_case_goes_into_another_that_is_likely_the_same_or_known_by_its_number() {
    let (mut harness, actions) = show(desk_with_case(None), 1920.0, 1080.0);
    let mut press = |label: &str| {
        harness.get_by_label_contains(label).click();
        harness.run_steps(3);
    };
    press("并案");
    press("确认");
    assert!(actions.borrow().is_empty(), "into which is not said");
    press("占道经营（0 米");
    press("确认");
    let taken = actions.borrow().clone();
    let [Action::TakeStep { step, .. }] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!((step.step, step.merged_into.as_ref()), (Step::Merge, Some(&IssueId("2".into()))));
}

#[test]
fn photos_are_shown_and_those_dropped_go_with_the_step() {
    let picture = Picture { width: 40, height: 30, rgba: vec![200; 40 * 30 * 4] };
    let mut desk = desk_with_case(None);
    let case = desk.case.as_mut().expect("open");
    let attachment = Attachment { hash: "f00".into(), media_type: "image/jpeg".into() };
    case.photos.push(Photo::shown("f00", at("2026-09-15T09:00"), picture.clone()));
    case.attached.push(attachment.clone());
    let (mut harness, actions) = show(desk, 1920.0, 1080.0);
    harness.get_by_label("照片 09:00").click();
    harness.run_steps(3);
    assert_eq!(*actions.borrow(), [Action::FetchPhoto("f00".into())]);
    let case = harness.state_mut().case.as_mut().expect("open");
    case.large = Some(Photo::shown("f00", at("2026-09-15T09:00"), picture));
    harness.run_steps(20);
    assert!(harness.query_all_by_label("照片 09:00").count() > 1, "a window has opened");
    assert!(harness.state().book.has_window(), "Esc is the window's");
    harness.key_press(egui::Key::Escape);
    harness.run_steps(3);
    assert!(!harness.state().book.has_window(), "and then the card's");
    actions.borrow_mut().clear();
    harness.get_by_label("催办").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("已附照片 1 张").is_some());
    harness.get_by_label("确认").click();
    harness.run_steps(3);
    let taken = actions.borrow().clone();
    let [Action::TakeStep { step, .. }] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!(step.attachments, [attachment]);
}

#[test]
fn a_place_is_pointed_out_from_the_card_or_by_dragging_the_row() {
    let begun = |by_drag| Action::BeginPlacing { issue: IssueId("1".into()), by_drag };
    assert_eq!(click(desk_with_case(None), "落图"), [begun(false)]);
    let nowhere = Issue { place: None, title: "路灯不亮".into(), ..issue("1", State::Reported) };
    let (mut harness, actions) = show(Desk::new(vec![nowhere], Vec::new()), 1920.0, 1080.0);
    let row = harness.get_by_label("路灯不亮 待落图").rect().center();
    harness.drag_at(row);
    harness.run_steps(2);
    harness.hover_at(row - egui::vec2(700.0, 0.0));
    harness.run_steps(2);
    assert_eq!(*actions.borrow(), [Action::Select(Some(Selection::Issue(IssueId("1".into())))), begun(true)]);
    let wanted = Wanted { issue: IssueId("1".into()), title: "路灯不亮".into(), by_drag: true };
    harness.state_mut().placing = Some(wanted);
    harness.run_steps(2);
    assert!(harness.query_by_label("落图：路灯不亮").is_some());
}

/// Somebody who is logged in.
fn somebody(role: Role) -> Me {
    let post = Post {
        name: "府山社区第03网格 网格员".into(),
        role,
        areas: vec!["330802006003".into()],
        departments: Vec::new(),
        patrol: None,
    };
    Me { kind: MeKind::Account, account: Some("zhao".into()), posts: vec![post] }
}

#[test]
fn whoever_is_shut_out_logs_in_and_is_named() {
    let mut desk = some_desk();
    desk.login.is_shut_out = true;
    let (mut harness, actions) = show(desk, 1920.0, 1080.0);
    for (field, typed) in [("账号", "zhao"), ("密码", "correct horse")] {
        harness.get_by_label(field).focus();
        harness.run_steps(2);
        harness.event(egui::Event::Text(typed.into()));
        harness.run_steps(2);
    }
    harness.key_press(egui::Key::Enter);
    harness.run_steps(2);
    let entry = Entry { account: "zhao".into(), secret: Secret("correct horse".into()), new_password: None };
    assert_eq!(*actions.borrow(), [Action::LogIn(entry.clone())]);

    let login = &mut harness.state_mut().login;
    login.take(&Errand::LogIn(entry.clone()), Err(ErrandError::TooMany { wait_secs: Some(60) }));
    harness.run_steps(2);
    assert!(harness.query_by_label("试得太多，请 1 分钟后再试").is_some());
    let login = &mut harness.state_mut().login;
    login.take(&Errand::LogIn(entry), Ok(Outcome::Me(Some(somebody(Role::Officer)))));
    login.is_shut_out = false;
    harness.run_steps(3);
    assert!(harness.query_by_label("账号").is_none(), "the window has closed");
    harness.get_by_label("zhao").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("府山社区第03网格 网格员").is_some());
    actions.borrow_mut().clear();
    harness.get_by_label("退出登录").click();
    harness.run_steps(2);
    assert_eq!(*actions.borrow(), [Action::LogOut]);
}

#[test]
fn a_card_offers_what_the_post_that_is_logged_in_may_do() {
    let mut desk = desk_with_case(None);
    desk.login.take(&Errand::Me, Ok(Outcome::Me(Some(somebody(Role::Officer)))));
    let (mut harness, actions) = show(desk, 1920.0, 1080.0);
    assert!(harness.query_by_label("督办").is_none() && harness.query_by_label("并案").is_none());
    harness.get_by_label("反馈").click();
    harness.run_steps(3);
    harness.get_by_label("确认").click();
    harness.run_steps(3);
    let taken = actions.borrow().clone();
    let [Action::TakeStep { step, .. }] = taken.as_slice() else { panic!("{taken:?}") };
    assert_eq!((step.step, step.actor.role), (Step::GiveFeedback, Role::Officer));
    assert_eq!(step.actor.name, "府山社区第03网格 网格员");
}

/// A desk on which a new issue has been begun, beside one that is known.
fn desk_that_logs() -> Desk {
    let known = Issue { place: Some(LonLat::new(118.8711, 28.96)), ..issue("1", State::Handling) };
    let mut desk = Desk::new(vec![known], Vec::new());
    let offer = |name: &str, code: &str| ClassOffer {
        code: ClassCode { scheme: "local".into(), kind: "event".into(), code: code.into() },
        name: name.into(),
        group: "市容环境".into(),
    };
    let site = Site {
        place: LonLat::new(118.871, 28.96),
        building: Some("b1".into()),
        address: Some("坊门街12号".into()),
        areas: vec!["府山社区第03网格".into(), "府山社区".into()],
        responsible: Some("府山社区第03网格 网格员".into()),
    };
    desk.reporting = Reporting::begun(site, [offer("道路不洁", "06012"), offer("暴露垃圾", "06010")]);
    desk
}

#[test]
fn a_new_issue_is_logged_by_keyboard_alone() {
    let (mut harness, actions) = show(desk_that_logs(), 1920.0, 1080.0);
    assert!(harness.query_by_label("上报新问题").is_some());
    harness.event(egui::Event::Text("bllj".into()));
    harness.run_steps(3);
    harness.key_press(egui::Key::Enter);
    harness.run_steps(4);
    assert!(actions.borrow().is_empty(), "{:?}", actions.borrow());
    harness.key_press(egui::Key::Enter);
    harness.run_steps(3);
    let sent = actions.borrow().clone();
    let [Action::SendReport { new, merge: None }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((new.title.as_str(), new.class.code.as_str()), ("坊门街12号 暴露垃圾", "06010"));
    assert_eq!((new.building.as_deref(), new.actor.name.as_str()), (Some("b1"), "指挥中心值班台"));
}

#[test]
fn what_is_likely_the_same_is_offered_for_merging_and_escape_puts_the_form_away() {
    let (mut harness, actions) = show(desk_that_logs(), 1920.0, 1080.0);
    let line = harness.get_by_label_contains("10 米");
    line.click();
    harness.run_steps(3);
    assert!(harness.query_by_label("上报并并案（回车）").is_some());
    harness.key_press(egui::Key::Escape);
    harness.run_steps(2);
    assert!(actions.borrow().contains(&Action::PutReportAway), "{:?}", actions.borrow());
}
