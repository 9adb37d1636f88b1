//! Mouse, touch pad, touch and keys to camera moves.
//!
//! | hand | does |
//! |---|---|
//! | left drag, one finger | moves the ground under the cursor |
//! | right drag, middle drag, Ctrl + left drag | turns and tilts around the point under the cursor |
//! | wheel, pinch, two fingers | zooms to the point under the cursor |
//! | W A S D, arrows | moves; with Shift faster |
//! | Q E, R F | turns, tilts |
//! | + −, Home, N | zooms, goes home, faces north |

use bevy::input::gestures::PinchGesture;
use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::input::touch::Touches;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::input::EguiWantsInput;

use super::{CameraMove, Rig};
use crate::viewer::HandSystems;
use crate::viewer::actions::Action;
use crate::viewer::pointer::PointerOwner;

/// Degrees a pixel of dragging turns.
const TURN_DEG_A_PIXEL: f32 = 0.25;
/// How much one line of the wheel changes the distance.
const ZOOM_A_LINE: f32 = 0.86;
/// Pixels that a touch pad scrolls for one line.
const PIXELS_A_LINE: f32 = 60.0;

/// What the hand is doing.
#[derive(Resource, Default, Clone, Copy, Debug)]
enum Drag {
    #[default]
    Idle,
    /// Holding a point of the ground: east and south, metres.
    Ground(Vec2),
    /// Turning around a point; the cursor when last looked at, in pixels.
    Turning { around: Option<Vec2>, last_px: Vec2 },
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Drag>().add_systems(
        Update,
        (drag, wheel, touch, keys)
            .chain()
            .in_set(HandSystems::Camera)
            .run_if(any_with_component::<PrimaryWindow>),
    );
}

/// A pixel of a window in −1 to 1, right and up.
pub(crate) fn ndc(pixel: Vec2, size: Vec2) -> Vec2 {
    Vec2::new(pixel.x / size.x.max(1.0) * 2.0 - 1.0, 1.0 - pixel.y / size.y.max(1.0) * 2.0)
}

fn ground_under(rig: &Rig, pixel: Vec2, size: Vec2) -> Option<Vec2> {
    rig.ground_at(ndc(pixel, size), size.x / size.y.max(1.0))
}

fn drag(
    window: Single<&Window, With<PrimaryWindow>>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    owner: PointerOwner,
    rig: Res<Rig>,
    mut drag: ResMut<Drag>,
    mut actions: MessageWriter<Action>,
) {
    let size = window.size();
    let Some(cursor) = window.cursor_position() else {
        if !buttons.any_pressed([MouseButton::Left, MouseButton::Right, MouseButton::Middle]) {
            *drag = Drag::Idle;
        }
        return;
    };
    let free = owner.is_map();
    let turn_key = keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
    let turns = buttons.any_just_pressed([MouseButton::Right, MouseButton::Middle])
        || (turn_key && buttons.just_pressed(MouseButton::Left));
    if turns && free {
        *drag = Drag::Turning { around: ground_under(&rig, cursor, size), last_px: cursor };
    } else if buttons.just_pressed(MouseButton::Left) && free {
        *drag = ground_under(&rig, cursor, size).map_or(Drag::Idle, Drag::Ground);
    }
    if !buttons.any_pressed([MouseButton::Left, MouseButton::Right, MouseButton::Middle]) {
        *drag = Drag::Idle;
    }
    match *drag {
        Drag::Idle => {}
        Drag::Ground(held) => {
            if let Some(now) = ground_under(&rig, cursor, size) {
                // Near the horizon a pixel is a long way: never more than the distance in one go.
                let by = (held - now).clamp_length_max(rig.orbit.distance_m);
                if by.length() > rig.orbit.metres_a_pixel(size.y) * 0.2 {
                    actions.write(Action::Camera(CameraMove::Pan(by)));
                }
            }
        }
        Drag::Turning { around, last_px } => {
            let moved = cursor - last_px;
            if moved != Vec2::ZERO {
                actions.write(Action::Camera(CameraMove::Turn {
                    bearing_deg: moved.x * TURN_DEG_A_PIXEL,
                    pitch_deg: -moved.y * TURN_DEG_A_PIXEL,
                    around,
                }));
                *drag = Drag::Turning { around, last_px: cursor };
            }
        }
    }
}

