//! What lies flat: from the place's ways and areas to the stage's vertices.

use super::palette;
use super::stage::{FlatVertex, FlatVertices};
use crate::city::{AreaKind, Place};
use crate::mesh::flat::{self, FlatClass, FlatMesh};

/// Width of the outline of a community, metres.
const COMMUNITY_LINE_M: f32 = 2.4;
/// Width of the outline of the subdistrict, metres.
const SUBDISTRICT_LINE_M: f32 = 6.0;
/// Squares, green, water and roads, in painting order.
pub(super) fn surfaces_and_roads(place: &Place) -> FlatVertices {
    to_vertices(&flat::ways(&place.ways), |class| (surface_row(class), [0; 4]))
}

/// The row of the ground palette for a class of [`FlatClass`]: 0 is the bare plain.
fn surface_row(class: u32) -> u32 {
    FlatClass::ALL.iter().find(|known| **known as u32 == class).map_or(0, |known| match known {
        FlatClass::Square => 1,
        FlatClass::Green => 2,
        FlatClass::Water => 3,
        FlatClass::Footway | FlatClass::Alley => 4,
        FlatClass::Residential => 5,
        FlatClass::Secondary => 6,
        FlatClass::Primary => 7,
        FlatClass::Bridge => 6,
        FlatClass::Wall => 8,
    })
}

/// The outlines of communities and of the subdistrict.
pub(super) fn outlines(place: &Place) -> FlatVertices {
    let mut vertices = FlatVertices::default();
    for (kind, width_m, alpha) in
        [(AreaKind::Community, COMMUNITY_LINE_M, 105), (AreaKind::Subdistrict, SUBDISTRICT_LINE_M, 150)]
    {
        let mesh = flat::outlines(place.areas.iter().filter(|area| area.kind == kind), width_m);
        let [r, g, b, _] = palette::AREA_LINE;
        let light = palette::linear([r, g, b], 0.0) * 255.0;
        let tint = [light.x as u8, light.y as u8, light.z as u8, alpha];
        append(&mut vertices, to_vertices(&mesh, |_| (0, tint)));
    }
    vertices
}

fn to_vertices(mesh: &FlatMesh, paint: impl Fn(u32) -> (u32, [u8; 4])) -> FlatVertices {
    let vertices = mesh
        .positions
        .iter()
        .zip(&mesh.class)
        .map(|([east, north], class)| {
            let (class, tint) = paint(*class);
            FlatVertex { place: [*east, -*north], class, tint }
        })
        .collect();
    FlatVertices { vertices, indices: mesh.indices.clone() }
}

fn append(all: &mut FlatVertices, more: FlatVertices) {
    let first = all.vertices.len() as u32;
    all.vertices.extend(more.vertices);
    all.indices.extend(more.indices.into_iter().map(|index| index + first));
}
