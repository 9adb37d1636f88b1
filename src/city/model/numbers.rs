//! Numbers out of a glTF buffer: every offset is checked, and what the file says about itself is not believed.

use gltf::accessor::{DataType, Dimensions};
use gltf::{Accessor, Document};

use super::ModelError;

/// The bytes of each buffer of a document.
pub(super) struct Buffers(pub(super) Vec<Vec<u8>>);

impl Buffers {
    /// The bytes that a view covers.
    pub(super) fn view(&self, view: &gltf::buffer::View) -> Option<&[u8]> {
        let buffer = self.0.get(view.buffer().index())?;
        buffer.get(view.offset()..view.offset().checked_add(view.length())?)
    }

    /// Rows of at least `width` numbers each, normalised where the accessor says so. At most `most` rows.
    pub(super) fn rows(
        &self,
        accessor: &Accessor,
        width: usize,
        most: usize,
    ) -> Result<Vec<[f32; 4]>, ModelError> {
        let components = match accessor.dimensions() {
            Dimensions::Scalar => 1,
            Dimensions::Vec2 => 2,
            Dimensions::Vec3 => 3,
            Dimensions::Vec4 => 4,
            _ => return Err(ModelError::Broken("an attribute is a matrix")),
        };
        if components < width {
            return Err(ModelError::Broken("an attribute has too few numbers"));
        }
        let mut rows = Vec::new();
        self.each(accessor, components, most, |bytes, size| {
            let mut row = [0.0, 0.0, 0.0, 1.0];
            for (value, bytes) in row.iter_mut().zip(bytes.chunks_exact(size)) {
                *value = number(bytes, accessor.data_type(), accessor.normalized());
            }
            rows.push(row);
        })?;
        Ok(rows)
    }

    /// Whole numbers: indices. At most `most` of them.
    pub(super) fn indices(&self, accessor: &Accessor, most: usize) -> Result<Vec<u32>, ModelError> {
        if accessor.dimensions() != Dimensions::Scalar {
            return Err(ModelError::Broken("indices are not single numbers"));
        }
        let mut indices = Vec::new();
        self.each(accessor, 1, most, |bytes, _| {
            indices.push(match *bytes {
                [a] => u32::from(a),
                [a, b] => u32::from(u16::from_le_bytes([a, b])),
                [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
                _ => u32::MAX,
            });
        })?;
        Ok(indices)
    }

    /// Calls with the bytes of each element and the bytes of one number.
    fn each(
        &self,
        accessor: &Accessor,
        components: usize,
        most: usize,
        mut take: impl FnMut(&[u8], usize),
    ) -> Result<(), ModelError> {
        if accessor.sparse().is_some() {
            return Err(ModelError::Unsupported("sparse accessors"));
        }
        if accessor.count() > most {
            return Err(ModelError::TooManyVertices);
        }
        let outside = ModelError::Broken("an accessor reaches beyond its buffer");
        let view = accessor.view().ok_or(ModelError::Broken("an accessor without a buffer view"))?;
        let bytes = self.view(&view).ok_or(outside.clone())?;
        let size = accessor.data_type().size();
        let element = size * components;
        let stride = view.stride().unwrap_or(element);
        for i in 0..accessor.count() {
            let start = i.checked_mul(stride).and_then(|at| at.checked_add(accessor.offset()));
            let end = start.and_then(|start| start.checked_add(element));
            let range = start.zip(end).and_then(|(start, end)| bytes.get(start..end));
            take(range.ok_or(outside.clone())?, size);
        }
        Ok(())
    }
}

fn number(bytes: &[u8], kind: DataType, normalized: bool) -> f32 {
    let (value, most) = match (kind, bytes) {
        (DataType::I8, &[a]) => (f32::from(a as i8), 127.0),
        (DataType::U8, &[a]) => (f32::from(a), 255.0),
        (DataType::I16, &[a, b]) => (f32::from(i16::from_le_bytes([a, b])), 32_767.0),
        (DataType::U16, &[a, b]) => (f32::from(u16::from_le_bytes([a, b])), 65_535.0),
        (DataType::U32, &[a, b, c, d]) => (u32::from_le_bytes([a, b, c, d]) as f32, 4_294_967_295.0),
        (DataType::F32, &[a, b, c, d]) => return f32::from_le_bytes([a, b, c, d]),
        _ => return 0.0,
    };
    if normalized { (value / most).max(-1.0) } else { value }
}

/// The JSON and the binary part of a `.glb`, or the JSON of a `.gltf`.
pub(super) fn split(bytes: &[u8]) -> Result<(&[u8], Option<&[u8]>), ModelError> {
    let word =
        |at: usize| -> Option<u32> { Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?)) };
    if !bytes.starts_with(b"glTF") {
        return Ok((bytes, None));
    }
    if word(4) != Some(2) {
        return Err(ModelError::Unsupported("a version of glTF other than 2"));
    }
    let cut_off = ModelError::Broken("the file breaks off");
    let (mut json, mut binary) = (None, None);
    let mut at = 12;
    while at + 8 <= bytes.len() {
        let length = word(at).ok_or(cut_off.clone())? as usize;
        let chunk = bytes.get(at + 8..).and_then(|rest| rest.get(..length)).ok_or(cut_off.clone())?;
        match word(at + 4) {
            Some(0x4E4F_534A) if json.is_none() => json = Some(chunk),
            Some(0x004E_4942) if binary.is_none() => binary = Some(chunk),
            // What the standard may add later is left alone.
            _ => {}
        }
        at = at + 8 + length.next_multiple_of(4);
    }
    Ok((json.ok_or(cut_off)?, binary))
}

