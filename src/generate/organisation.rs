//! Departments with their task groups, property companies, and the teams that go down to compounds on Tuesdays.
//!
//! The departments are those that the class table names, so that whoever has the lead is there. No chance is in it.

use super::classes::{
    DEPARTMENTS, ENFORCEMENT, GARDENS, HOUSING, MARKETS, POLICE, ROADS, SAFETY, SANITATION, STATION,
};
use super::fushan::compound_code;
use super::network::deep_inside;
use super::people::{companies, handler_of, manager_of};
use super::regions::Regions;
use super::town::Town;
use super::write::Table;

/// The command centre: it is nobody's lead, and those at the desk belong to it.
const CENTRE: &str = "指挥中心";

/// 专班: what each is for, and the department that leads it.
const TASK_GROUPS: &[(&str, &str)] = &[
    ("飞线充电整治专班", SAFETY),
    ("消防通道畅通专班", SAFETY),
    ("楼道清理专班", HOUSING),
    ("物业管理提升专班", HOUSING),
    ("背街小巷整治专班", ENFORCEMENT),
    ("违建治理专班", ENFORCEMENT),
    ("垃圾分类专班", SANITATION),
    ("道路积水专班", ROADS),
];

/// Who goes along with the community's own people, in turn.
const PARTNERS: &[&str] = &[HOUSING, ENFORCEMENT, SAFETY, SANITATION, POLICE, GARDENS, ROADS, MARKETS];

/// `departments.csv`: `parent` is the department that leads a task group.
pub(super) fn departments(town: &Town) -> Vec<u8> {
    let mut table = Table::new("name,sort,parent,responsible");
    table.row(&[CENTRE, "office", "", "府山街道指挥中心值班长"]);
    for department in DEPARTMENTS {
        table.row(&[department, "office", "", &handler_of(department)]);
    }
    for (name, lead) in TASK_GROUPS {
        table.row(&[name, "task_group", lead, &handler_of(lead)]);
    }
    for company in companies(town) {
        table.row(&[company, "company", "", &manager_of(company)]);
    }
    table.finish()
}

/// `teams.csv`: one team (组团) for each community that has compounds, with all of them.
pub(super) fn teams(town: &Town, regions: &Regions) -> Vec<u8> {
    let mut table = Table::new("name,leader,compounds,departments");
    for (index, community) in regions.communities.iter().enumerate() {
        let lies_here = |shape: &geo::Polygon| {
            deep_inside(shape).and_then(|place| regions.at(place)).is_some_and(|(found, _)| found == index)
        };
        let compounds = town.compounds.iter().enumerate().filter(|(_, compound)| lies_here(&compound.shape));
        let compounds: Vec<String> = compounds.map(|(compound, _)| compound_code(compound)).collect();
        if compounds.is_empty() {
            continue;
        }
        let partners = PARTNERS.iter().cycle().skip(index * 2).take(2);
        let departments: Vec<&str> = std::iter::once(&STATION).chain(partners).copied().collect();
        let name = format!("{}组团", community.name.trim_end_matches("社区"));
        let leader = format!("{}党组织书记", community.name);
        table.row(&[&name, &leader, &compounds.join("|"), &departments.join("|")]);
    }
    table.finish()
}
