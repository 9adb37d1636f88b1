//! How a deadline came to be where it is, told from events alone.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::governance::{Actor, Event, State, Step};

/// Why an issue must be closed when it must: what it began with, and everything that has moved it since.
///
/// An issue may be suspended and extended, several times each; all of it is seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeadlineAccount {
    /// The deadline that the report set; `None` if its class has no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// Each extension (延期), in their order.
    pub extensions: Vec<Extension>,
    /// Each time that the clock stood (挂账), in their order.
    pub suspensions: Vec<Stop>,
    /// Each reopening (重办), with the deadline that it set, in their order.
    pub reopenings: Vec<Extension>,
    /// The deadline that holds now; while the clock stands, the one that held when it was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

/// That somebody set another deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extension {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// The deadline before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The deadline afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// That the clock stood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// Since when.
    pub since: Timestamp,
    /// Who stopped it.
    pub by: Actor,
    /// Until when; `None` while it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The deadline when it was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The deadline when it went on; that of before if the issue was made void or merged meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

impl Stop {
    /// How long the clock stood, in natural time; at `now` if it still stands.
    pub fn stood(&self, now: Timestamp) -> SignedDuration {
        self.until.unwrap_or(now).duration_since(self.since).max(SignedDuration::ZERO)
    }
}

/// Tells from the events of one issue, in their order, how its deadline came about.
pub fn account(events: &[Event]) -> DeadlineAccount {
    let mut account = DeadlineAccount::default();
    for event in events {
        let from = account.due_at;
        let to = event.due_at.or(from);
        account.due_at = to;
        let moved = || Extension { at: event.happened_at, by: event.actor.clone(), from, to };
        match event.step {
            Step::Report => account.first = event.due_at,
            Step::Extend => account.extensions.push(moved()),
            Step::Reopen => account.reopenings.push(moved()),
            Step::Suspend => {
                let by = event.actor.clone();
                account.suspensions.push(Stop { since: event.happened_at, by, until: None, from, to: None });
            }
            _ => {}
        }
        if event.state != State::Suspended
            && let Some(stop) = account.suspensions.last_mut().filter(|stop| stop.until.is_none())
        {
            (stop.until, stop.to) = (Some(event.happened_at), to);
        }
    }
    account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{Issue, Role};

    fn at(local: &str) -> Timestamp {
        format!("{local}:00+08:00").parse().expect("a valid time")
    }

    fn desk() -> Actor {
        Actor { name: "值班台".into(), role: Role::Desk }
    }

    fn event(step: Step, state: State, happened_at: &str, due_at: Option<&str>) -> Event {
        Event {
            version: 1,
            step,
            state,
            happened_at: at(happened_at),
            recorded_at: at(happened_at),
            actor: desk(),
            note: None,
            attachments: Vec::new(),
            department: None,
            helpers: None,
            due_at: due_at.map(at),
            stage_due_at: None,
            merged_into: None,
            location: None,
            bond: None,
            report: None,
        }
    }

    #[test]
    fn suspension_and_extension_are_both_seen() {
        let mut events = vec![
            event(Step::Report, State::Reported, "2026-09-15T10:00", Some("2026-09-17T17:00")),
            event(Step::Register, State::Registered, "2026-09-15T10:30", None),
            event(Step::Suspend, State::Suspended, "2026-09-15T11:00", None),
            event(Step::Note, State::Suspended, "2026-09-15T12:00", None),
        ];
        let standing = account(&events);
        assert_eq!(standing.due_at, Some(at("2026-09-17T17:00")));
        assert_eq!(standing.suspensions.len(), 1);
        assert_eq!(standing.suspensions[0].until, None);
        assert_eq!(standing.suspensions[0].stood(at("2026-09-15T15:00")), SignedDuration::from_hours(4));

        events.extend([
            event(Step::Resume, State::Registered, "2026-09-16T11:00", Some("2026-09-18T17:00")),
            event(Step::Extend, State::Registered, "2026-09-17T09:00", Some("2026-09-21T17:00")),
            event(Step::Suspend, State::Suspended, "2026-09-18T09:00", None),
            event(Step::Resume, State::Registered, "2026-09-18T10:30", Some("2026-09-21T18:30")),
            event(Step::Extend, State::Registered, "2026-09-19T09:00", Some("2026-09-22T17:00")),
        ]);
        let told = account(&events);
        assert_eq!((told.first, told.due_at), (Some(at("2026-09-17T17:00")), Some(at("2026-09-22T17:00"))));
        let moved = |at_local, from, to| Extension {
            at: at(at_local),
            by: desk(),
            from: Some(at(from)),
            to: Some(at(to)),
        };
        let extensions = [
            moved("2026-09-17T09:00", "2026-09-18T17:00", "2026-09-21T17:00"),
            moved("2026-09-19T09:00", "2026-09-21T18:30", "2026-09-22T17:00"),
        ];
        assert_eq!(told.extensions, extensions);
        let stood: Vec<_> = told.suspensions.iter().map(|stop| stop.stood(Timestamp::MAX)).collect();
        assert_eq!(stood, [SignedDuration::from_hours(24), SignedDuration::from_mins(90)]);
        assert_eq!(told.suspensions[0].from, Some(at("2026-09-17T17:00")));
        assert_eq!(told.suspensions[0].to, Some(at("2026-09-18T17:00")));
        assert_eq!(told.reopenings, []);
    }

    #[test]
    fn what_is_made_void_while_it_is_suspended_stands_no_longer() {
        let told = account(&[
            event(Step::Report, State::Reported, "2026-09-15T10:00", None),
            event(Step::Register, State::Registered, "2026-09-15T10:30", None),
            event(Step::Suspend, State::Suspended, "2026-09-15T11:00", None),
            event(Step::MakeVoid, State::Void, "2026-09-15T13:00", None),
            event(Step::Reopen, State::Registered, "2026-09-16T09:00", Some("2026-09-17T09:00")),
        ]);
        assert_eq!((told.first, told.due_at), (None, Some(at("2026-09-17T09:00"))));
        assert_eq!(told.suspensions[0].until, Some(at("2026-09-15T13:00")));
        assert_eq!(told.suspensions[0].to, None);
        assert_eq!((told.reopenings.len(), told.extensions.len()), (1, 0));
        assert_eq!(account(&[]), DeadlineAccount::default());
    }

    #[test]
    fn the_account_ends_where_the_issue_stands() {
        use crate::governance::rulebook::Rulebook;
        use crate::governance::{IssueHistory, IssueId, Locality, NewIssue, NewStep};

        let report: NewIssue = serde_json::from_value(serde_json::json!({
            "title": "x", "class": { "scheme": "local", "kind": "event", "code": "1" }, "source": "patrol",
            "happened_at": at("2026-09-15T10:00"), "actor": desk(),
        }))
        .expect("a report");
        let step = |step, happened_at, until: Option<&str>| NewStep {
            happened_at: Some(at(happened_at)),
            until: until.map(at),
            ..NewStep::bare(step, desk())
        };
        let steps = vec![
            step(Step::Register, "2026-09-15T10:30", None),
            step(Step::Extend, "2026-09-15T10:40", Some("2026-09-16T17:00")),
            step(Step::Suspend, "2026-09-16T11:00", None),
            step(Step::Resume, "2026-09-17T11:00", None),
        ];
        let history = IssueHistory { report, steps };
        let now = at("2026-09-20T10:00");
        let (issue, events): (Issue, _) = Rulebook::default()
            .history(IssueId("1".into()), &history, &Locality::default(), now)
            .expect("a sound history");
        let told = account(&events);
        assert_eq!((told.due_at, issue.due_at), (Some(at("2026-09-17T17:00")), told.due_at));
    }
}
