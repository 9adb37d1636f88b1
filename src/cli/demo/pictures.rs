//! The demo without a display: the scene from four sides, and how long its frames took.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::report::Report;
use crate::city::{Place, Road, RoadClass};
use crate::cli::bench::orbit;
use crate::feed::Feed;
use crate::viewer::Options;
use crate::viewer::actions::Action;
use crate::viewer::app::Screen;
use crate::viewer::camera::Orbit;
use crate::viewer::colouring::ColouringKey;
use crate::viewer::offscreen::{OffScreen, write_png};
use crate::viewer::place::{Loading, PlaceSource, Stand};
use crate::viewer::preset::Preset;
use crate::viewer::situation::Live;

/// How long loading may take, and the first answer of the server.
const LIMIT: Duration = Duration::from_secs(300);
/// Frames that are timed, once around the place.
const TIMED_FRAMES: u32 = 24;
/// The size of the first pictures, and of the wall's.
const DESK: (u32, u32) = (1920, 1080);
const WALL: (u32, u32) = (3840, 1080);
/// The hour of the night picture: most windows are lit.
const NIGHT_HOUR: f32 = 20.5;

/// How it is to look.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) preset: Option<Preset>,
    pub(super) colouring: Option<ColouringKey>,
}

impl Look {
    fn options(self, feed: Feed) -> Options {
        let Self { preset, colouring } = self;
        Options { feed: Some(feed), preset, colouring, ..Options::default() }
    }
}

/// What is to be drawn, and where it goes.
pub(super) struct Job<'a> {
    pub(super) place: &'a Arc<Place>,
    pub(super) loading: Loading,
    pub(super) feed: &'a dyn Fn() -> anyhow::Result<Feed>,
    pub(super) look: Look,
    pub(super) out: &'a Path,
}

/// Draws the pictures, writes them and the report, and prints the report.
pub(super) fn run(job: Job<'_>) -> anyhow::Result<()> {
    std::fs::create_dir_all(job.out)
        .with_context(|| format!("the folder cannot be made: {}", job.out.display()))?;
    let mut report = desk(job.loading, job.feed, job.look, job.place, job.out)?;
    let wall = wall(job.feed, job.look, job.place, job.out)?;
    report.pictures.push(wall);
    report.write(job.out)?;
    super::super::print_line(&report.text());
    Ok(())
}

fn desk(
    loading: Loading,
    feed: &dyn Fn() -> anyhow::Result<Feed>,
    look: Look,
    place: &Place,
    out: &Path,
) -> anyhow::Result<Report> {
    let options = look.options(feed()?);
    let mut viewer = OffScreen::start(&Screen::off_screen(DESK.0, DESK.1, 1.0), loading, options)?;
    viewer.wait_for_city(LIMIT)?;
    let first_frame = super::super::process::age();
    viewer.wait_for_feed(LIMIT)?;
    viewer.settle();
    let mut pictures = vec![take(&mut viewer, out, "overview")?];
    let (frames_ms, _triangles) = orbit(&mut viewer, TIMED_FRAMES);
    if let Some(street) = street_view(place) {
        viewer.rig().jump(street);
        viewer.settle();
        pictures.push(take(&mut viewer, out, "street")?);
    }
    let home = viewer.rig().home;
    viewer.rig().jump(Orbit { distance_m: home.distance_m * 0.55, pitch_deg: 62.0, ..home });
    viewer.world_mut().write_message(Action::SetHour(Some(NIGHT_HOUR)));
    viewer.settle();
    pictures.push(take(&mut viewer, out, "night")?);

    let world = viewer.world();
    let situation = &world.resource::<Live>().situation;
    Ok(Report {
        place: place.manifest.name.clone(),
        buildings: world.get_resource::<Stand>().map_or(0, |stand| stand.city().len()),
        issues: situation.issue_count(),
        open_issues: situation.issues().filter(|issue| issue.state.is_open()).count(),
        patrols: situation.patrol_count(),
        adapter: viewer.adapter(),
        preset: *world.resource::<Preset>(),
        first_frame,
        frames_ms,
        memory_mb: super::super::process::memory_mb(),
        pictures,
    })
}

fn wall(
    feed: &dyn Fn() -> anyhow::Result<Feed>,
    look: Look,
    place: &Arc<Place>,
    out: &Path,
) -> anyhow::Result<PathBuf> {
    let loading = Loading::start(PlaceSource::Read(Arc::clone(place)))?;
    let options = Options { wall: true, ..look.options(feed()?) };
    let mut viewer = OffScreen::start(&Screen::off_screen(WALL.0, WALL.1, 1.0), loading, options)?;
    viewer.wait_for_city(LIMIT)?;
    viewer.wait_for_feed(LIMIT)?;
    viewer.settle();
    take(&mut viewer, out, "wall")
}

fn take(viewer: &mut OffScreen, out: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = out.join(format!("{name}.png"));
    write_png(&viewer.picture()?, &path)
        .with_context(|| format!("the picture cannot be written: {}", path.display()))?;
    Ok(path)
}

/// From low above the named street nearest to where the place's own view looks, along it.
fn street_view(place: &Place) -> Option<Orbit> {
    let [east, north] = place.start().map(|metres| metres as f32);
    let from_start = |road: &&Road| {
        let [x, y] = road.line.get(road.line.len() / 2).copied().unwrap_or_default();
        (x - east).hypot(y - north)
    };
    let is_street = |road: &&Road| {
        road.name.is_some()
            && road.line.len() >= 2
            && matches!(road.class, RoadClass::Secondary | RoadClass::Residential)
    };
    let road =
        place.ways.roads.iter().filter(is_street).min_by(|a, b| from_start(a).total_cmp(&from_start(b)))?;
    let middle = road.line.len() / 2;
    let (&[x0, y0], &[x1, y1]) = (road.line.get(middle.checked_sub(1)?)?, road.line.get(middle)?);
    Some(Orbit {
        target: [x1, -y1].into(),
        distance_m: 190.0,
        bearing_deg: (x1 - x0).atan2(y1 - y0).to_degrees(),
        pitch_deg: 70.0,
    })
}
