//! The sun's shadow maps on the device: one layer a cascade, drawn again only where sun, square or city changed.
//!
//! `cascades` says where they lie, `shadow.wgsl` draws them, `shadow` in `frame.wgsl` reads them.

use bevy::prelude::*;
use bevy::render::renderer::{RenderContext, RenderQueue, ViewQuery};

use super::buffers;
use super::cascades::{self, Bounds, Lens, MOST, Slope, Square};
use super::cull::{self, Choice};
use super::draw::draw_tile;
use super::gpu::Gpu;
use super::land;
use super::models::{self, GpuModels};
use super::pipelines::tile_buffers;
use super::scene::{Shadows, StageCamera};
use super::trees;
use super::upload::{Pending, Uploaded};

/// Half of what 32 bits would take; heights over a hundred metres are still resolved to millimetres.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Depth16Unorm;
/// Dynamic offsets of uniforms are multiples of this on every device.
const STRIDE: usize = 256;
/// Maps coarser than so many metres a texel draw buildings as blocks.
const BLOCK_TEXEL_M: f32 = 1.2;
/// Maps coarser than this have no trees, which would be a few texels each.
const TREE_TEXEL_M: f32 = 1.6;
/// What stands on buildings (landmarks, trees on roofs) may rise above the highest of them by this share, and this much.
const ABOVE: (f32, f32) = (1.25, 20.0);
/// What lies below the lowest building is still in the maps, metres.
const BELOW_M: f32 = 10.0;

/// The maps of this frame as the shaders read them.
#[repr(C)]
#[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct ShadowUniform {
    /// By cascade: north-west corner, 1 / side, metres a texel; all zero where there is none.
    pub(super) squares: [[f32; 4]; MOST],
    /// Slope east and south, top in metres, 1 / metres from top to bottom.
    pub(super) sun: [f32; 4],
}

/// What a layer shows: where this is the same, it need not be drawn again.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Drawn {
    square: Square,
    slope: Slope,
    heights: [f32; 2],
    city_revision: u64,
    casters_revision: u64,
    ground_revision: u64,
    buildings: bool,
    ground: bool,
    trees: bool,
}

/// The maps, as long as the device lives.
#[derive(Resource)]
pub(super) struct ShadowMaps {
    shape: Shadows,
    layers: Vec<wgpu::TextureView>,
    drawn: [Option<Drawn>; MOST],
    wanted: [Option<Drawn>; MOST],
    buffer: wgpu::Buffer,
    group: wgpu::BindGroup,
    tiles: wgpu::RenderPipeline,
    models: wgpu::RenderPipeline,
    hill: wgpu::RenderPipeline,
    trees: wgpu::RenderPipeline,
}

/// Binding 0: the map that is drawn, `Map` of `shadow.wgsl`, by dynamic offset.
pub(super) fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("shadow map"),
        entries: &[wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::VERTEX,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: true,
                min_binding_size: std::num::NonZeroU64::new(32),
            },
            count: None,
        }],
    })
}

/// Layers of a depth texture, and all of them as an array for the shaders.
pub(super) fn texture(device: &wgpu::Device, shape: Shadows) -> (Vec<wgpu::TextureView>, wgpu::TextureView) {
    // Without shadows one texel is bound, and never read.
    let (side, count) = if shape.maps == 0 { (1, 1) } else { (shape.texels, shape.maps.min(MOST as u32)) };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("shadow maps"),
        // OpenGL knows an array by its having more than one layer.
        size: wgpu::Extent3d { width: side, height: side, depth_or_array_layers: count.max(2) },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    });
    let layer = |base_array_layer| {
        texture.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2),
            base_array_layer,
            array_layer_count: Some(1),
            ..Default::default()
        })
    };
    let all = texture.create_view(&wgpu::TextureViewDescriptor {
        dimension: Some(wgpu::TextureViewDimension::D2Array),
        ..Default::default()
    });
    ((0..count).map(layer).collect(), all)
}

