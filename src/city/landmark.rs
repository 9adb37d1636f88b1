//! Landmarks: models placed by `[[landmarks]]` in `place.toml`, and the buildings that they are drawn instead of.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::building::{BuildingIndex, BuildingRef, City, ring_contains};
use super::model::{MOST_BYTES, Model};
use super::place::Files;
use crate::geo::{Bounds, Datum, LonLat};

/// The most landmarks of a place.
const MOST_LANDMARKS: usize = 500;
/// The most vertices of all models together.
const MOST_VERTICES: usize = 4_000_000;
/// A landmark larger than this is a mistake of units, metres.
const LARGEST_M: f32 = 3_000.0;

/// One entry of `[[landmarks]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandmarkEntry {
    /// A `.glb` or `.gltf`, relative to `place.toml`. Y is up; its front, +Z, looks south.
    pub file: String,
    /// What is written over it.
    #[serde(default)]
    pub name: Option<String>,
    /// The building that it is: the one that a click chooses, and where it stands if no place is given.
    #[serde(default)]
    pub building: Option<String>,
    /// Longitude of its origin.
    #[serde(default)]
    pub lon: Option<f64>,
    /// Latitude of its origin.
    #[serde(default)]
    pub lat: Option<f64>,
    /// The datum of its place; without it that of the place's files.
    #[serde(default)]
    pub datum: Option<Datum>,
    /// Turned clockwise, seen from above.
    #[serde(default)]
    pub bearing_deg: f64,
    /// Made so high, in metres.
    #[serde(default)]
    pub height_m: Option<f64>,
    /// Or made larger by so much.
    #[serde(default)]
    pub scale: Option<f64>,
    /// Lifted by so much, in metres.
    #[serde(default)]
    pub up_m: f64,
    /// The buildings that are not drawn; without it those that stand under it.
    #[serde(default)]
    pub replaces: Option<Vec<String>>,
}

/// A model where it stands.
#[derive(Debug, Clone)]
pub struct Landmark {
    /// What is written over it.
    pub name: Option<String>,
    /// Its triangles; landmarks of one file share them.
    pub model: Arc<Model>,
    /// Where its origin stands: `[east, north]` in local metres.
    pub place: [f64; 2],
    /// How far its origin is above the ground, in metres.
    pub up_m: f32,
    /// The ground where its origin stands, above the plain, in metres.
    pub ground_m: f32,
    /// Metres a metre of the model.
    pub scale: f32,
    /// Turned clockwise, seen from above.
    pub bearing_deg: f32,
    /// The building that a click on it chooses.
    pub building: Option<BuildingIndex>,
    /// The buildings that it is drawn instead of, `building` among them.
    pub replaces: Vec<BuildingIndex>,
}

impl Landmark {
    /// Sine and cosine of its bearing.
    fn turn(&self) -> (f64, f64) {
        f64::from(self.bearing_deg).to_radians().sin_cos()
    }

    /// How far its origin is above the plain, in metres.
    fn origin_m(&self) -> f64 {
        f64::from(self.ground_m) + f64::from(self.up_m)
    }

    /// A point of the model in the world: x east, y up, z south.
    pub fn world(&self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let (sin, cos) = self.turn();
        let [x, y, z] = [x, y, z].map(|part| f64::from(part) * f64::from(self.scale));
        let [east, north] = self.place;
        [(east + x * cos - z * sin) as f32, (y + self.origin_m()) as f32, (-north + x * sin + z * cos) as f32]
    }

    /// The box around it in the world.
    pub fn bounds(&self) -> ([f32; 3], [f32; 3]) {
        let (low, high) = (self.model.min, self.model.max);
        let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for corner in 0..8 {
            let pick = |axis: usize| if corner >> axis & 1 == 0 { low[axis] } else { high[axis] };
            let at = self.world([pick(0), pick(1), pick(2)]);
            for axis in 0..3 {
                min[axis] = min[axis].min(at[axis]);
                max[axis] = max[axis].max(at[axis]);
            }
        }
        (min, max)
    }

