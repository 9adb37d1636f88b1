// Issues, patrols and groups of them: what stands on the ground or a roof and is drawn at a size on screen.
// An instance is a marker as the CPU composed it when something changed; everything that moves, moves here. Group 1.

struct Marks {
    // x: pixels a point, as large as markers are; y: seconds a trail lasts; z: milliseconds that coming and going takes;
    // w: how much of trails is shown, 0 to 1
    look: vec4<f32>,
    // x: milliseconds now; y: seconds of the scenario, modulo 2^20
    time: vec4<u32>,
    // linear; 0 to 4 states, 5 urgent, 6 overdue, 7 accent, 8 patrol, 9 silent patrol, 10 ink, 11 rim, 12 plate, 13 old trail
    colors: array<vec4<f32>, 16>,
}

@group(1) @binding(0) var<uniform> marks: Marks;
@group(1) @binding(1) var atlas: texture_2d<f32>;
@group(1) @binding(2) var atlas_sampler: sampler;
@group(1) @binding(3) var points: texture_2d<u32>;

const ISSUE: u32 = 0u;
const GROUP: u32 = 1u;
const PATROL: u32 = 2u;
const PATROL_GROUP: u32 = 3u;

const URGENT: u32 = 0x20u;
const OVERDUE: u32 = 0x40u;
const CHOSEN: u32 = 0x80u;
const HOVERED: u32 = 0x100u;
const LEAVES: u32 = 0x200u;
const SILENT: u32 = 0x400u;
const HEADED: u32 = 0x800u;
const JOINS: u32 = 0x100000u;

const GROUND: u32 = 0u;
const STEM: u32 = 1u;
const HEAD: u32 = 2u;

// The atlas: cells of 64 texels, an em of 44, 10 texels of distance to either side.
const CELL: f32 = 64.0;
const EM: f32 = 44.0;
const REACH: f32 = 10.0;

struct Marker {
    // xyz: where it stands; w: flags
    @location(0) place: vec4<u32>,
    // x: icon, or characters of a count; y: since when it comes or goes, ms; zw: where it comes from or goes to
    @location(1) coming: vec4<u32>,
    // Of groups: shares in bytes. Of patrols: heading and accuracy, start of the glide, where it began
    @location(2) more: vec4<u32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    // Pixels from the middle, or −1 to 1 on the ground; z: alpha along a stem
    @location(0) local: vec3<f32>,
    // x: half its size in pixels; y: alpha; zw: direction on screen, or phase
    @location(1) @interpolate(flat) look: vec4<f32>,
    // x: kind and part, y: flags, z: icon or digits, w: shares
    @location(2) @interpolate(flat) data: vec4<u32>,
    @location(3) @interpolate(flat) more: vec2<u32>,
}

fn quad_corner(index: u32) -> vec2<f32> {
    var quad = array<vec2<f32>, 6>(
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, -1.0), vec2<f32>(1.0, 1.0),
        vec2<f32>(-1.0, -1.0), vec2<f32>(1.0, 1.0), vec2<f32>(-1.0, 1.0));
    return quad[index % 6u];
}

fn nowhere() -> Between {
    var out: Between;
    out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0);
    return out;
}

// How large markers are at a distance: larger when near, within limits. marks.rs has the same.
fn scale_at(distance: f32) -> f32 {
    let pixels_a_metre = frame.camera.w / max(distance, 1.0) / marks.look.x;
    return marks.look.x * clamp(pow(pixels_a_metre / 2.2, 0.25), 0.8, 1.3);
}

// How high above its foot a pin stands, metres: a share of the distance, so that it clears a roof from every side.
fn lift_at(distance: f32) -> f32 {
    return clamp(distance * 0.018, 5.0, 60.0);
}

fn screen(clip: vec4<f32>) -> vec2<f32> {
    return clip.xy / clip.w * frame.viewport.xy * 0.5;
}

