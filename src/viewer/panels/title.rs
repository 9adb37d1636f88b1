//! The title bar as plain values: place, time, and how the feed is doing.

use jiff::Timestamp;

use super::speech::Speech;
use super::theme::Tone;
use crate::city::Manifest;
use crate::feed::Situation;
use crate::governance::FeedState;
use crate::language::Language;

/// What the title bar says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TitleBar {
    /// The place.
    pub(super) place: String,
    /// What this is.
    pub(super) subtitle: String,
    /// The date.
    pub(super) date: String,
    /// The weekday.
    pub(super) weekday: String,
    /// Hours and minutes.
    pub(super) time: String,
    /// How fast time runs, where it does not run as usual.
    pub(super) rate: Option<String>,
    /// How the feed is doing.
    pub(super) feed: FeedLine,
    /// Whether what is shown is simulated.
    pub(super) is_simulated: bool,
}

/// How the feed is doing: never by colour alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FeedLine {
    /// How that is meant.
    pub(super) tone: Tone,
    /// In words.
    pub(super) words: String,
    /// How old the data is, or when it is tried again.
    pub(super) age: String,
    /// What to do, or what it means.
    pub(super) hint: Option<String>,
}

impl FeedLine {
    /// A state of the feed at a real time.
    pub(super) fn new(feed: Option<&FeedState>, real_now: Timestamp, speech: &Speech) -> Self {
        let age = |at: Timestamp| speech.ago(real_now, at);
        match feed {
            None => Self { tone: Tone::Quiet, words: speech.owned("feed-none"), ..Self::default() },
            Some(FeedState::Connecting) => {
                Self { tone: Tone::Warn, words: speech.owned("feed-connecting"), ..Self::default() }
            }
            Some(FeedState::Live { last_heard_at }) => Self {
                tone: Tone::Good,
                words: speech.owned("feed-live"),
                age: speech.with("data-age", &[("age", age(*last_heard_at).into())]),
                hint: None,
            },
            Some(FeedState::Lost { since, reason, retry_at }) => {
                let down = speech.messages.span(real_now.duration_since(*since));
                let wait_secs = retry_at.duration_since(real_now).as_secs().max(0);
                let wait = speech.span_secs(wait_secs);
                let why = speech.with("feed-reason", &[("reason", reason.as_str().into())]);
                Self {
                    tone: Tone::Bad,
                    words: speech.with("feed-lost", &[("age", down.into())]),
                    age: speech.with("feed-retry", &[("age", wait.into())]),
                    hint: Some(format!("{why}\n{}", speech.text("feed-lost-hint"))),
                }
            }
            Some(FeedState::Refused { reason }) => {
                let why = speech.with("feed-reason", &[("reason", reason.as_str().into())]);
                Self {
                    tone: Tone::Bad,
                    words: speech.owned("feed-refused"),
                    age: String::new(),
                    hint: Some(format!("{why}\n{}", speech.text("feed-refused-hint"))),
                }
            }
        }
    }
}

impl TitleBar {
    /// The bar at a time; `has_feed` is whether any feed was named.
    pub(super) fn new(
        manifest: Option<&Manifest>,
        situation: &Situation,
        has_feed: bool,
        now: Timestamp,
        real_now: Timestamp,
        speech: &Speech,
    ) -> Self {
        let place = manifest.map_or_else(
            || speech.owned("app-title"),
            |manifest| match (&manifest.name_en, speech.language()) {
                (Some(name), Language::English) => name.clone(),
                _ => manifest.name.clone(),
            },
        );
        let rate = situation.clock().map_or(1.0, |server| server.clock.rate());
        Self {
            place,
            subtitle: speech.owned("app-subtitle"),
            date: speech.messages.date(now, &speech.zone),
            weekday: speech.messages.weekday(now, &speech.zone).into_owned(),
            time: speech.messages.time(now, &speech.zone),
            rate: ((rate - 1.0).abs() > 1e-3)
                .then(|| speech.with("clock-rate", &[("rate", rate_text(rate).into())])),
            feed: FeedLine::new(has_feed.then(|| situation.feed()), real_now, speech),
            is_simulated: situation.clock().is_some_and(|server| server.simulated),
        }
    }
}

fn rate_text(rate: f64) -> String {
    if rate.fract() == 0.0 { format!("{rate:.0}") } else { format!("{rate:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::panels::samples::at;

    #[test]
    fn a_lost_feed_says_since_when_and_why() {
        let speech = Speech::default();
        let now = at("2026-09-15T10:00");
        let lost = FeedState::Lost {
            since: at("2026-09-15T09:57"),
            reason: "connection refused".into(),
            retry_at: at("2026-09-15T10:00:08"),
        };
        let line = FeedLine::new(Some(&lost), now, &speech);
        assert_eq!((line.tone, line.words.as_str()), (Tone::Bad, "已断开 3 分钟"));
        assert_eq!(line.age, "8 秒后重试");
        assert!(line.hint.expect("a hint").contains("connection refused"));
        let live = FeedState::Live { last_heard_at: at("2026-09-15T09:59:40") };
        let line = FeedLine::new(Some(&live), now, &speech);
        assert_eq!((line.words.as_str(), line.age.as_str()), ("实时", "数据 20 秒前"));
    }

    #[test]
    fn without_a_place_the_programme_is_named() {
        let speech = Speech::default();
        let now = at("2026-09-15T07:55");
        let bar = TitleBar::new(None, &Situation::default(), false, now, now, &speech);
        assert_eq!((bar.place.as_str(), bar.feed.words.as_str()), ("云府山", "未接入"));
        assert!(!bar.is_simulated && bar.rate.is_none());
        assert_eq!(rate_text(60.0), "60");
        assert_eq!(rate_text(0.5), "0.5");
    }
}
