//! Light by the sun's real place at the scenario's time, from sunrise to the night sky.
//!
//! Reads [`SceneTime`], writes the light of the stage.

mod sun;

pub use sun::SunPosition;

use bevy::prelude::*;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use super::actions::Action;
use super::stage::{Light, Scene};
use super::{ShowSystems, ViewerSystems};

/// The time that the picture shows, and where.
#[derive(Resource, Clone, Debug)]
pub struct SceneTime {
    /// The scenario's time.
    pub now: Timestamp,
    /// The place's time zone.
    pub zone: TimeZone,
    /// Longitude and latitude of the place in degrees.
    pub lon_lat: (f64, f64),
    /// The hour of the day whose light is shown, where the user chose one instead of the clock's.
    pub fixed_hour: Option<f32>,
}

impl SceneTime {
    /// The time whose light is shown.
    pub fn shown(&self) -> Timestamp {
        let Some(hour) = self.fixed_hour else { return self.now };
        let shift_secs = (hour - hour_of(&self.local())) * 3600.0;
        let shift = SignedDuration::try_from_secs_f32(shift_secs).unwrap_or_default();
        self.now.saturating_add(shift).unwrap_or(self.now)
    }

    /// The scenario's time on the place's own clock.
    pub fn local(&self) -> ZonedDateTime {
        self.now.to_zoned_datetime(self.zone.clone())
    }
}

/// The hour that is shown from the start, instead of the clock's.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct WantedHour(pub Option<f32>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WantedHour>().add_systems(
        Update,
        (
            fix_hour.in_set(ViewerSystems::Apply),
            light_the_stage.in_set(ShowSystems::Light).run_if(resource_exists::<SceneTime>),
        ),
    );
}

fn light_the_stage(time: Res<SceneTime>, preset: Res<super::preset::Preset>, mut scene: ResMut<Scene>) {
    let shown = time.shown();
    let sun = SunPosition::at(shown, time.lon_lat.0, time.lon_lat.1);
    let local = shown.to_zoned_datetime(time.zone.clone());
    let mut light = light_at(sun, hour_of(&local));
    light.emission = preset.row().emission;
    if scene.light != light {
        scene.light = light;
    }
}

fn hour_of(local: &ZonedDateTime) -> f32 {
    f32::from(local.hour()) + f32::from(local.minute()) / 60.0
}

fn fix_hour(mut actions: MessageReader<Action>, time: Option<ResMut<SceneTime>>) {
    let Some(mut time) = time else { return };
    for action in actions.read() {
        if let Action::SetHour(hour) = action {
            time.fixed_hour = hour.map(|hour| hour.clamp(0.0, 24.0));
        }
    }
}

/// The light when the sun stands somewhere.
pub fn light_at(sun: SunPosition, hour: f32) -> Light {
    let elevation = sun.elevation_deg as f32;
    // Day fades over civil twilight; the golden hour lies between −4° and 12°.
    let day = smooth(-5.0, 8.0, elevation);
    let golden = smooth(-6.0, 1.0, elevation) * (1.0 - smooth(6.0, 22.0, elevation));
    let azimuth = (sun.azimuth_deg as f32).to_radians();
    // The moon stands in for the sun at night, high in the south-east: shadows and shape, no astronomy.
    let lit_from = if elevation > -2.0 { elevation.max(5.0).to_radians() } else { 52_f32.to_radians() };
    let azimuth = if elevation > -2.0 { azimuth } else { 140_f32.to_radians() };
    let level = lit_from.cos();
    let toward_sun = Vec3::new(azimuth.sin() * level, lit_from.sin(), -azimuth.cos() * level);
    let mix = |night: [f32; 3], dusk: [f32; 3], noon: [f32; 3]| {
        let base = Vec3::from_array(night).lerp(Vec3::from_array(noon), day);
        base.lerp(Vec3::from_array(dusk), golden * 0.75)
    };
    Light {
        toward_sun,
        sun: mix([0.050, 0.066, 0.105], [0.98, 0.52, 0.25], [1.02, 0.94, 0.80]),
        sky: mix([0.080, 0.105, 0.17], [0.26, 0.28, 0.38], [0.34, 0.40, 0.49]),
        ground: mix([0.045, 0.05, 0.065], [0.20, 0.17, 0.16], [0.19, 0.19, 0.20]),
        haze: mix([0.012, 0.019, 0.032], [0.24, 0.19, 0.19], [0.22, 0.285, 0.36]),
        zenith: mix([0.004, 0.007, 0.014], [0.07, 0.10, 0.19], [0.075, 0.15, 0.26]),
        haze_per_m: 1.0 / 4000.0,
        darkness: 1.0 - day,
        windows: windows_lit(hour),
        hour,
        emission: 1.0,
    }
}

/// How much of a residential facade is lit at an hour: most at nine in the evening, few at four in the morning.
fn windows_lit(hour: f32) -> f32 {
    const BY_HOUR: [f32; 9] = [0.22, 0.08, 0.30, 0.10, 0.05, 0.25, 0.80, 1.0, 0.22];
    let at = (hour / 3.0).clamp(0.0, 8.0);
    let index = (at as usize).min(7);
    let (a, b) = (BY_HOUR.get(index).copied().unwrap_or(0.2), BY_HOUR.get(index + 1).copied().unwrap_or(0.2));
    a + (b - a) * at.fract()
}

fn smooth(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noon_is_bright_and_midnight_dark() {
        let noon = light_at(SunPosition { azimuth_deg: 180.0, elevation_deg: 64.0 }, 12.0);
        let night = light_at(SunPosition { azimuth_deg: 10.0, elevation_deg: -50.0 }, 23.0);
        assert_eq!(noon.darkness, 0.0);
        assert_eq!(night.darkness, 1.0);
        assert!(noon.sun.length() > 10.0 * night.sun.length());
        assert!(noon.toward_sun.z > 0.0, "the sun is in the south: +Z");
        assert!(night.windows > 0.2);
    }
}
