//! What the stage shows, as the main world keeps it.
//!
//! Each part carries a revision; the render world remembers what it has uploaded and copies only what is newer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bevy::prelude::*;
use bevy::render::extract_component::ExtractComponent;

use super::frame::{Light, Palette};
use super::land::GroundVertices;
use crate::mesh::{CityMesh, Openness, Within};

/// Texels in a row of every record texture.
pub(crate) const TEXELS_A_ROW: usize = 2048;

/// Marks the one camera that the stage is drawn for.
#[derive(Component, ExtractComponent, Clone, Copy, Default)]
pub struct StageCamera;

/// One `Rgba32Uint` texel a building, in rows of 2,048, with a revision a row.
#[derive(Default)]
pub struct BuildingTexels {
    texels: Vec<[u32; 4]>,
    row_revisions: Vec<u64>,
    revision: u64,
}

impl BuildingTexels {
    /// Replaces all of it.
    pub fn replace(&mut self, texels: Vec<[u32; 4]>) {
        self.revision += 1;
        self.row_revisions = vec![self.revision; texels.len().div_ceil(TEXELS_A_ROW)];
        self.texels = texels;
    }

    /// Changes one building's texel; unknown rows and equal texels change nothing.
    pub fn set(&mut self, row: u32, texel: [u32; 4]) {
        let Some(held) = self.texels.get_mut(row as usize) else { return };
        if *held == texel {
            return;
        }
        *held = texel;
        self.revision += 1;
        if let Some(row_revision) = self.row_revisions.get_mut(row as usize / TEXELS_A_ROW) {
            *row_revision = self.revision;
        }
    }

    /// Changes many at once: `change` gets each row and its texel, and tells the new one where it differs.
    pub fn edit(&mut self, mut change: impl FnMut(u32, [u32; 4]) -> Option<[u32; 4]>) {
        let revision = self.revision + 1;
        let rows = self.texels.chunks_mut(TEXELS_A_ROW).zip(&mut self.row_revisions);
        for (index, (texels, row_revision)) in rows.enumerate() {
            for (row, texel) in ((index * TEXELS_A_ROW) as u32..).zip(texels) {
                if let Some(new) = change(row, *texel)
                    && new != *texel
                {
                    *texel = new;
                    *row_revision = revision;
                    self.revision = revision;
                }
            }
        }
    }

    /// The texel of a building.
    pub fn get(&self, row: u32) -> Option<[u32; 4]> {
        self.texels.get(row as usize).copied()
    }

    /// How many buildings there are.
    pub fn len(&self) -> usize {
        self.texels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texels.is_empty()
    }

    /// The newest revision of any row.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Runs of rows of the texture that changed after a revision: the first row of each, and all its texels.
    pub(super) fn runs_after(&self, revision: u64) -> impl Iterator<Item = (u32, &[[u32; 4]])> {
        let is_new = move |held: &u64| *held > revision;
        let mut next = 0;
        std::iter::from_fn(move || {
            let first = next + self.row_revisions.get(next..)?.iter().position(is_new)?;
            let rows = self.row_revisions.get(first..)?.iter().take_while(|held| is_new(held)).count();
            next = first + rows;
            let end = (next * TEXELS_A_ROW).min(self.texels.len());
            Some((first as u32, self.texels.get(first * TEXELS_A_ROW..end)?))
        })
    }
}

/// A vertex of what tints the ground: east and south, height, colour.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct FlatVertex {
    /// East, south, metres.
    pub place: [f32; 2],
    /// Above the plain, metres.
    pub up: f32,
    /// Linear colour, and how much of it.
    pub tint: [u8; 4],
}

/// Flat triangles in painting order.
#[derive(Default, Clone)]
pub struct FlatVertices {
    /// The vertices.
    pub vertices: Vec<FlatVertex>,
    /// Three a triangle.
    pub indices: Vec<u32>,
}

/// A glyph: four texels of the record texture.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct Sprite {
    /// World place, metres: east, up, south.
    pub anchor: [f32; 3],
    /// Bit 0: turned, clockwise by the share of a full turn in bits 16 to 31.
    turn: u32,
    /// sRGB and alpha.
    pub color: [u8; 4],
    /// Its halo: sRGB and alpha.
    pub back: [u8; 4],
    offset: [i16; 2],
    extent: [i16; 2],
    uv_min: [u16; 2],
    uv_max: [u16; 2],
    reserved: [u32; 6],
}

impl Sprite {
    /// A sprite at a place: half extents in pixels.
    pub fn new(anchor: Vec3, extent: Vec2, color: [u8; 4]) -> Self {
        Self {
            anchor: anchor.to_array(),
            turn: 0,
            color,
            back: [0; 4],
            offset: [0; 2],
            extent: [eighths(extent.x), eighths(extent.y)],
            uv_min: [0; 2],
            uv_max: [0; 2],
            reserved: [0; 6],
        }
    }

    /// With a second colour: its halo.
    pub fn back(mut self, back: [u8; 4]) -> Self {
        self.back = back;
        self
    }

