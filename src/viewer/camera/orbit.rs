//! An orbit around a point on the ground: pure values and moves, tested without an engine's schedule.

use bevy::math::{Mat4, Quat, Vec2, Vec3};

/// Vertical field of view, as the peers of DESIGN.md section 9 were measured with.
pub const FIELD_OF_VIEW_DEG: f32 = 36.87;
/// Closest distance to the target.
pub(super) const NEAREST_M: f32 = 25.0;
/// The lowest that the camera may stand above the ground.
pub(super) const LOWEST_M: f32 = 4.0;
/// Steepest and flattest pitch from the vertical, in degrees.
pub(super) const PITCH_DEG: std::ops::RangeInclusive<f32> = 0.0..=84.0;

/// Where the camera is: around a target on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orbit {
    /// East and south of the target, metres.
    pub target: Vec2,
    /// From the target to the camera, metres.
    pub distance_m: f32,
    /// The direction of looking, degrees clockwise from north.
    pub bearing_deg: f32,
    /// From the vertical, degrees: 0 looks straight down.
    pub pitch_deg: f32,
}

/// How far an orbit may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The middle of the place, east and south.
    pub middle: Vec2,
    /// The target stays within this distance of the middle, metres.
    pub reach_m: f32,
    /// Farthest distance to the target, metres.
    pub farthest_m: f32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { middle: Vec2::ZERO, reach_m: 5_000.0, farthest_m: 15_000.0 }
    }
}

impl Orbit {
    /// The same orbit within limits: never underground, never at infinity; anything not finite is put right.
    pub fn limited(self, limits: &Limits) -> Self {
        let finite = |value: f32, otherwise: f32| if value.is_finite() { value } else { otherwise };
        let mut target =
            Vec2::new(finite(self.target.x, limits.middle.x), finite(self.target.y, limits.middle.y));
        target = limits.middle + (target - limits.middle).clamp_length_max(limits.reach_m);
        let distance_m = finite(self.distance_m, 1_000.0).clamp(NEAREST_M, limits.farthest_m.max(NEAREST_M));
        let flattest = (LOWEST_M / distance_m).clamp(0.0, 1.0).acos().to_degrees();
        let pitch_deg = finite(self.pitch_deg, 45.0).clamp(*PITCH_DEG.start(), PITCH_DEG.end().min(flattest));
        Self { target, distance_m, bearing_deg: finite(self.bearing_deg, 0.0).rem_euclid(360.0), pitch_deg }
    }

    /// Rotation of the camera in the world: X east, Y up, Z south; it looks along its −Z.
    pub fn rotation(&self) -> Quat {
        let pitch_down = (self.pitch_deg - 90.0).to_radians();
        Quat::from_rotation_y(-self.bearing_deg.to_radians()) * Quat::from_rotation_x(pitch_down)
    }

    /// Where the camera stands.
    pub fn position(&self) -> Vec3 {
        self.target_in_world() - self.forward() * self.distance_m
    }

    /// The direction of looking.
    pub fn forward(&self) -> Vec3 {
        self.rotation() * Vec3::NEG_Z
    }

    fn target_in_world(&self) -> Vec3 {
        Vec3::new(self.target.x, 0.0, self.target.y)
    }

    /// The ray through a point of the picture, `ndc` from −1 to 1, right and up: origin and direction.
    pub fn ray(&self, ndc: Vec2, aspect: f32) -> (Vec3, Vec3) {
        let tan = (FIELD_OF_VIEW_DEG.to_radians() * 0.5).tan();
        let direction = self.rotation() * Vec3::new(ndc.x * tan * aspect, ndc.y * tan, -1.0);
        (self.position(), direction.normalize_or_zero())
    }

    /// Where a ray through the picture meets the ground, or `None` toward the sky or too far off.
    pub fn ground_at(&self, ndc: Vec2, aspect: f32) -> Option<Vec2> {
        let (origin, direction) = self.ray(ndc, aspect);
        if direction.y > -0.01 {
            return None;
        }
        let point = origin + direction * (origin.y / -direction.y);
        Some(Vec2::new(point.x, point.z))
    }

    /// World to clip space, infinite reversed depth: the same as the engine's camera makes of it.
    pub fn clip_from_world(&self, aspect: f32, near_m: f32) -> Mat4 {
        let view = Mat4::from_rotation_translation(self.rotation(), self.position()).inverse();
        Mat4::perspective_infinite_reverse_rh(FIELD_OF_VIEW_DEG.to_radians(), aspect, near_m) * view
    }

