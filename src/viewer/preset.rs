//! The quality presets: what each turns on is one table.
//!
//! Who has not chosen one gets what suits the adapter (`adapter`), and less where measured frames stutter (`stepping`).

mod adapter;
mod stepping;

use std::time::Instant;

use bevy::camera::Hdr;
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::post_process::bloom::{Bloom, BloomCompositeMode, BloomPrefilter};
use bevy::prelude::*;
use bevy::render::renderer::{RenderAdapter, RenderAdapterInfo, RenderDevice};

use self::stepping::Stepping;
use super::ViewerSystems;
use super::actions::Action;
use super::pace::Pace;
use super::stage::{Capture, Scene, Shadows, StageCamera, StageStats};
use super::view::View;

/// A quality preset.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, clap::ValueEnum)]
pub enum Preset {
    /// CPU rasterisers and old integrated GPUs; within WebGL 2.
    #[default]
    Low,
    /// Integrated GPUs: smooth edges and the sun's shadows.
    Medium,
    /// Dedicated GPUs: glow and filmic tones too.
    High,
}

/// What a preset turns on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PresetRow {
    /// Samples of each pixel.
    pub msaa: Msaa,
    /// The sun's shadow maps.
    pub shadows: Shadows,
    /// High dynamic range: atmosphere, bloom, tone mapping.
    pub filmic: bool,
    /// Ambient occlusion and contact shadows; wants `filmic`.
    pub occlusion: bool,
    /// Brightness of lit windows and pins; above 1 it blooms.
    pub emission: f32,
    /// Water moves; a rasteriser on the CPU draws nothing again only because it does.
    pub waves: bool,
    /// No tree is drawn farther away than this, metres.
    pub trees_m: u32,
}

impl Preset {
    /// Every preset, from the cheapest.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The table.
    pub const fn row(self) -> PresetRow {
        match self {
            Self::Low => PresetRow {
                msaa: Msaa::Off,
                shadows: Shadows { maps: 0, texels: 0, soft: false },
                filmic: false,
                occlusion: false,
                emission: 1.0,
                waves: false,
                trees_m: 380,
            },
            Self::Medium => PresetRow {
                msaa: Msaa::Sample4,
                shadows: Shadows { maps: 2, texels: 1536, soft: false },
                filmic: false,
                occlusion: false,
                emission: 1.0,
                waves: true,
                trees_m: 1_500,
            },
            Self::High => PresetRow {
                msaa: Msaa::Sample4,
                shadows: Shadows { maps: 4, texels: 2048, soft: true },
                filmic: true,
                occlusion: true,
                emission: 2.4,
                waves: true,
                trees_m: 2_600,
            },
        }
    }

    /// The key of its name in the message files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Low => "preset-low",
            Self::Medium => "preset-medium",
            Self::High => "preset-high",
        }
    }

    /// The next cheaper one.
    pub fn lower(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|other| *other < self)
    }

    /// The next dearer one.
    pub fn higher(self) -> Option<Self> {
        Self::ALL.into_iter().find(|other| *other > self)
    }
}

/// The preset that the user asked for; without one the machine decides, at the start and while it runs.
#[derive(Resource, Clone, Copy, Default)]
pub struct WantedPreset(pub Option<Preset>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WantedPreset>()
        .init_resource::<Preset>()
        .add_systems(Startup, choose_preset)
        .add_systems(
            Update,
            (change_preset, step_preset, apply_preset.after(super::layers::switch_layers))
                .chain()
                .in_set(ViewerSystems::Apply),
        );
}

fn choose_preset(
    wanted: Res<WantedPreset>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut preset: ResMut<Preset>,
) {
    *preset = wanted.0.unwrap_or_else(|| for_adapter(adapter.as_deref()));
}

fn for_adapter(adapter: Option<&RenderAdapterInfo>) -> Preset {
    let Some(info) = adapter else { return Preset::Low };
    // OpenGL names the card in one field and who wrote its driver in the others.
    let name = format!("{} {} {}", info.name, info.driver, info.driver_info);
    adapter::preset_for(info.device_type, info.backend, &name)
}

fn change_preset(
    mut actions: MessageReader<Action>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut preset: ResMut<Preset>,
    mut wanted: ResMut<WantedPreset>,
) {
    for action in actions.read() {
        match action {
            Action::SetPreset(chosen) => {
                wanted.0 = Some(*chosen);
                preset.set_if_neq(*chosen);
            }
            Action::AutomaticPreset => {
                wanted.0 = None;
                preset.set_if_neq(for_adapter(adapter.as_deref()));
            }
            _ => {}
        }
    }
}

