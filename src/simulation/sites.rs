//! Where things happen: the places of a neighbourhood at which an issue may arise, by their sort.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::network::{Mode, Network, Node, distance_m, to_centimetre};
use crate::city::{AreaKind, BuildingRef, BuildingUse, Index, Place, SurfaceKind};
use crate::geo::LonLat;
use crate::governance::AreaCodes;

/// Roads are looked at every so many nodes.
const ROAD_STRIDE: usize = 3;
/// How far the building may be that gives a place on a road its address, in metres.
const ADDRESS_REACH_M: f64 = 45.0;
/// How near to the water's edge a place on a road is "at the water", in metres.
const SHORE_M: f64 = 40.0;
/// How near to a market's walls a place on a road is "at the market", in metres.
const MARKET_REACH_M: f64 = 60.0;

/// The sort of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SiteKind {
    /// A building of an estate.
    Compound,
    /// An entrance of a building of an estate.
    Stairwell,
    /// A dwelling outside the estates.
    House,
    /// A shop.
    Shop,
    /// Beside a market hall.
    Market,
    /// A back lane.
    Alley,
    /// A street.
    Street,
    /// A park or a lawn.
    Green,
    /// A road along the water.
    Water,
    /// A school, an office, a hospital.
    Institution,
}

/// A place where an issue may arise.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Site {
    /// Where, `[east, north]` in local metres.
    pub(super) point: [f64; 2],
    /// On earth.
    pub(super) place: LonLat,
    /// Where one walks to.
    pub(super) node: Node,
    /// The building's id in its source.
    pub(super) building: Option<String>,
    /// The address.
    pub(super) address: Option<String>,
    /// What a person calls it, such as `府西小区3幢` or `荷花路18号附近`.
    pub(super) phrase: String,
    /// The areas that it lies in.
    pub(super) areas: AreaCodes,
    /// The property company of its compound.
    pub(super) company: Option<String>,
    /// The post that answers for it.
    pub(super) responsible: Option<String>,
}

/// All sites of a place, by sort and by area.
#[derive(Debug)]
pub(super) struct Sites {
    all: Vec<Site>,
    by_kind: BTreeMap<SiteKind, Vec<u32>>,
    by_area: BTreeMap<(SiteKind, String), Vec<u32>>,
}

impl Sites {
    /// Finds the sites of a place.
    pub(super) fn new(place: &Place, network: &Network) -> Self {
        let index = Index::new(&place.city);
        let mut finder = Finder { place, network, index, sites: Self::empty() };
        finder.buildings();
        finder.stairwells();
        finder.roads();
        finder.greens();
        finder.sites
    }

    fn empty() -> Self {
        Self { all: Vec::new(), by_kind: BTreeMap::new(), by_area: BTreeMap::new() }
    }

    fn push(&mut self, kind: SiteKind, site: Site) {
        let number = self.all.len() as u32;
        self.by_kind.entry(kind).or_default().push(number);
        for code in [&site.areas.grid, &site.areas.community].into_iter().flatten() {
            self.by_area.entry((kind, code.clone())).or_default().push(number);
        }
        self.all.push(site);
    }

    /// A site of a sort, within a grid or community if one is named; `pick` chooses among them.
    pub(super) fn pick(&self, kind: SiteKind, area: Option<&str>, pick: u64) -> Option<&Site> {
        let fits = match area {
            Some(code) => self.by_area.get(&(kind, code.to_owned()))?,
            None => self.by_kind.get(&kind)?,
        };
        let number = fits.get((pick % fits.len().max(1) as u64) as usize)?;
        self.all.get(*number as usize)
    }

    /// The site of a sort nearest to a point.
    pub(super) fn nearest(&self, kind: SiteKind, point: [f64; 2]) -> Option<&Site> {
        let sites = self.by_kind.get(&kind)?.iter().filter_map(|number| self.all.get(*number as usize));
        sites.min_by(|a, b| distance_m(a.point, point).total_cmp(&distance_m(b.point, point)))
    }

    /// How many there are of a sort.
    #[cfg(test)]
    pub(super) fn count(&self, kind: SiteKind) -> usize {
        self.by_kind.get(&kind).map_or(0, Vec::len)
    }

    /// All of them.
    #[cfg(test)]
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Site> {
        self.all.iter()
    }
}

