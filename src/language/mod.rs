//! What people read: message files for the interface, and vocabularies for the words of the trade.
//!
//! No text that a user of the viewer sees stands in code. [`Messages`] gives the interface's texts by key, in Chinese or English;
//! [`Vocabulary`] gives the names of states, steps, roles and the like by scheme, since 四平台, 数字城管 and 12345 call the same things differently.
//! It owns both, reads the files embedded from `assets/language`, and emits strings.

mod time;
mod vocabulary;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use serde::{Deserialize, Serialize};
use tracing::{error, warn};

pub use fluent_bundle::FluentValue as Value;
pub use vocabulary::{Scheme, Vocabulary, VocabularyError};

/// A language of the interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// 简体中文.
    #[default]
    #[serde(rename = "zh-CN", alias = "zh")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The language's tag, as files and settings write it: `zh-CN` or `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The message file, as text.
    const fn source(self) -> &'static str {
        match self {
            Self::Chinese => include_str!("../../assets/language/zh-CN.ftl"),
            Self::English => include_str!("../../assets/language/en.ftl"),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A language tag that we have no message file for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no language {0:?}: write zh-CN or en")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Takes `zh`, `en` and any longer tag that begins so, as `LANG` has it: `zh_CN.UTF-8`, `en-GB`.
    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        match tag.split(['-', '_', '.']).next().map(str::to_ascii_lowercase).as_deref() {
            Some("zh") => Ok(Self::Chinese),
            Some("en") => Ok(Self::English),
            _ => Err(UnknownLanguage(tag.to_owned())),
        }
    }
}

/// The interface's texts in one language.
///
/// A key that is missing shows as itself, so that the interface stays usable; a test finds such keys before people do.
pub struct Messages {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Messages {
    /// The embedded texts in a language.
    pub fn new(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
        // Isolation marks are for mixed writing directions, which we do not have; fonts show them as boxes.
        bundle.set_use_isolating(false);
        let resource =
            FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(good, errors)| {
                error!(%language, ?errors, "the message file has lines that cannot be read");
                good
            });
        if let Err(errors) = bundle.add_resource(resource) {
            error!(%language, ?errors, "the message file has a key twice");
        }
        Self { language, bundle }
    }

    /// Which language it speaks.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key. Does not allocate for a text without arguments.
    pub fn text<'a>(&'a self, key: &'a str) -> Cow<'a, str> {
        self.format(key, None)
    }

    /// The text of a key with its arguments filled in: `text_with("list-count", &[("n", 5.into())])`.
    pub fn text_with<'a>(&'a self, key: &'a str, arguments: &[(&str, Value<'_>)]) -> Cow<'a, str> {
        let arguments: FluentArgs<'_> =
            arguments.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        Cow::Owned(self.format(key, Some(&arguments)).into_owned())
    }

    /// Whether the key has a text.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some_and(|message| message.value().is_some())
    }

    fn format<'a>(&'a self, key: &'a str, arguments: Option<&'a FluentArgs<'_>>) -> Cow<'a, str> {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return Cow::Borrowed(key);
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        if !errors.is_empty() {
            warn!(key, ?errors, "a text could not be filled in");
        }
        text
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("language", &self.language).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_in_both_languages() {
        assert_eq!(Messages::new(Language::Chinese).text("app-title"), "云府山");
        assert_eq!(Messages::new(Language::English).text("app-title"), "Yunfushan");
    }

    #[test]
    fn arguments_are_filled_in_without_isolation_marks() {
        let chinese = Messages::new(Language::Chinese);
        assert_eq!(chinese.text_with("feed-lost", &[("age", "3 分钟".into())]), "已断开 3 分钟");
        assert_eq!(chinese.text_with("list-count", &[("n", 1.into())]), "共 1 条");
    }

    #[test]
    fn english_has_a_singular() {
        let english = Messages::new(Language::English);
        assert_eq!(english.text_with("list-count", &[("n", 1.into())]), "1 entry");
        assert_eq!(english.text_with("list-count", &[("n", 12_345.into())]), "12345 entries");
    }

    #[test]
    fn a_missing_key_shows_as_itself() {
        let messages = Messages::new(Language::Chinese);
        assert_eq!(messages.text("no-such-key"), "no-such-key");
        assert!(!messages.has("no-such-key") && messages.has("layers"));
        assert_eq!(messages.text("键 with \" odd {signs}"), "键 with \" odd {signs}");
    }

    #[test]
    fn plain_texts_are_borrowed() {
        let messages = Messages::new(Language::Chinese);
        assert!(matches!(messages.text("layers"), Cow::Borrowed("图层")));
    }

    #[test]
    fn tags_of_the_environment_are_understood() {
        assert_eq!("zh_CN.UTF-8".parse(), Ok(Language::Chinese));
        assert_eq!("en-GB".parse(), Ok(Language::English));
        assert_eq!("fr".parse::<Language>(), Err(UnknownLanguage("fr".into())));
    }

    #[test]
    fn both_files_are_read_without_errors() {
        for language in Language::ALL {
            assert!(FluentResource::try_new(language.source().to_owned()).is_ok(), "{language}");
        }
    }

    #[test]
    fn messages_cross_threads() {
        fn crosses<T: Send + Sync>() {}
        crosses::<Messages>();
    }
}
