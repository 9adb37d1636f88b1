//! Buildings and areas of a place as collections.

use std::sync::Arc;

use axum::http::Method;
use serde_json::Value;

use super::{Bench, bench, bench_with, request};
use crate::city::{Folder, Place};

async fn with_place() -> Bench {
    let folder = Folder(concat!(env!("CARGO_MANIFEST_DIR"), "/data/fushan").into());
    let place = Place::read(&folder).expect("the demo place reads");
    Box::pin(bench_with(|config| config.place = Some(Arc::new(place)))).await
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
    assert_eq!(collections["collections"].as_array().map(Vec::len), Some(4));
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
