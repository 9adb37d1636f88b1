//! The base map on the stage: squares of ground, each with a raster tile or a part of one, none over another.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::renderer::RenderQueue;
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};

use super::buffers;
use super::gpu::{self, Gpu};
use super::pipelines::{self, Recipe, TargetKey};
use crate::feed::Levels;
use crate::geo::MapTile;
use crate::viewer::unseen::forget;

/// Comes after `flat.wgsl`: the map is lit like the ground.
const SHADER: &str = include_str!("../../../assets/shaders/tile.wgsl");
/// The most bytes of textures; what is not in view goes first, the longest unseen of it.
const MOST_TEXTURE_BYTES: usize = 48 << 20;

/// A corner of a square of ground: 24 bytes.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct TileVertex {
    /// East, up, south, metres.
    pub point: [f32; 3],
    /// Where in the square, from 0 to 1 from the west and the north.
    pub uv: [f32; 2],
    /// East and south of the way straight up, from -1 in -127 to 1 in 127; nothing.
    pub lean: [i8; 4],
}

/// A square of ground to be drawn.
#[derive(Clone)]
pub struct TileDraw {
    /// Which.
    pub square: MapTile,
    /// The tile whose picture covers it: the same, or one that it lies in.
    pub tile: MapTile,
    /// Another for each picture of the tile.
    pub version: u64,
    /// The picture.
    pub levels: Levels,
    /// The square's triangles, three corners each.
    pub corners: Arc<[TileVertex]>,
}

/// The base map that the stage shows.
#[derive(Resource, Default)]
pub struct StageTiles {
    /// The squares.
    pub tiles: Vec<TileDraw>,
    /// Opacity, brightness, saturation, 0 to 1.
    pub look: [f32; 3],
    /// Whether it lies over our own ground instead of below it.
    pub covers_ground: bool,
    /// Grows when any of it changes.
    pub revision: u64,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<StageTiles>();
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app
        .init_resource::<PendingTiles>()
        .init_resource::<GpuTiles>()
        .add_systems(RenderStartup, create.after(gpu::create))
        .add_systems(ExtractSchedule, extract)
        .add_systems(
            Render,
            upload
                .in_set(RenderSystems::PrepareResources)
                .after(super::upload::upload)
                .before(super::frame::write),
        );
}

/// What the main world handed over.
#[derive(Resource, Default)]
struct PendingTiles {
    tiles: Option<Vec<TileDraw>>,
    look: [f32; 3],
    covers_ground: bool,
    seen: u64,
}

/// What is on the device.
#[derive(Resource, Default)]
pub(super) struct GpuTiles {
    kit: Option<Kit>,
    textures: BTreeMap<MapTile, Texture>,
    vertices: Option<wgpu::Buffer>,
    draws: Vec<(MapTile, std::ops::Range<u32>)>,
    by_target: HashMap<TargetKey, wgpu::RenderPipeline>,
    covers_ground: bool,
    clock: u64,
}

struct Texture {
    group: wgpu::BindGroup,
    bytes: usize,
    version: u64,
    used: u64,
}

/// Made when the first tile comes, so that nobody pays for a map that is not there.
struct Kit {
    shader: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    look: wgpu::Buffer,
    sampler: wgpu::Sampler,
}

impl Kit {
    fn new(gpu: &Gpu) -> Self {
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty,
            count: None,
        };
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("tiles"),
            entries: &[
                entry(
                    0,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                ),
                entry(1, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering)),
                entry(2, buffers::UNIFORM),
            ],
        });
        Self {
            shader: gpu::module(&gpu.device, "tiles", &format!("{}\n{SHADER}", gpu::flat_source())),
            layout,
            look: buffers::empty(&gpu.device, "look of tiles", 16, wgpu::BufferUsages::UNIFORM),
            sampler: gpu.device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("tiles"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                mipmap_filter: wgpu::MipmapFilterMode::Linear,
                ..Default::default()
            }),
        }
    }

    fn texture(&self, gpu: &Gpu, queue: &wgpu::Queue, draw: &TileDraw, used: u64) -> Texture {
        let side = draw.levels.first().map_or(1, |level| level.width);
        let size = |side| wgpu::Extent3d { width: side, height: side, depth_or_array_layers: 1 };
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("tile"),
            size: size(side),
            mip_level_count: (draw.levels.len() as u32).clamp(1, side.ilog2() + 1),
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8UnormSrgb,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let mut bytes = 0;
        for (mip_level, level) in (0..texture.mip_level_count()).zip(draw.levels.iter()) {
            bytes += level.rgba.len();
            queue.write_texture(
                wgpu::TexelCopyTextureInfo { mip_level, ..texture.as_image_copy() },
                &level.rgba,
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(4 * level.width),
                    rows_per_image: None,
                },
                size(level.width),
            );
        }
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("tile"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view) },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&self.sampler) },
                wgpu::BindGroupEntry { binding: 2, resource: self.look.as_entire_binding() },
            ],
        });
        Texture { group, bytes, version: draw.version, used }
    }
}

