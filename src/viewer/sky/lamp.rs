//! What throws shadows: the sun, then nothing, then the moon. Each takes over where the other is gone, so that no
//! shadow and no shaded wall jumps.

use bevy::prelude::*;

use super::SunPosition;

/// The sun's light fades between these elevations, degrees; below it is twilight.
const SUN_FADES_DEG: (f32, f32) = (-3.5, 3.0);
/// The moon's light comes between these, degrees.
const MOON_COMES_DEG: (f32, f32) = (-5.0, -11.0);
/// Here the one is gone and the other not yet come, degrees.
const HAND_OVER_DEG: f32 = -4.2;
/// The moon stands high in the south-east: shape and shadows, no astronomy.
const MOON: SunPosition = SunPosition { azimuth_deg: 140.0, elevation_deg: 52.0 };
/// Shadows by moonlight are fainter.
const MOON_SHADOW: f32 = 0.7;

/// The lamp of a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lamp {
    /// Toward it, a unit vector: x east, y up, z south.
    pub(super) toward: Vec3,
    /// How much of its light is there, 0 to 1.
    pub(super) strength: f32,
    /// How dark its shadows are, 0 to 1.
    pub(super) shadow: f32,
}

/// The lamp when the sun stands somewhere.
pub(super) fn lamp(sun: SunPosition) -> Lamp {
    let elevation = sun.elevation_deg as f32;
    let by_day = super::smooth(SUN_FADES_DEG.0, SUN_FADES_DEG.1, elevation);
    if elevation > HAND_OVER_DEG {
        // Light from below the horizon would shade nothing but what stands on its head.
        let toward = toward(sun.azimuth_deg as f32, elevation.max(2.0));
        // Shadows longer than the city is wide are no shadows: they fade before the light does.
        return Lamp { toward, strength: by_day, shadow: super::smooth(0.5, 6.0, elevation) };
    }
    let by_night = 1.0 - super::smooth(MOON_COMES_DEG.1, MOON_COMES_DEG.0, elevation);
    Lamp {
        toward: toward(MOON.azimuth_deg as f32, MOON.elevation_deg as f32),
        strength: by_night,
        shadow: by_night * MOON_SHADOW,
    }
}

fn toward(azimuth_deg: f32, elevation_deg: f32) -> Vec3 {
    let (azimuth, elevation) = (azimuth_deg.to_radians(), elevation_deg.to_radians());
    Vec3::new(azimuth.sin() * elevation.cos(), elevation.sin(), -azimuth.cos() * elevation.cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(elevation_deg: f64) -> Lamp {
        lamp(SunPosition { azimuth_deg: 268.0, elevation_deg })
    }

    #[test]
    fn from_sunset_to_night_nothing_jumps() {
        // In steps of a hundredth of a degree, 2.4 s of a real day.
        let mut before = at(10.0);
        for step in 1..2500 {
            let now = at(10.0 - f64::from(step) * 0.01);
            assert!((now.strength - before.strength).abs() < 0.01, "{now:?}");
            assert!((now.shadow - before.shadow).abs() < 0.01, "{now:?}");
            if now.toward.distance(before.toward) > 0.001 {
                assert!(now.strength.max(before.strength) <= 0.0, "only an unlit lamp is moved: {now:?}");
            }
            before = now;
        }
        assert_eq!((before.strength, before.shadow), (1.0, MOON_SHADOW));
    }

    #[test]
    fn by_day_it_is_the_sun() {
        let noon = lamp(SunPosition { azimuth_deg: 180.0, elevation_deg: 64.0 });
        assert_eq!((noon.strength, noon.shadow), (1.0, 1.0));
        assert!((noon.toward - Vec3::new(0.0, 0.8988, 0.4384)).length() < 1e-3, "in the south: +Z");
    }

    #[test]
    fn the_moon_stands_where_it_always_stood() {
        let night = at(-40.0);
        assert!((night.toward - Vec3::new(0.3957, 0.7880, 0.4716)).length() < 1e-3, "{night:?}");
    }
}
