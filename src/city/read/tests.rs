use std::time::Instant;

use proptest::prelude::*;
use rstest::rstest;

use super::super::building::BuildingIndex;
use super::super::report::{Reason, Repair};
use super::super::sample;
use super::*;

fn collection(features: &str) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}")
}

fn feature(properties: &str, geometry: &str) -> String {
    format!("{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":{geometry}}}")
}

/// About 19.5 m × 11.1 m near Quzhou.
const RING: &str = "[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.9601],[118.87,28.96]]";

fn polygon() -> String {
    format!("{{\"type\":\"Polygon\",\"coordinates\":[{RING}]}}")
}

fn coordinates(coordinates: &str) -> String {
    format!("{{\"type\":\"Polygon\",\"coordinates\":{coordinates}}}")
}

fn read_text(text: &str) -> (City, Report) {
    read(text.as_bytes(), &ReadOptions::named("t")).expect("readable")
}

/// Reads one feature with a geometry beside a good one, and gives its refusal.
fn refusal(geometry: &str) -> Option<String> {
    let good = feature("{}", &polygon());
    let (_, report) = read_text(&collection(&format!("{good},{},{good}", feature("{}", geometry))));
    assert_eq!(report.features, 3);
    assert_eq!(report.shown as usize + report.refused.len(), 3, "{report:?}");
    report.refused.first().map(|refused| {
        assert_eq!(refused.index, 1, "the good ones stay");
        refused.reason.to_string()
    })
}

#[test]
fn a_building_with_everything() {
    let text = collection(&format!(
        "{{\"geometry\":{{\"coordinates\":[{RING}],\"type\":\"Polygon\"}},\"bbox\":[1,2,3,4],\"extra\":{{\"features\":[]}},\
         \"properties\":{{\"name\":\"钟楼\",\"height\":\"21 m\",\"levels\":7,\"use\":\"historic\",\"year\":1894,\
         \"address\":\"上街1号\",\"compound\":\"C7\",\"community\":\"330802006008\",\"grid\":\"330802006008001\",\"tags\":[1,{{}}]}},\
         \"id\":\"b7\",\"type\":\"Feature\"}}"
    ));
    let (city, report) = read_text(&text);
    assert_eq!((report.features, report.shown), (1, 1));
    assert!(report.repaired.is_empty(), "{:?}", report.repaired);
    let building = city.building(BuildingIndex(0)).expect("there");
    assert_eq!(building.id().to_string(), "t/b7");
    assert_eq!((building.name(), building.address()), (Some("钟楼"), Some("上街1号")));
    assert_eq!(
        (building.height_m(), building.base_m(), building.levels(), building.year()),
        (21.0, 0.0, 7, Some(1894))
    );
    assert_eq!(building.usage(), crate::city::BuildingUse::Historic);
    assert_eq!(
        (building.compound(), building.community(), building.grid()),
        (Some("C7"), Some("330802006008"), Some("330802006008001"))
    );
    assert_eq!(city.find("b7"), Some(BuildingIndex(0)));
    assert_eq!(city.find("t/b7"), Some(BuildingIndex(0)));
    assert_eq!(city.find("b8"), None);
    // 0.0002° × 97,480 m/° cos-scaled east and 0.0001° × 110,840 m/° north.
    assert!((building.area_m2() - 19.5 * 11.08).abs() < 1.0, "{}", building.area_m2());
    let centre = building.lon_lat();
    assert!((centre.lon - 118.8701).abs() < 1e-7 && (centre.lat - 28.96005).abs() < 1e-7);
}

