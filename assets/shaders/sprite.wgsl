// What is written in the picture, glyph by glyph. Markers are drawn by marker.wgsl.
// One record is four texels of a texture 2,048 wide; a quad is made of each. Group 1.

@group(1) @binding(0) var records: texture_2d<u32>;
@group(1) @binding(1) var atlas: texture_2d<f32>;
@group(1) @binding(2) var atlas_sampler: sampler;

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    @location(2) @interpolate(flat) back: vec4<f32>,
    // pixels of half the quad's height
    @location(3) @interpolate(flat) half_px: f32,
}

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
    var quad = array<vec2<f32>, 6>(
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, -1.0), vec2<f32>(1.0, 1.0),
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, 1.0), vec2<f32>(-1.0, 1.0));
    let q = quad[corner];
    let anchor = bitcast<vec3<f32>>(a.xyz);
    var out: Between;
    out.color = unpack4x8unorm(b.x);
    out.back = unpack4x8unorm(b.y);
    let extent = half(b.w);
    out.half_px = extent.y;
    let uv_min = vec2<f32>(f32(c.x & 0xFFFFu), f32(c.x >> 16u));
    let uv_max = vec2<f32>(f32(c.y & 0xFFFFu), f32(c.y >> 16u));
    out.uv = mix(uv_min, uv_max, vec2<f32>(q.x, -q.y) * 0.5 + 0.5) / vec2<f32>(textureDimensions(atlas));

    let clip = frame.clip_from_world * vec4<f32>(anchor, 1.0);
    if clip.w < 0.1 {
        out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0);
        return out;
    }
    var q2 = q * extent;
    let is_turned = (a.w & 1u) != 0u;
    if is_turned {
        // Clockwise on screen, a full turn in 16 bits.
        let t = f32(a.w >> 16u) / 65536.0 * 6.2831853;
        q2 = vec2<f32>(q2.x * cos(t) + q2.y * sin(t), q2.y * cos(t) - q2.x * sin(t));
    }
    let offset = half(b.z) + q2;
    // Snap what holds text to whole pixels, so that strokes stay crisp.
    let center = clip.xy / clip.w * frame.viewport.xy * 0.5;
    let snapped = select(center, floor(center) + 0.5, !is_turned);
    let ndc = (snapped + offset) * 2.0 / frame.viewport.xy;
    out.clip = vec4<f32>(ndc * clip.w, clip.z, clip.w);
    return out;
}

fn painted(in: Between) -> vec4<f32> {
    let sd = textureSampleLevel(atlas, atlas_sampler, in.uv, 0.0).r;
    // Half is the outline, and a texel of the field a twelfth; the quad's half height is 24 texels. So half a pixel is
    // 1 / half_px, and a little less than half makes thin strokes as bright as their colour.
    let soft = clamp(1.0 / max(in.half_px, 1.0), 0.02, 0.20);
    let inside = smoothstep(0.455 - soft, 0.455 + soft, sd);
    let halo = smoothstep(0.12, 0.42, sd) * in.back.a;
    let a = max(inside * in.color.a, halo);
    return vec4<f32>(mix(in.back.rgb, in.color.rgb, inside), a);
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