    /// How far along a ray of length 1 it is met, in metres. The ray's space is the world's.
    pub fn meets(&self, origin: [f64; 3], direction: [f64; 3]) -> Option<f64> {
        let (sin, cos) = self.turn();
        let back = |[x, y, z]: [f64; 3]| [x * cos + z * sin, y, z * cos - x * sin];
        let [east, north] = self.place;
        let from = back([origin[0] - east, origin[1] - self.origin_m(), origin[2] + north]);
        let scale = f64::from(self.scale);
        let at = self.model.meets(from.map(|part| part / scale), back(direction))?;
        Some(at * scale)
    }

    /// The convex outline of its shadow at noon in the tropics: `[east, north]`.
    fn outline(&self) -> Vec<[f32; 2]> {
        use geo::ConvexHull as _;
        let points: geo::MultiPoint<f64> = self
            .model
            .vertices
            .iter()
            .map(|vertex| {
                let [x, _, z] = self.world(vertex.position);
                geo::Point::new(f64::from(x), f64::from(-z))
            })
            .collect();
        points.convex_hull().exterior().coords().map(|at| [at.x as f32, at.y as f32]).collect()
    }
}

/// Reads the landmarks of a place; each that cannot be used becomes a warning.
pub(super) fn read(
    tables: &[toml::Table],
    files: &dyn Files,
    city: &City,
    datum: Datum,
) -> (Vec<Landmark>, Vec<String>) {
    let mut placed = Vec::new();
    let mut warnings = Vec::new();
    let mut models: BTreeMap<String, Option<Arc<Model>>> = BTreeMap::new();
    if tables.len() > MOST_LANDMARKS {
        warnings.push(format!("only the first {MOST_LANDMARKS} of {} landmarks are shown", tables.len()));
    }
    let mut vertices = 0_usize;
    for (index, table) in tables.iter().take(MOST_LANDMARKS).enumerate() {
        let entry: LandmarkEntry = match table.clone().try_into() {
            Ok(entry) => entry,
            Err(error) => {
                let reason = error.message();
                warnings.push(format!("place.toml: landmark {} cannot be understood: {reason}", index + 1));
                continue;
            }
        };
        let not_shown = |what: String| format!("{}: the landmark is not shown: {what}", entry.file);
        let model = models.entry(entry.file.clone()).or_insert_with(|| match open(&entry.file, files) {
            Ok((model, told)) => {
                let together = vertices + model.vertices.len();
                if together > MOST_VERTICES {
                    warnings.push(not_shown(format!(
                        "all models together would have more than {MOST_VERTICES} vertices"
                    )));
                    return None;
                }
                warnings.extend(told.into_iter().map(|what| format!("{}: {what}", entry.file)));
                vertices = together;
                Some(Arc::new(model))
            }
            Err(what) => {
                warnings.push(not_shown(what));
                None
            }
        });
        let Some(model) = model.clone() else { continue };
        match place(&entry, model, city, datum) {
            Ok(landmark) => placed.push((landmark, named(&entry, city, &mut warnings))),
            Err(what) => warnings.push(not_shown(what)),
        }
    }
    (settle(placed, city), warnings)
}

fn open(name: &str, files: &dyn Files) -> Result<(Model, Vec<String>), String> {
    let bytes = files.read_at_most(name, MOST_BYTES).map_err(|error| error.to_string())?;
    Model::read(name, &bytes, files).map_err(|error| error.to_string())
}