impl ShadowMaps {
    fn new(gpu: &mut Gpu, shape: Shadows) -> Self {
        let layout = layout(&gpu.device);
        let buffer = buffers::empty(&gpu.device, "shadow maps", STRIDE * MOST, wgpu::BufferUsages::UNIFORM);
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("shadow map"),
            layout: &layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &buffer,
                    offset: 0,
                    size: std::num::NonZeroU64::new(32),
                }),
            }],
        });
        let solid = Caster { vertex: "vertex", buffers: &tile_buffers(), is_solid: true };
        let tiles = pipeline(gpu, &layout, solid);
        let models =
            pipeline(gpu, &layout, Caster { vertex: "vertex_model", buffers: &models::buffers(), ..solid });
        let hill = Caster { vertex: "vertex_hill", buffers: &land::shadow_buffers(), is_solid: false };
        let trees = Caster { vertex: "vertex_tree", buffers: &[trees::instance()], is_solid: false };
        let (hill, trees) = (pipeline(gpu, &layout, hill), pipeline(gpu, &layout, trees));
        let (layers, all) = texture(&gpu.device, shape);
        gpu.show_shadows(all);
        Self {
            shape,
            layers,
            drawn: [None; MOST],
            wanted: [None; MOST],
            buffer,
            group,
            tiles,
            models,
            hill,
            trees,
        }
    }
}

/// Makes the maps that the preset asks for, says where they lie in this frame, and what the shaders need to know.
pub(super) fn place(
    maps: &mut Option<ResMut<ShadowMaps>>,
    commands: &mut Commands,
    gpu: &mut Gpu,
    queue: &RenderQueue,
    uploaded: &Uploaded,
    pending: &Pending,
    lens: &Lens,
) -> ShadowUniform {
    let shape = pending.switches.shadows;
    let Some(maps) = maps else {
        if shape.maps > 0 {
            commands.insert_resource(ShadowMaps::new(gpu, shape));
        }
        return ShadowUniform::default();
    };
    if (maps.shape.maps, maps.shape.texels) != (shape.maps, shape.texels) {
        let (layers, all) = texture(&gpu.device, shape);
        gpu.show_shadows(all);
        maps.layers = layers;
        maps.drawn = [None; MOST];
    }
    maps.shape = shape;
    maps.wanted = [None; MOST];
    let Some(city) = uploaded.city.as_ref().filter(|_| shape.maps > 0 && pending.light.shadow > 0.0) else {
        return ShadowUniform::default();
    };
    let switches = pending.switches;
    let ground = uploaded.ground.as_ref().filter(|_| switches.ground);
    let with_trees = switches.trees_m > 0;
    let of_ground = ground.and_then(|ground| ground.casters(with_trees));
    let bounds = of_ground.map_or(city.bounds, |ground| ground.union(city.bounds));
    let top = bounds.max.y * ABOVE.0 + ABOVE.1;
    let bottom = bounds.min.y.min(0.0) - BELOW_M;
    let slope = Slope::of(pending.light.toward_sun);
    let squares = cascades::squares(lens, slope, bounds, shape.maps as usize);
    let sun = [slope.0.x, slope.0.y, top, 1.0 / (top - bottom)];
    let mut uniform = ShadowUniform { sun, ..default() };
    for (index, square) in squares.into_iter().take(maps.layers.len()).enumerate() {
        let texel_m = square.side / shape.texels.max(1) as f32;
        let row = [square.min.x, square.min.y, 1.0 / square.side, texel_m];
        if let (Some(slot), Some(wanted)) = (uniform.squares.get_mut(index), maps.wanted.get_mut(index)) {
            *slot = row;
            *wanted = Some(Drawn {
                square,
                slope,
                heights: [bottom, top],
                city_revision: city.revision,
                casters_revision: 0,
                ground_revision: ground.map_or(0, |ground| ground.revision),
                buildings: switches.buildings,
                ground: ground.is_some(),
                trees: with_trees && texel_m <= TREE_TEXEL_M,
            });
        }
        queue.write_buffer(&maps.buffer, (index * STRIDE) as u64, bytemuck::cast_slice(&[row, sun]));
    }
    uniform
}

