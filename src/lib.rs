//! Yunfushan (云府山): a three-dimensional digital twin for governing a neighbourhood.
//!
//! There are two data paths, and nothing else:
//!
//! ```text
//! buildings:  bytes → city::read → City (+ report) → mesh::build → tiles → viewer::city (GPU)
//! live data:  API → feed::<adapter> → Update (governance types) → viewer::situation → markers, trails, panels
//! ```
//!
//! - [`geo`]: where things are: datums, the local frame, bounds.
//! - [`city`]: what stands still: buildings, areas, ways; reading, checking, repairing, indexing, tiling.
//! - [`mesh`]: footprints to plain vertex buffers, without engine types.
//! - [`clock`], [`config`], [`language`], [`picture`]: the one clock, settings, message files, PNG and JPEG from outside.
//! - [`generate`]: the demo place and measuring cities, from a seed.
//! - [`governance`]: what happens: issues and their life cycle, patrols, classes, deadlines.
//! - [`feed`]: how it reaches us: snapshot and stream over HTTP, retry, age.
//! - `server` (feature `server`): the API: routes, store, events, access.
//! - [`simulation`]: a believable day in the neighbourhood, from a seed, over HTTP like any client.
//! - `viewer` (feature `viewer`): the only place that knows the engine.
//! - [`cli`]: the subcommands, one file each.

pub mod city;
pub mod cli;
pub mod clock;
pub mod config;
pub mod feed;
pub mod generate;
pub mod geo;
pub mod governance;
pub mod language;
pub mod mesh;
pub mod picture;
#[cfg(feature = "server")]
pub mod server;
pub mod simulation;
#[cfg(feature = "viewer")]
pub mod viewer;
