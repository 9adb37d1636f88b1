//! The colours of the picture: dark ground, close greys, one accent; strong colour only where data is.
//!
//! Given in sRGB as a designer reads them, handed to the stage in linear light.

use bevy::math::{Vec3, Vec4};

use super::stage::Palette;
use crate::governance::State;

/// Walls and roofs step back behind what lies over them: so much of their colour's light.
const WALLS: f32 = 0.82;

/// sRGB and alpha.
pub type Rgba = [u8; 4];

/// Hovered and selected things, and whatever is active.
pub const ACCENT: Rgba = [64, 196, 255, 255];
/// Text in the picture.
pub const LABEL: Rgba = [222, 230, 238, 255];
/// Text of roads and lesser things.
pub const LABEL_QUIET: Rgba = [168, 180, 192, 255];
/// Names of main roads.
pub const LABEL_ROAD: Rgba = [196, 206, 216, 255];
/// Names of water.
pub const LABEL_WATER: Rgba = [132, 178, 206, 255];
/// Names of parks.
pub const LABEL_GREEN: Rgba = [150, 190, 152, 255];
/// Names of communities.
pub const LABEL_AREA: Rgba = [190, 200, 214, 230];
/// Behind text.
pub const HALO: Rgba = [10, 14, 19, 220];
/// Rims of pins.
pub const RIM: Rgba = [245, 248, 250, 255];
/// What is past its deadline.
pub const OVERDUE: Rgba = [255, 86, 72, 255];
/// What is urgent.
pub const URGENT: Rgba = [255, 58, 76, 255];
/// A patrol on duty.
pub const PATROL: Rgba = [74, 222, 160, 255];
/// A patrol that has been silent for long.
pub const PATROL_SILENT: Rgba = [138, 148, 158, 255];
/// The boundary of the chosen area.
pub const WALL: Rgba = [96, 200, 250, 245];
/// Alleys that no attribute colours.
pub const ALLEY: Rgba = [150, 176, 196, 80];
/// Outlines of communities.
pub const AREA_LINE: Rgba = [96, 150, 190, 120];

/// The colour of a state; safe for the color-blind, and told by shape as well ([`state_shape`]).
pub const fn state_color(state: State) -> Rgba {
    match state {
        State::Reported | State::Verifying => [255, 193, 84, 255],
        State::Registered | State::Dispatched => [255, 146, 66, 255],
        State::Accepted | State::Handling => [86, 156, 255, 255],
        State::Feedback | State::Checking => [160, 134, 255, 255],
        State::Closed => [92, 190, 128, 255],
        State::Suspended => [150, 158, 168, 255],
        State::Void | State::Merged => [110, 118, 128, 255],
    }
}

/// The shape of a state's pin: 0 disc, 1 diamond, 2 square, 3 triangle.
pub const fn state_shape(state: State) -> u8 {
    match state {
        State::Reported | State::Verifying => 1,
        State::Registered | State::Dispatched => 3,
        State::Accepted | State::Handling | State::Closed => 0,
        State::Feedback | State::Checking | State::Suspended | State::Void | State::Merged => 2,
    }
}

/// The stage's palette.
pub fn stage_palette() -> Palette {
    let mut ground = [linear([42, 48, 54], 0.0); 16];
    // The classes of `mesh::flat`, in its order.
    let classes: [([u8; 3], f32); 12] = [
        ([46, 51, 57], 0.0),
        ([74, 76, 77], 0.25),
        ([50, 66, 52], 0.0),
        ([34, 66, 88], 1.0),
        ([62, 66, 70], 0.25),
        ([68, 73, 78], 0.25),
        ([76, 82, 88], 0.25),
        ([84, 91, 98], 0.25),
        ([64, 68, 72], 0.0),
        // Pavements, lines on roads, the edge of a quay.
        ([92, 96, 100], 0.25),
        ([168, 174, 178], 0.25),
        ([112, 116, 116], 0.25),
    ];
    for (slot, (color, alpha)) in ground.iter_mut().zip(classes) {
        *slot = linear(color, alpha);
    }
    let mut uses = [linear([150, 156, 163], 0.3); 16];
    // In the order of `city::BuildingUse`.
    let by_use: [([u8; 3], f32); 13] = [
        ([172, 171, 168], 0.46),
        ([148, 158, 172], 0.62),
        ([140, 153, 170], 0.40),
        ([166, 160, 150], 0.12),
        ([164, 152, 140], 0.45),
        ([150, 160, 166], 0.30),
        ([198, 194, 184], 0.28),
        ([136, 142, 148], 0.10),
        ([166, 170, 176], 0.55),
        ([182, 172, 158], 0.20),
        ([140, 150, 160], 0.40),
        ([120, 124, 128], 0.0),
        ([146, 150, 154], 0.22),
    ];
    for (slot, (color, share)) in uses.iter_mut().zip(by_use) {
        *slot = (linear(color, 0.0) * WALLS).with_w(share);
    }
    Palette { ground, uses, accent: linear([ACCENT[0], ACCENT[1], ACCENT[2]], 0.0).truncate() }
}

/// sRGB bytes to linear light.
pub fn linear([r, g, b]: [u8; 3], alpha: f32) -> Vec4 {
    let channel = |byte: u8| {
        let value = f32::from(byte) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    Vec3::new(channel(r), channel(g), channel(b)).extend(alpha)
}

/// The same colour with another alpha.
pub fn faded(color: Rgba, alpha: f32) -> Rgba {
    [color[0], color[1], color[2], (f32::from(color[3]) * alpha.clamp(0.0, 1.0)) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_grey_is_a_fifth_of_the_light() {
        assert!((linear([119, 119, 119], 0.0).x - 0.184).abs() < 0.002);
    }

    #[test]
    fn states_that_share_a_shape_do_not_share_a_colour() {
        for a in State::ALL {
            for b in State::ALL {
                if state_shape(a) != state_shape(b) {
                    assert_ne!(state_color(a), state_color(b), "{a:?} {b:?}");
                }
            }
        }
    }
}
