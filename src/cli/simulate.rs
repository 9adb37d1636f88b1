//! `yunfushan simulate`: a simulated neighbourhood for any server that was started with `--simulated`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};

use super::places::place_files;
use crate::city::Place;
use crate::simulation::{Cast, SimulationConfig, Simulator};

/// How often it is looked whether the simulation still goes on.
const LOOK: Duration = Duration::from_millis(500);

/// What `simulate` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The address of a server started with `serve --simulated`, such as <http://127.0.0.1:8650/>
    #[arg(long, value_name = "URL")]
    api: url::Url,
    /// Its token; better in the environment than on the command line
    #[arg(long, env = "YUNFUSHAN_TOKEN", hide_env_values = true)]
    token: String,
    /// A folder with place.toml, people, roster and classes; without it the demo place
    #[arg(long, value_name = "DIR")]
    place: Option<PathBuf>,
    /// The same seed gives the same days
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Simulates until it is interrupted or the server refuses.
///
/// # Errors
/// What to change so that it starts, or why it ended.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let files = place_files(args.place.as_deref())?;
    let place = Place::read(&*files).context("the place cannot be opened")?;
    let cast = Cast::read(&*files, &place.manifest)?;
    for warning in place.warnings.iter().chain(&cast.warnings) {
        tracing::warn!("{warning}");
    }
    let simulator = Simulator::start(SimulationConfig {
        base_url: args.api,
        token: args.token,
        seed: args.seed,
        start: None,
        place: Arc::new(place),
        cast,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            result = super::process::interrupted() => result.context("signals cannot be heard"),
            reason = ended(&simulator) => bail!("the simulation has ended: {reason}"),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn ended(simulator: &Simulator) -> String {
    loop {
        if let Some(reason) = simulator.failure() {
            return reason;
        }
        tokio::time::sleep(LOOK).await;
    }
}
