//! The few controls that all panels are made of. Each has a label that a screen reader and a test can find.

use egui::{
    Align, Align2, Area, Color32, Context, CornerRadius, Id, Label, Layout, Order, Painter, Pos2, Rect,
    Response, RichText, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2,
    vec2,
};

use super::theme::{self, Tone};
use crate::governance::State;
use crate::viewer::palette;

/// A panel that covers a rectangle and nothing else, so that every click beside it is the map's.
pub(super) fn panel(ctx: &Context, id: &str, rect: Rect, order: Order, add: impl FnOnce(&mut Ui)) {
    // What may lie over another panel lets nothing of it through.
    let fill = if order == Order::Middle { theme::PANEL } else { theme::SOLID };
    filled_panel(ctx, id, rect, order, fill, add);
}

/// The same with another fill.
pub(super) fn filled_panel(
    ctx: &Context,
    id: &str,
    rect: Rect,
    order: Order,
    fill: Color32,
    add: impl FnOnce(&mut Ui),
) {
    bare_panel(ctx, id, rect, order, |ui| {
        ui.painter().rect(
            rect,
            CornerRadius::same(8),
            fill,
            Stroke::new(1.0, theme::LINE),
            StrokeKind::Inside,
        );
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect.shrink(theme::PAD)));
        inner.shrink_clip_rect(rect.shrink(1.0));
        add(&mut inner);
    });
}

/// The same without fill and border.
pub(super) fn bare_panel(ctx: &Context, id: &str, rect: Rect, order: Order, add: impl FnOnce(&mut Ui)) {
    Area::new(Id::new(id))
        .order(order)
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_clip_rect(rect.expand(1.0));
            ui.allocate_rect(rect, Sense::hover());
            let mut inner = ui.new_child(UiBuilder::new().max_rect(rect));
            add(&mut inner);
        });
}

/// A line of text.
pub(super) fn text(ui: &mut Ui, text: impl Into<String>, size: f32, color: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::regular(size)).color(color)))
}

/// A line of text that is cut where it does not fit, and whole on hover.
pub(super) fn short_text(ui: &mut Ui, text: impl Into<String>, size: f32, color: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::regular(size)).color(color)).truncate())
}

/// A heading.
pub(super) fn heading(ui: &mut Ui, text: impl Into<String>, size: f32, color: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).font(theme::medium(size)).color(color)).truncate())
}

/// The title of a section with a rule above it.
pub(super) fn section(ui: &mut Ui, title: &str) {
    ui.add_space(4.0);
    rule(ui);
    ui.add_space(2.0);
    heading(ui, title, theme::CAPTION, theme::QUIET);
}

/// A rule.
pub(super) fn rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, theme::LINE));
}

/// The mark of a state: colour and shape.
pub(super) fn state_mark(painter: &Painter, centre: Pos2, radius: f32, state: State) {
    let fill = theme::color(palette::state_color(state));
    let polygon = |points: &[Vec2]| {
        let points = points.iter().map(|point| centre + *point * radius).collect();
        painter.add(Shape::convex_polygon(points, fill, Stroke::NONE));
    };
    match palette::state_shape(state) {
        1 => polygon(&[vec2(0.0, -1.15), vec2(1.15, 0.0), vec2(0.0, 1.15), vec2(-1.15, 0.0)]),
        2 => polygon(&[vec2(-0.9, -0.9), vec2(0.9, -0.9), vec2(0.9, 0.9), vec2(-0.9, 0.9)]),
        3 => polygon(&[vec2(0.0, -1.1), vec2(1.1, 0.85), vec2(-1.1, 0.85)]),
        _ => {
            painter.circle_filled(centre, radius, fill);
        }
    }
}

/// A state: mark and name.
pub(super) fn state_label(ui: &mut Ui, state: State, name: &str, size: f32) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(size, size), Sense::hover());
        state_mark(ui.painter(), rect.center(), size * 0.36, state);
        text(ui, name, size, theme::color(palette::state_color(state)));
    });
}

/// A name and a value, in two columns.
pub(super) fn fact(ui: &mut Ui, label: &str, value: &str, tone: Tone) -> Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GRID;
        let (rect, _) = ui.allocate_exact_size(vec2(FACT_LABEL, theme::BODY + 5.0), Sense::hover());
        let mut cell =
            ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
        short_text(&mut cell, label, theme::CAPTION, theme::FAINT);
        let value = RichText::new(value).font(theme::regular(theme::BODY)).color(tone.color());
        ui.add(Label::new(value).wrap())
    })
    .inner
}

