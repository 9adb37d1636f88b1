//! Tiles, levels and the packed vertex.

/// Ranges of walls by where they face: sector 0 is centred on east, and on counter-clockwise toward north.
pub const SECTORS: usize = 8;

/// The side of a tile of level 0, in metres; each level halves it. Level 10 is 1,024 m.
const ROOT_M: f64 = 1_048_576.0;

/// A square of the fixed quadtree in local metres. The same key serves mesh, cache, picking and streaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileKey {
    /// 0 is 1,048,576 m a side; each level halves it.
    pub level: u8,
    /// Squares east of the frame's origin; −1 is the first to the west.
    pub x: i32,
    /// Squares north of it.
    pub y: i32,
}

impl TileKey {
    /// The square of a level that a point `[east, north]` lies in.
    pub fn at(level: u8, [east, north]: [f64; 2]) -> Self {
        let side_m = Self::side_m(level);
        Self { level, x: (east / side_m).floor() as i32, y: (north / side_m).floor() as i32 }
    }

    /// The side of the squares of a level, in metres.
    pub fn side_m(level: u8) -> f64 {
        ROOT_M / f64::from(level.min(30)).exp2()
    }

    /// The square that this one is a quarter of.
    #[must_use]
    pub fn parent(self) -> Self {
        Self { level: self.level.saturating_sub(1), x: self.x >> 1, y: self.y >> 1 }
    }
}

/// One vertex: 12 bytes, little endian, in this order.
///
/// A wall's triangles and a roof's begin with a vertex whose facing is theirs (the corner at the foot where the wall starts,
/// or a corner of the roof), so that a flat-interpolated attribute of the first vertex is the normal of the face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Vertex {
    /// x east, y up, z south: `tile.min + position * tile.step`.
    pub position: [u16; 3],
    /// The building within the tile: add `tile.first_row` for the state texture.
    pub row: u16,
    /// Decimetres along the ring from its first corner; the last wall ends in a second vertex at the first corner.
    pub along_dm: u16,
    /// [`Vertex::TOP`], [`Vertex::HOLE`]; bits 2–6 how far along its facade the corner stands ([`Vertex::EDGE`]);
    /// [`Vertex::CONCAVE`]; bits 8–11 the facing (0–7 a sector, 8 up), bits 12–15 the sixteenth within the sector,
    /// from its clockwise edge.
    pub flags: u16,
}

impl Vertex {
    /// Bytes of one vertex.
    pub const BYTES: usize = 12;
    /// The vertex is at the top of the prism.
    pub const TOP: u16 = 1;
    /// The vertex belongs to a courtyard.
    pub const HOLE: u16 = 2;
    /// From one sharp corner of a ring to the next these five bits run from 0 to 31 or back, so that an interpolated
    /// value says how near a facade's edge is; corners that hardly bend lie in between.
    pub const EDGE: u16 = 31 << 2;
    /// The corner bends inward, where less light comes.
    pub const CONCAVE: u16 = 1 << 7;
    /// The facing of roofs.
    pub const UP: u16 = 8;

    /// As it lies in the buffer.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let [x, y, z] = self.position.map(u16::to_le_bytes);
        let [row, along, flags] = [self.row, self.along_dm, self.flags].map(u16::to_le_bytes);
        [x[0], x[1], y[0], y[1], z[0], z[1], row[0], row[1], along[0], along[1], flags[0], flags[1]]
    }

    /// From the bytes of a buffer; missing ones count as zero.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let at = |i: usize| {
            let byte = |j: usize| bytes.get(j).copied().unwrap_or(0);
            u16::from_le_bytes([byte(2 * i), byte(2 * i + 1)])
        };
        Self { position: [at(0), at(1), at(2)], row: at(3), along_dm: at(4), flags: at(5) }
    }

    /// The facing: 0–7 a sector of walls, 8 up.
    pub fn facing(self) -> u16 {
        self.flags >> 8 & 15
    }
}

/// One level of detail of a tile: vertices, and indices in nine ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Level {
    /// Packed [`Vertex`] values.
    pub vertices: Vec<u8>,
    /// Three a triangle, counter-clockwise seen from outside.
    pub indices: Vec<u16>,
    /// Ends of ranges of `indices`: walls facing sector 0, 1, …, 7, then roofs (and undersides of what floats).
    pub sector_ends: [u32; SECTORS + 1],
}

impl Level {
    /// How many triangles.
    pub fn triangles(&self) -> usize {
        self.indices.len() / 3
    }

    /// How many vertices.
    pub fn vertex_count(&self) -> usize {
        self.vertices.len() / Vertex::BYTES
    }

    /// Bytes of vertices and indices.
    pub fn bytes(&self) -> usize {
        self.vertices.len() + 2 * self.indices.len()
    }

    /// One vertex.
    pub fn vertex(&self, i: usize) -> Vertex {
        Vertex::from_bytes(self.vertices.get(i * Vertex::BYTES..).unwrap_or_default())
    }

    /// The range of indices of a sector (0–7) or of the roofs (8).
    pub fn sector(&self, sector: usize) -> std::ops::Range<u32> {
        let end = self.sector_ends.get(sector).copied().unwrap_or(0);
        let start = if sector == 0 { 0 } else { self.sector_ends.get(sector - 1).copied().unwrap_or(end) };
        start..end
    }
}

/// A square's buildings, packed. It can be uploaded again at any time.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Which square. Several tiles share one only where more buildings stand on one spot than a tile can hold.
    pub key: TileKey,
    /// The least corner of the real bounds: x east, y up, z south, in metres.
    pub min: [f32; 3],
    /// The greatest corner.
    pub max: [f32; 3],
    /// Metres a step of a packed position, by axis.
    pub step: [f32; 3],
    /// The row of the first building in the state texture.
    pub first_row: u32,
    /// The building of row `first_row + i`.
    pub buildings: Vec<u32>,
    /// All corners, roofs with open courtyards.
    pub full: Level,
    /// A simplified prism of each building, for far away.
    pub block: Level,
}

impl Tile {
    /// A packed position in metres.
    pub fn position(&self, packed: [u16; 3]) -> [f32; 3] {
        std::array::from_fn(|axis| self.min[axis] + f32::from(packed[axis]) * self.step[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_nest_and_halve() {
        assert_eq!(TileKey::side_m(10), 1024.0);
        assert_eq!(TileKey::at(10, [1500.0, -3.0]), TileKey { level: 10, x: 1, y: -1 });
        assert_eq!(TileKey::at(10, [1500.0, -3.0]).parent(), TileKey::at(9, [1500.0, -3.0]));
    }

    #[test]
    fn a_vertex_is_twelve_bytes_there_and_back() {
        let vertex =
            Vertex { position: [1, 2, 65_535], row: 4, along_dm: 500, flags: Vertex::TOP | Vertex::UP << 8 };
        let bytes = vertex.to_bytes();
        assert_eq!(bytes, [1, 0, 2, 0, 255, 255, 4, 0, 0xF4, 1, 1, 8]);
        assert_eq!(Vertex::from_bytes(&bytes), vertex);
        assert_eq!(vertex.facing(), Vertex::UP);
    }
}
