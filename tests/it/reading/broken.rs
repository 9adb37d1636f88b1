//! Broken inputs: each is shown as far as it can be, and the rest is told with its index and reason.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rstest::rstest;
use yunfushan::city::{ReadOptions, read};

use super::sound;

/// About 19.5 m × 11.1 m near Quzhou.
const RING: &str = "[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.9601],[118.87,28.96]]";

pub(super) fn collection(features: &[String]) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","))
}

pub(super) fn feature(id: &str, properties: &str, geometry: &str) -> String {
    format!("{{\"type\":\"Feature\",\"id\":\"{id}\",\"properties\":{properties},\"geometry\":{geometry}}}")
}

pub(super) fn polygon(rings: &str) -> String {
    format!("{{\"type\":\"Polygon\",\"coordinates\":{rings}}}")
}

/// A good building with a height, as a neighbour of what is broken.
pub(super) fn good(id: &str) -> String {
    feature(id, "{\"height\":9}", &polygon(&format!("[{RING}]")))
}

/// What the reader makes of bytes, on one line; the city and its tiles are checked on the way.
fn told(bytes: &[u8]) -> String {
    let (city, report) = match read(bytes, &ReadOptions::named("broken")) {
        Ok(read) => read,
        Err(error) => return format!("error: {error}"),
    };
    sound::check(&city, &report);
    let mut told = format!("shown {} of {}", report.shown, report.features);
    for refused in &report.refused {
        let _ =
            write!(told, "; {} {}: {}", refused.index, refused.id.as_deref().unwrap_or("-"), refused.reason);
    }
    for (repair, count) in &report.repaired {
        let _ = write!(told, "; {repair} {count}");
    }
    for warning in &report.warnings {
        let _ = write!(told, "; warning: {warning}");
    }
    if let Some(broken) = &report.broken {
        let _ = write!(told, "; breaks off: {}", broken.what);
    }
    told
}

/// The same for one feature between two good ones, which always stay.
fn told_between(middle: &str) -> String {
    told(collection(&[good("a"), middle.to_owned(), good("c")]).as_bytes())
}

#[rstest]
#[case::unclosed(
    "[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.9601]]]",
    "shown 3 of 3; ring_closed 1"
)]
#[case::two_points(
    "[[[118.87,28.96],[118.8702,28.96]]]",
    "shown 2 of 3; 1 b: a ring of fewer than three points"
)]
#[case::two_points_closed(
    "[[[118.87,28.96],[118.8702,28.96],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: a ring of fewer than three points"
)]
#[case::one_point_four_times(
    "[[[118.87,28.96],[118.87,28.96],[118.87,28.96],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: a ring of fewer than three points"
)]
#[case::bow_tie(
    "[[[118.87,28.96],[118.8702,28.9601],[118.8702,28.96],[118.87,28.9601],[118.87,28.96]]]",
    "shown 3 of 3; self_crossing 1"
)]
#[case::a_line(
    "[[[118.87,28.96],[118.8701,28.96],[118.8702,28.96],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: zero area"
)]
#[case::not_a_number(
    "[[[NaN,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 -: not JSON: expected value at byte 324"
)]
#[case::infinite(
    "[[[118.87,-Infinity],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 -: not JSON: invalid number at byte 332"
)]
#[case::huge(
    "[[[1e308,-1e308],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: coordinates out of range: 1e308, -1e308"
)]
#[case::too_huge_for_a_number(
    "[[[1e309,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 -: not JSON: number out of range at byte 328"
)]
#[case::one_corner_beyond_the_earth(
    "[[[118.87,28.96],[218.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: coordinates out of range: 2.188702e2, 2.896e1"
)]
#[case::one_corner_far_away(
    "[[[118.87,28.96],[8.8702,48.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: too far from the rest: 8927 km"
)]
#[case::latitude_first(
    "[[[28.96,118.87],[28.96,118.8702],[28.9601,118.8702],[28.96,118.87]]]",
    "shown 3 of 3; swapped_lon_lat 1"
)]
#[case::text(
    "[[[\"118.87\",28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: bad coordinates: text instead of a number"
)]
#[case::one_number(
    "[[[118.87],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]",
    "shown 2 of 3; 1 b: bad coordinates: a position of one number"
)]
#[case::an_object(
    "[[{\"x\":118.87,\"y\":28.96},[118.8702,28.96],[118.8702,28.9601]]]",
    "shown 2 of 3; 1 b: bad coordinates: an object instead of a number"
)]
#[case::a_level_too_few(
    "[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]",
    "shown 2 of 3; 1 b: bad coordinates: nested in another way than the type says"
)]
#[case::a_level_too_many(
    "[[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]]",
    "shown 2 of 3; 1 b: bad coordinates: nested in another way than the type says"
)]
#[case::nothing("null", "shown 2 of 3; 1 b: bad coordinates: null instead of a number")]
fn shapes(#[case] rings: &str, #[case] expected: &str) {
    assert_eq!(told_between(&feature("b", "{\"height\":9}", &polygon(rings))), expected);
}

