//! glTF 2.0 models (`.glb`, or `.gltf` with buffers within or beside it) as plain triangles with colours.
//!
//! Taken: positions, normals (flat ones where there are none), node transforms, base colours of materials, vertex
//! colours, emission, both sides of double-sided materials, base colour textures as a small picture that the vertices
//! take their colour from.
//! Not taken, and warned of: transparency (drawn opaque), skins and morph targets (drawn at rest), lines and points,
//! emissive textures. Metal, roughness and normal maps make no difference here.
//! A file may be of any size and say anything: bytes, vertices, indices and nodes are limited, and nothing panics.

mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use numbers::{Buffers, data_uri, document, split};

use super::place::Files;
use crate::picture::{self, Picture};

/// The most bytes of a model file, and of each buffer and picture beside it.
pub(super) const MOST_BYTES: u64 = 64 << 20;
/// The most vertices of a model.
pub(super) const MOST_VERTICES: usize = 400_000;
/// The most indices of a model, as read and as kept: a closed surface has about six a vertex.
const MOST_INDICES: usize = 6 * MOST_VERTICES;
/// The most rows of attributes that are read, those of a mesh once more for each node that names it.
const MOST_ROWS: usize = 20 * MOST_VERTICES;
/// The most nodes that are visited.
const MOST_NODES: usize = 20_000;
/// The deepest nesting of nodes.
const DEEPEST: usize = 64;
/// The widest texture that is opened.
const MOST_TEXTURE_SIDE: u32 = 8_192;
/// Textures are kept so small: tiled ones become one tone, painted ones keep their parts apart.
const KEPT_TEXTURE_SIDE: u32 = 32;

/// A corner of a triangle. Space is the picture's: x east, y up, z south, in metres, before the model is placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelVertex {
    /// Metres.
    pub position: [f32; 3],
    /// Of length 1.
    pub normal: [f32; 3],
    /// sRGB.
    pub color: [u8; 3],
    /// Light of its own, sRGB.
    pub emissive: [u8; 3],
}

