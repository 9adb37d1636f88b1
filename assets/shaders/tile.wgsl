// The base map: raster tiles flat on the plain, toned down to fit a dark picture.

@group(1) @binding(0) var tile: texture_2d<f32>;
@group(1) @binding(1) var tile_sampler: sampler;
// opacity, brightness, saturation
@group(1) @binding(2) var<uniform> look: vec4<f32>;

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    @location(1) uv: vec2<f32>,
}

@vertex
fn vertex(@location(0) place: vec2<f32>, @location(1) uv: vec2<f32>) -> Between {
    var out: Between;
    out.point = vec3<f32>(place.x, 0.0, place.y);
    let clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    // A hair nearer than the plain, which is drawn as a few large triangles.
    out.clip = vec4<f32>(clip.xy, clip.z * 1.0001, clip.w);
    out.uv = uv;
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let texel = textureSampleLevel(tile, tile_sampler, in.uv, 0.0);
    let tone = dot(texel.rgb, vec3<f32>(0.2126, 0.7152, 0.0722));
    let albedo = mix(vec3<f32>(tone), texel.rgb, look.z) * look.y;
    let light = frame.sky_light.rgb + frame.sun_color.rgb * max(frame.sun.y, 0.0) * shadow(in.point, vec3<f32>(0.0, 1.0, 0.0));
    return vec4<f32>(hazed(albedo * light, in.point), texel.a * look.x);
}
