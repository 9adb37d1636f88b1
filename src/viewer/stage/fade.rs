//! How a building's colour fades: the sums of `city.wgsl`'s vertex shader, for the CPU.
//!
//! A texel is `[old colour, new colour, start of the fade, flags]`. A colour is four bytes: square roots of linear light
//! (fine steps in the dark, where we are), and how much of the building it covers; 0 leaves the colour of its use.
//! The clock wraps after 49.7 days; a fade that ended more than [`LONG_AGO_MS`] before is written as ended
//! ([`settled`]), so that it does not begin again when the clock comes round.

/// How long a fade takes, milliseconds.
pub const FADE_MS: u32 = 500;
/// After so long fades are written as ended: one day, of the 49.7 that the clock has.
pub const LONG_AGO_MS: u32 = 86_400_000;

/// Linear light and cover as a texel holds them.
pub fn pack(linear: [f32; 3], cover: f32) -> u32 {
    let byte = |share: f32| (share.clamp(0.0, 1.0) * 255.0).round() as u8;
    let [r, g, b] = linear.map(|light| byte(light.max(0.0).sqrt()));
    u32::from_le_bytes([r, g, b, byte(cover)])
}

/// The colour that is seen at a time.
pub fn seen(texel: [u32; 4], now_ms: u32) -> u32 {
    let [before, after, start_ms, _] = texel;
    let age_ms = now_ms.wrapping_sub(start_ms);
    if before == after || age_ms >= FADE_MS {
        return after;
    }
    let age = age_ms as f32 / FADE_MS as f32;
    let [before, after] = [before, after].map(|color| color.to_le_bytes().map(f32::from));
    let mix = |from: f32, to: f32| from + (to - from) * age;
    let cover = mix(before[3], after[3]);
    if cover < 0.5 {
        return 0;
    }
    // Colours count by how much they cover.
    let channel = |i: usize| (mix(before[i] * before[3], after[i] * after[3]) / cover).round() as u8;
    u32::from_le_bytes([channel(0), channel(1), channel(2), cover.round() as u8])
}

/// The texel that fades to a colour from what is seen now; the same where it is on its way there already.
pub fn toward(texel: [u32; 4], color: u32, now_ms: u32) -> [u32; 4] {
    if texel[1] == color { texel } else { [seen(texel, now_ms), color, now_ms, texel[3]] }
}

/// The texel without its fade, where that ended long ago.
pub fn settled(texel: [u32; 4], now_ms: u32) -> Option<[u32; 4]> {
    let [before, after, start_ms, flags] = texel;
    let is_over = now_ms.wrapping_sub(start_ms) >= FADE_MS;
    (before != after && is_over).then_some([after, after, start_ms, flags])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: u32 = u32::from_le_bytes([200, 0, 0, 255]);
    const BLUE: u32 = u32::from_le_bytes([0, 0, 100, 255]);

    #[test]
    fn light_is_packed_as_its_root() {
        assert_eq!(pack([0.25, 0.0, 1.0], 1.0).to_le_bytes(), [128, 0, 255, 255]);
        assert_eq!(pack([-1.0, f32::NAN, 4.0], 0.0).to_le_bytes(), [0, 0, 255, 0]);
    }

    #[test]
    fn a_change_in_the_middle_of_a_fade_starts_from_what_is_seen() {
        let texel = toward([RED, RED, 0, 0], BLUE, 1_000);
        assert_eq!(texel, [RED, BLUE, 1_000, 0]);
        assert_eq!(seen(texel, 1_000), RED);
        assert_eq!(seen(texel, 1_250).to_le_bytes(), [100, 0, 50, 255], "half-way");
        assert_eq!(seen(texel, 1_500), BLUE);
        let turned = toward(texel, RED, 1_250);
        assert_eq!(seen(turned, 1_250), seen(texel, 1_250), "no jump");
        assert_eq!(seen(turned, 1_750), RED);
        assert_eq!(toward(texel, BLUE, 1_400), texel, "what is on its way there goes on");
    }

    #[test]
    fn a_colour_that_covers_nothing_has_no_say_in_the_hue() {
        let texel = [0, RED, 0, 0];
        assert_eq!(
            seen(texel, 250).to_le_bytes(),
            [200, 0, 0, 128],
            "half of the red, over the building's own"
        );
        assert_eq!(seen(texel, 0), 0);
        assert_eq!(seen([RED, 0, 0, 0], 499).to_le_bytes(), [200, 0, 0, 1]);
    }

    #[test]
    fn the_clock_may_wrap() {
        let texel = toward([RED, RED, 0, 0], BLUE, u32::MAX - 249);
        assert_eq!(seen(texel, 0).to_le_bytes(), [100, 0, 50, 255], "250 ms later");
        assert_eq!(seen(texel, 250), BLUE);
        let held = settled(texel, 250).expect("it has ended");
        assert_eq!(held, [BLUE, BLUE, u32::MAX - 249, 0]);
        assert_eq!(seen(held, u32::MAX - 100), BLUE, "49.7 days later it does not begin again");
        assert_eq!(settled(texel, 100), None, "not while it is seen");
        assert_eq!(settled(held, 250), None);
    }
}
