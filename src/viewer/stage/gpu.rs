//! The device's objects that do not depend on what is shown: layouts, shaders, the frame's buffer.

use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;

use super::buffers;
use super::frame::FrameUniform;
use crate::mesh::Within;

const FRAME: &str = include_str!("../../../assets/shaders/frame.wgsl");
const CITY: &str = include_str!("../../../assets/shaders/city.wgsl");
const FLAT: &str = include_str!("../../../assets/shaders/flat.wgsl");
const OPENNESS: &str = include_str!("../../../assets/shaders/openness.wgsl");
const SHADOW: &str = include_str!("../../../assets/shaders/shadow.wgsl");
const OCCLUSION: &str = include_str!("../../../assets/shaders/occlusion.wgsl");
const FINISH: &str = include_str!("../../../assets/shaders/finish.wgsl");
const SKY: &str = include_str!("../../../assets/shaders/sky.wgsl");
const CROWN: &str = include_str!("../../../assets/shaders/crown.wgsl");
const TREES: &str = include_str!("../../../assets/shaders/trees.wgsl");
const SPRITE: &str = include_str!("../../../assets/shaders/sprite.wgsl");

/// Everything that lives as long as the device.
#[derive(Resource)]
pub(super) struct Gpu {
    pub(super) device: wgpu::Device,
    pub(super) frame_buffer: wgpu::Buffer,
    pub(super) frame_layout: wgpu::BindGroupLayout,
    pub(super) frame_group: wgpu::BindGroup,
    /// Where the map of the chosen area lies (`super::within`).
    pub(super) within: [f32; 4],
    maps: Maps,
    pub(super) city_layout: wgpu::BindGroupLayout,
    pub(super) sprite_layout: wgpu::BindGroupLayout,
    pub(super) openness_layout: wgpu::BindGroupLayout,
    pub(super) sampler: wgpu::Sampler,
    shadow_sampler: wgpu::Sampler,
    pub(super) shaders: Shaders,
}

/// The textures that every pipeline reads.
struct Maps {
    shadows: wgpu::TextureView,
    within: wgpu::TextureView,
}

/// The compiled shader modules.
pub(super) struct Shaders {
    pub(super) city: wgpu::ShaderModule,
    pub(super) flat: wgpu::ShaderModule,
    pub(super) shadow: wgpu::ShaderModule,
    pub(super) sky: wgpu::ShaderModule,
    pub(super) sprite: wgpu::ShaderModule,
    pub(super) trees: wgpu::ShaderModule,
}

/// Makes it, at the start and again after a lost device.
pub(super) fn create(mut commands: Commands, device: Res<RenderDevice>) {
    let device = device.wgpu_device().clone();
    let frame_buffer =
        buffers::empty(&device, "frame", size_of::<FrameUniform>(), wgpu::BufferUsages::UNIFORM);
    let frame_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("frame"),
        entries: &[
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: buffers::UNIFORM,
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Depth,
                    view_dimension: wgpu::TextureViewDimension::D2Array,
                    multisampled: false,
                },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 2,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Comparison),
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 3,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: texture_type(wgpu::TextureSampleType::Float { filterable: true }),
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 4,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                count: None,
            },
        ],
    });
    let (_, no_shadows) = super::shadows::texture(&device, super::scene::Shadows::default());
    let shadow_sampler = device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("shadow"),
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        compare: Some(wgpu::CompareFunction::LessEqual),
        ..Default::default()
    });
    let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
        label: Some("linear"),
        mag_filter: wgpu::FilterMode::Linear,
        min_filter: wgpu::FilterMode::Linear,
        ..Default::default()
    });
    let maps = Maps { shadows: no_shadows, within: no_area(&device) };
    let frame_group = frame_group(&device, &frame_layout, &frame_buffer, &maps, [&shadow_sampler, &sampler]);
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
    let shaders = Shaders {
        city: module(&device, "city", &format!("const OPENNESS_GROUP: u32 = 2u;\n{OPENNESS}\n{CITY}")),
        flat: module(&device, "flat", &flat_source()),
        shadow: device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("shadow"),
            source: wgpu::ShaderSource::Wgsl(format!("{CROWN}\n{SHADOW}").into()),
        }),
        sky: module(&device, "sky", SKY),
        sprite: module(&device, "sprite", SPRITE),
        trees: module(&device, "trees", &format!("{CROWN}\n{TREES}")),
    };
    commands.insert_resource(super::pipelines::Pipelines::default());
    commands.insert_resource(Gpu {
        frame_buffer,
        frame_layout,
        frame_group,
        within: super::within::place(&Within::default()),
        maps,
        city_layout,
        sprite_layout,
        openness_layout: super::openness::layout(&device),
        sampler,
        shadow_sampler,
        shaders,
        device,
    });
}

