//! The Esri ASCII grid: a header of keys and numbers, then rows of heights from the north.

use super::{MOST_NUMBERS, Relief, ReliefError};
use crate::geo::{Bounds, Datum, LocalFrame, LonLat};

/// The most nodes of the grid in local metres; of larger files the cells grow.
const MOST_NODES: f64 = 1_000_000.0;
/// The smallest cell, metres.
const LEAST_CELL_M: f64 = 2.0;
/// No ground stands higher above a plain, metres.
const HIGHEST_M: f32 = 9_000.0;

/// The file as it is: cells of degrees, rows from the north.
pub(super) struct DegreeGrid {
    columns: usize,
    rows: usize,
    /// The middle of the south-western cell.
    first: LonLat,
    /// Degrees a cell, eastward and northward.
    step: [f64; 2],
    heights_m: Vec<f32>,
}

impl DegreeGrid {
    /// Reads the text; what was put right is said in words.
    pub(super) fn parse(bytes: &[u8], warnings: &mut Vec<String>) -> Result<Self, ReliefError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_utf8| ReliefError::NotText)?;
        let mut tokens = text.split_ascii_whitespace().peekable();
        let mut header: Vec<(String, &str)> = Vec::new();
        while let Some(key) = tokens
            .next_if(|token| token.starts_with(|first: char| first.is_alphabetic()) && header.len() < 16)
        {
            header.push((key.to_ascii_lowercase(), tokens.next().unwrap_or_default()));
        }
        let given = |key: &str| header.iter().find(|(known, _)| known == key).map(|(_, value)| *value);
        let number = |key: &'static str| match given(key) {
            None => Ok(None),
            Some(value) => match value.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some(number)),
                _ => Err(ReliefError::Header { key: key.to_owned(), value: value.to_owned() }),
            },
        };
        let count = |key: &'static str| {
            let value = given(key).ok_or(ReliefError::Missing(key))?;
            value
                .parse()
                .ok()
                .filter(|count| (2..=MOST_NUMBERS).contains(count))
                .ok_or_else(|| ReliefError::Header { key: key.to_owned(), value: value.to_owned() })
        };
        let (columns, rows): (usize, usize) = (count("ncols")?, count("nrows")?);
        if columns.saturating_mul(rows) > MOST_NUMBERS {
            return Err(ReliefError::TooLarge { columns, rows });
        }
        let side = number("cellsize")?;
        let step = [number("dx")?.or(side), number("dy")?.or(side)];
        let [Some(x), Some(y)] = step else { return Err(ReliefError::Missing("cellsize")) };
        if x <= 0.0 || y <= 0.0 {
            return Err(ReliefError::Header { key: "cellsize".into(), value: x.min(y).to_string() });
        }
        let corner = |corner: &'static str, centre: &'static str, step: f64| {
            Ok(number(centre)?.or(number(corner)?.map(|corner| corner + step * 0.5)))
        };
        let lon = corner("xllcorner", "xllcenter", x)?.ok_or(ReliefError::Missing("xllcorner"))?;
        let lat = corner("yllcorner", "yllcenter", y)?.ok_or(ReliefError::Missing("yllcorner"))?;
        let last = LonLat::new(lon + x * (columns - 1) as f64, lat + y * (rows - 1) as f64);
        if !LonLat::new(lon, lat).is_valid() || !last.is_valid() {
            return Err(ReliefError::NotDegrees);
        }
        let no_data = number("nodata_value")?.unwrap_or(-9_999.0) as f32;
        let heights_m = heights(tokens, columns * rows, no_data, warnings)?;
        Ok(Self { columns, rows, first: LonLat::new(lon, lat), step: [x, y], heights_m })
    }

    /// The height at a place, between the middles of the cells around; the plain outside.
    fn at(&self, place: LonLat) -> f32 {
        let x = (place.lon - self.first.lon) / self.step[0];
        let y = (place.lat - self.first.lat) / self.step[1];
        let is_inside =
            x > -0.75 && y > -0.75 && x < self.columns as f64 - 0.25 && y < self.rows as f64 - 0.25;
        if !is_inside {
            return 0.0;
        }
        let (x, y) = (x.clamp(0.0, (self.columns - 1) as f64), y.clamp(0.0, (self.rows - 1) as f64));
        let (column, row) = ((x as usize).min(self.columns - 2), (y as usize).min(self.rows - 2));
        let (u, v) = ((x - column as f64) as f32, (y - row as f64) as f32);
        let cell = |x: usize, y: usize| {
            let from_north = self.rows - 1 - (row + y);
            self.heights_m.get(from_north * self.columns + column + x).copied().unwrap_or(0.0)
        };
        let south = cell(0, 0) + (cell(1, 0) - cell(0, 0)) * u;
        let north = cell(0, 1) + (cell(1, 1) - cell(0, 1)) * u;
        south + (north - south) * v
    }

    /// The highest of the outermost cells.
    pub(super) fn edge_m(&self) -> f32 {
        let is_edge = |index: usize| {
            let (column, row) = (index % self.columns, index / self.columns);
            column == 0 || row == 0 || column + 1 == self.columns || row + 1 == self.rows
        };
        let edge = self.heights_m.iter().enumerate().filter(|(index, _)| is_edge(*index));
        edge.map(|(_, height)| *height).fold(0.0, f32::max)
    }

    /// The same on a grid of local metres with a rim of plain around it.
    pub(super) fn to_metres(&self, frame: LocalFrame, datum: Datum) -> Result<Option<Relief>, ReliefError> {
        let local = |column: f64, row: f64| {
            let place =
                LonLat::new(self.first.lon + self.step[0] * column, self.first.lat + self.step[1] * row);
            frame.project(datum.to_wgs84(place))
        };
        let (east, north) = ((self.columns - 1) as f64, (self.rows - 1) as f64);
        let corners = [local(0.0, 0.0), local(east, 0.0), local(0.0, north), local(east, north)];
        let is_near = |[east, north]: [f64; 2]| east.hypot(north) <= LocalFrame::REACH_M;
        if !corners.into_iter().all(is_near) {
            return Err(ReliefError::TooFar);
        }
        let bounds = Bounds::of(corners);
        let size = bounds.size();
        let coarser = ((self.columns + 2) as f64 * (self.rows + 2) as f64 / MOST_NODES).sqrt().max(1.0);
        let cell_m = [size[0] / east * coarser, size[1] / north * coarser].map(|side| side.max(LEAST_CELL_M));
        let min = [bounds.min[0] - cell_m[0], bounds.min[1] - cell_m[1]];
        let columns = (size[0] / cell_m[0]).round() as usize + 3;
        let rows = (size[1] / cell_m[1]).round() as usize + 3;
        let mut heights_m = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let is_rim = row == 0 || column == 0 || row + 1 == rows || column + 1 == columns;
                let at = [min[0] + column as f64 * cell_m[0], min[1] + row as f64 * cell_m[1]];
                let place = if is_rim { None } else { Some(datum.from_wgs84(frame.unproject(at))) };
                heights_m.push(place.map_or(0.0, |place| self.at(place)));
            }
        }
        Ok(Relief::from_nodes(min, cell_m, columns, heights_m))
    }
}

