//! Buildings as columns: no allocation a building, about 150 bytes each with nine corners.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::{Text, Texts};
use crate::geo::{Bounds, LocalFrame, LonLat};

/// The number of a building within its [`City`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildingIndex(pub u32);

/// What a building is called everywhere: its source and its id there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BuildingId {
    /// The name of the source, such as the file's.
    pub source: Arc<str>,
    /// The id in that source, or `#index` where it is missing or repeated.
    pub original: Box<str>,
}

impl fmt::Display for BuildingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.original.starts_with('#') {
            write!(f, "{}{}", self.source, self.original)
        } else {
            write!(f, "{}/{}", self.source, self.original)
        }
    }
}

/// What a building is used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum BuildingUse {
    /// 住宅.
    Residential,
    /// 商业.
    Commercial,
    /// 办公.
    Office,
    /// 学校.
    School,
    /// 市场.
    Market,
    /// 公共建筑.
    Public,
    /// 历史建筑.
    Historic,
    /// 工业.
    Industrial,
    /// 医疗.
    Medical,
    /// 宗教.
    Religious,
    /// 交通.
    Transport,
    /// 棚屋, garages, kiosks.
    Shed,
    /// Not known, or something else.
    #[default]
    Other,
}

impl BuildingUse {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Residential,
        Self::Commercial,
        Self::Office,
        Self::School,
        Self::Market,
        Self::Public,
        Self::Historic,
        Self::Industrial,
        Self::Medical,
        Self::Religious,
        Self::Transport,
        Self::Shed,
        Self::Other,
    ];

    /// The word in our files, the same that serde writes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Residential => "residential",
            Self::Commercial => "commercial",
            Self::Office => "office",
            Self::School => "school",
            Self::Market => "market",
            Self::Public => "public",
            Self::Historic => "historic",
            Self::Industrial => "industrial",
            Self::Medical => "medical",
            Self::Religious => "religious",
            Self::Transport => "transport",
            Self::Shed => "shed",
            Self::Other => "other",
        }
    }

    /// The height of one floor in metres, for buildings that only say how many they have.
    pub fn storey_m(self) -> f32 {
        match self {
            Self::Commercial | Self::Office | Self::Public | Self::Medical => 3.9,
            Self::School | Self::Historic | Self::Religious | Self::Other => 3.3,
            Self::Market | Self::Industrial | Self::Transport => 4.8,
            Self::Residential | Self::Shed => 3.0,
        }
    }

    /// The height in metres of a building that says nothing about it.
    pub fn default_height_m(self) -> f32 {
        match self {
            Self::Shed => 3.0,
            Self::Historic | Self::Religious => 6.6,
            Self::Residential | Self::Other => 9.0,
            Self::Market | Self::Industrial | Self::Transport => 9.6,
            Self::Commercial | Self::Office | Self::School | Self::Public | Self::Medical => 11.7,
        }
    }
}

/// The columns. Ends are exclusive and running: ring `i` has the points `ring_ends[i - 1]..ring_ends[i]`,
/// polygon `i` the rings, building `i` the polygons.
#[derive(Debug, Clone, Default)]
pub struct Buildings {
    /// `[east, north]` in local metres; rings without their closing point, outer ones counter-clockwise, holes clockwise.
    pub points: Vec<[f32; 2]>,
    /// One a ring: the end of its points.
    pub ring_ends: Vec<u32>,
    /// One a polygon: the end of its rings, of which the first is the outer one.
    pub polygon_ends: Vec<u32>,
    /// One a building: the end of its polygons.
    pub building_ends: Vec<u32>,
    /// From underside to top, in metres.
    pub height_m: Vec<f32>,
    /// The underside above the building's own ground, in metres, as the data say; 0 for nearly all, which stand on it.
    pub base_m: Vec<f32>,
    /// The building's own ground above the plain, in metres; empty where all stand on the plain, else one a building.
    pub ground_m: Vec<f32>,
    /// Floors as given, or 0.
    pub levels: Vec<u8>,
    /// Use.
    pub usage: Vec<BuildingUse>,
    /// Year built, or 0.
    pub year: Vec<u16>,
    /// The feature's place in its file.
    pub feature: Vec<u32>,
    /// Name.
    pub name: Vec<Text>,
    /// Address.
    pub address: Vec<Text>,
    /// Code (or name) of the compound.
    pub compound: Vec<Text>,
    /// Code (or name) of the community.
    pub community: Vec<Text>,
    /// Code of the grid.
    pub grid: Vec<Text>,
}