#[rstest]
#[case::negative("{\"height\":-5}", "height_defaulted 1; height_negative 1")]
#[case::absurd("{\"height\":5000}", "height_defaulted 1; height_absurd 1")]
#[case::beyond_measure("{\"height\":1e308}", "height_defaulted 1; height_absurd 1")]
#[case::negative_beyond_measure("{\"height\":\"-1e308\"}", "height_defaulted 1; height_unreadable 1")]
#[case::not_a_number("{\"height\":\"NaN\",\"levels\":\"inf\"}", "height_defaulted 1; height_unreadable 1")]
#[case::a_list("{\"height\":[9],\"levels\":{\"n\":3}}", "height_defaulted 1; height_unreadable 1")]
#[case::zero("{\"height\":0}", "height_defaulted 1; height_zero 1")]
#[case::a_base_below_the_ground("{\"height\":9,\"base_height\":-3}", "base_unusable 1")]
#[case::a_base_in_the_sky("{\"height\":9,\"base_height\":1e300}", "base_unusable 1")]
#[case::a_base_above_the_top("{\"height\":9,\"base_height\":30}", "height_below_base 1")]
#[case::negative_levels("{\"levels\":-2}", "height_defaulted 1")]
#[case::absurd_levels("{\"levels\":100000}", "height_defaulted 1")]
#[case::the_year_of_the_flood("{\"height\":9,\"year\":1e300}", "")]
#[case::a_list_of_properties("[1,2]", "height_defaulted 1")]
#[case::text_for_properties("\"none\"", "height_defaulted 1")]
fn heights_and_other_properties(#[case] properties: &str, #[case] repaired: &str) {
    let told = told_between(&feature("b", properties, &polygon(&format!("[{RING}]"))));
    let expected = if repaired.is_empty() { String::new() } else { format!("; {repaired}") };
    assert_eq!(told, format!("shown 3 of 3{expected}"));
}

#[rstest]
#[case::a_number("7", "shown 2 of 3; 1 -: not a feature")]
#[case::a_list("[[[]]]", "shown 2 of 3; 1 -: not a feature")]
#[case::nothing("null", "shown 2 of 3; 1 -: not a feature")]
#[case::no_type("{\"geometry\":null}", "shown 2 of 3; 1 -: not a feature")]
#[case::a_type_that_is_a_number("{\"type\":7,\"id\":\"b\"}", "shown 2 of 3; 1 b: not a feature")]
#[case::a_geometry_that_is_text(
    "{\"type\":\"Feature\",\"id\":\"b\",\"geometry\":\"POLYGON((0 0))\"}",
    "shown 2 of 3; 1 b: unknown type of geometry"
)]
#[case::an_id_that_is_a_list(
    "{\"type\":\"Feature\",\"id\":[1],\"geometry\":null}",
    "shown 2 of 3; 1 -: no geometry"
)]
#[case::a_missing_quote("{\"type\":\"Feature,\"id\":\"b\"}", "shown 1 of 1; breaks off: expected `,` or `}`")]
fn entries(#[case] entry: &str, #[case] expected: &str) {
    assert_eq!(told_between(entry), expected);
}

