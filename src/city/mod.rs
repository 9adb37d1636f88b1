//! What stands still: buildings, areas, ways; reading, checking, repairing, indexing.
//!
//! [`read`] turns the bytes of a GeoJSON file into a [`City`] (columns in local metres) and a [`Report`].
//! Nothing here opens files: bytes come in from whoever mapped, fetched or embedded them.

mod attributes;
mod building;
mod clean;
mod geojson;
mod numbers;
pub(crate) mod parallel;
mod read;
mod report;
mod text;

pub use building::{
    BuildingId, BuildingIndex, BuildingRef, BuildingUse, Buildings, City, PolygonRef, centroid,
    ring_contains, signed_area_m2,
};
pub use read::{ReadError, ReadOptions, read};
pub use report::{Broken, Changed, Reason, Refused, Repair, Report};
pub use text::{Text, Texts};
