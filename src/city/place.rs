//! A place: `place.toml` and the files it names, read into one value.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use super::areas::Areas;
use super::building::City;
use super::icons::ClassIcons;
use super::landmark::{self, Landmark};
use super::read::{ReadError, ReadOptions, read};
use super::relief::Relief;
use super::report::Report;
use super::tables::{Address, Stairwell, read_addresses, read_stairwells};
use super::ways::Ways;
use crate::geo::{Datum, LocalFrame, LonLat};

/// Where the files of a place come from: a folder, the binary itself, a server.
pub trait Files {
    /// The bytes of a file by its path relative to `place.toml`.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be read.
    fn read(&self, name: &str) -> Result<Cow<'_, [u8]>, FileError>;

    /// The same, for files that may be no larger than so many bytes.
    ///
    /// # Errors
    /// If there is no such file, it cannot be read, or it is larger.
    fn read_at_most(&self, name: &str, most: u64) -> Result<Cow<'_, [u8]>, FileError> {
        let bytes = self.read(name)?;
        if bytes.len() as u64 > most { Err(FileError::too_large(most, name)) } else { Ok(bytes) }
    }
}

/// Why a file of a place could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read ({reason}): {name}")]
pub struct FileError {
    /// What the system says.
    pub reason: String,
    /// The file.
    pub name: String,
}

impl FileError {
    fn too_large(most: u64, name: &str) -> Self {
        Self { reason: format!("larger than {} MB", most >> 20), name: name.to_owned() }
    }
}

/// The files of a folder.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone)]
pub struct Folder(pub std::path::PathBuf);

#[cfg(not(target_arch = "wasm32"))]
impl Files for Folder {
    fn read(&self, name: &str) -> Result<Cow<'_, [u8]>, FileError> {
        let path = self.0.join(name);
        std::fs::read(&path)
            .map(Cow::Owned)
            .map_err(|error| FileError { reason: error.to_string(), name: path.display().to_string() })
    }

    fn read_at_most(&self, name: &str, most: u64) -> Result<Cow<'_, [u8]>, FileError> {
        let size = std::fs::metadata(self.0.join(name)).map_or(0, |file| file.len());
        if size > most { Err(FileError::too_large(most, name)) } else { self.read(name) }
    }
}

/// Files that lie in the binary: name and bytes.
#[derive(Debug, Clone, Copy)]
pub struct Embedded(pub &'static [(&'static str, &'static [u8])]);

impl Files for Embedded {
    fn read(&self, name: &str) -> Result<Cow<'_, [u8]>, FileError> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, bytes)| Cow::Borrowed(*bytes))
            .ok_or_else(|| FileError { reason: "not in the binary".to_owned(), name: name.to_owned() })
    }
}

/// `place.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Manifest {
    /// The name of the place.
    pub name: String,
    /// The same in English.
    #[serde(default)]
    pub name_en: Option<String>,
    /// Its code.
    #[serde(default)]
    pub code: String,
    /// An IANA name.
    #[serde(default = "default_time_zone")]
    pub time_zone: String,
    /// Whose data it is; pictures carry it.
    #[serde(default)]
    pub attribution: String,
    /// Where the camera starts.
    #[serde(default)]
    pub view: Option<View>,
    /// The files.
    #[serde(default)]
    pub files: FileNames,
    /// When the place works.
    #[serde(default)]
    pub work: Work,
    /// Models that stand there, each a [`LandmarkEntry`](super::LandmarkEntry): one that is written wrongly takes
    /// nothing else with it.
    #[serde(default)]
    pub landmarks: Vec<toml::Table>,
    /// A raster map below everything: as a viewer reads it; nothing else has to know it.
    #[serde(default)]
    pub basemap: Option<toml::Table>,
}

fn default_time_zone() -> String {
    "Asia/Shanghai".to_owned()
}

