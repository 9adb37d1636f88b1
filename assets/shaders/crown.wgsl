// What a tree's crown seen from afar is: six corners that face something, the camera or the sun.
// Prepended to trees.wgsl and shadow.wgsl.

// Where the crown begins and half its width, of the height, by kind of tree; cones are of kind 1.
fn crown_of(kind: u32) -> vec2<f32> {
    if kind == 1u { return vec2<f32>(0.12, 0.22); }
    if kind == 2u { return vec2<f32>(-0.15, 0.62); }
    return vec2<f32>(0.24, 0.33);
}

fn crown_middle(foot: vec3<f32>, height: f32, kind: u32) -> vec3<f32> {
    return foot + vec3<f32>(0.0, height * (crown_of(kind).x * 0.7 + 1.0) * 0.5, 0.0);
}

struct CrownCorner {
    point: vec3<f32>,
    right: vec3<f32>,
    above: vec3<f32>,
    // where it is, right and up, of the crown's half width and height
    q: vec2<f32>,
}

// One of the twelve corners of its four triangles.
fn crown_corner(middle: vec3<f32>, height: f32, kind: u32, toward: vec3<f32>, i: u32) -> CrownCorner {
    var corners = array<vec2<f32>, 6>(
        vec2<f32>(0.0, 1.0), vec2<f32>(-0.87, 0.5), vec2<f32>(-0.87, -0.5),
        vec2<f32>(0.0, -1.0), vec2<f32>(0.87, -0.5), vec2<f32>(0.87, 0.5));
    var fan = array<u32, 12>(0u, 1u, 2u, 0u, 2u, 3u, 0u, 3u, 4u, 0u, 4u, 5u);
    var out: CrownCorner;
    out.q = corners[fan[i]];
    let crown = crown_of(kind);
    out.right = normalize(cross(vec3<f32>(0.0, 1.0, 0.0), toward) + vec3<f32>(0.0001, 0.0, 0.0));
    out.above = cross(toward, out.right);
    // A pointed crown is broad below, seen from the side.
    if kind == 1u { out.q.x *= mix(1.0, 0.95 - 0.65 * out.q.y, out.above.y); }
    let half_up = height * (1.0 - crown.x * 0.7) * 0.5;
    let radius = height * crown.y;
    let tall = sqrt(half_up * half_up * out.above.y * out.above.y + radius * radius * (1.0 - out.above.y * out.above.y));
    out.point = middle + out.right * (out.q.x * radius) + out.above * (out.q.y * tall);
    return out;
}
