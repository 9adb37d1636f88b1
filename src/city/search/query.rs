//! What was typed, and how well a text answers it.
//!
//! The query is an automaton whose states are the places between its characters, one bit each; every character of a
//! text moves all states at once: by itself (literal), by a whole syllable it can be read as, or by an initial.
//! A text is read once, a few instructions a character; only texts that answer are looked at again to rank them.

use std::borrow::Borrow;

use super::sound::{Class, Glyph, class, fold, is_typed_as, syllables};

/// The longest query in characters; what is longer is cut. State 63 is "ended within a syllable".
const LONGEST: usize = 62;
/// Letters of the longest syllable (zhuang).
const LONGEST_SYLLABLE: usize = 6;
/// The state of a query that ended within a syllable: `fushangongyu`.
const CUT_SHORT: u64 = 1 << 63;

/// How one character of a text moves the states of a query. Bit `i` is the place before character `i`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Steps {
    /// From where any step leads on.
    begins: u64,
    /// One on: the same character.
    literal: u64,
    /// One on: its initial.
    initial: u64,
    /// Two on: its initial zh, ch or sh.
    long_initial: u64,
    /// `i + 1` on: a whole syllable.
    syllable: [u64; LONGEST_SYLLABLE],
    /// To the end, within a syllable.
    cut_short: u64,
    class: Class,
}

impl Steps {
    fn add(&mut self, other: &Self) {
        self.initial |= other.initial;
        self.long_initial |= other.long_initial;
        self.cut_short |= other.cut_short;
        for (mine, theirs) in self.syllable.iter_mut().zip(other.syllable) {
            *mine |= theirs;
        }
    }

    fn literally(&self, states: u64) -> u64 {
        (states & self.literal) << 1
    }

    fn fully(&self, states: u64) -> u64 {
        let mut next = self.literally(states);
        for (i, from) in self.syllable.iter().enumerate() {
            next |= (states & from) << (i + 1);
        }
        if states & self.cut_short == 0 { next } else { next | CUT_SHORT }
    }

    fn anyhow(&self, states: u64) -> u64 {
        self.fully(states) | (states & self.initial) << 1 | (states & self.long_initial) << 2
    }
}

/// What someone typed: 汉字, pinyin in full, initials, or any mixture; spaces end words but need not be there.
#[derive(Debug, Clone)]
pub struct Query {
    chars: Vec<char>,
    /// Before which characters a word starts.
    starts: u64,
    /// Where a word has ended.
    ends: u64,
    /// The steps of each syllable, by its number; empty if nothing typed is a letter.
    sounds: Vec<Steps>,
}

impl Query {
    /// A query from what was typed. Only the first 62 characters count.
    pub fn new(typed: &str) -> Self {
        let mut query = Self { chars: Vec::new(), starts: 0, ends: 0, sounds: Vec::new() };
        let mut in_word = false;
        for folded in typed.chars().map(fold) {
            if class(folded) == Class::Separator {
                in_word = false;
            } else if query.chars.len() < LONGEST {
                if !in_word {
                    query.ends |= 1 << query.chars.len();
                    query.starts |= 1 << query.chars.len();
                }
                in_word = true;
                query.chars.push(folded);
            }
        }
        query.ends = query.ends & !1 | u64::from(!query.is_empty()) << query.chars.len();
        if query.chars.iter().any(char::is_ascii_lowercase) {
            query.sounds = syllables().iter().map(|syllable| query.steps_of_syllable(syllable)).collect();
        }
        query
    }

    /// Whether nothing was typed that could be looked for.
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// How well a text answers, or `None` if it does not. Higher is better: the whole text before its beginning,
    /// the start of a word, the inside, and words scattered over it; at each of these 汉字 before whole syllables
    /// before initials; then the shorter text.
    pub fn score(&self, text: &SearchText) -> Option<u32> {
        if self.seen(text.0.iter().map(|glyph| self.steps(*glyph))) & self.ends != self.ends
            || self.is_empty()
        {
            return None;
        }
        let steps: Vec<Steps> = text.0.iter().map(|glyph| self.steps(*glyph)).collect();
        Some(self.rank(&steps.iter().collect::<Vec<_>>()))
    }

    /// Where its words end, as bits.
    pub(super) fn ends(&self) -> u64 {
        self.ends
    }

