//! From the scene to the device: only what changed, and all of it after a lost device.

use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::Extract;
use bevy::render::renderer::RenderQueue;

use super::buffers;
use super::cascades::Bounds;
use super::frame::{Light, Palette};
use super::gpu::Gpu;
use super::land::{self, GpuGround, GroundVertices};
use super::scene::{FlatVertices, GlyphPixels, Marks, Scene, Sprite, StageStats, Switches, TEXELS_A_ROW};
use super::shadows::ShadowMaps;
use super::within;
use crate::mesh::{CityMesh, Level, Openness, Within};

/// Vertex and index bytes go into pages of this size at most, within every device's largest buffer.
const PAGE_BYTES: usize = 64 << 20;

/// What the main world handed over for this frame.
#[derive(Resource, Default)]
pub(super) struct Pending {
    pub(super) light: Light,
    pub(super) palette: Palette,
    pub(super) marks: Marks,
    pub(super) switches: Switches,
    pub(super) clock_ms: u32,
    pub(super) set_back: f32,
    pub(super) pixels_per_point: f32,
    city: Option<(u64, Option<Arc<CityMesh>>)>,
    states: Rows,
    facts: Rows,
    ground: Option<Arc<GroundVertices>>,
    tints: Option<Arc<FlatVertices>>,
    veil: Option<Arc<FlatVertices>>,
    openness: Option<Arc<Openness>>,
    within: Option<Arc<Within>>,
    sprites: Option<(usize, Vec<Sprite>)>,
    glyphs: Option<GlyphPixels>,
    seen: Seen,
}

/// Revisions that have been handed over.
#[derive(Default, Clone, Copy)]
struct Seen {
    city: u64,
    states: u64,
    facts: u64,
    ground: u64,
    tints: u64,
    veil: u64,
    openness: u64,
    within: u64,
    sprites: u64,
    glyphs: u64,
}

/// Changed rows of a texel texture, in runs.
#[derive(Default)]
struct Rows {
    buildings: usize,
    changed: Vec<(u32, Vec<[u32; 4]>)>,
}

/// Copies what is newer than what was seen.
pub(super) fn extract(scene: Extract<Res<Scene>>, mut pending: ResMut<Pending>) {
    let pending = &mut *pending;
    pending.light = scene.light;
    pending.palette = scene.palette;
    pending.marks = scene.marks;
    pending.switches = scene.switches;
    pending.clock_ms = scene.clock_ms;
    pending.set_back = scene.set_back;
    pending.pixels_per_point = scene.pixels_per_point;
    let seen = &mut pending.seen;
    if scene.city_revision > seen.city {
        seen.city = scene.city_revision;
        pending.city = Some((scene.city_revision, scene.city.clone()));
    }
    for (texels, held, rows) in [
        (&scene.states, &mut seen.states, &mut pending.states),
        (&scene.facts, &mut seen.facts, &mut pending.facts),
    ] {
        if texels.revision() > *held {
            rows.buildings = texels.len();
            rows.changed.extend(texels.runs_after(*held).map(|(row, texels)| (row, texels.to_vec())));
            *held = texels.revision();
        }
    }
    if scene.ground_revision > seen.ground {
        seen.ground = scene.ground_revision;
        pending.ground = Some(scene.ground.clone());
    }
    if scene.tints_revision > seen.tints {
        seen.tints = scene.tints_revision;
        pending.tints = Some(scene.tints.clone());
    }
    if scene.veil_revision > seen.veil {
        seen.veil = scene.veil_revision;
        pending.veil = Some(scene.veil.clone());
    }
    if scene.openness_revision > seen.openness {
        seen.openness = scene.openness_revision;
        pending.openness = Some(scene.openness.clone());
    }
    if scene.within_revision > seen.within {
        seen.within = scene.within_revision;
        pending.within = Some(scene.within.clone());
    }
    if scene.sprites_revision > seen.sprites {
        seen.sprites = scene.sprites_revision;
        pending.sprites = Some((scene.names, scene.sprites.clone()));
    }
    if scene.glyphs.revision > seen.glyphs {
        seen.glyphs = scene.glyphs.revision;
        pending.glyphs = Some(scene.glyphs.clone());
    }
}

