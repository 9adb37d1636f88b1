//! Whether there is any data yet: what nobody knows is a dash, never a zero.

use super::speech::Speech;
use super::theme::Tone;
use crate::feed::Situation;
use crate::governance::FeedState;

/// How much of the data has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Arrival {
    /// No feed was named: there will be none.
    NoFeed,
    /// On its way: whatever is there may be a part.
    #[default]
    Awaited,
    /// Refused before anything was whole.
    Refused,
    /// A whole snapshot has been read, whatever became of the feed since.
    Whole,
}

impl Arrival {
    /// How much has arrived; `has_snapshot` is whether a whole snapshot was ever read.
    pub(super) fn new(situation: &Situation, has_feed: bool, has_snapshot: bool) -> Self {
        match situation.feed() {
            _ if has_snapshot => Self::Whole,
            _ if !has_feed => Self::NoFeed,
            FeedState::Refused { .. } => Self::Refused,
            FeedState::Connecting | FeedState::Live { .. } | FeedState::Lost { .. } => Self::Awaited,
        }
    }

    /// Whether figures mean something.
    pub(super) fn is_whole(self) -> bool {
        self == Self::Whole
    }

    /// A count, or the dash where nobody knows it.
    pub(super) fn figure(self, count: impl std::fmt::Display, speech: &Speech) -> String {
        if self.is_whole() { count.to_string() } else { speech.dash() }
    }

    /// The tone of a count that is to be noticed as soon as there is one.
    pub(super) fn alarm(self, count: u32, tone: Tone) -> Tone {
        if self.is_whole() && count > 0 { tone } else { Tone::Normal }
    }

    /// The key of why a list is empty; `whole` where there is truly nothing to list.
    pub(super) fn nothing(self, whole: &'static str) -> &'static str {
        match self {
            Self::NoFeed => "feed-none",
            Self::Awaited => "list-awaiting",
            Self::Refused => "feed-refused",
            Self::Whole => whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::Update;

    #[test]
    fn what_nobody_knows_is_a_dash() {
        let speech = Speech::default();
        let mut held = Situation::default();
        let before = Arrival::new(&held, true, false);
        assert_eq!((before, before.figure(0, &speech)), (Arrival::Awaited, "—".to_owned()));
        assert_eq!(before.alarm(3, Tone::Bad), Tone::Normal, "a part alarms nobody");
        assert_eq!(Arrival::new(&held, false, false), Arrival::NoFeed);
        let whole = Arrival::new(&held, true, true);
        assert_eq!((whole.figure(0, &speech), whole.alarm(3, Tone::Bad)), ("0".to_owned(), Tone::Bad));
        held.apply(Update::Feed(FeedState::Refused { reason: "token".into() }));
        assert_eq!(Arrival::new(&held, true, false), Arrival::Refused);
        assert_eq!(Arrival::new(&held, true, true), Arrival::Whole, "what was read stays");
    }
}