/// Steps down where the picture stutters, in a window, as long as the user has not chosen.
///
/// Only frames count between which the camera moved twice: then each follows the other as fast as it can, and then a
/// stutter is seen. A picture that stands still is drawn when there is something new, whatever that takes.
fn step_preset(
    wanted: Res<WantedPreset>,
    view: Res<View>,
    stats: Res<StageStats>,
    pace: Res<Pace>,
    capture: Option<Res<Capture>>,
    windows: Query<&Window>,
    mut preset: ResMut<Preset>,
    mut seen: Local<Seen>,
) {
    let Seen { last, look, has_moved, stepping } = &mut *seen;
    let interval = last.replace(Instant::now()).map(|last| last.elapsed().as_secs_f32());
    let moves = look.replace(view.clip_from_world).is_some_and(|before| before != view.clip_from_world);
    let moved_twice = std::mem::replace(has_moved, moves) && moves;
    let is_drawn = stats.drawn_city_revision() > 0;
    let is_seen = windows.iter().any(|window| window.physical_width() > 0);
    if wanted.0.is_some() || capture.is_some() || !is_drawn {
        *stepping = None;
        return;
    }
    let stepping = stepping.get_or_insert_with(Stepping::with_grace);
    if !moved_twice || !is_seen {
        stepping.forget_window();
        return;
    }
    // A frame that came when it was due may have waited for that.
    let due_secs = pace.least_interval().as_secs_f32() * 1.25;
    let next = interval
        .map(|seconds| if seconds < due_secs { seconds.min(stepping::SMOOTH_SECS * 0.8) } else { seconds })
        .and_then(|seconds| stepping.frame(seconds, *preset));
    let Some(next) = next else { return };
    info!(
        "quality {next:?} instead of {:?}: {}",
        *preset,
        if next < *preset { "the picture stutters" } else { "it has been smooth for long" }
    );
    *preset = next;
}

/// What is remembered from frame to frame.
#[derive(Default)]
struct Seen {
    last: Option<Instant>,
    look: Option<Mat4>,
    has_moved: bool,
    stepping: Option<Stepping>,
}

/// What [`Bloom`] draws into.
const BLOOM_NEEDS: wgpu::Features = wgpu::Features::RG11B10UFLOAT_RENDERABLE;
/// Only what is brighter than a screen can show blooms: lit windows, the sun.
const BLOOM: Bloom = Bloom {
    intensity: 0.22,
    low_frequency_boost: 0.5,
    prefilter: BloomPrefilter { threshold: 0.9, threshold_softness: 0.3 },
    composite_mode: BloomCompositeMode::Additive,
    ..Bloom::NATURAL
};

fn apply_preset(
    preset: Res<Preset>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
    device: Option<Res<RenderDevice>>,
    adapter: Option<Res<RenderAdapter>>,
    cameras: Query<(Entity, Ref<StageCamera>)>,
) {
    for (camera, marker) in &cameras {
        if !preset.is_changed() && !marker.is_added() {
            continue;
        }
        let row = preset.row();
        scene.switches.shadows = row.shadows;
        scene.switches.occlusion = row.occlusion;
        scene.switches.waves = row.waves;
        scene.switches.trees_m = row.trees_m;
        let mut camera = commands.entity(camera);
        camera.insert((row.msaa, DebandDither::Disabled));
        // Occlusion reads the depth of what was drawn.
        let mut depth = wgpu::TextureUsages::RENDER_ATTACHMENT;
        if row.filmic {
            // Where the last pass could not read it anyhow (stage/finish.rs) it stays as it is without: OpenGL draws nothing
            // at all into wide colours beside depth that has several samples and may be read.
            let reads = wgpu::DownlevelFlags::READ_ONLY_DEPTH_STENCIL;
            if adapter
                .as_ref()
                .is_some_and(|adapter| adapter.get_downlevel_capabilities().flags.contains(reads))
            {
                depth |= wgpu::TextureUsages::TEXTURE_BINDING;
            }
            camera.insert(Hdr);
            // Its textures have a format that OpenGL ES 3.0 cannot draw into.
            if device.as_ref().is_some_and(|device| device.features().contains(BLOOM_NEEDS)) {
                camera.insert(BLOOM);
            }
        } else {
            camera.remove::<(Hdr, Bloom)>();
        }
        // The stage tones its own picture, before markers and names.
        camera.insert((Camera3d { depth_texture_usages: depth.into(), ..default() }, Tonemapping::None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_costs_nothing_extra() {
        let row = Preset::Low.row();
        assert_eq!((row.msaa, row.shadows.maps, row.filmic, row.occlusion), (Msaa::Off, 0, false, false));
    }

    #[test]
    fn each_preset_turns_on_what_the_one_below_it_does() {
        for preset in Preset::ALL {
            let Some(lower) = preset.lower() else { continue };
            assert_eq!(lower.higher(), Some(preset));
            let (row, below) = (preset.row(), lower.row());
            assert!(row.msaa.samples() >= below.msaa.samples());
            assert!(row.shadows.maps * row.shadows.texels > below.shadows.maps * below.shadows.texels);
            assert!(row.filmic >= below.filmic && row.occlusion >= below.occlusion);
        }
    }
}
