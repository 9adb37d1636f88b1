// Buildings. One pipeline for every tile; a vertex is 12 bytes (mesh::pack).

@group(1) @binding(0) var states: texture_2d<u32>;
@group(1) @binding(1) var facts: texture_2d<u32>;

struct VertexIn {
    // x, y, z in steps of the tile's box; the building's row within the tile
    @location(0) place: vec4<u32>,
    // decimetres along the ring; flags
    @location(1) wall: vec2<u32>,
    // the tile: its corner, its first row, its steps
    @location(2) corner: vec3<f32>,
    @location(3) first_row: u32,
    @location(4) step: vec3<f32>,
}

struct Between {
    @builtin(position) clip: vec4<f32>,
    @location(0) point: vec3<f32>,
    // x: metres along the wall, y: metres above where the building's walls begin
    @location(1) wall: vec2<f32>,
    // rgb: colour in 8 bits each, and alpha: 255 where the building is hovered or selected
    @location(2) @interpolate(flat) paint: u32,
    // x: seed, y: levels | use << 8, z: height in decimetres
    @location(3) @interpolate(flat) facts: vec3<u32>,
    // x: 0 to 1 from one edge of the facade to the other, y: 1 at a corner that bends inward, z: how much sky is seen
    @location(4) facade: vec3<f32>,
}

fn point_of(v: VertexIn) -> vec3<f32> {
    return v.corner + vec3<f32>(v.place.xyz) * v.step;
}

@vertex
fn vertex(v: VertexIn) -> Between {
    var out: Between;
    let row = v.first_row + v.place.w;
    let fact = textureLoad(facts, texel(row), 0);
    let state = textureLoad(states, texel(row), 0);
    let point = point_of(v);
    // The building's own ground, and where its walls begin, metres above the plain.
    let ground = bitcast<f32>(fact.z);
    let bottom = ground + f32(fact.x & 0xFFFFu) * 0.1;

    // Where a colouring covers nothing, the colour of its use; both are square roots of linear light.
    let usage = (fact.y >> 8u) & 0xFu;
    let plain = sqrt(frame.uses[usage].rgb);
    let over = coloured(state);
    let cover = over.a;
    var color = plain * (1.0 - cover) + over.rgb;
    color *= color;
    // Neighbours differ a little, so that they can be told apart, but not where the colour means something.
    let warmth = (1.0 - cover) * (hash(vec2<u32>(row, 13u)) - 0.5);
    color *= 1.0 + (0.20 - 0.16 * cover) * (hash(vec2<u32>(row, 7u)) - 0.5);
    color *= vec3<f32>(1.0 + 0.09 * warmth, 1.0, 1.0 - 0.09 * warmth);
    // What means something stays readable in the dark: under less than this light it is lifted, and keeps its hue.
    let light = frame.sky_light.rgb + frame.sun_color.rgb * 0.6;
    color *= mix(vec3<f32>(1.0), max(vec3<f32>(0.40) / max(light, vec3<f32>(0.01)), vec3<f32>(1.0)), cover);
    color /= max(1.0, max(color.r, max(color.g, color.b)));
    // Roofs have tints by use; one that means something has none.
    let is_roof = ((v.wall.y >> 8u) & 15u) == 8u;
    let facts_shown = select(fact.y, fact.y & 0xFFu, is_roof && cover > 0.5);
    var mark = 0.0;
    if row + 1u == frame.selection.x { mark = 0.45; }
    if row + 1u == frame.selection.y { mark = 1.0; }

    out.clip = frame.clip_from_world * vec4<f32>(point, 1.0);
    // Its storeys are drawn apart (plates.wgsl).
    if row + 1u == frame.selection.y && (frame.selection.z & 2u) != 0u { out.clip = vec4<f32>(2.0, 2.0, 2.0, 1.0); }
    out.point = point;
    out.wall = vec2<f32>(f32(v.wall.x) * 0.1, point.y - bottom);
    out.paint = pack4x8unorm(vec4<f32>(sqrt(color), mark));
    out.facts = vec3<u32>(row, facts_shown, fact.x >> 16u);
    let edge = f32((v.wall.y >> 2u) & 31u) / 31.0;
    // Sixteen metres above the street half of what it does not see of the sky comes into view.
    let open = openness(point).x;
    let above = max(point.y - ground, 0.0);
    out.facade = vec3<f32>(edge, f32((v.wall.y >> 7u) & 1u), mix(open, 1.0, above / (above + 16.0)));
    return out;
}

