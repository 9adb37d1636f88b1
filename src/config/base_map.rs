//! `[basemap]` of a settings file or of `place.toml`: a raster map below everything, by a template of addresses.

use std::path::Path;

use serde::Deserialize;
use url::Url;

use super::{SettingsError, told};
use crate::geo::{Datum, MOST_ZOOM, MapTile};

/// The longest address, in bytes; servers take no longer ones.
const LONGEST_URL: usize = 2_000;
/// The longest attribution, in characters: it is a line in the corner.
const LONGEST_ATTRIBUTION: usize = 120;

/// A raster map, and how it is to look.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseMap {
    /// An address with `{z}`, `{x}`, `{y}` (or `{-y}` from the south, or `{q}`), `{s}` and `{key}`.
    pub url: String,
    /// What `{key}` (or `{tk}`) becomes.
    #[serde(default)]
    pub key: Option<String>,
    /// The environment variable that holds the key; not in a `place.toml`.
    #[serde(default)]
    pub key_env: Option<String>,
    /// What `{s}` becomes, in turn, a character each.
    #[serde(default = "default_subdomains")]
    pub subdomains: String,
    /// Side of a tile in pixels; larger pictures are made smaller.
    #[serde(default = "default_tile_px")]
    pub tile_px: u32,
    /// The coarsest zoom that is asked for.
    #[serde(default = "default_min_zoom")]
    pub min_zoom: u8,
    /// The finest zoom that the server has.
    #[serde(default = "default_max_zoom")]
    pub max_zoom: u8,
    /// Whose map it is; the picture carries it.
    pub attribution: String,
    /// The datum of the map.
    #[serde(default)]
    pub datum: Datum,
    /// How much of the ground below it covers, 0 to 1.
    #[serde(default = "default_opacity")]
    pub opacity: f32,
    /// How bright it is, 0 to 1: maps are made for white paper.
    #[serde(default = "default_brightness")]
    pub brightness: f32,
    /// How much of its colour is left, 0 to 1.
    #[serde(default = "default_saturation")]
    pub saturation: f32,
    /// Whether it covers our own roads, water and green too.
    #[serde(default)]
    pub covers_ground: bool,
    /// The most megabytes of tiles that are kept on the disk; 0 keeps none.
    #[serde(default = "default_cache_mb")]
    pub cache_mb: u32,
}

fn default_subdomains() -> String {
    "abc".to_owned()
}
fn default_tile_px() -> u32 {
    256
}
fn default_min_zoom() -> u8 {
    9
}
fn default_max_zoom() -> u8 {
    18
}
fn default_opacity() -> f32 {
    0.9
}
fn default_brightness() -> f32 {
    0.12
}
fn default_saturation() -> f32 {
    0.45
}
fn default_cache_mb() -> u32 {
    256
}

/// Keys stand in the address as often as in `key`, so neither is ever printed.
impl std::fmt::Debug for BaseMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BaseMap").field("attribution", &self.attribution).finish_non_exhaustive()
    }
}

/// A base map that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseMapError {
    /// There is no such section.
    #[error("there is no [basemap]")]
    Missing,
    /// It is not understood; what is wrong.
    #[error("[basemap] cannot be understood: {0}")]
    Text(String),
    /// The address does not say which tile.
    #[error("[basemap] url needs {{z}}, {{x}} and {{y}} (or {{-y}}), or {{q}}")]
    NoTile,
    /// Not an address.
    #[error("[basemap] url is no http or https address of at most {LONGEST_URL} characters")]
    NoAddress,
    /// A key is wanted and not given.
    #[error("[basemap] url wants a key: say key, or key_env and set that variable")]
    NoKey,
    /// A place may come from anybody, and its addresses lead anywhere.
    #[error("[basemap] key_env belongs into a settings file: a place must not read the environment")]
    KeyFromPlace,
    /// A number out of range.
    #[error("[basemap] {0}")]
    Number(&'static str),
    /// Nobody is named.
    #[error("[basemap] attribution must say whose map it is, in at most {LONGEST_ATTRIBUTION} characters")]
    NoAttribution,
}

/// A file of which one section counts.
#[derive(Deserialize)]
struct WithBaseMap {
    basemap: Option<BaseMap>,
}

