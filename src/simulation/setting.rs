//! The setting of a simulation: everything about a place that does not change while the days go by.

use std::sync::Arc;

use super::SimulationError;
use super::cast::{Cast, Member};
use super::catalogue::Catalogue;
use super::network::{Mode, Network, Node};
use super::sites::{Site, Sites, territory};
use crate::city::Place;
use crate::governance::PatrolKind;
use crate::governance::rulebook::Rulebook;

/// A place, its roads, its sites, its people and its rules.
#[derive(Debug)]
pub struct Setting {
    pub(super) place: Arc<Place>,
    pub(super) cast: Cast,
    pub(super) network: Network,
    pub(super) sites: Sites,
    pub(super) catalogue: Catalogue,
    pub(super) rules: Rulebook,
    /// Of each member of the cast, the nodes that it goes to.
    territories: Vec<Vec<Node>>,
}

impl Setting {
    /// Looks at a place and its people.
    ///
    /// # Errors
    /// [`SimulationError::NoRoads`] if there is no road to walk on.
    pub fn new(place: Arc<Place>, cast: Cast) -> Result<Self, SimulationError> {
        let network = Network::new(&place.ways);
        if network.is_empty() {
            return Err(SimulationError::NoRoads);
        }
        let sites = Sites::new(&place, &network);
        let territories = cast
            .members
            .iter()
            .map(|member| territory(&place, &network, &member.areas, mode(member.kind)))
            .collect();
        // The server counts by its own table; this one makes plans that its rules would allow, too.
        let rules = Rulebook { classes: cast.classes.clone(), ..Rulebook::default() };
        Ok(Self { place, cast, network, sites, catalogue: Catalogue::shipped()?, rules, territories })
    }

    /// The cast.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    pub(super) fn territory(&self, member: usize) -> &[Node] {
        self.territories.get(member).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a site lies where a member goes.
    pub(super) fn is_home(member: &Member, site: &Site) -> bool {
        match (&member.areas.grid, &member.areas.community) {
            (Some(grid), _) => site.areas.grid.as_ref() == Some(grid),
            (None, Some(community)) => site.areas.community.as_ref() == Some(community),
            (None, None) => true,
        }
    }
}

/// How a kind of patrol moves.
pub(super) fn mode(kind: PatrolKind) -> Mode {
    if kind == PatrolKind::Vehicle { Mode::Drive } else { Mode::Walk }
}
