//! The quality presets: what each turns on is one table.

use bevy::anti_alias::fxaa::Fxaa;
use bevy::camera::Hdr;
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::post_process::bloom::Bloom;
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;

use super::ViewerSystems;
use super::actions::Action;
use super::stage::{Scene, Shadows, StageCamera};

/// A quality preset.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
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
    /// High dynamic range, tone mapping and bloom.
    pub filmic: bool,
    /// Brightness of lit windows and pins; above 1 it blooms.
    pub emission: f32,
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
                emission: 1.0,
            },
            Self::Medium => PresetRow {
                msaa: Msaa::Sample4,
                shadows: Shadows { maps: 2, texels: 1536, soft: false },
                filmic: false,
                emission: 1.0,
            },
            Self::High => PresetRow {
                msaa: Msaa::Sample4,
                shadows: Shadows { maps: 4, texels: 2048, soft: true },
                filmic: true,
                emission: 2.4,
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

    /// What suits an adapter: a rasteriser on the CPU gets `low`, an integrated GPU `medium`.
    pub fn for_adapter(kind: wgpu::DeviceType) -> Self {
        match kind {
            wgpu::DeviceType::DiscreteGpu => Self::High,
            wgpu::DeviceType::IntegratedGpu => Self::Medium,
            wgpu::DeviceType::Cpu | wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => Self::Low,
        }
    }
}

/// The preset that the user asked for; without one the adapter decides.
#[derive(Resource, Clone, Copy, Default)]
pub struct WantedPreset(pub Option<Preset>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WantedPreset>()
        .init_resource::<Preset>()
        .add_systems(Startup, choose_preset)
        .add_systems(
            Update,
            (change_preset, apply_preset.after(super::layers::switch_layers))
                .chain()
                .in_set(ViewerSystems::Apply),
        );
}

fn choose_preset(
    wanted: Res<WantedPreset>,
    adapter: Option<Res<RenderAdapterInfo>>,
    mut preset: ResMut<Preset>,
) {
    *preset =
        wanted.0.unwrap_or_else(|| adapter.map_or(Preset::Low, |info| Preset::for_adapter(info.device_type)));
}

fn change_preset(mut actions: MessageReader<Action>, mut preset: ResMut<Preset>) {
    for action in actions.read() {
        if let Action::SetPreset(wanted) = action {
            preset.set_if_neq(*wanted);
        }
    }
}

fn apply_preset(
    preset: Res<Preset>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
    cameras: Query<(Entity, Ref<StageCamera>)>,
) {
    for (camera, marker) in &cameras {
        if !preset.is_changed() && !marker.is_added() {
            continue;
        }
        let row = preset.row();
        scene.switches.shadows = row.shadows;
        let mut camera = commands.entity(camera);
        camera.insert((row.msaa, DebandDither::Disabled)).remove::<Fxaa>();
        if row.filmic {
            camera.insert((Hdr, Tonemapping::AgX, Bloom { intensity: 0.12, ..Bloom::NATURAL }));
        } else {
            camera.remove::<(Hdr, Bloom)>().insert(Tonemapping::None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_gets_low_and_low_costs_nothing_extra() {
        assert_eq!(Preset::for_adapter(wgpu::DeviceType::Cpu), Preset::Low);
        let row = Preset::Low.row();
        assert_eq!((row.msaa, row.shadows.maps, row.filmic), (Msaa::Off, 0, false));
    }
}
