//! Chinese datums: what stands between a map provider's numbers and the ground.
//!
//! GCJ-02 shifts positions by 300–700 m with a published-by-leak formula, BD-09 shifts them once more.
//! The formula here is that of `PRCoords` (a = 6,378,245 m, Krasovsky 1940); providers add up to 1 m of noise.
//! CGCS2000 equals WGS-84 to centimetres and is taken as the same.

use std::f64::consts::PI;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::LonLat;

/// Semi-major axis of Krasovsky 1940 in metres, as the GCJ-02 formula uses it.
const KRASOVSKY_A: f64 = 6_378_245.0;
/// First eccentricity squared of Krasovsky 1940.
const KRASOVSKY_EE: f64 = 0.006_693_421_622_965_943;
/// Inverse steps stop when they move less than this: about 1e-8 m.
const INVERSE_STEP_DEG: f64 = 1e-13;
/// Enough for 1e-9 m anywhere in China; three suffice at Quzhou.
const INVERSE_STEPS: usize = 12;

/// Which datum a source's longitudes and latitudes are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// GPS, OpenStreetMap, RFC 7946.
    #[default]
    Wgs84,
    /// 国家大地坐标系 2000, EPSG:4490: the same to centimetres.
    Cgcs2000,
    /// 火星坐标: AMap, Tencent, most Chinese map data; about 580 m off at Quzhou.
    Gcj02,
    /// Baidu: GCJ-02 shifted again.
    Bd09,
}

/// A datum that nobody here knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown datum; it is one of wgs84, cgcs2000, gcj02, bd09: {0}")]
pub struct UnknownDatum(pub String);

impl FromStr for Datum {
    type Err = UnknownDatum;

    fn from_str(text: &str) -> Result<Self, UnknownDatum> {
        let plain: String =
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        match plain.as_str() {
            "wgs84" | "gps" => Ok(Self::Wgs84),
            "cgcs2000" => Ok(Self::Cgcs2000),
            "gcj02" => Ok(Self::Gcj02),
            "bd09" => Ok(Self::Bd09),
            _ => Err(UnknownDatum(text.to_owned())),
        }
    }
}

impl std::fmt::Display for Datum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wgs84 => "wgs84",
            Self::Cgcs2000 => "cgcs2000",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        })
    }
}

impl Datum {
    /// Where a position of this datum lies in WGS-84, to 1e-6 m of the formula.
    pub fn to_wgs84(self, place: LonLat) -> LonLat {
        match self {
            Self::Wgs84 | Self::Cgcs2000 => place,
            Self::Gcj02 => invert(place, gcj02_from_wgs84),
            Self::Bd09 => invert(invert(place, bd09_from_gcj02), gcj02_from_wgs84),
        }
    }

    /// The numbers that this datum writes for a WGS-84 position.
    pub fn from_wgs84(self, place: LonLat) -> LonLat {
        match self {
            Self::Wgs84 | Self::Cgcs2000 => place,
            Self::Gcj02 => gcj02_from_wgs84(place),
            Self::Bd09 => bd09_from_gcj02(gcj02_from_wgs84(place)),
        }
    }
}

/// The fixed point of `guess ← guess + (wanted − forward(guess))`.
fn invert(wanted: LonLat, forward: impl Fn(LonLat) -> LonLat) -> LonLat {
    let mut guess = wanted;
    for _ in 0..INVERSE_STEPS {
        let there = forward(guess);
        let (lon, lat) = (wanted.lon - there.lon, wanted.lat - there.lat);
        guess = LonLat::new(guess.lon + lon, guess.lat + lat);
        if lon.abs().max(lat.abs()) < INVERSE_STEP_DEG {
            break;
        }
    }
    guess
}