/// The zone of a place that says none: China's within its longitudes and latitudes, else the hours that the sun keeps
/// there. An `Etc` zone counts its sign from Greenwich westward.
fn time_zone_at(place: LonLat) -> String {
    if (73.0..135.0).contains(&place.lon) && (18.0..54.0).contains(&place.lat) {
        return default_time_zone();
    }
    match (place.lon / 15.0).round() as i32 {
        0 => "Etc/GMT".to_owned(),
        hours => format!("Etc/GMT{:+}", -hours),
    }
}

/// When a place works, in the words of `place.toml`: what it does not say is as usual.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Work {
    /// Spans of the day, in order, such as `08:30-12:00`.
    pub hours: Option<Vec<String>>,
    /// Days of the week that are not worked, such as `saturday`.
    pub weekend: Option<Vec<String>>,
}

/// Where a camera stands.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct View {
    /// Longitude of the point looked at.
    pub lon: f64,
    /// Latitude of the point looked at.
    pub lat: f64,
    /// From the camera to that point, in metres.
    #[serde(default = "default_distance_m")]
    pub distance_m: f64,
    /// Clockwise from north, the direction of looking.
    #[serde(default)]
    pub bearing_deg: f64,
    /// From the vertical: 0 looks straight down.
    #[serde(default = "default_pitch_deg")]
    pub pitch_deg: f64,
}

fn default_distance_m() -> f64 {
    1_800.0
}

fn default_pitch_deg() -> f64 {
    50.0
}

/// The files of a place, relative to `place.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "each is the name of the file that it names")]
pub struct FileNames {
    pub buildings: Option<String>,
    pub areas: Option<String>,
    pub ways: Option<String>,
    pub relief: Option<String>,
    pub addresses: Option<String>,
    pub stairwells: Option<String>,
    pub classes: Option<String>,
    pub icons: Option<String>,
    pub people: Option<String>,
    pub roster: Option<String>,
    pub departments: Option<String>,
    pub teams: Option<String>,
    pub stages: Option<String>,
    pub calendar: Option<String>,
    /// The datum of all of them.
    pub datum: Datum,
}

/// Everything that stands still at a place.
#[derive(Debug)]
pub struct Place {
    /// What `place.toml` says.
    pub manifest: Manifest,
    /// The frame of everything below.
    pub frame: LocalFrame,
    /// The buildings.
    pub city: City,
    /// The areas.
    pub areas: Areas,
    /// The ways.
    pub ways: Ways,
    /// The ground above the plain, where a place has any; the buildings stand on it.
    pub relief: Option<Arc<Relief>>,
    /// The address table.
    pub addresses: Vec<Address>,
    /// The stairwells.
    pub stairwells: Vec<Stairwell>,
    /// The icons of its classes of issue.
    pub icons: ClassIcons,
    /// The models that stand there.
    pub landmarks: Vec<Landmark>,
    /// A report for each GeoJSON file, buildings first.
    pub reports: Vec<Report>,
    /// Files that are missing or unreadable, rows that were left out.
    pub warnings: Vec<String>,
}

/// Why a place cannot be opened.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlaceError {
    /// A file that must be there.
    #[error(transparent)]
    File(#[from] FileError),
    /// `place.toml` cannot be understood.
    #[error("place.toml cannot be understood: {0}")]
    Manifest(String),
    /// It names no buildings.
    #[error("place.toml names no buildings under [files]")]
    NoBuildings,
    /// The buildings cannot be used.
    #[error("the buildings cannot be used ({reason}): {name}")]
    Buildings {
        /// Why.
        reason: ReadError,
        /// The file.
        name: String,
    },
}

/// What is wrong and where, without quoting the line: the key of a base map may stand there.
fn unquoted(error: &toml::de::Error, text: &str) -> String {
    let line =
        error.span().and_then(|span| text.get(..span.start)).map_or(0, |before| before.matches('\n').count());
    format!("line {}: {}", line + 1, error.message())
}