impl Buildings {
    /// How many.
    pub fn len(&self) -> usize {
        self.building_ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.building_ends.is_empty()
    }
}

/// The range of one entry of a column of running ends.
pub(crate) fn range(ends: &[u32], i: usize) -> Range<usize> {
    let end = ends.get(i).copied().unwrap_or(0) as usize;
    let start = if i == 0 { 0 } else { ends.get(i - 1).copied().unwrap_or(0) as usize };
    start.min(end)..end
}

/// What stands still: the buildings of one source in one local frame.
#[derive(Debug, Clone)]
pub struct City {
    /// The frame that all positions are in.
    pub frame: LocalFrame,
    /// The name of the source.
    pub source: Arc<str>,
    /// The columns.
    pub buildings: Buildings,
    /// The box around all buildings.
    pub bounds: Bounds,
    pub(crate) texts: Texts,
    /// Number i is the original id of building i.
    pub(crate) ids: Texts,
}

impl City {
    /// A city without buildings.
    pub fn empty(frame: LocalFrame) -> Self {
        Self {
            frame,
            source: Arc::from(""),
            buildings: Buildings::default(),
            bounds: Bounds::EMPTY,
            texts: Texts::default(),
            ids: Texts::without_empty(),
        }
    }

    /// How many buildings there are.
    pub fn len(&self) -> usize {
        self.buildings.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.buildings.is_empty()
    }

    /// A building by its number.
    pub fn building(&self, index: BuildingIndex) -> Option<BuildingRef<'_>> {
        ((index.0 as usize) < self.len()).then_some(BuildingRef { city: self, index })
    }

    /// All buildings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = BuildingRef<'_>> + '_ {
        (0..self.len() as u32).map(|i| BuildingRef { city: self, index: BuildingIndex(i) })
    }

    /// The building with an id of this source: `original`, or `source/original` as [`BuildingId`] is written.
    pub fn find(&self, id: &str) -> Option<BuildingIndex> {
        let within = id.strip_prefix(&*self.source).map(|rest| rest.strip_prefix('/').unwrap_or(rest));
        let found = self.ids.find(id).or_else(|| self.ids.find(within?))?;
        Some(BuildingIndex(found.0))
    }
}

/// One building, looked at through its city.
#[derive(Debug, Clone, Copy)]
pub struct BuildingRef<'a> {
    city: &'a City,
    index: BuildingIndex,
}

impl<'a> BuildingRef<'a> {
    /// Its number.
    pub fn index(self) -> BuildingIndex {
        self.index
    }

    fn i(self) -> usize {
        self.index.0 as usize
    }

