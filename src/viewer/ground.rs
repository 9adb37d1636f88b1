//! What lies flat: from the place's ways and areas to the stage's vertices.

use super::palette;
use super::stage::{FlatVertex, FlatVertices, GroundVertex, GroundVertices};
use crate::city::{AreaKind, Place};
use crate::mesh::flat::{self, FlatClass, FlatMesh};
use crate::mesh::{Corner, drape};

/// Width of the outline of a community, metres.
const COMMUNITY_LINE_M: f32 = 2.4;
/// Width of the outline of the subdistrict, metres.
const SUBDISTRICT_LINE_M: f32 = 6.0;

/// The relief, then squares, green, water and roads, in painting order.
pub(super) fn surfaces_and_roads(place: &Place) -> GroundVertices {
    let mut ways = flat::ways(&place.ways);
    let mut ground = GroundVertices::default();
    if let Some(relief) = &place.relief {
        let surface = drape::surface(relief, u32::MAX);
        append_ground(&mut ground, &surface);
        ground.relief = ground.indices.len() as u32;
        ways = drape::drape(&ways, relief);
    }
    append_ground(&mut ground, &ways);
    ground
}

fn append_ground(ground: &mut GroundVertices, mesh: &FlatMesh) {
    let first = ground.vertices.len() as u32;
    ground.vertices.extend(mesh.corners.iter().map(ground_vertex));
    ground.indices.extend(mesh.indices.iter().map(|index| first + index));
}

fn ground_vertex(corner: &Corner) -> GroundVertex {
    let Corner { place: [east, north], up_m, lean, class, lane, flags } = *corner;
    let mut look = surface_row(class);
    for (flag, packed) in [
        (FlatMesh::MARKED, GroundVertex::MARKED),
        (FlatMesh::ZEBRA_FIRST, GroundVertex::ZEBRA_FIRST),
        (FlatMesh::ZEBRA_LAST, GroundVertex::ZEBRA_LAST),
    ] {
        if flags & flag != 0 {
            look |= packed;
        }
    }
    if class == FlatClass::Bank as u32 {
        look |= GroundVertex::BANK;
    }
    GroundVertex {
        point: [east, up_m, -north],
        lane: [lane.along_m, lane.left_m, lane.across_m, lane.half_m].map(GroundVertex::steps),
        look: [look, GroundVertex::lean(lean[0]), GroundVertex::lean(-lean[1]), 0],
    }
}

/// The row of the ground palette for a class of [`FlatClass`]: 0 is the bare plain.
fn surface_row(class: u32) -> u8 {
    FlatClass::ALL.iter().find(|known| **known as u32 == class).map_or(0, |known| match known {
        FlatClass::Square => 1,
        FlatClass::Green => 2,
        FlatClass::Water | FlatClass::Bank => 3,
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
        let mesh = match &place.relief {
            Some(relief) => drape::drape(&mesh, relief),
            None => mesh,
        };
        append(&mut vertices, tinted(&mesh, tint));
    }
    vertices
}

fn tinted(mesh: &FlatMesh, tint: [u8; 4]) -> FlatVertices {
    let vertices = mesh
        .corners
        .iter()
        .map(|Corner { place: [east, north], up_m, .. }| FlatVertex {
            place: [*east, -*north],
            up: *up_m,
            tint,
        })
        .collect();
    FlatVertices { vertices, indices: mesh.indices.clone() }
}

fn append(all: &mut FlatVertices, more: FlatVertices) {
    let first = all.vertices.len() as u32;
    all.vertices.extend(more.vertices);
    all.indices.extend(more.indices.into_iter().map(|index| index + first));
}
