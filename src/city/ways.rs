//! Ways: what the ground between the buildings is, and the labels that stand on it.

use serde::{Deserialize, Serialize};

use super::geojson::Scalar;
use super::layer::{Ground, LayerFeature, in_frame, read_layer};
use super::numbers::Given;
use super::read::ReadError;
use super::report::{Reason, Report};
use crate::geo::{Datum, LocalFrame};

/// Rank of a road, the least first: the order of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoadClass {
    /// A footway or a path.
    Footway,
    /// 巷.
    Alley,
    /// A street where people live.
    Residential,
    /// A street that connects.
    Secondary,
    /// A main road.
    Primary,
}

impl RoadClass {
    /// The width in metres of a road that does not say.
    pub fn default_width_m(self) -> f32 {
        match self {
            Self::Footway => 2.5,
            Self::Alley => 3.5,
            Self::Residential => 7.0,
            Self::Secondary => 14.0,
            Self::Primary => 24.0,
        }
    }
}

/// What a surface is, the lowest first: the order of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurfaceKind {
    /// Paved: a square.
    Square,
    /// Parks, woods, lawns.
    Green,
    /// River, moat, lake.
    Water,
    /// A bridge.
    Bridge,
    /// The foot of a town wall.
    Wall,
}

/// What a label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// A town gate.
    Gate,
    /// A landmark.
    Landmark,
    /// Any other place.
    Place,
}

/// A road by its centre line.
#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    /// Its rank.
    pub class: RoadClass,
    /// From kerb to kerb, in metres.
    pub width_m: f32,
    /// Its name.
    pub name: Option<String>,
    /// Its name in English, where it has one.
    pub name_en: Option<String>,
    /// At least two points `[east, north]` in local metres.
    pub line: Vec<[f32; 2]>,
}

/// A piece of ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// What it is.
    pub kind: SurfaceKind,
    /// Its name.
    pub name: Option<String>,
    /// Its name in English, where it has one.
    pub name_en: Option<String>,
    /// Its ground.
    pub polygons: Vec<Ground>,
}

/// A name that stands at a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// What it stands for.
    pub kind: LabelKind,
    /// The name.
    pub name: String,
    /// The same in English, where it is given.
    pub name_en: Option<String>,
    /// `[east, north]` in local metres.
    pub point: [f32; 2],
}

/// All ways of a place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ways {
    /// Roads; one for each line.
    pub roads: Vec<Road>,
    /// Water, green, squares, bridges, walls.
    pub surfaces: Vec<Surface>,
    /// Labels only.
    pub labels: Vec<Label>,
}

impl Ways {
    /// Reads `ways.geojson` in a frame; also takes OpenStreetMap's and Tilezen's usual properties.
    ///
    /// # Errors
    /// If nothing in the file can be understood; single ways that cannot be used are in the report.
    pub fn read(
        bytes: &[u8],
        source: &str,
        frame: LocalFrame,
        datum: Datum,
    ) -> Result<(Self, Report), ReadError> {
        let mut ways = Self::default();
        let (_, report) = read_layer(bytes, &in_frame(source, frame, datum), |feature| ways.take(feature))?;
        Ok((ways, report))
    }

    fn take(&mut self, feature: LayerFeature) -> Result<(), Reason> {
        let properties = &feature.properties;
        let kind = properties.get("kind").unwrap_or_default();
        let name = properties.get("name").or_else(|| properties.get("name:zh")).map(str::to_owned);
        let name_en = properties.name_en();
        if let Some(label) = label_kind(kind) {
            let (Some(point), Some(name)) = (feature.points.first().copied(), name) else {
                return Err(Reason::NotUsable("a label needs a point and a name"));
            };
            self.labels.push(Label { kind: label, name, name_en, point });
            return Ok(());
        }
        if !feature.polygons.is_empty()
            && let Some(surface) = surface_kind(&feature)
        {
            self.surfaces.push(Surface { kind: surface, name, name_en, polygons: feature.polygons });
            return Ok(());
        }
        if feature.lines.is_empty() {
            return Err(Reason::NotUsable(if feature.points.is_empty() {
                "an unknown kind of area"
            } else {
                "Point"
            }));
        }
        let class = road_class(&feature).ok_or(Reason::NotUsable("an unknown kind of line"))?;
        let width = properties.get("width").map(|text| Given::length(Scalar::Text(text)));
        let width_m = width
            .and_then(Given::number)
            .filter(|width| (0.3..=200.0).contains(width))
            .map_or(class.default_width_m(), |width| width as f32);
        self.roads.extend(feature.lines.into_iter().map(|line| Road {
            class,
            width_m,
            name: name.clone(),
            name_en: name_en.clone(),
            line,
        }));
        Ok(())
    }
}