@vertex
fn vertex(@builtin(vertex_index) corner: u32, marker: Marker) -> Between {
    let part = corner / 6u;
    let q = quad_corner(corner);
    let flags = marker.place.w;
    let kind = flags & 3u;
    let is_group = kind == GROUP || kind == PATROL_GROUP;
    if (is_group && part != HEAD) || (kind == PATROL && part == STEM) { return nowhere(); }

    // Coming and going.
    let age = f32(marks.time.x - marker.coming.y) / marks.look.z;
    let t = clamp(age, 0.0, 1.0);
    var there = t * t * (3.0 - 2.0 * t);
    if (flags & LEAVES) != 0u { there = 1.0 - there; }
    var foot = bitcast<vec3<f32>>(marker.place.xyz);
    if kind == PATROL {
        // A patrol glides from where it was shown to where it is.
        let taken = f32(marks.time.x - marker.more.y) / max(f32((marker.coming.x >> 8u) & 0x3FFFu), 1.0);
        let began = bitcast<vec2<f32>>(marker.more.zw);
        let higher = f32(bitcast<i32>(marker.coming.x) >> 22u) * 0.25;
        foot = mix(vec3<f32>(began.x, foot.y + higher, began.y), foot, clamp(taken, 0.0, 1.0));
    }
    if (flags & JOINS) != 0u {
        let other = bitcast<vec2<f32>>(marker.coming.zw);
        let joined = mix(other, foot.xz, there);
        foot = vec3<f32>(joined.x, foot.y, joined.y);
    }
    let distance = distance(foot, frame.camera.xyz);
    let scale = scale_at(distance);
    let pixels_a_metre = frame.camera.w / max(distance, 1.0);
    let marked = f32((flags & (CHOSEN | HOVERED)) != 0u);

    var out: Between;
    out.look = vec4<f32>(0.0, there, 0.0, 0.0);
    out.data = vec4<u32>(kind | part << 2u, flags, marker.coming.x, marker.more.x);
    out.more = vec2<u32>(marker.more.y, marker.more.z);

    if part == GROUND {
        var radius = clamp(distance * 0.0026, 0.6, 7.0);
        if kind == PATROL {
            radius = f32(marker.more.x >> 16u) * 0.1;
            if radius * pixels_a_metre < 12.0 * scale { return nowhere(); }
        } else if (flags & URGENT) != 0u {
            radius = clamp(distance * 0.036, 12.0, 160.0);
            out.look.z = fract(f32(marks.time.x % 1800u) / 1800.0 + fract(foot.x * 0.37 + foot.z * 0.11));
        }
        let p = foot + vec3<f32>(q.x * radius, select(0.35, 0.5, kind == ISSUE), -q.y * radius);
        out.clip = frame.clip_from_world * vec4<f32>(p, 1.0);
        out.local = vec3<f32>(q, 1.0);
        out.look.x = radius * pixels_a_metre;
        return out;
    }

    var size = 11.0 * scale;
    if is_group {
        let digits = marker.coming.x >> 28u;
        size = (select(9.5, 13.5, kind == GROUP) + 2.3 * f32(max(digits, 1u) - 1u)) * scale;
    } else if kind == PATROL {
        size = 9.5 * scale;
    } else if (flags & URGENT) != 0u {
        size *= 1.12;
    }
    size *= 1.0 + 0.22 * marked;

    // Several at one spot stand around it.
    let count = f32((flags >> 16u) & 15u);
    var spread = vec2<f32>(0.0);
    if count > 1.5 {
        let turn = f32((flags >> 12u) & 15u) / count * 6.2831853 + 0.5;
        spread = vec2<f32>(sin(turn), cos(turn) * 0.9) * size * (0.62 + 0.33 * count) * there;
    }
    var head = foot;
    if kind == ISSUE || kind == GROUP { head.y += lift_at(distance); }
    var clip = frame.clip_from_world * vec4<f32>(head, 1.0);
    if clip.w < 0.5 { return nowhere(); }

    if part == STEM {
        let low = frame.clip_from_world * vec4<f32>(foot, 1.0);
        if low.w < 0.5 { return nowhere(); }
        let from_px = screen(low);
        let to_px = screen(clip) + spread;
        let along = normalize(to_px - from_px + vec2<f32>(0.0, 0.001));
        let across = vec2<f32>(-along.y, along.x);
        let half_width = max(size * 0.10, 0.8) + 0.7;
        let end = select(low, clip, q.y > 0.0);
        let at = select(from_px, to_px, q.y > 0.0) + across * q.x * half_width;
        out.clip = vec4<f32>(at * 2.0 / frame.viewport.xy * end.w, end.z, end.w);
        out.local = vec3<f32>(q.x * half_width, 0.0, mix(0.35, 0.95, q.y * 0.5 + 0.5));
        out.look.x = half_width;
        return out;
    }

    out.look.x = size * (0.7 + 0.3 * there);
    // No more of the picture than is painted: rings and badges reach farther out, glows and beaks farthest.
    var reach = size * 1.34;
    if (flags & (URGENT | OVERDUE)) != 0u { reach = size * select(1.48, 1.75, is_group); }
    if (flags & (CHOSEN | HOVERED)) != 0u { reach = size * 1.75; }
    if kind == PATROL && (flags & HEADED) != 0u {
        reach = size * 1.95;
        let heading = f32(marker.more.x & 0xFFFFu) / 65536.0 * 6.2831853;
        let ahead = frame.clip_from_world * vec4<f32>(head + vec3<f32>(sin(heading), 0.0, -cos(heading)) * 5.0, 1.0);
        let toward = screen(ahead) - screen(clip);
        out.look.z = toward.x / max(length(toward), 0.001);
        out.look.w = toward.y / max(length(toward), 0.001);
    }
    out.local = vec3<f32>(q * reach, 1.0);
    // Whole pixels, so that what is small stays crisp while it stands still.
    let at = screen(clip) + spread + q * reach;
    // A group is an overview and hidden by nothing; near is 1 in this depth.
    let depth = select(clip.z, clip.w * 0.9999, is_group);
    out.clip = vec4<f32>(at * 2.0 / frame.viewport.xy * clip.w, depth, clip.w);
    return out;
}