#[test]
fn every_shape_of_document() {
    let one = feature("{}", &polygon());
    let multi = format!(
        "{{\"type\":\"MultiPolygon\",\"coordinates\":[[{RING}],[[[118.871,28.96],[118.8712,28.96],[118.8712,28.9601],[118.871,28.96]]]]}}"
    );
    let nested = format!(
        "{{\"type\":\"GeometryCollection\",\"geometries\":[{{\"type\":\"Point\",\"coordinates\":[118.87,28.96]}},{},{multi}]}}",
        polygon()
    );
    for (text, features, polygons) in [
        (one.clone(), 1, 1),
        (polygon(), 1, 1),
        (multi.clone(), 1, 2),
        (nested.clone(), 1, 3),
        (format!("\u{feff} \n{}", collection(&one)), 1, 1),
        (collection(&format!("{},{}", feature("null", &multi), feature("{}", &nested))), 2, 5),
        (format!("{one}\n{one}\n\n{one}\n"), 3, 3),
        (format!("\u{1e}{one}\n\u{1e}{one}\n"), 2, 2),
        (format!("{}\n{}", collection(&one), collection(&one)), 2, 2),
        (format!("{{\"features\":[{one}],\"type\":\"FeatureCollection\"}}"), 1, 1),
        (format!("{{\"a\":{{\"features\":[1]}},\"features\":[ {one} , {one} ] ,\"b\":[1,2]}}"), 2, 2),
        (collection(&polygon()), 1, 1),
        (collection(""), 0, 0),
    ] {
        let (city, report) = read_text(&text);
        assert_eq!(report.features, features, "{text}");
        assert_eq!(report.shown, features, "{text}: {:?}", report.refused);
        assert_eq!(city.iter().map(|building| building.polygons().len()).sum::<usize>(), polygons, "{text}");
        assert_eq!(report.broken, None, "{text}");
    }
}

#[rstest]
#[case("null", "no geometry")]
#[case("{\"type\":\"Point\",\"coordinates\":[118.87,28.96]}", "not an area: Point")]
#[case(
    "{\"type\":\"LineString\",\"coordinates\":[[118.87,28.96],[118.88,28.96]]}",
    "not an area: LineString"
)]
#[case("{\"type\":\"GeometryCollection\",\"geometries\":[]}", "not an area: GeometryCollection")]
#[case("{\"type\":\"Circle\",\"coordinates\":[]}", "unknown type of geometry")]
#[case("{\"coordinates\":[]}", "unknown type of geometry")]
#[case("\"here\"", "unknown type of geometry")]
#[case("[1,2]", "unknown type of geometry")]
#[case("{\"type\":\"Polygon\",\"coordinates\":[]}", "a ring of fewer than three points")]
#[case("{\"type\":\"Polygon\",\"coordinates\":[[]]}", "a ring of fewer than three points")]
#[case("{\"type\":\"Polygon\"}", "a ring of fewer than three points")]
#[case("{\"type\":\"Polygon\",\"coordinates\":\"here\"}", "bad coordinates: text instead of a number")]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[\"118.87\",28.96],[1,2],[2,3]]]}",
    "bad coordinates: text instead of a number"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[null,28.96],[1,2],[2,3]]]}",
    "bad coordinates: null instead of a number"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[118.87],[1,2],[2,3]]]}",
    "bad coordinates: a position of one number"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[118.87,28.96],[118.88,28.96]]}",
    "bad coordinates: nested in another way than the type says"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[[118.87,28.96]]]]}",
    "bad coordinates: nested in another way than the type says"
)]
#[case(
    "{\"type\":\"MultiPolygon\",\"coordinates\":[[[118.87,28.96],[118.88,28.96],[118.88,28.97]]]}",
    "bad coordinates: nested in another way than the type says"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[118.87,28.96],[118.88,28.96],[118.87,28.96]]]}",
    "a ring of fewer than three points"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[118.87,28.96],[118.88,28.96]]]}",
    "a ring of fewer than three points"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[118.87,28.96],[118.87,28.97],[118.87,28.98],[118.87,28.96]]]}",
    "zero area"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[1e308,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.96]]]}",
    "coordinates out of range: 1e308, 2.896e1"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[500000,3205000],[500010,3205000],[500010,3205010]]]}",
    "coordinates look like metres of a projection, and the file has no crs; name it with --crs: 500000, 3205000"
)]
#[case(
    "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0.001,0],[0.001,0.001],[0,0]]]}",
    "too far from the rest: 12786 km"
)]
fn what_cannot_be_drawn_is_refused_with_its_reason(#[case] geometry: &str, #[case] reason: &str) {
    assert_eq!(refusal(geometry).as_deref(), Some(reason));
}

