//! Draws the lists of issues and patrols: only the rows in view, however long the list is.

use egui::{
    Align, CornerRadius, Layout, Rect, Response, ScrollArea, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use super::desk::{DeskState, DeskView, Tab};
use super::filters_ui::filter_note;
use super::ledger::Lens;
use super::order::Column;
use super::roster::{PatrolColumn, PatrolLens};
use super::rows::{IssueRow, PatrolRow};
use super::theme::{self, Tone};
use super::widgets::{Icon, cell_text, icon_button, paint_icon, row, rule, state_mark, text};
use crate::governance::{IssueId, Step};
use crate::viewer::actions::Action;
use crate::viewer::selection::Selection;

const ISSUE_HEIGHT: f32 = 46.0;
const PATROL_HEIGHT: f32 = theme::ROW;
/// Room for the scroll bar.
const BAR: f32 = 10.0;

/// Draws the tabs and the list that is chosen.
pub(super) fn lists(ui: &mut Ui, view: &mut DeskView<'_>, state: &mut DeskState, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = theme::GRID;
    ui.horizontal(|ui| {
        let figure = |count: usize| view.arrival.figure(count, view.speech);
        let issues = format!("{} {}", view.speech.text("list-issues"), figure(view.issues.0));
        let patrols = format!("{} {}", view.speech.text("list-patrols"), figure(view.patrols));
        for (tab, label) in [(Tab::Issues, issues), (Tab::Patrols, patrols)] {
            if tab_button(ui, &label, state.tab == tab) {
                state.tab = tab;
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Right, &view.speech.text("panel-hide-right"), false).clicked() {
                state.shows_right = false;
            }
        });
    });
    match state.tab {
        Tab::Issues => issues(ui, view, state, actions),
        Tab::Patrols => patrols(ui, view, state, actions),
    }
}

fn tab_button(ui: &mut Ui, label: &str, is_on: bool) -> bool {
    let ink = if is_on { theme::INK } else { theme::FAINT };
    let galley = ui.painter().layout_no_wrap(label.to_owned(), theme::medium(theme::LEAD), ink);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + theme::GRID, 28.0), Sense::click());
    let ink = if response.hovered() { theme::INK } else { ink };
    ui.painter().galley_with_override_text_color(
        pos2(rect.left(), rect.center().y - galley.size().y * 0.5),
        galley.clone(),
        ink,
    );
    if is_on {
        let bar = Rect::from_min_size(pos2(rect.left(), rect.bottom() - 2.0), vec2(galley.size().x, 2.0));
        ui.painter().rect_filled(bar, CornerRadius::same(1), Tone::Accent.color());
    }
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, is_on, label));
    response.clicked()
}

/// A word that sorts the list by itself.
fn sorter(ui: &mut Ui, label: &str, order: Option<bool>) -> bool {
    let ink = if order.is_some() { Tone::Accent.color() } else { theme::FAINT };
    let galley = ui.painter().layout_no_wrap(label.to_owned(), theme::regular(theme::CAPTION), ink);
    let room = if order.is_some() { 12.0 } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + room, 20.0), Sense::click());
    let ink = if response.hovered() { theme::INK } else { ink };
    let text_right = rect.left() + galley.size().x;
    let at = pos2(rect.left(), rect.center().y - galley.size().y * 0.5);
    ui.painter().galley_with_override_text_color(at, galley, ink);
    if let Some(is_descending) = order {
        let tip = if is_descending { 3.0 } else { -3.0 };
        let (x, y) = (text_right + 7.0, rect.center().y);
        ui.painter().add(egui::Shape::convex_polygon(
            vec![pos2(x, y + tip), pos2(x - 3.5, y - tip * 0.7), pos2(x + 3.5, y - tip * 0.7)],
            ink,
            egui::Stroke::NONE,
        ));
    }
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, order.is_some(), label));
    response.clicked()
}

/// What the list shows, where that is not everything open, with a way back.
fn lens_note(ui: &mut Ui, label: &str, close: &str) -> bool {
    let mut is_closed = false;
    ui.horizontal(|ui| {
        text(ui, label, theme::BODY, Tone::Accent.color());
        is_closed = icon_button(ui, Icon::Close, close, false).clicked();
    });
    is_closed
}

