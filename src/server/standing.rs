//! What stands still, as a collection: the buildings of the place's files, from memory.
//!
//! Their order is that of the file, and the cursor counts along it. They have no time: `datetime` leaves all of them in.

use serde_json::{Map, Value, json};

use super::store::{Bbox, Filter, PageRows};
use crate::city::{BuildingRef, Place};
use crate::geo::{Bounds, LocalFrame, LonLat};

/// A page of buildings.
pub(super) fn buildings(place: &Place, filter: &Filter) -> PageRows {
    let within = filter.bbox.map(|bbox| Within::of(&place.frame, bbox));
    let found = place
        .city
        .iter()
        .enumerate()
        .skip(usize::try_from(filter.after).unwrap_or(usize::MAX))
        .filter(|(_, building)| within.as_ref().is_none_or(|within| within.touches(building.points())));
    page(filter, found.map(|(row, building)| (row, move || building_feature(place, building))))
}

/// One building, by its id in its source.
pub(super) fn building(place: &Place, id: &str) -> Option<String> {
    let index = place.city.find(id)?;
    place.city.building(index).map(|building| building_feature(place, building))
}

fn page<F: FnOnce() -> String>(filter: &Filter, found: impl Iterator<Item = (usize, F)>) -> PageRows {
    let mut page = PageRows::default();
    for (row, feature) in found {
        if page.features.len() == filter.limit as usize {
            page.next = i64::try_from(row).ok();
            break;
        }
        page.features.push(feature());
    }
    page
}

/// A box, in degrees and about as large in the frame, so that most of what lies outside is seen to without a projection.
struct Within<'a> {
    frame: &'a LocalFrame,
    bbox: Bbox,
    around: Option<Bounds>,
}

impl<'a> Within<'a> {
    fn of(frame: &'a LocalFrame, bbox: Bbox) -> Self {
        let corners = [
            (bbox.west, bbox.south),
            (bbox.west, bbox.north),
            (bbox.east, bbox.south),
            (bbox.east, bbox.north),
        ];
        // Over more than a degree the sides of the box are curves in the frame.
        let is_small = bbox.west <= bbox.east && bbox.east - bbox.west < 1.0 && bbox.north - bbox.south < 1.0;
        let around = is_small.then(|| {
            Bounds::of(corners.map(|(lon, lat)| frame.project(LonLat::new(lon, lat)))).expanded(MARGIN_M)
        });
        Self { frame, bbox, around }
    }

    /// Whether the box around these points touches this one.
    fn touches(&self, points: &[[f32; 2]]) -> bool {
        let bounds = Bounds::of_f32(points);
        if bounds.is_empty() || self.around.is_some_and(|around| !around.intersects(&bounds)) {
            return false;
        }
        let [low, high] = [bounds.min, bounds.max].map(|corner| self.frame.unproject(corner));
        self.bbox.touches(Bbox { west: low.lon, south: low.lat, east: high.lon, north: high.lat })
    }
}

/// What a side of a box of one degree strays from a straight line at most, and more.
const MARGIN_M: f64 = 2_000.0;

fn building_feature(place: &Place, building: BuildingRef<'_>) -> String {
    let mut properties = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value);
        }
    };
    put("name", building.name().map(Value::from));
    put("height", Some(rounded(building.height_m(), 100.0)));
    put("base_height", (building.base_m() != 0.0).then(|| rounded(building.base_m(), 100.0)));
    put("levels", building.given_levels().map(Value::from));
    put("use", Some(Value::from(building.usage().word())));
    put("address", building.address().map(Value::from));
    put("compound", building.compound().map(Value::from));
    put("community", building.community().map(Value::from));
    put("grid", building.grid().map(Value::from));
    put("year", building.year().map(Value::from));
    let polygons = building.polygons().map(|polygon| rings(&place.frame, polygon.rings())).collect();
    feature(building.original_id(), polygons_geometry(polygons), properties)
}

fn feature(id: &str, geometry: Value, properties: Map<String, Value>) -> String {
    json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": properties }).to_string()
}

fn polygons_geometry(polygons: Vec<Value>) -> Value {
    one_or_many("Polygon", polygons)
}

/// A geometry, or the Multi of it.
fn one_or_many(kind: &str, mut parts: Vec<Value>) -> Value {
    match parts.len() {
        0 => Value::Null,
        1 => json!({ "type": kind, "coordinates": parts.swap_remove(0) }),
        _ => json!({ "type": format!("Multi{kind}"), "coordinates": parts }),
    }
}

/// Rings with their closing point.
fn rings<'a>(frame: &LocalFrame, rings: impl Iterator<Item = &'a [[f32; 2]]>) -> Value {
    let closed = rings
        .map(|ring| ring.iter().chain(ring.first()).map(|point| degrees(frame, *point)).collect::<Value>());
    closed.collect()
}

/// Longitude and latitude to a centimetre.
fn degrees(frame: &LocalFrame, [east, north]: [f32; 2]) -> Value {
    let place = frame.unproject([f64::from(east), f64::from(north)]);
    Value::from([place.lon, place.lat].map(|degrees| (degrees * 1e7).round() / 1e7).to_vec())
}

fn rounded(value: f32, scale: f64) -> Value {
    Value::from((f64::from(value) * scale).round() / scale)
}
