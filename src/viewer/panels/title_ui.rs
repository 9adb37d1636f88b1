//! Draws the title bar.

use egui::{Align, Layout, Sense, Ui, vec2};

use super::desk::DeskView;
use super::theme::{self, Tone};
use super::title::FeedLine;
use super::widgets::{badge, button, heading, rule_upright, text};

/// So many characters of an account's name are shown.
const MOST_CHARS: usize = 12;

/// Draws place, time, the state of the feed and who sits here; `search` draws the box between them.
pub(super) fn title_bar(
    ui: &mut Ui,
    view: &DeskView<'_>,
    shows_login: &mut bool,
    search: impl FnOnce(&mut Ui),
) {
    let (bar, width) = (view.title, ui.available_width());
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::GRID;
        heading(ui, &bar.place, theme::TITLE, theme::INK);
        if width > 1200.0 {
            ui.add_space(4.0);
            text(ui, &bar.subtitle, theme::CAPTION, theme::FAINT);
        }
        if width > 700.0 {
            ui.add_space(theme::PAD);
            search(ui);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            heading(ui, &bar.time, theme::TITLE, theme::INK);
            if width > 900.0 {
                text(ui, format!("{} {}", bar.date, bar.weekday), theme::BODY, theme::QUIET);
            }
            if let Some(rate) = &bar.rate {
                text(ui, rate, theme::CAPTION, theme::FAINT);
            }
            rule_upright(ui, 20.0);
            if view.has_feed && width > 560.0 {
                let label = view.login.account().map_or_else(|| view.speech.owned("login"), str::to_owned);
                if button(ui, &short(&label), *shows_login).clicked() {
                    *shows_login = !*shows_login;
                }
                ui.add_space(4.0);
            }
            feed(ui, &bar.feed, width > 560.0);
            if bar.is_simulated {
                ui.add_space(4.0);
                badge(ui, &view.speech.text("demo-data"), Tone::Warn);
            }
        });
    });
}

/// An account's name as far as a button has room for it.
fn short(label: &str) -> String {
    match label.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", label.get(..end).unwrap_or_default()),
        None => label.to_owned(),
    }
}

/// Draws the state of the feed, from the right: age, words, lamp.
fn feed(ui: &mut Ui, feed: &FeedLine, has_room: bool) {
    let hint = feed.hint.clone();
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if has_room && !feed.age.is_empty() {
                text(ui, &feed.age, theme::CAPTION, theme::FAINT);
            }
            text(ui, &feed.words, theme::BODY, feed.tone.color());
            let (lamp, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            ui.painter().circle_filled(lamp.center(), 4.0, feed.tone.color());
        })
        .response;
    if let Some(hint) = hint {
        response.on_hover_text(hint);
    }
}
