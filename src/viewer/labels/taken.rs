//! Which parts of the screen are taken: rectangles in a grid of cells.

use std::collections::HashMap;

use bevy::math::{IVec2, Rect};

/// Side of a cell, pixels.
const CELL_PX: f32 = 96.0;

/// Rectangles that are taken.
#[derive(Default)]
pub(super) struct Taken(HashMap<IVec2, Vec<Rect>>);

impl Taken {
    /// Whether none of these rectangles overlaps what is taken.
    pub(super) fn is_free(&self, rects: &[Rect]) -> bool {
        !rects.iter().any(|rect| {
            cells(*rect)
                .filter_map(|cell| self.0.get(&cell))
                .flatten()
                .any(|held| !held.intersect(*rect).is_empty())
        })
    }

    /// Takes a rectangle.
    pub(super) fn take(&mut self, rect: Rect) {
        for cell in cells(rect) {
            self.0.entry(cell).or_default().push(rect);
        }
    }
}

fn cells(rect: Rect) -> impl Iterator<Item = IVec2> {
    let from = (rect.min / CELL_PX).floor().as_ivec2();
    let to = (rect.max / CELL_PX).floor().as_ivec2();
    (from.x..=to.x).flat_map(move |x| (from.y..=to.y).map(move |y| IVec2::new(x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_not_free() {
        let mut taken = Taken::default();
        taken.take(Rect::new(0.0, 0.0, 200.0, 20.0));
        assert!(!taken.is_free(&[Rect::new(190.0, 10.0, 300.0, 30.0)]));
        assert!(taken.is_free(&[Rect::new(201.0, 0.0, 300.0, 20.0)]));
        assert!(!taken.is_free(&[Rect::new(400.0, 0.0, 401.0, 1.0), Rect::new(-5.0, -5.0, 1.0, 1.0)]));
    }
}
