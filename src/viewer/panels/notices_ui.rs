//! Draws notices, the report on the data, and the help.

use egui::{Align, Context, Key, Layout, Modifiers, Order, Rect, ScrollArea, Ui, Vec2, pos2, vec2};

use super::desk::{DeskLayout, DeskState, DeskView};
use super::notices::Emptiness;
use super::theme::{self, Tone};
use super::widgets::{Icon, button, heading, icon_button, panel, rule, text};

const HELP_KEYS: [&str; 11] = [
    "help-orbit",
    "help-pan",
    "help-zoom",
    "help-select",
    "help-floors",
    "help-log",
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
    let width = 480.0_f32.min(layout.title.width());
    let height = if hint.is_some() { 80.0 } else { 48.0 };
    let top = layout.title.bottom() + theme::GRID;
    let middle = if layout.free.width() > width { layout.free.center().x } else { layout.title.center().x };
    let rect = Rect::from_min_size(pos2(middle - width * 0.5, top), vec2(width, height));
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

/// Draws the windows that are open in the middle.
pub(super) fn windows(ctx: &Context, view: &DeskView<'_>, state: &mut DeskState) {
    if !state.shows_report && !state.shows_help {
        return;
    }
    let screen = ctx.content_rect().size();
    if state.shows_report {
        let title = view.speech.text("notice-data-report");
        state.shows_report = window(ctx, "report", &title, screen, vec2(720.0, 560.0), view, report);
    }
    if state.shows_help {
        let title = view.speech.text("help");
        state.shows_help = window(ctx, "help", &title, screen, vec2(432.0, 368.0), view, help);
    }
}

fn window(
    ctx: &Context,
    id: &str,
    title: &str,
    screen: Vec2,
    size: Vec2,
    view: &DeskView<'_>,
    draw: fn(&mut Ui, &DeskView<'_>),
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
        draw(ui, view);
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
