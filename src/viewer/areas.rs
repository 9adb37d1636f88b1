//! The chosen area: by its label, by search, or by the filter of the lists.
//!
//! Reads [`Chosen`] and [`Filter`]; owns [`ChosenArea`].

use bevy::prelude::*;

use super::filter::Filter;
use super::place::Stand;
use super::selection::{Chosen, Selection};
use super::{ShowSystems, ViewerSystems};
use crate::city::AreaKind;

/// The area whose boundary is shown, as it stands in the place's list of areas.
#[derive(Resource, Default, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChosenArea(pub Option<u32>);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ChosenArea>().add_systems(
        Update,
        choose_area.in_set(ViewerSystems::Show).before(ShowSystems::Light).run_if(resource_exists::<Stand>),
    );
}

fn choose_area(chosen: Res<Chosen>, filter: Res<Filter>, stand: Res<Stand>, mut area: ResMut<ChosenArea>) {
    if !(chosen.is_changed() || filter.is_changed() || stand.is_changed()) {
        return;
    }
    let filtered = || {
        let position = stand.place.areas.position(AreaKind::Community, filter.community.as_deref()?)?;
        Some(position as u32)
    };
    let wanted = match &chosen.0 {
        Some(Selection::Area(index)) => Some(*index),
        _ => filtered(),
    };
    area.set_if_neq(ChosenArea(wanted));
}
