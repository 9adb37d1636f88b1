//! Logging in by account, before our own server: whoever is shut out waits, and what was masked is read anew.

use std::time::{Duration, Instant};

use yunfushan::feed::{Clerk, Entry, Errand, ErrandError, Me, MeKind, Outcome, Secret};
use yunfushan::governance::{FeedState, IssueId, PatrolId, Post, Role};
use yunfushan::server::{Accounts, Config, NewPerson, start};

use super::watch::{Watch, config};
use crate::server::client::{Client, TOKEN, issue, patrol};

const PASSWORD: &str = "a long enough password";

fn outcome(clerk: &Clerk, errand: Errand) -> Result<Outcome, ErrandError> {
    assert!(clerk.send(errand), "there is room");
    let start = Instant::now();
    loop {
        if let Some(report) = clerk.reports().pop() {
            return report.outcome;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "nothing comes of it");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn entry(account: &str, secret: &str, new_password: Option<&str>) -> Errand {
    Errand::LogIn(Entry {
        account: account.into(),
        secret: Secret(secret.into()),
        new_password: new_password.map(|new| Secret(new.into())),
    })
}

#[test]
fn whoever_is_shut_out_logs_in_and_reads_everything_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("login.sqlite");
    let clock = yunfushan::clock::Reading { now: "2026-09-15T02:00:00Z".parse().expect("a time"), rate: 1.0 };
    let running = start(Config {
        token: Some(TOKEN.to_owned()),
        simulated: true,
        clock: Some(clock),
        ..Config::new(file.clone())
    })
    .expect("it starts");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (client, wall, codes) = runtime.block_on(async {
        let client = Client::new(&running.url());
        client.post("/api/v1/issues", None, &issue("A-1")).await.expect("it is reported");
        assert_eq!(client.put("/api/v1/patrols/p1", &patrol("郑云")).await, 201);
        let accounts = Accounts::open(&file.clone().into()).await.expect("it opens");
        let post = |name: &str, role| Post {
            name: name.into(),
            role,
            areas: Vec::new(),
            departments: Vec::new(),
            patrol: None,
        };
        let person = NewPerson { name: None, phone: None, post: post("the desk", Role::Desk) };
        let made = accounts.import(&[person]).await.expect("imported");
        let wall = accounts.create_token(post("a wall", Role::Screen), None).await.expect("a token");
        accounts.close().await;
        (client, wall, made)
    });
    let (account, code) = (codes[0].account.clone(), codes[0].code.clone().expect("a code"));

    // A wall's token masks the name; then somebody logs in.
    let mut watch = Watch::start(config(running.url().parse().expect("an address"), &wall.1));
    let named = |name: &'static str| {
        move |situation: &yunfushan::feed::Situation| {
            let patrol = situation.patrol(&PatrolId("p1".into()));
            patrol.is_some_and(|held| held.patrol.name == name)
                && situation.issue(&IssueId("A-1".into())).is_some()
        }
    };
    watch.until("the name is masked", named("郑*"));
    let clerk = watch.feed.clerk().clone();
    let Ok(Outcome::Me(Some(me))) = outcome(&clerk, Errand::Me) else { panic!("nobody") };
    assert_eq!((me.kind, me.posts[0].role), (MeKind::Token, Role::Screen));
    assert_eq!(outcome(&clerk, entry(&account, "wrong", None)), Err(ErrandError::Unknown));
    assert_eq!(
        outcome(&clerk, entry(&account, PASSWORD, Some("short"))).map_err(|error| match error {
            ErrandError::Refused(reason) => reason.contains("10 to 200 characters"),
            _ => false,
        }),
        Err(true)
    );
    let Ok(Outcome::Me(Some(Me { kind: MeKind::Account, account: Some(known), posts }))) =
        outcome(&clerk, entry(&account, &code, Some(PASSWORD)))
    else {
        panic!("it is let in")
    };
    assert_eq!((known, posts[0].role), (account.clone(), Role::Desk));
    watch.until("the name is whole, at the same version", named("郑云"));

    // Logged out, nothing more is read; with the password it goes on.
    assert_eq!(outcome(&clerk, Errand::LogOut), Ok(Outcome::Me(None)));
    watch.until("nobody is let in", |situation| matches!(situation.feed(), FeedState::Refused { .. }));
    assert_eq!(watch.situation.issue_count(), 0, "and what was read is gone");
    runtime.block_on(client.post("/api/v1/issues", None, &issue("A-2"))).expect("it is reported");
    assert!(matches!(outcome(&clerk, entry(&account, PASSWORD, None)), Ok(Outcome::Me(Some(_)))));
    watch.until("all is there", |situation| situation.issue_count() == 2);
    watch.until_live("somebody is logged in again");
    running.stop().expect("it ends well");
}
