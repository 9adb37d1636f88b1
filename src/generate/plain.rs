//! A plain city of any size, for measuring: blocks of old houses, slabs, towers and halls between streets.
//!
//! Blocks are laid out in a spiral from the middle, each from its own stream of chance, and written as they come,
//! so that a million buildings need no more memory than one. About 700 m² of ground a building: a hundred thousand
//! cover 8.4 km by 8.4 km, and take about 43 MB.

mod outline;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use self::outline::{corner_count, court, outline};
use super::plane::{Frame, Point, at, turned};
use super::town::chance;
use crate::geo::LonLat;

/// From the middle of one street to the next, in metres.
const BLOCK_M: Point = at(120.0, 110.0);
/// The part of it that is built on; what is left is street.
const BUILT_M: Point = at(104.0, 94.0);
/// Blocks a side of a district, which all are built in one manner.
const DISTRICT: i64 = 3;
/// One building in this many has a courtyard.
const COURT_SHARE: f64 = 0.04;
/// Where plain cities lie unless told otherwise: the old town of Quzhou.
pub const PLAIN_ORIGIN: LonLat = LonLat::new(118.87, 28.97);
/// The most buildings that a plain city may have: its corners would else be out of reach of one local frame.
pub const MOST_BUILDINGS: u32 = 20_000_000;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct PlainCity {
    /// Buildings.
    pub buildings: u32,
    /// Distinct corners of their outer rings.
    pub corners: u64,
    /// Buildings with a courtyard.
    pub courtyards: u32,
    /// Bytes.
    pub bytes: u64,
    /// West, south, east, north, in degrees.
    pub bounds: [f64; 4],
}

/// How a district is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Old,
    Slabs,
    Towers,
    Halls,
}

impl Manner {
    fn of(district: (i64, i64), seed: u64) -> Self {
        match chance(seed, spot(district) << 1).random_range(0..100_u32) {
            0..20 => Self::Old,
            20..70 => Self::Slabs,
            70..90 => Self::Towers,
            _ => Self::Halls,
        }
    }

    /// Columns and rows of buildings in a block.
    const fn rows(self) -> (u32, u32) {
        match self {
            Self::Old => (8, 7),
            Self::Slabs => (3, 4),
            Self::Towers => (3, 2),
            Self::Halls => (2, 2),
        }
    }

    /// The least and the greatest part of its share of ground that a building takes, in width and depth.
    const fn fill(self) -> [(f64, f64); 2] {
        match self {
            Self::Old => [(0.76, 0.94), (0.74, 0.92)],
            Self::Slabs => [(0.78, 0.92), (0.44, 0.54)],
            Self::Towers => [(0.64, 0.82), (0.3, 0.4)],
            Self::Halls => [(0.6, 0.88), (0.55, 0.85)],
        }
    }

    /// Floors, the height of one in decimetres, and the use.
    fn body(self, rng: &mut ChaCha8Rng) -> (u32, u32, &'static str) {
        let floors = match self {
            Self::Old => 1..=3,
            Self::Slabs => 5..=7,
            Self::Towers => 11..=33,
            Self::Halls => 1..=6,
        };
        let levels = rng.random_range(floors);
        let other = rng.random_range(0..100_u32);
        let (storey_dm, usage) = match (self, other) {
            (Self::Old, 0..14) => (34, "commercial"),
            (Self::Old, 14..17) => (38, "historic"),
            (Self::Slabs, 0..4) => (36, "school"),
            (Self::Slabs, 4..10) | (Self::Towers, 0..12) => (36, "office"),
            (Self::Halls, 0..40) => (48, "industrial"),
            (Self::Halls, 40..60) => (46, "market"),
            (Self::Halls, 60..80) => (42, "public"),
            (Self::Halls, _) => (42, "commercial"),
            _ => (29, "residential"),
        };
        (levels, storey_dm, usage)
    }

    fn year(self, rng: &mut ChaCha8Rng) -> u32 {
        rng.random_range(match self {
            Self::Old => 1905..1972,
            Self::Slabs => 1972..2000,
            Self::Towers => 2000..2024,
            Self::Halls => 1965..2015,
        })
    }
}

