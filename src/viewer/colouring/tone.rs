//! Published colours, brought into the range of lightness between our ground and our markers.
//!
//! Sequential ramps are ColorBrewer's (Cynthia Brewer, colorbrewer2.org, Apache 2.0), read from dark to light, since our
//! ground is dark: more is lighter. Categories are Paul Tol's `muted` (SRON/EPS/TN/09-002, issue 3.2). All are made for
//! the colour-blind; hue and order stay, lightness and chroma are moved in Oklab (Björn Ottosson, 2020) by [`toned`], and a
//! test holds what is left of the differences against the three kinds of colour blindness.

use super::scale::Rgb;
use crate::viewer::palette;

/// ColorBrewer `YlGnBu`, 7 classes, dark to light.
pub(super) const BLUE_GREEN: [Rgb; 7] = [
    [12, 44, 132],
    [34, 94, 168],
    [29, 145, 192],
    [65, 182, 196],
    [127, 205, 187],
    [199, 233, 180],
    [255, 255, 204],
];
/// ColorBrewer `YlOrBr`, 7 classes, dark to light.
pub(super) const BROWN: [Rgb; 7] = [
    [140, 45, 4],
    [204, 76, 2],
    [236, 112, 20],
    [254, 153, 41],
    [254, 196, 79],
    [254, 227, 145],
    [255, 255, 212],
];
/// ColorBrewer `OrRd`, 7 classes, dark to light.
pub(super) const RED: [Rgb; 7] = [
    [153, 0, 0],
    [215, 48, 31],
    [239, 101, 72],
    [252, 141, 89],
    [253, 187, 132],
    [253, 212, 158],
    [254, 240, 217],
];
/// ColorBrewer `YlOrRd`, 7 classes, dark to light.
pub(super) const FIRE: [Rgb; 7] = [
    [177, 0, 38],
    [227, 26, 28],
    [252, 78, 42],
    [253, 141, 60],
    [254, 178, 76],
    [254, 217, 118],
    [255, 255, 178],
];
/// ColorBrewer `GnBu`, 7 classes, dark to light.
pub(super) const TEAL: [Rgb; 7] = [
    [8, 88, 158],
    [43, 140, 190],
    [78, 179, 211],
    [123, 204, 196],
    [168, 221, 181],
    [204, 235, 197],
    [240, 249, 232],
];

/// Nothing of what is coloured: known, and zero.
pub(super) const ZERO: Rgb = [62, 69, 78];
/// Not known: lighter than nothing, without any hue.
pub(super) const UNKNOWN: Rgb = [126, 126, 126];
/// What is not highlighted while something is.
pub(super) const DIMMED: Rgb = [42, 47, 54];

/// Lightness (Oklab) of the darkest and of the lightest class: above the ground (0.27), below pins (0.85).
const LIGHTNESS: (f32, f32) = (0.42, 0.76);
/// So much of the published chroma: markers stay the strongest colours.
const CHROMA: f32 = 0.62;

/// What begins above nothing begins lighter, so that the least of it is seen among many buildings without any.
const ABOVE_ZERO: f32 = 0.50;

/// A sequential ramp of so many classes, dark to light.
pub(super) fn ramp(published: &[Rgb], classes: usize) -> Vec<Rgb> {
    ramp_between(published, classes, LIGHTNESS)
}

/// The same behind [`ZERO`]: so many classes of more than nothing.
pub(super) fn ramp_above_zero(published: &[Rgb], classes: usize) -> Vec<Rgb> {
    std::iter::once(ZERO).chain(ramp_between(published, classes, (ABOVE_ZERO, LIGHTNESS.1))).collect()
}

fn ramp_between(published: &[Rgb], classes: usize, (darkest, lightest): (f32, f32)) -> Vec<Rgb> {
    let labs: Vec<[f32; 3]> = published.iter().map(|color| oklab(*color)).collect();
    let last = labs.len().saturating_sub(1) as f32;
    (0..classes)
        .map(|class| {
            let share = class as f32 / (classes.max(2) - 1) as f32;
            let at = share * last;
            let (i, rest) = (at as usize, at.fract());
            let from = labs.get(i).copied().unwrap_or_default();
            let to = labs.get(i + 1).copied().unwrap_or(from);
            let [_, a, b]: [f32; 3] = std::array::from_fn(|axis| from[axis] + (to[axis] - from[axis]) * rest);
            srgb([darkest + (lightest - darkest) * share, a * CHROMA, b * CHROMA])
        })
        .collect()
}

