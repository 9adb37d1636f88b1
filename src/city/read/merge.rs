//! The pieces of a file become one city: ids are made unique, texts are joined, repetitions are left out.

use std::sync::Arc;

use super::super::building::{Buildings, City, range};
use super::super::report::{Reason, Repair, Report};
use super::super::text::{Text, Texts};
use super::ReadError;
use super::raw::Part;
use crate::geo::{Bounds, LocalFrame};

pub(super) fn merge(
    parts: Vec<(Part, u32)>,
    frame: LocalFrame,
    source: Arc<str>,
    report: &mut Report,
) -> Result<City, ReadError> {
    let points: usize = parts.iter().map(|(part, _)| part.buildings.points.len()).sum();
    if u32::try_from(points).is_err() || parts.iter().any(|(part, _)| part.is_full) {
        return Err(ReadError::TooMany);
    }
    let mut city = City { source, ..City::empty(frame) };
    reserve(&mut city.buildings, &parts);
    let mut first = 0;
    for (part, features) in parts {
        append(&mut city, part, first, features, report);
        first += features;
    }
    city.texts.shrink();
    city.ids.shrink();
    city.bounds = Bounds::of_f32(&city.buildings.points);
    report.refused.sort_by_key(|refused| refused.index);
    report.changed.sort_by_key(|changed| changed.index);
    Ok(city)
}

fn reserve(all: &mut Buildings, parts: &[(Part, u32)]) {
    let sum = |of: fn(&Buildings) -> usize| parts.iter().map(|(part, _)| of(&part.buildings)).sum::<usize>();
    all.points.reserve_exact(sum(|b| b.points.len()));
    all.ring_ends.reserve_exact(sum(|b| b.ring_ends.len()));
    all.polygon_ends.reserve_exact(sum(|b| b.polygon_ends.len()));
    let count = sum(Buildings::len);
    all.building_ends.reserve_exact(count);
    all.height_m.reserve_exact(count);
    all.base_m.reserve_exact(count);
    all.levels.reserve_exact(count);
    all.usage.reserve_exact(count);
    all.year.reserve_exact(count);
    all.feature.reserve_exact(count);
    all.name.reserve_exact(count);
    all.address.reserve_exact(count);
    all.compound.reserve_exact(count);
    all.community.reserve_exact(count);
    all.grid.reserve_exact(count);
}

fn append(city: &mut City, part: Part, first: u32, features: u32, report: &mut Report) {
    let Part { buildings: from, texts, ids, id_ends, repairs, report: mut of_part, .. } = part;
    of_part.features = features;
    let renumbered = join(&mut city.texts, &texts);
    let renumber = |text: &Text| renumbered.get(text.0 as usize).copied().unwrap_or_default();
    let to = &mut city.buildings;
    let mut number = String::new();
    for i in 0..from.len() {
        let local_feature = from.feature.get(i).copied().unwrap_or(0);
        let feature = first + local_feature;
        let id = ids.get(range(&id_ends, i)).unwrap_or_default();
        let known = if id.is_empty() { None } else { city.ids.find(id) };
        if id.is_empty() || known.is_some() {
            if let Some(earlier) = known
                && is_same(to, earlier.0 as usize, &from, i)
            {
                let earlier = to.feature.get(earlier.0 as usize).copied().unwrap_or(0);
                report.refuse(feature, Some(id), Reason::SameAs(earlier));
                continue;
            }
            of_part.repair(local_feature, if id.is_empty() { Repair::IdMissing } else { Repair::IdRepeated });
            number.clear();
            number.push('#');
            number.push_str(&feature.to_string());
            while !city.ids.insert(&number).1 {
                number.push('\'');
            }
        } else {
            city.ids.insert(id);
        }
        for repair in Repair::of_bits(repairs.get(i).copied().unwrap_or(0)) {
            of_part.repair(local_feature, repair);
        }
        copy_shape(to, &from, i);
        to.feature.push(feature);
        of_part.shown += 1;
        for (to, from) in [
            (&mut to.name, &from.name),
            (&mut to.address, &from.address),
            (&mut to.compound, &from.compound),
            (&mut to.community, &from.community),
            (&mut to.grid, &from.grid),
        ] {
            to.push(from.get(i).map(renumber).unwrap_or_default());
        }
        to.height_m.extend(from.height_m.get(i));
        to.base_m.extend(from.base_m.get(i));
        to.levels.extend(from.levels.get(i));
        to.usage.extend(from.usage.get(i));
        to.year.extend(from.year.get(i));
    }
    report.append(of_part, first);
}

/// Puts the texts of a piece into the city's; gives the new number of each.
fn join(all: &mut Texts, piece: &Texts) -> Vec<Text> {
    (0..piece.len() as u32).map(|i| all.intern(piece.get(Text(i)))).collect()
}

fn copy_shape(to: &mut Buildings, from: &Buildings, i: usize) {
    for polygon in range(&from.building_ends, i) {
        for ring in range(&from.polygon_ends, polygon) {
            to.points.extend_from_slice(from.points.get(range(&from.ring_ends, ring)).unwrap_or_default());
            to.ring_ends.push(to.points.len() as u32);
        }
        to.polygon_ends.push(to.ring_ends.len() as u32);
    }
    to.building_ends.push(to.polygon_ends.len() as u32);
}

/// Whether two buildings have the same rings and height.
fn is_same(a: &Buildings, i: usize, b: &Buildings, j: usize) -> bool {
    fn rings(of: &Buildings, i: usize) -> impl Iterator<Item = &[[f32; 2]]> {
        range(&of.building_ends, i)
            .flat_map(|polygon| range(&of.polygon_ends, polygon))
            .map(|ring| of.points.get(range(&of.ring_ends, ring)).unwrap_or_default())
    }
    rings(a, i).eq(rings(b, j))
        && a.height_m.get(i) == b.height_m.get(j)
        && a.base_m.get(i) == b.base_m.get(j)
}
