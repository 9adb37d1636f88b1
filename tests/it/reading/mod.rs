//! Reading from outside: files that others made, broken ones, mutated ones, and `yunfushan check` on them.

mod broken;
mod check;
mod mutated;
mod real;
mod sound;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The data that others made, which is not in the repository.
///
/// Absent, a test that needs it is skipped and says so; on CI (`CI` set) it fails instead.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    let missing = format!("the data of others is not at {}", folder.display());
    assert!(std::env::var_os("CI").is_none(), "{missing}; CI must have it");
    // Written past the test harness, which keeps back what a test that passes prints.
    let _unheard = writeln!(std::io::stderr(), "skipped: {missing}");
    None
}
