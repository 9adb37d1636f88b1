//! From a place to the entries of its index: what has a name, each thing once.

use std::collections::HashMap;

use geo::{InteriorPoint, LineString, Polygon};

use super::pool::{Gathered, Pool};
use super::{HitKind, SearchIndex};
use crate::city::areas::{Area, AreaKind};
use crate::city::building::{BuildingIndex, BuildingRef};
use crate::city::layer::Ground;
use crate::city::place::Place;
use crate::city::tables::Address;
use crate::city::ways::SurfaceKind;
use crate::geo::Bounds;

/// Things of one name are one thing if they are no farther apart than this beside their own size.
const SAME_PLACE_M: f64 = 150.0;
/// Parts of a building that have its name and no address lie within this.
const SAME_BUILDING_M: f64 = 60.0;

/// One thing that can be found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: HitKind,
    pub(super) at: [f32; 2],
    pub(super) extent_m: f32,
    pub(super) building: Option<BuildingIndex>,
    pub(super) area: Option<u32>,
    /// The text of the area that it lies in, or 0.
    pub(super) within: u32,
    /// The end of its texts.
    pub(super) texts_end: u32,
}

/// What a text is to its entry, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Role {
    Name,
    /// The compound and the name.
    FullName,
    Address,
    /// Another name, or a code.
    Alias,
}

/// Gathers a place.
pub(super) fn collect(place: &Place) -> SearchIndex {
    let mut collector = Collector::new(place);
    for (index, area) in (0..).zip(&place.areas) {
        collector.add_area(index, area);
    }
    for label in &place.ways.labels {
        let at = label.point.map(f64::from);
        collector.add_thing(HitKind::Place, &label.name, at, Bounds::of([at]), true);
    }
    collector.add_surfaces();
    collector.add_roads();
    collector.add_buildings();
    collector.finish()
}

/// Anything but a building.
struct Thing {
    kind: HitKind,
    at: [f64; 2],
    bounds: Bounds,
    /// Which of the place's areas it is: those are told apart by their codes and never become one.
    area: Option<u32>,
    texts: Vec<(Role, u32)>,
    building: Option<BuildingIndex>,
}

impl Thing {
    fn extent_m(&self) -> f64 {
        let [width, depth] = self.bounds.size();
        width.max(depth).max(0.0)
    }

    fn is_near(&self, at: [f64; 2], extent_m: f64) -> bool {
        distance_m(self.at, at) <= SAME_PLACE_M + f64::midpoint(self.extent_m(), extent_m)
    }
}

struct Collector<'a> {
    place: &'a Place,
    texts: Gathered,
    things: Vec<Thing>,
    /// The things of a name.
    named: HashMap<u32, Vec<usize>>,
    /// The names of areas by kind and code.
    areas: HashMap<(AreaKind, &'a str), u32>,
    buildings: Vec<Entry>,
    building_texts: Vec<(Role, u32)>,
}

impl<'a> Collector<'a> {
    fn new(place: &'a Place) -> Self {
        let mut texts = Gathered::default();
        let areas = place
            .areas
            .iter()
            .map(|area| ((area.kind, area.code.as_str()), texts.intern(&area.name)))
            .collect();
        Self {
            place,
            texts,
            things: Vec::new(),
            named: HashMap::new(),
            areas,
            buildings: Vec::new(),
            building_texts: Vec::new(),
        }
    }

    fn add_area(&mut self, index: u32, area: &Area) {
        let (kind, merges) = match area.kind {
            AreaKind::Subdistrict | AreaKind::Community | AreaKind::Grid => (HitKind::Community, false),
            AreaKind::Compound => (HitKind::Compound, false),
            AreaKind::BusinessDistrict => (HitKind::Place, false),
            AreaKind::Alley => (HitKind::Place, true),
        };
        let at = area
            .polygons
            .iter()
            .max_by(|a, b| size_m(a.bounds()).total_cmp(&size_m(b.bounds())))
            .and_then(inside)
            .or_else(|| {
                area.lines.iter().max_by(|a, b| length_m(a).total_cmp(&length_m(b))).and_then(|l| middle(l))
            })
            .unwrap_or_else(|| area.bounds.centre());
        if let Some(thing) = self.add_thing(kind, &area.name, at, area.bounds, merges) {
            let code = self.texts.intern(&area.code);
            if let Some(thing) = self.things.get_mut(thing) {
                thing.area = (!merges).then_some(index);
                push_once(&mut thing.texts, Role::Alias, code);
            }
        }
    }

    fn add_surfaces(&mut self) {
        for surface in &self.place.ways.surfaces {
            let (Some(name), true) = (&surface.name, surface.kind != SurfaceKind::Wall) else { continue };
            for polygon in &surface.polygons {
                let Some(at) = inside(polygon) else { continue };
                self.add_thing(HitKind::Place, name, at, polygon.bounds(), true);
            }
        }
    }

