//! stub
use std::process::ExitCode;
/// x
#[derive(clap::Args, Debug)]
pub struct Args {}
pub(super) fn run(_: Args) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
