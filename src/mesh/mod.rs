//! stub
#![allow(missing_docs)]
pub struct CityMesh { pub tiles: Vec<Tile> }
pub struct Tile { pub min: [f32;3], pub max: [f32;3], pub step: [f32;3], pub first_row: u32, pub buildings: Vec<u32>, pub full: Level, pub block: Level }
pub struct Level { pub vertices: Vec<u8>, pub indices: Vec<u16>, pub sector_ends: [u32; 9] }
