// What every shader of the stage knows of the frame: the camera, the light, the air, the palette.
// Prepended to each of the other files. Group 0.

struct Frame {
    clip_from_world: mat4x4<f32>,
    world_from_clip: mat4x4<f32>,
    // xyz: the camera in the world, metres; w: pixels that a metre covers at a distance of one metre
    camera: vec4<f32>,
    // xyz: toward the sun (or moon); w: how dark its shadows are, 0 where there are none
    sun: vec4<f32>,
    // rgb: linear colour of direct light; w: how dark it is, 0 day to 1 night
    sun_color: vec4<f32>,
    // rgb: light from the sky above; w: unused
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
    // rgb: accent for hovered and selected things; w: how far trees are drawn, metres
    accent: vec4<f32>,
    // base colours by class of ground (mesh::flat): rgb linear, w: 0.25 for what lamps light
    ground: array<vec4<f32>, 16>,
    // wall colours by use (city::BuildingUse): rgb linear, w: share of windows lit at night
    uses: array<vec4<f32>, 16>,
    // the sun's maps from near to far: xy: north-west corner in metres, z: 1 / side, w: metres a texel; 0 where none
    maps: array<vec4<f32>, 4>,
    // xy: metres that a metre of height moves a point in the maps, z: top of the maps, w: 1 / metres from top to bottom
    map_sun: vec4<f32>,
    // where the map of the chosen area lies: xy: north-west corner in metres, zw: 1 / its sides
    within: vec4<f32>,
    // x: how much what lies outside of it is set back, 0 to 1
    set_back: vec4<f32>,
}

// What a preset turns on, and whether it is dark or an area is chosen, is known when a pipeline is made: what is off
// costs nothing, where a branch would cost a CPU rasteriser as much as what is in it.
override shadows: bool = false;
override soft_shadows: bool = false;
// Light as it is, toned at the end (finish.wgsl); else the colours are those of the screen.
override filmic: bool = false;
// Windows and lamps are lit, if only a little.
override dark: bool = true;
// What lies outside of the chosen area is set back.
override area_chosen: bool = true;

// The part of a colour that comes from all of the sky; who lights something says it here (see `written`).
var<private> skylight: vec3<f32>;

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var shadow_maps: texture_depth_2d_array;
@group(0) @binding(2) var shadow_sampler: sampler_comparison;
@group(0) @binding(3) var within_map: texture_2d<f32>;
@group(0) @binding(4) var within_sampler: sampler;

fn hash(p: vec2<u32>) -> f32 {
    var h = p.x * 0x9E3779B1u ^ (p.y * 0x85EBCA77u + 0x165667B1u);
    h = (h ^ (h >> 15u)) * 0x2C1B3C6Du;
    h = (h ^ (h >> 12u)) * 0x297A2D39u;
    h = h ^ (h >> 15u);
    return f32(h & 0xFFFFFFu) / 16777216.0;
}

// Of lamps and most windows.
const WARM: vec3<f32> = vec3<f32>(1.0, 0.68, 0.36);

// Light on a face: from the sky above and the ground below, and from the sun where nothing stands before it.
fn sky_on(normal: vec3<f32>) -> vec3<f32> {
    return mix(frame.ground_light.rgb, frame.sky_light.rgb, normal.y * 0.5 + 0.5);
}

fn sun_on(normal: vec3<f32>) -> vec3<f32> {
    return frame.sun_color.rgb * max(dot(normal, frame.sun.xyz), 0.0);
}

// The normal of the face that a pixel shows, toward the camera.
fn flat_normal(point: vec3<f32>) -> vec3<f32> {
    let c = cross(dpdx(point), dpdy(point));
    let n = c * inverseSqrt(max(dot(c, c), 1e-24));
    return select(n, -n, dot(n, frame.camera.xyz - point) < 0.0);
}

// Where the record of a building lies in a texture of them.
fn texel(row: u32) -> vec2<i32> {
    return vec2<i32>(i32(row & 2047u), i32(row >> 11u));
}

// What a colouring gives a building now (stage/fade.rs has the same sums): the square root of linear light times how
// much it covers, and how much that is. It fades from the old colour to the new within half a second.
fn coloured(state: vec4<u32>) -> vec4<f32> {
    let age = clamp(f32(frame.selection.w - state.z) * 0.002, 0.0, 1.0);
    let before = unpack4x8unorm(state.x);
    let after = unpack4x8unorm(state.y);
    return vec4<f32>(mix(before.rgb * before.a, after.rgb * after.a, age), mix(before.a, after.a, age));
}

// What is hovered or chosen stands out: `mark` of the accent; all else steps back while something is chosen.
fn marked(color: vec3<f32>, albedo: vec3<f32>, mark: f32) -> vec3<f32> {
    var c = color;
    if (frame.selection.z & 1u) != 0u && mark < 0.2 { c = c * 0.62; }
    return mix(c, frame.accent.rgb * (0.45 + 0.9 * dot(albedo, vec3<f32>(0.33))), mark * 0.62);
}

// The colour of far air in a direction: brighter toward a low sun, cooler away from it.
fn air(ray: vec3<f32>) -> vec3<f32> {
    if !filmic { return frame.haze.rgb; }
    let facing = dot(ray, frame.sun.xyz);
    let low = 1.0 - clamp(frame.sun.y * 1.6, 0.0, 1.0);
    let by_day = 1.0 - frame.sun_color.w;
    let glow = pow(max(facing, 0.0), 6.0) * (0.10 + 0.34 * low) + pow(max(facing, 0.0), 40.0) * 0.22 * low;
    let cool = mix(vec3<f32>(1.0), vec3<f32>(0.86, 0.95, 1.06), max(-facing, 0.0) * low * by_day);
    return frame.haze.rgb * cool + frame.sun_color.rgb * (glow * by_day);
}

