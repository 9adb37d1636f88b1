// The storeys of the chosen building, drawn apart: one prism, as many times as there are storeys. Group 1: the fan.

struct Fan {
    // metres: foot of the building, a storey, the gap between two when open; w: how far it is open, 0 to 1
    shape: vec4<f32>,
    // hovered and chosen storey, from 1, 0 for none; z: how many there are
    marks: vec4<f32>,
    // linear colour of the walls
    color: vec4<f32>,
}

@group(1) @binding(0) var<uniform> fan: Fan;

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    // x: 0 at the foot of the storey to 1 at its top; y: 1 where it is marked
    @location(1) local: vec2<f32>,
    @location(2) @interpolate(flat) storey: f32,
}

@vertex
fn vertex(
    @location(0) place: vec2<f32>,
    @location(1) up: f32,
    @builtin(instance_index) storey: u32,
) -> Between {
    var out: Between;
    let open = fan.shape.w;
    let foot = fan.shape.x + f32(storey) * (fan.shape.y + fan.shape.z * open);
    // Open storeys are lower, so that one sees into the gaps.
    out.point = vec3<f32>(place.x, foot + up * fan.shape.y * mix(1.0, 0.55, open), place.y);
    out.clip = frame.clip_from_world * vec4<f32>(out.point, 1.0);
    let number = f32(storey) + 1.0;
    var mark = 0.0;
    if number == fan.marks.x { mark = 0.35; }
    if number == fan.marks.y { mark = 1.0; }
    out.local = vec2<f32>(up, mark);
    out.storey = number;
    return out;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    var n = normalize(cross(dpdx(in.point), dpdy(in.point)));
    n = select(n, -n, dot(n, frame.camera.xyz - in.point) < 0.0);
    let is_top = n.y > 0.6;
    var albedo = fan.color.rgb;
    if is_top {
        albedo *= select(0.80, 1.05, in.storey == fan.marks.z);
    } else {
        // A band of windows, and a slab on top of it.
        let band = smoothstep(0.20, 0.26, in.local.x) * (1.0 - smoothstep(0.74, 0.80, in.local.x));
        albedo *= mix(0.95, 0.58, band);
    }
    let sky = mix(frame.ground_light.rgb, frame.sky_light.rgb, n.y * 0.5 + 0.5);
    var c = albedo * (sky + frame.sun_color.rgb * max(dot(n, frame.sun.xyz), 0.0));
    c = mix(c, frame.accent.rgb * (0.30 + 1.3 * dot(c, vec3<f32>(0.33))), in.local.y * 0.75);
    return vec4<f32>(hazed(c, in.point), 1.0);
}
