//! The simulator against a real server on a real port, at a high rate of the clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use yunfushan::city::{Embedded, Place};
use yunfushan::clock::Reading;
use yunfushan::generate;
use yunfushan::governance::rulebook::Rulebook;
use yunfushan::governance::wire::read_page;
use yunfushan::governance::{Actor, Issue, NewStep, Patrol, Role, Step};
use yunfushan::server::{Config, Running, start};
use yunfushan::simulation::{
    Cast, Entry, Life, Planner, Setting, SimulationConfig, SimulationError, Simulator,
};

const TOKEN: &str = "a-token-for-the-simulator";
const SEED: u64 = 1;
/// Somebody at the desk who is not simulated.
const STRANGER: &str = "值班台的人";
/// Scenario seconds a real second: ten minutes.
const RATE: f64 = 600.0;

fn begin() -> Timestamp {
    "2026-09-15T07:55:00+08:00".parse().expect("a time")
}

fn demo() -> (Arc<Place>, Cast) {
    let files = Embedded(generate::embedded());
    let place = Arc::new(Place::read(&files).expect("the demo place"));
    let cast = Cast::read(&files, &place.manifest).expect("its tables");
    (place, cast)
}

fn config(folder: &tempfile::TempDir, cast: &Cast) -> Config {
    Config {
        token: Some(TOKEN.to_owned()),
        simulated: true,
        clock: Some(Reading { now: begin(), rate: RATE }),
        rulebook: Rulebook { classes: cast.classes.clone(), ..Rulebook::default() },
        ..Config::new(folder.path().join("simulated.sqlite"))
    }
}

fn simulate(url: &str, token: &str, demo: &(Arc<Place>, Cast)) -> Simulator {
    Simulator::start(SimulationConfig {
        base_url: url.parse().expect("an address"),
        token: token.to_owned(),
        seed: SEED,
        start: Some(begin()),
        place: Arc::clone(&demo.0),
        cast: demo.1.clone(),
    })
    .expect("it starts")
}

/// What a server holds.
struct Held {
    now: Timestamp,
    issues: Vec<Issue>,
    patrols: Vec<Patrol>,
}

async fn get(url: &str, path: &str) -> Vec<u8> {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = http.get(format!("{url}{path}")).bearer_auth(TOKEN).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.bytes().await.expect("a body").to_vec()
}

async fn held(url: &str) -> Held {
    let health: Value = serde_json::from_slice(&get(url, "/health").await).expect("JSON");
    let now = health["clock"]["now"].as_str().expect("a time").parse().expect("a time");
    let issues =
        read_page::<Issue>(&get(url, "/collections/issues/items?limit=10000").await).expect("a page");
    let patrols =
        read_page::<Patrol>(&get(url, "/collections/patrols/items?limit=100").await).expect("a page");
    assert!(issues.next.is_none() && issues.refused.is_empty() && patrols.refused.is_empty());
    Held { now, issues: issues.items, patrols: patrols.items }
}

