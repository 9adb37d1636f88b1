//! The wall of a command centre: what differs from a desk.

use bevy::prelude::*;

/// Whether this is a wall, and how large things are on it.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct WallMode {
    /// Whether it is one.
    pub is_wall: bool,
    /// Names of people are masked.
    pub masks_names: bool,
    /// Markers and labels are so many times larger than on a desk.
    pub marker_scale: f32,
}

impl Default for WallMode {
    fn default() -> Self {
        Self { is_wall: false, masks_names: false, marker_scale: 1.0 }
    }
}

impl WallMode {
    /// A wall whose picture is so many pixels high: everything is scaled by height, 1.0 at 1080, and larger than on a
    /// desk, since it is read from five metres.
    pub fn for_height(height_px: u32) -> Self {
        Self { is_wall: true, masks_names: true, marker_scale: height_px as f32 / 1080.0 * 1.35 }
    }
}
