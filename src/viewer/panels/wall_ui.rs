//! Draws the wall: read from five metres, nobody at the mouse. Sizes are points at a height of 1080.

use egui::{
    Align, Color32, Context, CornerRadius, Label, Order, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2,
};
use egui::{WidgetInfo, WidgetType, pos2, vec2};

use super::book::Book;
use super::legend_ui;
use super::notices::Emptiness;
use super::rows::IssueRow;
use super::theme::{self, Tone};
use super::wall::Alarm;
use super::widgets::{cell_text, panel, rule, state_mark};
use crate::viewer::actions::Action;
use crate::viewer::selection::Selection;

/// The smallest type on a wall.
const SMALL: f32 = 20.0;
/// Running text.
const TEXT: f32 = 24.0;
/// Headings.
const HEADING: f32 = 36.0;
/// Figures of second rank.
const FIGURE: f32 = 48.0;
/// The figures that matter most, and the clock.
const LARGE: f32 = 72.0;

const EDGE: f32 = 24.0;
const GAP: f32 = 16.0;
const LEFT_WIDTH: f32 = 480.0;
const RIGHT_WIDTH: f32 = 560.0;
const LEGEND: Vec2 = vec2(440.0, 640.0);
/// Higher than this figures and lists need not be, on an upright wall.
const MOST_FIGURES: f32 = 680.0;
const MOST_LIST: f32 = 560.0;
/// Heights of the notice, with and without what to do about it.
const NOTICE: f32 = 184.0;
const NOTICE_SHORT: f32 = 72.0;
/// Least and greatest height of a row of a list.
const ROW: std::ops::RangeInclusive<f32> = 56.0..=80.0;

/// How much larger than on a desk everything is drawn: by height, but never wider than the screen bears.
pub(super) fn zoom(size: Vec2, pixels_per_point: f32) -> f32 {
    let height = size.y.min(size.x / 1.6);
    (height / 1080.0 / pixels_per_point.max(0.1)).clamp(0.2, 16.0)
}

/// Where the panels of a wall lie.
#[derive(Clone, Copy, Debug, PartialEq)]
struct WallLayout {
    name: Rect,
    figures: Rect,
    tour: Rect,
    clock: Rect,
    pressing: Rect,
    newest: Rect,
    alarm: Rect,
    legend: Rect,
}

impl WallLayout {
    fn new(screen: Vec2) -> Self {
        let (right, bottom) = (screen.x - EDGE, screen.y - EDGE);
        let left_column = |top: f32, bottom: f32| {
            Rect::from_min_max(pos2(EDGE, top), pos2((EDGE + LEFT_WIDTH).min(right), bottom))
        };
        let right_column = |top: f32, bottom: f32| {
            Rect::from_min_max(pos2((right - RIGHT_WIDTH).max(EDGE), top), pos2(right, bottom))
        };
        let head = EDGE + 152.0;
        let tour_top = (bottom - 216.0).max(head + GAP);
        let half = (head + GAP + bottom + GAP) * 0.5;
        let free = screen.x - LEFT_WIDTH - RIGHT_WIDTH - (EDGE + GAP) * 2.0;
        let width = free.clamp(480.0_f32.min(screen.x - EDGE * 2.0), 1_200.0);
        let middle = EDGE + LEFT_WIDTH + GAP + free.max(0.0) * 0.5;
        let middle = middle.clamp(width * 0.5, (screen.x - width * 0.5).max(width * 0.5));
        Self {
            name: left_column(EDGE, head),
            figures: left_column(head + GAP, (tour_top - GAP).min(head + GAP + MOST_FIGURES)),
            tour: left_column(tour_top, bottom),
            clock: right_column(EDGE, head),
            pressing: right_column(head + GAP, (half - GAP).min(head + GAP + MOST_LIST)),
            newest: right_column(
                half.min(head + GAP * 2.0 + MOST_LIST),
                bottom.min(head + GAP * 2.0 + MOST_LIST * 2.0),
            ),
            alarm: Rect::from_min_size(pos2(middle - width * 0.5, EDGE), vec2(width, 264.0)),
            legend: Rect::from_min_max(
                pos2(EDGE + LEFT_WIDTH + GAP, (bottom - LEGEND.y).max(EDGE + 264.0 + GAP)),
                pos2(EDGE + LEFT_WIDTH + GAP + LEGEND.x, bottom),
            ),
        }
    }
}

