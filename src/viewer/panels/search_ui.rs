//! Draws the search box and what it finds.

use egui::{Align, Context, Event, Id, Key, Modifiers, Order, Rect, TextEdit, Ui, pos2, vec2};

use super::search::{Found, SearchBox};
use super::speech::Speech;
use super::theme;
use super::widgets::{Icon, cell_text, paint_icon, panel, row, state_mark, text};
use crate::viewer::actions::Action;

/// Width of the box, points.
const WIDTH: f32 = 320.0;
/// Width of the list of hits.
const LIST_WIDTH: f32 = 400.0;
const HIT_HEIGHT: f32 = 40.0;

/// The box's id, to give it the keyboard.
pub(super) fn box_id() -> Id {
    Id::new("search box")
}

/// Takes `/` and Ctrl+F, before anything is drawn: they put the keyboard into the box.
pub(super) fn take_shortcut(ctx: &Context, search: &mut SearchBox) {
    let writes = ctx.text_edit_focused();
    let pressed = ctx.input_mut(|input| {
        let slash = !writes && input.consume_key(Modifiers::NONE, Key::Slash);
        if slash {
            // The sign itself is not to stand in the box.
            input.events.retain(|event| !matches!(event, Event::Text(text) if text == "/"));
        }
        input.consume_key(Modifiers::COMMAND, Key::F) || slash
    });
    search.wants_focus |= pressed;
}

/// Draws the box.
pub(super) fn search_box(ui: &mut Ui, search: &mut SearchBox, speech: &Speech, actions: &mut Vec<Action>) {
    let id = box_id();
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    if has_focus {
        let step = ui.input_mut(|input| {
            let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown);
            let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
            down.cast_signed() - up.cast_signed()
        });
        search.step(step);
    }
    let width = WIDTH.min(ui.available_width());
    let edit = TextEdit::singleline(&mut search.typed)
        .id(id)
        .hint_text(speech.owned("search-placeholder"))
        .margin(egui::Margin { left: 32, right: 8, top: 6, bottom: 6 })
        .char_limit(64)
        .desired_width(width - 40.0);
    let response = ui.add(edit);
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::text_edit(true, "", search.typed.as_str(), "");
        info.label = Some(speech.owned("search"));
        info
    });
    let sign = pos2(response.rect.left() + 16.0, response.rect.center().y);
    paint_icon(ui.painter(), sign, 14.0, Icon::Search, theme::FAINT);
    if std::mem::take(&mut search.wants_focus) {
        response.request_focus();
    }
    if response.changed() {
        search.is_stale = true;
        search.is_open = true;
    }
    if response.gained_focus() && !search.typed.is_empty() {
        search.is_open = true;
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
        search.clear();
    }
    search.enters |= response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if search.enters && search.is_stale {
        // The hits are still those of the text before: those of the next frame are meant.
        ui.ctx().request_repaint();
    } else if std::mem::take(&mut search.enters)
        && let Some(found) = search.found.get(search.chosen)
    {
        actions.push(Action::Show(found.selection.clone()));
        search.is_open = false;
    }
    if search.is_open && !search.typed.trim().is_empty() && !search.is_stale {
        hits(ui, response.rect, search, speech, actions);
    }
}

/// Draws the hits below the box.
fn hits(ui: &Ui, below: Rect, search: &mut SearchBox, speech: &Speech, actions: &mut Vec<Action>) {
    let lines = if search.found.is_empty() { 1.5 } else { search.found.len() as f32 };
    let foot = if search.found.is_empty() { 0.0 } else { 24.0 };
    let width = LIST_WIDTH.min(ui.ctx().content_rect().width() - 16.0);
    let size = vec2(width, lines * HIT_HEIGHT + foot + 16.0);
    let rect = Rect::from_min_size(pos2(below.left(), below.bottom() + 16.0), size);
    let mut taken = None;
    panel(ui.ctx(), "search hits", rect, Order::Foreground, |outer| {
        let mut ui = outer.new_child(egui::UiBuilder::new().max_rect(rect.shrink(8.0)));
        let ui = &mut ui;
        ui.spacing_mut().item_spacing.y = 0.0;
        if search.found.is_empty() {
            ui.add_space(4.0);
            let nothing =
                speech.with("search-no-results", &[("query", search.typed.trim().to_owned().into())]);
            text(ui, nothing, theme::BODY, theme::INK);
            ui.add_space(4.0);
            text(ui, speech.text("search-no-results-hint"), theme::CAPTION, theme::FAINT);
            return;
        }
        for (index, found) in search.found.iter().enumerate() {
            if hit(ui, found, index == search.chosen, speech) {
                taken = Some(index);
            }
        }
        ui.add_space(6.0);
        text(ui, speech.text("search-fly-there"), theme::CAPTION, theme::FAINT);
    });
    if let Some(found) = taken.and_then(|index| search.found.get(index)) {
        actions.push(Action::Show(found.selection.clone()));
        search.is_open = false;
    } else {
        let pressed = ui.input(|input| {
            let at = input.pointer.interact_pos().filter(|_| input.pointer.any_pressed());
            at.is_some_and(|at| !rect.contains(at) && !below.contains(at))
        });
        search.is_open &= !pressed;
    }
}

fn hit(ui: &mut Ui, found: &Found, is_chosen: bool, speech: &Speech) -> bool {
    let (rect, response) = row(ui, HIT_HEIGHT, &found.name, is_chosen);
    let kind_width = 48.0;
    let mut left = rect.left() + 12.0;
    if let Some(state) = found.state {
        state_mark(ui.painter(), pos2(left + 4.0, rect.center().y - 8.0), 5.0, state);
        left += 16.0;
    }
    let right = rect.right() - kind_width - 12.0;
    let upper = Rect::from_min_max(pos2(left, rect.top() + 3.0), pos2(right, rect.top() + 22.0));
    let lower =
        Rect::from_min_max(pos2(rect.left() + 12.0, rect.top() + 21.0), pos2(right, rect.bottom() - 3.0));
    if found.detail.is_empty() {
        let middle = Rect::from_min_max(pos2(left, rect.top()), pos2(right, rect.bottom()));
        cell_text(ui, middle, Align::Min, &found.name, theme::BODY, theme::INK);
    } else {
        cell_text(ui, upper, Align::Min, &found.name, theme::BODY, theme::INK);
        cell_text(ui, lower, Align::Min, &found.detail, theme::CAPTION, theme::FAINT);
    }
    let kind = Rect::from_min_max(pos2(right, rect.top()), pos2(rect.right() - 12.0, rect.bottom()));
    cell_text(ui, kind, Align::Max, &speech.text(found.kind_key), theme::CAPTION, theme::QUIET);
    response.clicked()
}
