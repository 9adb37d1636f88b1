//! What the organisation says of a report: where its address is, which areas hold there, who answers for it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{HeldCorrection, Organisation, Standing};
use crate::city::search::{AddressMatch, SURE_ADDRESS, normal_address};
use crate::city::{Area, AreaKind};
use crate::geo::LonLat;
use crate::governance::organisation::{Detail, RunBy, Unit, UnitKind};
use crate::governance::{AreaCodes, Locality, Reason};

/// How far from the middle of a back alley something is still in it, in metres.
const ALLEY_M: f64 = 6.0;

/// What is known of where something is.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Whereabouts<'a> {
    /// The point, if somebody gave it.
    pub(in crate::server) place: Option<LonLat>,
    /// The address as given.
    pub(in crate::server) address: Option<&'a str>,
    /// When it arose: the areas of that day hold.
    pub(in crate::server) at: Timestamp,
}

impl Organisation {
    /// What the place says of it.
    pub(in crate::server) fn locality(&self, asked: &Whereabouts<'_>) -> Locality {
        let standing = self.standing();
        let mut locality = Locality::default();
        let Some(place) = asked.place.or_else(|| self.placed(&standing, asked.address, &mut locality)) else {
            locality.because.push(Reason::PlaceUnknown);
            locality.because.push(Reason::ResponsibleUnknown);
            return locality;
        };
        let day = self.zone.to_datetime(asked.at).date();
        let ground = Ground::at(&standing, self.frame.project(place), day);
        locality.areas = ground.codes();
        locality.because.push(if ground.is_outside() {
            Reason::OutsideEveryArea
        } else {
            Reason::AreasByPlace
        });
        let (responsible, reason) = ground.responsible();
        locality.responsible = responsible;
        locality.because.push(reason);
        locality.compound_department = ground.compound_department();
        locality
    }

    /// The point that an address stands for, if that is sure enough.
    fn placed(&self, standing: &Standing, address: Option<&str>, locality: &mut Locality) -> Option<LonLat> {
        let address = address?;
        let (place, building, reason) = match standing.corrections.get(&normal_address(address)) {
            Some(HeldCorrection { correction: known, .. }) => {
                (known.place, known.building.clone(), Reason::PlaceByCorrection)
            }
            None => {
                let found = self.addresses.find(address)?;
                if found.confidence < SURE_ADDRESS {
                    return None;
                }
                (self.frame.unproject(found.point), found.building, Reason::PlaceByAddress)
            }
        };
        (locality.place, locality.building) = (Some(place), building);
        locality.because.push(reason);
        Some(place)
    }

    /// Where an address may lie, however unsure: for whoever decides by hand.
    pub(super) fn proposal(&self, address: &str) -> Option<(AddressMatch, LonLat)> {
        if let Some(HeldCorrection { correction: known, .. }) =
            self.standing().corrections.get(&normal_address(address))
        {
            let found = AddressMatch {
                address: address.to_owned(),
                building: known.building.clone(),
                point: self.frame.project(known.place),
                confidence: 1.0,
            };
            return Some((found, known.place));
        }
        let found = self.addresses.find(address)?;
        let place = self.frame.unproject(found.point);
        Some((found, place))
    }
}

/// What holds at a point on a day.
struct Ground<'a> {
    standing: &'a Standing,
    community: Option<&'a Area>,
    grid: Option<&'a Area>,
    compound: Option<&'a Area>,
    alley: Option<&'a Area>,
    is_within: bool,
}

impl<'a> Ground<'a> {
    fn at(standing: &'a Standing, point: [f64; 2], day: Date) -> Self {
        let holds = |area: &&Area| {
            area.valid_from.is_none_or(|from| from <= day) && area.valid_to.is_none_or(|to| day <= to)
        };
        let here: Vec<&Area> = standing.areas.at(point).filter(holds).collect();
        let of_kind = |kind| here.iter().copied().filter(move |area: &&Area| area.kind == kind);
        let grid = here.iter().copied().find(|area| area.is_governance_grid());
        let alley = standing.areas.iter().filter(holds).filter(|area| area.kind == AreaKind::Alley);
        let alley = alley
            .filter(|area| area.bounds.expanded(ALLEY_M).contains(point))
            .find(|area| area.lines.iter().any(|line| away_m(line, point) <= ALLEY_M));
        Self {
            standing,
            community: of_kind(AreaKind::Community).next(),
            grid,
            compound: of_kind(AreaKind::Compound).next(),
            alley,
            is_within: !here.is_empty(),
        }
    }

    fn is_outside(&self) -> bool {
        !self.is_within
    }

    fn codes(&self) -> AreaCodes {
        let code = |area: Option<&Area>| area.map(|area| area.code.clone());
        AreaCodes { community: code(self.community), grid: code(self.grid), compound: code(self.compound) }
    }

    fn unit(&self, kind: UnitKind, area: Option<&Area>) -> Option<&'a Unit> {
        let held = self.standing.units.get(&(kind, area?.code.clone()))?;
        held.unit.as_ref().map(|placed| &placed.unit)
    }

    /// The post that answers: of the compound where somebody runs it, of the back alley, of the grid, of the community.
    fn responsible(&self) -> (Option<String>, Reason) {
        let compound = self.unit(UnitKind::Compound, self.compound).filter(|unit| {
            matches!(&unit.detail, Detail::Compound { management: RunBy::Company | RunBy::Community, .. })
        });
        let posts = [
            (compound, Reason::ResponsibleByCompound),
            (self.unit(UnitKind::Alley, self.alley), Reason::ResponsibleByAlley),
            (self.unit(UnitKind::Grid, self.grid), Reason::ResponsibleByGrid),
            (self.unit(UnitKind::Community, self.community), Reason::ResponsibleByCommunity),
        ];
        let mut named = posts.into_iter().filter_map(|(unit, reason)| {
            let post = unit?.responsible.clone()?;
            Some((Some(post), reason))
        });
        named.next().unwrap_or((None, Reason::ResponsibleUnknown))
    }

    /// Who runs the compound: its company, else the community.
    fn compound_department(&self) -> Option<String> {
        let compound = self.unit(UnitKind::Compound, self.compound)?;
        let community = || self.unit(UnitKind::Community, self.community).map(|unit| unit.name.clone());
        compound.company().map(str::to_owned).or_else(community)
    }
}

/// How far a point is from a line, in metres.
fn away_m(line: &[[f32; 2]], point: [f64; 2]) -> f64 {
    let segments = line.windows(2).filter_map(|pair| match pair {
        [from, to] => Some((from.map(f64::from), to.map(f64::from))),
        _ => None,
    });
    let away = segments.map(|(from, to)| {
        let along = [to[0] - from[0], to[1] - from[1]];
        let length = along[0] * along[0] + along[1] * along[1];
        let dot = (point[0] - from[0]) * along[0] + (point[1] - from[1]) * along[1];
        let share = if length > 0.0 { (dot / length).clamp(0.0, 1.0) } else { 0.0 };
        (from[0] + along[0] * share - point[0]).hypot(from[1] + along[1] * share - point[1])
    });
    away.fold(f64::INFINITY, f64::min)
}