/// Draws everything; what was clicked is added to `actions`.
pub(super) fn wall(ctx: &Context, book: &Book, actions: &mut Vec<Action>) {
    let layout = WallLayout::new(ctx.content_rect().size());
    panel(ctx, "wall name", layout.name, Order::Middle, |ui| name(ui, book));
    panel(ctx, "wall figures", layout.figures, Order::Middle, |ui| figures(ui, book));
    panel(ctx, "wall tour", layout.tour, Order::Middle, |ui| tour(ui, book));
    panel(ctx, "wall clock", layout.clock, Order::Middle, |ui| clock(ui, book));
    for (id, rect, key, rows) in [
        ("wall pressing", layout.pressing, "wall-most-urgent", &book.wall.pressing),
        ("wall newest", layout.newest, "wall-newest", &book.wall.newest),
    ] {
        panel(ctx, id, rect, Order::Middle, |ui| {
            line(ui, &book.speech.text(key), SMALL, theme::QUIET);
            list(ui, rows, &book.speech.text(book.arrival.nothing("list-empty-issues")), actions);
        });
    }
    if let Some(legend) = book.legend.as_ref().filter(|_| layout.legend.right() + GAP < layout.clock.left()) {
        legend_ui::wall_legend(ctx, legend, layout.legend);
    }
    if let Some(alarm) = &book.alarm {
        banner(ctx, layout.alarm, alarm, book, actions);
    } else if let Some(emptiness) = book.notices.emptiness(&book.speech) {
        notice(ctx, layout.alarm, &emptiness, book);
    }
}

/// Says why the map is empty, where an alarm would be: nobody is at the mouse to read what is cut off.
fn notice(ctx: &Context, room: Rect, emptiness: &Emptiness, book: &Book) {
    let height = if emptiness.hint.is_some() { NOTICE } else { NOTICE_SHORT };
    let rect = Rect::from_min_size(room.min, vec2(room.width(), height));
    panel(ctx, "wall notice", rect, Order::Foreground, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let words = RichText::new(&emptiness.words).font(theme::medium(TEXT)).color(emptiness.tone.color());
        ui.add(Label::new(words).wrap());
        if let Some(key) = emptiness.hint {
            let hint = RichText::new(book.speech.text(key)).font(theme::regular(SMALL)).color(theme::QUIET);
            ui.add(Label::new(hint).wrap());
        }
    });
}

fn line(ui: &mut Ui, text: &str, size: f32, color: Color32) {
    ui.add(Label::new(RichText::new(text).font(theme::regular(size)).color(color)).truncate());
}

fn strong(ui: &mut Ui, text: &str, size: f32, color: Color32) {
    ui.add(Label::new(RichText::new(text).font(theme::medium(size)).color(color)).truncate());
}

fn name(ui: &mut Ui, book: &Book) {
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        strong(ui, &book.title.place, HEADING, theme::INK);
        if book.title.is_simulated {
            ui.add_space(theme::GRID);
            ui.scope(|ui| badge_large(ui, &book.speech.text("demo-data")));
        }
    });
    line(ui, &book.title.subtitle, SMALL, theme::FAINT);
    let feed = &book.title.feed;
    ui.horizontal(|ui| {
        let (lamp, _) = ui.allocate_exact_size(vec2(14.0, SMALL), Sense::hover());
        ui.painter().circle_filled(lamp.center(), 6.0, feed.tone.color());
        line(ui, &feed.words, SMALL, feed.tone.color());
        line(ui, &feed.age, SMALL, theme::FAINT);
    });
}

fn badge_large(ui: &mut Ui, text: &str) {
    let tone = Tone::Warn.color();
    let galley = ui.painter().layout_no_wrap(text.to_owned(), theme::regular(SMALL), tone);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(20.0, 8.0), Sense::hover());
    let edge = Stroke::new(1.5, theme::tint(tone, 0.6));
    ui.painter().rect(rect, CornerRadius::same(6), theme::tint(tone, 0.12), edge, StrokeKind::Inside);
    ui.painter().galley(rect.center() - galley.size() * 0.5, galley, tone);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
}

fn clock(ui: &mut Ui, book: &Book) {
    let rect = ui.max_rect();
    let title = &book.title;
    let time = ui.painter().layout_no_wrap(title.time.clone(), theme::medium(LARGE + 8.0), theme::INK);
    let width = time.size().x;
    ui.painter().galley(pos2(rect.left(), rect.center().y - time.size().y * 0.5), time, theme::INK);
    let right = Rect::from_min_max(pos2(rect.left() + width + 16.0, rect.top()), rect.max);
    let cell =
        |from: f32| Rect::from_min_size(pos2(right.left(), right.top() + from), vec2(right.width(), 32.0));
    cell_text(ui, cell(4.0), Align::Max, &title.date, TEXT, theme::INK);
    cell_text(ui, cell(38.0), Align::Max, &title.weekday, TEXT, theme::QUIET);
    cell_text(ui, cell(70.0), Align::Max, title.rate.as_deref().unwrap_or_default(), SMALL, theme::FAINT);
    let (_, response) = ui.allocate_exact_size(Vec2::ZERO, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &title.time));
}