    /// Moved on screen, in pixels: right, up.
    pub fn offset(mut self, offset: Vec2) -> Self {
        self.offset = [eighths(offset.x), eighths(offset.y)];
        self
    }

    /// A glyph turned clockwise on screen, radians: it stays where it is instead of snapping to whole pixels.
    pub fn turned(mut self, radians: f32) -> Self {
        let turn = (radians / std::f32::consts::TAU).rem_euclid(1.0);
        self.turn = 1 | ((turn * 65_536.0) as u32 & 0xFFFF) << 16;
        self
    }

    /// Where it is on screen from its anchor (right, up) and how far it reaches from there, pixels.
    pub(crate) fn on_screen(&self) -> (Vec2, Vec2) {
        let pixels = |[x, y]: [i16; 2]| Vec2::new(f32::from(x), f32::from(y)) / 8.0;
        (pixels(self.offset), pixels(self.extent))
    }

    /// With a piece of the glyph atlas, in texels.
    pub fn uv(mut self, min: [u16; 2], max: [u16; 2]) -> Self {
        self.uv_min = min;
        self.uv_max = max;
        self
    }
}

fn eighths(pixels: f32) -> i16 {
    (pixels * 8.0).clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

/// The glyph atlas: one byte a texel, a distance field.
#[derive(Default, Clone)]
pub struct GlyphPixels {
    /// Width and height in texels.
    pub size: UVec2,
    /// Row by row.
    pub texels: Arc<Vec<u8>>,
    /// Grows with every change.
    pub revision: u64,
}

/// Which building is under the cursor and which is chosen.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Row of the hovered building.
    pub hovered: Option<u32>,
    /// Row of the selected building.
    pub selected: Option<u32>,
    /// Whether everything else is dimmed.
    pub dim_others: bool,
    /// Whether the selected one is not drawn, because its storeys are drawn apart.
    pub is_apart: bool,
}

/// The sun's shadow maps.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Hash)]
pub struct Shadows {
    /// How many, from near to far, at most four; 0 is none.
    pub maps: u32,
    /// Texels a side.
    pub texels: u32,
    /// Softer edges, at nine taps instead of four.
    pub soft: bool,
}

/// What is drawn at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Buildings.
    pub buildings: bool,
    /// Roads, water, green, squares.
    pub ground: bool,
    /// Tinted areas.
    pub areas: bool,
    /// The sun's shadows.
    pub shadows: Shadows,
    /// Ambient occlusion and contact shadows, where the target is wide enough for them.
    pub occlusion: bool,
    /// Facades near the camera; without them everything is a block.
    pub facades: bool,
    /// Water that moves.
    pub waves: bool,
    /// No tree is drawn farther away than this, metres.
    pub trees_m: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            buildings: true,
            ground: true,
            areas: true,
            shadows: Shadows::default(),
            occlusion: false,
            facades: true,
            waves: false,
            trees_m: 0,
        }
    }
}

/// What the stage shows.
#[derive(Resource, Default)]
pub struct Scene {
    /// The city's tiles, packed.
    pub city: Option<Arc<CityMesh>>,
    /// Grows when the city changes.
    pub city_revision: u64,
    /// What each building looks like now (`fade`): old colour, new colour, start of the fade in milliseconds, flags.
    pub states: BuildingTexels,
    /// What each building is: base and height in decimetres, levels and use.
    pub facts: BuildingTexels,
    /// Squares, green, water, roads, in painting order.
    pub ground: Arc<GroundVertices>,
    /// Grows when the ground changes.
    pub ground_revision: u64,
    /// How open the sky is between the buildings.
    pub openness: Arc<Openness>,
    /// Grows when that changes.
    pub openness_revision: u64,
    /// How far within the chosen area the ground lies.
    pub within: Arc<Within>,
    /// Grows when that changes.
    pub within_revision: u64,
    /// How much what lies outside of it is set back, 0 to 1.
    pub set_back: f32,
    /// Translucent areas and outlines.
    pub tints: Arc<FlatVertices>,
    /// Grows when the tints change.
    pub tints_revision: u64,
    /// What a colouring paints on the ground, translucent, under areas.
    pub veil: Arc<FlatVertices>,
    /// Grows when the veil changes.
    pub veil_revision: u64,
    /// Sprites in painting order.
    pub sprites: Vec<Sprite>,
    /// So many of them, from the first, are names: nothing hides them.
    pub names: usize,
    /// Grows when a sprite changes.
    pub sprites_revision: u64,
    /// The glyph atlas.
    pub glyphs: GlyphPixels,
    /// The light.
    pub light: Light,
    /// The colours.
    pub palette: Palette,
    /// Hover and selection.
    pub marks: Marks,
    /// What is drawn.
    pub switches: Switches,
    /// Milliseconds since the start, for fades and waves; wraps after 49.7 days.
    pub clock_ms: u32,
    /// Pixels per point, for sprites.
    pub pixels_per_point: f32,
}

