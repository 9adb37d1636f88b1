//! The place: read and meshed on a thread of its own while the engine starts, then put on the stage.
//!
//! [`load`] knows no engine; [`Stand`] is what the rest of the viewer asks about buildings and areas.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use bevy::platform::collections::HashMap;
use bevy::prelude::*;
use jiff::tz::TimeZone;

use super::ViewerSystems;
use super::camera::{Limits, Orbit, Rig};
use super::ground;
use super::labels::{Label, Labels, names};
use super::landmarks;
use super::memory;
use super::palette;
use super::situation::SituationReceived;
use super::sky::SceneTime;
use super::stage::{FlatVertices, GroundVertices, ModelSet, Scene, StageModels};
use crate::city::search::SearchIndex;
use crate::city::{self, BuildingIndex, City, Files, Place, PlaceError, ReadOptions};
use crate::clock::Clock;
use crate::geo::LonLat;
use crate::mesh::{self, CityMesh, Openness};

/// A file's bytes, read or mapped.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Where a place is read from.
pub enum PlaceSource {
    /// A folder, or the files inside the binary.
    Files(Box<dyn Files + Send>),
    /// A file of buildings, and what goes with it.
    Buildings {
        /// The file's bytes.
        bytes: Bytes,
        /// How to read them.
        options: Box<ReadOptions>,
        /// A file of areas, by its name.
        areas: Option<(String, Bytes)>,
        /// A file of ways, by its name.
        ways: Option<(String, Bytes)>,
    },
    /// A place that has been read already.
    Read(Arc<Place>),
}

/// Why a place could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The place's files.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The building file.
    #[error(transparent)]
    Buildings(#[from] city::ReadError),
    /// The loading thread died.
    #[error("loading stopped before it was done; this is a bug: please report it with the file")]
    Stopped,
}

/// A place ready for the stage.
pub struct Loaded {
    /// What was read.
    pub place: Arc<Place>,
    /// Its tiles.
    pub mesh: Arc<CityMesh>,
    /// For picking.
    pub index: Arc<city::Index>,
    /// Landmarks.
    pub models: ModelSet,
    /// How open the sky is between the buildings.
    pub openness: Openness,
    /// The relief, squares, green, water, roads.
    pub ground: GroundVertices,
    /// Outlines of areas.
    pub outlines: FlatVertices,
    /// Names.
    pub labels: Vec<Label>,
    /// How long reading took.
    pub read_time: Duration,
    /// How long making triangles took.
    pub mesh_time: Duration,
}

/// Reads a place and makes its triangles.
///
/// # Errors
/// Where nothing of it can be used; whatever is wrong with parts of it is in the place's reports.
pub fn load(source: &PlaceSource) -> Result<Loaded, LoadError> {
    let start = Instant::now();
    let place = match source {
        PlaceSource::Files(files) => Arc::new(Place::read(files.as_ref())?),
        PlaceSource::Buildings { bytes, options, areas, ways } => {
            let (city, report) = city::read((**bytes).as_ref(), options)?;
            let mut place = Place::of_city(city, report);
            if let Some((name, bytes)) = areas {
                place.take_areas(name, (**bytes).as_ref(), options.datum);
            }
            if let Some((name, bytes)) = ways {
                place.take_ways(name, (**bytes).as_ref(), options.datum);
            }
            Arc::new(place)
        }
        PlaceSource::Read(place) => Arc::clone(place),
    };
    let read_time = start.elapsed();
    let start = Instant::now();
    let mesh = mesh::build_without(&place.city, landmarks::replaced(&place));
    let mesh_time = start.elapsed();
    let index = city::Index::new(&place.city);
    Ok(Loaded {
        openness: Openness::of(&place.city),
        ground: ground::surfaces_and_roads(&place, &index),
        outlines: ground::outlines(&place),
        labels: names::of_place(&place),
        index: Arc::new(index),
        models: landmarks::models(&place, &mesh),
        mesh: Arc::new(mesh),
        place,
        read_time,
        mesh_time,
    })
}

/// A place on its way.
#[derive(Resource)]
pub struct Loading(Mutex<mpsc::Receiver<Result<Loaded, LoadError>>>);

impl Loading {
    /// Starts loading on a thread of its own.
    ///
    /// # Errors
    /// Where the machine gives no thread.
    pub fn start(source: PlaceSource) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(1);
        std::thread::Builder::new().name("yunfushan-load".into()).spawn(move || {
            let loaded = load(&source);
            // Nobody listens any more when the viewer has been closed meanwhile.
            let _closed = sender.send(loaded);
            drop(source);
            // Not while the first frames are being made, which want memory too.
            std::thread::sleep(memory::AFTER_LOADING);
            memory::give_back();
        })?;
        Ok(Self(Mutex::new(receiver)))
    }

    fn poll(&self) -> Option<Result<Loaded, LoadError>> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).try_recv() {
            Ok(loaded) => Some(loaded),
            Err(mpsc::TryRecvError::Empty) => None,
            Err(mpsc::TryRecvError::Disconnected) => Some(Err(LoadError::Stopped)),
        }
    }
}