/// The numbers of a file, put right: what is below the plain or not known is the plain.
fn heights<'a>(
    tokens: impl Iterator<Item = &'a str>,
    wanted: usize,
    no_data: f32,
    warnings: &mut Vec<String>,
) -> Result<Vec<f32>, ReliefError> {
    let mut heights_m = Vec::with_capacity(wanted);
    let (mut unknown, mut below, mut beyond, mut more) = (0_u32, 0_u32, 0_u32, 0_u32);
    for token in tokens {
        if heights_m.len() == wanted {
            more = more.saturating_add(1);
            continue;
        }
        let height = token.parse::<f32>().ok().filter(|height| height.is_finite());
        heights_m.push(match height {
            Some(height) if height == no_data => 0.0,
            Some(height) if height < 0.0 => {
                below += 1;
                0.0
            }
            Some(height) if height > HIGHEST_M => {
                beyond += 1;
                0.0
            }
            Some(height) => height,
            None => {
                unknown += 1;
                0.0
            }
        });
    }
    if heights_m.len() < wanted {
        return Err(ReliefError::TooFew { found: heights_m.len(), wanted });
    }
    for (count, what) in [
        (unknown, "cells are no numbers: taken as the plain"),
        (below, "cells lie below the plain: raised to it"),
        (beyond, "cells are too high to be true: taken as the plain"),
        (more, "numbers beyond the last cell: not read"),
    ] {
        if count > 0 {
            warnings.push(format!("{count} {what}"));
        }
    }
    Ok(heights_m)
}
