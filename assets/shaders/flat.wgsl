// What lies flat: ground, squares, green, water, roads, outlines of areas. Painted in order, without writing depth.

struct VertexIn {
    // east and south, metres
    @location(0) place: vec2<f32>,
    // class of ground in the low byte; 0xFF in it: the rest is a colour
    @location(1) surface: u32,
    @location(2) tint: vec4<f32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    @location(1) color: vec4<f32>,
}

@vertex
fn vertex(v: VertexIn) -> Between {
    var out: Between;
    out.point = vec3<f32>(v.place.x, 0.0, v.place.y);
    out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    let base = frame.ground[v.surface & 15u];
    out.color = vec4<f32>(base.rgb * (1.0 - v.tint.a) + v.tint.rgb * v.tint.a, base.w);
    return out;
}

// The plain that everything stands on, out to the horizon, around the camera.
@vertex
fn vertex_ground(@builtin(vertex_index) i: u32) -> Between {
    var corners = array<vec2<f32>, 6>(
        vec2<f32>(-1.0, -1.0), vec2<f32>(-1.0, 1.0), vec2<f32>(1.0, 1.0),
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, 1.0), vec2<f32>(1.0, -1.0));
    var out: Between;
    let p = corners[i] * 60000.0 + frame.camera.xz;
    out.point = vec3<f32>(p.x, 0.0, p.y);
    out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    out.color = vec4<f32>(frame.ground[0].rgb, 0.0);
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    var albedo = in.color.rgb;
    var shine = vec3<f32>(0.0);
    if in.color.a > 0.5 {
        // A quiet sheen: two slow waves, and the sky near the horizon.
        let t = frame.zenith.w;
        let p = in.point.xz;
        let far = clamp(frame.camera.w / distance(in.point, frame.camera.xyz) * 0.25, 0.0, 1.0);
        let wave = sin(p.x * 0.11 + p.y * 0.05 + t * 0.6) * sin(p.y * 0.13 - p.x * 0.04 - t * 0.45);
        albedo *= 1.0 + 0.10 * wave * far;
        let toward = normalize(frame.camera.xyz - in.point);
        let grazing = pow(1.0 - clamp(toward.y, 0.0, 1.0), 4.0);
        shine = mix(frame.haze.rgb, frame.zenith.rgb, 0.5) * (0.08 + 0.5 * grazing);
    }
    let light = frame.sky_light.rgb + frame.sun_color.rgb * max(frame.sun.y, 0.0) * shadow(in.point, vec3<f32>(0.0, 1.0, 0.0));
    skylight = albedo * frame.sky_light.rgb;
    return written(albedo * light + shine, in.point);
}

// Areas and their outlines, translucent.
@fragment
fn fragment_tint(in: Between) -> @location(0) vec4<f32> {
    return in.color;
}

@vertex
fn vertex_tint(v: VertexIn) -> Between {
    var out: Between;
    out.point = vec3<f32>(v.place.x, 0.0, v.place.y);
    out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    out.color = v.tint;
    return out;
}
