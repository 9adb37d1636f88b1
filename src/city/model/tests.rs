//! Models written by hand, whole and broken.

use super::*;
use crate::city::Embedded;

/// A `.glb` of a JSON text and a binary part.
pub(crate) fn glb(json: &str, binary: &[u8]) -> Vec<u8> {
    let padded = |bytes: &[u8], fill: u8| {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().next_multiple_of(4), fill);
        bytes
    };
    let (json, binary) = (padded(json.as_bytes(), b' '), padded(binary, 0));
    let mut file = b"glTF\x02\0\0\0".to_vec();
    file.extend((12 + 8 + json.len() as u32 + 8 + binary.len() as u32).to_le_bytes());
    for (kind, chunk) in [(b"JSON", &json), (b"BIN\0", &binary)] {
        file.extend((chunk.len() as u32).to_le_bytes());
        file.extend(kind);
        file.extend(chunk);
    }
    file
}

/// Four sides of a pyramid 10 m wide and 10 m high, without normals: 5 positions, then 12 indices.
fn pyramid_binary() -> Vec<u8> {
    let corners: [[f32; 3]; 5] =
        [[-5.0, 0.0, -5.0], [5.0, 0.0, -5.0], [5.0, 0.0, 5.0], [-5.0, 0.0, 5.0], [0.0, 10.0, 0.0]];
    let mut bytes: Vec<u8> = corners.iter().flatten().flat_map(|part| part.to_le_bytes()).collect();
    // Counter-clockwise from outside.
    let indices: [u16; 12] = [1, 0, 4, 2, 1, 4, 3, 2, 4, 0, 3, 4];
    bytes.extend(indices.iter().flat_map(|index| index.to_le_bytes()));
    bytes
}

fn pyramid_json(node: &str, material: &str, uri: &str) -> String {
    format!(
        r#"{{"asset":{{"version":"2.0"}},"scene":0,"scenes":[{{"nodes":[0]}}],"nodes":[{{"mesh":0{node}}}],
        "meshes":[{{"primitives":[{{"attributes":{{"POSITION":0}},"indices":1,"material":0}}]}}],
        "materials":[{{{material}}}],"buffers":[{{"byteLength":84{uri}}}],
        "bufferViews":[{{"buffer":0,"byteLength":60}},{{"buffer":0,"byteOffset":60,"byteLength":24}}],
        "accessors":[{{"bufferView":0,"componentType":5126,"count":5,"type":"VEC3","min":[-5,0,-5],"max":[5,10,5]}},
        {{"bufferView":1,"componentType":5123,"count":12,"type":"SCALAR"}}]}}"#
    )
}

const RED: &str = r#""pbrMetallicRoughness":{"baseColorFactor":[1,0,0,1]},"emissiveFactor":[0,1,0]"#;

pub(crate) fn pyramid_glb() -> Vec<u8> {
    glb(&pyramid_json("", RED, ""), &pyramid_binary())
}

pub(crate) fn pyramid() -> Model {
    read(&pyramid_glb()).expect("a model").0
}

fn read(bytes: &[u8]) -> Result<(Model, Vec<String>), ModelError> {
    Model::read("models/p.glb", bytes, &Embedded(&[]))
}

#[test]
fn a_pyramid_has_four_flat_sides_with_its_colour() {
    let (model, warnings) = read(&pyramid_glb()).expect("a model");
    assert_eq!((model.triangles(), model.vertices.len(), warnings.len()), (4, 12, 0));
    assert_eq!((model.min, model.max), ([-5.0, 0.0, -5.0], [5.0, 10.0, 5.0]));
    let first = model.vertices[0];
    assert_eq!((first.color, first.emissive), ([255, 0, 0], [0, 255, 0]));
    // The north side: it falls 10 m over 5 m, so its normal is (0, 1, −2) / √5.
    let wanted = [0.0, 1.0 / 5.0_f32.sqrt(), -2.0 / 5.0_f32.sqrt()];
    assert!(first.normal.iter().zip(wanted).all(|(is, wanted)| (is - wanted).abs() < 1e-6), "{first:?}");
}

