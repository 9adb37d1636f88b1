//! A shape as a `.glb`: one mesh, a primitive and a material a paint, positions alone (normals are flat).

use serde_json::{Value, json};

use super::shape::{Paint, Shape};

/// Linear, as glTF wants its colours, with four decimals.
fn linear(srgb: [u8; 3]) -> Vec<Value> {
    srgb.iter()
        .map(|part| {
            let value = f64::from(*part) / 255.0;
            let value = if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
            json!((value * 1e4).round() / 1e4)
        })
        .collect()
}

/// Writes a shape.
pub(super) fn write(name: &str, shape: &Shape) -> Vec<u8> {
    let mut binary: Vec<u8> = Vec::new();
    let (mut views, mut accessors, mut primitives, mut materials) = (vec![], vec![], vec![], vec![]);
    for paint in Paint::ALL {
        let Some(patch) = shape.patches.get(&paint).filter(|patch| !patch.indices.is_empty()) else {
            continue;
        };
        let metres = |corner: [i32; 3]| corner.map(|part| part as f32 / 1000.0);
        let mut view = |bytes: Vec<u8>, target: u32| {
            views.push(
                json!({"buffer": 0, "byteOffset": binary.len(), "byteLength": bytes.len(), "target": target}),
            );
            binary.extend(bytes);
            binary.resize(binary.len().next_multiple_of(4), 0);
            views.len() - 1
        };
        let positions = view(
            patch.corners.iter().flat_map(|corner| metres(*corner)).flat_map(f32::to_le_bytes).collect(),
            34_962,
        );
        let indices = view(patch.indices.iter().flat_map(|index| index.to_le_bytes()).collect(), 34_963);
        let extreme = |pick: fn(i32, i32) -> i32| {
            let all = patch.corners.iter().copied();
            metres(all.reduce(|a, b| std::array::from_fn(|i| pick(a[i], b[i]))).unwrap_or_default())
        };
        accessors.push(json!({"bufferView": positions, "componentType": 5126, "count": patch.corners.len(),
            "type": "VEC3", "min": extreme(i32::min), "max": extreme(i32::max)}));
        accessors.push(
            json!({"bufferView": indices, "componentType": 5123, "count": patch.indices.len(), "type": "SCALAR"}),
        );
        primitives
            .push(json!({"attributes": {"POSITION": accessors.len() - 2}, "indices": accessors.len() - 1,
            "material": materials.len()}));
        let (title, color, glow) = paint.look();
        let mut base = linear(color);
        base.push(json!(1));
        materials.push(json!({"name": title, "emissiveFactor": linear(glow), "pbrMetallicRoughness":
            {"baseColorFactor": base, "metallicFactor": 0, "roughnessFactor": 1}}));
    }
    let json = json!({
        "asset": {"version": "2.0", "generator": "yunfushan generate", "copyright": "CC0 1.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": name}],
        "meshes": [{"name": name, "primitives": primitives}],
        "materials": materials,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": binary.len()}],
    });
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let mut file = b"glTF\x02\0\0\0".to_vec();
    file.extend((28 + text.len() as u32 + binary.len() as u32).to_le_bytes());
    for (kind, chunk) in [(b"JSON", &text), (b"BIN\0", &binary)] {
        file.extend((chunk.len() as u32).to_le_bytes());
        file.extend(kind);
        file.extend(chunk);
    }
    file
}