    /// How a character of a text moves the states.
    pub(super) fn steps(&self, glyph: Glyph) -> Steps {
        let mut steps = Steps { class: glyph.class(), ..Steps::default() };
        if !self.sounds.is_empty() {
            for sound in glyph.sounds() {
                if let Some(of_sound) = self.sounds.get(sound) {
                    steps.add(of_sound);
                }
            }
        }
        let folded = glyph.folded();
        for (i, typed) in self.chars.iter().enumerate() {
            steps.literal |= u64::from(*typed == folded) << i;
        }
        steps.begins =
            steps.syllable.iter().fold(
                steps.literal | steps.initial | steps.long_initial | steps.cut_short,
                |begins, from| begins | from,
            );
        steps
    }

    fn steps_of_syllable(&self, syllable: &str) -> Steps {
        let mut steps = Steps::default();
        let length = syllable.chars().count();
        let has_long_initial = ["zh", "ch", "sh"].iter().any(|initial| syllable.starts_with(initial));
        for from in 0..self.chars.len() {
            // A syllable ends with its word: `xi an` is not 先.
            let word_end = (from + 1..=self.chars.len()).find(|end| self.ends >> end & 1 == 1);
            let word = word_end.and_then(|end| self.chars.get(from..end)).unwrap_or_default();
            let same = syllable
                .chars()
                .zip(word)
                .take_while(|(letter, typed)| is_typed_as(*letter, **typed))
                .count();
            let at = 1_u64 << from;
            if same >= 1 {
                steps.initial |= at;
            }
            if same >= 2 && has_long_initial {
                steps.long_initial |= at;
            }
            if same == length {
                if let Some(of_length) = length.checked_sub(1).and_then(|i| steps.syllable.get_mut(i)) {
                    *of_length |= at;
                }
            } else if same >= 2 && from + same == self.chars.len() {
                steps.cut_short |= at;
            }
        }
        steps
    }

    /// Which of its words occur in a text: the bits of [`Self::ends`] that can be reached.
    pub(super) fn seen<S: Borrow<Steps>>(&self, text: impl Iterator<Item = S>) -> u64 {
        let (mut states, mut seen) = (self.starts, 0);
        for steps in text {
            let steps = steps.borrow();
            if states & steps.begins != 0 {
                let next = steps.anyhow(states);
                seen |= next;
                states = next | self.starts;
            } else if steps.class != Class::Separator {
                states = self.starts;
            }
        }
        if seen & CUT_SHORT != 0 {
            seen |= 1 << self.chars.len();
        }
        seen & self.ends
    }

    /// The score of a text in which all words occur.
    pub(super) fn rank(&self, text: &[&Steps]) -> u32 {
        let mut best = 0;
        let mut before = Class::Separator;
        let mut is_first = true;
        let mut length = 0;
        for (start, steps) in text.iter().enumerate() {
            if steps.class == Class::Separator {
                before = Class::Separator;
                continue;
            }
            length += 1;
            if steps.begins & 1 == 1 {
                let from = text.get(start..).unwrap_or_default();
                let place = if is_first { PREFIX } else { INSIDE + u32::from(steps.class != before) };
                best = best.max(self.rank_from(from, place));
            }
            is_first = false;
            before = steps.class;
        }
        score(best, length)
    }

    /// The best place and manner of the whole query from the start of `text` on, or 0.
    fn rank_from(&self, text: &[&Steps], place: u32) -> u32 {
        let end = 1_u64 << self.chars.len();
        let (mut literal, mut full, mut any) = (1_u64, 1_u64, 1_u64);
        let mut best = 0;
        for (i, steps) in text.iter().enumerate() {
            if steps.class == Class::Separator {
                continue;
            }
            (literal, full, any) = (steps.literally(literal), steps.fully(full), steps.anyhow(any));
            if any == 0 {
                break;
            }
            for (manner, states) in [(INITIALS, any), (SYLLABLES, full), (LITERAL, literal)] {
                if states & (end | CUT_SHORT) != 0 {
                    let is_whole = place == PREFIX
                        && states & end != 0
                        && text.get(i + 1..).unwrap_or_default().iter().all(|s| s.class == Class::Separator);
                    best = best.max(if is_whole { WHOLE } else { place } * MANNERS + manner);
                }
            }
        }
        best
    }
}

