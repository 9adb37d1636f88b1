// Landmarks: models in the light of the city. A vertex is 16 bytes (mesh::model).

// The buildings' states, for the colouring of the building that a model stands for.
@group(1) @binding(0) var states: texture_2d<u32>;

struct VertexIn {
    // xyz: in 65,535ths of the model's box; w: light of its own, 5, 6 and 5 bits
    @location(0) place: vec4<u32>,
    @location(1) normal: vec4<f32>,
    @location(2) color: vec4<f32>,
    // the model where it stands: the least corner of its box in metres; how far it is marked: 1 when selected
    @location(3) corner: vec4<f32>,
    // metres of its box; row of its building + 1, or 0
    @location(4) size: vec4<f32>,
    // where its origin stands; sine of its bearing
    @location(5) origin: vec4<f32>,
    // x: cosine of its bearing; y: the ground where it stands, metres above the plain
    @location(6) turn: vec4<f32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) color: vec3<f32>,
    @location(3) glow: vec3<f32>,
    // x: how far it is marked; y: the ground where it stands
    @location(4) @interpolate(flat) mark: vec2<f32>,
}

fn turned(v: vec3<f32>, sine: f32, cosine: f32) -> vec3<f32> {
    return vec3<f32>(v.x * cosine - v.z * sine, v.y, v.x * sine + v.z * cosine);
}

fn point_of(v: VertexIn) -> vec3<f32> {
    let p = v.corner.xyz + vec3<f32>(v.place.xyz) * (1.0 / 65535.0) * v.size.xyz;
    return v.origin.xyz + turned(p, v.origin.w, v.turn.x);
}

@vertex
fn vertex(v: VertexIn) -> Between {
    var out: Between;
    let point = point_of(v);
    out.clip = frame.clip_from_world * vec4<f32>(point, 1.0);
    out.point = point;
    out.normal = turned(v.normal.xyz, v.origin.w, v.turn.x);
    // A square stands in for sRGB here as everywhere on the stage.
    var color = v.color.rgb * v.color.rgb;
    let row = u32(v.size.w);
    if row > 0u {
        // A colouring tints the model and leaves its parts apart.
        let over = coloured(textureLoad(states, texel(row - 1u), 0));
        let tone = 0.45 + 1.1 * dot(color, vec3<f32>(0.333));
        let root = over.rgb / max(over.a, 0.001);
        color = mix(color, root * root * tone, over.a * 0.8);
    }
    out.color = color;
    let light = vec3<f32>(f32(v.place.w & 31u) / 31.0, f32((v.place.w >> 5u) & 63u) / 63.0, f32(v.place.w >> 11u) / 31.0);
    // Lamps burn as long as it is dark, windows fewer late at night.
    out.glow = light * light * frame.sun_color.w * frame.viewport.w * (0.35 + 0.65 * frame.ground_light.w);
    out.mark = vec2<f32>(v.corner.w, v.turn.y);
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    let n = normalize(in.normal);
    // Like a building's wall: sky from above, ground from below, the sun; darker toward the ground.
    let toward_ground = mix(0.78 + 0.22 * clamp((in.point.y - in.mark.y) / 6.0, 0.0, 1.0), 1.0, max(n.y, 0.0));
    skylight = in.color * toward_ground * sky_on(n);
    let c = skylight + in.color * toward_ground * sun_on(n) * shadow(in.point, n) + in.glow;
    return written(marked(c, in.color, in.mark.x), in.point);
}
