//! Good files with bytes cut, doubled, exchanged and spliced: whatever comes of it, nothing panics and nothing is lost sight of.

use proptest::prelude::*;
use yunfushan::city::{ReadOptions, read};

use super::broken::{collection, feature, good, polygon};
use super::sound;

/// What is put in: all that means something to a reader of JSON, and some that means nothing.
const PIECES: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"0",
    b"-",
    b"e",
    b".",
    b"1e308",
    b"-1e-308",
    b"NaN",
    b"null",
    b"true",
    b"\"\\ud800\"",
    b"\xff",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"[[[[",
    b"\"features\":[",
];

#[derive(Debug, Clone)]
enum Edit {
    Put(usize, usize),
    Overwrite(usize, u8),
    Remove(usize, usize),
    Copy(usize, usize, usize),
    Cut(usize),
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Edit::Put(at, piece)),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Overwrite(at, byte)),
        2 => (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        2 => (any::<usize>(), any::<usize>(), 1..200_usize).prop_map(|(from, to, length)| Edit::Copy(from, to, length)),
        1 => any::<usize>().prop_map(Edit::Cut),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let length = bytes.len().max(1);
    match *edit {
        Edit::Put(at, piece) => {
            let at = at % length;
            bytes.splice(at..at, PIECES[piece].iter().copied());
        }
        Edit::Overwrite(at, byte) => {
            if let Some(old) = bytes.get_mut(at % length) {
                *old = byte;
            }
        }
        Edit::Remove(at, count) => {
            let at = at % length;
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Edit::Copy(from, to, count) => {
            let (from, to) = (from % length, to % length);
            let copied = bytes[from..(from + count).min(bytes.len())].to_vec();
            bytes.splice(to..to, copied);
        }
        // Short files say little: at least half is left.
        Edit::Cut(at) => bytes.truncate((at % length).max(length / 2)),
    }
}

fn base() -> String {
    let hole =
        "[[118.8705,28.9605],[118.8705,28.9606],[118.8706,28.9606],[118.8706,28.9605],[118.8705,28.9605]]";
    let outer = "[[118.87,28.96],[118.872,28.96],[118.872,28.962],[118.87,28.962],[118.87,28.96]]";
    let multi = "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[118.88,28.96],[118.8802,28.96],[118.8802,28.9601],[118.88,28.96]]],[[[118.89,28.96,5],[118.8902,28.96,5],[118.8902,28.9601,5],[118.89,28.96,5]]]]}";
    let mixed = format!(
        "{{\"type\":\"GeometryCollection\",\"geometries\":[{{\"type\":\"Point\",\"coordinates\":[118.87,28.96]}},{}]}}",
        polygon(&format!("[{outer}]"))
    );
    collection(&[
        good("a"),
        feature(
            "b",
            "{\"height\":\"12 m\",\"levels\":3,\"name\":\"\\u949f楼\"}",
            &polygon(&format!("[{outer},{hole}]")),
        ),
        feature("c", "{\"min_height\":2,\"building:levels\":\"6\",\"tags\":[1,{\"a\":null}]}", multi),
        feature("d", "null", &mixed),
        good("a"),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_panics(edits in prop::collection::vec(any_edit(), 1..10)) {
        let mut bytes = base().into_bytes();
        for edit in &edits {
            apply(&mut bytes, edit);
        }
        if let Ok((city, report)) = read(&bytes, &ReadOptions::named("mutated")) {
            sound::check(&city, &report);
        }
    }

    #[test]
    fn nothing_panics_whatever_the_coordinates(
        rings in prop::collection::vec(prop::collection::vec(any_position(), 0..9), 0..4),
        height in prop_oneof![Just(f64::NAN), any::<f64>(), -10.0..2_000.0_f64],
        base in prop_oneof![Just(f64::INFINITY), any::<f64>(), -10.0..2_000.0_f64],
    ) {
        // Written by serde_json, so NaN and infinity become null.
        let geometry = serde_json::json!({ "type": "Polygon", "coordinates": rings }).to_string();
        let properties = serde_json::json!({ "height": height, "base_height": base }).to_string();
        let text = collection(&[good("a"), feature("b", &properties, &geometry), good("c")]);
        let (city, report) = read(text.as_bytes(), &ReadOptions::named("numbers")).expect("it is GeoJSON");
        prop_assert_eq!(report.features, 3);
        prop_assert!(report.shown >= 2, "{:?}", report.refused);
        sound::check(&city, &report);
    }
}

/// Mostly near, on a lattice, so that corners and edges fall together; sometimes anywhere.
fn any_position() -> impl Strategy<Value = [f64; 2]> {
    prop_oneof![
        20 => (0..6_i32, 0..6_i32).prop_map(|(x, y)| [118.87 + f64::from(x) * 1e-4, 28.96 + f64::from(y) * 1e-4]),
        5 => (118.0..119.0_f64, 28.0..29.0_f64).prop_map(|(lon, lat)| [lon, lat]),
        1 => (-180.0..180.0_f64, -90.0..90.0_f64).prop_map(|(lon, lat)| [lon, lat]),
        1 => (any::<f64>(), any::<f64>()).prop_map(|(lon, lat)| [lon, lat]),
    ]
}
