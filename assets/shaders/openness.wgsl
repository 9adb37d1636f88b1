// How open the sky is over the ground between buildings, and how close their walls are (mesh::openness). Group 2.

@group(2) @binding(0) var<uniform> openness_place: vec4<f32>;
@group(2) @binding(1) var openness_map: texture_2d<f32>;
@group(2) @binding(2) var openness_sampler: sampler;

// x: the share of the sky that is seen from the ground, y: how much around is built within a few metres.
fn openness(point: vec3<f32>) -> vec2<f32> {
    let uv = (point.xz - openness_place.xy) * openness_place.zw;
    return textureSampleLevel(openness_map, openness_sampler, uv, 0.0).rg;
}

// The same without smoothing, for what lies far away.
fn openness_far(point: vec3<f32>) -> vec2<f32> {
    let at = (point.xz - openness_place.xy) * openness_place.zw * vec2<f32>(textureDimensions(openness_map));
    return textureLoad(openness_map, clamp(vec2<i32>(at), vec2<i32>(0), vec2<i32>(textureDimensions(openness_map)) - 1), 0).rg;
}
