//! `yunfushan serve`: runs the API server until it is told to stop.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use super::courier::courier;
use super::governed::{rulebook as rulebook_of, take_calendar, take_classes, units};
use super::log::LogFormat;
use super::places::place_files;
use super::times::{read_rate, read_time};
use crate::city::Place;
use crate::clock::Reading;
use crate::governance::organisation::PlacedUnit;
use crate::governance::rulebook::Rulebook;
use crate::server::{Config, Database, Keeping, start};

/// What `serve` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The SQLite file, made where it is absent, or a PostgreSQL database: postgres://user:password@host/name
    #[arg(
        long,
        env = "YUNFUSHAN_DATABASE",
        hide_env_values = true,
        value_name = "FILE|URL",
        default_value = "yunfushan.sqlite"
    )]
    pub(super) database: Database,
    /// Where to listen; port 0 takes a free one; beyond this machine once somebody has an account
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8650")]
    pub(super) listen: SocketAddr,
    /// The folder of photos; beside the database where absent (FILE.files)
    #[arg(long, value_name = "DIR")]
    pub(super) files: Option<PathBuf>,
    /// The token that may do everything and speak for others, 16 characters at least; without it one is made and printed
    #[arg(long, env = "YUNFUSHAN_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// Run a scenario clock from this time on: 2026-09-15T07:55 (Asia/Shanghai) or with an offset
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    pub(super) clock_start: Option<Timestamp>,
    /// Scenario seconds per real second; without --clock-start the clock goes on from where the file has it
    #[arg(long, value_name = "RATE", value_parser = read_rate)]
    pub(super) clock_rate: Option<f64>,
    /// The data is simulated; never mixed with real data in one file
    #[arg(long)]
    pub(super) simulated: bool,
    /// Days that positions are kept
    #[arg(long, value_name = "DAYS", default_value_t = Keeping::default().days)]
    pub(super) positions_days: u32,
    /// Days after which positions are thinned out
    #[arg(long, value_name = "DAYS", default_value_t = Keeping::default().thin_after_days)]
    pub(super) positions_thin_after_days: u32,
    /// Seconds between two positions of a patrol that remain then; 0 leaves all
    #[arg(long, value_name = "SECONDS", default_value_t = Keeping::default().thin_seconds)]
    pub(super) positions_thin_seconds: u32,
    /// A folder with place.toml: its classes, buildings and areas; without it there are none
    #[arg(long, value_name = "DIR")]
    pub(super) place: Option<PathBuf>,
    /// The class table, instead of the place's: scheme,kind,code,name,group,department,urgency,limit,limit_unit
    #[arg(long, value_name = "FILE")]
    pub(super) classes: Option<PathBuf>,
    /// How the log on standard error is written: text, or a JSON object a line
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(super) log_format: LogFormat,
    /// The certificate and those that vouch for it, a PEM file; then it speaks TLS alone
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Its private key, a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// An origin whose pages may ask, such as https://map.example; may be repeated
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub(super) allow_origins: Vec<String>,
    /// Requests a second of each caller, four times as many in a burst; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub(super) rate_limit: u32,
    /// The holidays and made-up workdays, instead of the place's: date,kind,name with kind holiday or workday
    #[arg(long, value_name = "FILE")]
    pub(super) calendar: Option<PathBuf>,
}

/// Runs the server until it is interrupted or fails.
///
/// # Errors
/// What to change so that it starts, or why it ended.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let is_token_made = args.token.is_none();
    let clock = args.clock_start.map(|now| Reading { now, rate: args.clock_rate.unwrap_or(1.0) });
    let place = args.place.as_deref().map(read_place).transpose()?;
    let (place, mut rulebook, units) = match place {
        Some((place, rulebook, units)) => (Some(place), Some(rulebook), units),
        None => (None, None, Vec::new()),
    };
    let rules = rulebook.get_or_insert_default();
    read_rulebook(&args, rules)?;
    // Invented people take no photos.
    rules.photos_on_spot = if args.simulated { 0 } else { 2 };
    let config = Config {
        files: args.files,
        listen: args.listen,
        token: args.token,
        clock,
        clock_rate: args.clock_rate,
        simulated: args.simulated,
        keeping: Keeping {
            days: args.positions_days,
            thin_after_days: args.positions_thin_after_days,
            thin_seconds: args.positions_thin_seconds,
        },
        rulebook: rulebook.unwrap_or_default(),
        units,
        place,
        courier: Some(courier()?),
        tls: args.tls_cert.zip(args.tls_key),
        allow_origins: args.allow_origins,
        requests_per_second: NonZeroU32::new(args.rate_limit),
        ..Config::new(args.database)
    };
    let running = start(config)?;
    let stop = running.stopper();
    std::thread::Builder::new()
        .name("yunfushan-signals".to_owned())
        .spawn(move || match wait_for_signal() {
            Ok(()) => stop(),
            Err(error) => tracing::warn!(%error, "signals cannot be heard: stop the server with kill -9"),
        })
        .context("cannot start a thread that hears signals")?;
    announce(&running, is_token_made);
    running.join()?;
    Ok(ExitCode::SUCCESS)
}

#[allow(clippy::print_stdout, reason = "the address and the token are what this command is asked for")]
fn announce(running: &crate::server::Running, is_token_made: bool) {
    println!("listening on {}", running.url());
    if is_token_made {
        println!("token {}", running.token);
    }
}

fn wait_for_signal() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(super::process::interrupted())
}

fn read_place(folder: &Path) -> anyhow::Result<(Arc<Place>, Rulebook, Vec<PlacedUnit>)> {
    let files = place_files(Some(folder))?;
    let place = Place::read(files.as_ref())?;
    let rulebook = rulebook_of(&place, files.as_ref())?;
    let units = units(&place, files.as_ref());
    Ok((Arc::new(place), rulebook, units))
}

fn read_rulebook(args: &Args, rulebook: &mut Rulebook) -> anyhow::Result<()> {
    let read = |path: &Path| {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        anyhow::Ok((bytes, path.display().to_string()))
    };
    if let Some(path) = &args.classes {
        let (bytes, name) = read(path)?;
        take_classes(rulebook, &bytes, &name)?;
    }
    if let Some(path) = &args.calendar {
        let (bytes, name) = read(path)?;
        take_calendar(rulebook, &bytes, &name)?;
    }
    Ok(())
}
