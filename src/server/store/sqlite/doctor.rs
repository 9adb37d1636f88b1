//! Examining a file.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use super::{BUSY_TIMEOUT, statements};
use crate::server::store::{Diagnosis, Finding, Held, StoreError};

pub(in crate::server::store) async fn examine(path: &Path) -> Result<(Diagnosis, Held), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT);
    let mut connection = options.connect().await?;
    let mut diagnosis = Diagnosis::default();
    let mut transaction = connection.begin().await?;
    examine_pages(&mut transaction, &mut diagnosis).await?;
    // A file whose pages are damaged says little that can be believed.
    let mut held = Held::default();
    if diagnosis.is_sound() {
        held = statements::examine(&mut transaction, &mut diagnosis).await?;
    }
    transaction.rollback().await?;
    connection.close().await?;
    Ok((diagnosis, held))
}

async fn examine_pages(
    connection: &mut SqliteConnection,
    diagnosis: &mut Diagnosis,
) -> Result<(), StoreError> {
    for row in sqlx::query("PRAGMA integrity_check").fetch_all(&mut *connection).await? {
        let message: String = row.try_get(0)?;
        if message != "ok" {
            diagnosis.find(Finding::File { message });
        }
    }
    for row in sqlx::query("PRAGMA foreign_key_check").fetch_all(connection).await? {
        diagnosis.find(Finding::Dangling { table: row.try_get(0)?, parent: row.try_get(2)? });
    }
    Ok(())
}
