//! Fills blocks with buildings, each quarter in its own way.

mod frontage;
mod houses;
mod institutions;
mod rows;

use geo::Polygon;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::blocks::Block;
use super::plane::{Point, at, corners, cross, distance, edges, left, unit};
use super::sketch::Quarter;
use super::town::{Building, Town};
use crate::city::BuildingUse;

/// Fills every block.
pub(super) fn fill(town: &mut Town, blocks: &[Block]) {
    for (index, block) in blocks.iter().enumerate() {
        let mut rng = town.chance(50_000 + index as u64);
        let rng = &mut rng;
        match block.quarter {
            Quarter::Historic => houses::fill(town, &block.shape, houses::HISTORIC, rng),
            Quarter::Old => {
                let rest = frontage::line(town, &block.shape, frontage::OLD_SHOPS, rng);
                for piece in rest {
                    houses::fill(town, &piece, houses::OLD, rng);
                }
            }
            Quarter::SelfBuilt => {
                let rest = frontage::line(town, &block.shape, frontage::SELF_BUILT_SHOPS, rng);
                for piece in rest {
                    houses::fill(town, &piece, houses::SELF_BUILT, rng);
                }
            }
            Quarter::Slabs => {
                frontage::line(town, &block.shape, frontage::SHOPS, rng);
                rows::slabs(town, &block.shape, block.compound, rng);
            }
            Quarter::Estate => {
                frontage::line(town, &block.shape, frontage::SHOPS, rng);
                rows::estate(town, &block.shape, block.compound, rng);
            }
            Quarter::Commerce => {
                let rest = frontage::line(town, &block.shape, frontage::STORES, rng);
                for piece in rest {
                    houses::fill(town, &piece, houses::STORES, rng);
                }
            }
            Quarter::Works => rows::works(town, &block.shape, rng),
            Quarter::Towers => institutions::towers(town, &block.shape, block.name, rng),
            Quarter::School => institutions::school(town, &block.shape, block.name, rng),
            Quarter::Hospital => institutions::hospital(town, &block.shape, block.name, rng),
            Quarter::Market => institutions::market(town, &block.shape, block.name, rng),
            Quarter::Civic => institutions::civic(town, &block.shape, block.name, rng),
            Quarter::Garden => institutions::garden(town, &block.shape, block.name, rng),
        }
    }
}

/// The direction in which rows run, near east to west: that of the block's longest edge that does so.
fn row_direction(shape: &Polygon, rng: &mut ChaCha8Rng) -> Point {
    edges(shape.exterior())
        .filter(|&(a, b)| unit(b - a).x.abs() > 0.93 && distance(a, b) > 25.0)
        .max_by(|p, q| distance(p.0, p.1).total_cmp(&distance(q.0, q.1)))
        .map_or_else(
            || unit(at(1.0, rng.random_range(-0.03..0.09))),
            |(a, b)| {
                let u = unit(b - a);
                if u.x < 0.0 { u * -1.0 } else { u }
            },
        )
}

/// Whether all corners of a shape turn the same way.
fn is_convex(shape: &Polygon) -> bool {
    let ring = corners(shape.exterior());
    let count = ring.len();
    (0..count).all(|i| {
        let get = |k: usize| ring.get(k % count).copied().unwrap_or_default();
        cross(get(i + 1) - get(i), get(i + 2) - get(i + 1)) > -0.5
    })
}

/// The normal of an edge that points into an anticlockwise ring.
fn inward(a: Point, b: Point) -> Point {
    left(unit(b - a))
}

/// A small shed.
fn shed(footprint: Polygon, rng: &mut ChaCha8Rng) -> Building {
    Building::new(footprint, BuildingUse::Shed, 1, rng.random_range(2.4..3.2), rng.random_range(1985..2012))
}
