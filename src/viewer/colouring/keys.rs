//! The key C: the next colouring, with Shift the one before; after the last comes the look of uses again.

use bevy::prelude::*;
use bevy_egui::input::EguiWantsInput;

use super::{ColouringKey, Colourings};
use crate::viewer::actions::Action;
use crate::viewer::{HandSystems, ViewerSystems};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        turn_over
            .in_set(ViewerSystems::Input)
            .before(HandSystems::Pointer)
            .run_if(resource_exists::<EguiWantsInput>),
    );
}

fn turn_over(
    keys: Res<ButtonInput<KeyCode>>,
    egui: Res<EguiWantsInput>,
    colourings: Res<Colourings>,
    mut actions: MessageWriter<Action>,
) {
    let is_command = keys.any_pressed([
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::AltLeft,
        KeyCode::SuperLeft,
        KeyCode::SuperRight,
    ]);
    if !keys.just_pressed(KeyCode::KeyC) || is_command || egui.wants_any_keyboard_input() {
        return;
    }
    let backward = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    actions.write(Action::SetColouring(next(colourings.shown(), backward)));
}

/// The one after another in the order of the bar, `None` before the first and after the last.
fn next(shown: Option<ColouringKey>, backward: bool) -> Option<ColouringKey> {
    let all: Vec<Option<ColouringKey>> = std::iter::once(None).chain(ColouringKey::all().map(Some)).collect();
    let at = all.iter().position(|key| *key == shown).unwrap_or(0);
    let step = if backward { all.len() - 1 } else { 1 };
    all.get((at + step) % all.len()).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_round() {
        let mut seen = vec![None];
        for _ in 0..ColouringKey::all().count() {
            seen.push(next(seen.last().copied().flatten(), false));
        }
        assert!(seen.iter().skip(1).map(|key| key.expect("a colouring")).eq(ColouringKey::all()));
        assert_eq!(next(seen.last().copied().flatten(), false), None);
        assert_eq!(next(None, true), ColouringKey::all().last());
    }
}
