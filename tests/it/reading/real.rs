//! Files that others made, in `../shared/data`: each opens or is refused, and the counts are those that shapely comes to.
//!
//! `tests/data/polygons.json` is written by `scripts/count_polygons.py`, which shares no code with the reader;
//! the snapshot has what the reader itself reports, so that a change of either is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use yunfushan::city::{Areas, ReadOptions, Reason, Repair, Report, Ways, read};
use yunfushan::geo::{Datum, LocalFrame, LonLat};

use super::{shared_data, sound};

/// How far the reader's area may be from shapely's: the one projects the city, the other each polygon by itself.
const AREA_WITHIN: f64 = 2e-3;

/// What the script says of one file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    /// `GeoJSON`; else `not GeoJSON` or `not JSON`, and nothing is counted.
    is: String,
    features: u32,
    shown: u32,
    /// Polygons of features that needed no mending.
    valid: usize,
    area_m2: f64,
    mended: BTreeMap<u32, String>,
    empty: BTreeMap<u32, String>,
    no_area: usize,
    far: Vec<u32>,
    /// Which features repeat which earlier ones.
    repeated: BTreeMap<u32, u32>,
}

/// What the reader says of one file, for the snapshot.
#[derive(Serialize)]
#[serde(untagged)]
enum Summary {
    Read {
        features: u32,
        shown: u32,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        refused: BTreeMap<String, u32>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        repaired: BTreeMap<Repair, u32>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<String>,
    },
    Refused(String),
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

/// Every file of the folders that the script looks at, by its path below `data`.
fn files(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = Vec::new();
    for folder in ["buildings", "conformance"] {
        files_below(&data.join(folder), &mut files);
    }
    let name = |path: &Path| path.strip_prefix(data).expect("below it").to_string_lossy().replace('\\', "/");
    files.iter().map(|path| (name(path), std::fs::read(path).expect("readable"))).collect()
}

/// The same reason for many features is told once: numbers do not count.
fn tally(report: &Report) -> BTreeMap<String, u32> {
    let mut tally = BTreeMap::new();
    for refused in &report.refused {
        let reason = refused.reason.to_string();
        let words: Vec<&str> =
            reason.split(' ').map(|word| if word.parse::<f64>().is_ok() { "#" } else { word }).collect();
        *tally.entry(words.join(" ")).or_default() += 1;
    }
    tally
}

#[test]
fn every_file_is_read_as_shapely_counts_it() {
    let Some(data) = shared_data() else { return };
    let counted: BTreeMap<String, Counts> =
        serde_json::from_str(include_str!("../../data/polygons.json")).expect("written by the script");
    let files = files(&data);
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        counted.keys().collect::<Vec<_>>(),
        "files came or went: run scripts/count_polygons.py"
    );
    let mut summaries = BTreeMap::new();
    for ((name, bytes), counts) in files.iter().zip(counted.values()) {
        println!("{name}");
        let summary = match (read(bytes, &ReadOptions::named("file")), counts.is == "GeoJSON") {
            (Ok((city, report)), true) => {
                sound::check(&city, &report);
                compare(name, &city, &report, counts);
                Summary::Read {
                    features: report.features,
                    shown: report.shown,
                    refused: tally(&report),
                    repaired: report.repaired,
                    warnings: report.warnings,
                }
            }
            (Err(error), false) => Summary::Refused(error.to_string()),
            (Ok((_, report)), false) => panic!("{name} is no GeoJSON, but was read: {report:?}"),
            (Err(error), true) => panic!("{name} is GeoJSON, but was refused: {error}"),
        };
        summaries.insert(name.as_str(), summary);
    }
    insta::assert_json_snapshot!("files_of_others", summaries);
}