fn gcj02_from_wgs84(place: LonLat) -> LonLat {
    let LonLat { lon, lat } = place;
    if !(0.8293..=55.8271).contains(&lat) || !(72.004..=137.8347).contains(&lon) {
        return place;
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let common = 20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin();
    let lat_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + (common
            + 20.0 * (y * PI).sin()
            + 40.0 * (y / 3.0 * PI).sin()
            + 160.0 * (y / 12.0 * PI).sin()
            + 320.0 * (y / 30.0 * PI).sin())
            * 2.0
            / 3.0;
    let lon_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + (common
            + 20.0 * (x * PI).sin()
            + 40.0 * (x / 3.0 * PI).sin()
            + 150.0 * (x / 12.0 * PI).sin()
            + 300.0 * (x / 30.0 * PI).sin())
            * 2.0
            / 3.0;
    let lat_rad = lat.to_radians();
    let m = 1.0 - KRASOVSKY_EE * lat_rad.sin().powi(2);
    let metres_per_lat_deg = KRASOVSKY_A * (1.0 - KRASOVSKY_EE) / (m * m.sqrt()) * PI / 180.0;
    let metres_per_lon_deg = KRASOVSKY_A * lat_rad.cos() / m.sqrt() * PI / 180.0;
    LonLat::new(lon + lon_m / metres_per_lon_deg, lat + lat_m / metres_per_lat_deg)
}

fn bd09_from_gcj02(place: LonLat) -> LonLat {
    const STEP: f64 = PI * 3000.0 / 180.0;
    let LonLat { lon: x, lat: y } = place;
    let radius = x.hypot(y) + 2e-5 * (y * STEP).sin();
    let angle = y.atan2(x) + 3e-6 * (x * STEP).cos();
    LonLat::new(radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::LocalFrame;

    /// (WGS-84, GCJ-02, BD-09), each `(lat, lon)`, from facts/coordinates.md.
    const VECTORS: [[(f64, f64); 3]; 4] = [
        [
            (31.177_427_6, 121.527_210_6),
            (31.175_303_983_645_97, 121.531_541_859_215),
            (31.181_328_606_874_466, 121.538_015_686_438_58),
        ],
        [
            (39.911_954, 116.377_817),
            (39.913_345_455_360_69, 116.384_047_224_556_57),
            (39.919_575_550_965_874, 116.390_454_713_108_28),
        ],
        [
            (28.97, 118.86),
            (28.966_913_498_241_91, 118.864_793_625_504_67),
            (28.972_571_073_876_708, 118.871_390_099_615_1),
        ],
        [
            (28.9359, 118.8726),
            (28.932_769_462_059_884, 118.877_373_085_621_16),
            (28.938_553_414_600_914, 118.883_938_427_547_1),
        ],
    ];

    fn place((lat, lon): (f64, f64)) -> LonLat {
        LonLat::new(lon, lat)
    }

    fn distance_m(a: LonLat, b: LonLat) -> f64 {
        let [east, north] = LocalFrame::new(a).project(b);
        east.hypot(north)
    }

    fn assert_near(a: LonLat, b: LonLat, tolerance_m: f64) {
        assert!(distance_m(a, b) <= tolerance_m, "{a:?} is {} m from {b:?}", distance_m(a, b));
    }

    #[test]
    fn published_vectors_hold() {
        for [wgs84, gcj02, bd09] in VECTORS {
            assert_near(Datum::Gcj02.from_wgs84(place(wgs84)), place(gcj02), 1e-6);
            assert_near(Datum::Bd09.from_wgs84(place(wgs84)), place(bd09), 1e-6);
            assert_near(Datum::Gcj02.to_wgs84(place(gcj02)), place(wgs84), 1e-6);
            assert_near(Datum::Bd09.to_wgs84(place(bd09)), place(wgs84), 1e-6);
        }
        let shenzhen = Datum::Gcj02.from_wgs84(LonLat::new(113.912_316, 22.543_847));
        assert_near(shenzhen, LonLat::new(113.917_176_480_836_3, 22.540_796_131_694_766), 1e-6);
        // wandergis/coordtransform #38 used the closed form, which is off by up to 0.22 m.
        let issue_38 = invert(LonLat::new(115.475_216, 38.879_741), bd09_from_gcj02);
        assert_near(issue_38, LonLat::new(115.468_729_935_781_51, 38.873_719_782_667_57), 0.25);
    }

    #[test]
    fn the_official_one_is_within_its_own_noise() {
        // gcoord's china-cities.json, apparently AMap's own output: 1 m of tolerance.
        let zhumadian = Datum::Gcj02.from_wgs84(LonLat::new(114.016_432_2, 33.013_355_6));
        assert_near(zhumadian, LonLat::new(114.022_306, 33.011_532_4), 1.0);
    }

    #[test]
    fn outside_china_nothing_moves() {
        let tokyo = LonLat::new(139.6503, 35.6762);
        assert_eq!(Datum::Gcj02.from_wgs84(tokyo), tokyo);
        assert_eq!(Datum::Gcj02.to_wgs84(tokyo), tokyo);
    }

    #[test]
    fn at_quzhou_the_shift_is_about_580_m() {
        let quzhou = LonLat::new(118.8726, 28.9359);
        let shift_m = distance_m(quzhou, Datum::Gcj02.from_wgs84(quzhou));
        assert!((572.0..592.0).contains(&shift_m), "{shift_m}");
    }

    #[test]
    fn names_are_read_in_any_spelling() {
        assert_eq!("GCJ-02".parse(), Ok(Datum::Gcj02));
        assert_eq!("wgs84".parse(), Ok(Datum::Wgs84));
        assert_eq!("bd09".parse::<Datum>().map(|d| d.to_string()), Ok("bd09".to_owned()));
        assert!("mars".parse::<Datum>().is_err());
    }

    proptest! {
        #[test]
        fn there_and_back_is_a_micrometre(lon in 73.5..135.0_f64, lat in 18.0..53.5_f64) {
            let here = LonLat::new(lon, lat);
            for datum in [Datum::Wgs84, Datum::Cgcs2000, Datum::Gcj02, Datum::Bd09] {
                let back = datum.to_wgs84(datum.from_wgs84(here));
                prop_assert!(distance_m(here, back) < 1e-6, "{datum}: {} m", distance_m(here, back));
            }
        }
    }
}
