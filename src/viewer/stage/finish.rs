//! The end of the picture in `high`: occlusion from the depth of what was drawn, then tone mapping, then markers and
//! names in their own colours.
//!
//! The stage writes light as it is, and in the alpha of each pixel the share of it that comes from all of the sky;
//! `occlusion.wgsl` finds at half the size what of sky and sun a pixel sees, `finish.wgsl` takes it from those shares.
//! Both read the stage's depth, whether it has one sample a pixel or four; markers still test against it.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::renderer::{RenderAdapter, RenderContext, ViewQuery};
use bevy::render::view::{ExtractedView, ViewDepthTexture, ViewTarget};

use super::draw::draw_over;
use super::frame::FrameView;
use super::gpu::Gpu;
use super::pipelines::{DEPTH, Pipelines, TargetKey};
use super::scene::StageCamera;
use super::strokes::Strokes;
use super::upload::{Pending, Uploaded};

/// Shares of sky and sun, and metres: of each a cell.
const OCCLUSION: wgpu::TextureFormat = wgpu::TextureFormat::Rgba16Float;

/// What differs between depth with one sample and with several.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PassKey {
    target: TargetKey,
    occluded: bool,
}

impl PassKey {
    /// Whether the depth that is read has several samples a pixel.
    fn is_multisampled(self) -> bool {
        self.occluded && self.target.samples > 1
    }
}

struct Passes {
    occlusion: wgpu::RenderPipeline,
    occlusion_layout: wgpu::BindGroupLayout,
    finish: wgpu::RenderPipeline,
    finish_layout: wgpu::BindGroupLayout,
}

/// The passes and the texture between them, as long as the device lives.
#[derive(Resource, Default)]
pub(super) struct Finish {
    passes: HashMap<PassKey, Passes>,
    occlusion: Option<(UVec2, wgpu::TextureView)>,
}

/// A new device has nothing of it.
pub(super) fn forget(mut finish: ResMut<Finish>) {
    *finish = Finish::default();
}

impl Finish {
    fn occlusion(&mut self, gpu: &Gpu, size: UVec2) -> wgpu::TextureView {
        if let Some((held, view)) = &self.occlusion
            && *held == size
        {
            return view.clone();
        }
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("occlusion"),
            size: wgpu::Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: OCCLUSION,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        self.occlusion = Some((size, view.clone()));
        view
    }
}

/// Finishes the picture of a target that is wide enough for it; others were finished by the stage.
pub(super) fn finish(
    view: ViewQuery<(&StageCamera, &ExtractedView, &ViewTarget, &ViewDepthTexture, &Msaa)>,
    gpu: Option<Res<Gpu>>,
    uploaded: Option<Res<Uploaded>>,
    pending: Res<Pending>,
    frame: Option<Res<FrameView>>,
    pipelines: Res<Pipelines>,
    strokes: Res<Strokes>,
    marks: Res<super::marks::Marks>,
    adapter: Res<RenderAdapter>,
    mut finish: ResMut<Finish>,
    mut context: RenderContext,
) {
    let (Some(gpu), Some(uploaded), Some(frame)) = (gpu, uploaded, frame) else { return };
    let (_, extracted, target, depth, msaa) = view.into_inner();
    let key = TargetKey::new(extracted, *msaa, &pending);
    if !key.is_filmic() {
        return;
    }
    let Some(stage_pipelines) = pipelines.get(key) else { return };
    // The last pass tests against the depth that it reads, which OpenGL cannot.
    let reads_depth = depth.texture.usage().contains(wgpu::TextureUsages::TEXTURE_BINDING)
        && adapter.get_downlevel_capabilities().flags.contains(wgpu::DownlevelFlags::READ_ONLY_DEPTH_STENCIL);
    let occluded = pending.switches.occlusion && reads_depth;
    let half = if occluded { (frame.viewport + 1) / 2 } else { UVec2::ONE };
    let occlusion = finish.occlusion(&gpu, half);
    let pass_key = PassKey { target: key.over(), occluded };
    let passes = finish.passes.entry(pass_key).or_insert_with(|| Passes::new(&gpu, pass_key));

    if occluded {
        let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("occlusion"),
            layout: &passes.occlusion_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::TextureView(depth.view()),
            }],
        });
        let mut pass = context.command_encoder().begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("occlusion"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &occlusion,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::WHITE),
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_pipeline(&passes.occlusion);
        pass.set_bind_group(0, &gpu.frame_group, &[]);
        pass.set_bind_group(1, &group, &[]);
        pass.draw(0..3, 0..1);
    }

    let write = target.post_process_write();
    let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("finish"),
        layout: &passes.finish_layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(write.source) },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(&occlusion) },
            wgpu::BindGroupEntry {
                binding: 2,
                // Without occlusion anything will do: it is never read.
                resource: wgpu::BindingResource::TextureView(if occluded {
                    depth.view()
                } else {
                    &occlusion
                }),
            },
        ],
    });
    // With several samples a pixel this draws into the stage's own samples again and resolves into the other texture.
    let mut pass = context.command_encoder().begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some("finish"),
        color_attachments: &[Some(target.get_color_attachment())],
        depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
            view: depth.view(),
            depth_ops: None,
            stencil_ops: None,
        }),
        ..Default::default()
    });
    pass.set_bind_group(0, &gpu.frame_group, &[]);
    pass.set_pipeline(&passes.finish);
    pass.set_bind_group(1, &group, &[]);
    pass.draw(0..3, 0..1);
    draw_over(&mut pass, key, stage_pipelines, &uploaded, &strokes, &marks);
}

