//! One feature: visitors that write into buffers which are used again for the next.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What `type` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Missing,
    Unknown,
    Feature,
    FeatureCollection,
    Point,
    MultiPoint,
    LineString,
    MultiLineString,
    Polygon,
    MultiPolygon,
    GeometryCollection,
}

impl Kind {
    fn of(text: &str) -> Self {
        match text {
            "Feature" => Self::Feature,
            "FeatureCollection" => Self::FeatureCollection,
            "Point" => Self::Point,
            "MultiPoint" => Self::MultiPoint,
            "LineString" => Self::LineString,
            "MultiLineString" => Self::MultiLineString,
            "Polygon" => Self::Polygon,
            "MultiPolygon" => Self::MultiPolygon,
            "GeometryCollection" => Self::GeometryCollection,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "no type",
            Self::Unknown => "unknown type",
            Self::Feature => "Feature",
            Self::FeatureCollection => "FeatureCollection",
            Self::Point => "Point",
            Self::MultiPoint => "MultiPoint",
            Self::LineString => "LineString",
            Self::MultiLineString => "MultiLineString",
            Self::Polygon => "Polygon",
            Self::MultiPolygon => "MultiPolygon",
            Self::GeometryCollection => "GeometryCollection",
        }
    }

    /// How many arrays lie around a position.
    pub(crate) fn depth(self) -> Option<u8> {
        match self {
            Self::Point => Some(0),
            Self::MultiPoint | Self::LineString => Some(1),
            Self::MultiLineString | Self::Polygon => Some(2),
            Self::MultiPolygon => Some(3),
            _ => None,
        }
    }

    pub(crate) fn is_area(self) -> bool {
        matches!(self, Self::Polygon | Self::MultiPolygon)
    }
}

/// A value of `properties` or `id`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    Nested,
}

/// The properties that a layer wants, gathered for one feature.
pub(crate) trait Attributes: Default + Send {
    /// A property that is wanted.
    type Key: Copy;
    /// Which of the wanted properties a name stands for.
    fn key(name: &str) -> Option<Self::Key>;
    /// Takes a value.
    fn set(&mut self, key: Self::Key, value: Scalar<'_>);
    /// Forgets all values.
    fn clear(&mut self);
}

/// One simple geometry within [`Geometry`]'s buffers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    /// Arrays around a position, or `None` where there is no position at all.
    pub(crate) depth: Option<u8>,
    /// What is wrong with the nesting or the numbers, if anything.
    pub(crate) bad: Option<&'static str>,
    /// The ends of its points, rings and polygons in the buffers; they start where the shape before ends.
    pub(crate) points_end: u32,
    pub(crate) rings_end: u32,
    pub(crate) polygons_end: u32,
}

/// Coordinates as written, flat: points, ends of rings (in points), ends of polygons (in rings), shapes.
#[derive(Debug, Default)]
pub(crate) struct Geometry {
    pub(crate) points: Vec<[f64; 2]>,
    pub(crate) rings: Vec<u32>,
    pub(crate) polygons: Vec<u32>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) kind: Kind,
    bad: Option<&'static str>,
}

impl Geometry {
    fn clear(&mut self) {
        self.points.clear();
        self.rings.clear();
        self.polygons.clear();
        self.shapes.clear();
        self.kind = Kind::Missing;
        self.bad = None;
    }

    /// Ends a shape that was read into the buffers.
    fn finish(&mut self, kind: Kind, depth: Option<u8>) {
        self.shapes.push(Shape {
            kind,
            depth,
            bad: self.bad.take(),
            points_end: self.points.len() as u32,
            rings_end: self.rings.len() as u32,
            polygons_end: self.polygons.len() as u32,
        });
    }
}

/// A feature as read; its buffers are used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Feature<A> {
    /// As written; numbers as their digits.
    pub(crate) id: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) attributes: A,
    pub(crate) geometry: Geometry,
    bare: Geometry,
    /// The top-level object turned out to have a member `features`.
    pub(crate) is_collection: bool,
}

