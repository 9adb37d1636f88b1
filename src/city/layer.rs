//! Layers of a few thousand features with points, lines and areas: read by the same walker, kept as simple values.

use super::building::ring_contains;
use super::clean::{Cleaned, Cleaner};
use super::geojson::{self, Attributes, Feature, Kind, Scalar, Shape, Sink};
use super::read::check_kind;
use super::read::{Locator, ReadError, ReadOptions, choose_crs};
use super::report::{Reason, Repair, Report};
use crate::geo::{Bounds, LocalFrame, LonLat};

/// A polygon on the ground, in local metres, rings without their closing point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ground {
    /// The outer ring, counter-clockwise.
    pub exterior: Vec<[f32; 2]>,
    /// Holes, clockwise.
    pub holes: Vec<Vec<[f32; 2]>>,
}

impl Ground {
    /// Whether a point lies inside and in no hole.
    pub fn contains(&self, point: [f64; 2]) -> bool {
        ring_contains(&self.exterior, point) && !self.holes.iter().any(|hole| ring_contains(hole, point))
    }

    /// The box around it.
    pub fn bounds(&self) -> Bounds {
        Bounds::of_f32(&self.exterior)
    }

    /// The outer ring, then the holes.
    pub fn rings(&self) -> impl Iterator<Item = &[[f32; 2]]> {
        std::iter::once(self.exterior.as_slice()).chain(self.holes.iter().map(Vec::as_slice))
    }
}

/// A feature of a layer, located and cleaned.
#[derive(Debug, Default)]
pub(crate) struct LayerFeature {
    pub(crate) id: Option<String>,
    pub(crate) properties: Properties,
    pub(crate) points: Vec<[f32; 2]>,
    pub(crate) lines: Vec<Vec<[f32; 2]>>,
    pub(crate) polygons: Vec<Ground>,
}