/// How loading went, for panels, `bench` and reports.
#[derive(Resource, Clone, Debug, Default)]
pub struct LoadReport {
    /// How long reading took.
    pub read_time: Duration,
    /// How long making triangles took.
    pub mesh_time: Duration,
    /// How long handing over to the stage took.
    pub stage_time: Duration,
    /// Why there is nothing, in words.
    pub error: Option<String>,
}

/// The place that stands on the stage.
#[derive(Resource)]
pub struct Stand {
    /// Everything that was read.
    pub place: Arc<Place>,
    index: Arc<city::Index>,
    mesh: Arc<CityMesh>,
    names: Arc<OnceLock<SearchIndex>>,
    gathers_names: AtomicBool,
    /// The landmark that is drawn instead of a building, by the building.
    landmarks: HashMap<u32, usize>,
}

impl Stand {
    /// Triangles of all buildings with every corner.
    pub fn full_triangles(&self) -> usize {
        self.mesh.full_triangles()
    }

    /// What can be found by name. Gathered beside everything else from the first time that it is asked for, so that
    /// neither the first frame nor a wall pays for it; `None` until it is there.
    pub fn names(&self) -> Option<&SearchIndex> {
        if !self.gathers_names.swap(true, Ordering::Relaxed) {
            let (place, names) = (self.place.clone(), self.names.clone());
            let gather = move || {
                names.get_or_init(|| SearchIndex::new(&place));
            };
            if let Err(error) = std::thread::Builder::new().name("yunfushan-names".into()).spawn(gather) {
                warn!("places cannot be found by name: {error}");
            }
        }
        self.names.get()
    }

    /// A place of these buildings, for tests.
    #[cfg(test)]
    pub(crate) fn of_city(city: City) -> Self {
        let place = Arc::new(Place::of_city(city, city::Report::default()));
        Self {
            index: Arc::new(city::Index::new(&place.city)),
            mesh: Arc::new(mesh::build(&place.city)),
            place,
            landmarks: HashMap::new(),
            names: Arc::default(),
            gathers_names: AtomicBool::new(false),
        }
    }

    /// Whether names are being gathered and not there yet.
    pub fn is_gathering_names(&self) -> bool {
        self.gathers_names.load(Ordering::Relaxed) && self.names.get().is_none()
    }

    /// The building whose footprint a place lies in.
    pub fn building_below(&self, place: LonLat) -> Option<u32> {
        let found = self.index.at(&self.place.city, self.place.frame.project(place))?;
        Some(found.0)
    }

    /// A place on the ellipsoid in the world, on the ground: X east, Y up, Z south.
    pub fn world(&self, place: LonLat) -> Vec3 {
        let [east, north] = self.place.frame.project(place);
        Vec3::new(east as f32, self.place.ground_m([east, north]), -north as f32)
    }

    /// The buildings.
    pub fn city(&self) -> &City {
        &self.place.city
    }

    /// The building that a ray of length 1 meets first, unless a hill hides it.
    pub fn pick(&self, origin: Vec3, direction: Vec3) -> Option<u32> {
        let (distance_m, building) = self.hit(origin, direction)?;
        // A wall reaches down to the lowest ground below it, so its foot may lie a little within the slope.
        let hill = self.hill_distance_m(origin, direction);
        building.filter(|_| hill.is_none_or(|along| along + 1.0 > distance_m)).map(|index| index.0)
    }

    /// The landmark that is drawn instead of a building.
    fn landmark_of(&self, building: u32) -> Option<&city::Landmark> {
        self.place.landmarks.get(*self.landmarks.get(&building)?)
    }

