//! The files of a place on the command line: a folder with `place.toml`, or the embedded demo place.

use std::path::Path;

use anyhow::bail;

use crate::city::{Embedded, Files, Folder};
use crate::generate;

/// The files of a folder; without one those of the demo place.
///
/// # Errors
/// Where the folder has no `place.toml`.
pub(super) fn place_files(folder: Option<&Path>) -> anyhow::Result<Box<dyn Files + Send>> {
    let Some(folder) = folder else { return Ok(Box::new(Embedded(generate::embedded()))) };
    if !folder.join("place.toml").is_file() {
        bail!("there is no place.toml; name a folder that has one: {}", folder.display());
    }
    Ok(Box::new(Folder(folder.to_owned())))
}
