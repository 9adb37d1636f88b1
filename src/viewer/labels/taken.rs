//! Which parts of the screen are taken: rectangles in a grid of cells, kept from frame to frame for its memory.

use bevy::math::{Rect, UVec2, Vec2};

/// Side of a cell, pixels.
const CELL_PX: f32 = 96.0;

/// No further rectangle in a cell.
const END: u32 = u32::MAX;

/// Rectangles that are taken.
#[derive(Default)]
pub(super) struct Taken {
    /// Cells east and down.
    size: UVec2,
    /// Of each cell: its newest entry.
    heads: Vec<u32>,
    /// Rectangles, and the entry before in the same cell.
    entries: Vec<(Rect, u32)>,
}

impl Taken {
    /// Frees everything of a picture of this size in pixels.
    pub(super) fn clear(&mut self, size_px: Vec2) {
        self.size = (size_px / CELL_PX).ceil().as_uvec2().max(UVec2::ONE);
        self.heads.clear();
        self.heads.resize(self.size.element_product() as usize, END);
        self.entries.clear();
    }

    /// Whether none of these rectangles overlaps what is taken.
    pub(super) fn is_free(&self, rects: &[Rect]) -> bool {
        !rects.iter().any(|rect| {
            cells(*rect, self.size).any(|cell| {
                let mut next = self.heads.get(cell).copied();
                while let Some((held, before)) = next.and_then(|entry| self.entries.get(entry as usize)) {
                    if !held.intersect(*rect).is_empty() {
                        return true;
                    }
                    next = Some(*before);
                }
                false
            })
        })
    }

    /// Takes a rectangle.
    pub(super) fn take(&mut self, rect: Rect) {
        for cell in cells(rect, self.size) {
            if let Some(head) = self.heads.get_mut(cell) {
                self.entries.push((rect, *head));
                *head = (self.entries.len() - 1) as u32;
            }
        }
    }
}

/// The cells that a rectangle touches; what lies outside the picture is in its outermost cells.
fn cells(rect: Rect, size: UVec2) -> impl Iterator<Item = usize> {
    let last = size.saturating_sub(UVec2::ONE);
    // A number below 0 becomes 0.
    let cell = |at: Vec2| (at / CELL_PX).as_uvec2().min(last);
    let (from, to) = (cell(rect.min), cell(rect.max));
    (from.y..=to.y).flat_map(move |y| (from.x..=to.x).map(move |x| (y * size.x + x) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_not_free() {
        let mut taken = Taken::default();
        assert!(taken.is_free(&[Rect::new(0.0, 0.0, 9.0, 9.0)]));
        taken.clear(Vec2::new(450.0, 100.0));
        taken.take(Rect::new(0.0, 0.0, 200.0, 20.0));
        assert!(!taken.is_free(&[Rect::new(190.0, 10.0, 300.0, 30.0)]));
        assert!(taken.is_free(&[Rect::new(201.0, 0.0, 300.0, 20.0)]));
        assert!(!taken.is_free(&[Rect::new(400.0, 0.0, 401.0, 1.0), Rect::new(-5.0, -5.0, 1.0, 1.0)]));
        // Beside the picture, too, and in one cell with others.
        taken.take(Rect::new(440.0, 90.0, 900.0, 300.0));
        assert!(!taken.is_free(&[Rect::new(700.0, 200.0, 710.0, 210.0)]));
        assert!(taken.is_free(&[Rect::new(700.0, 301.0, 710.0, 310.0)]));
        taken.clear(Vec2::new(450.0, 100.0));
        assert!(taken.is_free(&[Rect::new(0.0, 0.0, 450.0, 100.0)]));
    }
}
