//! The settings file of a viewer that starts by itself, such as a wall after a power cut: `view --config FILE`.
//!
//! ```toml
//! place = "fushan"                      # a folder with place.toml; or buildings = "FILE or URL", with areas, ways, datum
//! api = "http://127.0.0.1:8650/"
//! token_file = "token"                  # a file that holds the token alone; secrets do not belong here
//! wall = true
//! size = "3840x1080"                    # without it the whole screen on a wall, 1600x900 on a desk
//! preset = "low"                        # without it the adapter decides
//! language = "zh-CN"
//! frames_a_second = 30                  # at most, but for those that a hand asks for; 60 on a desk, 30 on a wall
//! [basemap]                             # a raster map below everything, before that of the place
//! url = "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
//! key_env = "TIANDITU_KEY"               # a variable that holds the key
//! subdomains = "01234567"
//! attribution = "Tianditu"
//! ```
//!
//! Paths are relative to the settings file. What stands on the command line goes before what stands here.

mod base_map;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use crate::geo::Datum;
use crate::language::Language;

pub use base_map::{BaseMap, BaseMapError};

/// What a settings file says. Everything is optional; an unknown name is an error, since it is a slip of the pen.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A folder with `place.toml`.
    pub place: Option<PathBuf>,
    /// A GeoJSON file of buildings, or its URL.
    pub buildings: Option<String>,
    /// A GeoJSON file of areas beside the buildings, or its URL.
    pub areas: Option<String>,
    /// A GeoJSON file of roads, water and green beside the buildings, or its URL.
    pub ways: Option<String>,
    /// The datum of these files.
    pub datum: Option<Datum>,
    /// The address of a yunfushan server.
    pub api: Option<Url>,
    /// A file that holds the server's token.
    pub token_file: Option<PathBuf>,
    /// The wall of a command centre.
    pub wall: bool,
    /// Width and height in pixels, such as `3840x1080`.
    pub size: Option<String>,
    /// `low`, `medium` or `high`.
    pub preset: Option<String>,
    /// `zh-CN` or `en`.
    pub language: Option<Language>,
    /// Frames a second at most, but for those that a hand asks for; 1 to 255.
    pub frames_a_second: Option<std::num::NonZeroU8>,
    /// A raster map below everything, before that of the place.
    pub basemap: Option<BaseMap>,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings cannot be read ({reason}): {}", path.display())]
    File {
        /// What the system says.
        reason: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// It is no TOML, or has a name that is none of ours.
    #[error("the settings cannot be understood ({reason}): {}", path.display())]
    Text {
        /// What is wrong, and where.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// Its base map cannot be used.
    #[error("{reason}: {}", path.display())]
    BaseMap {
        /// Why.
        reason: BaseMapError,
        /// The file.
        path: PathBuf,
    },
}

/// What is wrong with a text and where, without quoting it: there may be a key in the line.
fn told(error: &toml::de::Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let message = error.message();
    before.map_or_else(
        || message.to_owned(),
        |before| format!("line {}: {message}", before.matches('\n').count() + 1),
    )
}

impl Settings {
    /// Reads a settings file; its relative paths become relative to its folder.
    ///
    /// # Errors
    /// Where it cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| SettingsError::File { reason, path: path.to_owned() })?;
        let text = text.trim_start_matches('\u{feff}');
        let mut settings: Self = toml::from_str(text)
            .map_err(|error| SettingsError::Text { reason: told(&error, text), path: path.to_owned() })?;
        let wrong = |reason| SettingsError::BaseMap { reason, path: path.to_owned() };
        settings.basemap = settings.basemap.map(BaseMap::ready).transpose().map_err(wrong)?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        for file in [&mut settings.place, &mut settings.token_file].into_iter().flatten() {
            *file = folder.join(&*file);
        }
        let named = [&mut settings.buildings, &mut settings.areas, &mut settings.ways];
        for file in named.into_iter().flatten().filter(|name| !name.contains("://")) {
            *file = folder.join(&*file).display().to_string();
        }
        Ok(settings)
    }

    /// The token, from its file.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn token(&self) -> Result<Option<String>, SettingsError> {
        let Some(path) = &self.token_file else { return Ok(None) };
        let text = std::fs::read_to_string(path)
            .map_err(|reason| SettingsError::File { reason, path: path.clone() })?;
        Ok(Some(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wall.toml");
        std::fs::write(&path, text).expect("a file");
        std::fs::write(folder.path().join("token"), "0123456789abcdef\n").expect("a file");
        let settings = Settings::read(&path)?;
        if settings.token_file.is_some() {
            assert_eq!(settings.token()?.as_deref(), Some("0123456789abcdef"));
        }
        Ok(settings)
    }

    #[test]
    fn a_wall_starts_from_its_file() {
        let settings = read(
            "place = \"fushan\"\napi = \"http://127.0.0.1:8650/\"\ntoken_file = \"token\"\nwall = true\n\
             size = \"3840x1080\"\npreset = \"low\"\nlanguage = \"en\"\n\
             frames_a_second = 15\n",
        )
        .expect("good settings");
        assert!(settings.wall);
        assert!(settings.place.expect("a place").is_absolute(), "relative to the file");
        assert_eq!(settings.language, Some(Language::English));
        assert_eq!(settings.frames_a_second.map(u8::from), Some(15));
        let map = read("[basemap]\nurl = \"http://x/{z}/{x}/{y}\"\nattribution = \"x\"\ndatum = \"gcj02\"");
        assert_eq!(map.expect("good settings").basemap.map(|map| map.datum), Some(Datum::Gcj02));
        assert!(read("[basemap]\nurl = \"http://x\"\nattribution = \"x\"").is_err(), "no tile is named");
        assert!(read("frames_a_second = 0").is_err(), "a picture that never comes is a slip of the pen");
    }

    #[test]
    fn a_slip_of_the_pen_is_told_with_its_line() {
        let error = read("wall = true\nlanguge = \"en\"\n").expect_err("no such name").to_string();
        assert!(error.contains("languge") && error.contains("line 2"), "{error}");
        assert!(read("wall = maybe").is_err());
        let missing = Settings::read(Path::new("/nowhere/wall.toml")).expect_err("no such file").to_string();
        assert!(missing.ends_with("/nowhere/wall.toml"), "{missing}");
    }

    #[test]
    fn an_address_stays_an_address() {
        let text = "buildings = \"https://example.org/b.geojson\"\nareas = \"a.geojson\"\ndatum = \"gcj02\"";
        let settings = read(text).expect("good settings");
        assert_eq!(settings.buildings.as_deref(), Some("https://example.org/b.geojson"));
        let areas = settings.areas.expect("areas");
        assert!(
            areas.ends_with("/a.geojson") && areas.len() > "/a.geojson".len(),
            "beside the file: {areas}"
        );
        assert_eq!(settings.datum, Some(Datum::Gcj02));
    }
}
