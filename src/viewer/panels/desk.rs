//! The desk: where its panels lie, what is open, and the plain view data that they draw.

use std::sync::Arc;

use egui::{Rect, Vec2, pos2, vec2};
use jiff::Timestamp;

use super::arrival::Arrival;
use super::card::{Card, Draft};
use super::ledger::{Counts, Lens};
use super::legend::Legend;
use super::logging::{Form, Logging};
use super::login_ui::LoginForm;
use super::notices::Notices;
use super::order::{Query, Sort};
use super::photos_ui::Shelf;
use super::roster::{DutyCounts, PatrolLens, PatrolSort};
use super::rows::{IssueRow, PatrolRow};
use super::search::SearchBox;
use super::speech::Speech;
use super::theme::GRID;
use super::title::TitleBar;
use super::wall::TourLine;
use crate::feed::Situation;
use crate::language::Language;
use crate::viewer::actions::{Action, FilterChange};
use crate::viewer::colouring::{Class, ColouringKey};
use crate::viewer::filter::Filter;
use crate::viewer::layers::Layers;
use crate::viewer::login::Login;
use crate::viewer::placing::Wanted;
use crate::viewer::preset::Preset;
use crate::viewer::selection::Selection;

/// Heights of the bars and widths of the columns, points.
const TITLE_HEIGHT: f32 = 56.0;
const BAR_HEIGHT: f32 = 48.0;
const LEFT_WIDTH: f32 = 288.0;
const RIGHT_WIDTH: f32 = 432.0;
const RIGHT_LEAST: f32 = 384.0;
const CARD_WIDTH: f32 = 344.0;
const CARD_HEIGHT: f32 = 640.0;
const LEGEND_WIDTH: f32 = 256.0;
const LEGEND_HEIGHT: f32 = 440.0;
/// Narrower than this the lists make room for the map.
const ROOMY: f32 = 1500.0;
/// Narrower than this only one column has room beside the map.
const ONE_COLUMN: f32 = 1100.0;

/// Which list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    /// Issues.
    #[default]
    Issues,
    /// Patrols.
    Patrols,
}

/// What is open and how it is sorted: the desk's own, seen by nobody else.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DeskState {
    /// The column of figures is open.
    pub(super) shows_left: bool,
    /// The column of lists is open.
    pub(super) shows_right: bool,
    /// Which list.
    pub(super) tab: Tab,
    /// Which issues.
    pub(super) lens: Lens,
    /// In what order.
    pub(super) sort: Sort,
    /// Which patrols.
    pub(super) patrol_lens: PatrolLens,
    /// In what order.
    pub(super) patrol_sort: PatrolSort,
    /// The class of a colouring that is held forward after a click on it in the legend.
    pub(super) held_class: Option<(ColouringKey, Class)>,
    /// The step that is about to be taken from the card.
    pub(super) draft: Draft,
    /// What has been typed of a new issue.
    pub(super) logging: Logging,
    /// The photos that are shown.
    pub(super) photos: Shelf,
    /// What has been typed to log in.
    pub(super) login: LoginForm,
    /// The search box.
    pub(super) search: SearchBox,
    /// The window with the report on the data is open.
    pub(super) shows_report: bool,
    /// The window with the keys is open.
    pub(super) shows_help: bool,
    /// The notice about the data has been put away.
    pub(super) has_read_notice: bool,
}

impl Default for DeskState {
    fn default() -> Self {
        Self {
            shows_left: true,
            shows_right: true,
            tab: Tab::default(),
            lens: Lens::default(),
            sort: Sort::default(),
            patrol_lens: PatrolLens::default(),
            patrol_sort: PatrolSort::default(),
            held_class: None,
            draft: Draft::default(),
            logging: Logging::default(),
            photos: Shelf::default(),
            login: LoginForm::default(),
            search: SearchBox::default(),
            shows_report: false,
            shows_help: false,
            has_read_notice: false,
        }
    }
}

impl DeskState {
    /// What the list of issues is asked for.
    pub(super) fn query(&self, filter: &Filter) -> Query {
        // A state that is filtered for is shown, open or not.
        let lens = match (self.lens, filter.state) {
            (Lens::Open, Some(state)) if !state.is_open() => Lens::All,
            (lens, _) => lens,
        };
        Query { lens, filter: filter.clone(), sort: self.sort }
    }

    /// Opens the list to the cases of a figure; the one that is open already closes again.
    pub(super) fn open_lens(&mut self, lens: Lens) {
        self.lens = if self.lens == lens { Lens::Open } else { lens };
        self.tab = Tab::Issues;
        self.shows_right = true;
    }

