//! Figures, the cases behind them, and who is on duty.

use std::task::Poll;

use serde_json::{Value, json};

use super::{Bench, bench, patrol, rubbish, step};

/// Lives of the first half of September and one of August, by two departments.
async fn filled() -> Bench {
    let bench = bench().await;
    let life = |id: &str, department: &str, reported_at: &str, steps: &[(&str, &str)]| {
        let mut report = rubbish(id);
        report["happened_at"] = json!(format!("2026-{reported_at}:00+08:00"));
        report["department"] = json!(department);
        let steps = steps.iter().map(|(name, at)| {
            let mut step = step(name);
            step["happened_at"] = json!(format!("2026-{at}:00+08:00"));
            step
        });
        json!({ "report": report, "steps": steps.collect::<Vec<_>>() })
    };
    // Four hours of work: until 14:30 of the same day where it is reported at nine.
    let issues = json!({ "issues": [
        life("in-time", "office", "09-01T09:00", &[("close_on_spot", "09-01T10:00")]),
        life("late", "office", "09-02T09:00", &[("close_on_spot", "09-02T16:00")]),
        life("open", "gardens", "09-03T09:00", &[("register", "09-03T09:10")]),
        life("void", "gardens", "09-03T09:00", &[("make_void", "09-03T09:10")]),
        life("august", "office", "08-03T09:00", &[("close_on_spot", "08-03T10:00")]),
        life("today", "gardens", "09-15T08:30", &[]),
    ] });
    bench.post("/api/v1/history", &issues).await.expect(201);
    bench
}

