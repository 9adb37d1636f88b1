//! Whose map it is, small, in a corner that no panel covers. Without panels too: the owner asks for it.

use bevy::prelude::*;
use bevy_egui::EguiContexts;

use super::Map;
use crate::viewer::panels;
use crate::viewer::view::PanelsOnScreen;

/// Size of the letters, points.
const LETTERS: f32 = 11.0;
/// From the edges and from panels, points.
const MARGIN: f32 = 6.0;

pub(super) fn write(map: Res<Map>, panels: Res<PanelsOnScreen>, mut contexts: EguiContexts) {
    if map.pictures.is_empty() {
        return;
    }
    let Ok(context) = contexts.ctx_mut() else { return };
    if !panels::dress(context) {
        return;
    }
    let scale = context.pixels_per_point();
    let covered: Vec<egui::Rect> = panels
        .0
        .iter()
        .map(|rect| {
            let [min, max] = [rect.min, rect.max].map(|at| egui::pos2(at.x / scale, at.y / scale));
            egui::Rect::from_min_max(min, max)
        })
        .collect();
    let painter = context.layer_painter(egui::LayerId::background());
    let ink = egui::Color32::from_gray(190);
    let text = map.settings.attribution.trim().to_owned();
    let words = painter.layout_no_wrap(text, egui::FontId::proportional(LETTERS), ink);
    let size = words.size() + egui::vec2(8.0, 4.0);
    let at = free_place(size, context.content_rect(), &covered);
    painter.rect_filled(egui::Rect::from_min_size(at, size), 2.0, egui::Color32::from_black_alpha(130));
    painter.galley(at + egui::vec2(4.0, 2.0), words, ink);
}

/// The lowest free place for something of a size, as far right as there is one; the corner where there is none.
fn free_place(size: egui::Vec2, screen: egui::Rect, covered: &[egui::Rect]) -> egui::Pos2 {
    let corner = screen.max - size - egui::Vec2::splat(MARGIN);
    let edges = |first: f32, edge: fn(&egui::Rect) -> f32, side: f32| {
        let mut places: Vec<f32> =
            std::iter::once(first).chain(covered.iter().map(|rect| edge(rect) - side - MARGIN)).collect();
        places.sort_by(|a, b| b.total_cmp(a));
        places
    };
    let rights = edges(corner.x, |rect| rect.min.x, size.x);
    for y in edges(corner.y, |rect| rect.min.y, size.y) {
        for x in &rights {
            let place = egui::Rect::from_min_size(egui::pos2(*x, y), size);
            let is_free = !covered.iter().any(|rect| rect.expand(MARGIN * 0.5).intersects(place));
            if screen.contains_rect(place) && is_free {
                return place.min;
            }
        }
    }
    corner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_out_of_the_way_of_panels() {
        let rect = |x0, y0, x1, y1| egui::Rect::from_min_max(egui::pos2(x0, y0), egui::pos2(x1, y1));
        let screen = rect(0.0, 0.0, 800.0, 600.0);
        let place = |covered: &[egui::Rect]| free_place(egui::vec2(100.0, 20.0), screen, covered);
        assert_eq!(place(&[]), egui::pos2(694.0, 574.0));
        let right = rect(600.0, 50.0, 800.0, 600.0);
        assert_eq!(place(&[right]), egui::pos2(494.0, 574.0), "left of a panel at the right");
        let bottom = rect(0.0, 560.0, 800.0, 600.0);
        assert_eq!(place(&[bottom]), egui::pos2(694.0, 534.0), "above one along the bottom");
        assert_eq!(place(&[right, bottom]), egui::pos2(494.0, 534.0));
        assert_eq!(place(&[screen]), egui::pos2(694.0, 574.0), "there is no place at all");
    }
}