/// A new device holds nothing: everything is made and handed over again.
fn create(mut tiles: ResMut<GpuTiles>, mut pending: ResMut<PendingTiles>) {
    *tiles = GpuTiles::default();
    *pending = PendingTiles::default();
}

fn extract(tiles: Extract<Res<StageTiles>>, mut pending: ResMut<PendingTiles>) {
    if tiles.revision > pending.seen {
        pending.seen = tiles.revision;
        pending.tiles = Some(tiles.tiles.clone());
        pending.look = tiles.look;
        pending.covers_ground = tiles.covers_ground;
    }
}

fn upload(
    gpu: Option<Res<Gpu>>,
    queue: Res<RenderQueue>,
    mut pending: ResMut<PendingTiles>,
    mut tiles: ResMut<GpuTiles>,
) {
    let Some(gpu) = gpu else { return };
    let Some(wanted) = pending.tiles.take() else { return };
    let GpuTiles { kit, textures, vertices, draws, covers_ground, clock, .. } = &mut *tiles;
    let kit = kit.get_or_insert_with(|| Kit::new(&gpu));
    *clock += 1;
    *covers_ground = pending.covers_ground;
    draws.clear();
    let [opacity, brightness, saturation] = pending.look;
    queue.write_buffer(&kit.look, 0, bytemuck::bytes_of(&[opacity, brightness, saturation, 0.0_f32]));
    let mut corners: Vec<TileVertex> = Vec::new();
    for draw in &wanted {
        let held = textures.entry(draw.tile).or_insert_with(|| kit.texture(&gpu, &queue, draw, *clock));
        if held.version != draw.version {
            *held = kit.texture(&gpu, &queue, draw, *clock);
        }
        held.used = *clock;
        let first = corners.len() as u32;
        let [u, v, side] = draw.square.part_of(draw.tile);
        let in_picture = |corner: &TileVertex| TileVertex {
            uv: [u + corner.uv[0] * side, v + corner.uv[1] * side],
            ..*corner
        };
        corners.extend(draw.corners.iter().map(in_picture));
        draws.push((draw.tile, first..corners.len() as u32));
    }
    let bytes: &[u8] = bytemuck::cast_slice(&corners);
    let held = vertices.get_or_insert_with(|| {
        buffers::empty(&gpu.device, "tile corners", 4_096, wgpu::BufferUsages::VERTEX)
    });
    buffers::refill(&gpu.device, &queue, "tile corners", bytes, held);
    forget(textures, MOST_TEXTURE_BYTES, *clock, |held| held.bytes, |held| held.used);
}

const VERTEX: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x2, 2 => Snorm8x4];
/// Over the ground by its opacity. What the target's alpha says (see `written` in frame.wgsl) stays that of the ground.
const BLEND: wgpu::BlendState = wgpu::BlendState {
    color: wgpu::BlendState::ALPHA_BLENDING.color,
    alpha: wgpu::BlendComponent {
        src_factor: wgpu::BlendFactor::Zero,
        dst_factor: wgpu::BlendFactor::One,
        operation: wgpu::BlendOperation::Add,
    },
};

impl GpuTiles {
    /// Makes the pipeline of a target, where there is something to draw.
    pub(super) fn prepare(&mut self, gpu: &Gpu, key: TargetKey) {
        let Some(kit) = self.kit.as_ref().filter(|_| !self.draws.is_empty()) else { return };
        if self.by_target.contains_key(&key) {
            return;
        }
        let pipeline = pipelines::pipeline(
            gpu,
            key,
            &Recipe {
                label: "tiles",
                module: &kit.shader,
                layouts: &[Some(&gpu.frame_layout), Some(&gpu.openness_layout), Some(&kit.layout)],
                vertex: "vertex_tile",
                fragment: "fragment_tile",
                buffers: &[wgpu::VertexBufferLayout {
                    array_stride: size_of::<TileVertex>() as u64,
                    step_mode: wgpu::VertexStepMode::Vertex,
                    attributes: &VERTEX,
                }],
                cull: false,
                depth_write: false,
                depth_compare: wgpu::CompareFunction::GreaterEqual,
                blend: Some(BLEND),
            },
        );
        self.by_target.insert(key, pipeline);
    }

    /// Draws the map, if this is the moment: between the relief and what is painted on it, or after that.
    /// Group 1 is the map of openness, as for all of the ground.
    pub(super) fn draw(&self, pass: &mut wgpu::RenderPass, key: TargetKey, is_after_ground: bool) {
        let (Some(pipeline), Some(vertices)) = (self.by_target.get(&key), &self.vertices) else { return };
        if self.draws.is_empty() || self.covers_ground != is_after_ground {
            return;
        }
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(0, vertices.slice(..));
        for (tile, corners) in &self.draws {
            if let Some(texture) = self.textures.get(tile) {
                pass.set_bind_group(2, &texture.group, &[]);
                pass.draw(corners.clone(), 0..1);
            }
        }
    }
}
