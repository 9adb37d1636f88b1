//! Where things are: datums, the local frame, bounds.
//!
//! Everything outside this module that is "on the ground" is in metres of one [`LocalFrame`] a city: east, north, up.
//! Longitude and latitude never travel further than the readers and writers.

use serde::{Deserialize, Serialize};

/// A place on the ellipsoid in degrees, WGS-84 (CGCS2000 is the same to centimetres).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
}