// Premultiplied: a colour laid over what is there.
fn over(below: vec4<f32>, color: vec3<f32>, alpha: f32) -> vec4<f32> {
    return vec4<f32>(color * alpha, alpha) + below * (1.0 - alpha);
}

// How much of a pixel lies inside, from a distance in pixels.
fn covered(d: f32) -> f32 {
    return clamp(0.5 - d, 0.0, 1.0);
}

fn box(p: vec2<f32>, half: f32, round: f32) -> f32 {
    let d = abs(p) - vec2<f32>(half - round);
    return length(max(d, vec2<f32>(0.0))) + min(max(d.x, d.y), 0.0) - round;
}

fn triangle(at: vec2<f32>, r: f32, round: f32) -> f32 {
    let k = 1.7320508;
    let inner = r - round;
    var p = vec2<f32>(abs(at.x) - inner, at.y + inner / k);
    if p.x + k * p.y > 0.0 { p = vec2<f32>(p.x - k * p.y, -k * p.x - p.y) * 0.5; }
    p.x -= clamp(p.x, -2.0 * inner, 0.0);
    return -length(p) * sign(p.y) - round;
}

// The distance to a state's shape: 0 disc, 1 diamond, 2 square, 3 triangle. All look equally large.
fn shape(p: vec2<f32>, kind: u32, r: f32) -> f32 {
    if kind == 1u { return box(vec2<f32>(p.x + p.y, p.x - p.y) * 0.70710678, r * 0.86, r * 0.22); }
    if kind == 2u { return box(p, r * 0.88, r * 0.24); }
    if kind == 3u { return triangle(p + vec2<f32>(0.0, r * 0.12), r * 1.12, r * 0.26); }
    return length(p) - r * 0.96;
}

// How much of a pixel a sign of the atlas covers; `em` in pixels.
fn sign_at(p: vec2<f32>, cell: u32, em: f32) -> f32 {
    let texel = vec2<f32>(p.x, -p.y) / em * EM + CELL * 0.5;
    if any(texel < vec2<f32>(0.5)) || any(texel > vec2<f32>(CELL - 0.5)) { return 0.0; }
    let base = vec2<f32>(f32(cell & 15u), f32(cell >> 4u)) * CELL;
    let value = textureSampleLevel(atlas, atlas_sampler, (base + texel) / vec2<f32>(textureDimensions(atlas)), 0.0).r;
    return clamp((value * 2.0 - 1.0) * REACH / EM * em + 0.5, 0.0, 1.0);
}

