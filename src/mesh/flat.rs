//! Ways and areas as flat triangles on the ground.

/// Triangles on the ground, each vertex with a class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlatMesh {
    /// `[east, north]` in local metres.
    pub positions: Vec<[f32; 2]>,
    /// What each vertex belongs to.
    pub class: Vec<u32>,
    /// Three a triangle, counter-clockwise seen from above.
    pub indices: Vec<u32>,
}
