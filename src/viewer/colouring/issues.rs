//! By open issues: how many there are at a building, as its card lists them.

use super::scale::{Class, Name, Scale};
use super::sites::Site;
use super::{Colouring, News, Note, NoteValue, Touched, tone};
use crate::city::{BuildingRef, City};

/// Where classes begin.
const BREAKS: [f32; 4] = [1.0, 2.0, 3.0, 5.0];

/// By open issues.
pub(super) struct ByIssues {
    scale: Scale,
    /// Open issues of each building.
    open: Vec<u16>,
    /// Open issues that are at no building.
    elsewhere: u32,
}

impl ByIssues {
    pub(super) fn new() -> Self {
        let colors = tone::ramp_above_zero(&tone::RED, BREAKS.len());
        let name = |from: Option<f32>, to: Option<f32>| match (from.unwrap_or(0.0), to) {
            (from, Some(to)) if to - from <= 1.0 => Name::Count(from as u32),
            // The last number of a class, not the first of the next.
            (from, Some(to)) => Name::Between(from, to - 1.0),
            (from, None) => Name::From(from),
        };
        Self { scale: Scale::of_numbers(&BREAKS, colors, name), open: Vec::new(), elsewhere: 0 }
    }

    /// Counts an issue in or out; tells its building.
    fn count(&mut self, site: Option<Site>, is_in: bool) -> Option<u32> {
        let site = site.filter(|site| site.is_open)?;
        let step = |count: u32| if is_in { count.saturating_add(1) } else { count.saturating_sub(1) };
        let held = site.building.and_then(|building| Some((building, self.open.get_mut(building as usize)?)));
        let Some((building, held)) = held else {
            self.elsewhere = step(self.elsewhere);
            return None;
        };
        *held = step(u32::from(*held)).min(u32::from(u16::MAX)) as u16;
        Some(building)
    }
}

impl Colouring for ByIssues {
    fn scale(&self) -> &Scale {
        &self.scale
    }

    fn class(&self, building: BuildingRef<'_>) -> Class {
        self.scale.class(self.open.get(building.index().0 as usize).copied().unwrap_or(0).into())
    }

    fn begin(&mut self, city: &City) {
        self.open = vec![0; city.len()];
        self.elsewhere = 0;
    }

    fn follow(&mut self, news: &News<'_>) -> Touched {
        let mut touched = Vec::new();
        for change in news.issues {
            touched.extend(self.count(change.before, false));
            touched.extend(self.count(change.after, true));
        }
        if news.issues.is_empty() { Touched::Nothing } else { Touched::Some(touched) }
    }

    fn notes(&self) -> Vec<Note> {
        if self.elsewhere == 0 {
            return Vec::new();
        }
        vec![Note {
            key: "colouring-issues-elsewhere",
            values: vec![("n", NoteValue::Count(self.elsewhere))],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_counted_where_they_are_while_they_are_open() {
        let mut colouring = ByIssues { open: vec![0; 3], ..ByIssues::new() };
        let site = |building| Site { building, place: None, is_open: true, reported_secs: 0 };
        assert_eq!(colouring.count(Some(site(Some(2))), true), Some(2));
        assert_eq!(colouring.count(Some(site(Some(2))), true), Some(2));
        assert_eq!(colouring.count(Some(site(None)), true), None);
        assert_eq!(colouring.count(Some(Site { is_open: false, ..site(Some(1)) }), true), None);
        assert_eq!((colouring.open.as_slice(), colouring.elsewhere), ([0, 0, 2].as_slice(), 1));
        assert_eq!(colouring.count(Some(site(Some(2))), false), Some(2));
        assert_eq!(colouring.open, [0, 0, 1]);
        let names: Vec<Name> = colouring.scale.classes.iter().map(|(_, name)| *name).collect();
        let wanted =
            [Name::Count(0), Name::Count(1), Name::Count(2), Name::Between(3.0, 4.0), Name::From(5.0)];
        assert_eq!(names, wanted);
    }

    #[test]
    fn no_issue_is_told_from_one() {
        let colors: Vec<_> = ByIssues::new().scale.classes.iter().map(|(color, _)| *color).collect();
        let (apart, a, b) = tone::tests::smallest_difference(&colors);
        assert!(apart > 0.05, "{apart} between {a} and {b} of {colors:?}");
    }
}
