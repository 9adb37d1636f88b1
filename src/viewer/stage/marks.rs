//! Markers and trails on the device: two lists of instances, a texture of trail points, an atlas of icons.
//!
//! What is drawn is composed by `viewer::markers` when something changed; projection, size, gliding, fading, ageing and
//! pulsing happen in `marker.wgsl`, so that a frame in which only the camera or the clock moved uploads a few uniforms.

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use bevy::render::Extract;
use bevy::render::renderer::RenderQueue;

use super::buffers;
use super::gpu::{Gpu, module};
use super::pipelines::{Recipe, TargetKey, pipeline};
use super::scene::{GlyphPixels, TEXELS_A_ROW};
use super::upload::{glyph_texture, put_glyphs, texture, write_rows};

const SHADER: &str = include_str!("../../../assets/shaders/marker.wgsl");

/// Points that are kept of a trail; a power of two, as the shader counts.
pub(crate) const TRAIL_POINTS: u32 = 32;
/// Trails in a row of the texture of points.
const TRAILS_A_ROW: usize = TEXELS_A_ROW / TRAIL_POINTS as usize;
/// Vertices of a marker: a quad on the ground, a stem, a head.
const MARKER_VERTICES: u32 = 18;
/// Indices of a piece of a trail: a quad between two points, which have two vertices each.
const PIECE_INDICES: u32 = 6;

/// One marker as `marker.wgsl` reads it; what the words mean is written there.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct Marker {
    /// East, up, south, metres.
    pub place: [f32; 3],
    /// Kind, state, shape and marks.
    pub flags: u32,
    /// Icon, or a count.
    pub code: u32,
    /// Since when it comes or goes, milliseconds.
    pub since_ms: u32,
    /// Where it comes from or goes to, where it does.
    pub other: [f32; 2],
    /// By kind.
    pub more: [u32; 4],
}

/// One trail as `marker.wgsl` reads it.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq)]
pub struct Trail {
    /// Which trail of the points.
    pub slot: u32,
    /// The number of its newest point.
    pub newest: u32,
    /// How many points it has.
    pub count: u32,
    /// As those of markers.
    pub flags: u32,
    /// When the glide to the newest point began, milliseconds.
    pub glide_ms: u32,
    /// How long it takes, milliseconds.
    pub glide_for_ms: u32,
    /// Where it began.
    pub from: [f32; 2],
    /// Where it ends.
    pub to: [f32; 2],
    /// How high the glide begins and ends, metres.
    pub heights: [f32; 2],
}

/// What holds for all markers of a frame.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, Debug, PartialEq, Default)]
pub struct MarkerLook {
    /// Pixels a point of a marker.
    pub pixels_per_point: f32,
    /// How long a trail lasts, seconds.
    pub trail_secs: f32,
    /// How long coming and going takes, milliseconds.
    pub fade_ms: f32,
    /// How much of trails is shown, 0 to 1.
    pub trails: f32,
    /// Milliseconds now.
    pub now_ms: u32,
    /// Seconds of the scenario, modulo 2^20.
    pub now_secs: u32,
    /// Nothing.
    pub reserved: [u32; 2],
    /// Linear colours in the order of the shader.
    pub colors: [[f32; 4]; 16],
}

/// The last points of every trail, 8 bytes each, with a revision a row of the texture.
#[derive(Default)]
pub struct TrailPoints {
    texels: Vec<[u32; 2]>,
    row_revisions: Vec<u64>,
    revision: u64,
}

impl TrailPoints {
    /// Writes a point: its number within its trail, east, up and south in metres, seconds of the scenario.
    pub fn set(&mut self, slot: u32, number: u32, place: Vec3, secs: u32) {
        let row = slot as usize / TRAILS_A_ROW;
        if self.row_revisions.len() <= row {
            self.row_revisions.resize(row + 1, 0);
            self.texels.resize((row + 1) * TEXELS_A_ROW, [0; 2]);
        }
        self.revision += 1;
        let at = slot as usize * TRAIL_POINTS as usize + (number % TRAIL_POINTS) as usize;
        if let (Some(texel), Some(revision)) = (self.texels.get_mut(at), self.row_revisions.get_mut(row)) {
            *texel = packed(place, secs);
            *revision = self.revision;
        }
    }
}

