//! Names and numbers: lanes get names, estates get names, every building gets an address of its own.

use std::collections::{BTreeMap, BTreeSet};

use geo::Contains;
use rand::Rng;

use super::blocks::quarter_at;
use super::landscape::halfway;
use super::network::deep_inside;
use super::plane::{Point, corners, cross, nearest_on_path, path_length};
use super::regions::Regions;
use super::sketch::{ALLEY_NAMES, COMMUNITIES, Quarter};
use super::town::{Management, RoadClass, Town};
use crate::city::BuildingUse;

/// What a building is called and where it is found.
#[derive(Debug, Clone, Default)]
pub(super) struct Address {
    /// `fs-00001`, and `fs-00001-2` for a part above it.
    pub id: String,
    /// Street and number; empty for a part.
    pub text: String,
    pub aliases: Vec<String>,
    /// A point within the building.
    pub place: Point,
}

/// Names for property companies; invented.
const COMPANIES: &[&str] =
    &["青橘物业", "柚园物业", "信安湖畔物业", "石梁居安物业", "南孔里物业", "鹿鸣家物业", "三江口物业"];
const SLAB_SUFFIXES: &[&str] = &["小区", "新村", "宿舍", "一区", "二区", "住宅区"];
const ESTATE_SUFFIXES: &[&str] = &["花苑", "家园", "名苑", "公寓", "华庭", "雅居"];

/// Names the lanes: twenty back alleys by name, every other lane by its street and a number (弄).
pub(super) fn name_lanes(town: &mut Town, regions: &Regions) {
    name_alleys(town, regions);
    let mut waiting: Vec<usize> = (0..town.roads.len())
        .filter(|&lane| town.roads.get(lane).is_some_and(|road| road.name.is_empty()))
        .collect();
    // From each named street outward, so that a lane off a lane is numbered after the street both belong to.
    let mut count_of: BTreeMap<String, u32> = BTreeMap::new();
    let root = |town: &Town, lane: usize| {
        let mut street = lane;
        for _ in 0..20 {
            let Some(road) = town.roads.get(street) else { break };
            match road.opens_from {
                Some(next) if road.name.is_empty() => street = next,
                _ => break,
            }
        }
        street
    };
    let order: BTreeMap<usize, (usize, i64)> = waiting
        .iter()
        .map(|&lane| {
            let street = root(town, lane);
            let start = town.roads.get(lane).and_then(|road| road.path.first().copied()).unwrap_or_default();
            let travelled = town.roads.get(street).map_or(0.0, |road| nearest_on_path(&road.path, start).0);
            (lane, (street, (travelled * 10.0) as i64))
        })
        .collect();
    waiting.sort_by_key(|lane| (order.get(lane).copied(), *lane));
    for lane in waiting {
        let Some(&(street, _)) = order.get(&lane) else { continue };
        let stem = town.roads.get(street).map(|road| road.name.clone()).filter(|name| !name.is_empty());
        let stem = stem.unwrap_or_else(|| "府山".to_owned());
        let number = count_of.entry(stem.clone()).or_insert(0);
        *number += 1;
        let name = format!("{stem}{number}弄");
        if let Some(road) = town.roads.get_mut(lane) {
            road.name = name;
        }
    }
}

/// Gives the proper names to the longest alleys, community by community in turn.
fn name_alleys(town: &mut Town, regions: &Regions) {
    let mut of_community: Vec<Vec<(i64, usize)>> = vec![Vec::new(); COMMUNITIES.len()];
    for (lane, road) in town.roads.iter().enumerate() {
        let middle = halfway(&road.path);
        let is_old = matches!(quarter_at(middle), Quarter::Historic | Quarter::Old | Quarter::SelfBuilt);
        if road.name.is_empty()
            && road.class == RoadClass::Alley
            && is_old
            && let Some((community, _)) = regions.at(middle)
            && let Some(list) = of_community.get_mut(community)
        {
            list.push((-(path_length(&road.path) * 10.0) as i64, lane));
        }
    }
    for list in &mut of_community {
        list.sort_unstable();
    }
    let mut names = ALLEY_NAMES.iter();
    for rank in 0..ALLEY_NAMES.len() {
        for list in &of_community {
            // Every third of the longest, so that they do not all lie side by side.
            let Some(&(_, lane)) = list.get(rank * 3) else { continue };
            let Some(name) = names.next() else { return };
            if let Some(road) = town.roads.get_mut(lane) {
                (*name).clone_into(&mut road.name);
                road.is_named_alley = true;
            }
        }
    }
}