#[rstest]
#[case("[[[NaN,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.96]]]")]
#[case("[[[1e999,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.96]]]")]
#[case("[[[-Infinity,28.96],[118.88,28.96],[118.88,28.97],[118.87,28.96]]]")]
#[case("[[[118.87 28.96],[118.88,28.96]]]")]
fn what_is_not_json_costs_one_feature(#[case] written: &str) {
    let reason = refusal(&coordinates(written)).expect("refused");
    assert!(reason.starts_with("not JSON: "), "{reason}");
    let byte: usize = reason.rsplit(' ').next().and_then(|byte| byte.parse().ok()).expect("a byte");
    let good = feature("{}", &polygon());
    let text = collection(&format!("{good},{},{good}", feature("{}", &coordinates(written))));
    let start = text.find(written).expect("there");
    assert!(
        (start..start + written.len()).contains(&byte),
        "byte {byte} lies in what is wrong, from {start}"
    );
}

#[test]
fn repairs_are_counted_by_name() {
    let repaired = |geometry: &str| {
        let (_, report) = read_text(&collection(&feature("{\"id\":1,\"height\":3}", geometry)));
        assert_eq!(report.shown, 1, "{:?}", report.refused);
        report.repaired.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(repaired(&polygon()), []);
    assert_eq!(
        repaired(&coordinates("[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601]]]")),
        [(Repair::RingClosed, 1)]
    );
    assert_eq!(
        repaired(&coordinates(
            "[[[118.87,28.96],[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]"
        )),
        [(Repair::DuplicatePoints, 1)]
    );
    assert_eq!(
        repaired(&coordinates("[[[118.87,28.96],[118.8702,28.9601],[118.8702,28.96],[118.87,28.96]]]")),
        [(Repair::Winding, 1)]
    );
    assert_eq!(
        repaired(&coordinates(
            "[[[118.87,28.96],[118.8702,28.9601],[118.8702,28.96],[118.87,28.9601],[118.87,28.96]]]"
        )),
        [(Repair::SelfCrossing, 1)]
    );
    let hole = "[[118.88,28.96],[118.8802,28.9601],[118.8802,28.96],[118.88,28.96]]";
    assert_eq!(repaired(&coordinates(&format!("[{RING},{hole}]"))), [(Repair::HoleOutside, 1)]);
    let multi =
        format!("{{\"type\":\"MultiPolygon\",\"coordinates\":[[{RING}],[[[118.87,28.96],[118.88,28.96]]]]}}");
    assert_eq!(repaired(&multi), [(Repair::PartDropped, 1)]);
}

#[test]
fn a_courtyard_is_a_hole_and_third_coordinates_do_not_matter() {
    let geometry = coordinates(
        "[[[118.87,28.96,5],[118.8702,28.96,5],[118.8702,28.9602,5],[118.87,28.9602,5],[118.87,28.96,5]],\
          [[118.87005,28.96005,5,7],[118.87005,28.96015,5,7],[118.87015,28.96015,5,7],[118.87015,28.96005,5,7],[118.87005,28.96005,5,7]]]",
    );
    let (city, report) = read_text(&collection(&feature("{\"id\":1,\"height\":3}", &geometry)));
    assert!(report.repaired.is_empty(), "{:?}", report.repaired);
    let building = city.building(BuildingIndex(0)).expect("there");
    let polygon = building.polygons().next().expect("there");
    assert_eq!((polygon.exterior().len(), polygon.holes().len()), (4, 1));
    // A quarter is missing.
    let outer = crate::city::signed_area_m2(polygon.exterior());
    assert!((building.area_m2() / outer - 0.75).abs() < 1e-3);
    assert!(!building.contains(building.centroid()), "the centre is the courtyard");
}

#[test]
fn ids_missing_and_repeated() {
    let other = polygon().replace("118.87,", "118.86999,");
    let with_id = |id: &str, geometry: &str| {
        format!("{{\"type\":\"Feature\",\"id\":{id},\"properties\":{{}},\"geometry\":{geometry}}}")
    };
    let text = collection(
        &[
            with_id("\"a\"", &polygon()),
            with_id("\"a\"", &polygon()),
            with_id("\"a\"", &other),
            with_id("7", &polygon()),
            feature("{\"@id\":\"way/9\"}", &polygon()),
            feature("{}", &polygon()),
            with_id("null", &other),
        ]
        .join(","),
    );
    let (city, report) = read_text(&text);
    let ids: Vec<String> = city.iter().map(|building| building.id().to_string()).collect();
    assert_eq!(ids, ["t/a", "t#2", "t/7", "t/way/9", "t#5", "t#6"]);
    assert_eq!(report.refused.len(), 1);
    assert_eq!((report.refused[0].index, report.refused[0].id.as_deref()), (1, Some("a")));
    assert_eq!(report.refused[0].reason, Reason::SameAs(0));
    assert_eq!(report.repaired.get(&Repair::IdRepeated), Some(&1));
    assert_eq!(report.repaired.get(&Repair::IdMissing), Some(&2));
}

#[test]
fn latitude_before_longitude_is_noticed() {
    let swapped = coordinates("[[[28.96,118.87],[28.96,118.8702],[28.9601,118.8702],[28.96,118.87]]]");
    let good = feature("{}", &polygon());
    // All of them, one among good ones, and one where both orders are places on earth but only one is near.
    let (city, report) = read_text(&collection(&feature("{}", &swapped)));
    assert_eq!((report.shown, report.repaired.get(&Repair::SwappedLonLat)), (1, Some(&1)));
    let centre = city.building(BuildingIndex(0)).expect("there").lon_lat();
    assert!((centre.lon - 118.87).abs() < 0.01 && (centre.lat - 28.96).abs() < 0.01, "{centre:?}");
    let (_, report) = read_text(&collection(&[good.clone(), feature("{}", &swapped), good].join(",")));
    assert_eq!((report.shown, report.repaired.get(&Repair::SwappedLonLat)), (3, Some(&1)));
    assert_eq!(
        report
            .changed
            .iter()
            .filter(|c| c.repair == Repair::SwappedLonLat)
            .map(|c| c.index)
            .collect::<Vec<_>>(),
        [1]
    );
    let berlin = feature("{}", &coordinates("[[[13.4,52.5],[13.4002,52.5],[13.4002,52.5001],[13.4,52.5]]]"));
    let turned = feature("{}", &coordinates("[[[52.5,13.4],[52.5,13.4002],[52.5001,13.4002],[52.5,13.4]]]"));
    let (_, report) = read_text(&collection(&[berlin.clone(), berlin.clone(), turned, berlin].join(",")));
    assert_eq!((report.shown, report.repaired.get(&Repair::SwappedLonLat)), (4, Some(&1)));
}

#[test]
fn a_crs_is_used_wherever_it_stands() {
    let metres = coordinates(
        "[[[13232547.9,3365000],[13232567.9,3365000],[13232567.9,3365020],[13232547.9,3365000]]]",
    );
    let member = "\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:EPSG::3857\"}}";
    for text in [
        format!("{{\"type\":\"FeatureCollection\",{member},\"features\":[{}]}}", feature("{}", &metres)),
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{}],{member}}}", feature("{}", &metres)),
    ] {
        let (city, report) = read_text(&text);
        assert_eq!(report.shown, 1, "{:?}", report.refused);
        let place = city.building(BuildingIndex(0)).expect("there").lon_lat();
        assert!((place.lon - 118.87).abs() < 0.001 && (28.0..30.0).contains(&place.lat), "{place:?}");
    }
    let zone = coordinates("[[[500000,3205000],[500020,3205000],[500020,3205010],[500000,3205000]]]");
    let options =
        ReadOptions { crs: Some(Crs::parse("EPSG:4549").expect("known")), ..ReadOptions::named("t") };
    let (city, _) = read(collection(&feature("{}", &zone)).as_bytes(), &options).expect("readable");
    let building = city.building(BuildingIndex(0)).expect("there");
    assert!((building.lon_lat().lon - 120.0).abs() < 0.001);
    assert!((building.area_m2() - 100.0).abs() < 0.2, "{}", building.area_m2());
    let unknown = format!(
        "{{\"type\":\"FeatureCollection\",\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"Mars\"}}}},\"features\":[{}]}}",
        feature("{}", &polygon())
    );
    assert!(matches!(read(unknown.as_bytes(), &ReadOptions::default()), Err(ReadError::Crs(_))));
}

