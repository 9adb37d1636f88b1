//! The one source of truth for what happens: a feed's deliveries applied to a [`Situation`].
//!
//! Reads the feed, owns [`Live`], emits [`SituationChanged`] with what changed; layers and panels react to that.

use std::time::Instant;

use bevy::prelude::*;

use super::ViewerSystems;
use super::located::{self, Located};
use super::pace::{Pace, SMOOTH};
use super::place::Stand;
use super::sky::SceneTime;
use crate::feed::{Changes, Feed, Situation};

/// Updates taken in one frame; more wait for the next.
const MOST_UPDATES_A_FRAME: usize = 4_000;
/// Positions taken in one frame: ten thousand that come at once would be a frame that is felt.
const MOST_MOVES_A_FRAME: usize = 2_500;

/// The situation and the feed that changes it.
#[derive(Resource, Default)]
pub struct Live {
    /// Issues, patrols, clock and the state of the feed.
    pub situation: Situation,
    /// The feed; without one the situation stays as it is.
    pub feed: Option<Feed>,
    /// Grows whenever something changed.
    pub revision: u64,
    /// When the whole snapshot first came.
    pub complete_since: Option<Instant>,
}

/// What changed in the situation since the frame before.
#[derive(Message, Clone, Debug, Default)]
pub struct SituationChanged(pub Changes);

/// The system set after which [`Live`] is that of this frame.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SituationReceived;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Live>().init_resource::<Located>().add_message::<SituationChanged>().add_systems(
        Update,
        (receive, follow_clock, located::locate.run_if(resource_exists::<Stand>))
            .chain()
            .in_set(SituationReceived)
            .in_set(ViewerSystems::Receive),
    );
}

fn receive(mut live: ResMut<Live>, pace: Res<Pace>, mut changed: MessageWriter<SituationChanged>) {
    let live = live.bypass_change_detection();
    let Some(feed) = &live.feed else { return };
    let deliveries = feed.drain(MOST_UPDATES_A_FRAME, MOST_MOVES_A_FRAME);
    if deliveries.is_empty() {
        return;
    }
    if feed.has_more() {
        // There is more than a frame takes, and nobody will say so again.
        pace.moves(SMOOTH, "more data");
    }
    let changes = live.situation.apply_all(deliveries);
    if changes.is_empty() {
        return;
    }
    live.revision += 1;
    if changes.snapshot && live.complete_since.is_none() {
        live.complete_since = Some(Instant::now());
    }
    changed.write(SituationChanged(changes));
}

fn follow_clock(live: Res<Live>, time: Option<ResMut<SceneTime>>) {
    if let (Some(mut time), Some(_)) = (time, live.situation.clock()) {
        time.now = live.situation.now();
    }
}
