//! Buildings and areas of a place as collections.

use std::sync::Arc;

use axum::http::Method;
use serde_json::Value;

use super::{Bench, bench, bench_with, request};
use crate::city::{Folder, Place};
use crate::governance::organisation::read_features;

async fn with_place() -> Bench {
    let folder = Folder(concat!(env!("CARGO_MANIFEST_DIR"), "/data/fushan").into());
    let place = Place::read(&folder).expect("the demo place reads");
    let areas = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/data/fushan/areas.geojson"));
    let areas = read_features(&areas.expect("the file"), None).expect("areas");
    let bench = bench_with(|config| {
        config.place = Some(Arc::new(place));
        config.units = areas.units;
    });
    Box::pin(bench).await
}

async fn all(bench: &Bench, path: &str) -> Vec<Value> {
    let mut path = path.to_owned();
    let mut features = Vec::new();
    loop {
        let page = bench.get(&path).await.expect(200).json();
        let found = page["features"].as_array().expect("features").clone();
        assert_eq!(page["numberReturned"], found.len());
        features.extend(found);
        let links = page["links"].as_array().expect("links").clone();
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else { return features };
        let next = next["href"].as_str().expect("an address");
        next.strip_prefix("http://127.0.0.1:8650").expect("our address").clone_into(&mut path);
    }
}

#[tokio::test]
async fn every_building_and_area_is_read_page_by_page() {
    let bench = with_place().await;
    let place = bench.app.place.clone().expect("a place");
    for (collection, count, limit) in
        [("buildings", place.city.len(), 3_000), ("areas", place.areas.len(), 7)]
    {
        let features = all(&bench, &format!("/collections/{collection}/items?limit={limit}")).await;
        assert_eq!(features.len(), count, "{collection}");
        let ids: std::collections::BTreeSet<&str> =
            features.iter().filter_map(|feature| feature["id"].as_str()).collect();
        assert_eq!(ids.len(), count, "{collection}: ids are unique");
        let one = bench
            .get(&format!("/collections/{collection}/items/{}", ids.first().expect("one")))
            .await
            .expect(200);
        assert_eq!(
            Some(&one.json()),
            features.iter().find(|feature| feature["id"].as_str() == ids.first().copied())
        );
    }
    let collections = bench.get("/collections").await.json();
    let kinds = ["subdistricts", "communities", "grids", "compounds", "business_districts", "alleys"];
    assert_eq!(collections["collections"].as_array().map(Vec::len), Some(4 + kinds.len()));
    bench.get("/collections/buildings/items/none").await.expect(404);
    bench.get("/collections/buildings/items?state=open").await.expect(400);
    let tag = bench.get("/collections/areas/items").await.expect(200).header("etag").to_owned();
    bench
        .send(request(Method::GET, "/collections/areas/items", &[("if-none-match", &tag)], None))
        .await
        .expect(304);
}

#[tokio::test]
async fn a_box_finds_what_it_touches() {
    let bench = with_place().await;
    let place = bench.app.place.clone().expect("a place");
    let building = place.city.iter().next().expect("a building");
    let at = building.lon_lat();
    let path = |half: f64| {
        format!(
            "/collections/buildings/items?bbox={},{},{},{}&limit=10000",
            at.lon - half,
            at.lat - half,
            at.lon + half,
            at.lat + half
        )
    };
    let near = all(&bench, &path(1e-6)).await;
    assert!(near.iter().any(|feature| feature["id"] == building.original_id()), "{near:?}");
    assert!(near.len() < 5, "{}", near.len());
    assert_eq!(all(&bench, &path(5.0)).await.len(), place.city.len());
    assert_eq!(all(&bench, "/collections/buildings/items?bbox=0,0,1,1").await.len(), 0);
    // Around the far side of the earth, everything but the box between.
    assert_eq!(
        all(&bench, "/collections/areas/items?bbox=110,-90,100,90&limit=10000").await.len(),
        place.areas.len()
    );
}

#[tokio::test]
async fn without_a_place_there_are_none() {
    let bench = bench().await;
    bench.get("/collections/buildings").await.expect(404);
    bench.get("/collections/areas/items").await.expect(404);
}

#[tokio::test]
async fn an_area_that_is_edited_is_the_same_among_all_areas_and_among_those_of_its_kind() {
    let bench = with_place().await;
    let place = bench.app.place.clone().expect("a place");
    let of_kinds = async || {
        let mut features = Vec::new();
        for kind in ["subdistricts", "communities", "grids", "compounds", "business_districts", "alleys"] {
            features.extend(all(&bench, &format!("/collections/{kind}/items?limit=20")).await);
        }
        features
    };
    let same = async || {
        let mut areas = all(&bench, "/collections/areas/items?limit=20").await;
        for area in &mut areas {
            let properties = &area["properties"];
            assert_eq!(area["id"], format!("{}-{}", properties["kind"], properties["code"]).replace('"', ""));
            area["id"] = area["properties"]["code"].clone();
        }
        assert_eq!(areas, of_kinds().await);
        areas
    };
    let tag = async || bench.get("/collections/areas/items").await.expect(200).header("etag").to_owned();
    let before = same().await;
    assert_eq!(before.len(), place.areas.len());
    let first_tag = tag().await;

    let grid = before.iter().find(|area| area["properties"]["kind"] == "grid").expect("a grid");
    let code = grid["properties"]["code"].as_str().expect("a code").to_owned();
    let path = format!("/api/v1/organisation/grid/{code}");
    let mut feature = bench.get(&path).await.expect(200).json();
    feature["properties"]["responsible"] = "a new post".into();
    feature["geometry"] = serde_json::json!({ "type": "Polygon", "coordinates":
        [[[118.0, 28.0], [118.1, 28.0], [118.1, 28.1], [118.0, 28.1], [118.0, 28.0]]] });
    let put = request(Method::PUT, &path, &[("if-match", "\"1\"")], Some(feature.to_string()));
    bench.send(put).await.expect(200);
    let seen = [("if-none-match", first_tag.as_str())];
    bench.send(request(Method::GET, "/collections/areas/items", &seen, None)).await.expect(200);
    let after = same().await;
    let edited = after.iter().find(|area| area["properties"]["code"] == code.as_str()).expect("it is there");
    assert_eq!(edited["properties"]["responsible"], "a new post");
    let moved = all(&bench, "/collections/areas/items?bbox=118.05,28.05,118.06,28.06").await;
    assert_eq!(moved.len(), 1);
    let one = bench.get(&format!("/collections/areas/items/grid-{code}")).await.expect(200);
    assert_eq!((one.header("etag"), one.json()), ("\"2\"", moved[0].clone()));

    let second_tag = tag().await;
    bench.send(request(Method::DELETE, &path, &[("if-match", "\"2\"")], None)).await.expect(204);
    assert_eq!(same().await.len(), before.len() - 1);
    bench.get(&format!("/collections/areas/items/grid-{code}")).await.expect(404);
    assert_ne!(tag().await, second_tag);
    bench.get("/collections/areas/items/stairwell-x").await.expect(404);
}
