//! The viewer's app without pictures: its schedules, and what actions do to it.

use bevy::ecs::schedule::{LogLevel, ScheduleBuildSettings};
use bevy::prelude::*;
use yunfushan::viewer::app::{Screen, build};

/// Two systems that touch the same data without an order would make a frame depend on chance.
#[test]
fn no_two_systems_are_ambiguous() {
    let mut app = build(&Screen::off_screen(64, 64, 1.0));
    app.edit_schedule(Update, |schedule| {
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            ..ScheduleBuildSettings::default()
        });
    });
    let problems = app.world_mut().schedule_scope(Update, |world, schedule| {
        schedule.initialize(world).err().map(|error| error.to_string(schedule.graph(), world))
    });
    assert_eq!(problems, None);
}
