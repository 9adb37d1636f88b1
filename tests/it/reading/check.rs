//! `yunfushan check`: the built program on good and broken files, its exit codes and what it prints.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::broken::{collection, feature, good, polygon};
use super::shared_data;

fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yunfushan"))
        .arg("check")
        .args(arguments)
        .output()
        .expect("the program runs")
}

/// Runs `check --json` on a file; gives the exit code and the one object that it prints.
fn check_json(file: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let file = file.to_str().expect("a path in UTF-8");
    let output = check(&[&["--json", file], more].concat());
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(printed.lines().count(), 1, "one object on one line: {printed}");
    (output.status.code(), serde_json::from_str(&printed).expect("JSON"))
}

fn written(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("city.geojson");
    std::fs::write(&file, content).expect("written");
    (folder, file)
}

fn a_mixed_file() -> String {
    collection(&[
        good("a"),
        feature("b", "{}", "null"),
        feature(
            "c",
            "{\"height\":9}",
            &polygon(
                "[[[118.88,28.96],[118.8802,28.9601],[118.8802,28.96],[118.88,28.9601],[118.88,28.96]]]",
            ),
        ),
        "7".to_owned(),
    ])
}

#[test]
fn json_has_features_shown_refused_and_repaired() {
    let (_folder, file) = written(a_mixed_file().as_bytes());
    let (code, report) = check_json(&file, &[]);
    assert_eq!(code, Some(0));
    assert_eq!((&report["features"], &report["shown"]), (&4.into(), &2.into()));
    assert_eq!(
        report["refused"],
        serde_json::json!([
            { "index": 1, "id": "b", "reason": "no geometry" },
            { "index": 3, "id": null, "reason": "not a feature" }
        ])
    );
    assert_eq!(report["repaired"], serde_json::json!({ "self_crossing": 1 }));
    assert_eq!(report["changed"], serde_json::json!([{ "index": 2, "repair": "self_crossing" }]));
    assert_eq!(report["file"], file.to_str().expect("a path in UTF-8"));
    let bounds: Vec<f64> = serde_json::from_value(report["bounds"].clone()).expect("four numbers");
    for (bound, expected) in bounds.iter().zip([118.87, 28.96, 118.8802, 28.9601]) {
        assert!((bound - expected).abs() < 1e-5, "{bounds:?}");
    }
}

#[test]
fn text_names_each_feature_that_is_not_shown() {
    let (_folder, file) = written(a_mixed_file().as_bytes());
    let output = check(&[file.to_str().expect("a path in UTF-8")]);
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success() && output.stderr.is_empty());
    for line in [
        "features 4, shown 2, refused 2",
        "repaired self_crossing: 1",
        "feature 2: self_crossing",
        "feature 1 (b): refused, no geometry",
        "feature 3: refused, not a feature",
    ] {
        assert!(printed.lines().any(|printed| printed.trim() == line), "{line:?} is missing:\n{printed}");
    }
}

#[test]
fn what_cannot_be_used_fails_and_says_why() {
    for (content, expected) in [
        ("", "the file is empty"),
        ("<html><body>502</body></html>", "this is not GeoJSON but looks like HTML or XML"),
        ("hello", "this is not JSON: expected value at byte 0"),
        ("[1,2", "this is not JSON: the file ends too early at byte 4"),
        (
            "{\"type\":\"Topology\"}",
            "this is JSON but not GeoJSON: its type is neither FeatureCollection nor Feature nor a geometry",
        ),
    ] {
        let (_folder, file) = written(content.as_bytes());
        let (code, report) = check_json(&file, &[]);
        assert_eq!((code, report["error"].as_str()), (Some(1), Some(expected)), "{content}");
        let output = check(&[file.to_str().expect("a path in UTF-8")]);
        assert_eq!(output.status.code(), Some(1));
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(printed.ends_with(&format!("  cannot be used: {expected}\n")), "{printed}");
    }
}

#[test]
fn a_file_that_is_not_there_and_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, report) = check_json(&folder.path().join("nowhere.geojson"), &[]);
    let error = report["error"].as_str().expect("a reason");
    assert_eq!(code, Some(1));
    assert!(error.starts_with("the file cannot be opened: No such file"), "{error}");
    let (code, report) = check_json(folder.path(), &[]);
    assert_eq!(
        (code, report["error"].as_str()),
        (Some(1), Some("this is a folder; name the GeoJSON files in it"))
    );
}

#[test]
fn a_file_that_breaks_off_fails_but_tells_what_it_has() {
    let text = collection(&[good("a"), good("b")]);
    let (_folder, file) = written(&text.as_bytes()[..text.len() - 30]);
    let (code, report) = check_json(&file, &[]);
    assert_eq!((code, &report["features"], &report["shown"]), (Some(1), &1.into(), &1.into()));
    assert_eq!(report["broken"]["what"], "the file ends too early");
    assert_eq!(report["broken"]["byte"], text.len() - 30);
}

#[test]
fn several_files_are_all_told_and_one_bad_one_fails() {
    let (_folder, file) = written(collection(&[good("a")]).as_bytes());
    let file = file.to_str().expect("a path in UTF-8");
    let output = check(&["--json", file, "/nowhere.geojson", file]);
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!((output.status.code(), printed.lines().count()), (Some(1), 3), "{printed}");
    assert_eq!(check(&["--json", file, file]).status.code(), Some(0));
}

#[test]
fn nothing_that_can_be_shown_fails_and_nothing_at_all_does_not() {
    let (_folder, file) = written(collection(&[feature("a", "{}", "null")]).as_bytes());
    let (code, report) = check_json(&file, &[]);
    assert_eq!((code, &report["warnings"][0]), (Some(1), &"no feature could be shown".into()));
    let (_folder, file) = written(collection(&[]).as_bytes());
    assert_eq!(check_json(&file, &[]).0, Some(0));
}

#[test]
fn a_wrong_command_line_is_code_2_and_says_what_is_possible() {
    for (arguments, said) in [
        (&[][..], "<FILE>"),
        (&["--crs", "Mars", "a.geojson"], "Mars"),
        (&["--datum", "mars", "a.geojson"], "wgs84"),
        (&["--jason", "a.geojson"], "--json"),
    ] {
        let output = check(arguments);
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr.contains(said) && output.stdout.is_empty(), "{arguments:?}: {stderr}");
    }
}

#[test]
fn metres_need_a_crs_and_say_so() {
    let square =
        polygon("[[[500000,3205000],[500020,3205000],[500020,3205010],[500000,3205010],[500000,3205000]]]");
    let (_folder, file) = written(collection(&[feature("a", "{}", &square)]).as_bytes());
    let (code, report) = check_json(&file, &[]);
    assert_eq!(code, Some(1));
    let reason = report["refused"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("name it with --crs"), "{reason}");
    let (code, report) = check_json(&file, &["--crs", "EPSG:4549"]);
    assert_eq!((code, &report["shown"]), (Some(0), &1.into()));
}

#[test]
fn a_real_file_is_checked_from_outside() {
    let Some(data) = shared_data() else { return };
    let (code, report) = check_json(&data.join("buildings/berlin-prenzlauerberg-osmbuildings.geojson"), &[]);
    assert_eq!((code, &report["features"], &report["shown"]), (Some(0), &2105.into(), &1934.into()));
    assert_eq!(report["refused"].as_array().map(Vec::len), Some(171));
    let (code, report) = check_json(&data.join("buildings/rotterdam.city.json"), &[]);
    assert_eq!(code, Some(1));
    assert!(report["error"].is_string());
}