    /// The top of a building, or of the model that is drawn instead of it.
    /// The buildings whose footprints lie within a radius of a straight way, metres `[east, north]`.
    pub fn buildings_along(&self, a: [f64; 2], b: [f64; 2], radius_m: f64) -> impl Iterator<Item = u32> + '_ {
        self.index.along(&self.place.city, a, b, radius_m).map(|index| index.0)
    }

    /// How far along a ray of length 1 the first building or hill stands, metres.
    pub fn hit_distance_m(&self, origin: Vec3, direction: Vec3) -> Option<f32> {
        let building = self.hit(origin, direction).map(|hit| hit.0);
        let hits = [building, self.hill_distance_m(origin, direction)];
        hits.into_iter().flatten().min_by(f64::total_cmp).map(|metres| metres as f32)
    }

    /// What a ray of length 1 meets first of buildings and landmarks: how far away, and the building that it is.
    fn hit(&self, origin: Vec3, direction: Vec3) -> Option<(f64, Option<BuildingIndex>)> {
        let (origin, direction) = (origin.as_dvec3().to_array(), direction.as_dvec3().to_array());
        let is_drawn = |index: BuildingIndex| self.landmark_of(index.0).is_none();
        let hit = self.index.pick_where(&self.place.city, origin, direction, is_drawn);
        let building = hit.map(|hit| (hit.distance_m, Some(hit.building)));
        let landmark = landmarks::pick(&self.place.landmarks, origin, direction);
        [building, landmark].into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0))
    }

    fn hill_distance_m(&self, origin: Vec3, direction: Vec3) -> Option<f64> {
        let relief = self.place.relief.as_ref()?;
        relief.meets(origin.as_dvec3().to_array(), direction.as_dvec3().normalize_or_zero().to_array())
    }

    /// The top of a building above the plain, metres.
    pub fn roof_m(&self, building: u32) -> Option<f32> {
        match self.landmark_of(building) {
            Some(landmark) => Some(landmark.bounds().1[1]),
            None => self.place.city.building(BuildingIndex(building)).map(city::BuildingRef::top_m),
        }
    }

    /// The row of a building in the record textures.
    pub fn row(&self, building: u32) -> Option<u32> {
        self.mesh.rows.get(building as usize).copied()
    }

    /// The middle of a building's roof and its largest extent, metres.
    pub fn building_extent(&self, building: u32) -> Option<(Vec3, f32)> {
        if let Some(landmark) = self.landmark_of(building) {
            let (min, max) = landmark.bounds();
            let (min, max) = (Vec3::from_array(min), Vec3::from_array(max));
            return Some((((min + max) * 0.5).with_y(max.y), (max - min).max_element()));
        }
        let building = self.place.city.building(BuildingIndex(building))?;
        let [east, north] = building.centroid();
        let [width, depth] = building.bounds().size();
        let size = width.max(depth).max(f64::from(building.height_m()));
        Some((Vec3::new(east as f32, building.top_m(), -north as f32), size as f32))
    }
}

/// Where the camera starts, instead of the place's own view.
#[derive(Resource, Default)]
pub struct WantedView(pub Option<city::View>);

/// Asks for a start from which the whole city is in view from every bearing.
#[derive(Resource)]
pub struct WholeCity;

/// The system set after which a place that was loaded in this frame stands.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceStands;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<LoadReport>().init_resource::<WantedView>().add_systems(Startup, dress).add_systems(
        Update,
        // Whoever follows the situation finds the city there in the same frame.
        put_on_stage
            .in_set(ViewerSystems::Receive)
            .in_set(PlaceStands)
            .before(SituationReceived)
            .run_if(resource_exists::<Loading>),
    );
}

fn dress(mut scene: ResMut<Scene>) {
    scene.palette = palette::stage_palette();
}

fn put_on_stage(
    mut commands: Commands,
    loading: Res<Loading>,
    mut report: ResMut<LoadReport>,
    mut scene: ResMut<Scene>,
    mut models: ResMut<StageModels>,
    mut rig: ResMut<Rig>,
    mut labels: ResMut<Labels>,
    hour: Res<super::sky::WantedHour>,
    view: Res<WantedView>,
    whole: Option<Res<WholeCity>>,
    seen: Res<super::view::View>,
) {
    let loaded = match loading.poll() {
        None => return,
        Some(Ok(loaded)) => loaded,
        Some(Err(error)) => {
            error!("the place cannot be shown: {error}");
            report.error = Some(error.to_string());
            commands.remove_resource::<Loading>();
            return;
        }
    };
    let start = Instant::now();
    commands.remove_resource::<Loading>();
    let rows = loaded.place.city.len();
    let mut facts = vec![[0u32; 4]; rows];
    for building in loaded.place.city.iter() {
        let row = loaded.mesh.rows.get(building.index().0 as usize).copied().unwrap_or(u32::MAX);
        if let Some(texel) = facts.get_mut(row as usize) {
            *texel = fact_texel(building);
        }
    }
    scene.facts.replace(facts);
    scene.states.replace(vec![[0; 4]; rows]);
    scene.city = Some(loaded.mesh.clone());
    scene.city_revision += 1;
    scene.ground = Arc::new(loaded.ground);
    scene.ground_revision += 1;
    scene.openness = Arc::new(loaded.openness);
    scene.openness_revision += 1;
    scene.tints = Arc::new(loaded.outlines);
    scene.tints_revision += 1;
    labels.replace(loaded.labels);
    rig.relief.clone_from(&loaded.place.relief);
    start_view(&loaded.place, view.0.as_ref(), &mut rig);
    if whole.is_some() {
        let aspect = seen.size_px.x / seen.size_px.y.max(1.0);
        rig.jump(whole_city(&loaded.mesh, aspect));
    }
    let origin = loaded.place.frame.origin();
    let zone = TimeZone::get(&loaded.place.manifest.time_zone).unwrap_or(TimeZone::UTC);
    commands.insert_resource(SceneTime {
        now: Clock::real_now(),
        zone,
        lon_lat: (origin.lon, origin.lat),
        fixed_hour: hour.0,
    });
    models.set = Arc::new(loaded.models);
    models.revision += 1;
    commands.insert_resource(Stand {
        landmarks: landmarks::by_building(&loaded.place),
        place: loaded.place,
        index: loaded.index,
        mesh: loaded.mesh,
        names: Arc::default(),
        gathers_names: AtomicBool::new(false),
    });
    report.read_time = loaded.read_time;
    report.mesh_time = loaded.mesh_time;
    report.stage_time = start.elapsed();
}

