//! The markers' signs as distance fields in one small atlas: digits, icons, and first characters of classes.
//!
//! Icons are Phosphor's (MIT, `assets/icons`); digits and characters are those of the labels' font.
//! A sign is made when it is first needed. Cell 0 is empty, digits are cells 1 to 10: the shader counts on it.

use std::collections::HashMap;
use std::sync::Arc;

use ab_glyph::{Font, FontRef, Outline, OutlineCurve, Point};
use bevy::math::UVec2;
use bevy::prelude::Resource;

use crate::city::ClassIcons;
use crate::governance::{ClassCode, PatrolKind};
use crate::viewer::labels::{FONT, signed_distance};
use crate::viewer::stage::GlyphPixels;

const ICONS: &[u8] = include_bytes!("../../../assets/icons/phosphor-fill.ttf");
/// Names and code points of the icons in the font.
const NAMES: &str = include_str!("../../../assets/icons/icons.csv");
/// Texels of a cell's side, of an em in it, and of distance to either side of an outline: `marker.wgsl` has the same.
const CELL: u32 = 64;
const EM: f32 = 44.0;
const REACH: f32 = 10.0;
/// Cells across and down.
const CELLS: UVec2 = UVec2::new(16, 8);
/// The outline is rasterised so many times finer than the field.
const FINER: u32 = 2;

/// A sign to be had from the atlas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sign {
    Icon(char),
    Character(char),
}

/// The atlas and what it is made from.
#[derive(Resource)]
pub(super) struct Icons {
    pictures: Option<FontRef<'static>>,
    letters: Option<FontRef<'static>>,
    by_name: HashMap<&'static str, char>,
    cells: HashMap<Sign, u8>,
    texels: Vec<u8>,
    is_dirty: bool,
    revision: u64,
}

impl Default for Icons {
    fn default() -> Self {
        let read = |bytes| FontRef::try_from_slice(bytes).ok();
        let by_name = NAMES.lines().skip(1).filter_map(|line| {
            let (name, code) = line.split_once(',')?;
            Some((name, char::from_u32(u32::from_str_radix(code.trim(), 16).ok()?)?))
        });
        let mut icons = Self {
            pictures: read(ICONS),
            letters: read(FONT),
            by_name: by_name.collect(),
            cells: HashMap::new(),
            texels: vec![0; (CELLS.x * CELLS.y * CELL * CELL) as usize],
            is_dirty: true,
            revision: 0,
        };
        for digit in '0'..='9' {
            icons.cell(Sign::Character(digit));
        }
        icons
    }
}

impl Icons {
    /// The cell of a class's icon; without one that of the first character of its name.
    pub(super) fn of_class(&mut self, table: &ClassIcons, class: &ClassCode, name: &str) -> u8 {
        let icon = table.find(&class.scheme, &class.code).and_then(|name| self.by_name.get(name)).copied();
        match (icon, name.chars().next()) {
            (Some(icon), _) => self.cell(Sign::Icon(icon)),
            (None, Some(first)) => self.cell(Sign::Character(first)),
            (None, None) => 0,
        }
    }

    /// The cell of a kind of patrol.
    pub(super) fn of_patrol(&mut self, kind: PatrolKind) -> u8 {
        let name = match kind {
            PatrolKind::GridOfficer => "identification-badge",
            PatrolKind::UrbanManagement => "shield-star",
            PatrolKind::Volunteer => "hand-heart",
            PatrolKind::Steward => "heart",
            PatrolKind::Police => "police-car",
            PatrolKind::Sanitation => "broom",
            PatrolKind::PropertyGuard => "shield-warning",
            PatrolKind::Vehicle => "car",
        };
        self.by_name.get(name).copied().map_or(0, |icon| self.cell(Sign::Icon(icon)))
    }

    /// The pixels, if they have changed since they were last asked for.
    pub(super) fn changed_pixels(&mut self) -> Option<GlyphPixels> {
        if !std::mem::take(&mut self.is_dirty) {
            return None;
        }
        self.revision += 1;
        Some(GlyphPixels {
            size: CELLS * CELL,
            texels: Arc::new(self.texels.clone()),
            revision: self.revision,
        })
    }

    fn cell(&mut self, sign: Sign) -> u8 {
        if let Some(cell) = self.cells.get(&sign) {
            return *cell;
        }
        let cell = self.cells.len() as u32 + 1;
        if cell >= CELLS.x * CELLS.y {
            // Full: more different first characters than a place has classes. The pin stays, its sign is left out.
            return 0;
        }
        if let Some(field) = self.field(sign) {
            let (left, top) = (cell % CELLS.x * CELL, cell / CELLS.x * CELL);
            let width = (CELLS.x * CELL) as usize;
            for (y, row) in field.chunks_exact(CELL as usize).enumerate() {
                let start = (top as usize + y) * width + left as usize;
                if let Some(texels) = self.texels.get_mut(start..start + CELL as usize) {
                    texels.copy_from_slice(row);
                }
            }
            self.is_dirty = true;
        }
        self.cells.insert(sign, cell as u8);
        cell as u8
    }

