//! The raster base map: which tiles the view wants, fetched beside the picture, handed to the stage.
//!
//! Reads the [`View`], owns [`Map`]. Without `[basemap]` there is none of it, and nothing here runs.
//! Without a network nothing comes and our own ground stays; one line in the log says so.

use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};

use super::layers::{Layer, Layers};
use super::pace::Pace;
use super::panels::PanelsDrawn;
use super::place::Stand;
use super::stage::{StageTiles, TileDraw, TileVertex};
use super::view::View;
use super::{ShowSystems, ViewerSystems};
use crate::picture::Picture;
use crate::feed::Tiles;
use crate::config::BaseMap;
use crate::geo::{LocalFrame, MapTile};

/// The most tiles in view.
const MOST_TILES: usize = 96;
/// Pictures that are kept in memory, the longest unseen go first.
const MOST_PICTURES: usize = 160;
/// Farther than this from the camera nothing is asked for, metres: the haze has it.
const FARTHEST_M: f64 = 30_000.0;
/// Corners of so many tiles are kept.
const MOST_CORNERS: usize = 8_192;
/// A tile's pixel may cover so many of the screen's, before finer tiles are wanted.
const COARSEST: f64 = 1.6;

/// The base map that was asked for from outside, before that of the place.
#[derive(Resource, Default)]
pub struct WantedBaseMap(pub Option<BaseMap>);

/// The base map at work.
#[derive(Resource)]
struct Map {
    settings: BaseMap,
    tiles: Tiles,
    frame: LocalFrame,
    pictures: BTreeMap<MapTile, Known>,
    corners: Corners,
    shown_for: Option<Mat4>,
    told: Option<String>,
    clock: u64,
}

/// Corners of tiles on the ground, since taking them out of a shifted datum is not for every frame.
type Corners = BTreeMap<MapTile, [[f64; 2]; 4]>;

struct Known {
    picture: Arc<Picture>,
    corners: Arc<[TileVertex]>,
    used: u64,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WantedBaseMap>()
        .add_systems(
            Update,
            (
                open.in_set(ViewerSystems::Receive)
                    .after(super::place::PlaceStands)
                    .run_if(resource_added::<Stand>),
                show.in_set(ShowSystems::Light).run_if(resource_exists::<Map>),
            ),
        )
        .add_systems(
            EguiPrimaryContextPass,
            write_attribution.after(PanelsDrawn).run_if(resource_exists::<Map>),
        );
}

/// Starts the base map of the settings, else that of the place.
fn open(mut commands: Commands, stand: Res<Stand>, wanted: Res<WantedBaseMap>, pace: Res<Pace>) {
    let settings = match (wanted.0.clone(), stand.place.manifest.basemap.clone()) {
        (Some(map), _) => map.ready(),
        (None, Some(table)) => BaseMap::of_place(table),
        (None, None) => return,
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return warn!("no base map: {error}"),
    };
    match Tiles::start(settings.clone(), cache_folder()) {
        Ok(tiles) => {
            let pace = pace.clone();
            tiles.on_arrival(move || pace.arrived());
            commands.insert_resource(Map {
                settings,
                tiles,
                frame: stand.place.frame,
                pictures: BTreeMap::new(),
                corners: Corners::default(),
                shown_for: None,
                told: None,
                clock: 0,
            });
        }
        Err(error) => warn!("no base map: {error}"),
    }
}

/// Where tiles are kept: by the rules of the desktop.
fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(folder.join("yunfushan").join("tiles"))
}

