//! Classes over pins and names under patrols, where they are near: the most pressing first, and never over each other.

use std::ops::Range;

use bevy::math::Rect;
use bevy::prelude::*;

use super::Markers;
use super::compose::{Composition, Key, flag};
use super::pick::{Head, MarkersOnScreen};
use crate::viewer::labels::LabelFont;
use crate::viewer::palette::{self, Rgba};
use crate::viewer::situation::Live;
use crate::viewer::sprites::SpriteList;
use crate::viewer::stage::Sprite;
use crate::viewer::wall::WallMode;

/// From this many pixels a metre on, classes are written, and a little later names.
const CLASS_PIXELS_A_METRE: f32 = 1.3;
const NAME_PIXELS_A_METRE: f32 = 1.6;
/// So many texts at most.
const MOST_TEXTS: usize = 90;
const CLASS_PT: f32 = 12.5;
const NAME_PT: f32 = 11.5;

/// What has been written, and for which composing.
#[derive(Default)]
pub(super) struct Written {
    /// The composing, how often the atlas was begun anew, and whether names are masked.
    of: Option<(u32, u32, bool)>,
    /// Names under patrols: which of the markers on screen, and their sprites.
    names: Vec<(usize, Range<usize>)>,
}

struct Text<'a> {
    /// Which of the markers on screen.
    shown: usize,
    rank: u32,
    head: Head,
    words: &'a str,
    is_name: bool,
    color: Rgba,
}

pub(super) fn write(
    on_screen: Res<MarkersOnScreen>,
    markers: Res<Markers>,
    live: Res<Live>,
    wall: Res<WallMode>,
    composition: Res<Composition>,
    font: Option<ResMut<LabelFont>>,
    mut sprites: ResMut<SpriteList>,
    mut written: Local<Written>,
) {
    let list = &mut sprites.bypass_change_detection().markers;
    let Some(mut font) = font else { return };
    let of = Some((composition.number, font.0.restarts(), wall.masks_names));
    if written.of == of {
        if composition.motion.glides(on_screen.geometry.now_ms) {
            follow(&on_screen, &written.names, list);
        }
        return;
    }
    list.clear();
    written.names.clear();
    let mut texts: Vec<Text> = on_screen
        .shown
        .iter()
        .enumerate()
        .filter_map(|(index, shown)| {
            let marker = &shown.marker;
            let is_marked = marker.flags & (flag::CHOSEN | flag::HOVERED) != 0;
            let is_urgent = marker.flags & flag::URGENT != 0;
            let wants = |head: &Head, least| is_marked || head.pixels_a_metre > least;
            match shown.key {
                Key::Issue(slot) => {
                    let head = on_screen
                        .geometry
                        .head(marker)
                        .filter(|head| is_urgent || wants(head, CLASS_PIXELS_A_METRE))?;
                    let text = live.situation.issue_at(slot)?.class_short();
                    let color = if is_urgent { palette::URGENT } else { palette::LABEL };
                    let rank = u32::from(is_marked) * 4 + u32::from(is_urgent) * 2;
                    Some(Text { shown: index, rank, head, words: text, is_name: false, color: bright(color) })
                }
                Key::Patrol(slot) => {
                    let head =
                        on_screen.geometry.head(marker).filter(|head| wants(head, NAME_PIXELS_A_METRE))?;
                    let text = live.situation.patrol_at(slot)?.patrol.name.as_str();
                    let is_silent = markers.patrols.at(slot)?.is_silent;
                    let color = if is_silent { palette::PATROL_SILENT } else { palette::PATROL_NAME };
                    let rank = u32::from(is_marked) * 4 + 1;
                    Some(Text { shown: index, rank, head, words: text, is_name: true, color })
                }
                Key::IssueGroup(_) | Key::PatrolGroup(_) => None,
            }
        })
        .collect();
    texts.sort_by(|a, b| b.rank.cmp(&a.rank).then(b.head.pixels_a_metre.total_cmp(&a.head.pixels_a_metre)));
    let mut taken: Vec<Rect> = Vec::new();
    for Text { shown, head, words: text, is_name, color, .. } in &texts {
        if taken.len() >= MOST_TEXTS {
            break;
        }
        let hidden;
        let text = if *is_name && wall.masks_names {
            hidden = masked(text);
            hidden.as_str()
        } else {
            text
        };
        let size = if *is_name { NAME_PT } else { CLASS_PT } * on_screen.geometry.scale;
        let rise =
            if *is_name { -(head.radius_px + size * 0.75) } else { head.radius_px * 1.25 + size * 0.6 };
        let offset = head.spread_px + Vec2::new(0.0, rise);
        let middle = head.pixel - Vec2::new(0.0, rise);
        let rect = Rect::from_center_size(middle, Vec2::new(font.0.width_em(text) * size + 4.0, size * 1.25));
        if taken.iter().any(|held| !held.intersect(rect).is_empty()) {
            continue;
        }
        taken.push(rect);
        let first = list.len();
        font.0.write(text, head.anchor, offset, size, *color, palette::HALO, list);
        if *is_name {
            written.names.push((*shown, first..list.len()));
        }
    }
    // Writing may have begun the atlas anew: then all is written once more in the next frame.
    written.of = of;
}

/// Names go with who glides.
fn follow(on_screen: &MarkersOnScreen, names: &[(usize, Range<usize>)], sprites: &mut [Sprite]) {
    for (shown, range) in names {
        let head = on_screen.shown.get(*shown).and_then(|shown| on_screen.geometry.head(&shown.marker));
        let (Some(head), Some(sprites)) = (head, sprites.get_mut(range.clone())) else { continue };
        for sprite in sprites {
            sprite.anchor = head.anchor.to_array();
        }
    }
}

/// A name of which only the first character is kept (王**).
pub(crate) fn masked(name: &str) -> String {
    name.chars().enumerate().map(|(index, character)| if index == 0 { character } else { '*' }).collect()
}

fn bright(color: Rgba) -> Rgba {
    let lighter = |byte: u8| byte.saturating_add((255 - byte) / 3);
    [lighter(color[0]), lighter(color[1]), lighter(color[2]), color[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked() {
        assert_eq!(masked("王小明"), "王**");
        assert_eq!(masked(""), "");
    }
}
