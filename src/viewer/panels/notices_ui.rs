//! Draws notices, the report on the data, and the help.

use egui::{Align, Context, Key, Layout, Modifiers, Order, Rect, ScrollArea, Ui, Vec2, pos2, vec2};

use super::desk::{DeskLayout, DeskState, DeskView};
use super::notices::Emptiness;
use super::theme::{self, Tone};
use super::widgets::{Icon, button, heading, icon_button, panel, rule, text};
use crate::viewer::placing::Wanted;

const HELP_KEYS: [&str; 12] = [
    "help-orbit",
    "help-pan",
    "help-zoom",
    "help-select",
    "help-floors",
    "help-log",
    "help-place",
    "help-keys",
    "help-home",
    "help-search",
    "help-colouring",
    "help-escape",
];

/// Draws the notice below the title bar, where there is something to say.
pub(super) fn notice(ctx: &Context, view: &DeskView<'_>, state: &mut DeskState, layout: &DeskLayout) {
    let (notices, speech) = (view.notices, view.speech);
    let (tone, words, hint) = if let Some(Emptiness { tone, words, hint }) = notices.emptiness(speech) {
        (tone, words, hint)
    } else if notices.refused > 0 && !state.has_read_notice {
        (Tone::Warn, speech.count("notice-refused-features", notices.refused), None)
    } else {
        return;
    };
    let has_report = !notices.report.is_empty();
    let rect = notice_rect(layout, if hint.is_some() { 80.0 } else { 48.0 });
    panel(ctx, "notice", rect, Order::Foreground, |ui| {
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(theme::PAD, 10.0))));
        ui.horizontal(|ui| {
            super::widgets::short_text(ui, words.as_str(), theme::BODY, tone.color());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if has_report && icon_button(ui, Icon::Close, &speech.text("close"), false).clicked() {
                    state.has_read_notice = true;
                }
                if has_report && button(ui, &speech.text("notice-open-report"), false).clicked() {
                    state.shows_report = true;
                }
            });
        });
        if let Some(key) = hint {
            text(&mut ui, speech.text(key), theme::CAPTION, theme::FAINT);
        }
    });
}

fn notice_rect(layout: &DeskLayout, height: f32) -> Rect {
    let width = 480.0_f32.min(layout.title.width());
    let top = layout.title.bottom() + theme::GRID;
    let middle = if layout.free.width() > width { layout.free.center().x } else { layout.title.center().x };
    Rect::from_min_size(pos2(middle - width * 0.5, top), vec2(width, height))
}

/// Draws whose place is being pointed out, and its name at the pointer while it is dragged.
pub(super) fn placing(ctx: &Context, view: &DeskView<'_>, wanted: &Wanted, layout: &DeskLayout) {
    let rect = notice_rect(layout, 80.0);
    panel(ctx, "notice", rect, Order::Foreground, |ui| {
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(theme::PAD, 10.0))));
        let words = view.speech.with("placing", &[("title", wanted.title.as_str().into())]);
        super::widgets::short_text(&mut ui, words, theme::BODY, Tone::Accent.color());
        let hint = if wanted.by_drag { "placing-drop" } else { "placing-click" };
        text(&mut ui, view.speech.text(hint), theme::CAPTION, theme::FAINT);
    });
    let pointer = ctx.pointer_latest_pos().filter(|_| wanted.by_drag);
    let Some(pointer) = pointer else { return };
    // Seen through by the pointer: what lies below it is where it will be.
    let layer = egui::LayerId::new(Order::Tooltip, egui::Id::new("placing"));
    let painter = ctx.layer_painter(layer);
    let accent = Tone::Accent.color();
    painter.circle_filled(pointer, 5.0, accent);
    painter.circle_stroke(pointer, 10.0, egui::Stroke::new(1.5, accent));
    let galley = painter.layout_no_wrap(wanted.title.clone(), theme::regular(theme::BODY), theme::INK);
    let at = pointer + vec2(18.0, -galley.size().y * 0.5);
    let plate = Rect::from_min_size(at, galley.size()).expand2(vec2(8.0, 4.0));
    painter.rect(
        plate,
        egui::CornerRadius::same(6),
        theme::SOLID,
        egui::Stroke::new(1.0, theme::LINE),
        egui::StrokeKind::Inside,
    );
    painter.galley(at, galley, theme::INK);
}

/// Draws the windows that are open in the middle.
pub(super) fn windows(ctx: &Context, view: &DeskView<'_>, state: &mut DeskState) {
    if !state.shows_report && !state.shows_help {
        return;
    }
    let screen = ctx.content_rect().size();
    if state.shows_report {
        let title = view.speech.text("notice-data-report");
        let size = vec2(720.0, 560.0);
        state.shows_report = window(ctx, "report", &title, screen, size, view, |ui| report(ui, view));
    }
    if state.shows_help {
        let title = view.speech.text("help");
        let size = vec2(432.0, 392.0);
        state.shows_help = window(ctx, "help", &title, screen, size, view, |ui| help(ui, view));
    }
}

/// A window in the middle; whether it stays open.
pub(super) fn window(
    ctx: &Context,
    id: &str,
    title: &str,
    screen: Vec2,
    size: Vec2,
    view: &DeskView<'_>,
    draw: impl FnOnce(&mut Ui),
) -> bool {
    let mut stays = !ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    panel(ctx, id, DeskLayout::window(screen, size), Order::Foreground, |ui| {
        ui.horizontal(|ui| {
            heading(ui, title, theme::LEAD, theme::INK);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon_button(ui, Icon::Close, &view.speech.text("close"), false).clicked() {
                    stays = false;
                }
            });
        });
        rule(ui);
        draw(ui);
    });
    stays
}

fn report(ui: &mut Ui, view: &DeskView<'_>) {
    let lines = &view.notices.report;
    ScrollArea::both().auto_shrink(false).show_rows(ui, 18.0, lines.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = theme::GRID;
        for line in lines.get(range).unwrap_or_default() {
            let words =
                egui::RichText::new(&line.text).font(theme::regular(theme::BODY)).color(line.tone.color());
            ui.add(egui::Label::new(words).extend());
        }
    });
}

fn help(ui: &mut Ui, view: &DeskView<'_>) {
    for key in HELP_KEYS {
        text(ui, view.speech.text(key), theme::BODY, theme::QUIET);
    }
}