#[test]
fn gcj02_is_moved_back() {
    let text = collection(&feature("{}", &polygon()));
    let options = ReadOptions { datum: Datum::Gcj02, ..ReadOptions::named("t") };
    let (city, _) = read(text.as_bytes(), &options).expect("readable");
    let wgs84 = city.building(BuildingIndex(0)).expect("there").lon_lat();
    let [east, north] = crate::geo::LocalFrame::new(wgs84).project(LonLat::new(118.8701, 28.96005));
    assert!((560.0..600.0).contains(&east.hypot(north)), "{}", east.hypot(north));
}

#[test]
fn heights_are_reported() {
    let one = |properties: &str| feature(properties, &polygon());
    let (city, report) = read_text(&collection(
        &[
            one("{\"height\":-5}"),
            one("{\"height\":5000}"),
            one("{\"height\":\"tall\",\"building:levels\":\"6\"}"),
            one("{}"),
        ]
        .join(","),
    ));
    assert_eq!(
        city.iter().map(crate::city::BuildingRef::height_m).collect::<Vec<_>>(),
        [9.0, 9.0, 19.8, 9.0]
    );
    let count = |repair| report.repaired.get(&repair).copied();
    assert_eq!(count(Repair::HeightNegative), Some(1));
    assert_eq!(count(Repair::HeightAbsurd), Some(1));
    assert_eq!(count(Repair::HeightUnreadable), Some(1));
    assert_eq!(count(Repair::HeightFromLevels), Some(1));
    assert_eq!(count(Repair::HeightDefaulted), Some(3));
    assert!(report.changed.iter().any(|c| c.index == 1 && c.repair == Repair::HeightAbsurd));
}

