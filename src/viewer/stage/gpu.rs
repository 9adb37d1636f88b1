//! The device's objects that do not depend on what is shown: layouts, shaders, the frame's buffer, the shadow map.

use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;

use super::frame::FrameUniform;

/// Side of the sun's depth map in texels; within WebGL 2 limits.
pub(super) const SHADOW_TEXELS: u32 = 2048;

const FRAME: &str = include_str!("../../../assets/shaders/frame.wgsl");
const CITY: &str = include_str!("../../../assets/shaders/city.wgsl");
const FLAT: &str = include_str!("../../../assets/shaders/flat.wgsl");
const OPENNESS: &str = include_str!("../../../assets/shaders/openness.wgsl");
const SKY: &str = include_str!("../../../assets/shaders/sky.wgsl");
const SPRITE: &str = include_str!("../../../assets/shaders/sprite.wgsl");

/// Everything that lives as long as the device.
#[derive(Resource)]
pub(super) struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) frame_buffer: wgpu::Buffer,
    pub(super) frame_layout: wgpu::BindGroupLayout,
    pub(super) frame_group: wgpu::BindGroup,
    /// The frame's group while the shadow map itself is being drawn.
    pub(super) frame_group_for_shadows: wgpu::BindGroup,
    pub(super) city_layout: wgpu::BindGroupLayout,
    pub(super) sprite_layout: wgpu::BindGroupLayout,
    pub(super) openness_layout: wgpu::BindGroupLayout,
    pub(super) sampler: wgpu::Sampler,
    pub(super) shadow_view: wgpu::TextureView,
    pub(super) shaders: Shaders,
}

/// The compiled shader modules.
pub(super) struct Shaders {
    pub(super) city: wgpu::ShaderModule,
    pub(super) flat: wgpu::ShaderModule,
    pub(super) sky: wgpu::ShaderModule,
    pub(super) sprite: wgpu::ShaderModule,
}

/// Makes it, at the start and again after a lost device.
pub(super) fn create(mut commands: Commands, device: Res<RenderDevice>) {
    let device = device.wgpu_device().clone();
    let frame_buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("frame"),
        size: size_of::<FrameUniform>() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let frame_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("frame"),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: texture_type(wgpu::TextureSampleType::Depth),
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 2,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Comparison),
                count: None,
            },
        ],
    });
    let shadow_view = depth_texture(&device, "shadow map", SHADOW_TEXELS);
    let no_shadow = depth_texture(&device, "no shadow map", 1);
    let comparison = device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("shadow"),
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        compare: Some(wgpu::CompareFunction::LessEqual),
        ..Default::default()
    });
    let frame_group = |label, shadow: &wgpu::TextureView| {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout: &frame_layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: frame_buffer.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(shadow) },
                wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::Sampler(&comparison) },
            ],
        })
    };
    let frame_group_main = frame_group("frame", &shadow_view);
    let frame_group_for_shadows = frame_group("frame for shadows", &no_shadow);
    let record = |binding| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX,
        ty: texture_type(wgpu::TextureSampleType::Uint),
        count: None,
    };
    let city_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("city"),
        entries: &[record(0), record(1)],
    });
    let sprite_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("sprites"),
        entries: &[
            record(0),
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: texture_type(wgpu::TextureSampleType::Float { filterable: true }),
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 2,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                count: None,
            },
        ],
    });
    let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("glyphs"),
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        ..Default::default()
    });
    let shaders = Shaders {
        city: module(&device, "city", &format!("{OPENNESS}\n{CITY}")),
        flat: module(&device, "flat", &format!("{OPENNESS}\n{FLAT}")),
        sky: module(&device, "sky", SKY),
        sprite: module(&device, "sprite", SPRITE),
    };
    commands.insert_resource(super::pipelines::Pipelines::default());
    commands.insert_resource(Gpu {
        frame_buffer,
        frame_layout,
        frame_group: frame_group_main,
        frame_group_for_shadows,
        city_layout,
        sprite_layout,
        openness_layout: super::openness::layout(&device),
        sampler,
        shadow_view,
        shaders,
        device,
    });
}

pub(super) fn texture_type(sample_type: wgpu::TextureSampleType) -> wgpu::BindingType {
    wgpu::BindingType::Texture {
        sample_type,
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    }
}

fn depth_texture(device: &wgpu::Device, label: &str, side: u32) -> wgpu::TextureView {
    device
        .create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d { width: side, height: side, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Depth32Float,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::TEXTURE_BINDING,
            view_formats: &[],
        })
        .create_view(&wgpu::TextureViewDescriptor::default())
}

/// A shader after what all of them know.
pub(super) fn module(device: &wgpu::Device, label: &str, body: &str) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(format!("{FRAME}\n{body}").into()),
    })
}
