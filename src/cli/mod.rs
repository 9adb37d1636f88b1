//! The subcommands, one file each. The only place where errors become exit codes and where text is printed.

pub mod check;

use std::process::ExitCode;

/// Runs the command line.
pub fn run() -> ExitCode {
    ExitCode::SUCCESS
}
