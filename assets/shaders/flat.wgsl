// What lies on the ground: the plain, the relief, squares, green, water, roads, outlines of areas.
// Painted in order, without writing depth but for the relief.

struct GroundIn {
    // east, up, south, metres
    @location(0) point: vec3<f32>,
    // along, left, across, half, in steps of 5 cm (mesh::Lane)
    @location(1) lane: vec4<i32>,
    // row of the palette, flags above it; east and south of the way up (stage::GroundVertex)
    @location(2) look: vec4<u32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    // east and south of the way straight up
    @location(1) lean: vec2<f32>,
    @location(2) lane: vec4<f32>,
    @location(3) @interpolate(flat) look: u32,
}

const SQUARE: u32 = 1u;
const GREEN: u32 = 2u;
const WATER: u32 = 3u;
const SECONDARY: u32 = 6u;
const PAVEMENT: u32 = 9u;
const LINES: u32 = 10u;
const QUAY: u32 = 11u;
const TREES: u32 = 12u;

const MARKED: u32 = 16u;
const ZEBRA_FIRST: u32 = 32u;
const ZEBRA_LAST: u32 = 64u;
const BANK: u32 = 128u;

// A hair nearer than it is, so that what is painted on the relief lies over it.
fn nearer(point: vec3<f32>, by: f32) -> vec4<f32> {
    let clip = frame.clip_from_world * vec4<f32>(point, 1.0);
    return vec4<f32>(clip.xy, clip.z * (1.0 + by), clip.w);
}

fn ground(v: GroundIn, by: f32) -> Between {
    var out: Between;
    out.point = v.point;
    out.clip = nearer(v.point, by);
    out.lean = (vec2<f32>(v.look.yz) - 128.0) / 127.0;
    out.lane = vec4<f32>(v.lane) * 0.05;
    out.look = v.look.x;
    return out;
}

@vertex
fn vertex_painted(v: GroundIn) -> Between {
    return ground(v, 0.0002);
}

@vertex
fn vertex_relief(v: GroundIn) -> Between {
    return ground(v, 0.0);
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
    return out;
}

// By day the sky, as far as it is seen between buildings, and the sun; at night windows and lamps: near walls, and
// along what is walked and driven on.
fn lit_ground(albedo: vec3<f32>, n: vec3<f32>, point: vec3<f32>, row: u32) -> vec3<f32> {
    let open = openness(point);
    var glow = vec3<f32>(0.0);
    if dark {
        let lamps = 0.25 * open.y + 1.2 * frame.ground[row].w;
        glow = WARM * (lamps * frame.sun_color.w * (0.3 + 0.7 * frame.ground_light.w));
    }
    skylight = albedo * sky_on(n) * (open.x * (1.0 - 0.3 * open.y));
    return skylight + albedo * (glow + sun_on(n) * shadow(point, n));
}

fn normal_of(lean: vec2<f32>) -> vec3<f32> {
    return vec3<f32>(lean.x, sqrt(max(1.0 - dot(lean, lean), 0.0)), lean.y);
}

// How much of a pixel a line covers: x from its middle, both half wide, a pixel `wide` metres.
fn line(x: f32, half: f32, wide: f32) -> f32 {
    return clamp((x + half) / wide + 0.5, 0.0, 1.0) - clamp((x - half) / wide + 0.5, 0.0, 1.0);
}

// How much of a pixel a row of strokes covers, each `on` long, one every `period`.
fn strokes(x: f32, period: f32, on: f32, wide: f32) -> f32 {
    let a = x - wide * 0.5;
    let b = x + wide * 0.5;
    let before = floor(a / period);
    let after = floor(b / period);
    let covered = (after - before) * on + min(b - after * period, on) - min(a - before * period, on);
    return clamp(covered / wide, 0.0, 1.0);
}

fn noise(p: vec2<f32>) -> f32 {
    let cell = floor(p);
    let f = p - cell;
    let s = f * f * (3.0 - 2.0 * f);
    let at = vec2<u32>(vec2<i32>(cell) + 65536);
    let a = mix(hash(at), hash(at + vec2<u32>(1u, 0u)), s.x);
    let b = mix(hash(at + vec2<u32>(0u, 1u)), hash(at + vec2<u32>(1u, 1u)), s.x);
    return mix(a, b, s.y);
}

