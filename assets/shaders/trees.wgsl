// Trees: a crown and a trunk near by, a six-cornered crown that faces the camera farther away.

struct Tree {
    // where it comes out of the ground: east, up, south, metres
    @location(0) foot: vec3<f32>,
    // height in decimetres; kind; a shade of its own; how early it goes with distance
    @location(1) look: vec4<u32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    @location(1) normal: vec3<f32>,
    // rgb: colour
    @location(2) albedo: vec3<f32>,
}

const TREES: u32 = 12u;
const TRUNK: u32 = 15u;

// How many trees of all are left at a distance (as stage::trees counts them).
fn share(distance: f32) -> f32 {
    let reach = frame.accent.w;
    return (1.0 - 0.7 * smoothstep(0.25 * reach, 0.9 * reach, distance))
        * clamp((reach - distance) / (0.15 * reach), 0.0, 1.0);
}

struct Form {
    height: f32,
    // of the height: where the crown begins, half its width
    crown: vec2<f32>,
    is_cone: bool,
}

fn form(v: Tree) -> Form {
    var f: Form;
    let left = share(distance(v.foot, frame.camera.xyz)) * 1.1 - f32(v.look.w) / 255.0;
    f.height = f32(v.look.x) * 0.1 * clamp(left * 8.0, 0.0, 1.0);
    f.is_cone = v.look.y == 1u;
    f.crown = crown_of(v.look.y);
    return f;
}

fn shade(v: Tree) -> vec3<f32> {
    let own = f32(v.look.z) / 255.0;
    // From a little bluer and darker to a little warmer and lighter.
    return frame.ground[TREES + min(v.look.y, 2u)].rgb * mix(vec3<f32>(0.76, 0.80, 0.86), vec3<f32>(1.14, 1.08, 0.98), own);
}

@vertex
fn vertex(v: Tree, @location(2) part: vec4<f32>) -> Between {
    // part: cosine and sine of the way round, how far up, 1 for the trunk
    var out: Between;
    let f = form(v);
    let turn = f32(v.look.z) * 0.37;
    let around = vec2<f32>(part.x * cos(turn) - part.y * sin(turn), part.x * sin(turn) + part.y * cos(turn));
    var up = part.z;
    if part.w > 0.5 {
        let thick = 0.028 * f.height;
        out.point = v.foot + vec3<f32>(around.x * thick, up * (f.crown.x + 0.2) * f.height, around.y * thick);
        out.normal = vec3<f32>(around.x, 0.0, around.y);
        out.albedo = frame.ground[TRUNK].rgb * (0.6 + 0.4 * up);
    } else {
        var wide = 2.0 * sqrt(max(up * (1.0 - up), 0.0));
        if f.is_cone { wide = select(0.0, (1.0 - up) * 1.18, up > 0.01); }
        let bumpy = 1.0 + 0.13 * sin(atan2(part.y, part.x) * 3.0 + turn * 5.0 + up * 4.0);
        let radius = f.crown.y * f.height * wide * bumpy;
        let height = f.height * mix(f.crown.x, 1.0, up);
        out.point = v.foot + vec3<f32>(around.x * radius, height, around.y * radius);
        out.normal = normalize(vec3<f32>(around.x * (wide + 0.02), select(2.0 * up - 1.0, 0.5, f.is_cone), around.y * (wide + 0.02)));
        out.albedo = shade(v) * mix(0.52, 1.05, up);
    }
    out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    return out;
}

@vertex
fn vertex_far(v: Tree, @builtin(vertex_index) i: u32) -> Between {
    var out: Between;
    let f = form(v);
    let middle = crown_middle(v.foot, f.height, v.look.y);
    let toward = normalize(frame.camera.xyz - middle);
    let corner = crown_corner(middle, f.height, v.look.y, toward, i);
    let q = corner.q;
    let above = corner.above;
    out.point = corner.point;
    out.normal = normalize(corner.right * q.x * 0.8 + above * q.y * 0.8 + toward * 0.6);
    out.albedo = shade(v) * mix(0.52, 1.05, 0.5 + 0.5 * q.y * above.y + 0.3 * (1.0 - above.y));
    out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let n = normalize(in.normal);
    // Leaves let some light through.
    let direct = max(dot(n, frame.sun.xyz) * 0.8 + 0.2, 0.0) * shadow(in.point, n);
    skylight = in.albedo * sky_on(n);
    return written(skylight + in.albedo * frame.sun_color.rgb * direct, in.point);
}
