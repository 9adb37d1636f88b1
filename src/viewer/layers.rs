//! The layers that can be shown and hidden.

use bevy::prelude::*;

use super::ViewerSystems;
use super::actions::Action;
use super::stage::Scene;

/// A layer of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Buildings.
    Buildings,
    /// Roads, water, green.
    Ground,
    /// Outlines of communities.
    Areas,
    /// Issues.
    Issues,
    /// Patrols.
    Patrols,
    /// Where patrols have been.
    Trails,
    /// Names.
    Labels,
}

impl Layer {
    /// Every layer, in the order of the switches.
    pub const ALL: [Self; 7] =
        [Self::Issues, Self::Patrols, Self::Trails, Self::Labels, Self::Areas, Self::Buildings, Self::Ground];

    /// The key of its name in the message files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Buildings => "layer-buildings",
            Self::Ground => "layer-ground",
            Self::Areas => "layer-areas",
            Self::Issues => "layer-issues",
            Self::Patrols => "layer-patrols",
            Self::Trails => "layer-trails",
            Self::Labels => "layer-labels",
        }
    }
}

/// Which layers are shown.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    hidden: Vec<Layer>,
}

impl Layers {
    /// Nothing but the city itself.
    pub fn bare() -> Self {
        Self { hidden: vec![Layer::Issues, Layer::Patrols, Layer::Trails, Layer::Labels, Layer::Areas] }
    }

    /// Whether a layer is shown.
    pub fn shows(&self, layer: Layer) -> bool {
        !self.hidden.contains(&layer)
    }

    /// Shows or hides a layer.
    pub fn set(&mut self, layer: Layer, shown: bool) {
        self.hidden.retain(|held| *held != layer);
        if !shown {
            self.hidden.push(layer);
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Layers>().add_systems(Update, switch_layers.in_set(ViewerSystems::Apply));
}

pub(super) fn switch_layers(
    mut actions: MessageReader<Action>,
    mut layers: ResMut<Layers>,
    mut scene: ResMut<Scene>,
) {
    for action in actions.read() {
        if let Action::SetLayer(layer, shown) = action {
            layers.set(*layer, *shown);
        }
    }
    if layers.is_changed() {
        scene.switches.buildings = layers.shows(Layer::Buildings);
        scene.switches.ground = layers.shows(Layer::Ground);
        scene.switches.areas = layers.shows(Layer::Areas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_can_be_hidden_and_shown_again() {
        let mut layers = Layers::default();
        assert!(Layer::ALL.iter().all(|layer| layers.shows(*layer)));
        layers.set(Layer::Trails, false);
        layers.set(Layer::Trails, false);
        assert!(!layers.shows(Layer::Trails));
        layers.set(Layer::Trails, true);
        assert_eq!(layers, Layers::default());
    }
}
