//! What issues are asked by: state, class, level, source, area, department, times, words.

use axum::http::Method;
use serde_json::json;

use super::{Bench, bench, request, rubbish, step};
use crate::server::running::fill_in;

async fn ids(bench: &Bench, query: &str) -> Vec<String> {
    let page = bench.get(&format!("/collections/issues/items?{query}")).await.expect(200).json();
    let features = page["features"].as_array().expect("features");
    features.iter().map(|feature| feature["id"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Three issues: A-1 plain and void, A-2 pressing and elsewhere, A-3 with words of its own.
async fn three() -> Bench {
    let bench = bench().await;
    let mut first = rubbish("A-1");
    first["happened_at"] = json!("2026-09-14T09:00:00+08:00");
    bench.post("/api/v1/issues", &first).await.expect(201);
    bench.step("A-1", 1, &step("close_on_spot")).await.expect(200);
    let mut second = rubbish("A-2");
    second["happened_at"] = json!("2026-09-14T09:00:00+08:00");
    second["urgency"] = json!("high");
    second["source"] = json!("hotline");
    second["areas"] = json!({ "community": "330802006001", "grid": "330802006001003", "compound": "c-1" });
    second["department"] = json!("城管,一中队");
    bench.post("/api/v1/issues", &second).await.expect(201);
    let mut third = rubbish("A-3");
    third["class"]["code"] = json!("06011");
    third["title"] = json!("路灯不亮");
    third["description"] = json!("北门 LED灯 三天没亮");
    third["address"] = json!("上街12号");
    bench.post("/api/v1/issues", &third).await.expect(201);
    bench
}

#[tokio::test]
async fn issues_are_asked_by_what_they_are() {
    let bench = three().await;
    for (query, expected) in [
        ("state=open", vec!["A-2", "A-3"]),
        ("state=closed", vec!["A-1"]),
        ("state=closed,reported", vec!["A-1", "A-2", "A-3"]),
        ("class=local-event-06010", vec!["A-1", "A-2"]),
        ("class=local-event-06011,x", vec!["A-3"]),
        ("level=high", vec!["A-2"]),
        ("level=general", vec!["A-1", "A-3"]),
        ("source=hotline", vec!["A-2"]),
        ("community=330802006001", vec!["A-2"]),
        ("grid=330802006001003", vec!["A-2"]),
        ("compound=c-1,c-2", vec!["A-2"]),
        ("department=%E7%8E%AF%E5%8D%AB%E6%89%80", vec!["A-1"]),
        ("overdue=true", vec!["A-2"]),
        ("overdue=false", vec!["A-1", "A-3"]),
        ("due_before=2026-09-15T00:00:00Z", vec!["A-2"]),
        ("reported=2026-09-15T00:00:00%2B08:00/..", vec!["A-3"]),
        ("closed=../2026-09-16T00:00:00Z", vec!["A-1"]),
        ("closed=2026-09-16T00:00:00Z/..", vec![]),
        ("state=open&level=high&source=hotline&overdue=true", vec!["A-2"]),
        ("state=open&level=general&overdue=true", vec![]),
    ] {
        assert_eq!(ids(&bench, query).await, expected, "{query}");
    }
    // A suspended issue's clock stands.
    bench.step("A-2", 1, &step("register")).await.expect(200);
    bench.step("A-2", 2, &step("suspend")).await.expect(200);
    assert_eq!(ids(&bench, "overdue=true").await, [""; 0]);
    assert_eq!(ids(&bench, "due_before=2026-09-30T00:00:00Z").await, [""; 0]);
    bench.get("/collections/issues/items?state=gone").await.expect(400);
    bench.get("/collections/patrols/items?state=open").await.expect(400);
}

#[tokio::test]
async fn words_of_two_characters_are_found_where_they_stand() {
    let bench = three().await;
    let look = async |words: &str| {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
        ids(&bench, &query).await
    };
    let nothing = [""; 0];
    assert_eq!(look("垃圾").await, ["A-1", "A-2"]);
    assert_eq!(look("堆放垃圾").await, ["A-1", "A-2"]);
    assert_eq!(look("路灯").await, ["A-3"]);
    assert_eq!(look("没亮").await, ["A-3"]);
    assert_eq!(look("上街12号").await, ["A-3"]);
    assert_eq!(look("12").await, ["A-3"]);
    assert_eq!(look("led").await, ["A-3"]);
    // One character, the last of a text, several words in any order.
    assert_eq!(look("灯").await, ["A-3"]);
    assert_eq!(look("亮").await, ["A-3"]);
    assert_eq!(look("北门 路灯").await, ["A-3"]);
    assert_eq!(look("北门，垃圾").await, nothing);
    // Characters that stand there, but not so.
    assert_eq!(look("灯路").await, nothing);
    assert_eq!(look("不亮北门").await, nothing);
    assert_eq!(look("亮上").await, nothing);
    for odd in ["\"", "'; DROP TABLE issues; --", "*", "NOT", "AND OR", "垃圾\"", "a\u{0}b"] {
        look(odd).await;
    }
    assert_eq!(look("！").await, nothing);
    assert_eq!(ids(&bench, "q=%E5%9E%83%E5%9C%BE&state=open").await, ["A-2"]);
    // Who places it may correct its address.
    let mut locate = step("locate");
    locate["location"] = json!({ "place": { "lon": 118.87, "lat": 28.96 }, "address": "下街9号" });
    bench.step("A-3", 1, &locate).await.expect(200);
    assert_eq!((look("上街").await, look("下街").await), (vec![], vec!["A-3".to_owned()]));
    bench.get(&format!("/collections/issues/items?q={}", "a".repeat(101))).await.expect(400);
}

#[tokio::test]
async fn issues_from_before_are_found_after_a_start() {
    let bench = three().await;
    for statement in [
        "UPDATE issues SET state = NULL, class = NULL, urgency = NULL, source = NULL, community = NULL, grid = NULL,
         compound = NULL, department = NULL, due_at = NULL",
        "DELETE FROM issue_words",
    ] {
        super::raw::execute(&bench.database, statement).await;
    }
    assert_eq!(ids(&bench, "state=open").await, [""; 0]);
    fill_in(&*bench.app.store).await.expect("filled in");
    assert_eq!(ids(&bench, "state=open&level=high&overdue=true&q=%E5%9E%83%E5%9C%BE").await, ["A-2"]);
    assert_eq!(ids(&bench, "q=%E8%B7%AF%E7%81%AF").await, ["A-3"]);
}

#[tokio::test]
async fn pages_carry_the_filters_and_are_stable_while_others_write() {
    let bench = bench().await;
    for number in 0..5 {
        bench.post("/api/v1/issues", &rubbish(&format!("A-{number}"))).await.expect(201);
    }
    let mut path = "/collections/issues/items?state=open&limit=2&q=%E5%9E%83%E5%9C%BE".to_owned();
    let mut seen = Vec::new();
    for page in 0.. {
        let answer = bench.get(&path).await.expect(200).json();
        seen.extend(
            answer["features"].as_array().expect("features").iter().map(|feature| feature["id"].clone()),
        );
        // What was seen goes, and something comes: neither shifts what follows.
        if page == 0 {
            bench.step("A-0", 1, &step("make_void")).await.expect(200);
            bench.post("/api/v1/issues", &rubbish("A-5")).await.expect(201);
        }
        let links = answer["links"].as_array().expect("links");
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else { break };
        let next = next["href"].as_str().expect("an address");
        next.strip_prefix("http://127.0.0.1:8650").expect("our address").clone_into(&mut path);
    }
    assert_eq!(seen, ["A-0", "A-1", "A-2", "A-3", "A-4", "A-5"].map(|id| json!(id)));
}

#[tokio::test]
async fn a_page_that_was_seen_is_not_sent_again_until_something_happens() {
    let bench = three().await;
    let path = "/collections/issues/items?state=open";
    let tag = bench.get(path).await.expect(200).header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let again =
        async |path: &str| bench.send(request(Method::GET, path, &[("if-none-match", &tag)], None)).await;
    assert!(again(path).await.expect(304).body.is_empty());
    // What is overdue changes by itself.
    again("/collections/issues/items?overdue=true").await.expect(200);
    bench.step("A-3", 1, &step("register")).await.expect(200);
    assert_ne!(again(path).await.expect(200).header("etag"), tag);
}
