//! One issue or patrol as a GeoJSON Feature.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::WireError;
use crate::geo::LonLat;
use crate::governance::{Issue, Patrol};

/// A GeoJSON Feature with a Point or no geometry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Always `Feature`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id; numbers are read as their digits.
    #[serde(default, deserialize_with = "id_from_string_or_number", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it is, if anywhere.
    #[serde(default)]
    pub geometry: Option<Point>,
    /// Everything else.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub properties: Map<String, Value>,
}

/// A GeoJSON geometry; only a Point has a meaning here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// `Point`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Longitude and latitude in degrees; further numbers are ignored.
    #[serde(default)]
    pub coordinates: Value,
}

impl Point {
    fn of(place: LonLat) -> Self {
        Self { kind: "Point".to_owned(), coordinates: Value::from(vec![place.lon, place.lat]) }
    }

    fn place(&self) -> Result<LonLat, WireError> {
        if self.kind != "Point" {
            return Err(WireError::Geometry(self.kind.clone()));
        }
        let number = |index: usize| self.coordinates.get(index).and_then(Value::as_f64).unwrap_or(f64::NAN);
        let (lon, lat) = (number(0), number(1));
        if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
            Ok(LonLat::new(lon, lat))
        } else {
            Err(WireError::Place { lon, lat })
        }
    }
}

/// What travels as a Feature: an issue or a patrol.
pub trait Item: Sized {
    /// The id of its collection: `issues`, `patrols`.
    const COLLECTION: &'static str;

    /// As a Feature.
    ///
    /// # Errors
    /// [`WireError::Json`] if it cannot be written, which does not happen with finite numbers.
    fn to_feature(&self) -> Result<Feature, WireError>;

    /// From a Feature.
    ///
    /// # Errors
    /// [`WireError`] says what is wrong with it.
    fn from_feature(feature: Feature) -> Result<Self, WireError>;

    /// As the text of a Feature, on one line.
    ///
    /// # Errors
    /// As [`Item::to_feature`].
    fn to_text(&self) -> Result<String, WireError> {
        Ok(serde_json::to_string(&self.to_feature()?)?)
    }

    /// From the text of a Feature.
    ///
    /// # Errors
    /// As [`Item::from_feature`].
    fn from_text(text: &str) -> Result<Self, WireError> {
        Self::from_feature(serde_json::from_str(text)?)
    }
}

impl Item for Issue {
    const COLLECTION: &'static str = "issues";

    fn to_feature(&self) -> Result<Feature, WireError> {
        let mut properties = to_properties(self)?;
        properties.remove("id");
        properties.remove("place");
        Ok(Feature::new(self.id.0.clone(), self.place, properties))
    }

    fn from_feature(feature: Feature) -> Result<Self, WireError> {
        let (id, place, mut properties) = feature.into_parts()?;
        properties.insert("id".to_owned(), Value::from(id));
        properties.remove("place");
        let mut issue: Self = serde_json::from_value(Value::Object(properties))?;
        issue.place = place;
        Ok(issue)
    }
}

impl Item for Patrol {
    const COLLECTION: &'static str = "patrols";

    fn to_feature(&self) -> Result<Feature, WireError> {
        let mut properties = to_properties(self)?;
        properties.remove("id");
        if let Some(Value::Object(fix)) = properties.get_mut("fix") {
            fix.remove("place");
        }
        Ok(Feature::new(self.id.0.clone(), self.fix.map(|fix| fix.place), properties))
    }

    /// A fix without a geometry, or a geometry without the time of a fix, is no position.
    fn from_feature(feature: Feature) -> Result<Self, WireError> {
        let (id, place, mut properties) = feature.into_parts()?;
        properties.insert("id".to_owned(), Value::from(id));
        match (properties.get_mut("fix"), place) {
            (Some(Value::Object(fix)), Some(place)) => {
                fix.insert("place".to_owned(), serde_json::to_value(place)?);
            }
            _ => {
                properties.remove("fix");
            }
        }
        Ok(serde_json::from_value(Value::Object(properties))?)
    }
}

impl Feature {
    fn new(id: String, place: Option<LonLat>, properties: Map<String, Value>) -> Self {
        Self { kind: "Feature".to_owned(), id: Some(id), geometry: place.map(Point::of), properties }
    }

    /// Id, place and properties, checked.
    fn into_parts(self) -> Result<(String, Option<LonLat>, Map<String, Value>), WireError> {
        if self.kind != "Feature" {
            return Err(WireError::Kind { expected: "Feature", found: self.kind });
        }
        let from_properties = || match self.properties.get("id") {
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        let id = self.id.or_else(from_properties).filter(|id| !id.is_empty()).ok_or(WireError::NoId)?;
        let place = self.geometry.map(|point| point.place()).transpose()?;
        Ok((id, place, self.properties))
    }
}

fn to_properties(value: &impl Serialize) -> Result<Map<String, Value>, WireError> {
    match serde_json::to_value(value)? {
        Value::Object(properties) => Ok(properties),
        _ => Ok(Map::new()),
    }
}

fn id_from_string_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(id) => Some(id),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    })
}

fn null_as_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
