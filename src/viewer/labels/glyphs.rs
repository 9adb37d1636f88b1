//! Glyphs as signed distance fields in one R8 atlas, made when first needed.
//!
//! The font is the one that the panels use. A cell is 48 texels for an em of 36, with 6 texels of distance around.

use std::collections::HashMap;
use std::sync::Arc;

use ab_glyph::{Font, FontRef, ScaleFont, point};
use bevy::math::{UVec2, Vec2};

use super::along::Spot;
use crate::viewer::stage::{GlyphPixels, Sprite};

/// Texels of an em.
const EM: f32 = 36.0;
/// Texels of distance around an em.
const PAD: u32 = 6;
/// Texels of a cell.
const CELL: u32 = EM as u32 + 2 * PAD;
/// The outline is rasterised so many times finer than the field.
const FINER: u32 = 3;
/// Texels of the atlas's side.
const SIDE: u32 = 2048;
/// How far below the top of the cell the baseline lies, in ems.
const BASELINE: f32 = 0.86;

/// A glyph in the atlas.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Placed {
    uv_min: [u16; 2],
    advance_em: f32,
    is_blank: bool,
}

/// The atlas and the font it is made from.
pub struct Glyphs {
    font: FontRef<'static>,
    placed: HashMap<char, Placed>,
    texels: Vec<u8>,
    used: u32,
    is_dirty: bool,
    revision: u64,
    restarts: u32,
}

impl Glyphs {
    /// An empty atlas for a font.
    ///
    /// # Errors
    /// Where the bytes are no font.
    pub fn new(font: &'static [u8]) -> Result<Self, ab_glyph::InvalidFont> {
        Ok(Self {
            font: FontRef::try_from_slice(font)?,
            placed: HashMap::new(),
            texels: vec![0; (SIDE * SIDE) as usize],
            used: 0,
            is_dirty: true,
            revision: 0,
            restarts: 0,
        })
    }

    /// The width of a text in ems.
    pub fn width_em(&mut self, text: &str) -> f32 {
        text.chars().map(|character| self.glyph(character).advance_em).sum()
    }

    /// Writes a text as sprites, centred on a place on screen.
    ///
    /// `offset_px` is where its middle lies from the anchor, right and up; `size_px` is an em.
    pub fn write(
        &mut self,
        text: &str,
        anchor: bevy::math::Vec3,
        offset_px: Vec2,
        size_px: f32,
        color: [u8; 4],
        halo: [u8; 4],
        into: &mut Vec<Sprite>,
    ) {
        let mut x = -self.width_em(text) * size_px * 0.5;
        let half = CELL as f32 / EM * size_px * 0.5;
        for character in text.chars() {
            let glyph = self.glyph(character);
            if !glyph.is_blank {
                // The cell's em starts PAD texels in from its left, and is centred vertically.
                let middle = x + size_px * 0.5;
                into.push(
                    Sprite::new(anchor, Vec2::splat(half), color)
                        .back(halo)
                        .offset(offset_px + Vec2::new(middle, 0.0))
                        .uv(glyph.uv_min, [glyph.uv_min[0] + CELL as u16, glyph.uv_min[1] + CELL as u16]),
                );
            }
            x += glyph.advance_em * size_px;
        }
    }

    /// The width of each character in ems.
    pub(super) fn widths_em(&mut self, text: &str) -> Vec<f32> {
        text.chars().map(|character| self.glyph(character).advance_em).collect()
    }

    /// Writes a text as sprites, each character in its own place: `spots` in pixels from the top left, `pixel` is where
    /// the anchor lies.
    pub(super) fn write_at(
        &mut self,
        text: &str,
        anchor: bevy::math::Vec3,
        pixel: Vec2,
        spots: &[Spot],
        size_px: f32,
        [color, halo]: [[u8; 4]; 2],
        into: &mut Vec<Sprite>,
    ) {
        let half = CELL as f32 / EM * size_px * 0.5;
        for (character, spot) in text.chars().zip(spots) {
            let glyph = self.glyph(character);
            if glyph.is_blank {
                continue;
            }
            // The cell is an em wide, whatever the character's own width: its middle lies right of that of a narrow one.
            let aside = (1.0 - glyph.advance_em) * 0.5 * size_px;
            let middle = spot.at + Vec2::from_angle(spot.turn) * aside - pixel;
            into.push(
                Sprite::new(anchor, Vec2::splat(half), color)
                    .back(halo)
                    .offset(Vec2::new(middle.x, -middle.y))
                    .uv(glyph.uv_min, [glyph.uv_min[0] + CELL as u16, glyph.uv_min[1] + CELL as u16])
                    .turned(spot.turn),
            );
        }
    }

    /// How often the atlas was full and has been begun anew: what was written before is to be written again.
    pub(crate) fn restarts(&self) -> u32 {
        self.restarts
    }

    /// The pixels, if they have changed since they were last asked for.
    pub fn changed_pixels(&mut self) -> Option<GlyphPixels> {
        if !self.is_dirty {
            return None;
        }
        self.is_dirty = false;
        self.revision += 1;
        Some(GlyphPixels {
            size: UVec2::splat(SIDE),
            texels: Arc::new(self.texels.clone()),
            revision: self.revision,
        })
    }

    /// Whether the font has a character.
    pub fn has(&self, character: char) -> bool {
        self.font.glyph_id(character).0 != 0
    }

    fn glyph(&mut self, character: char) -> Placed {
        if let Some(placed) = self.placed.get(&character) {
            return *placed;
        }
        let placed = self.place(character);
        self.placed.insert(character, placed);
        placed
    }

