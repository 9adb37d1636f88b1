//! The organisation: read from the place's files, edited, and asked by every report.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Bench, bench_with, beside, request, rubbish, step};
use crate::city::{Folder, Place};
use crate::governance::organisation::{UnitKind, read_csv, read_features};
use crate::server::Config;
use crate::server::follower::Follower;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/fushan");

async fn fushan() -> Bench {
    Box::pin(bench_with(settings())).await
}

/// The settings of a server for the demo place.
fn settings() -> impl FnOnce(&mut Config) {
    let place = Place::read(&Folder(DATA.into())).expect("the demo place reads");
    let text = |name: &str| std::fs::read_to_string(format!("{DATA}/{name}")).expect("the file");
    let areas = read_features(&text("areas.geojson"), None).expect("areas");
    let stairwells = read_csv(text("stairwells.csv").as_bytes(), UnitKind::Stairwell).expect("stairwells");
    assert_eq!((areas.refused.len(), stairwells.refused.len()), (0, 0), "{:?}", areas.refused);
    |config: &mut Config| {
        config.place = Some(Arc::new(place));
        config.units = areas.units.into_iter().chain(stairwells.units).collect();
    }
}

async fn report(bench: &Bench, id: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut new = rubbish(id);
    change(&mut new);
    bench.post("/api/v1/issues", &new).await.expect(201).json()
}

#[tokio::test]
async fn a_report_gets_areas_post_and_department_and_says_why() {
    let bench = fushan().await;
    let issue = report(&bench, "A-1", |_| {}).await;
    let properties = &issue["properties"];
    assert_eq!(properties["areas"]["community"].as_str().map(str::len), Some(12), "{issue}");
    assert_eq!(properties["areas"]["grid"].as_str().map(str::len), Some(15));
    assert!(properties["responsible"].is_string());
    let decided: Vec<&str> =
        properties["decided"].as_array().expect("reasons").iter().filter_map(Value::as_str).collect();
    assert_eq!(decided.first(), Some(&"place_given"));
    assert!(decided.contains(&"areas_by_place") && decided.contains(&"department_by_class"), "{decided:?}");

    // Outside every area it is flagged, not dropped.
    let issue = report(&bench, "A-2", |new| new["place"] = json!({"lon": 118.0, "lat": 28.0})).await;
    let decided = issue["properties"]["decided"].to_string();
    assert!(decided.contains("outside_every_area") && decided.contains("responsible_unknown"), "{decided}");
}