/// Holds the reader's report of a file against the script's counts, feature by feature where it can be.
fn compare(name: &str, city: &yunfushan::city::City, report: &Report, counts: &Counts) {
    assert_eq!(
        (report.features, report.shown),
        (counts.features, counts.shown),
        "{name}: {:?}",
        tally(report)
    );
    let with = |wanted: fn(&Reason) -> bool| {
        report.refused.iter().filter(move |refused| wanted(&refused.reason)).map(|refused| refused.index)
    };
    let no_area = with(|reason| matches!(reason, Reason::NoGeometry | Reason::NotAnArea(_)));
    assert_eq!(no_area.count(), counts.no_area, "{name}: without an area");
    let far = with(|reason| matches!(reason, Reason::TooFar { .. }));
    assert_eq!(far.collect::<Vec<_>>(), counts.far, "{name}: far from the rest");
    let repeated: BTreeMap<u32, u32> = report
        .refused
        .iter()
        .filter_map(|refused| match refused.reason {
            Reason::SameAs(earlier) => Some((refused.index, earlier)),
            _ => None,
        })
        .collect();
    assert_eq!(repeated, counts.repeated, "{name}: repeated");
    let listed = |repairs: &[Repair]| -> BTreeSet<u32> {
        let listed = report.changed.iter().filter(|changed| repairs.contains(&changed.repair));
        listed.map(|changed| changed.index).collect()
    };
    let mended = listed(&[Repair::SelfCrossing, Repair::HoleOutside, Repair::HoleDropped]);
    assert_eq!(mended, counts.mended.keys().copied().collect(), "{name}: mended, {:?}", counts.mended);
    let empty: BTreeSet<u32> =
        with(|reason| matches!(reason, Reason::TooFewPoints | Reason::NoArea | Reason::CrossesItself))
            .chain(listed(&[Repair::PartDropped]))
            .collect();
    assert_eq!(empty, counts.empty.keys().copied().collect(), "{name}: empty, {:?}", counts.empty);
    let valid = city.iter().filter(|building| {
        !counts.mended.contains_key(&building.feature()) && !counts.empty.contains_key(&building.feature())
    });
    let polygons: usize = valid.map(|building| building.polygons().len()).sum();
    assert_eq!(polygons, counts.valid, "{name}: valid polygons");
    let area_m2: f64 = city.iter().map(yunfushan::city::BuildingRef::area_m2).sum();
    let apart = (area_m2 - counts.area_m2).abs() / counts.area_m2.max(1.0);
    assert!(apart < AREA_WITHIN, "{name}: {area_m2} m², shapely has {} m²", counts.area_m2);
}

#[test]
fn every_file_is_taken_or_refused_as_areas_and_as_ways_too() {
    let Some(data) = shared_data() else { return };
    let frame = LocalFrame::new(LonLat::new(121.49, 31.24));
    let mut taken = 0;
    for (name, bytes) in files(&data) {
        if let Ok((areas, report)) = Areas::read(&bytes, "file", frame, Datum::Wgs84) {
            assert_eq!(areas.len(), report.shown as usize, "{name}");
            assert_eq!(report.shown as usize + report.refused.len(), report.features as usize, "{name}");
        }
        if let Ok((ways, report)) = Ways::read(&bytes, "file", frame, Datum::Wgs84) {
            assert_eq!(report.shown as usize + report.refused.len(), report.features as usize, "{name}");
            taken += ways.roads.len() + ways.surfaces.len() + ways.labels.len();
        }
    }
    assert!(taken > 1_000, "the roads and waters of Shanghai among them, but only {taken} were taken");
}

#[test]
fn of_our_own_place_all_is_shown_and_no_building_needs_mending() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fushan");
    let bytes = |name: &str| std::fs::read(folder.join(name)).expect("it is in the repository");
    let (city, buildings) =
        read(&bytes("buildings.geojson"), &ReadOptions::named("fushan")).expect("GeoJSON");
    sound::check(&city, &buildings);
    assert!(city.len() >= 3_000, "{}", city.len());
    let (_, areas) =
        Areas::read(&bytes("areas.geojson"), "areas", city.frame, Datum::Wgs84).expect("GeoJSON");
    let (_, ways) = Ways::read(&bytes("ways.geojson"), "ways", city.frame, Datum::Wgs84).expect("GeoJSON");
    assert!(buildings.repaired.is_empty(), "{:?}", buildings.repaired);
    for report in [buildings, areas, ways] {
        assert!(
            report.features > 0 && report.shown == report.features,
            "{}: {:?}",
            report.source,
            report.refused
        );
        assert!(
            report.warnings.is_empty() && report.broken.is_none(),
            "{}: {:?}",
            report.source,
            report.warnings
        );
    }
}
