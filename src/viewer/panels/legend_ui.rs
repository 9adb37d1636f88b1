//! Draws the legend: on a desk with classes that can be pointed at and held, on a wall larger and to be read alone.

use egui::{
    Align, Color32, Context, CornerRadius, Label, Layout, Order, Painter, Rect, RichText, Sense, Stroke, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::desk::{DeskLayout, DeskState};
use super::desk_ui::{fitted, remember_height};
use super::legend::{Legend, LegendRow};
use super::speech::Speech;
use super::theme;
use super::widgets::{Icon, cell_text, heading, icon_button, panel, row, short_text};
use crate::viewer::actions::Action;
use crate::viewer::colouring::UNKNOWN;

/// Height of a class's row, and of its swatch.
const ROW: f32 = 22.0;
const SWATCH: f32 = 12.0;
/// Of the room, so much is for counts.
const COUNT: f32 = 56.0;

/// Draws the legend of a desk.
pub(super) fn legend(
    ctx: &Context,
    legend: &Legend,
    speech: &Speech,
    state: &mut DeskState,
    layout: &DeskLayout,
    actions: &mut Vec<Action>,
) {
    if state.held_class.is_some_and(|(key, _)| key != legend.key) {
        state.held_class = None;
    }
    let id = egui::Id::new("legend height");
    let height = fitted(ctx, id, layout.legend).height();
    let rect = layout.legend.with_min_y(layout.legend.bottom() - height);
    let mut pointed = None;
    panel(ctx, "legend", rect, Order::Middle, |ui| {
        // Laid out with all the room there is, so that its height can be known.
        let room = rect.shrink(theme::PAD).with_max_y(rect.top() + layout.legend.height() - theme::PAD);
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(room));
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.horizontal(|ui| {
            heading(ui, &legend.title, theme::LEAD, theme::INK);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon_button(ui, Icon::Close, &speech.text("colouring-close"), false).clicked() {
                    actions.push(Action::SetColouring(None));
                }
                short_text(ui, &legend.total, theme::CAPTION, theme::FAINT);
            });
        });
        short_text(&mut ui, &legend.unit, theme::CAPTION, theme::QUIET);
        ui.add_space(4.0);
        for class in &legend.rows {
            let is_held = state.held_class == Some((legend.key, class.class));
            let label = format!("{} {}", class.label, class.count);
            let (rect, response) = row(&mut ui, ROW, &label, is_held);
            draw_row(&ui, rect.shrink2(vec2(6.0, 0.0)), class, SWATCH, theme::BODY, COUNT);
            if response.hovered() {
                pointed = Some(class.class);
            }
            if response.clicked() {
                state.held_class = (!is_held).then_some((legend.key, class.class));
            }
        }
        if !legend.notes.is_empty() {
            ui.add_space(4.0);
        }
        for note in &legend.notes {
            let words = RichText::new(note).font(theme::regular(theme::CAPTION)).color(theme::FAINT);
            ui.add(Label::new(words).wrap());
        }
        remember_height(ctx, id, ui.min_rect().height());
    });
    let wanted = pointed.or(state.held_class.map(|(_, class)| class));
    if wanted != legend.highlighted {
        actions.push(Action::Highlight(wanted));
    }
}

/// A swatch, a name, a count.
fn draw_row(ui: &Ui, rect: Rect, class: &LegendRow, swatch: f32, size: f32, count: f32) {
    let middle = rect.center().y;
    draw_swatch(
        ui.painter(),
        Rect::from_center_size(pos2(rect.left() + swatch * 0.5, middle), vec2(swatch, swatch)),
        class,
    );
    let cell = |from: f32, to: f32| Rect::from_min_max(pos2(from, rect.top()), pos2(to, rect.bottom()));
    let split = rect.right() - count;
    cell_text(
        ui,
        cell(rect.left() + swatch + size * 0.75, split - 4.0),
        Align::Min,
        &class.label,
        size,
        theme::INK,
    );
    cell_text(ui, cell(split, rect.right()), Align::Max, &class.count, size, theme::QUIET);
}

fn draw_swatch(painter: &Painter, rect: Rect, class: &LegendRow) {
    let [r, g, b] = class.color;
    let rim = if class.class == UNKNOWN { theme::QUIET } else { theme::LINE };
    painter.rect(
        rect,
        CornerRadius::same(3),
        Color32::from_rgb(r, g, b),
        Stroke::new(1.0, rim),
        egui::StrokeKind::Inside,
    );
}

/// Type on a wall.
const WALL_HEADING: f32 = 30.0;
const WALL_TEXT: f32 = 22.0;
const WALL_SMALL: f32 = 20.0;
const WALL_ROW: f32 = 36.0;

/// Draws the legend of a wall at the bottom of its room, where it fits.
pub(super) fn wall_legend(ctx: &Context, legend: &Legend, room: Rect) {
    let id = egui::Id::new("wall legend height");
    let rect = fitted(ctx, id, room);
    let rect = rect.translate(vec2(0.0, room.bottom() - rect.bottom()));
    panel(ctx, "wall legend", rect, Order::Middle, |ui| {
        let inner = rect.shrink(theme::PAD).with_max_y(rect.top() + room.height() - theme::PAD);
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(inner));
        ui.spacing_mut().item_spacing.y = 2.0;
        heading(&mut ui, &legend.title, WALL_HEADING, theme::INK);
        short_text(&mut ui, &legend.unit, WALL_SMALL, theme::QUIET);
        ui.add_space(8.0);
        for class in &legend.rows {
            let (rect, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), WALL_ROW), Sense::hover());
            draw_row(&ui, rect, class, 22.0, WALL_TEXT, 96.0);
            response.widget_info(|| {
                WidgetInfo::labeled(WidgetType::Label, true, format!("{} {}", class.label, class.count))
            });
        }
        ui.add_space(8.0);
        for note in legend.notes.iter().chain([&legend.total]) {
            let words = RichText::new(note).font(theme::regular(WALL_SMALL)).color(theme::FAINT);
            ui.add(Label::new(words).wrap());
        }
        remember_height(ctx, id, ui.min_rect().height());
    });
}
