//! Which issues are asked for, and how that is said in SQL.

use jiff::Timestamp;
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::Interval;
use crate::governance::wire::word;
use crate::governance::{ClassCode, Issue, Source, State, Urgency};

/// Which issues, beyond box and time. What is empty or `None` asks for nothing; the rest must hold together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::server) struct IssueFilter {
    /// These, by id.
    pub(in crate::server) ids: Vec<String>,
    /// In one of these states.
    pub(in crate::server) states: Vec<State>,
    /// Of one of these classes, each as [`class_key`] writes it.
    pub(in crate::server) classes: Vec<String>,
    /// As pressing as one of these.
    pub(in crate::server) urgencies: Vec<Urgency>,
    /// Come by one of these ways.
    pub(in crate::server) sources: Vec<Source>,
    /// In one of these communities.
    pub(in crate::server) communities: Vec<String>,
    /// In one of these governance grids.
    pub(in crate::server) grids: Vec<String>,
    /// In one of these compounds.
    pub(in crate::server) compounds: Vec<String>,
    /// With one of these departments in the lead.
    pub(in crate::server) departments: Vec<String>,
    /// Reported then.
    pub(in crate::server) reported: Option<Interval>,
    /// Closed then.
    pub(in crate::server) closed: Option<Interval>,
    /// Whether overdue at that time, as [`Issue::is_overdue`] says it.
    pub(in crate::server) overdue: Option<(bool, Timestamp)>,
    /// To be closed before that time, and its clock runs.
    pub(in crate::server) due_before: Option<Timestamp>,
    /// With these words in title, description or address.
    pub(in crate::server) words: Option<String>,
}

/// A class as one word: `scheme-kind-code`.
pub(in crate::server) fn class_key(class: &ClassCode) -> String {
    format!("{}-{}-{}", class.scheme, class.kind, class.code)
}

/// The columns of words that are only there to be asked by; `due_at` is one more.
pub(super) const FILTER_COLUMNS: [&str; 8] =
    ["state", "class", "urgency", "source", "community", "grid", "compound", "department"];

/// What stands in [`FILTER_COLUMNS`], and the deadline in milliseconds.
pub(super) fn filter_values(issue: &Issue) -> ([Option<String>; 8], Option<i64>) {
    let words = [
        Some(issue.state.name().to_owned()),
        Some(class_key(&issue.class)),
        Some(word(issue.urgency)),
        Some(word(issue.source)),
        issue.areas.community.clone(),
        issue.areas.grid.clone(),
        issue.areas.compound.clone(),
        issue.department.clone(),
    ];
    (words, issue.due_at.map(Timestamp::as_millisecond))
}

/// The issues of table `i` that the filter asks for; its words are the business of each database.
pub(super) fn push_filter<DB>(query: &mut QueryBuilder<DB>, filter: &IssueFilter)
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    push_any(query, "id", filter.ids.iter().cloned());
    push_any(query, "state", filter.states.iter().map(|state| state.name().to_owned()));
    push_any(query, "class", filter.classes.iter().cloned());
    push_any(query, "urgency", filter.urgencies.iter().map(word));
    push_any(query, "source", filter.sources.iter().map(word));
    push_any(query, "community", filter.communities.iter().cloned());
    push_any(query, "grid", filter.grids.iter().cloned());
    push_any(query, "compound", filter.compounds.iter().cloned());
    push_any(query, "department", filter.departments.iter().cloned());
    push_interval(query, "reported_at", filter.reported);
    push_interval(query, "closed_at", filter.closed);
    if let Some((is_overdue, now)) = filter.overdue {
        // Without a deadline nothing is overdue, so what is NULL counts as not.
        query.push(if is_overdue { " AND (" } else { " AND NOT (i.due_at IS NOT NULL AND " });
        push_running(query);
        query.push(" AND i.due_at < ").push_bind(now.as_millisecond()).push(")");
    }
    if let Some(time) = filter.due_before {
        query.push(" AND ");
        push_running(query);
        query.push(" AND i.due_at < ").push_bind(time.as_millisecond());
    }
}

/// That the clock of an issue runs: it is open and not suspended.
fn push_running<DB: Database>(query: &mut QueryBuilder<DB>) {
    let standing = State::ALL.into_iter().filter(|state| !state.is_open() || *state == State::Suspended);
    query.push("i.state NOT IN (");
    for (index, state) in standing.enumerate() {
        query.push(if index == 0 { "'" } else { ", '" }).push(state.name()).push("'");
    }
    query.push(")");
}

fn push_any<DB>(query: &mut QueryBuilder<DB>, column: &str, values: impl Iterator<Item = String>)
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut values = values.peekable();
    if values.peek().is_none() {
        return;
    }
    query.push(" AND i.").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    query.push(")");
}

fn push_interval<DB>(query: &mut QueryBuilder<DB>, column: &str, interval: Option<Interval>)
where
    DB: Database,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    let Some(interval) = interval else { return };
    for (time, comparison) in [(interval.from, " >= "), (interval.to, " <= ")] {
        if let Some(time) = time {
            query.push(" AND i.").push(column).push(comparison).push_bind(time.as_millisecond());
        }
    }
}