/// How often parts of the scene have changed: whoever compares two of them knows what moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SceneRevisions {
    /// The buildings themselves.
    pub city: u64,
    /// What they look like.
    pub states: u64,
    /// Names and markers.
    pub sprites: u64,
}

impl Scene {
    /// How often parts of it have changed.
    pub fn revisions(&self) -> SceneRevisions {
        SceneRevisions {
            city: self.city_revision,
            states: self.states.revision(),
            sprites: self.sprites_revision,
        }
    }
}

/// What the last frame took, shared by both worlds.
#[derive(Resource, Clone, Default)]
pub struct StageStats(Arc<StageCounters>);

#[derive(Default)]
struct StageCounters {
    triangles: AtomicU32,
    draws: AtomicU32,
    tiles: AtomicU32,
    gpu_bytes: AtomicU64,
    city_complete: AtomicU64,
    upload_us: AtomicU64,
    state_uploads: AtomicU64,
    state_bytes: AtomicU64,
}

impl StageStats {
    /// Triangles submitted in the last frame.
    pub fn triangles(&self) -> u32 {
        self.0.triangles.load(Ordering::Relaxed)
    }

    /// Draw calls of the last frame.
    pub fn draws(&self) -> u32 {
        self.0.draws.load(Ordering::Relaxed)
    }

    /// Tiles drawn in the last frame.
    pub fn tiles(&self) -> u32 {
        self.0.tiles.load(Ordering::Relaxed)
    }

    /// Bytes of GPU memory that the city takes.
    pub fn gpu_bytes(&self) -> u64 {
        self.0.gpu_bytes.load(Ordering::Relaxed)
    }

    /// The newest revision of the city that has been drawn whole.
    pub fn drawn_city_revision(&self) -> u64 {
        self.0.city_complete.load(Ordering::Relaxed)
    }

    /// Milliseconds that copying the city to the device took.
    pub fn upload_ms(&self) -> f64 {
        self.0.upload_us.load(Ordering::Relaxed) as f64 / 1e3
    }

    /// How often buildings were coloured anew since the start, and how many bytes went to the device for it.
    pub fn state_uploads(&self) -> (u64, u64) {
        (self.0.state_uploads.load(Ordering::Relaxed), self.0.state_bytes.load(Ordering::Relaxed))
    }

    pub(super) fn record_state_upload(&self, bytes: u64) {
        self.0.state_uploads.fetch_add(1, Ordering::Relaxed);
        self.0.state_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn record_upload(&self, time: std::time::Duration) {
        self.0.upload_us.store(time.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn record_frame(&self, triangles: u32, draws: u32, tiles: u32, city_revision: u64) {
        self.0.triangles.store(triangles, Ordering::Relaxed);
        self.0.draws.store(draws, Ordering::Relaxed);
        self.0.tiles.store(tiles, Ordering::Relaxed);
        self.0.city_complete.store(city_revision, Ordering::Relaxed);
    }

    pub(super) fn record_gpu_bytes(&self, bytes: u64) {
        self.0.gpu_bytes.store(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_texel_marks_its_row_alone() {
        let mut texels = BuildingTexels::default();
        texels.replace(vec![[0; 4]; 5000]);
        let seen = texels.revision();
        texels.set(2048, [1, 2, 3, 4]);
        texels.set(9999, [1, 2, 3, 4]);
        let runs: Vec<(u32, usize)> =
            texels.runs_after(seen).map(|(row, texels)| (row, texels.len())).collect();
        assert_eq!(runs, [(1, 2048)]);
        assert_eq!(texels.get(2048), Some([1, 2, 3, 4]));
        let again = texels.revision();
        texels.set(2048, [1, 2, 3, 4]);
        assert_eq!(texels.revision(), again, "an equal texel is no change");
    }

    #[test]
    fn recolouring_a_city_is_one_run_of_16_bytes_a_building() {
        let mut texels = BuildingTexels::default();
        texels.replace(vec![[0; 4]; 100_000]);
        let seen = texels.revision();
        texels.edit(|row, [_, new, _, flags]| Some([new, row + 1, 77, flags]));
        let runs: Vec<(u32, usize)> =
            texels.runs_after(seen).map(|(row, texels)| (row, size_of_val(texels))).collect();
        assert_eq!(runs, [(0, 1_600_000)], "one upload");
        let seen = texels.revision();
        texels.edit(|row, texel| (row == 3 || row == 2047 || row == 5000).then(|| [texel[0], 9, 99, 0]));
        let runs: Vec<(u32, usize)> =
            texels.runs_after(seen).map(|(row, texels)| (row, texels.len())).collect();
        assert_eq!(runs, [(0, 2048), (2, 2048)], "rows 0 and 2 alone");
        let seen = texels.revision();
        texels.edit(|_, texel| Some(texel));
        assert_eq!(texels.revision(), seen, "equal texels are no change");
    }

    #[test]
    fn a_sprite_is_four_texels() {
        assert_eq!(size_of::<Sprite>(), 64);
        assert_eq!(size_of::<FlatVertex>(), 16);
    }
}