    fn text(self, column: &[Text]) -> Option<&'a str> {
        let text = self.city.texts.get(column.get(self.i()).copied().unwrap_or_default());
        (!text.is_empty()).then_some(text)
    }

    /// Its id.
    pub fn id(self) -> BuildingId {
        BuildingId { source: Arc::clone(&self.city.source), original: self.original_id().into() }
    }

    /// Its id within the source, or `#index`.
    pub fn original_id(self) -> &'a str {
        self.city.ids.get(Text(self.index.0))
    }

    /// The feature's place in its file, from 0.
    pub fn feature(self) -> u32 {
        self.city.buildings.feature.get(self.i()).copied().unwrap_or(0)
    }

    /// Its name.
    pub fn name(self) -> Option<&'a str> {
        self.text(&self.city.buildings.name)
    }

    /// Its address.
    pub fn address(self) -> Option<&'a str> {
        self.text(&self.city.buildings.address)
    }

    /// The code of its compound.
    pub fn compound(self) -> Option<&'a str> {
        self.text(&self.city.buildings.compound)
    }

    /// The code of its community.
    pub fn community(self) -> Option<&'a str> {
        self.text(&self.city.buildings.community)
    }

    /// The code of its grid.
    pub fn grid(self) -> Option<&'a str> {
        self.text(&self.city.buildings.grid)
    }

    /// From underside to top, in metres.
    pub fn height_m(self) -> f32 {
        self.city.buildings.height_m.get(self.i()).copied().unwrap_or(0.0)
    }

    /// The underside above the building's own ground, in metres, as the data say (`base_height`, `min_height`):
    /// 0 for what stands on its ground.
    pub fn base_m(self) -> f32 {
        self.city.buildings.base_m.get(self.i()).copied().unwrap_or(0.0)
    }

    /// Whether it floats, as passages, bridges and upper parts do: its underside is to be seen.
    pub fn is_floating(self) -> bool {
        self.base_m() > 0.0
    }

    /// How high it is for people: the top above the building's own ground, in metres, as the data say (`height`).
    pub fn rise_m(self) -> f32 {
        self.base_m() + self.height_m()
    }

    /// The building's own ground above the plain, in metres: the lowest below it where there is relief, else 0.
    pub fn ground_m(self) -> f32 {
        self.city.buildings.ground_m.get(self.i()).copied().unwrap_or(0.0)
    }

    /// The underside above the plain, in metres: where the picture's walls begin.
    pub fn bottom_m(self) -> f32 {
        self.ground_m() + self.base_m()
    }

    /// The top above the plain, in metres: where the picture's walls end.
    pub fn top_m(self) -> f32 {
        self.bottom_m() + self.height_m()
    }

    /// Floors: as given, else as many as fit its height.
    pub fn levels(self) -> u8 {
        self.given_levels()
            .unwrap_or_else(|| (self.height_m() / self.usage().storey_m()).round().clamp(1.0, 255.0) as u8)
    }

    /// Floors as the file has them.
    pub fn given_levels(self) -> Option<u8> {
        self.city.buildings.levels.get(self.i()).copied().filter(|levels| *levels > 0)
    }

    /// Its use.
    pub fn usage(self) -> BuildingUse {
        self.city.buildings.usage.get(self.i()).copied().unwrap_or_default()
    }

    /// The year it was built.
    pub fn year(self) -> Option<u16> {
        self.city.buildings.year.get(self.i()).copied().filter(|year| *year > 0)
    }

    /// Its polygons; nearly always one.
    pub fn polygons(self) -> impl ExactSizeIterator<Item = PolygonRef<'a>> + Clone {
        let buildings = &self.city.buildings;
        range(&buildings.building_ends, self.i())
            .map(move |i| PolygonRef { buildings, rings: range(&buildings.polygon_ends, i) })
    }

    /// All its points, of all rings.
    pub fn points(self) -> &'a [[f32; 2]] {
        let buildings = &self.city.buildings;
        let polygons = range(&buildings.building_ends, self.i());
        let rings = span(&buildings.polygon_ends, polygons);
        buildings.points.get(span(&buildings.ring_ends, rings)).unwrap_or_default()
    }

    /// The box around it, in local metres.
    pub fn bounds(self) -> Bounds {
        Bounds::of_f32(self.points())
    }

    /// The area of its footprint without courtyards, in m².
    pub fn area_m2(self) -> f64 {
        self.polygons().flat_map(PolygonRef::rings).map(signed_area_m2).sum()
    }

    /// The centre of its area (courtyards do not count), `[east, north]` in local metres.
    pub fn centroid(self) -> [f64; 2] {
        centroid(self.polygons().flat_map(PolygonRef::rings)).unwrap_or_else(|| self.bounds().centre())
    }

    /// Where its centre lies on earth.
    pub fn lon_lat(self) -> LonLat {
        self.city.frame.unproject(self.centroid())
    }

    /// Whether a point of the ground lies in its footprint (a courtyard is outside).
    pub fn contains(self, point: [f64; 2]) -> bool {
        self.polygons().any(|polygon| polygon.contains(point))
    }
}

/// The points between the running ends of a range of entries.
fn span(ends: &[u32], entries: Range<usize>) -> Range<usize> {
    if entries.is_empty() {
        return 0..0;
    }
    range(ends, entries.start).start..range(ends, entries.end - 1).end
}

/// One polygon of a building or an area: an outer ring and its holes.
#[derive(Debug, Clone)]
pub struct PolygonRef<'a> {
    buildings: &'a Buildings,
    rings: Range<usize>,
}

