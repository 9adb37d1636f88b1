//! The legend of a colouring as plain values: what is coloured, in which classes, and how many buildings each has.

use jiff::SignedDuration;

use super::speech::Speech;
use crate::viewer::colouring::{Class, ColouringKey, Colourings, Name, NoteValue, Rgb, UNKNOWN};

/// A class in the legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LegendRow {
    /// Which class.
    pub(super) class: Class,
    /// Its colour.
    pub(super) color: Rgb,
    /// What it is called.
    pub(super) label: String,
    /// How many buildings it has.
    pub(super) count: String,
}

/// What is said of a colouring.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Legend {
    /// Which one.
    pub(super) key: ColouringKey,
    /// What is coloured.
    pub(super) title: String,
    /// In what unit, over which period.
    pub(super) unit: String,
    /// Its classes, and at the end what is not known, where there is any.
    pub(super) rows: Vec<LegendRow>,
    /// How many buildings there are.
    pub(super) total: String,
    /// What else is to be known.
    pub(super) notes: Vec<String>,
    /// The class that is brought forward.
    pub(super) highlighted: Option<Class>,
}

impl Legend {
    /// The legend of what is shown.
    pub(super) fn new(colourings: &Colourings, speech: &Speech) -> Option<Self> {
        let (key, scale) = (colourings.shown()?, colourings.scale()?);
        let (counts, unknown) = colourings.counts();
        let row = |class: Class, label: String, count: u32| LegendRow {
            class,
            color: scale.color(class),
            label,
            count: grouped(count),
        };
        let counts_or_none = counts.iter().copied().chain(std::iter::repeat(0));
        let mut rows: Vec<LegendRow> = (0..)
            .zip(&scale.classes)
            .zip(counts_or_none)
            .map(|((class, (_, name)), count)| row(class, class_name(*name, speech), count))
            .collect();
        if unknown > 0 {
            rows.push(row(UNKNOWN, speech.owned(colourings.unknown_key()), unknown));
        }
        let total = grouped(counts.iter().sum::<u32>() + unknown);
        Some(Self {
            key,
            title: colouring_name(key, speech),
            unit: speech.owned(&format!("colouring-{key}-unit")),
            rows,
            total: speech.with("colouring-total", &[("n", total.into())]),
            notes: colourings
                .notes()
                .iter()
                .map(|note| {
                    let values: Vec<_> = note
                        .values
                        .iter()
                        .map(|(name, value)| match value {
                            NoteValue::Count(n) => (*name, grouped(*n).into()),
                            NoteValue::Time(at) => (*name, speech.messages.time(*at, &speech.zone).into()),
                        })
                        .collect();
                    speech.with(note.key, &values)
                })
                .collect(),
            highlighted: colourings.highlighted(),
        })
    }
}

/// What a colouring is called.
pub(super) fn colouring_name(key: ColouringKey, speech: &Speech) -> String {
    speech.owned(&format!("colouring-{key}"))
}

/// What a class is called.
fn class_name(name: Name, speech: &Speech) -> String {
    let span = |minutes: u32| speech.messages.span(SignedDuration::from_mins(i64::from(minutes)));
    let with = |key: &str, values: &[(&str, String)]| {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        speech.with(key, &values)
    };
    match name {
        Name::Uses(uses) => {
            let words: Vec<String> = uses
                .iter()
                .enumerate()
                .map(|(i, usage)| {
                    let word = speech.words.building_use(usage.word());
                    if i == 0 { word.to_owned() } else { word.to_lowercase() }
                })
                .collect();
            words.join(&speech.text("colouring-separator"))
        }
        Name::Count(count) => grouped(count),
        Name::Between(from, to) => with("colouring-between", &[("from", decimal(from)), ("to", decimal(to))]),
        Name::From(from) => with("colouring-from", &[("from", decimal(from))]),
        Name::Years(from, to) => {
            with("colouring-between", &[("from", from.to_string()), ("to", to.to_string())])
        }
        Name::Before(year) => with("colouring-years-before", &[("year", year.to_string())]),
        Name::Since(year) => with("colouring-years-since", &[("year", year.to_string())]),
        Name::WithinMinutes(minutes) => with("colouring-within", &[("span", span(minutes))]),
        Name::Minutes(from, to) => with("colouring-spans", &[("from", span(from)), ("to", span(to))]),
        Name::FromMinutes(minutes) => with("colouring-from-span", &[("span", span(minutes))]),
    }
}

/// As few decimals as the number needs, two at most.
fn decimal(number: f32) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with its thousands apart: 12,345.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use jiff::tz::TimeZone;

    fn legend(word: &str, language: Language) -> Legend {
        let mut colourings = Colourings::default();
        colourings.show(Some(word.parse().expect("a colouring")));
        Legend::new(&colourings, &Speech::new(language, TimeZone::UTC)).expect("a legend")
    }

    fn labels(word: &str, language: Language) -> Vec<String> {
        legend(word, language).rows.into_iter().map(|row| row.label).collect()
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.1, 6.0, 1.25, 0.0].map(decimal), ["0.1", "6", "1.25", "0"]);
    }

    #[test]
    fn classes_are_named_in_both_languages() {
        assert_eq!(labels("height", Language::English)[..2], ["0–6", "6–12"]);
        assert_eq!(labels("height", Language::Chinese).last().map(String::as_str), Some("100 及以上"));
        let years = labels("age", Language::English);
        assert_eq!(
            (years[0].as_str(), years[1].as_str(), years[6].as_str()),
            ("Before 1950", "1950–1979", "Since 2020")
        );
        assert_eq!(labels("issues", Language::Chinese), ["0", "1", "2", "3–4", "5 及以上"]);
        assert_eq!(labels("patrol", Language::English)[..2], ["Under 15 min", "15 min to 30 min"]);
        assert_eq!(labels("patrol", Language::Chinese)[5], "4 小时以上");
        assert_eq!(labels("use", Language::English)[1], "Commercial, market");
        assert_eq!(labels("use", Language::Chinese)[1], "商业、农贸市场");
    }

    #[test]
    fn without_a_colouring_there_is_no_legend() {
        assert_eq!(Legend::new(&Colourings::default(), &Speech::default()), None);
        let heat = legend("heat", Language::Chinese);
        assert_eq!(heat.title, "今日热力");
        assert_eq!(heat.notes, ["今日上报 0 件，按 80 米平滑"]);
        assert_eq!(heat.total, "共 0 栋");
    }
}
