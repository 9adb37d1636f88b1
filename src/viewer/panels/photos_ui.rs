//! Draws the photos of a case: small ones on its card, one of them large, and what is dropped there for the next step.

use std::sync::Arc;

use egui::{
    Align2, Color32, ColorImage, Context, CornerRadius, Rect, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use super::card::{Card, CardPhoto, Doable};
use super::desk::DeskView;
use super::notices_ui;
use super::speech::Speech;
use super::theme::{self, Tone};
use super::widgets::{section, text};
use crate::picture::Picture;
use crate::viewer::actions::Action;
use crate::viewer::selection::Selection;

/// The side of a small photo, points.
const SMALL: f32 = 94.0;
/// Room of the window around a large one.
const AROUND: Vec2 = vec2(2.0 * theme::PAD, 2.0 * theme::PAD + 44.0);
const WHOLE: Rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));

/// The textures of what is shown, kept for as long as the card is about the same.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Shelf {
    of: Option<Selection>,
    held: Vec<(Arc<Picture>, TextureHandle)>,
    /// The large one is open.
    pub(super) is_open: bool,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("of", &self.of).field("is_open", &self.is_open).finish_non_exhaustive()
    }
}

impl Shelf {
    /// Lets go of what belongs to another card.
    fn follow(&mut self, card: &Card) {
        if self.of != card.selection {
            *self = Self { of: card.selection.clone(), ..Self::default() };
        }
    }

    fn texture(&mut self, ctx: &Context, picture: &Arc<Picture>) -> Option<TextureHandle> {
        if let Some((_, held)) = self.held.iter().find(|(held, _)| Arc::ptr_eq(held, picture)) {
            return Some(held.clone());
        }
        let size = [picture.width as usize, picture.height as usize];
        let most = ctx.input(|input| input.max_texture_side);
        if size.iter().any(|side| !(1..=most).contains(side)) {
            return None;
        }
        let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
        let texture = ctx.load_texture("photo", image, TextureOptions::LINEAR);
        self.held.push((Arc::clone(picture), texture.clone()));
        Some(texture)
    }
}

/// Draws the small ones; a click on one shows it large.
pub(super) fn thumbnails(
    ui: &mut Ui,
    card: &Card,
    speech: &Speech,
    shelf: &mut Shelf,
    actions: &mut Vec<Action>,
) {
    shelf.follow(card);
    if card.photos.is_empty() {
        return;
    }
    section(ui, &speech.text("card-photos"));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for photo in &card.photos {
            if thumbnail(ui, photo, speech, shelf) {
                shelf.is_open = true;
                actions.push(Action::FetchPhoto(photo.hash.clone()));
            }
        }
    });
}

fn thumbnail(ui: &mut Ui, photo: &CardPhoto, speech: &Speech, shelf: &mut Shelf) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(SMALL), Sense::click());
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(4), theme::FIELD);
    let texture = photo.picture.as_ref().and_then(|picture| shelf.texture(ui.ctx(), picture));
    if let Some(texture) = texture {
        // The middle of it: as much as is square.
        let [width, height] = texture.size().map(|side| side as f32);
        let least = width.min(height);
        let shown = Rect::from_center_size(pos2(0.5, 0.5), vec2(least / width, least / height));
        painter.image(texture.id(), rect.shrink(1.0), shown, Color32::WHITE);
    } else {
        let font = theme::regular(theme::CAPTION);
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            speech.text("card-photo-awaited"),
            font,
            theme::FAINT,
        );
    }
    let edge = if response.hovered() { Tone::Accent.color() } else { theme::LINE };
    painter.rect_stroke(rect, CornerRadius::same(4), Stroke::new(1.0, edge), StrokeKind::Inside);
    let label = speech.with("card-photo", &[("time", photo.taken.as_str().into())]);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
    response.on_hover_text(label).clicked()
}

/// Draws the large one, if it is open.
pub(super) fn large(ctx: &Context, view: &DeskView<'_>, shelf: &mut Shelf) {
    let photo = view.card.and_then(|card| card.large.as_ref()).filter(|_| shelf.is_open);
    let Some((photo, picture)) = photo.and_then(|photo| Some((photo, photo.picture.as_ref()?))) else {
        return;
    };
    let Some(texture) = shelf.texture(ctx, picture) else { return };
    let screen = ctx.content_rect().size();
    let room = (screen * 0.8 - AROUND).max(Vec2::splat(1.0));
    let [width, height] = texture.size().map(|side| side as f32);
    let scale = (room.x / width).min(room.y / height);
    let size = vec2(width, height) * scale;
    let title = view.speech.with("card-photo", &[("time", photo.taken.as_str().into())]);
    shelf.is_open = notices_ui::window(ctx, "photo", &title, screen, size + AROUND, view, |ui| {
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        ui.painter().image(texture.id(), rect, WHOLE, Color32::WHITE);
    });
}

/// Draws where photos are dropped for the step that is begun, and takes them.
pub(super) fn drop_zone(ui: &mut Ui, doable: &Doable, speech: &Speech, actions: &mut Vec<Action>) {
    let (words, tone) =
        doable.attached_words.clone().unwrap_or_else(|| (speech.owned("case-drop-photos"), Tone::Quiet));
    text(ui, words, theme::CAPTION, tone.color());
    let dropped = ui.input(|input| input.raw.dropped_files.clone());
    let paths = dropped.iter().map(|file| file.path().to_owned());
    actions.extend(paths.map(|path| Action::AttachPhoto { issue: doable.issue.clone(), path }));
}