    fn place(&mut self, character: char) -> Placed {
        let id = self.font.glyph_id(character);
        let fine = EM * FINER as f32;
        // ab_glyph scales by the font's height; an em is what we think in.
        let units = self.font.units_per_em().unwrap_or(1000.0);
        let px = fine * self.font.height_unscaled() / units;
        let scaled = self.font.as_scaled(px);
        let advance_em = scaled.h_advance(id) / fine;
        let outline = id
            .with_scale_and_position(px, point((PAD * FINER) as f32, (PAD * FINER) as f32 + BASELINE * fine));
        let Some(outlined) = self.font.outline_glyph(outline) else {
            return Placed { uv_min: [0, 0], advance_em, is_blank: true };
        };
        let cells_a_row = SIDE / CELL;
        if self.used >= cells_a_row * cells_a_row {
            // Full: start over. What is on screen is asked for again in this same frame or the next.
            self.placed.clear();
            self.texels.fill(0);
            self.used = 0;
            self.restarts += 1;
        }
        let (column, row) = (self.used % cells_a_row, self.used / cells_a_row);
        self.used += 1;
        let side = CELL * FINER;
        let mut inside = vec![false; (side * side) as usize];
        let bounds = outlined.px_bounds();
        outlined.draw(|x, y, coverage| {
            let (x, y) = (x as i32 + bounds.min.x as i32, y as i32 + bounds.min.y as i32);
            if coverage > 0.5
                && (0..side as i32).contains(&x)
                && (0..side as i32).contains(&y)
                && let Some(texel) = inside.get_mut((y as u32 * side + x as u32) as usize)
            {
                *texel = true;
            }
        });
        let field = signed_distance(&inside, side as usize);
        for y in 0..CELL {
            for x in 0..CELL {
                let at = (y * FINER + FINER / 2) * side + x * FINER + FINER / 2;
                let distance = field.get(at as usize).copied().unwrap_or(-1e3) / (FINER * PAD) as f32;
                let byte = (distance * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0;
                let target = (row * CELL + y) * SIDE + column * CELL + x;
                if let Some(texel) = self.texels.get_mut(target as usize) {
                    *texel = byte as u8;
                }
            }
        }
        self.is_dirty = true;
        Placed { uv_min: [(column * CELL) as u16, (row * CELL) as u16], advance_em, is_blank: false }
    }
}

/// Distance to the outline in texels, positive inside: two exact Euclidean transforms after Felzenszwalb and
/// Huttenlocher, "Distance transforms of sampled functions" (2012).
pub(crate) fn signed_distance(inside: &[bool], side: usize) -> Vec<f32> {
    let transform = |wanted: bool| {
        let mut grid: Vec<f32> = inside.iter().map(|is| if *is == wanted { 0.0 } else { 1e9 }).collect();
        let mut line = vec![0.0; side];
        for x in 0..side {
            for y in 0..side {
                line[y] = grid[y * side + x];
            }
            for (y, value) in transform_line(&line).into_iter().enumerate() {
                grid[y * side + x] = value;
            }
        }
        for row in grid.chunks_exact_mut(side) {
            let transformed = transform_line(row);
            row.copy_from_slice(&transformed);
        }
        grid
    };
    let to_inside = transform(true);
    let to_outside = transform(false);
    to_inside
        .iter()
        .zip(&to_outside)
        .map(
            |(to_inside, to_outside)| {
                if *to_inside > 0.0 { 0.5 - to_inside.sqrt() } else { to_outside.sqrt() - 0.5 }
            },
        )
        .collect()
}

/// The lower envelope of parabolas over one line.
fn transform_line(line: &[f32]) -> Vec<f32> {
    let count = line.len();
    let mut vertices = vec![0usize; count];
    let mut borders = vec![0.0f32; count + 1];
    let mut last = 0;
    borders[0] = f32::NEG_INFINITY;
    borders[1] = f32::INFINITY;
    for at in 1..count {
        let crossing = |vertex: usize| {
            ((line[at] + (at * at) as f32) - (line[vertex] + (vertex * vertex) as f32))
                / (2.0 * (at as f32 - vertex as f32))
        };
        let mut meets = crossing(vertices[last]);
        while last > 0 && meets <= borders[last] {
            last -= 1;
            meets = crossing(vertices[last]);
        }
        last += 1;
        vertices[last] = at;
        borders[last] = meets;
        borders[last + 1] = f32::INFINITY;
    }
    let mut current = 0;
    (0..count)
        .map(|at| {
            while borders[current + 1] < at as f32 {
                current += 1;
            }
            let vertex = vertices[current];
            let along = at as f32 - vertex as f32;
            along * along + line[vertex]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_of_a_square_is_its_distance() {
        let side = 21;
        let inside: Vec<bool> = (0..side * side)
            .map(|i| (5..16).contains(&(i % side)) && (5..16).contains(&(i / side)))
            .collect();
        let field = signed_distance(&inside, side);
        // The middle is 5.5 texels from every edge; two texels outside an edge is −1.5 from the border.
        assert!((field[10 * side + 10] - 5.5).abs() < 0.01, "{}", field[10 * side + 10]);
        assert!((field[10 * side + 3] + 1.5).abs() < 0.01, "{}", field[10 * side + 3]);
        // Diagonally: 3 and 3 texels away from the corner texel.
        assert!((field[2 * side + 2] - (0.5 - 18f32.sqrt())).abs() < 0.01);
    }
}
