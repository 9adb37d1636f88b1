//! The load that the server must bear (issue 4): a database of 10 million positions and 100,000 issues, then for two
//! minutes 5,000 positions a second, 200 event streams, and readers of boxes of issues; prints one JSON object.
//!
//! ```text
//! cargo bench --profile dev --no-default-features --features server --bench load -- --folder /somewhere
//! ```
//!
//! The server is the real program in a process of its own; everything goes over HTTP on loopback.
//! A folder that was filled before is used again, so that measuring twice fills once.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

const TOKEN: &str = "a-token-for-measuring";
/// When the scenario begins; history lies before it.
const BEGIN: &str = "2026-09-15T02:00:00Z";
/// Patrols stand in a grid of this many columns, a thousandth of a degree apart.
const COLUMNS: usize = 50;
const WEST: f64 = 118.85;
const SOUTH: f64 = 28.93;

#[derive(Parser, Debug)]
struct Args {
    /// Where the database lies; made, filled and kept. Without it a folder that goes
    #[arg(long)]
    folder: Option<PathBuf>,
    /// A PostgreSQL database instead of a file: postgres://…
    #[arg(long)]
    database: Option<String>,
    /// Positions that are stored before
    #[arg(long, default_value_t = 10_000_000)]
    positions: u64,
    /// Issues that are stored before
    #[arg(long, default_value_t = 100_000)]
    issues: usize,
    /// Patrols that send positions, each once a second
    #[arg(long, default_value_t = 5_000)]
    patrols: usize,
    /// Event streams
    #[arg(long, default_value_t = 200)]
    streams: usize,
    /// What each stream asks for, such as bbox=118.85,28.93,118.90,28.94
    #[arg(long, default_value = "")]
    stream_query: String,
    /// Positions a second
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// Positions of one request
    #[arg(long, default_value_t = 500)]
    batch: usize,
    /// Pages of issues that are read a second
    #[arg(long, default_value_t = 20)]
    reads: u32,
    /// How long
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    // Whoever runs in the same process may have chosen already.
    let _already = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(args))
}

async fn run(args: Args) -> anyhow::Result<()> {
    let passing = tempfile::tempdir()?;
    let folder = args.folder.clone().unwrap_or_else(|| passing.path().to_owned());
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("load.sqlite");
    let database = args.database.clone().unwrap_or_else(|| file.to_string_lossy().into_owned());
    let server = Server::start(&database)?;
    let client = Client { http: reqwest::Client::builder().no_proxy().build()?, url: server.url.clone() };
    let filled = fill(&client, &args).await?;
    let track = read_track(&client).await?;
    let before = server.figures();
    let driven = drive(&client, &args).await?;
    let after = server.figures();
    let cpu = after.cpu_secs - before.cpu_secs;
    drop(server);
    let kept = if args.database.is_none() { kept(&file).await? } else { Value::Null };
    let report = json!({
        "asked": {
            "positions": args.positions, "issues": args.issues, "patrols": args.patrols, "streams": args.streams,
            "rate": args.rate, "batch": args.batch, "reads_per_s": args.reads, "seconds": args.seconds,
            "cores": std::thread::available_parallelism().map_or(0, usize::from),
        },
        "filled": filled,
        "track_of_one_day": track,
        "driven": driven,
        "server": { "cpu_secs": cpu, "peak_memory_mb": after.peak_memory_mb },
        "kept": kept,
    });
    writeln!(std::io::stdout(), "{report:#}")?;
    Ok(())
}

/// The program as a child process; ends with this.
struct Server {
    child: Child,
    url: String,
}

struct Figures {
    cpu_secs: f64,
    peak_memory_mb: f64,
}