// A number of up to six digits; digits lie from cell 1 on.
fn number_at(p: vec2<f32>, packed: u32, em: f32) -> f32 {
    let digits = packed >> 28u;
    let advance = em * 0.57;
    let x = p.x + advance * f32(digits) * 0.5;
    let at = i32(floor(x / advance));
    if at < 0 || at >= i32(digits) || abs(p.y) > em * 0.6 { return 0.0; }
    var rest = packed & 0x0FFFFFFFu;
    for (var skip = i32(digits) - 1 - at; skip > 0; skip--) { rest = rest / 10u; }
    return sign_at(vec2<f32>(x - (f32(at) + 0.5) * advance, p.y), 1u + rest % 10u, em);
}

fn byte(word: u32, index: u32) -> f32 {
    return f32((word >> (index * 8u)) & 0xFFu) / 255.0;
}

fn ground(in: Between) -> vec4<f32> {
    let flags = in.data.y;
    let r = length(in.local.xy);
    let aa = 1.0 / max(in.look.x, 1.0);
    if (in.data.x & 3u) == PATROL {
        let color = select(marks.colors[8], marks.colors[9], (flags & SILENT) != 0u).rgb;
        let rim = clamp(1.0 - abs(r - 1.0 + 1.5 * aa) / (1.5 * aa), 0.0, 1.0);
        let inside = clamp((1.0 - r) / aa, 0.0, 1.0);
        return over(vec4<f32>(color * 0.07, 0.07) * inside, color, rim * 0.45);
    }
    let state = marks.colors[(flags >> 2u) & 7u].rgb;
    if (flags & URGENT) != 0u {
        // Two waves, half a phase apart, and a quiet disc.
        let color = marks.colors[5].rgb;
        var alpha = 0.10 * (1.0 - smoothstep(0.86, 1.0, r));
        for (var wave = 0; wave < 2; wave++) {
            let grown = fract(in.look.z + f32(wave) * 0.5);
            alpha += (1.0 - smoothstep(0.0, 0.09, abs(r - grown * 0.95))) * (1.0 - grown) * 0.62;
        }
        return over(vec4<f32>(0.0), color, min(alpha, 0.85));
    }
    let disc = clamp((1.0 - r) / aa, 0.0, 1.0);
    return over(vec4<f32>(0.0), state, disc * 0.75);
}

fn issue(in: Between) -> vec4<f32> {
    let flags = in.data.y;
    let p = in.local.xy;
    let r = in.look.x;
    let form = (flags >> 21u) & 3u;
    let d = shape(p, form, r);
    let state = marks.colors[(flags >> 2u) & 7u].rgb;
    // A dark edge lifts it off whatever is behind.
    var c = over(vec4<f32>(0.0), marks.colors[12].rgb, 0.42 * (1.0 - smoothstep(-1.0, r * 0.28, d)));
    if (flags & OVERDUE) != 0u {
        let ring = abs(d - r * 0.26) - max(r * 0.085, 0.9);
        c = over(c, marks.colors[6].rgb, covered(ring));
    }
    if (flags & CHOSEN) != 0u {
        c = over(c, marks.colors[7].rgb, covered(abs(d - r * 0.50) - max(r * 0.09, 1.1)));
    }
    // Whose clock stands is hollow, so that it neither shouts nor drowns in grey roofs.
    let is_hollow = ((flags >> 2u) & 7u) == 4u;
    c = over(c, select(state, marks.colors[12].rgb, is_hollow), covered(d));
    if is_hollow { c = over(c, state, covered(abs(d + r * 0.09) - max(r * 0.085, 0.8))); }
    let rim = select(state * 0.4, marks.colors[11].rgb, (flags & (CHOSEN | HOVERED)) != 0u);
    c = over(c, rim, covered(abs(d + r * 0.06) - r * 0.06) * select(0.55, 1.0, (flags & (CHOSEN | HOVERED)) != 0u));
    let lower = select(0.0, r * 0.20, form == 3u);
    let em = r * select(1.36, 1.12, form == 3u || form == 1u);
    c = over(c, select(marks.colors[10].rgb, mix(state, marks.colors[11].rgb, 0.4), is_hollow), sign_at(p + vec2<f32>(0.0, lower), in.data.z, em));
    if (flags & URGENT) != 0u {
        // A red badge with an exclamation mark.
        let at = p - vec2<f32>(r * 0.82, r * 0.82);
        let badge = length(at) - r * 0.48;
        c = over(c, marks.colors[12].rgb, covered(badge - max(1.0, r * 0.1)));
        c = over(c, marks.colors[5].rgb, covered(badge));
        let bar = max(abs(at.x) - r * 0.075, abs(at.y - r * 0.10) - r * 0.17);
        let dot = length(at + vec2<f32>(0.0, r * 0.24)) - r * 0.09;
        c = over(c, marks.colors[11].rgb, covered(min(bar, dot)));
    }
    return c;
}

