//! What issues are asked by: written beside them, and asked.

use sqlx::{QueryBuilder, Row};

use super::{Engine, EngineConnection, EnginePool, push_words, write_words};
use crate::governance::Issue;
use crate::governance::wire::Item;
use crate::server::store::filter::{FILTER_COLUMNS, IssueFilter, filter_values, push_filter};
use crate::server::store::{CountedPage, StoreError};

/// Issues of one transaction that fills in.
const CHUNK: i64 = 1_000;

/// The filter of issues, full text included.
pub(super) fn push(query: &mut QueryBuilder<Engine>, filter: &IssueFilter) {
    push_filter(query, filter);
    if let Some(words) = &filter.words {
        push_words(query, words);
    }
}

pub(super) async fn newest_issues(
    pool: &EnginePool,
    filter: &IssueFilter,
    page: CountedPage,
) -> Result<Vec<Issue>, StoreError> {
    let mut query = QueryBuilder::<Engine>::new(
        "SELECT f.feature FROM issues i JOIN issue_features f ON f.issue = i.seq WHERE 1 = 1",
    );
    push(&mut query, filter);
    query.push(" ORDER BY i.reported_at DESC, i.seq DESC LIMIT ").push_bind(i64::from(page.limit));
    query.push(" OFFSET ").push_bind(i64::from(page.skip));
    let rows = query.build().fetch_all(pool).await?;
    rows.iter().map(|row| Ok(Issue::from_text(row.try_get(0)?)?)).collect()
}

/// Writes what an issue is asked by beside its row.
pub(super) async fn write_filters(
    connection: &mut EngineConnection,
    seq: i64,
    issue: &Issue,
) -> Result<(), StoreError> {
    let (words, due_at) = filter_values(issue);
    let mut query = QueryBuilder::<Engine>::new("UPDATE issues SET ");
    let mut list = query.separated(", ");
    for (column, value) in FILTER_COLUMNS.into_iter().zip(words) {
        list.push(column).push_unseparated(" = ").push_bind_unseparated(value);
    }
    list.push("due_at = ").push_bind_unseparated(due_at);
    query.push(" WHERE seq = ").push_bind(seq).build().execute(connection).await?;
    Ok(())
}

/// Fills in some issues from before there were such columns; `false` if there were none.
pub(super) async fn fill_in(connection: &mut EngineConnection) -> Result<bool, StoreError> {
    let rows = sqlx::query(
        "SELECT i.seq, f.feature FROM issues i JOIN issue_features f ON f.issue = i.seq
         WHERE i.state IS NULL ORDER BY i.seq LIMIT $1",
    )
    .bind(CHUNK)
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let (seq, issue) = (row.try_get(0)?, Issue::from_text(row.try_get(1)?)?);
        write_filters(connection, seq, &issue).await?;
        write_words(connection, seq, &issue).await?;
    }
    Ok(!rows.is_empty())
}
