// The sun's maps: buildings drawn on the ground where their shadow falls, as deep as they are low. See stage/cascades.rs.

struct Map {
    // xy: north-west corner, metres east and south; z: 1 / side; w: unused
    square: vec4<f32>,
    // xy: metres that a metre of height moves a point; z: the top of what is built; w: 1 / metres from top to bottom
    sun: vec4<f32>,
}

@group(0) @binding(0) var<uniform> map: Map;

// Where a point of the world is in the map. Everything else that throws a shadow uses it too.
fn in_map(point: vec3<f32>) -> vec4<f32> {
    let at = (point.xz - map.sun.xy * point.y - map.square.xy) * map.square.z;
    return vec4<f32>(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, clamp((map.sun.z - point.y) * map.sun.w, 0.0, 1.0), 1.0);
}

// A tile's vertex (city.wgsl).
@vertex
fn vertex(
    @location(0) place: vec4<u32>,
    @location(2) corner: vec3<f32>,
    @location(4) step: vec3<f32>,
) -> @builtin(position) vec4<f32> {
    return in_map(corner + vec3<f32>(place.xyz) * step);
}

// A landmark's vertex (model.wgsl).
@vertex
fn vertex_model(
    @location(0) place: vec4<u32>,
    @location(3) corner: vec4<f32>,
    @location(4) size: vec4<f32>,
    @location(5) origin: vec4<f32>,
    @location(6) turn: vec4<f32>,
) -> @builtin(position) vec4<f32> {
    let p = corner.xyz + vec3<f32>(place.xyz) * (1.0 / 65535.0) * size.xyz;
    let turned = vec3<f32>(p.x * turn.x - p.z * origin.w, p.y, p.x * origin.w + p.z * turn.x);
    return in_map(origin.xyz + turned);
}

// The relief's vertex (flat.wgsl).
@vertex
fn vertex_hill(@location(0) point: vec3<f32>) -> @builtin(position) vec4<f32> {
    return in_map(point);
}

// A tree (trees.wgsl), at its full height whatever its distance: a six-cornered crown and a trunk, both facing the sun.
// The crown stands at the far end of what it shades, so that a tree does not shade itself.
@vertex
fn vertex_tree(
    @location(0) foot: vec3<f32>,
    @location(1) look: vec4<u32>,
    @builtin(vertex_index) i: u32,
) -> @builtin(position) vec4<f32> {
    let height = f32(look.x) * 0.1;
    let kind = look.y;
    let toward = normalize(vec3<f32>(map.sun.x, 1.0, map.sun.y));
    let crown = crown_of(kind);
    if i < 12u {
        let middle = crown_middle(foot, height, kind) - toward * (height * crown.y);
        return in_map(crown_corner(middle, height, kind, toward, i).point);
    }
    var trunk = array<vec2<f32>, 6>(
        vec2<f32>(-1.0, 0.0), vec2<f32>(1.0, 0.0), vec2<f32>(1.0, 1.0),
        vec2<f32>(-1.0, 0.0), vec2<f32>(1.0, 1.0), vec2<f32>(-1.0, 1.0));
    let q = trunk[i - 12u];
    let right = normalize(cross(vec3<f32>(0.0, 1.0, 0.0), toward) + vec3<f32>(0.0001, 0.0, 0.0));
    return in_map(foot + right * (q.x * 0.028 * height) + vec3<f32>(0.0, q.y * (crown.x + 0.2) * height, 0.0));
}
