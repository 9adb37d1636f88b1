//! Pictures, few and small, drawn by the same code as `snapshot` on whatever adapter there is (lavapipe in CI).

mod backends;
mod basemap;
mod colouring;
mod compare;
mod device;
mod levels;
mod panels;
mod recovery;
mod scenes;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use yunfushan::city::{Embedded, Place, ReadOptions};
use yunfushan::generate;
use yunfushan::viewer::Options;
use yunfushan::viewer::app::Screen;
use yunfushan::viewer::offscreen::OffScreen;
use yunfushan::viewer::place::{Loading, PlaceSource};
use yunfushan::viewer::preset::Preset;

/// How long anything may take that is waited for.
const LIMIT: Duration = Duration::from_secs(120);
/// The size of every picture.
const SIZE: (u32, u32) = (640, 360);

/// One picture at a time: a rasteriser on the CPU takes every core anyway.
fn alone() -> MutexGuard<'static, ()> {
    static DRAWING: Mutex<()> = Mutex::new(());
    DRAWING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A viewer with the place on stage, its time standing still, nothing fading any more.
fn viewer(source: PlaceSource, options: Options) -> OffScreen {
    let loading = Loading::start(source).expect("a thread");
    let screen = Screen::off_screen(SIZE.0, SIZE.1, 1.0);
    let mut viewer =
        OffScreen::start(&screen, loading, options).expect("an adapter: scripts/setup installs one");
    viewer.wait_for_city(LIMIT).expect("the city");
    viewer.settle();
    viewer.hold_time();
    viewer
}

/// The demo place.
fn demo() -> PlaceSource {
    PlaceSource::Files(Box::new(Embedded(generate::embedded())))
}

/// Buildings from GeoJSON text.
fn buildings(geojson: &str) -> PlaceSource {
    let (city, report) =
        yunfushan::city::read(geojson.as_bytes(), &ReadOptions::named("scene")).expect("good GeoJSON");
    PlaceSource::Read(std::sync::Arc::new(Place::of_city(city, report)))
}

/// `low` at ten in the morning.
fn morning() -> Options {
    Options { preset: Some(Preset::Low), hour: Some(10.0), ..Options::default() }
}
