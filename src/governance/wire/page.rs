//! One page of a collection.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Feature, Item, WireError};

/// One page of a collection, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What could be read, in the order of the page.
    pub items: Vec<T>,
    /// What could not, and why.
    pub refused: Vec<RefusedFeature>,
    /// The link to the next page, as it was written; there are more pages while there is one.
    pub next: Option<String>,
    /// The last event committed before this page was read; of the first page of a snapshot.
    pub event_id: Option<u64>,
}

/// A feature of a page that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFeature {
    /// Its index in the page, from 0.
    pub index: usize,
    /// Why, in words.
    pub reason: String,
}

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    features: Vec<&'a RawValue>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(rename = "eventId", default)]
    event_id: Option<u64>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    href: String,
    #[serde(default)]
    rel: String,
}

/// Reads a FeatureCollection of issues or patrols.
///
/// # Errors
/// [`WireError`] if the whole is no FeatureCollection; a single bad feature goes to [`Page::refused`].
pub fn read_page<T: Item>(bytes: &[u8]) -> Result<Page<T>, WireError> {
    let raw: RawPage<'_> = serde_json::from_slice(bytes)?;
    if raw.kind != "FeatureCollection" {
        return Err(WireError::Kind { expected: "FeatureCollection", found: raw.kind });
    }
    let mut page = Page {
        items: Vec::with_capacity(raw.features.len()),
        refused: Vec::new(),
        next: raw.links.into_iter().find(|link| link.rel == "next").map(|link| link.href),
        event_id: raw.event_id,
    };
    for (index, feature) in raw.features.into_iter().enumerate() {
        let item =
            serde_json::from_str::<Feature>(feature.get()).map_err(WireError::from).and_then(T::from_feature);
        match item {
            Ok(item) => page.items.push(item),
            Err(error) => page.refused.push(RefusedFeature { index, reason: error.to_string() }),
        }
    }
    Ok(page)
}
