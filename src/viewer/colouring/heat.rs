//! Heat of the day: how dense the issues lie that were reported today, whatever their state; each is smoothed by a bell
//! of [`SIGMA_M`]. On buildings and, softly, on the ground between them.

use jiff::Timestamp;

use super::field::Field;
use super::scale::{Class, Scale};
use super::sites::Site;
use super::{Colouring, News, Note, NoteValue, Touched, tone};
use crate::city::{BuildingRef, City};
use crate::viewer::palette;
use crate::viewer::stage::{FlatVertex, FlatVertices};

/// The standard deviation of the bell, metres: about a block.
const SIGMA_M: f64 = 80.0;
/// Where classes begin, issues a hectare. One issue alone comes to 0.25 in its middle.
const BREAKS: [f32; 5] = [0.1, 0.3, 0.6, 1.0, 1.5];
/// The veil covers at most so much of the ground, of 255.
const VEIL: f32 = 105.0;

/// Heat of the day.
pub(super) struct Heat {
    scale: Scale,
    field: Field,
    /// The cell of each building's middle.
    cells: Vec<u32>,
    day_start: Timestamp,
    today: u32,
    unplaced: u32,
}

impl Heat {
    pub(super) fn new() -> Self {
        let colors = tone::ramp_above_zero(&tone::FIRE, BREAKS.len());
        Self {
            scale: Scale::of_numbers(&BREAKS, colors, super::between),
            field: Field::default(),
            cells: Vec::new(),
            day_start: Timestamp::MIN,
            today: 0,
            unplaced: 0,
        }
    }

    /// Counts an issue of today in or out; whether it is one.
    fn count(&mut self, site: Option<&Site>, is_in: bool) -> bool {
        let Some(site) = site.filter(|site| site.reported_secs >= self.day_start.as_second()) else {
            return false;
        };
        let step = |count: u32| if is_in { count.saturating_add(1) } else { count.saturating_sub(1) };
        self.today = step(self.today);
        match site.place {
            Some(place) => self.field.put(place, is_in),
            None => self.unplaced = step(self.unplaced),
        }
        true
    }
}

impl Colouring for Heat {
    fn scale(&self) -> &Scale {
        &self.scale
    }

    fn class(&self, building: BuildingRef<'_>) -> Class {
        let cell = self.cells.get(building.index().0 as usize).copied().unwrap_or(u32::MAX);
        self.scale.class(self.field.per_hectare(cell))
    }

    fn begin(&mut self, city: &City) {
        self.field = Field::new(city.bounds, SIGMA_M);
        self.cells = city.iter().map(|building| self.field.cell(building.centroid())).collect();
        self.day_start = Timestamp::MIN;
    }

    fn follow(&mut self, news: &News<'_>) -> Touched {
        if news.day_start != self.day_start {
            // A new day: what of it has arrived already counts, and nothing else.
            self.day_start = news.day_start;
            self.field.clear();
            (self.today, self.unplaced) = (0, 0);
            for site in news.sites.iter() {
                self.count(Some(site), true);
            }
            return Touched::All;
        }
        let mut is_other = false;
        for change in news.issues {
            // Most changes are steps of an issue that stays where it is.
            let same = |site: &Site| (site.place.map(|place| place.map(f64::to_bits)), site.reported_secs);
            if change.before.as_ref().map(same) != change.after.as_ref().map(same) {
                is_other |= self.count(change.before.as_ref(), false);
                is_other |= self.count(change.after.as_ref(), true);
            }
        }
        if is_other { Touched::All } else { Touched::Nothing }
    }

    fn notes(&self) -> Vec<Note> {
        let today = [("n", self.today), ("metres", SIGMA_M as u32)];
        let mut notes = vec![Note {
            key: "colouring-heat-today",
            values: today.map(|(name, count)| (name, NoteValue::Count(count))).into(),
        }];
        if self.unplaced > 0 {
            notes.push(Note {
                key: "colouring-heat-unplaced",
                values: vec![("n", NoteValue::Count(self.unplaced))],
            });
        }
        notes
    }

