//! What a photo says of itself: when and where it was taken, and which way is up.

use exif::{Exif, In, Reader, Tag, Value};
use jiff::Timestamp;

use crate::geo::LonLat;

/// What EXIF told, as far as it made sense.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) taken_at: Option<Timestamp>,
    pub(super) place: Option<LonLat>,
    /// 1 to 8, as EXIF counts it.
    pub(super) orientation: u8,
}

/// Reads a TIFF structure; what cannot be read is not told.
pub(super) fn read(tiff: Option<Vec<u8>>) -> Told {
    let mut told = Told { taken_at: None, place: None, orientation: 1 };
    let Some(tiff) = tiff else { return told };
    let read = Reader::new().continue_on_error(true).read_raw(tiff);
    let Ok(exif) = read.or_else(|error| error.distill_partial_result(|_errors| {})) else { return told };
    let orientation = exif.get_field(Tag::Orientation, In::PRIMARY).and_then(|field| field.value.get_uint(0));
    told.orientation = orientation
        .and_then(|number| u8::try_from(number).ok())
        .filter(|number| (1..=8).contains(number))
        .unwrap_or(1);
    told.taken_at = taken_at(&exif);
    told.place = place(&exif);
    told
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => Some(String::from_utf8_lossy(lines.first()?).trim().to_owned()),
        _ => None,
    }
}

/// Degrees, minutes, seconds, or hours, minutes, seconds.
fn three(exif: &Exif, tag: Tag) -> Option<[f64; 3]> {
    let Value::Rational(numbers) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let number = |index: usize| {
        numbers.get(index).map_or(Some(0.0), |number| Some(number.to_f64()).filter(|value| value.is_finite()))
    };
    numbers.first()?;
    Some([number(0)?, number(1)?, number(2)?])
}

/// When it was taken, if that is a moment: a time of day without its distance from UTC is none.
fn taken_at(exif: &Exif) -> Option<Timestamp> {
    let iso = |date: &str| date.get(..10).map(|day| day.replace(':', "-"));
    let local = || {
        let (time, offset) = (text(exif, Tag::DateTimeOriginal)?, text(exif, Tag::OffsetTimeOriginal)?);
        format!("{}T{}{offset}", iso(&time)?, time.get(11..19)?).parse().ok()
    };
    let by_satellite = || {
        let (day, [hours, minutes, seconds]) =
            (iso(&text(exif, Tag::GPSDateStamp)?)?, three(exif, Tag::GPSTimeStamp)?);
        format!("{day}T{hours:02.0}:{minutes:02.0}:{:02.0}Z", seconds.floor()).parse().ok()
    };
    local().or_else(by_satellite)
}

fn place(exif: &Exif) -> Option<LonLat> {
    let degrees = |value: Tag, reference: Tag, negative: &str| {
        let [degrees, minutes, seconds] = three(exif, value)?;
        let angle = degrees + minutes / 60.0 + seconds / 3_600.0;
        Some(if text(exif, reference)?.eq_ignore_ascii_case(negative) { -angle } else { angle })
    };
    let lon = degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, "W")?;
    let lat = degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, "S")?;
    // 0, 0 is what phones write that do not know.
    let is_known = (lon, lat) != (0.0, 0.0) && lon.abs() <= 180.0 && lat.abs() <= 90.0;
    is_known.then(|| LonLat::new(lon, lat))
}
