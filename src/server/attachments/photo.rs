//! From the bytes that somebody sends to a photo that can be kept: checked, stripped, with a small one beside it.

use image::{RgbaImage, imageops};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{jpeg, metadata, png};
use crate::geo::LonLat;
use crate::governance::StoredAttachment;
use crate::picture::{self, Picture};
use crate::server::request::hex;

/// The largest photo, in bytes.
pub(super) const MAX_BYTES: usize = StoredAttachment::MOST_BYTES;
/// The largest photo, in pixels: what a phone of 24 megapixels takes. Decoded it is four bytes each.
const MAX_PIXELS: u64 = 25_000_000;
/// The longest side, in pixels.
const MAX_SIDE: u32 = StoredAttachment::MOST_SIDE;
/// The longest side of a small one, in pixels.
const THUMBNAIL_PX: u32 = 320;
/// Of 100.
const THUMBNAIL_QUALITY: u8 = 78;

/// A photo as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Photo {
    /// Hexadecimal SHA-256 of `bytes`.
    pub(super) hash: String,
    pub(super) media_type: &'static str,
    /// The file without metadata.
    pub(super) bytes: Vec<u8>,
    /// A JPEG, the right way up.
    pub(super) thumbnail: Vec<u8>,
    /// As it is looked at.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) taken_at: Option<Timestamp>,
    pub(super) place: Option<LonLat>,
}

/// Why something is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PhotoError {
    #[error("it is neither JPEG nor PNG")]
    UnknownFormat,
    #[error("it has {width} x {height} pixels; send a smaller one, of at most 25 million")]
    TooManyPixels { width: u32, height: u32 },
    #[error("it cannot be read: {0}")]
    Broken(String),
}

/// Checks a photo and makes it ready to be kept. Takes up to a second of a core.
pub(super) fn prepare(sent: &[u8]) -> Result<Photo, PhotoError> {
    let (media_type, width, height, tiff, stripped) = if sent.starts_with(&[0xFF, 0xD8]) {
        let jpeg::Parts { width, height, exif, stripped } = jpeg::take_apart(sent)?;
        ("image/jpeg", width, height, exif, stripped)
    } else if sent.starts_with(png::SIGNATURE) {
        let png::Parts { width, height, exif, stripped } = png::take_apart(sent)?;
        ("image/png", width, height, exif, stripped)
    } else {
        return Err(PhotoError::UnknownFormat);
    };
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width.max(height) > MAX_SIDE {
        return Err(PhotoError::TooManyPixels { width, height });
    }
    let mut told = metadata::read(tiff);
    if media_type == "image/png" {
        // Nobody writes PNG askew, and a stripped one could not say so.
        told.orientation = 1;
    }
    let decoded =
        picture::decode(&stripped, MAX_SIDE).map_err(|error| PhotoError::Broken(error.to_string()))?;
    let (width, height) = (decoded.width, decoded.height);
    let thumbnail = thumbnail(decoded, told.orientation)?;
    let bytes =
        if told.orientation == 1 { stripped } else { jpeg::with_orientation(stripped, told.orientation) };
    let (width, height) = if told.orientation >= 5 { (height, width) } else { (width, height) };
    Ok(Photo {
        hash: hex(&Sha256::digest(&bytes)),
        media_type,
        bytes,
        thumbnail,
        width,
        height,
        taken_at: told.taken_at,
        place: told.place,
    })
}

fn thumbnail(photo: Picture, orientation: u8) -> Result<Vec<u8>, PhotoError> {
    let Picture { width, height, rgba } = photo.within(THUMBNAIL_PX);
    let small = RgbaImage::from_raw(width, height, rgba)
        .ok_or_else(|| PhotoError::Broken("fewer pixels than its size says".to_owned()))?;
    let upright = turn(&small, orientation);
    let on_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    let rgb: Vec<u8> = upright
        .pixels()
        .flat_map(|pixel| {
            let [red, green, blue, alpha] = pixel.0;
            [red, green, blue].map(|value| on_white(value, alpha))
        })
        .collect();
    let mut encoded = Vec::new();
    let (width, height) = (upright.width() as u16, upright.height() as u16);
    jpeg_encoder::Encoder::new(&mut encoded, THUMBNAIL_QUALITY)
        .encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .map_err(|error| PhotoError::Broken(error.to_string()))?;
    Ok(encoded)
}

