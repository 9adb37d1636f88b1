// How open the sky is over the ground between buildings, and how close their walls are (mesh::openness).
// Prepended with OPENNESS_GROUP: 2 beside the city's records, 1 where there is nothing between, since OpenGL takes no gap.

@group(OPENNESS_GROUP) @binding(0) var<uniform> openness_place: vec4<f32>;
@group(OPENNESS_GROUP) @binding(1) var openness_map: texture_2d<f32>;
@group(OPENNESS_GROUP) @binding(2) var openness_sampler: sampler;

// x: the share of the sky that is seen from the ground, y: how much around is built within a few metres.
fn openness(point: vec3<f32>) -> vec2<f32> {
    let uv = (point.xz - openness_place.xy) * openness_place.zw;
    return textureSampleLevel(openness_map, openness_sampler, uv, 0.0).rg;
}