/// Base above its ground and height in decimetres, levels and use, its ground above the plain in metres as the bits of
/// an `f32`, as `city.wgsl` unpacks them.
fn fact_texel(building: city::BuildingRef) -> [u32; 4] {
    let decimetres = |metres: f32| (metres * 10.0).round().clamp(0.0, 65_535.0) as u32;
    let base = decimetres(building.base_m());
    let height = decimetres(building.height_m());
    let levels = u32::from(building.levels().max(1));
    [base | height << 16, levels | (building.usage() as u32) << 8, building.ground_m().to_bits(), 0]
}

/// Where the manifest says, else the whole city in view.
fn start_view(place: &Place, wanted: Option<&city::View>, rig: &mut Rig) {
    let bounds = place.city.bounds;
    let [east, north] = if bounds.is_empty() { [0.0, 0.0] } else { bounds.centre() };
    let [width, depth] = if bounds.is_empty() { [2000.0, 2000.0] } else { bounds.size() };
    let radius = (width.hypot(depth) * 0.5).max(200.0) as f32;
    let middle = Vec2::new(east as f32, -north as f32);
    rig.limits = Limits { middle, reach_m: radius * 1.5, farthest_m: radius * 6.0 };
    let home = wanted.or(place.manifest.view.as_ref()).map_or(
        Orbit { target: middle, distance_m: radius * 2.2, bearing_deg: 0.0, pitch_deg: 50.0 },
        |view| {
            let [east, north] = place.frame.project(LonLat::new(view.lon, view.lat));
            Orbit {
                target: Vec2::new(east as f32, -north as f32),
                distance_m: view.distance_m as f32,
                bearing_deg: view.bearing_deg as f32,
                pitch_deg: view.pitch_deg as f32,
            }
        },
    );
    rig.home = home.limited(&rig.limits);
    rig.jump(home);
}

/// The nearest orbit, 50° from the vertical, from which every tile is in view whatever the bearing.
fn whole_city(mesh: &CityMesh, aspect: f32) -> Orbit {
    let boxes = || mesh.tiles.iter().map(|tile| (Vec3::from_array(tile.min), Vec3::from_array(tile.max)));
    let min = boxes().map(|(min, _)| min).reduce(Vec3::min).unwrap_or(Vec3::splat(-500.0));
    let max = boxes().map(|(_, max)| max).reduce(Vec3::max).unwrap_or(Vec3::splat(500.0));
    let middle = (min + max) * 0.5;
    let corners = [min.x, max.x].into_iter().flat_map(|x| {
        [min.z, max.z].into_iter().flat_map(move |z| [min.y, max.y].map(|y| Vec3::new(x, y, z)))
    });
    let corners: Vec<Vec3> = corners.collect();
    let orbit = |distance_m: f32, bearing_deg: f32| Orbit {
        target: Vec2::new(middle.x, middle.z),
        distance_m,
        bearing_deg,
        pitch_deg: 50.0,
    };
    let fits = |distance_m: f32| {
        (0..24).all(|step| {
            let clip = orbit(distance_m, step as f32 * 15.0).clip_from_world(aspect, 1.0);
            corners.iter().all(|corner| {
                let seen = clip * corner.extend(1.0);
                seen.w > 1.0 && seen.x.abs() <= seen.w && seen.y.abs() <= seen.w
            })
        })
    };
    let (mut near, mut far) = (50.0, 200_000.0);
    for _ in 0..40 {
        let between = (near + far) * 0.5;
        if fits(between) {
            far = between;
        } else {
            near = between;
        }
    }
    orbit(far, 0.0)
}