fn group(in: Between) -> vec4<f32> {
    let flags = in.data.y;
    let is_patrols = (in.data.x & 3u) == PATROL_GROUP;
    let p = in.local.xy;
    let r = in.look.x;
    var d = length(p) - r;
    if is_patrols { d = box(p, r * 0.95, r * 0.5); }
    var c = vec4<f32>(0.0);
    if (flags & URGENT) != 0u {
        let beat = 0.5 + 0.5 * cos(f32(marks.time.x % 1800u) / 1800.0 * 6.2831853);
        let glow = 1.0 - smoothstep(0.0, r * (0.35 + 0.35 * beat), d);
        c = over(c, marks.colors[5].rgb, glow * (0.25 + 0.45 * beat));
    }
    c = over(c, marks.colors[12].rgb, 0.5 * (1.0 - smoothstep(-1.0, r * 0.22, d)));
    if (flags & (CHOSEN | HOVERED)) != 0u {
        c = over(c, marks.colors[7].rgb, covered(abs(d - r * 0.20) - max(r * 0.07, 1.0)));
    }
    c = over(c, marks.colors[12].rgb, covered(d) * 0.94);
    // Shares by state, clockwise from the top.
    let turn = fract(atan2(p.x, p.y) / 6.2831853 + 1.0);
    var sum = 0.0;
    var color = marks.colors[4].rgb;
    var gap = 1.0;
    if is_patrols {
        color = select(marks.colors[9], marks.colors[8], turn < byte(in.data.w, 0u)).rgb;
    } else {
        var found = false;
        for (var state = 0u; state < 4u; state++) {
            sum += byte(in.data.w, state);
            if turn < sum && !found {
                color = marks.colors[state].rgb;
                found = true;
            }
            if sum > 0.01 && sum < 0.99 {
                gap = min(gap, covered(0.55 - abs(turn - sum) * 6.2831853 * r));
            }
        }
    }
    let thick = max(r * select(0.115, 0.085, is_patrols), 1.1);
    let band = covered(abs(d + thick + r * 0.02) - thick);
    c = over(c, color, band * gap);
    let overdue = byte(in.more.x, 0u);
    if overdue > 0.001 && !is_patrols {
        // A thin red arc within, as long as the share that is overdue.
        let arc = covered(abs(d + r * 0.36) - max(r * 0.035, 0.6));
        c = over(c, marks.colors[6].rgb, arc * select(0.0, 1.0, turn < overdue));
    }
    let digits = f32(in.data.z >> 28u);
    let em = r * select(1.0, 2.35 / max(digits, 1.0), digits > 2.5) * select(1.0, 1.12, is_patrols);
    let ink = select(marks.colors[11].rgb, mix(marks.colors[8].rgb, marks.colors[11].rgb, 0.45), is_patrols);
    c = over(c, ink, number_at(p, in.data.z, em));
    return c;
}