/// A published colour at a lightness of ours, with a share of its chroma.
pub(super) fn toned(published: Rgb, lightness: f32, chroma: f32) -> Rgb {
    let [_, a, b] = oklab(published);
    srgb([lightness, a * chroma, b * chroma])
}

/// sRGB to Oklab: lightness from 0 to 1, green to red, blue to yellow.
pub(super) fn oklab(color: Rgb) -> [f32; 3] {
    let light = palette::linear(color, 0.0);
    let (r, g, b) = (light.x, light.y, light.z);
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

/// Oklab to sRGB; what the screen cannot show loses chroma until it can.
pub(super) fn srgb([lightness, a, b]: [f32; 3]) -> Rgb {
    let mut share = 1.0;
    loop {
        let light = linear_of([lightness, a * share, b * share]);
        let is_shown = light.iter().all(|channel| (-0.001..=1.001).contains(channel));
        if is_shown || share <= 0.0 {
            return light.map(encoded);
        }
        share -= 0.02;
    }
}

fn linear_of([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let cube = |value: f32| value * value * value;
    let l = cube(lightness + 0.396_337_78 * a + 0.215_803_76 * b);
    let m = cube(lightness - 0.105_561_346 * a - 0.063_854_17 * b);
    let s = cube(lightness - 0.089_484_18 * a - 1.291_485_5 * b);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
}

fn encoded(light: f32) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let value = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// How three kinds of colour-blind people see linear light (Machado, Oliveira and Fernandes 2009, severity 1.0).
    const BLINDNESS: [[[f32; 3]; 3]; 3] = [
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    fn as_seen(color: Rgb, by: Option<&[[f32; 3]; 3]>) -> [f32; 3] {
        let Some(by) = by else { return oklab(color) };
        let light = palette::linear(color, 0.0).truncate().to_array();
        oklab(by.map(|row| encoded(row.iter().zip(light).map(|(share, light)| share * light).sum())))
    }

    /// The smallest difference (Oklab, 1 is black to white) of two colours for anybody, and between which.
    pub(in super::super) fn smallest_difference(colors: &[Rgb]) -> (f32, usize, usize) {
        let mut smallest = (f32::INFINITY, 0, 0);
        for by in std::iter::once(None).chain(BLINDNESS.iter().map(Some)) {
            for (i, a) in colors.iter().enumerate() {
                for (j, b) in colors.iter().enumerate().skip(i + 1) {
                    let (a, b) = (as_seen(*a, by), as_seen(*b, by));
                    let apart = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
                    if apart < smallest.0 {
                        smallest = (apart, i, j);
                    }
                }
            }
        }
        smallest
    }

    #[test]
    fn oklab_is_that_of_its_author() {
        // White is 1, and pure red 0.628, 0.225, 0.126 (bottosson.github.io/posts/oklab).
        let near = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.001);
        assert!(near(oklab([255; 3]), [1.0, 0.0, 0.0]), "{:?}", oklab([255; 3]));
        assert!(near(oklab([255, 0, 0]), [0.628, 0.225, 0.126]), "{:?}", oklab([255, 0, 0]));
        for color in [[12, 44, 132], [255, 255, 204], [90, 130, 80], [0, 0, 0]] {
            assert_eq!(srgb(oklab(color)), color);
        }
    }

    #[test]
    fn ramps_rise_in_lightness_for_everybody_and_stay_below_the_markers() {
        for published in [&BLUE_GREEN, &BROWN, &RED, &FIRE, &TEAL] {
            for classes in 4..=7 {
                let ramp = ramp(published, classes);
                assert_eq!(ramp.len(), classes);
                for by in std::iter::once(None).chain(BLINDNESS.iter().map(Some)) {
                    let lightness: Vec<f32> = ramp.iter().map(|color| as_seen(*color, by)[0]).collect();
                    for pair in lightness.windows(2) {
                        assert!(pair[1] > pair[0] + 0.02, "{ramp:?} {lightness:?}");
                    }
                }
                let (apart, a, b) = smallest_difference(&ramp);
                assert!(apart > 0.04, "{apart} between {a} and {b} of {ramp:?}");
                let lightest = ramp.last().map(|color| oklab(*color)[0]).unwrap_or_default();
                assert!(lightest < oklab([255, 193, 84])[0], "pins are the brightest: {lightest}");
            }
        }
    }

    #[test]
    fn nothing_unknown_and_dimmed_are_told_apart() {
        let (apart, a, b) = smallest_difference(&[ZERO, UNKNOWN, DIMMED]);
        assert!(apart > 0.08, "{apart} between {a} and {b}");
    }
}
