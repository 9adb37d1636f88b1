//! The demo place: draws the town and writes its files.

use geo::MultiPolygon;
use serde_json::Value;

use super::addresses::{Address, name_compounds, name_lanes, number_all, open_places};
use super::landscape::{self, halfway};
use super::network::{deep_inside, with_shared_corners};
use super::plane::{Point, snap, tidy};
use super::regions::{Regions, SUBDISTRICT, divide};
use super::town::{Management, Town};
use super::write::{Features, Geometry, Table, lon_lat_text, tenth};
use super::{blocks, classes, fill, hill, landmarks, models, organisation, people};

const PLACE: &str = include_str!("fushan/place.toml");
const README: &str = include_str!("fushan/README.md");

/// The files of the demo place, by name.
pub(super) fn files(seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut town = Town::new(seed, landscape::border());
    landscape::draw(&mut town);
    let reserved = landmarks::build(&mut town);
    let land = landscape::building_land(&town, &reserved);
    let blocks = blocks::cut_up(&mut town, land.0);
    fill::fill(&mut town, &blocks);
    blocks::settle_compounds(&mut town);
    let regions = divide(&town);
    name_lanes(&mut town, &regions);
    name_compounds(&mut town);
    let addresses = number_all(&town);
    let tables = people::tables(&town, &regions, &addresses);
    let readme = README.replace("{seed}", &seed.to_string());
    let mut files = vec![
        ("place.toml".to_owned(), PLACE.as_bytes().to_vec()),
        ("README.md".to_owned(), readme.into_bytes()),
        ("buildings.geojson".to_owned(), buildings(&town, &regions, &addresses)),
        ("areas.geojson".to_owned(), areas(&town, &regions)),
        ("ways.geojson".to_owned(), ways(&town)),
        ("relief.asc".to_owned(), hill::relief(seed)),
        ("addresses.csv".to_owned(), address_table(&town, &addresses)),
        ("stairwells.csv".to_owned(), tables.stairwells),
        ("classes.csv".to_owned(), classes::table()),
        // Kept by hand: a choice of pictures, not of chance.
        ("icons.csv".to_owned(), include_bytes!("../../data/fushan/icons.csv").to_vec()),
        ("people.csv".to_owned(), tables.people),
        ("roster.csv".to_owned(), tables.roster),
        ("departments.csv".to_owned(), organisation::departments(&town)),
        ("teams.csv".to_owned(), organisation::teams(&town, &regions)),
    ];
    files.extend(models::files());
    files
}

/// The code of an estate: the subdistrict's, a letter, and three digits.
pub(super) fn compound_code(index: usize) -> String {
    format!("{SUBDISTRICT}C{:03}", index + 1)
}

fn text_or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::from(text) }
}

fn buildings(town: &Town, regions: &Regions, addresses: &[Address]) -> Vec<u8> {
    let mut features = Features::default();
    for ((building, address), region) in town.buildings.iter().zip(addresses).zip(&regions.of_building) {
        let community = region.and_then(|(community, _)| regions.communities.get(community));
        let grid = region.and_then(|(_, grid)| regions.grids.get(grid));
        features.add(
            Some(&address.id),
            &Geometry::Polygon(building.footprint.clone()),
            &[
                ("name", building.name.clone().into()),
                ("height", tenth(building.height_m)),
                ("base_height", tenth(building.base_m)),
                ("levels", building.levels.into()),
                ("use", building.used_for.word().into()),
                ("address", text_or_null(&address.text)),
                ("compound", building.compound.map(compound_code).into()),
                ("community", community.map(|c| c.code.clone()).into()),
                ("grid", grid.map(|g| g.code.clone()).into()),
                ("year", building.year.into()),
            ],
        );
    }
    features.finish()
}

