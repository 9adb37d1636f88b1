//! Where the sun's shadow maps lie: squares of the ground, as the sun projects the city onto it.
//!
//! A map is not seen from the sun but lies on the ground: a point at height `y` is drawn where the ray from the sun
//! through it would meet the ground, `place - slope × y`, and what is stored is its height.
//! So the ground and every flat roof have no slope in the map and need no bias, a corner on the ground keeps its texel
//! while the sun moves, a texel is as large at dusk as at noon, and 16 bits resolve centimetres however large the
//! city is.
//!
//! What the camera sees is cut into slices by distance; each slice gets the smallest square around it, clipped to where
//! anything is built. Sides are powers of √2 and corners lie on a grid of a sixteenth of the side, which is a whole
//! number of texels: while the camera moves a map either stays as it is or moves by whole texels.

use bevy::math::{Mat4, Vec2, Vec3, Vec3Swizzles};

/// Most maps of any preset; the length of the array in `frame.wgsl`.
pub(super) const MOST: usize = 4;
/// A square's corner lies on a grid of its side divided by this.
const GRID: f32 = 16.0;
/// The sun moves the maps in steps of this many degrees: 24 seconds of a real day.
const STEP_DEG: f32 = 0.1;
/// Below this the sun is taken as standing here; shadows have faded by then, degrees.
const LOWEST_DEG: f32 = 4.0;
/// Shadows end so many metres beyond the nearest thing in view, or [`REACH_HEIGHTS`] heights of the camera.
const REACH_M: f32 = 4000.0;
/// See [`REACH_M`].
const REACH_HEIGHTS: f32 = 4.0;
/// A slice is at least so many times as far at its end as where it begins.
const LEAST_RATIO: f32 = 1.7;
/// How far splits follow the logarithm of the distance rather than the distance.
const LOGARITHMIC: f32 = 0.85;

/// A square of the map's plane, metres: `x` east, `y` south.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    /// North-west corner.
    pub(super) min: Vec2,
    /// Metres.
    pub(super) side: f32,
}

/// The sun as the maps see it: metres that a metre of height moves a point, east and south.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slope(pub(super) Vec2);

/// What the camera sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lens {
    /// Where it stands, metres.
    pub(super) camera: Vec3,
    /// Where it looks, a unit vector.
    pub(super) forward: Vec3,
    /// Along the edges of what it sees, each one metre ahead.
    pub(super) rays: [Vec3; 4],
}

/// A box of the world, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    /// West, bottom, north.
    pub(super) min: Vec3,
    /// East, top, south.
    pub(super) max: Vec3,
}

impl Bounds {
    /// Around both.
    pub(super) fn union(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }
}

impl Slope {
    /// Of a direction toward the sun, in steps of a tenth of a degree.
    pub(super) fn of(toward_sun: Vec3) -> Self {
        let step = |radians: f32| (radians.to_degrees() / STEP_DEG).round() * STEP_DEG;
        let elevation = step(toward_sun.y.clamp(-1.0, 1.0).asin()).max(LOWEST_DEG).to_radians();
        let bearing = step(toward_sun.z.atan2(toward_sun.x)).to_radians();
        Self(Vec2::new(bearing.cos(), bearing.sin()) / elevation.tan())
    }

    /// Where a point is drawn.
    pub(super) fn place(self, point: Vec3) -> Vec2 {
        point.xz() - self.0 * point.y
    }

    /// The smallest and largest coordinates of a box on the map.
    pub(super) fn places(self, bounds: Bounds) -> (Vec2, Vec2) {
        let (low, high) = (self.0 * bounds.min.y, self.0 * bounds.max.y);
        (bounds.min.xz() - low.max(high), bounds.max.xz() - low.min(high))
    }
}

impl Lens {
    /// Of a camera, from its matrix with reversed, infinite depth.
    pub(super) fn new(world_from_clip: Mat4, camera: Vec3, forward: Vec3) -> Self {
        let ray = |x: f32, y: f32| {
            let ray = world_from_clip.project_point3(Vec3::new(x, y, 0.5)) - camera;
            ray / ray.dot(forward).max(1e-6)
        };
        Self { camera, forward, rays: [ray(-1.0, -1.0), ray(1.0, -1.0), ray(1.0, 1.0), ray(-1.0, 1.0)] }
    }

    /// The corners of what is seen between two distances ahead and between two heights.
    fn corners(&self, [from, to]: [f32; 2], bounds: Bounds) -> impl Iterator<Item = Vec3> {
        let at = |ray: usize, distance: f32| self.camera + self.rays[ray % 4] * distance;
        let edges = (0..4).flat_map(move |ray| {
            [(at(ray, from), at(ray, to)), (at(ray, from), at(ray + 1, from)), (at(ray, to), at(ray + 1, to))]
        });
        edges.filter_map(move |(a, b)| between_heights(a, b, bounds.min.y, bounds.max.y)).flatten()
    }

