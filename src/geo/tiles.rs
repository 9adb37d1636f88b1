//! Raster tiles in the Web Mercator scheme (XYZ, WMTS "w" / `GoogleMapsCompatible`): where they lie, and how they are asked for.

use std::f64::consts::PI;

use serde::Deserialize;

use super::{Datum, LocalFrame, LonLat};

/// The highest zoom that any server has.
const MOST_ZOOM: u8 = 22;

/// A tile: zoom, column from the west, row from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapTile {
    /// 0 is the whole world; each zoom halves the side.
    pub z: u8,
    /// Column.
    pub x: u32,
    /// Row.
    pub y: u32,
}

impl MapTile {
    /// The tile of a zoom that a place lies in.
    pub fn at(z: u8, place: LonLat) -> Self {
        let side = f64::from(1_u32 << z.min(MOST_ZOOM));
        let lat = place.lat.clamp(-85.0, 85.0).to_radians();
        let x = (place.lon + 180.0) / 360.0 * side;
        let y = (1.0 - lat.tan().asinh() / PI) / 2.0 * side;
        Self { z: z.min(MOST_ZOOM), x: x.clamp(0.0, side - 1.0) as u32, y: y.clamp(0.0, side - 1.0) as u32 }
    }

    /// A point of the tile, from 0 to 1 from its west and its north, in the numbers of its map.
    pub fn lon_lat(self, u: f64, v: f64) -> LonLat {
        let side = f64::from(1_u32 << self.z.min(MOST_ZOOM));
        let lon = (f64::from(self.x) + u) / side * 360.0 - 180.0;
        let lat = (PI * (1.0 - 2.0 * (f64::from(self.y) + v) / side)).sinh().atan().to_degrees();
        LonLat::new(lon, lat)
    }

    /// The same point on the ground: `[east, north]` metres, where the map's numbers are in a datum.
    pub fn metres(self, [u, v]: [f64; 2], frame: &LocalFrame, datum: Datum) -> [f64; 2] {
        frame.project(datum.to_wgs84(self.lon_lat(u, v)))
    }

    /// The four tiles of the next zoom.
    pub fn children(self) -> [Self; 4] {
        let child = |dx, dy| Self { z: self.z + 1, x: self.x * 2 + dx, y: self.y * 2 + dy };
        [child(0, 0), child(1, 0), child(0, 1), child(1, 1)]
    }

    /// The tile that this one is a quarter of.
    pub fn parent(self) -> Option<Self> {
        (self.z > 0).then(|| Self { z: self.z - 1, x: self.x / 2, y: self.y / 2 })
    }

    /// Digits from 0 to 3, one a zoom.
    fn quadkey(self) -> String {
        let digit = |bit: u8| (self.x >> bit & 1) + 2 * (self.y >> bit & 1);
        (0..self.z).rev().filter_map(|bit| char::from_digit(digit(bit), 4)).collect()
    }
}

/// `[basemap]`: a raster map below everything.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseMap {
    /// An address with `{z}`, `{x}`, `{y}` (or `{-y}` from the south, or `{q}`), `{s}` and `{key}`.
    pub url: String,
    /// What `{key}` (or `{tk}`) becomes.
    #[serde(default)]
    pub key: Option<String>,
    /// The environment variable that holds the key.
    #[serde(default)]
    pub key_env: Option<String>,
    /// What `{s}` becomes, in turn, a letter each.
    #[serde(default = "default_subdomains")]
    pub subdomains: String,
    /// Side of a tile in pixels.
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
    0.28
}
fn default_saturation() -> f32 {
    0.45
}
fn default_cache_mb() -> u32 {
    256
}

/// A base map that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseMapError {
    /// The address does not say which tile.
    #[error("[basemap] url needs {{z}}, {{x}} and {{y}} (or {{-y}}), or {{q}}")]
    NoTile,
    /// Not an address.
    #[error("[basemap] url is no http or https address")]
    NoAddress,
    /// A key is wanted and not given.
    #[error("[basemap] url wants a key: say key, or key_env and set that variable")]
    NoKey,
    /// A number out of range.
    #[error("[basemap] {0}")]
    Number(&'static str),
    /// Nobody is named.
    #[error("[basemap] attribution must say whose map it is")]
    NoAttribution,
}

