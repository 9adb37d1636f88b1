//! What is written is read back the same; what others write is read, or refused with a reason.

use super::*;
use crate::clock::Reading;
use crate::geo::LonLat;
use crate::governance::{
    AreaCodes, ClassCode, Fix, Issue, IssueId, Owner, Patrol, PatrolId, PatrolKind, Reason, Source, State,
    Urgency,
};

fn issue() -> Issue {
    let at = "2026-09-15T02:00:00Z".parse().expect("a valid time");
    Issue {
        id: IssueId("A-1".into()),
        version: 3,
        title: "楼道口堆放垃圾".into(),
        description: "两袋".into(),
        class: ClassCode { scheme: "local".into(), kind: "event".into(), code: "06010".into() },
        class_name: "暴露垃圾".into(),
        urgency: Urgency::High,
        state: State::Dispatched,
        source: Source::Hotline,
        owner: Owner::Other {
            name: "12345".into(), number: "77".into(), state: "办理中".into(), link: None
        },
        place: Some(LonLat::new(118.8735, 28.9655)),
        address: Some("坊门街12号".into()),
        building: Some("b7".into()),
        areas: AreaCodes { community: Some("330802006001".into()), grid: None, compound: None },
        department: Some("环卫所".into()),
        helpers: vec!["综合执法队".into()],
        responsible: None,
        reported_at: at,
        updated_at: at,
        due_at: Some(at),
        stage_due_at: Some(at),
        closed_at: None,
        urged: 2,
        supervised: true,
        reopened: 0,
        suspension: None,
        merged_into: None,
        absorbed: vec![IssueId("A-2".into())],
        decided: vec![Reason::AreasByPlace],
    }
}

fn fix() -> Fix {
    Fix {
        at: "2026-09-15T02:00:00Z".parse().expect("a valid time"),
        place: LonLat::new(118.87, 28.96),
        heading_deg: Some(90.0),
        speed_mps: None,
        accuracy_m: None,
        mock: false,
        battery_percent: None,
    }
}

fn patrol() -> Patrol {
    Patrol {
        id: PatrolId("p1".into()),
        version: 9,
        name: "郑云".into(),
        kind: PatrolKind::GridOfficer,
        areas: AreaCodes::default(),
        fix: Some(fix()),
        duty: None,
    }
}

#[test]
fn an_issue_is_a_feature_without_its_place_among_the_properties() {
    let feature = issue().to_feature().expect("it can be written");
    assert_eq!(feature.id.as_deref(), Some("A-1"));
    let geometry = feature.geometry.as_ref().expect("it has a place");
    assert_eq!(geometry.coordinates, serde_json::json!([118.8735, 28.9655]));
    assert!(!feature.properties.contains_key("place") && !feature.properties.contains_key("id"));
    assert_eq!(feature.properties["state"], "dispatched");
    assert_eq!(feature.properties["owner"]["system"], "other");
}

#[test]
fn features_come_back_the_same() {
    let mut unplaced = issue();
    unplaced.place = None;
    for issue in [issue(), unplaced] {
        let text = issue.to_text().expect("written");
        assert!(!text.contains('\n'));
        assert_eq!(Issue::from_text(&text).expect("read"), issue);
    }
    let mut silent = patrol();
    silent.fix = None;
    for patrol in [patrol(), silent] {
        assert_eq!(Patrol::from_text(&patrol.to_text().expect("written")).expect("read"), patrol);
    }
}

#[test]
fn events_come_back_the_same() {
    let events = [
        StreamEvent::Issue(Box::new(issue())),
        StreamEvent::IssueRemoved(Removal { id: IssueId("A-1".into()), version: 4 }),
        StreamEvent::Patrol(Box::new(patrol())),
        StreamEvent::PatrolRemoved(Removal { id: PatrolId("p1".into()), version: 10 }),
        StreamEvent::Positions(vec![PositionUpdate { id: PatrolId("p1".into()), version: 10, fix: fix() }]),
        StreamEvent::Heartbeat(Heartbeat { clock: Reading { now: fix().at, rate: 60.0 }, simulated: true }),
    ];
    for event in events {
        let data = event.data().expect("written");
        assert_eq!(StreamEvent::read(event.name(), &data).expect("read"), Some(event));
    }
    assert_eq!(StreamEvent::read("weather", "{}").expect("no error"), None);
}

#[test]
fn numbers_as_ids_third_coordinates_and_unknown_members_are_read() {
    let mut feature = serde_json::to_value(issue().to_feature().expect("written")).expect("a value");
    feature["id"] = 17.into();
    feature["geometry"]["coordinates"] = serde_json::json!([118.0, 28.0, 66.5]);
    feature["bbox"] = serde_json::json!([0, 0, 1, 1]);
    feature["properties"]["mood"] = "new".into();
    let read = Issue::from_text(&feature.to_string()).expect("read");
    assert_eq!((read.id.0.as_str(), read.place), ("17", Some(LonLat::new(118.0, 28.0))));
}

#[test]
fn what_cannot_be_read_says_why() {
    let reason = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut feature = serde_json::to_value(issue().to_feature().expect("written")).expect("a value");
        change(&mut feature);
        Issue::from_text(&feature.to_string()).expect_err("it is bad").to_string()
    };
    assert_eq!(reason(&|feature| feature["id"] = serde_json::Value::Null), "the feature has no id");
    assert_eq!(
        reason(&|feature| feature["geometry"]["type"] = "Polygon".into()),
        "the geometry is a Polygon, expected a Point or null"
    );
    assert_eq!(
        reason(&|feature| feature["geometry"]["coordinates"] = serde_json::json!([28.9, 118.8])),
        "the coordinates [28.9, 118.8] are no longitude and latitude in degrees"
    );
    assert!(reason(&|feature| feature["geometry"]["coordinates"] = "here".into()).contains("NaN"));
    assert!(reason(&|feature| feature["properties"]["state"] = "lost".into()).contains("lost"));
    assert!(reason(&|feature| feature["properties"] = serde_json::Value::Null).contains("missing field"));
}

#[test]
fn one_bad_feature_does_not_spoil_its_page() {
    let good = issue().to_text().expect("written");
    let text = format!(
        r#"{{"type":"FeatureCollection","eventId":42,"features":[{good},{{"type":"Feature"}},{good}],
            "links":[{{"rel":"self","href":"/a"}},{{"rel":"next","href":"/b?cursor=2"}}],"numberReturned":3}}"#
    );
    let page: Page<Issue> = read_page(text.as_bytes()).expect("a page");
    assert_eq!((page.items.len(), page.event_id, page.next.as_deref()), (2, Some(42), Some("/b?cursor=2")));
    assert_eq!(page.refused, [RefusedFeature { index: 1, reason: "the feature has no id".into() }]);
}

#[test]
fn html_half_a_page_and_a_lone_feature_are_errors() {
    assert!(matches!(read_page::<Issue>(b"<html>"), Err(WireError::Json(_))));
    assert!(matches!(read_page::<Issue>(b"{\"type\":\"FeatureCollection\",\"feat"), Err(WireError::Json(_))));
    assert!(matches!(read_page::<Issue>(b"{\"type\":\"Feature\"}"), Err(WireError::Kind { .. })));
}