fn patrol(in: Between) -> vec4<f32> {
    let flags = in.data.y;
    let p = in.local.xy;
    let r = in.look.x;
    let is_silent = (flags & SILENT) != 0u;
    var d = length(p) - r;
    if (flags & HEADED) != 0u && !is_silent {
        // A beak toward where it goes: the tangents to the disc from a point ahead.
        let toward = in.look.zw;
        let ahead = dot(p, toward);
        let aside = abs(dot(p, vec2<f32>(-toward.y, toward.x)));
        let beak = (aside * 0.78 + ahead * 0.62) - r * 1.0;
        if ahead > 0.0 && aside < r { d = min(d, max(beak, -ahead)); }
    }
    var c = over(vec4<f32>(0.0), marks.colors[12].rgb, 0.5 * (1.0 - smoothstep(-1.0, r * 0.30, d)));
    if (flags & CHOSEN) != 0u {
        c = over(c, marks.colors[7].rgb, covered(abs(d - r * 0.42) - max(r * 0.10, 1.1)));
    }
    let color = select(marks.colors[8], marks.colors[9], is_silent).rgb;
    let icon = sign_at(p, in.data.z & 0xFFu, r * 1.42);
    if is_silent {
        // Hollow: nobody knows where it is now.
        c = over(c, marks.colors[12].rgb, covered(d) * 0.75);
        c = over(c, color, covered(abs(d + r * 0.10) - r * 0.10));
        c = over(c, color, icon * 0.9);
        return c;
    }
    c = over(c, color, covered(d));
    let is_marked = (flags & (CHOSEN | HOVERED)) != 0u;
    c = over(c, select(marks.colors[12].rgb, marks.colors[11].rgb, is_marked), covered(abs(d + r * 0.07) - r * 0.07) * select(0.55, 1.0, is_marked));
    c = over(c, marks.colors[10].rgb, icon);
    return c;
}

fn painted(in: Between) -> vec4<f32> {
    let kind = in.data.x & 3u;
    let part = in.data.x >> 2u;
    var c: vec4<f32>;
    if part == GROUND {
        c = ground(in);
    } else if part == STEM {
        let state = marks.colors[(in.data.y >> 2u) & 7u].rgb;
        let line = clamp(in.look.x - abs(in.local.x), 0.0, 1.0);
        c = over(vec4<f32>(0.0), state, line * in.local.z);
    } else if kind == ISSUE {
        c = issue(in);
    } else if kind == PATROL {
        c = patrol(in);
    } else {
        c = group(in);
    }
    return c * in.look.y;
}

@fragment
fn fragment(in: Between) -> @location(0) vec4<f32> {
    return painted(in);
}

// Behind a building: still there, but dimmed; what is chosen less so.
@fragment
fn fragment_hidden(in: Between) -> @location(0) vec4<f32> {
    return painted(in) * select(0.34, 0.75, (in.data.y & CHOSEN) != 0u);
}

// Trails: an instance is a patrol, a ribbon of two vertices a point.

struct Trail {
    // x: slot, y: number of its newest point, z: how many points, w: flags
    @location(0) trail: vec4<u32>,
    // The patrol's glide: start, milliseconds, from
    @location(1) glide: vec4<u32>,
    // xy: where to, zw: how high it begins and ends
    @location(2) goal: vec4<u32>,
}

struct Ribbon {
    @builtin(position) clip: vec4<f32>,
    // x: pixels across, y: half the width, z: alpha, w: age 0 to 1
    @location(0) look: vec4<f32>,
}

// A point so many before the newest, metres; w: its age, seconds.
fn trail_point(trail: Trail, back: u32) -> vec4<f32> {
    if back == 0u {
        let taken = f32(marks.time.x - trail.glide.x) / max(f32(trail.glide.y), 1.0);
        let began = bitcast<vec2<f32>>(trail.glide.zw);
        let goal = bitcast<vec4<f32>>(trail.goal);
        let from_there = vec3<f32>(began.x, goal.z, began.y);
        return vec4<f32>(mix(from_there, vec3<f32>(goal.x, goal.w, goal.y), clamp(taken, 0.0, 1.0)), 0.0);
    }
    let ring = (trail.trail.y - back) & 31u;
    let index = (trail.trail.x & 63u) * 32u + ring;
    let word = textureLoad(points, vec2<i32>(i32(index), i32(trail.trail.x >> 6u)), 0).xy;
    // 19 bits east, 19 bits south, 13 bits up, 13 bits of time.
    let east = f32(word.x >> 13u) / 8.0 - 32768.0;
    let south = f32((word.x & 0x1FFFu) << 6u | word.y >> 26u) / 8.0 - 32768.0;
    let up = f32((word.y >> 13u) & 0x1FFFu) / 4.0 - 256.0;
    let age = (marks.time.y / 4u - word.y) & 0x1FFFu;
    return vec4<f32>(east, up, south, select(f32(age) * 4.0, 0.0, age > 4096u));
}