/// Triangles, counter-clockwise seen from outside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// The corners.
    pub vertices: Vec<ModelVertex>,
    /// Three a triangle.
    pub indices: Vec<u32>,
    /// The least corner of the box around it.
    pub min: [f32; 3],
    /// The greatest corner.
    pub max: [f32; 3],
}

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Not JSON, or not glTF.
    #[error("not a glTF file: {0}")]
    Json(String),
    /// Against the rules of glTF.
    #[error("not valid glTF: {0}")]
    Invalid(String),
    /// Something in it does not fit together.
    #[error("broken model: {0}")]
    Broken(&'static str),
    /// Something that is not read.
    #[error("not supported: {0}; export the model without it")]
    Unsupported(&'static str),
    /// Too much of it.
    #[error("more than {MOST_VERTICES} vertices, or the same ones used too often; simplify the model")]
    TooManyVertices,
    /// Too many nodes.
    #[error("more than {MOST_NODES} nodes, or nested deeper than {DEEPEST}; join the parts of the model")]
    TooManyNodes,
    /// A buffer beside it that cannot be had.
    #[error("its buffer cannot be had: {0}")]
    Buffer(String),
    /// No triangles.
    #[error("no triangles in it")]
    Empty,
}

impl Model {
    /// Reads a model; the second value lists what was left out.
    ///
    /// # Errors
    /// Where nothing of it can be used.
    pub fn read(name: &str, bytes: &[u8], files: &dyn Files) -> Result<(Self, Vec<String>), ModelError> {
        let (json, binary) = split(bytes)?;
        let document = document(json)?;
        let folder = name.rfind(['/', '\\']).map_or("", |at| name.get(..=at).unwrap_or_default());
        let mut buffers = Vec::new();
        let mut left = MOST_BYTES as usize;
        for buffer in document.buffers() {
            let bytes = match buffer.source() {
                gltf::buffer::Source::Bin => {
                    binary.ok_or(ModelError::Broken("the binary part is missing"))?.to_vec()
                }
                gltf::buffer::Source::Uri(uri) => beside(uri, folder, files).map_err(ModelError::Buffer)?,
            };
            left = left.checked_sub(bytes.len()).ok_or(ModelError::Broken("its buffers are too large"))?;
            buffers.push(bytes);
        }
        let mut reader = Reader {
            buffers: Buffers(buffers),
            folder,
            files,
            model: Self::default(),
            textures: BTreeMap::new(),
            warnings: BTreeSet::new(),
            nodes: 0,
            rows_left: MOST_ROWS,
            indices_left: MOST_INDICES,
        };
        let scene = document.default_scene().or_else(|| document.scenes().next());
        let Some(scene) = scene else { return Err(ModelError::Empty) };
        for node in scene.nodes() {
            reader.node(&node, &IDENTITY, 0)?;
        }
        let (mut model, warnings) = (reader.model, reader.warnings);
        model.measure();
        if model.indices.is_empty() {
            return Err(ModelError::Empty);
        }
        Ok((model, warnings.into_iter().collect()))
    }

    fn measure(&mut self) {
        (self.min, self.max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for vertex in &self.vertices {
            for axis in 0..3 {
                self.min[axis] = self.min[axis].min(vertex.position[axis]);
                self.max[axis] = self.max[axis].max(vertex.position[axis]);
            }
        }
    }

    /// How many triangles.
    pub fn triangles(&self) -> usize {
        self.indices.len() / 3
    }

    /// Where a ray meets it first, in lengths of its direction. Both sides of a triangle count.
    pub fn meets(&self, origin: [f64; 3], direction: [f64; 3]) -> Option<f64> {
        if !enters(origin, direction, self.min.map(f64::from), self.max.map(f64::from)) {
            return None;
        }
        let corner = |index: &u32| Some(self.vertices.get(*index as usize)?.position.map(f64::from));
        self.indices
            .chunks_exact(3)
            .filter_map(|triangle| match triangle {
                [a, b, c] => meets_triangle(origin, direction, [corner(a)?, corner(b)?, corner(c)?]),
                _ => None,
            })
            .min_by(f64::total_cmp)
    }
}

/// Whether a ray goes through a box.
fn enters(origin: [f64; 3], direction: [f64; 3], min: [f64; 3], max: [f64; 3]) -> bool {
    let (mut near, mut far) = (0.0_f64, f64::INFINITY);
    for axis in 0..3 {
        let by = 1.0 / direction[axis];
        let (a, b) = ((min[axis] - origin[axis]) * by, (max[axis] - origin[axis]) * by);
        // A ray that runs along a face gives NaN, which min and max pass over.
        near = near.max(a.min(b));
        far = far.min(a.max(b));
    }
    near <= far
}

/// Möller and Trumbore, Fast, Minimum Storage Ray/Triangle Intersection, 1997.
fn meets_triangle(origin: [f64; 3], direction: [f64; 3], [a, b, c]: [[f64; 3]; 3]) -> Option<f64> {
    let (ab, ac) = (minus(b, a), minus(c, a));
    let across = cross(direction, ac);
    let determinant = dot(ab, across);
    if determinant.abs() < 1e-12 {
        return None;
    }
    let to = minus(origin, a);
    let u = dot(to, across) / determinant;
    let up = cross(to, ab);
    let v = dot(direction, up) / determinant;
    let at = dot(ac, up) / determinant;
    (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && at > 0.0).then_some(at)
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = dot(v, v).sqrt();
    (length.is_finite() && length > 1e-12).then(|| v.map(|part| part / length))
}

/// Columns of an affine map: three axes and a shift.
type Affine = [[f64; 3]; 4];
const IDENTITY: Affine = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0; 3]];

fn turned(map: &Affine, v: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|row| map[0][row] * v[0] + map[1][row] * v[1] + map[2][row] * v[2])
}

fn moved(map: &Affine, v: [f64; 3]) -> [f64; 3] {
    let turned = turned(map, v);
    std::array::from_fn(|row| turned[row] + map[3][row])
}

/// Bytes that a URI within a model leads to: in the URI itself, or in a file beside the model.
fn beside(uri: &str, folder: &str, files: &dyn Files) -> Result<Vec<u8>, String> {
    if uri.starts_with("data:") {
        return data_uri(uri).ok_or_else(|| "data that is not base64".to_owned());
    }
    let name = percent_decoded(uri);
    let leads_away = name.contains(':')
        || name.starts_with(['/', '\\'])
        || name.split(['/', '\\']).any(|part| part == "..");
    if leads_away {
        return Err(format!("it is not beside the model: {name}"));
    }
    let bytes =
        files.read_at_most(&format!("{folder}{name}"), MOST_BYTES).map_err(|error| error.to_string())?;
    Ok(bytes.into_owned())
}

fn percent_decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// sRGB of a linear colour.
fn srgb(linear: [f32; 3]) -> [u8; 3] {
    linear.map(|value| {
        let value = if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
        let encoded =
            if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0 + 0.5) as u8
    })
}

fn linear(srgb: u8) -> f32 {
    let value = f32::from(srgb) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// A document on its way to a model.
struct Reader<'a> {
    buffers: Buffers,
    folder: &'a str,
    files: &'a dyn Files,
    model: Model,
    /// Small versions of the pictures met so far; `None` where one cannot be used.
    textures: BTreeMap<usize, Option<Picture>>,
    warnings: BTreeSet<String>,
    nodes: usize,
    /// Rows of attributes that may still be read.
    rows_left: usize,
    /// Indices that may still be read.
    indices_left: usize,
}