/// Draws the maps that are not as they should be.
pub(super) fn draw(
    _view: ViewQuery<&StageCamera>,
    uploaded: Option<Res<Uploaded>>,
    maps: Option<ResMut<ShadowMaps>>,
    models: Res<GpuModels>,
    mut context: RenderContext,
) {
    let (Some(uploaded), Some(mut maps)) = (uploaded, maps) else { return };
    let maps = &mut *maps;
    let Some(city) = &uploaded.city else { return };
    let layers = maps.layers.iter().zip(maps.wanted).zip(&mut maps.drawn).enumerate();
    for (index, ((layer, wanted), drawn)) in layers {
        let wanted = wanted.map(|wanted| Drawn { casters_revision: models.revision(), ..wanted });
        let Some(wanted) = wanted.filter(|wanted| Some(*wanted) != *drawn) else { continue };
        *drawn = Some(wanted);
        let mut pass = context.command_encoder().begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("shadows"),
            color_attachments: &[],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: layer,
                depth_ops: Some(wgpu::Operations {
                    load: wgpu::LoadOp::Clear(1.0),
                    store: wgpu::StoreOp::Store,
                }),
                stencil_ops: None,
            }),
            ..Default::default()
        });
        pass.set_bind_group(0, &maps.group, &[(index * STRIDE) as u32]);
        let throws = |min, max| throws_into(min, max, wanted.slope, wanted.square);
        if let Some(ground) = uploaded.ground.as_ref().filter(|_| wanted.ground) {
            pass.set_pipeline(&maps.hill);
            ground.draw_shadow(&mut pass, throws);
            if let Some(trees) = ground.trees.as_ref().filter(|_| wanted.trees) {
                pass.set_pipeline(&maps.trees);
                trees.draw_shadow(&mut pass, throws);
            }
        }
        if !wanted.buildings {
            continue;
        }
        pass.set_pipeline(&maps.tiles);
        let full = wanted.square.side / maps.shape.texels.max(1) as f32 <= BLOCK_TEXEL_M;
        let choice = Choice { full, sectors: cull::sunny_sectors(wanted.slope.0), distance_m: 0.0 };
        for (tile_index, tile) in city.tiles.iter().enumerate() {
            if throws(tile.min, tile.max) {
                draw_tile(&mut pass, city, tile_index, tile, choice);
            }
        }
        models.draw_shadow(&mut pass, &maps.models, throws);
    }
}

/// Whether anything of a box is drawn within a square.
fn throws_into(min: Vec3, max: Vec3, slope: Slope, square: Square) -> bool {
    let (min, max) = slope.places(Bounds { min, max });
    min.cmple(square.min + square.side).all() && max.cmpge(square.min).all()
}

/// How something is drawn into the maps.
#[derive(Clone, Copy)]
struct Caster<'a> {
    vertex: &'a str,
    buffers: &'a [wgpu::VertexBufferLayout<'a>],
    /// Closed, so that what faces away from the sun need not be drawn.
    is_solid: bool,
}

fn pipeline(gpu: &Gpu, layout: &wgpu::BindGroupLayout, caster: Caster) -> wgpu::RenderPipeline {
    let Caster { vertex, buffers, is_solid } = caster;
    let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("shadows"),
        bind_group_layouts: &[Some(layout)],
        immediate_size: 0,
    });
    gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some("shadows"),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: &gpu.shaders.shadow,
            entry_point: Some(vertex),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            buffers,
        },
        primitive: wgpu::PrimitiveState {
            cull_mode: is_solid.then_some(wgpu::Face::Back),
            ..Default::default()
        },
        depth_stencil: Some(wgpu::DepthStencilState {
            format: FORMAT,
            depth_write_enabled: Some(true),
            depth_compare: Some(wgpu::CompareFunction::Less),
            stencil: wgpu::StencilState::default(),
            // Walls slope in the map: over the two and a half texels that a soft edge reaches they must not shade
            // themselves. Roofs and ground have no slope, and so no bias.
            bias: wgpu::DepthBiasState { constant: 1, slope_scale: 2.5, clamp: 0.0 },
        }),
        multisample: wgpu::MultisampleState::default(),
        fragment: None,
        multiview_mask: None,
        cache: None,
    })
}
