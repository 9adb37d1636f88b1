//! What the properties of a building mean: names in many spellings, heights from what there is.
//!
//! Heights. `height` is the top above the ground and `base_height` (or `min_height`, …) the underside above the ground,
//! as in OpenStreetMap and in every extrusion style; the prism stands from one to the other.
//! Where the top is not above the base, the height was meant as the thickness, and is taken so and reported.

use super::building::BuildingUse;
use super::geojson::{Attributes, Scalar};
use super::numbers::Given;
use super::report::Repair;

/// Nothing taller stands on earth (828 m).
const TALLEST_M: f64 = 1_000.0;
/// A flat thing that says it has a base but no height: a floor slab.
const SLAB_M: f32 = 0.3;

/// A wanted property; the number ranks spellings of the same thing, 0 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Id(u8),
    Height(u8),
    Levels(u8),
    Base(u8),
    BaseLevels,
    Use(u8),
    Year(u8),
    Name(u8),
    Address(u8),
    Street,
    HouseNumber,
    Compound(u8),
    Community,
    Grid,
}

/// A text of which the best-ranked spelling counts. Its buffer is kept from feature to feature.
#[derive(Debug, Default)]
pub(crate) struct Ranked {
    pub(crate) text: String,
    rank: Option<u8>,
}

impl Ranked {
    fn set(&mut self, rank: u8, value: Scalar<'_>) {
        if self.rank.is_some_and(|held| held <= rank) {
            return;
        }
        match value {
            Scalar::Text(text) if !text.trim().is_empty() => {
                self.text.clear();
                self.text.push_str(text.trim());
            }
            Scalar::Number(number) => {
                self.text.clear();
                self.text.push_str(&number.to_string());
            }
            _ => return,
        }
        self.rank = Some(rank);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.rank = None;
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct RankedNumber {
    given: Given,
    rank: u8,
}

impl RankedNumber {
    fn set(&mut self, rank: u8, given: Given) {
        let better = match (self.given, given) {
            (_, Given::Nothing) => false,
            (Given::Nothing, _) | (Given::Unreadable, Given::Number(_)) => true,
            (Given::Number(_), Given::Unreadable) => false,
            _ => rank < self.rank,
        };
        if better {
            *self = Self { given, rank };
        }
    }
}

/// The properties of one building, as written.
#[derive(Debug, Default)]
pub(crate) struct BuildingAttributes {
    pub(crate) id: Ranked,
    pub(crate) name: Ranked,
    pub(crate) address: Ranked,
    street: Ranked,
    house_number: Ranked,
    pub(crate) compound: Ranked,
    pub(crate) community: Ranked,
    pub(crate) grid: Ranked,
    height: RankedNumber,
    levels: RankedNumber,
    base: RankedNumber,
    base_levels: Given,
    usage: Option<(u8, BuildingUse)>,
    year: Option<(u8, u16)>,
}

/// What a building's numbers come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub(crate) height_m: f32,
    pub(crate) base_m: f32,
    pub(crate) levels: u8,
    pub(crate) usage: BuildingUse,
    pub(crate) year: u16,
}

impl Attributes for BuildingAttributes {
    type Key = Key;

