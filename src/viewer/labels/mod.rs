//! Names in the picture: communities, water, parks, roads, landmarks, buildings.
//!
//! Labels never overlap: the more important, then the nearer one wins, and what goes or comes fades.

mod glyphs;

pub use glyphs::Glyphs;
pub(crate) use glyphs::signed_distance;

use std::collections::HashMap;

use bevy::math::{IVec2, Rect};
use bevy::prelude::*;

use super::ShowSystems;
use super::layers::{Layer, Layers};
use super::palette::{self, Rgba, faded};
use super::sprites::SpriteList;
use super::stage::Scene;
use super::view::View;
use super::wall::WallMode;

/// The font of the panels and of the labels.
pub const FONT: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf");

/// How quickly labels come and go.
const FADE_PER_SEC: f32 = 7.0;
/// Side of the cells in which overlaps are looked for, pixels.
const CELL_PX: f32 = 96.0;

/// What kind of thing a label names; the order is that of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelKind {
    /// An alley or a path.
    Lane,
    /// A named building.
    Building,
    /// A road.
    Road,
    /// A gate or a landmark.
    Landmark,
    /// A park or a square.
    Green,
    /// A river, a lake.
    Water,
    /// A community.
    Community,
}

/// How a kind of label looks.
struct LabelStyle {
    size_pt: f32,
    color: Rgba,
    /// Shown where a metre covers at least so many pixels.
    from_pixels_a_metre: f32,
    /// And at most so many.
    to_pixels_a_metre: f32,
}

impl LabelKind {
    const fn style(self) -> LabelStyle {
        match self {
            Self::Lane => LabelStyle {
                size_pt: 11.5,
                color: palette::LABEL_QUIET,
                from_pixels_a_metre: 2.2,
                to_pixels_a_metre: f32::INFINITY,
            },
            Self::Building => LabelStyle {
                size_pt: 12.5,
                color: palette::LABEL,
                from_pixels_a_metre: 1.6,
                to_pixels_a_metre: f32::INFINITY,
            },
            Self::Road => LabelStyle {
                size_pt: 12.0,
                color: palette::LABEL_QUIET,
                from_pixels_a_metre: 0.75,
                to_pixels_a_metre: f32::INFINITY,
            },
            Self::Landmark => LabelStyle {
                size_pt: 14.0,
                color: palette::LABEL,
                from_pixels_a_metre: 0.30,
                to_pixels_a_metre: f32::INFINITY,
            },
            Self::Green => LabelStyle {
                size_pt: 13.0,
                color: palette::LABEL_GREEN,
                from_pixels_a_metre: 0.42,
                to_pixels_a_metre: f32::INFINITY,
            },
            Self::Water => LabelStyle {
                size_pt: 14.0,
                color: palette::LABEL_WATER,
                from_pixels_a_metre: 0.18,
                to_pixels_a_metre: f32::INFINITY,
            },
            Self::Community => LabelStyle {
                size_pt: 15.5,
                color: palette::LABEL_AREA,
                from_pixels_a_metre: 0.25,
                to_pixels_a_metre: 1.8,
            },
        }
    }
}

/// A name at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What is written.
    pub text: String,
    /// Where: east, up, south, metres.
    pub place: Vec3,
    /// What it names.
    pub kind: LabelKind,
}

/// The names of a place, and how much of each is to be seen.
#[derive(Resource, Default)]
pub struct Labels {
    labels: Vec<Label>,
    shown: Vec<f32>,
}

impl Labels {
    /// Replaces all labels. The most important come first from now on.
    pub fn replace(&mut self, mut labels: Vec<Label>) {
        labels.sort_by_key(|label| std::cmp::Reverse(label.kind));
        self.shown = vec![0.0; labels.len()];
        self.labels = labels;
    }
}

/// The glyphs that labels and markers are written with.
#[derive(Resource)]
pub struct LabelFont(pub Glyphs);