impl Server {
    fn start(database: &str) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yunfushan"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--token",
                TOKEN,
                "--simulated",
                "--database",
                database,
            ])
            .args(["--clock-start", BEGIN])
            .stdout(Stdio::piped())
            .spawn()
            .context("the server does not start")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").context("the server does not listen")?.to_owned();
        Ok(Self { child, url })
    }

    /// From `/proc`; zero where there is none.
    fn figures(&self) -> Figures {
        let read = |name: &str| {
            std::fs::read_to_string(format!("/proc/{}/{name}", self.child.id())).unwrap_or_default()
        };
        let stat = read("stat");
        let ticks: f64 = stat
            .rsplit(')')
            .next()
            .into_iter()
            .flat_map(|fields| fields.split_whitespace().skip(11).take(2))
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum();
        let status = read("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kilobytes: f64 =
            peak.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default();
        Figures { cpu_secs: ticks / 100.0, peak_memory_mb: kilobytes / 1_024.0 }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|asked| asked.success()) {
            let _gone = self.child.kill();
        }
        let _gone = self.child.wait();
    }
}

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(TOKEN)
    }

    async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        whole(self.request(reqwest::Method::GET, path).send().await?, path).await
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> anyhow::Result<()> {
        let answer = self.request(method, path).json(body).send().await?;
        whole(answer, path).await?;
        Ok(())
    }
}

/// An answer, read whole.
struct Answer {
    event_id: Option<u64>,
    body: Vec<u8>,
}