/// Names estates after their streets and gives them somebody, or nobody, to run them.
pub(super) fn name_compounds(town: &mut Town) {
    let mut rng = town.chance(7);
    let mut used: BTreeSet<String> = BTreeSet::new();
    let streets = street_paths(town);
    let tall: Vec<bool> = (0..town.compounds.len())
        .map(|index| town.buildings.iter().any(|b| b.compound == Some(index) && b.levels > 9))
        .collect();
    let mut slabs_seen = 0_usize;
    for (compound, is_tall) in town.compounds.iter_mut().zip(tall) {
        let place = deep_inside(&compound.shape).unwrap_or_default();
        let stem = streets
            .iter()
            .min_by(|a, b| nearest_on_path(&a.1, place).2.total_cmp(&nearest_on_path(&b.1, place).2))
            .map_or("府山", |street| street.0.as_str());
        // 上街 and 南街 keep their 街.
        let short = stem.trim_end_matches(['街', '路', '巷']);
        let stem = if short.chars().count() > 1 { short } else { stem };
        let suffixes = if is_tall { ESTATE_SUFFIXES } else { SLAB_SUFFIXES };
        let name = ["", "东", "西", "南", "北"]
            .iter()
            .flat_map(|side| suffixes.iter().map(move |suffix| format!("{stem}{side}{suffix}")))
            .find(|name| !used.contains(name));
        compound.name = name.unwrap_or_else(|| format!("{stem}第{}小区", used.len() + 1));
        used.insert(compound.name.clone());
        let company =
            COMPANIES.get(rng.random_range(0..COMPANIES.len() as u32) as usize).copied().unwrap_or("物业");
        compound.management = if is_tall {
            Management::Company(company.to_owned())
        } else {
            slabs_seen += 1;
            match slabs_seen % 5 {
                2 => Management::Community,
                4 => Management::Nobody,
                _ => Management::Company(company.to_owned()),
            }
        };
    }
}

fn street_paths(town: &Town) -> Vec<(String, Vec<Point>)> {
    town.roads
        .iter()
        .filter(|road| !road.name.is_empty() && !road.name.contains('弄') && road.class < RoadClass::Alley)
        .map(|road| (road.name.clone(), road.path.clone()))
        .collect()
}

/// One thing with a number along a street.
struct Numbered {
    road: usize,
    is_right: bool,
    travelled_cm: i64,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Building(usize),
    Compound(usize),
}

/// Gives every building its address: odd numbers on the left of a street, even ones on the right, counted from
/// where the street begins; within an estate the estate's number and the building's (幢).
pub(super) fn number_all(town: &Town) -> Vec<Address> {
    let compound_of: Vec<Option<usize>> = town
        .buildings
        .iter()
        .map(|building| {
            building.compound.or_else(|| {
                let is_yard =
                    building.used_for == BuildingUse::Shed || building.used_for == BuildingUse::Public;
                let corner =
                    geo::Point(corners(building.footprint.exterior()).first().copied().unwrap_or_default());
                is_yard.then(|| town.compounds.iter().position(|c| c.shape.contains(&corner))).flatten()
            })
        })
        .collect();
    let mut numbered = Vec::new();
    for (index, building) in town.buildings.iter().enumerate() {
        if !building.is_part && compound_of.get(index).copied().flatten().is_none() {
            let place = deep_inside(&building.footprint).unwrap_or_default();
            numbered.extend(nearest_road(town, place, false, What::Building(index)));
        }
    }
    for (index, compound) in town.compounds.iter().enumerate() {
        let place = deep_inside(&compound.shape).unwrap_or_default();
        numbered.extend(nearest_road(town, place, true, What::Compound(index)));
    }
    // Roads of one name are one street, in the order in which they were drawn.
    numbered.sort_by_key(|item| (item.road, item.travelled_cm));
    let mut next: BTreeMap<(&str, bool), u32> = BTreeMap::new();
    let mut compound_address: BTreeMap<usize, String> = BTreeMap::new();
    let mut texts: Vec<String> = vec![String::new(); town.buildings.len()];
    for item in &numbered {
        let name = town.roads.get(item.road).map_or("", |road| road.name.as_str());
        let count = next.entry((name, item.is_right)).or_insert(0);
        *count += 1;
        let number = *count * 2 - u32::from(!item.is_right);
        let text = format!("{name}{number}号");
        match item.what {
            What::Building(index) => {
                if let Some(slot) = texts.get_mut(index) {
                    *slot = text;
                }
            }
            What::Compound(index) => {
                compound_address.insert(index, text);
            }
        }
    }
    number_in_compounds(town, &compound_of, &compound_address, &mut texts);
    finish(town, &compound_of, texts)
}