/// The JSON, checked by the rules of the standard.
pub(super) fn document(json: &[u8]) -> Result<Document, ModelError> {
    /// Packed numbers and moved textures are read all the same, since nothing here asks for floats.
    const READ_ALL_THE_SAME: [&str; 2] = ["KHR_mesh_quantization", "KHR_texture_transform"];
    let mut root: gltf::json::Root =
        gltf::json::deserialize::from_slice(json).map_err(|error| ModelError::Json(error.to_string()))?;
    root.extensions_required.retain(|name| !READ_ALL_THE_SAME.contains(&name.as_str()));
    // The crate's own check indexes by these before it has looked at them.
    let accessors = root.accessors.len();
    let primitives = || root.meshes.iter().flat_map(|mesh| &mesh.primitives);
    if primitives().any(|primitive| primitive.attributes.values().any(|index| index.value() >= accessors)) {
        return Err(ModelError::Broken("an attribute without an accessor"));
    }
    // And it hands out pictures whose source is not said, whether or not anybody needs that it is.
    for image in &mut root.images {
        if image.buffer_view.is_none() && image.uri.is_none() {
            image.uri = Some(String::new());
        } else if image.buffer_view.is_some() && image.mime_type.is_none() {
            image.mime_type = Some(gltf::json::image::MimeType(String::new()));
        }
    }
    Document::from_json(root).map_err(|error| match error {
        gltf::Error::Validation(wrong) => {
            let list: Vec<String> =
                wrong.iter().take(3).map(|(path, error)| format!("{} ({error:?})", path.as_str())).collect();
            ModelError::Invalid(list.join(", "))
        }
        other => ModelError::Json(other.to_string()),
    })
}

/// The bytes of a `data:` URI in base64.
pub(super) fn data_uri(uri: &str) -> Option<Vec<u8>> {
    let (_, text) = uri.strip_prefix("data:")?.split_once(";base64,")?;
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace() && *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(data_uri("data:application/octet-stream;base64,TWFu"), Some(b"Man".to_vec()));
        assert_eq!(data_uri("data:;base64,TWE="), Some(b"Ma".to_vec()));
        assert_eq!(data_uri("data:;base64,T W!"), None);
        assert_eq!(data_uri("model.bin"), None);
    }

    #[test]
    fn a_cut_off_container_is_told() {
        let mut bytes = b"glTF\x02\0\0\0\xFF\0\0\0".to_vec();
        bytes.extend([9, 0, 0, 0, b'J', b'S', b'O', b'N', b'{', b'}']);
        assert_eq!(split(&bytes), Err(ModelError::Broken("the file breaks off")));
        assert_eq!(split(b"{}"), Ok((&b"{}"[..], None)));
    }
}
