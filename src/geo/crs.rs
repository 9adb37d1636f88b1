//! Coordinate systems that a file may name: the `crs` member of GeoJSON before RFC 7946, or `--crs`.

use proj4rs::Proj;
use proj4rs::transform::transform;

use super::LonLat;

/// A coordinate system that can be turned into WGS-84 longitude and latitude.
#[derive(Debug, Clone)]
pub enum Crs {
    /// Degrees of WGS-84 or something equal to it at the scale of a picture (CRS84, EPSG:4326, EPSG:4490).
    Geographic,
    /// Anything else that `proj4rs` knows: metres of a projection, or degrees of another ellipsoid.
    Other(Box<OtherCrs>),
}

/// A coordinate system that needs a transformation.
#[derive(Clone)]
pub struct OtherCrs {
    name: String,
    from: Proj,
    to: Proj,
}

impl std::fmt::Debug for OtherCrs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// Why a coordinate system cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrsError {
    /// A name that is neither CRS84 nor an EPSG code.
    #[error("unknown coordinate system; write it as EPSG:CODE: {0}")]
    UnknownName(String),
    /// A code that the EPSG table does not have.
    #[error("this EPSG code is not in the table: {0}")]
    UnknownCode(u32),
    /// A definition that the projection library refuses.
    #[error("coordinate system cannot be used ({reason}): {name}")]
    Unsupported {
        /// The name as written.
        name: String,
        /// What the library says.
        reason: String,
    },
}

impl Crs {
    /// Reads a name: `EPSG:3857`, `urn:ogc:def:crs:EPSG::4490`, `urn:ogc:def:crs:OGC:1.3:CRS84`,
    /// `http://www.opengis.net/def/crs/EPSG/0/4549`, a bare code, or a `+proj=…` string.
    ///
    /// # Errors
    /// If the name, the code or its definition is unknown.
    pub fn parse(name: &str) -> Result<Self, CrsError> {
        let trimmed = name.trim();
        if trimmed.starts_with("+proj") || trimmed.starts_with("+init") {
            return Self::from_definition(trimmed, trimmed);
        }
        let upper = trimmed.to_ascii_uppercase();
        let last = upper.rsplit([':', '/', '#']).next().unwrap_or_default();
        if matches!(last, "CRS84" | "CRS84H" | "WGS84") {
            return Ok(Self::Geographic);
        }
        let code: u32 = match last.parse() {
            Ok(code) if upper.contains("EPSG") || last.len() == upper.len() => code,
            _ => return Err(CrsError::UnknownName(name.to_owned())),
        };
        match code {
            // WGS 84, CGCS2000, ETRS89, and their three-dimensional forms.
            4326 | 4490 | 4258 | 4979 | 4480 | 4937 => Ok(Self::Geographic),
            // Web Mercator has gone by several numbers.
            3857 | 900_913 | 3785 | 102_100 | 102_113 => Self::from_definition(
                "EPSG:3857",
                "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +no_defs",
            ),
            _ => {
                let known = u16::try_from(code).ok().and_then(crs_definitions::from_code);
                let definition = known.ok_or(CrsError::UnknownCode(code))?;
                Self::from_definition(&format!("EPSG:{code}"), definition.proj4)
            }
        }
    }

    fn from_definition(name: &str, definition: &str) -> Result<Self, CrsError> {
        let unsupported = |reason: proj4rs::errors::Error| CrsError::Unsupported {
            name: name.to_owned(),
            reason: reason.to_string(),
        };
        let from = Proj::from_proj_string(definition).map_err(unsupported)?;
        let to = Proj::from_proj_string("+proj=longlat +datum=WGS84 +no_defs").map_err(unsupported)?;
        Ok(Self::Other(Box::new(OtherCrs { name: name.to_owned(), from, to })))
    }

    /// The name for reports.
    pub fn name(&self) -> &str {
        match self {
            Self::Geographic => "EPSG:4326",
            Self::Other(other) => &other.name,
        }
    }

    /// A position of this system (x or longitude first) as longitude and latitude; `None` where it has none.
    pub fn to_lon_lat(&self, [x, y]: [f64; 2]) -> Option<LonLat> {
        let place = match self {
            Self::Geographic => LonLat::new(x, y),
            Self::Other(other) => {
                let scale = if other.from.is_latlong() { std::f64::consts::PI / 180.0 } else { 1.0 };
                let mut point = (x * scale, y * scale, 0.0);
                transform(&other.from, &other.to, &mut point).ok()?;
                LonLat::new(point.0.to_degrees(), point.1.to_degrees())
            }
        };
        (place.lon.is_finite() && place.lat.is_finite()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lon_lat(name: &str, point: [f64; 2]) -> LonLat {
        Crs::parse(name).expect("a known system").to_lon_lat(point).expect("a place")
    }

    #[test]
    fn names_in_every_spelling() {
        for name in
            ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "epsg:4490", "urn:ogc:def:crs:EPSG::4326", "4326"]
        {
            assert!(matches!(Crs::parse(name), Ok(Crs::Geographic)), "{name}");
        }
        for name in
            ["EPSG:3857", "http://www.opengis.net/def/crs/EPSG/0/3857", "urn:ogc:def:crs:EPSG::900913"]
        {
            assert_eq!(Crs::parse(name).expect("known").name(), "EPSG:3857");
        }
    }

    #[test]
    fn web_mercator() {
        // x is a × λ, y is a × atanh(sin φ): the spherical Mercator by its own definition.
        let place = lon_lat("EPSG:3857", [6_378_137.0 * 118.87_f64.to_radians(), 0.0]);
        assert!((place.lon - 118.87).abs() < 1e-9 && place.lat.abs() < 1e-9);
        let north = 6_378_137.0 * 28.97_f64.to_radians().sin().atanh();
        let place = lon_lat("EPSG:3857", [0.0, north]);
        assert!((place.lat - 28.97).abs() < 1e-9, "{}", place.lat);
    }

    #[test]
    fn cgcs2000_zones_with_and_without_their_number() {
        // The central meridian of zone 40 is 120° E; the zone number is the millions of the easting.
        let plain = lon_lat("EPSG:4549", [500_000.0, 3_205_000.0]);
        let numbered = lon_lat("EPSG:4528", [40_500_000.0, 3_205_000.0]);
        assert!((plain.lon - 120.0).abs() < 1e-9);
        assert!((numbered.lon - 120.0).abs() < 1e-9);
        assert!((plain.lat - numbered.lat).abs() < 1e-12);
        assert!((28.9..29.0).contains(&plain.lat), "{}", plain.lat);
    }

    #[test]
    fn the_unknown_is_refused_clearly() {
        assert_eq!(
            Crs::parse("local grid").expect_err("unknown"),
            CrsError::UnknownName("local grid".into())
        );
        assert_eq!(Crs::parse("EPSG:1").expect_err("unknown"), CrsError::UnknownCode(1));
        assert_eq!(Crs::parse("EPSG:99999999").expect_err("unknown"), CrsError::UnknownCode(99_999_999));
    }

    #[test]
    fn absurd_numbers_give_nothing() {
        let crs = Crs::parse("EPSG:4549").expect("known");
        for point in [[1e308, 1e308], [f64::NAN, 0.0], [-1e308, 5.0]] {
            let place = crs.to_lon_lat(point);
            assert!(place.is_none_or(|p| p.lon.is_finite() && p.lat.is_finite()));
        }
    }
}