    /// One thing a name, at the middle of its longest piece.
    fn add_roads(&mut self) {
        let mut longest: HashMap<&str, (f64, usize, Bounds)> = HashMap::new();
        let mut names = Vec::new();
        for (i, road) in self.place.ways.roads.iter().enumerate() {
            let Some(name) = road.name.as_deref() else { continue };
            let (length_m, bounds) = (length_m(&road.line), Bounds::of_f32(&road.line));
            let held = longest.entry(name).or_insert_with(|| {
                names.push(name);
                (-1.0, i, Bounds::EMPTY)
            });
            held.2 = held.2.union(bounds);
            if length_m > held.0 {
                (held.0, held.1) = (length_m, i);
            }
        }
        for name in names {
            let Some((_, i, bounds)) = longest.get(name) else { continue };
            let at = self.place.ways.roads.get(*i).and_then(|road| middle(&road.line));
            self.add_thing(HitKind::Road, name, at.unwrap_or_else(|| bounds.centre()), *bounds, true);
        }
    }

    /// A thing, or more of one that is there; gives its number.
    fn add_thing(
        &mut self,
        kind: HitKind,
        name: &str,
        at: [f64; 2],
        bounds: Bounds,
        merges: bool,
    ) -> Option<usize> {
        let text = self.texts.intern(name);
        if text == 0 {
            return None;
        }
        let [width, depth] = bounds.size();
        let same = if merges { self.near(text, at, width.max(depth).max(0.0)) } else { None };
        if let Some(thing) = same
            && let Some(held) = self.things.get_mut(thing)
        {
            if held.area.is_none() {
                held.bounds = held.bounds.union(bounds);
            }
            return Some(thing);
        }
        self.named.entry(text).or_default().push(self.things.len());
        self.things.push(Thing {
            kind,
            at,
            bounds,
            area: None,
            texts: vec![(Role::Name, text)],
            building: None,
        });
        Some(self.things.len() - 1)
    }

    fn near(&self, name: u32, at: [f64; 2], extent_m: f64) -> Option<usize> {
        let things = self.named.get(&name)?;
        things
            .iter()
            .copied()
            .find(|thing| self.things.get(*thing).is_some_and(|held| held.is_near(at, extent_m)))
    }

    fn add_buildings(&mut self) {
        let place = self.place;
        let mut rows: Vec<(BuildingIndex, &Address)> = Vec::new();
        for row in &place.addresses {
            match row.building.as_deref().and_then(|id| place.city.find(id)) {
                Some(building) => rows.push((building, row)),
                None => self.add_row(row),
            }
        }
        rows.sort_by_key(|(building, _)| *building);
        // Those with addresses first: parts that only repeat the name then find their building.
        let mut first_named = HashMap::new();
        for wants_address in [true, false] {
            let mut rest = rows.as_slice();
            for building in place.city.iter() {
                let own = rest.iter().take_while(|(of, _)| *of == building.index()).count();
                let (own, later) = rest.split_at(own);
                rest = later;
                if (building.address().is_some() || !own.is_empty()) == wants_address {
                    self.add_building(building, own, &mut first_named);
                }
            }
        }
    }