impl Place {
    /// Reads a place.
    ///
    /// # Errors
    /// If `place.toml` or its buildings cannot be used; whatever else is wrong becomes a warning.
    pub fn read(files: &dyn Files) -> Result<Self, PlaceError> {
        let bytes = files.read("place.toml")?;
        let text = std::str::from_utf8(&bytes).map_err(|error| PlaceError::Manifest(error.to_string()))?;
        let manifest: Manifest = toml::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| PlaceError::Manifest(unquoted(&error, text)))?;
        let name = manifest.files.buildings.clone().ok_or(PlaceError::NoBuildings)?;
        let datum = manifest.files.datum;
        let options = ReadOptions { datum, ..ReadOptions::named(source_name(&name)) };
        let (city, report) = read(&files.read(&name)?, &options)
            .map_err(|reason| PlaceError::Buildings { reason, name: name.clone() })?;
        let frame = city.frame;
        let mut place = Self {
            frame,
            city,
            areas: Areas::default(),
            ways: Ways::default(),
            relief: None,
            addresses: Vec::new(),
            stairwells: Vec::new(),
            icons: ClassIcons::default(),
            landmarks: Vec::new(),
            reports: vec![report],
            warnings: Vec::new(),
            manifest,
        };
        place.read_layers(files, datum);
        Ok(place)
    }

    /// A place that is only a file of buildings, such as `view --buildings FILE` has.
    pub fn of_city(city: City, report: Report) -> Self {
        let manifest = Manifest {
            name: report.source.clone(),
            name_en: None,
            code: String::new(),
            time_zone: time_zone_at(city.frame.origin()),
            attribution: String::new(),
            view: None,
            files: FileNames::default(),
            work: Work::default(),
            landmarks: Vec::new(),
            basemap: None,
        };
        Self {
            manifest,
            frame: city.frame,
            city,
            areas: Areas::default(),
            ways: Ways::default(),
            relief: None,
            addresses: Vec::new(),
            stairwells: Vec::new(),
            icons: ClassIcons::default(),
            landmarks: Vec::new(),
            reports: vec![report],
            warnings: Vec::new(),
        }
    }

    /// The point the camera starts at, `[east, north]` in local metres: the manifest's, else the middle of the city.
    pub fn start(&self) -> [f64; 2] {
        match self.manifest.view {
            Some(view) => self.frame.project(LonLat::new(view.lon, view.lat)),
            None => self.city.bounds.centre(),
        }
    }

    /// Reads areas into the place; what is wrong with the whole file becomes a warning.
    pub fn take_areas(&mut self, name: &str, bytes: &[u8], datum: Datum) {
        match Areas::read(bytes, source_name(name), self.frame, datum) {
            Ok((areas, report)) => {
                self.areas = areas;
                self.reports.push(report);
            }
            Err(error) => self.warnings.push(format!("{name}: {error}")),
        }
    }

    /// Reads ways into the place; what is wrong with the whole file becomes a warning.
    pub fn take_ways(&mut self, name: &str, bytes: &[u8], datum: Datum) {
        match Ways::read(bytes, source_name(name), self.frame, datum) {
            Ok((ways, report)) => {
                self.ways = ways;
                self.reports.push(report);
            }
            Err(error) => self.warnings.push(format!("{name}: {error}")),
        }
    }

    /// Reads a relief into the place and puts the buildings onto it; what is wrong with it becomes warnings.
    pub fn take_relief(&mut self, name: &str, bytes: &[u8], datum: Datum) {
        match Relief::read(bytes, self.frame, datum) {
            Ok((relief, warnings)) => {
                self.warnings.extend(warnings.into_iter().map(|warning| format!("{name}: {warning}")));
                if let Some(relief) = &relief {
                    self.city.stand_on(relief);
                }
                self.relief = relief.map(Arc::new);
            }
            Err(error) => self.warnings.push(format!("{name}: {error}")),
        }
    }

    /// How high the ground stands above the plain at a point, metres.
    pub fn ground_m(&self, [east, north]: [f64; 2]) -> f32 {
        self.relief.as_ref().map_or(0.0, |relief| relief.ground_m(east, north))
    }

    fn read_layers(&mut self, files: &dyn Files, datum: Datum) {
        let names = self.manifest.files.clone();
        if let Some((name, bytes)) = self.optional(files, names.areas) {
            self.take_areas(&name, &bytes, datum);
        }
        if let Some((name, bytes)) = self.optional(files, names.ways) {
            self.take_ways(&name, &bytes, datum);
        }
        if let Some((name, bytes)) = self.optional(files, names.relief) {
            self.take_relief(&name, &bytes, datum);
        }
        if let Some((name, bytes)) = self.optional(files, names.addresses) {
            let (addresses, warnings) = read_addresses(&bytes, self.frame, datum);
            self.addresses = addresses;
            self.warnings.extend(warnings.into_iter().map(|warning| format!("{name}: {warning}")));
        }
        if let Some((name, bytes)) = self.optional(files, names.stairwells) {
            let (stairwells, warnings) = read_stairwells(&bytes, self.frame, datum);
            self.stairwells = stairwells;
            self.warnings.extend(warnings.into_iter().map(|warning| format!("{name}: {warning}")));
        }
        if let Some((name, bytes)) = self.optional(files, names.icons) {
            let (icons, warnings) = ClassIcons::read(&bytes);
            self.icons = icons;
            self.warnings.extend(warnings.into_iter().map(|warning| format!("{name}: {warning}")));
        }
        let (mut landmarks, warnings) = landmark::read(&self.manifest.landmarks, files, &self.city, datum);
        for landmark in &mut landmarks {
            landmark.ground_m = self.ground_m(landmark.place);
        }
        self.landmarks = landmarks;
        self.warnings.extend(warnings);
    }

    fn optional<'f>(
        &mut self,
        files: &'f dyn Files,
        name: Option<String>,
    ) -> Option<(String, Cow<'f, [u8]>)> {
        let name = name?;
        match files.read(&name) {
            Ok(bytes) => Some((name, bytes)),
            Err(error) => {
                self.warnings.push(error.to_string());
                None
            }
        }
    }
}

