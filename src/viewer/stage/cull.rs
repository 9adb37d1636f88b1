//! Which tiles, which level of them and which walls of them are worth submitting.

use bevy::prelude::*;

use super::frame::FrameView;

/// Below so many pixels a metre a tile is drawn as blocks: a storey is then a pixel and a half.
const BLOCK_PIXELS_A_METRE: f32 = 0.5;

/// The planes of a view frustum without its far one, where a point is inside if all are positive; and the rays
/// along its edges, which tell a box apart that every single plane cuts, such as the ground under a camera that
/// looks at the sky.
pub(super) struct Frustum {
    planes: [Vec4; 5],
    apex: Vec3,
    rays: [Vec3; 4],
}

impl Frustum {
    /// From a matrix with reversed, infinite depth.
    pub(super) fn new(clip_from_world: Mat4, camera: Vec3) -> Self {
        let world_from_clip = clip_from_world.inverse();
        let ray = |x: f32, y: f32| world_from_clip.project_point3(Vec3::new(x, y, 0.5)) - camera;
        let rays = [ray(-1.0, -1.0), ray(1.0, -1.0), ray(1.0, 1.0), ray(-1.0, 1.0)];
        Self { planes: Self::planes(clip_from_world), apex: camera, rays }
    }

    fn planes(clip_from_world: Mat4) -> [Vec4; 5] {
        let rows = clip_from_world.transpose();
        let (x, y, z, w) = (rows.x_axis, rows.y_axis, rows.z_axis, rows.w_axis);
        [w + x, w - x, w + y, w - y, w - z]
    }

    /// Whether a box may be in view.
    pub(super) fn sees(&self, min: Vec3, max: Vec3) -> bool {
        // Beyond a face of the box, and every ray leads farther away from it.
        let leads_away = |axis: usize| {
            (self.apex[axis] > max[axis] && self.rays.iter().all(|ray| ray[axis] >= 0.0))
                || (self.apex[axis] < min[axis] && self.rays.iter().all(|ray| ray[axis] <= 0.0))
        };
        if (0..3).any(leads_away) {
            return false;
        }
        self.planes.iter().all(|plane| {
            let normal = plane.truncate();
            let far_corner = Vec3::select(normal.cmpge(Vec3::ZERO), max, min);
            normal.dot(far_corner) + plane.w >= 0.0
        })
    }
}

/// How a tile is to be drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Choice {
    /// Facades, or blocks.
    pub(super) full: bool,
    /// Which of the eight wall sectors face the camera; bit 8 is the roofs.
    pub(super) sectors: u16,
    /// Distance from the camera to the nearest point of the tile.
    pub(super) distance_m: f32,
}

/// How to draw a tile for a view, or `None` where it is out of sight.
pub(super) fn choose(
    view: &FrameView,
    frustum: &Frustum,
    min: Vec3,
    max: Vec3,
    facades: bool,
) -> Option<Choice> {
    if !frustum.sees(min, max) {
        return None;
    }
    let nearest = view.camera.clamp(min, max);
    let distance_m = nearest.distance(view.camera);
    let full = facades && view.pixels_at_one_m / distance_m.max(1.0) > BLOCK_PIXELS_A_METRE;
    let mut sectors = facing_sectors(view.camera, min, max);
    if view.camera.y > min.y {
        sectors |= 1 << 8;
    }
    Some(Choice { full, sectors, distance_m })
}

/// The wall sectors of a box that may face a point. Sector `i` holds outward normals within 22.5° of `i` × 45°,
/// counted from east toward north.
fn facing_sectors(camera: Vec3, min: Vec3, max: Vec3) -> u16 {
    let inside = (min.x..=max.x).contains(&camera.x) && (min.z..=max.z).contains(&camera.z);
    if inside {
        return 0xFF;
    }
    let middle = (min + max) * 0.5;
    let direction = |x: f32, z: f32| Vec2::new(camera.x - x, z - camera.z);
    let central = direction(middle.x, middle.z);
    let half_width = [(min.x, min.z), (min.x, max.z), (max.x, min.z), (max.x, max.z)]
        .into_iter()
        .map(|(x, z)| central.angle_to(direction(x, z)).abs())
        .fold(0.0, f32::max);
    sectors_toward(central, half_width)
}