fn lens_key(lens: Lens) -> &'static str {
    match lens {
        Lens::Open => "lens-open",
        Lens::All => "lens-all",
        Lens::Overdue => "counts-overdue",
        Lens::DueSoon => "counts-due-soon",
        Lens::Urgent => "counts-urgent",
        Lens::Unplaced => "counts-unplaced",
        Lens::TodayNew => "counts-today-new",
        Lens::TodayClosed => "counts-today-closed",
        Lens::Due => "lens-due",
    }
}

fn issues(ui: &mut Ui, view: &mut DeskView<'_>, state: &mut DeskState, actions: &mut Vec<Action>) {
    let speech = view.speech;
    if state.lens != Lens::Open
        && lens_note(ui, &speech.text(lens_key(state.lens)), &speech.text("filter-clear"))
    {
        state.lens = Lens::Open;
    }
    filter_note(ui, view, actions);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let sort = state.sort;
        let order = |column| (sort.column == column).then_some(sort.is_descending);
        let mut click = |ui: &mut Ui, column, key| {
            if sorter(ui, &speech.text(key), order(column)) {
                state.sort = sort.clicked(column);
            }
        };
        click(ui, Column::State, "column-state");
        click(ui, Column::Title, "column-title");
        click(ui, Column::Address, "column-address");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(BAR);
            click(ui, Column::Remaining, "column-remaining");
            click(ui, Column::Reported, "column-reported");
        });
    });
    rule(ui);
    if view.issues.0 == 0 {
        empty(ui, &speech.text(view.arrival.nothing("list-empty-issues")));
        return;
    }
    let chosen = match view.chosen {
        Some(Selection::Issue(id)) => Some(id),
        _ => None,
    };
    ui.spacing_mut().item_spacing.y = 0.0;
    let rows = view.issues.0;
    ScrollArea::vertical().id_salt("issues").auto_shrink(false).show_rows(
        ui,
        ISSUE_HEIGHT,
        rows,
        |ui, range| {
            ui.set_width(ui.available_width() - BAR);
            for index in range {
                let Some(issue) = (view.issue_row)(index) else {
                    ui.allocate_exact_size(vec2(ui.available_width(), ISSUE_HEIGHT), Sense::hover());
                    continue;
                };
                let response = issue_row(ui, &issue, chosen == Some(&issue.id));
                if response.clicked() {
                    actions.push(Action::Show(Selection::Issue(issue.id.clone())));
                } else if issue.wants_place && response.drag_started() && may_place(view, &issue.id) {
                    // Its card says what becomes of it.
                    actions.push(Action::Select(Some(Selection::Issue(issue.id.clone()))));
                    actions.push(Action::BeginPlacing { issue: issue.id.clone(), by_drag: true });
                }
            }
        },
    );
}

/// Whether whoever sits here may say where an issue is.
fn may_place(view: &DeskView<'_>, id: &IssueId) -> bool {
    let issue = view.situation.issue(id);
    let desk = view.speech.text("case-desk");
    issue.is_some_and(|issue| view.login.act(Step::Locate, Some(issue), None, &desk).is_some())
}

fn issue_row(ui: &mut Ui, issue: &IssueRow, is_chosen: bool) -> Response {
    let label = format!("{} {}", issue.title, issue.address);
    let (rect, response) = row(ui, ISSUE_HEIGHT, &label, is_chosen);
    let response = if issue.wants_place { response.interact(Sense::click_and_drag()) } else { response };
    let painter = ui.painter();
    state_mark(painter, pos2(rect.left() + 14.0, rect.top() + 15.0), 5.0, issue.state);
    let left = rect.left() + 30.0;
    let right = rect.right() - 8.0;
    let note_width = 152.0;
    let line = |top: f32, from: f32, to: f32| {
        Rect::from_min_max(pos2(from, rect.top() + top), pos2(to, rect.top() + top + 18.0))
    };
    let middle = right - note_width;
    let ink = if issue.is_urgent { Tone::Bad.color() } else { theme::INK };
    cell_text(ui, line(5.0, left, middle - 8.0), Align::Min, &issue.title, theme::BODY, ink);
    cell_text(ui, line(5.0, middle, right), Align::Max, &issue.remaining, theme::CAPTION, issue.tone.color());
    cell_text(ui, line(23.0, left, middle - 8.0), Align::Min, &issue.address, theme::CAPTION, theme::FAINT);
    let note = format!("{} · {}", issue.state_name, issue.reported);
    cell_text(ui, line(23.0, middle, right), Align::Max, &note, theme::CAPTION, theme::FAINT);
    ui.painter().hline(
        rect.left() + 8.0..=rect.right() - 8.0,
        rect.bottom() - 0.5,
        egui::Stroke::new(1.0, theme::tint(theme::LINE, 0.5)),
    );
    response.on_hover_text(format!("{} · {}", issue.class, issue.title))
}