fn trail_px(point: vec4<f32>) -> vec4<f32> {
    return frame.clip_from_world * vec4<f32>(point.xyz, 1.0);
}

// Which way a ribbon goes on screen from one point to another; nothing where the other cannot be seen.
fn toward_px(from_px: vec2<f32>, other: vec4<f32>) -> vec2<f32> {
    let clip = trail_px(other);
    if clip.w < 0.5 { return vec2<f32>(0.0); }
    let way = screen(clip) - from_px;
    return way * inverseSqrt(max(dot(way, way), 1e-6));
}

// Two vertices a point, the newest first; those beyond the oldest lie on it.
@vertex
fn vertex_trail(@builtin(vertex_index) corner: u32, trail: Trail) -> Ribbon {
    var out: Ribbon;
    let oldest = trail.trail.z - 1u;
    let at = min(corner / 2u, oldest);
    let side = select(-1.0, 1.0, (corner & 1u) != 0u);
    let here = trail_point(trail, at);
    let age = clamp(here.w / marks.look.y, 0.0, 1.0);
    let clip = trail_px(here);
    out.clip = clip;
    if clip.w < 0.5 { return out; }
    let px = screen(clip);
    // Against the way that it was walked: from the newer neighbour here, and on to the older one.
    var before = vec2<f32>(0.0);
    var after = vec2<f32>(0.0);
    if at > 0u { before = -toward_px(px, trail_point(trail, at - 1u)); }
    if at < oldest { after = toward_px(px, trail_point(trail, at + 1u)); }
    // Ends have one neighbour; who stood still has none.
    if dot(before, before) < 0.5 { before = after; }
    if dot(after, after) < 0.5 { after = before; }
    if dot(after, after) < 0.5 { return out; }
    var across = vec2<f32>(-after.y, after.x);
    var stretch = 1.0;
    let middle = before + after;
    if dot(middle, middle) > 0.2 {
        let mitre = normalize(vec2<f32>(-middle.y, middle.x));
        stretch = 1.0 / max(dot(mitre, across), 0.5);
        across = mitre;
    }
    let half_width = 1.9 * marks.look.x * (1.0 - 0.45 * age) + 0.7;
    let to = px + across * (side * half_width * stretch);
    out.clip = vec4<f32>(to * 2.0 / frame.viewport.xy * clip.w, clip.z, clip.w);
    let fresh = 1.0 - age;
    // Where somebody went is less than what is to be done: only the way that is asked for is bright.
    let bright = select(0.6, 0.9, (trail.trail.w & (CHOSEN | HOVERED)) != 0u);
    let dimmed = select(1.0, 0.45, (trail.trail.w & SILENT) != 0u);
    out.look = vec4<f32>(side * half_width, half_width, fresh * sqrt(fresh) * bright * marks.look.w * dimmed, age);
    return out;
}

@fragment
fn fragment_trail(in: Ribbon) -> @location(0) vec4<f32> {
    return ribbon(in);
}

@fragment
fn fragment_trail_hidden(in: Ribbon) -> @location(0) vec4<f32> {
    return ribbon(in) * 0.22;
}

fn ribbon(in: Ribbon) -> vec4<f32> {
    let color = mix(marks.colors[8].rgb, marks.colors[13].rgb, sqrt(in.look.w));
    let edge = clamp(in.look.y - abs(in.look.x), 0.0, 1.0);
    return vec4<f32>(color, 1.0) * in.look.z * edge;
}
