//! Counting: all courses or those that are wanted, together or split by something they have.

use std::collections::BTreeMap;

use super::{Course, Facts, Figure, Value, View, Word};
use crate::governance::Source;

/// Which company runs which compound, by the compound's code.
pub type Companies = BTreeMap<String, Word>;

/// By what figures are split or filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// `scheme/kind/code`.
    Class,
    /// The code of the community.
    Community,
    /// The code of the grid.
    Grid,
    /// The code of the compound.
    Compound,
    /// Who has the lead.
    Department,
    /// The property company of the compound.
    PropertyCompany,
    /// The post that answers for it.
    Officer,
    /// How it came.
    Source,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 8] = [
        Self::Class,
        Self::Community,
        Self::Grid,
        Self::Compound,
        Self::Department,
        Self::PropertyCompany,
        Self::Officer,
        Self::Source,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Community => "community",
            Self::Grid => "grid",
            Self::Compound => "compound",
            Self::Department => "department",
            Self::PropertyCompany => "property_company",
            Self::Officer => "officer",
            Self::Source => "source",
        }
    }

    /// What an issue has in this dimension; `None` if it has nothing.
    pub fn key(self, facts: &Facts, companies: &Companies) -> Option<Word> {
        match self {
            Self::Class => Some(Word::clone(&facts.class)),
            Self::Community => facts.community.clone(),
            Self::Grid => facts.grid.clone(),
            Self::Compound => facts.compound.clone(),
            Self::Department => facts.department.clone(),
            Self::PropertyCompany => companies.get(facts.compound.as_deref()?).cloned(),
            Self::Officer => facts.officer.clone(),
            Self::Source => Some(Word::from(source_name(facts.source))),
        }
    }
}

/// As it is called on the wire.
const fn source_name(source: Source) -> &'static str {
    match source {
        Source::Patrol => "patrol",
        Source::Leader => "leader",
        Source::Hotline => "hotline",
        Source::ResidentApp => "resident_app",
        Source::PropertyCompany => "property_company",
        Source::Volunteer => "volunteer",
        Source::Sensor => "sensor",
        Source::Transfer => "transfer",
    }
}

/// Which courses are wanted: in each of these dimensions this key, and nothing where the key is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted(pub Vec<(Dimension, String)>);

impl Wanted {
    /// Whether an issue with these facts is wanted.
    pub fn takes(&self, facts: &Facts, companies: &Companies) -> bool {
        self.0.iter().all(|(dimension, key)| {
            dimension.key(facts, companies).as_deref().unwrap_or_default() == key.as_str()
        })
    }
}

/// What was counted of one group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    counts: [u64; Figure::ALL.len()],
    /// How long each of those closed in the window took.
    took_secs: Vec<i64>,
}

impl Tally {
    /// What a figure comes to.
    pub fn value(&self, figure: Figure) -> Value {
        let count = |figure: Figure| self.counts[figure as usize];
        match figure {
            Figure::OnTimeRate => {
                let (numerator, denominator) = (count(Figure::ClosedOnTime), count(Figure::Due));
                let value = (denominator > 0).then(|| numerator as f64 / denominator as f64);
                Value::Ratio { value, numerator, denominator }
            }
            Figure::MedianTimeToClose => {
                Value::Median { value: median(&self.took_secs), of: self.took_secs.len() as u64 }
            }
            figure => Value::Count { value: count(figure) },
        }
    }
}

/// The middle one, of an even number the mean of the middle two. The numbers are in order.
fn median(sorted: &[i64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some(f64::midpoint(lower as f64, upper as f64))
}

/// Counts the courses that are wanted, split by a dimension or all under `None`.
///
/// What an issue has in a dimension is what it had at the moment of the view.
pub fn tally<'a>(
    courses: impl IntoIterator<Item = &'a Course>,
    view: &View,
    by: Option<Dimension>,
    wanted: &Wanted,
    companies: &Companies,
) -> BTreeMap<Option<Word>, Tally> {
    let mut groups: BTreeMap<Option<Word>, Tally> = BTreeMap::new();
    for course in courses {
        let Some(standing) = course.at(view.moment) else { continue };
        let facts = &standing.last.facts;
        if !wanted.takes(facts, companies) {
            continue;
        }
        let Some((marks, took)) = view.marks(course) else { continue };
        let group = groups.entry(by.and_then(|dimension| dimension.key(facts, companies))).or_default();
        for figure in Figure::ALL.into_iter().filter(|figure| figure.counted() == *figure) {
            group.counts[figure as usize] += u64::from(marks.has(figure));
        }
        group.took_secs.extend(took);
    }
    for group in groups.values_mut() {
        group.took_secs.sort_unstable();
    }
    groups
}

/// The cases behind a figure, in the order of the courses.
pub fn cases<'a>(
    courses: impl IntoIterator<Item = &'a Course>,
    view: &View,
    figure: Figure,
    wanted: &Wanted,
    companies: &Companies,
) -> impl Iterator<Item = &'a Course> {
    courses.into_iter().filter(move |course| {
        course.at(view.moment).is_some_and(|standing| wanted.takes(&standing.last.facts, companies))
            && view.marks(course).is_some_and(|(marks, _)| marks.has(figure))
    })
}