impl<A: Attributes> Feature<A> {
    pub(crate) fn clear(&mut self) {
        self.id = None;
        self.kind = Kind::Missing;
        self.attributes.clear();
        self.geometry.clear();
        self.bare.clear();
        self.is_collection = false;
    }

    /// Whether the object was a geometry where a feature belongs.
    pub(crate) fn is_bare(&self) -> bool {
        !matches!(self.kind, Kind::Feature | Kind::FeatureCollection | Kind::Missing | Kind::Unknown)
    }
}

/// Reads one object as a feature or a bare geometry.
pub(crate) struct FeatureSeed<'f, A> {
    pub(crate) feature: &'f mut Feature<A>,
    /// Stop at a member `features`, which the walker reads in pieces.
    pub(crate) top: bool,
}

#[derive(Clone, Copy)]
enum Member {
    Type,
    Id,
    Properties,
    Geometry,
    Coordinates,
    Geometries,
    Features,
    Other,
}

struct MemberSeed;

impl<'de> DeserializeSeed<'de> for MemberSeed {
    type Value = Member;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberSeed {
    type Value = Member;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            "type" => Member::Type,
            "id" => Member::Id,
            "properties" => Member::Properties,
            "geometry" => Member::Geometry,
            "coordinates" => Member::Coordinates,
            "geometries" => Member::Geometries,
            "features" => Member::Features,
            _ => Member::Other,
        })
    }
}

impl<'de, A: Attributes> DeserializeSeed<'de> for FeatureSeed<'_, A> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, A: Attributes> Visitor<'de> for FeatureSeed<'_, A> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a feature")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let feature = self.feature;
        let mut bare = BareGeometry::default();
        while let Some(member) = map.next_key_seed(MemberSeed)? {
            match member {
                Member::Type => feature.kind = map.next_value_seed(KindSeed)?,
                Member::Id => feature.id = map.next_value_seed(IdSeed)?,
                Member::Properties => map.next_value_seed(PropertiesSeed(&mut feature.attributes))?,
                Member::Geometry => map.next_value_seed(GeometrySeed(&mut feature.geometry))?,
                Member::Coordinates | Member::Geometries => {
                    bare.member(member, &mut feature.bare, &mut map)?;
                }
                Member::Features if self.top => {
                    feature.is_collection = true;
                    return Err(M::Error::custom("a collection"));
                }
                Member::Features | Member::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if feature.is_bare() {
            bare.finish(feature.kind, &mut feature.bare);
            std::mem::swap(&mut feature.bare, &mut feature.geometry);
        }
        Ok(())
    }

    // Anything else than an object is read to its end and leaves `kind` missing.
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// The members of a geometry that may come in any order, `type` last.
#[derive(Default)]
struct BareGeometry {
    depth: Option<u8>,
    has_coordinates: bool,
    has_geometries: bool,
}

impl BareGeometry {
    fn member<'de, M: MapAccess<'de>>(
        &mut self,
        member: Member,
        geometry: &mut Geometry,
        map: &mut M,
    ) -> Result<(), M::Error> {
        if matches!(member, Member::Geometries) && !self.has_coordinates {
            self.has_geometries = true;
            map.next_value_seed(GeometriesSeed(geometry))
        } else if matches!(member, Member::Coordinates) && !self.has_coordinates && !self.has_geometries {
            self.has_coordinates = true;
            self.depth = match map.next_value_seed(CoordinatesSeed(geometry))? {
                Level::Depth(depth) => Some(depth),
                Level::Number(_) => {
                    geometry.bad.get_or_insert("a number where an array belongs");
                    None
                }
                Level::Nothing => None,
            };
            Ok(())
        } else {
            // A second `coordinates`, or both: the first one counts.
            map.next_value::<IgnoredAny>().map(|_| ())
        }
    }

    fn finish(self, kind: Kind, geometry: &mut Geometry) {
        geometry.kind = kind;
        if !self.has_geometries || kind != Kind::GeometryCollection {
            geometry.finish(kind, self.depth);
        }
    }
}

struct GeometrySeed<'g>(&'g mut Geometry);