/// The right way up, as EXIF counts orientations.
fn turn(pixels: &RgbaImage, orientation: u8) -> RgbaImage {
    match orientation {
        2 => imageops::flip_horizontal(pixels),
        3 => imageops::rotate180(pixels),
        4 => imageops::flip_vertical(pixels),
        5 => imageops::flip_horizontal(&imageops::rotate90(pixels)),
        6 => imageops::rotate90(pixels),
        7 => imageops::flip_horizontal(&imageops::rotate270(pixels)),
        8 => imageops::rotate270(pixels),
        _ => pixels.clone(),
    }
}

#[cfg(test)]
pub(in crate::server) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::picture::tests::png as plain_png;

    /// A JPEG of the given size, red at its top left, with EXIF: taken at Fushan, lying on its side.
    pub(in crate::server) fn jpeg_with_exif(width: u16, height: u16, orientation: u16) -> Vec<u8> {
        let mut rgb = Vec::new();
        for row in 0..height {
            for column in 0..width {
                let is_red = row < height / 2 && column < width / 2;
                rgb.extend(if is_red { [220, 20, 20] } else { [240, 240, 240] });
            }
        }
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
        encoder.add_exif_metadata(&tiff(orientation)).expect("it fits");
        encoder.add_app_segment(13, b"Photoshop 3.0\0 Zheng Yun".to_vec()).expect("it fits");
        encoder.encode(&rgb, width, height, jpeg_encoder::ColorType::Rgb).expect("encoded");
        bytes.extend_from_slice(b"whatever the maker appends");
        bytes
    }

    /// Taken on 2026-09-15 at 09:41:30 +08:00, at 28° 57' 56.25" N, 118° 52' 24.6" E, with the maker's name.
    fn tiff(orientation: u16) -> Vec<u8> {
        use exif::experimental::Writer;
        use exif::{Field, In, Rational, Tag, Value};
        let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
        let angle = |degrees, minutes, hundredths| {
            let parts = [(degrees, 1), (minutes, 1), (hundredths, 100)];
            Value::Rational(parts.map(|(num, denom)| Rational { num, denom }).to_vec())
        };
        let fields = [
            (Tag::Orientation, Value::Short(vec![orientation])),
            (Tag::Make, text("Maker of Zheng Yun")),
            (Tag::DateTimeOriginal, text("2026:09:15 09:41:30")),
            (Tag::OffsetTimeOriginal, text("+08:00")),
            (Tag::GPSLatitudeRef, text("N")),
            (Tag::GPSLatitude, angle(28, 57, 5_625)),
            (Tag::GPSLongitudeRef, text("E")),
            (Tag::GPSLongitude, angle(118, 52, 2_460)),
        ]
        .map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value });
        let mut writer = Writer::new();
        for field in &fields {
            writer.push_field(field);
        }
        let mut bytes = std::io::Cursor::new(Vec::new());
        writer.write(&mut bytes, false).expect("written");
        bytes.into_inner()
    }

    fn says(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|window| window == word)
    }

    #[test]
    fn what_a_photo_says_of_itself_is_offered_and_not_kept() {
        let sent = jpeg_with_exif(640, 480, 6);
        assert!(says(&sent, b"Zheng Yun") && says(&sent, b"whatever"));
        let photo = prepare(&sent).expect("a photo");
        // It lay on its side.
        assert_eq!((photo.media_type, photo.width, photo.height), ("image/jpeg", 480, 640));
        assert_eq!(photo.taken_at, Some("2026-09-15T01:41:30Z".parse().expect("a time")));
        let place = photo.place.expect("a place");
        assert!((place.lon - 118.8735).abs() < 1e-6 && (place.lat - 28.965_625).abs() < 1e-6, "{place:?}");
        for kept in [&photo.bytes, &photo.thumbnail] {
            assert!(!says(kept, b"Zheng Yun") && !says(kept, b"whatever") && !says(kept, b"2026"));
        }
        // It says which way is up, and nothing else.
        let again = prepare(&photo.bytes).expect("a photo");
        assert_eq!((again.width, again.height, again.place, again.taken_at), (480, 640, None, None));
        assert_eq!((&again.hash, &again.bytes), (&photo.hash, &photo.bytes));
    }

    #[test]
    fn small_ones_are_the_right_way_up() {
        // Where red is that was at the top left, as EXIF counts: left or right, top or bottom.
        let expected =
            [(1, "lt"), (2, "rt"), (3, "rb"), (4, "lb"), (5, "lt"), (6, "rt"), (7, "rb"), (8, "lb")];
        for (orientation, corner) in expected {
            let photo = prepare(&jpeg_with_exif(640, 320, orientation)).expect("a photo");
            let small = picture::decode(&photo.thumbnail, 320).expect("a picture");
            let size = if orientation < 5 { (320, 160) } else { (160, 320) };
            assert_eq!((small.width, small.height), size, "{orientation}");
            for (name, u, v) in [("lt", 0.2, 0.2), ("rt", 0.8, 0.2), ("lb", 0.2, 0.8), ("rb", 0.8, 0.8)] {
                let is_red = small.at(u, v).is_some_and(|[red, green, ..]| red > 150 && green < 100);
                assert_eq!(is_red, name == corner, "{orientation} at {name}");
            }
        }
    }

    #[test]
    fn a_png_loses_its_texts() {
        let mut sent = plain_png(4, 3, [10, 20, 30, 128]);
        let text = b"\0\0\0\x09tEXtZheng Yun\0\0\0\0";
        sent.splice(33..33, *text);
        let photo = prepare(&sent).expect("a photo");
        assert_eq!((photo.media_type, photo.width, photo.height), ("image/png", 4, 3));
        assert_eq!(photo.bytes, plain_png(4, 3, [10, 20, 30, 128]));
    }

    #[test]
    fn bombs_are_seen_before_they_are_decoded() {
        // A PNG that says it has 60,000 x 60,000 pixels, and a JPEG of 65,535 x 65,535.
        let mut bomb = plain_png(1, 1, [0; 4]);
        bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
        assert_eq!(prepare(&bomb), Err(PhotoError::TooManyPixels { width: 60_000, height: 60_000 }));
        let mut bomb = jpeg_with_exif(16, 16, 1);
        let frame = bomb.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
        bomb[frame + 5..frame + 9].fill(0xFF);
        assert_eq!(prepare(&bomb), Err(PhotoError::TooManyPixels { width: 65_535, height: 65_535 }));
        // Scans without end.
        let mut many = jpeg_with_exif(16, 16, 1);
        let scan = many.windows(2).position(|pair| pair == [0xFF, 0xDA]).expect("a scan");
        let end = many.windows(2).rposition(|pair| pair == [0xFF, 0xD9]).expect("an end");
        let again = many[scan..end].to_vec();
        many.splice(end..end, again.repeat(200));
        assert!(matches!(prepare(&many), Err(PhotoError::Broken(_))));
    }

    #[test]
    fn what_is_no_photo_is_refused() {
        for sent in [&b""[..], b"%PDF-1.7", b"GIF89a", b"<svg/>", b"RIFF\0\0\0\0WEBP"] {
            assert_eq!(prepare(sent), Err(PhotoError::UnknownFormat));
        }
        let (jpeg, png) = (jpeg_with_exif(64, 64, 1), plain_png(8, 8, [1; 4]));
        for whole in [&jpeg, &png] {
            for length in 8..whole.len() - 30 {
                assert!(prepare(&whole[..length]).is_err(), "{length} of {}", whole.len());
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_taken_or_refused(
            is_jpeg: bool,
            orientation in 0_u16..12,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            tail in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut bytes = if is_jpeg { jpeg_with_exif(24, 16, orientation) } else { plain_png(8, 6, [9; 4]) };
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            bytes.extend(tail);
            if let Ok(photo) = prepare(&bytes) {
                prop_assert!(photo.width > 0 && photo.height > 0 && !photo.thumbnail.is_empty());
            }
        }

        #[test]
        fn rubbish_behind_a_signature_is_refused(is_jpeg: bool, rubbish in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut bytes = if is_jpeg { vec![0xFF, 0xD8, 0xFF] } else { png::SIGNATURE.to_vec() };
            bytes.extend(rubbish);
            let _taken_or_refused = prepare(&bytes);
        }
    }
}