#[test]
fn repeated_ids_are_told_and_only_a_repeated_building_is_left_out() {
    let other =
        feature("a", "{\"height\":9}", &polygon(&format!("[{}]", RING.replace("118.87,", "118.8699,"))));
    let text = collection(&[good("a"), good("a"), other]);
    assert_eq!(told(text.as_bytes()), "shown 2 of 3; 1 a: same id and geometry as feature 0; id_repeated 1");
}

#[test]
fn every_cut_of_a_file_shows_what_came_before() {
    let text = collection(&[good("a"), good("b"), good("c")]);
    let ends: Vec<usize> = text.match_indices("]]]}}").map(|(at, end)| at + end.len()).collect();
    for cut in 1..text.len() {
        let told = told(&text.as_bytes()[..cut]);
        let whole = ends.iter().filter(|end| **end <= cut).count();
        if cut < text.find("[{").expect("there") {
            assert!(told.starts_with("error: ") || told.starts_with("shown 0 of 0"), "{cut}: {told}");
        } else {
            assert!(told.starts_with(&format!("shown {whole} of {whole}; ")), "{cut}: {told}");
        }
        assert!(told.starts_with("error: ") || told.contains("; breaks off: "), "{cut}: {told}");
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() {
    let text = collection(&[good("a"), good("b")]);
    let expected = "shown 2 of 2";
    assert_eq!(told(format!("\u{feff}{text}").as_bytes()), expected);
    assert_eq!(told(text.replace(',', ",\r\n\t").as_bytes()), expected);
    assert_eq!(told(format!("\u{feff}\r\n{}\r\n{}\r\n", good("a"), good("b")).as_bytes()), expected);
    assert_eq!(told(format!("{text}\0\0\0").as_bytes()), "shown 2 of 2; breaks off: expected value");
}

#[test]
fn text_in_another_encoding_is_named() {
    let named = |name: &[u8]| {
        let text = collection(&[
            good("a"),
            feature("b", "{\"name\":\"?\",\"height\":9}", &polygon(&format!("[{RING}]"))),
        ]);
        let at = text.find('?').expect("there");
        [&text.as_bytes()[..at], name, &text.as_bytes()[at + 1..]].concat()
    };
    assert_eq!(told(&named("钟楼".as_bytes())), "shown 2 of 2");
    // 钟楼 in GB 18030.
    let told = told(&named(b"\xd6\xd3\xc2\xa5"));
    assert!(told.starts_with("shown 1 of 2; 1 -: not JSON: invalid unicode code point at byte "), "{told}");
    assert!(
        told.ends_with("warning: the text is not UTF-8 (GBK, perhaps); save the file as UTF-8"),
        "{told}"
    );
    let wide: Vec<u8> =
        [0xff_u8, 0xfe].into_iter().chain(good("a").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(self::told(&wide), "error: this is not GeoJSON but looks like UTF-16; save it as UTF-8");
}

#[rstest]
#[case::empty(b"", "error: the file is empty")]
#[case::spaces(b" \r\n\t ", "error: the file is empty")]
#[case::zeros(&[0; 64], "error: this is not JSON: expected value at byte 0")]
#[case::html(b"<!DOCTYPE html><html>", "error: this is not GeoJSON but looks like HTML or XML")]
#[case::gzip(b"\x1f\x8b\x08\x00", "error: this is not GeoJSON but looks like a gzip file; unpack it first")]
#[case::zip(b"PK\x03\x04", "error: this is not GeoJSON but looks like a zip file; unpack it first")]
#[case::words(b"hello", "error: this is not JSON: expected value at byte 0")]
#[case::a_number(
    b"42",
    "error: this is JSON but not GeoJSON: its type is neither FeatureCollection nor Feature nor a geometry"
)]
#[case::a_list(
    b"[[118.87,28.96]]",
    "error: this is JSON but not GeoJSON: its type is neither FeatureCollection nor Feature nor a geometry"
)]
#[case::a_topology(
    b"{\"type\":\"Topology\",\"arcs\":[]}",
    "error: this is JSON but not GeoJSON: its type is neither FeatureCollection nor Feature nor a geometry"
)]
#[case::no_list_of_features(b"{\"type\":\"FeatureCollection\",\"features\":{}}", "shown 0 of 0")]
fn whole_files(#[case] bytes: &[u8], #[case] expected: &str) {
    assert_eq!(told(bytes), expected);
}