    fn add_building(
        &mut self,
        building: BuildingRef<'a>,
        rows: &[(BuildingIndex, &'a Address)],
        first_named: &mut HashMap<u32, ([f64; 2], Option<&'a str>)>,
    ) {
        let mut texts = Vec::new();
        let name = self.texts.intern(building.name().unwrap_or_default());
        if let Some(address) = building.address() {
            push_once(&mut texts, Role::Address, self.texts.intern(address));
        }
        for (_, row) in rows {
            self.push_row(&mut texts, row);
        }
        if name == 0 && texts.is_empty() {
            return;
        }
        let (at, bounds) = (building.centroid(), building.bounds());
        let [width, depth] = bounds.size();
        let extent_m = width.max(depth);
        if name != 0 {
            if texts.is_empty() {
                let same = first_named.get(&name).filter(|(of, compound)| {
                    *compound == building.compound() && distance_m(*of, at) <= SAME_BUILDING_M
                });
                if same.is_some() {
                    return;
                }
            }
            first_named.insert(name, (at, building.compound()));
            let same = self.near(name, at, 0.0).and_then(|thing| self.things.get_mut(thing));
            match same {
                // The tower of a gate that has a label: one thing, which is this building.
                Some(thing)
                    if thing.kind == HitKind::Place
                        && thing.building.is_none()
                        && thing.extent_m() <= 2.0 * extent_m + 20.0 =>
                {
                    thing.building = Some(building.index());
                    thing.bounds = thing.bounds.union(bounds);
                    for (role, text) in texts {
                        push_once(&mut thing.texts, role, text);
                    }
                    return;
                }
                // One of many within a thing of that name: it keeps its address and what only it is called.
                Some(_) => texts.retain(|(_, text)| *text != name),
                None => {
                    texts.insert(0, (Role::Name, name));
                    if let Some(full) = self.full_name(building, name) {
                        texts.push((Role::FullName, full));
                    }
                }
            }
        }
        if texts.is_empty() {
            return;
        }
        let within = self.within(building);
        self.building_texts.extend(texts);
        self.buildings.push(Entry {
            kind: HitKind::Building,
            at: at.map(|metres| metres as f32),
            extent_m: extent_m as f32,
            building: Some(building.index()),
            area: None,
            within,
            texts_end: self.building_texts.len() as u32,
        });
    }

    /// 南湖小区3幢 for the building 3幢.
    fn full_name(&mut self, building: BuildingRef<'_>, name: u32) -> Option<u32> {
        let compound = self.area_name(AreaKind::Compound, building.compound()?);
        let (compound, name) = (self.texts.get(compound), self.texts.get(name));
        if compound.is_empty() || name.contains(compound) {
            return None;
        }
        let full = format!("{compound}{name}");
        Some(self.texts.intern(&full))
    }

    fn within(&mut self, building: BuildingRef<'_>) -> u32 {
        let compound = building.compound().map_or(0, |code| self.area_name(AreaKind::Compound, code));
        if compound != 0 {
            return compound;
        }
        building.community().map_or(0, |code| self.area_name(AreaKind::Community, code))
    }

    /// The name of an area that a building gives by its code, or by its name.
    fn area_name(&mut self, kind: AreaKind, code: &str) -> u32 {
        match self.areas.get(&(kind, code)) {
            Some(name) => *name,
            None if code.is_ascii() => 0,
            None => self.texts.intern(code),
        }
    }

    /// A row of the address table that has no building: more names of a thing, or a thing of its own.
    fn add_row(&mut self, row: &Address) {
        let Some(at) = row.point.map(|point| point.map(f64::from)) else { return };
        let thing = self.add_thing(HitKind::Address, &row.address, at, Bounds::of([at]), true);
        let mut texts = Vec::new();
        self.push_row(&mut texts, row);
        if let Some(thing) = thing.and_then(|thing| self.things.get_mut(thing)) {
            for (role, text) in texts {
                push_once(&mut thing.texts, role, text);
            }
        }
    }

    fn push_row(&mut self, texts: &mut Vec<(Role, u32)>, row: &Address) {
        push_once(texts, Role::Address, self.texts.intern(&row.address));
        for alias in &row.aliases {
            push_once(texts, Role::Alias, self.texts.intern(alias));
        }
    }

    fn finish(mut self) -> SearchIndex {
        let mut entries = Vec::with_capacity(self.things.len() + self.buildings.len());
        let mut texts = Vec::with_capacity(self.things.len() * 2 + self.building_texts.len());
        for thing in std::mem::take(&mut self.things) {
            let within = match thing.kind {
                HitKind::Community => None,
                _ => self.place.areas.at_kind(thing.at, AreaKind::Community),
            };
            let within = within.map_or(0, |community| self.texts.intern(&community.name));
            let extent_m = thing.extent_m() as f32;
            texts.extend(thing.texts);
            entries.push(Entry {
                kind: thing.kind,
                at: thing.at.map(|metres| metres as f32),
                extent_m,
                building: thing.building,
                area: thing.area,
                within,
                texts_end: texts.len() as u32,
            });
        }
        let before = texts.len() as u32;
        texts.append(&mut self.building_texts);
        entries.extend(self.buildings.iter().map(|e| Entry { texts_end: e.texts_end + before, ..*e }));
        SearchIndex { entries: entries.into(), texts: texts.into(), pool: Pool::new(self.texts) }
    }
}

fn push_once(texts: &mut Vec<(Role, u32)>, role: Role, text: u32) {
    if text != 0 && !texts.iter().any(|(_, held)| *held == text) {
        texts.push((role, text));
    }
}

fn distance_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn size_m(bounds: Bounds) -> f64 {
    let [width, depth] = bounds.size();
    width * depth
}

fn length_m(line: &[[f32; 2]]) -> f64 {
    line.windows(2)
        .map(|pair| match pair {
            [a, b] => distance_m(a.map(f64::from), b.map(f64::from)),
            _ => 0.0,
        })
        .sum()
}

/// The point halfway along a line.
fn middle(line: &[[f32; 2]]) -> Option<[f64; 2]> {
    let mut left_m = length_m(line) / 2.0;
    for pair in line.windows(2) {
        let [a, b] = pair else { continue };
        let (a, b) = (a.map(f64::from), b.map(f64::from));
        let step_m = distance_m(a, b);
        if step_m >= left_m && step_m > 0.0 {
            let part = left_m / step_m;
            return Some([a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]);
        }
        left_m -= step_m;
    }
    line.last().map(|point| point.map(f64::from))
}

/// A point that lies well inside a polygon.
fn inside(ground: &Ground) -> Option<[f64; 2]> {
    let ring = |ring: &[[f32; 2]]| -> LineString<f64> {
        ring.iter().map(|point| (f64::from(point[0]), f64::from(point[1]))).collect()
    };
    let polygon = Polygon::new(ring(&ground.exterior), ground.holes.iter().map(|hole| ring(hole)).collect());
    polygon.interior_point().map(|point| [point.x(), point.y()])
}
