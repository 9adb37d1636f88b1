// The base map on the ground (after flat.wgsl): raster tiles, toned down to fit a dark picture, lit like the ground.

@group(2) @binding(0) var tile: texture_2d<f32>;
@group(2) @binding(1) var tile_sampler: sampler;
// opacity, brightness, saturation
@group(2) @binding(2) var<uniform> tile_look: vec4<f32>;

struct TileBetween {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) lean: vec2<f32>,
}

@vertex
fn vertex_tile(@location(0) point: vec3<f32>, @location(1) uv: vec2<f32>, @location(2) lean: vec4<f32>) -> TileBetween {
    var out: TileBetween;
    out.point = point;
    // Over the relief, and below what is painted on it.
    out.clip = nearer(point, 0.0001);
    out.uv = uv;
    out.lean = lean.xy;
    return out;
}

@fragment
fn fragment_tile(in: TileBetween) -> @location(0) vec4<f32> {
    // Seen aslant a tile is far smaller one way than the other: a little sharper than the mean of both.
    let texel = textureSampleBias(tile, tile_sampler, in.uv, -0.6);
    let tone = dot(texel.rgb, vec3<f32>(0.2126, 0.7152, 0.0722));
    let albedo = mix(vec3<f32>(tone), texel.rgb, tile_look.z) * tile_look.y;
    let lit = lit_ground(albedo, normal_of(in.lean), in.point, 0u);
    return vec4<f32>(written(lit, in.point).rgb, texel.a * tile_look.x);
}
