// The sky, where nothing else is.

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) ndc: vec2<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> Between {
    var out: Between;
    let p = vec2<f32>(f32((i << 1u) & 2u), f32(i & 2u)) * 2.0 - 1.0;
    out.clip = vec4<f32>(p, 0.0, 1.0);
    out.ndc = p;
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let far = frame.world_from_clip * vec4<f32>(in.ndc, 0.0001, 1.0);
    let ray = normalize(far.xyz / far.w - frame.camera.xyz);
    let up = clamp(ray.y, 0.0, 1.0);
    var c = mix(frame.haze.rgb, frame.zenith.rgb, pow(up, 0.55));
    // Low light stays near the horizon and on its own side.
    let low = clamp(1.0 - frame.sun.y * 2.5, 0.0, 1.0) * (1.0 - frame.sun_color.w);
    let side = dot(normalize(ray.xz + vec2<f32>(1e-5)), normalize(frame.sun.xz + vec2<f32>(1e-5))) * 0.5 + 0.5;
    c += frame.sun_color.rgb * (0.30 * low * side * side * exp(-up * 7.0));
    let toward_sun = max(dot(ray, frame.sun.xyz), 0.0);
    c += frame.sun_color.rgb * (0.10 * pow(toward_sun, 12.0) + 0.5 * pow(toward_sun, 900.0)) * (1.0 - frame.sun_color.w);
    return vec4<f32>(c, 1.0);
}
