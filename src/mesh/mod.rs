//! Footprints to plain vertex buffers: walls, roofs, ways, areas. No engine types.
//!
//! ```text
//! City → cut (a fixed quadtree, rows in Z-order) → a tile at a time, over named threads:
//!        prism (walls and roofs at full detail) + block (a simplified prism for far away) → Tile
//! ```
//!
//! Space is the picture's: x east, y up, z south (minus north), in metres of the city's frame.
//! A vertex is 12 bytes ([`Vertex`]); a tile has at most 65,535 at full detail, and u16 indices ordered by where a wall faces,
//! so that walls which face away need not be submitted ([`Level`]).
//! Rows of a tile are contiguous: building [`Tile::buildings`]`[i]` has the row `first_row + i` in the state texture.

mod block;
mod cut;
pub mod drape;
mod edges;
pub mod flat;
pub mod model;
mod openness;
mod plant;
mod prism;
mod road;
mod shore;
mod tile;
mod within;

pub use flat::{Corner, FlatClass, FlatMesh, Lane};
pub use openness::Openness;
pub use plant::{Tree, TreeSquare, Trees, plant};
pub use tile::{Level, SECTORS, Tile, TileKey, Vertex};
pub use within::Within;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::city::{City, parallel};

/// A city as tiles.
#[derive(Debug, Clone, Default)]
pub struct CityMesh {
    /// The tiles, in the order of their rows.
    pub tiles: Vec<Tile>,
    /// The row of each building in the state texture: a permutation of `0..city.len()`.
    pub rows: Vec<u32>,
}

impl CityMesh {
    /// Triangles at full detail.
    pub fn full_triangles(&self) -> usize {
        self.tiles.iter().map(|tile| tile.full.triangles()).sum()
    }

    /// Triangles of the far level.
    pub fn block_triangles(&self) -> usize {
        self.tiles.iter().map(|tile| tile.block.triangles()).sum()
    }

    /// Bytes of all vertices and indices.
    pub fn bytes(&self) -> usize {
        self.tiles.iter().map(|tile| tile.full.bytes() + tile.block.bytes()).sum()
    }
}

/// Cuts a city into tiles and builds them, over as many threads as there are processors.
pub fn build(city: &City) -> CityMesh {
    build_without(city, BTreeSet::new())
}

/// The same without the triangles of some buildings, which models stand for; they keep their rows.
pub fn build_without(city: &City, hidden: BTreeSet<u32>) -> CityMesh {
    let hidden = Arc::new(hidden);
    let cuts = cut::cut(city);
    let mut rows = vec![0; city.len()];
    let mut first_row = 0;
    for cut in &cuts {
        for (row, building) in (first_row..).zip(&cut.buildings) {
            if let Some(place) = rows.get_mut(*building as usize) {
                *place = row;
            }
        }
        first_row += cut.buildings.len() as u32;
    }
    let pieces = cut::share(cuts, parallel::width());
    let built = parallel::map("city-mesh", pieces, |piece| {
        let mut builder = prism::Builder::without(Arc::clone(&hidden));
        piece.into_iter().map(|(cut, first_row)| builder.tile(city, cut, first_row)).collect::<Vec<_>>()
    });
    CityMesh { tiles: built.into_iter().flatten().collect(), rows }
}

#[cfg(test)]
mod tests;