// Uses, in the order of city::BuildingUse.
const RESIDENTIAL: u32 = 0u;
const COMMERCIAL: u32 = 1u;
const OFFICE: u32 = 2u;
const SCHOOL: u32 = 3u;
const MARKET: u32 = 4u;
const HISTORIC: u32 = 6u;
const INDUSTRIAL: u32 = 7u;
const MEDICAL: u32 = 8u;
const RELIGIOUS: u32 = 9u;
const SHED: u32 = 11u;

// A share of a wall's light, on average over its windows: what is seen where they are too small to be drawn.
const AVERAGE: f32 = 0.88;
// The glow of lit windows from afar, as a share of one that is near.
const FAR_GLOW: f32 = 0.17;

// Light from the sky as far as it is seen, and from the sun where nothing stands before it.
fn lit(albedo: vec3<f32>, normal: vec3<f32>, open: f32, shade: f32) -> vec3<f32> {
    skylight = albedo * (sky_on(normal) * open);
    return skylight + albedo * (sun_on(normal) * shade);
}

fn finished(color: vec3<f32>, albedo: vec3<f32>, mark: f32, in: Between) -> vec4<f32> {
    return written(marked(color, albedo, mark), in.point);
}

fn roof_tint(usage: u32, levels: u32, seed: u32) -> vec3<f32> {
    var tint = vec3<f32>(0.86, 0.87, 0.88);
    // Low old houses have roofs of grey tiles.
    if usage == RESIDENTIAL && levels <= 3u { tint = vec3<f32>(0.46, 0.49, 0.53); }
    if usage == HISTORIC || usage == RELIGIOUS { tint = vec3<f32>(0.30, 0.33, 0.37); }
    if usage == COMMERCIAL || usage == OFFICE { tint = vec3<f32>(0.98, 1.0, 1.04); }
    if usage == INDUSTRIAL || usage == SHED { tint = vec3<f32>(0.72, 0.80, 0.90); }
    if usage == SCHOOL || usage == MARKET { tint = vec3<f32>(1.0, 0.93, 0.86); }
    return tint * (0.92 + 0.16 * hash(vec2<u32>(seed, 3u)));
}

// What the street's lamps throw on what stands beside it.
fn street_light(up: f32) -> vec3<f32> {
    if !dark { return vec3<f32>(0.0); }
    return WARM * (0.16 * frame.sun_color.w * exp(-max(up, 0.0) / 5.0));
}

// What the windows of a building give on average, some of them more than others.
fn far_glow(usage: u32, seed: u32) -> vec3<f32> {
    let h = hash(vec2<u32>(seed, 43u));
    let share = frame.uses[usage].w * frame.ground_light.w * (0.25 + 2.25 * h * h);
    return mix(WARM, vec3<f32>(0.84, 0.90, 1.0), 0.35 * step(0.8, hash(vec2<u32>(seed, 47u))))
        * (share * FAR_GLOW * frame.sun_color.w * frame.viewport.w);
}

// Without windows, and so dark at night: by a metric height.
fn is_plain(usage: u32, height: f32) -> bool {
    return usage == SHED || height < 3.0;
}

// Far away: a flat wall, a flat roof.
@fragment
fn fragment_block(in: Between) -> @location(0) vec4<f32> {
    let paint = unpack4x8unorm(in.paint);
    let albedo = paint.rgb * paint.rgb;
    let n = flat_normal(in.point);
    let usage = (in.facts.y >> 8u) & 0xFu;
    if n.y > 0.6 {
        return finished(lit(albedo * roof_tint(usage, in.facts.y & 0xFFu, in.facts.x), n, 1.0, 1.0), albedo, paint.a, in);
    }
    var c = lit(albedo * AVERAGE, n, in.facade.z, 1.0) + albedo * street_light(in.wall.y);
    // At night the far city glows by what its windows give.
    if dark && !is_plain(usage, f32(in.facts.z) * 0.1) { c += far_glow(usage, in.facts.x); }
    return finished(c, albedo, paint.a, in);
}

