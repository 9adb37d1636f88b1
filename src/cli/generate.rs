//! `yunfushan generate`: writes the demo place, or a plain city for measuring.
//!
//! Exit code 0: written. 1: the folder or file cannot be written, or something else is there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::generate::{FUSHAN_SEED, MOST_BUILDINGS, PLAIN_ORIGIN, embedded, fushan, plain_city};
use crate::geo::LonLat;

/// Writes the demo place, or a plain city for measuring.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["place", "buildings"]))]
pub(super) struct Args {
    /// Write the demo place (府山街道) to this folder, which is made if it is missing.
    #[arg(long, value_name = "DIR")]
    place: Option<PathBuf>,
    /// Write a plain city of so many buildings, nine corners each on average; needs --out.
    #[arg(long, value_name = "N", requires = "out", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_BUILDINGS)))]
    buildings: Option<u32>,
    /// The GeoJSON file for --buildings.
    #[arg(long, value_name = "FILE", conflicts_with = "place")]
    out: Option<PathBuf>,
    /// The same seed gives the same bytes [default: 330802006 for --place, 1 for --buildings].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The middle of a plain city: LON,LAT in degrees (WGS-84) [default: 118.87,28.97].
    #[arg(long, value_name = "LON,LAT", conflicts_with = "place", allow_hyphen_values = true, value_parser = middle)]
    at: Option<LonLat>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Reads `LON,LAT`.
fn middle(text: &str) -> Result<LonLat, String> {
    let help = || {
        format!("a place is LON,LAT in degrees, the latitude within ±80, such as 118.87,28.97, not {text:?}")
    };
    let (lon, lat) = text.split_once(',').ok_or_else(help)?;
    let parse = |number: &str| number.trim().parse::<f64>().ok();
    let place = LonLat::new(parse(lon).ok_or_else(help)?, parse(lat).ok_or_else(help)?);
    if place.is_valid() && place.lat.abs() <= 80.0 && place.lon.abs() <= 175.0 {
        Ok(place)
    } else {
        Err(help())
    }
}

/// Runs the command.
///
/// # Errors
/// If what is wanted cannot be written where it is wanted.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    generate(&args, &mut out)?;
    Ok(ExitCode::SUCCESS)
}

fn generate(args: &Args, out: &mut impl std::io::Write) -> anyhow::Result<()> {
    let text = match (&args.place, args.buildings, &args.out) {
        (Some(folder), ..) => place(folder, args.seed.unwrap_or(FUSHAN_SEED), args.json)?,
        (None, Some(count), Some(file)) => {
            city(file, count, args.seed.unwrap_or(1), args.at.unwrap_or(PLAIN_ORIGIN), args.json)?
        }
        _ => bail!("say what to write: --place DIR, or --buildings N --out FILE"),
    };
    writeln!(out, "{text}").context("the answer cannot be written")
}

/// Refuses a folder that holds somebody's own place: ours begin with the line that the generator writes.
fn keep_foreign(folder: &Path) -> anyhow::Result<()> {
    let Ok(held) = std::fs::read(folder.join("place.toml")) else { return Ok(()) };
    let ours = embedded().iter().find(|(name, _)| *name == "place.toml").map_or(&[][..], |(_, bytes)| bytes);
    let first_line = ours.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if !held.starts_with(first_line) {
        bail!("another place is there; name an empty or a new folder: {}", folder.display());
    }
    Ok(())
}

fn place(folder: &Path, seed: u64, json: bool) -> anyhow::Result<String> {
    keep_foreign(folder)?;
    let files = fushan(seed);
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder cannot be made: {}", folder.display()))?;
    let mut bytes = 0;
    for (name, content) in &files {
        let file = folder.join(name);
        std::fs::write(&file, content)
            .with_context(|| format!("the file cannot be written: {}", file.display()))?;
        bytes += content.len();
    }
    Ok(if json {
        json!({"place": folder.display().to_string(), "seed": seed, "files": files.len(), "bytes": bytes})
            .to_string()
    } else {
        format!("{}: {} files, {bytes} bytes, seed {seed}", folder.display(), files.len())
    })
}