#[tokio::test]
async fn an_address_is_placed_where_it_is_sure_and_waits_where_it_is_not() {
    let bench = fushan().await;
    let by_words = |address: &str| {
        let address = address.to_owned();
        move |new: &mut Value| {
            new["address"] = json!(address);
            new.as_object_mut().expect("an object").remove("place");
        }
    };
    let issue = report(&bench, "A-1", by_words("衢州市柯城区蛟池街140号 2单元")).await;
    assert_eq!(issue["properties"]["building"], "fs-01443", "{issue}");
    assert!(issue["geometry"]["coordinates"][0].is_number());
    assert!(issue["properties"]["decided"].to_string().contains("place_by_address"));

    let unsure = "老供销社后面那条弄堂";
    let issue = report(&bench, "A-2", by_words(unsure)).await;
    assert_eq!(issue["geometry"], Value::Null);
    assert!(issue["properties"]["decided"].to_string().contains("place_unknown"));

    // Somebody places it; from then on the same words are known.
    let mut locate = step("locate");
    locate["location"] = json!({"place": {"lon": 118.8735, "lat": 28.9655}, "building": "fs-01443"});
    let placed = bench.step("A-2", 1, &locate).await.expect(200).json();
    assert_eq!(placed["geometry"]["coordinates"], json!([118.8735, 28.9655]));
    assert_eq!(placed["properties"]["areas"]["grid"].as_str().map(str::len), Some(15));
    let (responsible, decided) =
        (&placed["properties"]["responsible"], placed["properties"]["decided"].to_string());
    assert!(responsible.is_string() && decided.contains("responsible_by_"), "{placed}");
    assert!(!decided.contains("unknown"), "{decided}");
    let again = report(&bench, "A-3", by_words("老供销社 后面那条弄堂")).await;
    assert_eq!(again["geometry"], placed["geometry"]);
    assert!(again["properties"]["decided"].to_string().contains("place_by_correction"));

    let found =
        bench.get(&format!("/api/v1/addresses?q={}", urlencoded("蛟池街142号"))).await.expect(200).json();
    let confidence = found["features"][0]["properties"]["confidence"].as_f64().expect("a confidence");
    assert!((0.3..1.0).contains(&confidence), "{found}");
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn what_is_edited_holds_at_once_and_after_a_start() {
    let bench = fushan().await;
    let grid = report(&bench, "A-1", |_| {}).await["properties"]["areas"]["grid"].clone();
    let code = grid.as_str().expect("a grid").to_owned();
    let path = format!("/api/v1/organisation/grid/{code}");
    let held = bench.get(&path).await.expect(200);
    assert_eq!(held.header("etag"), "\"1\"");
    let mut feature = held.json();
    feature["properties"]["responsible"] = json!("a new post");
    let put = |version: &'static str, body: &Value| {
        request(Method::PUT, &path, &[("if-match", version)], Some(body.to_string()))
    };
    bench.put(&path, &feature).await.expect(428);
    bench.send(put("\"7\"", &feature)).await.expect(412);
    assert_eq!(bench.send(put("\"1\"", &feature)).await.expect(200).header("etag"), "\"2\"");
    let mut wrong = feature.clone();
    wrong["properties"]["valid_to"] = json!("1999-01-01");
    bench.send(put("\"2\"", &wrong)).await.expect(422);

    let compound = report(&bench, "A-2", |_| {}).await["properties"]["areas"]["compound"].clone();
    if compound.is_null() {
        let issue = bench.get("/api/v1/issues/A-2").await.expect(200).json();
        assert_eq!(issue["properties"]["responsible"], "a new post");
    }
    // What another start reads is what was edited.
    let organisation =
        super::super::organisation::Organisation::new(None, &[], &bench.app.rules.book.calendar);
    organisation.load(&*bench.app.store).await.expect("it loads");
    let unit = organisation.standing().units[&(UnitKind::Grid, code.clone())].clone();
    assert_eq!(unit.version, 2);
    assert_eq!(unit.unit.and_then(|placed| placed.unit.responsible).as_deref(), Some("a new post"));

    let delete = |version: &str| request(Method::DELETE, &path, &[("if-match", version)], None);
    bench.send(delete("\"1\"")).await.expect(412);
    bench.send(delete("\"2\"")).await.expect(204);
    bench.get(&path).await.expect(404);
    let issue = report(&bench, "A-3", |_| {}).await;
    assert_ne!(issue["properties"]["areas"]["grid"], grid, "the grid is gone");
    // The first one keeps the areas that held when it arose.
    let first = bench.get("/api/v1/issues/A-1").await.expect(200).json();
    assert_eq!(first["properties"]["areas"]["grid"], grid);
}

#[tokio::test]
async fn a_grid_that_ended_holds_for_what_arose_before() {
    let bench = fushan().await;
    let issue = report(&bench, "A-1", |_| {}).await;
    let code = issue["properties"]["areas"]["grid"].as_str().expect("a grid").to_owned();
    let path = format!("/api/v1/organisation/grid/{code}");
    let mut feature = bench.get(&path).await.expect(200).json();
    feature["properties"]["valid_to"] = json!("2026-09-14");
    let put = request(Method::PUT, &path, &[("if-match", "\"1\"")], Some(feature.to_string()));
    bench.send(put).await.expect(200);
    let late = report(&bench, "A-2", |_| {}).await;
    assert_ne!(late["properties"]["areas"]["grid"], json!(code));
    let early = report(&bench, "A-3", |new| new["happened_at"] = json!("2026-09-14T15:00:00+08:00")).await;
    assert_eq!(early["properties"]["areas"]["grid"], json!(code));
    let on = |time: &str| format!("/collections/grids/items?limit=1000&datetime={time}");
    let codes = async |time: &str| bench.get(&on(time)).await.expect(200).json()["features"].to_string();
    assert!(codes("2026-09-14T00:00:00Z").await.contains(&code));
    assert!(!codes("2026-09-15T00:00:00Z").await.contains(&code));
}