/// A new device holds nothing: hand everything over again.
pub(super) fn forget(mut commands: Commands, mut pending: ResMut<Pending>) {
    pending.seen = Seen::default();
    commands.remove_resource::<Uploaded>();
    commands.remove_resource::<ShadowMaps>();
}

/// A level of a tile on the device.
pub(super) struct GpuLevel {
    pub(super) vertex_page: usize,
    pub(super) vertex_offset: u64,
    pub(super) index_page: usize,
    pub(super) first_index: u32,
    pub(super) sector_ends: [u32; 9],
}

/// A tile on the device.
pub(super) struct GpuTile {
    pub(super) min: Vec3,
    pub(super) max: Vec3,
    pub(super) full: GpuLevel,
    pub(super) block: GpuLevel,
}

/// The city on the device.
pub(super) struct GpuCity {
    pub(super) revision: u64,
    /// Around all of it.
    pub(super) bounds: Bounds,
    pub(super) tiles: Vec<GpuTile>,
    pub(super) vertex_pages: Vec<wgpu::Buffer>,
    pub(super) index_pages: Vec<wgpu::Buffer>,
    /// One instance of 32 bytes a tile.
    pub(super) instances: wgpu::Buffer,
}

/// Flat triangles on the device.
pub(super) struct GpuFlat {
    pub(super) vertices: wgpu::Buffer,
    pub(super) indices: wgpu::Buffer,
    pub(super) count: u32,
}

/// Everything that is on the device.
#[derive(Resource)]
pub(super) struct Uploaded {
    pub(super) city: Option<GpuCity>,
    pub(super) city_group: wgpu::BindGroup,
    states: wgpu::Texture,
    facts: wgpu::Texture,
    pub(super) ground: Option<GpuGround>,
    pub(super) tints: Option<GpuFlat>,
    pub(super) veil: Option<GpuFlat>,
    pub(super) openness_group: wgpu::BindGroup,
    sprites: wgpu::Texture,
    pub(super) sprite_count: u32,
    pub(super) name_count: u32,
    glyphs: wgpu::Texture,
    pub(super) sprite_group: wgpu::BindGroup,
}

impl Uploaded {
    fn new(gpu: &Gpu, queue: &wgpu::Queue) -> Self {
        let states = record_texture(gpu, "states", 1);
        let facts = record_texture(gpu, "facts", 1);
        let sprites = record_texture(gpu, "sprites", 1);
        let glyphs = glyph_texture(gpu, UVec2::ONE);
        Self {
            city: None,
            city_group: city_group(gpu, &states, &facts),
            ground: None,
            tints: None,
            veil: None,
            openness_group: super::openness::upload(gpu, queue, &Openness::default()),
            sprite_count: 0,
            name_count: 0,
            sprite_group: sprite_group(gpu, &sprites, &glyphs),
            states,
            facts,
            sprites,
            glyphs,
        }
    }

    /// Bytes that the buildings take: pages, instances and both record textures.
    pub(super) fn city_bytes(&self) -> u64 {
        let Some(city) = &self.city else { return 0 };
        let pages: u64 = city.vertex_pages.iter().chain(&city.index_pages).map(wgpu::Buffer::size).sum();
        let texels = u64::from(self.states.height() + self.facts.height()) * TEXELS_A_ROW as u64 * 16;
        pages + city.instances.size() + texels
    }
}

/// Puts what was handed over onto the device.
pub(super) fn upload(
    mut commands: Commands,
    gpu: Option<ResMut<Gpu>>,
    queue: Res<RenderQueue>,
    mut pending: ResMut<Pending>,
    uploaded: Option<ResMut<Uploaded>>,
    stats: Res<StageStats>,
) {
    let Some(mut gpu) = gpu else { return };
    if let Some(map) = pending.within.take() {
        within::upload(&mut gpu, &queue, &map);
    }
    let Some(mut uploaded) = uploaded else {
        // The next frame fills it: resources made here are seen by the systems of the next frame at the latest.
        let mut fresh = Uploaded::new(&gpu, &queue);
        fill(&gpu, &queue, &mut pending, &mut fresh, &stats);
        commands.insert_resource(fresh);
        return;
    };
    fill(&gpu, &queue, &mut pending, &mut uploaded, &stats);
}

