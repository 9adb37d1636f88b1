//! Where the sun stands: the low-precision formulae of the Astronomical Almanac (good to about 0.01° in the years
//! 1950 to 2050), the same that NOAA's solar calculator is built on.

use jiff::Timestamp;

/// Direction of the sun from a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SunPosition {
    /// Degrees clockwise from north.
    pub azimuth_deg: f64,
    /// Degrees above the horizon, without refraction.
    pub elevation_deg: f64,
}

impl SunPosition {
    /// The sun over a place, longitude and latitude in degrees, at a time.
    pub fn at(time: Timestamp, lon_deg: f64, lat_deg: f64) -> Self {
        // Days since J2000.0, 2000-01-01T12:00 UTC.
        let days = time.as_millisecond() as f64 / 86_400_000.0 - 10_957.5;
        let mean_longitude = (280.460 + 0.985_647_4 * days).rem_euclid(360.0);
        let anomaly = (357.528 + 0.985_600_3 * days).rem_euclid(360.0).to_radians();
        let ecliptic = (mean_longitude + 1.915 * anomaly.sin() + 0.020 * (2.0 * anomaly).sin()).to_radians();
        let obliquity = (23.439 - 0.000_000_4 * days).to_radians();
        let right_ascension = (obliquity.cos() * ecliptic.sin()).atan2(ecliptic.cos());
        let declination = (obliquity.sin() * ecliptic.sin()).asin();
        let sidereal_deg = 280.460_618_37 + 360.985_647_366_29 * days + lon_deg;
        let hour_angle = sidereal_deg.rem_euclid(360.0).to_radians() - right_ascension;
        let lat = lat_deg.to_radians();
        let elevation =
            (lat.sin() * declination.sin() + lat.cos() * declination.cos() * hour_angle.cos()).asin();
        let azimuth = hour_angle.sin().atan2(hour_angle.cos() * lat.sin() - declination.tan() * lat.cos());
        Self {
            azimuth_deg: (azimuth.to_degrees() + 180.0).rem_euclid(360.0),
            elevation_deg: elevation.to_degrees(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quzhou(time: &str) -> SunPosition {
        SunPosition::at(time.parse().expect("a time"), 118.87, 28.97)
    }

    #[test]
    fn the_demo_day_rises_and_sets_when_the_almanac_says() {
        // 2026-09-15 in Quzhou: sunrise about 05:50, sunset about 18:10 (facts/fushan.md), at −0.83°.
        assert!(quzhou("2026-09-15T05:40:00+08:00").elevation_deg < -0.83);
        assert!(quzhou("2026-09-15T05:58:00+08:00").elevation_deg > -0.83);
        assert!(quzhou("2026-09-15T18:02:00+08:00").elevation_deg > -0.83);
        assert!(quzhou("2026-09-15T18:20:00+08:00").elevation_deg < -0.83);
    }

    #[test]
    fn at_noon_it_stands_in_the_south() {
        let noon = quzhou("2026-09-15T12:00:00+08:00");
        // Declination about 3.0°, so 90 − 28.97 + 3.0.
        assert!((noon.elevation_deg - 64.0).abs() < 0.6, "{noon:?}");
        assert!((noon.azimuth_deg - 180.0).abs() < 5.0, "{noon:?}");
        let morning = quzhou("2026-09-15T08:00:00+08:00");
        assert!((80.0..115.0).contains(&morning.azimuth_deg), "in the east: {morning:?}");
    }
}
