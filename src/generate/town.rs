//! The town while it is being drawn: what stands where, and whether there is room for more.

use geo::{Area, BoundingRect, Intersects, Polygon, Validation};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rstar::{AABB, RTree, RTreeObject};

use super::plane::{Point, holds, pairs, snap, strip, tidy};
use crate::city::BuildingUse;

/// A road may pass under anything that floats at least this high, in metres.
pub(super) const CLEARANCE_M: f64 = 4.5;

/// The class of a road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RoadClass {
    Primary,
    Secondary,
    Residential,
    Alley,
    Footway,
}

impl RoadClass {
    /// The word in our files.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Residential => "residential",
            Self::Alley => "alley",
            Self::Footway => "footway",
        }
    }

    /// How far beyond the road's own edge nothing is built, in metres.
    pub(super) const fn setback_m(self) -> f64 {
        match self {
            Self::Primary => 4.0,
            Self::Secondary => 2.0,
            Self::Residential => 1.0,
            Self::Alley => 0.3,
            Self::Footway => 0.5,
        }
    }
}

/// A road, by its centre line.
#[derive(Debug, Clone)]
pub(super) struct Road {
    pub name: String,
    pub class: RoadClass,
    pub width_m: f64,
    pub path: Vec<Point>,
    /// The street that a lane opens from, by its place in the list.
    pub opens_from: Option<usize>,
    /// One of the back alleys that must be visited, as it is numbered among them.
    pub is_named_alley: bool,
}

/// What a patch of ground is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    Water,
    Green,
    Square,
    Bridge,
    Wall,
}

impl Ground {
    /// The word in our files.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Green => "green",
            Self::Square => "square",
            Self::Bridge => "bridge",
            Self::Wall => "wall",
        }
    }
}

/// A patch of ground.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    pub ground: Ground,
    pub name: String,
    pub shape: Polygon,
}

/// A point that only carries a name.
#[derive(Debug, Clone)]
pub(super) struct Label {
    /// `gate`, `landmark` or `place`.
    pub kind: &'static str,
    pub name: String,
    pub place: Point,
}

/// One entrance of a building, with its households.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stairwell {
    pub place: Point,
    pub households: u32,
}

/// A building, or a part of one that floats above another part.
#[derive(Debug, Clone)]
pub(super) struct Building {
    pub footprint: Polygon,
    /// The lowest point above the ground, in metres; 0 unless it floats.
    pub base_m: f64,
    /// The highest point above the ground, in metres.
    pub height_m: f64,
    pub levels: u32,
    pub used_for: BuildingUse,
    pub year: i32,
    pub name: Option<String>,
    pub aliases: Vec<&'static str>,
    /// The estate that it belongs to.
    pub compound: Option<usize>,
    pub stairwells: Vec<Stairwell>,
    /// A higher part of the building before it; has no address of its own.
    pub is_part: bool,
    /// What must be free of other buildings around it.
    pub room: Option<Polygon>,
    /// May stand on a square or a lawn.
    pub stands_in_the_open: bool,
}

impl Building {
    /// A plain building; the rest is filled in by whoever draws it.
    pub(super) fn new(
        footprint: Polygon,
        used_for: BuildingUse,
        levels: u32,
        height_m: f64,
        year: i32,
    ) -> Self {
        Self {
            footprint,
            base_m: 0.0,
            height_m,
            levels,
            used_for,
            year,
            name: None,
            aliases: Vec::new(),
            compound: None,
            stairwells: Vec::new(),
            is_part: false,
            room: None,
            stands_in_the_open: false,
        }
    }

    /// The same, with ground around it that must be free of other buildings.
    pub(super) fn with_room(mut self, room: Polygon) -> Self {
        self.room = Some(room);
        self
    }

    /// The same, with a name.
    pub(super) fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same, floating from `base_m` up.
    pub(super) fn floating_from(mut self, base_m: f64) -> Self {
        self.base_m = base_m;
        self
    }

    /// The same, on open ground.
    pub(super) fn in_the_open(mut self) -> Self {
        self.stands_in_the_open = true;
        self
    }
}

/// Who runs an estate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Management {
    Company(String),
    Community,
    Nobody,
}

/// A residential estate.
#[derive(Debug, Clone)]
pub(super) struct Compound {
    pub name: String,
    pub shape: Polygon,
    pub management: Management,
}

/// Something that takes up room.
#[derive(Debug, Clone)]
struct Taken {
    shape: Polygon,
    low_m: f64,
    high_m: f64,
    by: TakenBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TakenBy {
    Building,
    Road,
    Water,
    Open,
}

impl RTreeObject for Taken {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        envelope(&self.shape)
    }
}

