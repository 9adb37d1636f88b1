//! The doctor: the database, then the photos beside it.

use std::path::Path;

use super::store::{Database, Diagnosis, OpenError, examine_rows};

/// Examines a database.
///
/// # Errors
/// Where it is none of ours or cannot be read at all; everything else is a [`super::Finding`].
pub async fn examine(database: impl Into<Database>) -> Result<Diagnosis, OpenError> {
    Ok(examine_rows(database).await?.0)
}
