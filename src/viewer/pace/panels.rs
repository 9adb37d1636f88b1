//! The panels' library asks for frames in its own way; here its wishes become ours.

use bevy::prelude::*;
use bevy_egui::{EguiContext, EguiInput, EguiPreUpdateSet};

use super::Pace;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        PreUpdate,
        drop_no_news.after(EguiPreUpdateSet::ProcessInput).before(EguiPreUpdateSet::BeginPass),
    )
    .add_systems(Last, listen.in_set(super::watch::Watched));
}

/// The library asks for a frame by a call; the plugin between it and the engine takes a wish for a blinking cursor in
/// half a second for one at once (seen in bevy_egui 0.42.0), so that we answer the call ourselves.
fn listen(pace: Res<Pace>, mut contexts: Query<&mut EguiContext, Added<EguiContext>>) {
    for mut context in &mut contexts {
        let pace = pace.clone();
        context.get_mut().set_request_repaint_callback(move |wanted| pace.wake_in(wanted.delay, "panels"));
    }
}

/// That plugin tells the library in every frame which of Shift and Ctrl are held, and the library asks for another
/// frame after every event: both would go on for ever.
fn drop_no_news(mut inputs: Query<&mut EguiInput>, mut known: Local<egui::Modifiers>) {
    for mut input in &mut inputs {
        if let [egui::Event::ModifiersChanged(held)] = input.events.as_slice()
            && *held == *known
        {
            input.events.clear();
        }
        let told = input.events.iter().rev().find_map(|event| match event {
            egui::Event::ModifiersChanged(held) => Some(*held),
            _ => None,
        });
        *known = told.unwrap_or(*known);
    }
}