struct Finder<'a> {
    place: &'a Place,
    network: &'a Network,
    index: Index,
    sites: Sites,
}

impl Finder<'_> {
    fn buildings(&mut self) {
        for building in self.place.city.iter().filter(|building| !building.is_floating()) {
            let kind = match building.usage() {
                BuildingUse::Residential if building.compound().is_some() => SiteKind::Compound,
                BuildingUse::Residential => SiteKind::House,
                BuildingUse::Commercial => SiteKind::Shop,
                BuildingUse::School
                | BuildingUse::Office
                | BuildingUse::Public
                | BuildingUse::Medical
                | BuildingUse::Transport => SiteKind::Institution,
                // Courtyard houses of the old town are lived in.
                BuildingUse::Historic => SiteKind::House,
                _ => continue,
            };
            // A dwelling outside an estate that nobody numbered cannot be named.
            if kind == SiteKind::House && building.address().is_none() {
                continue;
            }
            let phrase = self.building_phrase(building);
            self.add(kind, building.centroid(), Some(building), phrase);
        }
    }

    fn stairwells(&mut self) {
        for stairwell in &self.place.stairwells {
            let (Some(point), Some(index)) = (stairwell.point, self.place.city.find(&stairwell.building))
            else {
                continue;
            };
            let Some(building) = self.place.city.building(index) else { continue };
            let phrase = format!("{}{}", self.building_phrase(building), stairwell.stairwell);
            self.add(SiteKind::Stairwell, point.map(f64::from), Some(building), phrase);
        }
    }

    fn roads(&mut self) {
        let wide: std::collections::BTreeSet<Node> =
            self.network.nodes(Mode::Drive, |_| true).into_iter().collect();
        let water: Vec<Vec<[f64; 2]>> = self.shores();
        let markets: Vec<BuildingRef<'_>> =
            self.place.city.iter().filter(|building| building.usage() == BuildingUse::Market).collect();
        for node in self.network.nodes(Mode::Walk, |_| true).into_iter().step_by(ROAD_STRIDE) {
            let point = self.network.point(node);
            let near = self.index.nearest(&self.place.city, point, ADDRESS_REACH_M);
            let building = near.and_then(|(index, _)| self.place.city.building(index));
            let named = building.and_then(BuildingRef::address);
            let road = self.network.road_name(node);
            let phrase = match (road, named) {
                (_, Some(address)) => format!("{address}附近"),
                (Some(road), None) => road.to_owned(),
                (None, None) => continue,
            };
            let market = markets.iter().find(|market| {
                market.bounds().expanded(MARKET_REACH_M).contains(point) && market.name().is_some()
            });
            let shore = water.iter().any(|ring| ring.iter().any(|edge| distance_m(*edge, point) < SHORE_M));
            let kind = if wide.contains(&node) { SiteKind::Street } else { SiteKind::Alley };
            if let Some(name) = market.and_then(|market| market.name()) {
                self.add(SiteKind::Market, point, building, format!("{name}周边"));
            }
            if shore {
                self.add(SiteKind::Water, point, building, format!("{}沿岸", road.unwrap_or(&phrase)));
            }
            self.add(kind, point, building, phrase);
        }
    }

    /// Points along the edges of the waters.
    fn shores(&self) -> Vec<Vec<[f64; 2]>> {
        let waters = self.place.ways.surfaces.iter().filter(|surface| surface.kind == SurfaceKind::Water);
        let rings = waters.flat_map(|water| &water.polygons).map(|polygon| &polygon.exterior);
        rings.map(|ring| ring.iter().map(|point| point.map(f64::from)).collect()).collect()
    }

    fn greens(&mut self) {
        for green in self.place.ways.surfaces.iter().filter(|surface| surface.kind == SurfaceKind::Green) {
            let Some(name) = &green.name else { continue };
            for ground in &green.polygons {
                let point = ground.bounds().centre();
                if !ground.contains(point) {
                    continue;
                }
                let near = self.index.nearest(&self.place.city, point, ADDRESS_REACH_M);
                let building = near.and_then(|(index, _)| self.place.city.building(index));
                self.add(SiteKind::Green, point, building, name.clone());
            }
        }
    }

    /// `府西小区3幢` for an estate, the address elsewhere.
    fn building_phrase(&self, building: BuildingRef<'_>) -> String {
        let compound = building.compound().and_then(|code| self.place.areas.find(AreaKind::Compound, code));
        let address = building.address().or_else(|| building.name()).unwrap_or_default();
        match compound {
            Some(compound) => {
                // What follows the house number is the building's own: 南湖路20号2幢.
                let own = address.rsplit_once('号').map(|(_, own)| own).filter(|own| !own.is_empty());
                format!("{}{}", compound.name, own.unwrap_or_default())
            }
            None => building.name().unwrap_or(address).to_owned(),
        }
    }

    fn add(&mut self, kind: SiteKind, point: [f64; 2], building: Option<BuildingRef<'_>>, phrase: String) {
        let Some(node) = self.network.nearest(point, Mode::Walk) else { return };
        let areas = &self.place.areas;
        let at = |kind| areas.at_kind(point, kind);
        let community = at(AreaKind::Community);
        let grid = at(AreaKind::Grid);
        let compound = at(AreaKind::Compound);
        let code = |area: Option<&crate::city::Area>| area.map(|area| area.code.clone());
        let own = |text: Option<&str>| text.map(str::to_owned);
        // The areas of a point are those of the ground; what the building says counts where the ground says nothing.
        let codes = AreaCodes {
            community: code(community).or_else(|| own(building.and_then(BuildingRef::community))),
            grid: code(grid).or_else(|| own(building.and_then(BuildingRef::grid))),
            compound: code(compound),
        };
        // Beyond its borders it is somebody else's.
        if codes.community.is_none() && areas.iter().any(|area| area.kind == AreaKind::Community) {
            return;
        }
        let responsible =
            [compound, grid, community].into_iter().flatten().find_map(|area| area.responsible.clone());
        let site = Site {
            point,
            place: to_centimetre(self.place.frame.unproject(point)),
            node,
            building: building.map(|building| building.original_id().to_owned()),
            address: own(building.and_then(BuildingRef::address)),
            phrase,
            areas: codes,
            company: compound.and_then(|compound| compound.company.clone()),
            responsible,
        };
        self.sites.push(kind, site);
    }
}

