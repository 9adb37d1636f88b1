//! `bench --soak FRAMES`: does memory stay where it is, however long the picture is turned, coloured and lit?
//!
//! Each frame goes a little farther around the place, at a distance that comes and goes, so that names and levels of
//! detail come and go too; the light runs through a day in 480 frames; now and then the colours say something else, one
//! colouring after another, and something else is chosen.

use serde::Serialize;

use crate::cli::process;
use crate::viewer::actions::Action;
use crate::viewer::camera::Orbit;
use crate::viewer::colouring::ColouringKey;
use crate::viewer::offscreen::OffScreen;
use crate::viewer::place::Stand;
use crate::viewer::selection::Selection;

/// Memory may grow by so much between the first tenth and the end, MiB.
const MOST_GROWTH_MB: f64 = 8.0;
/// Frames of a day.
const DAY: u32 = 480;
/// The next colouring is shown after so many frames: the whole round of them fits into a day.
const RECOLOUR: u32 = 40;
/// Something else is chosen after so many frames.
const CHOOSE: u32 = 25;

/// What came of it.
#[derive(Serialize)]
pub(super) struct Figures {
    frames: u32,
    seconds: f64,
    buildings: usize,
    /// After the first tenth of the frames.
    rss_tenth_mb: f64,
    rss_end_mb: f64,
    growth_mb: f64,
    most_growth_mb: f64,
    peak_rss_mb: f64,
    /// After each tenth.
    rss_by_tenth_mb: Vec<f64>,
    passed: bool,
}

impl Figures {
    /// Whether memory stayed.
    pub(super) fn passed(&self) -> bool {
        self.passed
    }
}

/// Runs so many frames and weighs the process after every tenth.
pub(super) fn run(viewer: &mut OffScreen, frames: u32) -> Figures {
    let start = std::time::Instant::now();
    let home = viewer.rig().orbit;
    let buildings = viewer.world().get_resource::<Stand>().map_or(0, |stand| stand.city().len());
    let mut rss_by_tenth_mb = Vec::with_capacity(10);
    for frame in 0..frames {
        disturb(viewer, frame, home, buildings);
        viewer.frame();
        let tenths = u64::from(frame + 1) * 10 / u64::from(frames);
        if tenths as usize > rss_by_tenth_mb.len() {
            rss_by_tenth_mb.push(process::memory_mb().0);
        }
    }
    let first = rss_by_tenth_mb.first().copied().unwrap_or(0.0);
    let last = rss_by_tenth_mb.last().copied().unwrap_or(0.0);
    Figures {
        frames,
        seconds: start.elapsed().as_secs_f64(),
        buildings,
        rss_tenth_mb: first,
        rss_end_mb: last,
        growth_mb: last - first,
        most_growth_mb: MOST_GROWTH_MB,
        peak_rss_mb: process::memory_mb().1,
        // Where the system does not tell, nothing has been shown.
        passed: first > 0.0 && last - first <= MOST_GROWTH_MB,
        rss_by_tenth_mb,
    }
}

fn disturb(viewer: &mut OffScreen, frame: u32, home: Orbit, buildings: usize) {
    let turn = frame as f32;
    let nearer = 0.55 + 0.45 * (turn * 0.013).cos();
    viewer.rig().jump(Orbit {
        bearing_deg: home.bearing_deg + turn * 1.7 % 360.0,
        distance_m: home.distance_m * nearer.max(0.1),
        ..home
    });
    let hour = (frame % DAY) as f32 * 24.0 / DAY as f32;
    let world = viewer.world_mut();
    world.write_message(Action::SetHour(Some(hour)));
    if frame.is_multiple_of(CHOOSE) && buildings > 0 {
        let chosen = (frame / CHOOSE).wrapping_mul(7_919) as usize % buildings;
        let selection = (frame / CHOOSE).is_multiple_of(3).then_some(Selection::Building(chosen as u32));
        world.write_message(Action::Select(selection));
    }
    if frame.is_multiple_of(RECOLOUR) {
        world.write_message(Action::SetColouring(colouring(frame / RECOLOUR)));
    }
}

/// The colouring of a round; after the last one comes the look of uses.
fn colouring(round: u32) -> Option<ColouringKey> {
    ColouringKey::all().nth(round as usize % (ColouringKey::all().count() + 1))
}