fn areas(town: &Town, regions: &Regions) -> Vec<u8> {
    let mut features = Features::default();
    features.add(
        Some(SUBDISTRICT),
        &Geometry::Polygon(snapped(&town.boundary)),
        &[
            ("kind", "subdistrict".into()),
            ("code", SUBDISTRICT.into()),
            ("name", "府山街道".into()),
            ("parent", "330802".into()),
            ("responsible", "府山街道党工委书记".into()),
        ],
    );
    for community in &regions.communities {
        features.add(
            Some(&community.code),
            &Geometry::from_parts(community.shape.clone()),
            &[
                ("kind", "community".into()),
                ("code", community.code.clone().into()),
                ("name", community.name.clone().into()),
                ("parent", community.parent.clone().into()),
                ("responsible", format!("{}党组织书记", community.name).into()),
            ],
        );
    }
    for grid in &regions.grids {
        features.add(
            Some(&grid.code),
            &Geometry::from_parts(grid.shape.clone()),
            &[
                ("kind", "grid".into()),
                ("code", grid.code.clone().into()),
                ("name", grid.name.clone().into()),
                ("parent", grid.parent.clone().into()),
                ("grid_kind", "governance".into()),
                ("valid_from", "2026-01-01".into()),
                ("responsible", format!("{} 网格员", grid.name).into()),
            ],
        );
    }
    add_compounds(town, regions, &mut features);
    for district in &regions.business_districts {
        features.add(
            Some(&district.code),
            &Geometry::from_parts(district.shape.clone()),
            &[
                ("kind", "business_district".into()),
                ("code", district.code.clone().into()),
                ("name", district.name.clone().into()),
                ("parent", district.parent.clone().into()),
                ("responsible", format!("{}共治联盟理事长", district.name).into()),
            ],
        );
    }
    let mut alley = 0;
    for road in town.roads.iter().filter(|road| road.is_named_alley) {
        alley += 1;
        let code = format!("{SUBDISTRICT}A{alley:03}");
        let grid = regions.at(halfway(&road.path)).and_then(|(_, grid)| regions.grids.get(grid));
        features.add(
            Some(&code),
            &Geometry::Line(road.path.clone()),
            &[
                ("kind", "alley".into()),
                ("code", code.clone().into()),
                ("name", road.name.clone().into()),
                ("parent", grid.map(|g| g.code.clone()).into()),
                ("responsible", grid.map(|g| format!("{} 网格员", g.name)).into()),
            ],
        );
    }
    features.finish()
}

fn add_compounds(town: &Town, regions: &Regions, features: &mut Features) {
    for (index, compound) in town.compounds.iter().enumerate() {
        let grid = deep_inside(&compound.shape)
            .and_then(|place| regions.at(place))
            .and_then(|(_, g)| regions.grids.get(g));
        let (management, company, responsible) = match &compound.management {
            Management::Company(company) => ("company", Some(company.clone()), format!("{company}项目经理")),
            Management::Community => {
                let community = grid.and_then(|g| regions.communities.iter().find(|c| c.code == g.parent));
                ("community", None, format!("{}党组织书记", community.map_or("社区", |c| c.name.as_str())))
            }
            Management::Nobody => ("none", None, format!("{} 网格员", grid.map_or("", |g| g.name.as_str()))),
        };
        features.add(
            Some(&compound_code(index)),
            &Geometry::Polygon(tidy(&compound.shape).unwrap_or_else(|| snapped(&compound.shape))),
            &[
                ("kind", "compound".into()),
                ("code", compound_code(index).into()),
                ("name", compound.name.clone().into()),
                ("parent", grid.map(|g| g.parent.clone()).into()),
                ("management", management.into()),
                ("company", company.into()),
                ("responsible", responsible.into()),
            ],
        );
    }
}

fn snapped(shape: &geo::Polygon) -> geo::Polygon {
    use geo::MapCoords;
    shape.map_coords(snap)
}

fn ways(town: &Town) -> Vec<u8> {
    let mut features = Features::default();
    for patch in &town.patches {
        features.add(
            None,
            &Geometry::from_parts(MultiPolygon(vec![patch.shape.clone()])),
            &[("kind", patch.ground.word().into()), ("name", text_or_null(&patch.name))],
        );
    }
    let paths: Vec<Vec<Point>> = town.roads.iter().map(|road| road.path.clone()).collect();
    for (road, path) in town.roads.iter().zip(with_shared_corners(&paths)) {
        features.add(
            None,
            &Geometry::Line(path),
            &[
                ("kind", "road".into()),
                ("class", road.class.word().into()),
                ("width", tenth(road.width_m)),
                ("name", text_or_null(&road.name)),
            ],
        );
    }
    for label in &town.labels {
        features.add(
            None,
            &Geometry::Point(label.place),
            &[("kind", label.kind.into()), ("name", label.name.clone().into())],
        );
    }
    features.finish()
}

fn address_table(town: &Town, addresses: &[Address]) -> Vec<u8> {
    let mut table = Table::new("address,alias,building,lon,lat");
    let mut row = |address: &str, aliases: &[String], building: &str, place: Point| {
        let place = lon_lat_text(snap(place));
        let (lon, lat) = place.split_once(',').unwrap_or_default();
        table.row(&[address, &aliases.join("|"), building, lon, lat]);
    };
    for address in addresses.iter().filter(|address| !address.text.is_empty()) {
        row(&address.text, &address.aliases, &address.id, address.place);
    }
    for (name, others, place) in open_places(town) {
        let others: Vec<String> = others.into_iter().map(str::to_owned).collect();
        row(&name, &others, "", place);
    }
    for (index, compound) in town.compounds.iter().enumerate() {
        let place = deep_inside(&compound.shape).unwrap_or_default();
        row(&compound.name, &[compound_code(index)], "", place);
    }
    table.finish()
}
