//! Low houses on lots: blocks are cut into lots without lanes, and each lot gets a house that suits its shape.

use geo::{Area, BooleanOps, Polygon};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::super::plane::{Frame, corners, cut, edges, holds, left, shrunk, snug_box, strip, turned};
use super::super::town::{Building, Town};
use super::{is_convex, shed};
use crate::city::BuildingUse;

/// How the houses of a quarter are built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    lot_m2: f64,
    margin_m: (f64, f64),
    /// The shares of houses around a courtyard, U-shaped, and L-shaped; the rest are plain.
    courtyards: f64,
    us: f64,
    ls: f64,
    /// How deep a wing is, in metres.
    wing_m: (f64, f64),
    /// How often 1, 2, 3, … floors are built.
    levels: &'static [u32],
    storey_m: f64,
    roof_m: f64,
    used_for: BuildingUse,
    /// How often a house serves trade.
    trade: f64,
    years: (i32, i32),
    /// How often a lot stays empty.
    empty: f64,
}

/// The listed quarter: white walls, grey roofs, courtyards.
pub(super) const HISTORIC: Style = Style {
    lot_m2: 290.0,
    margin_m: (0.15, 0.3),
    courtyards: 0.62,
    us: 0.5,
    ls: 0.4,
    wing_m: (3.2, 4.4),
    levels: &[1, 1, 2, 2, 2],
    storey_m: 3.3,
    roof_m: 1.2,
    used_for: BuildingUse::Historic,
    trade: 0.22,
    years: (1780, 1936),
    empty: 0.02,
};

/// Old houses, patched and partly rebuilt.
pub(super) const OLD: Style = Style {
    lot_m2: 390.0,
    margin_m: (0.2, 0.5),
    courtyards: 0.5,
    us: 0.4,
    ls: 0.5,
    wing_m: (3.8, 5.4),
    levels: &[1, 1, 2, 2, 2, 3],
    storey_m: 3.1,
    roof_m: 1.1,
    used_for: BuildingUse::Residential,
    trade: 0.04,
    years: (1900, 1985),
    empty: 0.04,
};

/// Self-built houses.
pub(super) const SELF_BUILT: Style = Style {
    lot_m2: 300.0,
    margin_m: (0.5, 1.1),
    courtyards: 0.0,
    us: 0.06,
    ls: 0.3,
    wing_m: (5.5, 7.5),
    levels: &[2, 3, 3, 3, 4, 4, 5],
    storey_m: 3.1,
    roof_m: 0.9,
    used_for: BuildingUse::Residential,
    trade: 0.03,
    years: (1984, 2010),
    empty: 0.05,
};

/// Stores and offices behind the shopping streets.
pub(super) const STORES: Style = Style {
    lot_m2: 1100.0,
    margin_m: (2.0, 3.5),
    courtyards: 0.25,
    us: 0.3,
    ls: 0.4,
    wing_m: (9.0, 12.0),
    levels: &[3, 4, 5, 5, 6, 8, 9],
    storey_m: 3.7,
    roof_m: 1.0,
    used_for: BuildingUse::Commercial,
    trade: 0.5,
    years: (1984, 2014),
    empty: 0.05,
};

/// Fills land with houses on lots.
pub(super) fn fill(town: &mut Town, land: &Polygon, style: Style, rng: &mut ChaCha8Rng) {
    let mut lots = Vec::new();
    cut_lots(land, style.lot_m2, 0, rng, &mut lots);
    for lot in lots {
        house(town, &lot, style, rng);
    }
}

fn cut_lots(shape: &Polygon, lot_m2: f64, depth: u32, rng: &mut ChaCha8Rng, lots: &mut Vec<Polygon>) {
    let area = shape.unsigned_area();
    if area < lot_m2 * 0.12 {
        return;
    }
    let (frame, w, h) = snug_box(shape);
    let limit = lot_m2 * rng.random_range(0.75..1.9);
    let is_fit = area < limit && (w < 2.6 * h || area < lot_m2 * 0.5) && (is_convex(shape) || area < lot_m2);
    if depth > 14 || is_fit {
        lots.push(shape.clone());
        return;
    }
    let point = frame.out(w * rng.random_range(0.4..0.6), h / 2.0);
    let (on_left, on_right) = cut(shape, point, turned(left(frame.u), rng.random_range(-0.02..0.02)), 0.0);
    for piece in on_left.into_iter().chain(on_right) {
        cut_lots(&piece, lot_m2, depth + 1, rng, lots);
    }
}

