//! Tiles of raster maps in the Web Mercator scheme (XYZ, WMTS `GoogleMapsCompatible`): where they lie on the ground.
//!
//! A map has its numbers in a datum: a map in GCJ-02 draws a place where that datum moves it, so what its tile covers
//! is found by taking each corner back.

use std::f64::consts::PI;

use super::{Datum, LocalFrame, LonLat};

/// The highest zoom that any server has.
pub const MOST_ZOOM: u8 = 22;
/// Beyond this latitude the projection has no map.
const MOST_LAT: f64 = 85.051_128_78;

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
        let z = z.min(MOST_ZOOM);
        let last = f64::from((1_u32 << z) - 1);
        let [x, y] = on_map(z, place).map(|part| part.clamp(0.0, last) as u32);
        Self { z, x, y }
    }

    /// A point of the tile, from 0 to 1 from its west and its north, in the numbers of its map.
    pub fn lon_lat(self, [u, v]: [f64; 2]) -> LonLat {
        let side = f64::from(1_u32 << self.z.min(MOST_ZOOM));
        let lon = (f64::from(self.x) + u) / side * 360.0 - 180.0;
        let lat = (PI * (1.0 - 2.0 * (f64::from(self.y) + v) / side)).sinh().atan().to_degrees();
        LonLat::new(lon, lat)
    }

    /// The same point on the ground: `[east, north]` metres, where the map's numbers are in a datum.
    pub fn metres(self, uv: [f64; 2], frame: &LocalFrame, datum: Datum) -> [f64; 2] {
        frame.project(datum.to_wgs84(self.lon_lat(uv)))
    }

    /// The way back: where a point of the ground lies in the tile, from 0 to 1 from its west and its north; beyond it
    /// less and more.
    pub fn part(self, metres: [f64; 2], frame: &LocalFrame, datum: Datum) -> [f64; 2] {
        let [x, y] = on_map(self.z, datum.from_wgs84(frame.unproject(metres)));
        [x - f64::from(self.x), y - f64::from(self.y)]
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

    /// This tile and all that it lies in, the finest first.
    pub fn lineage(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |tile| tile.parent())
    }

    /// Which part of a tile of its lineage it is: west and north edge and side, from 0 to 1.
    pub fn part_of(self, above: Self) -> [f32; 3] {
        let levels = u32::from(self.z.saturating_sub(above.z)).min(u32::from(MOST_ZOOM));
        let side = 1.0 / f64::from(1_u32 << levels);
        let from = |this: u32, above: u32| (f64::from(this) * side - f64::from(above)) as f32;
        [from(self.x, above.x), from(self.y, above.y), side as f32]
    }

    /// Its row counted from the south, as TMS has it.
    pub fn y_from_south(self) -> u32 {
        (1_u32 << self.z.min(MOST_ZOOM)).saturating_sub(1).saturating_sub(self.y)
    }

    /// Its name as a quadkey: digits from 0 to 3, one a zoom.
    pub fn quadkey(self) -> String {
        let digit = |bit: u8| (self.x >> bit & 1) + 2 * (self.y >> bit & 1);
        (0..self.z).rev().filter_map(|bit| char::from_digit(digit(bit), 4)).collect()
    }
}

/// Columns from the west and rows from the north, in tiles of a zoom.
fn on_map(z: u8, place: LonLat) -> [f64; 2] {
    let side = f64::from(1_u32 << z.min(MOST_ZOOM));
    let lat = place.lat.clamp(-MOST_LAT, MOST_LAT).to_radians();
    [(place.lon + 180.0) / 360.0 * side, (1.0 - lat.tan().asinh() / PI) / 2.0 * side]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_where_the_scheme_has_them() {
        // The corner of the first tile of zoom 1, and Quzhou at zoom 10: (118.87 + 180) / 360 × 1024 = 850.1.
        let corner = MapTile { z: 1, x: 1, y: 1 }.lon_lat([0.0, 0.0]);
        assert!(corner.lon.abs() < 1e-9 && corner.lat.abs() < 1e-9);
        let quzhou = LonLat::new(118.87, 28.97);
        let tile = MapTile::at(10, quzhou);
        assert_eq!(tile.x, 850);
        let (low, high) = (tile.lon_lat([0.0, 1.0]), tile.lon_lat([1.0, 0.0]));
        assert!((low.lon..high.lon).contains(&quzhou.lon) && (low.lat..high.lat).contains(&quzhou.lat));
        assert!(tile.children().iter().all(|child| child.parent() == Some(tile)));
        assert_eq!(MapTile::at(3, LonLat::new(180.0, -90.0)), MapTile { z: 3, x: 7, y: 7 });
    }

    #[test]
    fn names_of_other_schemes() {
        // x 101, y 010 in binary: digits 1, 2, 1. Of eight rows the third from the north is the sixth from the south.
        let tile = MapTile { z: 3, x: 5, y: 2 };
        assert_eq!((tile.quadkey().as_str(), tile.y_from_south()), ("121", 5));
        let above = MapTile { z: 1, x: 1, y: 0 };
        assert_eq!(tile.lineage().nth(2), Some(above));
        assert_eq!(tile.part_of(above), [0.25, 0.5, 0.25]);
        assert_eq!(tile.part_of(tile), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_tile_in_gcj_02_lands_where_its_ground_is() {
        // The tile's corner, as the map has it, is the shifted picture of a place; that place is what it must cover.
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        let tile = MapTile::at(17, Datum::Gcj02.from_wgs84(LonLat::new(118.87, 28.97)));
        for corner in [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]] {
            let at = tile.metres(corner, &frame, Datum::Gcj02);
            let shown = Datum::Gcj02.from_wgs84(frame.unproject(at));
            let wanted = tile.lon_lat(corner);
            let off_m = (shown.lon - wanted.lon).hypot(shown.lat - wanted.lat) * 111_000.0;
            assert!(off_m < 0.01, "{off_m} m");
            let unshifted = tile.metres(corner, &frame, Datum::Wgs84);
            let shift_m = (at[0] - unshifted[0]).hypot(at[1] - unshifted[1]);
            assert!((550.0..610.0).contains(&shift_m), "about 580 m at Quzhou: {shift_m}");
            let back = tile.part(at, &frame, Datum::Gcj02);
            // A tile of this zoom is 267 m wide, so this is a tenth of a millimetre.
            assert!((back[0] - corner[0]).hypot(back[1] - corner[1]) < 4e-7, "{back:?}");
        }
    }
}