impl<'de> DeserializeSeed<'de> for GeometrySeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for GeometrySeed<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a geometry")
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut kind = Kind::Missing;
        let mut bare = BareGeometry::default();
        while let Some(member) = map.next_key_seed(MemberSeed)? {
            match member {
                Member::Type => kind = map.next_value_seed(KindSeed)?,
                Member::Coordinates | Member::Geometries => bare.member(member, self.0, &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // An object without a type is still a geometry, of an unknown kind.
        bare.finish(if kind == Kind::Missing { Kind::Unknown } else { kind }, self.0);
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.kind = Kind::Unknown;
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.kind = Kind::Unknown;
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.kind = Kind::Unknown;
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.kind = Kind::Unknown;
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.0.kind = Kind::Unknown;
        Ok(())
    }
    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        self.0.kind = Kind::Unknown;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// The members of a `GeometryCollection`, nested ones included, all into the same buffers.
struct GeometriesSeed<'g>(&'g mut Geometry);

impl<'de> DeserializeSeed<'de> for GeometriesSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for GeometriesSeed<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of geometries")
    }
    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element_seed(GeometrySeed(self.0))?.is_some() {}
        Ok(())
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// What one value within `coordinates` turned out to be.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Number(f64),
    /// A position (0), an array of positions (1), and so on.
    Depth(u8),
    /// An empty array, or something that was already found bad.
    Nothing,
}

struct CoordinatesSeed<'g>(&'g mut Geometry);

impl CoordinatesSeed<'_> {
    fn bad<E>(self, what: &'static str) -> Result<Level, E> {
        self.0.bad.get_or_insert(what);
        Ok(Level::Nothing)
    }
}

