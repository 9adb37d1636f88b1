//! The wire: issues and patrols as GeoJSON Features, pages of them, and the event stream.
//!
//! Server and feed both go through here, so they agree by construction.
//! Reading is tolerant: unknown members are ignored, one bad feature does not spoil its page, an unknown event is no error.

mod feature;
mod page;
mod stream;

pub use feature::{Feature, Item, Point};
pub use page::{Page, RefusedFeature, read_page};
pub use stream::{Heartbeat, PositionUpdate, Removal, StreamEvent};

/// The word that goes over the wire for a value of one word, such as a step or a state.
pub fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Why something that came over the wire could not be read, or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// Not JSON, or not of the shape that is needed.
    #[error("not the JSON that was expected: {0}")]
    Json(#[from] serde_json::Error),
    /// The document is not the kind of GeoJSON object that is needed.
    #[error("expected a GeoJSON {expected}, found {found}")]
    Kind {
        /// What was needed.
        expected: &'static str,
        /// The `type` that was found.
        found: String,
    },
    /// The feature has no id.
    #[error("the feature has no id")]
    NoId,
    /// The geometry is neither a Point nor null.
    #[error("the geometry is a {0}, expected a Point or null")]
    Geometry(String),
    /// The coordinates are no place on the ellipsoid.
    #[error("the coordinates [{lon}, {lat}] are no longitude and latitude in degrees")]
    Place {
        /// The first number.
        lon: f64,
        /// The second number.
        lat: f64,
    },
}

#[cfg(test)]
mod tests;
