//! What labels name, how each kind looks, and from how near it is written.

use crate::viewer::palette::{self, Rgba};

/// What kind of thing a label names; the order is that of importance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelKind {
    /// An alley, a path, a numbered lane.
    Lane,
    /// A named building.
    Building,
    /// A grid; written only while it or its community is chosen.
    Grid,
    /// A street where people live.
    Street,
    /// A compound or a business district.
    Compound,
    /// A park or a square.
    Green,
    /// A main road.
    Road,
    /// A gate or a landmark.
    Landmark,
    /// A river, a lake.
    Water,
    /// A community.
    Community,
}

/// How a kind of label looks, and when it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabelStyle {
    /// An em in points.
    pub(super) size_pt: f32,
    pub(super) color: Rgba,
    /// Written where a metre covers at least so many points.
    pub(super) from_points_a_metre: f32,
    /// And at most so many.
    pub(super) to_points_a_metre: f32,
    /// Room that it keeps around itself, ems across and up.
    pub(super) room_em: (f32, f32),
    /// What it names must be at least so many points wide on screen.
    pub(super) least_extent_pt: f32,
    /// Whether a building in front of it hides it.
    pub(super) can_be_hidden: bool,
}

impl LabelKind {
    /// How it looks. On a desk of 1,080 points a metre covers 0.9 points in overview, 2.7 from 600 m, 10 in a street.
    pub(super) const fn style(self) -> LabelStyle {
        let plain = LabelStyle {
            size_pt: 12.5,
            color: palette::LABEL,
            from_points_a_metre: 0.0,
            to_points_a_metre: f32::INFINITY,
            room_em: (1.0, 0.5),
            least_extent_pt: 0.0,
            can_be_hidden: false,
        };
        match self {
            Self::Lane => LabelStyle {
                size_pt: 11.5,
                color: palette::LABEL_QUIET,
                from_points_a_metre: 4.2,
                room_em: (2.0, 1.6),
                can_be_hidden: true,
                ..plain
            },
            Self::Building => LabelStyle {
                size_pt: 12.0,
                from_points_a_metre: 3.6,
                room_em: (1.2, 0.8),
                can_be_hidden: true,
                ..plain
            },
            Self::Grid => LabelStyle {
                size_pt: 13.0,
                color: palette::LABEL_AREA,
                from_points_a_metre: 0.9,
                least_extent_pt: 60.0,
                ..plain
            },
            Self::Street => LabelStyle {
                size_pt: 12.0,
                color: palette::LABEL_QUIET,
                from_points_a_metre: 1.9,
                room_em: (1.6, 1.0),
                can_be_hidden: true,
                ..plain
            },
            Self::Compound => LabelStyle {
                size_pt: 12.5,
                color: palette::LABEL_AREA,
                from_points_a_metre: 1.7,
                to_points_a_metre: 7.0,
                least_extent_pt: 90.0,
                ..plain
            },
            Self::Green => {
                LabelStyle { size_pt: 12.5, color: palette::LABEL_GREEN, least_extent_pt: 84.0, ..plain }
            }
            Self::Road => LabelStyle {
                size_pt: 12.5,
                color: palette::LABEL_ROAD,
                from_points_a_metre: 0.55,
                room_em: (1.6, 0.8),
                can_be_hidden: true,
                ..plain
            },
            Self::Landmark => LabelStyle { size_pt: 13.5, from_points_a_metre: 0.30, ..plain },
            Self::Water => {
                LabelStyle { size_pt: 13.5, color: palette::LABEL_WATER, least_extent_pt: 44.0, ..plain }
            }
            Self::Community => LabelStyle {
                size_pt: 15.5,
                color: palette::LABEL_AREA,
                from_points_a_metre: 0.25,
                to_points_a_metre: 2.4,
                room_em: (1.4, 0.8),
                ..plain
            },
        }
    }

    /// Whether it is written along a line.
    pub(super) const fn is_road(self) -> bool {
        matches!(self, Self::Lane | Self::Street | Self::Road)
    }
}
