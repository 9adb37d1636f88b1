//! `yunfushan serve`: runs the API server until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::{Clock, Reading};
use crate::governance::calendar::WorkCalendar;
use crate::governance::classes::ClassTable;
use crate::governance::rulebook::Rulebook;
use crate::server::{Config, start};

/// The zone of local times on the command line.
const ZONE: &str = "Asia/Shanghai";

/// What `serve` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The SQLite file; made where it is absent
    #[arg(long, value_name = "FILE", default_value = "yunfushan.sqlite")]
    pub(super) database: PathBuf,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8650")]
    pub(super) listen: SocketAddr,
    /// The token that lets in, 16 characters at least; without it one is made and printed
    #[arg(long, env = "YUNFUSHAN_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// Run a scenario clock from this time on: 2026-09-15T07:55 (Asia/Shanghai) or with an offset
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    pub(super) clock_start: Option<Timestamp>,
    /// Scenario seconds per real second
    #[arg(long, value_name = "RATE", value_parser = read_rate)]
    pub(super) clock_rate: Option<f64>,
    /// The data is simulated; never mixed with real data in one file
    #[arg(long)]
    pub(super) simulated: bool,
    /// The class table: scheme,kind,code,name,group,department,urgency,limit,limit_unit
    #[arg(long, value_name = "FILE")]
    pub(super) classes: Option<PathBuf>,
    /// The holidays and made-up workdays: date,kind,name with kind holiday or workday
    #[arg(long, value_name = "FILE")]
    pub(super) calendar: Option<PathBuf>,
}

/// Runs the server until it is interrupted or fails.
///
/// # Errors
/// What to change so that it starts, or why it ended.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let is_token_made = args.token.is_none();
    let clock = match (args.clock_start, args.clock_rate) {
        (None, None) => None,
        (start, rate) => {
            Some(Reading { now: start.unwrap_or_else(Clock::real_now), rate: rate.unwrap_or(1.0) })
        }
    };
    let rulebook = read_rulebook(&args)?;
    let config = Config {
        listen: args.listen,
        token: args.token,
        clock,
        simulated: args.simulated,
        rulebook,
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
    runtime.block_on(async {
        #[cfg(unix)]
        {
            let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            tokio::select! {
                result = tokio::signal::ctrl_c() => result,
                _ = terminate.recv() => Ok(()),
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

fn read_rulebook(args: &Args) -> anyhow::Result<Rulebook> {
    let mut rulebook = Rulebook::default();
    if let Some(path) = &args.classes {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (classes, warnings) =
            ClassTable::read(&bytes).with_context(|| format!("in {}", path.display()))?;
        for warning in warnings {
            tracing::warn!("{warning} of {}", path.display());
        }
        rulebook.classes = classes;
    }
    if let Some(path) = &args.calendar {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (calendar, warnings) = WorkCalendar::from_exceptions(&text);
        for warning in warnings {
            tracing::warn!("{warning} of {}", path.display());
        }
        rulebook.calendar = calendar;
    }
    Ok(rulebook)
}

fn read_time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let local: DateTime =
        text.parse().map_err(|_not_a_time| "expected a time such as 2026-09-15T07:55".to_owned())?;
    let zone = TimeZone::get(ZONE).map_err(|error| error.to_string())?;
    zone.to_timestamp(local).map_err(|error| error.to_string())
}

fn read_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 3_600.0 => Ok(rate),
        _ => Err("expected a number above 0 and up to 3600".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_are_those_of_the_place() {
        let expected: Timestamp = "2026-09-14T23:55:00Z".parse().expect("a valid time");
        for text in
            ["2026-09-15T07:55", "2026-09-15 07:55:00", "2026-09-15T07:55:00+08:00", "2026-09-14T23:55:00Z"]
        {
            assert_eq!(read_time(text), Ok(expected), "{text}");
        }
        assert!(read_time("tomorrow").is_err());
    }

    #[test]
    fn rates() {
        assert_eq!(read_rate("60"), Ok(60.0));
        for text in ["0", "-1", "nan", "inf", "fast"] {
            assert!(read_rate(text).is_err(), "{text}");
        }
    }
}