    /// From where to where, in distance ahead, the camera sees anything of a box.
    fn range(&self, bounds: Bounds) -> Option<[f32; 2]> {
        let ahead = |point: Vec3| (point - self.camera).dot(self.forward);
        let most = |all: &mut dyn Iterator<Item = f32>| {
            all.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let corner = |index: usize| {
            let pick = |bit: usize, low: f32, high: f32| if index & bit == 0 { low } else { high };
            Vec3::new(
                pick(1, bounds.min.x, bounds.max.x),
                pick(2, bounds.min.y, bounds.max.y),
                pick(4, bounds.min.z, bounds.max.z),
            )
        };
        let (nearest, farthest) = most(&mut (0..8).map(|index| ahead(corner(index))));
        let (from, to) = most(&mut self.corners([1.0, farthest.max(2.0)], bounds).map(ahead));
        let from = from.max(nearest).max(1.0);
        let reach = REACH_M.max(REACH_HEIGHTS * (self.camera.y - bounds.min.y));
        let to = to.min(farthest).min(from + reach);
        (to > from).then_some([from, to])
    }
}

/// The squares of at most so many maps, from near to far; none where nothing built is in view.
pub(super) fn squares(lens: &Lens, slope: Slope, bounds: Bounds, most: usize) -> Vec<Square> {
    let Some([from, to]) = lens.range(bounds) else { return Vec::new() };
    let count = ((to / from).ln() / LEAST_RATIO.ln()).ceil().clamp(1.0, most.clamp(1, MOST) as f32) as usize;
    let split = |index: usize| {
        let share = index as f32 / count as f32;
        let logarithmic = from * (to / from).powf(share);
        logarithmic * LOGARITHMIC + (from + (to - from) * share) * (1.0 - LOGARITHMIC)
    };
    let (city_min, city_max) = slope.places(bounds);
    (0..count)
        .filter_map(|index| {
            let (mut min, mut max) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
            for corner in lens.corners([split(index), split(index + 1)], bounds) {
                min = min.min(slope.place(corner));
                max = max.max(slope.place(corner));
            }
            let (min, max) = (min.max(city_min), max.min(city_max));
            (min.cmple(max).all()).then(|| square_around(min, max))
        })
        .collect()
}

/// The smallest square on its own grid around a rectangle.
fn square_around(min: Vec2, max: Vec2) -> Square {
    let extent = (max - min).max_element().max(16.0) * GRID / (GRID - 1.0);
    let side = ((extent.log2() * 2.0).ceil() * 0.5).exp2();
    let grid = side / GRID;
    Square { min: (min / grid).floor() * grid, side }
}

/// The part of a line between two heights.
fn between_heights(a: Vec3, b: Vec3, low: f32, high: f32) -> Option<[Vec3; 2]> {
    let rise = b.y - a.y;
    let (from, to) = if rise.abs() < 1e-6 {
        if a.y < low || a.y > high {
            return None;
        }
        (0.0, 1.0)
    } else {
        let (at_low, at_high) = ((low - a.y) / rise, (high - a.y) / rise);
        (at_low.min(at_high).max(0.0), at_low.max(at_high).min(1.0))
    };
    (from <= to).then(|| [a.lerp(b, from), a.lerp(b, to)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CITY: Bounds =
        Bounds { min: Vec3::new(-2000.0, 0.0, -2000.0), max: Vec3::new(2000.0, 100.0, 2000.0) };

    fn lens(camera: Vec3, target: Vec3) -> Lens {
        let projection = Mat4::perspective_infinite_reverse_rh(36.87_f32.to_radians(), 16.0 / 9.0, 1.0);
        let view = Mat4::look_at_rh(camera, target, Vec3::Y);
        Lens::new((projection * view).inverse(), camera, (target - camera).normalize_or_zero())
    }

    fn morning() -> Slope {
        Slope::of(Vec3::new(1.0, 1.0, 0.0).normalize_or_zero())
    }

    #[test]
    fn a_point_is_drawn_where_its_shadow_falls() {
        // The sun 45° high in the east: a roof at 30 m throws its shadow 30 m to the west.
        let place = morning().place(Vec3::new(100.0, 30.0, 7.0));
        assert!((place - Vec2::new(70.0, 7.0)).length() < 0.01, "{place}");
        let (min, max) = morning().places(CITY);
        assert!((min - Vec2::new(-2100.0, -2000.0)).length() < 0.2, "{min}");
        assert!((max - Vec2::new(2000.0, 2000.0)).length() < 0.2, "{max}");
    }

    #[test]
    fn the_sun_moves_the_map_in_steps() {
        let at =
            |degrees: f32| Slope::of(Vec3::new(degrees.to_radians().cos(), degrees.to_radians().sin(), 0.0));
        assert_eq!(at(30.01), at(30.04));
        assert_ne!(at(30.01), at(30.11));
        assert_eq!(at(1.0), at(2.0), "never lower than {LOWEST_DEG}°");
    }

    #[test]
    fn a_point_keeps_its_place_in_a_texel_while_the_camera_moves() {
        let texels = 2048.0;
        let point = Vec2::new(123.4, -56.7);
        let phase = |camera: Vec3| {
            squares(&lens(camera, camera + Vec3::new(0.0, -400.0, -600.0)), morning(), CITY, 3)
                .iter()
                .map(|square| (square.side, ((point - square.min) / square.side * texels).fract()))
                .collect::<Vec<_>>()
        };
        let still = phase(Vec3::new(0.0, 400.0, 600.0));
        assert_eq!(still.len(), 3);
        let mut compared = 0;
        for step in 1..200 {
            let away = step as f32 * 0.37;
            for (index, (side, moved)) in
                phase(Vec3::new(away, 400.0, 600.0 - away * 0.6)).into_iter().enumerate()
            {
                if let Some((before, phase)) = still.get(index)
                    && *before == side
                {
                    compared += 1;
                    let apart = (moved - *phase).abs();
                    let apart = apart.min(Vec2::ONE - apart);
                    assert!(apart.max_element() < 0.02, "cascade {index}, {away} m: {phase} became {moved}");
                }
            }
        }
        assert!(compared > 300, "sides hardly ever change: {compared}");
    }

    #[test]
    fn a_map_is_rarely_drawn_again_while_the_camera_glides() {
        let mut changes = 0;
        let mut held = Vec::new();
        for step in 0..300 {
            let camera = Vec3::new(step as f32 * 0.2, 400.0, 600.0);
            let now = squares(&lens(camera, camera + Vec3::new(0.0, -400.0, -600.0)), morning(), CITY, 3);
            changes += usize::from(now != held);
            held = now;
        }
        assert!(changes < 20, "{changes} of 300 frames, over 60 m");
    }

    #[test]
    fn what_is_seen_of_the_city_lies_in_a_map() {
        let eye = Vec3::new(0.0, 300.0, 800.0);
        let lens = lens(eye, Vec3::new(0.0, 0.0, 0.0));
        let squares = squares(&lens, morning(), CITY, 4);
        for (x, y) in [(0.0, 0.0), (0.6, -0.6), (-0.9, -0.9), (0.9, 0.2)] {
            let ray = lens.rays[0]
                .lerp(lens.rays[1], (x + 1.0) * 0.5)
                .lerp(lens.rays[3].lerp(lens.rays[2], (x + 1.0) * 0.5), (y + 1.0) * 0.5);
            let ground = eye - ray * (eye.y / ray.y);
            let place = morning().place(ground);
            let within = squares.iter().any(|square| {
                let at = (place - square.min) / square.side;
                at.cmpge(Vec2::ZERO).all() && at.cmple(Vec2::ONE).all()
            });
            assert!(within, "{ground} is in none of {squares:?}");
        }
        let sides: Vec<f32> = squares.iter().map(|square| square.side).collect();
        assert!(sides.is_sorted() && sides.len() == 4, "from near to far: {sides:?}");
    }

    #[test]
    fn a_view_straight_down_has_one_map_and_an_empty_one_none() {
        let above = Vec3::new(0.0, 1500.0, 0.1);
        assert_eq!(squares(&lens(above, Vec3::ZERO), morning(), CITY, 4).len(), 1);
        let beside = Vec3::new(9000.0, 100.0, 0.0);
        assert!(squares(&lens(beside, Vec3::new(20_000.0, 90.0, 0.0)), morning(), CITY, 4).is_empty());
    }

    #[test]
    fn no_map_is_larger_than_the_city_needs() {
        let small = Bounds { min: Vec3::new(-100.0, 0.0, -100.0), max: Vec3::new(100.0, 50.0, 100.0) };
        let far = Vec3::new(0.0, 2000.0, 3000.0);
        let squares = squares(&lens(far, Vec3::ZERO), morning(), small, 4);
        // 250 m across with the shadow of 50 m, times 16/15, up to the next power of √2.
        assert!(squares.iter().all(|square| square.side <= 363.0), "{squares:?}");
    }
}