/// Puts a model where its entry says; why not, in words.
fn place(entry: &LandmarkEntry, model: Arc<Model>, city: &City, datum: Datum) -> Result<Landmark, String> {
    let building = match &entry.building {
        Some(id) => Some(city.find(id).ok_or_else(|| format!("there is no building with the id {id:?}"))?),
        None => None,
    };
    let place = match (entry.lon, entry.lat) {
        (Some(lon), Some(lat)) => {
            let given = LonLat::new(lon, lat);
            if !given.is_valid() {
                return Err(format!("lon and lat are no place on earth: {lon}, {lat}"));
            }
            city.frame.project(entry.datum.unwrap_or(datum).to_wgs84(given))
        }
        (None, None) => building
            .and_then(|index| city.building(index))
            .map(BuildingRef::centroid)
            .ok_or_else(|| "it has neither lon and lat nor a building".to_owned())?,
        _ => return Err("lon and lat go together".to_owned()),
    };
    if place[0].hypot(place[1]) > crate::geo::LocalFrame::REACH_M {
        return Err(format!("it stands {:.0} km from the place", place[0].hypot(place[1]) / 1e3));
    }
    let height = model.max[1] - model.min[1];
    let scale = match (entry.height_m, entry.scale) {
        (Some(_), Some(_)) => return Err("height_m and scale exclude each other".to_owned()),
        (Some(wanted), None) if height > 1e-3 => wanted as f32 / height,
        (Some(_), None) => return Err("the model is flat, so that height_m says nothing".to_owned()),
        (None, scale) => scale.unwrap_or(1.0) as f32,
    };
    let size = (0..3).map(|axis| (model.max[axis] - model.min[axis]) * scale).fold(0.0, f32::max);
    if !(scale.is_finite() && scale > 0.0 && size <= LARGEST_M) {
        return Err(format!(
            "it would be {size:.0} m large; give height_m, or a scale (0.01 for a model in centimetres)"
        ));
    }
    if !(entry.bearing_deg.is_finite() && entry.up_m.is_finite() && entry.up_m.abs() < f64::from(LARGEST_M)) {
        return Err("bearing_deg or up_m is no usable number".to_owned());
    }
    Ok(Landmark {
        name: entry.name.clone().filter(|name| !name.trim().is_empty()),
        model,
        place,
        up_m: entry.up_m as f32,
        ground_m: 0.0,
        scale,
        bearing_deg: entry.bearing_deg.rem_euclid(360.0) as f32,
        building,
        replaces: Vec::new(),
    })
}

/// The buildings that an entry names, if it names any.
fn named(entry: &LandmarkEntry, city: &City, warnings: &mut Vec<String>) -> Option<Vec<BuildingIndex>> {
    let ids = entry.replaces.as_ref()?;
    let found = ids.iter().filter_map(|id| {
        let index = city.find(id);
        if index.is_none() {
            warnings.push(format!("{}: replaces a building that is not there: {id}", entry.file));
        }
        index
    });
    Some(found.collect())
}

