//! The demo place within the program, so that the demo needs no files beside it.

/// The files of `data/fushan`, by name.
pub(super) const FILES: &[(&str, &[u8])] = &[
    ("place.toml", include_bytes!("../../data/fushan/place.toml")),
    ("README.md", include_bytes!("../../data/fushan/README.md")),
    ("buildings.geojson", include_bytes!("../../data/fushan/buildings.geojson")),
    ("areas.geojson", include_bytes!("../../data/fushan/areas.geojson")),
    ("ways.geojson", include_bytes!("../../data/fushan/ways.geojson")),
    ("relief.asc", include_bytes!("../../data/fushan/relief.asc")),
    ("addresses.csv", include_bytes!("../../data/fushan/addresses.csv")),
    ("stairwells.csv", include_bytes!("../../data/fushan/stairwells.csv")),
    ("classes.csv", include_bytes!("../../data/fushan/classes.csv")),
    ("icons.csv", include_bytes!("../../data/fushan/icons.csv")),
    ("people.csv", include_bytes!("../../data/fushan/people.csv")),
    ("roster.csv", include_bytes!("../../data/fushan/roster.csv")),
    ("departments.csv", include_bytes!("../../data/fushan/departments.csv")),
    ("teams.csv", include_bytes!("../../data/fushan/teams.csv")),
    ("shuiting-gate.glb", include_bytes!("../../data/fushan/shuiting-gate.glb")),
    ("dacheng-hall.glb", include_bytes!("../../data/fushan/dacheng-hall.glb")),
];
