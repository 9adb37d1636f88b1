//! The demo place and measuring cities, from a seed.
//!
//! [`fushan`] draws the old town of Quzhou as a person who knows it would sketch it: names and codes are facts,
//! geometry and people are invented. It goes from a hand-drawn sketch to the ground, cuts the land between the
//! streets into blocks, fills each in the manner of its quarter, and derives communities, grids, addresses and
//! people from what then stands there. The same seed gives the same bytes on every machine.
//!
//! [`plain_city`] writes a city of any size, for measuring. [`embedded`] is what `data/fushan` holds, within the program.

mod addresses;
mod blocks;
mod classes;
mod embedded;
mod fill;
mod fushan;
mod hill;
mod landmarks;
mod landscape;
mod models;
mod network;
mod organisation;
mod people;
mod plain;
mod plane;
mod regions;
mod sketch;
#[cfg(test)]
mod tests;
mod town;
mod write;

pub use plain::{MOST_BUILDINGS, PLAIN_ORIGIN, PlainCity, plain_city};

/// The seed that `data/fushan` was made from.
pub const FUSHAN_SEED: u64 = 330_802_006;

/// The files of the demo place from a seed: file name and content.
pub fn fushan(seed: u64) -> Vec<(String, Vec<u8>)> {
    fushan::files(seed)
}

/// The files of `data/fushan` as they were when the program was built: file name and content.
pub fn embedded() -> &'static [(&'static str, &'static [u8])] {
    embedded::FILES
}