fn house(town: &mut Town, lot: &Polygon, style: Style, rng: &mut ChaCha8Rng) {
    let margin = rng.random_range(style.margin_m.0..style.margin_m.1);
    let (empty, kind, wing) = (
        rng.random_bool(style.empty),
        rng.random_range(0.0..1.0),
        rng.random_range(style.wing_m.0..style.wing_m.1),
    );
    let levels =
        style.levels.get(rng.random_range(0..style.levels.len() as u32) as usize).copied().unwrap_or(1);
    let height = f64::from(levels) * style.storey_m + style.roof_m + rng.random_range(-0.25..0.35);
    let year = rng.random_range(style.years.0..style.years.1);
    let is_trade = rng.random_bool(style.trade);
    let corner = rng.random_range(0..4u32);
    if empty {
        return;
    }
    let Some(plot) =
        shrunk(lot, margin).into_iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))
    else {
        return;
    };
    let (frame, w, h) = snug_box(&plot);
    let area = plot.unsigned_area();
    if area < 16.0 || h < 3.0 {
        return;
    }
    let solid = Polygon::new(plot.exterior().clone(), Vec::new());
    let used_for = match (is_trade, style.used_for) {
        (true, BuildingUse::Commercial) => BuildingUse::Office,
        (true, _) => BuildingUse::Commercial,
        (false, other) => other,
    };
    if area < 34.0 {
        if area > 18.0 || kind < 0.5 {
            town.build(shed(solid, rng));
        }
        return;
    }
    let shape = if kind < style.courtyards && h > 2.0 * wing + 2.2 {
        with_courtyards(&solid, wing, w)
    } else {
        let kind = (kind * 7.31).fract();
        let is_regular = area > 0.8 * w * h;
        if kind < style.us && is_regular && w > 2.0 * wing + 2.5 && h > wing + 3.0 {
            // Open toward one long side.
            let notch = if corner < 2 {
                frame.rect(wing, wing, w - wing, h + 2.0)
            } else {
                frame.rect(wing, -2.0, w - wing, h - wing)
            };
            largest(&solid.difference(&notch).0)
        } else if kind < style.us + style.ls && is_regular && w > wing + 3.5 && h > wing + 2.0 {
            largest(&solid.difference(&corner_of(&frame, corner, w, h, wing)).0)
        } else {
            Some(solid.clone())
        }
    };
    let building = Building::new(shape.unwrap_or(solid), used_for, levels, height, year);
    town.build(building);
    // A shed in what the L leaves free.
    if rng.random_bool(0.18) && h > wing + 4.0 && w > wing + 4.5 {
        let yard = corner_of(&frame, corner, w, h, wing + 0.8);
        let (yard_frame, yw, yh) = snug_box(&yard);
        let small = yard_frame.rect(0.8, 0.8, (yw - 0.8).clamp(2.0, 5.0), (yh - 0.8).clamp(1.8, 3.2));
        if holds(&plot, &small) {
            town.build(shed(small, rng));
        }
    }
}

/// The corner of the frame's rectangle that an L leaves free.
fn corner_of(frame: &Frame, corner: u32, w: f64, h: f64, wing: f64) -> Polygon {
    match corner {
        0 => frame.rect(wing, wing, w + 2.0, h + 2.0),
        1 => frame.rect(-2.0, wing, w - wing, h + 2.0),
        2 => frame.rect(-2.0, -2.0, w - wing, h - wing),
        _ => frame.rect(wing, -2.0, w + 2.0, h - wing),
    }
}

fn largest(pieces: &[Polygon]) -> Option<Polygon> {
    pieces.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area())).cloned()
}

/// Opens one courtyard, or two behind each other in a deep house, `wing` metres from every wall.
fn with_courtyards(solid: &Polygon, wing: f64, w: f64) -> Option<Polygon> {
    let mut taken: Vec<Polygon> = edges(solid.exterior()).map(|(a, b)| strip(a, b, wing, wing)).collect();
    if w > 4.0 * wing + 5.0 {
        let (frame, w, h) = snug_box(solid);
        taken.push(frame.rect(w / 2.0 - wing / 2.0, -1.0, w / 2.0 + wing / 2.0, h + 1.0));
    }
    let courts: Vec<_> = solid
        .difference(&geo::unary_union(&taken))
        .0
        .into_iter()
        .filter(|court| {
            let (_, w, h) = snug_box(court);
            h > 1.8 && w > 1.8 && corners(court.exterior()).len() < 9
        })
        .map(|court| court.exterior().clone())
        .collect();
    (!courts.is_empty()).then(|| Polygon::new(solid.exterior().clone(), courts))
}
