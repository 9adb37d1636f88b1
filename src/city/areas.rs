//! Areas (街道, 社区, 网格, 小区, 商圈, 背街小巷): who answers for which ground.

use jiff::civil::Date;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use serde::{Deserialize, Serialize};

use super::layer::{Ground, LayerFeature, in_frame, read_layer};
use super::read::ReadError;
use super::report::{Reason, Report};
use crate::geo::{Bounds, Datum, LocalFrame};

/// What sort of area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// 街道, 9 digits.
    Subdistrict,
    /// 社区, 12 digits.
    Community,
    /// 网格, 15 digits.
    Grid,
    /// 小区.
    Compound,
    /// 商圈.
    BusinessDistrict,
    /// 背街小巷: a line, not an area.
    Alley,
}

impl AreaKind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "subdistrict" => Self::Subdistrict,
            "community" => Self::Community,
            "grid" => Self::Grid,
            "compound" => Self::Compound,
            "business_district" => Self::BusinessDistrict,
            "alley" => Self::Alley,
            _ => return None,
        })
    }
}

/// What a grid is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridKind {
    /// 治理网格.
    Governance,
    /// 单元网格.
    Unit,
    /// 创建网格.
    Campaign,
}

/// Who runs a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Management {
    /// A property company.
    Company,
    /// 社区托管.
    Community,
    /// 无物业.
    None,
}

/// One area.
#[derive(Debug, Clone)]
pub struct Area {
    /// What sort.
    pub kind: AreaKind,
    /// Its code: areas are matched by kind and code, never by name.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its name in English, where it has one.
    pub name_en: Option<String>,
    /// The code of the area it lies in.
    pub parent: Option<String>,
    /// What a grid is for.
    pub grid_kind: Option<GridKind>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Who runs a compound.
    pub management: Option<Management>,
    /// The property company.
    pub company: Option<String>,
    /// The post that answers for it; never a person's name.
    pub responsible: Option<String>,
    /// Its ground; empty for alleys.
    pub polygons: Vec<Ground>,
    /// The centre lines of an alley.
    pub lines: Vec<Vec<[f32; 2]>>,
    /// The box around it.
    pub bounds: Bounds,
}

impl Area {
    /// Whether it is a grid of governance (治理网格), as one is that says nothing else.
    pub fn is_governance_grid(&self) -> bool {
        self.kind == AreaKind::Grid && !matches!(self.grid_kind, Some(GridKind::Unit | GridKind::Campaign))
    }

    /// Whether a point lies in it.
    pub fn contains(&self, point: [f64; 2]) -> bool {
        self.bounds.contains(point) && self.polygons.iter().any(|polygon| polygon.contains(point))
    }
}

/// All areas of a place, with an index.
#[derive(Debug, Default)]
pub struct Areas {
    areas: Vec<Area>,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl<'a> IntoIterator for &'a Areas {
    type Item = &'a Area;
    type IntoIter = std::slice::Iter<'a, Area>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Areas {
    /// Reads `areas.geojson` in a frame.
    ///
    /// # Errors
    /// If nothing in the file can be understood; single areas that cannot be used are in the report.
    pub fn read(
        bytes: &[u8],
        source: &str,
        frame: LocalFrame,
        datum: Datum,
    ) -> Result<(Self, Report), ReadError> {
        let mut areas = Vec::new();
        let (_, mut report) = read_layer(bytes, &in_frame(source, frame, datum), |feature| {
            areas.push(area(feature)?);
            Ok(())
        })?;
        for (i, area) in areas.iter().enumerate() {
            if areas
                .iter()
                .take(i)
                .any(|earlier: &Area| earlier.kind == area.kind && earlier.code == area.code)
            {
                report.warnings.push(format!("two areas of one kind have the code {}", area.code));
            }
        }
        Ok((Self::new(areas), report))
    }

    /// Areas with their index.
    pub fn new(areas: Vec<Area>) -> Self {
        let boxes = areas
            .iter()
            .enumerate()
            .filter(|(_, area)| !area.bounds.is_empty())
            .map(|(i, area)| GeomWithData::new(Rectangle::from_corners(area.bounds.min, area.bounds.max), i))
            .collect();
        Self { tree: RTree::bulk_load(boxes), areas }
    }

    /// All of them, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Area> {
        self.areas.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
    }

    /// The area at a place of [`Self::iter`].
    pub fn get(&self, index: usize) -> Option<&Area> {
        self.areas.get(index)
    }

    /// Where the area of a kind with a code stands in [`Self::iter`].
    pub fn position(&self, kind: AreaKind, code: &str) -> Option<usize> {
        self.areas.iter().position(|area| area.kind == kind && area.code == code)
    }

    /// The area of a kind with a code.
    pub fn find(&self, kind: AreaKind, code: &str) -> Option<&Area> {
        self.areas.get(self.position(kind, code)?)
    }