    /// The distance field of a sign, centred by its outline's extent.
    fn field(&self, sign: Sign) -> Option<Vec<u8>> {
        let (font, character) = match sign {
            Sign::Icon(character) => (self.pictures.as_ref()?, character),
            Sign::Character(character) => (self.letters.as_ref()?, character),
        };
        let outline = font.outline(font.glyph_id(character))?;
        let side = CELL * FINER;
        let scale = EM * FINER as f32 / font.units_per_em().unwrap_or(1000.0);
        let inside = rasterised(&outline, scale, side);
        let field = signed_distance(&inside, side as usize);
        let texel = |x: u32, y: u32| {
            let at = (y * FINER + FINER / 2) * side + x * FINER + FINER / 2;
            let distance = field.get(at as usize).copied().unwrap_or(-1e3) / (FINER as f32 * REACH);
            ((distance * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0) as u8
        };
        Some((0..CELL).flat_map(|y| (0..CELL).map(move |x| (x, y))).map(|(x, y)| texel(x, y)).collect())
    }
}

/// Which pixels' middles lie inside an outline, by the non-zero rule; the outline's extent is centred.
fn rasterised(outline: &Outline, scale: f32, side: u32) -> Vec<bool> {
    let middle = side as f32 * 0.5;
    let centre_x = (outline.bounds.min.x + outline.bounds.max.x) * 0.5;
    let centre_y = (outline.bounds.min.y + outline.bounds.max.y) * 0.5;
    let put = |point: &Point| [middle + (point.x - centre_x) * scale, middle - (point.y - centre_y) * scale];
    let mut edges: Vec<([f32; 2], [f32; 2])> = Vec::new();
    let mut curve = |at: &dyn Fn(f32) -> [f32; 2]| {
        const STEPS: u32 = 8;
        for step in 0..STEPS {
            edges.push((at(step as f32 / STEPS as f32), at((step + 1) as f32 / STEPS as f32)));
        }
    };
    let mix = |a: [f32; 2], b: [f32; 2], t: f32| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
    for piece in &outline.curves {
        match piece {
            OutlineCurve::Line(a, b) => {
                let (a, b) = (put(a), put(b));
                curve(&|t| mix(a, b, t));
            }
            OutlineCurve::Quad(a, b, c) => {
                let (a, b, c) = (put(a), put(b), put(c));
                curve(&|t| mix(mix(a, b, t), mix(b, c, t), t));
            }
            OutlineCurve::Cubic(a, b, c, d) => {
                let (a, b, c, d) = (put(a), put(b), put(c), put(d));
                curve(&|t| {
                    let (ab, bc, cd) = (mix(a, b, t), mix(b, c, t), mix(c, d, t));
                    mix(mix(ab, bc, t), mix(bc, cd, t), t)
                });
            }
        }
    }
    let mut inside = vec![false; (side * side) as usize];
    let mut crossings: Vec<(f32, i32)> = Vec::new();
    for (y, row) in inside.chunks_exact_mut(side as usize).enumerate() {
        let line = y as f32 + 0.5;
        crossings.clear();
        crossings.extend(edges.iter().filter_map(|(a, b)| {
            let is_down = a[1] <= line && b[1] > line;
            let is_up = b[1] <= line && a[1] > line;
            let along = (line - a[1]) / (b[1] - a[1]);
            (is_down || is_up).then(|| (a[0] + (b[0] - a[0]) * along, if is_down { 1 } else { -1 }))
        }));
        crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut winding, mut next) = (0, 0);
        for (x, pixel) in row.iter_mut().enumerate() {
            while let Some((at, turn)) = crossings.get(next)
                && *at <= x as f32 + 0.5
            {
                winding += turn;
                next += 1;
            }
            *pixel = winding != 0;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(scheme: &str, code: &str) -> ClassCode {
        ClassCode { scheme: scheme.into(), kind: "event".into(), code: code.into() }
    }

    #[test]
    fn digits_come_first_and_unknown_classes_show_their_first_character() {
        let mut icons = Icons::default();
        assert_eq!(icons.cell(Sign::Character('0')), 1);
        assert_eq!(icons.cell(Sign::Character('9')), 10);
        let (table, _) = ClassIcons::read(b"scheme,code,icon\ngb,06,broom\ngb,07,no-such-icon\n");
        let broom = icons.of_class(&table, &class("gb", "06010"), "x");
        assert_eq!(broom, 11);
        assert_eq!(icons.of_class(&table, &class("gb", "06011"), "y"), broom);
        assert_eq!(
            icons.of_class(&table, &class("gb", "09001"), "8"),
            9,
            "its first character is the digit 8"
        );
        assert_eq!(icons.of_class(&table, &class("gb", "07001"), "8"), 9, "an icon that is not there");
        assert_eq!(icons.of_class(&table, &class("", ""), ""), 0);
    }

    #[test]
    fn a_sign_is_dark_in_its_middle_and_light_at_its_border() {
        // The house is solid in its middle; the first texel of its cell is far outside.
        let icons = Icons::default();
        let house = icons.by_name.get("siren").copied().expect("in the table");
        let field = icons.field(Sign::Icon(house)).expect("in the font");
        assert_eq!(field.len(), (CELL * CELL) as usize);
        assert_eq!(field[0], 0);
        assert!(field.iter().any(|texel| *texel > 150));
    }

    #[test]
    fn every_icon_of_the_tables_is_in_the_font() {
        let icons = Icons::default();
        let missing = icons.by_name.iter().filter(|(_, code)| icons.field(Sign::Icon(**code)).is_none());
        assert_eq!(missing.map(|(name, _)| *name).collect::<Vec<_>>(), [""; 0]);
        let table = include_str!("../../../data/fushan/icons.csv");
        for icon in table.lines().skip(1).filter_map(|line| line.rsplit(',').next()) {
            assert!(icons.by_name.contains_key(icon), "{icon}");
        }
    }
}
