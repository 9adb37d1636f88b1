// The last of the picture: occlusion over it, bright light into what a screen can show. Markers and names are drawn
// after it, in the colours that they have.

@group(1) @binding(0) var picture: texture_2d<f32>;
@group(1) @binding(1) var occlusion_map: texture_2d<f32>;
@group(1) @binding(2) var depth_map: DEPTH_TEXTURE;

override occluded: bool = false;

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(vec2<f32>(f32((i << 1u) & 2u), f32(i & 2u)) * 2.0 - 1.0, 0.0, 1.0);
}

fn metres(pixel: vec2<i32>) -> f32 {
    let ndc = (vec2<f32>(pixel) + 0.5) / frame.viewport.xy * vec2<f32>(2.0, -2.0) + vec2<f32>(-1.0, 1.0);
    let depth = textureLoad(depth_map, pixel, 0).r;
    let p = frame.world_from_clip * vec4<f32>(ndc, max(depth, 0.0001), 1.0);
    let ray = p.xyz / p.w - frame.camera.xyz;
    let far = length(ray);
    if depth > 0.0 || ray.y > -0.0001 * far { return far; }
    return far * (-frame.camera.y / ray.y);
}

// The average of four by four cells that lie as far away as the pixel does.
fn occlusion(pixel: vec2<i32>) -> vec2<f32> {
    let far = metres(pixel);
    let last = vec2<i32>(textureDimensions(occlusion_map)) - 1;
    let first = (pixel - 3) / 2;
    var sum = vec3<f32>(0.0);
    var nearest = vec3<f32>(1.0, 1.0, 1e9);
    for (var y = 0; y < 4; y++) {
        for (var x = 0; x < 4; x++) {
            let cell = textureLoad(occlusion_map, clamp(first + vec2<i32>(x, y), vec2<i32>(0), last), 0).xyz;
            let apart = abs(cell.z - far);
            let weight = max(1.0 - apart / (0.02 * far + 0.3), 0.0);
            sum += vec3<f32>(cell.xy, 1.0) * weight;
            if apart < nearest.z { nearest = vec3<f32>(cell.xy, apart); }
        }
    }
    return select(nearest.xy, sum.xy / max(sum.z, 0.01), sum.z > 0.5);
}

// Khronos' neutral tone mapping without its toe: what is not bright stays as it is to the bit, hues do not turn.
fn toned(c: vec3<f32>) -> vec3<f32> {
    let start = 0.74;
    let peak = max(c.r, max(c.g, c.b));
    if peak <= start { return c; }
    let d = 1.0 - start;
    let held = 1.0 - d * d / (peak + d - start);
    let grey = 1.0 - 1.0 / (0.15 * (peak - held) + 1.0);
    return mix(c * (held / peak), vec3<f32>(held), grey);
}

@fragment
fn fragment(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(at.xy);
    let c = textureLoad(picture, pixel, 0);
    var color = max(c.rgb, vec3<f32>(0.0));
    if occluded {
        let o = occlusion(pixel);
        let by_day = 1.0 - frame.sun_color.w;
        let from_sky = clamp(c.a, 0.0, 1.0);
        color *= 1.0 - from_sky * (1.0 - o.x) - (1.0 - from_sky) * (1.0 - o.y) * by_day * frame.sun.w;
    }
    color = toned(color);
    // Half a step of an 8-bit screen, so that the haze shows no bands.
    let grain = fract(52.9829189 * fract(dot(at.xy, vec2<f32>(0.06711056, 0.00583715)))) - 0.5;
    color = pow(max(pow(color, vec3<f32>(1.0 / 2.2)) + grain / 255.0, vec3<f32>(0.0)), vec3<f32>(2.2));
    return vec4<f32>(color, 1.0);
}
