//! GeoJSON as a stream of features: no tree, no copy of the text, any order of members.
//!
//! ```text
//! bytes → walk: documents → features array, cut into pieces → Feature (one, reused) → Sink (columns)
//! ```
//!
//! A piece starts at a guessed place in the middle of the file and is believed only if the piece before it,
//! read from its true start, arrives at exactly that byte between two features; otherwise it is thrown away.
//! Numbers, strings and nesting are `serde_json`'s; only the commas between features are counted here.
//! A feature that is not JSON (`NaN`, a missing quote) is refused and reading goes on after its closing brace.

mod feature;
mod walk;

pub(crate) use feature::{Attributes, Feature, Geometry, Kind, Scalar, Shape};
pub(crate) use walk::{Unreadable, walk};

use super::report::Reason;

/// Where features go. One sink a piece; `index` counts from 0 within the piece.
pub(crate) trait Sink<A>: Send {
    /// A feature that could be parsed; the caller clears and reuses it.
    fn feature(&mut self, index: u32, feature: &mut Feature<A>);
    /// A feature that could not.
    fn refuse(&mut self, index: u32, reason: Reason);
}