/// The scalar properties of one feature, all as text.
#[derive(Debug, Default, Clone)]
pub(crate) struct Properties(Vec<(&'static str, String)>);

impl Properties {
    /// A property by its name; empty ones are none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// The name in English, where it is given.
    pub(crate) fn name_en(&self) -> Option<String> {
        self.get("name_en").or_else(|| self.get("name:en")).map(str::to_owned)
    }

    /// A property as owned text, or the empty one.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }
}

/// The properties that any layer wants.
const WANTED: [&str; 22] = [
    "kind",
    "kind_detail",
    "highway",
    "class",
    "width",
    "name",
    "name:zh",
    "name:en",
    "name_en",
    "code",
    "parent",
    "grid_kind",
    "valid_from",
    "valid_to",
    "management",
    "company",
    "responsible",
    "natural",
    "waterway",
    "landuse",
    "leisure",
    "community",
];

impl Attributes for Properties {
    type Key = &'static str;

    fn key(name: &str) -> Option<&'static str> {
        WANTED.into_iter().find(|wanted| *wanted == name)
    }

    fn set(&mut self, key: &'static str, value: Scalar<'_>) {
        let text = match value {
            Scalar::Text(text) if !text.trim().is_empty() => text.trim().to_owned(),
            Scalar::Number(number) => number.to_string(),
            Scalar::Bool(value) => value.to_string(),
            _ => return,
        };
        self.0.retain(|(held, _)| *held != key);
        self.0.push((key, text));
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

#[derive(Default)]
struct Raw {
    features: Vec<RawFeature>,
    refused: Vec<(u32, Option<String>, Reason)>,
}

struct RawFeature {
    index: u32,
    id: Option<String>,
    properties: Properties,
    points: Vec<[f64; 2]>,
    rings: Vec<u32>,
    polygons: Vec<u32>,
    shapes: Vec<Shape>,
}

impl Sink<Properties> for Raw {
    fn feature(&mut self, index: u32, feature: &mut Feature<Properties>) {
        let id = feature.id.clone();
        let geometry = &feature.geometry;
        let bad = geometry.shapes.iter().find_map(|shape| shape.bad);
        let refusal = match (check_kind(feature.kind), geometry.kind, bad) {
            (Err(reason), ..) => Some(reason),
            (_, Kind::Missing, _) => Some(Reason::NoGeometry),
            (_, Kind::Unknown, _) => Some(Reason::UnknownGeometry),
            (.., Some(what)) => Some(Reason::BadCoordinates(what)),
            _ if geometry
                .shapes
                .iter()
                .any(|shape| shape.depth.is_some() && shape.depth != shape.kind.depth()) =>
            {
                Some(Reason::BadCoordinates("nested in another way than the type says"))
            }
            _ => None,
        };
        if let Some(reason) = refusal {
            return self.refused.push((index, id, reason));
        }
        self.features.push(RawFeature {
            index,
            id,
            properties: std::mem::take(&mut feature.attributes),
            points: geometry.points.clone(),
            rings: geometry.rings.clone(),
            polygons: geometry.polygons.clone(),
            shapes: geometry.shapes.clone(),
        });
    }

    fn refuse(&mut self, index: u32, reason: Reason) {
        self.refused.push((index, None, reason));
    }
}

/// Reads a layer in a frame (or in one of its own), and hands each usable feature to `take`, which may refuse it.
pub(crate) fn read_layer(
    bytes: &[u8],
    options: &ReadOptions,
    mut take: impl FnMut(LayerFeature) -> Result<(), Reason>,
) -> Result<(LocalFrame, Report), ReadError> {
    let walked = geojson::walk(bytes, Raw::default)?;
    let mut report = Report { source: options.source.clone(), broken: walked.broken, ..Report::default() };
    let crs = choose_crs(options, walked.crs.as_deref(), &mut report.warnings)?;
    let samples = walked
        .pieces
        .iter()
        .flat_map(|(raw, _)| &raw.features)
        .filter_map(|feature| feature.points.first().copied());
    let locator = Locator::new(crs, options.datum, options.origin, samples);
    let mut first = 0;
    let mut cleaner = Cleaner::default();
    for (raw, features) in walked.pieces {
        for (index, id, reason) in raw.refused {
            report.refuse(first + index, id.as_deref(), reason);
        }
        for feature in raw.features {
            let (index, id) = (first + feature.index, feature.id.clone());
            let taken = locate(feature, index, &locator, &mut cleaner, &mut report).and_then(&mut take);
            match taken {
                Ok(()) => report.shown += 1,
                Err(reason) => report.refuse(index, id.as_deref(), reason),
            }
        }
        first += features;
    }
    report.features = first;
    report.refused.sort_by_key(|refused| refused.index);
    report.note_encoding();
    Ok((locator.frame(), report))
}

/// The options for the layers of a place: the frame of its buildings.
pub(crate) fn in_frame(source: &str, frame: LocalFrame, datum: crate::geo::Datum) -> ReadOptions {
    let origin: LonLat = frame.origin();
    ReadOptions { datum, origin: Some(origin), ..ReadOptions::named(source) }
}

fn locate(
    raw: RawFeature,
    index: u32,
    locator: &Locator,
    cleaner: &mut Cleaner,
    report: &mut Report,
) -> Result<LayerFeature, Reason> {
    let mut out = LayerFeature { id: raw.id, properties: raw.properties, ..LayerFeature::default() };
    let mut before = Shape::default();
    let mut unusable = None;
    let mut order = None;
    let slice = |from: u32, to: u32| raw.points.get(from as usize..to as usize).unwrap_or_default();
    for shape in &raw.shapes {
        match shape.kind {
            Kind::Point | Kind::MultiPoint => {
                for point in slice(before.points_end, shape.points_end) {
                    out.points.push(locator.one(*point)?.map(|metres| metres as f32));
                }
            }
            Kind::LineString | Kind::MultiLineString => {
                let mut from = before.points_end;
                for end in
                    raw.rings.get(before.rings_end as usize..shape.rings_end as usize).unwrap_or_default()
                {
                    let mut line = Vec::new();
                    locator.locate(slice(from, *end), &mut order, &mut line)?;
                    from = *end;
                    let mut line: Vec<[f32; 2]> =
                        line.iter().map(|p| p.map(|metres| metres as f32)).collect();
                    line.dedup();
                    if line.len() < 2 {
                        unusable.get_or_insert(Reason::TooFewPoints);
                    } else {
                        out.lines.push(line);
                    }
                }
            }
            _ => {
                let (mut point, mut ring) = (before.points_end, before.rings_end);
                for polygon in raw
                    .polygons
                    .get(before.polygons_end as usize..shape.polygons_end as usize)
                    .unwrap_or_default()
                {
                    cleaner.start();
                    for end in raw.rings.get(ring as usize..*polygon as usize).unwrap_or_default() {
                        locator.locate(slice(point, *end), &mut order, cleaner.next_ring())?;
                        point = *end;
                    }
                    ring = *polygon;
                    match cleaner.finish(|repair| report.repair(index, repair)) {
                        Ok(Cleaned::Same(rings)) => out.polygons.push(ground(rings)),
                        Ok(Cleaned::Apart(polygons)) => {
                            out.polygons.extend(polygons.iter().map(|rings| ground(rings)));
                        }
                        Err(reason) => {
                            unusable.get_or_insert(reason);
                        }
                    }
                }
            }
        }
        before = *shape;
    }
    if order.is_some_and(super::read::Order::is_swapped) {
        report.repair(index, Repair::SwappedLonLat);
    }
    let is_empty = out.points.is_empty() && out.lines.is_empty() && out.polygons.is_empty();
    match unusable {
        Some(reason) if is_empty => Err(reason),
        None if is_empty => Err(Reason::TooFewPoints),
        Some(_) => {
            report.repair(index, Repair::PartDropped);
            Ok(out)
        }
        None => Ok(out),
    }
}

fn ground(rings: &[Vec<[f64; 2]>]) -> Ground {
    let ring = |ring: &Vec<[f64; 2]>| ring.iter().map(|p| p.map(|metres| metres as f32)).collect();
    let mut rings = rings.iter().map(ring);
    Ground { exterior: rings.next().unwrap_or_default(), holes: rings.collect() }
}
