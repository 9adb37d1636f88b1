//! Chance that is always the same: a number mixed beyond recognition, and noise without steps over the ground.

/// Mixes the bits of a number so that neighbouring ones have nothing in common: the finaliser of SplitMix64
/// (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014).
pub(crate) fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// From 0 to 1, without a kink at either end.
pub(crate) fn soft(share: f64) -> f64 {
    let share = share.clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// Smooth noise at a place, `[east, north]` in metres: squares of a width, with what `corner` says at the corners of
/// column and row, and softly from one to the next between them.
pub(crate) fn smooth_noise(at: [f64; 2], wide_m: f64, corner: impl Fn(i64, i64) -> f64) -> f64 {
    let [x, y] = at.map(|metres| metres / wide_m);
    let (column, row) = (x.floor(), y.floor());
    let (u, v) = (soft(x - column), soft(y - row));
    let [a, b, c, d] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
        .map(|(east, north)| corner((column + east) as i64, (row + north) as i64));
    let (south, north) = (a + (b - a) * u, c + (d - c) * u);
    south + (north - south) * v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_mixed_as_by_splitmix64() {
        // The first three numbers of the generator that starts at 0.
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let numbers = [1, 2, 3].map(|i| mixed(step.wrapping_mul(i)));
        assert_eq!(numbers, [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F]);
        assert_eq!(mixed(0), 0);
    }

    #[test]
    fn noise_goes_softly_from_corner_to_corner() {
        let noise = |east: f64, north: f64| smooth_noise([east, north], 10.0, |x, y| (x + 10 * y) as f64);
        assert_eq!(noise(20.0, 30.0), 32.0, "a corner");
        assert_eq!(noise(25.0, 35.0), 37.5, "the middle");
        // A quarter of the way is 1/16 × 2.5 of the rise.
        assert_eq!(noise(22.5, 30.0), 32.156_25);
        assert_eq!(noise(-5.0, 0.0), -0.5, "west of the origin");
    }
}
