// Everything that stands up to the camera: pins, patrols, trails, rings on the ground, glyphs.
// One record is four texels of a texture 2,048 wide; a quad is made of each. Group 1.

@group(1) @binding(0) var records: texture_2d<u32>;
@group(1) @binding(1) var atlas: texture_2d<f32>;
@group(1) @binding(2) var atlas_sampler: sampler;

struct Between {
    @builtin(position) clip: vec4<f32>,
    // xy: −1 to 1 across the quad; z: how much of its alpha is left
    @location(0) local: vec3<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) @interpolate(flat) color: vec4<f32>,
    @location(3) @interpolate(flat) back: vec4<f32>,
    // x: kind, y: shape or flags, z: pixels of half the quad's height, w: phase 0..255
    @location(4) @interpolate(flat) look: vec4<f32>,
}

const GLYPH: u32 = 0u;
const PIN: u32 = 1u;
const ARROW: u32 = 2u;
const RING: u32 = 3u;
const TRAIL: u32 = 4u;
const PLATE: u32 = 5u;
const STEM: u32 = 6u;

fn half(v: u32) -> vec2<f32> {
    // Two signed 16-bit numbers, in eighths of a pixel.
    return vec2<f32>(f32(i32(v << 16u) >> 16u), f32(i32(v) >> 16u)) * 0.125;
}

@vertex
fn vertex(@builtin(vertex_index) corner: u32, @builtin(instance_index) i: u32) -> Between {
    let at = vec2<i32>(i32((i * 4u) & 2047u), i32((i * 4u) >> 11u));
    let a = textureLoad(records, at, 0);
    let b = textureLoad(records, at + vec2<i32>(1, 0), 0);
    let c = textureLoad(records, at + vec2<i32>(2, 0), 0);
    let d = textureLoad(records, at + vec2<i32>(3, 0), 0);
    var quad = array<vec2<f32>, 6>(
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, -1.0), vec2<f32>(1.0, 1.0),
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, 1.0), vec2<f32>(-1.0, 1.0));
    let q = quad[corner];
    let kind = a.w & 0xFFu;
    let anchor = bitcast<vec3<f32>>(a.xyz);
    var out: Between;
    out.local = vec3<f32>(q, 1.0);
    out.color = unpack4x8unorm(b.x);
    out.back = unpack4x8unorm(b.y);
    let extent = half(b.w);
    out.look = vec4<f32>(f32(kind), f32((a.w >> 8u) & 0xFFu), extent.y, f32((a.w >> 16u) & 0xFFu) / 255.0);
    let uv_min = vec2<f32>(f32(c.x & 0xFFFFu), f32(c.x >> 16u));
    let uv_max = vec2<f32>(f32(c.y & 0xFFFFu), f32(c.y >> 16u));
    out.uv = mix(uv_min, uv_max, vec2<f32>(q.x, -q.y) * 0.5 + 0.5) / vec2<f32>(textureDimensions(atlas));

    if kind == RING {
        // Lies on the ground; extent is in metres here.
        let p = anchor + vec3<f32>(q.x * extent.x, 0.0, -q.y * extent.x);
        out.clip = frame.clip_from_world * vec4<f32>(p, 1.0);
        return out;
    }
    let clip = frame.clip_from_world * vec4<f32>(anchor, 1.0);
    if kind == TRAIL || kind == STEM {
        let other = frame.clip_from_world * vec4<f32>(bitcast<vec3<f32>>(d.xyz), 1.0);
        if clip.w < 0.1 || other.w < 0.1 {
            out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0);
            return out;
        }
        let pa = clip.xy / clip.w * frame.viewport.xy * 0.5;
        let pb = other.xy / other.w * frame.viewport.xy * 0.5;
        var along = pb - pa;
        let len = max(length(along), 0.001);
        along = along / len;
        let across = vec2<f32>(-along.y, along.x);
        let end = select(clip, other, q.x > 0.0);
        let offset = (along * q.x * 0.5 + across * q.y) * extent.y;
        out.clip = vec4<f32>(end.xy + offset * 2.0 / frame.viewport.xy * end.w, end.z, end.w);
        // Each end has its own alpha: color.a at the start, back.a at the end.
        out.local.z = mix(out.color.a, out.back.a, q.x * 0.5 + 0.5);
        out.color.a = 1.0;
        return out;
    }
    if clip.w < 0.1 {
        out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0);
        return out;
    }
    var q2 = q * extent;
    if kind == ARROW {
        // The heading is an angle on screen, given in look.w as a full turn.
        let t = out.look.w * 6.2831853;
        q2 = vec2<f32>(q2.x * cos(t) - q2.y * sin(t), q2.x * sin(t) + q2.y * cos(t));
    }
    let is_turned = kind == GLYPH && (a.w & 0x100u) != 0u;
    if is_turned {
        // Clockwise on screen, a full turn in 16 bits.
        let t = f32(a.w >> 16u) / 65536.0 * 6.2831853;
        q2 = vec2<f32>(q2.x * cos(t) + q2.y * sin(t), q2.y * cos(t) - q2.x * sin(t));
    }
    let offset = half(b.z) + q2;
    // Snap what holds text to whole pixels, so that strokes stay crisp.
    let center = clip.xy / clip.w * frame.viewport.xy * 0.5;
    let snapped = select(center, floor(center) + 0.5, (kind == GLYPH && !is_turned) || kind == PLATE);
    let ndc = (snapped + offset) * 2.0 / frame.viewport.xy;
    out.clip = vec4<f32>(ndc * clip.w, clip.z, clip.w);
    return out;
}

