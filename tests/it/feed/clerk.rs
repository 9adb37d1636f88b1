//! The clerk of a feed, before our own server: what happened to an issue, a step, and what comes between.

use std::time::{Duration, Instant};

use yunfushan::feed::{Clerk, Errand, ErrandError, Outcome};
use yunfushan::governance::{Actor, IssueId, NewIssue, NewStep, Role, Step};

use super::watch::{Watch, config};
use crate::server::client::{Client, Server, TOKEN, issue};

/// Sends an errand and waits for what comes of it.
fn outcome(clerk: &Clerk, errand: Errand) -> Result<Outcome, ErrandError> {
    assert!(clerk.send(errand.clone()), "there is room");
    let start = Instant::now();
    loop {
        if let Some(report) = clerk.reports().pop() {
            assert_eq!(report.errand, errand);
            return report.outcome;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "nothing comes of {errand:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn step(step: Step, role: Role, seen: u64) -> Errand {
    let actor = Actor { name: "值班台".into(), role };
    Errand::Step { issue: IssueId("a b/1".into()), seen, step: Box::new(NewStep::bare(step, actor)) }
}

#[test]
fn steps_are_taken_once_and_whoever_was_quicker_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::spawn(&folder.path().join("clerk.sqlite"));
    let id = IssueId("q.1".into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = Client::new(&server.url);
    runtime.block_on(client.post("/api/v1/issues", None, &issue(&id.0))).expect("it is reported");
    let mut watch = Watch::start(config(server.url.parse().expect("an address"), TOKEN));
    watch.until_live("the server");
    let clerk = watch.feed.clerk().clone();
    let of = |errand| match errand {
        Errand::Step { seen, step, .. } => Errand::Step { issue: id.clone(), seen, step },
        errand => errand,
    };

    assert_eq!(outcome(&clerk, of(step(Step::Register, Role::Desk, 1))), Ok(Outcome::Taken));
    watch.until("the step is delivered like any other", |situation| {
        situation.issue(&id).is_some_and(|issue| issue.version == 2)
    });
    assert_eq!(outcome(&clerk, of(step(Step::Urge, Role::Desk, 1))), Err(ErrandError::Stale));
    let refused = outcome(&clerk, of(step(Step::Close, Role::Desk, 2)));
    let Err(ErrandError::NotAllowed { allowed }) = refused else { panic!("{refused:?}") };
    assert!(allowed.contains(&Step::Dispatch), "{allowed:?}");
    let refused = outcome(&clerk, of(step(Step::Dispatch, Role::Screen, 2)));
    assert!(matches!(refused, Err(ErrandError::Refused(_))), "a screen may not: {refused:?}");
    let told = outcome(&clerk, Errand::Events(id.clone()));
    let Ok(Outcome::Events(events)) = told else { panic!("{told:?}") };
    assert_eq!(events.iter().map(|event| event.step).collect::<Vec<_>>(), [Step::Report, Step::Register]);
    let Ok(Outcome::Classes(classes)) = outcome(&clerk, Errand::Classes) else { panic!("no classes") };
    assert!(classes.iter().all(|offer| !offer.name.is_empty() && !offer.code.code.is_empty()));
    // A report that is the same as what is known goes into it; the other one says so.
    let mut new: NewIssue = serde_json::from_value(issue("q.2")).expect("a report");
    new.id = None;
    let desk = Actor { name: "值班台".into(), role: Role::Desk };
    new.actor = desk.clone();
    let report = |into: &str| Errand::Report {
        new: Box::new(new.clone()),
        merge: Some((IssueId(into.into()), desk.clone())),
    };
    let Ok(Outcome::Reported { issue: logged, not_merged: None }) = outcome(&clerk, report(&id.0)) else {
        panic!("it is not merged")
    };
    watch.until("the other issue knows what went into it", |situation| {
        situation.issue(&id).is_some_and(|issue| issue.absorbed == [logged.clone()])
    });
    let unmerged = outcome(&clerk, report("q.9"));
    assert!(matches!(unmerged, Ok(Outcome::Reported { not_merged: Some(_), .. })), "{unmerged:?}");
    // An id that is none of ours stays one segment, and is not found.
    let unknown = outcome(&clerk, step(Step::Register, Role::Desk, 1));
    assert!(matches!(unknown, Err(ErrandError::Refused(_))), "{unknown:?}");

    server.kill();
    let lost = outcome(&clerk, of(step(Step::Dispatch, Role::Desk, 2)));
    assert!(matches!(lost, Err(ErrandError::Failed(_))), "nobody is there: {lost:?}");
}