#[tokio::test]
async fn whole_files_are_taken_or_refused_as_a_whole() {
    let bench = fushan().await;
    let post = |path: &str, media_type: &str, body: &str| {
        request(Method::POST, path, &[("content-type", media_type)], None).map(|_| body.to_owned().into())
    };
    let teams = "name,leader,compounds,departments\nT1,L,330802006C001,D\nT2,L,,\n";
    let dry = post("/api/v1/organisation/team?dry_run=true", "text/csv", teams);
    assert_eq!(bench.send(dry).await.expect(200).json()["taken"], 2);
    bench.get("/collections/teams").await.expect(404);
    let answer = bench.send(post("/api/v1/organisation/team", "text/csv; charset=utf-8", teams)).await;
    assert_eq!(answer.expect(200).json(), json!({"taken": 2}));
    let page = bench.get("/collections/teams/items").await.expect(200).json();
    assert_eq!(page["numberReturned"], 2);
    bench.get("/collections/teams/items/T1").await.expect(200);

    let bad = "building,stairwell,households\nb1,1,12\nb1,2,many\n";
    let refused =
        bench.send(post("/api/v1/organisation/stairwell", "text/csv", bad)).await.expect(422).json();
    let reason = "households is no whole number: many";
    assert_eq!(refused["refused"], json!([{"index": 1, "reason": reason}]));
    bench.get("/collections/stairwells/items/b1%2F1").await.expect(404);
    for (path, media_type, status) in [
        ("/api/v1/organisation/moon", "text/csv", StatusCode::NOT_FOUND),
        ("/api/v1/organisation/team", "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("/api/v1/organisation/grid", "application/geo+json", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(bench.send(post(path, media_type, "{")).await.status, status, "{path}");
    }
}

/// A server without a place, whose one grid ended with the 14th, with its work calendar in a zone.
async fn without_place(zone: &str) -> Bench {
    let grid = json!({
        "kind": "grid", "code": "330802006003005", "name": "5", "valid_to": "2026-09-14", "responsible": "a post",
    });
    let ring = json!([[[118.8, 28.9], [118.9, 28.9], [118.9, 29.0], [118.8, 29.0], [118.8, 28.9]]]);
    let feature = json!({ "type": "Feature", "properties": grid,
        "geometry": { "type": "Polygon", "coordinates": ring } });
    let text = json!({ "type": "FeatureCollection", "features": [feature] }).to_string();
    let zone = jiff::tz::TimeZone::get(zone).expect("a zone");
    bench_with(|config| {
        config.units = read_features(&text, None).expect("a grid").units;
        config.rulebook.calendar = config.rulebook.calendar.clone().in_zone(zone);
    })
    .await
}

#[tokio::test]
async fn days_of_validity_and_of_indicators_are_those_of_the_work_calendar() {
    // At 17:00 by UTC on the 14th it is the 15th in Shanghai and still the 14th in New York.
    for (zone, holds) in [("Asia/Shanghai", false), ("America/New_York", true)] {
        let bench = without_place(zone).await;
        let issue = report(&bench, "A-1", |new| new["happened_at"] = json!("2026-09-14T17:00:00Z")).await;
        assert_eq!(issue["properties"]["areas"]["grid"].is_string(), holds, "{zone}: {issue}");
        let listed = bench.get("/collections/grids/items?datetime=2026-09-14T17:00:00Z").await.expect(200);
        assert_eq!(listed.json()["numberReturned"], u8::from(holds), "{zone}");
        let areas = bench.get("/collections/areas/items?datetime=2026-09-14T17:00:00Z").await.expect(200);
        assert_eq!(areas.json()["numberReturned"], u8::from(holds), "{zone}");
        let day = bench.get("/api/v1/indicators?period=day&as_of=2026-09-15T01:00:00Z").await.expect(200);
        let from = if holds { "2026-09-14T04:00:00Z" } else { "2026-09-14T16:00:00Z" };
        assert!(day.json().to_string().contains(from), "{zone}: {}", day.json());
    }
}

#[tokio::test]
async fn the_demo_place_has_departments_task_groups_teams_and_linked_party_members() {
    let bench = bench_with(|config| {
        let table = |name: &str, kind| {
            let read = read_csv(&std::fs::read(format!("{DATA}/{name}")).expect("the file"), kind);
            read.expect("a table").units
        };
        config.units = table("departments.csv", UnitKind::Department);
        config.units.extend(table("teams.csv", UnitKind::Team));
        config.units.extend(table("stairwells.csv", UnitKind::Stairwell));
    })
    .await;
    let all = async |kind: &str| {
        let path = format!("/collections/{kind}/items?limit=10000");
        let page = bench.get(&path).await.expect(200).json();
        page["features"].as_array().expect("features").clone()
    };
    let departments = all("departments").await;
    let of = |sort: &str| departments.iter().filter(|unit| unit["properties"]["sort"] == sort).count();
    assert!(of("office") >= 10 && of("task_group") >= 6 && of("company") >= 5, "{departments:?}");
    let group = departments.iter().find(|unit| unit["properties"]["sort"] == "task_group").expect("one");
    assert!(departments.iter().any(|unit| unit["id"] == group["properties"]["parent"]), "{group}");
    let teams = all("teams").await;
    assert!(
        teams
            .iter()
            .all(|team| team["properties"]["compounds"].as_array().is_some_and(|list| !list.is_empty()))
    );
    assert!((4..=8).contains(&teams.len()), "{teams:?}");
    let stairwells = all("stairwells").await;
    let linked =
        stairwells.iter().filter(|unit| unit["properties"]["party_members"][0]["households"][0].is_string());
    assert!(linked.count() > 500);
}

/// Where servers share a database, what one of them edits holds on the others.
#[tokio::test]
async fn what_one_server_edits_holds_on_the_others() {
    let first = fushan().await;
    let Some(second) = Box::pin(beside(&first, settings())).await else { return };
    let code = report(&first, "A-1", |_| {}).await["properties"]["areas"]["grid"].as_str().map(str::to_owned);
    let path = format!("/api/v1/organisation/grid/{}", code.expect("a grid"));
    let mut feature = first.get(&path).await.expect(200).json();
    let put = |version: &str, body: &Value| {
        request(Method::PUT, &path, &[("if-match", version)], Some(body.to_string()))
    };
    let standing = |bench: &Bench| bench.app.rules.organisation.standing();
    let responsible = async |bench: &Bench| {
        let unit = bench.get(&path).await.expect(200);
        (unit.header("etag").to_owned(), unit.json()["properties"]["responsible"].clone())
    };
    feature["properties"]["responsible"] = json!("the first");
    first.send(put("\"1\"", &feature)).await.expect(200);
    second.follow().await;
    assert_eq!(responsible(&second).await, ("\"2\"".to_owned(), json!("the first")));

    // It goes on from there, and back.
    feature["properties"]["responsible"] = json!("the second");
    second.send(put("\"1\"", &feature)).await.expect(412);
    second.send(put("\"2\"", &feature)).await.expect(200);
    first.follow().await;
    assert_eq!(responsible(&first).await, ("\"3\"".to_owned(), json!("the second")));

    // Where nothing is new, nothing is made anew; an address that was placed by hand copies no unit.
    let before = [standing(&first), standing(&second)];
    for bench in [&first, &second] {
        bench.follow().await;
    }
    assert!(Arc::ptr_eq(&before[0], &standing(&first)) && Arc::ptr_eq(&before[1], &standing(&second)));
    let unsure = |new: &mut Value| {
        new["address"] = json!("老供销社后面那条弄堂");
        new.as_object_mut().expect("an object").remove("place");
    };
    assert_eq!(report(&first, "A-2", unsure).await["geometry"], Value::Null);
    let mut locate = step("locate");
    locate["location"] = json!({"place": {"lon": 118.8735, "lat": 28.9655}});
    first.step("A-2", 1, &locate).await.expect(200);
    second.follow().await;
    assert!(Arc::ptr_eq(&before[1].units, &standing(&second).units));
    assert!(!Arc::ptr_eq(&before[1], &standing(&second)));
    let known = report(&second, "A-3", unsure).await;
    assert_eq!(known["geometry"]["coordinates"], json!([118.8735, 28.9655]));

    // A unit that is removed is gone, and one that cannot be understood stops nothing.
    let delete = request(Method::DELETE, &path, &[("if-match", "\"3\"")], None);
    first.send(delete).await.expect(204);
    let mut transaction = first.app.store.begin().await.expect("a transaction");
    transaction.put_record("unit", "moon/1", 1, "{}", first.app.now()).await.expect("written");
    transaction.commit().await.expect("committed");
    second.follow().await;
    second.get(&path).await.expect(404);
}

/// The same while the servers run by themselves: in milliseconds by the notification, within a second without; the limit
/// is that of a machine with much else to do.
#[tokio::test]
async fn an_edit_is_in_effect_elsewhere_by_itself() {
    let first = fushan().await;
    let Some(second) = Box::pin(beside(&first, settings())).await else { return };
    let app = second.app.clone();
    let shared = app.store.shared().expect("it is shared");
    let follower = Follower::new(shared).await.expect("it begins");
    let (store, hub, rules) = (Arc::clone(&app.store), app.hub.clone(), Arc::clone(&app.rules));
    let following = tokio::spawn(follower.run(store, hub, rules, app.stop.clone()));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let team = "name,leader,compounds,departments\nT1,L,330802006C001,D\n";
    let post = request(Method::POST, "/api/v1/organisation/team", &[("content-type", "text/csv")], None);
    first.send(post.map(|_| team.to_owned().into())).await.expect(200);
    let began = std::time::Instant::now();
    let key = (UnitKind::Team, "T1".to_owned());
    while !app.rules.organisation.standing().units.contains_key(&key) {
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "it is not told");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    println!("an edit is in effect on another server after {:?}", began.elapsed());
    app.stop.cancel();
    following.await.expect("it ends");
}
