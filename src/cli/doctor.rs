//! `yunfushan doctor`: examines a server's database and says what is wrong with it.

use std::io::Write as _;
use std::process::ExitCode;

use crate::server::{Database, Diagnosis, examine};

/// What `doctor` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The SQLite file or the URL of a PostgreSQL database; a server may be using it
    #[arg(
        env = "YUNFUSHAN_DATABASE",
        hide_env_values = true,
        value_name = "FILE|URL",
        default_value = "yunfushan.sqlite"
    )]
    database: Database,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Examines; success only if nothing is wrong.
///
/// # Errors
/// Where the file cannot be read at all.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let diagnosis = runtime.block_on(examine(args.database.clone()))?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &diagnosis)?;
        writeln!(out)?;
    } else {
        for finding in &diagnosis.findings {
            writeln!(out, "{finding}")?;
        }
        if diagnosis.more > 0 {
            writeln!(out, "{} more findings", diagnosis.more)?;
        }
        let sound = if diagnosis.is_sound() { "nothing is wrong" } else { "this database is not sound" };
        writeln!(out, "{}: {sound}", counted(&diagnosis))?;
    }
    Ok(if diagnosis.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What there is, in words.
pub(super) fn counted(diagnosis: &Diagnosis) -> String {
    let Diagnosis { issues, events, patrols, positions, photos, photo_bytes, .. } = diagnosis;
    let photos = match photos {
        0 => String::new(),
        _ => format!(", {photos} photos of {} kB", photo_bytes.div_ceil(1_000)),
    };
    format!("{issues} issues, {events} events, {patrols} patrols, {positions} positions{photos}")
}
