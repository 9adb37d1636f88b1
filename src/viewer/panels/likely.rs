//! Open issues that another one is likely the same as, as lines to choose from; found once for each question.

use jiff::Timestamp;

use super::speech::Speech;
use crate::feed::Situation;
use crate::geo::LonLat;
use crate::governance::duplicates::likely;
use crate::governance::{ClassCode, IssueId};

/// So many are offered.
const MOST: usize = 4;

/// An open issue that another one may be the same as.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LikelyLine {
    pub(super) issue: IssueId,
    pub(super) words: String,
}

/// The lines for a question, kept until another is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LikelyLines<Q> {
    question: Option<Q>,
    lines: Vec<LikelyLine>,
}

impl<Q> Default for LikelyLines<Q> {
    fn default() -> Self {
        Self { question: None, lines: Vec::new() }
    }
}

impl<Q: PartialEq> LikelyLines<Q> {
    /// The lines for a question.
    pub(super) fn of(&mut self, question: Q, find: impl FnOnce() -> Vec<LikelyLine>) -> &[LikelyLine] {
        if self.question.as_ref() != Some(&question) {
            self.lines = find();
            self.question = Some(question);
        }
        &self.lines
    }
}

/// The likeliest first; `but` is no answer.
pub(super) fn find(
    situation: &Situation,
    class: Option<&ClassCode>,
    place: LonLat,
    but: Option<&IssueId>,
    now: Timestamp,
    speech: &Speech,
) -> Vec<LikelyLine> {
    let others = situation.issues().filter(|issue| Some(&issue.id) != but);
    let found = likely(others, class, place, now);
    let line = |found: &crate::governance::duplicates::Likely<'_>| LikelyLine {
        issue: found.issue.id.clone(),
        words: speech.with(
            "log-likely-line",
            &[
                ("title", found.issue.title.as_str().into()),
                ("metres", (found.away_m.round() as i64).into()),
                ("time", speech.moment(now, found.issue.reported_at).into()),
            ],
        ),
    };
    found.iter().take(MOST).map(line).collect()
}
