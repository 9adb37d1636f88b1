//! What stands still: buildings, areas, ways; reading, checking, repairing, indexing.
//!
//! [`read`] turns the bytes of a GeoJSON file into a [`City`] (columns in local metres) and a [`Report`].
//! Nothing here opens files: bytes come in from whoever mapped, fetched or embedded them.

mod areas;
mod attributes;
mod building;
mod clean;
mod geojson;
mod icons;
pub mod index;
mod landmark;
mod layer;
mod model;
mod numbers;
pub(crate) mod parallel;
mod place;
mod read;
mod relief;
mod report;
#[cfg(test)]
pub(crate) mod sample;
pub mod search;
mod storeys;
mod tables;
mod text;
mod ways;

pub use areas::{Area, AreaKind, Areas, GridKind, Management};
pub(crate) use building::passes_east;
pub use building::{
    BuildingId, BuildingIndex, BuildingRef, BuildingUse, Buildings, City, PolygonRef, centroid,
    ring_contains, signed_area_m2,
};
pub use icons::ClassIcons;
pub use index::{Hit, Index};
pub(crate) use index::{edges, from_edge_m};
pub use landmark::{Landmark, LandmarkEntry};
pub use layer::Ground;
pub use model::{Model, ModelError, ModelVertex};
#[cfg(not(target_arch = "wasm32"))]
pub use place::Folder;
pub use place::{
    Embedded, FileError, FileNames, Files, Manifest, Place, PlaceError, View, Work, source_name,
};
pub use read::{ReadError, ReadOptions, read};
pub use relief::{Relief, ReliefError};
pub use report::{Broken, Changed, Reason, Refused, Repair, Report};
pub use storeys::storey_in;
pub use tables::{Address, Stairwell, read_addresses, read_stairwells};
pub use text::{Text, Texts};
pub use ways::{Label, LabelKind, Road, RoadClass, Surface, SurfaceKind, Ways};
