//! Landmarks on the stage: packed models, an instance each, drawn where they are in view, in the light of the city.

use std::sync::Arc;

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::renderer::RenderQueue;
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};

use super::buffers;
use super::cull::Frustum;
use super::frame::FrameView;
use super::gpu::{self, Gpu};
use super::pipelines::{self, TargetKey};
use super::scene::Marks;
use super::upload::{Pending, Uploaded};
use crate::mesh::model::{PackedModel, PackedVertex};

const SHADER: &str = include_str!("../../../assets/shaders/model.wgsl");
/// Below so many pixels a model is not drawn.
const LEAST_PIXELS: f32 = 1.5;

/// A model where it stands.
#[derive(Clone, Debug)]
pub struct PlacedModel {
    /// Which of the models.
    pub model: usize,
    /// Where its origin stands in the world, metres.
    pub origin: Vec3,
    /// The ground there, metres above the plain.
    pub ground_m: f32,
    /// Turned clockwise, seen from above.
    pub bearing_deg: f32,
    /// Metres a metre of the model.
    pub scale: f32,
    /// The box around it in the world.
    pub min: Vec3,
    /// Its greatest corner.
    pub max: Vec3,
    /// The row of the building that it stands for: its colouring shows.
    pub row: Option<u32>,
    /// Rows of the buildings that it is drawn instead of: it is marked where one of them is.
    pub rows: Vec<u32>,
}

/// All models, and where they stand.
#[derive(Clone, Debug, Default)]
pub struct ModelSet {
    /// The models.
    pub models: Vec<PackedModel>,
    /// Where they stand.
    pub placed: Vec<PlacedModel>,
}

/// The landmarks that the stage shows.
#[derive(Resource, Default)]
pub struct StageModels {
    /// All of them.
    pub set: Arc<ModelSet>,
    /// Grows when they change.
    pub revision: u64,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<StageModels>();
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app
        .init_resource::<PendingModels>()
        .init_resource::<GpuModels>()
        .add_systems(RenderStartup, create.after(gpu::create))
        .add_systems(ExtractSchedule, extract)
        .add_systems(
            Render,
            upload
                .in_set(RenderSystems::PrepareResources)
                .after(super::upload::upload)
                .before(super::frame::write),
        );
}

/// What the main world handed over.
#[derive(Resource, Default)]
struct PendingModels {
    set: Option<Arc<ModelSet>>,
    seen: u64,
}

/// What is on the device.
#[derive(Resource, Default)]
pub(super) struct GpuModels {
    set: Arc<ModelSet>,
    ranges: Vec<std::ops::Range<u32>>,
    base_vertices: Vec<i32>,
    buffers: Option<Buffers>,
    marked: Option<Marks>,
    shader: Option<wgpu::ShaderModule>,
    by_target: HashMap<TargetKey, wgpu::RenderPipeline>,
    revision: u64,
}

struct Buffers {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    instances: wgpu::Buffer,
}

/// One instance: 64 bytes, as `model.wgsl` reads it.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Instance {
    corner: [f32; 3],
    mark: f32,
    size: [f32; 3],
    row: f32,
    origin: [f32; 3],
    sine: f32,
    cosine: f32,
    ground_m: f32,
    reserved: [f32; 2],
}

/// A new device holds nothing: everything is made and handed over again.
fn create(mut models: ResMut<GpuModels>, mut pending: ResMut<PendingModels>) {
    *models = GpuModels::default();
    *pending = PendingModels::default();
}

fn extract(models: Extract<Res<StageModels>>, mut pending: ResMut<PendingModels>) {
    if models.revision > pending.seen {
        pending.seen = models.revision;
        pending.set = Some(models.set.clone());
    }
}

fn upload(
    gpu: Option<Res<Gpu>>,
    queue: Res<RenderQueue>,
    stage: Res<Pending>,
    mut pending: ResMut<PendingModels>,
    mut models: ResMut<GpuModels>,
) {
    let Some(gpu) = gpu else { return };
    if let Some(set) = pending.set.take() {
        models.take(&gpu, &queue, set);
        models.revision = pending.seen;
    }
    if models.marked != Some(stage.marks)
        && let Some(buffers) = &models.buffers
    {
        let instances = instances(&models.set, stage.marks);
        queue.write_buffer(&buffers.instances, 0, bytemuck::cast_slice(&instances));
        models.marked = Some(stage.marks);
    }
}

