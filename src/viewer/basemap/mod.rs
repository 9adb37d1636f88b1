//! The raster base map: which tiles the view wants, fetched beside the picture, handed to the stage.
//!
//! Reads the [`View`], owns `Map`. Without `[basemap]` there is none of it, and nothing here runs.
//! Without a network nothing comes and our own ground stays; a line in the log says so.
//! `cover` says which squares of ground are shown and how fine; each is drawn with its own picture, or with the part of a
//! coarser one that covers it, so that no two lie over each other. `lay` puts a square on the relief.

mod attribution;
mod cover;
mod lay;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy_egui::EguiPrimaryContextPass;

use self::cover::{Corners, tiles_in_view};
use super::layers::{Layer, Layers};
use super::pace::Pace;
use super::panels::PanelsDrawn;
use super::place::Stand;
use super::stage::{StageTiles, TileDraw, TileVertex};
use super::unseen::forget;
use super::view::View;
use super::{ShowSystems, ViewerSystems};
use crate::city::Relief;
use crate::config::BaseMap;
use crate::feed::{Levels, Tiles};
use crate::geo::{LocalFrame, MapTile};

/// Of pictures more than so many bytes are not kept in memory, but for those in view; the longest unseen go first.
const MOST_BYTES: usize = 64 << 20;
/// Of squares that are laid out more than so many corners are not kept, but for those in view.
const MOST_LAID: usize = 400_000;
/// Squares that come after so many corners stay flat, the nearest come first: a bound on what a large relief costs.
const MOST_DRAPED: usize = 600_000;
/// What a server does not have is asked for again after so long.
const ABSENT_FOR: Duration = Duration::from_secs(600);
/// So many zooms coarser is what comes first where nothing is there: it covers much.
const COARSER: u8 = 3;

/// Which base map is shown.
#[derive(Resource, Clone, Default)]
pub enum WantedBaseMap {
    /// That of the place, where it has one.
    #[default]
    OfPlace,
    /// This one.
    This(Box<BaseMap>),
    /// None, and nothing is fetched.
    None,
}

/// The base map at work.
#[derive(Resource)]
pub(super) struct Map {
    settings: BaseMap,
    tiles: Tiles,
    frame: LocalFrame,
    relief: Option<Arc<Relief>>,
    pictures: BTreeMap<MapTile, Known>,
    /// By square and whether it lies on the relief.
    laid: BTreeMap<(MapTile, bool), Laid>,
    corners: Corners,
    absent: BTreeSet<MapTile>,
    absent_since: Instant,
    shown_for: Option<Mat4>,
    lacks_tiles: bool,
    clock: u64,
}

struct Known {
    levels: Levels,
    version: u64,
    used: u64,
}

struct Laid {
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
            attribution::write.after(PanelsDrawn).run_if(resource_exists::<Map>),
        );
}

/// Starts the base map of the settings, else that of the place.
fn open(mut commands: Commands, stand: Res<Stand>, wanted: Res<WantedBaseMap>, pace: Res<Pace>) {
    let settings = match (wanted.clone(), stand.place.manifest.basemap.clone()) {
        (WantedBaseMap::This(map), _) => map.ready(),
        (WantedBaseMap::OfPlace, Some(table)) => BaseMap::of_place(table),
        (WantedBaseMap::OfPlace, None) | (WantedBaseMap::None, _) => return,
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return warn!("no base map: {error}"),
    };
    let tiles = match Tiles::start(settings.clone(), cache_folder()) {
        Ok(tiles) => tiles,
        Err(error) => return warn!("no base map: {error}"),
    };
    let pace = pace.clone();
    tiles.on_arrival(move || pace.arrived());
    commands.insert_resource(Map {
        settings,
        tiles,
        frame: stand.place.frame,
        relief: stand.place.relief.clone(),
        pictures: BTreeMap::new(),
        laid: BTreeMap::new(),
        corners: Corners::default(),
        absent: BTreeSet::new(),
        absent_since: Instant::now(),
        shown_for: None,
        lacks_tiles: true,
        clock: 0,
    });
}

/// Where tiles are kept: by the rules of the desktop.
fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(folder.join("yunfushan").join("tiles"))
}

fn show(mut map: ResMut<Map>, view: Res<View>, layers: Res<Layers>, mut stage: ResMut<StageTiles>) {
    let map = &mut *map;
    let has_news = map.receive();
    let shows = layers.shows(Layer::Ground);
    let key = shows.then_some(view.clip_from_world);
    if map.shown_for == key && !has_news {
        map.lacks_tiles &= shows;
        return;
    }
    map.shown_for = key;
    map.clock += 1;
    let top_m = map.relief.as_ref().map_or(0.0, |relief| relief.highest_m());
    let leaves = if shows {
        tiles_in_view(&view, top_m, &map.frame, &map.settings, &mut map.corners)
    } else {
        Vec::new()
    };
    let plan = map.plan(&leaves);
    map.lacks_tiles = !plan.wanted.is_empty();
    map.tiles.want(plan.wanted);
    let is_as_it_was = plan.drawn.iter().rev().eq(stage.tiles.iter().map(|draw| (&draw.square, &draw.tile)));
    for tile in plan.drawn.values() {
        if let Some(known) = map.pictures.get_mut(tile) {
            known.used = map.clock;
        }
    }
    if is_as_it_was && !has_news {
        return;
    }
    stage.tiles.clear();
    let mut draped = 0;
    // Finer squares are nearer.
    for (square, tile) in plan.drawn.into_iter().rev() {
        let corners = map.lay(square, draped < MOST_DRAPED);
        draped += corners.len();
        if let Some(known) = map.pictures.get(&tile) {
            let levels = Arc::clone(&known.levels);
            stage.tiles.push(TileDraw { square, tile, version: known.version, levels, corners });
        }
    }
    stage.look = [map.settings.opacity, map.settings.brightness, map.settings.saturation];
    stage.covers_ground = map.settings.covers_ground;
    stage.revision += 1;
    map.forget_unseen();
}

