//! Raster tiles from a server that is well and ill by zoom: 1 good, 2 absent, 3 no picture, 4 slow, 5 to be asked for again.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use yunfushan::feed::Tiles;
use yunfushan::config::BaseMap;
use yunfushan::geo::MapTile;

/// How long the slow tile takes.
const SLOW: Duration = Duration::from_millis(1_500);

struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<BTreeMap<String, u32>>>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, is_over) =
            (Arc::<Mutex<BTreeMap<String, u32>>>::default(), Arc::new(AtomicBool::new(false)));
        let (theirs, over) = (Arc::clone(&asked), Arc::clone(&is_over));
        let serve = move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let asked = Arc::clone(&theirs);
                let answer = move || answer(stream, &asked);
                std::thread::Builder::new().name("tile".into()).spawn(answer).expect("a thread");
            }
        };
        std::thread::Builder::new().name("tiles".into()).spawn(serve).expect("a thread");
        Self { address, asked, is_over }
    }

    fn map(&self) -> BaseMap {
        let text = format!(
            "url = \"http://{}/{{z}}/{{x}}/{{y}}.png?tk={{key}}\"\nkey = \"secret\"\nattribution = \"x\"",
            self.address
        );
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
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    assert!(path.ends_with("?tk=secret") && head.to_lowercase().contains("user-agent: yunfushan/"), "{head}");
    *asked.lock().expect("unspoilt").entry(path.clone()).or_default() += 1;
    let has_tag = head.contains("\"v1\"");
    let (status, headers, body) = match path.as_bytes().get(1) {
        Some(b'2') => ("404 Not Found", "", Vec::new()),
        Some(b'3') => ("200 OK", "", b"<html>no picture</html>".to_vec()),
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
        for (tile, picture) in tiles.take() {
            assert_eq!((picture.width, picture.height, &picture.rgba[..4]), (8, 8, &[9, 8, 7, 255][..]));
            here.insert(tile.z, start.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    here
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
    // What is absent is not asked for again at once; what was no picture is, after a second.
    tiles.want([2, 3].map(tile));
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.asked(3) < 2 && Instant::now() < deadline {
        tiles.want([2, 3].map(tile));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!((server.asked(2), server.asked(1)), (1, 1));
    assert!(server.asked(3) >= 2 && tiles.problem().is_some_and(|problem| problem.contains("no picture")));
    drop(tiles);

    // Another start: what is fresh is not asked for, what must be asked for is, with its tag.
    let tiles = start(server.map());
    tiles.want([1, 5].map(tile));
    wait_for(&tiles, &[1, 5]);
    assert_eq!((server.asked(1), server.asked(5)), (1, 2));
    drop(tiles);

    // Without the server what is held comes all the same, and the rest is a problem, not a wait.
    let map = server.map();
    server.stop();
    let tiles = start(map);
    tiles.want([1, 5, 7].map(tile));
    wait_for(&tiles, &[1, 5]);
    let deadline = Instant::now() + Duration::from_secs(20);
    while tiles.problem().is_none() && Instant::now() < deadline {
        tiles.want([tile(7)]);
        std::thread::sleep(Duration::from_millis(50));
    }
    let problem = tiles.problem().expect("told");
    assert!(!problem.contains("secret"), "the key stays unsaid: {problem}");

    // No file name and no content holds the key.
    for entry in std::fs::read_dir(folder.path()).expect("readable").flatten() {
        let bytes = std::fs::read(entry.path()).expect("readable");
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
    }
}
