//! What was found, repaired and refused while reading, feature by feature.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

/// What reading a file brought to light.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The name of the source.
    pub source: String,
    /// How many features the file has (those read, where it is broken off).
    pub features: u32,
    /// How many of them are shown.
    pub shown: u32,
    /// Those that are not, each with its reason, in order.
    pub refused: Vec<Refused>,
    /// How often each repair was made.
    pub repaired: BTreeMap<Repair, u32>,
    /// Repairs that changed a shape or a given value, by feature, in order.
    pub changed: Vec<Changed>,
    /// What was noticed about the file as a whole.
    pub warnings: Vec<String>,
    /// Where and why reading stopped before the end of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// A feature that is not shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refused {
    /// Its place in the file, from 0.
    pub index: u32,
    /// Its id as written, if it has one.
    pub id: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// A feature of which something was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its place in the file, from 0.
    pub index: u32,
    /// What was changed.
    pub repair: Repair,
}

/// Where a file stops being readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The offset in bytes from the start of the file.
    pub byte: u64,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.byte)
    }
}

/// Why a feature is not shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// `geometry` is null or missing.
    NoGeometry,
    /// Points or lines, where areas are wanted; the type as written.
    NotAnArea(&'static str),
    /// Points, where lines or areas are wanted, or the like.
    NotUsable(&'static str),
    /// An entry that is no feature: a number, a string, an object of another type.
    NotAFeature,
    /// A collection within the collection.
    NestedCollection,
    /// `type` of the geometry is missing or unknown.
    UnknownGeometry,
    /// Coordinates that are not numbers, or nested in a way that the type does not allow.
    BadCoordinates(&'static str),
    /// A number that is not finite, or no place on earth.
    OutOfRange {
        /// The first of the pair.
        x: f64,
        /// The second.
        y: f64,
        /// Whether the pair looks like metres of a projection that the file does not name.
        metres: bool,
    },
    /// Far from everything else in the file.
    TooFar {
        /// How far, in kilometres.
        distance_km: u32,
    },
    /// Fewer than three different points in each outer ring.
    TooFewPoints,
    /// The outer rings enclose nothing.
    NoArea,
    /// The outer ring crosses itself and could not be taken apart.
    CrossesItself,
    /// The rings cross so often, or lie so close, that taking them apart would take too long.
    TooIntricate,
    /// Geometry and id of an earlier feature.
    SameAs(u32),
    /// Not JSON; what the parser says, and where in the file.
    NotJson(Broken),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGeometry => f.write_str("no geometry"),
            Self::NotAnArea(kind) => write!(f, "not an area: {kind}"),
            Self::NotUsable(kind) => write!(f, "not usable in this layer: {kind}"),
            Self::NotAFeature => f.write_str("not a feature"),
            Self::NestedCollection => f.write_str("a collection within a collection"),
            Self::UnknownGeometry => f.write_str("unknown type of geometry"),
            Self::BadCoordinates(what) => write!(f, "bad coordinates: {what}"),
            Self::OutOfRange { x, y, metres: false } => {
                write!(f, "coordinates out of range: {x:e}, {y:e}")
            }
            Self::OutOfRange { x, y, metres: true } => write!(
                f,
                "coordinates look like metres of a projection, and the file has no crs; name it with --crs: {x}, {y}"
            ),
            Self::TooFar { distance_km } => write!(f, "too far from the rest: {distance_km} km"),
            Self::TooFewPoints => f.write_str("a ring of fewer than three points"),
            Self::NoArea => f.write_str("zero area"),
            Self::CrossesItself => f.write_str("crosses itself and encloses nothing that could be kept"),
            Self::TooIntricate => f.write_str("crosses itself too often to be taken apart"),
            Self::SameAs(index) => write!(f, "same id and geometry as feature {index}"),
            Self::NotJson(broken) => write!(f, "not JSON: {broken}"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What was mended or assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// The last point of a ring was not its first.
    RingClosed,
    /// Points that repeat the one before, or that a ring only visits to come straight back.
    DuplicatePoints,
    /// An outer ring ran clockwise or a hole counter-clockwise.
    Winding,
    /// A ring crossed itself or another and was taken apart by the even-odd rule.
    SelfCrossing,
    /// A hole that lies outside its outer ring was left out.
    HoleOutside,
    /// A hole of fewer than three points or without area was left out.
    HoleDropped,
    /// A part of a MultiPolygon that cannot be used was left out.
    PartDropped,
    /// Points or lines beside the areas of a `GeometryCollection` were left out.
    NotAreaDropped,
    /// A bare geometry stood where a feature belongs.
    BareGeometry,
    /// Latitude was written before longitude.
    SwappedLonLat,
    /// No height: taken from the number of levels.
    HeightFromLevels,
    /// No height and no levels: taken from the use.
    HeightDefaulted,
    /// A height or level that is no number.
    HeightUnreadable,
    /// A height below zero was not used.
    HeightNegative,
    /// A height above 1,000 m was not used.
    HeightAbsurd,
    /// A height of zero was not used, or drawn as a slab of 0.3 m where a base height is given.
    HeightZero,
    /// A top that is not above its base: the height was taken as the thickness.
    HeightBelowBase,
    /// A base below zero or above 1,000 m was not used.
    BaseUnusable,
    /// No id: `#index` was given.
    IdMissing,
    /// An id that an earlier feature has: `#index` was given.
    IdRepeated,
}

impl Repair {
    /// Every repair, in order.
    const ALL: [Self; 20] = [
        Self::RingClosed,
        Self::DuplicatePoints,
        Self::Winding,
        Self::SelfCrossing,
        Self::HoleOutside,
        Self::HoleDropped,
        Self::PartDropped,
        Self::NotAreaDropped,
        Self::BareGeometry,
        Self::SwappedLonLat,
        Self::HeightFromLevels,
        Self::HeightDefaulted,
        Self::HeightUnreadable,
        Self::HeightNegative,
        Self::HeightAbsurd,
        Self::HeightZero,
        Self::HeightBelowBase,
        Self::BaseUnusable,
        Self::IdMissing,
        Self::IdRepeated,
    ];

    /// Its bit in a set of repairs.
    pub(crate) fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The repairs of a set, in order.
    pub(crate) fn of_bits(bits: u32) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |repair| bits & repair.bit() != 0)
    }

    /// Whether it is listed by feature: it changed a shape or a given value.
    pub(crate) fn is_listed(self) -> bool {
        matches!(
            self,
            Self::SelfCrossing
                | Self::HoleOutside
                | Self::HoleDropped
                | Self::PartDropped
                | Self::NotAreaDropped
                | Self::SwappedLonLat
                | Self::HeightUnreadable
                | Self::HeightNegative
                | Self::HeightAbsurd
                | Self::HeightBelowBase
                | Self::BaseUnusable
                | Self::IdRepeated
        )
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Report {
    /// Counts a repair, and lists it where it changed a shape or a given value.
    pub(crate) fn repair(&mut self, index: u32, repair: Repair) {
        *self.repaired.entry(repair).or_default() += 1;
        if repair.is_listed() {
            self.changed.push(Changed { index, repair });
        }
    }

    /// Lists a feature that is not shown.
    pub(crate) fn refuse(&mut self, index: u32, id: Option<&str>, reason: Reason) {
        self.refused.push(Refused { index, id: id.map(str::to_owned), reason });
    }

    /// Warns where the text is not in the encoding that JSON must have; Chinese programs like to write GBK.
    pub(crate) fn note_encoding(&mut self) {
        let spoilt = |broken: &Broken| broken.what.contains("unicode");
        let refused = self
            .refused
            .iter()
            .any(|refused| matches!(&refused.reason, Reason::NotJson(broken) if spoilt(broken)));
        if refused || self.broken.as_ref().is_some_and(spoilt) {
            self.warnings.push("the text is not UTF-8 (GBK, perhaps); save the file as UTF-8".to_owned());
        }
    }

    /// Appends the report of the next piece of the same file, whose first feature has the index `first`.
    pub(crate) fn append(&mut self, mut next: Self, first: u32) {
        self.features += next.features;
        self.shown += next.shown;
        for refused in &mut next.refused {
            refused.index += first;
            if let Reason::SameAs(earlier) = &mut refused.reason {
                *earlier += first;
            }
        }
        for changed in &mut next.changed {
            changed.index += first;
        }
        self.refused.append(&mut next.refused);
        self.changed.append(&mut next.changed);
        for (repair, count) in next.repaired {
            *self.repaired.entry(repair).or_default() += count;
        }
        self.warnings.append(&mut next.warnings);
        self.broken = self.broken.take().or(next.broken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_repairs_has_each_of_them() {
        assert_eq!(Repair::of_bits(u32::MAX).count(), Repair::IdRepeated as usize + 1);
        assert!(Repair::ALL.iter().enumerate().all(|(i, repair)| *repair as usize == i));
        let set = Repair::Winding.bit() | Repair::IdRepeated.bit();
        assert_eq!(Repair::of_bits(set).collect::<Vec<_>>(), [Repair::Winding, Repair::IdRepeated]);
    }

    #[test]
    fn written_as_one_object_with_names() {
        let mut report = Report { features: 2, shown: 1, ..Report::default() };
        report.repair(0, Repair::SelfCrossing);
        report.repair(0, Repair::Winding);
        report.refuse(1, Some("b"), Reason::NotAnArea("Point"));
        let json = serde_json::to_value(&report).expect("serializable");
        assert_eq!(json["repaired"]["self_crossing"], 1);
        assert_eq!(json["refused"][0]["reason"], "not an area: Point");
        assert_eq!(json["refused"][0]["index"], 1);
        assert_eq!(json["changed"].as_array().map(Vec::len), Some(1));
        assert_eq!(Repair::RingClosed.to_string(), "ring_closed");
    }
}