    /// Metres that a pixel covers at the target.
    pub fn metres_a_pixel(&self, height_px: f32) -> f32 {
        2.0 * self.distance_m * (FIELD_OF_VIEW_DEG.to_radians() * 0.5).tan() / height_px.max(1.0)
    }

    /// Moves the ground by so much: east and south, metres.
    pub fn panned(mut self, by: Vec2) -> Self {
        self.target += by;
        self
    }

    /// Zooms by a factor (below 1 comes closer) so that a point of the ground stays where it is in the picture.
    pub fn zoomed(mut self, factor: f32, around: Option<Vec2>, limits: &Limits) -> Self {
        let before = self.distance_m;
        self.distance_m = (before * factor).clamp(NEAREST_M, limits.farthest_m.max(NEAREST_M));
        if let Some(point) = around {
            let kept = self.distance_m / before;
            self.target = point + (self.target - point) * kept;
        }
        self
    }

    /// Turns and tilts around a point of the ground, which stays where it is in the picture.
    pub fn turned(mut self, bearing_deg: f32, pitch_deg: f32, around: Option<Vec2>) -> Self {
        let pivot = around.unwrap_or(self.target);
        let turn = Vec2::from_angle(bearing_deg.to_radians());
        self.target = pivot + turn.rotate(self.target - pivot);
        self.bearing_deg += bearing_deg;
        self.pitch_deg += pitch_deg;
        self
    }
}

/// A smooth flight from one orbit to another: out, across and in again, after van Wijk and Nuij,
/// "Smooth and efficient zooming and panning" (2003), with ρ = 1.4.
#[derive(Clone, Copy, Debug)]
pub struct Flight {
    from: Orbit,
    to: Orbit,
    elapsed_secs: f32,
    duration_secs: f32,
}

const RHO: f32 = 1.4;

impl Flight {
    /// A flight between two orbits; farther ones take longer, none longer than 3.5 s.
    pub fn new(from: Orbit, to: Orbit) -> Self {
        let mut flight = Self { from, to, elapsed_secs: 0.0, duration_secs: 1.0 };
        let turn = shortest_turn(from.bearing_deg, to.bearing_deg).abs() / 90.0;
        flight.duration_secs = (0.5 + 0.45 * flight.path().2.abs() + 0.3 * turn).clamp(0.6, 3.5);
        flight
    }

    /// The orbit after so many more seconds, and whether the flight is over.
    pub fn step(&mut self, delta_secs: f32) -> (Orbit, bool) {
        self.elapsed_secs += delta_secs;
        let t = (self.elapsed_secs / self.duration_secs).clamp(0.0, 1.0);
        if t >= 1.0 {
            return (self.to, true);
        }
        (self.at(t * t * (3.0 - 2.0 * t)), false)
    }

    /// Start radius, end radius and length of the path in (distance, zoom) space.
    fn path(&self) -> (f32, f32, f32) {
        let (w0, w1) = (self.from.distance_m.max(1.0), self.to.distance_m.max(1.0));
        let u1 = self.from.target.distance(self.to.target);
        if u1 < 1e-3 * w0 {
            return (0.0, 0.0, (w1 / w0).ln() / RHO);
        }
        let b = |w: f32, sign: f32| {
            (w1 * w1 - w0 * w0 + sign * RHO.powi(4) * u1 * u1) / (2.0 * w * RHO * RHO * u1)
        };
        let r0 = -b(w0, 1.0).asinh();
        let r1 = -b(w1, -1.0).asinh();
        (r0, r1, (r1 - r0) / RHO)
    }

    fn at(&self, t: f32) -> Orbit {
        let (w0, u1) = (self.from.distance_m.max(1.0), self.from.target.distance(self.to.target));
        let (r0, _, length) = self.path();
        let s = t * length;
        let (u, w) = if u1 < 1e-3 * w0 {
            (t * u1, w0 * (RHO * s).exp())
        } else {
            let w = w0 * r0.cosh() / (RHO * s + r0).cosh();
            let u = w0 / (RHO * RHO) * (r0.cosh() * (RHO * s + r0).tanh() - r0.sinh());
            (u, w)
        };
        let along = if u1 > 0.0 { (u / u1).clamp(0.0, 1.0) } else { t };
        Orbit {
            target: self.from.target.lerp(self.to.target, along),
            distance_m: w,
            bearing_deg: self.from.bearing_deg
                + shortest_turn(self.from.bearing_deg, self.to.bearing_deg) * t,
            pitch_deg: self.from.pitch_deg + (self.to.pitch_deg - self.from.pitch_deg) * t,
        }
    }
}