pub(super) fn plugin(app: &mut App) {
    match Glyphs::new(FONT) {
        Ok(glyphs) => {
            app.insert_resource(LabelFont(glyphs));
        }
        Err(error) => error!("the shipped font cannot be read, so nothing is labelled: {error}"),
    }
    app.init_resource::<Labels>().add_systems(
        Update,
        (place_labels, hand_over_glyphs)
            .chain()
            .in_set(ShowSystems::Labels)
            .run_if(resource_exists::<LabelFont>),
    );
}

/// Rectangles that are taken, in cells.
#[derive(Default)]
struct Taken(HashMap<IVec2, Vec<Rect>>);

impl Taken {
    fn claim(&mut self, rect: Rect) -> bool {
        let from = (rect.min / CELL_PX).floor().as_ivec2();
        let to = (rect.max / CELL_PX).floor().as_ivec2();
        let cells = move || (from.x..=to.x).flat_map(move |x| (from.y..=to.y).map(move |y| IVec2::new(x, y)));
        let overlaps = cells()
            .filter_map(|cell| self.0.get(&cell))
            .flatten()
            .any(|held| !held.intersect(rect).is_empty());
        if overlaps {
            return false;
        }
        for cell in cells() {
            self.0.entry(cell).or_default().push(rect);
        }
        true
    }
}

fn place_labels(
    view: Res<View>,
    layers: Res<Layers>,
    wall: Res<WallMode>,
    time: Res<Time>,
    mut labels: ResMut<Labels>,
    mut font: ResMut<LabelFont>,
    mut sprites: ResMut<SpriteList>,
) {
    let list = &mut sprites.labels;
    list.clear();
    let scale = view.pixels_per_point * wall.marker_scale;
    let fade = (time.delta_secs() * FADE_PER_SEC).min(1.0);
    let mut taken = Taken::default();
    let Labels { labels, shown } = &mut *labels;
    for (label, shown) in labels.iter().zip(shown.iter_mut()) {
        let style = label.kind.style();
        let distance = label.place.distance(view.camera).max(1.0);
        let pixels_a_metre = view.pixels_at_one_m / distance / scale;
        let wanted = layers.shows(Layer::Labels)
            && pixels_a_metre >= style.from_pixels_a_metre
            && pixels_a_metre <= style.to_pixels_a_metre;
        let pixel = if wanted { view.visible_pixel(label.place, 0.0) } else { None };
        let size_px = style.size_pt * scale;
        let is_placed = pixel.is_some_and(|pixel| {
            let width = font.0.width_em(&label.text) * size_px;
            taken.claim(Rect::from_center_size(pixel, Vec2::new(width + size_px, size_px * 1.7)))
        });
        let goal = if is_placed { 1.0 } else { 0.0 };
        *shown += (goal - *shown).clamp(-fade, fade);
        if *shown > 0.03 {
            let (color, halo) = (faded(style.color, *shown), faded(palette::HALO, *shown));
            font.0.write(&label.text, label.place, Vec2::ZERO, size_px, color, halo, list);
        }
    }
}

fn hand_over_glyphs(mut font: ResMut<LabelFont>, mut scene: ResMut<Scene>) {
    if let Some(pixels) = font.0.changed_pixels() {
        scene.glyphs = pixels;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_refused() {
        let mut taken = Taken::default();
        assert!(taken.claim(Rect::new(0.0, 0.0, 200.0, 20.0)));
        assert!(!taken.claim(Rect::new(190.0, 10.0, 300.0, 30.0)));
        assert!(taken.claim(Rect::new(201.0, 0.0, 300.0, 20.0)));
    }

    #[test]
    fn every_character_of_the_demo_is_in_the_font() {
        let glyphs = Glyphs::new(FONT).expect("the shipped font");
        for character in "府山街道网格员巡查问题暴露垃圾占道经营衢江信安湖—…·0123456789ABCxyz".chars()
        {
            assert!(glyphs.has(character), "{character}");
        }
    }
}