fn figures(ui: &mut Ui, book: &Book) {
    let (speech, counts, duty, arrival) = (&book.speech, book.counts, book.duty, book.arrival);
    let alarm = |count: u32, tone| arrival.alarm(count, tone);
    let number = |count: u32| arrival.figure(count, speech);
    let rate = counts.on_time.percent().filter(|_| arrival.is_whole()).map_or_else(
        || speech.owned("rate-none"),
        |percent| speech.with("rate-percent", &[("value", percent.into())]),
    );
    let on_duty = if arrival.is_whole() {
        speech.with(
            "counts-n-of-m",
            &[("n", i64::from(duty.present).into()), ("m", i64::from(duty.expected).into())],
        )
    } else {
        speech.dash()
    };
    let rows: [(f32, Vec<(String, String, Tone)>); 4] = [
        (
            LARGE,
            vec![
                (speech.owned("counts-open"), number(counts.open), Tone::Normal),
                (speech.owned("counts-overdue"), number(counts.overdue), alarm(counts.overdue, Tone::Bad)),
            ],
        ),
        (
            FIGURE,
            vec![
                (speech.owned("counts-urgent"), number(counts.urgent), alarm(counts.urgent, Tone::Bad)),
                (
                    speech.owned("counts-due-soon"),
                    number(counts.due_soon),
                    alarm(counts.due_soon, Tone::Warn),
                ),
                (
                    speech.owned("counts-unplaced"),
                    number(counts.unplaced),
                    alarm(counts.unplaced, Tone::Warn),
                ),
            ],
        ),
        (
            FIGURE,
            vec![
                (speech.owned("counts-today-new"), number(counts.today_new), Tone::Normal),
                (speech.owned("counts-today-closed"), number(counts.today_closed), Tone::Normal),
                (speech.owned("counts-on-time-rate"), rate, Tone::Normal),
            ],
        ),
        (
            FIGURE,
            vec![
                (speech.owned("counts-duty"), on_duty, Tone::Normal),
                (speech.owned("counts-absent"), number(duty.absent), alarm(duty.absent, Tone::Bad)),
            ],
        ),
    ];
    let area = ui.max_rect();
    let heights: f32 = rows.iter().map(|(size, _)| size + 44.0).sum();
    let gap = ((area.height() - heights) / (rows.len() as f32 - 1.0)).clamp(0.0, 64.0);
    let mut top = area.top();
    for (index, (size, figures)) in rows.iter().enumerate() {
        if index > 0 {
            ui.painter().hline(area.x_range(), top - gap * 0.5, Stroke::new(1.0, theme::LINE));
        }
        let width = area.width() / figures.len().max(1) as f32;
        for (column, (label, value, tone)) in figures.iter().enumerate() {
            let left = area.left() + width * column as f32;
            let cell = Rect::from_min_size(pos2(left, top), vec2(width - 8.0, size + 44.0));
            let head = Rect::from_min_size(cell.min, vec2(cell.width(), 28.0));
            cell_text(ui, head, Align::Min, label, SMALL, theme::QUIET);
            let at = pos2(cell.left(), cell.bottom() - 2.0);
            let fits = largest(ui, value, *size, cell.width());
            ui.painter().text(at, egui::Align2::LEFT_BOTTOM, value, theme::medium(fits), tone.color());
            let id = ui.id().with((index, column));
            let response = ui.interact(cell, id, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{label} {value}")));
        }
        top += size + 44.0 + gap;
    }
}

/// The largest size up to `size` at which a figure fits.
fn largest(ui: &Ui, text: &str, size: f32, width: f32) -> f32 {
    let wanted = ui.painter().layout_no_wrap(text.to_owned(), theme::medium(size), theme::INK).size().x;
    if wanted <= width { size } else { (size * width / wanted).floor().max(SMALL) }
}

fn tour(ui: &mut Ui, book: &Book) {
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.horizontal(|ui| {
        line(ui, &book.tour.words, SMALL, book.tour.tone.color());
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            line(ui, &book.tour.next, SMALL, theme::FAINT);
        });
    });
    rule(ui);
    let Some(stop) = &book.tour.stop else {
        strong(ui, &book.speech.text("wall-overview"), HEADING - 4.0, theme::INK);
        return;
    };
    strong(ui, &stop.title, HEADING - 4.0, theme::INK);
    line(ui, &stop.address, TEXT, theme::QUIET);
    ui.horizontal(|ui| {
        let (mark, _) = ui.allocate_exact_size(vec2(24.0, 35.0), Sense::hover());
        state_mark(ui.painter(), mark.center(), 9.0, stop.state);
        line(ui, &stop.state_name, TEXT, theme::INK);
        ui.add_space(theme::GRID);
        line(ui, &stop.remaining, TEXT, stop.tone.color());
    });
}

