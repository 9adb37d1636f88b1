//! What must hold for the demo place: what issue 2 asks for, and that nothing stands in anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use geo::{Area as _, BooleanOps, BoundingRect, LineString, MultiPolygon, Polygon};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use serde_json::Value;

use super::*;
use crate::city::{
    AreaKind, Embedded, Ground, LabelKind, Management, Place, PolygonRef, RoadClass, SurfaceKind,
};
use crate::governance::classes::ClassTable;
use crate::governance::organisation::{DepartmentSort, Detail, Unit, UnitKind, read_csv};

#[test]
fn the_checked_in_files_are_what_the_generator_writes() {
    let made = fushan(FUSHAN_SEED);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fushan");
    let is_blessing = std::env::var_os("YUNFUSHAN_BLESS").is_some();
    for (name, bytes) in &made {
        if is_blessing {
            std::fs::write(folder.join(name), bytes).expect("the folder is writable");
        }
        let held = std::fs::read(folder.join(name)).expect("a file of this name is checked in");
        assert!(&held == bytes, "{name} differs: run with YUNFUSHAN_BLESS=1 to accept it");
    }
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| Place::read(&Embedded(embedded())).expect("the demo place opens"))
}

fn features(file: &str) -> Vec<Value> {
    let (_, bytes) = embedded().iter().find(|(name, _)| *name == file).expect("embedded");
    let mut value: Value = serde_json::from_slice(bytes).expect("JSON");
    let Value::Array(features) = value["features"].take() else { panic!("{file} has no features") };
    features
}

fn area_count(kind: AreaKind) -> usize {
    place().areas.iter().filter(|area| area.kind == kind).count()
}

#[test]
fn it_reads_with_nothing_refused_repaired_or_warned_of() {
    let place = place();
    assert!(place.warnings.is_empty(), "{:?}", place.warnings);
    assert_eq!(place.reports.len(), 3);
    for report in &place.reports {
        assert_eq!((report.shown, report.refused.len()), (report.features, 0), "{}", report.source);
        assert!(
            report.repaired.is_empty() && report.warnings.is_empty(),
            "{}: {:?}",
            report.source,
            report.repaired
        );
    }
    assert_eq!((place.manifest.name.as_str(), place.manifest.code.as_str()), ("府山街道", "330802006"));
    let bytes: usize = embedded().iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes < 6_000_000, "{bytes} bytes within the program");
}

#[test]
fn every_building_says_what_it_is_and_where_it_belongs() {
    let buildings = features("buildings.geojson");
    assert!(buildings.len() >= 3_000, "{}", buildings.len());
    let mut addresses = BTreeSet::new();
    for building in &buildings {
        let properties = &building["properties"];
        let text = |name: &str| properties[name].as_str().unwrap_or_default();
        let number = |name: &str| properties[name].as_f64().unwrap_or(f64::NAN);
        let id = building["id"].as_str().expect("an id");
        assert!(number("height") > number("base_height") && number("base_height") >= 0.0, "{id}");
        assert!(number("levels") >= 1.0 && !text("use").is_empty() && number("year") > 900.0, "{id}");
        assert!(text("community").len() == 12 && text("community").starts_with("330802006"), "{id}");
        assert!(text("grid").len() == 15 && text("grid").starts_with(text("community")), "{id}");
        assert!(place().areas.find(AreaKind::Grid, text("grid")).is_some(), "{id}");
        let is_part = id.matches('-').count() == 2;
        assert_eq!(is_part, text("address").is_empty(), "{id}: only parts above a building have no address");
        assert!(is_part || addresses.insert(text("address").to_owned()), "{id}: {}", text("address"));
        if let Some(compound) = properties["compound"].as_str() {
            assert!(place().areas.find(AreaKind::Compound, compound).is_some(), "{id}");
        }
    }
    let with_courts = place().city.iter().filter(|b| b.polygons().any(|p| p.holes().len() > 0)).count();
    assert!(with_courts > 500, "{with_courts} courtyards");
    let tall =
        |low: f32, high: f32| place().city.iter().filter(|b| (low..high).contains(&b.rise_m())).count();
    assert!(
        tall(0.0, 12.0) > 3_000 && tall(15.0, 25.0) > 250 && tall(33.0, 70.0) > 80 && tall(70.0, 150.0) > 3
    );
}

