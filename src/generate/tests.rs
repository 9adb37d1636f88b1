//! What must hold for the demo place.

use std::path::Path;

use super::*;

#[test]
fn the_checked_in_files_are_what_the_generator_writes() {
    let made = fushan(FUSHAN_SEED);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fushan");
    let is_blessing = std::env::var_os("YUNFUSHAN_BLESS").is_some();
    for (name, bytes) in &made {
        if is_blessing {
            std::fs::write(folder.join(name), bytes).expect("the folder is writable");
        }
        let held = std::fs::read(folder.join(name)).expect("a file of this name is checked in");
        assert!(&held == bytes, "{name} differs: run with YUNFUSHAN_BLESS=1 to accept it");
    }
}