fn show(mut map: ResMut<Map>, view: Res<View>, layers: Res<Layers>, mut stage: ResMut<StageTiles>) {
    let map = &mut *map;
    let arrived = map.tiles.take();
    let is_new = !arrived.is_empty();
    for (tile, picture) in arrived {
        let corners = grid(tile, &map.frame, map.settings.datum);
        map.pictures.insert(tile, Known { picture, corners, used: map.clock });
    }
    let problem = map.tiles.problem();
    if problem != map.told {
        if let Some(problem) = &problem {
            warn!("the base map: {problem}");
        }
        map.told = problem;
    }
    let shows = layers.shows(Layer::Ground);
    let key = shows.then_some(view.clip_from_world);
    if map.shown_for == key && !is_new {
        return;
    }
    map.shown_for = key;
    map.clock += 1;
    let leaves =
        if shows { tiles_in_view(&view, &map.frame, &map.settings, &mut map.corners) } else { Vec::new() };
    let mut wanted: Vec<MapTile> = Vec::new();
    let mut drawn: Vec<MapTile> = Vec::new();
    for leaf in &leaves {
        let held = std::iter::successors(Some(*leaf), |tile| tile.parent())
            .take_while(|tile| tile.z >= map.settings.min_zoom)
            .find(|tile| map.pictures.contains_key(tile));
        drawn.extend(held);
        if held != Some(*leaf) {
            wanted.push(*leaf);
            // Something coarse first: it is there at once and covers much.
            let coarse = leaf.z.saturating_sub(3).max(map.settings.min_zoom);
            if held.is_none() {
                wanted.extend(
                    std::iter::successors(Some(*leaf), |tile| tile.parent()).find(|tile| tile.z == coarse),
                );
            }
        }
    }
    drawn.sort_unstable();
    drawn.dedup();
    // Coarse ones first.
    wanted.sort_unstable();
    wanted.dedup();
    map.tiles.want(wanted);
    let clock = map.clock;
    for tile in &drawn {
        if let Some(known) = map.pictures.get_mut(tile) {
            known.used = clock;
        }
    }
    if !is_new && drawn.iter().eq(stage.tiles.iter().map(|draw| &draw.tile)) {
        return;
    }
    stage.tiles.clear();
    for tile in drawn {
        if let Some(known) = map.pictures.get(&tile) {
            stage.tiles.push(TileDraw {
                tile,
                picture: known.picture.clone(),
                corners: known.corners.clone(),
            });
        }
    }
    stage.look = [map.settings.opacity, map.settings.brightness, map.settings.saturation];
    stage.covers_ground = map.settings.covers_ground;
    stage.revision += 1;
    if map.pictures.len() > MOST_PICTURES {
        let mut unseen: Vec<(u64, MapTile)> =
            map.pictures.iter().map(|(tile, known)| (known.used, *tile)).collect();
        unseen.sort_unstable();
        for (_, tile) in unseen.into_iter().take(map.pictures.len() - MOST_PICTURES) {
            map.pictures.remove(&tile);
        }
    }
}

/// A tile on the ground: its corners one by one, since a shifted datum does not only move but also bends.
fn grid(tile: MapTile, frame: &LocalFrame, datum: crate::geo::Datum) -> Arc<[TileVertex]> {
    let parts: u8 = if tile.z < 13 { 8 } else { 2 };
    let at = |i: u8, j: u8| {
        let uv = [i, j].map(|part| f64::from(part) / f64::from(parts));
        let [east, north] = tile.metres(uv, frame, datum);
        TileVertex { place: [east as f32, -north as f32], uv: uv.map(|part| part as f32) }
    };
    let mut corners = Vec::with_capacity(usize::from(parts) * usize::from(parts) * 6);
    for j in 0..parts {
        for i in 0..parts {
            let [a, b, c, d] = [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
            corners.extend([a, c, b, a, d, c]);
        }
    }
    corners.into()
}

/// A tile that may be too coarse: by how much, in screen pixels a pixel of it.
struct Candidate {
    coarseness: f64,
    tile: MapTile,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Candidate {}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.coarseness.total_cmp(&other.coarseness).then(self.tile.cmp(&other.tile))
    }
}

