// Buildings. One pipeline for every tile; a vertex is 12 bytes (mesh::pack).

@group(1) @binding(0) var states: texture_2d<u32>;
@group(1) @binding(1) var facts: texture_2d<u32>;

struct VertexIn {
    // x, y, z in steps of the tile's box; the building's row within the tile
    @location(0) place: vec4<u32>,
    // decimetres along the ring; flags
    @location(1) wall: vec2<u32>,
    // the tile: its corner, its first row, its steps
    @location(2) corner: vec3<f32>,
    @location(3) first_row: u32,
    @location(4) step: vec3<f32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    // x: metres along the wall, y: metres above the building's foot
    @location(1) wall: vec2<f32>,
    // rgb: colour in 8 bits each, and alpha: 255 where the building is hovered or selected
    @location(2) @interpolate(flat) paint: u32,
    // x: seed, y: levels | use << 8, z: height in decimetres
    @location(3) @interpolate(flat) facts: vec3<u32>,
}

fn texel(row: u32) -> vec2<i32> {
    return vec2<i32>(i32(row & 2047u), i32(row >> 11u));
}

fn point_of(v: VertexIn) -> vec3<f32> {
    return v.corner + vec3<f32>(v.place.xyz) * v.step;
}

@vertex
fn vertex(v: VertexIn) -> Between {
    var out: Between;
    let row = v.first_row + v.place.w;
    let fact = textureLoad(facts, texel(row), 0);
    let state = textureLoad(states, texel(row), 0);
    let point = point_of(v);
    let base = f32(fact.x & 0xFFFFu) * 0.1;

    // The colouring fades from the old colour to the new; alpha 0 means: the colour of its use.
    let usage = (fact.y >> 8u) & 0xFu;
    let plain = frame.uses[usage].rgb;
    let age = f32(frame.selection.w - state.z) * 0.002;
    let before = unpack4x8unorm(state.x);
    let after = unpack4x8unorm(state.y);
    var color = mix(mix(plain, before.rgb, before.a), mix(plain, after.rgb, after.a), clamp(age, 0.0, 1.0));
    // Neighbours differ a little, so that they can be told apart.
    color *= 0.90 + 0.20 * hash(vec2<u32>(row, 7u));
    var mark = 0.0;
    if row + 1u == frame.selection.x { mark = 0.45; }
    if row + 1u == frame.selection.y { mark = 1.0; }

    out.clip = frame.clip_from_world * vec4<f32>(point, 1.0);
    // Its storeys are drawn apart (plates.wgsl).
    if row + 1u == frame.selection.y && (frame.selection.z & 2u) != 0u { out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0); }
    out.point = point;
    out.wall = vec2<f32>(f32(v.wall.x) * 0.1, point.y - base);
    out.paint = pack4x8unorm(vec4<f32>(sqrt(color), mark));
    out.facts = vec3<u32>(row, fact.y, fact.x >> 16u);
    return out;
}

// Depth alone, for the sun's map.
@vertex
fn vertex_shadow(v: VertexIn) -> @builtin(position) vec4<f32> {
    return frame.shadow_from_world * vec4<f32>(point_of(v), 1.0);
}

fn flat_normal(point: vec3<f32>) -> vec3<f32> {
    let n = normalize(cross(dpdx(point), dpdy(point)));
    return select(n, -n, dot(n, frame.camera.xyz - point) < 0.0);
}

fn lit(albedo: vec3<f32>, normal: vec3<f32>, point: vec3<f32>, shade: f32) -> vec3<f32> {
    let sky = mix(frame.ground_light.rgb, frame.sky_light.rgb, normal.y * 0.5 + 0.5);
    let direct = frame.sun_color.rgb * max(dot(normal, frame.sun.xyz), 0.0) * shade;
    return albedo * (sky + direct);
}

fn finished(color: vec3<f32>, albedo: vec3<f32>, mark: f32, in: Between) -> vec4<f32> {
    var c = color;
    if (frame.selection.z & 1u) != 0u && mark < 0.2 { c = c * 0.62; }
    c = mix(c, frame.accent.rgb * (0.45 + 0.9 * dot(albedo, vec3<f32>(0.33))), mark * 0.62);
    return vec4<f32>(hazed(c, in.point), 1.0);
}