    fn key(name: &str) -> Option<Key> {
        Some(match name {
            "id" => Key::Id(0),
            "@id" => Key::Id(1),
            "osm_id" => Key::Id(2),
            "height" => Key::Height(0),
            "building:height" | "building_height" | "buildingHeight" => Key::Height(1),
            "Height" | "HEIGHT" | "render_height" | "measuredHeight" | "measured_height" | "height_m" => {
                Key::Height(2)
            }
            "est_height" | "elevation_height" | "H" | "高度" | "建筑高度" | "楼高" => Key::Height(3),
            "levels" => Key::Levels(0),
            "building:levels" | "building_levels" | "buildingLevels" => Key::Levels(1),
            "Floor" | "floor" | "floors" | "Floors" | "FLOOR" | "FLOORS" | "num_floors" | "numFloors" => {
                Key::Levels(2)
            }
            "storeys"
            | "stories"
            | "storeysAboveGround"
            | "storeys_above_ground"
            | "层数"
            | "楼层"
            | "地上层数" => Key::Levels(3),
            "base_height" | "baseHeight" | "Base_Height" => Key::Base(0),
            "min_height" | "minHeight" | "building:min_height" | "building_min_height" => Key::Base(1),
            "render_min_height" | "base" => Key::Base(2),
            "building:min_level" | "min_level" | "minLevel" | "building_min_level" => Key::BaseLevels,
            "use" => Key::Use(0),
            "usage" | "building:use" | "function" | "用途" | "类型" => Key::Use(1),
            "building" | "building:part" | "building_use" | "kind_detail" => Key::Use(2),
            "amenity" | "class" | "subtype" => Key::Use(3),
            "year" => Key::Year(0),
            "year_built" | "yearBuilt" | "built" | "建成年代" | "start_date" | "year_of_construction" => {
                Key::Year(1)
            }
            "name" => Key::Name(0),
            "name:zh" | "name:zh-Hans" | "名称" | "楼名" => Key::Name(1),
            "Name" | "NAME" | "title" | "official_name" => Key::Name(2),
            "name:en" | "addr:housename" | "building:name" => Key::Name(3),
            "address" => Key::Address(0),
            "addr:full" | "Address" | "ADDRESS" | "地址" => Key::Address(1),
            "addr:street" | "addr_street" | "street" => Key::Street,
            "addr:housenumber" | "addr_housenumber" | "housenumber" => Key::HouseNumber,
            "compound" => Key::Compound(0),
            "小区" | "estate" => Key::Compound(1),
            "community" | "社区" => Key::Community,
            "grid" | "网格" => Key::Grid,
            _ => return None,
        })
    }

    fn set(&mut self, key: Key, value: Scalar<'_>) {
        match key {
            Key::Id(rank) => self.id.set(rank, value),
            Key::Height(rank) => self.height.set(rank, Given::length(value)),
            Key::Levels(rank) => self.levels.set(rank, Given::count(value)),
            Key::Base(rank) => self.base.set(rank, Given::length(value)),
            Key::BaseLevels => self.base_levels = Given::count(value),
            Key::Use(rank) => {
                if let Some(usage) = usage(value)
                    && self.usage.is_none_or(|(held, _)| rank < held)
                {
                    self.usage = Some((rank, usage));
                }
            }
            Key::Year(rank) => {
                if let Some(year) = year(value)
                    && self.year.is_none_or(|(held, _)| rank < held)
                {
                    self.year = Some((rank, year));
                }
            }
            Key::Name(rank) => self.name.set(rank, value),
            Key::Address(rank) => self.address.set(rank, value),
            Key::Street => self.street.set(0, value),
            Key::HouseNumber => self.house_number.set(0, value),
            Key::Compound(rank) => self.compound.set(rank, value),
            Key::Community => self.community.set(0, value),
            Key::Grid => self.grid.set(0, value),
        }
    }

    fn clear(&mut self) {
        for text in [
            &mut self.id,
            &mut self.name,
            &mut self.address,
            &mut self.street,
            &mut self.house_number,
            &mut self.compound,
            &mut self.community,
            &mut self.grid,
        ] {
            text.clear();
        }
        self.height = RankedNumber::default();
        self.levels = RankedNumber::default();
        self.base = RankedNumber::default();
        self.base_levels = Given::Nothing;
        self.usage = None;
        self.year = None;
    }
}

impl BuildingAttributes {
    /// Joins street and number where there is no whole address.
    pub(crate) fn join_address(&mut self) {
        if self.address.text.is_empty() && !self.street.text.is_empty() {
            self.address.text.push_str(&self.street.text);
            if !self.house_number.text.is_empty() {
                // 新桥街12号, but Unioninkatu 29.
                if self.street.text.is_ascii() {
                    self.address.text.push(' ');
                }
                self.address.text.push_str(&self.house_number.text);
            }
        }
    }