const FACT_LABEL: f32 = 72.0;

/// A small sign for what must be noticed.
pub(super) fn badge(ui: &mut Ui, text: &str, tone: Tone) -> Response {
    let color = tone.color();
    let galley = ui.painter().layout_no_wrap(text.to_owned(), theme::regular(theme::CAPTION), color);
    let size = vec2(galley.size().x + 16.0, 22.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    ui.painter().rect(
        rect,
        CornerRadius::same(4),
        theme::tint(color, 0.12),
        Stroke::new(1.0, theme::tint(color, 0.55)),
        StrokeKind::Inside,
    );
    let at = rect.center() - galley.size() * 0.5;
    ui.painter().galley(at, galley, color);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    response
}

/// The signs on small buttons; drawn, so that no font need have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    /// Closes.
    Close,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Back to the start.
    Home,
    /// North up.
    North,
    /// Starts.
    Play,
    /// Stops.
    Stop,
    /// Explains.
    Help,
    /// Searches.
    Search,
}

/// Draws a sign.
pub(super) fn paint_icon(painter: &Painter, centre: Pos2, size: f32, icon: Icon, color: Color32) {
    let stroke = Stroke::new((size * 0.13).max(1.2), color);
    let r = size * 0.36;
    let at = |x: f32, y: f32| pos2(centre.x + x * r, centre.y + y * r);
    let line = |points: &[(f32, f32)]| {
        let points = points.iter().map(|(x, y)| at(*x, *y)).collect();
        painter.add(Shape::line(points, stroke));
    };
    let filled = |points: &[(f32, f32)]| {
        let points = points.iter().map(|(x, y)| at(*x, *y)).collect();
        painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
    };
    match icon {
        Icon::Close => {
            line(&[(-0.9, -0.9), (0.9, 0.9)]);
            line(&[(-0.9, 0.9), (0.9, -0.9)]);
        }
        Icon::Left => line(&[(0.45, -1.0), (-0.55, 0.0), (0.45, 1.0)]),
        Icon::Right => line(&[(-0.45, -1.0), (0.55, 0.0), (-0.45, 1.0)]),
        Icon::Home => {
            line(&[(-1.1, 0.05), (0.0, -1.0), (1.1, 0.05)]);
            line(&[(-0.75, -0.1), (-0.75, 1.0), (0.75, 1.0), (0.75, -0.1)]);
        }
        Icon::North => {
            filled(&[(0.0, -1.25), (0.5, 0.1), (-0.5, 0.1)]);
            line(&[(-0.5, 0.1), (0.0, 1.2), (0.5, 0.1)]);
        }
        Icon::Play => filled(&[(-0.7, -1.0), (1.0, 0.0), (-0.7, 1.0)]),
        Icon::Stop => filled(&[(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)]),
        Icon::Help => {
            painter.text(centre, Align2::CENTER_CENTER, "?", theme::medium(size * 0.9), color);
        }
        Icon::Search => {
            painter.circle_stroke(at(-0.2, -0.2), r * 0.8, stroke);
            line(&[(0.4, 0.4), (1.1, 1.1)]);
        }
    }
}

/// A small button with a sign; the label is for the pointer, screen readers and tests.
pub(super) fn icon_button(ui: &mut Ui, icon: Icon, label: &str, is_on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(28.0, 28.0), Sense::click());
    let hot = response.hovered() || response.has_focus();
    if hot || is_on {
        let fill = if is_on { theme::tint(Tone::Accent.color(), 0.18) } else { theme::HOVER };
        ui.painter().rect_filled(rect, CornerRadius::same(6), fill);
    }
    let color = match (is_on, hot) {
        (true, _) => Tone::Accent.color(),
        (false, true) => theme::INK,
        (false, false) => theme::QUIET,
    };
    paint_icon(ui.painter(), rect.center(), 16.0, icon, color);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, is_on, label));
    response.on_hover_text(label)
}

/// A field of one line; its label stands in it while it is empty. Without an id it has that of its place.
pub(super) fn field(ui: &mut Ui, id: Option<egui::Id>, typed: &mut String, label: &str) -> Response {
    line(ui, id, typed, label, false)
}

