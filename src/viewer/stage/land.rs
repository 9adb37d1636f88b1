//! The ground on the stage: squares, green, water, roads, in painting order, and the relief below them.
//!
//! The relief alone writes depth, so that a hill hides what lies behind it; what is painted on it lies in the same triangles
//! and is drawn a hair nearer than it is.

use bevy::math::Vec3;

use super::buffers;
use super::cascades::Bounds;
use super::frame::FrameView;
use super::gpu::Gpu;
use super::pipelines::{Recipe, TargetKey, pipeline};
use super::trees::{self, GpuTrees, TreePipelines};
use crate::mesh::Trees;

/// A camera higher than this draws roads without lines and lawns without grain, metres: none of it would cover a pixel.
const FINE_BELOW_M: f32 = 1_400.0;
/// What rises less than this above the plain throws no shadow that is seen, metres.
const HILL_M: f32 = 2.0;
/// Steps a metre of what is packed of a lane: 5 cm.
const LANE_STEPS_A_M: f32 = 20.0;

/// A vertex of the ground: 24 bytes.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct GroundVertex {
    /// East, up, south, metres.
    pub point: [f32; 3],
    /// Of roads and shores: along, left, across and half, as [`crate::mesh::Lane`] has them, in steps of 5 cm.
    pub lane: [i16; 4],
    /// Row of the ground palette and flags above it; east and south of the way straight up, from -1 in 1 to 1 in 255; nothing.
    pub look: [u8; 4],
}

impl GroundVertex {
    /// Flag: pavements and, by the row, lines.
    pub const MARKED: u8 = 0x10;
    /// Flag: a zebra crossing where the stretch begins.
    pub const ZEBRA_FIRST: u8 = 0x20;
    /// Flag: a zebra crossing where the stretch ends.
    pub const ZEBRA_LAST: u8 = 0x40;
    /// Flag: a shore.
    pub const BANK: u8 = 0x80;

    /// Metres as they are packed.
    pub fn steps(metres: f32) -> i16 {
        (metres * LANE_STEPS_A_M).round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
    }

    /// A part of a unit vector as it is packed.
    pub fn lean(part: f32) -> u8 {
        (part.clamp(-1.0, 1.0) * 127.0 + 128.0).round() as u8
    }
}

/// Triangles of the ground in painting order; the first are the relief itself.
#[derive(Default, Clone)]
pub struct GroundVertices {
    /// The vertices.
    pub vertices: Vec<GroundVertex>,
    /// Three a triangle.
    pub indices: Vec<u32>,
    /// Where among the indices the relief ends, squares and lawns, water and its shores; the rest are roads.
    pub ends: [u32; 3],
    /// What grows on it.
    pub trees: Trees,
}

/// The ground on the device.
pub(super) struct GpuGround {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    /// As in [`GroundVertices::ends`], and the end of all.
    ends: [u32; 4],
    /// Which of all grounds it is.
    pub(super) revision: u64,
    /// Around what rises above the plain.
    hill: Option<Bounds>,
    pub(super) trees: Option<GpuTrees>,
}

impl GpuGround {
    /// Around all that throws a shadow: the hill and, unless none are drawn, trees.
    pub(super) fn casters(&self, with_trees: bool) -> Option<Bounds> {
        let trees = self.trees.as_ref().filter(|_| with_trees).map(|trees| trees.bounds);
        match (self.hill, trees) {
            (Some(hill), Some(trees)) => Some(hill.union(trees)),
            (hill, trees) => hill.or(trees),
        }
    }

    /// Draws the hill into a shadow map.
    pub(super) fn draw_shadow(&self, pass: &mut wgpu::RenderPass, throws: impl Fn(Vec3, Vec3) -> bool) {
        if self.hill.is_some_and(|hill| throws(hill.min, hill.max)) {
            pass.set_vertex_buffer(0, self.vertices.slice(..));
            pass.set_index_buffer(self.indices.slice(..), wgpu::IndexFormat::Uint32);
            pass.draw_indexed(0..self.ends[0], 0, 0..1);
        }
    }
}

/// How the ground is drawn into a shadow map.
pub(super) fn shadow_buffers() -> [wgpu::VertexBufferLayout<'static>; 1] {
    [wgpu::VertexBufferLayout {
        array_stride: size_of::<GroundVertex>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes: &POINT,
    }]
}

/// The pipelines of the ground.
pub(super) struct GroundPipelines {
    relief: wgpu::RenderPipeline,
    /// Squares and lawns, water, roads, from far above.
    far: [wgpu::RenderPipeline; 3],
    /// The same near by.
    near: [wgpu::RenderPipeline; 3],
    trees: TreePipelines,
}