impl<'a> PolygonRef<'a> {
    /// The outer ring, counter-clockwise, without its closing point.
    pub fn exterior(&self) -> &'a [[f32; 2]] {
        self.ring(self.rings.start)
    }

    /// The courtyards, clockwise.
    pub fn holes(&self) -> impl ExactSizeIterator<Item = &'a [[f32; 2]]> + '_ {
        (self.rings.start + 1..self.rings.end).map(|i| self.ring(i))
    }

    /// The outer ring, then the courtyards.
    pub fn rings(self) -> impl ExactSizeIterator<Item = &'a [[f32; 2]]> {
        self.rings.clone().map(move |i| self.ring(i))
    }

    fn ring(&self, i: usize) -> &'a [[f32; 2]] {
        self.buildings.points.get(range(&self.buildings.ring_ends, i)).unwrap_or_default()
    }

    /// Whether a point lies inside (a courtyard is outside).
    pub fn contains(&self, point: [f64; 2]) -> bool {
        let inside = |ring: &[[f32; 2]]| ring_contains(ring, point);
        inside(self.exterior()) && !self.holes().any(inside)
    }
}

/// Twice a shoelace, halved: positive for counter-clockwise rings, in m².
pub fn signed_area_m2(ring: &[[f32; 2]]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    let at = |p: &[f32; 2]| [f64::from(p[0]) - f64::from(first[0]), f64::from(p[1]) - f64::from(first[1])];
    let mut twice = 0.0;
    for pair in ring.windows(2) {
        if let [a, b] = pair {
            let (a, b) = (at(a), at(b));
            twice += a[0] * b[1] - b[0] * a[1];
        }
    }
    twice / 2.0
}

/// The centre of area of some rings, holes running the other way; `None` if they enclose nothing.
pub fn centroid<'a>(rings: impl Iterator<Item = &'a [[f32; 2]]>) -> Option<[f64; 2]> {
    let mut origin = None;
    let (mut twice, mut x, mut y) = (0.0, 0.0, 0.0);
    for ring in rings {
        let [x0, y0] = *origin.get_or_insert(ring.first().copied()?);
        let (x0, y0) = (f64::from(x0), f64::from(y0));
        for (i, a) in ring.iter().enumerate() {
            let b = ring.get(i + 1).or_else(|| ring.first())?;
            let (ax, ay) = (f64::from(a[0]) - x0, f64::from(a[1]) - y0);
            let (bx, by) = (f64::from(b[0]) - x0, f64::from(b[1]) - y0);
            let cross = ax * by - bx * ay;
            twice += cross;
            x += (ax + bx) * cross;
            y += (ay + by) * cross;
        }
    }
    let [x0, y0] = origin?;
    (twice.abs() > 1e-9).then(|| [f64::from(x0) + x / (3.0 * twice), f64::from(y0) + y / (3.0 * twice)])
}

/// Whether an edge crosses the line that runs due east from a point: what the even-odd rule counts.
pub(crate) fn passes_east([ax, ay]: [f64; 2], [bx, by]: [f64; 2], [x, y]: [f64; 2]) -> bool {
    (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
}

/// Whether a point lies within a ring, by the even-odd rule.
pub fn ring_contains(ring: &[[f32; 2]], point: [f64; 2]) -> bool {
    let mut inside = false;
    let mut previous = ring.last().copied().unwrap_or_default();
    for &current in ring {
        if passes_east(previous.map(f64::from), current.map(f64::from), point) {
            inside = !inside;
        }
        previous = current;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f32; 2]; 4] = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
    const COURT: [[f32; 2]; 4] = [[6.0, 4.0], [6.0, 6.0], [8.0, 6.0], [8.0, 4.0]];

    #[test]
    fn a_use_has_one_word() {
        for usage in BuildingUse::ALL {
            assert_eq!(serde_json::to_value(usage).expect("a word"), usage.word());
        }
    }

    #[test]
    fn area_centre_and_inside_of_a_court() {
        assert_eq!(signed_area_m2(&SQUARE), 100.0);
        assert_eq!(signed_area_m2(&COURT), -4.0);
        // (100 × 5 − 4 × 7) ÷ 96
        let [x, y] = centroid([&SQUARE[..], &COURT[..]].into_iter()).expect("an area");
        assert!((x - 472.0 / 96.0).abs() < 1e-9 && (y - 5.0).abs() < 1e-9);
        assert!(ring_contains(&SQUARE, [1.0, 1.0]));
        assert!(!ring_contains(&SQUARE, [11.0, 1.0]));
    }

    #[test]
    fn ids_say_where_they_come_from() {
        let id = |original: &str| BuildingId { source: "b.geojson".into(), original: original.into() };
        assert_eq!(id("way/7").to_string(), "b.geojson/way/7");
        assert_eq!(id("#12").to_string(), "b.geojson#12");
    }
}
