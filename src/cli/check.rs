//! `yunfushan check FILE…`: reads city data and says what was found, repaired and refused, feature by feature.
//!
//! Exit code 0: every file can be used. 1: a file cannot be read, breaks off, or shows nothing although it has features.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;

use crate::city::{City, ReadOptions, Report, read, source_name};
use crate::geo::{Crs, Datum};

/// Reads city data and says what was found, repaired and refused.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// GeoJSON files with buildings.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Print one JSON object a file.
    #[arg(long)]
    pub(super) json: bool,
    /// The datum of the coordinates: wgs84, cgcs2000, gcj02 or bd09.
    #[arg(long, default_value = "wgs84")]
    pub(super) datum: Datum,
    /// The coordinate system, where the file does not say or says it wrongly, such as EPSG:4549.
    #[arg(long, value_parser = |name: &str| Crs::parse(name))]
    pub(super) crs: Option<Crs>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Output<'a> {
    file: String,
    /// The local frame's origin, and the city's box in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<[f64; 4]>,
    #[serde(flatten)]
    report: Option<&'a Report>,
    /// Why nothing could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// If the output cannot be written.
pub(super) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let is_usable = check(&args, &mut out)?;
    out.flush().context("the report cannot be written")?;
    Ok(if is_usable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes the report of each file; whether all of them can be used.
fn check(args: &Args, out: &mut impl std::io::Write) -> anyhow::Result<bool> {
    let mut is_usable = true;
    for file in &args.files {
        let read = read_file(file, args);
        is_usable &= read.as_ref().is_ok_and(|(_, report)| can_be_used(report));
        let text = if args.json { json(file, &read)? } else { plain(file, &read)? };
        out.write_all(text.as_bytes()).context("the report cannot be written")?;
    }
    Ok(is_usable)
}

fn can_be_used(report: &Report) -> bool {
    report.broken.is_none() && (report.shown > 0 || report.features == 0)
}

fn read_file(file: &Path, args: &Args) -> anyhow::Result<(City, Report)> {
    anyhow::ensure!(!file.is_dir(), "this is a folder; name the GeoJSON files in it");
    let bytes = std::fs::read(file).context("the file cannot be opened")?;
    let options = ReadOptions {
        datum: args.datum,
        crs: args.crs.clone(),
        ..ReadOptions::named(source_name(&file.to_string_lossy()))
    };
    Ok(read(&bytes, &options)?)
}

fn json(file: &Path, read: &anyhow::Result<(City, Report)>) -> anyhow::Result<String> {
    let output = match read {
        Ok((city, report)) => {
            let origin = city.frame.origin();
            let bounds = (!city.is_empty()).then(|| {
                let (low, high) =
                    (city.frame.unproject(city.bounds.min), city.frame.unproject(city.bounds.max));
                [low.lon, low.lat, high.lon, high.lat]
            });
            Output {
                file: file.display().to_string(),
                origin: (!city.is_empty()).then_some([origin.lon, origin.lat]),
                bounds,
                report: Some(report),
                error: None,
            }
        }
        Err(error) => Output {
            file: file.display().to_string(),
            origin: None,
            bounds: None,
            report: None,
            error: Some(format!("{error:#}")),
        },
    };
    let mut text = serde_json::to_string(&output).context("the report cannot be written as JSON")?;
    text.push('\n');
    Ok(text)
}

fn plain(file: &Path, read: &anyhow::Result<(City, Report)>) -> anyhow::Result<String> {
    let mut text = format!("{}\n", file.display());
    let (city, report) = match read {
        Ok(read) => read,
        Err(error) => {
            writeln!(text, "  cannot be used: {error:#}")?;
            return Ok(text);
        }
    };
    writeln!(
        text,
        "  features {}, shown {}, refused {}",
        report.features,
        report.shown,
        report.refused.len()
    )?;
    if !city.is_empty() {
        let origin = city.frame.origin();
        let [width_m, depth_m] = city.bounds.size();
        let tallest = city.iter().map(crate::city::BuildingRef::rise_m).fold(0.0, f32::max);
        writeln!(
            text,
            "  around {:.5} E {:.5} N, {width_m:.0} m wide and {depth_m:.0} m deep, tallest {tallest:.1} m",
            origin.lon, origin.lat
        )?;
    }
    for (repair, count) in &report.repaired {
        writeln!(text, "  repaired {repair}: {count}")?;
    }
    for warning in &report.warnings {
        writeln!(text, "  warning: {warning}")?;
    }
    for changed in &report.changed {
        writeln!(text, "  feature {}: {}", changed.index, changed.repair)?;
    }
    for refused in &report.refused {
        let id = refused.id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
        writeln!(text, "  feature {}{id}: refused, {}", refused.index, refused.reason)?;
    }
    if let Some(broken) = &report.broken {
        writeln!(text, "  the file breaks off: {broken}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_on(content: &str, json: bool) -> (bool, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("city.geojson");
        std::fs::write(&file, content).expect("written");
        let args = Args { files: vec![file], json, datum: Datum::Wgs84, crs: None };
        let mut out = Vec::new();
        let is_usable = check(&args, &mut out).expect("written");
        (is_usable, String::from_utf8(out).expect("text"))
    }

    const TWO: &str = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"a","properties":{"height":9},"geometry":{"type":"Polygon",
         "coordinates":[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]}},
        {"type":"Feature","id":"b","properties":null,"geometry":null}]}"#;

    #[test]
    fn json_has_the_promised_members() {
        let (is_usable, text) = run_on(TWO, true);
        assert!(is_usable);
        let value: serde_json::Value = serde_json::from_str(&text).expect("one object");
        assert_eq!((value["features"].as_u64(), value["shown"].as_u64()), (Some(2), Some(1)));
        assert_eq!(value["refused"][0]["index"], 1);
        assert_eq!(value["refused"][0]["id"], "b");
        assert_eq!(value["refused"][0]["reason"], "no geometry");
        assert!(value["repaired"].is_object());
    }

    #[test]
    fn text_names_each_feature() {
        let (is_usable, text) = run_on(TWO, false);
        assert!(is_usable);
        assert!(text.contains("features 2, shown 1, refused 1"), "{text}");
        assert!(text.contains("feature 1 (b): refused, no geometry"), "{text}");
    }

    #[test]
    fn what_cannot_be_used_fails() {
        for content in ["", "<html></html>", "{\"type\":\"Topology\"}", "[1,2", &TWO[..TWO.len() - 40]] {
            let (is_usable, text) = run_on(content, true);
            assert!(!is_usable, "{content}");
            let value: serde_json::Value = serde_json::from_str(&text).expect("one object");
            assert!(value["error"].is_string() || value["broken"].is_object(), "{text}");
        }
        assert!(run_on("{\"type\":\"FeatureCollection\",\"features\":[]}", true).0);
        let args =
            Args { files: vec!["/nowhere.geojson".into()], json: false, datum: Datum::Wgs84, crs: None };
        assert!(!check(&args, &mut Vec::new()).expect("written"));
    }
}