impl<'de> DeserializeSeed<'de> for CoordinatesSeed<'_> {
    type Value = Level;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Level, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CoordinatesSeed<'_> {
    type Value = Level;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }
    fn visit_f64<E>(self, value: f64) -> Result<Level, E> {
        Ok(Level::Number(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Level, E> {
        Ok(Level::Number(value as f64))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Level, E> {
        Ok(Level::Number(value as f64))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Level, E> {
        self.bad("true or false instead of a number")
    }
    fn visit_str<E>(self, _: &str) -> Result<Level, E> {
        self.bad("text instead of a number")
    }
    fn visit_unit<E>(self) -> Result<Level, E> {
        self.bad("null instead of a number")
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Level, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.bad("an object instead of a number")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Level, S::Error> {
        let geometry = self.0;
        let mut inner = Level::Nothing;
        let Some(first) = seq.next_element_seed(CoordinatesSeed(geometry))? else {
            return Ok(Level::Nothing);
        };
        if let Level::Number(x) = first {
            return position(x, geometry, seq);
        }
        let mut next = Some(first);
        while let Some(level) = next {
            match (inner, level) {
                (_, Level::Number(_)) => {
                    geometry.bad.get_or_insert("numbers and arrays mixed");
                }
                (Level::Depth(a), Level::Depth(b)) if a != b => {
                    geometry.bad.get_or_insert("nested unevenly");
                }
                (Level::Nothing, Level::Depth(_)) => inner = level,
                _ => {}
            }
            next = seq.next_element_seed(CoordinatesSeed(geometry))?;
        }
        Ok(match inner {
            Level::Depth(0) => {
                geometry.rings.push(geometry.points.len() as u32);
                Level::Depth(1)
            }
            Level::Depth(1) => {
                geometry.polygons.push(geometry.rings.len() as u32);
                Level::Depth(2)
            }
            Level::Depth(2) => Level::Depth(3),
            Level::Depth(_) => {
                geometry.bad.get_or_insert("nested too deep");
                Level::Nothing
            }
            _ => Level::Nothing,
        })
    }
}

/// The rest of a position whose first number was read: the second counts, height and measure do not.
fn position<'de, S: SeqAccess<'de>>(x: f64, geometry: &mut Geometry, mut seq: S) -> Result<Level, S::Error> {
    match seq.next_element_seed(CoordinatesSeed(geometry))? {
        Some(Level::Number(y)) => geometry.points.push([x, y]),
        None => {
            geometry.bad.get_or_insert("a position of one number");
        }
        Some(_) => {
            geometry.bad.get_or_insert("numbers and arrays mixed");
        }
    }
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(Level::Depth(0))
}

struct KindSeed;

impl<'de> DeserializeSeed<'de> for KindSeed {
    type Value = Kind;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        let mut kind = Kind::Unknown;
        deserializer.deserialize_any(ScalarVisitor(|value: Scalar<'_>| {
            if let Scalar::Text(text) = value {
                kind = Kind::of(text);
            }
        }))?;
        Ok(kind)
    }
}

struct IdSeed;

impl<'de> DeserializeSeed<'de> for IdSeed {
    type Value = Option<String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        let mut id = None;
        deserializer.deserialize_any(ScalarVisitor(|value: Scalar<'_>| id = id_text(value)))?;
        Ok(id)
    }
}

/// An id as text; `None` for anything that is no id.
pub(crate) fn id_text(value: Scalar<'_>) -> Option<String> {
    match value {
        Scalar::Text(text) if !text.is_empty() => Some(text.to_owned()),
        Scalar::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

struct PropertiesSeed<'a, A>(&'a mut A);

impl<'de, A: Attributes> DeserializeSeed<'de> for PropertiesSeed<'_, A> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, A: Attributes> Visitor<'de> for PropertiesSeed<'_, A> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties")
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key_seed(KeySeed::<A>(std::marker::PhantomData))? {
            match key {
                Some(key) => map.next_value_seed(ValueSeed(self.0, key))?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

struct KeySeed<A>(std::marker::PhantomData<A>);

impl<'de, A: Attributes> DeserializeSeed<'de> for KeySeed<A> {
    type Value = Option<A::Key>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<A: Attributes> Visitor<'_> for KeySeed<A> {
    type Value = Option<A::Key>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(A::key(name))
    }
}

struct ValueSeed<'a, A: Attributes>(&'a mut A, A::Key);

impl<'de, A: Attributes> DeserializeSeed<'de> for ValueSeed<'_, A> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self(attributes, key) = self;
        deserializer.deserialize_any(ScalarVisitor(|value: Scalar<'_>| attributes.set(key, value)))
    }
}

/// Hands one value of any type to a closure.
struct ScalarVisitor<F>(F);

impl<'de, F: FnOnce(Scalar<'_>)> Visitor<'de> for ScalarVisitor<F> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0(Scalar::Bool(value));
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0(Scalar::Number(value as f64));
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0(Scalar::Number(value as f64));
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0(Scalar::Number(value));
        Ok(())
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.0(Scalar::Text(value));
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0(Scalar::Null);
        Ok(())
    }
    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.0(Scalar::Nested);
        Ok(())
    }
    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.0(Scalar::Nested);
        Ok(())
    }
}

/// Reads `crs` of GeoJSON before RFC 7946: the name, or `None` for null.
pub(crate) struct CrsSeed;

impl<'de> DeserializeSeed<'de> for CrsSeed {
    type Value = Option<Cow<'de, str>>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Member<'a> {
            Named { properties: Named<'a> },
            Text(#[serde(borrow)] Cow<'a, str>),
            Other(IgnoredAny),
        }
        #[derive(serde::Deserialize)]
        struct Named<'a> {
            #[serde(borrow)]
            name: Cow<'a, str>,
        }
        let member: Option<Member<'de>> = serde::Deserialize::deserialize(deserializer)?;
        Ok(member.map(|member| match member {
            Member::Named { properties } => properties.name,
            Member::Text(name) => name,
            Member::Other(_) => Cow::Borrowed("a crs without a name"),
        }))
    }
}