async fn whole(answer: reqwest::Response, path: &str) -> anyhow::Result<Answer> {
    let status = answer.status();
    let event_id = answer.headers().get("event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let body = answer.bytes().await?.to_vec();
    if !status.is_success() {
        bail!("{path}: {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(Answer { event_id, body })
}

fn begin() -> Timestamp {
    BEGIN.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn patrol_id(index: usize) -> String {
    format!("load-{index:05}")
}

/// Where a patrol is: it walks to and fro through its field, about six metres every five seconds.
fn position(patrol: usize, at: Timestamp) -> Value {
    let step = at.as_second().rem_euclid(1_000) as f64;
    let walked = if step < 500.0 { step } else { 1_000.0 - step } * 1e-5;
    let lon = WEST + (patrol % COLUMNS) as f64 * 1e-3 + walked;
    let lat = SOUTH + (patrol / COLUMNS) as f64 * 1e-3 + walked * 0.7 + step.sin() * 1e-5;
    let fix = json!({
        "at": at, "place": { "lon": lon, "lat": lat }, "heading_deg": (step * 7.0) % 360.0,
        "speed_mps": 1.2 + step.sin() * 0.2, "accuracy_m": 5.0 + (step * 3.0) % 7.0,
    });
    json!({ "patrol": patrol_id(patrol), "fix": fix })
}

/// Fills what is not there yet.
async fn fill(client: &Client, args: &Args) -> anyhow::Result<Value> {
    let start = Instant::now();
    let events = client.get("/collections/issues/items?limit=1").await?.event_id.unwrap_or_default();
    if events > 0 {
        return Ok(json!({ "before": true, "events": events }));
    }
    for patrol in 0..args.patrols {
        let body = json!({ "name": format!("Patrol {patrol}"), "kind": "grid_officer" });
        client.send(reqwest::Method::PUT, &format!("/api/v1/patrols/{}", patrol_id(patrol)), &body).await?;
    }
    for from in (0..args.issues).step_by(500) {
        let lives: Vec<Value> = (from..args.issues.min(from + 500)).map(life).collect();
        client.send(reqwest::Method::POST, "/api/v1/history", &json!({ "issues": lives })).await?;
    }
    let issues_secs = start.elapsed().as_secs_f64();
    // The days before, every five seconds: 500 of the patrols, so that each has some hours.
    let start = Instant::now();
    let walkers = args.patrols.min(500);
    let rounds = (args.positions as usize).div_ceil(walkers);
    let mut sending = JoinSet::new();
    for from in (0..rounds).step_by(10) {
        let client = client.clone();
        if sending.len() >= 4 {
            sending.join_next().await.transpose()?.transpose()?;
        }
        sending.spawn(async move {
            let positions: Vec<Value> = (from..rounds.min(from + 10))
                .flat_map(|round| {
                    let at = begin() - SignedDuration::from_secs(5 * (rounds - round) as i64);
                    (0..walkers).map(move |patrol| position(patrol, at))
                })
                .collect();
            client.send(reqwest::Method::POST, "/api/v1/positions", &positions.into()).await
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    let secs = start.elapsed().as_secs_f64();
    Ok(json!({
        "before": false, "issues": args.issues, "issues_secs": issues_secs,
        "positions": rounds * walkers, "positions_secs": secs, "positions_per_s": (rounds * walkers) as f64 / secs,
    }))
}

/// The life of an issue somewhere in the grid; nine in ten are closed.
fn life(number: usize) -> Value {
    let at =
        begin() - SignedDuration::from_mins(90 * 24 * 60) + SignedDuration::from_secs(number as i64 * 60);
    let actor = |name: &str, role: &str| json!({ "name": name, "role": role });
    let place = json!({
        "lon": WEST + (number * 7_919 % 50_000) as f64 * 1e-6, "lat": SOUTH + (number * 104_729 % 100_000) as f64 * 1e-6,
    });
    let steps = ["register", "dispatch", "accept", "handle", "give_feedback", "check", "close"];
    let steps: Vec<Value> = (1..)
        .zip(steps)
        .take(if number.is_multiple_of(10) { 2 } else { 7 })
        .map(|(minute, step)| {
            let is_handler = ["accept", "handle", "give_feedback"].contains(&step);
            let actor = if is_handler { actor("Team", "handler") } else { actor("Desk", "desk") };
            json!({ "step": step, "actor": actor, "happened_at": at + SignedDuration::from_secs(minute * 5) })
        })
        .collect();
    json!({
        "report": {
            "id": format!("load-{number:06}"), "title": "Rubbish beside the stairs", "department": "Team",
            "class": { "scheme": "local", "kind": "event", "code": "06010" }, "source": "patrol",
            "place": place, "actor": actor("Grid 03", "officer"), "happened_at": at,
        },
        "steps": steps,
    })
}

/// One patrol's last day, ten times.
async fn read_track(client: &Client) -> anyhow::Result<Value> {
    let mut times = Vec::new();
    let mut positions = 0;
    for patrol in 0..10 {
        let start = Instant::now();
        let path = format!("/api/v1/patrols/{}/track?to={BEGIN}", patrol_id(patrol));
        let answer: Value = serde_json::from_slice(&client.get(&path).await?.body)?;
        times.push(start.elapsed());
        positions = answer["properties"]["coordTimes"].as_array().map_or(0, Vec::len);
    }
    Ok(json!({ "positions": positions, "ms": spread(times) }))
}

/// Median, 99th of a hundred and slowest, in milliseconds.
fn spread(mut times: Vec<Duration>) -> Value {
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(index).map(|time| (time.as_secs_f64() * 100_000.0).round() / 100.0)
    };
    json!({ "count": times.len(), "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}

#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    late: AtomicU64,
    streams: AtomicU64,
    cut_off: AtomicU64,
    frames: AtomicU64,
    bytes: AtomicU64,
    is_over: AtomicBool,
}

async fn drive(client: &Client, args: &Args) -> anyhow::Result<Value> {
    let counts = Arc::new(Counts::default());
    let mut streams = JoinSet::new();
    for _ in 0..args.streams {
        streams.spawn(listen(client.clone(), args.stream_query.clone(), Arc::clone(&counts)));
    }
    while counts.streams.load(Ordering::Relaxed) < args.streams as u64 {
        if let Some(ended) = streams.try_join_next() {
            ended??;
            bail!("a stream ended at once");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let start = Instant::now();
    let until = start + Duration::from_secs(args.seconds);
    let reading = tokio::spawn(read_boxes(client.clone(), args.reads, until));
    let posted = send_positions(client, args, &counts, until).await?;
    let secs = start.elapsed().as_secs_f64();
    let reads = reading.await??;
    counts.is_over.store(true, Ordering::Relaxed);
    streams.abort_all();
    let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
    Ok(json!({
        "seconds": secs,
        "positions_accepted": load(&counts.accepted),
        "positions_per_s": load(&counts.accepted) as f64 / secs,
        "requests_that_found_no_room": load(&counts.late),
        "post_ms": spread(posted),
        "read_ms": spread(reads),
        "streams": {
            "open": load(&counts.streams), "cut_off": load(&counts.cut_off),
            "frames": load(&counts.frames), "megabytes": load(&counts.bytes) as f64 / 1e6,
        },
    }))
}

/// Sends at the rate, whatever the answers take, up to sixteen requests at once; what does not fit is counted as late.
async fn send_positions(
    client: &Client,
    args: &Args,
    counts: &Arc<Counts>,
    until: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut ticks = interval(Duration::from_secs_f64(args.batch as f64 / args.rate as f64));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut sending, mut times, mut first) = (JoinSet::new(), Vec::new(), 0);
    let real = Instant::now();
    while Instant::now() < until {
        ticks.tick().await;
        while let Some(sent) = sending.try_join_next() {
            times.push(sent??);
        }
        if sending.len() >= 16 {
            counts.late.fetch_add(1, Ordering::Relaxed);
            times.extend(sending.join_next().await.transpose()?.transpose()?);
        }
        // Each patrol in turn, so that each moves once in patrols ÷ rate seconds.
        let elapsed = SignedDuration::try_from(real.elapsed()).unwrap_or_default();
        let at = begin() + elapsed;
        let positions: Vec<Value> =
            (first..first + args.batch).map(|index| position(index % args.patrols, at)).collect();
        first = (first + args.batch) % args.patrols;
        let (client, counts) = (client.clone(), Arc::clone(counts));
        let batch = args.batch as u64;
        sending.spawn(async move {
            let start = Instant::now();
            client.send(reqwest::Method::POST, "/api/v1/positions", &positions.into()).await?;
            counts.accepted.fetch_add(batch, Ordering::Relaxed);
            anyhow::Ok(start.elapsed())
        });
    }
    while let Some(sent) = sending.join_next().await {
        times.push(sent??);
    }
    Ok(times)
}

/// Pages of a hundred issues in boxes of a tenth of the place's width.
async fn read_boxes(client: Client, per_second: u32, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut ticks = interval(Duration::from_secs(1) / per_second.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut times = Vec::new();
    for number in 0_u32.. {
        ticks.tick().await;
        if Instant::now() >= until {
            break;
        }
        let west = WEST + f64::from(number * 7_919 % 45_000) * 1e-6;
        let south = SOUTH + f64::from(number * 104_729 % 90_000) * 1e-6;
        let (east, north) = (west + 0.005, south + 0.01);
        let path =
            format!("/collections/issues/items?bbox={west:.6},{south:.6},{east:.6},{north:.6}&limit=100");
        let start = Instant::now();
        client.get(&path).await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Reads a stream until it ends.
async fn listen(client: Client, query: String, counts: Arc<Counts>) -> anyhow::Result<()> {
    let request = client.request(reqwest::Method::GET, &format!("/api/v1/events?{query}"));
    let mut answer = request.send().await?;
    if !answer.status().is_success() {
        bail!("the stream: {}: {}", answer.status(), answer.text().await?);
    }
    counts.streams.fetch_add(1, Ordering::Relaxed);
    while let Ok(Some(chunk)) = answer.chunk().await {
        let ends = chunk.windows(2).filter(|window| *window == b"\n\n").count();
        counts.frames.fetch_add(ends as u64, Ordering::Relaxed);
        counts.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    }
    if !counts.is_over.load(Ordering::Relaxed) {
        counts.cut_off.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// What the file holds, and what a position takes in it.
async fn kept(file: &Path) -> anyhow::Result<Value> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    let pool = sqlx::SqlitePool::connect_with(options).await?;
    let sums = async |table: &'static str| -> anyhow::Result<(i64, i64, i64)> {
        Ok(sqlx::query_as::<_, (i64, i64, i64)>(table).fetch_one(&pool).await?)
    };
    let fresh =
        sums("SELECT count(*), COALESCE(sum(positions), 0), COALESCE(sum(length(packed)), 0) FROM position_batches")
            .await?;
    let tracks =
        sums("SELECT count(*), COALESCE(sum(positions), 0), COALESCE(sum(length(coded)), 0) FROM tracks")
            .await?;
    pool.close().await;
    let each = |(rows, positions, bytes): (i64, i64, i64)| json!({ "rows": rows, "positions": positions, "bytes_per_position": bytes as f64 / positions.max(1) as f64 });
    let megabytes = std::fs::metadata(file)?.len() as f64 / 1e6;
    Ok(json!({ "fresh": each(fresh), "tracks": each(tracks), "file_mb": megabytes }))
}