/// Writes a plain city as GeoJSON: `count` buildings around `origin`, the same for the same seed on every machine.
///
/// # Errors
/// If the output cannot be written.
pub fn plain_city(count: u32, seed: u64, origin: LonLat, out: impl Write) -> io::Result<PlainCity> {
    let mut writer = Writer::new(origin, out);
    writer.text("{\"type\":\"FeatureCollection\",\"features\":[\n")?;
    for block in Spiral::default() {
        if writer.city.buildings >= count {
            break;
        }
        build_block(block, seed, count, &mut writer)?;
    }
    writer.text("\n]}\n")?;
    writer.out.flush()?;
    Ok(writer.city)
}

fn build_block<W: Write>(block: (i64, i64), seed: u64, count: u32, writer: &mut Writer<W>) -> io::Result<()> {
    let district = ((block.0 + 1).div_euclid(DISTRICT), (block.1 + 1).div_euclid(DISTRICT));
    let manner = Manner::of(district, seed);
    let mut rng = chance(seed, spot(block) << 1 | 1);
    // Streets of a district run a little askew: at most as far as the street is wide.
    let lean = chance(seed, spot(district) << 1).random_range(-0.05..0.05);
    let centre = at(block.0 as f64 * BLOCK_M.x, block.1 as f64 * BLOCK_M.y);
    let (columns, rows) = manner.rows();
    let size = at(BUILT_M.x / f64::from(columns), BUILT_M.y / f64::from(rows));
    let [wide, deep] = manner.fill();
    for row in 0..rows {
        for column in 0..columns {
            if writer.city.buildings >= count {
                return Ok(());
            }
            let (width, depth) =
                (size.x * rng.random_range(wide.0..wide.1), size.y * rng.random_range(deep.0..deep.1));
            let free = at(size.x - width, size.y - depth);
            let corner = at(
                size.x * f64::from(column) - BUILT_M.x / 2.0 + free.x * rng.random_range(0.2..0.8),
                size.y * f64::from(row) - BUILT_M.y / 2.0 + free.y * rng.random_range(0.2..0.8),
            );
            let board = Frame::new(centre, turned(at(1.0, 0.0), lean));
            let place = |points: Vec<Point>| -> Vec<Point> {
                points.into_iter().map(|p| board.out(corner.x + p.x, corner.y + p.y)).collect()
            };
            let corners = corner_count(&mut rng);
            let exterior = place(outline(width, depth, corners, &mut rng));
            let court = rng.random_bool(COURT_SHARE).then(|| place(court(width, depth, &mut rng)));
            let (levels, storey_dm, usage) = manner.body(&mut rng);
            let number = row * columns + column + 1;
            writer.building(&Plain {
                exterior,
                court,
                levels,
                height_dm: levels * storey_dm + rng.random_range(2..12),
                usage,
                year: manner.year(&mut rng),
                address: (block, number),
            })?;
        }
    }
    Ok(())
}

/// A number for a place in the spiral, the same however large the city is.
fn spot((x, y): (i64, i64)) -> u64 {
    let fold = |n: i64| if n < 0 { (-2 * n - 1) as u64 } else { (2 * n) as u64 };
    fold(x) << 24 | fold(y)
}

/// Squares around 0, 0, from the inside outward.
#[derive(Debug)]
struct Spiral {
    at: (i64, i64),
    heading: (i64, i64),
    left: i64,
    side: i64,
    turns: i64,
}

impl Default for Spiral {
    fn default() -> Self {
        Self { at: (0, 0), heading: (1, 0), left: 1, side: 1, turns: 0 }
    }
}

impl Iterator for Spiral {
    type Item = (i64, i64);

    fn next(&mut self) -> Option<(i64, i64)> {
        let here = self.at;
        self.at = (here.0 + self.heading.0, here.1 + self.heading.1);
        self.left -= 1;
        if self.left == 0 {
            self.heading = (-self.heading.1, self.heading.0);
            self.turns += 1;
            self.side += i64::from(self.turns % 2 == 0);
            self.left = self.side;
        }
        Some(here)
    }
}

/// One building, ready to be written.
struct Plain {
    exterior: Vec<Point>,
    court: Option<Vec<Point>>,
    levels: u32,
    height_dm: u32,
    usage: &'static str,
    year: u32,
    /// Its block, and the number there.
    address: ((i64, i64), u32),
}

/// Words that street names are made of.
const STREET: [[char; 16]; 2] = [
    ['东', '南', '西', '北', '中', '和', '安', '新', '长', '文', '江', '花', '青', '石', '金', '云'],
    ['平', '宁', '兴', '昌', '明', '山', '湖', '园', '桥', '泉', '林', '溪', '阳', '华', '康', '庆'],
];

