//! Values on the command line that several commands share.

use crate::config::BaseMap;
use crate::viewer::basemap::WantedBaseMap;

/// A size such as `1920x1080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Pixels across.
    pub(super) width: u32,
    /// Pixels down.
    pub(super) height: u32,
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help =
            || format!("a size is WIDTHxHEIGHT in pixels from 16 to 16384, such as 1920x1080, not {text:?}");
        let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(help)?;
        let parse = |side: &str| side.trim().parse::<u32>().ok().filter(|side| (16..=16_384).contains(side));
        Ok(Self { width: parse(width).ok_or_else(help)?, height: parse(height).ok_or_else(help)? })
    }
}

/// An hour of the day such as `18:30`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hour(pub(super) f32);

impl std::str::FromStr for Hour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = || format!("a time of day is HH:MM, such as 18:30, not {text:?}");
        let (hours, minutes) = text.split_once([':', '：']).ok_or_else(help)?;
        let hours: u8 = hours.trim().parse().ok().filter(|hours| *hours < 24).ok_or_else(help)?;
        let minutes: u8 = minutes.trim().parse().ok().filter(|minutes| *minutes < 60).ok_or_else(help)?;
        Ok(Self(f32::from(hours) + f32::from(minutes) / 60.0))
    }
}

/// A camera: `LON,LAT,DISTANCE_M[,BEARING_DEG[,PITCH_DEG]]`.
#[derive(Debug, Clone)]
pub(super) struct CameraPlace(pub(super) crate::city::View);

impl std::str::FromStr for CameraPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = || {
            format!(
                "a camera is LON,LAT,DISTANCE_M[,BEARING_DEG[,PITCH_DEG]], such as 118.873,28.966,900,20,55, not {text:?}"
            )
        };
        let numbers: Vec<f64> = text
            .split(',')
            .map(|number| number.trim().parse().map_err(|_error: std::num::ParseFloatError| help()))
            .collect::<Result<_, _>>()?;
        match numbers.as_slice() {
            [lon, lat, distance, rest @ ..] if rest.len() <= 2 && numbers.iter().all(|n| n.is_finite()) => {
                Ok(Self(crate::city::View {
                    lon: *lon,
                    lat: *lat,
                    distance_m: *distance,
                    bearing_deg: rest.first().copied().unwrap_or(0.0),
                    pitch_deg: rest.get(1).copied().unwrap_or(50.0),
                }))
            }
            _ => Err(help()),
        }
    }
}

/// Which base map is shown: that of a file, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BaseMapChoice {
    /// None.
    None,
    /// That of a settings file, a place.toml or a file with nothing else.
    Of(std::path::PathBuf),
}

impl BaseMapChoice {
    #[expect(clippy::unnecessary_wraps, reason = "a parser of clap may fail")]
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Ok(if text == "none" { Self::None } else { Self::Of(text.into()) })
    }

    /// What the viewer is told.
    pub(super) fn wanted(&self) -> anyhow::Result<WantedBaseMap> {
        Ok(match self {
            Self::None => WantedBaseMap::None,
            Self::Of(path) => WantedBaseMap::This(Box::new(BaseMap::read(path)?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_hours_and_cameras_are_read_or_explained() {
        assert_eq!("1920x1080".parse(), Ok(Size { width: 1920, height: 1080 }));
        assert!("1920".parse::<Size>().expect_err("no height").contains("WIDTHxHEIGHT"));
        assert!("9x99999".parse::<Size>().is_err());
        assert_eq!("18:30".parse(), Ok(Hour(18.5)));
        assert!("25:00".parse::<Hour>().is_err());
        let CameraPlace(camera) = "118.87,28.97,900,20".parse().expect("a camera");
        assert_eq!((camera.distance_m, camera.bearing_deg, camera.pitch_deg), (900.0, 20.0, 50.0));
        assert!("118.87,x,900".parse::<CameraPlace>().is_err());
        assert!("118.87,NaN,900".parse::<CameraPlace>().is_err());
    }
}
