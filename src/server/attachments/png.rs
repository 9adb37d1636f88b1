//! A PNG taken apart, as `jpeg` does it: what is needed to show it stays, texts, times and EXIF go.

use super::photo::PhotoError;

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that make up the picture.
const KEPT: [&[u8; 4]; 11] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP"];

/// What a PNG consists of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The TIFF structure within its EXIF chunk.
    pub(super) exif: Option<Vec<u8>>,
    /// The picture without metadata.
    pub(super) stripped: Vec<u8>,
}

/// Takes a PNG apart.
pub(super) fn take_apart(bytes: &[u8]) -> Result<Parts, PhotoError> {
    let early = || PhotoError::Broken("it ends early".to_owned());
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or_else(early)?;
    let mut parts = Parts { width: 0, height: 0, exif: None, stripped: SIGNATURE.to_vec() };
    loop {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(early)?;
        let length = u32::from_be_bytes(*length) as usize;
        let kind = after.first_chunk::<4>().ok_or_else(early)?;
        let body = after.get(4..).and_then(|body| body.get(..length)).ok_or_else(early)?;
        // Length, kind, body, checksum.
        let chunk = rest.get(..length + 12).ok_or_else(early)?;
        rest = rest.get(length + 12..).unwrap_or_default();
        if kind == b"IHDR"
            && let Some((width, body)) = body.split_first_chunk::<4>()
            && let Some(height) = body.first_chunk::<4>()
        {
            (parts.width, parts.height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
        }
        if kind == b"eXIf" {
            parts.exif = Some(body.to_vec());
        }
        if KEPT.contains(&kind) {
            parts.stripped.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            break;
        }
    }
    if parts.width == 0 || parts.height == 0 {
        return Err(PhotoError::Broken("there is no picture in it".to_owned()));
    }
    Ok(parts)
}