fn fill(gpu: &Gpu, queue: &wgpu::Queue, pending: &mut Pending, uploaded: &mut Uploaded, stats: &StageStats) {
    if let Some((revision, mesh)) = pending.city.take() {
        let start = std::time::Instant::now();
        uploaded.city = mesh.map(|mesh| upload_city(gpu, queue, &mesh, revision));
        stats.record_upload(start.elapsed());
    }
    let (states_grew, uploads) = upload_rows(gpu, queue, "states", &mut pending.states, &mut uploaded.states);
    for bytes in uploads {
        stats.record_state_upload(bytes);
    }
    let (facts_grew, _) = upload_rows(gpu, queue, "facts", &mut pending.facts, &mut uploaded.facts);
    if states_grew || facts_grew {
        uploaded.city_group = city_group(gpu, &uploaded.states, &uploaded.facts);
    }
    if let Some(flat) = pending.ground.take() {
        uploaded.ground = land::upload(gpu, queue, &flat, pending.seen.ground);
    }
    if let Some(flat) = pending.tints.take() {
        uploaded.tints = upload_flat(gpu, queue, &flat);
    }
    if let Some(flat) = pending.veil.take() {
        uploaded.veil = upload_flat(gpu, queue, &flat);
    }
    if let Some(map) = pending.openness.take() {
        uploaded.openness_group = super::openness::upload(gpu, queue, &map);
    }
    let mut regroup = false;
    if let Some((names, sprites)) = pending.sprites.take() {
        uploaded.name_count = names as u32;
        regroup |= upload_sprites(gpu, queue, &sprites, uploaded);
    }
    if let Some(glyphs) = pending.glyphs.take() {
        regroup |= put_glyphs(gpu, queue, &glyphs, &mut uploaded.glyphs);
    }
    if regroup {
        uploaded.sprite_group = sprite_group(gpu, &uploaded.sprites, &uploaded.glyphs);
    }
}

fn upload_city(gpu: &Gpu, queue: &wgpu::Queue, mesh: &CityMesh, revision: u64) -> GpuCity {
    let mut vertices = PageWriter::new(gpu, queue, "tile vertices", wgpu::BufferUsages::VERTEX);
    let mut indices = PageWriter::new(gpu, queue, "tile indices", wgpu::BufferUsages::INDEX);
    let levels = || mesh.tiles.iter().flat_map(|tile| [&tile.full, &tile.block]);
    vertices.reserve(levels().map(|level| level.vertices.len()));
    indices.reserve(levels().map(|level| level.indices.len() * 2));
    let mut put = |level: &Level| {
        let (vertex_page, vertex_offset) = vertices.push(&level.vertices);
        let (index_page, index_offset) = indices.push(bytemuck::cast_slice(&level.indices));
        GpuLevel {
            vertex_page,
            vertex_offset,
            index_page,
            first_index: (index_offset / 2) as u32,
            sector_ends: level.sector_ends,
        }
    };
    let mut instances = Vec::with_capacity(mesh.tiles.len() * 32);
    let tiles = mesh
        .tiles
        .iter()
        .map(|tile| {
            instances.extend_from_slice(bytemuck::bytes_of(&tile.min));
            instances.extend_from_slice(&tile.first_row.to_le_bytes());
            instances.extend_from_slice(bytemuck::bytes_of(&tile.step));
            instances.extend_from_slice(&[0; 4]);
            GpuTile {
                min: Vec3::from_array(tile.min),
                max: Vec3::from_array(tile.max),
                full: put(&tile.full),
                block: put(&tile.block),
            }
        })
        .collect::<Vec<_>>();
    let bounds = Bounds {
        min: tiles.iter().map(|tile| tile.min).fold(Vec3::INFINITY, Vec3::min),
        max: tiles.iter().map(|tile| tile.max).fold(Vec3::NEG_INFINITY, Vec3::max),
    };
    let instance_buffer =
        buffers::empty(&gpu.device, "tiles", instances.len().max(32), wgpu::BufferUsages::VERTEX);
    queue.write_buffer(&instance_buffer, 0, &instances);
    GpuCity {
        revision,
        bounds,
        tiles,
        vertex_pages: vertices.finish(),
        index_pages: indices.finish(),
        instances: instance_buffer,
    }
}

