//! Features as they come out of the file: numbers as written, in columns.

use super::super::attributes::{BuildingAttributes, Extent};
use super::super::building::{Buildings, range};
use super::super::clean::{Cleaned, Cleaner};
use super::super::geojson::{Feature, Geometry, Kind, Shape, Sink};
use super::super::report::{Reason, Repair, Report};
use super::super::text::{Text, Texts};
use super::locate::Locator;

/// Every how many buildings one is looked at to find the middle of the data.
const SAMPLE_EVERY: usize = 64;

/// The buildings of one piece of a file.
#[derive(Debug, Default)]
pub(crate) struct RawBuildings {
    points: Vec<[f64; 2]>,
    ring_ends: Vec<u32>,
    polygon_ends: Vec<u32>,
    ends: Vec<u32>,
    facts: Vec<Facts>,
    texts: Texts,
    ids: String,
    report: Report,
    is_full: bool,
}

#[derive(Debug)]
struct Facts {
    feature: u32,
    id_end: u32,
    extent: Extent,
    /// A set of [`Repair`], counted only if the building is shown.
    repairs: u32,
    name: Text,
    address: Text,
    compound: Text,
    community: Text,
    grid: Text,
}

/// One piece, located and cleaned.
pub(crate) struct Part {
    pub(crate) buildings: Buildings,
    pub(crate) texts: Texts,
    pub(crate) ids: String,
    pub(crate) id_ends: Vec<u32>,
    /// The set of [`Repair`] of each building, to be counted once it is known to be shown.
    pub(crate) repairs: Vec<u32>,
    pub(crate) report: Report,
    pub(crate) is_full: bool,
}

/// Checks what a geometry is, and gives its area shapes' polygons to `take`, each as ranges of points a ring.
/// `Ok(true)` if points or lines were left out.
pub(crate) fn areas(
    geometry: &Geometry,
    mut take: impl FnMut(&mut dyn Iterator<Item = &[[f64; 2]]>),
) -> Result<bool, Reason> {
    let mut dropped = None;
    let mut taken = false;
    let mut before = Shape::default();
    for shape in &geometry.shapes {
        if !shape.kind.is_area() {
            dropped.get_or_insert(shape.kind.name());
            before = *shape;
            continue;
        }
        if let Some(what) = shape.bad {
            return Err(Reason::BadCoordinates(what));
        }
        match shape.depth {
            None => return Err(Reason::TooFewPoints),
            depth if depth != shape.kind.depth() => {
                return Err(Reason::BadCoordinates("nested in another way than the type says"));
            }
            Some(_) => {}
        }
        let mut rings_from = before.rings_end as usize;
        let mut points_from = before.points_end as usize;
        for polygon in before.polygons_end..shape.polygons_end {
            let rings_to = geometry.polygons.get(polygon as usize).map_or(rings_from, |end| *end as usize);
            let mut rings = geometry.rings.get(rings_from..rings_to).unwrap_or_default().iter().map(|end| {
                let ring = geometry.points.get(points_from..*end as usize).unwrap_or_default();
                points_from = *end as usize;
                ring
            });
            take(&mut rings);
            rings.for_each(drop);
            rings_from = rings_to;
            taken = true;
        }
        before = *shape;
    }
    match (taken, geometry.kind) {
        (true, _) => Ok(dropped.is_some()),
        (false, Kind::Missing) => Err(Reason::NoGeometry),
        (false, Kind::Unknown) => Err(Reason::UnknownGeometry),
        (false, kind) => Err(Reason::NotAnArea(
            dropped.filter(|_| kind != Kind::GeometryCollection).unwrap_or(kind.name()),
        )),
    }
}

/// Why an object is not a feature, if it is not.
pub(crate) fn check_kind(kind: Kind) -> Result<(), Reason> {
    match kind {
        Kind::Missing | Kind::Unknown => Err(Reason::NotAFeature),
        Kind::FeatureCollection => Err(Reason::NestedCollection),
        _ => Ok(()),
    }
}

impl Sink<BuildingAttributes> for RawBuildings {
    fn feature(&mut self, index: u32, feature: &mut Feature<BuildingAttributes>) {
        let id =
            feature.id.as_deref().or(Some(feature.attributes.id.text.as_str()).filter(|id| !id.is_empty()));
        let (points, rings, polygons) = (self.points.len(), self.ring_ends.len(), self.polygon_ends.len());
        let taken = check_kind(feature.kind).and_then(|()| {
            areas(&feature.geometry, |rings| {
                for ring in rings {
                    self.points.extend_from_slice(ring);
                    self.ring_ends.push(self.points.len() as u32);
                }
                self.polygon_ends.push(self.ring_ends.len() as u32);
            })
        });
        let dropped = match taken {
            Ok(dropped) => dropped,
            Err(reason) => {
                self.points.truncate(points);
                self.ring_ends.truncate(rings);
                self.polygon_ends.truncate(polygons);
                return self.report.refuse(index, id, reason);
            }
        };
        self.is_full |= u32::try_from(self.points.len()).is_err();
        let mut repairs = 0;
        let mut repair = |repair: Repair| repairs |= repair.bit();
        if feature.is_bare() {
            repair(Repair::BareGeometry);
        }
        if dropped {
            repair(Repair::NotAreaDropped);
        }
        let extent = feature.attributes.extent(repair);
        self.ids.push_str(id.unwrap_or_default());
        feature.attributes.join_address();
        let attributes = &feature.attributes;
        self.ends.push(self.polygon_ends.len() as u32);
        self.facts.push(Facts {
            feature: index,
            id_end: self.ids.len() as u32,
            extent,
            repairs,
            name: self.texts.intern(&attributes.name.text),
            address: self.texts.intern(&attributes.address.text),
            compound: self.texts.intern(&attributes.compound.text),
            community: self.texts.intern(&attributes.community.text),
            grid: self.texts.intern(&attributes.grid.text),
        });
    }