/// From the top: 19 bits east, 19 bits south in eighths of a metre from −32,768 m on, 13 bits up in quarters of a metre
/// from −256 m on, 13 bits of time in units of 4 s.
fn packed(place: Vec3, secs: u32) -> [u32; 2] {
    let eighths = |metres: f32| ((metres + 32_768.0) * 8.0).round().clamp(0.0, 524_287.0) as u32;
    let (east, south) = (eighths(place.x), eighths(place.z));
    let up = ((place.y + 256.0) * 4.0).round().clamp(0.0, 8_191.0) as u32;
    [east << 13 | south >> 6, south << 26 | up << 13 | ((secs / 4) & 0x1FFF)]
}

/// Issues, patrols and trails as the main world keeps them for the stage.
#[derive(Resource, Default)]
pub struct MarkerScene {
    /// Markers in painting order.
    pub markers: Vec<Marker>,
    /// Trails in view.
    pub trails: Vec<Trail>,
    /// Grows when markers or trails change.
    pub revision: u64,
    /// Where patrols have been.
    pub points: TrailPoints,
    /// The icons.
    pub icons: GlyphPixels,
    /// What holds for all.
    pub look: MarkerLook,
}

/// What was handed over and is on the device.
#[derive(Resource, Default)]
pub(super) struct Marks {
    look: MarkerLook,
    markers: Vec<Marker>,
    trails: Vec<Trail>,
    is_newer: bool,
    /// The most points that any of the trails has.
    longest: u32,
    rows: Vec<(u32, Vec<[u32; 2]>)>,
    icons: Option<GlyphPixels>,
    seen_revision: u64,
    seen_icons: u64,
    /// By row of the points: the revision that the device has.
    seen_rows: Vec<u64>,
    /// Rows that the texture of points has room for.
    room: u32,
    device: Option<OnDevice>,
}

struct OnDevice {
    layout: wgpu::BindGroupLayout,
    module: wgpu::ShaderModule,
    uniform: wgpu::Buffer,
    markers: wgpu::Buffer,
    trails: wgpu::Buffer,
    pieces: wgpu::Buffer,
    icons: wgpu::Texture,
    points: wgpu::Texture,
    group: wgpu::BindGroup,
    by_target: HashMap<TargetKey, Pipelines>,
}

struct Pipelines {
    trails: wgpu::RenderPipeline,
    trails_hidden: wgpu::RenderPipeline,
    hidden: wgpu::RenderPipeline,
    visible: wgpu::RenderPipeline,
}

/// A new device: it holds nothing, and everything is handed over again.
pub(super) fn create(gpu: Option<Res<Gpu>>, queue: Res<RenderQueue>, mut marks: ResMut<Marks>) {
    let Some(gpu) = gpu else { return };
    let layout = layout(&gpu.device);
    let icons = glyph_texture(&gpu, UVec2::ONE);
    let points = point_texture(&gpu, 1);
    let vertices = |label, bytes| buffers::empty(&gpu.device, label, bytes, wgpu::BufferUsages::VERTEX);
    let uniform =
        buffers::empty(&gpu.device, "marker look", size_of::<MarkerLook>(), wgpu::BufferUsages::UNIFORM);
    let group = bind_group(&gpu, &layout, &uniform, &icons, &points);
    *marks = Marks {
        room: 1,
        device: Some(OnDevice {
            module: module(&gpu.device, "markers", SHADER),
            markers: vertices("markers", 64 * size_of::<Marker>()),
            trails: vertices("trails", 64 * size_of::<Trail>()),
            pieces: buffers::filled(
                &gpu.device,
                &queue,
                "trail pieces",
                bytemuck::cast_slice(&pieces()),
                wgpu::BufferUsages::INDEX,
            ),
            by_target: HashMap::default(),
            layout,
            uniform,
            icons,
            points,
            group,
        }),
        ..Marks::default()
    };
}