    /// Height, base, levels, use and year, from what there is; says what had to be assumed.
    pub(crate) fn extent(&self, mut repair: impl FnMut(Repair)) -> Extent {
        let usage = self.usage.map_or(BuildingUse::Other, |(_, usage)| usage);
        if self.height.given == Given::Unreadable || self.levels.given == Given::Unreadable {
            repair(Repair::HeightUnreadable);
        }
        let levels =
            self.levels.given.number().filter(|levels| (0.0..=300.0).contains(levels) && *levels > 0.0);
        let base_m = self.base_m(usage, &mut repair);
        let height_m = self.height_m(usage, levels, base_m, &mut repair);
        Extent {
            height_m,
            base_m,
            levels: levels.map_or(0, |levels| levels.round().clamp(1.0, 255.0) as u8),
            usage,
            year: self.year.map_or(0, |(_, year)| year),
        }
    }

    fn base_m(&self, usage: BuildingUse, repair: &mut impl FnMut(Repair)) -> f32 {
        let from_levels = || self.base_levels.number().map(|levels| levels * f64::from(usage.storey_m()));
        match self.base.given.number().or_else(from_levels) {
            None => 0.0,
            Some(base) if (0.0..=TALLEST_M).contains(&base) => base as f32,
            Some(_) => {
                repair(Repair::BaseUnusable);
                0.0
            }
        }
    }