// 1 between two bounds, with edges as soft as the pixel is wide.
fn band(low: f32, high: f32, soft: f32, x: f32) -> f32 {
    return smoothstep(low - soft, low + soft, x) * (1.0 - smoothstep(high - soft, high + soft, x));
}

// How a facade is divided, by use.
struct Style {
    // metres from window to window
    bay: f32,
    // of a bay and of a storey: where the glass begins and ends
    glass_u: vec2<f32>,
    glass_v: vec2<f32>,
    // how dark the glass is by day
    pane: f32,
}

fn style_of(usage: u32, seed: u32) -> Style {
    let vary = hash(vec2<u32>(seed, 23u));
    var style = Style(3.0 + 0.8 * vary, vec2<f32>(0.24, 0.76), vec2<f32>(0.30, 0.80), 0.50);
    if usage == COMMERCIAL || usage == OFFICE || usage == MEDICAL {
        // Bands of glass with thin posts.
        style = Style(2.4 + 1.2 * vary, vec2<f32>(0.05, 0.95), vec2<f32>(0.30, 0.86), 0.46);
    }
    if usage == SCHOOL { style = Style(4.2, vec2<f32>(0.12, 0.88), vec2<f32>(0.32, 0.84), 0.48); }
    if usage == HISTORIC || usage == RELIGIOUS { style = Style(3.6, vec2<f32>(0.34, 0.66), vec2<f32>(0.32, 0.72), 0.42); }
    if usage == INDUSTRIAL { style = Style(6.0, vec2<f32>(0.10, 0.90), vec2<f32>(0.62, 0.86), 0.52); }
    return style;
}

