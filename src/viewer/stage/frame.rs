//! The frame uniform: camera, light, air, palette.

use bevy::camera::PerspectiveProjection;
use bevy::prelude::*;
use bevy::render::renderer::RenderQueue;
use bevy::render::view::ExtractedView;

use super::cascades::Lens;
use super::gpu::Gpu;
use super::scene::{StageCamera, StageStats};
use super::shadows::{self, ShadowMaps, ShadowUniform};
use super::upload::{Pending, Uploaded};

/// The light and the air at a moment, linear colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Toward the sun, or the moon at night; a unit vector.
    pub toward_sun: Vec3,
    /// Direct light.
    pub sun: Vec3,
    /// How dark its shadows are, 0 to 1: it fades near the horizon, and where sun and moon relieve each other.
    pub shadow: f32,
    /// From the sky above.
    pub sky: Vec3,
    /// From below.
    pub ground: Vec3,
    /// At the horizon.
    pub haze: Vec3,
    /// Overhead.
    pub zenith: Vec3,
    /// Extinction per metre.
    pub haze_per_m: f32,
    /// 0 by day, 1 by night.
    pub darkness: f32,
    /// How much of the windows is lit, 0 to 1.
    pub windows: f32,
    /// Brightness of emission: above 1 where bloom picks it up.
    pub emission: f32,
}

impl Default for Light {
    fn default() -> Self {
        Self {
            toward_sun: Vec3::new(0.45, 0.7, 0.55).normalize_or_zero(),
            sun: Vec3::new(1.0, 0.95, 0.86),
            shadow: 1.0,
            sky: Vec3::new(0.50, 0.56, 0.64),
            ground: Vec3::new(0.22, 0.22, 0.23),
            haze: Vec3::new(0.18, 0.23, 0.29),
            zenith: Vec3::new(0.07, 0.12, 0.19),
            haze_per_m: 1.0 / 9000.0,
            darkness: 0.0,
            windows: 0.0,
            emission: 1.0,
        }
    }
}

/// The colours of ground and buildings, linear; alpha as `frame.wgsl` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// By class of ground.
    pub ground: [Vec4; 16],
    /// By use of building.
    pub uses: [Vec4; 16],
    /// For hovered and selected things.
    pub accent: Vec3,
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            ground: [Vec4::splat(0.03); 16],
            uses: [Vec4::splat(0.3); 16],
            accent: Vec3::new(0.1, 0.6, 0.9),
        }
    }
}

/// The uniform as `frame.wgsl` lays it out.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct FrameUniform {
    clip_from_world: [[f32; 4]; 4],
    world_from_clip: [[f32; 4]; 4],
    camera: [f32; 4],
    sun: [f32; 4],
    sun_color: [f32; 4],
    sky_light: [f32; 4],
    ground_light: [f32; 4],
    haze: [f32; 4],
    zenith: [f32; 4],
    viewport: [f32; 4],
    selection: [u32; 4],
    accent: [f32; 4],
    ground: [[f32; 4]; 16],
    uses: [[f32; 4]; 16],
    shadows: ShadowUniform,
    within: [f32; 4],
    set_back: [f32; 4],
}

/// Seen from above the air is thinner: from this many heights away a thing has lost a share of 1 − 1/e to the haze.
const CLEAR_HEIGHTS: f32 = 6.0;

/// The camera of this frame, for culling and drawing.
#[derive(Resource, Clone, Copy)]
pub(super) struct FrameView {
    pub(super) clip_from_world: Mat4,
    pub(super) camera: Vec3,
    /// Pixels that a metre covers at a distance of one metre.
    pub(super) pixels_at_one_m: f32,
    /// The first pixel row below the horizon, from the top; 0 where no sky is in view.
    pub(super) horizon_px: u32,
    pub(super) viewport: UVec2,
}