fn instances(set: &ModelSet, marks: Marks) -> Vec<Instance> {
    let has = |placed: &PlacedModel, row: Option<u32>| row.is_some_and(|row| placed.rows.contains(&row));
    set.placed
        .iter()
        .map(|placed| {
            let (min, max) =
                set.models.get(placed.model).map_or(([0.0; 3], [0.0; 3]), |model| (model.min, model.max));
            let (sine, cosine) = placed.bearing_deg.to_radians().sin_cos();
            let mark = match () {
                () if has(placed, marks.selected) => 1.0,
                () if has(placed, marks.hovered) => 0.45,
                () => 0.0,
            };
            Instance {
                corner: min.map(|part| part * placed.scale),
                mark,
                size: std::array::from_fn(|axis| (max[axis] - min[axis]) * placed.scale),
                row: placed.row.map_or(0.0, |row| row as f32 + 1.0),
                origin: placed.origin.to_array(),
                sine,
                cosine,
                ground_m: placed.ground_m,
                reserved: [0.0; 2],
            }
        })
        .collect()
}

impl GpuModels {
    fn take(&mut self, gpu: &Gpu, queue: &wgpu::Queue, set: Arc<ModelSet>) {
        self.ranges.clear();
        self.base_vertices.clear();
        self.marked = None;
        self.buffers = None;
        let (mut first_index, mut first_vertex) = (0_u32, 0_i32);
        for model in &set.models {
            self.ranges.push(first_index..first_index + model.indices.len() as u32);
            self.base_vertices.push(first_vertex);
            first_index += model.indices.len() as u32;
            first_vertex += (model.vertices.len() / PackedVertex::BYTES) as i32;
        }
        if first_index > 0 && !set.placed.is_empty() {
            let bytes: Vec<u8> = set.models.iter().flat_map(|model| model.vertices.iter().copied()).collect();
            let indices: Vec<u32> =
                set.models.iter().flat_map(|model| model.indices.iter().copied()).collect();
            let instances = set.placed.len() * size_of::<Instance>();
            let buffer =
                |label, bytes: &[u8], usage| buffers::filled(&gpu.device, queue, label, bytes, usage);
            self.buffers = Some(Buffers {
                vertices: buffer("model vertices", &bytes, wgpu::BufferUsages::VERTEX),
                indices: buffer("model indices", bytemuck::cast_slice(&indices), wgpu::BufferUsages::INDEX),
                instances: buffers::empty(&gpu.device, "models", instances, wgpu::BufferUsages::VERTEX),
            });
        }
        self.set = set;
    }

    /// Makes the pipelines of a target, where there is something to draw.
    pub(super) fn prepare(&mut self, gpu: &Gpu, key: TargetKey) {
        if self.buffers.is_none() || self.by_target.contains_key(&key) {
            return;
        }
        let module = self.shader.get_or_insert_with(|| gpu::module(&gpu.device, "models", SHADER));
        self.by_target.insert(key, pipelines::opaque(gpu, key, "models", module, &buffers()));
    }

    /// Draws what is in view, after the buildings; gives triangles and draws.
    pub(super) fn draw(
        &self,
        pass: &mut wgpu::RenderPass,
        key: TargetKey,
        uploaded: &Uploaded,
        view: &FrameView,
    ) -> (u32, u32) {
        let (Some(pipeline), Some(buffers)) = (self.by_target.get(&key), &self.buffers) else {
            return (0, 0);
        };
        let frustum = Frustum::new(view.clip_from_world, view.camera);
        let is_large_enough = |placed: &PlacedModel| {
            let distance_m = view.camera.clamp(placed.min, placed.max).distance(view.camera).max(1.0);
            placed.min.distance(placed.max) * view.pixels_at_one_m / distance_m > LEAST_PIXELS
        };
        // Its storeys are drawn apart (plates).
        let apart = self.marked.filter(|marks| marks.is_apart).and_then(|marks| marks.selected);
        let is_apart = |placed: &PlacedModel| apart.is_some_and(|row| placed.rows.contains(&row));
        pass.set_bind_group(1, &uploaded.city_group, &[]);
        self.draw_where(pass, pipeline, buffers, |placed| {
            frustum.sees(placed.min, placed.max) && is_large_enough(placed) && !is_apart(placed)
        })
    }