// Near: storeys, windows, balconies, shop fronts, a parapet, and lights at night.
@fragment
fn fragment_full(in: Between) -> @location(0) vec4<f32> {
    let paint = unpack4x8unorm(in.paint);
    let albedo = paint.rgb * paint.rgb;
    let n = flat_normal(in.point);
    let seed = in.facts.x;
    let levels = max(f32(in.facts.y & 0xFFu), 1.0);
    let usage = (in.facts.y >> 8u) & 0xFu;
    let shade = shadow(in.point, n);
    if n.y > 0.6 {
        let c = lit(albedo * roof_tint(usage, in.facts.y & 0xFFu, seed), n, 1.0, shade);
        return finished(c, albedo, paint.a, in);
    }
    let height = f32(in.facts.z) * 0.1;
    let storey = height / levels;
    let style = style_of(usage, seed);
    let night = frame.sun_color.w;
    let v = in.wall.y / storey;
    let u = in.wall.x / style.bay;
    let along = vec2<f32>(dpdx(in.wall.x), dpdy(in.wall.x));
    let pixel = max(length(along), fwidth(in.wall.y) * 0.7);
    // How many cells a pixel covers: patterns fade before they flicker.
    let blur = max(fwidth(v), fwidth(u));
    let fine = 1.0 - smoothstep(0.22, 0.65, blur);
    var pattern = AVERAGE;
    var tint = vec3<f32>(1.0);
    var glow = vec3<f32>(0.0);
    let plain = is_plain(usage, height);
    if !plain && fine > 0.0 {
        let fv = fract(v);
        let fu = fract(u);
        let soft = max(blur, 0.015);
        let cell = vec2<u32>(u32(max(floor(u), 0.0)) + seed * 131u, u32(max(floor(v), 0.0)) + seed * 17u);
        let is_shop = v < 1.0 && (usage == COMMERCIAL || usage == MARKET);
        var glass = band(style.glass_u.x, style.glass_u.y, soft, fu) * band(style.glass_v.x, style.glass_v.y, soft, fv);
        pattern = 1.0;
        if usage == RESIDENTIAL {
            // Every third bay has a balcony: a deep shadow over a light breastwork.
            let is_balcony = (cell.x % 3u) == (seed % 3u) && v > 1.0;
            if is_balcony {
                glass = band(0.06, 0.94, soft, fu) * band(0.40, 0.90, soft, fv);
                pattern += 0.13 * band(0.04, 0.96, soft, fu) * band(0.06, 0.38, soft, fv);
            }
        }
        if is_shop {
            // Wide panes with a sign above them.
            glass = band(0.04, 0.96, soft, fu) * band(0.06, 0.62, soft, fv);
            let sign = band(0.02, 0.98, soft, fu) * band(0.68, 0.92, soft, fv);
            let kind = hash(cell + 31u);
            let color = mix(vec3<f32>(0.95, 0.62, 0.50), vec3<f32>(0.55, 0.72, 0.90), step(0.5, kind));
            tint = mix(tint, color, sign * 0.8);
            if dark { glow += color * (sign * night * 0.35 * step(0.25, hash(cell + 37u)) * frame.ground_light.w * frame.viewport.w); }
        }
        pattern *= mix(1.0, style.pane, glass);
        // A slab's edge at each storey.
        pattern *= 1.0 - 0.16 * (1.0 - smoothstep(0.03, 0.03 + soft * 1.5, fv)) * step(0.5, v);
        if dark && night > 0.02 {
            // Windows by building, floor and bay; offices keep whole floors, homes single rooms.
            let by_floor = hash(vec2<u32>(cell.y, seed + 41u));
            let chance = select(hash(cell), mix(hash(cell), by_floor, 0.6), usage == OFFICE || usage == COMMERCIAL);
            let share = max(frame.uses[usage].w * frame.ground_light.w, f32(is_shop) * 0.8 * frame.ground_light.w);
            let on = step(1.0 - share, chance);
            let tone = hash(cell + 5u);
            let color = mix(mix(WARM, vec3<f32>(1.0, 0.82, 0.58), step(0.45, tone)), vec3<f32>(0.84, 0.90, 1.0), step(0.82, tone));
            // Brighter toward the ceiling, as rooms are.
            glow += color * (glass * on * night * (0.35 + 0.65 * hash(cell + 11u)) * (0.75 + 0.5 * fv) * frame.viewport.w);
        }
        pattern = mix(AVERAGE, pattern, fine);
        glow *= fine;
    }
    if dark && night > 0.02 && !plain {
        glow += far_glow(usage, seed) * (1.0 - fine);
    }
    // Edges: a fine dark line where a facade ends, a light one along the top; less light in corners that bend inward.
    let e = in.facade.x;
    let slope = vec2<f32>(dpdx(e), dpdy(e));
    let a_pixel = max(abs(slope.x) + abs(slope.y), 1e-6);
    // With several samples a pixel its middle may lie beyond the facade.
    let to_edge = max(min(e, 1.0 - e), 0.0);
    let narrow = 1.0 - smoothstep(0.08, 0.25, a_pixel);
    let line = (1.0 - smoothstep(0.4, 1.4, to_edge / a_pixel)) * narrow;
    let metres = to_edge * length(along) / max(length(slope), 1e-6);
    let corner = exp(-metres / 1.6) * smoothstep(0.4, 0.9, in.facade.y);
    let top = height - in.wall.y;
    let rim = 1.0 - smoothstep(max(pixel, 0.25), max(pixel, 0.25) * 1.8, top);
    let plinth = 1.0 - 0.22 * (1.0 - smoothstep(0.5, 0.5 + pixel, in.wall.y));
    pattern *= (1.0 - 0.20 * line) * (1.0 - 0.38 * corner) * (1.0 + 0.20 * rim) * plinth;
    let c = lit(albedo * tint * pattern, n, in.facade.z * (1.0 - 0.3 * corner), shade) + albedo * pattern * street_light(in.wall.y);
    return finished(c + glow, albedo, paint.a, in);
}
