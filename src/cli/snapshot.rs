//! `yunfushan snapshot`: a picture off screen, by the same code as the window.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;

use super::options::{BaseMapChoice, CameraPlace, Hour, Size};
use super::source::{ApiArgs, SourceArgs};
use crate::language::Language;
use crate::viewer::Options;
use crate::viewer::actions::Action;
use crate::viewer::app::Screen;
use crate::viewer::colouring::ColouringKey;
use crate::viewer::offscreen::{OffScreen, write_png};
use crate::viewer::place::Loading;
use crate::viewer::preset::Preset;

/// How long loading may take, and the first answer of the API.
const LIMIT: Duration = Duration::from_secs(300);

/// How long the tiles of a base map may take; then the picture is made without those that are missing.
const BASE_MAP_LIMIT: Duration = Duration::from_secs(10);

/// How to make a picture.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    api: ApiArgs,
    /// `LON,LAT,DISTANCE_M[,BEARING_DEG[,PITCH_DEG]]`; without it the place's own view.
    #[arg(long, value_name = "CAMERA", allow_hyphen_values = true)]
    camera: Option<CameraPlace>,
    /// Width and height in pixels.
    #[arg(long, default_value = "1920x1080")]
    size: Size,
    /// The time of day whose light is shown, HH:MM; without it the clock's.
    #[arg(long)]
    time: Option<Hour>,
    /// The quality; without it the adapter decides.
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// As on the wall of a command centre.
    #[arg(long)]
    wall: bool,
    /// The language of the panels: zh-CN or en; without it Chinese.
    #[arg(long)]
    language: Option<Language>,
    /// What the colours of buildings say: use, height, age, issues, patrol or heat; without it the look of their uses.
    #[arg(long, value_name = "KEY")]
    colouring: Option<ColouringKey>,
    /// Only the city: no panels, no labels, no markers.
    #[arg(long)]
    bare: bool,
    /// A file with a `[basemap]` to lay below everything, or `none`; without it that of the place.
    #[arg(long, value_name = "FILE|none", value_parser = BaseMapChoice::parse)]
    basemap: Option<BaseMapChoice>,
    /// Choose a building, an issue or a patrol by its id, or an area by its code.
    #[arg(long, value_name = "ID")]
    select: Option<String>,
    /// Draw the storeys of the chosen building apart.
    #[arg(long, requires = "select")]
    storeys: bool,
    /// The PNG file to write.
    #[arg(long, default_value = "snapshot.png")]
    out: PathBuf,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let loading = Loading::start(args.source.open()?)?;
    let options = Options {
        feed: args.api.feed()?,
        preset: args.preset,
        view: args.camera.map(|camera| camera.0),
        hour: args.time.map(|hour| hour.0),
        wall: args.wall,
        colouring: args.colouring,
        bare: args.bare,
        basemap: args.basemap.map(|choice| choice.wanted()).transpose()?.unwrap_or_default(),
        language: args.language.unwrap_or_default(),
        ..Options::default()
    };
    let screen = Screen::off_screen(args.size.width, args.size.height, 1.0);
    let mut viewer = OffScreen::start(&screen, loading, options)?;
    viewer.wait_for_city(LIMIT)?;
    viewer.wait_for_feed(LIMIT)?;
    if let Some(id) = &args.select {
        anyhow::ensure!(
            viewer.select(id),
            "there is no building, issue, patrol or area with this id here: {id}"
        );
        viewer.step();
        if args.storeys {
            viewer.world_mut().write_message(Action::FanFloors(true));
        }
    }
    viewer.settle();
    if let Err(problem) = viewer.wait_for_base_map(BASE_MAP_LIMIT) {
        let limit = BASE_MAP_LIMIT.as_secs();
        tracing::warn!("tiles of the base map are missing after {limit} s: {problem}");
    }
    let picture = viewer.picture()?;
    write_png(&picture, &args.out)
        .with_context(|| format!("the picture cannot be written: {}", args.out.display()))?;
    let adapter = viewer.adapter();
    tracing::info!("{} {}x{}, drawn by {adapter}", args.out.display(), picture.size.x, picture.size.y);
    Ok(ExitCode::SUCCESS)
}