/// Copies what is newer than what was seen; of the points only rows that hold a trail in view.
pub(super) fn extract(scene: Extract<Res<MarkerScene>>, mut marks: ResMut<Marks>) {
    let marks = &mut *marks;
    marks.look = scene.look;
    if scene.revision > marks.seen_revision {
        marks.seen_revision = scene.revision;
        marks.markers.clone_from(&scene.markers);
        marks.trails.clone_from(&scene.trails);
        marks.longest = scene.trails.iter().map(|trail| trail.count).max().unwrap_or(0).min(TRAIL_POINTS);
        marks.is_newer = true;
    }
    if scene.icons.revision > marks.seen_icons {
        marks.seen_icons = scene.icons.revision;
        marks.icons = Some(scene.icons.clone());
    }
    if marks.trails.is_empty() || scene.look.trails <= 0.0 {
        return;
    }
    let rows = scene.points.row_revisions.len();
    if rows > marks.room as usize {
        // A larger texture begins empty.
        marks.room = (rows as u32).next_power_of_two();
        marks.seen_rows.clear();
    }
    marks.seen_rows.resize(rows, 0);
    for trail in &marks.trails {
        let row = trail.slot as usize / TRAILS_A_ROW;
        let (Some(seen), Some(newest)) = (marks.seen_rows.get_mut(row), scene.points.row_revisions.get(row))
        else {
            continue;
        };
        if *seen < *newest {
            *seen = *newest;
            if let Some(texels) = scene.points.texels.get(row * TEXELS_A_ROW..(row + 1) * TEXELS_A_ROW) {
                marks.rows.push((row as u32, texels.to_vec()));
            }
        }
    }
}

/// Puts what was handed over onto the device.
pub(super) fn upload(gpu: Option<Res<Gpu>>, queue: Res<RenderQueue>, mut marks: ResMut<Marks>) {
    let marks = &mut *marks;
    let (Some(gpu), Some(device)) = (gpu, &mut marks.device) else { return };
    queue.write_buffer(&device.uniform, 0, bytemuck::bytes_of(&marks.look));
    if std::mem::take(&mut marks.is_newer) {
        let (markers, trails) = (bytemuck::cast_slice(&marks.markers), bytemuck::cast_slice(&marks.trails));
        buffers::refill(&gpu.device, &queue, "markers", markers, &mut device.markers);
        buffers::refill(&gpu.device, &queue, "trails", trails, &mut device.trails);
    }
    let mut regroup = false;
    if let Some(icons) = marks.icons.take() {
        regroup |= put_glyphs(&gpu, &queue, &icons, &mut device.icons);
    }
    if device.points.height() != marks.room {
        device.points = point_texture(&gpu, marks.room);
        regroup = true;
    }
    for (row, texels) in marks.rows.drain(..) {
        let width = TEXELS_A_ROW as u32;
        write_rows(&queue, &device.points, row, width, 1, 8 * width, bytemuck::cast_slice(&texels));
    }
    if regroup {
        device.group = bind_group(&gpu, &device.layout, &device.uniform, &device.icons, &device.points);
    }
}

/// Makes the pipelines of a target that is met for the first time.
pub(super) fn prepare(marks: &mut Marks, gpu: &Gpu, key: TargetKey) {
    if let Some(device) = &mut marks.device
        && !device.by_target.contains_key(&key)
    {
        let pipelines = Pipelines::new(gpu, device, key);
        device.by_target.insert(key, pipelines);
    }
}

/// Draws trails, then what is hidden by buildings, faint, then markers.
pub(super) fn draw(marks: &Marks, pass: &mut wgpu::RenderPass, key: TargetKey) {
    let Some(device) = &marks.device else { return };
    let Some(pipelines) = device.by_target.get(&key) else { return };
    let (markers, trails) = (marks.markers.len() as u32, marks.trails.len() as u32);
    if markers == 0 && trails == 0 {
        return;
    }
    pass.set_bind_group(1, &device.group, &[]);
    let indices = marks.longest.saturating_sub(1) * PIECE_INDICES;
    if trails > 0 && indices > 0 && marks.look.trails > 0.0 {
        pass.set_vertex_buffer(0, device.trails.slice(..));
        pass.set_index_buffer(device.pieces.slice(..), wgpu::IndexFormat::Uint16);
        for pipeline in [&pipelines.trails_hidden, &pipelines.trails] {
            pass.set_pipeline(pipeline);
            pass.draw_indexed(0..indices, 0, 0..trails);
        }
    }
    if markers > 0 {
        pass.set_vertex_buffer(0, device.markers.slice(..));
        for pipeline in [&pipelines.hidden, &pipelines.visible] {
            pass.set_pipeline(pipeline);
            pass.draw(0..MARKER_VERTICES, 0..markers);
        }
    }
}

/// The triangles of the longest trail, the newest piece first.
fn pieces() -> Vec<u16> {
    let last = TRAIL_POINTS as u16 - 1;
    (0..last).flat_map(|piece| [0, 1, 2, 2, 1, 3].map(|corner| 2 * piece + corner)).collect()
}