fn painted(in: Between) -> vec4<f32> {
    let kind = u32(in.look.x + 0.5);
    let r = length(in.local.xy);
    let aa = 1.4 / max(in.look.z, 1.0);
    if kind == GLYPH {
        let sd = textureSampleLevel(atlas, atlas_sampler, in.uv, 0.0).r;
        // Half is the outline, and a texel of the field a twelfth; the quad's half height is 24 texels. So half a pixel
        // is 1 / look.z, and a little less than half makes thin strokes as bright as their colour.
        let soft = clamp(1.0 / max(in.look.z, 1.0), 0.02, 0.20);
        let inside = smoothstep(0.455 - soft, 0.455 + soft, sd);
        let halo = smoothstep(0.12, 0.42, sd) * in.back.a;
        let a = max(inside * in.color.a, halo);
        return vec4<f32>(mix(in.back.rgb, in.color.rgb, inside), a);
    }
    if kind == PIN {
        // 0 disc, 1 diamond, 2 square, 3 triangle: state is told by shape as well as by colour.
        let shape = u32(in.look.y + 0.5) & 0xFu;
        let ringed = (u32(in.look.y + 0.5) & 0x10u) != 0u;
        var d = r - 0.82;
        if shape == 1u { d = (abs(in.local.x) + abs(in.local.y)) * 0.78 - 0.74; }
        if shape == 2u { d = max(abs(in.local.x), abs(in.local.y)) - 0.72; }
        if shape == 3u { d = max(abs(in.local.x) * 0.9 + in.local.y * 0.5, -in.local.y) - 0.55; }
        let body = 1.0 - smoothstep(-aa, aa, d);
        let rim = (1.0 - smoothstep(0.0, aa, abs(d + 0.09) - 0.055));
        var c = mix(in.color.rgb, in.back.rgb, rim * in.back.a);
        var a = body;
        if ringed {
            let ring = 1.0 - smoothstep(0.0, aa, abs(d - 0.10) - 0.05);
            c = mix(c, in.back.rgb, ring);
            a = max(a, ring * 0.9);
        }
        return vec4<f32>(c, a * in.color.a);
    }
    if kind == ARROW {
        // A disc with a beak that points up the quad; look.y: 1 with heading.
        let disc = r - 0.52;
        let beak = max(abs(in.local.x) * 1.35 + in.local.y * 0.95 - 0.92, -in.local.y);
        let d = select(disc, min(disc, beak), in.look.y > 0.5);
        let body = 1.0 - smoothstep(-aa, aa, d);
        let rim = 1.0 - smoothstep(0.0, aa, abs(d + 0.10) - 0.06);
        return vec4<f32>(mix(in.color.rgb, in.back.rgb, rim), body * in.color.a);
    }
    if kind == RING {
        // Expands once in its phase and thins out.
        let grow = in.look.w;
        let at = abs(r - grow);
        let a = (1.0 - smoothstep(0.0, 0.10, at)) * (1.0 - grow) + 0.16 * (1.0 - smoothstep(0.9, 1.0, r)) * (1.0 - grow * 0.6);
        return vec4<f32>(in.color.rgb, a * in.color.a);
    }
    if kind == PLATE {
        return vec4<f32>(in.color.rgb, in.color.a);
    }
    // A trail or a stem: soft across.
    let edge = 1.0 - smoothstep(1.0 - clamp(2.0 / max(in.look.z, 1.0), 0.0, 1.0), 1.0, abs(in.local.y));
    return vec4<f32>(in.color.rgb, in.color.a * in.local.z * edge);
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let c = painted(in);
    // Colours come in sRGB bytes; the target is linear.
    return vec4<f32>(pow(c.rgb, vec3<f32>(2.2)), c.a);
}

// Behind a building: still there, but faint.
@fragment
fn fragment_hidden(in: Between) -> @location(0) vec4<f32> {
    let c = painted(in);
    return vec4<f32>(pow(c.rgb, vec3<f32>(2.2)), c.a * 0.28);
}