/// A file's name without folder and extension: what ids and reports call it.
pub fn source_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".geojson").or_else(|| name.strip_suffix(".json")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILDINGS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"b1",
        "properties":{"height":9,"address":"坊门街1号"},
        "geometry":{"type":"Polygon","coordinates":[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]}}]}"#;

    #[test]
    fn a_file_alone_keeps_the_hours_of_its_sun() {
        for (lon, lat, zone) in [
            (118.87, 28.97, "Asia/Shanghai"),
            (13.42, 52.54, "Etc/GMT-1"),
            (-87.6, 41.9, "Etc/GMT+6"),
            (0.1, 51.5, "Etc/GMT"),
        ] {
            assert_eq!(time_zone_at(LonLat::new(lon, lat)), zone);
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
    }

    #[test]
    fn a_place_opens_with_warnings_for_what_is_missing() {
        const FILES: Embedded = Embedded(&[
            (
                "place.toml",
                b"name = \"x\"\n[view]\nlon = 118.87\nlat = 28.96\n[files]\nbuildings = \"b.geojson\"\nareas = \"none\"\nways = \"w\"\naddresses = \"a.csv\"\n",
            ),
            ("b.geojson", BUILDINGS.as_bytes()),
            ("w", b"<html>"),
            ("a.csv", "address,building\n坊门街1号,b1\n,b2\n".as_bytes()),
        ]);
        let place = Place::read(&FILES).expect("usable");
        assert_eq!((place.city.len(), place.addresses.len()), (1, 1));
        assert_eq!(place.manifest.time_zone, "Asia/Shanghai");
        assert_eq!(place.warnings.len(), 3);
        let start = place.start();
        assert!(start[0].hypot(start[1]) < 1.0, "the view is at the only building");
        assert!(place.city.find("b/b1").is_some(), "{}", place.city.source);
    }

    #[test]
    fn without_buildings_it_does_not_open() {
        assert!(matches!(Place::read(&Embedded(&[])), Err(PlaceError::File(_))));
        assert_eq!(
            Place::read(&Embedded(&[("place.toml", b"name = \"x\"")])).err(),
            Some(PlaceError::NoBuildings)
        );
        assert!(matches!(
            Place::read(&Embedded(&[("place.toml", b"name = ")])),
            Err(PlaceError::Manifest(_))
        ));
    }
}
