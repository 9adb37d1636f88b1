//! Draws the figures. Each opens the list to its cases, and says on hover what it counts.

use egui::{CornerRadius, Rect, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};

use super::desk::{DeskState, DeskView, Tab, toggle_overdue};
use super::ledger::{DUE_SOON_SECS, Lens, RATE_DAYS};
use super::roster::PatrolLens;
use super::theme::{self, Tone};
use super::widgets::{heading, section};
use crate::viewer::actions::Action;

/// A figure.
struct Figure<'a> {
    label: &'a str,
    value: String,
    tone: Tone,
    is_on: bool,
    hint: String,
    size: f32,
}

/// Draws all figures.
pub(super) fn counts(ui: &mut Ui, view: &DeskView<'_>, state: &mut DeskState, actions: &mut Vec<Action>) {
    let (speech, counts, duty, arrival) = (view.speech, view.counts, view.duty, view.arrival);
    let since_midnight = speech.owned("counts-period-today");
    let soon = speech.with("counts-due-soon-hint", &[("span", speech.span_secs(DUE_SOON_SECS).into())]);
    let alarm = |count: u32, tone| arrival.alarm(count, tone);
    heading(ui, speech.text("counts-issues"), theme::CAPTION, theme::QUIET);
    let lens = |lens: Lens| state.lens == lens && state.tab == Tab::Issues;
    let large = [
        (Lens::Open, "counts-open", counts.open, Tone::Normal, String::new()),
        (Lens::Overdue, "counts-overdue", counts.overdue, alarm(counts.overdue, Tone::Bad), String::new()),
        (Lens::Urgent, "counts-urgent", counts.urgent, alarm(counts.urgent, Tone::Bad), String::new()),
    ];
    let small = [
        (Lens::DueSoon, "counts-due-soon", counts.due_soon, alarm(counts.due_soon, Tone::Warn), soon),
        (
            Lens::Unplaced,
            "counts-unplaced",
            counts.unplaced,
            alarm(counts.unplaced, Tone::Warn),
            String::new(),
        ),
        (Lens::TodayNew, "counts-today-new", counts.today_new, Tone::Normal, since_midnight.clone()),
        (Lens::TodayClosed, "counts-today-closed", counts.today_closed, Tone::Normal, since_midnight),
    ];
    let mut opened = None;
    for (row, size) in [(&large[..], theme::FIGURE), (&small[..2], theme::TITLE), (&small[2..], theme::TITLE)]
    {
        let figures = row.iter().map(|(which, key, count, tone, hint)| {
            let is_on = if *which == Lens::Overdue { view.filter.overdue } else { lens(*which) };
            let label = speech.text(key);
            (*which, label, *count, *tone, hint, is_on && *which != Lens::Open)
        });
        let figures: Vec<_> = figures.collect();
        columns(ui, figures.len(), size, |ui, index| {
            let Some((which, label, count, tone, hint, is_on)) = figures.get(index) else { return };
            let figure = Figure {
                label,
                value: arrival.figure(count, speech),
                tone: *tone,
                is_on: *is_on,
                hint: (*hint).clone(),
                size,
            };
            if self::figure(ui, &figure) {
                opened = Some(*which);
            }
        });
    }
    rate(ui, view, lens(Lens::Due), &mut opened);
    match opened {
        Some(Lens::Overdue) => {
            state.lens = Lens::Open;
            state.tab = Tab::Issues;
            actions.push(toggle_overdue(view.filter));
        }
        Some(which) => state.open_lens(which),
        None => {}
    }

    section(ui, &speech.text("list-patrols"));
    let mut opened = None;
    let patrols = |lens: PatrolLens| state.patrol_lens == lens && state.tab == Tab::Patrols;
    let silent = if duty.silent > 0 && arrival.is_whole() {
        speech.count("counts-silent", duty.silent as usize)
    } else {
        String::new()
    };
    let label = speech.owned("counts-duty");
    columns(ui, 2, theme::TITLE, |ui, index| {
        let figure = if index == 0 {
            Figure {
                label: &label,
                value: if arrival.is_whole() {
                    speech.with(
                        "counts-n-of-m",
                        &[("n", i64::from(duty.present).into()), ("m", i64::from(duty.expected).into())],
                    )
                } else {
                    speech.dash()
                },
                tone: Tone::Normal,
                is_on: patrols(PatrolLens::Expected),
                hint: silent.clone(),
                size: theme::TITLE,
            }
        } else {
            Figure {
                label: &speech.text("counts-absent"),
                value: arrival.figure(duty.absent, speech),
                tone: alarm(duty.absent, Tone::Bad),
                is_on: patrols(PatrolLens::Absent),
                hint: String::new(),
                size: theme::TITLE,
            }
        };
        if self::figure(ui, &figure) {
            opened = Some(if index == 0 { PatrolLens::Expected } else { PatrolLens::Absent });
        }
    });
    if let Some(lens) = opened {
        state.open_patrol_lens(lens);
    }
}

