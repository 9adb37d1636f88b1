//! The doctor: the database, then what has to fit it: the photos beside it, and the place that its posts are for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::attachments::{Examined, examine_photos};
use super::store::records::Record;
use super::store::{Database, Diagnosis, Finding, Held, HeldPost, Note, OpenError, StoreError, examine_rows};
use super::{organisation, webhooks};
use crate::governance::organisation::{Detail, PlacedUnit, UnitKind};

/// What lies beside a database and has to fit it; what is not named is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// The folder of its photos.
    pub files: Option<PathBuf>,
    /// What the place's files say it consists of, and the departments that its classes name.
    pub place: Option<(Vec<PlacedUnit>, BTreeSet<String>)>,
}

/// Examines a database, and what lies beside it.
///
/// # Errors
/// Where it is none of ours or cannot be read at all; everything else is a [`Finding`] or a [`Note`].
pub async fn examine(database: impl Into<Database>, beside: &Beside) -> Result<Diagnosis, OpenError> {
    let database = database.into();
    let (mut diagnosis, held) = examine_rows(database.clone()).await?;
    let Held { photos, posts, records } = held;
    examine_records(&records, &mut diagnosis);
    examine_posts(&posts, &records, beside, &mut diagnosis);
    if let Some(folder) = &beside.files {
        let count = photos.len();
        if count > 0 && !folder.is_dir() {
            diagnosis.find(Finding::NoPhotos { count, folder: folder.clone() });
            return Ok(diagnosis);
        }
        let looked_at = look_at(folder, photos).await;
        let examined = looked_at
            .map_err(|error| database.error(StoreError::Damaged(format!("{}: {error}", folder.display()))))?;
        tell(examined, &mut diagnosis);
    }
    Ok(diagnosis)
}

async fn look_at(
    folder: &Path,
    photos: Vec<super::store::attachments::StoredPhoto>,
) -> std::io::Result<Examined> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || examine_photos(&folder, photos))
        .await
        .map_err(std::io::Error::other)?
}

fn tell(examined: Examined, diagnosis: &mut Diagnosis) {
    let Examined { photos, bytes, wrong, stray } = examined;
    (diagnosis.photos, diagnosis.photo_bytes) = (photos, bytes);
    for (photo, fault) in wrong {
        let (hash, reason) = (photo.hash, fault.to_string());
        if photo.is_used {
            diagnosis.find(Finding::Photo { hash, reason });
        } else {
            diagnosis.note(Note::Upload { hash, reason });
        }
    }
    let count = stray.len();
    if let Some(first) = stray.into_iter().next() {
        diagnosis.note(Note::StrayFiles { count, first });
    }
}

/// Whether everything that is edited can be read back: a server that cannot does not start, or leaves somebody out.
fn examine_records(records: &[(String, Record)], diagnosis: &mut Diagnosis) {
    for (kind, record) in records {
        let read = organisation::check_record(kind, record).or_else(|| webhooks::check_record(kind, record));
        if let Some(Err(error)) = read {
            let (kind, id) = (kind.clone(), record.id.clone());
            diagnosis.find(Finding::Record { kind, id, reason: error.to_string() });
        }
    }
}

/// Whether there are the areas and departments that posts are for.
fn examine_posts(
    posts: &[HeldPost],
    records: &[(String, Record)],
    beside: &Beside,
    diagnosis: &mut Diagnosis,
) {
    let Some((units, departments)) = &beside.place else {
        let is_somewhere =
            |held: &&HeldPost| !held.post.areas.is_empty() || !held.post.departments.is_empty();
        let posts = posts.iter().filter(is_somewhere).count();
        if posts > 0 {
            diagnosis.note(Note::PlaceUnknown { posts });
        }
        return;
    };
    let known = Known::of(units, departments, records);
    for HeldPost { holder, post } in posts {
        for area in post.areas.iter().filter(|area| !known.areas.contains(area.as_str())) {
            diagnosis.find(
                holder.finding(format!("its post {} has the area {area}, which there is not", post.name)),
            );
        }
        for name in post.departments.iter().filter(|name| !known.departments.contains(name.as_str())) {
            let reason = format!("its post {} has the department {name}, which there is not", post.name);
            diagnosis.find(holder.finding(reason));
        }
    }
}

/// What there is to be responsible for.
struct Known {
    areas: BTreeSet<String>,
    departments: BTreeSet<String>,
}

impl Known {
    /// As the files of the place have it, and as it was edited since.
    fn of(units: &[PlacedUnit], departments: &BTreeSet<String>, records: &[(String, Record)]) -> Self {
        let mut standing: BTreeMap<(UnitKind, String), Option<PlacedUnit>> = units
            .iter()
            .map(|placed| ((placed.unit.kind(), placed.unit.code.clone()), Some(placed.clone())))
            .collect();
        for (_, record) in records.iter().filter(|(kind, _)| kind == organisation::UNITS) {
            // What cannot be read was told.
            if let Ok((key, held)) = organisation::unit_of(record) {
                standing.insert(key, held.unit);
            }
        }
        let mut known = Self { areas: BTreeSet::new(), departments: departments.clone() };
        for PlacedUnit { unit, .. } in standing.into_values().flatten() {
            known.departments.extend(unit.company().map(str::to_owned));
            if unit.kind().is_area() {
                known.areas.insert(unit.code.clone());
            }
            // A community handles what nobody else runs, under its name.
            match unit.detail {
                Detail::Community => known.departments.extend([unit.name]),
                Detail::Department { .. } => known.departments.extend([unit.name, unit.code]),
                Detail::Alley { department, .. } => known.departments.extend(department),
                _ => {}
            }
        }
        known
    }
}