// Far away: a flat wall, a flat roof.
@fragment
fn fragment_block(in: Between) -> @location(0) vec4<f32> {
    let paint = unpack4x8unorm(in.paint);
    let albedo = paint.rgb * paint.rgb;
    let n = flat_normal(in.point);
    let roof = step(0.6, n.y);
    let ground = mix(0.78 + 0.22 * clamp(in.wall.y / 14.0, 0.0, 1.0), 1.06, roof);
    var c = lit(albedo * ground, n, in.point, 1.0);
    // At night the far city glows by what its windows give.
    let usage = (in.facts.y >> 8u) & 0xFu;
    c += vec3<f32>(1.0, 0.72, 0.42) * (frame.sun_color.w * frame.ground_light.w * frame.uses[usage].w * 0.10 * (1.0 - roof));
    return finished(c, albedo, paint.a, in);
}

// Near: storeys, windows, shop fronts, a parapet, and lights at night.
@fragment
fn fragment_full(in: Between) -> @location(0) vec4<f32> {
    let paint = unpack4x8unorm(in.paint);
    let albedo = paint.rgb * paint.rgb;
    let n = flat_normal(in.point);
    let levels = max(f32(in.facts.y & 0xFFu), 1.0);
    let usage = (in.facts.y >> 8u) & 0xFu;
    let height = f32(in.facts.z) * 0.1;
    let storey = height / levels;
    let shade = shadow(in.point, n);
    var c: vec3<f32>;
    var glow = vec3<f32>(0.0);

    if n.y > 0.6 {
        // Old roofs are tiled in grey, new ones are lighter and plain.
        var tint = albedo * vec3<f32>(1.04, 1.05, 1.08);
        if usage == 5u || usage == 8u { tint = vec3<f32>(0.085, 0.092, 0.105); }
        let patch_tone = 0.94 + 0.12 * hash(vec2<u32>(in.facts.x, 3u));
        c = lit(tint * patch_tone, n, in.point, shade);
    } else {
        let v = in.wall.y / storey;
        let bay = select(3.2, 4.0, usage == 2u || usage == 3u);
        let u = in.wall.x / bay;
        // How many cells a pixel covers: patterns fade before they flicker.
        let blur = max(fwidth(v), fwidth(u));
        let fine = 1.0 - smoothstep(0.25, 0.75, blur);
        let fv = fract(v);
        let fu = fract(u);
        let aa = max(blur, 0.02);

        let window_v = smoothstep(0.28 - aa, 0.28 + aa, fv) * (1.0 - smoothstep(0.80 - aa, 0.80 + aa, fv));
        let window_u = smoothstep(0.22 - aa, 0.22 + aa, fu) * (1.0 - smoothstep(0.78 - aa, 0.78 + aa, fu));
        let plain = f32(usage == 11u || height < 3.0);
        let glass = window_v * window_u * (1.0 - plain);
        // A slab edge at each storey.
        let slab = (1.0 - smoothstep(0.03, 0.03 + aa * 1.5, fv)) * step(0.5, v) * (1.0 - plain);
        let shop = f32(v < 1.0 && (usage == 1u || usage == 4u));

        let average = 0.90;
        let pane = mix(0.52, 0.40, shop);
        var pattern = mix(1.0, pane, glass) * mix(1.0, 0.80, slab);
        pattern = mix(average, pattern, fine);
        // Darker toward the ground and a light edge along the top.
        let toward_ground = 0.70 + 0.30 * clamp(in.wall.y / 9.0, 0.0, 1.0);
        let top = height - in.wall.y;
        let edge_width = max(fwidth(in.wall.y) * 1.2, 0.22);
        let parapet = 1.0 - smoothstep(edge_width, edge_width * 1.6, top);
        pattern = pattern * toward_ground * (1.0 + 0.22 * parapet);
        c = lit(albedo * pattern, n, in.point, shade);

        // Windows at night, by building, floor and bay.
        let night = frame.sun_color.w;
        if night > 0.02 {
            let cell = vec2<u32>(u32(max(floor(u), 0.0)) + in.facts.x * 131u, u32(max(floor(v), 0.0)) + in.facts.x * 17u);
            let share = frame.uses[usage].w * frame.ground_light.w;
            let on = step(1.0 - share, hash(cell));
            let warm = mix(vec3<f32>(1.0, 0.66, 0.34), vec3<f32>(0.86, 0.90, 1.0), step(0.72, hash(cell + 5u)));
            let near = glass * on * (0.55 + 0.45 * hash(cell + 11u));
            let far = share * 0.26 * (1.0 - plain);
            glow = warm * mix(far, near, fine) * night * frame.viewport.w;
        }
    }
    return finished(c + glow, albedo, paint.a, in);
}
