//! Models as packed vertices: 16 bytes each, for the stage.

use crate::city::Model;

/// One vertex: 16 bytes, little endian, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct PackedVertex {
    /// In 65,535ths of the model's box, from its least corner.
    pub position: [u16; 3],
    /// Light of its own: sRGB in 5, 6 and 5 bits, red lowest.
    pub emissive: u16,
    /// The normal in 127ths, and 0.
    pub normal: [i8; 4],
    /// sRGB, and 255.
    pub color: [u8; 4],
}

impl PackedVertex {
    /// Bytes of one vertex.
    pub const BYTES: usize = 16;

    /// As it lies in the buffer.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let [x, y, z] = self.position.map(u16::to_le_bytes);
        let emissive = self.emissive.to_le_bytes();
        let normal = self.normal.map(|part| part as u8);
        let parts = [x, y, z, emissive].into_iter().flatten().chain(normal).chain(self.color);
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = part;
        }
        bytes
    }
}

/// A model, packed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PackedModel {
    /// [`PackedVertex`] values.
    pub vertices: Vec<u8>,
    /// Three a triangle.
    pub indices: Vec<u32>,
    /// The least corner of its box, metres.
    pub min: [f32; 3],
    /// The greatest corner.
    pub max: [f32; 3],
}

/// Packs a model.
pub fn pack(model: &Model) -> PackedModel {
    let mut vertices = Vec::with_capacity(model.vertices.len() * PackedVertex::BYTES);
    for vertex in &model.vertices {
        let position = std::array::from_fn(|axis| {
            let size = model.max[axis] - model.min[axis];
            let share = if size > 0.0 { (vertex.position[axis] - model.min[axis]) / size } else { 0.0 };
            // The cast saturates.
            (share * 65_535.0 + 0.5) as u16
        });
        let [r, g, b] = vertex.emissive.map(u16::from);
        let emissive = r >> 3 | g >> 2 << 5 | b >> 3 << 11;
        let [x, y, z] = vertex.normal.map(|part| (part * 127.0).round() as i8);
        let [red, green, blue] = vertex.color;
        let packed =
            PackedVertex { position, emissive, normal: [x, y, z, 0], color: [red, green, blue, 255] };
        vertices.extend_from_slice(&packed.to_bytes());
    }
    PackedModel { vertices, indices: model.indices.clone(), min: model.min, max: model.max }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::ModelVertex;

    #[test]
    fn a_vertex_is_sixteen_bytes() {
        let vertex = |position: [f32; 3]| ModelVertex {
            position,
            normal: [0.0, 1.0, 0.0],
            color: [1, 2, 3],
            emissive: [255, 255, 8],
        };
        let model = Model {
            vertices: vec![vertex([-2.0, 0.0, 5.0]), vertex([2.0, 0.0, 5.0]), vertex([0.0, 8.0, 5.0])],
            indices: vec![0, 1, 2],
            min: [-2.0, 0.0, 5.0],
            max: [2.0, 8.0, 5.0],
        };
        let packed = pack(&model);
        assert_eq!(packed.vertices.len(), 48);
        // The third: half way along x, at the top; red 31, green 63, blue 1.
        assert_eq!(packed.vertices[32..40], [0, 128, 255, 255, 0, 0, 0xFF, 0b0000_1111]);
        assert_eq!(packed.vertices[40..], [0, 127, 0, 0, 1, 2, 3, 255]);
    }
}
