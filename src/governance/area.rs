//! The areas that hold for an issue or a patrol, by code.

use serde::{Deserialize, Serialize};

/// The codes of the areas that a place lies in. Matched by kind and code, never by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AreaCodes {
    /// 社区, 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community: Option<String>,
    /// 治理网格, 15 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<String>,
    /// 小区, the place's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compound: Option<String>,
}

impl AreaCodes {
    /// These codes, and the other ones where a kind has none.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let or = |code: Option<String>, other: &Option<String>| code.or_else(|| other.clone());
        Self {
            community: or(self.community, &other.community),
            grid: or(self.grid, &other.grid),
            compound: or(self.compound, &other.compound),
        }
    }

    /// Whether one of the kinds has this code.
    pub fn has(&self, code: &str) -> bool {
        [&self.community, &self.grid, &self.compound].into_iter().any(|held| held.as_deref() == Some(code))
    }
}

/// A department, property company or task group that answers for an issue, by its name in the place's own words.
pub type Department = String;
