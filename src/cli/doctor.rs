//! `yunfushan doctor`: examines a server's database and says what is wrong with it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::governed::{rulebook, units};
use super::places::place_files;
use crate::city::Place;
use crate::governance::organisation::PlacedUnit;
use crate::server::{Beside, Database, Diagnosis, examine};

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
    /// The folder of its photos; beside the database where absent (FILE.files)
    #[arg(long, value_name = "DIR", conflicts_with = "without_photos")]
    files: Option<PathBuf>,
    /// Does not look at photos
    #[arg(long)]
    without_photos: bool,
    /// The place that it serves: then the areas and departments of posts are looked at, too
    #[arg(long, value_name = "DIR")]
    place: Option<PathBuf>,
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
    let files = args.files.clone().unwrap_or_else(|| args.database.files_folder());
    let beside = Beside {
        files: (!args.without_photos).then_some(files),
        place: args.place.as_deref().map(read_place).transpose()?,
    };
    let diagnosis = runtime.block_on(examine(args.database.clone(), &beside))?;
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
        for note in &diagnosis.notes {
            writeln!(out, "note: {note}")?;
        }
        let sound = if diagnosis.is_sound() { "nothing is wrong" } else { "this database is not sound" };
        writeln!(out, "{}: {sound}", counted(&diagnosis))?;
    }
    Ok(if diagnosis.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the place consists of, and the departments that its classes name.
fn read_place(folder: &Path) -> anyhow::Result<(Vec<PlacedUnit>, BTreeSet<String>)> {
    let files = place_files(Some(folder))?;
    let place = Place::read(files.as_ref())?;
    let classes = rulebook(&place, files.as_ref())?.classes;
    let departments = classes.iter().filter_map(|class| class.department.clone()).collect();
    Ok((units(&place, files.as_ref()), departments))
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
