//! The only place that knows the engine: one folder a feature, each with a `plugin(app)`.

pub mod actions;
pub mod alleys;
pub mod app;
mod areas;
pub mod basemap;
pub mod camera;
mod casework;
pub mod colouring;
pub mod filter;
pub mod floors;
mod ground;
pub mod labels;
mod landmarks;
pub mod layers;
mod located;
mod login;
pub mod markers;
mod memory;
pub mod offscreen;
mod outline;
pub mod pace;
pub mod palette;
pub mod panels;
pub mod place;
mod placing;
mod pointer;
pub mod preset;
mod reporting;
pub mod selection;
pub mod situation;
pub mod sky;
mod slots;
mod sprites;
pub mod stage;
pub mod tour;
mod unseen;
pub mod view;
pub mod wall;

use bevy::prelude::*;

/// Whose hand comes first within [`ViewerSystems::Input`]: all of them write actions.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandSystems {
    /// What the pointer hovers and clicks.
    Pointer,
    /// What moves the camera.
    Camera,
    /// The tour, where no hand is at it.
    Tour,
}

/// What follows what within [`ViewerSystems::Show`]: all of them write the stage's scene.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShowSystems {
    /// The light of the hour.
    Light,
    /// Hovered and chosen buildings.
    Mark,
    /// Issues and patrols, which bring glyphs.
    Markers,
    /// Names, and the glyphs of all of them.
    Labels,
    /// Sprites to the stage.
    HandOver,
}

/// The order of a frame; every system of the viewer is in one of these.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewerSystems {
    /// What comes from outside: feeds, loaded files.
    Receive,
    /// Hands on mouse and keys write actions.
    Input,
    /// Actions change resources.
    Apply,
    /// The camera moves.
    Camera,
    /// What is seen follows.
    Show,
}

fn plugin(app: &mut App) {
    app.configure_sets(
        Update,
        (
            (
                ViewerSystems::Receive,
                ViewerSystems::Input,
                ViewerSystems::Apply,
                ViewerSystems::Camera,
                ViewerSystems::Show,
            )
                .chain(),
            (HandSystems::Pointer, HandSystems::Camera, HandSystems::Tour)
                .chain()
                .in_set(ViewerSystems::Input),
            (
                ShowSystems::Light,
                ShowSystems::Mark,
                ShowSystems::Markers,
                ShowSystems::Labels,
                ShowSystems::HandOver,
            )
                .chain()
                .in_set(ViewerSystems::Show),
        ),
    );
    app.add_plugins((
        actions::plugin,
        place::plugin,
        situation::plugin,
        camera::plugin,
        view::plugin,
        layers::plugin,
        filter::plugin,
        preset::plugin,
    ));
    app.add_plugins((
        sky::plugin,
        selection::plugin,
        areas::plugin,
        alleys::plugin,
        floors::plugin,
        outline::plugin,
        tour::plugin,
        pointer::plugin,
        markers::plugin,
        labels::plugin,
        sprites::plugin,
        stage::plugin,
        panels::plugin,
    ));
    app.add_plugins((casework::plugin, reporting::plugin, placing::plugin, login::plugin));
    app.add_plugins((wall::plugin, pace::plugin, colouring::plugin, basemap::plugin));
}

/// What a viewer is started with.
#[derive(Default)]
pub struct Options {
    /// Where what happens comes from.
    pub feed: Option<crate::feed::Feed>,
    /// The quality; the adapter decides where none is given.
    pub preset: Option<preset::Preset>,
    /// Where the camera starts, instead of the place's own view.
    pub view: Option<crate::city::View>,
    /// The hour of the day whose light is shown, instead of the clock's.
    pub hour: Option<f32>,
    /// Whether this is the wall of a command centre.
    pub wall: bool,
    /// What the colours of buildings say, instead of the look of their uses.
    pub colouring: Option<colouring::ColouringKey>,
    /// Only the city: no panels, no labels, for measuring.
    pub bare: bool,
    /// Frames a second at most, but for those that a hand asks for; without it what suits a desk or a wall.
    pub frames_a_second: Option<f32>,
    /// The raster map below everything.
    pub basemap: basemap::WantedBaseMap,
    /// The language of the panels.
    pub language: crate::language::Language,
}

/// Puts the options into an app before its first frame.
fn apply_options(app: &mut App, options: Options) {
    pace::limit(app, options.frames_a_second, options.wall);
    if let Some(feed) = &options.feed {
        let pace = app.world().resource::<pace::Pace>().clone();
        feed.on_delivery(move || pace.arrived());
    }
    app.world_mut().resource_mut::<situation::Live>().feed = options.feed;
    app.insert_resource(preset::WantedPreset(options.preset));
    app.insert_resource(sky::WantedHour(options.hour));
    if options.wall {
        app.insert_resource(wall::WallMode::on());
    }
    app.insert_resource(options.basemap);
    app.insert_resource(place::WantedView(options.view));
    app.world_mut().resource_mut::<colouring::Colourings>().show(options.colouring);
    app.world_mut().resource_mut::<panels::Panels>().speak(options.language);
    app.insert_resource(labels::LabelLanguage(options.language));
    if options.bare {
        app.insert_resource(layers::Layers::bare());
        app.world_mut().resource_mut::<panels::Panels>().hide();
    }
}

/// Opens a window and runs until it is closed.
pub fn run_window(screen: &app::Screen, loading: place::Loading, options: Options) -> bool {
    let mut app = app::build(screen);
    app.insert_resource(loading);
    apply_options(&mut app, options);
    app.run().is_success()
}
