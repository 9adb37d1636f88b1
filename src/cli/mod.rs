//! The subcommands, one file each. The only place where errors become exit codes and where text is printed.

#[cfg(feature = "server")]
pub mod serve;

use std::process::ExitCode;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "yunfushan", version, about)]
enum Command {
    /// Runs the API server
    #[cfg(feature = "server")]
    Serve(serve::Args),
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let result: anyhow::Result<ExitCode> = match Command::parse() {
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::run(args),
    };
    result.unwrap_or_else(|error| {
        #[allow(clippy::print_stderr, reason = "errors end here")]
        {
            eprintln!("error: {error:#}");
        }
        ExitCode::FAILURE
    })
}
