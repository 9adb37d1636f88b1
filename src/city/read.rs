//! From bytes to a [`City`] and its [`Report`].
//!
//! ```text
//! bytes → geojson::walk → Raw (numbers as written, columns) → where is it? (crs, datum, origin)
//!       → locate + clean (local metres, columns) → merge (ids, texts) → City
//! ```
//! The file is parsed and cleaned in as many pieces as there are processors; positions stay as written until all is read,
//! since `crs` may stand at the end and the origin is the middle of the data.
//!
//! A feature is dropped as a repetition only when an earlier one has the same given id, the same shape and the same height;
//! it is then listed among the refused. The same shape under another id, or the same id with another shape, is shown.

mod locate;
mod merge;
mod raw;

use std::sync::Arc;

use super::building::City;
use super::geojson::{self, Unreadable};
use super::parallel;
use super::report::{Broken, Report};
use crate::geo::{Crs, CrsError, Datum, LonLat};

pub(crate) use locate::{Locator, Order};
pub(crate) use raw::check_kind;

/// How to read a file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// What the source is called in ids and reports, such as the file's name.
    pub source: String,
    /// The datum of its longitudes and latitudes.
    pub datum: Datum,
    /// The coordinate system, where the file does not say or says it wrongly.
    pub crs: Option<Crs>,
    /// The origin of the local frame; the median of the data if not given.
    pub origin: Option<LonLat>,
}

impl ReadOptions {
    /// The usual case: WGS-84, origin from the data.
    pub fn named(source: impl Into<String>) -> Self {
        Self { source: source.into(), ..Self::default() }
    }
}

/// Why a file cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing but space.
    #[error("the file is empty")]
    Empty,
    /// Another format, by its first bytes.
    #[error("this is not GeoJSON but looks like {0}")]
    LooksLike(&'static str),
    /// Not JSON.
    #[error("this is not JSON: {0}")]
    NotJson(Broken),
    /// JSON of another kind.
    #[error("this is JSON but not GeoJSON: its type is neither FeatureCollection nor Feature nor a geometry")]
    NotGeoJson,
    /// The coordinate system that the file names.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// More than 4,294,967,295 points.
    #[error("the file has more points than can be counted")]
    TooMany,
}

impl From<Unreadable> for ReadError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Empty => Self::Empty,
            Unreadable::LooksLike(what) => Self::LooksLike(what),
            Unreadable::NotJson(broken) => Self::NotJson(broken),
            Unreadable::NotGeoJson => Self::NotGeoJson,
        }
    }
}

/// The coordinate system to use: the caller's, else the file's, else WGS-84 degrees.
pub(crate) fn choose_crs(
    options: &ReadOptions,
    in_file: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Crs, ReadError> {
    match (&options.crs, in_file) {
        (Some(crs), Some(name)) => {
            warnings.push(format!("crs {name} of the file was overruled by {}", crs.name()));
            Ok(crs.clone())
        }
        (Some(crs), None) => Ok(crs.clone()),
        (None, Some(name)) => Ok(Crs::parse(name)?),
        (None, None) => Ok(Crs::Geographic),
    }
}

/// Reads the buildings of a GeoJSON file.
///
/// # Errors
/// If nothing in the file can be understood. A file that breaks off gives what came before, and [`Report::broken`].
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<(City, Report), ReadError> {
    let walked = geojson::walk(bytes, raw::RawBuildings::default)?;
    let mut report = Report { source: options.source.clone(), broken: walked.broken, ..Report::default() };
    let crs = choose_crs(options, walked.crs.as_deref(), &mut report.warnings)?;
    let samples = walked.pieces.iter().flat_map(|(raw, _)| raw.samples());
    let locator = Locator::new(crs, options.datum, options.origin, samples);
    let parts =
        parallel::map("city-clean", walked.pieces, |(raw, features)| (raw.locate(&locator), features));
    let source: Arc<str> = Arc::from(options.source.as_str());
    let city = merge::merge(parts, locator.frame(), source, &mut report)?;
    if city.is_empty() && report.features > 0 && report.refused.len() as u32 == report.features {
        report.warnings.push("no feature could be shown".to_owned());
    }
    report.note_encoding();
    Ok((city, report))
}

#[cfg(test)]
mod tests;