fn wheel(
    window: Single<&Window, With<PrimaryWindow>>,
    owner: PointerOwner,
    rig: Res<Rig>,
    mut wheels: MessageReader<MouseWheel>,
    mut pinches: MessageReader<PinchGesture>,
    mut actions: MessageWriter<Action>,
) {
    if !owner.is_map() {
        wheels.clear();
        pinches.clear();
        return;
    }
    let lines: f32 = wheels
        .read()
        .map(|wheel| match wheel.unit {
            MouseScrollUnit::Line => wheel.y,
            MouseScrollUnit::Pixel => wheel.y / PIXELS_A_LINE,
        })
        .sum();
    let pinch: f32 = pinches.read().map(|pinch| pinch.0).sum();
    let factor = ZOOM_A_LINE.powf(lines) * (1.0 - pinch).clamp(0.2, 5.0);
    if (factor - 1.0).abs() < 1e-4 {
        return;
    }
    let around = window.cursor_position().and_then(|cursor| ground_under(&rig, cursor, window.size()));
    actions.write(Action::Camera(CameraMove::Zoom { factor, around }));
}

fn touch(
    window: Single<&Window, With<PrimaryWindow>>,
    touches: Res<Touches>,
    owner: PointerOwner,
    rig: Res<Rig>,
    mut actions: MessageWriter<Action>,
) {
    if !owner.is_map() {
        return;
    }
    let size = window.size();
    let fingers: Vec<_> = touches.iter().collect();
    match fingers.as_slice() {
        [finger] => {
            let before = ground_under(&rig, finger.previous_position(), size);
            let now = ground_under(&rig, finger.position(), size);
            if let (Some(before), Some(now)) = (before, now)
                && before != now
            {
                let by = (before - now).clamp_length_max(rig.orbit.distance_m);
                actions.write(Action::Camera(CameraMove::Pan(by)));
            }
        }
        [a, b] => {
            let before = b.previous_position() - a.previous_position();
            let now = b.position() - a.position();
            if before.length() < 1.0 || now.length() < 1.0 || before == now {
                return;
            }
            let middle = (a.position() + b.position()) * 0.5;
            let middle_before = (a.previous_position() + b.previous_position()) * 0.5;
            let around = ground_under(&rig, middle, size);
            let factor = (before.length() / now.length()).clamp(0.2, 5.0);
            actions.write(Action::Camera(CameraMove::Zoom { factor, around }));
            actions.write(Action::Camera(CameraMove::Turn {
                bearing_deg: -before.angle_to(now).to_degrees(),
                pitch_deg: -(middle.y - middle_before.y) * TURN_DEG_A_PIXEL,
                around,
            }));
        }
        _ => {}
    }
}

fn keys(
    keys: Res<ButtonInput<KeyCode>>,
    egui: Res<EguiWantsInput>,
    rig: Res<Rig>,
    time: Res<Time>,
    mut actions: MessageWriter<Action>,
) {
    if egui.wants_any_keyboard_input() || keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]) {
        return;
    }
    let held = |codes: &[KeyCode]| f32::from(u8::from(keys.any_pressed(codes.iter().copied())));
    let right = held(&[KeyCode::KeyD, KeyCode::ArrowRight]) - held(&[KeyCode::KeyA, KeyCode::ArrowLeft]);
    let back = held(&[KeyCode::KeyS, KeyCode::ArrowDown]) - held(&[KeyCode::KeyW, KeyCode::ArrowUp]);
    let turn = held(&[KeyCode::KeyE]) - held(&[KeyCode::KeyQ]);
    let tilt = held(&[KeyCode::KeyF]) - held(&[KeyCode::KeyR]);
    let closer =
        held(&[KeyCode::Equal, KeyCode::NumpadAdd]) - held(&[KeyCode::Minus, KeyCode::NumpadSubtract]);
    let quick = if keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) { 3.0 } else { 1.0 };
    let delta_secs = time.delta_secs().min(0.2);
    let mut send = |movement| {
        actions.write(Action::Camera(movement));
    };
    if right != 0.0 || back != 0.0 {
        let step_m = rig.orbit.distance_m * 0.7 * delta_secs * quick;
        let along = Vec2::from_angle(rig.orbit.bearing_deg.to_radians()).rotate(Vec2::new(right, back));
        send(CameraMove::Glide(along * step_m));
    }
    if turn != 0.0 || tilt != 0.0 {
        let step_deg = 60.0 * delta_secs * quick;
        send(CameraMove::Turn {
            bearing_deg: turn * step_deg,
            pitch_deg: tilt * step_deg * 0.6,
            around: None,
        });
    }
    if closer != 0.0 {
        send(CameraMove::Zoom { factor: (-closer * 1.2 * delta_secs * quick).exp(), around: None });
    }
    if keys.just_pressed(KeyCode::Home) {
        send(CameraMove::Home);
    }
    if keys.just_pressed(KeyCode::KeyN) && keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) {
        send(CameraMove::FaceNorth);
    }
}