struct Writer<W> {
    out: W,
    origin: LonLat,
    metres_a_degree: Point,
    city: PlainCity,
    line: String,
}

impl<W: Write> Writer<W> {
    fn new(origin: LonLat, out: W) -> Self {
        let bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        Self {
            out,
            origin,
            metres_a_degree: metres_a_degree(origin.lat),
            city: PlainCity { bounds, ..PlainCity::default() },
            line: String::new(),
        }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.city.bytes += text.len() as u64;
        self.out.write_all(text.as_bytes())
    }

    fn building(&mut self, building: &Plain) -> io::Result<()> {
        use std::fmt::Write as _;
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        if self.city.buildings > 0 {
            line.push_str(",\n");
        }
        let ((column, row), number) = building.address;
        let word = |i: i64, words: &[char; 16]| words.get(i.rem_euclid(16) as usize).copied().unwrap_or('路');
        let _ = write!(
            line,
            "{{\"type\":\"Feature\",\"id\":\"p{}\",\"properties\":{{\"height\":{}.{},\"levels\":{},\"use\":\"{}\",\
             \"address\":\"{}{}路{}号\",\"year\":{}}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[",
            self.city.buildings + 1,
            building.height_dm / 10,
            building.height_dm % 10,
            building.levels,
            building.usage,
            word(row, &STREET[0]),
            word(row.div_euclid(16), &STREET[1]),
            // Along a street every block has its hundred.
            (column.unsigned_abs() * 2 + u64::from(column < 0)) * 100 + u64::from(number),
            building.year,
        );
        self.ring(&building.exterior, &mut line);
        if let Some(court) = &building.court {
            line.push(',');
            self.ring(court, &mut line);
        }
        line.push_str("]}}");
        self.city.buildings += 1;
        self.city.corners += building.exterior.len() as u64;
        self.city.courtyards += u32::from(building.court.is_some());
        self.text(&line)?;
        self.line = line;
        Ok(())
    }

    fn ring(&mut self, ring: &[Point], line: &mut String) {
        line.push('[');
        for (i, point) in ring.iter().chain(ring.first()).enumerate() {
            line.push_str(if i == 0 { "[" } else { ",[" });
            let lon = self.origin.lon + point.x / self.metres_a_degree.x;
            let lat = self.origin.lat + point.y / self.metres_a_degree.y;
            let [west, south, east, north] = &mut self.city.bounds;
            (*west, *east) = (west.min(lon), east.max(lon));
            (*south, *north) = (south.min(lat), north.max(lat));
            push_degrees(lon, line);
            line.push(',');
            push_degrees(lat, line);
            line.push(']');
        }
        line.push(']');
    }
}

/// Degrees with seven decimals, trailing zeros left out.
fn push_degrees(degrees: f64, line: &mut String) {
    use std::fmt::Write as _;
    let ten_millionths = (degrees * 1e7).round() as i64;
    let sign = if ten_millionths < 0 { "-" } else { "" };
    let (whole, mut part) =
        (ten_millionths.unsigned_abs() / 10_000_000, ten_millionths.unsigned_abs() % 10_000_000);
    let _ = write!(line, "{sign}{whole}");
    let mut digits = 7;
    while digits > 0 && part.is_multiple_of(10) {
        part /= 10;
        digits -= 1;
    }
    if digits > 0 {
        let _ = write!(line, ".{part:0digits$}");
    }
}

/// Metres a degree of longitude and of latitude on the WGS-84 ellipsoid, by the four operations and square roots alone.
fn metres_a_degree(lat: f64) -> Point {
    const RADIUS_M: f64 = 6_378_137.0;
    const E2: f64 = 6.694_379_990_141_317e-3;
    let radian = std::f64::consts::PI / 180.0;
    let angle = lat * radian;
    // The series of the sine, good to the last bit or two within ±90°.
    let (mut term, mut sine) = (angle, angle);
    for k in 1..14_u32 {
        term *= -angle * angle / f64::from(2 * k * (2 * k + 1));
        sine += term;
    }
    let cosine = (1.0 - sine * sine).max(0.0).sqrt();
    let w2 = 1.0 - E2 * sine * sine;
    let w = w2.sqrt();
    at(RADIUS_M / w * cosine * radian, RADIUS_M * (1.0 - E2) / (w2 * w) * radian)
}