/// The same for what nobody is to read over a shoulder.
pub(super) fn secret_field(ui: &mut Ui, id: egui::Id, typed: &mut String, label: &str) -> Response {
    line(ui, Some(id), typed, label, true)
}

fn line(ui: &mut Ui, id: Option<egui::Id>, typed: &mut String, label: &str, is_secret: bool) -> Response {
    let edit = egui::TextEdit::singleline(typed)
        .hint_text(label.to_owned())
        .password(is_secret)
        .margin(egui::Margin::symmetric(8, 6))
        .char_limit(200)
        .desired_width(f32::INFINITY);
    let edit = match id {
        Some(id) => edit.id(id),
        None => edit,
    };
    let response = ui.add(edit);
    response.widget_info(|| {
        let shown = if is_secret { "" } else { typed.as_str() };
        let mut info = egui::WidgetInfo::text_edit(true, "", shown, "");
        info.label = Some(label.to_owned());
        info
    });
    response
}

/// A button with words; accented where it is on.
pub(super) fn button(ui: &mut Ui, label: &str, is_on: bool) -> Response {
    let font = theme::regular(theme::BODY);
    let galley = ui.painter().layout_no_wrap(label.to_owned(), font, Color32::PLACEHOLDER);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 24.0, 28.0), Sense::click());
    let hot = response.hovered() || response.has_focus();
    let accent = Tone::Accent.color();
    let (fill, edge, ink) = match (is_on, hot) {
        (true, _) => (theme::tint(accent, 0.18), theme::tint(accent, 0.7), accent),
        (false, true) => (theme::HOVER, theme::tint(accent, 0.5), theme::INK),
        (false, false) => (theme::FIELD, theme::LINE, theme::INK),
    };
    ui.painter().rect(rect, CornerRadius::same(6), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    ui.painter().galley(rect.center() - galley.size() * 0.5, galley, ink);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, is_on, label));
    response
}

/// A switch: a word with a lamp before it.
pub(super) fn switch(ui: &mut Ui, label: &str, is_on: bool) -> Response {
    let ink = if is_on { theme::INK } else { theme::FAINT };
    let galley = ui.painter().layout_no_wrap(label.to_owned(), theme::regular(theme::BODY), ink);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 32.0, 28.0), Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, CornerRadius::same(6), theme::HOVER);
    }
    let lamp = pos2(rect.left() + 12.0, rect.center().y);
    if is_on {
        ui.painter().circle_filled(lamp, 4.0, Tone::Accent.color());
    } else {
        ui.painter().circle_stroke(lamp, 3.5, Stroke::new(1.2, theme::FAINT));
    }
    ui.painter().galley(pos2(rect.left() + 23.0, rect.center().y - galley.size().y * 0.5), galley, ink);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, is_on, label));
    response
}

/// A row that can be clicked: its rectangle, to be painted on, and what the pointer does.
pub(super) fn row(ui: &mut Ui, height: f32, label: &str, is_selected: bool) -> (Rect, Response) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    paint_row(ui, rect, &response, is_selected);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, is_selected, label));
    (rect, response)
}

/// The ground of a row.
pub(super) fn paint_row(ui: &Ui, rect: Rect, response: &Response, is_selected: bool) {
    if is_selected {
        let accent = Tone::Accent.color();
        ui.painter().rect_filled(rect, CornerRadius::same(4), theme::tint(accent, 0.14));
        let bar = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(bar, CornerRadius::same(1), accent);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, CornerRadius::same(4), theme::HOVER);
    }
}

/// Text in a cell, cut with "…" where it does not fit.
pub(super) fn cell_text(ui: &Ui, rect: Rect, align: Align, text: &str, size: f32, color: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), theme::regular(size), color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width().max(0.0));
    let galley = ui.painter().layout_job(job);
    let x = match align {
        Align::Min => rect.left(),
        Align::Center => rect.center().x - galley.size().x * 0.5,
        Align::Max => rect.right() - galley.size().x,
    };
    ui.painter().galley(pos2(x, rect.center().y - galley.size().y * 0.5), galley, color);
}

/// A rule that stands.
pub(super) fn rule_upright(ui: &mut Ui, height: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(9.0, height), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), Stroke::new(1.0, theme::LINE));
}
