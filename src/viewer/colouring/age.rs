//! By age: the year that a building was built; the older, the lighter, since the old ones want looking after.

use super::scale::{Class, Name, Scale, UNKNOWN};
use super::{Colouring, tone};
use crate::city::BuildingRef;

/// Where classes begin. 2000 and before is what the renewal of old estates (老旧小区改造) is about; the older limits are
/// those of housing: before 1949, before reform, the estates of the eighties.
const BREAKS: [i32; 6] = [1950, 1980, 1990, 2000, 2010, 2020];

/// By year built.
pub(super) struct ByAge {
    scale: Scale,
}

impl ByAge {
    pub(super) fn new() -> Self {
        let colors = tone::ramp(&tone::BROWN, BREAKS.len() + 1).into_iter().rev();
        let name = |from: Option<f32>, to: Option<f32>| match (from, to) {
            (Some(from), Some(to)) => Name::Years(from as i32, to as i32 - 1),
            (Some(from), None) => Name::Since(from as i32),
            (None, to) => Name::Before(to.unwrap_or_default() as i32),
        };
        Self { scale: Scale::of_numbers(&BREAKS.map(|year| year as f32), colors, name) }
    }
}

impl Colouring for ByAge {
    fn scale(&self) -> &Scale {
        &self.scale
    }

    fn class(&self, building: BuildingRef<'_>) -> Class {
        building.year().map_or(UNKNOWN, |year| self.scale.class(f32::from(year)))
    }

    fn unknown_key(&self) -> &'static str {
        "colouring-age-unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_told_with_their_last() {
        let scale = ByAge::new().scale;
        assert_eq!(
            [1368.0, 1949.0, 1950.0, 1999.0, 2000.0, 2025.0].map(|year| scale.class(year)),
            [0, 0, 1, 3, 4, 6]
        );
        let names: Vec<Name> = scale.classes.iter().map(|(_, name)| *name).collect();
        assert_eq!(names[0], Name::Before(1950));
        assert_eq!(names[3], Name::Years(1990, 1999));
        assert_eq!(names[6], Name::Since(2020));
        let light = |class: usize| tone::oklab(scale.classes[class].0)[0];
        assert!(light(0) > light(3) && light(3) > light(6), "the older, the lighter");
    }
}
