//! `yunfushan demo`: the main job on embedded defaults.
//!
//! Server, simulator and viewer in one process, but strangers to each other: they meet over HTTP on a loopback port,
//! as they would on three machines. Without a display the same scene is drawn off screen and written as pictures.

mod pictures;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;

use super::governed::{rulebook, units};
use super::places::place_files;
use super::source::feed_of;
use super::times::{read_rate, read_time};
use super::view::{TITLE, WindowArgs, exit_code};
use crate::city::{Files, Place};
use crate::clock::Reading;
use crate::server::{self, Config, Running};
use crate::simulation::{Cast, SimulationConfig, Simulator};
use crate::viewer::place::{Loading, PlaceSource};
use crate::viewer::{self, Options};

/// How long the simulator may take to tell its history and the first positions.
const HISTORY_LIMIT: Duration = Duration::from_secs(60);

/// The exit code of a demo that was interrupted, as shells give it.
const INTERRUPTED: i32 = 130;

/// How to show the demo.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    window: WindowArgs,
    /// A folder with place.toml; without it the demo place.
    #[arg(long, value_name = "DIR")]
    place: Option<PathBuf>,
    /// Scenario seconds per real second: at 60 a day passes in 24 minutes.
    #[arg(long, value_name = "RATE", default_value = "10", value_parser = read_rate)]
    speed: f64,
    /// When the scenario begins: local time, or with an offset.
    #[arg(long, value_name = "TIME", default_value = "2026-09-15T07:55", value_parser = read_time)]
    start: Timestamp,
    /// The seed of the day.
    #[arg(long, default_value_t = 20_260_915)]
    seed: u64,
    /// Keep what happens in this SQLite file; without it a temporary one.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Pictures and a report instead of a window, as where there is no display.
    #[arg(long)]
    off_screen: bool,
    /// The folder for pictures and report.
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    out: PathBuf,
}

pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let files = place_files(args.place.as_deref())?;
    let place = Arc::new(Place::read(files.as_ref())?);
    let loading = Loading::start(PlaceSource::Read(Arc::clone(&place)))?;
    let scratch = Scratch::new(args.database.clone())?;
    let server = start_server(&args, &place, files.as_ref(), scratch.database())?;
    let base_url: url::Url = server.url().parse()?;
    let simulator = Simulator::start(SimulationConfig {
        base_url: base_url.clone(),
        token: server.token.clone(),
        seed: args.seed,
        start: Some(args.start),
        cast: Cast::read(files.as_ref(), &place.manifest)?,
        place: Arc::clone(&place),
    })?;
    simulator.wait_until_ready(HISTORY_LIMIT)?;
    let feed = || feed_of(base_url.clone(), Some(server.token.clone()));
    let code = if args.off_screen || !super::display::is_present() {
        pictures::run(pictures::Job {
            place: &place,
            loading,
            feed: &feed,
            look: pictures::Look { preset: args.window.preset, colouring: args.window.colouring },
            out: &args.out,
        })?;
        ExitCode::SUCCESS
    } else {
        let options = Options { feed: Some(feed()?), ..args.window.options() };
        exit_code(viewer::run_window(&args.window.screen(TITLE), loading, options))
    };
    drop(simulator);
    server.stop()?;
    Ok(code)
}

fn start_server(
    args: &Args,
    place: &Arc<Place>,
    files: &dyn Files,
    database: &Path,
) -> anyhow::Result<Running> {
    // A database that is kept goes on from where it was: nothing in it may lie in the future.
    let is_new = !database.exists();
    let config = Config {
        clock: is_new.then_some(Reading { now: args.start, rate: args.speed }),
        clock_rate: Some(args.speed),
        simulated: true,
        rulebook: rulebook(place, files)?,
        units: units(place, files),
        place: Some(Arc::clone(place)),
        ..Config::new(database)
    };
    Ok(server::start(config)?)
}

/// The database of a demo: the user's own file, or one that goes with the demo.
struct Scratch {
    database: PathBuf,
    folder: Option<PathBuf>,
}

impl Scratch {
    fn new(wanted: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(database) = wanted {
            return Ok(Self { database, folder: None });
        }
        let folder = std::env::temp_dir().join(format!("yunfushan-demo-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&folder)
            .with_context(|| format!("no temporary folder can be made: {}", folder.display()))?;
        remove_when_interrupted(folder.clone())?;
        Ok(Self { database: folder.join("demo.sqlite"), folder: Some(folder) })
    }

    fn database(&self) -> &Path {
        &self.database
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            remove(folder);
        }
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        tracing::warn!("{error}: the temporary folder stays: {}", folder.display());
    }
}

/// A demo that is interrupted takes its temporary folder with it.
fn remove_when_interrupted(folder: PathBuf) -> anyhow::Result<()> {
    let wait = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime.and_then(|runtime| runtime.block_on(super::process::interrupted())) {
            Ok(()) => {
                remove(&folder);
                std::process::exit(INTERRUPTED);
            }
            Err(error) => tracing::warn!("signals cannot be heard: {error}"),
        }
    };
    std::thread::Builder::new()
        .name("yunfushan-signals".to_owned())
        .spawn(wait)
        .context("cannot start a thread that hears signals")?;
    Ok(())
}