/// Lays pieces out over pages and copies them there.
///
/// Every copy passes through memory that the driver keeps for such copies; mapping whole pages would make it keep a
/// second city (seen on lavapipe: 58 MB of 585 bytes a building). So the copies are finished in small lots.
struct PageWriter<'a> {
    gpu: &'a Gpu,
    queue: &'a wgpu::Queue,
    label: &'static str,
    usage: wgpu::BufferUsages,
    sizes: Vec<usize>,
    pages: Vec<wgpu::Buffer>,
    filled: usize,
    unfinished: usize,
}

/// So many bytes are on their way at most, before the device is waited for.
const LOT_BYTES: usize = 4 << 20;

impl<'a> PageWriter<'a> {
    fn new(gpu: &'a Gpu, queue: &'a wgpu::Queue, label: &'static str, usage: wgpu::BufferUsages) -> Self {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        Self { gpu, queue, label, usage, sizes: Vec::new(), pages: Vec::new(), filled: 0, unfinished: 0 }
    }

    /// Lays the pieces out over pages of at most [`PAGE_BYTES`].
    fn reserve(&mut self, pieces: impl Iterator<Item = usize>) {
        for piece in pieces {
            let piece = piece.next_multiple_of(8);
            match self.sizes.last_mut() {
                Some(size) if *size + piece <= PAGE_BYTES => *size += piece,
                _ => self.sizes.push(piece),
            }
        }
    }

    fn open(&mut self) {
        let size = self.sizes.get(self.pages.len()).copied().unwrap_or(PAGE_BYTES).max(8);
        self.pages.push(self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(self.label),
            size: size as u64,
            usage: self.usage,
            mapped_at_creation: false,
        }));
        self.filled = 0;
    }

    fn push(&mut self, bytes: &[u8]) -> (usize, u64) {
        let padded = bytes.len().next_multiple_of(8);
        let room = self.pages.last().map_or(0, |page| page.size() as usize - self.filled);
        if self.pages.is_empty() || room < padded {
            self.open();
        }
        let offset = self.filled as u64;
        if let Some(page) = self.pages.last() {
            // Copies are whole words; the last one is filled up.
            let (words, rest) = bytes.split_at(bytes.len() / 4 * 4);
            if !words.is_empty() {
                self.queue.write_buffer(page, offset, words);
            }
            if !rest.is_empty() {
                let mut word = [0; 4];
                word[..rest.len()].copy_from_slice(rest);
                self.queue.write_buffer(page, offset + words.len() as u64, &word);
            }
        }
        self.filled += padded;
        self.unfinished += padded;
        if self.unfinished > LOT_BYTES {
            self.finish_lot();
        }
        (self.pages.len() - 1, offset)
    }

    fn finish_lot(&mut self) {
        self.unfinished = 0;
        self.queue.submit([]);
        if let Err(error) = self.gpu.device.poll(wgpu::PollType::wait_indefinitely()) {
            // The copies are on their way all the same.
            warn!("the device does not say when copies are finished: {error}");
        }
    }

    fn finish(mut self) -> Vec<wgpu::Buffer> {
        self.finish_lot();
        self.pages
    }
}

fn upload_flat(gpu: &Gpu, queue: &wgpu::Queue, flat: &FlatVertices) -> Option<GpuFlat> {
    if flat.indices.is_empty() {
        return None;
    }
    let buffer = |label, bytes: &[u8], usage| buffers::filled(&gpu.device, queue, label, bytes, usage);
    Some(GpuFlat {
        vertices: buffer("flat vertices", bytemuck::cast_slice(&flat.vertices), wgpu::BufferUsages::VERTEX),
        indices: buffer("flat indices", bytemuck::cast_slice(&flat.indices), wgpu::BufferUsages::INDEX),
        count: flat.indices.len() as u32,
    })
}

/// Writes changed rows; makes a larger texture where there are more buildings than it holds. Tells whether it did, and
/// the bytes of each run.
fn upload_rows(
    gpu: &Gpu,
    queue: &wgpu::Queue,
    label: &str,
    rows: &mut Rows,
    texture: &mut wgpu::Texture,
) -> (bool, Vec<u64>) {
    let height = (rows.buildings.div_ceil(TEXELS_A_ROW) as u32).max(1);
    // All rows are handed over whenever the number of buildings changes, so nothing of the old texture is needed.
    let grow = !rows.changed.is_empty() && texture.height() != height;
    if grow {
        *texture = record_texture(gpu, label, height);
    }
    let mut uploads = Vec::new();
    for (row, texels) in rows.changed.drain(..) {
        if row < texture.height() {
            write_texels(queue, texture, row, &texels);
            uploads.push(size_of_val(texels.as_slice()) as u64);
        }
    }
    (grow, uploads)
}

