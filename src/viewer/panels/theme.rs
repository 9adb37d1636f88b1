//! Fonts, colours, sizes: how every panel looks. Colours of data come from [`palette`]; nothing here invents others.

use std::sync::{Arc, LazyLock};

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke, Vec2,
};

use crate::governance::State;
use crate::viewer::palette::{self, Rgba};

/// Everything is aligned to this grid, points.
pub(super) const GRID: f32 = 8.0;
/// Space between a panel's edge and what is in it.
pub(super) const PAD: f32 = 16.0;
/// Captions and notes.
pub(super) const CAPTION: f32 = 12.0;
/// Running text.
pub(super) const BODY: f32 = 13.0;
/// Titles of cards and lists.
pub(super) const LEAD: f32 = 15.0;
/// The title bar.
pub(super) const TITLE: f32 = 20.0;
/// Large figures.
pub(super) const FIGURE: f32 = 28.0;
/// Height of a row of a list.
pub(super) const ROW: f32 = 32.0;

// The engine blends in linear light, where a little transparency over a bright roof is a lot: panels are nearly opaque,
// and everything on them is, so that it looks the same wherever it is drawn.

/// Behind panels.
pub(super) const PANEL: Color32 = Color32::from_rgba_premultiplied(15, 20, 27, 251);
/// Behind panels that may lie over others, and what tints are mixed with.
pub(super) const SOLID: Color32 = Color32::from_rgb(17, 22, 29);
/// Behind fields and inactive controls.
pub(super) const FIELD: Color32 = Color32::from_rgb(27, 33, 41);
/// Behind what the pointer is over.
pub(super) const HOVER: Color32 = Color32::from_rgb(36, 44, 54);
/// Borders and rules.
pub(super) const LINE: Color32 = Color32::from_rgb(46, 56, 67);
/// Text.
pub(super) const INK: Color32 = Color32::from_rgb(222, 230, 238);
/// Text of second rank.
pub(super) const QUIET: Color32 = Color32::from_rgb(158, 170, 182);
/// Text of third rank: units, hints.
pub(super) const FAINT: Color32 = Color32::from_rgb(118, 131, 144);

/// How something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// As usual.
    #[default]
    Normal,
    /// Of second rank.
    Quiet,
    /// All is well.
    Good,
    /// Look at it soon.
    Warn,
    /// Look at it now.
    Bad,
    /// Active.
    Accent,
}

impl Tone {
    /// The colour of text in this tone.
    pub(super) const fn color(self) -> Color32 {
        match self {
            Self::Normal => INK,
            Self::Quiet => QUIET,
            Self::Good => color(palette::PATROL),
            Self::Warn => color(palette::state_color(State::Reported)),
            Self::Bad => color(palette::OVERDUE),
            Self::Accent => color(palette::ACCENT),
        }
    }
}

/// A colour of the palette, opaque.
pub(super) const fn color([r, g, b, _]: Rgba) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// A colour as it looks thinned over a panel.
pub(super) fn tint(color: Color32, share: f32) -> Color32 {
    SOLID.lerp_to_gamma(color, share)
}

static MEDIUM: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name(Arc::from("medium")));

/// The face of running text.
pub(super) const fn regular(size: f32) -> FontId {
    FontId::proportional(size)
}

/// The face of headings and figures. Its digits are of one width, so that figures do not dance.
pub(super) fn medium(size: f32) -> FontId {
    FontId::new(size, MEDIUM.clone())
}

/// Gives a context our fonts and style, once. Fonts come with the next pass: `false` until they are there.
pub(super) fn dress(ctx: &Context) -> bool {
    let mark = egui::Id::new("dressed");
    let now = ctx.cumulative_pass_nr();
    let first = ctx.data(|data| data.get_temp::<u64>(mark));
    if first.is_none() {
        ctx.data_mut(|data| data.insert_temp(mark, now));
        ctx.set_fonts(fonts());
        ctx.set_theme(egui::Theme::Dark);
        ctx.all_styles_mut(set_style);
        ctx.request_repaint();
    }
    first.is_some_and(|first| now > first)
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    };
    add("regular", include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf"));
    add("medium", include_bytes!("../../../assets/fonts/NotoSansSC-Medium.ttf"));
    let regular = || vec!["regular".to_owned()];
    fonts.families.insert(FontFamily::Proportional, regular());
    fonts.families.insert(FontFamily::Monospace, regular());
    fonts.families.insert(MEDIUM.clone(), vec!["medium".to_owned(), "regular".to_owned()]);
    fonts
}

fn set_style(style: &mut egui::Style) {
    use egui::TextStyle;
    style.text_styles = [
        (TextStyle::Small, regular(CAPTION)),
        (TextStyle::Body, regular(BODY)),
        (TextStyle::Button, regular(BODY)),
        (TextStyle::Monospace, regular(BODY)),
        (TextStyle::Heading, medium(LEAD)),
    ]
    .into();
    style.animation_time = 0.1;
    style.interaction.selectable_labels = false;
    style.spacing.item_spacing = Vec2::splat(GRID);
    style.spacing.button_padding = Vec2::new(12.0, 4.0);
    style.spacing.interact_size = Vec2::new(32.0, 28.0);
    style.spacing.menu_margin = Margin::same(8);
    style.spacing.scroll = egui::style::ScrollStyle::thin();
    let radius = CornerRadius::same(6);
    let visuals = &mut style.visuals;
    visuals.dark_mode = true;
    visuals.override_text_color = None;
    visuals.panel_fill = PANEL;
    visuals.window_fill = SOLID;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.window_shadow = egui::Shadow::NONE;
    visuals.popup_shadow =
        egui::Shadow { offset: [0, 4], blur: 16, spread: 0, color: Color32::from_black_alpha(120) };
    visuals.extreme_bg_color = Color32::from_rgb(9, 12, 16);
    visuals.text_edit_bg_color = Some(FIELD);
    visuals.faint_bg_color = FIELD;
    visuals.hyperlink_color = color(palette::ACCENT);
    visuals.selection.bg_fill = tint(color(palette::ACCENT), 0.28);
    visuals.selection.stroke = Stroke::new(1.0, color(palette::ACCENT));
    visuals.slider_trailing_fill = true;
    let widgets = &mut visuals.widgets;
    for (widget, fill, edge, ink) in [
        (&mut widgets.noninteractive, Color32::TRANSPARENT, LINE, INK),
        (&mut widgets.inactive, FIELD, LINE, INK),
        (&mut widgets.hovered, HOVER, tint(color(palette::ACCENT), 0.5), INK),
        (&mut widgets.active, HOVER, color(palette::ACCENT), INK),
        (&mut widgets.open, HOVER, tint(color(palette::ACCENT), 0.5), INK),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, edge);
        widget.fg_stroke = Stroke::new(1.0, ink);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
    // Handles of sliders and boxes of checks must be seen on the field's colour.
    widgets.inactive.bg_fill = Color32::from_rgb(54, 64, 75);
    widgets.hovered.bg_fill = Color32::from_rgb(66, 78, 90);
}
