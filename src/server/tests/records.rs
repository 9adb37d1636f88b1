//! Records: small things under a kind and an id.

use super::{Bench, bench};
use crate::server::store::StoreError;
use crate::server::store::records::Record;

async fn put(bench: &Bench, kind: &str, id: &str, version: u64, body: &str) -> Result<(), StoreError> {
    let mut transaction = bench.app.store.begin().await?;
    transaction.put_record(kind, id, version, body, bench.app.now()).await?;
    transaction.commit().await
}

#[tokio::test]
async fn a_record_is_written_changed_and_deleted() {
    let bench = bench().await;
    put(&bench, "account", "a", 1, "{}").await.expect("written");
    put(&bench, "account", "a", 2, r#"{"name":"云"}"#).await.expect("changed");
    let held = bench.app.store.record("account", "a").await.expect("an answer").expect("it is there");
    assert_eq!((held.id.as_str(), held.version, held.body.as_str()), ("a", 2, r#"{"name":"云"}"#));
    assert!(held.changed_at.as_millisecond() > 0 && held.changed_at <= bench.app.now());
    assert_eq!(bench.app.store.record("webhook", "a").await.expect("an answer"), None);

    let mut transaction = bench.app.store.begin().await.expect("a transaction");
    assert_eq!(transaction.record("account", "a").await.expect("an answer"), Some(held));
    assert!(transaction.delete_record("account", "a").await.expect("deleted"));
    assert!(!transaction.delete_record("account", "a").await.expect("an answer"));
    drop(transaction);
    assert!(
        bench.app.store.record("account", "a").await.expect("an answer").is_some(),
        "nothing was committed"
    );
}

#[tokio::test]
async fn a_record_that_somebody_else_has_changed_is_not_overwritten() {
    let bench = bench().await;
    put(&bench, "account", "a", 2, "{}").await.expect("written");
    for version in [1, 2] {
        let refused = put(&bench, "account", "a", version, "[]").await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let held = bench.app.store.record("account", "a").await.expect("an answer").expect("it is there");
    assert_eq!((held.version, held.body.as_str()), (2, "{}"));
}

#[tokio::test]
async fn records_that_were_written_come_in_the_order_of_writing() {
    let bench = bench().await;
    for (kind, id, version) in [("unit", "b", 1), ("webhook", "a", 1), ("unit", "a", 1), ("unit", "b", 2)] {
        put(&bench, kind, id, version, "{}").await.expect("written");
    }
    put(&bench, "unit", "a", 1, "[]").await.expect_err("refused");
    let changed = async |after, limit| {
        let changed = bench.app.store.records_changed(after, limit).await.expect("an answer");
        changed
            .into_iter()
            .map(|changed| (changed.change, changed.kind, changed.record.id))
            .collect::<Vec<_>>()
    };
    let all = changed(0, 10).await;
    let names: Vec<String> = all.iter().map(|(_, kind, id)| format!("{kind} {id}")).collect();
    assert_eq!(names, ["webhook a", "unit a", "unit b"]);
    assert!(all.is_sorted_by(|one, next| one.0 < next.0));
    assert_eq!(changed(0, 1).await, all[..1]);
    assert_eq!(changed(all[1].0, 10).await, all[2..]);
    // A number is not given again, though what had it is gone.
    let mut transaction = bench.app.store.begin().await.expect("a transaction");
    transaction.delete_record("unit", "b").await.expect("deleted");
    transaction.commit().await.expect("committed");
    put(&bench, "unit", "c", 1, "{}").await.expect("written");
    assert!(changed(all[2].0, 10).await.iter().any(|(_, _, id)| id == "c"));
}

#[tokio::test]
async fn records_come_in_pages_in_the_order_of_their_bytes() {
    let bench = bench().await;
    for id in ["b", "B", "a", "山", "A1", "A"] {
        put(&bench, "alley", id, 1, "{}").await.expect("written");
    }
    put(&bench, "other", "c", 1, "{}").await.expect("written");
    let mut seen: Vec<String> = Vec::new();
    loop {
        let after = seen.last().cloned().unwrap_or_default();
        let page: Vec<Record> = bench.app.store.records("alley", &after, 4).await.expect("a page");
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|record| record.id));
    }
    assert_eq!(seen, ["A", "A1", "B", "a", "b", "山"]);
}