fn patrols(ui: &mut Ui, view: &mut DeskView<'_>, state: &mut DeskState, actions: &mut Vec<Action>) {
    let speech = view.speech;
    let lens = match state.patrol_lens {
        PatrolLens::All => None,
        PatrolLens::Expected => Some("lens-expected"),
        PatrolLens::Absent => Some("counts-absent"),
    };
    if let Some(key) = lens
        && lens_note(ui, &speech.text(key), &speech.text("filter-clear"))
    {
        state.patrol_lens = PatrolLens::All;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let sort = state.patrol_sort;
        let order = |column| (sort.column == column).then_some(sort.is_descending);
        let mut click = |ui: &mut Ui, column, key| {
            if sorter(ui, &speech.text(key), order(column)) {
                state.patrol_sort = sort.clicked(column);
            }
        };
        click(ui, PatrolColumn::Kind, "column-kind");
        click(ui, PatrolColumn::Name, "column-name");
        click(ui, PatrolColumn::Duty, "column-state");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(BAR);
            click(ui, PatrolColumn::Seen, "column-last-seen");
        });
    });
    rule(ui);
    if view.patrols == 0 {
        empty(ui, &speech.text(view.arrival.nothing("list-empty-patrols")));
        return;
    }
    let chosen = match view.chosen {
        Some(Selection::Patrol(id)) => Some(id),
        _ => None,
    };
    ui.spacing_mut().item_spacing.y = 0.0;
    let rows = view.patrols;
    let area = ScrollArea::vertical().id_salt("patrols").auto_shrink(false);
    area.show_rows(ui, PATROL_HEIGHT, rows, |ui, range| {
        ui.set_width(ui.available_width() - BAR);
        for index in range {
            let Some(patrol) = (view.patrol_row)(index) else {
                ui.allocate_exact_size(vec2(ui.available_width(), PATROL_HEIGHT), Sense::hover());
                continue;
            };
            if patrol_row(ui, &patrol, chosen == Some(&patrol.id)) {
                actions.push(Action::Show(Selection::Patrol(patrol.id.clone())));
            }
        }
    });
}

fn patrol_row(ui: &mut Ui, patrol: &PatrolRow, is_chosen: bool) -> bool {
    let label = format!("{} {}", patrol.kind, patrol.name);
    let (rect, response) = row(ui, PATROL_HEIGHT, &label, is_chosen);
    let tone = patrol.tone().color();
    ui.painter().circle_filled(pos2(rect.left() + 14.0, rect.center().y), 4.0, tone);
    let cell = |from: f32, to: f32| Rect::from_min_max(pos2(from, rect.top()), pos2(to, rect.bottom()));
    let left = rect.left() + 30.0;
    let right = rect.right() - 8.0;
    cell_text(ui, cell(left, left + 72.0), Align::Min, &patrol.kind, theme::CAPTION, theme::QUIET);
    cell_text(ui, cell(left + 80.0, right - 168.0), Align::Min, &patrol.name, theme::BODY, theme::INK);
    cell_text(ui, cell(right - 160.0, right - 80.0), Align::Min, &patrol.duty_name, theme::CAPTION, tone);
    cell_text(ui, cell(right - 76.0, right), Align::Max, &patrol.seen, theme::CAPTION, theme::FAINT);
    response.clicked()
}

fn empty(ui: &mut Ui, words: &str) {
    ui.add_space(theme::PAD);
    ui.vertical_centered(|ui| text(ui, words, theme::BODY, theme::FAINT));
}

/// Draws the handle that opens the column again.
pub(super) fn handle(ui: &mut Ui, icon: Icon, label: &str) -> bool {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    let ink = if response.hovered() { theme::INK } else { theme::QUIET };
    ui.painter().rect(
        rect,
        CornerRadius::same(8),
        theme::PANEL,
        egui::Stroke::new(1.0, theme::LINE),
        egui::StrokeKind::Inside,
    );
    paint_icon(ui.painter(), rect.center(), 16.0, icon, ink);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, label));
    response.on_hover_text(label).clicked()
}
