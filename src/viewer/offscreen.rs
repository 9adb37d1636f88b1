//! The viewer without a window: for `snapshot`, `bench`, `demo` over ssh and tests. The same plugins as in a window.

use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::time::TimeUpdateStrategy;

use super::actions::Action;
use super::app::{Screen, build, ready};
use super::basemap;
use super::camera::Rig;
use super::colouring::Colourings;
use super::place::{LoadReport, Loading, Stand, WholeCity};
use super::selection::Selection;
use super::situation::Live;
use super::stage::{Capture, Picture, Scene, StageStats};
use super::{Options, apply_options};
use crate::governance::{IssueId, PatrolId};

/// Frames after everything is there, until labels have faded in and markers have come to rest.
const SETTLING_FRAMES: usize = 45;
/// Most frames that colourings may take to look at what has arrived.
const GATHERING_FRAMES: usize = 400;
/// Most frames that a picture may take to be read back.
const READING_FRAMES: usize = 8;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum OffScreenError {
    /// The place could not be loaded.
    #[error("{0}")]
    Load(String),
    /// Something did not come in time.
    #[error("{what} did not come within {} s", limit.as_secs())]
    Late {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        limit: Duration,
    },
    /// There is no adapter, not even Mesa's lavapipe.
    #[error("no graphics adapter was found: install mesa-vulkan-drivers and libvulkan1 (scripts/setup does)")]
    NoAdapter,
    /// The picture could not be read back.
    #[error("the picture could not be read back; see the log")]
    NoPicture,
}

/// The viewer, drawing into an image.
pub struct OffScreen {
    app: App,
}

impl OffScreen {
    /// Starts the engine and everything in the options.
    ///
    /// # Errors
    /// Where there is no adapter.
    pub fn start(screen: &Screen, loading: Loading, options: Options) -> Result<Self, OffScreenError> {
        let mut app = build(screen);
        app.insert_resource(loading);
        apply_options(&mut app, options);
        ready(&mut app);
        if !app.world().contains_resource::<RenderAdapterInfo>() {
            return Err(OffScreenError::NoAdapter);
        }
        Ok(Self { app })
    }