// Carriageway, kerb, pavement, lines and zebra crossings from where the point is on its road.
fn road(albedo: vec3<f32>, in: Between, pixel: vec4<f32>) -> vec3<f32> {
    let row = in.look & 15u;
    let across = in.lane.z;
    let half = in.lane.w;
    let a = abs(across);
    let wide = pixel.z;
    let long = pixel.x;
    let inside = min(in.lane.x, in.lane.y);
    let stretch = clamp(inside / long + 0.5, 0.0, 1.0);
    let pavement = frame.ground[PAVEMENT].rgb;
    var c = mix(albedo, pavement, clamp((a - half) / wide + 0.5, 0.0, 1.0) * stretch);
    c = mix(c, pavement * 1.5, line(a - half, 0.14, wide) * stretch * 0.8);
    if row < SECONDARY { return c; }
    // Lanes of about 3.3 m; between directions a double line where there is more than one each way.
    let room = half - 0.6;
    let lanes = max(floor(room / 3.3), 1.0);
    let lane = room / lanes;
    let number = round(a / lane);
    let dashes = strokes(in.lane.x, 10.0, 4.0, long);
    var mark = line(a - room, 0.08, wide);
    if lanes > 1.5 {
        mark = max(mark, line(a - 0.18, 0.07, wide));
        if number > 0.5 && number < lanes - 0.5 { mark = max(mark, line(a - number * lane, 0.08, wide) * dashes); }
    } else {
        mark = max(mark, line(across, 0.08, wide) * dashes);
    }
    var free = 0.4;
    var zebra = 0.0;
    if (in.look & ZEBRA_FIRST) != 0u {
        zebra = line(in.lane.x - 2.6, 1.9, long);
        free = max(free, select(0.0, 6.0, in.lane.x < in.lane.y));
    }
    if (in.look & ZEBRA_LAST) != 0u {
        zebra = max(zebra, line(in.lane.y - 2.6, 1.9, long));
        free = max(free, select(0.0, 6.0, in.lane.y < in.lane.x));
    }
    mark *= clamp((inside - free) / long + 0.5, 0.0, 1.0);
    mark = max(mark, zebra * strokes(across + 100.0, 1.3, 0.6, wide) * line(across, room - 0.2, wide));
    return mix(c, frame.ground[LINES].rgb, mark * 0.85 * (1.0 - smoothstep(0.5, 2.0, wide)));
}

struct Surface {
    albedo: vec3<f32>,
    shine: vec3<f32>,
}

// A quiet sheen: slow waves, the sky in them, and the quay beside them.
fn water(in: Between, waves: bool) -> Surface {
    var out: Surface;
    out.albedo = frame.ground[WATER].rgb;
    let t = frame.zenith.w;
    let p = in.point.xz;
    let away = frame.camera.xyz - in.point;
    let far = clamp(frame.camera.w / length(away) * 0.25, 0.0, 1.0);
    let toward = normalize(away);
    let wave = sin(p.x * 0.11 + p.y * 0.05 + t * 0.6) * sin(p.y * 0.13 - p.x * 0.04 - t * 0.45);
    out.albedo *= 1.0 + 0.10 * wave * far;
    var n = vec3<f32>(0.0, 1.0, 0.0);
    if waves {
        let a = p.x * 0.52 + p.y * 0.23 + t * 0.9;
        let b = p.y * 0.61 - p.x * 0.37 - t * 0.8;
        let c = p.x * 1.9 - p.y * 1.3 + t * 1.7;
        let fine = clamp(frame.camera.w / length(away) * 0.08, 0.0, 1.0);
        let slope = vec2<f32>(0.52, 0.23) * cos(a) * 0.05 * far + vec2<f32>(-0.37, 0.61) * cos(b) * 0.05 * far
            + vec2<f32>(1.9, -1.3) * cos(c + sin(a) * 1.5) * 0.012 * fine;
        n = normalize(vec3<f32>(-slope.x, 1.0, -slope.y));
    }
    let grazing = pow(1.0 - clamp(dot(toward, n), 0.0, 1.0), 4.0);
    out.shine = mix(frame.haze.rgb, frame.zenith.rgb, 0.5) * (0.08 + 0.5 * grazing);
    if waves {
        let mirrored = reflect(-toward, n);
        let glint = pow(max(dot(mirrored, frame.sun.xyz), 0.0), 90.0);
        out.shine += frame.sun_color.rgb * glint * 0.22;
    }
    return out;
}

// Toward the shore the water is wet stone and shade; on the land runs the edge of the quay.
fn bank(open: Surface, in: Between, wide: f32) -> Surface {
    if (in.look & BANK) == 0u { return open; }
    var out = open;
    let across = in.lane.z;
    let shade = 1.0 - smoothstep(0.0, 3.2, across);
    out.albedo *= 1.0 - 0.55 * shade;
    out.shine *= 1.0 - 0.8 * shade;
    let land = 1.0 - clamp(across / wide + 0.5, 0.0, 1.0);
    let lip = line(across + 0.25, 0.25, wide);
    out.albedo = mix(out.albedo, frame.ground[QUAY].rgb * (1.0 + 0.35 * lip), land);
    out.shine *= 1.0 - land;
    return out;
}

