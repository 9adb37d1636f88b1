//! The panels in the picture.

use yunfushan::language::Language;
use yunfushan::viewer::actions::Action;

use super::compare::difference;
use super::{alone, demo, morning, viewer};

/// A minute that ends meanwhile changes a digit or two of the clock; a text without its glyphs is far more.
const SHARE: f64 = 0.002;

#[test]
fn a_text_that_is_new_has_all_its_glyphs_at_once() {
    let _alone = alone();
    let mut viewer = viewer(demo(), morning());
    let chinese = viewer.picture().expect("a picture");
    viewer.world_mut().write_message(Action::SetLanguage(Language::English));
    let first = viewer.picture().expect("a picture");
    viewer.settle();
    let later = viewer.picture().expect("a picture");
    let (_, changed) = difference(&chinese.rgba, &later.rgba);
    assert!(changed > 3.0 * SHARE, "the panels speak English: {changed:.4}");
    let (_, missing) = difference(&first.rgba, &later.rgba);
    assert!(missing < SHARE, "{:.3} % of the first picture's pixels are off", missing * 100.0);
}
