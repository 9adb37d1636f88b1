//! Invented people: stewards, officers, secretaries; and who ought to be on duty on the demo's day.

use std::collections::BTreeSet;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::addresses::Address;
use super::classes::DEPARTMENTS;
use super::regions::Regions;
use super::town::{Management, Town};
use super::write::{Table, lon_lat_text};

/// The demo's day.
const DAY: &str = "2026-09-15";

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹", "曾", "彭", "萧", "蔡",
    "潘", "田", "董", "袁", "余", "叶", "蒋", "杜", "苏", "魏", "程", "吕", "丁", "沈", "任", "姚", "卢",
    "傅", "钟", "姜", "崔", "谭", "廖", "范", "汪", "陆", "金", "石", "戴", "贾", "韦", "夏", "邱", "方",
    "侯", "邹", "熊", "孟", "秦", "江", "尹", "毛", "邵", "祝", "柴", "童",
];
const FIRST: &[&str] = &[
    "建", "国", "志", "文", "晓", "小", "春", "秋", "海", "永", "德", "金", "玉", "美", "丽", "秀", "雪",
    "月", "云", "家", "世", "仁", "明", "新", "立", "宏", "素", "慧", "雅", "思",
];
const SECOND: &[&str] = &[
    "华", "明", "军", "平", "芳", "英", "兰", "梅", "萍", "红", "燕", "珍", "霞", "娟", "峰", "林", "伟",
    "强", "勇", "斌", "波", "涛", "辉", "刚", "成", "安", "仙", "莲", "琴", "凤",
];

/// Hands out invented names, none twice.
pub(super) struct Names {
    rng: ChaCha8Rng,
    used: BTreeSet<String>,
}

impl Names {
    /// Goes on with another stream, so that whoever comes later changes nobody's name.
    fn then(self, rng: ChaCha8Rng) -> Self {
        Self { rng, used: self.used }
    }

