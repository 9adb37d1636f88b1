//! The index on small hand-made places, on the demo place, and at size.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;
use crate::city::place::Embedded;
use crate::city::tables::Address;
use crate::city::{City, ReadOptions, Report, read, sample};
use crate::generate;

fn names(index: &SearchIndex, typed: &str) -> Vec<String> {
    index.find(&Query::new(typed), 10).into_iter().map(|hit| hit.name).collect()
}

fn demo() -> (Place, SearchIndex) {
    let place = Place::read(&Embedded(generate::embedded())).expect("the demo place opens");
    let index = SearchIndex::new(&place);
    (place, index)
}

#[test]
fn the_demo_place_is_found_in_every_way() {
    let (place, index) = demo();
    for typed in ["fsgy", "府山公园", "fushangongyuan", "fu shan gong yuan", "fushan公园", "府山gy", "FSGY"]
    {
        let hits = index.find(&Query::new(typed), 8);
        assert_eq!(hits[0].name, "府山公园", "{typed}");
        assert_eq!(hits[0].kind, HitKind::Place);
        assert_eq!(hits.iter().filter(|hit| hit.name == "府山公园").count(), 1, "{typed}");
        let [east, north] = hits[0].at;
        let here = place.frame.unproject([east, north]);
        assert!((here.lon - 118.8765).abs() < 0.004 && (here.lat - 28.9625).abs() < 0.004, "{here:?}");
        assert!(hits[0].extent_m > 200.0);
    }
    for (typed, name, kind) in [
        ("xqj", "新桥街", HitKind::Road),
        ("shuitingmen", "水亭门", HitKind::Place),
        ("大西门", "水亭门", HitKind::Place),
        ("fmjshequ", "坊门街社区", HitKind::Community),
        ("xinanhu", "信安湖", HitKind::Place),
        ("330802006004", "坊门街社区", HitKind::Community),
        ("jingtoulong", "井头弄", HitKind::Place),
        ("zhonglou", "钟楼", HitKind::Place),
    ] {
        let hits = index.find(&Query::new(typed), 5);
        assert_eq!((hits[0].name.as_str(), hits[0].kind), (name, kind), "{typed}: {hits:?}");
    }
    // The code alone says which one it is: another place may have a community of the same name.
    let code = "330802006004";
    let hit = &index.find(&Query::new(code), 1)[0];
    let area = hit.area.and_then(|area| place.areas.get(area as usize));
    assert_eq!(area.map(|area| area.code.as_str()), Some(code));
    assert_eq!(index.find(&Query::new("信安湖"), 1)[0].area, None);
    let gate = &index.find(&Query::new("水亭门"), 1)[0];
    assert!(gate.building.is_some(), "a gate with one tower is that building");
    assert!(index.find(&Query::new("qqqqqq"), 5).is_empty());
    assert!(index.find(&Query::new(""), 5).is_empty());
}

#[test]
fn every_address_and_name_of_the_demo_finds_its_building() {
    let (place, index) = demo();
    for building in place.city.iter().step_by(37) {
        let Some(address) = building.address() else { continue };
        let hits = index.find(&Query::new(address), 20);
        assert!(hits.iter().any(|hit| hit.building == Some(building.index())), "{address}: {hits:?}");
    }
}

#[test]
fn nothing_is_listed_twice() {
    let (_, index) = demo();
    let temple = names(&index, "孔氏南宗家庙");
    assert_eq!(temple.iter().filter(|name| *name == "孔氏南宗家庙").count(), 1);
    assert!(temple.iter().all(|name| name.starts_with("孔氏南宗家庙")), "{temple:?}");
    for typed in ["nh", "fs", "门", "1号", "dt", "shequ", "南湖", "xiaoqu", "天王塔"] {
        let hits = index.find(&Query::new(typed), 200);
        assert!(!hits.is_empty(), "{typed}");
        assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
        let mut same: Vec<_> =
            hits.iter().map(|hit| (&hit.name, &hit.detail, hit.kind, hit.at.map(f64::to_bits))).collect();
        same.sort();
        same.dedup();
        assert_eq!(same.len(), hits.len(), "{typed}");
        for hit in hits.iter().filter(|hit| hit.kind == HitKind::Place) {
            let twins = hits.iter().filter(|other| {
                other.name == hit.name && (other.at[0] - hit.at[0]).hypot(other.at[1] - hit.at[1]) < 150.0
            });
            assert_eq!(twins.count(), 1, "{typed}: {}", hit.name);
        }
    }
}

fn small(features: &str, addresses: &[(&str, &[&str], Option<&str>)]) -> SearchIndex {
    let text = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
    let (city, report) = read(text.as_bytes(), &ReadOptions::named("t")).expect("readable");
    let mut place = Place::of_city(city, report);
    place.addresses = addresses
        .iter()
        .map(|(address, aliases, building)| Address {
            address: (*address).to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            building: building.map(str::to_owned),
            point: Some([5.0, 5.0]),
        })
        .collect();
    SearchIndex::new(&place)
}

