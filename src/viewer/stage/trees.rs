//! Trees on the stage: instances of 16 bytes, square by square, fewer of them with distance and none beyond a reach.

use bevy::prelude::*;

use super::buffers;
use super::cascades::Bounds;
use super::cull::Frustum;
use super::frame::FrameView;
use super::gpu::Gpu;
use super::pipelines::{Recipe, TargetKey, pipeline};
use crate::mesh::{Tree, TreeSquare, Trees};

/// Nearer than this share of the reach, and than [`NEAR_MOST_M`], a tree has a trunk and a round crown.
const NEAR_SHARE: f32 = 0.22;
/// No tree farther than this has a trunk, metres.
const NEAR_MOST_M: f32 = 140.0;
/// Corners of a crown around, and heights of its rings.
const AROUND: u16 = 7;
const RINGS: [f32; 3] = [0.16, 0.48, 0.80];
/// Corners of a trunk around.
const TRUNK_AROUND: u16 = 4;
/// Corners of the four triangles of a tree far away.
const FAR_CORNERS: u32 = 12;
/// Corners of a tree's shadow: the crown and the trunk, both facing the sun.
const SHADOW_CORNERS: u32 = 18;

/// Trees on the device.
pub(super) struct GpuTrees {
    trees: wgpu::Buffer,
    squares: Vec<TreeSquare>,
    /// Around all of them.
    pub(super) bounds: Bounds,
    /// The corners of a near tree.
    corners: wgpu::Buffer,
    indices: wgpu::Buffer,
    count: u32,
}

/// The pipelines of trees.
pub(super) struct TreePipelines {
    near: wgpu::RenderPipeline,
    far: wgpu::RenderPipeline,
}

const TREE: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x3, 1 => Uint8x4];
const CORNER: [wgpu::VertexAttribute; 1] = wgpu::vertex_attr_array![2 => Float32x4];

/// One tree.
pub(super) const fn instance() -> wgpu::VertexBufferLayout<'static> {
    wgpu::VertexBufferLayout {
        array_stride: size_of::<Tree>() as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: &TREE,
    }
}

impl GpuTrees {
    /// Draws those that throw a shadow into a map.
    pub(super) fn draw_shadow(&self, pass: &mut wgpu::RenderPass, throws: impl Fn(Vec3, Vec3) -> bool) {
        for square in &self.squares {
            if throws(Vec3::from_array(square.min), Vec3::from_array(square.max)) {
                let start = u64::from(square.first) * size_of::<Tree>() as u64;
                pass.set_vertex_buffer(0, self.trees.slice(start..));
                pass.draw(0..SHADOW_CORNERS, 0..square.count);
            }
        }
    }
}

impl TreePipelines {
    /// From what everything flat is drawn with.
    pub(super) fn new(gpu: &Gpu, key: TargetKey, flat: &Recipe) -> Self {
        let tree = instance();
        let corner = wgpu::VertexBufferLayout {
            array_stride: 16,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &CORNER,
        };
        let near = Recipe {
            label: "trees near",
            module: &gpu.shaders.trees,
            buffers: &[tree.clone(), corner],
            depth_write: true,
            ..*flat
        };
        let far = Recipe { label: "trees far", vertex: "vertex_far", buffers: &[tree], ..near };
        Self { near: pipeline(gpu, key, &near), far: pipeline(gpu, key, &far) }
    }
}

/// Copies trees to the device.
pub(super) fn upload(gpu: &Gpu, queue: &wgpu::Queue, trees: &Trees) -> Option<GpuTrees> {
    if trees.trees.is_empty() {
        return None;
    }
    let (corners, indices) = near_tree();
    let around = |square: &TreeSquare| Bounds { min: square.min.into(), max: square.max.into() };
    let bounds = trees.squares.iter().map(around).reduce(Bounds::union)?;
    let buffer = |label, bytes: &[u8], usage| buffers::filled(&gpu.device, queue, label, bytes, usage);
    Some(GpuTrees {
        trees: buffer("trees", bytemuck::cast_slice(&trees.trees), wgpu::BufferUsages::VERTEX),
        squares: trees.squares.clone(),
        bounds,
        corners: buffer("tree corners", bytemuck::cast_slice(&corners), wgpu::BufferUsages::VERTEX),
        indices: buffer("tree indices", bytemuck::cast_slice(&indices), wgpu::BufferUsages::INDEX),
        count: indices.len() as u32,
    })
}

