//! How the camera sees: world to pixels and back, for whatever is placed on screen by the CPU.

use bevy::prelude::*;

use super::ViewerSystems;
use super::camera::Rig;
use super::stage::{Scene, StageCamera};

/// The camera's view of this frame.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// World to clip space.
    pub clip_from_world: Mat4,
    /// Where the camera stands.
    pub camera: Vec3,
    /// Width and height in physical pixels.
    pub size_px: Vec2,
    /// Pixels a point of type.
    pub pixels_per_point: f32,
    /// Pixels that a metre covers at a distance of one metre.
    pub pixels_at_one_m: f32,
}

impl Default for View {
    fn default() -> Self {
        Self {
            clip_from_world: Mat4::IDENTITY,
            camera: Vec3::Y * 100.0,
            size_px: Vec2::new(1920.0, 1080.0),
            pixels_per_point: 1.0,
            pixels_at_one_m: 1620.0,
        }
    }
}

impl View {
    /// Where a point of the world is on screen, in pixels from the top left; `None` behind the camera.
    pub fn pixel(&self, point: Vec3) -> Option<Vec2> {
        let clip = self.clip_from_world * point.extend(1.0);
        if clip.w < 0.5 {
            return None;
        }
        let ndc = clip.truncate().truncate() / clip.w;
        Some(Vec2::new((ndc.x * 0.5 + 0.5) * self.size_px.x, (0.5 - ndc.y * 0.5) * self.size_px.y))
    }

    /// The same, where it is within the picture or at most `margin_px` beside it.
    pub fn visible_pixel(&self, point: Vec3, margin_px: f32) -> Option<Vec2> {
        self.pixel(point).filter(|pixel| {
            pixel.x > -margin_px
                && pixel.y > -margin_px
                && pixel.x < self.size_px.x + margin_px
                && pixel.y < self.size_px.y + margin_px
        })
    }
}

/// How far right of the picture's middle the middle of what panels leave of the map lies, in physical pixels: what is
/// flown to comes there, not under a panel.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct MiddleOfMap(pub f32);

/// What panels cover, in physical pixels from the top left: nothing is written under them.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct PanelsOnScreen(pub Vec<Rect>);

/// The system set after which [`View`] is that of this frame.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ViewFollowed;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<View>().init_resource::<MiddleOfMap>().init_resource::<PanelsOnScreen>().add_systems(
        Update,
        look.in_set(ViewFollowed).in_set(ViewerSystems::Camera).after(super::camera::CameraMoved),
    );
}

fn look(
    rig: Res<Rig>,
    cameras: Query<&Camera, With<StageCamera>>,
    off_screen: Option<Res<super::app::OffScreenScale>>,
    windows: Query<&Window>,
    mut view: ResMut<View>,
    mut scene: ResMut<Scene>,
) {
    let Some(size) = cameras.iter().next().and_then(Camera::physical_target_size) else { return };
    let size_px = size.as_vec2();
    let pixels_per_point = off_screen
        .map(|scale| scale.0)
        .or_else(|| windows.iter().next().map(Window::scale_factor))
        .unwrap_or(1.0);
    let aspect = size_px.x / size_px.y.max(1.0);
    *view = View {
        clip_from_world: rig.clip_from_world(aspect, 1.0),
        camera: rig.position(),
        size_px,
        pixels_per_point,
        pixels_at_one_m: size_px.y / (2.0 * (super::camera::FIELD_OF_VIEW_DEG.to_radians() * 0.5).tan()),
    };
    if scene.pixels_per_point != pixels_per_point {
        scene.pixels_per_point = pixels_per_point;
    }
}