impl Passes {
    fn new(gpu: &Gpu, key: PassKey) -> Self {
        let multisampled = key.is_multisampled();
        let texture = |binding, sample_type, multisampled| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Texture {
                sample_type,
                view_dimension: wgpu::TextureViewDimension::D2,
                multisampled,
            },
            count: None,
        };
        let layout = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
            gpu.device
                .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let float = wgpu::TextureSampleType::Float { filterable: false };
        let occlusion_layout = layout("occlusion", &[texture(0, float, multisampled)]);
        let finish_layout = layout(
            "finish",
            &[texture(0, float, false), texture(1, float, false), texture(2, float, multisampled)],
        );
        let occlusion = pipeline(gpu, key, &occlusion_layout, None);
        let finish = pipeline(gpu, key, &finish_layout, Some(key.target));
        Self { occlusion, occlusion_layout, finish, finish_layout }
    }
}

/// A triangle over all of the picture: the occlusion where there is no target, else the end of the picture.
fn pipeline(
    gpu: &Gpu,
    key: PassKey,
    own_layout: &wgpu::BindGroupLayout,
    target: Option<TargetKey>,
) -> wgpu::RenderPipeline {
    let multisampled = key.is_multisampled();
    let (label, module) = match target {
        None => ("occlusion", gpu.occlusion_module(multisampled)),
        Some(_) => ("finish", gpu.finish_module(multisampled)),
    };
    let layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(label),
        bind_group_layouts: &[Some(&gpu.frame_layout), Some(own_layout)],
        immediate_size: 0,
    });
    let constants = [("occluded", f64::from(key.occluded))];
    let constants: &[_] = if target.is_some() { &constants } else { &[] };
    gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(&layout),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vertex"),
            compilation_options: wgpu::PipelineCompilationOptions { constants, ..Default::default() },
            buffers: &[],
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: target.map(|_| wgpu::DepthStencilState {
            format: DEPTH,
            depth_write_enabled: Some(false),
            depth_compare: Some(wgpu::CompareFunction::Always),
            stencil: wgpu::StencilState::default(),
            bias: wgpu::DepthBiasState::default(),
        }),
        multisample: wgpu::MultisampleState {
            count: target.map_or(1, |target| target.samples),
            ..Default::default()
        },
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fragment"),
            compilation_options: wgpu::PipelineCompilationOptions { constants, ..Default::default() },
            targets: &[Some(wgpu::ColorTargetState {
                format: target.map_or(OCCLUSION, |target| target.format),
                blend: None,
                write_mask: wgpu::ColorWrites::ALL,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}