#[test]
fn nodes_move_turn_and_mirror() {
    // Mirrored in x, twice as high, moved 100 m east: the sides still face outward.
    let node = r#","scale":[-1,2,1],"translation":[100,0,0]"#;
    let (model, _) = read(&glb(&pyramid_json(node, RED, ""), &pyramid_binary())).expect("a model");
    assert_eq!((model.min, model.max), ([95.0, 0.0, -5.0], [105.0, 20.0, 5.0]));
    for triangle in model.indices.chunks(3) {
        let corner = |i: usize| model.vertices[triangle[i] as usize].position.map(f64::from);
        let face = cross(minus(corner(1), corner(0)), minus(corner(2), corner(0)));
        let outward = minus(corner(0), [100.0, 5.0, 0.0]);
        assert!(dot(face, outward) > 0.0, "wound the wrong way");
        let normal = model.vertices[triangle[0] as usize].normal.map(f64::from);
        assert!(dot(normal, face) > 0.0, "normal against its face");
    }
}

#[test]
fn both_sides_of_a_double_sided_material_are_there() {
    let (model, _) =
        read(&glb(&pyramid_json("", r#""doubleSided":true"#, ""), &pyramid_binary())).expect("a model");
    assert_eq!(model.triangles(), 8);
}

#[test]
fn buffers_lie_beside_the_model_and_nowhere_else() {
    let files: &'static [(&str, &[u8])] =
        Box::leak(Box::new([("models/a b.bin", Box::leak(pyramid_binary().into_boxed_slice()) as &[u8])]));
    let read = |uri: &str| {
        let json = pyramid_json("", RED, &format!(r#","uri":"{uri}""#));
        Model::read("models/p.gltf", json.as_bytes(), &Embedded(files)).map(|(model, _)| model.triangles())
    };
    assert_eq!(read("a%20b.bin"), Ok(4));
    for away in ["../a%20b.bin", "/etc/passwd", "http://x/y.bin", "C:\\x.bin", "none.bin", "data:x,y"] {
        assert!(matches!(read(&away.replace('\\', "\\\\")), Err(ModelError::Buffer(_))), "{away}");
    }
}

/// A pyramid with a blue texture: the attribute that says where on it the corners lie, and what is said of its picture.
fn textured(attribute: &str, image: &str) -> Vec<u8> {
    let png = crate::picture::tests::png(4, 4, [0, 0, 255, 255]);
    let mut binary = pyramid_binary();
    binary.extend([0.5_f32; 10].iter().flat_map(|part| part.to_le_bytes()));
    binary.extend(&png);
    let json = pyramid_json("", r#""pbrMetallicRoughness":{"baseColorTexture":{"index":0}}"#, "")
        .replace(r#""POSITION":0"#, &format!(r#""POSITION":0{attribute}"#))
        .replace("\"byteLength\":84", &format!("\"byteLength\":{}", binary.len()))
        .replace(r#"],
        "accessors""#, &format!(
            r#",{{"buffer":0,"byteOffset":84,"byteLength":40}},{{"buffer":0,"byteOffset":124,"byteLength":{}}}],
        "textures":[{{"source":0}}],"images":[{image}],"accessors""#,
            png.len()
        ))
        .replace(r#""count":12,"type":"SCALAR"}"#,
            r#""count":12,"type":"SCALAR"},{"bufferView":2,"componentType":5126,"count":5,"type":"VEC2"}"#);
    glb(&json, &binary)
}

const PLACES: &str = r#","TEXCOORD_0":2"#;

#[test]
fn a_texture_gives_its_colour_to_the_vertices() {
    let image = r#"{"bufferView":3,"mimeType":"image/png"}"#;
    let (model, warnings) = read(&textured(PLACES, image)).expect("a model");
    assert_eq!((model.vertices[0].color, warnings.len()), ([0, 0, 255], 0));
}

#[test]
fn a_picture_need_not_say_its_kind_and_without_a_source_is_left_out() {
    let (model, warnings) = read(&textured(PLACES, r#"{"bufferView":3}"#)).expect("a model");
    assert_eq!((model.vertices[0].color, warnings), ([0, 0, 255], vec![]));
    for image in ["{}", r#"{"mimeType":"image/png"}"#] {
        let (model, warnings) = read(&textured(PLACES, image)).expect("a model");
        assert_eq!((model.vertices[0].color, warnings.len()), ([255; 3], 1), "{image}");
        assert!(warnings[0].contains("left out"), "{warnings:?}");
    }
    // Nobody asks for a picture that no vertex has a place on.
    let (model, warnings) = read(&textured("", "{}")).expect("a model");
    assert_eq!((model.vertices[0].color, warnings), ([255; 3], vec![]));
}

#[test]
fn what_a_few_bytes_ask_for_is_bounded() {
    // One triangle, a thousand times over in 3 kB of indices, and that mesh named by many nodes.
    let corners: [[f32; 3]; 6] = [
        [0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [0.0, 0.0, -1.0],
        [0.0, 1.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 1.0, 0.0],
    ];
    let mut binary: Vec<u8> = corners.iter().flatten().flat_map(|part| part.to_le_bytes()).collect();
    binary.extend([0_u8, 1, 2].repeat(1_000));
    let named_by = |nodes: usize| {
        let numbers: Vec<String> = (0..nodes).map(|i| i.to_string()).collect();
        let json = format!(
            r#"{{"asset":{{"version":"2.0"}},"scene":0,"scenes":[{{"nodes":[{}]}}],"nodes":[{}],
            "meshes":[{{"primitives":[{{"attributes":{{"POSITION":0,"NORMAL":1}},"indices":2}}]}}],
            "buffers":[{{"byteLength":3072}}],"bufferViews":[{{"buffer":0,"byteLength":36}},
            {{"buffer":0,"byteOffset":36,"byteLength":36}},{{"buffer":0,"byteOffset":72,"byteLength":3000}}],
            "accessors":[{{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,-1],"max":[1,0,0]}},
            {{"bufferView":1,"componentType":5126,"count":3,"type":"VEC3"}},
            {{"bufferView":2,"componentType":5121,"count":3000,"type":"SCALAR"}}]}}"#,
            numbers.join(","),
            vec![r#"{"mesh":0}"#; nodes].join(",")
        );
        read(&glb(&json, &binary)).map(|(model, _)| (model.triangles(), model.vertices.len()))
    };
    assert_eq!(named_by(2), Ok((2_000, 6)));
    assert_eq!(named_by(MOST_INDICES / 3_000 + 1), Err(ModelError::TooManyVertices));
}

#[test]
fn broken_models_are_told_and_never_panic() {
    let good = pyramid_glb();
    for length in 0..good.len() {
        let _any = read(&good[..length]);
    }
    let json = pyramid_json("", RED, "");
    let told = |json: &str| read(&glb(json, &pyramid_binary())).expect_err("broken").to_string();
    for (from, to, what) in [
        ("\"count\":12", "\"count\":13", "reaches beyond"),
        ("\"count\":12", "\"count\":99999999", "more than"),
        ("\"byteOffset\":60", "\"byteOffset\":18446744073709551615", "reaches beyond"),
        ("\"count\":5", "\"count\":4", "beyond the vertices"),
        ("\"nodes\":[0]", "\"nodes\":[7]", "not valid"),
        ("{\"mesh\":0}", "{\"mesh\":0,\"children\":[0]}", "nodes"),
        ("\"asset\"", "\"extensionsRequired\":[\"KHR_draco_mesh_compression\"],\"asset\"", "draco"),
        ("\"mesh\":0", "\"name\":\"no mesh\"", "no triangles"),
        ("{\"asset\"", "<html>{\"asset\"", "not a glTF"),
    ] {
        let changed = json.replace(from, to);
        assert_ne!(changed, json, "{from}");
        let error = told(&changed);
        assert!(error.contains(what), "{to}: {error}");
    }
    // Any byte of the JSON spoilt.
    for at in 20..good.len() {
        let mut spoilt = good.clone();
        spoilt[at] ^= 0x15;
        let _any = read(&spoilt);
    }
}