fn nearest_road(town: &Town, place: Point, only_streets: bool, what: What) -> Option<Numbered> {
    let (road, (travelled, foot, _, along)) = town
        .roads
        .iter()
        .enumerate()
        .filter(|(_, road)| {
            road.class != RoadClass::Footway
                && !road.name.contains('桥')
                && !(only_streets && (road.name.contains('弄') || road.class == RoadClass::Alley))
        })
        .map(|(index, road)| (index, nearest_on_path(&road.path, place), road.width_m))
        .min_by(|a, b| (a.1.2 - a.2 / 2.0).total_cmp(&(b.1.2 - b.2 / 2.0)))
        .map(|(index, found, _)| (index, found))?;
    let is_right = cross(along, place - foot) < 0.0;
    Some(Numbered { road, is_right, travelled_cm: (travelled * 100.0) as i64, what })
}

/// Numbers the buildings of each estate row by row from the north-west.
fn number_in_compounds(
    town: &Town,
    compound_of: &[Option<usize>],
    addresses: &BTreeMap<usize, String>,
    texts: &mut [String],
) {
    let mut members: BTreeMap<usize, Vec<(i64, i64, usize)>> = BTreeMap::new();
    for (index, building) in town.buildings.iter().enumerate() {
        if let Some(compound) = compound_of.get(index).copied().flatten()
            && !building.is_part
        {
            let corner = corners(building.footprint.exterior()).first().copied().unwrap_or_default();
            let row = -(corner.y / 18.0).round() as i64;
            members.entry(compound).or_default().push((row, corner.x as i64, index));
        }
    }
    for (compound, mut list) in members {
        list.sort_unstable();
        let Some(base) = addresses.get(&compound) else { continue };
        let (mut houses, mut others) = (0, 0);
        for (_, _, index) in list {
            let is_house = town.buildings.get(index).is_some_and(|b| b.compound.is_some());
            let text = if is_house {
                houses += 1;
                format!("{base}{houses}幢")
            } else {
                others += 1;
                format!("{base}附{others}")
            };
            if let Some(slot) = texts.get_mut(index) {
                *slot = text;
            }
        }
    }
}

fn finish(town: &Town, compound_of: &[Option<usize>], texts: Vec<String>) -> Vec<Address> {
    let (mut serial, mut part) = (0, 1);
    town.buildings
        .iter()
        .zip(texts)
        .zip(compound_of)
        .map(|((building, text), compound)| {
            let id = if building.is_part {
                part += 1;
                format!("fs-{serial:05}-{part}")
            } else {
                serial += 1;
                part = 1;
                format!("fs-{serial:05}")
            };
            let mut aliases: Vec<String> = Vec::new();
            if !building.is_part {
                aliases.extend(building.name.clone());
                aliases.extend(building.aliases.iter().map(|&alias| alias.to_owned()));
                let estate =
                    compound.and_then(|c| town.compounds.get(c)).filter(|_| building.compound.is_some());
                if let Some((estate, (_, house))) = estate.zip(text.split_once('号')) {
                    aliases.push(format!("{}{house}", estate.name));
                }
            }
            aliases.dedup();
            let place = deep_inside(&building.footprint).unwrap_or_default();
            Address { id, text, aliases, place }
        })
        .collect()
}

/// Other names for places that are no building: name, other names, and where.
pub(super) fn open_places(town: &Town) -> Vec<(String, Vec<&'static str>, Point)> {
    const OTHER_NAMES: &[(&str, &[&str])] = &[
        ("府山公园", &["府山", "府山公园大门"]),
        ("南湖广场", &["南湖"]),
        ("斗潭", &["斗潭公园", "斗潭湖"]),
        ("信安湖", &["衢江江滨", "江滨公园"]),
        ("水亭街历史街区", &["水亭街", "水亭门历史街区"]),
        ("钟楼", &["钟楼底"]),
        ("孔氏南宗家庙", &["孔庙"]),
        ("城站", &["城站广场", "火车站"]),
    ];
    town.labels
        .iter()
        .map(|label| {
            let others =
                OTHER_NAMES.iter().find(|(name, _)| *name == label.name).map_or(&[][..], |found| found.1);
            (label.name.clone(), others.to_vec(), label.place)
        })
        .collect()
}
