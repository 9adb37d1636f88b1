//! The texts of an index: each kept once, two bytes a character.

use std::collections::HashMap;

use super::query::{Query, Steps};
use super::sound::Glyph;
use crate::city::text::{Text, Texts};

/// Texts while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered(Texts);

impl Gathered {
    /// The number of a text; the empty text is always number 0.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        self.0.intern(text.trim()).0
    }

    /// A text by its number.
    pub(super) fn get(&self, number: u32) -> &str {
        self.0.get(Text(number))
    }
}

/// Texts as numbers of characters, and one glyph for each character that occurs.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// All texts, one after the other: numbers of characters.
    units: Box<[u16]>,
    /// Where each text ends.
    ends: Box<[u32]>,
    /// Each character as written.
    written: Box<[char]>,
    /// The same, folded, with how it sounds.
    glyphs: Box<[Glyph]>,
}

impl Pool {
    /// What was gathered, packed.
    pub(super) fn new(gathered: Gathered) -> Self {
        let texts = gathered.0;
        let mut numbers: HashMap<char, u16> = HashMap::new();
        let mut written = Vec::new();
        let mut units = Vec::new();
        let mut ends = Vec::with_capacity(texts.len());
        for number in 0..texts.len() as u32 {
            for c in texts.get(Text(number)).chars() {
                let unit = *numbers.entry(c).or_insert_with(|| {
                    written.push(c);
                    // More than 65,536 different characters do not occur; what would be beyond shares a number.
                    u16::try_from(written.len() - 1).unwrap_or(u16::MAX)
                });
                units.push(unit);
            }
            ends.push(u32::try_from(units.len()).unwrap_or(u32::MAX));
        }
        let glyphs = written.iter().map(|c| Glyph::of(*c)).collect();
        Self { units: units.into(), ends: ends.into(), written: written.into(), glyphs }
    }

    /// A text as it was written.
    pub(super) fn text(&self, number: u32) -> String {
        self.units_of(number as usize)
            .iter()
            .filter_map(|unit| self.written.get(usize::from(*unit)))
            .collect()
    }

    /// How each text answers a query.
    pub(super) fn answers(&self, query: &Query) -> Vec<Answer> {
        let nothing = Steps::default();
        let steps: Vec<Steps> = self.glyphs.iter().map(|glyph| query.steps(*glyph)).collect();
        let step = |unit: &u16| steps.get(usize::from(*unit)).unwrap_or(&nothing);
        let mut scratch: Vec<&Steps> = Vec::new();
        let mut start = 0;
        let mut answers = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            let units = self.units.get(start..*end as usize).unwrap_or_default();
            start = *end as usize;
            let seen = query.seen(units.iter().map(step));
            let score = (seen == query.ends() && seen != 0).then(|| {
                scratch.clear();
                scratch.extend(units.iter().map(step));
                query.rank(&scratch)
            });
            answers.push(Answer { seen, score });
        }
        answers
    }

    /// Bytes held.
    pub(super) fn memory_bytes(&self) -> usize {
        self.units.len() * 2 + self.ends.len() * 4 + self.glyphs.len() * 12
    }

    fn units_of(&self, number: usize) -> &[u16] {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let (Some(start), Some(end)) = (start, self.ends.get(number)) else { return &[] };
        self.units.get(start as usize..*end as usize).unwrap_or_default()
    }
}

/// How one text answers a query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    /// The words that occur, as [`Query::ends`] has them.
    pub(super) seen: u64,
    /// The score, if all of them do.
    pub(super) score: Option<u32>,
}
