//! The pipelines, made when a target's format and sample count are first met.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::view::ExtractedView;

use super::gpu::Gpu;
use super::upload::Pending;

/// What the engine's 3D depth texture is.
pub(super) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// What pipelines depend on: the target's format and samples, what the preset turns on, and what the moment does.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TargetKey {
    pub(super) format: wgpu::TextureFormat,
    pub(super) samples: u32,
    pub(super) shadows: bool,
    pub(super) soft_shadows: bool,
    /// Windows and lamps are lit.
    dark: bool,
    /// What lies outside of the chosen area is set back.
    area_chosen: bool,
}

impl TargetKey {
    /// Of a view.
    pub(super) fn new(view: &ExtractedView, msaa: Msaa, pending: &Pending) -> Self {
        Self {
            format: view.target_format,
            samples: msaa.samples(),
            shadows: pending.switches.shadows.maps > 0,
            soft_shadows: pending.switches.shadows.soft,
            dark: pending.light.darkness > 0.0,
            area_chosen: pending.set_back > 0.0,
        }
    }

    /// The same for what lies over the city, which no moment changes.
    pub(super) fn over(self) -> Self {
        Self { dark: true, area_chosen: false, ..self }
    }

    /// Whether the target holds light as it is, for `finish` to tone; else it holds what the screen shows.
    pub(super) fn is_filmic(self) -> bool {
        self.format == wgpu::TextureFormat::Rgba16Float
    }

    /// The `override` constants of `frame.wgsl`.
    fn constants(self) -> [(&'static str, f64); 5] {
        [
            ("shadows", f64::from(self.shadows)),
            ("soft_shadows", f64::from(self.soft_shadows)),
            ("filmic", f64::from(self.is_filmic())),
            ("dark", f64::from(self.dark)),
            ("area_chosen", f64::from(self.area_chosen)),
        ]
    }
}

/// The pipelines of each target met so far.
#[derive(Resource, Default)]
pub(super) struct Pipelines {
    by_target: HashMap<TargetKey, TargetPipelines>,
}

/// The pipelines for one kind of target.
pub(super) struct TargetPipelines {
    pub(super) city_full: wgpu::RenderPipeline,
    pub(super) city_block: wgpu::RenderPipeline,
    pub(super) sky: wgpu::RenderPipeline,
    pub(super) plain: wgpu::RenderPipeline,
    pub(super) ground: super::land::GroundPipelines,
    pub(super) tints: wgpu::RenderPipeline,
    pub(super) names: wgpu::RenderPipeline,
    pub(super) sprites: wgpu::RenderPipeline,
    pub(super) sprites_hidden: wgpu::RenderPipeline,
}

impl Pipelines {
    /// Makes what is missing; the pipelines of a target can then be had by [`Self::get`].
    pub(super) fn prepare(&mut self, gpu: &Gpu, key: TargetKey) {
        self.by_target.entry(key).or_insert_with(|| TargetPipelines::new(gpu, key));
    }

    pub(super) fn get(&self, key: TargetKey) -> Option<&TargetPipelines> {
        self.by_target.get(&key)
    }
}

const TILE_VERTEX: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Uint16x4, 1 => Uint16x2];
const TILE_INSTANCE: [wgpu::VertexAttribute; 3] = [
    wgpu::VertexAttribute { format: wgpu::VertexFormat::Float32x3, offset: 0, shader_location: 2 },
    wgpu::VertexAttribute { format: wgpu::VertexFormat::Uint32, offset: 12, shader_location: 3 },
    wgpu::VertexAttribute { format: wgpu::VertexFormat::Float32x3, offset: 16, shader_location: 4 },
];
const FLAT_VERTEX: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32, 2 => Unorm8x4];

/// The buffers of a tile's vertices and of its instance.
pub(super) fn tile_buffers() -> [wgpu::VertexBufferLayout<'static>; 2] {
    [
        wgpu::VertexBufferLayout {
            array_stride: 12,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &TILE_VERTEX,
        },
        wgpu::VertexBufferLayout {
            array_stride: 32,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &TILE_INSTANCE,
        },
    ]
}

/// What differs between the pipelines of a target.
#[derive(Clone, Copy)]
pub(super) struct Recipe<'a> {
    pub(super) label: &'a str,
    pub(super) module: &'a wgpu::ShaderModule,
    pub(super) layouts: &'a [Option<&'a wgpu::BindGroupLayout>],
    pub(super) vertex: &'a str,
    pub(super) fragment: &'a str,
    pub(super) buffers: &'a [wgpu::VertexBufferLayout<'a>],
    pub(super) cull: bool,
    pub(super) depth_write: bool,
    pub(super) depth_compare: wgpu::CompareFunction,
    pub(super) blend: Option<wgpu::BlendState>,
}

