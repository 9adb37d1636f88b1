//! Names in the picture: communities, water, parks, roads, landmarks, buildings.
//!
//! Labels never overlap each other, the texts and pins of markers, or panels: the more important, then the nearer one
//! wins, and what goes or comes fades. Road names follow their road (`along`); names on the ground and on roofs go
//! where a building stands before them (`sight`).
//! They are composed when the view or what lies over it changes, not each frame.

mod along;
mod compose;
mod glyphs;
mod kinds;
pub(super) mod names;
mod sight;
mod taken;

pub use compose::LabelsOnScreen;
pub use glyphs::Glyphs;
pub use kinds::LabelKind;

use std::sync::Arc;

use bevy::prelude::*;

use super::actions::Action;
use super::selection::Selection;
use super::stage::Scene;
use super::{ShowSystems, ViewerSystems};
use crate::language::Language;

/// The font of the panels and of the labels.
pub const FONT: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-Regular.ttf");

/// A place on a line that a name may be written along.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The whole line: east, up, south, metres.
    pub points: Arc<[Vec3]>,
    /// On which piece of it the label's place lies.
    pub piece: usize,
    /// 0 for the first place to be named, more for those that come where there is room.
    pub rank: u8,
    /// Which street: its names keep away from each other.
    pub street: u32,
}

/// A name at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What is written.
    pub text: String,
    /// The same in English, where it is known.
    pub text_en: Option<String>,
    /// Where: east, up, south, metres.
    pub place: Vec3,
    /// What it names.
    pub kind: LabelKind,
    /// How wide that is, metres; 0 where it has no width.
    pub extent_m: f32,
    /// The line that it is written along.
    pub stretch: Option<Stretch>,
    /// What a click on it chooses.
    pub leads_to: Option<Selection>,
}

impl Label {
    /// A name at a point.
    pub fn new(kind: LabelKind, text: &str, place: Vec3) -> Self {
        let text = text.to_owned();
        Self { text, text_en: None, place, kind, extent_m: 0.0, stretch: None, leads_to: None }
    }

    /// With another name in English.
    pub fn in_english(mut self, text: Option<&str>) -> Self {
        self.text_en = text.map(str::to_owned);
        self
    }

    /// Of something so wide, metres.
    pub fn as_wide_as(mut self, extent_m: f32) -> Self {
        self.extent_m = extent_m;
        self
    }

    /// Written along a line.
    pub fn along(mut self, stretch: Stretch) -> Self {
        self.stretch = Some(stretch);
        self
    }

    /// A click on it chooses this.
    pub fn leading_to(mut self, selection: Selection) -> Self {
        self.leads_to = Some(selection);
        self
    }

    fn text_in(&self, language: Language) -> &str {
        match (language, &self.text_en) {
            (Language::English, Some(text)) => text,
            _ => &self.text,
        }
    }
}

/// The names of a place, and how much of each is to be seen.
#[derive(Resource, Default)]
pub struct Labels {
    all: Vec<Label>,
    shown: Vec<compose::Shown>,
    revision: u64,
}

impl Labels {
    /// Replaces all labels. The most important come first from now on.
    pub fn replace(&mut self, mut labels: Vec<Label>) {
        labels.sort_by_key(|label| std::cmp::Reverse(label.kind));
        self.shown = vec![compose::Shown::default(); labels.len()];
        self.all = labels;
        self.revision += 1;
    }
}

/// The glyphs that labels and markers are written with.
#[derive(Resource)]
pub struct LabelFont(pub Glyphs);

/// The language of the names, where the data has more than one.
#[derive(Resource, Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelLanguage(pub Language);

/// The system that writes names; what keeps them away is to be there before it.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LabelsComposed;

pub(super) fn plugin(app: &mut App) {
    match Glyphs::new(FONT) {
        Ok(glyphs) => {
            app.insert_resource(LabelFont(glyphs));
        }
        Err(error) => error!("the shipped font cannot be read, so nothing is labelled: {error}"),
    }
    app.init_resource::<Labels>()
        .init_resource::<LabelLanguage>()
        .init_resource::<LabelsOnScreen>()
        .add_systems(Update, change_language.in_set(ViewerSystems::Apply))
        .add_systems(
            Update,
            (compose::compose_labels, hand_over_glyphs)
                .chain()
                .in_set(LabelsComposed)
                .in_set(ShowSystems::Labels)
                .run_if(resource_exists::<LabelFont>),
        );
}

fn change_language(mut actions: MessageReader<Action>, mut language: ResMut<LabelLanguage>) {
    for action in actions.read() {
        if let Action::SetLanguage(wanted) = action {
            language.set_if_neq(LabelLanguage(*wanted));
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
    fn a_name_is_english_where_there_is_an_english_one() {
        let label = Label::new(LabelKind::Water, "A", Vec3::ZERO);
        assert_eq!(label.text_in(Language::English), "A");
        let both = label.in_english(Some("B"));
        assert_eq!((both.text_in(Language::English), both.text_in(Language::Chinese)), ("B", "A"));
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