    fn height_m(
        &self,
        usage: BuildingUse,
        levels: Option<f64>,
        base_m: f32,
        repair: &mut impl FnMut(Repair),
    ) -> f32 {
        match self.height.given.number() {
            Some(top) if top > TALLEST_M => repair(Repair::HeightAbsurd),
            Some(top) if top < 0.0 => repair(Repair::HeightNegative),
            Some(top) if top < 0.01 => {
                repair(Repair::HeightZero);
                if self.base.given != Given::Nothing {
                    return SLAB_M;
                }
            }
            Some(top) if top as f32 > base_m => return top as f32 - base_m,
            Some(thickness) => {
                repair(Repair::HeightBelowBase);
                return thickness as f32;
            }
            None => {}
        }
        let given = levels.map(|levels| {
            repair(Repair::HeightFromLevels);
            (levels * f64::from(usage.storey_m())) as f32
        });
        let top = given.unwrap_or_else(|| {
            repair(Repair::HeightDefaulted);
            usage.default_height_m() + base_m
        });
        // Levels count from the ground, too.
        if top > base_m { top - base_m } else { usage.storey_m() }
    }
}

/// The use that a word stands for: ours, OpenStreetMap's, or Chinese.
fn usage(value: Scalar<'_>) -> Option<BuildingUse> {
    let Scalar::Text(text) = value else { return None };
    Some(match text {
        "residential" | "apartments" | "house" | "detached" | "semidetached_house" | "terrace"
        | "dormitory" | "bungalow" | "住宅" | "居住" => BuildingUse::Residential,
        "commercial" | "retail" | "hotel" | "supermarket" | "shop" | "mall" | "restaurant" | "cafe"
        | "商业" => BuildingUse::Commercial,
        "office" | "办公" => BuildingUse::Office,
        "school" | "kindergarten" | "university" | "college" | "学校" | "教育" => BuildingUse::School,
        "market" | "marketplace" | "市场" => BuildingUse::Market,
        "public" | "civic" | "government" | "townhall" | "library" | "museum" | "sports_hall" | "stadium"
        | "公共" => BuildingUse::Public,
        "historic" | "castle" | "gatehouse" | "city_gate" | "tower" | "历史" => BuildingUse::Historic,
        "industrial" | "warehouse" | "factory" | "manufacture" | "工业" => BuildingUse::Industrial,
        "medical" | "hospital" | "clinic" | "医疗" => BuildingUse::Medical,
        "religious" | "church" | "chapel" | "cathedral" | "temple" | "mosque" | "synagogue" | "shrine"
        | "宗教" => BuildingUse::Religious,
        "transport" | "transportation" | "train_station" | "parking" | "bus_station" | "交通" => {
            BuildingUse::Transport
        }
        "shed" | "garage" | "garages" | "hut" | "kiosk" | "roof" | "carport" | "棚屋" => BuildingUse::Shed,
        "other" => BuildingUse::Other,
        _ => return None,
    })
}

/// The first four digits of a date or a number.
fn year(value: Scalar<'_>) -> Option<u16> {
    let year = match value {
        Scalar::Number(number) => number as u16,
        Scalar::Text(text) => {
            let start = text.find(|c: char| c.is_ascii_digit())?;
            text.get(start..start + 4)?.parse().ok()?
        }
        _ => return None,
    };
    (1..=2200).contains(&year).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(properties: &[(&str, Scalar<'_>)]) -> (Extent, Vec<Repair>) {
        let mut attributes = BuildingAttributes::default();
        for (name, value) in properties {
            attributes.set(BuildingAttributes::key(name).expect("a wanted property"), *value);
        }
        let mut repairs = Vec::new();
        let extent = attributes.extent(|repair| repairs.push(repair));
        (extent, repairs)
    }

    fn height(properties: &[(&str, Scalar<'_>)]) -> (f32, f32, Vec<Repair>) {
        let (extent, repairs) = extent(properties);
        (extent.base_m, extent.height_m, repairs)
    }

    use Scalar::{Number, Text};

    #[test]
    fn heights_from_what_there_is() {
        assert_eq!(height(&[("height", Number(21.0))]), (0.0, 21.0, vec![]));
        assert_eq!(height(&[("building:height", Text("21 m"))]), (0.0, 21.0, vec![]));
        assert_eq!(height(&[("building:levels", Text("6")), ("building", Text("apartments"))]).1, 18.0);
        assert_eq!(height(&[("Floor", Number(2.0)), ("height", Number(6.0))]), (0.0, 6.0, vec![]));
        assert_eq!(height(&[]), (0.0, 9.0, vec![Repair::HeightDefaulted]));
        assert_eq!(height(&[("use", Text("shed"))]), (0.0, 3.0, vec![Repair::HeightDefaulted]));
    }

    #[test]
    fn the_better_spelling_wins_in_any_order() {
        assert_eq!(height(&[("Height", Number(5.0)), ("height", Number(7.0))]).1, 7.0);
        assert_eq!(height(&[("height", Number(7.0)), ("Height", Number(5.0))]).1, 7.0);
        assert_eq!(height(&[("height", Text("")), ("Height", Number(5.0))]).1, 5.0);
        assert_eq!(height(&[("height", Text("tall")), ("Height", Number(5.0))]).1, 5.0);
    }

    #[test]
    fn bases_lift_the_underside_and_leave_the_top() {
        assert_eq!(height(&[("height", Number(40.0)), ("base_height", Number(30.0))]), (30.0, 10.0, vec![]));
        assert_eq!(height(&[("height", Text("40")), ("min_height", Text("30"))]), (30.0, 10.0, vec![]));
        assert_eq!(
            height(&[("height", Number(5.0)), ("base_height", Number(30.0))]),
            (30.0, 5.0, vec![Repair::HeightBelowBase])
        );
        let (base, tall, repairs) = height(&[("levels", Number(4.0)), ("building:min_level", Text("2"))]);
        assert!((base - 6.6).abs() < 1e-6 && (tall - 6.6).abs() < 1e-6);
        assert_eq!(repairs, [Repair::HeightFromLevels]);
    }

    #[test]
    fn impossible_heights_are_replaced_and_reported() {
        assert_eq!(
            height(&[("height", Number(-5.0))]),
            (0.0, 9.0, vec![Repair::HeightNegative, Repair::HeightDefaulted])
        );
        assert_eq!(
            height(&[("height", Number(1e9)), ("levels", Number(10.0))]),
            (0.0, 33.0, vec![Repair::HeightAbsurd, Repair::HeightFromLevels])
        );
        assert_eq!(
            height(&[("height", Text("tall"))]),
            (0.0, 9.0, vec![Repair::HeightUnreadable, Repair::HeightDefaulted])
        );
        assert_eq!(
            height(&[("height", Number(0.0)), ("base_height", Number(0.0))]),
            (0.0, 0.3, vec![Repair::HeightZero])
        );
        assert_eq!(
            height(&[("height", Number(0.0))]),
            (0.0, 9.0, vec![Repair::HeightZero, Repair::HeightDefaulted])
        );
    }

    #[test]
    fn fractional_floors_years_and_uses() {
        let (read, _) = extent(&[
            ("levels", Number(6.5)),
            ("start_date", Text("~1936-05")),
            ("building", Text("church")),
        ]);
        assert_eq!((read.levels, read.year, read.usage), (7, 1936, BuildingUse::Religious));
    }
}