#[test]
fn a_file_that_breaks_off_shows_what_came_before() {
    let good = feature("{}", &polygon());
    let whole = collection(&[good.clone(), good.clone(), good].join(","));
    let cut = whole.len() - 60;
    let (city, report) = read_text(&whole[..cut]);
    assert_eq!((city.len(), report.features, report.shown), (2, 2, 2));
    assert_eq!(report.broken, Some(Broken { byte: cut as u64, what: "the file ends too early".to_owned() }));
    // Between features, and with the array closed but the object open.
    let (_, report) = read_text(&whole[..whole.len() - 2]);
    assert_eq!((report.shown, report.broken.is_some()), (3, true));
    let (_, report) = read_text(&whole[..whole.len() - 1]);
    assert_eq!((report.shown, report.broken.is_some()), (3, true));
    let (_, report) = read_text(&whole.replace("},{\"type\":\"Feature\"", "} {\"type\":\"Feature\""));
    assert_eq!(report.broken.map(|b| b.what), Some("expected a comma between features".to_owned()));
}

#[rstest]
#[case("", ReadError::Empty)]
#[case(" \n\u{feff}", ReadError::NotJson(Broken { byte: 2, what: "expected value".into() }))]
#[case("<!DOCTYPE html><html>", ReadError::LooksLike("HTML or XML"))]
#[case("{\"type\":\"Topology\",\"objects\":{}}", ReadError::NotGeoJson)]
#[case("{\"CityObjects\":{},\"type\":\"CityJSON\"}", ReadError::NotGeoJson)]
#[case("[1,2,3]", ReadError::NotGeoJson)]
#[case("42", ReadError::NotGeoJson)]
#[case("hello", ReadError::NotJson(Broken { byte: 0, what: "expected value".into() }))]
fn what_is_no_geojson_at_all(#[case] text: &str, #[case] error: ReadError) {
    assert_eq!(read(text.as_bytes(), &ReadOptions::default()).err(), Some(error));
}

