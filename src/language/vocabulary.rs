//! The words of the trade: what a place calls the states, steps, roles and sources that code and data name in English.
//!
//! A scheme is a TOML file with one table a language and kind of word, `[zh-CN.state]`, whose keys are the names on the wire.
//! It need only hold what it says otherwise than `own.toml`.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tracing::error;

use super::Language;
use crate::governance::{PatrolKind, Role, Source, State, Step, Urgency};

/// Whose words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scheme {
    /// Our own, near to 数字城管.
    #[serde(rename = "own")]
    Own,
    /// 基层治理四平台, Zhejiang.
    #[default]
    #[serde(rename = "si-pingtai")]
    SiPingtai,
    /// 数字城管.
    #[serde(rename = "shuzi-chengguan")]
    ShuziChengguan,
    /// The hotline 12345.
    #[serde(rename = "12345")]
    Hotline,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 4] = [Self::Own, Self::SiPingtai, Self::ShuziChengguan, Self::Hotline];

    /// The scheme's name in settings and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::SiPingtai => "si-pingtai",
            Self::ShuziChengguan => "shuzi-chengguan",
            Self::Hotline => "12345",
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Own => include_str!("../../assets/language/vocabulary/own.toml"),
            Self::SiPingtai => include_str!("../../assets/language/vocabulary/si-pingtai.toml"),
            Self::ShuziChengguan => include_str!("../../assets/language/vocabulary/shuzi-chengguan.toml"),
            Self::Hotline => include_str!("../../assets/language/vocabulary/12345.toml"),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a vocabulary could not be had.
#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    /// There is no scheme of this name.
    #[error("there is no vocabulary scheme {0:?}: write own, si-pingtai, shuzi-chengguan or 12345")]
    UnknownScheme(String),
    /// The file is not TOML of the expected shape, or names what does not exist.
    #[error("the vocabulary cannot be read (own.toml has every word that can be set): {0}")]
    Toml(#[from] toml::de::Error),
    /// The file names a use, area or management that does not exist.
    #[error(
        "the vocabulary has a word for {0:?}, which does not exist: own.toml has every word that can be set"
    )]
    UnknownName(String),
}

impl FromStr for Scheme {
    type Err = VocabularyError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.name() == name)
            .ok_or_else(|| VocabularyError::UnknownScheme(name.to_owned()))
    }
}

/// The words of one scheme in one language, by their names on the wire.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vocabulary {
    state: HashMap<State, String>,
    step: HashMap<Step, String>,
    role: HashMap<Role, String>,
    source: HashMap<Source, String>,
    urgency: HashMap<Urgency, String>,
    patrol_kind: HashMap<PatrolKind, String>,
    building_use: HashMap<String, String>,
    area_kind: HashMap<String, String>,
    management: HashMap<String, String>,
}

impl Vocabulary {
    /// An embedded scheme.
    pub fn new(scheme: Scheme, language: Language) -> Self {
        Self::read(scheme.source(), language).unwrap_or_else(|failure| {
            error!(%scheme, %failure, "an embedded vocabulary is broken");
            Self::default()
        })
    }

    /// A place's own file, over the embedded words of our own scheme.
    ///
    /// # Errors
    /// If the text is not TOML of the expected shape, or names what does not exist.
    pub fn read(text: &str, language: Language) -> Result<Self, VocabularyError> {
        let mut words = Self::of_language(Scheme::Own.source(), language)?;
        let own = Self::of_language(text, language)?;
        words.state.extend(own.state);
        words.step.extend(own.step);
        words.role.extend(own.role);
        words.source.extend(own.source);
        words.urgency.extend(own.urgency);
        words.patrol_kind.extend(own.patrol_kind);
        replace_known(&mut words.building_use, own.building_use)?;
        replace_known(&mut words.area_kind, own.area_kind)?;
        replace_known(&mut words.management, own.management)?;
        Ok(words)
    }

    fn of_language(text: &str, language: Language) -> Result<Self, VocabularyError> {
        Ok(toml::from_str::<HashMap<Language, Self>>(text)?.remove(&language).unwrap_or_default())
    }

    /// What a state is called.
    pub fn state(&self, state: State) -> &str {
        word(&self.state, &state)
    }

    /// What a step is called.
    pub fn step(&self, step: Step) -> &str {
        word(&self.step, &step)
    }

    /// What a role is called.
    pub fn role(&self, role: Role) -> &str {
        word(&self.role, &role)
    }