/// From one bearing to another the short way round, degrees from −180 to 180.
pub fn shortest_turn(from_deg: f32, to_deg: f32) -> f32 {
    (to_deg - from_deg + 180.0).rem_euclid(360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Orbit = Orbit { target: Vec2::ZERO, distance_m: 1000.0, bearing_deg: 0.0, pitch_deg: 45.0 };

    #[test]
    fn looking_north_stands_in_the_south() {
        let position = START.position();
        assert!((position - Vec3::new(0.0, 707.1, 707.1)).length() < 0.1, "{position}");
        let east = Orbit { bearing_deg: 90.0, ..START };
        assert!(
            (east.position() - Vec3::new(-707.1, 707.1, 0.0)).length() < 0.1,
            "looking east stands in the west"
        );
    }

    #[test]
    fn the_middle_of_the_picture_is_the_target() {
        let seen = START.ground_at(Vec2::ZERO, 1.6).expect("looks down");
        assert!(seen.length() < 0.01, "{seen}");
        let clip = START.clip_from_world(1.6, 1.0) * Vec3::ZERO.extend(1.0);
        assert!((clip.x / clip.w).abs() < 1e-4 && (clip.y / clip.w).abs() < 1e-4);
    }

    #[test]
    fn a_flight_ends_exactly_where_it_should() {
        let to = Orbit {
            target: Vec2::new(900.0, -300.0),
            distance_m: 250.0,
            bearing_deg: 350.0,
            pitch_deg: 60.0,
        };
        let mut flight = Flight::new(START, to);
        let mut highest: f32 = 0.0;
        let mut last = START;
        for _ in 0..400 {
            let (orbit, over) = flight.step(0.016);
            assert!(orbit.target.distance(last.target) < 60.0, "no jump");
            highest = highest.max(orbit.distance_m);
            last = orbit;
            if over {
                break;
            }
        }
        assert_eq!(last, to);
        assert!(highest < 3000.0, "rises only as far as is worth it: {highest}");
    }

    proptest! {
        #[test]
        fn nothing_leads_underground_or_to_infinity(
            x in proptest::num::f32::ANY, y in proptest::num::f32::ANY,
            distance in proptest::num::f32::ANY, bearing in proptest::num::f32::ANY, pitch in proptest::num::f32::ANY,
        ) {
            let orbit = Orbit { target: Vec2::new(x, y), distance_m: distance, bearing_deg: bearing, pitch_deg: pitch }
                .limited(&Limits::default());
            let position = orbit.position();
            prop_assert!(position.is_finite());
            prop_assert!(position.y >= LOWEST_M * 0.98, "{position}");
            prop_assert!(position.length() < 40_000.0);
        }

        #[test]
        fn zooming_keeps_the_point_under_the_cursor(
            x in -0.9f32..0.9, y in -0.9f32..0.2, factor in 0.5f32..2.0, bearing in 0f32..360.0,
        ) {
            let orbit = Orbit { bearing_deg: bearing, ..START };
            let ndc = Vec2::new(x, y);
            let point = orbit.ground_at(ndc, 1.6).expect("below the horizon");
            let zoomed = orbit.zoomed(factor, Some(point), &Limits::default());
            let after = zoomed.ground_at(ndc, 1.6).expect("still below the horizon");
            prop_assert!(point.distance(after) < 1.0, "{point} {after}");
        }

        #[test]
        fn turning_keeps_the_point_under_the_cursor_at_its_distance(by in -90f32..90.0) {
            let pivot = Vec2::new(200.0, 100.0);
            let turned = START.turned(by, 0.0, Some(pivot));
            let before = START.position() - Vec3::new(pivot.x, 0.0, pivot.y);
            let after = turned.position() - Vec3::new(pivot.x, 0.0, pivot.y);
            prop_assert!((before.length() - after.length()).abs() < 0.5);
            // In the camera's own frame the pivot has not moved.
            let seen_before = START.rotation().inverse() * before;
            let seen_after = turned.rotation().inverse() * after;
            prop_assert!(seen_before.distance(seen_after) < 0.5, "{seen_before} {seen_after}");
        }
    }
}