    /// Opens the list of patrols likewise.
    pub(super) fn open_patrol_lens(&mut self, lens: PatrolLens) {
        self.patrol_lens = if self.patrol_lens == lens { PatrolLens::All } else { lens };
        self.tab = Tab::Patrols;
        self.shows_right = true;
    }
}

/// What the filters offer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FilterChoices {
    /// Classes of open issues: code and name, the most frequent first.
    pub(super) classes: Vec<(String, String)>,
    /// Communities: code and name.
    pub(super) communities: Vec<(String, String)>,
}

/// Everything that the desk draws.
pub(super) struct DeskView<'a> {
    /// In which words.
    pub(super) speech: &'a Speech,
    /// What languages call themselves.
    pub(super) languages: &'a [(Language, String)],
    /// The title bar.
    pub(super) title: &'a TitleBar,
    /// Whether figures and lists mean something yet.
    pub(super) arrival: Arrival,
    /// The figures.
    pub(super) counts: Counts,
    /// The figures about patrols.
    pub(super) duty: DutyCounts,
    /// The filter that map and list share.
    pub(super) filter: &'a Filter,
    /// What the filters offer.
    pub(super) choices: &'a FilterChoices,
    /// How many issues the list has, and how many without the filter.
    pub(super) issues: (usize, usize),
    /// A row of it.
    pub(super) issue_row: &'a mut dyn FnMut(usize) -> Option<Arc<IssueRow>>,
    /// How many patrols the list has.
    pub(super) patrols: usize,
    /// A row of it.
    pub(super) patrol_row: &'a mut dyn FnMut(usize) -> Option<Arc<PatrolRow>>,
    /// What is chosen.
    pub(super) chosen: Option<&'a Selection>,
    /// Its card.
    pub(super) card: Option<&'a Card>,
    /// The new issue that is being logged; its form takes the place of the card.
    pub(super) form: &'a Form,
    /// What happens, for what is likely the same.
    pub(super) situation: &'a Situation,
    /// The scenario's time.
    pub(super) now: Timestamp,
    /// The legend of the colouring.
    pub(super) legend: Option<&'a Legend>,
    /// What the colours of buildings say.
    pub(super) colouring: Option<ColouringKey>,
    /// Which layers are shown.
    pub(super) layers: &'a Layers,
    /// The quality, and whether the machine chose it.
    pub(super) preset: (Preset, bool),
    /// The hour whose light is shown, where it is not the clock's.
    pub(super) hour: Option<f32>,
    /// The clock's hour.
    pub(super) clock_hour: f32,
    /// What the tour is doing, and whether it is on.
    pub(super) tour: (&'a TourLine, bool),
    /// What is to be noticed.
    pub(super) notices: &'a Notices,
    /// Whether a feed was named.
    pub(super) has_feed: bool,
    /// Who sits at the desk.
    pub(super) login: &'a Login,
    /// The issue that a place is being pointed out for.
    pub(super) placing: Option<&'a Wanted>,
}

/// Where the panels of a desk lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DeskLayout {
    /// Place, time, feed, search.
    pub(super) title: Rect,
    /// Figures and filters.
    pub(super) left: Option<Rect>,
    /// Lists.
    pub(super) right: Option<Rect>,
    /// What is chosen: the most room that its card may have.
    pub(super) card: Rect,
    /// What colours say: the most room that the legend may have.
    pub(super) legend: Rect,
    /// Switches.
    pub(super) bar: Rect,
    /// Between the columns: the map.
    pub(super) free: Rect,
}

impl DeskLayout {
    /// How far right of the screen's middle the middle of what panels and a card leave of the map lies, in points.
    pub(super) fn middle_of_map(&self, screen: Vec2) -> f32 {
        // Where a card takes most of the map there is nothing better than the middle.
        let right = if self.card.left() - self.free.left() > self.free.width() * 0.3 {
            self.card.left()
        } else {
            self.free.right()
        };
        (self.free.left() + right - screen.x) * 0.5
    }