#[test]
fn areas_are_as_many_as_a_subdistrict_has_and_cover_it_once() {
    assert_eq!(area_count(AreaKind::Community), 8);
    assert!((38..=44).contains(&area_count(AreaKind::Grid)));
    assert!((43..=48).contains(&area_count(AreaKind::Compound)), "{}", area_count(AreaKind::Compound));
    assert_eq!(area_count(AreaKind::Alley), 20);
    assert!(area_count(AreaKind::BusinessDistrict) >= 5);
    let official = ["蛟池街", "城站", "府山", "坊门街", "天皇巷", "县学街", "北门", "钟楼"];
    for (number, name) in (1..).zip(official) {
        let code = format!("330802006{number:03}");
        let community = place().areas.find(AreaKind::Community, &code).expect("by its code");
        assert_eq!(community.name, format!("{name}社区"));
    }
    let compounds = || place().areas.iter().filter(|area| area.kind == AreaKind::Compound);
    let without = compounds().filter(|area| area.management != Some(Management::Company)).count();
    assert!(
        (0.28..0.39).contains(&(without as f64 / compounds().count() as f64)),
        "{without} without a company"
    );
    assert!(compounds().any(|area| area.management == Some(Management::None)));
    assert!(compounds().all(|area| area.company.is_some() == (area.management == Some(Management::Company))));
    let names: BTreeSet<&str> = compounds().map(|area| area.name.as_str()).collect();
    assert_eq!(names.len(), compounds().count(), "no two compounds share a name");
    let ground = |kind: AreaKind| -> f64 {
        let areas = place().areas.iter().filter(|area| area.kind == kind);
        areas.flat_map(|area| &area.polygons).map(|ground| shape(ground).unsigned_area()).sum()
    };
    let whole = ground(AreaKind::Subdistrict);
    for kind in [AreaKind::Community, AreaKind::Grid] {
        assert!((ground(kind) / whole - 1.0).abs() < 1e-4, "{kind:?} cover the subdistrict once");
    }
    assert!(place().areas.iter().all(|area| area.responsible.is_some() || area.kind == AreaKind::Alley));
}

#[test]
fn stairwells_have_stewards_and_everybody_a_post() {
    let stairwells = &place().stairwells;
    assert!((800..=900).contains(&stairwells.len()), "{}", stairwells.len());
    let households: u32 = stairwells.iter().map(|stairwell| stairwell.households).sum();
    assert!((21_000..23_000).contains(&households), "{households}");
    for stairwell in stairwells {
        assert!(stairwell.steward.is_some() && stairwell.point.is_some());
        assert!(place().city.find(&stairwell.building).is_some(), "{}", stairwell.building);
    }
    let with_aliases = place().addresses.iter().filter(|address| !address.aliases.is_empty()).count();
    assert!(with_aliases > 500, "{with_aliases} addresses with other names");
    let rows = |file: &str| {
        let (_, bytes) = embedded().iter().find(|(name, _)| *name == file).expect("embedded");
        std::str::from_utf8(bytes).expect("text").lines().count() - 1
    };
    assert_eq!(rows("roster.csv"), 40);
    assert!(rows("people.csv") > 80 && rows("classes.csv") > 30);
}

/// The units of a table.
fn units(file: &str, kind: UnitKind) -> Vec<Unit> {
    let (_, bytes) = embedded().iter().find(|(name, _)| *name == file).expect("embedded");
    let reading = read_csv(bytes, kind).expect("a table");
    assert_eq!(reading.refused, [], "{file}");
    reading.units.into_iter().map(|placed| placed.unit).collect()
}

