//! How characters sound: folding, and the syllables (pinyin without tones) that a character can be read as.

use std::sync::OnceLock;

use pinyin::{Pinyin, ToPinyinMulti};

/// What sort of character; a word starts where it changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Class {
    /// Space, brackets, commas: skipped in texts, ends a word in queries.
    #[default]
    Separator,
    /// A digit.
    Digit,
    /// A letter of an alphabet.
    Letter,
    /// 汉字, and whatever else.
    Other,
}

/// A folded character with the syllables it can be read as: 21 bits, then up to four times 9 bits (number + 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph(u64);

const CHAR_BITS: u32 = 21;
const SOUND_BITS: u32 = 9;
/// Readings that a glyph keeps; the crate gives the commonest first, and nearly none has more without its tones.
const MOST_SOUNDS: u32 = 4;

impl Glyph {
    /// The glyph of a character as written.
    pub(super) fn of(written: char) -> Self {
        let folded = fold(written);
        let mut packed = u64::from(u32::from(folded));
        let mut kept = 0;
        if let Some(readings) = folded.to_pinyin_multi() {
            for reading in readings.into_iter().map(Pinyin::plain) {
                let Ok(number) = syllables().binary_search(&reading) else { continue };
                let sound = number as u64 + 1;
                let held = (0..kept).any(|i| Self(packed).sound_bits(i) == sound);
                if kept < MOST_SOUNDS && !held && sound < 1 << SOUND_BITS {
                    packed |= sound << (CHAR_BITS + SOUND_BITS * kept);
                    kept += 1;
                }
            }
        }
        Self(packed)
    }

    /// The folded character.
    pub(super) fn folded(self) -> char {
        char::from_u32((self.0 & ((1 << CHAR_BITS) - 1)) as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The numbers of its syllables within [`syllables`].
    pub(super) fn sounds(self) -> impl Iterator<Item = usize> {
        (0..MOST_SOUNDS)
            .map(move |i| self.sound_bits(i))
            .take_while(|sound| *sound > 0)
            .map(|s| s as usize - 1)
    }

    /// What sort of character it is.
    pub(super) fn class(self) -> Class {
        class(self.folded())
    }

    fn sound_bits(self, i: u32) -> u64 {
        self.0 >> (CHAR_BITS + SOUND_BITS * i) & ((1 << SOUND_BITS) - 1)
    }
}

/// Full-width forms become ordinary, capitals small, `ü` becomes `v` as it is typed, dashes become one dash.
pub(super) fn fold(written: char) -> char {
    let plain = match written {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(written) - 0xFEE0).unwrap_or(written),
        '\u{3000}' => ' ',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        _ => written,
    };
    match plain.to_lowercase().next().unwrap_or(plain) {
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
        small => small,
    }
}

/// What sort a folded character is.
pub(super) fn class(folded: char) -> Class {
    match folded {
        '0'..='9' => Class::Digit,
        'a'..='z' => Class::Letter,
        '-' | '#' | '+' | '&' => Class::Other,
        _ if folded.is_whitespace() || folded.is_ascii_punctuation() || folded.is_control() => {
            Class::Separator
        }
        '·' | '・' | '、' | '。' | '《' | '》' | '「' | '」' | '【' | '】' | '〔' | '〕' | '’' | '‘'
        | '“' | '”' | '…' => Class::Separator,
        _ if folded.is_alphabetic() && u32::from(folded) < 0x2E80 => Class::Letter,
        _ if folded.is_numeric() && u32::from(folded) < 0x2E80 => Class::Digit,
        _ => Class::Other,
    }
}

/// All syllables that the readings of the unified ideographs have, sorted: a little over 400.
pub(super) fn syllables() -> &'static [&'static str] {
    static SYLLABLES: OnceLock<Vec<&'static str>> = OnceLock::new();
    SYLLABLES.get_or_init(|| {
        let mut all: Vec<&'static str> = ('\u{3400}'..='\u{9FFF}')
            .chain(['〇'])
            .filter_map(|ideograph| ideograph.to_pinyin_multi())
            .flat_map(|readings| readings.into_iter().map(Pinyin::plain))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    })
}

/// Whether a typed letter stands for a letter of a syllable: `ü` is typed as `v` or as `u`.
pub(super) fn is_typed_as(letter: char, typed: char) -> bool {
    match letter {
        'ü' => typed == 'v' || typed == 'u',
        'ê' => typed == 'e',
        _ => letter == typed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(written: char) -> Vec<&'static str> {
        Glyph::of(written).sounds().map(|sound| syllables()[sound]).collect()
    }

    #[test]
    fn characters_keep_all_their_readings() {
        assert!(syllables().len() < 1 << SOUND_BITS, "{}", syllables().len());
        assert_eq!(readings('府'), ["fu"]);
        for (written, both) in
            [('行', ["xing", "hang"]), ('重', ["zhong", "chong"]), ('长', ["zhang", "chang"])]
        {
            assert!(both.iter().all(|reading| readings(written).contains(reading)), "{written}");
        }
        assert_eq!(readings('绿')[0], "lü");
        assert!(readings('A').is_empty());
    }

    #[test]
    fn folding_and_classes() {
        let folded: String = "Ａ１２—Ü　号".chars().map(fold).collect();
        assert_eq!(folded, "a12-v 号");
        assert_eq!(Glyph::of('Ｚ').folded(), 'z');
        assert_eq!(
            "（1a号-é".chars().map(|c| Glyph::of(c).class()).collect::<Vec<_>>(),
            [Class::Separator, Class::Digit, Class::Letter, Class::Other, Class::Other, Class::Letter]
        );
    }
}