fn city(file: &Path, count: u32, seed: u64, origin: LonLat, json: bool) -> anyhow::Result<String> {
    if file.is_dir() {
        bail!("--out names a folder; name a file in it: {}", file.display());
    }
    // Written beside and put in place when it is whole, so that nothing ever reads half a city.
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let write = || -> std::io::Result<_> {
        let mut out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(&part)?);
        let city = plain_city(count, seed, origin, &mut out)?;
        out.flush()?;
        std::fs::rename(&part, file)?;
        Ok(city)
    };
    let city = write().map_err(|error| {
        let _ = std::fs::remove_file(&part);
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => "its folder does not exist, make it first",
            std::io::ErrorKind::StorageFull => "the disk is full, about 430 bytes a building are needed",
            _ => "the file cannot be written",
        };
        anyhow::Error::new(error).context(format!("{hint}: {}", file.display()))
    })?;
    let corners_mean = city.corners as f64 / f64::from(city.buildings);
    Ok(if json {
        json!({"file": file.display().to_string(), "seed": seed, "corners_mean": corners_mean, "buildings": city.buildings,
            "corners": city.corners, "courtyards": city.courtyards, "bytes": city.bytes, "bounds": city.bounds})
        .to_string()
    } else {
        let [west, south, east, north] = city.bounds;
        format!(
            "{}: {} buildings, {corners_mean:.2} corners on average, {} with a courtyard, {} bytes, seed {seed}, \
             {west:.5} to {east:.5} E, {south:.5} to {north:.5} N",
            file.display(),
            city.buildings,
            city.courtyards,
            city.bytes
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn run_with(line: &[&str]) -> Result<String, String> {
        let args = Line::try_parse_from(std::iter::once("generate").chain(line.iter().copied()))
            .map_err(|error| error.to_string())?
            .args;
        let mut out = Vec::new();
        generate(&args, &mut out).map_err(|error| format!("{error:#}"))?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn a_plain_city_is_written_whole_and_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("city.geojson");
        let path = file.to_str().expect("a path");
        let text = run_with(&["--buildings", "300", "--out", path, "--json", "--at", "-70.5,-33.4"])
            .expect("written");
        let told: serde_json::Value = serde_json::from_str(&text).expect("one object");
        assert_eq!((&told["buildings"], &told["seed"]), (&json!(300), &json!(1)));
        assert!((8.0..10.0).contains(&told["corners_mean"].as_f64().expect("a number")));
        assert_eq!(told["bytes"].as_u64(), std::fs::metadata(&file).ok().map(|held| held.len()));
        assert!(told["bounds"][1].as_f64().is_some_and(|south| south < -33.4));
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "no parts left");
        assert!(run_with(&["--buildings", "3", "--out", path]).expect("written").contains("3 buildings"));
    }

    #[test]
    fn the_demo_place_is_written_but_over_nobody_elses() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/fushan");
        let path = path.to_str().expect("a path");
        let text = run_with(&["--place", path]).expect("written");
        assert!(text.contains("seed 330802006"), "{text}");
        keep_foreign(Path::new(path)).expect("ours may be written again");
        for (name, bytes) in embedded() {
            assert!(std::fs::read(Path::new(path).join(name)).expect("there") == *bytes, "{name}");
        }
        std::fs::write(folder.path().join("place.toml"), "name = \"home\"").expect("written");
        let error = run_with(&["--place", folder.path().to_str().expect("a path")]).expect_err("kept");
        assert!(error.contains("name an empty or a new folder"), "{error}");
    }

    #[test]
    fn what_cannot_be_done_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_str().expect("a path");
        let missing = format!("{path}/nowhere/city.geojson");
        for (line, wanted) in [
            (vec![], "--place"),
            (vec!["--buildings", "5"], "--out"),
            (vec!["--buildings", "0", "--out", "x"], "1..="),
            (vec!["--buildings", "many", "--out", "x"], "invalid"),
            (vec!["--place", path, "--out", "x"], "cannot be used with"),
            (vec!["--buildings", "5", "--out", path], "name a file in it"),
            (vec!["--buildings", "5", "--out", &missing], "make it first"),
            (vec!["--buildings", "5", "--out", "x", "--at", "118.87"], "LON,LAT"),
            (vec!["--buildings", "5", "--out", "x", "--at", "NaN,91"], "LON,LAT"),
        ] {
            let error = run_with(&line).expect_err("refused");
            assert!(error.contains(wanted), "{line:?}: {error}");
        }
    }
}
