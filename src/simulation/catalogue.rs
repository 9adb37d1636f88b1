//! What is known of each class: where it arises, how often, who finds it, who puts it right, in what words.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SimulationError;
use super::sites::SiteKind;
use crate::governance::classes::Class;
use crate::governance::{PatrolKind, Source};

/// The catalogue that ships with the program.
const TEXT: &str = include_str!("catalogue.toml");
/// What a class of one's own carries at the end of its name, by the standard.
const OWN: &str = "（自定义）";

/// At which time of day something happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Hours {
    /// While people work.
    #[default]
    Day,
    /// Mostly in the morning.
    Morning,
    /// From the afternoon on.
    Evening,
    /// While people sleep.
    Night,
    /// At any time that people are awake.
    Any,
}

impl Hours {
    /// How likely each hour of the day is, against the others.
    pub(super) fn weights(self) -> [f64; 24] {
        let bands: &[(std::ops::Range<usize>, f64)] = match self {
            Self::Day => &[(6..8, 0.6), (8..12, 3.0), (12..13, 0.8), (13..17, 2.4), (17..21, 0.7)],
            Self::Morning => &[(5..7, 0.8), (7..8, 2.0), (8..11, 3.5), (11..17, 1.0)],
            Self::Evening => &[(7..9, 0.5), (9..12, 0.8), (13..17, 1.2), (17..22, 2.6)],
            Self::Night => &[(0..1, 1.0), (21..24, 3.0)],
            Self::Any => {
                &[(0..6, 0.08), (6..8, 1.0), (8..12, 2.2), (12..18, 1.8), (18..22, 1.2), (22..24, 0.3)]
            }
        };
        let mut weights = [0.0; 24];
        for (hours, weight) in bands {
            for hour in hours.clone() {
                if let Some(slot) = weights.get_mut(hour) {
                    *slot = *weight;
                }
            }
        }
        weights
    }
}

/// What is known of a class.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    names: Vec<String>,
    #[serde(rename = "where")]
    pub(super) places: Vec<SiteKind>,
    pub(super) weight: f64,
    #[serde(default)]
    pub(super) hours: Hours,
    sources: BTreeMap<String, f64>,
    pub(super) finders: Vec<PatrolKind>,
    pub(super) handlers: Vec<PatrolKind>,
    #[serde(default)]
    pub(super) on_spot: f64,
    #[serde(default)]
    pub(super) by_company: bool,
    titles: Vec<String>,
    done: Vec<String>,
}

/// The whole catalogue.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    actors: BTreeMap<String, String>,
    words: BTreeMap<String, Vec<String>>,
    class: Vec<Entry>,
}

impl Catalogue {
    /// The catalogue that ships with the program.
    pub(super) fn shipped() -> Result<Self, SimulationError> {
        let wrong = |reason: String| SimulationError::Table { which: "catalogue", reason };
        let catalogue: Self = toml::from_str(TEXT).map_err(|error| wrong(error.to_string()))?;
        for entry in &catalogue.class {
            if entry.places.is_empty() || entry.titles.is_empty() || entry.done.is_empty() {
                return Err(wrong(format!("{:?} has no place, title or end", entry.names)));
            }
        }
        let sources = catalogue.class.iter().flat_map(|entry| entry.sources.keys());
        if let Some(name) = sources.chain(catalogue.actors.keys()).find(|name| source(name).is_none()) {
            return Err(wrong(format!("{name:?} is no source")));
        }
        if catalogue.class.last().is_none_or(|last| !last.names.is_empty()) {
            return Err(wrong("the last entry must stand for all other classes".to_owned()));
        }
        Ok(catalogue)
    }

    /// Who acts for a source that is no person.
    pub(super) fn actor(&self, source: Source) -> Option<&str> {
        let named = self.actors.iter().find(|(name, _)| self::source(name) == Some(source));
        named.map(|(_, actor)| actor.as_str())
    }

    /// What is said at a step, by its name on the wire; `pick` chooses.
    pub(super) fn words(&self, step: &str, pick: u64) -> Option<String> {
        let words = self.words.get(step)?;
        words.get((pick % words.len().max(1) as u64) as usize).cloned()
    }

    /// What is known of a class: by its name, else what holds for any.
    pub(super) fn entry(&self, class: &Class) -> Option<&Entry> {
        let name = class.name.trim_end_matches(OWN);
        self.class.iter().find(|entry| entry.names.iter().any(|known| known == name)).or(self.class.last())
    }
}

impl Entry {
    /// How it comes to be known; `chance` from 0 to 1 chooses.
    pub(super) fn source(&self, chance: f64) -> Source {
        let named = weighted(self.sources.iter().map(|(name, weight)| (name, *weight)), chance);
        named.and_then(|name| source(name)).unwrap_or(Source::Patrol)
    }

    /// A title; `pick` chooses.
    pub(super) fn title(&self, class: &Class, place: &str, pick: u64) -> String {
        let title = self.titles.get((pick % self.titles.len().max(1) as u64) as usize);
        let class = class.name.trim_end_matches(OWN);
        title.map_or_else(
            || class.to_owned(),
            |title| title.replace("{place}", place).replace("{class}", class),
        )
    }

    /// What the handler says at the end; `pick` chooses.
    pub(super) fn done(&self, pick: u64) -> Option<String> {
        self.done.get((pick % self.done.len().max(1) as u64) as usize).cloned()
    }
}

fn source(name: &str) -> Option<Source> {
    Some(match name {
        "patrol" => Source::Patrol,
        "leader" => Source::Leader,
        "hotline" => Source::Hotline,
        "resident_app" => Source::ResidentApp,
        "property_company" => Source::PropertyCompany,
        "volunteer" => Source::Volunteer,
        "sensor" => Source::Sensor,
        "transfer" => Source::Transfer,
        _ => return None,
    })
}

/// One of some weighted things; `chance` from 0 to 1 chooses.
pub(super) fn weighted<T>(things: impl IntoIterator<Item = (T, f64)> + Clone, chance: f64) -> Option<T> {
    let total: f64 = things.clone().into_iter().map(|(_, weight)| weight.max(0.0)).sum();
    let mut left = chance * total;
    let mut last = None;
    for (thing, weight) in things {
        if weight <= 0.0 {
            continue;
        }
        left -= weight;
        last = Some(thing);
        if left <= 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate;
    use crate::governance::classes::ClassTable;

    #[test]
    fn every_class_of_the_demo_place_has_an_entry_of_its_own() {
        let bytes = generate::embedded().iter().find(|(name, _)| *name == "classes.csv").expect("a table").1;
        let (classes, _) = ClassTable::read(bytes).expect("readable");
        let catalogue = Catalogue::shipped().expect("sound");
        for class in &classes {
            let entry = catalogue.entry(class).expect("an entry");
            assert!(!entry.names.is_empty(), "{} is not in the catalogue", class.name);
            let title = entry.title(class, "府西小区3幢", 1);
            assert!(title.contains("府西小区3幢") && !title.contains('{'), "{title}");
        }
        assert_eq!(catalogue.class.len(), classes.len() + 1);
    }

    #[test]
    fn weights_choose() {
        let things = [("a", 1.0), ("b", 0.0), ("c", 3.0)];
        assert_eq!(weighted(things, 0.2), Some("a"));
        assert_eq!(weighted(things, 0.3), Some("c"));
        assert_eq!(weighted(things, 1.0), Some("c"));
        assert_eq!(weighted::<&str>([], 0.5), None);
    }
}