    /// Quads between the middles of cells, where there is anything at one of their corners.
    fn veil(&self) -> FlatVertices {
        let [columns, rows] = self.field.size();
        let mut veil = FlatVertices::default();
        let lowest = BREAKS.first().copied().unwrap_or_default();
        let highest = BREAKS.last().copied().unwrap_or(1.0);
        let at = |x: usize, y: usize| self.field.per_hectare((y * columns + x) as u32);
        let mut vertex = |x: usize, y: usize| {
            let density = at(x, y);
            let light = palette::linear(self.scale.smooth_color(density.max(lowest)), 0.0) * 255.0;
            // From nothing at half of the first class to the full strength in the last.
            let share = ((density - lowest * 0.5) / (highest - lowest * 0.5)).clamp(0.0, 1.0).sqrt();
            let tint = [light.x, light.y, light.z, share * VEIL].map(|channel| channel.round() as u8);
            let [east, north] = self.field.place(x, y);
            veil.vertices.push(FlatVertex { place: [east, -north], up: 0.0, tint });
            veil.vertices.len() as u32 - 1
        };
        let mut numbers = vec![u32::MAX; columns * rows];
        let mut indices = Vec::new();
        for y in 0..rows.saturating_sub(1) {
            for x in 0..columns.saturating_sub(1) {
                let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
                if corners.iter().all(|(x, y)| at(*x, *y) <= lowest * 0.5) {
                    continue;
                }
                let [a, b, c, d] = corners.map(|(x, y)| match numbers.get_mut(y * columns + x) {
                    Some(number) if *number == u32::MAX => {
                        *number = vertex(x, y);
                        *number
                    }
                    Some(number) => *number,
                    None => 0,
                });
                indices.extend([a, b, c, a, c, d]);
            }
        }
        veil.indices = indices;
        veil
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Bounds;

    fn heat() -> Heat {
        let field = Field::new(Bounds::of([[0.0, 0.0], [1000.0, 1000.0]]), SIGMA_M);
        let day_start = Timestamp::from_second(1_789_000_000).expect("a time");
        Heat { field, day_start, ..Heat::new() }
    }

    fn site(secs: i64, place: Option<[f64; 2]>) -> Site {
        Site { building: None, place, is_open: false, reported_secs: 1_789_000_000 + secs }
    }

    #[test]
    fn only_what_was_reported_today_counts() {
        let mut heat = heat();
        assert!(!heat.count(Some(&site(-1, Some([500.0, 500.0]))), true));
        assert!(heat.count(Some(&site(0, Some([500.0, 500.0]))), true));
        assert!(heat.count(Some(&site(60, None)), true));
        assert_eq!((heat.today, heat.unplaced), (2, 1));
        let density = |heat: &Heat, place| heat.field.per_hectare(heat.field.cell(place));
        assert!((density(&heat, [500.0, 500.0]) - 0.2487).abs() < 0.001);
        assert_eq!(heat.scale.class(density(&heat, [500.0, 500.0])), 1);
        assert!(heat.count(Some(&site(0, Some([500.0, 500.0]))), false));
        assert_eq!((heat.today, density(&heat, [500.0, 500.0])), (1, 0.0));
    }

    #[test]
    fn the_veil_lies_where_it_is_hot_and_fades_out() {
        let mut heat = heat();
        assert!(heat.veil().indices.is_empty());
        for _ in 0..20 {
            heat.count(Some(&site(0, Some([500.0, 500.0]))), true);
        }
        let veil = heat.veil();
        assert!(!veil.indices.is_empty() && veil.indices.len().is_multiple_of(6));
        assert!(veil.indices.iter().all(|index| (*index as usize) < veil.vertices.len()));
        let strongest = veil.vertices.iter().max_by_key(|vertex| vertex.tint[3]).expect("a vertex");
        assert_eq!(strongest.tint[3], VEIL as u8, "20 issues at one place are 5 a hectare");
        let away = |vertex: &FlatVertex| (vertex.place[0] - 500.0).hypot(vertex.place[1] + 500.0);
        assert!(away(strongest) < 130.0);
        let weakest = veil.vertices.iter().max_by(|a, b| away(a).total_cmp(&away(b))).expect("a vertex");
        assert_eq!(weakest.tint[3], 0, "no edge is seen");
    }
}
