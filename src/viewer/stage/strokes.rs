//! Lines and walls of light: boundaries of areas, alleys, the outline of what is chosen.
//!
//! An instance of 32 bytes is a piece between two points; `strokes.wgsl` makes a quad of it, as wide on screen as it
//! should be. Each layer has its own buffer and revision; the whole of a layer is uploaded when it changes.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::Extract;
use bevy::render::renderer::RenderQueue;

use super::gpu::{Gpu, module};
use super::pipelines::{Recipe, TargetKey, pipeline};

const SHADER: &str = include_str!("../../../assets/shaders/strokes.wgsl");

/// A piece between two points of the world.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct Stroke {
    from: [f32; 3],
    color: [u8; 4],
    to: [f32; 3],
    look: u32,
}

impl Stroke {
    /// A line of a width in points on screen, at most 63; colour in sRGB and alpha.
    pub fn line(from: Vec3, to: Vec3, width_pt: f32, color: [u8; 4]) -> Self {
        let width = (width_pt * 4.0).clamp(1.0, 255.0) as u32;
        Self { from: from.to_array(), color, to: to.to_array(), look: width << 8 }
    }

    /// A wall of light that stands on a line.
    pub fn wall(from: Vec3, to: Vec3, color: [u8; 4]) -> Self {
        Self { from: from.to_array(), color, to: to.to_array(), look: 1 }
    }

    /// A line of a width in metres on the ground, at most 25, and never too thin to see.
    pub fn ribbon(from: Vec3, to: Vec3, width_m: f32, color: [u8; 4]) -> Self {
        let width = (width_m * 10.0).clamp(1.0, 255.0) as u32;
        Self { from: from.to_array(), color, to: to.to_array(), look: width << 8 | 2 }
    }
}

/// The layers, in painting order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum StrokeLayer {
    /// Alleys on the ground.
    Alleys,
    /// The foot of the chosen area's boundary, where something stands before it.
    Boundary,
    /// Walls of light on that boundary.
    Walls,
    /// The outline of what is chosen, where something stands before it.
    Hidden,
    /// The same where it is seen.
    Outline,
    /// The edges of storeys that are drawn apart.
    Storeys,
}

const LAYERS: usize = 6;

/// What is drawn with strokes.
#[derive(Resource, Default)]
pub struct StrokeScene {
    layers: [Vec<Stroke>; LAYERS],
    revisions: [u64; LAYERS],
}

impl StrokeScene {
    /// Replaces a layer; the same again is no change.
    pub fn replace(&mut self, layer: StrokeLayer, strokes: Vec<Stroke>) {
        let index = layer as usize;
        if let (Some(held), Some(revision)) = (self.layers.get_mut(index), self.revisions.get_mut(index))
            && *held != strokes
        {
            *held = strokes;
            *revision += 1;
        }
    }

    /// The strokes of a layer.
    pub fn get(&self, layer: StrokeLayer) -> &[Stroke] {
        self.layers.get(layer as usize).map_or(&[], Vec::as_slice)
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        self.revisions.iter().sum()
    }
}

/// The strokes on the device, and what has come for it.
#[derive(Resource, Default)]
pub(super) struct Strokes {
    seen: [u64; LAYERS],
    pending: [Option<Vec<Stroke>>; LAYERS],
    buffers: [Option<(wgpu::Buffer, u32)>; LAYERS],
    shader: Option<wgpu::ShaderModule>,
    pipelines: HashMap<TargetKey, [wgpu::RenderPipeline; LAYERS]>,
}

/// A new device holds nothing.
pub(super) fn forget(mut strokes: ResMut<Strokes>) {
    *strokes = Strokes::default();
}

pub(super) fn extract(scene: Extract<Res<StrokeScene>>, mut strokes: ResMut<Strokes>) {
    let Strokes { seen, pending, .. } = &mut *strokes;
    let layers = scene.layers.iter().zip(&scene.revisions);
    for ((seen, pending), (layer, revision)) in seen.iter_mut().zip(pending).zip(layers) {
        if revision > seen {
            *seen = *revision;
            *pending = Some(layer.clone());
        }
    }
}