    /// The areas that a point lies in.
    pub fn at(&self, point: [f64; 2]) -> impl Iterator<Item = &Area> {
        self.tree
            .locate_in_envelope_intersecting(&AABB::from_point(point))
            .filter_map(|found| self.areas.get(found.data))
            .filter(move |area| area.contains(point))
    }

    /// The area of one kind that a point lies in; of several, the first of the file.
    pub fn at_kind(&self, point: [f64; 2], kind: AreaKind) -> Option<&Area> {
        self.tree
            .locate_in_envelope_intersecting(&AABB::from_point(point))
            .map(|found| found.data)
            .filter(|i| self.areas.get(*i).is_some_and(|area| area.kind == kind && area.contains(point)))
            .min()
            .and_then(|i| self.areas.get(i))
    }
}

fn area(feature: LayerFeature) -> Result<Area, Reason> {
    let properties = &feature.properties;
    let kind = properties
        .get("kind")
        .and_then(AreaKind::parse)
        .ok_or(Reason::NotUsable("its kind is no kind of area"))?;
    if kind == AreaKind::Alley && feature.lines.is_empty() && feature.polygons.is_empty() {
        return Err(Reason::NotUsable("an alley without a line"));
    }
    if kind != AreaKind::Alley && feature.polygons.is_empty() {
        return Err(Reason::NotAnArea("no polygon"));
    }
    let bounds = feature
        .polygons
        .iter()
        .map(Ground::bounds)
        .chain(feature.lines.iter().map(|line| Bounds::of_f32(line)))
        .fold(Bounds::EMPTY, Bounds::union);
    let owned = |name: &str| properties.get(name).map(str::to_owned);
    let date = |name: &str| properties.get(name).and_then(|text| text.parse().ok());
    Ok(Area {
        kind,
        code: owned("code").or_else(|| feature.id.clone()).unwrap_or_default(),
        name: properties.text("name"),
        name_en: properties.name_en(),
        parent: owned("parent"),
        grid_kind: match properties.get("grid_kind") {
            Some("governance") => Some(GridKind::Governance),
            Some("unit") => Some(GridKind::Unit),
            Some("campaign") => Some(GridKind::Campaign),
            _ => None,
        },
        valid_from: date("valid_from"),
        valid_to: date("valid_to"),
        management: match properties.get("management") {
            Some("company") => Some(Management::Company),
            Some("community") => Some(Management::Community),
            Some("none") => Some(Management::None),
            _ => None,
        },
        company: owned("company"),
        responsible: owned("responsible"),
        polygons: feature.polygons,
        lines: feature.lines,
        bounds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LonLat;

    const AREAS: &str = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"kind":"community","code":"330802006003","name":"府山","parent":"330802006"},
         "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.97],[118.87,28.96]]]}},
        {"type":"Feature","properties":{"kind":"grid","code":"330802006003001","name":"一","grid_kind":"governance","valid_from":"2026-01-01"},
         "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.875,28.96],[118.875,28.97],[118.87,28.97],[118.87,28.96]]]}},
        {"type":"Feature","properties":{"kind":"alley","code":"A1","name":"天皇巷"},
         "geometry":{"type":"LineString","coordinates":[[118.871,28.961],[118.872,28.961]]}},
        {"type":"Feature","properties":{"kind":"compound","code":"C1","name":"点"},"geometry":{"type":"Point","coordinates":[118.87,28.96]}},
        {"type":"Feature","properties":{"kind":"kingdom","code":"K"},
         "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.96]]]}}]}"#;

    #[test]
    fn areas_are_found_by_point_and_by_code() {
        let frame = LocalFrame::new(LonLat::new(118.87, 28.96));
        let (areas, report) = Areas::read(AREAS.as_bytes(), "areas", frame, Datum::Wgs84).expect("readable");
        assert_eq!((report.features, report.shown, areas.len()), (5, 3, 3));
        assert_eq!(report.refused.iter().map(|r| r.index).collect::<Vec<_>>(), [3, 4]);
        let west = frame.project(LonLat::new(118.872, 28.965));
        let east = frame.project(LonLat::new(118.878, 28.965));
        assert_eq!(areas.at_kind(west, AreaKind::Grid).map(|a| a.code.as_str()), Some("330802006003001"));
        assert!(areas.at_kind(east, AreaKind::Grid).is_none());
        assert_eq!(areas.at(west).count(), 2);
        assert_eq!(areas.at(east).count(), 1);
        assert_eq!(areas.at([-5.0, -5.0]).count(), 0);
        let alley = areas.find(AreaKind::Alley, "A1").expect("there");
        assert_eq!((alley.name.as_str(), alley.lines.len()), ("天皇巷", 1));
        let grid = areas.find(AreaKind::Grid, "330802006003001").expect("there");
        assert_eq!(grid.grid_kind, Some(GridKind::Governance));
        assert_eq!(grid.valid_from, Some(jiff::civil::date(2026, 1, 1)));
    }
}