/// Which buildings each landmark is drawn instead of: those that its entry names, else those whose middle lies under it.
fn settle(mut placed: Vec<(Landmark, Option<Vec<BuildingIndex>>)>, city: &City) -> Vec<Landmark> {
    let outlines: Vec<Option<(Bounds, Vec<[f32; 2]>)>> = placed
        .iter()
        .map(|(landmark, named)| {
            named.is_none().then(|| {
                let outline = landmark.outline();
                (Bounds::of_f32(&outline), outline)
            })
        })
        .collect();
    if outlines.iter().any(Option::is_some) {
        for building in city.iter() {
            let bounds = building.bounds();
            for ((landmark, _), outline) in placed.iter_mut().zip(&outlines) {
                if let Some((around, outline)) = outline
                    && around.intersects(&bounds)
                    && ring_contains(outline, building.centroid())
                {
                    landmark.replaces.push(building.index());
                }
            }
        }
    }
    for (landmark, named) in &mut placed {
        landmark.replaces.append(named.as_mut().unwrap_or(&mut Vec::new()));
        // Without a building of its own it is the largest of what it stands on.
        let area = |index: &BuildingIndex| city.building(*index).map_or(0.0, BuildingRef::area_m2);
        let largest = landmark.replaces.iter().copied().max_by(|a, b| area(a).total_cmp(&area(b)));
        landmark.building = landmark.building.or(largest);
        landmark.replaces.extend(landmark.building);
        landmark.replaces.sort_unstable();
        landmark.replaces.dedup();
    }
    placed.into_iter().map(|(landmark, _)| landmark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::model::tests::{pyramid, pyramid_glb};
    use crate::city::{Embedded, Place};

    /// Two squares of 10 m side by side, the first about the origin of the frame.
    const CITY: &[u8] = br#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"under","properties":{"height":9},"geometry":{"type":"Polygon",
         "coordinates":[[[118.87,28.96],[118.8701,28.96],[118.8701,28.9601],[118.87,28.9601],[118.87,28.96]]]}},
        {"type":"Feature","id":"beside","properties":{"height":9},"geometry":{"type":"Polygon",
         "coordinates":[[[118.8704,28.96],[118.8705,28.96],[118.8705,28.9601],[118.8704,28.9601],[118.8704,28.96]]]}}]}"#;

    fn read_place(landmarks: &str) -> Place {
        let toml = format!("name = \"x\"\n[files]\nbuildings = \"b.geojson\"\n{landmarks}");
        let leak = |bytes: Vec<u8>| -> &'static [u8] { Box::leak(bytes.into_boxed_slice()) };
        let files: &'static [(&str, &[u8])] = Box::leak(Box::new([
            ("place.toml", leak(toml.into_bytes())),
            ("b.geojson", CITY),
            ("p.glb", leak(pyramid_glb())),
            ("bad.glb", b"glTF\x02\0\0\0\x0c\0\0\0".as_slice()),
        ]));
        Place::read(&Embedded(files)).expect("the buildings are good")
    }

    #[test]
    fn a_model_stands_on_its_building_and_replaces_it_alone() {
        let place = read_place(
            "[[landmarks]]\nfile = \"p.glb\"\nname = \"P\"\nbuilding = \"b/under\"\nheight_m = 20\n",
        );
        assert_eq!(place.warnings, Vec::<String>::new());
        let [landmark] = place.landmarks.as_slice() else { panic!("one landmark") };
        let under = place.city.find("b/under").expect("there");
        assert_eq!((landmark.building, landmark.replaces.as_slice()), (Some(under), &[under][..]));
        let (min, max) = landmark.bounds();
        assert!((max[1] - min[1] - 20.0).abs() < 1e-3, "as high as asked for: {min:?} {max:?}");
    }

    #[test]
    fn a_place_in_gcj_02_lands_where_it_is_on_the_ground() {
        let wanted = LonLat::new(118.87005, 28.96005);
        let shifted = Datum::Gcj02.from_wgs84(wanted);
        let text = format!(
            "[[landmarks]]\nfile = \"p.glb\"\nlon = {}\nlat = {}\ndatum = \"gcj02\"\nscale = 0.1\n",
            shifted.lon, shifted.lat
        );
        let place = read_place(&text);
        let landmark = place.landmarks.first().expect("it stands");
        let at = place.frame.project(wanted);
        assert!((landmark.place[0] - at[0]).hypot(landmark.place[1] - at[1]) < 1e-3);
        assert_eq!(
            landmark.building,
            place.city.find("b/under"),
            "what it stands on is what a click chooses"
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_and_the_rest_stays() {
        let place = read_place(
            "[[landmarks]]\nfile = \"bad.glb\"\nbuilding = \"b/under\"\n\
             [[landmarks]]\nfile = \"none.glb\"\nbuilding = \"b/under\"\n\
             [[landmarks]]\nfile = \"p.glb\"\nbuilding = \"nobody\"\n\
             [[landmarks]]\nfile = \"p.glb\"\n\
             [[landmarks]]\nfile = \"p.glb\"\nheigth_m = 3\n\
             [[landmarks]]\nfile = \"p.glb\"\nlon = 118.87\nlat = 28.96\nscale = 1e6\n\
             [[landmarks]]\nfile = \"p.glb\"\nlon = 118.8704\nlat = 28.96\nreplaces = [\"gone\"]\n",
        );
        assert_eq!(place.landmarks.len(), 1);
        let told = place.warnings.join("\n");
        for what in [
            "breaks off",
            "none.glb",
            "no building with the id",
            "neither lon and lat",
            "large",
            "gone",
            "heigth_m",
        ] {
            assert!(told.contains(what), "{what}: {told}");
        }
    }

    #[test]
    fn bearings_turn_clockwise() {
        // The front of a model looks south; turned by 90° it looks west.
        let model = Arc::new(pyramid());
        let landmark = Landmark {
            name: None,
            model,
            place: [100.0, 50.0],
            up_m: 2.0,
            ground_m: 0.0,
            scale: 2.0,
            bearing_deg: 90.0,
            building: None,
            replaces: Vec::new(),
        };
        let at = landmark.world([0.0, 1.0, 3.0]);
        for (is, wanted) in at.into_iter().zip([94.0, 4.0, -50.0]) {
            assert!((is - wanted).abs() < 1e-4, "{at:?}");
        }
        // From 100 m above its middle, straight down, onto the tip at 2 + 2 × 10 m.
        let met = landmark.meets([100.0, 122.0, -50.0], [0.0, -1.0, 0.0]).expect("met");
        assert!((met - 100.0).abs() < 1e-6, "{met}");
        assert_eq!(landmark.meets([200.0, 122.0, -50.0], [0.0, -1.0, 0.0]), None);
    }
}