fn house(id: &str, lon: f64, properties: &str) -> String {
    let (east, lat) = (lon + 0.0001, 28.97);
    let north = lat + 0.0001;
    format!(
        r#"{{"type":"Feature","id":"{id}","properties":{{{properties}}},"geometry":{{"type":"Polygon",
        "coordinates":[[[{lon},{lat}],[{east},{lat}],[{east},{north}],[{lon},{north}],[{lon},{lat}]]]}}}}"#
    )
}

#[test]
fn buildings_addresses_and_rows() {
    let features = [
        house("a", 118.870, r#""name":"3幢","compound":"南湖小区","address":"南湖路12号""#),
        house("b", 118.871, r#""name":"3幢","compound":"江滨小区","address":"江滨路9号""#),
        house("c", 118.872, r#""address":"坊门街1号""#),
        house("d", 118.8721, r#""name":"老塔","address":"坊门街3号""#),
        house("e", 118.8722, r#""name":"老塔""#),
        house("f", 118.873, r#""height":3"#),
    ]
    .join(",");
    let rows: [(&str, &[&str], Option<&str>); 4] = [
        ("坊门街1号", &["老邮局"], Some("c")),
        ("坊门街1号之一", &[], Some("c")),
        ("公交站", &["bus stop"], None),
        ("无处", &[], Some("nobody")),
    ];
    let index = small(&features, &rows);
    // a, b, c, d with e, and the two rows without a building; f has nothing to be found by.
    assert_eq!(index.len(), 6);
    let find = |typed: &str| index.find(&Query::new(typed), 5);
    let hits = find("南湖3幢");
    assert_eq!(hits.len(), 0, "not a part of any text, and not apart either");
    let hits = find("南湖 3幢");
    assert_eq!(hits.len(), 1);
    let hits = find("nhxq3z");
    assert_eq!((hits[0].name.as_str(), hits[0].building), ("南湖小区3幢", Some(BuildingIndex(0))));
    let hits = find("3幢");
    assert_eq!(
        hits.iter().map(|hit| hit.detail.as_deref()).collect::<Vec<_>>(),
        [Some("南湖路12号"), Some("江滨路9号")]
    );
    let hits = find("lyj");
    assert_eq!((hits[0].name.as_str(), hits[0].detail.as_deref()), ("坊门街1号", Some("老邮局")));
    assert_eq!((hits[0].kind, hits[0].building), (HitKind::Address, Some(BuildingIndex(2))));
    assert_eq!(find("坊门街1号之一")[0].name, "坊门街1号之一");
    assert_eq!(find("老塔").len(), 1);
    assert_eq!(find("BUS")[0].name, "公交站");
    assert_eq!(find("坊门街").len(), 2, "two addresses of one building are one answer");
    assert_eq!(names(&index, "1号").len(), 1);
}

fn large(count: usize) -> Place {
    let mut place = Place::of_city(sample::city(count as u32), Report::default());
    let streets = [
        "新桥街",
        "坊门街",
        "上街",
        "下街",
        "天皇巷",
        "县学街",
        "讲舍街",
        "北门街",
        "蛟池街",
        "府东街",
        "南湖路",
    ];
    let mut texts = crate::city::Texts::default();
    let mut text = String::new();
    for i in 0..count {
        text.clear();
        let _ = write!(text, "{}{}弄{}号", streets[i % streets.len()], i / 997 + 1, i % 997 + 1);
        place.city.buildings.address[i] = texts.intern(&text);
        text.clear();
        let _ = write!(text, "{}{}幢", ["和平", "荷花", "花园", "狮桥"][i % 4], i / 4 + 1);
        place.city.buildings.name[i] = texts.intern(&text);
    }
    let City { buildings, .. } = &mut place.city;
    buildings.compound.fill(crate::city::Text::EMPTY);
    buildings.community.fill(crate::city::Text::EMPTY);
    place.city.texts = texts;
    place
}

#[test]
fn a_hundred_thousand_buildings_answer_at_once() {
    let index = SearchIndex::new(&large(100_000));
    assert_eq!(index.len(), 100_000);
    let bytes_an_entry = index.memory_bytes() / index.len();
    assert!(bytes_an_entry <= 100, "{bytes_an_entry} bytes an entry");
    let mut worst = Duration::ZERO;
    // The last ones match everything or nearly so.
    for typed in
        ["fsgy", "新桥街3弄77号", "xinqiaojie 77", "hp12d", "heping12dong", "j", "1", "号", "l 号", "hao"]
    {
        let query = Query::new(typed);
        let began = Instant::now();
        let hits = index.find(&query, 20);
        worst = worst.max(began.elapsed());
        assert!(hits.len() <= 20);
    }
    // 20 ms where nobody else is at work; tests share the machine.
    assert!(worst < Duration::from_millis(200), "{worst:?}");
}