// How much of a point's colour the air takes.
fn haze_share(point: vec3<f32>) -> f32 {
    let t = 1.0 - exp(-distance(point, frame.camera.xyz) * frame.haze.w);
    return t * t;
}

// The air between the camera and a point.
fn hazed(color: vec3<f32>, point: vec3<f32>) -> vec3<f32> {
    if !filmic { return mix(color, frame.haze.rgb, haze_share(point)); }
    return mix(color, air(normalize(point - frame.camera.xyz)), haze_share(point));
}

// While an area is chosen all else steps back, to a share of its light and most of its colour, and the area itself comes
// forward by a trace of the accent (mesh::Within).
fn set_back(color: vec3<f32>, point: vec3<f32>) -> vec3<f32> {
    let uv = (point.xz - frame.within.xy) * frame.within.zw;
    let inside = smoothstep(0.42, 0.58, textureSampleLevel(within_map, within_sampler, uv, 0.0).r);
    let grey = vec3<f32>(dot(color, vec3<f32>(0.2126, 0.7152, 0.0722)));
    let outside = mix(color, grey, 0.45) * 0.5;
    let forward = color * 1.06 + frame.accent.rgb * 0.012;
    return mix(color, mix(outside, forward, inside), frame.set_back.x);
}

// A colour of something solid as it is written: through the air, and in its alpha the share of it that comes from all
// of the sky, from which alone occlusion takes.
fn written(own: vec3<f32>, point: vec3<f32>) -> vec4<f32> {
    var color = own;
    if area_chosen {
        color = set_back(own, point);
        skylight *= color / max(own, vec3<f32>(0.0001));
    }
    let seen = hazed(color, point);
    if !filmic { return vec4<f32>(seen, 1.0); }
    let weights = vec3<f32>(0.2126, 0.7152, 0.0722);
    let share = dot(skylight, weights) * (1.0 - haze_share(point)) / max(dot(seen, weights), 0.0001);
    return vec4<f32>(seen, clamp(share, 0.0, 1.0));
}

// How much of the sun a point sees, 0 to 1; the normal is that of its face.
fn shadow(point: vec3<f32>, normal: vec3<f32>) -> f32 {
    if !shadows { return 1.0; }
    if frame.sun.w <= 0.0 { return 1.0; }
    var lit = 0.0;
    // Each map fades into the next at its edges, and the last into nothing.
    var left = 1.0;
    for (var i = 0; i < 4; i++) {
        let map = frame.maps[i];
        // Walls step forward by as much as their own edge in the map is uncertain.
        let p = point + vec3<f32>(normal.x, 0.0, normal.z) * map.w;
        let uv = (p.xz - frame.map_sun.xy * p.y - map.xy) * map.z;
        let border = min(min(uv.x, uv.y), min(1.0 - uv.x, 1.0 - uv.y));
        if border <= 0.0 || left <= 0.0 { continue; }
        let share = left * clamp(border * 24.0, 0.0, 1.0);
        left -= share;
        lit += share * in_sun(uv, i, clamp((frame.map_sun.z - p.y - 0.12) * frame.map_sun.w, 0.0, 1.0));
    }
    return mix(1.0, lit + left, frame.sun.w);
}

fn tap(uv: vec2<f32>, map: i32, depth: f32) -> f32 {
    return textureSampleCompareLevel(shadow_maps, shadow_sampler, uv, map, depth);
}

// A tent over 3 x 3 texels by four bilinear taps, or over 5 x 5 by nine (Castano, "Shadow mapping summary", 2013).
fn in_sun(uv: vec2<f32>, map: i32, depth: f32) -> f32 {
    let size = vec2<f32>(textureDimensions(shadow_maps));
    let at = uv * size;
    let base = floor(at + 0.5);
    let f = at + 0.5 - base;
    let corner = (base - 0.5) / size;
    if !soft_shadows {
        let w0 = 3.0 - 2.0 * f;
        let w1 = 1.0 + 2.0 * f;
        let o0 = ((2.0 - f) / w0 - 1.0) / size;
        let o1 = (f / w1 + 1.0) / size;
        return (w0.x * w0.y * tap(corner + o0, map, depth)
            + w1.x * w0.y * tap(corner + vec2<f32>(o1.x, o0.y), map, depth)
            + w0.x * w1.y * tap(corner + vec2<f32>(o0.x, o1.y), map, depth)
            + w1.x * w1.y * tap(corner + o1, map, depth)) / 16.0;
    }
    var w = array<vec2<f32>, 3>(4.0 - 3.0 * f, vec2<f32>(7.0), 1.0 + 3.0 * f);
    var o = array<vec2<f32>, 3>(((3.0 - 2.0 * f) / w[0] - 2.0) / size, ((3.0 + f) / w[1]) / size, (f / w[2] + 2.0) / size);
    var lit = 0.0;
    for (var y = 0; y < 3; y++) {
        for (var x = 0; x < 3; x++) {
            lit += w[x].x * w[y].y * tap(corner + vec2<f32>(o[x].x, o[y].y), map, depth);
        }
    }
    return lit / 144.0;
}
