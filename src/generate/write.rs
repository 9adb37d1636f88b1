//! Writing GeoJSON and CSV, compact and the same on every machine: one feature a line, 7 decimals at most.

use std::fmt::Write as _;

use geo::{LineString, MultiPolygon, Polygon};
use serde_json::Value;

use super::plane::{Point, at};
use crate::geo::LonLat;

/// Where the drawing board's origin lies.
pub(super) const ORIGIN: LonLat = LonLat::new(118.8735, 28.9655);
/// Metres a degree of longitude and of latitude at the origin (WGS-84).
pub(super) const METRES_A_DEGREE: Point = at(97_471.213, 110_835.179);

/// The place of a point.
pub(super) fn lon_lat(point: Point) -> LonLat {
    LonLat::new(ORIGIN.lon + point.x / METRES_A_DEGREE.x, ORIGIN.lat + point.y / METRES_A_DEGREE.y)
}

/// A number with at most `digits` decimals, without trailing zeros.
pub(super) fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A place as `lon,lat`.
pub(super) fn lon_lat_text(point: Point) -> String {
    let place = lon_lat(point);
    format!("{},{}", number(place.lon, 7), number(place.lat, 7))
}

/// What a feature looks like.
#[derive(Debug, Clone)]
pub(super) enum Geometry {
    Point(Point),
    Line(Vec<Point>),
    Polygon(Polygon),
    MultiPolygon(MultiPolygon),
}

impl Geometry {
    /// A polygon where one is enough.
    pub(super) fn from_parts(mut parts: MultiPolygon) -> Self {
        if parts.0.len() == 1
            && let Some(only) = parts.0.pop()
        {
            return Self::Polygon(only);
        }
        Self::MultiPolygon(parts)
    }

    fn write(&self, out: &mut String) {
        let (kind, coordinates) = match self {
            Self::Point(point) => ("Point", format!("[{}]", lon_lat_text(*point))),
            Self::Line(line) => ("LineString", positions(line)),
            Self::Polygon(shape) => ("Polygon", rings(shape)),
            Self::MultiPolygon(shapes) => {
                ("MultiPolygon", format!("[{}]", shapes.iter().map(rings).collect::<Vec<_>>().join(",")))
            }
        };
        let _ = write!(out, r#"{{"type":"{kind}","coordinates":{coordinates}}}"#);
    }
}

fn positions(points: &[Point]) -> String {
    let list: Vec<String> = points.iter().map(|&point| format!("[{}]", lon_lat_text(point))).collect();
    format!("[{}]", list.join(","))
}

fn rings(shape: &Polygon) -> String {
    let list: Vec<String> = std::iter::once(shape.exterior())
        .chain(shape.interiors())
        .map(|ring: &LineString| positions(&ring.0))
        .collect();
    format!("[{}]", list.join(","))
}

/// A GeoJSON file in the making.
#[derive(Debug, Default)]
pub(super) struct Features {
    lines: Vec<String>,
}

impl Features {
    /// Adds a feature; properties that are null are left out.
    pub(super) fn add(&mut self, id: Option<&str>, geometry: &Geometry, properties: &[(&str, Value)]) {
        let mut line = String::from(r#"{"type":"Feature","#);
        if let Some(id) = id {
            let _ = write!(line, r#""id":{},"#, Value::from(id));
        }
        line.push_str(r#""properties":{"#);
        let given = properties.iter().filter(|(_, value)| !value.is_null());
        let list: Vec<String> = given.map(|(key, value)| format!(r#""{key}":{value}"#)).collect();
        line.push_str(&list.join(","));
        line.push_str(r#"},"geometry":"#);
        geometry.write(&mut line);
        line.push('}');
        self.lines.push(line);
    }

    /// The finished file.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
        text.push_str(&self.lines.join(",\n"));
        text.push_str("\n]}\n");
        text.into_bytes()
    }
}

/// A number with at most one decimal, as JSON.
pub(super) fn tenth(value: f64) -> Value {
    let tenths = (value * 10.0).round() as i64;
    if tenths % 10 == 0 { Value::from(tenths / 10) } else { Value::from(tenths as f64 / 10.0) }
}

/// A CSV file in the making; fields with commas, quotes or line breaks are quoted.
#[derive(Debug)]
pub(super) struct Table {
    text: String,
}

impl Table {
    /// A table with its heading.
    pub(super) fn new(heading: &str) -> Self {
        Self { text: format!("{heading}\n") }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, fields: &[&str]) {
        let quoted: Vec<String> = fields
            .iter()
            .map(|field| {
                if field.contains(['"', ',', '\n']) {
                    format!("\"{}\"", field.replace('"', "\"\""))
                } else {
                    (*field).to_owned()
                }
            })
            .collect();
        self.text.push_str(&quoted.join(","));
        self.text.push('\n');
    }

    /// The finished file.
    pub(super) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_written_as_it_is_and_a_kilometre_north_is_nine_thousandths_of_a_degree() {
        assert_eq!(lon_lat_text(at(0.0, 0.0)), "118.8735,28.9655");
        assert_eq!(lon_lat_text(at(0.0, 1000.0)), "118.8735,28.9745224");
    }

    #[test]
    fn a_field_with_a_comma_is_quoted() {
        let mut table = Table::new("a,b");
        table.row(&["x,y", "say \"hm\""]);
        assert_eq!(table.finish(), b"a,b\n\"x,y\",\"say \"\"hm\"\"\"\n");
    }
}