    fn refuse(&mut self, index: u32, reason: Reason) {
        self.report.refuse(index, None, reason);
    }
}

impl RawBuildings {
    /// A few positions as written, spread over the piece.
    pub(crate) fn samples(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        let every = SAMPLE_EVERY.min(self.ends.len() / 16 + 1);
        (0..self.ends.len()).step_by(every).filter_map(|i| {
            let polygon = range(&self.ends, i).start;
            let ring = range(&self.polygon_ends, polygon).start;
            self.points.get(range(&self.ring_ends, ring)).and_then(<[_]>::first).copied()
        })
    }

    /// Turns positions into local metres and cleans the shapes.
    pub(crate) fn locate(self, locator: &Locator) -> Part {
        let mut out = Buildings::default();
        out.points.reserve(self.points.len());
        out.ring_ends.reserve(self.ring_ends.len());
        out.polygon_ends.reserve(self.polygon_ends.len());
        reserve(&mut out, self.ends.len());
        let mut report = self.report;
        let mut id_ends = Vec::with_capacity(self.ends.len());
        let mut repairs = Vec::with_capacity(self.ends.len());
        let mut ids = String::with_capacity(self.ids.len());
        let mut cleaner = Cleaner::default();
        let mut id_start = 0;
        for (i, facts) in self.facts.iter().enumerate() {
            let id = self.ids.get(id_start..facts.id_end as usize).unwrap_or_default();
            id_start = facts.id_end as usize;
            let start = (out.points.len(), out.ring_ends.len(), out.polygon_ends.len());
            let mut mended = facts.repairs;
            let polygons = range(&self.ends, i).map(|p| {
                range(&self.polygon_ends, p)
                    .map(|r| self.points.get(range(&self.ring_ends, r)).unwrap_or_default())
            });
            if let Err(reason) = shape(polygons, locator, &mut cleaner, &mut out, &mut mended) {
                out.points.truncate(start.0);
                out.ring_ends.truncate(start.1);
                out.polygon_ends.truncate(start.2);
                report.refuse(facts.feature, Some(id).filter(|id| !id.is_empty()), reason);
                continue;
            }
            repairs.push(mended);
            ids.push_str(id);
            id_ends.push(ids.len() as u32);
            push(&mut out, facts);
        }
        // The pieces' sinks and this loop each refuse in order; together they do not.
        report.refused.sort_by_key(|refused| refused.index);
        Part { buildings: out, texts: self.texts, ids, id_ends, repairs, report, is_full: self.is_full }
    }
}

fn reserve(out: &mut Buildings, count: usize) {
    out.building_ends.reserve(count);
    out.height_m.reserve(count);
    out.base_m.reserve(count);
    out.levels.reserve(count);
    out.usage.reserve(count);
    out.year.reserve(count);
    out.feature.reserve(count);
    out.name.reserve(count);
    out.address.reserve(count);
    out.compound.reserve(count);
    out.community.reserve(count);
    out.grid.reserve(count);
}

fn push(out: &mut Buildings, facts: &Facts) {
    out.building_ends.push(out.polygon_ends.len() as u32);
    out.height_m.push(facts.extent.height_m);
    out.base_m.push(facts.extent.base_m);
    out.levels.push(facts.extent.levels);
    out.usage.push(facts.extent.usage);
    out.year.push(facts.extent.year);
    out.feature.push(facts.feature);
    out.name.push(facts.name);
    out.address.push(facts.address);
    out.compound.push(facts.compound);
    out.community.push(facts.community);
    out.grid.push(facts.grid);
}

/// Locates and cleans the polygons of one building; one that cannot be used is left out while others can.
fn shape<'a>(
    polygons: impl Iterator<Item = impl Iterator<Item = &'a [[f64; 2]]>>,
    locator: &Locator,
    cleaner: &mut Cleaner,
    out: &mut Buildings,
    repairs: &mut u32,
) -> Result<(), Reason> {
    let mut unusable = None;
    let mut kept = 0;
    let mut order = None;
    for rings in polygons {
        cleaner.start();
        for ring in rings {
            locator.locate(ring, &mut order, cleaner.next_ring())?;
        }
        match cleaner.finish(|repair| *repairs |= repair.bit()) {
            Ok(Cleaned::Same(rings)) => {
                push_polygon(out, rings);
                kept += 1;
            }
            Ok(Cleaned::Apart(polygons)) => {
                for rings in polygons {
                    push_polygon(out, &rings);
                }
                kept += 1;
            }
            Err(reason) => {
                unusable.get_or_insert(reason);
            }
        }
    }
    if order.is_some_and(|order: super::locate::Order| order.is_swapped()) {
        *repairs |= Repair::SwappedLonLat.bit();
    }
    match unusable {
        Some(reason) if kept == 0 => Err(reason),
        Some(_) => {
            *repairs |= Repair::PartDropped.bit();
            Ok(())
        }
        None if kept == 0 => Err(Reason::TooFewPoints),
        None => Ok(()),
    }
}

fn push_polygon(out: &mut Buildings, rings: &[Vec<[f64; 2]>]) {
    for ring in rings {
        out.points.extend(ring.iter().map(|p| [p[0] as f32, p[1] as f32]));
        out.ring_ends.push(out.points.len() as u32);
    }
    out.polygon_ends.push(out.ring_ends.len() as u32);
}