    /// Which set is on the device, for maps that are drawn again where it changes.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Draws into one of the sun's maps what lies in it, by their boxes.
    pub(super) fn draw_shadow(
        &self,
        pass: &mut wgpu::RenderPass,
        pipeline: &wgpu::RenderPipeline,
        throws_into: impl Fn(Vec3, Vec3) -> bool,
    ) {
        let Some(buffers) = &self.buffers else { return };
        self.draw_where(pass, pipeline, buffers, |placed| throws_into(placed.min, placed.max));
    }

    fn draw_where(
        &self,
        pass: &mut wgpu::RenderPass,
        pipeline: &wgpu::RenderPipeline,
        buffers: &Buffers,
        is_wanted: impl Fn(&PlacedModel) -> bool,
    ) -> (u32, u32) {
        pass.set_pipeline(pipeline);
        pass.set_vertex_buffer(0, buffers.vertices.slice(..));
        pass.set_index_buffer(buffers.indices.slice(..), wgpu::IndexFormat::Uint32);
        let (mut triangles, mut draws) = (0, 0);
        for (index, placed) in self.set.placed.iter().enumerate().filter(|(_, placed)| is_wanted(placed)) {
            let (Some(range), Some(base)) =
                (self.ranges.get(placed.model), self.base_vertices.get(placed.model))
            else {
                continue;
            };
            // An instance is bound by its offset, since GLES 3.0 knows no first instance.
            let size = size_of::<Instance>() as u64;
            pass.set_vertex_buffer(
                1,
                buffers.instances.slice(index as u64 * size..(index as u64 + 1) * size),
            );
            pass.draw_indexed(range.clone(), *base, 0..1);
            triangles += (range.end - range.start) / 3;
            draws += 1;
        }
        (triangles, draws)
    }
}

const VERTEX: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![0 => Uint16x4, 1 => Snorm8x4, 2 => Unorm8x4];
const INSTANCE: [wgpu::VertexAttribute; 4] =
    wgpu::vertex_attr_array![3 => Float32x4, 4 => Float32x4, 5 => Float32x4, 6 => Float32x4];

/// The buffers of a model's vertices and of its instance.
pub(super) fn buffers() -> [wgpu::VertexBufferLayout<'static>; 2] {
    [
        wgpu::VertexBufferLayout {
            array_stride: PackedVertex::BYTES as u64,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &VERTEX,
        },
        wgpu::VertexBufferLayout {
            array_stride: size_of::<Instance>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &INSTANCE,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_marked_where_any_of_its_buildings_is() {
        let placed = |rows: Vec<u32>| PlacedModel {
            model: 0,
            origin: Vec3::ZERO,
            ground_m: 0.0,
            bearing_deg: 90.0,
            scale: 2.0,
            min: Vec3::ZERO,
            max: Vec3::ONE,
            row: rows.first().copied(),
            rows,
        };
        let model = PackedModel { min: [-1.0; 3], max: [1.0, 3.0, 1.0], ..PackedModel::default() };
        let set = ModelSet {
            models: vec![model],
            placed: vec![placed(vec![7, 9]), placed(vec![8]), placed(vec![])],
        };
        let marks = Marks { hovered: Some(8), selected: Some(9), ..Marks::default() };
        let made = instances(&set, marks);
        assert_eq!(made.iter().map(|instance| instance.mark).collect::<Vec<_>>(), [1.0, 0.45, 0.0]);
        assert_eq!(made.iter().map(|instance| instance.row).collect::<Vec<_>>(), [8.0, 9.0, 0.0]);
        assert_eq!((made[0].corner, made[0].size), ([-2.0; 3], [4.0, 8.0, 4.0]));
        assert_eq!(size_of::<Instance>(), 64);
    }
}
