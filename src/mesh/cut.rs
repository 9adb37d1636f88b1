//! Which building goes into which tile.

use super::tile::TileKey;
use crate::city::{BuildingIndex, City};

/// Tiles start at this level (1,024 m) and are halved where they hold too much.
const FIRST_LEVEL: u8 = 10;
/// The smallest squares: 1 m. Below, a tile is cut by count.
const LAST_LEVEL: u8 = 20;
/// The most vertices of a tile at full detail.
pub(super) const MOST_VERTICES: usize = 65_535;

/// The buildings of one tile.
pub(super) struct Cut {
    pub(super) key: TileKey,
    pub(super) buildings: Vec<u32>,
    /// Vertices at full detail.
    pub(super) vertices: usize,
}

struct Entry {
    /// Bits of x and y interleaved, at [`LAST_LEVEL`].
    order: u64,
    building: u32,
    vertices: u32,
}

/// Cuts a city into tiles by the centre of each building; tiles and the buildings within lie in Z-order.
pub(super) fn cut(city: &City) -> Vec<Cut> {
    let mut entries: Vec<Entry> = city
        .iter()
        .map(|building| {
            let key = TileKey::at(LAST_LEVEL, building.centroid());
            let rings: usize = building.polygons().map(|polygon| polygon.rings().len()).sum();
            Entry {
                order: interleave(key.x) | interleave(key.y) << 1,
                building: building.index().0,
                vertices: (2 * (building.points().len() + rings)).min(MOST_VERTICES) as u32,
            }
        })
        .collect();
    entries.sort_unstable_by_key(|entry| (entry.order, entry.building));
    let mut cuts = Vec::new();
    for group in entries.chunk_by(|a, b| square(a, FIRST_LEVEL) == square(b, FIRST_LEVEL)) {
        split(city, group, FIRST_LEVEL, &mut cuts);
    }
    cuts
}

/// Bits of a number spread out to every second place; its sign turned so that west comes before east.
fn interleave(value: i32) -> u64 {
    let mut bits = u64::from((value as u32) ^ 0x8000_0000);
    for (shift, mask) in [
        (16, 0x0000_FFFF_0000_FFFF),
        (8, 0x00FF_00FF_00FF_00FF),
        (4, 0x0F0F_0F0F_0F0F_0F0F),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ] {
        bits = (bits | bits << shift) & mask;
    }
    bits
}

fn square(entry: &Entry, level: u8) -> u64 {
    entry.order >> (2 * (LAST_LEVEL - level))
}

fn split(city: &City, entries: &[Entry], level: u8, cuts: &mut Vec<Cut>) {
    let vertices: usize = entries.iter().map(|entry| entry.vertices as usize).sum();
    if vertices > MOST_VERTICES && level < LAST_LEVEL {
        for quarter in entries.chunk_by(|a, b| square(a, level + 1) == square(b, level + 1)) {
            split(city, quarter, level + 1, cuts);
        }
        return;
    }
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let mut vertices = 0;
        let fitting = rest
            .iter()
            .take_while(|entry| {
                vertices += entry.vertices as usize;
                vertices <= MOST_VERTICES
            })
            .count()
            .max(1);
        let (now, later) = rest.split_at(fitting);
        let centre = city
            .building(BuildingIndex(first.building))
            .map(crate::city::BuildingRef::centroid)
            .unwrap_or_default();
        cuts.push(Cut {
            key: TileKey::at(level, centre),
            buildings: now.iter().map(|entry| entry.building).collect(),
            vertices: now.iter().map(|entry| entry.vertices as usize).sum(),
        });
        rest = later;
    }
}

/// Shares tiles out into runs of about the same work, each tile with its first row.
pub(super) fn share(cuts: Vec<Cut>, count: usize) -> Vec<Vec<(Cut, u32)>> {
    let total: usize = cuts.iter().map(|cut| cut.vertices).sum();
    let each = total / count.max(1) + 1;
    let mut pieces: Vec<Vec<(Cut, u32)>> = vec![Vec::new()];
    let (mut first_row, mut filled) = (0, 0);
    for cut in cuts {
        if filled >= each && pieces.len() < count {
            pieces.push(Vec::new());
            filled = 0;
        }
        filled += cut.vertices;
        let rows = cut.buildings.len() as u32;
        if let Some(piece) = pieces.last_mut() {
            piece.push((cut, first_row));
        }
        first_row += rows;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_interleaved_and_the_west_comes_first() {
        assert_eq!(interleave(i32::MIN), 0);
        assert_eq!(interleave(i32::MIN + 3), 0b101);
        assert!(interleave(-1) < interleave(0));
    }
}