fn label_kind(kind: &str) -> Option<LabelKind> {
    Some(match kind {
        "gate" => LabelKind::Gate,
        "landmark" => LabelKind::Landmark,
        "place" => LabelKind::Place,
        _ => return None,
    })
}

fn surface_kind(feature: &LayerFeature) -> Option<SurfaceKind> {
    let get = |name: &str| feature.properties.get(name).unwrap_or_default();
    match get("kind") {
        "water" | "river" | "lake" | "riverbank" | "ocean" | "basin" | "dock" | "swimming_pool" => {
            return Some(SurfaceKind::Water);
        }
        "green" | "park" | "garden" | "grass" | "forest" | "wood" | "pitch" | "scrub" | "meadow"
        | "recreation_ground" => {
            return Some(SurfaceKind::Green);
        }
        "square" | "pedestrian" | "plaza" | "footway" => return Some(SurfaceKind::Square),
        "bridge" | "pier" => return Some(SurfaceKind::Bridge),
        "wall" => return Some(SurfaceKind::Wall),
        _ => {}
    }
    if get("natural") == "water" || !get("waterway").is_empty() {
        return Some(SurfaceKind::Water);
    }
    let is_green = matches!(get("leisure"), "park" | "garden" | "pitch")
        || matches!(get("landuse"), "grass" | "forest" | "meadow" | "recreation_ground")
        || matches!(get("natural"), "wood" | "scrub");
    is_green.then_some(SurfaceKind::Green)
}

fn road_class(feature: &LayerFeature) -> Option<RoadClass> {
    let get = |name: &str| feature.properties.get(name);
    let written = match get("kind") {
        Some("road") | None => {
            get("class").or_else(|| get("highway")).or_else(|| get("kind").map(|_| "residential"))
        }
        Some(kind @ ("highway" | "major_road" | "minor_road" | "path")) => get("kind_detail").or(Some(kind)),
        Some(_) => None,
    }?;
    Some(match written {
        "primary" | "motorway" | "trunk" | "highway" | "primary_link" | "trunk_link" | "motorway_link" => {
            RoadClass::Primary
        }
        "secondary" | "tertiary" | "major_road" | "secondary_link" | "tertiary_link" => RoadClass::Secondary,
        "residential" | "unclassified" | "living_street" | "minor_road" | "road" => RoadClass::Residential,
        "alley" | "service" | "track" => RoadClass::Alley,
        "footway" | "path" | "pedestrian" | "steps" | "cycleway" | "corridor" | "bridleway" => {
            RoadClass::Footway
        }
        _ => RoadClass::Residential,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LonLat;

    #[test]
    fn roads_surfaces_and_labels() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"kind":"road","class":"primary","width":30,"name":"新桥街"},
             "geometry":{"type":"LineString","coordinates":[[118.87,28.96],[118.88,28.96]]}},
            {"type":"Feature","properties":{"kind":"road","class":"alley"},
             "geometry":{"type":"MultiLineString","coordinates":[[[118.87,28.96],[118.88,28.96]],[[118.87,28.961],[118.88,28.961]]]}},
            {"type":"Feature","properties":{"kind":"water","name":"信安湖"},
             "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.96]]]}},
            {"type":"Feature","properties":{"kind":"gate","name":"水亭门","name:en":"Shuiting Gate"},"geometry":{"type":"Point","coordinates":[118.87,28.96]}},
            {"type":"Feature","properties":{"kind":"gate"},"geometry":{"type":"Point","coordinates":[118.87,28.96]}},
            {"type":"Feature","properties":{"kind":"pipeline"},"geometry":{"type":"LineString","coordinates":[[118.87,28.96],[118.88,28.96]]}}]}"#;
        let frame = LocalFrame::new(LonLat::new(118.87, 28.96));
        let (ways, report) = Ways::read(text.as_bytes(), "ways", frame, Datum::Wgs84).expect("readable");
        assert_eq!((ways.roads.len(), ways.surfaces.len(), ways.labels.len()), (3, 1, 1));
        assert_eq!((ways.roads[0].width_m, ways.roads[0].class), (30.0, RoadClass::Primary));
        assert_eq!(ways.roads[1].width_m, 3.5);
        assert_eq!(ways.labels[0].point, [0.0, 0.0]);
        assert_eq!(ways.labels[0].name_en.as_deref(), Some("Shuiting Gate"));
        assert_eq!(report.refused.iter().map(|r| r.index).collect::<Vec<_>>(), [4, 5]);
    }
}
