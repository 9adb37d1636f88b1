//! One local frame a city: metres east and north of an origin.
//!
//! The projection is a transverse Mercator centred at the origin (scale 1 there), by the Evenden/Snyder series
//! (Snyder, Map Projections: A Working Manual, 1987, equations 8-9 and 8-10, with one more term each).
//! `proj4rs`'s own is the same series behind a general pipeline that costs ten times as much a point;
//! a test holds ours to its "exact" (Poder/Engsager) variant: within 0.1 mm to 100 km and 1 cm to 300 km.
//! The inverse is found by iterating the forward, so that there and back is the identity.

use serde::{Deserialize, Serialize};

use super::LonLat;

/// Semi-major axis of WGS-84 in metres.
const A: f64 = 6_378_137.0;
/// Flattening of WGS-84.
const F: f64 = 1.0 / 298.257_223_563;
/// First eccentricity squared.
const E2: f64 = F * (2.0 - F);
/// Second eccentricity squared.
const EP2: f64 = E2 / (1.0 - E2);

/// The local frame of a city: `[east, north]` in metres of an origin in WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "LonLat", into = "LonLat")]
pub struct LocalFrame {
    origin: LonLat,
    origin_arc_m: f64,
}

impl From<LonLat> for LocalFrame {
    fn from(origin: LonLat) -> Self {
        Self::new(origin)
    }
}

impl From<LocalFrame> for LonLat {
    fn from(frame: LocalFrame) -> Self {
        frame.origin
    }
}

impl LocalFrame {
    /// The farthest that a point may lie from the origin, in metres: beyond it the frame is no longer accurate.
    pub const REACH_M: f64 = 300_000.0;

    /// The frame around an origin.
    pub fn new(origin: LonLat) -> Self {
        let (sin, cos) = origin.lat.to_radians().sin_cos();
        Self { origin, origin_arc_m: meridian_arc_m(origin.lat.to_radians(), sin, cos) }
    }

    /// Where `[0, 0]` lies.
    pub fn origin(&self) -> LonLat {
        self.origin
    }

    /// Metres `[east, north]` of the origin. Accurate within [`Self::REACH_M`].
    pub fn project(&self, place: LonLat) -> [f64; 2] {
        let lat = place.lat.to_radians();
        let (sin, cos) = lat.sin_cos();
        let delta_deg = place.lon - self.origin.lon;
        let delta_deg =
            if delta_deg.abs() > 180.0 { delta_deg - delta_deg.signum() * 360.0 } else { delta_deg };
        let n = A / (1.0 - E2 * sin * sin).sqrt();
        let tan = sin / cos.max(1e-9);
        let t = tan * tan;
        let c = EP2 * cos * cos;
        let a = delta_deg.to_radians() * cos;
        let a2 = a * a;
        let east = 1.0
            + a2 / 6.0
                * (1.0 - t
                    + c
                    + a2 / 20.0
                        * (5.0 - 18.0 * t + t * t + 72.0 * c - 58.0 * EP2
                            + a2 / 42.0 * (61.0 - 479.0 * t + 179.0 * t * t - t * t * t)));
        let north = 0.5
            + a2 / 24.0
                * (5.0 - t
                    + 9.0 * c
                    + 4.0 * c * c
                    + a2 / 30.0
                        * (61.0 - 58.0 * t + t * t + 600.0 * c - 330.0 * EP2
                            + a2 / 56.0 * (1385.0 - 3111.0 * t + 543.0 * t * t - t * t * t)));
        [n * a * east, meridian_arc_m(lat, sin, cos) - self.origin_arc_m + n * tan * a2 * north]
    }

    /// The inverse of [`Self::project`], to 1e-6 m.
    pub fn unproject(&self, [east, north]: [f64; 2]) -> LonLat {
        let mut place = self.origin;
        let (mut east_left, mut north_left) = (east, north);
        for _ in 0..16 {
            let (sin, cos) = place.lat.to_radians().sin_cos();
            let w = (1.0 - E2 * sin * sin).sqrt();
            // Turn the remaining step by the convergence of the meridians, so that it is taken along them.
            let (turn_sin, turn_cos) = ((place.lon - self.origin.lon).to_radians() * sin).sin_cos();
            let along_parallel = east_left * turn_cos + north_left * turn_sin;
            let along_meridian = north_left * turn_cos - east_left * turn_sin;
            place.lat += (along_meridian * w * w * w / (A * (1.0 - E2))).to_degrees();
            place.lon += (along_parallel * w / (A * cos.max(1e-9))).to_degrees();
            place.lat = place.lat.clamp(-90.0, 90.0);
            let [east_here, north_here] = self.project(place);
            (east_left, north_left) = (east - east_here, north - north_here);
            if east_left.abs().max(north_left.abs()) < 1e-8 {
                break;
            }
        }
        if place.lon.abs() > 180.0 {
            place.lon -= place.lon.signum() * 360.0;
        }
        place
    }
}