const INSIDE: u32 = 1;
const PREFIX: u32 = 3;
const WHOLE: u32 = 4;
const INITIALS: u32 = 0;
const SYLLABLES: u32 = 1;
const LITERAL: u32 = 2;
const MANNERS: u32 = 3;

/// The score of a place and manner (0: scattered words) in a text of a length; the lowest eight bits are free.
pub(super) fn score(place_and_manner: u32, length: u32) -> u32 {
    place_and_manner << 16 | (255 - length.min(255)) << 8
}

/// A text prepared for [`Query::score`]: eight bytes a character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(Box<[Glyph]>);

impl SearchText {
    /// Prepares a text.
    pub fn new(text: &str) -> Self {
        Self(text.chars().map(Glyph::of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(typed: &str, text: &str) -> Option<u32> {
        Query::new(typed).score(&SearchText::new(text))
    }

    #[test]
    fn every_way_of_typing_a_park() {
        for typed in [
            "府山公园",
            "府山",
            "公园",
            "fushangongyuan",
            "FuShanGongYuan",
            "fu shan gong yuan",
            "fsgy",
            "FSGY",
            "ｆｓｇｙ",
            "fushan公园",
            "府山gy",
            "fushgy",
            "fushangongyu",
            "fshgongy",
            "gongyuan",
            "gy",
            "公园 府山",
            "fu'shan",
        ] {
            assert!(score(typed, "府山公园").is_some(), "{typed}");
        }
        for typed in ["", " ", "府山路", "fsgyx", "fushna", "g府", "shan xi", "fushangongyuana"] {
            assert_eq!(score(typed, "府山公园"), None, "{typed}");
        }
    }

    #[test]
    fn better_answers_score_higher() {
        let falling = [
            ("府山公园", "府山公园"),
            ("fushangongyuan", "府山公园"),
            ("fsgy", "府山公园"),
            ("府山", "府山公园"),
            ("府山", "府山公园北门"),
            ("fushan", "府山公园"),
            ("fusha", "府山公园北门"),
            ("fs", "府山公园"),
            ("12", "新桥街12号"),
            ("公园", "府山公园"),
            ("gongyuan", "府山公园"),
            ("gy", "府山公园"),
            ("公园 府", "府山公园"),
        ];
        let scores: Vec<u32> = falling.iter().map(|(typed, text)| score(typed, text).expect(typed)).collect();
        assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
    }

    #[test]
    fn readings_umlauts_and_long_initials() {
        for (typed, text) in [
            ("yinhang", "银行"),
            ("xingren", "行人"),
            ("chongqing", "重庆"),
            ("zhongyao", "重要"),
            ("changjie", "长街"),
            ("lvdao", "绿道"),
            ("ludao", "绿道"),
            ("lüdao", "绿道"),
            ("zhl", "钟楼"),
            ("zl", "钟楼"),
            ("zhongl", "钟楼"),
            ("shuitm", "水亭门"),
        ] {
            assert!(score(typed, text).is_some(), "{typed} {text}");
        }
        assert_eq!(score("xi an", "先"), None, "a syllable ends with its word");
        assert!(score("xian", "西安门").is_some());
    }

    #[test]
    fn digits_brackets_and_widths() {
        assert!(score("坊门街12号", "坊门街１２号").is_some());
        assert!(score("fmj12h", "坊门街12号").is_some());
        assert!(score("1号楼东", "1号楼（东）").is_some());
        assert!(score("12-3", "12－3号").is_some());
        assert_eq!(score("123", "12-3号"), None);
        assert!(score("c座", "大厦 C座").is_some());
        assert!(score("大厦c", "大厦 C座") > score("c座", "大厦 C座"));
        assert!(score("坊门街 12", "坊门街道12号").is_some(), "scattered");
    }

    #[test]
    fn anything_may_be_typed() {
        for typed in
            ["\u{0}", "🙂", "((((", "\u{10FFFF}", &"长".repeat(500), &"a".repeat(500), &"a ".repeat(500)]
        {
            let query = Query::new(typed);
            let _ = query.score(&SearchText::new(typed));
            let _ = query.score(&SearchText::new(""));
        }
        assert!(score(&"长".repeat(80), &"长".repeat(80)).is_some());
        assert!(Query::new("（）").is_empty());
    }
}