/// What everything flat is drawn with; others may add entries of their own.
pub(super) fn flat_source() -> String {
    format!("const OPENNESS_GROUP: u32 = 1u;\n{OPENNESS}\n{FLAT}")
}

pub(super) fn texture_type(sample_type: wgpu::TextureSampleType) -> wgpu::BindingType {
    wgpu::BindingType::Texture {
        sample_type,
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    }
}

/// Bound while no area has been chosen, and never read.
fn no_area(device: &wgpu::Device) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("within"),
        size: wgpu::Extent3d { width: 1, height: 1, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::R8Unorm,
        usage: wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    });
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

fn frame_group(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    frame_buffer: &wgpu::Buffer,
    maps: &Maps,
    [shadow_sampler, sampler]: [&wgpu::Sampler; 2],
) -> wgpu::BindGroup {
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("frame"),
        layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: frame_buffer.as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(&maps.shadows) },
            wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::Sampler(shadow_sampler) },
            wgpu::BindGroupEntry { binding: 3, resource: wgpu::BindingResource::TextureView(&maps.within) },
            wgpu::BindGroupEntry { binding: 4, resource: wgpu::BindingResource::Sampler(sampler) },
        ],
    })
}

impl Gpu {
    /// What a pixel sees of sky and sun, for a depth texture with one sample a pixel or several.
    pub(super) fn occlusion_module(&self, multisampled: bool) -> wgpu::ShaderModule {
        module(&self.device, "occlusion", &with_depth(OCCLUSION, multisampled))
    }

    /// The end of the picture, likewise.
    pub(super) fn finish_module(&self, multisampled: bool) -> wgpu::ShaderModule {
        module(&self.device, "finish", &with_depth(FINISH, multisampled))
    }

    /// From now on every pipeline reads these shadow maps.
    pub(super) fn show_shadows(&mut self, maps: wgpu::TextureView) {
        self.maps.shadows = maps;
        self.regroup();
    }

    /// From now on every pipeline reads this map of the chosen area, which lies there.
    pub(super) fn show_within(&mut self, map: wgpu::TextureView, place: [f32; 4]) {
        self.maps.within = map;
        self.within = place;
        self.regroup();
    }

    fn regroup(&mut self) {
        let samplers = [&self.shadow_sampler, &self.sampler];
        self.frame_group =
            frame_group(&self.device, &self.frame_layout, &self.frame_buffer, &self.maps, samplers);
    }
}

/// WGSL has no type that is either. As numbers, not as depth: GLSL cannot load a texel of depth.
fn with_depth(source: &str, multisampled: bool) -> String {
    let kind = if multisampled { "texture_multisampled_2d<f32>" } else { "texture_2d<f32>" };
    source.replace("DEPTH_TEXTURE", kind)
}

/// A shader after what all of them know.
pub(super) fn module(device: &wgpu::Device, label: &str, body: &str) -> wgpu::ShaderModule {
    device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(format!("{FRAME}\n{body}").into()),
    })
}