async fn ids(bench: &Bench, href: &Value) -> Vec<String> {
    let page = bench.get(href.as_str().expect("a link")).await.expect(200).json();
    let cases = page["cases"].as_array().expect("a list");
    cases.iter().map(|case| case["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn figures_come_with_their_counts_and_what_was_before() {
    let bench = filled().await;
    let answer = bench.get("/api/v1/indicators?period=month").await.expect(200).json();
    assert_eq!(answer["period"]["from"], "2026-08-31T16:00:00Z");
    assert!(answer["as_of"].as_str().is_some_and(|at| at.starts_with("2026-09-15T02:00:")));
    let figures = &answer["groups"][0]["figures"];
    assert_eq!((&answer["by"], &answer["groups"][0]["key"]), (&Value::Null, &Value::Null));
    let rate = &figures["on_time_rate"];
    assert_eq!((&rate["numerator"], &rate["denominator"]), (&json!(1), &json!(3)));
    assert_eq!(rate["previous"]["value"], 1.0);
    assert_eq!(
        rate["year_before"],
        json!({ "value": null, "numerator": 0, "denominator": 0, "change": null })
    );
    // One hour and seven.
    assert_eq!(figures["median_time_to_close"]["value"], 4.0 * 3_600.0);
    assert_eq!(figures["reported"]["value"], 5);
    assert_eq!(figures["reported"]["previous"], json!({ "value": 1, "change": 4.0 }));
    assert_eq!(figures["due_today"]["value"], 1);
    assert_eq!(figures["due_within_two_hours"]["value"], 0);
    // Each figure is as long as the list behind it.
    for (name, figure) in figures.as_object().expect("figures") {
        let count = figure.get("denominator").or(figure.get("of")).unwrap_or(&figure["value"]);
        assert_eq!(ids(&bench, &figure["cases"]).await.len() as u64, *count, "{name}");
    }
    assert_eq!(ids(&bench, &figures["overdue"]["cases"]).await, ["open"]);
    assert_eq!(ids(&bench, &figures["on_time_rate"]["cases"]).await, ["in-time", "late", "open"]);
}

#[tokio::test]
async fn figures_are_split_filtered_and_follow_what_is_written() {
    let bench = filled().await;
    let split = bench.get("/api/v1/indicators?by=department").await.expect(200).json();
    let keys: Vec<&Value> =
        split["groups"].as_array().expect("groups").iter().map(|group| &group["key"]).collect();
    assert_eq!(keys, ["gardens", "office"]);
    let gardens = &split["groups"][0]["figures"];
    assert_eq!((&gardens["reported"]["value"], &gardens["open"]["value"]), (&json!(3), &json!(2)));
    assert_eq!(ids(&bench, &gardens["open"]["cases"]).await, ["open", "today"]);
    let none = bench.get("/api/v1/indicators?grid=&department=office").await.expect(200).json();
    assert_eq!(none["groups"][0]["figures"]["closed"]["value"], 2);

    bench.step("today", 1, &step("close_on_spot")).await.expect(200);
    let after = bench.get("/api/v1/indicators").await.expect(200).json();
    assert_eq!(after["groups"][0]["figures"]["closed"]["value"], 3);
    assert_eq!(after["event_id"].as_u64(), Some(bench.app.store.last_event().await.expect("a number")));
    // As it was an hour ago, the day before yesterday's knowledge included.
    let before = bench.get("/api/v1/indicators?as_of=2026-09-15T01:00:00Z").await.expect(200).json();
    assert_eq!(before["groups"][0]["figures"]["closed"]["value"], 2);
}

#[tokio::test]
async fn a_question_waits_for_the_warming_and_nothing_is_counted_twice() {
    let bench = filled().await;
    let app = bench.app.clone();
    let mut warming = Box::pin(app.ledger.warm(&*app.store));
    // It has begun, and does not go on while nobody drives it.
    let begun =
        std::future::poll_fn(|context| Poll::Ready(warming.as_mut().poll(context).is_pending())).await;
    assert!(begun);
    let mut question = Box::pin(bench.get("/api/v1/indicators"));
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut question).await;
    assert!(early.is_err(), "it is answered before everything is in");
    tokio::join!(warming, async {
        let figures = question.await.expect(200).json()["groups"][0]["figures"].clone();
        assert_eq!(figures["reported"]["value"], 5);
    });
    // Given up in the middle, again and again: the next question finds everything once.
    for round in 0..20 {
        bench.post("/api/v1/issues", &rubbish(&format!("more-{round}"))).await.expect(201);
        let mut given_up = Box::pin(app.ledger.warm(&*app.store));
        let _wherever =
            tokio::time::timeout(std::time::Duration::from_micros(100 * round), &mut given_up).await;
        drop(given_up);
        let figures =
            bench.get("/api/v1/indicators").await.expect(200).json()["groups"][0]["figures"].clone();
        assert_eq!(figures["reported"]["value"], 6 + round);
    }
}

#[tokio::test]
async fn cases_come_in_pages_that_agree() {
    let bench = filled().await;
    let mut href = json!("/api/v1/indicators/reported/cases?limit=2");
    let mut seen = Vec::new();
    for round in 0.. {
        seen.extend(ids(&bench, &href).await);
        let page = bench.get(href.as_str().expect("a link")).await.expect(200).json();
        assert_eq!(page["number_matched"], 5);
        // What is reported meanwhile is none of the cases that were counted.
        bench.post("/api/v1/issues", &rubbish(&format!("new-{round}"))).await.expect(201);
        href = page["next"].clone();
        if href.is_null() {
            break;
        }
    }
    assert_eq!(seen, ["in-time", "late", "open", "void", "today"]);
    bench.get("/api/v1/indicators/happiness/cases").await.expect(404);
    bench.get("/api/v1/indicators?by=colour").await.expect(400);
}

#[tokio::test]
async fn who_is_on_duty_and_who_is_seen() {
    let bench = bench().await;
    let shift =
        |from: &str| json!({ "from": format!("2026-09-15T{from}:00Z"), "to": "2026-09-15T09:00:00Z" });
    for (id, from) in
        [("present", "00:00"), ("silent", "00:00"), ("never", "00:00"), ("new", "01:59"), ("later", "06:00")]
    {
        let mut patrol = patrol();
        patrol["duty"] = shift(from);
        bench.put(&format!("/api/v1/patrols/{id}"), &patrol).await.expect(201);
    }
    bench.put("/api/v1/patrols/free", &patrol()).await.expect(201);
    let positions = json!([
        super::position("present", "2026-09-15T01:59:00Z", 118.87),
        super::position("silent", "2026-09-15T01:00:00Z", 118.87),
        super::position("never", "2026-09-14T09:00:00Z", 118.87),
    ]);
    bench.post("/api/v1/positions", &positions).await.expect(200);
    let duty = bench.get("/api/v1/duty?silent_after_secs=600").await.expect(200).json();
    assert_eq!(duty["share"], json!({ "value": 0.25, "numerator": 1, "denominator": 4 }));
    for (list, id) in
        [("present", "present"), ("silent", "silent"), ("never_started", "never"), ("expected", "new")]
    {
        assert_eq!(duty[list].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(duty[list][0]["id"], id);
        assert!(duty[list][0].get("name").is_none(), "by id, without the name");
    }
    let patient = bench.get("/api/v1/duty?silent_after_secs=7200").await.expect(200).json();
    assert_eq!((&patient["share"]["numerator"], &patient["silent"]), (&json!(2), &json!([])));
    bench.get("/api/v1/duty?silent_after_secs=soon").await.expect(400);
}

#[tokio::test]
async fn who_is_silent_and_had_no_charge_left_is_out_of_battery() {
    let bench = bench().await;
    let mut on_duty = patrol();
    on_duty["duty"] = json!({ "from": "2026-09-15T00:00:00Z", "to": "2026-09-15T09:00:00Z" });
    let mut positions = Vec::new();
    for (id, at, percent) in
        [("seen", "01:59", 3.0), ("flat", "01:00", 5.0), ("low", "01:00", 12.0), ("untold", "01:00", 0.0)]
    {
        bench.put(&format!("/api/v1/patrols/{id}"), &on_duty).await.expect(201);
        let mut position = super::position(id, &format!("2026-09-15T{at}:00Z"), 118.87);
        if id != "untold" {
            position["fix"]["battery_percent"] = json!(percent);
        }
        positions.push(position);
    }
    bench.post("/api/v1/positions", &json!(positions)).await.expect(200);
    let lists = async |query: &str| {
        let duty = bench.get(&format!("/api/v1/duty{query}")).await.expect(200).json();
        let ids = |list: &str| -> Vec<String> {
            let listed = duty[list].as_array().expect("a list").iter();
            listed.map(|entry| entry["id"].as_str().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(ids("present"), ["seen"]);
        (ids("silent"), ids("out_of_battery"), duty)
    };
    let (silent, flat, duty) = lists("").await;
    assert_eq!((silent.join(" "), flat.join(" ")), ("low untold".into(), "flat".into()));
    assert_eq!(duty["out_of_battery_percent"], 5.0);
    assert_eq!(duty["out_of_battery"][0]["battery_percent"], 5.0);
    assert_eq!((&duty["share"]["numerator"], &duty["share"]["denominator"]), (&json!(1), &json!(4)));
    let (silent, flat, _) = lists("?out_of_battery_percent=12.5").await;
    assert_eq!((silent.join(" "), flat.join(" ")), ("untold".into(), "flat low".into()));
    for wrong in ["full", "-1", "101", "NaN"] {
        bench.get(&format!("/api/v1/duty?out_of_battery_percent={wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn nobody_on_duty_is_no_share() {
    let duty = bench().await.get("/api/v1/duty").await.expect(200).json();
    assert_eq!(duty["share"], json!({ "value": null, "numerator": 0, "denominator": 0 }));
}