fn list(ui: &mut Ui, rows: &[IssueRow], nothing: &str, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    if rows.is_empty() {
        line(ui, nothing, TEXT, theme::FAINT);
        return;
    }
    let height = (ui.available_height() / rows.len() as f32).clamp(*ROW.start(), *ROW.end());
    for row in rows {
        if ui.available_height() < height - 1.0 {
            break;
        }
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        if response.hovered() {
            ui.painter().rect_filled(rect, CornerRadius::same(6), theme::HOVER);
        }
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, theme::tint(theme::LINE, 0.6)));
        let left = rect.left() + 32.0;
        let middle = rect.right() - 216.0;
        let upper = rect.top() + (height - 64.0) * 0.5;
        let cell = |top: f32, from: f32, to: f32| {
            Rect::from_min_max(pos2(from, upper + top), pos2(to, upper + top + 30.0))
        };
        state_mark(ui.painter(), pos2(rect.left() + 12.0, upper + 19.0), 8.0, row.state);
        let ink = if row.is_urgent { Tone::Bad.color() } else { theme::INK };
        cell_text(ui, cell(3.0, left, middle - 8.0), Align::Min, &row.title, TEXT, ink);
        cell_text(ui, cell(32.0, left, middle - 8.0), Align::Min, &row.address, SMALL, theme::FAINT);
        cell_text(ui, cell(3.0, middle, rect.right()), Align::Max, &row.remaining, SMALL, row.tone.color());
        cell_text(ui, cell(32.0, middle, rect.right()), Align::Max, &row.reported, SMALL, theme::FAINT);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &row.title));
        if response.clicked() {
            actions.push(Action::Show(Selection::Issue(row.id.clone())));
        }
    }
}

/// The banner of a new urgent issue: it stays until somebody takes it.
fn banner(ctx: &Context, rect: Rect, alarm: &Alarm, book: &Book, actions: &mut Vec<Action>) {
    panel(ctx, "wall alarm", rect, Order::Foreground, |ui| {
        let bad = Tone::Bad.color();
        ui.painter().rect(
            rect,
            CornerRadius::same(8),
            theme::tint(bad, 0.16),
            Stroke::new(3.0, bad),
            StrokeKind::Inside,
        );
        let area = rect.shrink(28.0);
        let button =
            Rect::from_min_size(pos2(area.right() - 176.0, area.center().y - 40.0), vec2(176.0, 80.0));
        let words = Rect::from_min_max(area.min, pos2(button.left() - 24.0, area.bottom()));
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(words));
        ui.spacing_mut().item_spacing.y = 6.0;
        strong(&mut ui, &book.speech.text("wall-urgent-new"), TEXT, bad);
        strong(&mut ui, &alarm.title, FIGURE, theme::INK);
        line(&mut ui, &alarm.address, TEXT + 4.0, theme::INK);
        line(&mut ui, &format!("{}  {}", alarm.department, alarm.since), TEXT, theme::QUIET);
        if take_button(&mut ui, button, &book.speech.text("wall-take")) {
            actions.push(Action::Take(alarm.id.clone()));
        }
    });
}

fn take_button(ui: &mut Ui, rect: Rect, label: &str) -> bool {
    let response = ui.interact(rect, ui.id().with("take"), Sense::click());
    let fill = if response.hovered() { Color32::from_rgb(255, 120, 108) } else { Tone::Bad.color() };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(10), fill);
    painter.text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        label,
        theme::medium(HEADING),
        Color32::from_rgb(28, 8, 8),
    );
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, label));
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_scaled_by_height_and_panels_lie_outward() {
        assert_eq!(zoom(vec2(1920.0, 1080.0), 1.0), 1.0);
        assert_eq!(zoom(vec2(3840.0, 1080.0), 1.0), 1.0);
        assert_eq!(zoom(vec2(7680.0, 2160.0), 1.0), 2.0);
        assert_eq!(zoom(vec2(7680.0, 2160.0), 2.0), 1.0);
        assert!(zoom(vec2(1080.0, 1920.0), 1.0) < 0.7, "an upright wall");
        for width in [1920.0, 3840.0, 5760.0] {
            let layout = WallLayout::new(vec2(width, 1080.0));
            assert_eq!(layout.name.left(), EDGE);
            assert_eq!(layout.clock.right(), width - EDGE);
            assert!(layout.alarm.left() > layout.name.right() && layout.alarm.right() < layout.clock.left());
            assert!(
                layout.legend.left() > layout.tour.right() && layout.legend.top() > layout.alarm.bottom()
            );
            assert!(layout.tour.bottom() <= 1080.0 && layout.newest.bottom() <= 1080.0);
            assert!(layout.pressing.bottom() < layout.newest.top());
        }
    }
}
