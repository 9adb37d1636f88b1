//! The map of how open the sky is ([`crate::mesh::Openness`]) on the device: group 2 of the city's and the ground's
//! pipelines, read by `openness.wgsl`.

use bevy::prelude::*;

use super::gpu::Gpu;
use crate::mesh::Openness;

/// Binding 0: where the map lies; 1: its texels; 2: their sampler.
pub(super) fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
        ty,
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("openness"),
        entries: &[
            entry(
                0,
                wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
            ),
            entry(1, super::gpu::texture_type(wgpu::TextureSampleType::Float { filterable: true })),
            entry(2, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering)),
        ],
    })
}

/// Puts a map on the device. An empty one is open everywhere.
pub(super) fn upload(gpu: &Gpu, queue: &wgpu::Queue, map: &Openness) -> wgpu::BindGroup {
    let is_empty = map.texels.is_empty();
    let size = if is_empty { UVec2::ONE } else { UVec2::from_array(map.size) };
    let texture = super::upload::texture(gpu, "openness", size, wgpu::TextureFormat::Rg8Unorm);
    let open: [[u8; 2]; 1] = [[255, 0]];
    let texels: &[[u8; 2]] = if is_empty { &open } else { &map.texels };
    super::upload::write_rows(queue, &texture, 0, size.x, size.y, 2 * size.x, bytemuck::cast_slice(texels));
    let extent = size.as_vec2() * map.texel_m.max(1.0);
    // The corner, and what turns metres from it into a share of the map.
    let place = [map.min[0], map.min[1], 1.0 / extent.x, 1.0 / extent.y];
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("openness"),
        size: 16,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    queue.write_buffer(&buffer, 0, bytemuck::bytes_of(&place));
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("openness"),
        layout: &gpu.openness_layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(&view) },
            wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::Sampler(&gpu.sampler) },
        ],
    })
}
