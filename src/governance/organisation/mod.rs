//! Organisation: who and what a place consists of, as data that a subdistrict edits itself.
//!
//! A [`Unit`] is one of those things: an area (community, grid, compound, business district, back alley), a stairwell,
//! a department, a team, a line of the roster. It travels as a GeoJSON Feature whose properties are the unit, or as a
//! row of a CSV file with the same names as columns ([`read_features`], [`read_csv`]).
//! Every unit has days of validity; what ended is kept, because issues keep the areas that held when they arose.

mod read;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use read::{FileError, Reading, RefusedUnit, read_csv, read_features};

/// What sort of unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// 街道.
    Subdistrict,
    /// 社区.
    Community,
    /// 网格.
    Grid,
    /// 小区.
    Compound,
    /// 商圈.
    BusinessDistrict,
    /// 背街小巷.
    Alley,
    /// 楼道.
    Stairwell,
    /// 部门, 专班, 物业公司.
    Department,
    /// 组团.
    Team,
    /// One line of the roster (值班表).
    Shift,
}

impl UnitKind {
    /// Every kind, the larger areas first.
    pub const ALL: [Self; 10] = [
        Self::Subdistrict,
        Self::Community,
        Self::Grid,
        Self::Compound,
        Self::BusinessDistrict,
        Self::Alley,
        Self::Stairwell,
        Self::Department,
        Self::Team,
        Self::Shift,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subdistrict => "subdistrict",
            Self::Community => "community",
            Self::Grid => "grid",
            Self::Compound => "compound",
            Self::BusinessDistrict => "business_district",
            Self::Alley => "alley",
            Self::Stairwell => "stairwell",
            Self::Department => "department",
            Self::Team => "team",
            Self::Shift => "shift",
        }
    }

    /// The id of its collection.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::Subdistrict => "subdistricts",
            Self::Community => "communities",
            Self::Grid => "grids",
            Self::Compound => "compounds",
            Self::BusinessDistrict => "business_districts",
            Self::Alley => "alleys",
            Self::Stairwell => "stairwells",
            Self::Department => "departments",
            Self::Team => "teams",
            Self::Shift => "shifts",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind with this collection.
    pub fn of_collection(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.collection() == id)
    }

    /// Whether it is ground on the map.
    pub const fn is_area(self) -> bool {
        matches!(
            self,
            Self::Subdistrict
                | Self::Community
                | Self::Grid
                | Self::Compound
                | Self::BusinessDistrict
                | Self::Alley
        )
    }
}

/// What a grid is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridUse {
    /// 治理网格.
    #[default]
    Governance,
    /// 单元网格.
    Unit,
    /// 创建网格.
    Campaign,
    /// 微网格, below the governance grid.
    Micro,
}

/// Who runs a compound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunBy {
    /// A property company.
    Company,
    /// 社区托管.
    Community,
    /// 无物业.
    #[default]
    None,
}

/// What sort of department.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepartmentSort {
    /// An office of the administration.
    #[default]
    Office,
    /// 专班: a task group.
    TaskGroup,
    /// A property company.
    Company,
}

/// A party member linked to households of a stairwell (党员联户). A name is personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedMember {
    /// Who.
    pub name: String,
    /// The rooms of the households.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub households: Vec<String>,
}

/// What only a kind has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Detail {
    /// 街道.
    Subdistrict,
    /// 社区.
    Community,
    /// 网格.
    Grid {
        /// What for.
        #[serde(default)]
        grid_kind: GridUse,
    },
    /// 小区.
    Compound {
        /// Who runs it.
        #[serde(default)]
        management: RunBy,
        /// The property company.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        company: Option<String>,
        /// Whether it belongs to the red property alliance (红色物业联盟).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        alliance: bool,
        /// The unit that looks after it (包干单位).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supporting_unit: Option<String>,
        /// The post of the leader in contact with it (联系领导).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contact_leader: Option<String>,
    },
    /// 商圈.
    BusinessDistrict {
        /// Its alliance (商圈自治联盟).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alliance: Option<String>,
    },
    /// 背街小巷.
    Alley {
        /// The department that answers for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        department: Option<String>,
    },
    /// 楼道.
    Stairwell {
        /// The building's id in the building source.
        building: String,
        /// How many households.
        #[serde(default)]
        households: u32,
        /// 红管家: a name, so personal data.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        steward: Option<String>,
        /// 党员联户.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        party_members: Vec<LinkedMember>,
    },
    /// 部门.
    Department {
        /// What sort.
        #[serde(default)]
        sort: DepartmentSort,
    },
    /// 组团.
    Team {
        /// The post that leads it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leader: Option<String>,
        /// The codes of its compounds.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        compounds: Vec<String>,
        /// Who takes part.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        departments: Vec<String>,
    },
    /// A line of the roster.
    Shift {
        /// The patrol.
        patrol: String,
        /// The post.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<String>,
        /// The day on which it begins.
        date: Date,
        /// From, local time.
        from: Time,
        /// To, local time; of the next day if not after `from`.
        to: Time,
    },
}

impl Detail {
    /// Of which kind it is.
    pub const fn kind(&self) -> UnitKind {
        match self {
            Self::Subdistrict => UnitKind::Subdistrict,
            Self::Community => UnitKind::Community,
            Self::Grid { .. } => UnitKind::Grid,
            Self::Compound { .. } => UnitKind::Compound,
            Self::BusinessDistrict { .. } => UnitKind::BusinessDistrict,
            Self::Alley { .. } => UnitKind::Alley,
            Self::Stairwell { .. } => UnitKind::Stairwell,
            Self::Department { .. } => UnitKind::Department,
            Self::Team { .. } => UnitKind::Team,
            Self::Shift { .. } => UnitKind::Shift,
        }
    }
}