impl Reader<'_> {
    fn node(&mut self, node: &gltf::Node, parent: &Affine, depth: usize) -> Result<(), ModelError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES || depth > DEEPEST {
            return Err(ModelError::TooManyNodes);
        }
        let [x, y, z, w] = node.transform().matrix().map(|column| column.map(f64::from));
        let axis = |[a, b, c, _]: [f64; 4]| turned(parent, [a, b, c]);
        let map = [axis(x), axis(y), axis(z), moved(parent, [w[0], w[1], w[2]])];
        if node.skin().is_some() {
            self.warn("skins are not supported: the model is drawn at rest");
        }
        if let Some(mesh) = node.mesh() {
            for primitive in mesh.primitives() {
                self.primitive(&primitive, &map)?;
            }
        }
        for child in node.children() {
            self.node(&child, &map, depth + 1)?;
        }
        Ok(())
    }

    fn warn(&mut self, what: &str) {
        self.warnings.insert(what.to_owned());
    }

    /// The rows of an attribute, of which there are only so many in all.
    fn rows(&mut self, accessor: &gltf::Accessor, width: usize) -> Result<Vec<[f32; 4]>, ModelError> {
        let rows = self.buffers.rows(accessor, width, MOST_VERTICES.min(self.rows_left))?;
        self.rows_left = self.rows_left.saturating_sub(rows.len());
        Ok(rows)
    }

    fn primitive(&mut self, primitive: &gltf::Primitive, map: &Affine) -> Result<(), ModelError> {
        use gltf::mesh::{Mode, Semantic};
        // Looking at one that has nothing in it takes time, too.
        self.rows_left = self.rows_left.checked_sub(1).ok_or(ModelError::TooManyVertices)?;
        if primitive.morph_targets().next().is_some() {
            self.warn("morph targets are not supported: the model is drawn at rest");
        }
        if !matches!(primitive.mode(), Mode::Triangles | Mode::TriangleStrip | Mode::TriangleFan) {
            self.warn("points and lines are not drawn");
            return Ok(());
        }
        let mut rows = |semantic: Semantic, width: usize| {
            primitive.get(&semantic).map(|accessor| self.rows(&accessor, width)).transpose()
        };
        let Some(positions) = rows(Semantic::Positions, 3)? else { return Ok(()) };
        let normals = rows(Semantic::Normals, 3)?;
        let colors = rows(Semantic::Colors(0), 3)?;
        let material = primitive.material();
        let base = material.pbr_metallic_roughness();
        let texture = base.base_color_texture();
        let places = match &texture {
            Some(info) => rows(Semantic::TexCoords(info.tex_coord()), 2)?,
            None => None,
        };
        // Where no vertex says which place of it is its own, a picture is of no use.
        let picture = texture.filter(|_| places.is_some()).map(|info| info.texture().source());
        let picture_index = picture.as_ref().map(gltf::Image::index);
        if let Some(picture) = picture {
            self.open_texture(&picture);
        }
        let factor = base.base_color_factor();
        let strength = material.emissive_strength().unwrap_or(1.0);
        let emissive = srgb(material.emissive_factor().map(|part| part * strength));
        if material.emissive_texture().is_some() {
            self.warn("emissive textures are not supported: the whole surface glows");
        }
        if material.alpha_mode() == gltf::material::AlphaMode::Blend && factor[3] < 0.99 {
            self.warn("transparency is not supported: the model is drawn opaque");
        }
        let picture = picture_index.and_then(|index| self.textures.get(&index)).and_then(Option::as_ref);
        let corners: Vec<ModelVertex> = positions
            .iter()
            .enumerate()
            .map(|(i, [x, y, z, _])| {
                let at = moved(map, [*x, *y, *z].map(f64::from));
                let [r, g, b, _] =
                    colors.as_ref().and_then(|colors| colors.get(i)).copied().unwrap_or([1.0; 4]);
                let painted = places
                    .as_ref()
                    .and_then(|places| places.get(i))
                    .and_then(|[u, v, ..]| picture?.at(*u, *v))
                    .map_or([1.0; 3], |[r, g, b, _]| [r, g, b].map(linear));
                let color =
                    [r * factor[0] * painted[0], g * factor[1] * painted[1], b * factor[2] * painted[2]];
                let normal = normals.as_ref().and_then(|normals| normals.get(i));
                ModelVertex {
                    position: at.map(|part| part as f32),
                    normal: normal.map_or([0.0; 3], |[x, y, z, _]| [*x, *y, *z]),
                    color: srgb(color),
                    emissive,
                }
            })
            .collect();
        if corners.iter().any(|corner| corner.position.iter().any(|part| !part.is_finite())) {
            return Err(ModelError::Broken("a position that is not finite"));
        }
        let indices = match primitive.indices() {
            Some(accessor) => self.buffers.indices(&accessor, self.indices_left)?,
            None => (0..corners.len() as u32).collect(),
        };
        self.indices_left =
            self.indices_left.checked_sub(indices.len()).ok_or(ModelError::TooManyVertices)?;
        if indices.iter().any(|index| *index as usize >= corners.len()) {
            return Err(ModelError::Broken("an index beyond the vertices"));
        }
        let triangles = triangles(&indices, primitive.mode());
        self.take(&corners, &triangles, map, normals.is_some(), material.double_sided())
    }

    /// Puts triangles into the model: their sense of turning mended, flat normals where there are none.
    fn take(
        &mut self,
        corners: &[ModelVertex],
        triangles: &[[u32; 3]],
        map: &Affine,
        has_normals: bool,
        double_sided: bool,
    ) -> Result<(), ModelError> {
        let is_mirrored = dot(map[0], cross(map[1], map[2])) < 0.0;
        // Normals go by the cofactors of the map, which are the crossed axes.
        let sign = if is_mirrored { -1.0 } else { 1.0 };
        let cofactors: Affine =
            [cross(map[1], map[2]), cross(map[2], map[0]), cross(map[0], map[1]), [0.0; 3]]
                .map(|axis: [f64; 3]| axis.map(|part| part * sign));
        let mut known: BTreeMap<(u32, bool), u32> = BTreeMap::new();
        for triangle in triangles {
            let [a, b, c] = if is_mirrored { [triangle[0], triangle[2], triangle[1]] } else { *triangle };
            let at =
                |i: u32| corners.get(i as usize).map_or([0.0; 3], |corner| corner.position.map(f64::from));
            let Some(face) = unit(cross(minus(at(b), at(a)), minus(at(c), at(a)))) else { continue };
            for back in [false, true] {
                if back && !double_sided {
                    continue;
                }
                // Strips, and surfaces with two sides, have more than was read.
                if self.model.indices.len() + 3 > MOST_INDICES {
                    return Err(ModelError::TooManyVertices);
                }
                for i in if back { [a, c, b] } else { [a, b, c] } {
                    if has_normals && let Some(held) = known.get(&(i, back)) {
                        self.model.indices.push(*held);
                        continue;
                    }
                    let Some(corner) = corners.get(i as usize) else { continue };
                    let given = has_normals.then(|| unit(turned(&cofactors, corner.normal.map(f64::from))));
                    let normal = given.flatten().unwrap_or(face).map(|part| if back { -part } else { part });
                    let index = self.model.vertices.len();
                    if index >= MOST_VERTICES {
                        return Err(ModelError::TooManyVertices);
                    }
                    self.model
                        .vertices
                        .push(ModelVertex { normal: normal.map(|part| part as f32), ..*corner });
                    self.model.indices.push(index as u32);
                    if has_normals {
                        known.insert((i, back), index as u32);
                    }
                }
            }
        }
        Ok(())
    }

    /// Opens a picture and keeps it small.
    fn open_texture(&mut self, picture: &gltf::Image) {
        if self.textures.contains_key(&picture.index()) {
            return;
        }
        let bytes = match picture.source() {
            gltf::image::Source::View { view, .. } => self
                .buffers
                .view(&view)
                .map(<[u8]>::to_vec)
                .ok_or_else(|| "it reaches beyond its buffer".to_owned()),
            gltf::image::Source::Uri { uri, .. } => beside(uri, self.folder, self.files),
        };
        let opened = bytes
            .and_then(|bytes| picture::decode(&bytes, MOST_TEXTURE_SIDE).map_err(|error| error.to_string()))
            .map(|picture| picture.shrunk(KEPT_TEXTURE_SIDE));
        if let Err(error) = &opened {
            self.warnings.insert(format!("a texture is left out ({error})"));
        }
        self.textures.insert(picture.index(), opened.ok());
    }
}

/// Strips and fans as triangles.
fn triangles(indices: &[u32], mode: gltf::mesh::Mode) -> Vec<[u32; 3]> {
    use gltf::mesh::Mode;
    match mode {
        Mode::TriangleStrip => indices
            .windows(3)
            .enumerate()
            .filter_map(|(i, window)| match *window {
                [a, b, c] => Some(if i % 2 == 0 { [a, b, c] } else { [b, a, c] }),
                _ => None,
            })
            .collect(),
        Mode::TriangleFan => {
            let first = indices.first().copied().unwrap_or(0);
            let rest = indices.get(1..).unwrap_or_default();
            rest.windows(2).filter_map(|pair| Some([first, *pair.first()?, *pair.get(1)?])).collect()
        }
        _ => indices.chunks_exact(3).filter_map(|corners| corners.try_into().ok()).collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
