//! Raster tiles from a server that is well and ill by zoom: 1 good, 2 absent, 3 no picture, 4 slow, 5 to be asked for
//! again, 6 elsewhere, 8 busy once.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use yunfushan::config::BaseMap;
use yunfushan::feed::Tiles;
use yunfushan::geo::MapTile;

/// How long the slow tile takes.
const SLOW: Duration = Duration::from_millis(1_500);

struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<BTreeMap<String, u32>>>,
    is_over: Arc<AtomicBool>,
    /// Takes what is asked and says nothing.
    is_silent: Arc<AtomicBool>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, is_over) =
            (Arc::<Mutex<BTreeMap<String, u32>>>::default(), Arc::new(AtomicBool::new(false)));
        let is_silent = Arc::new(AtomicBool::new(false));
        let (theirs, over, silent) = (Arc::clone(&asked), Arc::clone(&is_over), Arc::clone(&is_silent));
        let serve = move || {
            let mut held = Vec::new();
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                if silent.load(Ordering::Relaxed) {
                    held.push(stream);
                    continue;
                }
                let asked = Arc::clone(&theirs);
                let answer = move || answer(stream, &asked);
                std::thread::Builder::new().name("tile".into()).spawn(answer).expect("a thread");
            }
        };
        std::thread::Builder::new().name("tiles".into()).spawn(serve).expect("a thread");
        Self { address, asked, is_over, is_silent }
    }

    fn map(&self) -> BaseMap {
        self.map_at("/{z}/{x}/{y}.png?tk={key}")
    }

    fn map_at(&self, path: &str) -> BaseMap {
        let text = format!("url = \"http://{}{path}\"\nkey = \"secret\"\nattribution = \"x\"", self.address);
        toml::from_str(&text).expect("settings")
    }

    fn asked(&self, zoom: u8) -> u32 {
        let start = format!("/{zoom}/");
        let asked = self.asked.lock().expect("unspoilt");
        asked.iter().filter(|(path, _)| path.starts_with(&start)).map(|(_, times)| times).sum()
    }

    fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _wakes_it = TcpStream::connect(self.address);
    }
}

fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbaImage::from_pixel(8, 8, image::Rgba([9, 8, 7, 255]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("memory");
    bytes.into_inner()
}

fn answer(mut stream: TcpStream, asked: &Mutex<BTreeMap<String, u32>>) {
    let Ok(head) = crate::http::read_head(&mut stream) else { return };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let lower = head.to_lowercase();
    assert!(path.ends_with("tk=secret") && lower.contains("user-agent: yunfushan/"), "{head}");
    assert!(!lower.contains("referer"), "the address before a redirection holds the key: {head}");
    let is_first = !asked.lock().expect("unspoilt").contains_key(&path);
    *asked.lock().expect("unspoilt").entry(path.clone()).or_default() += 1;
    let has_tag = head.contains("\"v1\"");
    let (status, headers, body) = match path.as_bytes().get(1) {
        Some(b'2') => ("404 Not Found", "", Vec::new()),
        Some(b'3') => ("200 OK", "", b"<html>no picture</html>".to_vec()),
        Some(b'6') => ("302 Found", "Location: /1/9/9.png?tk=secret\r\n", Vec::new()),
        Some(b'8') if is_first => ("503 Service Unavailable", "Retry-After: 2\r\n", Vec::new()),
        Some(b'5') if has_tag => ("304 Not Modified", "Cache-Control: no-cache\r\n", Vec::new()),
        Some(b'5') => ("200 OK", "Cache-Control: no-cache\r\nETag: \"v1\"\r\n", png()),
        other => {
            if other == Some(&b'4') {
                std::thread::sleep(SLOW);
            }
            ("200 OK", "Cache-Control: max-age=600\r\n", png())
        }
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn tile(z: u8) -> MapTile {
    MapTile { z, x: 1, y: 1 }
}

/// Waits until tiles of these zooms have arrived; how long each took.
fn wait_for(tiles: &Tiles, zooms: &[u8]) -> BTreeMap<u8, Duration> {
    let start = Instant::now();
    let mut here = BTreeMap::new();
    while zooms.iter().any(|zoom| !here.contains_key(zoom)) {
        assert!(start.elapsed() < Duration::from_secs(30), "{here:?} of {zooms:?}: {:?}", tiles.problem());
        for (tile, levels) in tiles.take() {
            let Some(levels) = levels else { continue };
            let picture = &levels[0];
            assert_eq!((picture.width, picture.height, &picture.rgba[..4]), (8, 8, &[9, 8, 7, 255][..]));
            assert_eq!(levels.len(), 4, "8, 4, 2, 1");
            here.insert(tile.z, start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    here
}

fn wait_until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to that");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn tiles_come_past_what_is_absent_broken_and_slow_and_stay_without_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start();
    let start = |map| Tiles::start(map, Some(folder.path().to_owned())).expect("a thread");
    let all = [4, 2, 3, 1, 5];

    let tiles = start(server.map());
    tiles.want(all.map(tile));
    let here = wait_for(&tiles, &[1, 4, 5]);
    assert!(here[&1] < here[&4] && here[&4] >= SLOW, "nothing waits for the slow one: {here:?}");
    // What is absent is not asked for again at once; what was no picture is, after a second, and nobody has to say so.
    wait_until(|| server.asked(3) >= 2);
    wait_until(|| tiles.problem().is_some_and(|problem| problem.contains("no picture")));
    assert_eq!((server.asked(2), server.asked(1)), (1, 1));
    drop(tiles);

    // Another start: what is fresh is not asked for, what must be asked for is, with its tag, once it is shown.
    let tiles = start(server.map());
    tiles.want([1, 5].map(tile));
    wait_for(&tiles, &[1, 5]);
    wait_until(|| server.asked(5) == 2);
    assert_eq!(server.asked(1), 1);
    drop(tiles);

    // Without the server what is held comes all the same, and the rest is a problem, not a wait.
    let map = server.map();
    server.stop();
    let tiles = start(map);
    tiles.want([7, 1, 5].map(tile));
    wait_for(&tiles, &[1, 5]);
    wait_until(|| tiles.problem().is_some());
    let problem = tiles.problem().expect("told");
    assert!(!problem.contains("secret") && !problem.contains("7/1/1"), "the key stays unsaid: {problem}");

    // No file name and no content holds the key.
    for entry in std::fs::read_dir(folder.path()).expect("readable").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
    }
}

#[test]
fn what_is_broken_on_the_disk_is_asked_for_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start();
    let start = || Tiles::start(server.map(), Some(folder.path().to_owned())).expect("a thread");
    let tiles = start();
    tiles.want([tile(5)]);
    wait_for(&tiles, &[5]);
    drop(tiles);
    // The tag stays whole, the picture does not: with the tag the server would say that it is still good.
    for entry in std::fs::read_dir(folder.path()).expect("readable").flatten() {
        let mut bytes = std::fs::read(entry.path()).expect("readable");
        let length = bytes.len();
        bytes[length - 40..].fill(0);
        std::fs::write(entry.path(), bytes).expect("written");
    }
    let tiles = start();
    tiles.want([tile(5)]);
    wait_for(&tiles, &[5]);
    assert_eq!(server.asked(5), 2);
    server.stop();
}

#[test]
fn a_busy_server_is_given_its_time_and_a_redirection_is_not_told_the_key() {
    let server = Server::start();
    let tiles = Tiles::start(server.map(), None).expect("a thread");
    tiles.want([8, 6].map(tile));
    let here = wait_for(&tiles, &[8, 6]);
    assert!(here[&8] >= Duration::from_secs(2), "it said two seconds: {here:?}");
    assert_eq!((server.asked(8), server.asked(1)), (2, 1));
    server.stop();
}

#[test]
fn other_schemes_ask_for_the_same_tile() {
    let server = Server::start();
    for (path, wanted) in [
        (
            "/w?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={tk}",
            "/w?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIX=3&TILEROW=1&TILECOL=5&tk=secret",
        ),
        ("/tms/{z}/{x}/{-y}.png?tk={key}", "/tms/3/5/6.png?tk=secret"),
        ("/q/{q}?tk={key}", "/q/103?tk=secret"),
    ] {
        let tiles = Tiles::start(server.map_at(path), None).expect("a thread");
        tiles.want([MapTile { z: 3, x: 5, y: 1 }]);
        wait_for(&tiles, &[3]);
        assert_eq!(server.asked.lock().expect("unspoilt").get(wanted), Some(&1), "{wanted}");
    }
    server.stop();
}

#[test]
fn what_is_on_the_disk_does_not_wait_for_a_silent_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start();
    let start = || Tiles::start(server.map(), Some(folder.path().to_owned())).expect("a thread");
    let tiles = start();
    tiles.want([tile(5)]);
    wait_for(&tiles, &[5]);
    drop(tiles);
    server.is_silent.store(true, Ordering::Relaxed);
    let tiles = start();
    // Ten that are not there are wanted before it, more than are asked for at once.
    tiles.want((10..20).chain([5]).map(tile));
    let here = wait_for(&tiles, &[5]);
    assert!(here[&5] < Duration::from_secs(1), "{here:?}");
    server.stop();
}