/// One thing of which a place consists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Its code: units are matched by kind and code, never by name.
    pub code: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// The same in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// The code of the area that it lies in; of a task group the department that leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The first day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// The post that answers for it; never a person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// What only its kind has.
    #[serde(flatten)]
    pub detail: Detail,
}

/// A unit where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedUnit {
    /// What it is.
    pub unit: Unit,
    /// A GeoJSON geometry, if it has one.
    pub geometry: Option<Value>,
}

impl Unit {
    /// Of which kind it is.
    pub const fn kind(&self) -> UnitKind {
        self.detail.kind()
    }

    /// Whether it holds on a day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// What is wrong with it, if anything.
    ///
    /// # Errors
    /// In words, with what would be right.
    pub fn check(&self) -> Result<(), String> {
        let is_said = !self.code.trim().is_empty() && !self.code.contains(char::is_control);
        if !is_said || self.code.chars().count() > 100 {
            return Err("code is 1 to 100 characters, none of them a control character".to_owned());
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            return Err("name is 1 to 200 characters".to_owned());
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            return Err("valid_to lies before valid_from".to_owned());
        }
        let digits = |count: usize| self.code.len() == count && self.code.bytes().all(|b| b.is_ascii_digit());
        match &self.detail {
            Detail::Subdistrict if !digits(9) => Err("code of a subdistrict is 9 digits".to_owned()),
            Detail::Community if !digits(12) => Err("code of a community is 12 digits".to_owned()),
            Detail::Grid { grid_kind: GridUse::Governance } if !digits(15) => {
                Err("code of a governance grid is 15 digits".to_owned())
            }
            Detail::Compound { management: RunBy::Company, company: None, .. } => {
                Err("company is needed where management is company".to_owned())
            }
            Detail::Stairwell { building, .. } if building.trim().is_empty() => {
                Err("building is empty".to_owned())
            }
            Detail::Shift { patrol, .. } if patrol.trim().is_empty() => Err("patrol is empty".to_owned()),
            _ => Ok(()),
        }
    }

    /// The unit without what names people.
    #[must_use]
    pub fn without_people(mut self) -> Self {
        if let Detail::Stairwell { steward, party_members, .. } = &mut self.detail {
            *steward = None;
            party_members.clear();
        }
        self
    }

    /// Who has the lead in what a compound answers for itself: its company.
    pub fn company(&self) -> Option<&str> {
        match &self.detail {
            Detail::Compound { management: RunBy::Company, company, .. } => company.as_deref(),
            _ => None,
        }
    }
}

impl PlacedUnit {
    /// As a GeoJSON Feature with a version.
    pub fn to_feature(&self, version: u64) -> Value {
        let mut properties = serde_json::to_value(&self.unit).unwrap_or_default();
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("version".to_owned(), version.into());
        }
        serde_json::json!({
            "type": "Feature",
            "id": self.unit.code,
            "geometry": self.geometry,
            "properties": properties,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compound() -> Unit {
        serde_json::from_value(serde_json::json!({
            "kind": "compound", "code": "330802006C001", "name": "A", "management": "company", "company": "B",
            "valid_from": "2026-01-01", "valid_to": "2026-12-31", "area_m2": 12.0,
        }))
        .expect("a compound")
    }

    #[test]
    fn a_unit_is_what_its_properties_say() {
        let unit = compound();
        assert_eq!((unit.kind(), unit.company()), (UnitKind::Compound, Some("B")));
        let feature = PlacedUnit { unit: unit.clone(), geometry: None }.to_feature(3);
        assert_eq!(feature["properties"]["kind"], "compound");
        assert_eq!(feature["properties"]["version"], 3);
        assert_eq!(serde_json::from_value::<Unit>(feature["properties"].clone()).expect("read back"), unit);
    }

    #[test]
    fn days_of_validity_include_both_ends() {
        let unit = compound();
        let on = |day: &str| unit.is_valid_on(day.parse().expect("a day"));
        assert!(on("2026-01-01") && on("2026-12-31") && !on("2025-12-31") && !on("2027-01-01"));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let refused = |change: fn(&mut Unit)| {
            let mut unit = compound();
            change(&mut unit);
            unit.check().err().unwrap_or_default()
        };
        assert_eq!(refused(|_| {}), "");
        assert!(refused(|unit| unit.code.clear()).starts_with("code"));
        assert!(refused(|unit| unit.code = "a\u{0}".into()).starts_with("code"));
        assert!(refused(|unit| unit.name.clear()).starts_with("name"));
        assert!(refused(|unit| unit.valid_to = Some(Date::MIN)).starts_with("valid_to"));
        assert!(refused(|unit| unit.detail = Detail::Community).contains("12 digits"));
        let grid = Detail::Grid { grid_kind: GridUse::Governance };
        assert!(
            refused(move |unit| unit.detail = Detail::Grid { grid_kind: GridUse::Governance }).contains("15")
        );
        assert_eq!(grid.kind(), UnitKind::Grid);
    }

    #[test]
    fn names_and_collections_lead_back() {
        for kind in UnitKind::ALL {
            assert_eq!(UnitKind::named(kind.name()), Some(kind));
            assert_eq!(UnitKind::of_collection(kind.collection()), Some(kind));
        }
    }
}
