//! By use: the uses of `city::BuildingUse`, those that planners paint alike together.

use super::scale::{Class, Name, Rgb, Scale, UNKNOWN};
use super::{Colouring, tone};
use crate::city::{BuildingRef, BuildingUse};

/// Uses that share a class, the colour of Paul Tol's `muted` that is theirs, its lightness and its share of chroma here.
///
/// What there is most of is quiet. Hues follow the planners' habit where they can: homes sand, trade red, industry brown.
/// The lightnesses were searched for so that nobody takes one for another (the test below).
const GROUPS: [(&[BuildingUse], Rgb, f32, f32); 9] = [
    (&[BuildingUse::Residential], [221, 204, 119], 0.56, 0.62),
    (&[BuildingUse::Commercial, BuildingUse::Market], [204, 102, 119], 0.53, 0.72),
    (&[BuildingUse::Office], [51, 34, 136], 0.45, 0.80),
    (&[BuildingUse::School], [136, 204, 238], 0.72, 0.80),
    (&[BuildingUse::Medical], [170, 68, 153], 0.46, 0.80),
    (&[BuildingUse::Public, BuildingUse::Transport], [68, 170, 153], 0.66, 0.80),
    (&[BuildingUse::Historic, BuildingUse::Religious], [221, 221, 221], 0.75, 0.0),
    (&[BuildingUse::Industrial], [153, 153, 51], 0.49, 0.90),
    (&[BuildingUse::Shed], [17, 119, 51], 0.38, 0.90),
];

/// By use.
pub(super) struct ByUse {
    scale: Scale,
}

impl ByUse {
    pub(super) fn new() -> Self {
        let classes = GROUPS.iter().map(|(uses, color, lightness, chroma)| {
            (tone::toned(*color, *lightness, *chroma), Name::Uses(uses))
        });
        Self { scale: Scale::of_categories(classes.collect()) }
    }
}

impl Colouring for ByUse {
    fn scale(&self) -> &Scale {
        &self.scale
    }

    fn class(&self, building: BuildingRef<'_>) -> Class {
        let usage = building.usage();
        GROUPS
            .iter()
            .position(|(uses, _, _, _)| uses.contains(&usage))
            .map_or(UNKNOWN, |group| group as Class)
    }

    fn unknown_key(&self) -> &'static str {
        "colouring-use-unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_but_the_unknown_one_is_in_one_class() {
        for usage in BuildingUse::ALL {
            let groups = GROUPS.iter().filter(|(uses, _, _, _)| uses.contains(&usage)).count();
            assert_eq!(groups, usize::from(usage != BuildingUse::Other), "{usage:?}");
        }
    }

    #[test]
    fn everybody_tells_the_uses_apart() {
        let mut colors: Vec<Rgb> = ByUse::new().scale.classes.iter().map(|(color, _)| *color).collect();
        colors.push(tone::UNKNOWN);
        let (apart, a, b) = tone::tests::smallest_difference(&colors);
        assert!(apart > 0.04, "{apart} between {a} and {b} of {colors:?}");
    }
}
