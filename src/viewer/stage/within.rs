//! The map of the chosen area ([`crate::mesh::Within`]) on the device, read by `set_back` in `frame.wgsl`.

use bevy::prelude::*;

use super::gpu::Gpu;
use crate::mesh::Within;

/// Where a map lies, as the shaders read it: north-west corner, and what turns metres from it into a share of the map.
pub(super) fn place(map: &Within) -> [f32; 4] {
    let [east_m, south_m] = map.size.map(|texels| (texels.max(1) as f32) * map.texel_m.max(1.0));
    [map.min[0], map.min[1], 1.0 / east_m, 1.0 / south_m]
}

/// Puts a map on the device; an empty one is all outside.
pub(super) fn upload(gpu: &mut Gpu, queue: &wgpu::Queue, map: &Within) {
    let (size, texels): (UVec2, &[u8]) =
        if map.texels.is_empty() { (UVec2::ONE, &[0]) } else { (UVec2::from_array(map.size), &map.texels) };
    let texture = super::upload::texture(gpu, "within", size, wgpu::TextureFormat::R8Unorm);
    super::upload::write_rows(queue, &texture, 0, size.x, size.y, size.x, texels);
    gpu.show_within(texture.create_view(&wgpu::TextureViewDescriptor::default()), place(map));
}