fn table(file: &str) -> String {
    let (_, bytes) = embedded().iter().find(|(name, _)| *name == file).expect("embedded");
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn departments_are_those_of_the_classes_with_their_task_groups_and_the_companies() {
    let departments = units("departments.csv", UnitKind::Department);
    let of = |wanted: DepartmentSort| -> BTreeSet<&str> {
        let of_sort = departments
            .iter()
            .filter(|unit| matches!(unit.detail, Detail::Department { sort } if sort == wanted));
        of_sort.map(|unit| unit.name.as_str()).collect()
    };
    let offices = of(DepartmentSort::Office);
    let (classes, _) = ClassTable::read(table("classes.csv").as_bytes()).expect("classes");
    let named: BTreeSet<&str> = classes.iter().filter_map(|class| class.department.as_deref()).collect();
    assert!(named.len() >= 9 && named.is_subset(&offices), "{named:?} {offices:?}");
    let groups = departments.iter().filter(|unit| of(DepartmentSort::TaskGroup).contains(&*unit.name));
    for group in groups.clone() {
        let lead = group.parent.as_deref().expect("a lead");
        assert!(offices.contains(lead), "{}: {lead}", group.name);
    }
    assert!((6..=12).contains(&groups.count()));
    let run: BTreeSet<&str> = place().areas.iter().filter_map(|area| area.company.as_deref()).collect();
    assert_eq!(of(DepartmentSort::Company), run);
    let people = table("people.csv");
    for unit in &departments {
        let post = unit.responsible.as_deref().expect("a post");
        assert!(people.lines().any(|line| line.split(',').next() == Some(post)), "{post} is nobody");
    }
}

#[test]
fn every_compound_is_in_one_team() {
    let teams = units("teams.csv", UnitKind::Team);
    let departments = units("departments.csv", UnitKind::Department);
    let people = table("people.csv");
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for team in &teams {
        let Detail::Team { leader, compounds, departments: partners } = &team.detail else {
            panic!("{team:?}")
        };
        let leader = leader.as_deref().expect("a leader");
        assert!(people.lines().any(|line| line.split(',').next() == Some(leader)), "{leader} is nobody");
        assert!(partners.len() == 3 && partners.iter().collect::<BTreeSet<_>>().len() == 3, "{partners:?}");
        assert!(partners.iter().all(|name| departments.iter().any(|unit| unit.name == *name)));
        for compound in compounds {
            assert!(place().areas.find(AreaKind::Compound, compound).is_some(), "{compound}");
            assert!(seen.insert(compound.clone()), "{compound} is in two teams");
        }
    }
    assert_eq!(seen.len(), area_count(AreaKind::Compound));
}

#[test]
fn party_members_are_linked_to_households_that_are_there() {
    let stairwells = units("stairwells.csv", UnitKind::Stairwell);
    let stewards: BTreeSet<&str> =
        place().stairwells.iter().filter_map(|stairwell| stairwell.steward.as_deref()).collect();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut linked = 0;
    for stairwell in &stairwells {
        let Detail::Stairwell { households, party_members, .. } = &stairwell.detail else {
            panic!("{stairwell:?}")
        };
        let rooms: Vec<&String> = party_members.iter().flat_map(|member| &member.households).collect();
        let different: BTreeSet<&&String> = rooms.iter().collect();
        assert!(different.len() == rooms.len() && rooms.len() <= *households as usize, "{stairwell:?}");
        for member in party_members {
            assert!((1..=9).contains(&member.households.len()), "{member:?}");
            assert!(names.insert(&member.name) && !stewards.contains(&*member.name), "{}", member.name);
        }
        linked += usize::from(!party_members.is_empty());
    }
    let share = linked as f64 / stairwells.len() as f64;
    assert!((0.7..0.8).contains(&share), "{share} of the stairwells have linked members");
}

#[test]
fn what_a_person_from_quzhou_would_look_for_is_there() {
    let ways = &place().ways;
    let label = |name: &str| {
        let found = ways.labels.iter().find(|label| label.name == name);
        found.unwrap_or_else(|| panic!("no label {name}"))
    };
    for gate in ["水亭门", "礼贤门", "清辉门", "通广门", "迎和门", "永清门", "西安门"] {
        assert_eq!(label(gate).kind, LabelKind::Gate);
    }
    let surface = |kind: SurfaceKind, name: &str| {
        assert!(ways.surfaces.iter().any(|s| s.kind == kind && s.name.as_deref() == Some(name)), "{name}");
    };
    for water in ["信安湖", "护城河", "南湖", "斗潭"] {
        surface(SurfaceKind::Water, water);
    }
    surface(SurfaceKind::Green, "府山公园");
    surface(SurfaceKind::Square, "南湖广场");
    let park = place().ways.surfaces.iter().filter(|s| s.name.as_deref() == Some("府山公园"));
    let park_m2: f64 = park.flat_map(|s| &s.polygons).map(|ground| shape(ground).unsigned_area()).sum();
    assert!((150_000.0..250_000.0).contains(&park_m2), "{park_m2} m², about 20 ha");
    for street in [
        "新桥街",
        "上街",
        "下街",
        "南街",
        "坊门街",
        "县西街",
        "县学街",
        "蛟池街",
        "北门街",
        "天皇巷",
        "讲舍街",
        "府东街",
        "水亭街",
    ] {
        assert!(ways.roads.iter().any(|road| road.name.as_deref() == Some(street)), "{street}");
    }
    for name in ["孔氏南宗家庙 大成殿", "钟楼", "天王塔", "城站火车站"] {
        assert!(place().city.iter().any(|building| building.name() == Some(name)), "{name}");
    }
    let [bell, park, west, south] = ["钟楼", "府山公园", "水亭门", "礼贤门"].map(|name| label(name).point);
    assert!(park[0] > bell[0] && park[1] < bell[1], "the hill lies in the south-east");
    assert!(
        west[0] < bell[0] - 500.0 && south[1] < bell[1] - 700.0,
        "the gates lie where they are named after"
    );
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for building in features("buildings.geojson") {
        *uses.entry(building["properties"]["use"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    for (used_for, least) in
        [("school", 20), ("market", 2), ("medical", 5), ("historic", 100), ("religious", 10)]
    {
        assert!(uses.get(used_for).is_some_and(|count| *count >= least), "{used_for}: {uses:?}");
    }
    let schools: BTreeSet<&str> = place()
        .city
        .iter()
        .filter_map(crate::city::BuildingRef::name)
        .filter(|name| name.ends_with("学"))
        .collect();
    assert!(schools.len() >= 4, "{schools:?}");
    assert!(ways.roads.iter().all(|road| road.width_m > 1.0));
}

fn ring(points: &[[f32; 2]]) -> LineString {
    points.iter().map(|point| (f64::from(point[0]), f64::from(point[1]))).collect()
}

fn shape(ground: &Ground) -> Polygon {
    Polygon::new(ring(&ground.exterior), ground.holes.iter().map(|hole| ring(hole)).collect())
}

fn footprint(part: &PolygonRef<'_>) -> Polygon {
    Polygon::new(ring(part.exterior()), part.holes().map(ring).collect())
}

/// A footprint with its base above its ground, and bottom and top above the plain.
struct Body {
    shape: Polygon,
    base_m: f32,
    bottom_m: f32,
    top_m: f32,
    id: String,
}

type Boxed = GeomWithData<rstar::primitives::Rectangle<[f64; 2]>, usize>;

fn corners_of(shape: &Polygon) -> ([f64; 2], [f64; 2]) {
    let rect = shape.bounding_rect().expect("not empty");
    (rect.min().into(), rect.max().into())
}

fn bodies() -> &'static (Vec<Body>, RTree<Boxed>) {
    static BODIES: OnceLock<(Vec<Body>, RTree<Boxed>)> = OnceLock::new();
    BODIES.get_or_init(|| {
        let bodies: Vec<Body> = place()
            .city
            .iter()
            .flat_map(|building| building.polygons().map(move |part| (building, part)))
            .map(|(building, part)| Body {
                shape: footprint(&part),
                base_m: building.base_m(),
                bottom_m: building.bottom_m(),
                top_m: building.top_m(),
                id: building.original_id().to_owned(),
            })
            .collect();
        let boxes = bodies
            .iter()
            .enumerate()
            .map(|(i, body)| {
                let (low, high) = corners_of(&body.shape);
                Boxed::new(rstar::primitives::Rectangle::from_corners(low, high), i)
            })
            .collect();
        (bodies, RTree::bulk_load(boxes))
    })
}

/// The bodies that share more than a rounding error of ground with a shape.
fn standing_on(shape: &Polygon) -> Vec<&'static Body> {
    let (bodies, tree) = bodies();
    let (low, high) = corners_of(shape);
    tree.locate_in_envelope_intersecting(&AABB::from_corners(low, high))
        .filter_map(|found| bodies.get(found.data))
        .filter(|body| body.shape.intersection(shape).unsigned_area() > 0.05)
        .collect()
}

#[test]
fn no_two_buildings_stand_in_each_other() {
    for body in &bodies().0 {
        for other in standing_on(&body.shape) {
            let is_apart = other.bottom_m + 0.01 > body.top_m || body.bottom_m + 0.01 > other.top_m;
            assert!(is_apart || std::ptr::eq(body, other), "{} and {}", body.id, other.id);
        }
    }
}

#[test]
fn no_building_stands_in_the_water_or_on_a_road() {
    let water = place().ways.surfaces.iter().filter(|surface| surface.kind == SurfaceKind::Water);
    for ground in water.flat_map(|surface| &surface.polygons) {
        let wet = standing_on(&shape(ground));
        assert!(wet.is_empty(), "{}", wet[0].id);
    }
    for road in &place().ways.roads {
        for carriageway in carriageways(road) {
            for body in standing_on(&carriageway) {
                // Gates stand over their streets.
                assert!(body.base_m >= 4.0, "{} on {:?}", body.id, road.name);
            }
        }
    }
}

fn carriageways(road: &crate::city::Road) -> Vec<Polygon> {
    let path: Vec<plane::Point> =
        road.line.iter().map(|point| plane::at(f64::from(point[0]), f64::from(point[1]))).collect();
    plane::pairs(&path).map(|(a, b)| plane::strip(a, b, f64::from(road.width_m) / 2.0, 0.0)).collect()
}

#[test]
fn streets_cross_water_on_bridges() {
    let ground = |kind: SurfaceKind| -> Vec<Polygon> {
        let surfaces = place().ways.surfaces.iter().filter(|surface| surface.kind == kind);
        surfaces.flat_map(|surface| &surface.polygons).map(shape).collect()
    };
    let bridges = MultiPolygon(ground(SurfaceKind::Bridge));
    let water = MultiPolygon(ground(SurfaceKind::Water));
    assert!(bridges.0.len() >= 10, "{} bridges", bridges.0.len());
    for road in place().ways.roads.iter().filter(|road| road.class > RoadClass::Footway) {
        for carriageway in carriageways(road) {
            let wet = carriageway.intersection(&water);
            if !wet.0.is_empty() {
                let bare = wet.difference(&bridges).unsigned_area();
                assert!(bare < 20.0, "{:?}: {bare} m² of street in the water", road.name);
            }
        }
    }
}
