//! Whether a building stands between the camera and a name: rays through the city's index, a few a frame.

use bevy::math::Vec3;

use crate::viewer::place::Stand;

/// Rays a frame while the camera moves; what has not been tested keeps its last answer.
const RAYS_MOVING: u32 = 24;
/// Rays a frame while it stands still.
const RAYS_STILL: u32 = 96;
/// A hit so near before the name is the name's own building or kerb, metres.
const OWN_M: f32 = 4.0;

/// What is known of a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sight {
    /// Not looked at yet.
    #[default]
    Unknown,
    /// Nothing stands before it.
    Clear,
    /// A building stands before it.
    Blocked,
}

/// The rays that this frame has left.
pub(super) struct Rays<'a> {
    stand: Option<&'a Stand>,
    camera: Vec3,
    left: u32,
}

impl<'a> Rays<'a> {
    pub(super) fn new(stand: Option<&'a Stand>, camera: Vec3, is_moving: bool) -> Self {
        Self { stand, camera, left: if is_moving { RAYS_MOVING } else { RAYS_STILL } }
    }

    /// Looks at some points of one name; `None` where the frame has no rays left. Half of them must be seen.
    pub(super) fn look(&mut self, points: &[Vec3]) -> Option<Sight> {
        let Some(stand) = self.stand else { return Some(Sight::Clear) };
        self.left = self.left.checked_sub(points.len() as u32)?;
        let blocked = points.iter().filter(|point| is_blocked(stand, self.camera, **point)).count();
        Some(if blocked * 2 > points.len() { Sight::Blocked } else { Sight::Clear })
    }
}

fn is_blocked(stand: &Stand, camera: Vec3, point: Vec3) -> bool {
    let way = point - camera;
    let distance_m = way.length();
    stand.hit_distance_m(camera, way / distance_m.max(1e-3)).is_some_and(|hit| hit < distance_m - OWN_M)
}
