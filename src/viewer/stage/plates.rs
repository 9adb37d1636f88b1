//! The storeys of the chosen building, drawn apart: one prism on the device, an instance a storey.
//!
//! It opens and closes by one small uniform; the prism is uploaded when another building is chosen.

use std::sync::Arc;

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::Extract;
use bevy::render::renderer::RenderQueue;

use super::gpu::{Gpu, module};
use super::pipelines::{Recipe, TargetKey, pipeline};

const SHADER: &str = include_str!("../../../assets/shaders/plates.wgsl");

/// A corner of the prism: east and south in metres, 0 at its foot and 1 at its top.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct PlateVertex {
    /// East, south, metres.
    pub place: [f32; 2],
    /// 0 or 1.
    pub up: f32,
}

/// The prism: walls and a top.
#[derive(Default, Clone, Debug, PartialEq)]
pub struct Prism {
    /// Its corners.
    pub vertices: Vec<PlateVertex>,
    /// Three a triangle.
    pub indices: Vec<u32>,
}

/// How far the storeys are apart and which is marked, as `plates.wgsl` lays it out.
#[repr(C)]
#[derive(Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct FanShape {
    /// Foot of the building, height of a storey, gap between two when open: metres.
    pub foot_m: f32,
    /// Height of a storey, metres.
    pub storey_m: f32,
    /// Gap between two storeys when open, metres.
    pub gap_m: f32,
    /// 0 closed, 1 open.
    pub openness: f32,
    /// The hovered storey from 1; 0 for none.
    pub hovered: f32,
    /// The chosen storey from 1; 0 for none.
    pub chosen: f32,
    /// How many there are.
    pub storeys: f32,
    /// Nothing.
    pub reserved: f32,
    /// Linear colour of the walls.
    pub color: [f32; 4],
}

/// What is drawn of storeys.
#[derive(Resource, Default)]
pub struct PlateScene {
    prism: Arc<Prism>,
    revision: u64,
    /// How it stands now; nothing is drawn while it is closed.
    pub shape: FanShape,
}

impl PlateScene {
    /// Shows the storeys of another building.
    pub fn replace(&mut self, prism: Prism) {
        self.prism = Arc::new(prism);
        self.revision += 1;
    }
}

/// The prism on the device.
#[derive(Resource, Default)]
pub(super) struct Plates {
    seen: u64,
    pending: Option<Arc<Prism>>,
    shape: FanShape,
    written: Option<FanShape>,
    mesh: Option<(wgpu::Buffer, wgpu::Buffer, u32)>,
    kit: Option<Kit>,
    pipelines: HashMap<TargetKey, wgpu::RenderPipeline>,
}

/// What is made once a device.
struct Kit {
    shader: wgpu::ShaderModule,
    layout: wgpu::BindGroupLayout,
    uniform: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// A new device holds nothing.
pub(super) fn forget(mut plates: ResMut<Plates>) {
    *plates = Plates::default();
}

pub(super) fn extract(scene: Extract<Res<PlateScene>>, mut plates: ResMut<Plates>) {
    plates.shape = scene.shape;
    if scene.revision > plates.seen {
        plates.seen = scene.revision;
        plates.pending = Some(scene.prism.clone());
    }
}

pub(super) fn upload(gpu: Option<Res<Gpu>>, queue: Res<RenderQueue>, mut plates: ResMut<Plates>) {
    let Some(gpu) = gpu else { return };
    let plates = &mut *plates;
    if let Some(prism) = plates.pending.take() {
        let buffer = |label, bytes: &[u8], usage| {
            let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: bytes.len() as u64,
                usage: usage | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            queue.write_buffer(&buffer, 0, bytes);
            buffer
        };
        plates.mesh = (!prism.indices.is_empty()).then(|| {
            (
                buffer("storey vertices", bytemuck::cast_slice(&prism.vertices), wgpu::BufferUsages::VERTEX),
                buffer("storey indices", bytemuck::cast_slice(&prism.indices), wgpu::BufferUsages::INDEX),
                prism.indices.len() as u32,
            )
        });
    }
    if plates.shape.openness <= 0.0 {
        return;
    }
    let kit = plates.kit.get_or_insert_with(|| kit(&gpu.device));
    if plates.written != Some(plates.shape) {
        plates.written = Some(plates.shape);
        queue.write_buffer(&kit.uniform, 0, bytemuck::bytes_of(&plates.shape));
    }
}

fn kit(device: &wgpu::Device) -> Kit {
    let uniform = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("fan"),
        size: size_of::<FanShape>() as u64,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("fan"),
        entries: &[wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        }],
    });
    let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("fan"),
        layout: &layout,
        entries: &[wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() }],
    });
    Kit { shader: module(device, "plates", SHADER), layout, uniform, group }
}

const VERTEX: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32];

/// Makes the pipeline of a target, where anything is to be drawn.
pub(super) fn prepare(plates: &mut Plates, gpu: &Gpu, key: TargetKey) {
    let Some(kit) = &plates.kit else { return };
    if plates.pipelines.contains_key(&key) {
        return;
    }
    let buffers = [wgpu::VertexBufferLayout {
        array_stride: size_of::<PlateVertex>() as u64,
        step_mode: wgpu::VertexStepMode::Vertex,
        attributes: &VERTEX,
    }];
    let recipe = Recipe {
        label: "storeys",
        module: &kit.shader,
        layouts: &[Some(&gpu.frame_layout), Some(&kit.layout)],
        vertex: "vertex",
        fragment: "fragment",
        buffers: &buffers,
        cull: false,
        depth_write: true,
        depth_compare: wgpu::CompareFunction::GreaterEqual,
        blend: None,
    };
    let made = pipeline(gpu, key, &recipe);
    plates.pipelines.insert(key, made);
}

/// Draws the storeys; the frame's group is bound.
pub(super) fn draw(plates: &Plates, pass: &mut wgpu::RenderPass, key: TargetKey) {
    if plates.shape.openness <= 0.0 {
        return;
    }
    let (Some(kit), Some(pipeline), Some((vertices, indices, count))) =
        (&plates.kit, plates.pipelines.get(&key), &plates.mesh)
    else {
        return;
    };
    pass.set_pipeline(pipeline);
    pass.set_bind_group(1, &kit.group, &[]);
    pass.set_vertex_buffer(0, vertices.slice(..));
    pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
    pass.draw_indexed(0..*count, 0, 0..plates.shape.storeys.max(0.0) as u32);
}
