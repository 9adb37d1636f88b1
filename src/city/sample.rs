//! Cities for tests: GeoJSON in the shape of what `generate --buildings N` writes, about 430 bytes a building.

use std::fmt::Write as _;

use super::building::City;
use super::read::{ReadOptions, read};
use crate::geo::{LocalFrame, LonLat};

/// Where sample cities stand.
pub(crate) const ORIGIN: LonLat = LonLat::new(118.8726, 28.9659);

/// Every tenth building has a courtyard and thirteen corners, the others have four, six, eight, ten or twelve.
pub(crate) fn geojson(count: u32) -> String {
    let frame = LocalFrame::new(ORIGIN);
    let side = f64::from(count).sqrt().ceil().max(1.0);
    let mut text = String::with_capacity(count as usize * 460);
    text.push_str("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for i in 0..count {
        let (column, row) = (f64::from(i) % side, (f64::from(i) / side).floor());
        let centre = [(column - side / 2.0) * 30.0, (row - side / 2.0) * 30.0];
        let turn = f64::from(i % 97) / 97.0;
        let ring = |corners: u32, radius: f64, hole: bool| -> String {
            let mut ring = String::from("[");
            for k in 0..=corners {
                let k = if hole { corners - k } else { k } % corners;
                let angle = f64::from(k) / f64::from(corners) * std::f64::consts::TAU + turn;
                let radius = radius * if k.is_multiple_of(2) { 1.0 } else { 0.8 };
                let place =
                    frame.unproject([centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin()]);
                let _ = write!(
                    ring,
                    "{}[{:.7},{:.7}]",
                    if ring.len() > 1 { "," } else { "" },
                    place.lon,
                    place.lat
                );
            }
            ring + "]"
        };
        let rings = if i % 10 == 0 {
            format!("{},{}", ring(8, 13.0, false), ring(5, 5.0, true))
        } else {
            ring(4 + i % 5 * 2, 12.0, false)
        };
        let levels = 1 + i % 18;
        let _ = write!(
            text,
            "{}{{\"type\":\"Feature\",\"id\":\"b{i}\",\"properties\":{{\"name\":\"{}号楼\",\"height\":{},\"levels\":{levels},\
             \"use\":\"residential\",\"community\":\"330802006003\",\"grid\":\"330802006003{:03}\"}},\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{rings}]}}}}",
            if i > 0 { ",\n" } else { "" },
            i % 40,
            f64::from(levels) * 3.0,
            i % 40
        );
    }
    text.push_str("\n]}\n");
    text
}

/// The same, read.
pub(crate) fn city(count: u32) -> City {
    let (city, report) = read(geojson(count).as_bytes(), &ReadOptions::named("sample")).expect("readable");
    assert_eq!((report.features, report.shown), (count, count), "{:?}", report.refused.first());
    city
}

/// A city of polygons in local metres: `(rings, base, height)` each.
pub(crate) fn city_of(buildings: &[(&[&[[f64; 2]]], f64, f64)]) -> City {
    let frame = LocalFrame::new(ORIGIN);
    let features: Vec<serde_json::Value> = buildings
        .iter()
        .map(|(rings, base, height)| {
            let rings: Vec<Vec<[f64; 2]>> = rings
                .iter()
                .map(|ring| {
                    ring.iter().chain(ring.first()).map(|p| frame.unproject(*p)).map(|p| [p.lon, p.lat]).collect()
                })
                .collect();
            serde_json::json!({"type": "Feature", "properties": {"height": base + height, "base_height": base},
                "geometry": {"type": "Polygon", "coordinates": rings}})
        })
        .collect();
    let text = serde_json::json!({"type": "FeatureCollection", "features": features}).to_string();
    let options = ReadOptions { origin: Some(ORIGIN), ..ReadOptions::named("test") };
    read(text.as_bytes(), &options).expect("readable").0
}
