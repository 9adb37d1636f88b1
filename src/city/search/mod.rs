//! Finding a place by its name: in 汉字, in pinyin, by initials, or by any mixture of them.
//!
//! [`Query`] against [`SearchText`] is the matcher alone, for whatever changes (cases, people).
//! [`SearchIndex`] holds everything of a [`Place`] that has a name or an address; what stands still is prepared once.
//! Nothing is listed twice: a gate's label, its tower and its address are one hit.

mod address;
mod collect;
mod pool;
mod query;
mod sound;
#[cfg(test)]
mod tests;

pub use address::{AddressBook, AddressMatch, SURE as SURE_ADDRESS, normal_address};
pub use query::{Query, SearchText};

use super::building::BuildingIndex;
use super::place::Place;
use collect::{Entry, Role};
use pool::{Answer, Pool};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum HitKind {
    /// A building with a name.
    Building,
    /// An address.
    Address,
    /// A street or a lane.
    Road,
    /// 小区.
    Compound,
    /// 街道, 社区, 网格.
    Community,
    /// Labels, water, green, gates, squares, alleys, business districts.
    Place,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// What it is called.
    pub name: String,
    /// What tells it from others of its name: the address or the other name that was met, else where it lies.
    pub detail: Option<String>,
    /// `[east, north]` in local metres.
    pub at: [f64; 2],
    /// The building, where it is one.
    pub building: Option<BuildingIndex>,
    /// Which of the place's areas, where it is one.
    pub area: Option<u32>,
    /// The longer side of the box around it, in metres; 0 for a point.
    pub extent_m: f32,
    /// Higher is better.
    pub score: u32,
}

/// Everything of a place that can be looked for. About 90 bytes an entry with a name and an address.
#[derive(Debug, Default)]
pub struct SearchIndex {
    entries: Box<[Entry]>,
    /// The texts of all entries, one after the other: role and number.
    texts: Box<[(Role, u32)]>,
    pool: Pool,
}

impl SearchIndex {
    /// Gathers what a place has.
    pub fn new(place: &Place) -> Self {
        collect::collect(place)
    }

    /// How many things can be found.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        size_of_val(&*self.entries) + size_of_val(&*self.texts) + self.pool.memory_bytes()
    }

    /// The best answers, at most `limit`, best first.
    pub fn find(&self, query: &Query, limit: usize) -> Vec<Hit> {
        if query.is_empty() || limit == 0 {
            return Vec::new();
        }
        let answers = self.pool.answers(query);
        let mut found: Vec<Found> = Vec::new();
        let mut start = 0;
        for (number, entry) in self.entries.iter().enumerate() {
            let texts = self.texts.get(start..entry.texts_end as usize).unwrap_or_default();
            start = entry.texts_end as usize;
            if let Some((score, text)) = best(texts, &answers, query) {
                found.push(Found { score: score | u32::from(entry.kind as u8) << 4, number, text });
            }
        }
        if found.len() > limit {
            found.select_nth_unstable_by(limit, Found::order);
            found.truncate(limit);
        }
        found.sort_unstable_by(Found::order);
        found.iter().filter_map(|found| self.hit(*found)).collect()
    }

    fn hit(&self, found: Found) -> Option<Hit> {
        let entry = self.entries.get(found.number)?;
        let start = match found.number.checked_sub(1) {
            Some(before) => self.entries.get(before)?.texts_end as usize,
            None => 0,
        };
        let texts = self.texts.get(start..entry.texts_end as usize)?;
        let (role, text) = *texts.get(found.text)?;
        let first = |wanted: Role| texts.iter().find(|(role, _)| *role == wanted).map(|(_, text)| *text);
        let name = match role {
            Role::FullName | Role::Name => text,
            // An address of a thing without a name is its own name.
            Role::Address => first(Role::Name).unwrap_or(text),
            Role::Alias => first(Role::Name).or_else(|| first(Role::Address)).unwrap_or(text),
        };
        let detail = match role {
            Role::Address | Role::Alias if text != name => Some(text),
            _ => first(Role::Address).filter(|address| *address != name),
        };
        let detail = detail.or(Some(entry.within)).filter(|text| *text != 0 && *text != name);
        Some(Hit {
            kind: if entry.kind == HitKind::Building && first(Role::Name).is_none() {
                HitKind::Address
            } else {
                entry.kind
            },
            name: self.pool.text(name),
            detail: detail.map(|text| self.pool.text(text)),
            at: entry.at.map(f64::from),
            building: entry.building,
            area: entry.area,
            extent_m: entry.extent_m,
            score: found.score,
        })
    }
}

/// An entry that answers, and by which of its texts.
#[derive(Debug, Clone, Copy)]
struct Found {
    score: u32,
    number: usize,
    text: usize,
}

impl Found {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        other.score.cmp(&self.score).then(self.number.cmp(&other.number))
    }
}

/// The best of an entry's texts; words may be scattered over several of them.
fn best(texts: &[(Role, u32)], answers: &[Answer], query: &Query) -> Option<(u32, usize)> {
    let mut seen = 0;
    let mut best = None;
    for (i, (role, text)) in texts.iter().enumerate() {
        let Some(answer) = answers.get(*text as usize) else { continue };
        seen |= answer.seen;
        let scored = answer.score.map(|score| (score | (3 - u32::from(*role as u8)), i));
        if scored.map(|(score, _)| score) > best.map(|(score, _)| score) {
            best = scored;
        }
    }
    best.or_else(|| (seen == query.ends()).then_some((0, 0)))
}