    pub(super) fn next(&mut self) -> String {
        let pick = |rng: &mut ChaCha8Rng, list: &[&'static str]| {
            list.get(rng.random_range(0..list.len() as u32) as usize).copied().unwrap_or_default()
        };
        loop {
            let surname = pick(&mut self.rng, SURNAMES);
            let first = if self.rng.random_bool(0.88) { pick(&mut self.rng, FIRST) } else { "" };
            let name = format!("{surname}{first}{}", pick(&mut self.rng, SECOND));
            if self.used.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The tables of people: `stairwells.csv`, `people.csv` and `roster.csv`.
pub(super) struct Tables {
    pub stairwells: Vec<u8>,
    pub people: Vec<u8>,
    pub roster: Vec<u8>,
}

/// Invents everybody.
pub(super) fn tables(town: &Town, regions: &Regions, addresses: &[Address]) -> Tables {
    let mut names = Names { rng: town.chance(11), used: BTreeSet::new() };
    let stewards = town.buildings.iter().flat_map(|building| &building.stairwells);
    let stewards: Vec<String> = stewards.map(|_| names.next()).collect();
    let (people, roster) = people_and_roster(town, regions, &mut names);
    let mut names = names.then(town.chance(12));
    let stairwells = stairwells(town, addresses, stewards, &mut names);
    Tables { stairwells, people, roster }
}

fn stairwells(town: &Town, addresses: &[Address], stewards: Vec<String>, names: &mut Names) -> Vec<u8> {
    let mut table = Table::new("building,stairwell,lon,lat,households,steward,party_members");
    let mut stewards = stewards.into_iter();
    let mut rng = town.chance(13);
    for (building, address) in town.buildings.iter().zip(addresses) {
        for (n, stairwell) in building.stairwells.iter().enumerate() {
            let place = lon_lat_text(stairwell.place);
            let (lon, lat) = place.split_once(',').unwrap_or_default();
            let label = format!("{}单元", n + 1);
            let rooms = rooms(building.levels, stairwell.households);
            let linked = linked_members(&rooms, names, &mut rng);
            let households = stairwell.households.to_string();
            let steward = stewards.next().unwrap_or_default();
            table.row(&[&address.id, &label, lon, lat, &households, &steward, &linked]);
        }
    }
    table.finish()
}

/// The rooms of a stairwell, floor by floor.
fn rooms(levels: u32, households: u32) -> Vec<String> {
    let flats = households.div_ceil(levels.max(1)).max(1);
    (0..households).map(|room| format!("{}{:02}", room / flats + 1, room % flats + 1)).collect()
}

/// 党员联户: each party member of the stairwell is linked to five to nine households, none of them to two; in one
/// stairwell of four nobody is. As `name:101/102|name:201`.
fn linked_members(rooms: &[String], names: &mut Names, rng: &mut ChaCha8Rng) -> String {
    if rng.random_bool(0.25) {
        return String::new();
    }
    let members = (rooms.len() / 14).clamp(1, 4);
    let mut rooms = rooms.iter();
    let mut linked = Vec::with_capacity(members);
    for _ in 0..members {
        let count = rng.random_range(5..=9u32) as usize;
        let own: Vec<&str> = rooms.by_ref().take(count).map(String::as_str).collect();
        linked.push(format!("{}:{}", names.next(), own.join("/")));
    }
    linked.join("|")
}

/// The companies that run compounds.
pub(super) fn companies(town: &Town) -> BTreeSet<&str> {
    let companies = town.compounds.iter().filter_map(|compound| match &compound.management {
        Management::Company(company) => Some(company.as_str()),
        _ => None,
    });
    companies.collect()
}

/// The post that handles what a company has.
pub(super) fn manager_of(company: &str) -> String {
    format!("{company}项目经理")
}

/// The post that handles what a department has.
pub(super) fn handler_of(department: &str) -> String {
    format!("{department}处置员")
}

/// The patrols of the day: kind, how the post is called, department, how many.
struct Force {
    kind: &'static str,
    post: &'static str,
    department: &'static str,
    shifts: &'static [(&'static str, &'static str)],
    count: usize,
}

const DAYTIME: &[(&str, &str)] =
    &[("07:30", "11:30"), ("07:45", "17:30"), ("13:30", "17:30"), ("07:30", "17:00")];

/// In the order of their numbers: P01 to P40.
const FORCES: &[Force] = &[
    Force {
        kind: "grid_officer",
        post: "网格员",
        department: "社区工作站",
        shifts: &[("07:30", "17:30"), ("07:45", "17:30"), ("07:30", "20:00")],
        count: 18,
    },
    Force {
        kind: "urban_management",
        post: "执法队员",
        department: "综合行政执法中队",
        shifts: &[("07:00", "15:00"), ("07:30", "16:00"), ("14:00", "22:00")],
        count: 6,
    },
    Force {
        kind: "police",
        post: "社区民警",
        department: "派出所",
        shifts: &[("07:30", "17:30"), ("07:00", "19:00"), ("17:00", "23:00")],
        count: 4,
    },
    Force { kind: "volunteer", post: "志愿者", department: "", shifts: DAYTIME, count: 4 },
    Force { kind: "steward", post: "红管家", department: "", shifts: DAYTIME, count: 3 },
    Force {
        kind: "sanitation",
        post: "环卫班长",
        department: "环境卫生管理所",
        shifts: &[("05:30", "13:30"), ("07:30", "16:00")],
        count: 2,
    },
    Force {
        kind: "property_guard",
        post: "物业巡逻岗",
        department: "",
        shifts: &[("07:00", "19:00")],
        count: 2,
    },
    Force {
        kind: "vehicle",
        post: "城管巡逻车",
        department: "综合行政执法中队",
        shifts: &[("07:00", "22:00")],
        count: 1,
    },
];

fn people_and_roster(town: &Town, regions: &Regions, names: &mut Names) -> (Vec<u8>, Vec<u8>) {
    let mut people = Table::new("post,name,role,kind,community,grid,department");
    let mut roster = Table::new("patrol,post,date,from,to");
    for community in &regions.communities {
        let secretary = format!("{}党组织书记", community.name);
        people.row(&[&secretary, &names.next(), "manager", "", &community.code, "", "社区工作站"]);
    }
    people.row(&["府山街道指挥中心值班长", &names.next(), "desk", "", "", "", "指挥中心"]);
    people.row(&["府山街道指挥中心值班员", &names.next(), "desk", "", "", "", "指挥中心"]);
    let mut officers = Vec::new();
    for grid in &regions.grids {
        let post = format!("{} 网格员", grid.name);
        people.row(&[
            &post,
            &names.next(),
            "officer",
            "grid_officer",
            &grid.parent,
            &grid.code,
            "社区工作站",
        ]);
        officers.push(post);
    }
    let mut number = 0;
    for force in FORCES {
        for n in 0..force.count {
            number += 1;
            let post = if force.kind == "grid_officer" {
                // Spread over the grids: every second or third.
                officers.get(n * officers.len() / force.count).cloned().unwrap_or_default()
            } else {
                let post = format!("府山{}{:02}", force.post, n + 1);
                let community = regions.communities.get((n * 3 + number) % regions.communities.len());
                let code = community.map_or("", |community| community.code.as_str());
                people.row(&[&post, &names.next(), "officer", force.kind, code, "", force.department]);
                post
            };
            let (from, to) = force.shifts.get(n % force.shifts.len()).copied().unwrap_or(("08:00", "17:00"));
            roster.row(&[&format!("P{number:02}"), &post, DAY, from, to]);
        }
    }
    for department in DEPARTMENTS {
        people.row(&[&handler_of(department), &names.next(), "handler", "", "", "", department]);
    }
    for company in companies(town) {
        people.row(&[&manager_of(company), &names.next(), "handler", "property_guard", "", "", company]);
    }
    (people.finish(), roster.finish())
}
