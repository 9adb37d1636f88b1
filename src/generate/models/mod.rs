//! The demo place's two models, built by code: the gate tower at the river and the hall of the temple.
//!
//! They are sketches in the manner of the rest of the place: proportions and parts as somebody from Quzhou knows them,
//! measures invented. Space is glTF's: y up, the front toward +z, metres.

mod gate;
mod glb;
mod hall;
mod roof;
mod shape;

/// The models as files: name and content.
pub(super) fn files() -> Vec<(String, Vec<u8>)> {
    vec![
        ("shuiting-gate.glb".to_owned(), glb::write("shuiting-gate", &gate::build())),
        ("dacheng-hall.glb".to_owned(), glb::write("dacheng-hall", &hall::build())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Embedded, Model};

    #[test]
    fn the_checked_in_models_are_what_is_built() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/fushan");
        for (name, bytes) in files() {
            if std::env::var_os("YUNFUSHAN_BLESS").is_some() {
                std::fs::write(folder.join(&name), &bytes).expect("the folder is writable");
            }
            let held = std::fs::read(folder.join(&name)).expect("checked in");
            assert!(held == bytes, "{name} differs: run with YUNFUSHAN_BLESS=1 to accept it");
        }
    }

    #[test]
    fn they_are_modest_and_stand_on_the_ground() {
        for (name, bytes) in files() {
            let (model, warnings) = Model::read(&name, &bytes, &Embedded(&[])).expect("our own model");
            assert_eq!(warnings, Vec::<String>::new(), "{name}");
            assert!((1_500..=6_000).contains(&model.triangles()), "{name}: {} triangles", model.triangles());
            assert!(bytes.len() < 150_000, "{name}: {} bytes", bytes.len());
            assert_eq!(model.min[1], 0.0, "{name} stands on the ground");
            assert!((15.0..26.0).contains(&model.max[1]), "{name}: {} m high", model.max[1]);
            // The left is as the right.
            assert!((model.min[0] + model.max[0]).abs() < 1e-3, "{name}");
        }
    }

    #[test]
    fn they_are_closed_to_the_sky() {
        // Looked at from above, nearly all triangles that are met face up: none is wound the wrong way.
        for (name, bytes) in files() {
            let (model, _) = Model::read(&name, &bytes, &Embedded(&[])).expect("our own model");
            let (mut up, mut down) = (0.0, 0.0);
            for triangle in model.indices.chunks(3) {
                let corner = |i: usize| model.vertices[triangle[i] as usize].position.map(f64::from);
                let [a, b, c] = [corner(0), corner(1), corner(2)];
                // Twice the area of its shadow, positive where it faces up.
                let shadow = (b[2] - a[2]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[2] - a[2]);
                if shadow > 0.0 { up += shadow } else { down -= shadow }
            }
            assert!(up > down, "{name}: {up} up, {down} down");
        }
    }
}