fn envelope(shape: &Polygon) -> AABB<[f64; 2]> {
    shape.bounding_rect().map_or(AABB::from_point([0.0, 0.0]), |rect| {
        AABB::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y])
    })
}

/// The town.
#[derive(Debug)]
pub(super) struct Town {
    pub seed: u64,
    pub boundary: Polygon,
    pub roads: Vec<Road>,
    pub patches: Vec<Patch>,
    pub labels: Vec<Label>,
    pub compounds: Vec<Compound>,
    pub buildings: Vec<Building>,
    taken: RTree<Taken>,
}

impl Town {
    /// An empty town within a boundary.
    pub(super) fn new(seed: u64, boundary: Polygon) -> Self {
        Self {
            seed,
            boundary,
            roads: Vec::new(),
            patches: Vec::new(),
            labels: Vec::new(),
            compounds: Vec::new(),
            buildings: Vec::new(),
            taken: RTree::new(),
        }
    }

    /// Chance for one part of the work. Each part has its own stream, so that a change in one block leaves the
    /// others as they were.
    pub(super) fn chance(&self, stream: u64) -> ChaCha8Rng {
        chance(self.seed, stream)
    }

    /// Adds a road and takes its room.
    pub(super) fn add_road(&mut self, mut road: Road) -> usize {
        for point in &mut road.path {
            *point = snap(*point);
        }
        road.path.dedup();
        let half = road.width_m / 2.0 + if road.class >= RoadClass::Alley { 0.1 } else { 0.4 };
        for (a, b) in pairs(&road.path) {
            self.take(strip(a, b, half, half * 0.4), f64::NEG_INFINITY, CLEARANCE_M, TakenBy::Road);
        }
        self.roads.push(road);
        self.roads.len() - 1
    }

    /// Adds a patch of ground; water, squares and lawns take room.
    pub(super) fn add_patch(&mut self, ground: Ground, name: &str, shape: &Polygon) {
        let Some(shape) = tidy(shape) else { return };
        if !shape.is_valid() {
            // Rounding folded a sliver over: what is left of it without the fold, if it is worth anything.
            for part in geo::unary_union(&[shape]).iter().filter(|part| part.unsigned_area() > 15.0) {
                if tidy(part).is_some_and(|part| part.is_valid()) {
                    self.add_patch(ground, name, part);
                }
            }
            return;
        }
        let by = match ground {
            Ground::Water => Some(TakenBy::Water),
            Ground::Green | Ground::Square => Some(TakenBy::Open),
            Ground::Bridge => None,
            Ground::Wall => Some(TakenBy::Building),
        };
        if let Some(by) = by {
            self.take(shape.clone(), f64::NEG_INFINITY, f64::INFINITY, by);
        }
        self.patches.push(Patch { ground, name: name.to_owned(), shape });
    }

    /// Adds a label.
    pub(super) fn add_label(&mut self, kind: &'static str, name: &str, place: Point) {
        self.labels.push(Label { kind, name: name.to_owned(), place: snap(place) });
    }

    /// Builds where there is room: within the boundary, off water and roads, clear of every other building.
    pub(super) fn build(&mut self, mut building: Building) -> Option<usize> {
        building.footprint = tidy(&building.footprint)?;
        let solid = Polygon::new(building.footprint.exterior().clone(), Vec::new());
        if !holds(&self.boundary, &solid) {
            return None;
        }
        let is_free = |shape: &Polygon, only_buildings: bool| {
            self.taken.locate_in_envelope_intersecting(&envelope(shape)).all(|taken| {
                let concerns = match taken.by {
                    TakenBy::Building => true,
                    TakenBy::Road | TakenBy::Water => !only_buildings,
                    TakenBy::Open => !only_buildings && !building.stands_in_the_open,
                };
                !concerns
                    || taken.low_m >= building.height_m
                    || taken.high_m <= building.base_m
                    || !taken.shape.intersects(shape)
            })
        };
        if !is_free(&solid, false) || building.room.as_ref().is_some_and(|room| !is_free(room, true)) {
            return None;
        }
        self.take(solid, building.base_m, building.height_m, TakenBy::Building);
        self.buildings.push(building);
        Some(self.buildings.len() - 1)
    }

    /// Whether a lawn or a square may lie here.
    pub(super) fn is_open(&self, shape: &Polygon) -> bool {
        holds(&self.boundary, shape)
            && self
                .taken
                .locate_in_envelope_intersecting(&envelope(shape))
                .all(|taken| !taken.shape.intersects(shape))
    }

    fn take(&mut self, shape: Polygon, low_m: f64, high_m: f64, by: TakenBy) {
        self.taken.insert(Taken { shape, low_m, high_m, by });
    }
}

/// Chance from a seed, one stream for each part of the work.
pub(super) fn chance(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}
