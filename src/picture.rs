//! Pictures from outside: PNG and JPEG to RGBA bytes, with a limit on their size.

use std::io::Cursor;

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Texels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// sRGB and alpha, row by row from the top.
    pub rgba: Vec<u8>,
}

/// Why a picture cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Neither PNG nor JPEG.
    #[error("neither PNG nor JPEG")]
    UnknownFormat,
    /// Wider or higher than wanted.
    #[error("larger than {0} pixels")]
    TooLarge(u32),
    /// Broken.
    #[error("broken picture: {0}")]
    Broken(String),
}

/// Decodes a PNG or JPEG of at most so many pixels a side.
///
/// # Errors
/// Where it is neither, broken, or larger.
pub fn decode(bytes: &[u8], most_side: u32) -> Result<Picture, PictureError> {
    match media_type(bytes) {
        Some(PNG) => decode_png(bytes, most_side),
        Some(_) => decode_jpeg(bytes, most_side),
        None => Err(PictureError::UnknownFormat),
    }
}

const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";

/// What a file begins as, if that is one of the two.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG") {
        Some(PNG)
    } else if bytes.starts_with(&[0xFF, 0xD8]) {
        Some(JPEG)
    } else {
        None
    }
}

impl Picture {
    /// The same, made smaller where it is wider or higher than so many pixels.
    #[must_use]
    pub fn within(self, most_side: u32) -> Self {
        let longest = self.width.max(self.height);
        if longest <= most_side {
            return self;
        }
        let scaled = |length: u32| {
            let scaled = u64::from(length) * u64::from(most_side) / u64::from(longest);
            u32::try_from(scaled).unwrap_or(most_side).max(1)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        match image::RgbaImage::from_raw(self.width, self.height, self.rgba) {
            Some(whole) => {
                let rgba = image::imageops::thumbnail(&whole, width, height).into_raw();
                Self { width, height, rgba }
            }
            // Never: rows and texels are counted by whoever decoded them.
            None => Self { width: 0, height: 0, rgba: Vec::new() },
        }
    }
}

fn decode_png(bytes: &[u8], most_side: u32) -> Result<Picture, PictureError> {
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), image::ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(most_side);
    limits.max_image_height = Some(most_side);
    limits.max_alloc = Some(u64::from(most_side) * u64::from(most_side) * 16 + (1 << 20));
    reader.limits(limits);
    match reader.decode() {
        Ok(picture) => {
            let picture = picture.into_rgba8();
            Ok(Picture { width: picture.width(), height: picture.height(), rgba: picture.into_raw() })
        }
        Err(image::ImageError::Limits(_)) => Err(PictureError::TooLarge(most_side)),
        Err(error) => Err(PictureError::Broken(error.to_string())),
    }
}

fn decode_jpeg(bytes: &[u8], most_side: u32) -> Result<Picture, PictureError> {
    use zune_core::bytestream::ZCursor;
    use zune_core::colorspace::ColorSpace;
    use zune_core::options::DecoderOptions;
    let options = DecoderOptions::default()
        .set_max_width(most_side as usize)
        .set_max_height(most_side as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let broken = |error: zune_jpeg::errors::DecodeErrors| match error {
        zune_jpeg::errors::DecodeErrors::LargeDimensions(_) => PictureError::TooLarge(most_side),
        other => PictureError::Broken(other.to_string()),
    };
    let rgba = decoder.decode().map_err(broken)?;
    let info = decoder.info().ok_or_else(|| PictureError::Broken("no size".to_owned()))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if rgba.len() != width as usize * height as usize * 4 {
        return Err(PictureError::Broken("fewer pixels than its size says".to_owned()));
    }
    Ok(Picture { width, height, rgba })
}

impl Picture {
    /// The texel at a place from 0 to 1 (beyond it the picture repeats), sRGB and alpha.
    pub fn at(&self, u: f32, v: f32) -> Option<[u8; 4]> {
        let texel =
            |t: f32, size: u32| ((t - t.floor()) * size as f32).min(size as f32 - 1.0).max(0.0) as usize;
        let start = (texel(v, self.height) * self.width as usize + texel(u, self.width)) * 4;
        self.rgba.get(start..start + 4)?.try_into().ok()
    }

    /// The same picture in at most so many texels a side, each the mean of what it covers.
    pub fn shrunk(&self, most_side: u32) -> Self {
        let (width, height) = (self.width.clamp(1, most_side.max(1)), self.height.clamp(1, most_side.max(1)));
        let mut rgba = Vec::with_capacity((width * height * 4) as usize);
        let share = |i: u32, parts: u32, of: u32| (u64::from(i) * u64::from(of) / u64::from(parts)) as u32;
        for row in 0..height {
            let rows = share(row, height, self.height)..share(row + 1, height, self.height).max(1);
            for column in 0..width {
                let columns = share(column, width, self.width)..share(column + 1, width, self.width).max(1);
                let (mut sum, mut count) = ([0_u64; 4], 0_u64);
                for y in rows.clone() {
                    for x in columns.clone() {
                        let start = (y as usize * self.width as usize + x as usize) * 4;
                        let Some(texel) = self.rgba.get(start..start + 4) else { continue };
                        for (sum, value) in sum.iter_mut().zip(texel) {
                            *sum += u64::from(*value);
                        }
                        count += 1;
                    }
                }
                rgba.extend(sum.map(|sum| sum.checked_div(count).unwrap_or(0) as u8));
            }
        }
        Self { width, height, rgba }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A PNG of one colour.
    pub(crate) fn png(width: u32, height: u32, rgba: [u8; 4]) -> Vec<u8> {
        let picture = image::RgbaImage::from_pixel(width, height, image::Rgba(rgba));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("memory");
        bytes.into_inner()
    }

    #[test]
    fn what_is_too_large_is_made_smaller_and_keeps_its_shape() {
        let grey = |width, height| Picture { width, height, rgba: vec![128; (width * height * 4) as usize] };
        let small = grey(400, 100).within(40);
        assert_eq!((small.width, small.height, small.rgba.len()), (40, 10, 1_600));
        assert!(small.rgba.iter().all(|byte| *byte == 128));
        assert_eq!(grey(40, 10).within(40), grey(40, 10));
        assert_eq!(grey(400, 1).within(40).height, 1);
    }

    #[test]
    fn a_png_comes_back_and_a_large_one_does_not() {
        let bytes = png(3, 2, [10, 20, 30, 255]);
        let picture = decode(&bytes, 8).expect("a picture");
        assert_eq!((picture.width, picture.height, picture.rgba.len()), (3, 2, 24));
        assert_eq!(picture.at(-0.1, 7.9), Some([10, 20, 30, 255]));
        assert_eq!(decode(&bytes, 2), Err(PictureError::TooLarge(2)));
        assert_eq!(decode(b"<html>", 8), Err(PictureError::UnknownFormat));
        assert!(matches!(decode(&bytes[..bytes.len() / 2], 8), Err(PictureError::Broken(_))));
        assert!(matches!(decode(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 9], 8), Err(PictureError::Broken(_))));
    }

    #[test]
    fn shrinking_takes_the_mean() {
        let picture = Picture { width: 2, height: 1, rgba: vec![0, 0, 0, 255, 100, 50, 20, 255] };
        assert_eq!(picture.shrunk(1).rgba, [50, 25, 10, 255]);
        assert_eq!(picture.shrunk(16), picture);
    }
}
