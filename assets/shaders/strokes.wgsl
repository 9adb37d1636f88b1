// Lines and walls of light: an instance is a piece between two points of the world, and becomes a quad.

struct VertexIn {
    @location(0) from_point: vec3<f32>,
    // sRGB and alpha
    @location(1) color: vec4<f32>,
    @location(2) to_point: vec3<f32>,
    // byte 0: kind; byte 1: width, in quarter points on screen or tenths of a metre on the ground
    @location(3) look: u32,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    // x: pixels half across (lines), y: −1 to 1 across, or 0 to 1 up a wall
    @location(0) local: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    @location(2) point: vec3<f32>,
    // xy: where the piece begins on screen, zw: its direction, pixels
    @location(3) @interpolate(flat) run: vec4<f32>,
    @location(4) @interpolate(flat) kind: u32,
}

const LINE: u32 = 0u;
const WALL: u32 = 1u;
const RIBBON: u32 = 2u;
const NEAR: f32 = 1.0;
// Lines lie this share of their distance before what they are drawn on.
const BEFORE: f32 = 0.003;

fn pixels(clip: vec4<f32>) -> vec2<f32> {
    return vec2<f32>(clip.x, -clip.y) / clip.w * frame.viewport.xy * 0.5;
}

@vertex
fn vertex(@builtin(vertex_index) corner: u32, v: VertexIn) -> Between {
    var quad = array<vec2<f32>, 6>(
        vec2<f32>(0.0, -1.0), vec2<f32>(1.0, -1.0), vec2<f32>(1.0, 1.0),
        vec2<f32>(0.0, -1.0), vec2<f32>(1.0, 1.0), vec2<f32>(0.0, 1.0));
    let q = quad[corner];
    let kind = v.look & 0xFFu;
    let width = f32((v.look >> 8u) & 0xFFu);
    var out: Between;
    out.kind = kind;
    out.color = v.color;
    out.run = vec4<f32>(0.0);
    out.point = mix(v.from_point, v.to_point, q.x);
    out.local = vec2<f32>(0.0, q.y);
    if kind == WALL {
        // As high on screen from afar as from near by, within limits.
        let up = q.y * 0.5 + 0.5;
        let height = clamp(distance(out.point, frame.camera.xyz) * 0.034, 6.0, 130.0);
        out.point.y += up * height;
        out.local = vec2<f32>(0.0, up);
        out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
        return out;
    }
    var a = frame.clip_from_world * vec4<f32>(v.from_point, 1.0);
    var b = frame.clip_from_world * vec4<f32>(v.to_point, 1.0);
    if a.w < NEAR && b.w < NEAR {
        out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0);
        return out;
    }
    if a.w < NEAR { a = mix(a, b, (NEAR - a.w) / (b.w - a.w)); }
    if b.w < NEAR { b = mix(b, a, (NEAR - b.w) / (a.w - b.w)); }
    let pa = pixels(a);
    let pb = pixels(b);
    let run = pb - pa;
    let along = run / max(length(run), 0.001);
    let end = select(a, b, q.x > 0.5);
    var half = width * 0.125 * frame.viewport.z;
    if kind == RIBBON {
        // As wide as it is on the ground, but never thinner than a line.
        half = max(width * 0.05 * frame.camera.w / end.w, 0.6 * frame.viewport.z);
    }
    // One pixel more on each side for a soft edge; lines reach over their ends, so that corners close.
    let reach = half + 1.0;
    let across = vec2<f32>(-along.y, along.x) * q.y * reach;
    let over = along * (q.x * 2.0 - 1.0) * half * select(1.0, 0.4, kind == RIBBON);
    let offset = (across + over) * vec2<f32>(2.0, -2.0) / frame.viewport.xy;
    out.clip = vec4<f32>(end.xy + offset * end.w, end.z * (1.0 + BEFORE), end.w);
    out.local = vec2<f32>(half, q.y * reach);
    out.run = vec4<f32>(pa + frame.viewport.xy * 0.5, along);
    return out;
}

fn painted(in: Between) -> vec4<f32> {
    var a = in.color.a;
    if in.kind == WALL {
        // A bright foot, then light that thins out upward.
        let foot = 1.0 - smoothstep(0.0, 1.0, in.local.y / max(fwidth(in.local.y) * 1.6, 0.02));
        let up = 1.0 - in.local.y;
        a *= up * up * 0.55 + foot * 0.45;
    } else {
        a *= 1.0 - smoothstep(in.local.x - 0.5, in.local.x + 0.5, abs(in.local.y));
    }
    return vec4<f32>(pow(in.color.rgb, vec3<f32>(2.2)), a);
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    return painted(in);
}

// Behind a building: dashed, and dim.
@fragment
fn fragment_hidden(in: Between) -> @location(0) vec4<f32> {
    let c = painted(in);
    let way = dot(in.clip.xy - in.run.xy, in.run.zw) / (5.0 * frame.viewport.z);
    let dash = select(smoothstep(0.30, 0.45, abs(fract(way) - 0.5)), 1.0, in.kind == WALL);
    return vec4<f32>(c.rgb, c.a * 0.55 * dash);
}
