// What every shader of the stage knows of the frame: the camera, the light, the air, the palette.
// Prepended to each of the other files. Group 0.

struct Frame {
    clip_from_world: mat4x4<f32>,
    world_from_clip: mat4x4<f32>,
    shadow_from_world: mat4x4<f32>,
    // xyz: the camera in the world, metres; w: pixels that a metre covers at a distance of one metre
    camera: vec4<f32>,
    // xyz: toward the sun (or moon); w: 1 where shadows are drawn
    sun: vec4<f32>,
    // rgb: linear colour of direct light; w: how dark it is, 0 day to 1 night
    sun_color: vec4<f32>,
    // rgb: light from the sky above; w: hour of the day, 0 to 24
    sky_light: vec4<f32>,
    // rgb: light from below; w: how much of the windows is lit, 0 to 1
    ground_light: vec4<f32>,
    // rgb: haze at the horizon; w: extinction per metre
    haze: vec4<f32>,
    // rgb: colour of the zenith; w: seconds, wrapped at an hour
    zenith: vec4<f32>,
    // xy: viewport in pixels; z: pixels per point; w: brightness of emission
    viewport: vec4<f32>,
    // x: hovered row + 1, y: selected row + 1, z: flags (1: dim all but the selected, 2: leave the selected out), w: milliseconds for fades
    selection: vec4<u32>,
    // rgb: accent for hovered and selected things
    accent: vec4<f32>,
    // base colours by class of ground (mesh::flat): rgb linear, w: 1 for water, 0.25 for what lamps light
    ground: array<vec4<f32>, 16>,
    // wall colours by use (city::BuildingUse): rgb linear, w: share of windows lit at night
    uses: array<vec4<f32>, 16>,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var shadow_map: texture_depth_2d;
@group(0) @binding(2) var shadow_sampler: sampler_comparison;

fn hash(p: vec2<u32>) -> f32 {
    var h = p.x * 0x9E3779B1u ^ (p.y * 0x85EBCA77u + 0x165667B1u);
    h = (h ^ (h >> 15u)) * 0x2C1B3C6Du;
    h = (h ^ (h >> 12u)) * 0x297A2D39u;
    h = h ^ (h >> 15u);
    return f32(h & 0xFFFFFFu) / 16777216.0;
}

// The air between the camera and a point.
fn hazed(color: vec3<f32>, point: vec3<f32>) -> vec3<f32> {
    let d = distance(point, frame.camera.xyz);
    let t = 1.0 - exp(-d * frame.haze.w);
    return mix(color, frame.haze.rgb, t * t);
}

fn shadow(point: vec3<f32>, normal: vec3<f32>) -> f32 {
    if frame.sun.w < 0.5 { return 1.0; }
    let p = frame.shadow_from_world * vec4<f32>(point + normal * 0.6, 1.0);
    let uv = p.xy * vec2<f32>(0.5, -0.5) + 0.5;
    if any(uv < vec2<f32>(0.0)) || any(uv > vec2<f32>(1.0)) || p.z < 0.0 || p.z > 1.0 { return 1.0; }
    let texel = 1.0 / f32(textureDimensions(shadow_map).x);
    var lit = 0.0;
    for (var i = 0; i < 4; i++) {
        let offset = vec2<f32>(f32(i & 1), f32(i >> 1u)) - 0.5;
        lit += textureSampleCompareLevel(shadow_map, shadow_sampler, uv + offset * texel * 1.6, p.z - 0.0006);
    }
    let border = min(min(uv.x, uv.y), min(1.0 - uv.x, 1.0 - uv.y));
    return mix(1.0, lit * 0.25, clamp(border * 12.0, 0.0, 1.0));
}
