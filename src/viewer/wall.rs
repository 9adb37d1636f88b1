//! The wall of a command centre: what differs from a desk.

use bevy::prelude::*;

use super::ViewerSystems;
use super::view::View;

/// The height that everything on a wall is laid out for, pixels.
const DESIGN_HEIGHT_PX: f32 = 1080.0;
/// On a wall things are larger than on a desk by this much, since they are read from five metres.
const READ_FROM_AFAR: f32 = 1.35;

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
    /// A wall; its scale follows the picture from the first frame on.
    pub fn on() -> Self {
        Self { is_wall: true, masks_names: true, marker_scale: READ_FROM_AFAR }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WallMode>()
        .add_systems(Update, follow_height.in_set(ViewerSystems::Camera).after(super::view::ViewFollowed));
}

/// Walls are scaled by their height, 1.0 at 1080 pixels: width is for more, not for larger.
fn follow_height(view: Res<View>, mut wall: ResMut<WallMode>) {
    if wall.is_wall {
        let marker_scale = view.size_px.y / DESIGN_HEIGHT_PX * READ_FROM_AFAR / view.pixels_per_point;
        wall.set_if_neq(WallMode { marker_scale, ..*wall });
    }
}
