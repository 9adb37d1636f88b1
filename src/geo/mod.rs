//! Where things are: datums, coordinate systems, the local frame, bounds, tiles of raster maps, and noise over the ground.
//!
//! Everything outside this module that is "on the ground" is in metres of one [`LocalFrame`] a city: east, north, up.
//! Longitude and latitude never travel further than the readers and writers.
//!
//! ```text
//! a file's numbers → Crs (projected or geographic) → Datum (shifted or not) → LonLat (WGS-84) → LocalFrame → metres
//! ```

mod bounds;
mod crs;
mod datum;
mod frame;
mod map_tile;
pub(crate) mod noise;

pub use bounds::Bounds;
pub use crs::{Crs, CrsError};
pub use datum::{Datum, UnknownDatum};
pub use frame::LocalFrame;
pub use map_tile::{MOST_ZOOM, MapTile};

use serde::{Deserialize, Serialize};

/// A place on the ellipsoid in degrees, WGS-84 (CGCS2000 is the same to centimetres).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LonLat {
    /// Longitude in degrees, east positive, −180 to 180.
    pub lon: f64,
    /// Latitude in degrees, north positive, −90 to 90.
    pub lat: f64,
}

impl LonLat {
    /// A place from longitude and latitude in degrees.
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// Whether both numbers are finite and in range.
    pub fn is_valid(self) -> bool {
        self.lon.abs() <= 180.0 && self.lat.abs() <= 90.0
    }

    /// How far another place is, in metres: on a sphere, by the haversine, so within half a per cent over any distance.
    pub fn distance_m(self, other: Self) -> f64 {
        let half = |a: f64, b: f64| ((a - b).to_radians() / 2.0).sin().powi(2);
        let (lat, other_lat) = (self.lat.to_radians(), other.lat.to_radians());
        let h = half(self.lat, other.lat) + lat.cos() * other_lat.cos() * half(self.lon, other.lon);
        2.0 * 6_371_000.0 * h.sqrt().min(1.0).asin()
    }

    /// The same two numbers in the other order: what a file means that writes latitude first.
    pub const fn swapped(self) -> Self {
        Self { lon: self.lat, lat: self.lon }
    }
}
