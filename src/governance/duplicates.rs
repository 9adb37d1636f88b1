//! What is likely the same: issues that are open close by, reported not long ago.

use jiff::{SignedDuration, Timestamp};

use super::{ClassCode, Issue};
use crate::geo::LonLat;

/// Within so many metres something may be the same.
pub const NEAR_M: f64 = 50.0;
/// Within so many days.
pub const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An issue that a new one may be the same as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likely<'a> {
    /// The one that is known.
    pub issue: &'a Issue,
    /// How far away it is, in metres.
    pub away_m: f64,
    /// Whether it is of the same class.
    pub is_same_class: bool,
}

/// The open issues within [`NEAR_M`] and [`RECENT`], those of the same class first, then the nearer ones.
pub fn likely<'a>(
    issues: impl IntoIterator<Item = &'a Issue>,
    class: Option<&ClassCode>,
    place: LonLat,
    now: Timestamp,
) -> Vec<Likely<'a>> {
    let mut found: Vec<Likely<'a>> = issues
        .into_iter()
        .filter(|issue| issue.state.is_open() && now.duration_since(issue.reported_at) <= RECENT)
        .filter_map(|issue| {
            let away_m = issue.place?.distance_m(place);
            let is_same_class = class == Some(&issue.class);
            (away_m <= NEAR_M).then_some(Likely { issue, away_m, is_same_class })
        })
        .collect();
    found.sort_by(|a, b| b.is_same_class.cmp(&a.is_same_class).then(a.away_m.total_cmp(&b.away_m)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{IssueId, Source, State};

    #[test]
    fn near_recent_and_open_and_the_same_class_first() {
        let now: Timestamp = "2026-09-15T02:00:00Z".parse().expect("a time");
        let class = |code: &str| ClassCode { scheme: "s".into(), kind: "event".into(), code: code.into() };
        let place = LonLat::new(118.87, 28.96);
        // A ten-thousandth of a degree of latitude is eleven metres.
        let issue = |id: &str, code: &str, north: f64, days: i64| {
            let at = now - SignedDuration::from_hours(24 * days);
            let mut issue = Issue::reported(IssueId(id.into()), class(code), Source::Patrol, at);
            issue.place = Some(LonLat::new(118.87, 28.96 + north / 1e4));
            issue
        };
        let mut closed = issue("closed", "1", 0.0, 1);
        closed.state = State::Closed;
        let mut nowhere = issue("nowhere", "1", 0.0, 1);
        nowhere.place = None;
        let all = [
            issue("other", "2", 0.0, 1),
            issue("same", "1", 4.0, 6),
            issue("nearer", "1", 2.0, 0),
            issue("far", "1", 5.0, 1),
            issue("old", "1", 0.0, 8),
            closed,
            nowhere,
        ];
        let found = likely(&all, Some(&class("1")), place, now);
        let told: Vec<(&str, i64)> =
            found.iter().map(|found| (found.issue.id.0.as_str(), found.away_m.round() as i64)).collect();
        assert_eq!(told, [("nearer", 22), ("same", 44), ("other", 0)]);
    }
}
