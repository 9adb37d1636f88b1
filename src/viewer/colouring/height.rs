//! By height: from the ground to the top, in metres.

use super::scale::{Class, Scale};
use super::{Colouring, tone};
use crate::city::BuildingRef;

/// Where classes begin, metres: one and two, four, six storeys of homes, then the limits of the fire code (GB 50016-2014,
/// table 5.1.1): 27 m and above a home is a high-rise, above 54 m one of the first kind, and 100 m is super-high.
const BREAKS_M: [f32; 6] = [6.0, 12.0, 18.0, 27.0, 54.0, 100.0];

/// By height.
pub(super) struct ByHeight {
    scale: Scale,
}

impl ByHeight {
    pub(super) fn new() -> Self {
        let colors = tone::ramp(&tone::BLUE_GREEN, BREAKS_M.len() + 1);
        Self { scale: Scale::of_numbers(&BREAKS_M, colors, super::between) }
    }
}

impl Colouring for ByHeight {
    fn scale(&self) -> &Scale {
        &self.scale
    }

    fn class(&self, building: BuildingRef<'_>) -> Class {
        self.scale.class(building.rise_m())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::viewer::colouring::scale::Name;

    #[test]
    fn the_fire_code_begins_new_classes() {
        let scale = ByHeight::new().scale;
        assert_eq!([3.0, 26.9, 27.0, 54.0, 300.0].map(|height_m| scale.class(height_m)), [0, 3, 4, 5, 6]);
        assert_eq!(scale.classes.first().map(|(_, name)| *name), Some(Name::Between(0.0, 6.0)));
    }
}
