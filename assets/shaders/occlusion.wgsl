// How much of the sky, and of the last metres toward the sun, a pixel sees: from the depth of what was drawn, at half
// the size of the picture. finish.wgsl puts it over the picture.

@group(1) @binding(0) var depth_map: DEPTH_TEXTURE;

// Samples of the sky's half, on a spiral of so many turns.
const SAMPLES: i32 = 12;
const TURNS: f32 = 5.0;
// Steps toward the sun.
const STEPS: i32 = 10;

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(vec2<f32>(f32((i << 1u) & 2u), f32(i & 2u)) * 2.0 - 1.0, 0.0, 1.0);
}

// What a pixel shows, seen from the camera; w is 0 where it is the sky.
fn seen_at(pixel: vec2<i32>) -> vec4<f32> {
    let size = vec2<i32>(frame.viewport.xy);
    let at = clamp(pixel, vec2<i32>(0), size - 1);
    let ndc = (vec2<f32>(at) + 0.5) / frame.viewport.xy * vec2<f32>(2.0, -2.0) + vec2<f32>(-1.0, 1.0);
    let depth = textureLoad(depth_map, at, 0).r;
    let p = frame.world_from_clip * vec4<f32>(ndc, max(depth, 0.0001), 1.0);
    let ray = p.xyz / p.w - frame.camera.xyz;
    if depth > 0.0 { return vec4<f32>(ray, 1.0); }
    // The plain writes no depth: it lies where the ray meets the ground.
    if ray.y > -0.0001 * length(ray) { return vec4<f32>(ray, 0.0); }
    return vec4<f32>(ray * (-frame.camera.y / ray.y), 1.0);
}

// Toward the neighbour that lies on the same face.
fn along(p: vec3<f32>, pixel: vec2<i32>, step: vec2<i32>) -> vec3<f32> {
    let ahead = seen_at(pixel + step).xyz - p;
    let behind = p - seen_at(pixel - step).xyz;
    let a = dot(ahead, ahead);
    let b = dot(behind, behind);
    // At the edge of the picture a neighbour is the pixel itself, which leads nowhere.
    return select(behind, ahead, b == 0.0 || (a > 0.0 && a < b));
}

fn sky_seen(p: vec3<f32>, n: vec3<f32>, far: f32, pixel: vec2<i32>, turn: f32) -> f32 {
    // A courtyard from afar, the foot of a wall from near by.
    let radius = clamp(far * 0.02, 3.0, 24.0);
    let radius_px = min(radius * frame.camera.w / far, 160.0);
    var hidden = 0.0;
    for (var i = 0; i < SAMPLES; i++) {
        let share = (f32(i) + 0.5) / f32(SAMPLES);
        let angle = share * 6.2831853 * TURNS + turn;
        let q = seen_at(pixel + vec2<i32>(vec2<f32>(cos(angle), sin(angle)) * max(share * radius_px, 1.0)));
        let v = q.xyz - p;
        let vv = dot(v, v);
        let inside = max(radius * radius - vv, 0.0);
        let up = max(dot(v, n) - far * 0.0015, 0.0);
        hidden += q.w * inside * inside * inside * up / (vv + 0.01 * radius * radius);
    }
    // McGuire, Mara and Luebke, "Scalable ambient obscurance", 2012, with their fall-off.
    let r6 = pow(radius, 6.0);
    let sky = max(1.0 - hidden * radius * 2.2 / (r6 * f32(SAMPLES)), 0.0);
    // Too small to be resolved, it fades.
    return mix(1.0, sky, smoothstep(3.0, 9.0, radius_px));
}

fn sun_seen(p: vec3<f32>, n: vec3<f32>, far: f32, jitter: f32) -> f32 {
    if frame.sun.w <= 0.0 || dot(n, frame.sun.xyz) <= 0.02 { return 1.0; }
    let reach = clamp(far * 0.010, 0.5, 6.0);
    let start = p + n * (0.04 + far * 0.0012);
    for (var i = 0; i < STEPS; i++) {
        let share = (f32(i) + jitter) / f32(STEPS);
        let q = start + frame.sun.xyz * (reach * share);
        let clip = frame.clip_from_world * vec4<f32>(q + frame.camera.xyz, 1.0);
        let ndc = clip.xy / clip.w;
        if clip.w < 0.5 || any(abs(ndc) > vec2<f32>(0.999)) { return 1.0; }
        let at = vec2<i32>((ndc * vec2<f32>(0.5, -0.5) + 0.5) * frame.viewport.xy);
        let front = seen_at(at);
        let behind = length(q) - length(front.xyz);
        if front.w > 0.0 && behind > 0.03 + far * 0.0010 && behind < 0.4 + reach * 0.5 {
            // The last steps weigh less: where they end the shadow map goes on.
            return smoothstep(0.6, 1.0, share);
        }
    }
    return 1.0;
}

// x: the share of the sky that is seen, y: 1 where nothing near stands before the sun, z: metres from the camera.
@fragment
fn fragment(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let cell = vec2<i32>(at.xy);
    let pixel = cell * 2;
    let seen = seen_at(pixel);
    let far = max(length(seen.xyz), 0.1);
    if seen.w == 0.0 || far > 20000.0 { return vec4<f32>(1.0, 1.0, min(far, 60000.0), 1.0); }
    let p = seen.xyz;
    var n = normalize(cross(along(p, pixel, vec2<i32>(0, 1)), along(p, pixel, vec2<i32>(1, 0))));
    n = select(n, -n, dot(n, p) > 0.0);
    // Sixteen turns in a square of four by four, which finish.wgsl averages away.
    let turn = f32((cell.x & 3) * 4 + (cell.y & 3)) / 16.0;
    let mixed = fract(turn * 7.0 + f32(cell.y & 1) * 0.5);
    return vec4<f32>(sky_seen(p, n, far, pixel, mixed * 6.2831853), sun_seen(p, n, far, mixed), far, 1.0);
}
