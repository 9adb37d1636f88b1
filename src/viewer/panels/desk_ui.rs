//! Draws the desk: every panel in its place.

use egui::{Context, Order, Rect, ScrollArea, UiBuilder, pos2, vec2};

use super::card_ui;
use super::counts_ui::counts;
use super::desk::{DeskLayout, DeskState, DeskView};
use super::filters_ui::filters;
use super::legend_ui;
use super::lists_ui::{handle, lists};
use super::logging_ui;
use super::login_ui;
use super::notices_ui;
use super::photos_ui;
use super::search_ui;
use super::switches_ui::switches;
use super::theme;
use super::title_ui::title_bar;
use super::widgets::{Icon, bare_panel, filled_panel, icon_button, panel};
use crate::viewer::actions::Action;

/// Draws everything; what was clicked is added to `actions`. Gives [`DeskLayout::middle_of_map`].
pub(super) fn desk(
    ctx: &Context,
    view: &mut DeskView<'_>,
    state: &mut DeskState,
    actions: &mut Vec<Action>,
) -> f32 {
    search_ui::take_shortcut(ctx, &mut state.search);
    let screen = ctx.content_rect();
    let layout = DeskLayout::new(screen.size(), state.shows_left, state.shows_right);

    panel(ctx, "title", layout.title, Order::Middle, |ui| {
        let bar = layout.title.shrink2(vec2(theme::PAD, theme::GRID));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(bar));
        let speech = view.speech;
        let search = |ui: &mut egui::Ui| search_ui::search_box(ui, &mut state.search, speech, actions);
        title_bar(&mut ui, view, &mut state.login.is_open, search);
    });
    left_column(ctx, view, state, &layout, actions);
    if let Some(rect) = layout.right {
        panel(ctx, "right", rect, Order::Middle, |ui| lists(ui, view, state, actions));
    } else {
        let rect = Rect::from_min_size(pos2(layout.free.right() - 32.0, layout.free.top()), vec2(32.0, 48.0));
        bare_panel(ctx, "right handle", rect, Order::Middle, |ui| {
            state.shows_right |= handle(ui, Icon::Left, &view.speech.text("panel-show-right"));
        });
    }
    panel(ctx, "bar", layout.bar, Order::Middle, |ui| {
        let bar = layout.bar.shrink2(vec2(theme::PAD, 4.0));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(bar));
        ui.shrink_clip_rect(bar);
        switches(&mut ui, view, state, actions);
    });
    // Where both have no room beside each other, the card of what was just chosen counts more.
    let is_covered =
        (view.card.is_some() || view.form.site.is_some()) && layout.card.intersects(layout.legend);
    if let Some(legend) = view.legend.filter(|_| !is_covered) {
        legend_ui::legend(ctx, legend, view.speech, state, &layout, actions);
    }
    let reads = logging_ui::Reads {
        form: view.form,
        situation: view.situation,
        now: view.now,
        speech: view.speech,
        login: view.login,
    };
    if !logging_ui::form(ctx, &reads, &mut state.logging, &layout, actions) {
        card(ctx, view, state, &layout, actions);
    }
    if let Some(wanted) = view.placing {
        notices_ui::placing(ctx, view, wanted, &layout);
    } else {
        notices_ui::notice(ctx, view, state, &layout);
    }
    notices_ui::windows(ctx, view, state);
    photos_ui::large(ctx, view, &mut state.photos);
    login_ui::window(ctx, view, &mut state.login, actions);
    layout.middle_of_map(screen.size())
}

fn left_column(
    ctx: &Context,
    view: &DeskView<'_>,
    state: &mut DeskState,
    layout: &DeskLayout,
    actions: &mut Vec<Action>,
) {
    let Some(rect) = layout.left else {
        let rect = Rect::from_min_size(layout.free.min, vec2(32.0, 48.0));
        bare_panel(ctx, "left handle", rect, Order::Middle, |ui| {
            if handle(ui, Icon::Right, &view.speech.text("panel-show-left")) {
                state.shows_left = true;
                // Where only one column has room, the other makes way.
                state.shows_right &= DeskLayout::new(ctx.content_rect().size(), true, true).left.is_some();
            }
        });
        return;
    };
    let id = egui::Id::new("left height");
    let rect = fitted(ctx, id, rect);
    panel(ctx, "left", rect, Order::Middle, |ui| {
        let corner = Rect::from_min_size(pos2(rect.right() - 40.0, rect.top() + 6.0), vec2(28.0, 28.0));
        let mut button = ui.new_child(UiBuilder::new().max_rect(corner));
        let label = view.speech.text("panel-hide-left");
        let area = ScrollArea::vertical().id_salt("left").auto_shrink(false).show(ui, |ui| {
            ui.set_width(ui.available_width());
            counts(ui, view, state, actions);
            filters(ui, view, actions);
        });
        remember_height(ctx, id, area.content_size.y);
        if icon_button(&mut button, Icon::Left, &label, false).clicked() {
            state.shows_left = false;
        }
    });
}

/// The part of the room that a panel's content took in the last pass.
pub(super) fn fitted(ctx: &Context, id: egui::Id, room: Rect) -> Rect {
    let known: f32 = ctx.data(|data| data.get_temp(id)).unwrap_or(room.height());
    room.with_max_y(room.top() + known.clamp(0.0, room.height()))
}

pub(super) fn remember_height(ctx: &Context, id: egui::Id, content: f32) {
    let height = content + theme::PAD * 2.0;
    let known: Option<f32> = ctx.data(|data| data.get_temp(id));
    if known.is_none_or(|known| (known - height).abs() > 0.5) {
        ctx.data_mut(|data| data.insert_temp(id, height));
        ctx.request_repaint();
    }
}

/// Draws the card at the bottom of its room, as high as it needs to be.
fn card(
    ctx: &Context,
    view: &DeskView<'_>,
    state: &mut DeskState,
    layout: &DeskLayout,
    actions: &mut Vec<Action>,
) {
    // Whatever is dragged to its place may lie below the card.
    let is_dragging = view.placing.is_some_and(|wanted| wanted.by_drag);
    let Some(card) = view.card.filter(|_| !is_dragging) else { return };
    let id = egui::Id::new("card height");
    let height = fitted(ctx, id, layout.card).height();
    let rect = layout.card.with_min_y(layout.card.bottom() - height);
    filled_panel(ctx, "card", rect, Order::Middle, theme::SOLID, |ui| {
        // Laid out with all the room there is, so that its height can be known.
        let room = rect.shrink(theme::PAD).with_max_y(rect.top() + layout.card.height() - theme::PAD);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(room));
        card_ui::card(&mut inner, card, view, (&mut state.draft, &mut state.photos), actions);
        remember_height(ctx, id, inner.min_rect().height());
    });
}
