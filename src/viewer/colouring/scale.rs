//! Classes: into which a colouring sorts buildings, their colours, and what a legend calls them.

use super::tone;
use crate::city::BuildingUse;

/// sRGB.
pub type Rgb = [u8; 3];

/// The number of a class, or [`UNKNOWN`].
pub type Class = u8;

/// Nothing is known of the building.
pub const UNKNOWN: Class = Class::MAX;

/// What a legend calls a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Name {
    /// Uses of buildings, in the words of the place's vocabulary.
    Uses(&'static [BuildingUse]),
    /// One whole number.
    Count(u32),
    /// From a number up to another, which is of the next class; decimals as many as needed.
    Between(f32, f32),
    /// So much and more.
    From(f32),
    /// Years, the last one included.
    Years(i32, i32),
    /// Before a year.
    Before(i32),
    /// From a year on.
    Since(i32),
    /// Not so many minutes.
    WithinMinutes(u32),
    /// From so many minutes up to so many.
    Minutes(u32, u32),
    /// So many minutes and more.
    FromMinutes(u32),
}

/// The classes of a colouring, from little to much where they have an order.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    /// Colour and name of each.
    pub classes: Vec<(Rgb, Name)>,
    /// Where each class but the first begins, for colourings by number.
    breaks: Vec<f32>,
}

impl Scale {
    /// Categories without an order.
    pub fn of_categories(classes: Vec<(Rgb, Name)>) -> Self {
        Self { classes, breaks: Vec::new() }
    }

    /// Numbers: a class begins at each break; `name` gets where it begins and ends, `None` for the first and the last.
    pub fn of_numbers(
        breaks: &[f32],
        colors: impl IntoIterator<Item = Rgb>,
        name: impl Fn(Option<f32>, Option<f32>) -> Name,
    ) -> Self {
        let begin = |class: usize| class.checked_sub(1).and_then(|i| breaks.get(i)).copied();
        let classes = colors
            .into_iter()
            .take(breaks.len() + 1)
            .enumerate()
            .map(|(class, color)| (color, name(begin(class), begin(class + 1))))
            .collect();
        Self { classes, breaks: breaks.to_vec() }
    }

    /// The class of a number.
    pub fn class(&self, number: f32) -> Class {
        self.breaks.iter().take_while(|begin| number >= **begin).count() as Class
    }

    /// The colour of a class.
    pub fn color(&self, class: Class) -> Rgb {
        self.classes.get(usize::from(class)).map_or(tone::UNKNOWN, |(color, _)| *color)
    }

    /// The colour of a number, without steps: that of its class in its middle, between two classes between theirs.
    pub fn smooth_color(&self, number: f32) -> Rgb {
        let class = usize::from(self.class(number));
        let begin = class.checked_sub(1).and_then(|i| self.breaks.get(i)).copied();
        let end = self.breaks.get(class).copied();
        let (Some(begin), Some(end)) = (begin, end) else { return self.color(class as Class) };
        let share = (number - begin) / (end - begin).max(1e-6);
        let [from, to] = [class, class + 1].map(|class| self.color(class as Class).map(f32::from));
        std::array::from_fn(|i| (from[i] + (to[i] - from[i]) * share).round() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale() -> Scale {
        Scale::of_numbers(&[1.0, 2.0, 4.0], [[0; 3], [10; 3], [20; 3], [40; 3]], |from, to| {
            match (from, to) {
                (Some(from), Some(to)) => Name::Between(from, to),
                (Some(from), None) => Name::From(from),
                (None, to) => Name::Between(0.0, to.unwrap_or(0.0)),
            }
        })
    }

    #[test]
    fn a_class_begins_at_its_break() {
        let scale = scale();
        assert_eq!(
            [-1.0, 0.0, 0.99, 1.0, 3.9, 4.0, 1e9].map(|number| scale.class(number)),
            [0, 0, 0, 1, 2, 3, 3]
        );
        let names: Vec<Name> = scale.classes.iter().map(|(_, name)| *name).collect();
        let wanted =
            [Name::Between(0.0, 1.0), Name::Between(1.0, 2.0), Name::Between(2.0, 4.0), Name::From(4.0)];
        assert_eq!(names, wanted);
        assert_eq!(scale.color(UNKNOWN), tone::UNKNOWN);
    }

    #[test]
    fn between_classes_colours_go_over_into_each_other() {
        let scale = scale();
        assert_eq!(
            [0.5, 1.0, 1.5, 2.0, 3.0, 9.0].map(|number| scale.smooth_color(number)[0]),
            [0, 10, 15, 20, 30, 40]
        );
    }
}
