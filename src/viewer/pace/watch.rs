//! What in the viewer moves, seen from outside, so that no feature has to know who draws frames.

use std::time::Duration;

use bevy::prelude::*;
use bevy::render::camera::SortedCameras;
use bevy::render::render_resource::PipelineCache;
use bevy::render::view::ExtractedWindows;
use bevy::render::{Render, RenderApp, RenderStartup, RenderSystems};
use bevy::window::{WindowOccluded, WindowResized, WindowScaleFactorChanged};

use super::{GENTLE, Pace, SMOOTH};
use crate::clock::Clock;
use crate::viewer::actions::Action;
use crate::viewer::camera::Rig;
use crate::viewer::place::{Loading, Stand};
use crate::viewer::preset::Preset;
use crate::viewer::situation::{Live, SituationChanged};
use crate::viewer::stage::{Scene, SceneRevisions, StageCamera};
use crate::viewer::tour::Tour;

/// Slow waves, where a preset has them, are smooth at so many frames a second.
const WAVES: f32 = 12.0;
/// How long a new colour takes to fade in, and a little more.
const FADE: Duration = Duration::from_millis(600);
/// Lists and figures follow what a feed delivers a little later.
const FOLLOW: Duration = Duration::from_millis(260);
/// Ages of what a feed delivered, and what the tour does next, are told in seconds.
const AGES: Duration = Duration::from_secs(1);
/// After a new device, size or preset something may come a frame or two late.
const SETTLE: Duration = Duration::from_millis(500);

/// The systems here.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Watched;

pub(super) fn plugin(app: &mut App) {
    let pace = app.world().resource::<Pace>().clone();
    app.add_systems(Last, (hide, watch_hands, watch_picture, watch_world, watch_clocks).in_set(Watched));
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app
            .insert_resource(pace)
            .add_systems(RenderStartup, watch_device)
            .add_systems(Render, watch_surface.in_set(RenderSystems::PrepareResources))
            .add_systems(Render, watch_pipelines.in_set(RenderSystems::Cleanup));
    }
}

/// A window that cannot be seen is not drawn.
fn hide(
    pace: Res<Pace>,
    mut occluded: MessageReader<WindowOccluded>,
    windows: Query<&Window>,
    mut is_covered: Local<bool>,
    mut cameras: Query<&mut Camera, With<StageCamera>>,
) {
    if let Some(last) = occluded.read().last() {
        *is_covered = last.occluded;
    }
    if windows.is_empty() {
        return;
    }
    // Where a minimised window tells its size, it is none.
    let has_no_size =
        windows.iter().all(|window| window.physical_width() == 0 || window.physical_height() == 0);
    let is_hidden = *is_covered || has_no_size;
    pace.wishes().is_hidden = is_hidden;
    for mut camera in &mut cameras {
        if camera.is_active == is_hidden {
            camera.is_active = !is_hidden;
            pace.moves(SMOOTH, "appearing");
        }
    }
}

/// What a hand did is seen in this frame but for what panels asked for: that is done in the next.
fn watch_hands(
    pace: Res<Pace>,
    mut actions: MessageReader<Action>,
    mut resized: MessageReader<WindowResized>,
    mut rescaled: MessageReader<WindowScaleFactorChanged>,
    preset: Res<Preset>,
) {
    if actions.read().count() > 0 {
        pace.moves(SMOOTH, "actions");
    }
    if resized.read().count() + rescaled.read().count() > 0 || preset.is_changed() {
        pace.moves_for(SETTLE, GENTLE, "a new size");
    }
}

/// What moves in the picture.
fn watch_picture(pace: Res<Pace>, rig: Res<Rig>, scene: Res<Scene>, mut before: Local<SceneRevisions>) {
    if rig.is_moving() {
        pace.moves(SMOOTH, "the camera");
    }
    if scene.switches.waves && scene.switches.ground {
        pace.moves(WAVES, "water");
    }
    let now = scene.revisions();
    if now.sprites != before.sprites {
        pace.moves(GENTLE, "markers");
    }
    if now.states != before.states {
        pace.moves_for(FADE, GENTLE, "colours");
    }
    if now.city != before.city {
        pace.moves_for(SETTLE, GENTLE, "the city");
    }
    *before = now;
}

/// What comes from elsewhere.
fn watch_world(
    pace: Res<Pace>,
    loading: Option<Res<Loading>>,
    stand: Option<Res<Stand>>,
    mut changed: MessageReader<SituationChanged>,
) {
    if loading.is_some() {
        pace.moves(GENTLE, "loading");
    }
    if stand.is_some_and(|stand| stand.is_gathering_names()) {
        pace.wake_in(FOLLOW, "names to be found");
    }
    if changed.read().count() > 0 {
        pace.wake_in(FOLLOW, "figures");
    }
}

/// What is told in seconds or minutes.
fn watch_clocks(pace: Res<Pace>, live: Res<Live>, tour: Res<Tour>) {
    if live.feed.is_some() || tour.is_on() {
        pace.wake_in(AGES, "ages");
        return;
    }
    // The title bar shows hours and minutes: just after the next full minute.
    let into_minute_ms = Clock::real_now().as_millisecond().rem_euclid(60_000);
    pace.wake_in(Duration::from_millis((60_020 - into_minute_ms).max(0) as u64), "the minute");
}

/// A new device is filled over a few frames.
fn watch_device(pace: Res<Pace>) {
    pace.moves_for(SETTLE, GENTLE, "a new device");
}

/// In a window pipelines are made beside the frames; until they are there, something is missing in the picture.
fn watch_pipelines(pace: Res<Pace>, cache: Res<PipelineCache>) {
    if cache.waiting_pipelines().next().is_some() {
        pace.moves(GENTLE, "pipelines");
    }
}

/// Where the window system gave no surface to draw on in time, the frame was lost: another one is tried.
fn watch_surface(pace: Res<Pace>, windows: Res<ExtractedWindows>, cameras: Res<SortedCameras>) {
    if !cameras.0.is_empty() && windows.values().any(|window| window.swap_chain_texture_view.is_none()) {
        pace.moves(GENTLE, "a lost surface");
    }
}
