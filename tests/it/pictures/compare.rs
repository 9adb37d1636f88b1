//! Comparing a picture with its reference beside this file.

use std::path::PathBuf;

use yunfushan::viewer::stage::Picture;

/// The largest mean difference of a channel, of 255.
const MEAN: f64 = 1.0;
/// A pixel is off where a channel differs by more than this.
const OFF: u8 = 24;
/// The largest share of pixels that are off.
const SHARE: f64 = 0.005;

/// Compares with `tests/it/pictures/NAME.png`; `YUNFUSHAN_BLESS=1` (`just bless`) accepts the picture instead.
#[track_caller]
pub(super) fn assert_looks_like(picture: &Picture, name: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/pictures");
    let path = folder.join(format!("{name}.png"));
    if std::env::var_os("YUNFUSHAN_BLESS").is_some() {
        yunfushan::viewer::offscreen::write_png(picture, &path).expect("the reference can be written");
        return;
    }
    let reference = image::open(&path)
        .unwrap_or_else(|error| {
            panic!(
                "there is no reference ({error}): look at the picture and run just bless: {}",
                path.display()
            )
        })
        .to_rgba8();
    assert_eq!((reference.width(), reference.height()), (picture.size.x, picture.size.y), "{name}");
    let (mean, share) = difference(reference.as_raw(), &picture.rgba);
    if mean > MEAN || share > SHARE {
        let seen = std::env::temp_dir().join(format!("yunfushan-{name}.png"));
        yunfushan::viewer::offscreen::write_png(picture, &seen).expect("the picture can be written");
        panic!(
            "{name} differs: mean {mean:.2} of 255, {:.2} % of pixels are off; look at {}, and if it is right, \
             run just bless",
            share * 100.0,
            seen.display()
        );
    }
}

/// The mean difference of a channel, and the share of pixels that are off.
pub(super) fn difference(a: &[u8], b: &[u8]) -> (f64, f64) {
    difference_above(a, b, OFF)
}

/// The same, where a pixel is off by more than so much in a channel.
pub(super) fn difference_above(a: &[u8], b: &[u8], off_by: u8) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let total: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let is_off = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > off_by);
    let off = a.chunks_exact(4).zip(b.chunks_exact(4)).filter(is_off).count();
    (total as f64 / a.len() as f64, off as f64 / (a.len() / 4) as f64)
}

#[test]
fn differences_are_counted() {
    assert_eq!(difference(&[0, 0, 0, 255, 10, 10, 10, 255], &[0, 0, 0, 255, 10, 10, 90, 255]), (10.0, 0.5));
}
