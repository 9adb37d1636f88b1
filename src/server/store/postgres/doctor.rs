//! Examining a database of a PostgreSQL server.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};
use url::Url;

use super::statements;
use crate::server::store::{Diagnosis, Finding, Held, StoreError};

pub(in crate::server::store) async fn examine(url: &Url) -> Result<(Diagnosis, Held), StoreError> {
    let mut connection =
        PgConnectOptions::from_url(url)?.application_name("yunfushan doctor").connect().await?;
    let mut diagnosis = Diagnosis::default();
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    examine_references(&mut transaction, &mut diagnosis).await?;
    let held = statements::examine(&mut transaction, &mut diagnosis).await?;
    transaction.rollback().await?;
    connection.close().await?;
    Ok((diagnosis, held))
}

/// Rows that point to rows that are not there: the server keeps them out, unless somebody has switched that off.
async fn examine_references(
    connection: &mut PgConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    let references = sqlx::query(
        "SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, b.attname::text
         FROM pg_constraint c
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
         WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.connamespace = current_schema()::regnamespace
         ORDER BY 1, 2",
    )
    .fetch_all(&mut *connection)
    .await?;
    for reference in references {
        let (table, column): (String, String) = (reference.try_get(0)?, reference.try_get(1)?);
        let (parent, key): (String, String) = (reference.try_get(2)?, reference.try_get(3)?);
        let dangling = format!(
            "SELECT 1 FROM {table} t WHERE t.{column} IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.{key} = t.{column})"
        );
        for _row in sqlx::query(AssertSqlSafe(dangling)).fetch_all(&mut *connection).await? {
            diagnosis.find(Finding::Dangling { table: table.clone(), parent: parent.clone() });
        }
    }
    Ok(())
}