const INSTANCE: [wgpu::VertexAttribute; 3] =
    wgpu::vertex_attr_array![0 => Uint32x4, 1 => Uint32x4, 2 => Uint32x4];

impl Pipelines {
    fn new(gpu: &Gpu, device: &OnDevice, key: TargetKey) -> Self {
        let buffers = [wgpu::VertexBufferLayout {
            array_stride: size_of::<Marker>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &INSTANCE,
        }];
        let visible = Recipe {
            label: "markers",
            module: &device.module,
            layouts: &[Some(&gpu.frame_layout), Some(&device.layout)],
            vertex: "vertex",
            fragment: "fragment",
            buffers: &buffers,
            cull: false,
            depth_write: false,
            depth_compare: wgpu::CompareFunction::GreaterEqual,
            blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        };
        let hidden = Recipe {
            label: "markers hidden",
            fragment: "fragment_hidden",
            depth_compare: wgpu::CompareFunction::Less,
            ..visible
        };
        let trails =
            Recipe { label: "trails", vertex: "vertex_trail", fragment: "fragment_trail", ..visible };
        Self {
            trails: pipeline(gpu, key, &trails),
            trails_hidden: pipeline(
                gpu,
                key,
                &Recipe { fragment: "fragment_trail_hidden", depth_compare: hidden.depth_compare, ..trails },
            ),
            hidden: pipeline(gpu, key, &hidden),
            visible: pipeline(gpu, key, &visible),
        }
    }
}

fn point_texture(gpu: &Gpu, rows: u32) -> wgpu::Texture {
    texture(gpu, "trail points", UVec2::new(TEXELS_A_ROW as u32, rows), wgpu::TextureFormat::Rg32Uint)
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, visibility, ty| wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None };
    let image = super::gpu::texture_type;
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("markers"),
        entries: &[
            entry(0, wgpu::ShaderStages::VERTEX_FRAGMENT, buffers::UNIFORM),
            entry(
                1,
                wgpu::ShaderStages::FRAGMENT,
                image(wgpu::TextureSampleType::Float { filterable: true }),
            ),
            entry(
                2,
                wgpu::ShaderStages::FRAGMENT,
                wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
            ),
            entry(3, wgpu::ShaderStages::VERTEX, image(wgpu::TextureSampleType::Uint)),
        ],
    })
}

fn bind_group(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    uniform: &wgpu::Buffer,
    icons: &wgpu::Texture,
    points: &wgpu::Texture,
) -> wgpu::BindGroup {
    let icons = icons.create_view(&wgpu::TextureViewDescriptor::default());
    let points = points.create_view(&wgpu::TextureViewDescriptor::default());
    gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("markers"),
        layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::TextureView(&icons) },
            wgpu::BindGroupEntry { binding: 2, resource: wgpu::BindingResource::Sampler(&gpu.sampler) },
            wgpu::BindGroupEntry { binding: 3, resource: wgpu::BindingResource::TextureView(&points) },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_three_vectors() {
        assert_eq!((size_of::<Marker>(), size_of::<Trail>()), (48, 48));
        assert_eq!(size_of::<MarkerLook>(), 32 + 256);
    }

    #[test]
    fn a_point_is_packed_to_an_eighth_of_a_metre() {
        // 32,768 + 1.125 m is 262,153 eighths, 32,768 − 2 m is 262,128; 256 + 1.5 m is 1,030 quarters; 2^15 + 20 s is 5.
        let [a, b] = packed(Vec3::new(1.125, 1.5, -2.0), (1 << 15) + 20);
        let south = (a & 0x1FFF) << 6 | b >> 26;
        assert_eq!((a >> 13, south, b >> 13 & 0x1FFF, b & 0x1FFF), (262_153, 262_128, 1_030, 5));
    }

    #[test]
    fn a_point_marks_its_row_alone() {
        let mut points = TrailPoints::default();
        points.set(130, 1, Vec3::ZERO, 0);
        points.set(1, 33, Vec3::ZERO, 0);
        assert_eq!(points.row_revisions, [2, 0, 1], "64 trails a row");
        assert_eq!(
            points.texels.get(33),
            Some(&packed(Vec3::ZERO, 0)),
            "the 33rd point is the second of the ring"
        );
    }
}
