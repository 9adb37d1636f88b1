//! `yunfushan view`: the viewer in a window, for a desk or a wall.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;

use super::options::{BaseMapChoice, CameraPlace, Hour, Size};
use super::source::{ApiArgs, SourceArgs};
use crate::config::{BaseMap, Settings};
use crate::language::Language;
use crate::viewer::app::Screen;
use crate::viewer::basemap::WantedBaseMap;
use crate::viewer::colouring::ColouringKey;
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
    /// A settings file, for a viewer that starts by itself; what stands on the command line goes before it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A file with a `[basemap]` to lay below everything, or `none`; without it that of the settings or of the place.
    #[arg(long, value_name = "FILE|none", value_parser = BaseMapChoice::parse)]
    basemap: Option<BaseMapChoice>,
    /// From the settings file.
    #[arg(skip)]
    basemap_of_settings: Option<BaseMap>,
}

/// The window that `view` and `demo` open.
#[derive(clap::Args, Debug, Clone, Copy)]
pub(super) struct WindowArgs {
    /// Width and height of the window in pixels; 1600x900, and on a wall the whole screen.
    #[arg(long)]
    pub(super) size: Option<Size>,
    /// The wall of a command centre: the whole screen, large type, an automatic tour.
    #[arg(long)]
    pub(super) wall: bool,
    /// The quality; without it the adapter decides.
    #[arg(long, value_enum)]
    pub(super) preset: Option<Preset>,
    /// The language of the panels: zh-CN or en; without it Chinese.
    #[arg(long)]
    pub(super) language: Option<Language>,
    /// What the colours of buildings say: use, height, age, issues, patrol or heat; without it the look of their uses.
    #[arg(long, value_name = "KEY")]
    pub(super) colouring: Option<ColouringKey>,
    /// Frames a second at most, but for those that a hand asks for; 60 on a desk, 30 on a wall.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=240))]
    pub(super) frames_a_second: Option<u16>,
}

impl WindowArgs {
    pub(super) fn screen(&self, title: &str) -> Screen {
        let size = self.size.unwrap_or(Size { width: 1600, height: 900 });
        Screen::window(title, size.width, size.height, self.wall && self.size.is_none())
    }

    /// The options of a viewer in this window.
    pub(super) fn options(&self) -> Options {
        Options {
            preset: self.preset,
            wall: self.wall,
            language: self.language.unwrap_or_default(),
            colouring: self.colouring,
            frames_a_second: self.frames_a_second.map(f32::from),
            ..Options::default()
        }
    }
}

impl Args {
    /// Fills in what the settings file says and the command line does not.
    fn with_settings(mut self) -> anyhow::Result<Self> {
        let Some(path) = &self.config else { return Ok(self) };
        let settings = Settings::read(path)?;
        if self.source.place.is_none() && self.source.buildings.is_none() {
            self.source.place.clone_from(&settings.place);
            self.source.buildings.clone_from(&settings.buildings);
            self.source.areas = self.source.areas.or(settings.areas.clone());
            self.source.ways = self.source.ways.or(settings.ways.clone());
            self.source.datum = self.source.datum.or(settings.datum);
        }
        // The token belongs to the server that the settings name, and goes to no other.
        if self.api.api.is_none() {
            self.api.api.clone_from(&settings.api);
            if self.api.token.is_none() {
                self.api.token = settings.token()?;
            }
        }
        self.basemap_of_settings.clone_from(&settings.basemap);
        let window = &mut self.window;
        window.wall |= settings.wall;
        window.language = window.language.or(settings.language);
        window.frames_a_second =
            window.frames_a_second.or(settings.frames_a_second.map(|number| u16::from(number.get())));
        let in_settings = || format!("in the settings: {}", path.display());
        if let (None, Some(size)) = (window.size, &settings.size) {
            window.size = Some(size.parse().map_err(anyhow::Error::msg).with_context(in_settings)?);
        }
        if let (None, Some(preset)) = (window.preset, &settings.preset) {
            let preset = Preset::from_str(preset, true).map_err(anyhow::Error::msg);
            window.preset = Some(preset.with_context(in_settings)?);
        }
        Ok(self)
    }
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let args = args.with_settings()?;
    let loading = Loading::start(args.source.open()?)?;
    let of_settings =
        args.basemap_of_settings.map_or(WantedBaseMap::OfPlace, |map| WantedBaseMap::This(Box::new(map)));
    let options = Options {
        feed: args.api.feed()?,
        view: args.camera.map(|camera| camera.0),
        hour: args.time.map(|hour| hour.0),
        basemap: args.basemap.map(|choice| choice.wanted()).transpose()?.unwrap_or(of_settings),
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