/// The rate of closing on time, with its period, and its formula on hover.
fn rate(ui: &mut Ui, view: &DeskView<'_>, is_on: bool, opened: &mut Option<Lens>) {
    let speech = view.speech;
    let rate = view.counts.on_time;
    let value = rate.percent().filter(|_| view.arrival.is_whole()).map_or_else(
        || speech.owned("rate-none"),
        |percent| speech.with("rate-percent", &[("value", percent.into())]),
    );
    let formula = speech.text("rate-formula-on-time");
    let hint = if view.arrival.is_whole() {
        let (part, whole) = (i64::from(rate.part), i64::from(rate.whole));
        let of = speech.with("counts-n-of-m", &[("n", part.into()), ("m", whole.into())]);
        format!("{formula}\n{of}")
    } else {
        formula.into_owned()
    };
    let period = speech.count("counts-period-days", RATE_DAYS as usize);
    let figure = Figure {
        label: &format!("{} · {period}", speech.text("counts-on-time-rate")),
        value,
        tone: Tone::Normal,
        is_on,
        hint,
        size: theme::TITLE,
    };
    columns(ui, 1, theme::TITLE, |ui, _| {
        if self::figure(ui, &figure) {
            *opened = Some(Lens::Due);
        }
    });
}

/// Equal columns with a gap of one grid step.
fn columns(ui: &mut Ui, count: usize, size: f32, mut add: impl FnMut(&mut Ui, usize)) {
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), size + 34.0), Sense::hover());
    let gaps = theme::GRID * count.saturating_sub(1) as f32;
    let width = ((area.width() - gaps) / count.max(1) as f32).max(0.0);
    for index in 0..count {
        let left = area.left() + (width + theme::GRID) * index as f32;
        let cell = Rect::from_min_size(pos2(left, area.top()), vec2(width, area.height()));
        add(&mut ui.new_child(UiBuilder::new().max_rect(cell).id_salt((size.to_bits(), index))), index);
    }
}

fn figure(ui: &mut Ui, figure: &Figure<'_>) -> bool {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    let fill = match (figure.is_on, response.hovered() || response.has_focus()) {
        (true, _) => theme::tint(Tone::Accent.color(), 0.16),
        (false, true) => theme::HOVER,
        (false, false) => theme::FIELD,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(6), fill);
    let inner = rect.shrink2(vec2(12.0, 0.0));
    let label =
        Rect::from_min_max(pos2(inner.left(), rect.top() + 6.0), pos2(inner.right(), rect.top() + 24.0));
    super::widgets::cell_text(ui, label, egui::Align::Min, figure.label, theme::CAPTION, theme::QUIET);
    ui.painter().text(
        pos2(inner.left(), rect.bottom() - 5.0),
        egui::Align2::LEFT_BOTTOM,
        &figure.value,
        theme::medium(figure.size),
        figure.tone.color(),
    );
    response.widget_info(|| {
        let label = format!("{} {}", figure.label, figure.value);
        WidgetInfo::selected(WidgetType::Button, true, figure.is_on, label)
    });
    let clicked = response.clicked();
    if !figure.hint.is_empty() {
        response.on_hover_text(&figure.hint);
    }
    clicked
}