#[test]
fn odd_entries_among_the_features() {
    let good = feature("{}", &polygon());
    let (_, report) =
        read_text(&collection(&format!("{good},null,7,\"x\",[{{}}],{{}},{}", collection(&good))));
    let reasons: Vec<String> = report.refused.iter().map(|r| format!("{} {}", r.index, r.reason)).collect();
    assert_eq!(
        reasons,
        [
            "1 not a feature",
            "2 not a feature",
            "3 not a feature",
            "4 not a feature",
            "5 not a feature",
            "6 a collection within a collection"
        ]
    );
}

#[test]
fn pieces_do_not_change_what_is_read() {
    // Larger than two pieces, with text that looks like the start of a feature wherever a guess could land.
    let trap = "},{\\\"type\\\":\\\"Feature\\\",\\\"geometry\\\":null},{";
    let mut features = Vec::new();
    for i in 0..12_000 {
        let nested = "[{\"a\":1},{\"type\":\"Feature\",\"properties\":{},\"geometry\":null},{\"b\":2}]";
        features
            .push(feature(&format!("{{\"name\":\"{trap}\",\"foreign\":{nested},\"id\":{i}}}"), &polygon()));
    }
    let text = collection(&features.join(","));
    assert!(text.len() > 3 << 20, "{}", text.len());
    let (city, report) = read_text(&text);
    assert_eq!((report.features, report.shown), (12_000, 12_000), "{:?}", report.refused.first());
    assert!(
        city.iter().enumerate().all(|(i, b)| b.original_id() == i.to_string() && b.feature() == i as u32)
    );
    assert_eq!(
        city.iter().next().and_then(crate::city::BuildingRef::name),
        Some(trap.replace('\\', "").as_str())
    );
}

#[test]
fn a_hundred_thousand_buildings_in_well_under_a_second() {
    let text = sample::geojson(100_000);
    let start = Instant::now();
    let (city, report) = read(text.as_bytes(), &ReadOptions::named("big")).expect("readable");
    let elapsed = start.elapsed();
    assert_eq!((city.len(), report.shown, report.refused.len()), (100_000, 100_000, 0));
    let points = city.buildings.points.len();
    println!("{} MB, {points} points: {elapsed:?}", text.len() / 1_000_000);
    assert!(elapsed.as_secs_f64() < 1.5, "{elapsed:?}");
}

/// Cuts, doubles and overwrites bytes of a document.
fn mutated(text: &str, edits: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, what, with) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = at % bytes.len();
        match what % 4 {
            0 => bytes[at] = *with,
            1 => {
                bytes.remove(at);
            }
            2 => bytes.insert(at, *with),
            _ => bytes.truncate(at.max(bytes.len() / 2)),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn nothing_panics_and_everything_is_accounted_for(
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), prop::sample::select(b"{}[],:\"0e-.9N\\n\x00\xff".to_vec())), 1..12),
    ) {
        let base = collection(&[
            feature("{\"height\":\"12 m\",\"levels\":3,\"name\":\"a\\u4e00\"}", &polygon()),
            feature("{\"min_height\":2}", "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[118.87,28.96],[118.8702,28.96],[118.8702,28.9601],[118.87,28.96]]]]}"),
            feature("null", "{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"Point\",\"coordinates\":[1,2]}]}"),
        ].join(","));
        let bytes = mutated(&base, &edits);
        if let Ok((city, report)) = read(&bytes, &ReadOptions::named("t")) {
            prop_assert_eq!(report.shown as usize, city.len());
            prop_assert_eq!(report.shown as usize + report.refused.len(), report.features as usize);
            for building in city.iter() {
                prop_assert!(building.height_m() > 0.0 && building.height_m().is_finite());
                prop_assert!(building.points().iter().flatten().all(|m| m.is_finite()));
                prop_assert!(building.polygons().len() > 0);
            }
            let mesh = crate::mesh::build(&city);
            prop_assert_eq!(mesh.rows.len(), city.len());
        }
    }
}