fn upload_sprites(gpu: &Gpu, queue: &wgpu::Queue, sprites: &[Sprite], uploaded: &mut Uploaded) -> bool {
    let texels: &[[u32; 4]] = bytemuck::cast_slice(sprites);
    let height = (texels.len().div_ceil(TEXELS_A_ROW) as u32).max(1);
    let grow = height > uploaded.sprites.height();
    if grow {
        uploaded.sprites = record_texture(gpu, "sprites", height.next_power_of_two());
    }
    uploaded.sprite_count = sprites.len() as u32;
    write_texels(queue, &uploaded.sprites, 0, texels);
    grow
}

/// Texels from the beginning of a row on: whole rows in one piece, then what is left of the last.
fn write_texels(queue: &wgpu::Queue, texture: &wgpu::Texture, first_row: u32, texels: &[[u32; 4]]) {
    let (whole, rest) = texels.split_at(texels.len() / TEXELS_A_ROW * TEXELS_A_ROW);
    let whole_rows = (whole.len() / TEXELS_A_ROW) as u32;
    let width = TEXELS_A_ROW as u32;
    if whole_rows > 0 {
        write_rows(queue, texture, first_row, width, whole_rows, 16 * width, bytemuck::cast_slice(whole));
    }
    if !rest.is_empty() {
        let (row, length) = (first_row + whole_rows, rest.len() as u32);
        write_rows(queue, texture, row, length, 1, 16 * length, bytemuck::cast_slice(rest));
    }
}

pub(super) fn write_rows(
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    first_row: u32,
    width: u32,
    height: u32,
    bytes_a_row: u32,
    bytes: &[u8],
) {
    queue.write_texture(
        wgpu::TexelCopyTextureInfo {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d { x: 0, y: first_row, z: 0 },
            aspect: wgpu::TextureAspect::All,
        },
        bytes,
        wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(bytes_a_row), rows_per_image: None },
        wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
    );
}

pub(super) fn texture(gpu: &Gpu, label: &str, size: UVec2, format: wgpu::TextureFormat) -> wgpu::Texture {
    gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    })
}

fn record_texture(gpu: &Gpu, label: &str, rows: u32) -> wgpu::Texture {
    texture(gpu, label, UVec2::new(TEXELS_A_ROW as u32, rows), wgpu::TextureFormat::Rgba32Uint)
}

/// Writes an atlas, into another texture where its size is another. True if it is.
pub(super) fn put_glyphs(
    gpu: &Gpu,
    queue: &wgpu::Queue,
    glyphs: &GlyphPixels,
    held: &mut wgpu::Texture,
) -> bool {
    let is_other = (held.width(), held.height()) != (glyphs.size.x, glyphs.size.y);
    if is_other {
        *held = glyph_texture(gpu, glyphs.size);
    }
    write_rows(queue, held, 0, glyphs.size.x, glyphs.size.y, glyphs.size.x, &glyphs.texels);
    is_other
}

pub(super) fn glyph_texture(gpu: &Gpu, size: UVec2) -> wgpu::Texture {
    texture(gpu, "glyphs", size, wgpu::TextureFormat::R8Unorm)
}

fn city_group(gpu: &Gpu, states: &wgpu::Texture, facts: &wgpu::Texture) -> wgpu::BindGroup {
    let states = states.create_view(&wgpu::TextureViewDescriptor::default());
    let facts = facts.create_view(&wgpu::TextureViewDescriptor::default());
    gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("city"),
        layout: &gpu.city_layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&states) },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(&facts) },
        ],
    })
}

fn sprite_group(gpu: &Gpu, sprites: &wgpu::Texture, glyphs: &wgpu::Texture) -> wgpu::BindGroup {
    let sprites = sprites.create_view(&wgpu::TextureViewDescriptor::default());
    let glyphs = glyphs.create_view(&wgpu::TextureViewDescriptor::default());
    gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("sprites"),
        layout: &gpu.sprite_layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&sprites) },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(&glyphs) },
            wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::Sampler(&gpu.sampler) },
        ],
    })
}