impl BaseMap {
    /// Reads the `[basemap]` of a file, be it settings, a place or nothing else.
    ///
    /// # Errors
    /// Where the file cannot be read, or its base map cannot be used.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let file = |reason| SettingsError::File { reason, path: path.to_owned() };
        let wrong = |reason| SettingsError::BaseMap { reason, path: path.to_owned() };
        let text = std::fs::read_to_string(path).map_err(file)?;
        let text = text.trim_start_matches('\u{feff}');
        let read: WithBaseMap = toml::from_str(text)
            .map_err(|error| SettingsError::Text { reason: told(&error, text), path: path.to_owned() })?;
        read.basemap.ok_or(BaseMapError::Missing).and_then(Self::ready).map_err(wrong)
    }

    /// From the `[basemap]` of a `place.toml`.
    ///
    /// # Errors
    /// Where it cannot be used, or would read the environment.
    pub fn of_place(table: toml::Table) -> Result<Self, BaseMapError> {
        let map: Self = table.try_into().map_err(|error| BaseMapError::Text(error.message().to_owned()))?;
        if map.key_env.is_some() {
            return Err(BaseMapError::KeyFromPlace);
        }
        map.checked()
    }

    /// Takes the key from the environment, where it is said to be there, and looks whether all of it can be used.
    ///
    /// # Errors
    /// Where something is missing or out of range.
    pub fn ready(mut self) -> Result<Self, BaseMapError> {
        if let (None, Some(variable)) = (&self.key, &self.key_env) {
            self.key = std::env::var(variable).ok();
        }
        self.checked()
    }

    fn checked(self) -> Result<Self, BaseMapError> {
        let has = |name: &str| self.url.contains(name);
        if !(has("{q}") || (has("{z}") && has("{x}") && (has("{y}") || has("{-y}")))) {
            return Err(BaseMapError::NoTile);
        }
        if (has("{key}") || has("{tk}")) && self.key.as_deref().is_none_or(|key| key.trim().is_empty()) {
            return Err(BaseMapError::NoKey);
        }
        let example = self.address(MapTile { z: 1, x: 0, y: 0 });
        let is_address =
            Url::parse(&example).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_address || example.len() > LONGEST_URL {
            return Err(BaseMapError::NoAddress);
        }
        if !(1..=LONGEST_ATTRIBUTION).contains(&self.attribution.trim().chars().count()) {
            return Err(BaseMapError::NoAttribution);
        }
        if !(64..=1024).contains(&self.tile_px) {
            return Err(BaseMapError::Number("tile_px is 64 to 1024"));
        }
        if !(self.min_zoom <= self.max_zoom && self.max_zoom <= MOST_ZOOM) {
            return Err(BaseMapError::Number("zooms go from min_zoom up to max_zoom, 22 at most"));
        }
        let shares = [self.opacity, self.brightness, self.saturation];
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(BaseMapError::Number("opacity, brightness and saturation are 0 to 1"));
        }
        Ok(self)
    }

    /// The address of a tile. It may hold the key: never print it.
    pub fn address(&self, tile: MapTile) -> String {
        let letters = self.subdomains.chars().count();
        let turn = (tile.x as usize).wrapping_add(tile.y as usize).checked_rem(letters);
        let letter = turn.and_then(|turn| self.subdomains.chars().nth(turn));
        let letter = letter.map(String::from).unwrap_or_default();
        self.filled(tile, &letter, self.key.as_deref().unwrap_or_default().trim())
    }

    /// The same without the key and the subdomain: what a tile is called among those that are kept.
    pub fn name(&self, tile: MapTile) -> String {
        self.filled(tile, "", "")
    }

    fn filled(&self, tile: MapTile, letter: &str, key: &str) -> String {
        self.url
            .replace("{z}", &tile.z.to_string())
            .replace("{x}", &tile.x.to_string())
            .replace("{y}", &tile.y.to_string())
            .replace("{-y}", &tile.y_from_south().to_string())
            .replace("{q}", &tile.quadkey())
            .replace("{s}", letter)
            .replace("{key}", key)
            .replace("{tk}", key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base_map(url: &str) -> BaseMap {
        toml::from_str(&format!("url = \"{url}\"\nattribution = \"x\"\nkey = \"secret\"\n"))
            .expect("settings")
    }

    #[test]
    fn addresses_are_filled_and_nothing_else_tells_the_key() {
        let tile = MapTile { z: 3, x: 5, y: 2 };
        let map = base_map("https://{s}.example.org/{z}/{x}/{-y}.png?tk={key}");
        assert_eq!(map.address(tile), "https://b.example.org/3/5/5.png?tk=secret");
        assert_eq!(map.name(tile), "https://.example.org/3/5/5.png?tk=");
        assert!(!format!("{map:?}").contains("secret"));
        assert_eq!(base_map("http://x/{q}").address(tile), "http://x/121");
        let wmts = "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={tk}";
        assert!(base_map(wmts).address(tile).ends_with("TILEMATRIX=3&TILEROW=2&TILECOL=5&tk=secret"));
    }

    #[test]
    fn what_is_missing_is_told() {
        let wrong = |map: BaseMap| map.ready().err();
        assert_eq!(wrong(base_map("http://x/{z}/{x}/{y}")), None);
        assert_eq!(wrong(base_map("http://x/{z}/{x}")), Some(BaseMapError::NoTile));
        for url in ["file:///{z}/{x}/{y}", "http://:1/{z}/{x}/{y}", "{z}/{x}/{y}"] {
            assert_eq!(wrong(base_map(url)), Some(BaseMapError::NoAddress), "{url}");
        }
        let without = BaseMap { key: None, ..base_map("http://x/{z}/{x}/{y}?{key}") };
        assert_eq!(wrong(without.clone()), Some(BaseMapError::NoKey));
        let unset = BaseMap { key_env: Some("YUNFUSHAN_NOBODY_SETS_THIS".to_owned()), ..without };
        assert_eq!(wrong(unset), Some(BaseMapError::NoKey));
        let bright = BaseMap { brightness: 2.0, ..base_map("http://x/{z}/{x}/{y}") };
        assert!(matches!(wrong(bright), Some(BaseMapError::Number(_))));
        let long = BaseMap { attribution: "x".repeat(121), ..base_map("http://x/{z}/{x}/{y}") };
        assert_eq!(wrong(long), Some(BaseMapError::NoAttribution));
    }

    #[test]
    fn a_place_cannot_send_the_environment_away() {
        let table = |more: &str| {
            let text = format!("url = \"http://x/{{z}}/{{x}}/{{y}}?{{key}}\"\nattribution = \"x\"\n{more}");
            toml::from_str(&text).expect("a table")
        };
        assert_eq!(BaseMap::of_place(table("key_env = \"PATH\"")), Err(BaseMapError::KeyFromPlace));
        assert!(BaseMap::of_place(table("key = \"1\"")).is_ok());
        assert!(matches!(BaseMap::of_place(table("kee = \"1\"")), Err(BaseMapError::Text(_))));
    }

    #[test]
    fn it_is_read_from_any_file_that_has_one_and_errors_quote_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |text: &str| {
            let path = folder.path().join("map.toml");
            std::fs::write(&path, text).expect("a file");
            BaseMap::read(&path).map_err(|error| error.to_string())
        };
        let map = read(
            "name = \"a place\"\n[basemap]\nurl = \"http://x/{z}/{x}/{y}\"\nattribution = \"x\"\ndatum = \"gcj02\"",
        );
        assert_eq!(map.expect("good").datum, Datum::Gcj02);
        assert!(read("name = \"x\"").expect_err("none").contains("no [basemap]"));
        let broken = read("[basemap]\nattribution = \"x\"\nurl = \"http://x/{z}/{x}/{y}?tk=secret")
            .expect_err("no end");
        assert!(broken.contains("line 3") && !broken.contains("secret"), "{broken}");
    }

    #[test]
    fn the_examples_of_the_readme_can_be_used() {
        let readme = include_str!("../../README.md");
        let examples: Vec<BaseMap> = readme
            .split("```toml\n")
            .skip(1)
            .filter_map(|block| block.split("```").next())
            .filter_map(|text| toml::from_str::<WithBaseMap>(text).expect("good TOML").basemap)
            .collect();
        assert_eq!(examples.len(), 3);
        assert_eq!(
            examples.iter().map(|map| map.datum).collect::<Vec<_>>(),
            [Datum::Wgs84, Datum::Wgs84, Datum::Gcj02]
        );
        for map in examples {
            assert_eq!(BaseMap { key: Some("x".to_owned()), ..map }.ready().err(), None);
        }
    }
}
