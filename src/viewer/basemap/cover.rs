//! Which squares of ground are shown, and how fine: a quadtree over what is seen, the coarsest on screen split first.

use std::collections::{BTreeMap, BinaryHeap};

use bevy::prelude::*;

use crate::config::BaseMap;
use crate::geo::{Bounds, LocalFrame, MapTile};
use crate::viewer::view::View;

/// The most tiles in view, and the most and fewest bytes of pictures that they may have.
const MOST_TILES: usize = 96;
const FEWEST_TILES: usize = 16;
const MOST_BYTES: usize = 48 << 20;
/// Farther than this from the camera nothing is asked for, metres: the haze has it.
const FARTHEST_M: f64 = 30_000.0;
/// Where splitting begins: at this zoom three tiles a side reach farther than that, at any latitude below 63 degrees.
const FIRST_ZOOM: u8 = 9;
/// Corners of so many tiles are kept.
const MOST_CORNERS: usize = 8_192;
/// A tile's pixel may cover so many of the screen's, before finer tiles are wanted.
const COARSEST: f64 = 1.6;

/// Corners of tiles on the ground, since taking them out of a shifted datum is not for every frame.
pub(super) type Corners = BTreeMap<MapTile, [[f64; 2]; 4]>;

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

/// The tiles that cover what is seen of the ground, each as fine as its distance asks for, the nearest first.
///
/// No two cover the same ground. Where the server's coarsest are too many, the farthest are left out.
pub(super) fn tiles_in_view(
    view: &View,
    top_m: f32,
    frame: &LocalFrame,
    map: &BaseMap,
    known: &mut Corners,
) -> Vec<MapTile> {
    if known.len() > MOST_CORNERS {
        known.clear();
    }
    let camera = [f64::from(view.camera.x), -f64::from(view.camera.z)];
    let height = f64::from(view.camera.y);
    let first = map.min_zoom.min(FIRST_ZOOM);
    let here = MapTile::at(first, map.datum.from_wgs84(frame.unproject(camera)));
    let mut heap = BinaryHeap::new();
    let mut leaves = Vec::new();
    let side = 1_i64 << first;
    let mut candidate = |tile: MapTile| -> Option<Candidate> {
        let corners = *known.entry(tile).or_insert_with(|| {
            [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(|uv| tile.metres(uv, frame, map.datum))
        });
        let bounds = Bounds::of(corners);
        let nearest = bounds.distance_squared(camera).sqrt();
        if nearest > FARTHEST_M || !may_be_seen(view, top_m, &corners) {
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
                heap.extend(candidate(MapTile { z: first, x: x as u32, y: y as u32 }));
            }
        }
    }
    let most = most_tiles(map.tile_px);
    while let Some(next) = heap.pop() {
        let is_too_coarse = next.tile.z < map.min_zoom;
        let is_full = if is_too_coarse { leaves.len() >= most } else { heap.len() + leaves.len() + 4 > most };
        let is_fine = next.coarseness <= COARSEST && !is_too_coarse;
        if !is_fine && !is_full && next.tile.z < map.max_zoom {
            heap.extend(next.tile.children().into_iter().filter_map(&mut candidate));
        } else if !is_too_coarse {
            leaves.push(next.tile);
        }
    }
    leaves.truncate(most);
    leaves
}

fn most_tiles(tile_px: u32) -> usize {
    // With its halves a picture has a third more.
    let bytes = (tile_px as usize).pow(2) * 4 / 3 * 4;
    (MOST_BYTES / bytes.max(1)).clamp(FEWEST_TILES, MOST_TILES)
}

/// Whether a piece of ground up to a height may be in the picture: not if all of its corners are beyond one edge of it.
fn may_be_seen(view: &View, top_m: f32, corners: &[[f64; 2]; 4]) -> bool {
    let clip =
        |[east, north]: [f64; 2], up| view.clip_from_world * Vec4::new(east as f32, up, -north as f32, 1.0);
    let clips = [0.0, top_m].map(|up| corners.map(|corner| clip(corner, up)));
    let is_beyond = |edge: fn(Vec4) -> f32| clips.iter().flatten().all(|clip| edge(*clip) < 0.0);
    !(is_beyond(|c| c.w + c.x)
        || is_beyond(|c| c.w - c.x)
        || is_beyond(|c| c.w + c.y)
        || is_beyond(|c| c.w - c.y)
        || is_beyond(|c| c.w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::LonLat;

    fn map(text: &str) -> BaseMap {
        toml::from_str(&format!("url = \"http://x/{{z}}/{{x}}/{{y}}\"\nattribution = \"x\"\n{text}"))
            .expect("settings")
    }

    /// To the north, 20 degrees down.
    fn aslant(height: f32) -> View {
        let down = 20.0_f32.to_radians();
        let ahead = Vec3::new(0.0, -down.sin(), -down.cos());
        let projection = Mat4::perspective_infinite_reverse_rh(0.6435, 1.0, 1.0);
        let camera = Vec3::new(0.0, height, 0.0);
        View { clip_from_world: projection * Mat4::look_to_rh(camera, ahead, Vec3::Y), ..from_above(height) }
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
        let leaves = tiles_in_view(&from_above(1000.0), 0.0, &frame, &map(""), &mut Corners::new());
        // 1.5 pixels a metre: a tile of zoom 15 is 1,070 m wide, 1,605 pixels or 6.3 a texel; 17 has 1.57.
        assert!(leaves.iter().all(|tile| tile.z == 17), "{leaves:?}");
        // 667 m are in view, and a tile is 267 m wide.
        assert!((9..=25).contains(&leaves.len()), "{}", leaves.len());
        let coarse =
            tiles_in_view(&from_above(1000.0), 0.0, &frame, &map("max_zoom = 14"), &mut Corners::new());
        assert!(coarse.iter().all(|tile| tile.z == 14) && !coarse.is_empty());
        let wide = tiles_in_view(&from_above(20_000.0), 0.0, &frame, &map(""), &mut Corners::new());
        assert!(wide.len() <= MOST_TILES && wide.iter().all(|tile| tile.z < 14));
    }

    #[test]
    fn no_two_cover_the_same_ground() {
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        let leaves = tiles_in_view(&aslant(300.0), 0.0, &frame, &map(""), &mut Corners::new());
        assert!(leaves.iter().map(|tile| tile.z).collect::<std::collections::BTreeSet<_>>().len() > 3);
        for tile in &leaves {
            assert!(!tile.lineage().skip(1).any(|above| leaves.contains(&above)), "{tile:?}");
        }
    }

    #[test]
    fn a_high_coarsest_zoom_covers_what_is_near_and_no_more_than_is_bearable() {
        let frame = LocalFrame::new(LonLat::new(118.8735, 28.9655));
        // 5 km up 3.3 km are in view: thirteen tiles of zoom 17 a side, more than are bearable.
        for height in [1_000.0, 1_500.0, 5_000.0] {
            let leaves =
                tiles_in_view(&from_above(height), 0.0, &frame, &map("min_zoom = 17"), &mut Corners::new());
            assert!(leaves.iter().all(|tile| tile.z == 17) && leaves.len() <= MOST_TILES);
            assert!(leaves.len() >= if height > 4_000.0 { 80 } else { 9 }, "{} at {height}", leaves.len());
            let below = MapTile::at(17, frame.unproject([0.0, 0.0]));
            assert!(leaves.contains(&below), "what is right below is there");
        }
        assert_eq!([256, 512, 1024].map(most_tiles), [96, 36, 16]);
    }
}