fn finished(s: Surface, in: Between) -> vec4<f32> {
    return written(lit_ground(s.albedo, normal_of(in.lean), in.point, in.look & 15u) + s.shine, in.point);
}

// Where trees are too far away to be drawn one by one, their crowns are seen from above.
fn canopy(albedo: vec3<f32>, point: vec3<f32>) -> vec3<f32> {
    let away = distance(point, frame.camera.xyz);
    let reach = frame.accent.w;
    let far = smoothstep(0.55 * reach, 0.95 * reach, away) * step(1.0, reach);
    let seen = clamp(frame.camera.w / away * 1.6 - 0.2, 0.0, 1.0);
    let crowns = noise(point.xz * 0.21);
    let groves = noise(point.xz * 0.021 + 40.0);
    // What is too small for the picture is its mean.
    let cover = mix(0.7, smoothstep(0.2, 0.62, crowns), seen) * mix(0.72, 1.0, groves);
    let crown = frame.ground[TREES].rgb * mix(0.75, 0.55 + 0.4 * crowns, seen) * mix(0.88, 1.04, groves);
    return mix(albedo, crown, cover * far);
}

// A CPU rasteriser takes every branch, so what is dear has an entry of its own.

// The plain, the relief, and from far above everything but water: colours alone.
@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    return finished(Surface(frame.ground[in.look & 15u].rgb, vec3<f32>(0.0)), in);
}

// Squares and lawns from far above.
@fragment
fn fragment_soft_far(in: Between) -> @location(0) vec4<f32> {
    let row = in.look & 15u;
    var albedo = frame.ground[row].rgb;
    if row == GREEN { albedo = canopy(albedo, in.point); }
    return finished(Surface(albedo, vec3<f32>(0.0)), in);
}

// Water and its shores from far above.
@fragment
fn fragment_water(in: Between) -> @location(0) vec4<f32> {
    let wide = max(fwidth(in.lane.z), 0.001);
    return finished(bank(water(in, false), in, wide), in);
}

// Water and its shores near by.
@fragment
fn fragment_water_fine(in: Between) -> @location(0) vec4<f32> {
    let wide = max(fwidth(in.lane.z), 0.001);
    return finished(bank(water(in, true), in, wide), in);
}

// Roads near by: kerbs, lines, crossings.
@fragment
fn fragment_road(in: Between) -> @location(0) vec4<f32> {
    let pixel = max(fwidth(in.lane), vec4<f32>(0.001));
    var albedo = frame.ground[in.look & 15u].rgb;
    if (in.look & MARKED) != 0u { albedo = road(albedo, in, pixel); }
    return finished(Surface(albedo, vec3<f32>(0.0)), in);
}

// Squares and lawns near by: slabs and grain.
@fragment
fn fragment_soft(in: Between) -> @location(0) vec4<f32> {
    let reach = max(fwidth(in.point.xz), vec2<f32>(0.001));
    let row = in.look & 15u;
    var albedo = frame.ground[row].rgb;
    if row == GREEN {
        let seen = frame.camera.w / distance(in.point, frame.camera.xyz);
        let p = in.point.xz;
        albedo *= 1.0 + 0.34 * (noise(p * 0.09) - 0.5) * clamp(seen * 0.6, 0.0, 1.0)
            + 0.26 * (noise(p * 0.55) - 0.5) * clamp(seen * 0.16 - 0.1, 0.0, 1.0);
        albedo = canopy(albedo, in.point);
    } else if row == SQUARE {
        let joints = max(strokes(in.point.x + 30000.0, 1.5, 0.06, reach.x), strokes(in.point.z + 30000.0, 1.5, 0.06, reach.y));
        let bands = max(strokes(in.point.x + 30000.0, 9.0, 0.5, reach.x), strokes(in.point.z + 30000.0, 9.0, 0.5, reach.y));
        albedo *= 1.0 - 0.28 * joints + 0.14 * bands;
    }
    return finished(Surface(albedo, vec3<f32>(0.0)), in);
}

struct TintIn {
    // east and south, metres
    @location(0) place: vec2<f32>,
    @location(1) up: f32,
    @location(2) tint: vec4<f32>,
}

struct Tint {
    @builtin(position) clip: vec4<f32>,
    @location(0) color: vec4<f32>,
}

// Areas and their outlines, translucent.
@fragment
fn fragment_tint(in: Tint) -> @location(0) vec4<f32> {
    return in.color;
}

@vertex
fn vertex_tint(v: TintIn) -> Tint {
    var out: Tint;
    out.clip = nearer(vec3<f32>(v.place.x, v.up, v.place.y), 0.0004);
    out.color = v.tint;
    return out;
}