const POINT: [wgpu::VertexAttribute; 1] = wgpu::vertex_attr_array![0 => Float32x3];
const VERTEX: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![0 => Float32x3, 1 => Sint16x4, 2 => Uint8x4];

impl GroundPipelines {
    /// From what everything flat is drawn with.
    pub(super) fn new(gpu: &Gpu, key: TargetKey, flat: &Recipe) -> Self {
        let buffers = [wgpu::VertexBufferLayout {
            array_stride: size_of::<GroundVertex>() as u64,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &VERTEX,
        }];
        let plain = Recipe { buffers: &buffers, label: "ground", vertex: "vertex_painted", ..*flat };
        let make = |fragment| pipeline(gpu, key, &Recipe { fragment, ..plain });
        let far = make("fragment");
        Self {
            relief: pipeline(
                gpu,
                key,
                &Recipe { label: "relief", vertex: "vertex_relief", depth_write: true, ..plain },
            ),
            far: [make("fragment_soft_far"), make("fragment_water"), far],
            near: [make("fragment_soft"), make("fragment_water_fine"), make("fragment_road")],
            trees: TreePipelines::new(gpu, key, flat),
        }
    }
}

/// Copies the ground to the device.
pub(super) fn upload(
    gpu: &Gpu,
    queue: &wgpu::Queue,
    ground: &GroundVertices,
    revision: u64,
) -> Option<GpuGround> {
    if ground.indices.is_empty() {
        return None;
    }
    let buffer = |label, bytes: &[u8], usage| buffers::filled(&gpu.device, queue, label, bytes, usage);
    Some(GpuGround {
        vertices: buffer(
            "ground vertices",
            bytemuck::cast_slice(&ground.vertices),
            wgpu::BufferUsages::VERTEX,
        ),
        indices: buffer("ground indices", bytemuck::cast_slice(&ground.indices), wgpu::BufferUsages::INDEX),
        ends: [ground.ends[0], ground.ends[1], ground.ends[2], ground.indices.len() as u32],
        revision,
        hill: hill(ground),
        trees: trees::upload(gpu, queue, &ground.trees),
    })
}

/// Around what of the relief rises above the plain.
fn hill(ground: &GroundVertices) -> Option<Bounds> {
    let relief = ground.indices.get(..ground.ends[0] as usize)?;
    let points = relief.iter().filter_map(|index| ground.vertices.get(*index as usize));
    let high = points.map(|vertex| Vec3::from_array(vertex.point)).filter(|point| point.y > HILL_M);
    high.map(|point| Bounds { min: point, max: point }).reduce(Bounds::union)
}

/// Draws the relief, what lies right on it, what is painted on that, and what grows there.
pub(super) fn draw(
    pass: &mut wgpu::RenderPass,
    pipelines: &GroundPipelines,
    ground: &GpuGround,
    frame: &FrameView,
    trees_m: f32,
    on_relief: impl FnOnce(&mut wgpu::RenderPass),
) {
    let set_buffers = |pass: &mut wgpu::RenderPass| {
        pass.set_vertex_buffer(0, ground.vertices.slice(..));
        pass.set_index_buffer(ground.indices.slice(..), wgpu::IndexFormat::Uint32);
    };
    set_buffers(pass);
    let [relief, soft, water, all] = ground.ends;
    if relief > 0 {
        pass.set_pipeline(&pipelines.relief);
        pass.draw_indexed(0..relief, 0, 0..1);
    }
    on_relief(pass);
    set_buffers(pass);
    let paints = if frame.camera.y < FINE_BELOW_M { &pipelines.near } else { &pipelines.far };
    for (pipeline, range) in paints.iter().zip([relief..soft, soft..water, water..all]) {
        if !range.is_empty() {
            pass.set_pipeline(pipeline);
            pass.draw_indexed(range, 0, 0..1);
        }
    }
    if let Some(trees) = &ground.trees {
        trees::draw(pass, &pipelines.trees, trees, frame, trees_m);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vertex_of_the_ground_is_24_bytes_and_packs_to_5_cm() {
        assert_eq!(size_of::<GroundVertex>(), 24);
        assert_eq!((GroundVertex::steps(-5.6), GroundVertex::steps(1e9)), (-112, i16::MAX));
        assert_eq!([-1.0, 0.0, 1.0].map(GroundVertex::lean), [1, 128, 255]);
    }
}