    /// Runs frames until the whole city has been drawn once.
    ///
    /// # Errors
    /// Where it cannot be loaded or takes longer than the limit.
    pub fn wait_for_city(&mut self, limit: Duration) -> Result<(), OffScreenError> {
        let start = Instant::now();
        loop {
            self.world().resource::<Capture>().finish_next_frame();
            self.app.update();
            let world = self.app.world();
            if let Some(error) = &world.resource::<LoadReport>().error {
                return Err(OffScreenError::Load(error.clone()));
            }
            let wanted = world.resource::<Scene>().city_revision;
            if wanted > 0 && world.resource::<StageStats>().drawn_city_revision() == wanted {
                return Ok(());
            }
            if start.elapsed() > limit {
                return Err(OffScreenError::Late { what: "the city", limit });
            }
            if !world.contains_resource::<Stand>() {
                // Nothing to draw yet: leave the cores to the loader.
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }

    /// Runs frames until the feed's first snapshot is there whole; at once where there is no feed.
    ///
    /// # Errors
    /// Where it takes longer than the limit.
    pub fn wait_for_feed(&mut self, limit: Duration) -> Result<(), OffScreenError> {
        let start = Instant::now();
        loop {
            let live = self.world().resource::<Live>();
            if live.feed.is_none() || live.complete_since.is_some() {
                return Ok(());
            }
            if start.elapsed() > limit {
                return Err(OffScreenError::Late { what: "the first snapshot of the API", limit });
            }
            self.app.update();
        }
    }

    /// Runs frames until the base map of the view is there; at once where there is none.
    ///
    /// # Errors
    /// What is wrong with its server, as far as that is known, where it takes longer than the limit.
    pub fn wait_for_base_map(&mut self, limit: Duration) -> Result<(), String> {
        let start = Instant::now();
        loop {
            self.app.update();
            let Some(map) = self.world().get_resource::<basemap::Map>() else { return Ok(()) };
            if !map.lacks_tiles() {
                return Ok(());
            }
            if start.elapsed() > limit {
                return Err(map.problem().unwrap_or_else(|| "its server is slow".to_owned()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs frames until nothing fades or glides any more.
    pub fn settle(&mut self) {
        for _ in 0..GATHERING_FRAMES {
            if self.world().resource::<Colourings>().is_settled() {
                break;
            }
            self.app.update();
        }
        for _ in 0..SETTLING_FRAMES {
            self.app.update();
        }
    }

    /// Stops the viewer's time: from now on only what is done to it changes the picture.
    pub fn hold_time(&mut self) {
        self.app.insert_resource(TimeUpdateStrategy::ManualDuration(Duration::ZERO));
    }

    /// From now on the viewer's time goes on by so much with every frame.
    pub fn step_time(&mut self, step: Duration) {
        self.app.insert_resource(TimeUpdateStrategy::ManualDuration(step));
    }

    /// Runs one frame.
    pub fn step(&mut self) {
        self.app.update();
    }

    /// Draws one frame and waits until it is finished.
    pub fn frame(&mut self) {
        self.world().resource::<Capture>().finish_next_frame();
        self.app.update();
    }

    /// The next frame as a picture.
    ///
    /// # Errors
    /// Where it cannot be read back.
    pub fn picture(&mut self) -> Result<Picture, OffScreenError> {
        self.world().resource::<Capture>().want_picture();
        for _ in 0..READING_FRAMES {
            self.app.update();
            if let Some(picture) = self.world().resource::<Capture>().take() {
                return Ok(picture);
            }
        }
        Err(OffScreenError::NoPicture)
    }

    /// The name of the adapter that draws.
    pub fn adapter(&self) -> String {
        self.world()
            .get_resource::<RenderAdapterInfo>()
            .map(|info| format!("{} ({:?}, {:?})", info.name, info.device_type, info.backend))
            .unwrap_or_default()
    }

    /// Chooses a building, else an issue, else a patrol by its id, else an area by its code; false where there is none.
    pub fn select(&mut self, id: &str) -> bool {
        let world = self.world();
        let building = world.get_resource::<Stand>().and_then(|stand| stand.city().find(id));
        let situation = &world.resource::<Live>().situation;
        let area = world
            .get_resource::<Stand>()
            .and_then(|stand| stand.place.areas.iter().position(|area| area.code == id));
        let (issue, patrol) = (IssueId(id.to_owned()), PatrolId(id.to_owned()));
        let selection = if let Some(building) = building {
            Selection::Building(building.0)
        } else if situation.issue(&issue).is_some() {
            Selection::Issue(issue)
        } else if situation.patrol(&patrol).is_some() {
            Selection::Patrol(patrol)
        } else if let Some(area) = area {
            Selection::Area(area as u32)
        } else {
            return false;
        };
        self.world_mut().write_message(Action::Select(Some(selection)));
        true
    }

    /// Looks at the whole city from every bearing, 50° from the vertical, as soon as it is there.
    pub fn whole_city_in_view(&mut self) {
        self.app.insert_resource(WholeCity);
    }

    /// What the last frame took.
    pub fn stats(&self) -> &StageStats {
        self.world().resource::<StageStats>()
    }

    /// How loading went.
    pub fn load_report(&self) -> &LoadReport {
        self.world().resource::<LoadReport>()
    }

    /// The camera.
    pub fn rig(&mut self) -> Mut<'_, Rig> {
        self.app.world_mut().resource_mut::<Rig>()
    }

    /// Everything.
    pub fn world(&self) -> &World {
        self.app.world()
    }

    /// Everything, to be changed.
    pub fn world_mut(&mut self) -> &mut World {
        self.app.world_mut()
    }
}

/// Writes a picture as PNG.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_png(picture: &Picture, path: &std::path::Path) -> Result<(), image::ImageError> {
    image::save_buffer(path, &picture.rgba, picture.size.x, picture.size.y, image::ColorType::Rgba8)
}
