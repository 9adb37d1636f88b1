//! The automatic tour of a wall: over the most urgent and the newest issues, stopped by whatever is urgent and new.
//!
//! Reads [`SituationChanged`] and any hand's input; owns [`Tour`]; writes [`Action::Show`].
//! Any input pauses it for a minute; a new urgent issue holds the screen until it is taken ([`Action::Take`]).

mod plan;

pub use plan::{Step, Tour, TourState};

use bevy::input::ButtonState;
use bevy::input::keyboard::KeyboardInput;
use bevy::input::mouse::{MouseButtonInput, MouseMotion, MouseWheel};
use bevy::input::touch::TouchInput;
use bevy::prelude::*;

use super::HandSystems;
use super::actions::Action;
use super::camera::{CameraMove, Rig};
use super::selection::Selection;
use super::situation::{Live, SituationChanged};
use super::sky::SceneTime;
use super::wall::WallMode;
use crate::governance::{IssueId, State};

/// How fast the camera goes round where the tour rests.
const TURN_DEG_PER_SEC: f32 = 1.2;
/// The longest time between two frames that the tour turns for.
const LONGEST_STEP_SECS: f32 = 0.25;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tour>().add_systems(
        Update,
        (
            start_on_walls.run_if(resource_changed::<WallMode>),
            notice_input,
            notice_urgent,
            take_actions,
            travel.run_if(resource_exists::<SceneTime>),
        )
            .chain()
            .in_set(HandSystems::Tour),
    );
}

/// Becoming a wall starts the tour; a change of its scale does not start it again.
fn start_on_walls(wall: Res<WallMode>, mut tour: ResMut<Tour>, mut was_wall: Local<bool>) {
    if wall.is_wall && !*was_wall {
        tour.set_on(true);
    }
    *was_wall = wall.is_wall;
}

fn notice_input(
    mut motions: MessageReader<MouseMotion>,
    mut buttons: MessageReader<MouseButtonInput>,
    mut wheels: MessageReader<MouseWheel>,
    mut keys: MessageReader<KeyboardInput>,
    mut touches: MessageReader<TouchInput>,
    time: Res<Time<Real>>,
    mut tour: ResMut<Tour>,
) {
    // A mouse that is nudged by a truck passing by is no hand.
    let moved: f32 = motions.read().map(|motion| motion.delta.length()).sum();
    let touched = moved > 3.0
        || buttons.read().count() + wheels.read().count() + touches.read().count() > 0
        || keys.read().any(|key| key.state == ButtonState::Pressed);
    if touched {
        tour.bypass_change_detection().pause(time.elapsed_secs_f64());
    }
}

fn notice_urgent(
    mut changed: MessageReader<SituationChanged>,
    live: Res<Live>,
    wall: Res<WallMode>,
    mut tour: ResMut<Tour>,
) {
    let situation = &live.situation;
    for SituationChanged(changes) in changed.read() {
        let tour = tour.bypass_change_detection();
        if changes.reset {
            tour.forget();
        }
        if !tour.knows_the_past() {
            // Until the snapshot is whole everything that arrives is of the past.
            if changes.snapshot {
                let urgent = situation.issues().filter(|issue| issue.is_urgent());
                tour.learn_the_past(urgent.map(|issue| &issue.id));
            }
            continue;
        }
        for gone in &changes.issues_removed {
            tour.calm(&gone.id);
        }
        for issue in changes.issues.iter().filter_map(|slot| situation.issue_at(*slot)) {
            if !issue.is_urgent() {
                tour.calm(&issue.id);
            } else if wall.is_wall && is_waiting(issue.state) {
                tour.alarm(&issue.id, situation.now());
            } else {
                tour.take(&issue.id);
            }
        }
    }
}

/// Whether nobody has accepted it yet (签收): at work it needs no alarm any more.
fn is_waiting(state: State) -> bool {
    matches!(state, State::Reported | State::Verifying | State::Registered | State::Dispatched)
}

fn take_actions(mut actions: MessageReader<Action>, mut tour: ResMut<Tour>) {
    for action in actions.read() {
        match action {
            Action::SetTour(on) => tour.set_on(*on),
            Action::Take(id) => tour.take(id),
            _ => {}
        }
    }
}

fn travel(
    time: Res<Time<Real>>,
    live: Res<Live>,
    scene_time: Res<SceneTime>,
    rig: Res<Rig>,
    mut tour: ResMut<Tour>,
    mut actions: MessageWriter<Action>,
) {
    let now = scene_time.now;
    let is_stop = |id: &IssueId| {
        live.situation.issue(id).is_some_and(|issue| issue.state.is_open() && issue.place.is_some())
    };
    let step = tour.bypass_change_detection().step(
        time.elapsed_secs_f64(),
        || plan::stops(live.situation.issues(), now),
        is_stop,
    );
    match step {
        Step::Stay => {}
        // It turns when it has arrived.
        Step::Turn if rig.is_flying() => {}
        Step::Show(id) => {
            tour.set_changed();
            actions.write(Action::Show(Selection::Issue(id)));
        }
        Step::Overview => {
            tour.set_changed();
            actions.write(Action::Select(None));
            actions.write(Action::Camera(CameraMove::Home));
        }
        Step::Turn => {
            // While it rests the camera goes round slowly, so that a wall never looks frozen.
            // After a rest of the machine it goes on, and makes up for nothing.
            let bearing_deg = time.delta_secs().min(LONGEST_STEP_SECS) * TURN_DEG_PER_SEC;
            actions.write(Action::Camera(CameraMove::Turn { bearing_deg, pitch_deg: 0.0, around: None }));
        }
    }
}