pub(super) fn upload(gpu: Option<Res<Gpu>>, queue: Res<RenderQueue>, mut strokes: ResMut<Strokes>) {
    let Some(gpu) = gpu else { return };
    let Strokes { pending, buffers, .. } = &mut *strokes;
    for (pending, buffer) in pending.iter_mut().zip(buffers) {
        let Some(layer) = pending.take() else { continue };
        let bytes: &[u8] = bytemuck::cast_slice(&layer);
        let room = buffer.as_ref().map_or(0, |(buffer, _)| buffer.size());
        if layer.is_empty() {
            *buffer = None;
            continue;
        }
        if room < bytes.len() as u64 {
            let made = gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("strokes"),
                size: bytes.len().next_power_of_two() as u64,
                usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            *buffer = Some((made, 0));
        }
        if let Some((buffer, count)) = buffer {
            queue.write_buffer(buffer, 0, bytes);
            *count = layer.len() as u32;
        }
    }
}

const INSTANCE: [wgpu::VertexAttribute; 4] =
    wgpu::vertex_attr_array![0 => Float32x3, 1 => Unorm8x4, 2 => Float32x3, 3 => Uint32];

/// Makes the pipelines of a target, where anything is to be drawn.
pub(super) fn prepare(strokes: &mut Strokes, gpu: &Gpu, key: TargetKey) {
    if strokes.buffers.iter().all(Option::is_none) || strokes.pipelines.contains_key(&key) {
        return;
    }
    let shader = strokes.shader.get_or_insert_with(|| module(&gpu.device, "strokes", SHADER));
    let buffers = [wgpu::VertexBufferLayout {
        array_stride: size_of::<Stroke>() as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: &INSTANCE,
    }];
    let seen = Recipe {
        label: "strokes",
        module: shader,
        layouts: &[Some(&gpu.frame_layout)],
        vertex: "vertex",
        fragment: "fragment",
        buffers: &buffers,
        cull: false,
        depth_write: false,
        // The engine's depth is reversed: near is 1, far is 0.
        depth_compare: wgpu::CompareFunction::GreaterEqual,
        blend: Some(wgpu::BlendState::ALPHA_BLENDING),
    };
    let hidden = Recipe {
        label: "strokes hidden",
        fragment: "fragment_hidden",
        depth_compare: wgpu::CompareFunction::Less,
        ..seen
    };
    let made = [&seen, &hidden, &seen, &hidden, &seen, &seen].map(|recipe| pipeline(gpu, key, recipe));
    strokes.pipelines.insert(key, made);
}

/// Draws all layers; the frame's group is bound.
pub(super) fn draw(strokes: &Strokes, pass: &mut wgpu::RenderPass, key: TargetKey) {
    let Some(pipelines) = strokes.pipelines.get(&key) else { return };
    for (buffer, pipeline) in strokes.buffers.iter().zip(pipelines) {
        if let Some((buffer, count)) = buffer {
            pass.set_pipeline(pipeline);
            pass.set_vertex_buffer(0, buffer.slice(..));
            pass.draw(0..6, 0..*count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_is_32_bytes_and_the_same_again_is_no_change() {
        assert_eq!(size_of::<Stroke>(), 32);
        let mut scene = StrokeScene::default();
        let wall = Stroke::wall(Vec3::ZERO, Vec3::X, [1, 2, 3, 4]);
        scene.replace(StrokeLayer::Walls, vec![wall]);
        scene.replace(StrokeLayer::Walls, vec![wall]);
        assert_eq!((scene.revision(), scene.get(StrokeLayer::Walls)), (1, &[wall][..]));
        scene.replace(StrokeLayer::Walls, Vec::new());
        assert_eq!(scene.revision(), 2);
    }
}
