//! The doctor: a sound file is sound while a server uses it, and each kind of damage is found.

use serde_json::json;

use super::{Bench, bench, patrol, position, rubbish, step};
use crate::server::{Diagnosis, Finding, examine};

/// A server that has been used for a while.
async fn used() -> Bench {
    let bench = bench().await;
    for id in ["A-1", "A-2", "A-3"] {
        bench.post("/api/v1/issues", &rubbish(id)).await.expect(201);
    }
    for (version, name) in (1..).zip(["register", "dispatch", "accept"]) {
        bench.step("A-1", version, &step(name)).await.expect(200);
    }
    bench.put("/api/v1/patrols/p1", &patrol()).await.expect(201);
    let batch =
        json!([position("p1", "2026-09-15T01:50:00Z", 118.0), position("p1", "2026-09-15T01:51:00Z", 118.1)]);
    bench.post("/api/v1/positions", &batch).await.expect(200);
    bench
}

async fn examined(bench: &Bench) -> Diagnosis {
    examine(bench.database.clone()).await.expect("it can be read")
}

/// What is found after somebody has tampered with the database.
async fn found_after(statement: &'static str) -> Vec<Finding> {
    let bench = used().await;
    Box::pin(super::raw::execute(&bench.database, statement)).await;
    examined(&bench).await.findings
}

#[tokio::test]
async fn a_sound_file_is_sound_while_it_is_used() {
    let bench = used().await;
    let diagnosis = examined(&bench).await;
    assert!(diagnosis.is_sound(), "{diagnosis:?}");
    let Diagnosis { issues, events, patrols, positions, more, .. } = diagnosis;
    assert_eq!((issues, events, patrols, positions, more), (3, 6, 1, 2, 0));
    // And goes on being used.
    bench.step("A-1", 4, &step("handle")).await.expect(200);
    assert!(examined(&bench).await.is_sound());
}

#[tokio::test]
async fn what_is_missing_is_found() {
    let findings = found_after("DELETE FROM events WHERE number = 5").await;
    let [Finding::Gap { from: 5, to: 5 }, Finding::Event { number: 6, issue, reason }] = findings.as_slice()
    else {
        panic!("{findings:?}")
    };
    assert!(issue == "A-1" && reason.contains("does not follow"), "{reason}");
    let findings = found_after("DELETE FROM events WHERE number = 6").await;
    assert_eq!(findings[0], Finding::Counter { counter: 6, last: 5 });
    assert!(matches!(&findings[1], Finding::Issue { issue, .. } if issue == "A-1"), "{findings:?}");
    let findings = found_after("DELETE FROM events WHERE number = 3").await;
    assert!(findings.contains(&Finding::Issue { issue: "A-3".into(), reason: "it has no events".into() }));
    let findings = found_after("DELETE FROM issue_features WHERE issue = 2").await;
    assert_eq!(findings, [Finding::Issue { issue: "A-2".into(), reason: "it has no feature".into() }]);
    let findings = found_after("DELETE FROM issues WHERE id = 'A-2'").await;
    assert!(matches!(&findings[0], Finding::Dangling { parent, .. } if parent == "issues"), "{findings:?}");
}

#[tokio::test]
async fn what_was_changed_is_found() {
    let findings = found_after("UPDATE issues SET lon = 0 WHERE id = 'A-1'").await;
    assert!(matches!(findings.as_slice(), [Finding::Issue { issue, .. }] if issue == "A-1"), "{findings:?}");
    let findings = found_after(
        "UPDATE issue_features SET feature = replace(feature, 'accepted', 'handling') WHERE issue = 1",
    )
    .await;
    assert_eq!(findings, [Finding::Issue { issue: "A-1".into(), reason: "its feature differs".into() }]);
    let findings = found_after(
        "UPDATE events SET event = replace(event, '\"step\":\"dispatch\"', '\"step\":\"close\"')",
    )
    .await;
    assert!(matches!(findings.as_slice(), [Finding::Event { number: 5, .. }]), "{findings:?}");
    let findings = found_after("UPDATE events SET happened_at = 0 WHERE number = 2").await;
    assert!(matches!(findings.as_slice(), [Finding::Event { number: 2, .. }]), "{findings:?}");
    let findings = found_after("UPDATE patrols SET profile = '{}'").await;
    assert!(
        matches!(findings.as_slice(), [Finding::Patrol { patrol, .. }] if patrol == "p1"),
        "{findings:?}"
    );
    let findings = found_after("UPDATE position_batches SET positions = 7").await;
    assert!(matches!(findings.as_slice(), [Finding::Positions { .. }]), "{findings:?}");
    let findings = found_after("UPDATE position_batches SET packed = substr(packed, 1, 20)").await;
    assert!(matches!(findings.as_slice(), [Finding::Positions { .. }]), "{findings:?}");
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(examine(folder.path().join("absent.sqlite")).await.is_err());
    let path = folder.path().join("scribble.sqlite");
    std::fs::write(&path, "not a database at all, but long enough to be looked at by whoever reads files")
        .expect("it can be written");
    assert!(examine(path).await.is_err());
}
