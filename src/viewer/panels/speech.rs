//! What the panels say: the interface's texts and the words of the trade in one language, and the place's time zone.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::governance::{Issue, State};
use crate::language::{Language, Messages, Scheme, Value, Vocabulary};

/// The key of the sign for what is not known.
const DASH: &str = "none";

/// Texts, words and the time zone.
pub(super) struct Speech {
    /// The interface's texts.
    pub(super) messages: Messages,
    /// What states, kinds and uses are called.
    pub(super) words: Vocabulary,
    /// Where times are read.
    pub(super) zone: TimeZone,
}

impl Default for Speech {
    fn default() -> Self {
        Self::new(Language::default(), TimeZone::UTC)
    }
}

impl Speech {
    /// Speaks a language.
    pub(super) fn new(language: Language, zone: TimeZone) -> Self {
        Self { messages: Messages::new(language), words: Vocabulary::new(Scheme::default(), language), zone }
    }

    /// Which one.
    pub(super) fn language(&self) -> Language {
        self.messages.language()
    }

    /// A text.
    pub(super) fn text<'a>(&'a self, key: &'a str) -> Cow<'a, str> {
        self.messages.text(key)
    }

    /// A text as a string.
    pub(super) fn owned(&self, key: &str) -> String {
        self.messages.text(key).into_owned()
    }

    /// A text with a number in it.
    pub(super) fn count(&self, key: &str, n: usize) -> String {
        self.with(key, &[("n", (n as i64).into())])
    }

    /// A text with arguments.
    pub(super) fn with(&self, key: &str, arguments: &[(&str, Value<'_>)]) -> String {
        self.messages.text_with(key, arguments).into_owned()
    }

    /// What stands where nothing is known.
    pub(super) fn dash(&self) -> String {
        self.owned(DASH)
    }

    /// A distance on the ground.
    pub(super) fn distance(&self, metres: f64) -> String {
        if metres < 995.0 {
            self.count("card-distance-m", ((metres / 10.0).round() * 10.0).max(0.0) as usize)
        } else {
            self.with("card-distance-km", &[("n", format!("{:.1}", metres / 1000.0).into())])
        }
    }

    /// How old something is.
    pub(super) fn ago(&self, now: Timestamp, at: Timestamp) -> String {
        self.messages.ago(now.duration_since(at))
    }

    /// Date and time, the date left out where it is today.
    pub(super) fn moment(&self, now: Timestamp, at: Timestamp) -> String {
        let day = |time: Timestamp| time.to_zoned_datetime(self.zone.clone()).date();
        if day(now) == day(at) {
            self.messages.time(at, &self.zone)
        } else {
            self.messages.date_time_short(at, &self.zone)
        }
    }

    /// What is left of an issue's time, in words.
    pub(super) fn remaining(&self, now: Timestamp, issue: &Issue) -> String {
        match issue.due_at {
            _ if issue.state == State::Suspended => self.owned("issue-clock-stopped"),
            _ if !issue.state.is_open() => self.words.state(issue.state).to_owned(),
            None => self.dash(),
            Some(due) => self.messages.remaining(now, due),
        }
    }

    /// A length of time.
    pub(super) fn span_secs(&self, secs: i64) -> String {
        self.messages.span(SignedDuration::from_secs(secs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_rounded_to_what_a_walk_can_tell() {
        let speech = Speech::default();
        assert_eq!(speech.distance(123.4), "120 米");
        assert_eq!(speech.distance(0.0), "0 米");
        assert_eq!(speech.distance(1_260.0), "1.3 公里");
    }

    #[test]
    fn a_moment_of_today_needs_no_date() {
        let speech = Speech::new(Language::Chinese, TimeZone::get("Asia/Shanghai").expect("a zone"));
        let now: Timestamp = "2026-09-15T01:00:00Z".parse().expect("a time");
        let morning: Timestamp = "2026-09-14T23:55:00Z".parse().expect("a time");
        let before: Timestamp = "2026-09-14T15:59:00Z".parse().expect("a time");
        assert_eq!(speech.moment(now, morning), "07:55");
        assert_eq!(speech.moment(now, before), "9月14日 23:59");
    }
}
