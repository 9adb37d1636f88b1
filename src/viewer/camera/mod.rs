//! The camera: an orbit that mouse, touch, keys, search, tour and tests all move by [`Action`]s.
//!
//! Reads [`Action::Camera`], owns [`Rig`], writes the transform of the [`StageCamera`].

mod input;
mod orbit;

pub(super) use input::ndc;
pub use orbit::{FIELD_OF_VIEW_DEG, Flight, Limits, Orbit, shortest_turn};

use std::sync::Arc;

use bevy::prelude::*;

use super::ViewerSystems;
use super::actions::Action;
use super::stage::StageCamera;
use crate::city::Relief;
use orbit::LOWEST_M;

/// Nothing nearer than this is drawn.
const NEAR_M: f32 = 1.0;
/// How quickly the camera follows where it should be; a second closes all but `e^-14` of the way.
const FOLLOW_PER_SEC: f32 = 14.0;

/// A movement of the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CameraMove {
    /// Moves over the ground by so much, east and south, metres, at once: the ground sticks to the hand.
    Pan(Vec2),
    /// Moves over the ground smoothly.
    Glide(Vec2),
    /// Comes closer (below 1) or goes away, keeping a point of the ground in its place.
    Zoom {
        /// Of the distance.
        factor: f32,
        /// East and south, metres.
        around: Option<Vec2>,
    },
    /// Turns and tilts around a point of the ground.
    Turn {
        /// Clockwise.
        bearing_deg: f32,
        /// Away from the vertical.
        pitch_deg: f32,
        /// East and south, metres.
        around: Option<Vec2>,
    },
    /// Flies to an orbit.
    FlyTo(Orbit),
    /// Flies to a place, keeping the bearing, at a distance.
    FlyToPlace {
        /// East and south, metres.
        place: Vec2,
        /// From there, metres.
        distance_m: f32,
    },
    /// Is there at once: for snapshots and tests.
    Jump(Orbit),
    /// Back to where the place's own configuration starts.
    Home,
    /// North up.
    FaceNorth,
}

/// Where the camera is and where it is going.
#[derive(Resource, Clone, Debug)]
pub struct Rig {
    /// Where it is.
    pub orbit: Orbit,
    /// Where it should be.
    pub goal: Orbit,
    /// Where `Home` leads.
    pub home: Orbit,
    /// How far it may go.
    pub limits: Limits,
    /// The ground that it stays above.
    pub relief: Option<Arc<Relief>>,
    flight: Option<Flight>,
}

impl Default for Rig {
    fn default() -> Self {
        let orbit = Orbit { target: Vec2::ZERO, distance_m: 1800.0, bearing_deg: 20.0, pitch_deg: 50.0 };
        Self { orbit, goal: orbit, home: orbit, limits: Limits::default(), relief: None, flight: None }
    }
}

impl Rig {
    /// How far the orbit is lifted by the ground, metres: its target lies on it, and the camera stays above it.
    pub fn lift_m(&self) -> f32 {
        let Some(relief) = &self.relief else { return 0.0 };
        let ground_m = |at: Vec2| relief.ground_m(f64::from(at.x), -f64::from(at.y));
        let position = self.orbit.position();
        let above_camera = ground_m(Vec2::new(position.x, position.z)) + LOWEST_M - position.y;
        ground_m(self.orbit.target).max(above_camera)
    }

    /// Where the camera stands.
    pub fn position(&self) -> Vec3 {
        self.orbit.position() + Vec3::Y * self.lift_m()
    }

    /// The ray through a point of the picture, `ndc` from −1 to 1, right and up: origin and direction.
    pub fn ray(&self, ndc: Vec2, aspect: f32) -> (Vec3, Vec3) {
        let (origin, direction) = self.orbit.ray(ndc, aspect);
        (origin + Vec3::Y * self.lift_m(), direction)
    }

    /// Where a ray through the picture meets the ground, east and south, or `None` toward the sky or too far off.
    pub fn ground_at(&self, ndc: Vec2, aspect: f32) -> Option<Vec2> {
        let Some(relief) = &self.relief else { return self.orbit.ground_at(ndc, aspect) };
        let (origin, direction) = self.ray(ndc, aspect);
        let hill =
            relief.meets(origin.as_dvec3().to_array(), direction.as_dvec3().normalize_or_zero().to_array());
        let along = match hill {
            Some(along) => along as f32,
            None if direction.y > -0.01 => return None,
            None => origin.y / -direction.y,
        };
        let point = origin + direction * along;
        Some(Vec2::new(point.x, point.z))
    }

    /// World to clip space: the same as the engine's camera makes of it.
    pub fn clip_from_world(&self, aspect: f32, near_m: f32) -> Mat4 {
        self.orbit.clip_from_world(aspect, near_m) * Mat4::from_translation(Vec3::NEG_Y * self.lift_m())
    }

    /// Whether it still moves.
    pub fn is_moving(&self) -> bool {
        self.flight.is_some() || self.orbit != self.goal
    }

    /// Whether it is on a flight.
    pub fn is_flying(&self) -> bool {
        self.flight.is_some()
    }