    /// The layout of a screen, in points.
    pub(super) fn new(screen: Vec2, shows_left: bool, shows_right: bool) -> Self {
        let edge = GRID;
        let (right_edge, bottom) = ((screen.x - edge).max(edge), (screen.y - edge).max(edge));
        let title = Rect::from_min_max(pos2(edge, edge), pos2(right_edge, edge + TITLE_HEIGHT));
        let bar_top = (bottom - BAR_HEIGHT).max(title.bottom() + edge);
        let bar = Rect::from_min_max(pos2(edge, bar_top), pos2(right_edge, bar_top + BAR_HEIGHT));
        let (top, floor) = (title.bottom() + edge, (bar.top() - edge).max(title.bottom() + edge));
        let width = (right_edge - edge).max(0.0);
        let is_narrow = screen.x < ONE_COLUMN;
        let column = |from: f32, width: f32| Rect::from_min_max(pos2(from, top), pos2(from + width, floor));
        let right = shows_right.then(|| {
            let width = if screen.x < ROOMY { RIGHT_LEAST } else { RIGHT_WIDTH }.min(width);
            column(right_edge - width, width)
        });
        let has_room = !(is_narrow && shows_right);
        let left = (shows_left && has_room).then(|| column(edge, LEFT_WIDTH.min(width)));
        let free = Rect::from_min_max(
            pos2(left.map_or(edge, |left| left.right() + edge), top),
            pos2(right.map_or(right_edge, |right| right.left() - edge), floor),
        );
        let card_width = CARD_WIDTH.min(width);
        let card_right = if free.width() >= card_width { free.right() } else { right_edge };
        let card_top = (floor - CARD_HEIGHT).max(top);
        let card = Rect::from_min_max(pos2(card_right - card_width, card_top), pos2(card_right, floor));
        // At the lower left of the map, below the button that opens the left column where that is closed.
        let legend_width = LEGEND_WIDTH.min(free.width().max(0.0));
        let legend_top =
            (floor - LEGEND_HEIGHT).max(top + if left.is_some() { 0.0 } else { 56.0 }).min(floor);
        let legend =
            Rect::from_min_max(pos2(free.left(), legend_top), pos2(free.left() + legend_width, floor));
        Self { title, left, right, card, legend, bar, free }
    }

    /// The size of the window in the middle, for reports and help.
    pub(super) fn window(screen: Vec2, wanted: Vec2) -> Rect {
        let size = wanted.min(screen - vec2(4.0, 4.0) * GRID).max(Vec2::ZERO);
        Rect::from_center_size((screen * 0.5).to_pos2(), size)
    }
}

/// What a click on the figure of what is overdue does: map and list show only that, or all again.
pub(super) fn toggle_overdue(filter: &Filter) -> Action {
    Action::Filter(FilterChange::Overdue(!filter.overdue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::State;

    #[test]
    fn panels_lie_beside_each_other_and_within_the_screen() {
        for width in [400.0, 800.0, 1099.0, 1280.0, 1600.0, 1920.0, 3840.0] {
            for height in [300.0, 720.0, 1080.0] {
                for (left, right) in [(true, true), (true, false), (false, true), (false, false)] {
                    let screen = Rect::from_min_size(egui::Pos2::ZERO, vec2(width, height));
                    let layout = DeskLayout::new(screen.size(), left, right);
                    let panels = [Some(layout.title), layout.left, layout.right, Some(layout.bar)];
                    let panels: Vec<Rect> = panels.into_iter().flatten().collect();
                    for (i, a) in panels.iter().enumerate() {
                        assert!(screen.contains_rect(*a), "{a} at {width}×{height}");
                        for b in panels.iter().skip(i + 1) {
                            assert!(!a.shrink(0.5).intersects(b.shrink(0.5)), "{a} {b} at {width}×{height}");
                        }
                    }
                    assert!(screen.contains_rect(layout.card), "the card at {width}×{height}");
                    assert!(screen.contains_rect(layout.legend), "the legend at {width}×{height}");
                }
            }
        }
    }

    #[test]
    fn the_card_stands_beside_the_lists_where_there_is_room() {
        let layout = DeskLayout::new(vec2(1920.0, 1080.0), true, true);
        let right = layout.right.expect("open");
        assert_eq!(layout.card.right() + GRID, right.left());
        assert_eq!(layout.left.expect("open").left() % GRID, 0.0, "on the grid");
        let narrow = DeskLayout::new(vec2(400.0, 720.0), true, true);
        assert!(narrow.left.is_none() && narrow.right.is_some());
    }

    #[test]
    fn a_figure_opens_to_its_cases_and_closes_again() {
        let mut state = DeskState { shows_right: false, tab: Tab::Patrols, ..DeskState::default() };
        state.open_lens(Lens::TodayNew);
        assert_eq!((state.lens, state.tab, state.shows_right), (Lens::TodayNew, Tab::Issues, true));
        state.open_lens(Lens::TodayNew);
        assert_eq!(state.lens, Lens::Open);
        state.open_patrol_lens(PatrolLens::Absent);
        assert_eq!((state.patrol_lens, state.tab), (PatrolLens::Absent, Tab::Patrols));
    }

    #[test]
    fn a_closed_state_that_is_filtered_for_is_shown() {
        let closed = Filter { state: Some(State::Closed), ..Filter::default() };
        assert_eq!(DeskState::default().query(&closed).lens, Lens::All);
        assert_eq!(DeskState::default().query(&Filter::default()).lens, Lens::Open);
    }
}