impl BaseMap {
    /// Looks whether all of it can be used.
    ///
    /// # Errors
    /// Where something is missing or out of range.
    pub fn check(&self) -> Result<(), BaseMapError> {
        let has = |name: &str| self.url.contains(name);
        if !(has("{q}") || (has("{z}") && has("{x}") && (has("{y}") || has("{-y}")))) {
            return Err(BaseMapError::NoTile);
        }
        if !(self.url.starts_with("http://") || self.url.starts_with("https://")) {
            return Err(BaseMapError::NoAddress);
        }
        if (has("{key}") || has("{tk}")) && self.key.as_deref().is_none_or(|key| key.trim().is_empty()) {
            return Err(BaseMapError::NoKey);
        }
        if self.attribution.trim().is_empty() {
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
        Ok(())
    }

    /// The address of a tile.
    pub fn address(&self, tile: MapTile) -> String {
        self.filled(tile, self.key.as_deref().unwrap_or_default().trim())
    }

    /// The same without the key and with one subdomain for all: what a tile is called on the disk.
    pub fn name(&self, tile: MapTile) -> String {
        let same = Self { subdomains: String::new(), ..self.clone() };
        same.filled(tile, "")
    }

    fn filled(&self, tile: MapTile, key: &str) -> String {
        let letters: Vec<char> = self.subdomains.chars().collect();
        let turn = (tile.x as usize + tile.y as usize).checked_rem(letters.len());
        let letter = turn.and_then(|turn| letters.get(turn)).map(char::to_string).unwrap_or_default();
        let from_south = (1_u32 << tile.z.min(MOST_ZOOM)).saturating_sub(1).saturating_sub(tile.y);
        self.url
            .replace("{z}", &tile.z.to_string())
            .replace("{x}", &tile.x.to_string())
            .replace("{y}", &tile.y.to_string())
            .replace("{-y}", &from_south.to_string())
            .replace("{q}", &tile.quadkey())
            .replace("{s}", &letter)
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
    fn tiles_are_where_the_scheme_has_them() {
        // The corner of the first tile of zoom 1, and Quzhou at zoom 10: (118.87 + 180) / 360 × 1024 = 850.1.
        let corner = MapTile { z: 1, x: 1, y: 1 }.lon_lat(0.0, 0.0);
        assert!(corner.lon.abs() < 1e-9 && corner.lat.abs() < 1e-9);
        let quzhou = LonLat::new(118.87, 28.97);
        let tile = MapTile::at(10, quzhou);
        assert_eq!(tile.x, 850);
        let (low, high) = (tile.lon_lat(0.0, 1.0), tile.lon_lat(1.0, 0.0));
        assert!((low.lon..high.lon).contains(&quzhou.lon) && (low.lat..high.lat).contains(&quzhou.lat));
        assert!(tile.children().iter().all(|child| child.parent() == Some(tile)));
    }

    #[test]
    fn a_tile_in_gcj_02_lands_where_its_ground_is() {
        // The tile's corner, as the map has it, is the shifted picture of a place; that place is what it must cover.
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        let tile = MapTile::at(17, Datum::Gcj02.from_wgs84(LonLat::new(118.87, 28.97)));
        for corner in [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]] {
            let at = tile.metres(corner, &frame, Datum::Gcj02);
            let shown = Datum::Gcj02.from_wgs84(frame.unproject(at));
            let wanted = tile.lon_lat(corner[0], corner[1]);
            let off_m = (shown.lon - wanted.lon).hypot(shown.lat - wanted.lat) * 111_000.0;
            assert!(off_m < 0.01, "{off_m} m");
            let unshifted = tile.metres(corner, &frame, Datum::Wgs84);
            let shift_m = (at[0] - unshifted[0]).hypot(at[1] - unshifted[1]);
            assert!((550.0..610.0).contains(&shift_m), "about 580 m at Quzhou: {shift_m}");
        }
    }

    #[test]
    fn addresses_are_filled_and_names_hold_no_key() {
        let tile = MapTile { z: 3, x: 5, y: 2 };
        let map = base_map("https://{s}.example.org/{z}/{x}/{-y}.png?tk={key}");
        assert_eq!(map.address(tile), "https://b.example.org/3/5/5.png?tk=secret");
        assert_eq!(map.name(tile), "https://.example.org/3/5/5.png?tk=");
        // x 101, y 010 in binary: digits 1, 2, 1.
        assert_eq!(base_map("http://x/{q}").address(tile), "http://x/121");
        let wmts = "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={tk}";
        assert!(base_map(wmts).address(tile).ends_with("TILEMATRIX=3&TILEROW=2&TILECOL=5&tk=secret"));
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(base_map("http://x/{z}/{x}/{y}").check(), Ok(()));
        assert_eq!(base_map("http://x/{z}/{x}").check(), Err(BaseMapError::NoTile));
        assert_eq!(base_map("file:///{z}/{x}/{y}").check(), Err(BaseMapError::NoAddress));
        let without = BaseMap { key: None, ..base_map("http://x/{z}/{x}/{y}?{key}") };
        assert_eq!(without.check(), Err(BaseMapError::NoKey));
        let bright = BaseMap { brightness: 2.0, ..base_map("http://x/{z}/{x}/{y}") };
        assert!(matches!(bright.check(), Err(BaseMapError::Number(_))));
    }
}