    /// Is at an orbit at once.
    pub fn jump(&mut self, orbit: Orbit) {
        self.goal = orbit.limited(&self.limits);
        self.orbit = self.goal;
        self.flight = None;
    }

    /// Takes a movement.
    pub fn take(&mut self, movement: CameraMove) {
        match movement {
            CameraMove::Pan(by) => {
                self.flight = None;
                self.goal = self.goal.panned(by).limited(&self.limits);
                self.orbit = self.orbit.panned(by).limited(&self.limits);
            }
            CameraMove::Glide(by) => self.aim(self.goal.panned(by)),
            CameraMove::Zoom { factor, around } => self.aim(self.goal.zoomed(factor, around, &self.limits)),
            CameraMove::Turn { bearing_deg, pitch_deg, around } => {
                let free = self.goal.turned(bearing_deg, pitch_deg, around);
                // Where the pitch cannot follow, the point under the cursor must not slide either.
                let limited = free.limited(&self.limits);
                self.aim(limited);
            }
            CameraMove::FlyTo(orbit) => {
                self.goal = orbit.limited(&self.limits);
                self.flight = Some(Flight::new(self.orbit, self.goal));
            }
            CameraMove::FlyToPlace { place, distance_m } => {
                let pitch_deg = self.goal.pitch_deg.clamp(30.0, 62.0);
                self.take(CameraMove::FlyTo(Orbit { target: place, distance_m, pitch_deg, ..self.goal }));
            }
            CameraMove::Jump(orbit) => self.jump(orbit),
            CameraMove::Home => self.take(CameraMove::FlyTo(self.home)),
            CameraMove::FaceNorth => self.take(CameraMove::FlyTo(Orbit { bearing_deg: 0.0, ..self.goal })),
        }
    }

    fn aim(&mut self, goal: Orbit) {
        self.flight = None;
        self.goal = goal.limited(&self.limits);
    }

    /// Moves on by a time.
    pub fn step(&mut self, delta_secs: f32) {
        if let Some(flight) = &mut self.flight {
            let (orbit, over) = flight.step(delta_secs);
            self.orbit = orbit.limited(&self.limits);
            if over {
                self.flight = None;
            }
            return;
        }
        if self.orbit == self.goal {
            return;
        }
        let share = 1.0 - (-delta_secs * FOLLOW_PER_SEC).exp();
        let turn = shortest_turn(self.orbit.bearing_deg, self.goal.bearing_deg);
        let close = self.orbit.target.distance(self.goal.target) < 0.002 * self.goal.distance_m * 0.1
            && (self.orbit.distance_m / self.goal.distance_m - 1.0).abs() < 1e-4
            && turn.abs() < 0.01
            && (self.orbit.pitch_deg - self.goal.pitch_deg).abs() < 0.01;
        if close {
            self.orbit = self.goal;
            return;
        }
        self.orbit = Orbit {
            target: self.orbit.target.lerp(self.goal.target, share),
            distance_m: self.orbit.distance_m + (self.goal.distance_m - self.orbit.distance_m) * share,
            bearing_deg: self.orbit.bearing_deg + turn * share,
            pitch_deg: self.orbit.pitch_deg + (self.goal.pitch_deg - self.orbit.pitch_deg) * share,
        }
        .limited(&self.limits);
    }
}

/// The system that moves the camera.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CameraMoved;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Rig>()
        .add_plugins(input::plugin)
        .add_systems(Update, move_camera.in_set(CameraMoved).in_set(ViewerSystems::Camera));
}

/// The stage's camera as it is spawned: perspective, near plane and a transform to be moved.
pub(super) fn projection() -> Projection {
    Projection::Perspective(super::stage::projection(NEAR_M))
}

fn move_camera(
    mut actions: MessageReader<Action>,
    mut rig: ResMut<Rig>,
    time: Res<Time>,
    mut camera: Query<&mut Transform, With<StageCamera>>,
) {
    let rig = rig.bypass_change_detection();
    for action in actions.read() {
        if let Action::Camera(movement) = action {
            rig.take(*movement);
        }
    }
    rig.step(time.delta_secs());
    let placed = Transform::from_translation(rig.position()).with_rotation(rig.orbit.rotation());
    for mut transform in &mut camera {
        transform.set_if_neq(placed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zoom_arrives_within_half_a_second() {
        let mut rig = Rig::default();
        rig.take(CameraMove::Zoom { factor: 0.5, around: None });
        for _ in 0..60 {
            rig.step(1.0 / 60.0);
        }
        assert!((rig.orbit.distance_m - 900.0).abs() < 1.0, "{}", rig.orbit.distance_m);
    }

    #[test]
    fn a_hand_on_the_ground_stops_a_flight() {
        let mut rig = Rig::default();
        rig.take(CameraMove::FlyToPlace { place: Vec2::new(800.0, 0.0), distance_m: 300.0 });
        rig.step(0.1);
        assert!(rig.is_moving());
        rig.take(CameraMove::Pan(Vec2::new(1.0, 0.0)));
        let after = rig.orbit;
        rig.step(0.1);
        assert!(rig.flight.is_none());
        assert!(rig.orbit.target.distance(after.target) < 800.0);
    }
}