/// The nodes of an area: where a patrol of that area goes.
pub(super) fn territory(place: &Place, network: &Network, areas: &AreaCodes, mode: Mode) -> Vec<Node> {
    let find = |kind, code: &Option<String>| code.as_deref().and_then(|code| place.areas.find(kind, code));
    let area = find(AreaKind::Grid, &areas.grid).or_else(|| find(AreaKind::Community, &areas.community));
    network.nodes(mode, |point| area.is_none_or(|area| area.contains(point)))
}

#[cfg(test)]
mod tests {
    use super::SiteKind::{
        Alley, Compound, Green, House, Institution, Market, Shop, Stairwell, Street, Water,
    };
    use super::*;
    use crate::city::Embedded;
    use crate::generate;

    #[test]
    fn the_demo_place_has_sites_of_every_sort_with_words_and_areas() {
        let place = Place::read(&Embedded(generate::embedded())).expect("the demo place");
        let network = Network::new(&place.ways);
        let sites = Sites::new(&place, &network);
        for (kind, least) in [
            (Compound, 300),
            (Stairwell, 800),
            (House, 1_000),
            (Shop, 1_000),
            (Market, 10),
            (Alley, 500),
            (Street, 500),
            (Green, 20),
            (Water, 30),
            (Institution, 50),
        ] {
            assert!(sites.count(kind) >= least, "{kind:?}: {}", sites.count(kind));
        }
        for site in sites.iter() {
            assert!(!site.phrase.trim().is_empty(), "{site:?}");
            assert!(
                site.building.is_none()
                    || place.city.find(site.building.as_deref().unwrap_or_default()).is_some(),
                "{site:?}"
            );
        }
        let placed = sites.iter().filter(|site| site.areas.grid.is_some()).count();
        assert!(placed * 100 >= sites.iter().len() * 95, "{placed} of {}", sites.iter().len());
        let stairwell = sites.pick(Stairwell, Some("330802006003"), 17).expect("one in 府山社区");
        assert!(stairwell.phrase.contains("单元") && stairwell.areas.compound.is_some(), "{stairwell:?}");
    }
}
