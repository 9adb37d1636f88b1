//! The base map in the picture: a checkerboard from a server lies where its tiles say, in both datums.

use std::io::{Cursor, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bevy::math::{Vec2, Vec4};
use bevy::render::renderer::RenderDevice;
use yunfushan::city::View as CameraView;
use yunfushan::config::BaseMap;
use yunfushan::geo::{Datum, MapTile};
use yunfushan::viewer::Options;
use yunfushan::viewer::basemap::WantedBaseMap;
use yunfushan::viewer::offscreen::OffScreen;
use yunfushan::viewer::place::Stand;
use yunfushan::viewer::view::View;

use super::scenes::COURTYARD;
use super::{LIMIT, SIZE, alone, buildings, morning, viewer};

/// Squares of the checkerboard along a side of a tile.
const SQUARES: u32 = 16;
/// As far from an edge of it the colour must be right, pixels.
const EDGE_PX: f32 = 1.5;
/// Where the owner's name stands.
const FOOT: u32 = 30;

fn checkerboard() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(256, 256, |x, y| {
        let square = 256 / SQUARES;
        image::Rgb([if (x / square + y / square).is_multiple_of(2) { 255 } else { 0 }; 3])
    });
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("memory");
    bytes.into_inner()
}

/// Serves the checkerboard for every tile down to a zoom, and has none below.
struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Server {
    fn start(deepest: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let serve = move || {
            let png = checkerboard();
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                answer(stream, deepest, &png);
            }
        };
        std::thread::Builder::new().name("checkerboard".into()).spawn(serve).expect("a thread");
        Self { address, is_over }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _wakes_it = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: TcpStream, deepest: u8, png: &[u8]) {
    let Ok(head) = crate::http::read_head(&mut stream) else { return };
    let zoom: u8 = head.split('/').nth(1).and_then(|zoom| zoom.parse().ok()).expect("a zoom");
    let (status, body) = if zoom > deepest { ("404 Not Found", &[][..]) } else { ("200 OK", png) };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// East and north of the ground below a pixel, metres.
fn ground(view: &View, pixel: Vec2) -> Option<[f64; 2]> {
    let ndc = Vec2::new(pixel.x / view.size_px.x * 2.0 - 1.0, 1.0 - pixel.y / view.size_px.y * 2.0);
    let world_from_clip = view.clip_from_world.as_dmat4().inverse();
    let at = |depth| {
        let point = world_from_clip * Vec4::new(ndc.x, ndc.y, depth, 1.0).as_dvec4();
        point.truncate() / point.w
    };
    let (from, to) = (at(1.0), at(0.01));
    let along = from.y / (from.y - to.y);
    (along > 0.0).then(|| from + (to - from) * along).map(|point| [point.x, -point.z])
}

/// Whether each pixel that lies well within a square has its colour; how many did.
fn assert_lies_right(viewer: &mut OffScreen, datum: Datum, zoom: u8) -> usize {
    let picture = viewer.picture().expect("a picture");
    let view = *viewer.world().resource::<View>();
    let frame = viewer.world().resource::<Stand>().place.frame;
    let is_white = |pixel: Vec2| {
        let metres = ground(&view, pixel)?;
        let tile = MapTile::at(zoom, datum.from_wgs84(frame.unproject(metres)));
        let [u, v] = tile.part(metres, &frame, datum).map(|part| (part * f64::from(SQUARES)) as u32);
        Some((u + v).is_multiple_of(2))
    };
    let (mut tested, mut wrong) = (0, Vec::new());
    for y in 0..SIZE.1 - FOOT {
        for x in 0..SIZE.0 {
            let pixel = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
            let Some(white) = is_white(pixel) else { continue };
            let around = [Vec2::X, Vec2::NEG_X, Vec2::Y, Vec2::NEG_Y, Vec2::ONE, Vec2::NEG_ONE];
            if !around.iter().all(|step| is_white(pixel + *step * EDGE_PX) == Some(white)) {
                continue;
            }
            tested += 1;
            let start = ((y * SIZE.0 + x) * 4) as usize;
            let bright = picture.rgba[start + 1];
            if (bright > 140) != white {
                wrong.push((x, y, bright));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tested} pixels: {:?}", wrong.len(), &wrong[..wrong.len().min(8)]);
    tested
}

/// A viewer away from the buildings, so that they hide nothing, over a map of which all tiles are there.
fn over_a_map(server: &Server, deepest: u8, datum: &str) -> OffScreen {
    let camera =
        CameraView { lon: 118.8650, lat: 28.9630, distance_m: 500.0, bearing_deg: 205.0, pitch_deg: 35.0 };
    let map: BaseMap = toml::from_str(&format!(
        "url = \"http://{}/{{z}}/{{x}}/{{y}}\"\nattribution = \"x\"\ndatum = \"{datum}\"\n\
         min_zoom = {deepest}\nmax_zoom = 16\nopacity = 1\nbrightness = 1\nsaturation = 1\ncache_mb = 0",
        server.address
    ))
    .expect("settings");
    let basemap = WantedBaseMap::This(Box::new(map));
    let options = Options { bare: true, view: Some(camera), basemap, ..morning() };
    let mut viewer = viewer(buildings(COURTYARD), options);
    viewer.wait_for_base_map(LIMIT.min(Duration::from_secs(30))).expect("tiles");
    viewer
}

#[test]
fn a_checkerboard_lies_where_its_tiles_say() {
    let _alone = alone();
    // The last draws squares of zoom 16 with parts of tiles of zoom 15.
    for (datum, name, deepest) in
        [(Datum::Wgs84, "wgs84", 16), (Datum::Gcj02, "gcj02", 16), (Datum::Gcj02, "gcj02", 15)]
    {
        let server = Server::start(deepest);
        let mut viewer = over_a_map(&server, deepest, name);
        let tested = assert_lies_right(&mut viewer, datum, deepest);
        assert!(tested > 80_000, "most of the picture: {tested} pixels at zoom {deepest}, {name}");
    }
}

#[test]
fn the_map_comes_back_after_a_lost_device() {
    let _alone = alone();
    let server = Server::start(16);
    let mut viewer = over_a_map(&server, 16, "wgs84");
    let before = viewer.picture().expect("a picture");
    let lost = viewer.world().resource::<RenderDevice>().clone();
    lost.wgpu_device().destroy();
    lost.poll(wgpu::PollType::Poll).expect("the device can be polled");
    let mut after = None;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) && after.as_ref() != Some(&before) {
        after = viewer.picture().ok().or(after);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(after == Some(before), "the picture is what it was");
    assert_lies_right(&mut viewer, Datum::Wgs84, 16);
}