/// The sectors with a wall that may face a direction, east and north, or one that differs from it by so much, radians.
fn sectors_toward(direction: Vec2, spread: f32) -> u16 {
    let reach = std::f32::consts::FRAC_PI_2 + std::f32::consts::FRAC_PI_8 + spread;
    (0..8u16)
        .filter(|sector| {
            let normal = Vec2::from_angle(f32::from(*sector) * std::f32::consts::FRAC_PI_4);
            direction.angle_to(normal).abs() < reach
        })
        .fold(0, |bits, sector| bits | 1 << sector)
}

/// The walls and roofs that the sun shines on, for the slope of its maps (east and south that a metre of height moves
/// a point, toward the sun).
pub(super) fn sunny_sectors(slope: Vec2) -> u16 {
    let toward = Vec2::new(slope.x, -slope.y).normalize_or_zero();
    let walls = if toward == Vec2::ZERO { 0xFF } else { sectors_toward(toward, 0.0) };
    walls | 1 << 8
}

/// The index ranges of the chosen sectors, neighbours joined. `ends` are those of `mesh::Level`.
pub(super) fn ranges(sectors: u16, ends: &[u32; 9]) -> impl Iterator<Item = std::ops::Range<u32>> + use<> {
    let mut joined: [Option<std::ops::Range<u32>>; 9] = Default::default();
    let mut count: usize = 0;
    let mut start = 0;
    for (sector, end) in ends.iter().copied().enumerate() {
        if sectors & (1 << sector) != 0 && end > start {
            let last = count.checked_sub(1).and_then(|i| joined.get_mut(i)).and_then(Option::as_mut);
            match last {
                Some(range) if range.end == start => range.end = end,
                _ => {
                    if let Some(slot) = joined.get_mut(count) {
                        *slot = Some(start..end);
                        count += 1;
                    }
                }
            }
        }
        start = end;
    }
    joined.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_far_to_the_east_sees_walls_that_face_east() {
        // Looking at a small box at the origin from the east: normals within 90° of east, plus half a sector.
        let sectors = facing_sectors(Vec3::new(1e6, 10.0, 0.0), Vec3::ZERO, Vec3::splat(1.0));
        assert_eq!(sectors, 0b1100_0111, "north, north-east, east, south-east, south: {sectors:b}");
    }

    #[test]
    fn north_is_minus_z() {
        let sectors = facing_sectors(Vec3::new(0.5, 10.0, -1e6), Vec3::ZERO, Vec3::splat(1.0));
        assert_eq!(sectors & (1 << 2), 1 << 2, "sector 2 is north");
        assert_eq!(sectors & (1 << 6), 0, "a wall that faces south is not submitted");
    }

    #[test]
    fn the_morning_sun_shines_on_walls_that_face_east() {
        assert_eq!(sunny_sectors(Vec2::new(2.0, 0.0)), 0b1_1100_0111);
        assert_eq!(sunny_sectors(Vec2::new(0.0, 1.0)) & (1 << 2), 0, "from the south: none that face north");
    }

    #[test]
    fn a_camera_above_the_box_sees_every_wall() {
        assert_eq!(facing_sectors(Vec3::new(0.5, 100.0, 0.5), Vec3::ZERO, Vec3::splat(1.0)), 0xFF);
    }

    #[test]
    fn neighbouring_sectors_are_one_draw() {
        let ends = [10, 20, 30, 40, 50, 60, 70, 80, 100];
        let drawn: Vec<_> = ranges(0b1_1000_0011, &ends).collect();
        assert_eq!(drawn, [0..20, 70..100]);
        assert_eq!(ranges(0x1FF, &ends).next(), Some(0..100));
        assert_eq!(ranges(0x1FF, &ends).count(), 1);
        assert_eq!(ranges(0b1, &[0; 9]).count(), 0, "an empty sector is no draw");
    }

    #[test]
    fn looking_at_the_sky_sees_no_tile() {
        let projection = Mat4::perspective_infinite_reverse_rh(0.64, 1.6, 1.0);
        let view = Mat4::look_to_rh(Vec3::new(0.0, 50.0, 0.0), Vec3::new(0.0, 0.8, -0.6), Vec3::Y);
        let eye = Vec3::new(0.0, 50.0, 0.0);
        let frustum = Frustum::new(projection * view, eye);
        assert!(!frustum.sees(Vec3::new(-500.0, 0.0, -1500.0), Vec3::new(500.0, 40.0, 500.0)));
        let down = Mat4::look_to_rh(Vec3::new(0.0, 50.0, 0.0), Vec3::new(0.0, -0.8, -0.6), Vec3::Y);
        assert!(
            Frustum::new(projection * down, eye)
                .sees(Vec3::new(-500.0, 0.0, -1500.0), Vec3::new(500.0, 40.0, 500.0))
        );
    }
}