/// Waits until something holds of what the server holds.
async fn until(url: &str, what: &str, mut holds: impl FnMut(&Held) -> bool) -> Held {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let held = held(url).await;
        if holds(&held) {
            return held;
        }
        assert!(Instant::now() < end, "waited a minute for: {what}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The lives of the plan that the simulator follows, made a second time.
fn plan(demo: &(Arc<Place>, Cast)) -> BTreeMap<String, Arc<Life>> {
    let setting = Arc::new(Setting::new(Arc::clone(&demo.0), demo.1.clone()).expect("roads"));
    let mut planner = Planner::new(setting, SEED, begin());
    let mut lives = planner.history();
    lives.extend(planner.next_day().expect("a day").lives);
    lives.extend(planner.next_day().expect("another").lives);
    lives.into_iter().map(|life| (life.id.0.clone(), life)).collect()
}

fn step_of(life: &Life, number: usize) -> Option<Step> {
    match life.entry(number)?.1 {
        Entry::Report(_) => Some(Step::Report),
        Entry::Step(step) => Some(step.step),
    }
}

/// Everything is as planned: no issue that is not, none twice, no event twice or left out, none much too late.
/// `touched` has one event that is not of the plan.
async fn check(url: &str, plan: &BTreeMap<String, Arc<Life>>, held: &Held, touched: &str) {
    let slack = SignedDuration::from_mins(60);
    // What came in from another issue is an event that nobody planned.
    let own = |issue: &Issue| issue.version - issue.absorbed.len() as u64;
    let versions: BTreeMap<&str, u64> =
        held.issues.iter().map(|issue| (issue.id.0.as_str(), own(issue))).collect();
    assert_eq!(versions.len(), held.issues.len(), "an issue twice");
    for id in versions.keys() {
        assert!(plan.contains_key(*id), "{id} was never planned");
    }
    for (id, life) in plan {
        let foreign = usize::from(id == touched);
        let version = versions.get(id.as_str()).copied().unwrap_or(0) as usize - foreign;
        if let Some((next, _)) = life.entry(version) {
            assert!(next > held.now - slack, "{id}: event {version} was due at {next}");
        }
        // Whole lives are read where something happened since the start.
        let last = version.checked_sub(1).and_then(|last| life.entry(last));
        if last.is_some_and(|(at, _)| at > begin()) {
            let steps = planned_events(url, id).await;
            // Something may have happened since the snapshot.
            assert!(steps.len() >= version, "{id}: {} events, version {version}", steps.len());
            let planned: Vec<Step> = (0..steps.len()).filter_map(|number| step_of(life, number)).collect();
            assert_eq!(steps, planned, "{id}");
        }
    }
}

/// A note on an issue of which the next step is some minutes away; says which.
async fn touch(url: &str, plan: &BTreeMap<String, Arc<Life>>, held: &Held) -> String {
    let soon = held.now + SignedDuration::from_mins(15)..held.now + SignedDuration::from_mins(50);
    let issue = held.issues.iter().find(|issue| {
        let life = plan.get(&issue.id.0).expect("planned");
        issue.state.is_open() && life.entry(issue.version as usize).is_some_and(|(at, _)| soon.contains(&at))
    });
    let issue = issue.expect("something happens in the next hour");
    assert_eq!(note(url, &issue.id.0, issue.version).await, 200);
    issue.id.0.clone()
}

/// A note by somebody who is not simulated; the status of the answer.
async fn note(url: &str, id: &str, version: u64) -> u16 {
    let note = NewStep::bare(Step::Note, Actor { name: STRANGER.to_owned(), role: Role::Desk });
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = http
        .post(format!("{url}/api/v1/issues/{id}/steps"))
        .bearer_auth(TOKEN)
        .header("if-match", format!("\"{version}\""))
        .json(&note)
        .send()
        .await
        .expect("an answer");
    answer.status().as_u16()
}

/// The events of an issue, but for those of whoever is not simulated and what came in from other issues.
async fn planned_events(url: &str, id: &str) -> Vec<Step> {
    let body: Value =
        serde_json::from_slice(&get(url, &format!("/api/v1/issues/{id}/events")).await).expect("JSON");
    let events = body["events"].as_array().expect("a list").iter();
    events
        .filter(|event| event["actor"]["name"] != STRANGER && event["bond"].is_null())
        .map(|event| serde_json::from_value(event["step"].clone()).expect("a step"))
        .collect()
}

fn fix_at(held: &Held, id: &str) -> Option<Timestamp> {
    held.patrols.iter().find(|patrol| patrol.id.0 == id)?.fix.map(|fix| fix.at)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_goes_by_on_a_real_server_that_goes_away_in_between() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo();
    // Made before the clock runs: later it would be hours of the day.
    let plan = plan(&demo);
    let server: Running = start(config(&folder, &demo.1)).expect("it starts");
    let (url, addr): (String, SocketAddr) = (server.url(), server.addr);
    let begun = Instant::now();
    let simulator = simulate(&url, TOKEN, &demo);
    simulator.wait_until_ready(Duration::from_secs(60)).expect("ready");
    println!("ready after {:.2} s", begun.elapsed().as_secs_f64());

    // Ninety days lie in the store, and the map is not empty.
    let first = held(&url).await;
    println!("{} issues", first.issues.len());
    let open = first.issues.iter().filter(|issue| issue.state.is_open()).count();
    assert!(
        first.issues.len() > 2_300 && (60..=130).contains(&open),
        "{} issues, {open} open",
        first.issues.len()
    );
    assert!(first.issues.iter().all(|issue| issue.due_at.is_some()));
    assert_eq!(first.patrols.len(), 40);
    let shown = first.patrols.iter().filter(|patrol| patrol.fix.is_some()).count();
    assert!((25..40).contains(&shown), "{shown} patrols have a position");

    // Somebody else writes on an issue that the simulator is about to take further.
    let touched = touch(&url, &plan, &first).await;

    // Patrols move, something urgent comes, issues go on.
    let urgent = "S1-20260914T235500Z";
    let moved = until(&url, "an hour of the day", |held| {
        held.now > first.now + SignedDuration::from_mins(50)
            && held.issues.iter().any(|issue| issue.id.0 == urgent && issue.version > 3)
    })
    .await;
    for patrol in &moved.patrols {
        let (before, after) = (fix_at(&first, &patrol.id.0), patrol.fix.map(|fix| fix.at));
        if patrol.id.0 == "P37" {
            assert!(
                after.is_none() && patrol.is_on_duty(moved.now),
                "P37 is on the roster and never shows up"
            );
        } else if patrol.is_on_duty(moved.now) {
            assert!(after > before, "{} has not moved on", patrol.id);
        }
    }
    let places =
        |held: &Held| held.patrols.iter().map(|patrol| patrol.fix.map(|fix| fix.place)).collect::<Vec<_>>();
    let elsewhere = places(&first).iter().zip(places(&moved)).filter(|(a, b)| **a != *b).count();
    assert!(elsewhere >= 25, "{elsewhere} patrols are elsewhere");
    assert!(moved.issues.len() > first.issues.len(), "nothing new");
    check(&url, &plan, &moved, &touched).await;

    // The server goes away for a while: what was due meanwhile comes afterwards, once.
    server.stop().expect("it ends well");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let server =
        start(Config { listen: addr, clock: None, ..config(&folder, &demo.1) }).expect("it starts again");
    let back = held(&url).await.now;
    let after =
        until(&url, "positions after the restart", |held| fix_at(held, "P01").is_some_and(|at| at > back))
            .await;
    check(&url, &plan, &after, &touched).await;

    // The simulator itself goes away and comes back.
    drop(simulator);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let simulator = simulate(&url, TOKEN, &demo);
    simulator.wait_until_ready(Duration::from_secs(60)).expect("ready again");
    let back = held(&url).await.now;
    let after =
        until(&url, "positions of the second run", |held| fix_at(held, "P40").is_some_and(|at| at > back))
            .await;
    check(&url, &plan, &after, &touched).await;
    assert_eq!(simulator.failure(), None);
    drop(simulator);
    server.stop().expect("it ends well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_planned_before_somebody_elses_step_happens_after_it() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo();
    let plan = plan(&demo);
    let server: Running = start(config(&folder, &demo.1)).expect("it starts");
    let (url, addr): (String, SocketAddr) = (server.url(), server.addr);
    let simulator = simulate(&url, TOKEN, &demo);
    simulator.wait_until_ready(Duration::from_secs(60)).expect("ready");
    let before = held(&url).await;
    server.stop().expect("it ends well");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let server =
        start(Config { listen: addr, clock: None, ..config(&folder, &demo.1) }).expect("it starts again");

    // Steps were due while the server was away. Before the simulator finds it again, somebody notes something there.
    let mut noted = Vec::new();
    for issue in before.issues.iter().filter(|issue| issue.state.is_open()) {
        let life = plan.get(&issue.id.0).expect("planned");
        let was_due = life
            .entry(issue.version as usize)
            .is_some_and(|(at, _)| at < before.now + SignedDuration::from_mins(20));
        if was_due && note(&url, &issue.id.0, issue.version).await == 200 {
            noted.push(issue);
        }
    }
    println!("{} notes before the simulator was back", noted.len());
    let back = held(&url).await.now;
    until(&url, "an hour after the restart", |held| held.now > back + SignedDuration::from_mins(60)).await;
    for issue in noted {
        let life = plan.get(&issue.id.0).expect("planned");
        let steps = planned_events(&url, &issue.id.0).await;
        assert!(steps.len() as u64 > issue.version, "{}: the plan was given up", issue.id);
        let planned: Vec<Step> = (0..steps.len()).filter_map(|number| step_of(life, number)).collect();
        assert_eq!(steps, planned, "{}", issue.id);
    }
    drop(simulator);
    server.stop().expect("it ends well");
}

#[test]
fn servers_that_are_not_for_it_end_it_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo();
    let server = start(config(&folder, &demo.1)).expect("it starts");
    let refused =
        simulate(&server.url(), "a-token-that-is-wrong", &demo).wait_until_ready(Duration::from_secs(20));
    assert!(
        matches!(&refused, Err(SimulationError::Ended(reason)) if reason.contains("token")),
        "{refused:?}"
    );
    server.stop().expect("it ends well");

    let folder = tempfile::tempdir().expect("a folder");
    let real =
        start(Config { simulated: false, clock: None, ..config(&folder, &demo.1) }).expect("it starts");
    let refused = simulate(&real.url(), TOKEN, &demo).wait_until_ready(Duration::from_secs(20));
    assert!(
        matches!(&refused, Err(SimulationError::Ended(reason)) if reason.contains("--simulated")),
        "{refused:?}"
    );
    real.stop().expect("it ends well");

    // A server that is not there is waited for.
    let nobody = simulate("http://127.0.0.1:9", TOKEN, &demo);
    let waited = nobody.wait_until_ready(Duration::from_millis(700));
    assert!(matches!(waited, Err(SimulationError::NotReady(_))), "{waited:?}");
}
