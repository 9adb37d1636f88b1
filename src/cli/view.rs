//! `yunfushan view`: the viewer in a window, for a desk or a wall.

use std::process::ExitCode;

use super::options::{CameraPlace, Hour, Size};
use super::source::{ApiArgs, SourceArgs};
use crate::viewer::app::Screen;
use crate::viewer::place::Loading;
use crate::viewer::preset::Preset;
use crate::viewer::{self, Options};

/// What to look at.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    api: ApiArgs,
    #[command(flatten)]
    window: WindowArgs,
    /// `LON,LAT,DISTANCE_M[,BEARING_DEG[,PITCH_DEG]]`; without it the place's own view.
    #[arg(long, value_name = "CAMERA", allow_hyphen_values = true)]
    camera: Option<CameraPlace>,
    /// The time of day whose light is shown, HH:MM; without it the clock's.
    #[arg(long)]
    time: Option<Hour>,
}

/// The window that `view` and `demo` open.
#[derive(clap::Args, Debug, Clone, Copy)]
pub(super) struct WindowArgs {
    /// Width and height of the window in pixels.
    #[arg(long, default_value = "1600x900")]
    pub(super) size: Size,
    /// The wall of a command centre: the whole screen, large type, an automatic tour.
    #[arg(long)]
    pub(super) wall: bool,
    /// The quality; without it the adapter decides.
    #[arg(long, value_enum)]
    pub(super) preset: Option<Preset>,
}

impl WindowArgs {
    pub(super) fn screen(&self, title: &str) -> Screen {
        Screen::window(title, self.size.width, self.size.height, false)
    }

    /// The options of a viewer in this window.
    pub(super) fn options(&self) -> Options {
        Options {
            preset: self.preset,
            wall_height_px: self.wall.then_some(self.size.height),
            ..Options::default()
        }
    }
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let loading = Loading::start(args.source.open()?)?;
    let options = Options {
        feed: args.api.feed()?,
        view: args.camera.map(|camera| camera.0),
        hour: args.time.map(|hour| hour.0),
        ..args.window.options()
    };
    Ok(exit_code(viewer::run_window(&args.window.screen(TITLE), loading, options)))
}

/// The title of the window.
pub(super) const TITLE: &str = "云府山 Yunfushan";

/// What closing the window means for the shell.
pub(super) fn exit_code(succeeded: bool) -> ExitCode {
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