/// What is drawn and what is lacking.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// Squares of ground, each with the tile whose picture covers it: itself, or one that it lies in.
    drawn: BTreeMap<MapTile, MapTile>,
    /// The most wanted first.
    wanted: Vec<MapTile>,
}

impl Map {
    /// Whether tiles of the view are still to come.
    pub(super) fn lacks_tiles(&self) -> bool {
        self.lacks_tiles
    }

    /// What is wrong with the server, if anything.
    pub(super) fn problem(&self) -> Option<String> {
        self.tiles.problem()
    }

    fn receive(&mut self) -> bool {
        let arrived = self.tiles.take();
        let has_news = !arrived.is_empty();
        if self.absent_since.elapsed() > ABSENT_FOR {
            self.absent.clear();
            self.absent_since = Instant::now();
        }
        for (tile, levels) in arrived {
            match levels {
                Some(levels) => {
                    self.clock += 1;
                    let known = Known { levels, version: self.clock, used: self.clock };
                    self.pictures.insert(tile, known);
                }
                None => {
                    self.absent.insert(tile);
                }
            }
        }
        has_news
    }

    fn plan(&self, leaves: &[MapTile]) -> Plan {
        let is_held = |tile: &MapTile| self.pictures.contains_key(tile);
        plan(leaves, self.settings.min_zoom, &is_held, &|tile| self.absent.contains(tile))
    }

    /// A square on the ground, laid out once.
    fn lay(&mut self, square: MapTile, is_draped: bool) -> Arc<[TileVertex]> {
        let (frame, datum, used) = (self.frame, self.settings.datum, self.clock);
        let relief = self.relief.as_deref().filter(|_| is_draped);
        let laid = self
            .laid
            .entry((square, relief.is_some()))
            .or_insert_with(|| Laid { corners: lay::lay(square, &frame, datum, relief), used });
        laid.used = used;
        Arc::clone(&laid.corners)
    }

    fn forget_unseen(&mut self) {
        let size = |known: &Known| known.levels.iter().map(|level| level.rgba.len()).sum();
        forget(&mut self.pictures, MOST_BYTES, self.clock, size, |known| known.used);
        forget(&mut self.laid, MOST_LAID, self.clock, |laid| laid.corners.len(), |laid| laid.used);
    }
}

fn plan(
    leaves: &[MapTile],
    min_zoom: u8,
    is_held: &dyn Fn(&MapTile) -> bool,
    is_absent: &dyn Fn(&MapTile) -> bool,
) -> Plan {
    let mut plan = Plan::default();
    let (mut first, mut then) = (Vec::new(), Vec::new());
    for leaf in leaves {
        let lineage = || leaf.lineage().take_while(|tile| tile.z >= min_zoom);
        let drawn = lineage().find(is_held);
        if let Some(tile) = drawn {
            plan.drawn.insert(*leaf, tile);
        }
        // What the server does not have, the next coarser one stands for.
        let Some(best) = lineage().find(|tile| is_held(tile) || !is_absent(tile)) else { continue };
        if is_held(&best) {
            continue;
        }
        then.push(best);
        if drawn.is_none() {
            let coarse = best.z.saturating_sub(COARSER).max(min_zoom);
            first.extend(lineage().filter(|tile| tile.z <= coarse).find(|tile| !is_absent(tile)));
        }
    }
    let mut seen = BTreeSet::new();
    plan.wanted = first.into_iter().chain(then).filter(|tile| seen.insert(*tile)).collect();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: MapTile = MapTile { z: 10, x: 5, y: 6 };

    fn above(levels: usize) -> MapTile {
        LEAF.lineage().nth(levels).expect("above")
    }

    fn planned(held: &[MapTile], absent: &[MapTile]) -> (Option<MapTile>, Vec<MapTile>) {
        let plan = plan(&[LEAF], 6, &|tile| held.contains(tile), &|tile| absent.contains(tile));
        (plan.drawn.get(&LEAF).copied(), plan.wanted)
    }

    #[test]
    fn a_square_is_drawn_once_with_the_finest_that_is_there() {
        assert_eq!(planned(&[], &[]), (None, vec![above(3), LEAF]), "something coarse comes first");
        assert_eq!(planned(&[above(3)], &[]), (Some(above(3)), vec![LEAF]));
        assert_eq!(planned(&[above(3), LEAF], &[]), (Some(LEAF), vec![]));
        assert_eq!(planned(&[above(7)], &[]).0, None, "coarser than the server's coarsest");
    }

    #[test]
    fn what_the_server_does_not_have_falls_back_by_one_zoom() {
        assert_eq!(planned(&[above(3)], &[LEAF]), (Some(above(3)), vec![above(1)]));
        assert_eq!(planned(&[above(1)], &[LEAF]), (Some(above(1)), vec![]));
        let all: Vec<MapTile> = LEAF.lineage().collect();
        assert_eq!(planned(&[], &all), (None, vec![]), "nothing is there, and nothing is asked for");
    }
}
