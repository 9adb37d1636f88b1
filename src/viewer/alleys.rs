//! Alleys (背街小巷) as lines on the ground, each with a colour of its own where an attribute gives one.
//!
//! [`Alleys::paint`] colours one by its code; what is not painted is drawn softly.

use std::collections::BTreeMap;

use bevy::prelude::*;

use super::areas::{WallsDrawn, on_ground};
use super::layers::{Layer, Layers};
use super::palette::{self, Rgba};
use super::place::Stand;
use super::stage::{Stroke, StrokeLayer, StrokeScene};
use super::{ShowSystems, ViewerSystems};
use crate::city::{AreaKind, Place};

/// How wide an alley is drawn, metres.
const WIDTH_M: f32 = 3.0;
/// How far above the ground, metres.
const ABOVE_M: f32 = 0.15;

/// The alleys of a place and their colours.
#[derive(Resource, Default)]
pub struct Alleys {
    lines: BTreeMap<String, Vec<Vec<Vec3>>>,
    colors: BTreeMap<String, Rgba>,
}

impl Alleys {
    /// Gives an alley a colour (sRGB and alpha) by its code, or takes it away again.
    pub fn paint(&mut self, code: &str, color: Option<Rgba>) {
        match color {
            Some(color) => self.colors.insert(code.to_owned(), color),
            None => self.colors.remove(code),
        };
    }

    /// Takes all colours away.
    pub fn clear(&mut self) {
        self.colors.clear();
    }

    /// The codes of all alleys.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    fn take_place(&mut self, place: &Place) {
        self.lines.clear();
        for area in place.areas.iter().filter(|area| area.kind == AreaKind::Alley) {
            let lines = area.lines.iter().map(|line| on_ground(place, line, ABOVE_M));
            self.lines.entry(area.code.clone()).or_default().extend(lines);
        }
    }

    fn strokes(&self) -> Vec<Stroke> {
        let mut strokes = Vec::new();
        for (code, lines) in &self.lines {
            let color = self.colors.get(code).copied().unwrap_or(palette::ALLEY);
            for line in lines {
                let pieces = line.windows(2).filter_map(|pair| pair.first().zip(pair.last()));
                strokes.extend(pieces.map(|(from, to)| Stroke::ribbon(*from, *to, WIDTH_M, color)));
            }
        }
        strokes
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Alleys>().add_systems(
        Update,
        (take_place, draw_alleys)
            .chain()
            .in_set(ViewerSystems::Show)
            .after(WallsDrawn)
            .before(ShowSystems::Light)
            .run_if(resource_exists::<Stand>),
    );
}

fn take_place(stand: Res<Stand>, mut alleys: ResMut<Alleys>) {
    if stand.is_added() {
        alleys.take_place(&stand.place);
    }
}

fn draw_alleys(alleys: Res<Alleys>, layers: Res<Layers>, mut scene: ResMut<StrokeScene>) {
    if alleys.is_changed() || layers.is_changed() {
        let strokes = if layers.shows(Layer::Areas) { alleys.strokes() } else { Vec::new() };
        scene.replace(StrokeLayer::Alleys, strokes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alley_is_drawn_in_the_colour_that_it_was_given() {
        let mut alleys = Alleys::default();
        alleys.lines.insert("A1".into(), vec![vec![Vec3::ZERO, Vec3::X, Vec3::X * 2.0]]);
        let of = |color| {
            vec![
                Stroke::ribbon(Vec3::ZERO, Vec3::X, WIDTH_M, color),
                Stroke::ribbon(Vec3::X, Vec3::X * 2.0, WIDTH_M, color),
            ]
        };
        assert_eq!(alleys.strokes(), of(palette::ALLEY));
        alleys.paint("A1", Some([255, 0, 0, 255]));
        assert_eq!(alleys.strokes(), of([255, 0, 0, 255]));
        alleys.clear();
        assert_eq!(alleys.strokes(), of(palette::ALLEY));
        assert_eq!(alleys.codes().collect::<Vec<_>>(), ["A1"]);
    }
}
