//! The subcommands, one file each. The only place where errors become exit codes and where text is printed.

#[cfg(feature = "server")]
mod backup;
#[cfg(feature = "viewer")]
mod bench;
mod check;
#[cfg(feature = "server")]
mod courier;
#[cfg(all(feature = "viewer", feature = "server"))]
mod demo;
#[cfg(all(feature = "viewer", feature = "server"))]
mod display;
#[cfg(feature = "server")]
mod doctor;
mod generate;
#[cfg(feature = "server")]
mod governed;
mod issue;
mod lifecycle;
mod log;
#[cfg(feature = "viewer")]
mod options;
#[cfg(feature = "server")]
mod people;
mod places;
mod process;
#[cfg(feature = "server")]
mod serve;
mod simulate;
#[cfg(feature = "viewer")]
mod snapshot;
#[cfg(feature = "viewer")]
mod source;
mod times;
#[cfg(feature = "viewer")]
mod view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// 云府山: a three-dimensional digital twin for governing a neighbourhood.
#[derive(Parser, Debug)]
#[command(name = "yunfushan", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Shows the demo place with a day of issues and patrols; without a display it writes pictures.
    #[cfg(all(feature = "viewer", feature = "server"))]
    Demo(demo::Args),
    /// Opens the viewer.
    #[cfg(feature = "viewer")]
    View(view::Args),
    /// Runs the API server.
    #[cfg(feature = "server")]
    Serve(serve::Args),
    /// Examines a server's database and says what is wrong with it.
    #[cfg(feature = "server")]
    Doctor(doctor::Args),
    /// Copies a server's database while it is used, and examines the copy.
    #[cfg(feature = "server")]
    Backup(backup::BackupArgs),
    /// Puts a copy back where there is no database.
    #[cfg(feature = "server")]
    Restore(backup::RestoreArgs),
    /// Makes accounts for people, and shows, resets and disables them.
    #[cfg(feature = "server")]
    People(people::PeopleArgs),
    /// Makes tokens for programs and walls, and shows and revokes them.
    #[cfg(feature = "server")]
    Token(people::TokenArgs),
    /// Lists, shows and reports issues of a server, and takes their steps.
    Issue(issue::Args),
    /// Plays a simulated neighbourhood to a server that holds simulated data.
    Simulate(simulate::Args),
    /// Reads city data and prints what was found, repaired and refused.
    Check(check::Args),
    /// Writes the demo place, or a plain city for measuring.
    Generate(generate::Args),
    /// Prints the life cycle of issues: which step leads where, who may take it, how long each stage may take.
    Lifecycle(lifecycle::Args),
    /// Renders a picture off screen.
    #[cfg(feature = "viewer")]
    Snapshot(snapshot::Args),
    /// Measures load, frames and memory on a file and prints JSON.
    #[cfg(feature = "viewer")]
    Bench(bench::Args),
}

impl Command {
    /// How the log of a server is to be written.
    fn log_format(&self) -> Option<log::LogFormat> {
        match self {
            #[cfg(feature = "server")]
            Self::Serve(args) => Some(args.log_format),
            _ => None,
        }
    }
}

/// Runs the command line: 0 is success, 1 what the command could not do, 2 a wrong command line.
pub fn run() -> ExitCode {
    process::note_start();
    let arguments = Arguments::parse();
    log::begin(arguments.command.log_format());
    let result = match arguments.command {
        #[cfg(all(feature = "viewer", feature = "server"))]
        Command::Demo(args) => demo::run(args),
        #[cfg(feature = "viewer")]
        Command::View(args) => view::run(args),
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::run(args),
        #[cfg(feature = "server")]
        Command::Doctor(args) => doctor::run(&args),
        #[cfg(feature = "server")]
        Command::Backup(args) => backup::run_backup(&args),
        #[cfg(feature = "server")]
        Command::Restore(args) => backup::run_restore(&args),
        #[cfg(feature = "server")]
        Command::People(args) => people::people(args),
        #[cfg(feature = "server")]
        Command::Token(args) => people::token(args),
        Command::Issue(args) => issue::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Check(args) => check::run(args),
        Command::Generate(args) => generate::run(args),
        Command::Lifecycle(args) => lifecycle::run(&args),
        #[cfg(feature = "viewer")]
        Command::Snapshot(args) => snapshot::run(args),
        #[cfg(feature = "viewer")]
        Command::Bench(args) => bench::run(args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a line of a command's answer.
#[cfg(feature = "viewer")]
#[allow(clippy::print_stdout, reason = "the answer of a command belongs on standard output")]
fn print_line(text: &str) {
    println!("{text}");
}