#[test]
fn deep_nesting_costs_one_feature_and_no_stack() {
    const DEEP: usize = 1_000_000;
    let (open, close) = ("[".repeat(DEEP), "]".repeat(DEEP));
    let refused = |middle: &str| {
        let told = told_between(middle);
        assert!(told.starts_with("shown 2 of 3; 1 -: not JSON: recursion limit exceeded at byte "), "{told}");
    };
    refused(&feature("b", "{}", &polygon(&format!("{open}{close}"))));
    // What nobody wants to know is skipped at any depth, in properties and in the collection.
    assert_eq!(
        told_between(&feature(
            "b",
            &format!("{{\"tags\":{open}{close},\"height\":9}}"),
            &polygon(&format!("[{RING}]"))
        )),
        "shown 3 of 3"
    );
    let inner = "{\"type\":\"GeometryCollection\",\"geometries\":[";
    let nested = format!("{}{}{}", inner.repeat(10_000), polygon(&format!("[{RING}]")), "]}".repeat(10_000));
    refused(&feature("b", "{}", &nested));
    assert!(told(open.as_bytes()).starts_with("error: this is "), "brackets that never close");
    let objects = "{\"features\":".repeat(100_000);
    assert!(told(objects.as_bytes()).starts_with("shown 0 of 0; breaks off: "), "objects that never close");
}

/// A ring of many corners, given in metres around Quzhou.
fn ring(corners: impl Iterator<Item = [f64; 2]>) -> String {
    let mut text = String::from("[");
    for [east, north] in corners {
        let comma = if text.len() > 1 { "," } else { "" };
        let _ = write!(text, "{comma}[{:.9},{:.9}]", 118.87 + east / 97_500.0, 28.96 + north / 110_840.0);
    }
    text + "]"
}

/// Reads one building of huge rings between two good ones; gives what was told and how long it took.
fn huge(rings: &[String]) -> (String, Duration) {
    let middle = feature("b", "{\"height\":9}", &polygon(&format!("[{}]", rings.join(","))));
    let start = Instant::now();
    (told_between(&middle), start.elapsed())
}

#[rstest]
#[case::a_circle(300_000, |i: u32| { let a = f64::from(i) / 300_000.0 * std::f64::consts::TAU; [900.0 * a.cos(), 900.0 * a.sin()] }, "shown 3 of 3; ring_closed 1")]
#[case::a_comb(100_000, |i: u32| [f64::from(i % 2) * 900.0, f64::from(i) * 0.005], "shown 2 of 3; 1 b: crosses itself too often to be taken apart")]
#[case::there_and_back(100_000, |i: u32| [f64::from(i % 2) * 9.0, 0.0], "shown 2 of 3; 1 b: a ring of fewer than three points")]
#[case::a_scribble(20_000, |i: u32| { let h = f64::from(i.wrapping_mul(2_654_435_761) >> 8); [(h % 911.0), (h / 911.0) % 887.0] }, "shown 2 of 3; 1 b: crosses itself too often to be taken apart")]
fn huge_rings_are_read_in_bounded_time(
    #[case] corners: u32,
    #[case] corner: fn(u32) -> [f64; 2],
    #[case] expected: &str,
) {
    let (told, elapsed) = huge(&[ring((0..corners).map(corner))]);
    println!("{corners} corners: {elapsed:?}, {told}");
    assert!(expected.is_empty() || told == expected, "{told}");
    assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
}

#[test]
fn ten_thousand_holes_are_read_in_bounded_time() {
    let square = |x: f64, y: f64, side: f64| {
        ring([[x, y], [x, y + side], [x + side, y + side], [x + side, y], [x, y]].into_iter())
    };
    let mut rings = vec![square(-1.0, -1.0, 502.0)];
    rings.extend((0..10_000_u32).map(|i| square(f64::from(i % 100) * 5.0, f64::from(i / 100) * 5.0, 2.0)));
    let (told, elapsed) = huge(&rings);
    println!("10,000 holes: {elapsed:?}, {told}");
    assert_eq!(told, "shown 3 of 3; winding 1");
    assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
}
