//! Who answers for an issue, and how that was decided.
//!
//! The place says what holds at a point or an address ([`Locality`]); the class says which department is usual.
//! What somebody said wins over both, and every decision leaves its [`Reason`], so that nobody has to guess.

use serde::{Deserialize, Serialize};

use super::{AreaCodes, Department};
use crate::geo::LonLat;

/// The department of a class that stands for whoever runs the compound that the issue is in.
pub const COMPOUND_DEPARTMENT: &str = "@compound";

/// One step of how place, areas, department and post of an issue were decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The report gave the point.
    PlaceGiven,
    /// The address was found in the place's table, surely enough.
    PlaceByAddress,
    /// The same address was placed by hand before.
    PlaceByCorrection,
    /// Neither a point nor an address that is sure enough: it waits to be placed (待落图).
    PlaceUnknown,
    /// The report named areas.
    AreasGiven,
    /// The areas in which the point lies.
    AreasByPlace,
    /// The point lies in no area of the place.
    OutsideEveryArea,
    /// The report named the department.
    DepartmentGiven,
    /// The department of its class.
    DepartmentByClass,
    /// Whoever runs the compound.
    DepartmentByCompound,
    /// Nobody could be named: the desk decides.
    DepartmentUnknown,
    /// The report named the post.
    ResponsibleGiven,
    /// The post that answers for the compound.
    ResponsibleByCompound,
    /// The post that answers for the back alley.
    ResponsibleByAlley,
    /// The post that answers for the grid.
    ResponsibleByGrid,
    /// The post that answers for the community.
    ResponsibleByCommunity,
    /// Nobody answers for that place.
    ResponsibleUnknown,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 17] = [
        Self::PlaceGiven,
        Self::PlaceByAddress,
        Self::PlaceByCorrection,
        Self::PlaceUnknown,
        Self::AreasGiven,
        Self::AreasByPlace,
        Self::OutsideEveryArea,
        Self::DepartmentGiven,
        Self::DepartmentByClass,
        Self::DepartmentByCompound,
        Self::DepartmentUnknown,
        Self::ResponsibleGiven,
        Self::ResponsibleByCompound,
        Self::ResponsibleByAlley,
        Self::ResponsibleByGrid,
        Self::ResponsibleByCommunity,
        Self::ResponsibleUnknown,
    ];

    /// Whether it tells of the point, and so no longer holds once somebody places the issue.
    pub const fn is_of_point(self) -> bool {
        matches!(self, Self::PlaceGiven | Self::PlaceByAddress | Self::PlaceByCorrection | Self::PlaceUnknown)
    }

    /// Whether it tells of the areas.
    pub const fn is_of_areas(self) -> bool {
        matches!(self, Self::AreasGiven | Self::AreasByPlace | Self::OutsideEveryArea)
    }

    /// Whether it tells of the department.
    pub const fn is_of_department(self) -> bool {
        matches!(
            self,
            Self::DepartmentGiven
                | Self::DepartmentByClass
                | Self::DepartmentByCompound
                | Self::DepartmentUnknown
        )
    }

    /// Whether it tells of the post that answers.
    pub const fn is_of_responsible(self) -> bool {
        matches!(
            self,
            Self::ResponsibleGiven
                | Self::ResponsibleByCompound
                | Self::ResponsibleByAlley
                | Self::ResponsibleByGrid
                | Self::ResponsibleByCommunity
                | Self::ResponsibleUnknown
        )
    }

    /// Whether somebody has to look at it: something could not be decided.
    pub const fn is_open_question(self) -> bool {
        matches!(
            self,
            Self::PlaceUnknown | Self::OutsideEveryArea | Self::DepartmentUnknown | Self::ResponsibleUnknown
        )
    }
}

/// What a place says of a report: where it is if only the address was given, what lies there, and who answers for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Locality {
    /// The point that the address stands for, where the report gave none.
    pub place: Option<LonLat>,
    /// The building there.
    pub building: Option<String>,
    /// The areas that hold there.
    pub areas: AreaCodes,
    /// Whoever runs the compound: its company, or the community.
    pub compound_department: Option<Department>,
    /// The post that answers for it; no personal name.
    pub responsible: Option<String>,
    /// How all of that was found.
    pub because: Vec<Reason>,
}

impl Locality {
    /// Only areas, from whoever knows nothing else of the place.
    pub fn of_areas(areas: AreaCodes) -> Self {
        Self { areas, ..Self::default() }
    }

    /// Who has the lead and why: as said, else by class, where that says so by compound.
    pub(super) fn department(
        &self,
        given: Option<&Department>,
        of_class: Option<&Department>,
    ) -> (Option<Department>, Reason) {
        if let Some(given) = given {
            return (Some(given.clone()), Reason::DepartmentGiven);
        }
        match of_class {
            Some(class) if class == COMPOUND_DEPARTMENT => match &self.compound_department {
                Some(department) => (Some(department.clone()), Reason::DepartmentByCompound),
                None => (None, Reason::DepartmentUnknown),
            },
            Some(class) => (Some(class.clone()), Reason::DepartmentByClass),
            None => (None, Reason::DepartmentUnknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_wins_over_the_class_and_the_class_may_ask_the_compound() {
        let place = Locality { compound_department: Some("company".into()), ..Locality::default() };
        let (class, compound) = ("office".to_owned(), COMPOUND_DEPARTMENT.to_owned());
        let named = |locality: &Locality, given: Option<&String>, class: Option<&String>| {
            let (department, reason) = locality.department(given, class);
            (department.unwrap_or_default(), reason)
        };
        let said = "other".to_owned();
        assert_eq!(named(&place, Some(&said), Some(&compound)), (said.clone(), Reason::DepartmentGiven));
        assert_eq!(named(&place, None, Some(&class)), (class, Reason::DepartmentByClass));
        assert_eq!(named(&place, None, Some(&compound)), ("company".into(), Reason::DepartmentByCompound));
        let nowhere = Locality::default();
        assert_eq!(named(&nowhere, None, Some(&compound)), (String::new(), Reason::DepartmentUnknown));
        assert_eq!(named(&nowhere, None, None), (String::new(), Reason::DepartmentUnknown));
    }
}