/// Draws the trees within a reach.
pub(super) fn draw(
    pass: &mut wgpu::RenderPass,
    pipelines: &TreePipelines,
    trees: &GpuTrees,
    frame: &FrameView,
    reach_m: f32,
) {
    let frustum = Frustum::new(frame.clip_from_world, frame.camera);
    let near_m = (reach_m * NEAR_SHARE).min(NEAR_MOST_M);
    let mut bound = None;
    for square in &trees.squares {
        let (min, max) = (Vec3::from_array(square.min), Vec3::from_array(square.max));
        let distance_m = frame.camera.distance(frame.camera.clamp(min, max));
        let count = (square.count as f32 * (share(distance_m, reach_m) * 1.1).min(1.0)).ceil() as u32;
        if count == 0 || !frustum.sees(min, max) {
            continue;
        }
        let is_near = distance_m < near_m;
        if bound != Some(is_near) {
            bound = Some(is_near);
            pass.set_pipeline(if is_near { &pipelines.near } else { &pipelines.far });
            if is_near {
                pass.set_vertex_buffer(1, trees.corners.slice(..));
                pass.set_index_buffer(trees.indices.slice(..), wgpu::IndexFormat::Uint16);
            }
        }
        let start = u64::from(square.first) * size_of::<Tree>() as u64;
        pass.set_vertex_buffer(0, trees.trees.slice(start..));
        if is_near {
            pass.draw_indexed(0..trees.count, 0, 0..count);
        } else {
            pass.draw(0..FAR_CORNERS, 0..count);
        }
    }
}

/// How many trees of all are left at a distance, as `trees.wgsl` has it.
fn share(distance_m: f32, reach_m: f32) -> f32 {
    if reach_m <= 0.0 {
        return 0.0;
    }
    let part = ((distance_m - 0.25 * reach_m) / (0.65 * reach_m)).clamp(0.0, 1.0);
    let thinned = 1.0 - 0.7 * part * part * (3.0 - 2.0 * part);
    thinned * ((reach_m - distance_m) / (0.15 * reach_m)).clamp(0.0, 1.0)
}

/// Corners (cosine, sine, height, 1 for the trunk) and triangles of a near tree.
fn near_tree() -> (Vec<[f32; 4]>, Vec<u16>) {
    let round = |step: u16, of: u16| {
        let (sin, cos) = (f32::from(step) / f32::from(of) * std::f32::consts::TAU).sin_cos();
        [cos, sin]
    };
    let mut corners = vec![[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]];
    let mut indices = Vec::new();
    for height in RINGS {
        corners.extend((0..AROUND).map(|step| {
            let [cos, sin] = round(step, AROUND);
            [cos, sin, height, 0.0]
        }));
    }
    let ring = |number: u16, step: u16| 2 + number * AROUND + step % AROUND;
    let last = RINGS.len() as u16 - 1;
    for step in 0..AROUND {
        indices.extend_from_slice(&[0, ring(0, step), ring(0, step + 1)]);
        indices.extend_from_slice(&[1, ring(last, step + 1), ring(last, step)]);
        for number in 0..last {
            let (a, b) = (ring(number, step), ring(number, step + 1));
            let (c, d) = (ring(number + 1, step), ring(number + 1, step + 1));
            indices.extend_from_slice(&[a, c, d, a, d, b]);
        }
    }
    let first = corners.len() as u16;
    for step in 0..TRUNK_AROUND {
        let [cos, sin] = round(step, TRUNK_AROUND);
        corners.extend_from_slice(&[[cos, sin, 0.0, 1.0], [cos, sin, 1.0, 1.0]]);
        let (a, b) = (first + 2 * step, first + 2 * ((step + 1) % TRUNK_AROUND));
        indices.extend_from_slice(&[a, a + 1, b + 1, a, b + 1, b]);
    }
    (corners, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_tree_has_fifty_triangles_that_all_have_corners() {
        let (corners, indices) = near_tree();
        // 7 below, 7 above, 2 × 7 between each of 3 rings, 2 × 4 of the trunk.
        assert_eq!(indices.len() / 3, 14 + 28 + 8);
        assert_eq!(corners.len(), 2 + 21 + 8);
        assert!(indices.iter().all(|index| usize::from(*index) < corners.len()));
    }

    #[test]
    fn trees_grow_fewer_with_distance_and_end_at_the_reach() {
        assert_eq!((share(0.0, 400.0), share(100.0, 400.0)), (1.0, 1.0));
        assert_eq!((share(400.0, 400.0), share(5_000.0, 400.0), share(1.0, 0.0)), (0.0, 0.0, 0.0));
        let shares: Vec<f32> = (0..40).map(|step| share(step as f32 * 10.0, 400.0)).collect();
        assert!(shares.windows(2).all(|pair| pair[0] >= pair[1]), "{shares:?}");
    }
}
