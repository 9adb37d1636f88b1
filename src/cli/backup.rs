//! `yunfushan backup` and `yunfushan restore`: copies of a server's database and its photos.

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
    /// The folder of photos; beside the database where absent (FILE.files)
    #[arg(long, value_name = "DIR", conflicts_with = "without_photos")]
    files: Option<PathBuf>,
    /// The copy; must not be there, and the photos go to a folder beside it (FILE.files)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Copies the database alone
    #[arg(long)]
    without_photos: bool,
}

/// What `restore` takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RestoreArgs {
    /// The copy; its photos are in the folder beside it (FILE.files)
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
    /// The folder of photos to be made; beside the database where absent (FILE.files)
    #[arg(long, value_name = "DIR", conflicts_with = "without_photos")]
    files: Option<PathBuf>,
    /// Restores the database alone
    #[arg(long)]
    without_photos: bool,
}

/// Copies the database beside a running server, and its photos, and examines the copy; success only if it is whole.
///
/// # Errors
/// Why there is no copy.
pub(super) fn run_backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let files = folder(&args.database, args.files.as_ref(), args.without_photos);
    let diagnosis = runtime()?.block_on(backup(&args.database, files.as_deref(), &args.out))?;
    say(&diagnosis, &args.out.display().to_string())
}

/// Puts a copy where there is no database, and examines it; success only if it is whole.
///
/// # Errors
/// Why there is no database.
pub(super) fn run_restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let files = folder(&args.database, args.files.as_ref(), args.without_photos);
    let diagnosis = runtime()?.block_on(restore(&args.from, &args.database, files.as_deref()))?;
    say(&diagnosis, &args.database.to_string())
}

/// Where the photos of the database in use lie, if they are wanted.
fn folder(database: &Database, files: Option<&PathBuf>, without_photos: bool) -> Option<PathBuf> {
    (!without_photos).then(|| files.cloned().unwrap_or_else(|| database.files_folder()))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn say(diagnosis: &Diagnosis, place: &str) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    for finding in &diagnosis.findings {
        writeln!(out, "{finding}")?;
    }
    if diagnosis.more > 0 {
        writeln!(out, "{} more findings", diagnosis.more)?;
    }
    let state = if diagnosis.is_sound() { "nothing is wrong" } else { "copied without what is named above" };
    writeln!(out, "{}: {state}: {place}", super::doctor::counted(diagnosis))?;
    Ok(if diagnosis.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
