//! A JPEG taken apart: how large it is, what it says of itself, and the same picture without that.
//!
//! What is kept: the picture, JFIF, Adobe's word on colours, the colour profile. What goes: EXIF, XMP, IPTC, comments,
//! makers' segments, and whatever follows the end, such as the second picture that some phones append.

use super::photo::PhotoError;

/// Scans of one picture at most: each lets a decoder walk over the whole picture for a few bytes.
const MAX_SCANS: usize = 100;

/// What a JPEG consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The TIFF structure within its EXIF segment.
    pub(super) exif: Option<Vec<u8>>,
    /// The picture without metadata; two bytes in, a segment may be put.
    pub(super) stripped: Vec<u8>,
}

/// Takes a JPEG apart.
pub(super) fn take_apart(bytes: &[u8]) -> Result<Parts, PhotoError> {
    let broken = |what: &str| PhotoError::Broken(what.to_owned());
    let early = || broken("it ends early");
    let mut parts = Parts { width: 0, height: 0, exif: None, stripped: vec![0xFF, 0xD8] };
    let (mut at, mut scans) = (2, 0);
    loop {
        // Any number of fill bytes may stand before a marker.
        while bytes.get(at) == Some(&0xFF) && bytes.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        let (Some(0xFF), Some(&marker)) = (bytes.get(at), bytes.get(at + 1)) else {
            return Err(if at + 1 < bytes.len() { broken("no marker where one must be") } else { early() });
        };
        if marker == 0xD9 {
            parts.stripped.extend_from_slice(&[0xFF, 0xD9]);
            break;
        }
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            at += 2;
            continue;
        }
        let length = bytes.get(at + 2..at + 4).ok_or_else(early)?;
        let length = usize::from(length[0]) << 8 | usize::from(length[1]);
        let segment = bytes.get(at..at + 2 + length).ok_or_else(early)?;
        let body = segment.get(4..).ok_or_else(|| broken("a segment shorter than its length"))?;
        at += segment.len();
        match marker {
            // Start of frame, but for DHT, JPG and DAC.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let &[_, high, low, wide, narrow, ..] = body else { return Err(early()) };
                (parts.height, parts.width) =
                    (u32::from(high) << 8 | u32::from(low), u32::from(wide) << 8 | u32::from(narrow));
            }
            0xE1 => {
                if let Some(exif) = body.strip_prefix(b"Exif\0\0") {
                    parts.exif.get_or_insert_with(|| exif.to_vec());
                }
                continue;
            }
            0xE2 if !body.starts_with(b"ICC_PROFILE\0") => continue,
            0xE0 if !body.starts_with(b"JFIF\0") => continue,
            0xE3..=0xED | 0xEF | 0xFE => continue,
            _ => {}
        }
        parts.stripped.extend_from_slice(segment);
        if marker == 0xDA {
            scans += 1;
            if scans > MAX_SCANS {
                return Err(broken("it has too many scans"));
            }
            let data = bytes.get(at..).unwrap_or_default();
            let end = data
                .windows(2)
                .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7 | 0xFF));
            let end = end.ok_or_else(early)?;
            parts.stripped.extend_from_slice(&data[..end]);
            at += end;
        }
    }
    if scans == 0 || parts.width == 0 || parts.height == 0 {
        return Err(broken("there is no picture in it"));
    }
    Ok(parts)
}

/// Puts the one thing back that a picture cannot do without: which way is up, 1 to 8 as EXIF counts it.
pub(super) fn with_orientation(mut stripped: Vec<u8>, orientation: u8) -> Vec<u8> {
    let segment = [
        0xFF,
        0xE1,
        0,
        34,
        b'E',
        b'x',
        b'i',
        b'f',
        0,
        0, // EXIF, 34 bytes
        b'M',
        b'M',
        0,
        42,
        0,
        0,
        0,
        8, // big-endian TIFF, the directory after 8 bytes
        0,
        1,
        0x01,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        orientation,
        0,
        0, // one entry: Orientation, one short
        0,
        0,
        0,
        0, // no further directory
    ];
    stripped.splice(2..2, segment);
    stripped
}
