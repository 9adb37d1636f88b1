//! `yunfushan backup` and `yunfushan restore`: copies of a server's database.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::server::{Database, Diagnosis, backup, restore};

/// What `backup` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct BackupArgs {
    /// The SQLite file; a server may be using it
    #[arg(
        long,
        env = "YUNFUSHAN_DATABASE",
        hide_env_values = true,
        value_name = "FILE",
        default_value = "yunfushan.sqlite"
    )]
    database: Database,
    /// The copy; must not be there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What `restore` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RestoreArgs {
    /// The copy
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The SQLite file to be made; must not be there
    #[arg(
        long,
        env = "YUNFUSHAN_DATABASE",
        hide_env_values = true,
        value_name = "FILE",
        default_value = "yunfushan.sqlite"
    )]
    database: Database,
}

/// Copies the database beside a running server, and examines the copy.
///
/// # Errors
/// Why there is no copy.
pub(super) fn run_backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let diagnosis = runtime()?.block_on(backup(&args.database, &args.out))?;
    say(&diagnosis, &args.out.display().to_string())
}

/// Puts a copy where there is no database, and examines it.
///
/// # Errors
/// Why there is no database.
pub(super) fn run_restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let diagnosis = runtime()?.block_on(restore(&args.from, &args.database))?;
    say(&diagnosis, &args.database.to_string())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn say(diagnosis: &Diagnosis, place: &str) -> anyhow::Result<ExitCode> {
    let Diagnosis { issues, events, patrols, positions, .. } = diagnosis;
    writeln!(
        std::io::stdout(),
        "{issues} issues, {events} events, {patrols} patrols, {positions} positions: nothing is wrong: {place}"
    )?;
    Ok(ExitCode::SUCCESS)
}