pub(super) fn pipeline(gpu: &Gpu, key: TargetKey, recipe: &Recipe) -> wgpu::RenderPipeline {
    let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(recipe.label),
        bind_group_layouts: recipe.layouts,
        immediate_size: 0,
    });
    let constants = key.constants();
    let options = || wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() };
    gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(recipe.label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: recipe.module,
            entry_point: Some(recipe.vertex),
            compilation_options: options(),
            buffers: recipe.buffers,
        },
        primitive: wgpu::PrimitiveState {
            cull_mode: recipe.cull.then_some(wgpu::Face::Back),
            ..Default::default()
        },
        depth_stencil: Some(wgpu::DepthStencilState {
            format: DEPTH,
            depth_write_enabled: Some(recipe.depth_write),
            depth_compare: Some(recipe.depth_compare),
            stencil: wgpu::StencilState::default(),
            bias: wgpu::DepthBiasState::default(),
        }),
        multisample: wgpu::MultisampleState { count: key.samples, ..Default::default() },
        fragment: Some(wgpu::FragmentState {
            module: recipe.module,
            entry_point: Some(recipe.fragment),
            compilation_options: options(),
            targets: &[Some(wgpu::ColorTargetState {
                format: key.format,
                blend: recipe.blend,
                // Alpha is the share of skylight: what lies over a surface leaves it as it is.
                write_mask: recipe.blend.map_or(wgpu::ColorWrites::ALL, |_| wgpu::ColorWrites::COLOR),
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}

/// A pipeline for solid things that know the city's records: `vertex` and `fragment` of a shader.
pub(super) fn opaque(
    gpu: &Gpu,
    key: TargetKey,
    label: &str,
    module: &wgpu::ShaderModule,
    buffers: &[wgpu::VertexBufferLayout],
) -> wgpu::RenderPipeline {
    pipeline(
        gpu,
        key,
        &Recipe {
            label,
            module,
            layouts: &[Some(&gpu.frame_layout), Some(&gpu.city_layout)],
            vertex: "vertex",
            fragment: "fragment",
            buffers,
            cull: true,
            depth_write: true,
            depth_compare: wgpu::CompareFunction::GreaterEqual,
            blend: None,
        },
    )
}

impl TargetPipelines {
    fn new(gpu: &Gpu, key: TargetKey) -> Self {
        // The engine's depth is reversed: near is 1, far is 0.
        let visible = wgpu::CompareFunction::GreaterEqual;
        let frame = Some(&gpu.frame_layout);
        let tile_buffers = tile_buffers();
        let flat_buffers = [wgpu::VertexBufferLayout {
            array_stride: 16,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &FLAT_VERTEX,
        }];
        let city = Recipe {
            label: "city near",
            module: &gpu.shaders.city,
            layouts: &[frame, Some(&gpu.city_layout), Some(&gpu.openness_layout)],
            vertex: "vertex",
            fragment: "fragment_full",
            buffers: &tile_buffers,
            cull: true,
            depth_write: true,
            depth_compare: visible,
            blend: None,
        };
        let flat = Recipe {
            label: "ground",
            module: &gpu.shaders.flat,
            layouts: &[frame, Some(&gpu.openness_layout)],
            vertex: "vertex",
            fragment: "fragment",
            buffers: &flat_buffers,
            cull: false,
            depth_write: false,
            depth_compare: visible,
            blend: None,
        };
        let sprites = Recipe {
            label: "sprites",
            module: &gpu.shaders.sprite,
            layouts: &[frame, Some(&gpu.sprite_layout)],
            vertex: "vertex",
            fragment: "fragment",
            buffers: &[],
            cull: false,
            depth_write: false,
            depth_compare: visible,
            blend: Some(wgpu::BlendState::ALPHA_BLENDING),
        };
        Self {
            city_full: pipeline(gpu, key, &city),
            city_block: pipeline(gpu, key, &Recipe { label: "city far", fragment: "fragment_block", ..city }),
            sky: pipeline(gpu, key, &Recipe { label: "sky", module: &gpu.shaders.sky, buffers: &[], ..flat }),
            plain: pipeline(
                gpu,
                key,
                &Recipe { label: "plain", vertex: "vertex_ground", buffers: &[], ..flat },
            ),
            ground: super::land::GroundPipelines::new(gpu, key, &flat),
            tints: pipeline(
                gpu,
                key,
                &Recipe {
                    label: "tints",
                    vertex: "vertex_tint",
                    fragment: "fragment_tint",
                    blend: Some(wgpu::BlendState::ALPHA_BLENDING),
                    ..flat
                },
            ),
            names: pipeline(
                gpu,
                key,
                &Recipe { label: "names", depth_compare: wgpu::CompareFunction::Always, ..sprites },
            ),
            sprites: pipeline(gpu, key, &sprites),
            sprites_hidden: pipeline(
                gpu,
                key,
                &Recipe {
                    label: "sprites hidden",
                    fragment: "fragment_hidden",
                    depth_compare: wgpu::CompareFunction::Less,
                    ..sprites
                },
            ),
        }
    }
}