/// Metres along the meridian from the equator (Snyder 3-21), the sines of multiples from one sine and cosine.
fn meridian_arc_m(lat_rad: f64, sin: f64, cos: f64) -> f64 {
    const E4: f64 = E2 * E2;
    const E6: f64 = E4 * E2;
    const E8: f64 = E4 * E4;
    const M0: f64 = 1.0 - E2 / 4.0 - 3.0 * E4 / 64.0 - 5.0 * E6 / 256.0 - 175.0 * E8 / 16384.0;
    const M2: f64 = 3.0 * E2 / 8.0 + 3.0 * E4 / 32.0 + 45.0 * E6 / 1024.0 + 105.0 * E8 / 4096.0;
    const M4: f64 = 15.0 * E4 / 256.0 + 45.0 * E6 / 1024.0 + 525.0 * E8 / 16384.0;
    const M6: f64 = 35.0 * E6 / 3072.0 + 175.0 * E8 / 12288.0;
    let sin2 = 2.0 * sin * cos;
    let cos2 = 1.0 - 2.0 * sin * sin;
    let sin4 = 2.0 * sin2 * cos2;
    let sin6 = sin2 * (3.0 - 4.0 * sin2 * sin2);
    A * (M0 * lat_rad - M2 * sin2 + M4 * sin4 - M6 * sin6)
}

#[cfg(test)]
mod tests {
    use proj4rs::Proj;
    use proj4rs::adaptors::transform_vertex_2d;
    use proptest::prelude::*;

    use super::*;

    const QUZHOU: LonLat = LonLat::new(118.8726, 28.9659);

    fn by_proj4rs(origin: LonLat, place: LonLat) -> [f64; 2] {
        let lon_lat = Proj::from_proj_string("+proj=longlat +datum=WGS84").expect("a known projection");
        let local = Proj::from_proj_string(&format!(
            "+proj=etmerc +lat_0={} +lon_0={} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m",
            origin.lat, origin.lon
        ))
        .expect("a known projection");
        let point = (place.lon.to_radians(), place.lat.to_radians());
        let (east, north) = transform_vertex_2d(&lon_lat, &local, point).expect("within reach");
        [east, north]
    }

    #[test]
    fn as_accurate_as_the_exact_projection() {
        for lat in [0.01, 28.9659, 52.5, 60.17, -33.9] {
            let frame = LocalFrame::new(LonLat::new(118.8726, lat));
            for (reach_m, tolerance_m) in [(10_000.0, 1e-5), (100_000.0, 1e-4), (300_000.0, 1e-2)] {
                for (x, y) in [(1.0, 0.0), (0.7, 0.7), (0.0, -1.0), (-0.9, 0.4)] {
                    let place = frame.unproject([x * reach_m, y * reach_m]);
                    let [east, north] = by_proj4rs(frame.origin(), place);
                    let off_m = (east - x * reach_m).hypot(north - y * reach_m);
                    assert!(off_m < tolerance_m, "{off_m} m at {reach_m} m, latitude {lat}");
                }
            }
        }
    }

    #[test]
    fn a_degree_of_latitude_at_quzhou_is_110_836_m() {
        let frame = LocalFrame::new(LonLat::new(118.87, 28.5));
        let [east, north] = frame.project(LonLat::new(118.87, 29.5));
        assert!(east.abs() < 1e-9);
        // The usual series: 111,132.95 − 559.85 cos 2φ + 1.17 cos 4φ at φ = 29°.
        assert!((north - 110_835.8).abs() < 0.2, "{north}");
    }

    #[test]
    fn a_million_points_take_well_under_a_second() {
        let frame = LocalFrame::new(QUZHOU);
        let start = std::time::Instant::now();
        let mut sum = 0.0;
        for i in 0..1_000_000_u32 {
            let step = f64::from(i) * 1e-8;
            let [east, north] = frame.project(LonLat::new(118.87 + step, 28.96 + step));
            sum += east + north;
        }
        assert!(sum.is_finite());
        assert!(start.elapsed().as_secs_f64() < 0.8, "{:?}", start.elapsed());
    }

    #[test]
    fn the_antimeridian_is_no_edge() {
        let frame = LocalFrame::new(LonLat::new(179.99, -17.0));
        let [east, _] = frame.project(LonLat::new(-179.99, -17.0));
        assert!((2_100.0..2_150.0).contains(&east), "{east}");
        assert!((frame.unproject([east, 0.0]).lon + 179.99).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn there_and_back_is_a_micrometre(
            lat in -75.0..75.0_f64, lon in -179.0..179.0_f64,
            east in -50_000.0..50_000.0_f64, north in -50_000.0..50_000.0_f64,
        ) {
            let frame = LocalFrame::new(LonLat::new(lon, lat));
            let [e, n] = frame.project(frame.unproject([east, north]));
            prop_assert!((e - east).hypot(n - north) < 1e-6);
            let place = LonLat::new(lon + 0.1, lat - 0.1);
            let back = frame.unproject(frame.project(place));
            prop_assert!((back.lon - place.lon).abs() < 1e-11 && (back.lat - place.lat).abs() < 1e-11);
        }
    }
}