    /// What a source is called.
    pub fn source(&self, source: Source) -> &str {
        word(&self.source, &source)
    }

    /// What an urgency is called.
    pub fn urgency(&self, urgency: Urgency) -> &str {
        word(&self.urgency, &urgency)
    }

    /// What a kind of patrol is called.
    pub fn patrol_kind(&self, kind: PatrolKind) -> &str {
        word(&self.patrol_kind, &kind)
    }

    /// What a use of buildings is called, by its name in the data, such as `residential`; the name itself if it has no word.
    pub fn building_use<'a>(&'a self, name: &'a str) -> &'a str {
        self.building_use.get(name).map_or(name, String::as_str)
    }

    /// What a kind of area is called, by its name in the data, such as `compound`; the name itself if it has no word.
    pub fn area_kind<'a>(&'a self, name: &'a str) -> &'a str {
        self.area_kind.get(name).map_or(name, String::as_str)
    }

    /// Who manages a compound, by the name in the data: `company`, `community` or `none`; the name itself if it has no word.
    pub fn management<'a>(&'a self, name: &'a str) -> &'a str {
        self.management.get(name).map_or(name, String::as_str)
    }
}

/// A word of a closed list; a test sees to it that `own.toml` has them all.
fn word<'a, K: Eq + Hash>(words: &'a HashMap<K, String>, key: &K) -> &'a str {
    words.get(key).map_or("—", String::as_str)
}

fn replace_known(
    words: &mut HashMap<String, String>,
    own: HashMap<String, String>,
) -> Result<(), VocabularyError> {
    let mut unknown: Vec<String> = own.keys().filter(|name| !words.contains_key(*name)).cloned().collect();
    unknown.sort_unstable();
    if let Some(first) = unknown.into_iter().next() {
        return Err(VocabularyError::UnknownName(first));
    }
    words.extend(own);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_call_the_same_state_differently() {
        let closed = |scheme| Vocabulary::new(scheme, Language::Chinese).state(State::Closed).to_owned();
        assert_eq!(closed(Scheme::Own), "已结案");
        assert_eq!(closed(Scheme::SiPingtai), "已办结");
        assert_eq!(closed(Scheme::ShuziChengguan), "核查结案");
        assert_eq!(Vocabulary::new(Scheme::Own, Language::English).state(State::Closed), "Closed");
    }

    #[test]
    fn what_a_scheme_leaves_out_comes_from_our_own() {
        let hotline = Vocabulary::new(Scheme::Hotline, Language::Chinese);
        assert_eq!(hotline.patrol_kind(PatrolKind::GridOfficer), "网格员");
        assert_eq!(hotline.building_use("market"), "农贸市场");
        assert_eq!(hotline.area_kind("alley"), "背街小巷");
        assert_eq!(hotline.management("none"), "无物业");
    }

    #[test]
    fn every_word_of_every_scheme_is_there_in_both_languages() {
        for scheme in Scheme::ALL {
            for language in Language::ALL {
                let words = Vocabulary::new(scheme, language);
                for state in State::ALL {
                    assert_ne!(words.state(state), "—", "{scheme} {language} {state:?}");
                }
                let sizes = (words.step.len(), words.role.len(), words.source.len(), words.urgency.len());
                assert_eq!(sizes, (23, 9, 8, 3), "{scheme} {language}");
                let sizes = (words.patrol_kind.len(), words.building_use.len(), words.area_kind.len());
                assert_eq!(sizes, (8, 13, 6), "{scheme} {language}");
            }
        }
    }

    #[test]
    fn a_use_that_nobody_named_shows_as_itself() {
        assert_eq!(Vocabulary::new(Scheme::Own, Language::Chinese).building_use("pagoda"), "pagoda");
    }

    #[test]
    fn misspelt_words_are_refused_by_name() {
        let read = |text| Vocabulary::read(text, Language::Chinese).expect_err("refused").to_string();
        assert!(read("[zh-CN.state]\nclosd = \"x\"").contains("closd"));
        assert!(read("[zh-CN.building_use]\nhuose = \"x\"").contains("huose"));
        assert!(read("[fr.state]\nclosed = \"x\"").contains("fr"));
        assert!(read("[zh-CN.sate]\nclosed = \"x\"").contains("sate"));
    }

    #[test]
    fn schemes_are_named_in_settings() {
        assert_eq!("si-pingtai".parse::<Scheme>().expect("a scheme"), Scheme::SiPingtai);
        assert!("other".parse::<Scheme>().is_err());
    }
}