/// The tiles that cover what is seen of the ground, each as fine as its distance asks for, the coarsest split first.
fn tiles_in_view(view: &View, frame: &LocalFrame, map: &BaseMap, known: &mut Corners) -> Vec<MapTile> {
    if known.len() > MOST_CORNERS {
        known.clear();
    }
    let camera = [f64::from(view.camera.x), -f64::from(view.camera.z)];
    let height = f64::from(view.camera.y);
    let here = MapTile::at(map.min_zoom, map.datum.from_wgs84(frame.unproject(camera)));
    let mut heap = BinaryHeap::new();
    let mut leaves = Vec::new();
    let side = 1_i64 << map.min_zoom;
    let mut candidate = |tile: MapTile| -> Option<Candidate> {
        let corners = *known.entry(tile).or_insert_with(|| {
            [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(|uv| tile.metres(uv, frame, map.datum))
        });
        let bounds = crate::geo::Bounds::of(corners);
        let nearest = bounds.distance_squared(camera).sqrt();
        if nearest > FARTHEST_M || !may_be_seen(view, &corners) {
            return None;
        }
        let [width, _] = bounds.size();
        let distance = nearest.hypot(height).max(1.0);
        let on_screen = width * f64::from(view.pixels_at_one_m) / distance;
        Some(Candidate { coarseness: on_screen / f64::from(map.tile_px), tile })
    };
    for dy in -1..=1 {
        for dx in -1..=1 {
            let (x, y) = (i64::from(here.x) + dx, i64::from(here.y) + dy);
            if (0..side).contains(&x) && (0..side).contains(&y) {
                heap.extend(candidate(MapTile { z: map.min_zoom, x: x as u32, y: y as u32 }));
            }
        }
    }
    while let Some(next) = heap.pop() {
        let is_full = heap.len() + leaves.len() + 4 > MOST_TILES;
        if next.coarseness <= COARSEST || next.tile.z >= map.max_zoom || is_full {
            leaves.push(next.tile);
        } else {
            heap.extend(next.tile.children().into_iter().filter_map(&mut candidate));
        }
    }
    leaves
}

/// Whether a flat piece of ground may be in the picture: not if all of its corners are beyond one edge of it.
fn may_be_seen(view: &View, corners: &[[f64; 2]; 4]) -> bool {
    let clips =
        corners.map(|[east, north]| view.clip_from_world * Vec4::new(east as f32, 0.0, -north as f32, 1.0));
    let is_beyond = |edge: fn(Vec4) -> f32| clips.iter().all(|clip| edge(*clip) < 0.0);
    !(is_beyond(|c| c.w + c.x)
        || is_beyond(|c| c.w - c.x)
        || is_beyond(|c| c.w + c.y)
        || is_beyond(|c| c.w - c.y)
        || is_beyond(|c| c.w))
}

/// Whose map it is, small, in the corner.
fn write_attribution(map: Res<Map>, mut contexts: EguiContexts) {
    if map.pictures.is_empty() {
        return;
    }
    let Ok(context) = contexts.ctx_mut() else { return };
    egui::Area::new(egui::Id::new("whose base map"))
        .anchor(egui::Align2::RIGHT_BOTTOM, [-6.0, -4.0])
        .interactable(false)
        .order(egui::Order::Background)
        .show(context, |ui| {
            let words = egui::RichText::new(&map.settings.attribution).size(11.0);
            ui.label(
                words
                    .color(egui::Color32::from_gray(190))
                    .background_color(egui::Color32::from_black_alpha(120)),
            );
        });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{Datum, LonLat};

    fn map(text: &str) -> BaseMap {
        toml::from_str(&format!("url = \"http://x/{{z}}/{{x}}/{{y}}\"\nattribution = \"x\"\n{text}"))
            .expect("settings")
    }

    /// Straight down from a height in metres, 1,000 pixels high: a metre at one metre covers 1,500 pixels.
    fn from_above(height: f32) -> View {
        let fov = 2.0 * (500.0_f32 / 1500.0).atan();
        let projection = Mat4::perspective_infinite_reverse_rh(fov, 1.0, 1.0);
        let camera = Vec3::new(0.0, height, 0.0);
        View {
            clip_from_world: projection * Mat4::look_to_rh(camera, Vec3::NEG_Y, Vec3::NEG_Z),
            camera,
            size_px: Vec2::splat(1000.0),
            pixels_per_point: 1.0,
            pixels_at_one_m: 1500.0,
        }
    }

    #[test]
    fn tiles_cover_the_view_and_are_as_fine_as_the_screen() {
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        let leaves = tiles_in_view(&from_above(1000.0), &frame, &map(""), &mut Corners::new());
        // 1.5 pixels a metre: a tile of zoom 15 is 1,070 m wide, 1,605 pixels or 6.3 a texel; 17 has 1.57.
        assert!(leaves.iter().all(|tile| tile.z == 17), "{leaves:?}");
        // 667 m are in view, and a tile is 267 m wide.
        assert!((9..=25).contains(&leaves.len()), "{}", leaves.len());
        let coarse = tiles_in_view(&from_above(1000.0), &frame, &map("max_zoom = 14"), &mut Corners::new());
        assert!(coarse.iter().all(|tile| tile.z == 14) && !coarse.is_empty());
        let wide = tiles_in_view(&from_above(20_000.0), &frame, &map(""), &mut Corners::new());
        assert!(wide.len() <= MOST_TILES && wide.iter().all(|tile| tile.z < 14));
    }

    #[test]
    fn a_gcj_02_tile_is_drawn_where_its_ground_is() {
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        // A place, and where a GCJ-02 map draws it within the tile that holds it.
        let place = LonLat::new(118.8745, 28.9662);
        let drawn = Datum::Gcj02.from_wgs84(place);
        let tile = MapTile::at(16, drawn);
        let (low, high) = (tile.lon_lat([0.0, 1.0]), tile.lon_lat([1.0, 0.0]));
        let uv = [
            ((drawn.lon - low.lon) / (high.lon - low.lon)) as f32,
            ((high.lat - drawn.lat) / (high.lat - low.lat)) as f32,
        ];
        // Between the grid's corners the picture is drawn straight; the place must come out within a metre.
        let corners = grid(tile, &frame, Datum::Gcj02);
        let wanted = frame.project(place);
        let found = corners.chunks(3).find_map(|triangle| {
            let [a, b, c] = [triangle[0], triangle[1], triangle[2]];
            let minus = |p: [f32; 2], q: [f32; 2]| Vec2::new(p[0] - q[0], p[1] - q[1]);
            let (ab, ac, at) = (minus(b.uv, a.uv), minus(c.uv, a.uv), minus(uv, a.uv));
            let whole = ab.perp_dot(ac);
            let (s, t) = (at.perp_dot(ac) / whole, ab.perp_dot(at) / whole);
            let is_inside = s >= -1e-5 && t >= -1e-5 && s + t <= 1.00001;
            is_inside.then(|| Vec2::from(a.place) + minus(b.place, a.place) * s + minus(c.place, a.place) * t)
        });
        let found = found.expect("within the tile");
        let off_m = found.distance(Vec2::new(wanted[0] as f32, -wanted[1] as f32));
        assert!(off_m < 1.0, "{off_m} m");
    }
}