/// Writes the uniform for the stage's camera.
pub(super) fn write(
    mut commands: Commands,
    gpu: Option<ResMut<Gpu>>,
    uploaded: Option<Res<Uploaded>>,
    mut shadow_maps: Option<ResMut<ShadowMaps>>,
    pending: Res<Pending>,
    queue: Res<RenderQueue>,
    views: Query<&ExtractedView, With<StageCamera>>,
    stats: Res<StageStats>,
) {
    let (Some(mut gpu), Some(uploaded), Some(view)) = (gpu, uploaded, views.iter().next()) else {
        return;
    };
    stats.record_gpu_bytes(uploaded.city_bytes());
    let world_from_view = view.world_from_view.to_matrix();
    let clip_from_world = view.clip_from_view * world_from_view.inverse();
    let camera = world_from_view.w_axis.truncate();
    let size = UVec2::new(view.viewport.z.max(1), view.viewport.w.max(1));
    let half_fov_tan = 1.0 / view.clip_from_view.y_axis.y.max(1e-6);
    let pixels_at_one_m = size.y as f32 / (2.0 * half_fov_tan);
    let forward = -world_from_view.z_axis.truncate();
    let light = &pending.light;
    let lens = Lens::new(clip_from_world.inverse(), camera, forward);
    let shadows =
        shadows::place(&mut shadow_maps, &mut commands, &mut gpu, &queue, &uploaded, &pending, &lens);

    let uniform = FrameUniform {
        clip_from_world: clip_from_world.to_cols_array_2d(),
        world_from_clip: clip_from_world.inverse().to_cols_array_2d(),
        camera: camera.extend(pixels_at_one_m).to_array(),
        sun: light.toward_sun.extend(light.shadow).to_array(),
        sun_color: light.sun.extend(light.darkness).to_array(),
        sky_light: light.sky.extend(0.0).to_array(),
        ground_light: light.ground.extend(light.windows).to_array(),
        haze: light.haze.extend(light.haze_per_m.min(1.0 / (camera.y.max(1.0) * CLEAR_HEIGHTS))).to_array(),
        zenith: light
            .zenith
            .extend(if pending.switches.waves { (pending.clock_ms % 3_600_000) as f32 / 1000.0 } else { 0.0 })
            .to_array(),
        viewport: [size.x as f32, size.y as f32, pending.pixels_per_point, light.emission],
        selection: [
            pending.marks.hovered.map_or(0, |row| row + 1),
            pending.marks.selected.map_or(0, |row| row + 1),
            u32::from(pending.marks.dim_others && pending.marks.selected.is_some())
                | u32::from(pending.marks.is_apart) << 1,
            pending.clock_ms,
        ],
        accent: pending.palette.accent.extend(pending.switches.trees_m as f32).to_array(),
        ground: pending.palette.ground.map(|color| color.to_array()),
        uses: pending.palette.uses.map(|color| color.to_array()),
        shadows,
        within: gpu.within,
        set_back: [pending.set_back, 0.0, 0.0, 0.0],
    };
    queue.write_buffer(&gpu.frame_buffer, 0, bytemuck::bytes_of(&uniform));
    commands.insert_resource(FrameView {
        clip_from_world,
        camera,
        pixels_at_one_m,
        horizon_px: horizon_px(forward, half_fov_tan, size.y),
        viewport: size,
    });
}

/// The first pixel row below the horizon, for a camera without roll: 0 when all of the picture is ground.
fn horizon_px(forward: Vec3, half_fov_tan: f32, height: u32) -> u32 {
    let level = Vec2::new(forward.x, forward.z).length();
    if level < 1e-4 {
        return 0;
    }
    // The horizon stands `-forward.y / level` of a unit above the middle at unit depth.
    let ndc = -forward.y / level / half_fov_tan;
    let from_top = (1.0 - ndc) * 0.5 * height as f32;
    // Two rows of overlap hide the seam between the last of the ground and the sky.
    (from_top.ceil() + 2.0).clamp(0.0, height as f32) as u32
}

/// The projection that the stage is drawn with.
pub(crate) fn projection(near_m: f32) -> PerspectiveProjection {
    PerspectiveProjection { fov: 36.87_f32.to_radians(), near: near_m, far: 60_000.0, ..default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_horizon_is_in_the_middle_when_looking_level() {
        let tan = (36.87_f32.to_radians() * 0.5).tan();
        assert_eq!(horizon_px(Vec3::new(0.0, 0.0, -1.0), tan, 1000), 502);
        assert_eq!(horizon_px(Vec3::NEG_Y, tan, 1000), 0, "looking down: all ground");
        let steep = Vec3::new(0.0, -40.0_f32.to_radians().sin(), -40.0_f32.to_radians().cos());
        assert_eq!(horizon_px(steep, tan, 1000), 0, "looking 40° down with half a field of 18.4°: no sky");
    }
}
