//! Things held by id, with versions, tombstones, and a mark of what changed in the current round of changes.
//!
//! What changed is told by slot: those who follow keep what they know by slot too, and ten thousand moves a second need no
//! id to be copied or hashed for each of them. A slot is free for another only after the round that told it as removed.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// How many tombstones are kept; the oldest go first.
/// They only matter against an older version that arrives later, which is a matter of one snapshot.
const MAX_TOMBSTONES: usize = 200_000;

/// Things of one kind, by id. Iteration is in the order of slots, so it is the same on every run.
#[derive(Debug)]
pub(super) struct Held<Id, T> {
    slots: Vec<Option<Entry<Id, T>>>,
    free: Vec<u32>,
    by_id: HashMap<Id, u32>,
    tombstones: HashMap<Id, u64>,
    tombstone_order: VecDeque<Id>,
    /// The slots of what changed in this round, each once; some of it may have gone since.
    touched: Vec<u32>,
    /// What went in this round, and its slot.
    gone: HashMap<Id, u32>,
    removed_in_round: bool,
    round: u64,
}

/// What is gone, and the slot that it had: free for another from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone<Id> {
    /// The slot.
    pub slot: u32,
    /// Whose it was.
    pub id: Id,
}

#[derive(Debug)]
struct Entry<Id, T> {
    id: Id,
    version: u64,
    touched_in: u64,
    value: T,
}

impl<Id, T> Default for Held<Id, T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            tombstones: HashMap::new(),
            tombstone_order: VecDeque::new(),
            touched: Vec::new(),
            gone: HashMap::new(),
            removed_in_round: false,
            round: 1,
        }
    }
}

impl<Id: Clone + Eq + Hash + Ord, T> Held<Id, T> {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn get(&self, id: &Id) -> Option<&T> {
        Some(&self.entry(*self.by_id.get(id)?)?.value)
    }

    pub(super) fn slot(&self, id: &Id) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    pub(super) fn at_slot(&self, slot: u32) -> Option<&T> {
        Some(&self.entry(slot)?.value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten().map(|entry| &entry.value)
    }

    pub(super) fn by_slot(&self) -> impl Iterator<Item = (u32, &T)> {
        (0..).zip(&self.slots).filter_map(|(slot, entry)| Some((slot, &entry.as_ref()?.value)))
    }

    fn entry(&self, slot: u32) -> Option<&Entry<Id, T>> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// Whether a version of something is news: higher than the one held and than its tombstone.
    pub(super) fn is_news(&self, id: &Id, version: u64) -> bool {
        match self.by_id.get(id).and_then(|slot| self.entry(*slot)) {
            Some(entry) => version > entry.version,
            None => self.tombstones.get(id).is_none_or(|tombstone| version > *tombstone),
        }
    }

    /// Changes what is held in place if this version is higher. `false` if nothing of that id is held, or it is no news.
    pub(super) fn change(&mut self, id: &Id, version: u64, change: impl FnOnce(&mut T)) -> bool {
        let round = self.round;
        let Some(slot) = self.slot(id) else { return false };
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else { return false };
        if version <= entry.version {
            return false;
        }
        entry.version = version;
        change(&mut entry.value);
        if std::mem::replace(&mut entry.touched_in, round) != round {
            self.touched.push(slot);
        }
        true
    }

    /// Adds something new; only after [`Held::is_news`], and only if nothing of that id is held.
    pub(super) fn add(&mut self, id: Id, version: u64, value: T) {
        // What comes again within the round has its slot back, and has only changed.
        let slot = self.gone.remove(&id).or_else(|| self.free.pop()).unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len().saturating_sub(1) as u32
        });
        self.touched.push(slot);
        let entry = Some(Entry { id: id.clone(), version, touched_in: self.round, value });
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = entry;
            self.by_id.insert(id, slot);
        }
    }

    /// Removes as of a version; `false` if that is no news. A tombstone stays, even for what was never held.
    pub(super) fn remove(&mut self, id: &Id, version: u64) -> bool {
        if !self.is_news(id, version) {
            return false;
        }
        self.bury(id, version);
        self.take_out(id)
    }

    /// Removes everything that `keep` does not name. A tombstone of the version held stays for each.
    pub(super) fn retain(&mut self, mut keep: Vec<Id>) {
        keep.sort_unstable();
        let gone: Vec<(Id, u64)> = self
            .slots
            .iter()
            .flatten()
            .filter(|entry| keep.binary_search(&entry.id).is_err())
            .map(|entry| (entry.id.clone(), entry.version))
            .collect();
        for (id, version) in gone {
            self.bury(&id, version);
            self.take_out(&id);
        }
    }

    /// Forgets everything, tombstones too.
    pub(super) fn clear(&mut self) {
        let ids: Vec<Id> = self.slots.iter().flatten().map(|entry| entry.id.clone()).collect();
        for id in ids {
            self.take_out(&id);
        }
        self.tombstones.clear();
        self.tombstone_order.clear();
    }

    fn bury(&mut self, id: &Id, version: u64) {
        if self.tombstones.insert(id.clone(), version).is_none() {
            self.tombstone_order.push_back(id.clone());
            while self.tombstone_order.len() > MAX_TOMBSTONES {
                if let Some(oldest) = self.tombstone_order.pop_front() {
                    self.tombstones.remove(&oldest);
                }
            }
        }
    }

    fn take_out(&mut self, id: &Id) -> bool {
        let Some(slot) = self.by_id.remove(id) else { return false };
        if let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::take) {
            self.gone.insert(entry.id, slot);
            self.removed_in_round = true;
        }
        true
    }

    /// Ends the round: the slots of what changed and is there, each once, and what is gone, by slot.
    pub(super) fn end_round(&mut self) -> (Vec<u32>, Vec<Gone<Id>>) {
        self.round += 1;
        let mut touched = std::mem::take(&mut self.touched);
        if !std::mem::take(&mut self.removed_in_round) {
            return (touched, Vec::new());
        }
        let mut gone: Vec<_> = self.gone.drain().map(|(id, slot)| Gone { slot, id }).collect();
        gone.sort_unstable_by_key(|gone| gone.slot);
        self.free.extend(gone.iter().map(|gone| gone.slot));
        // Something that went and came again within the round was noted twice, what went for good perhaps once.
        touched.sort_unstable();
        touched.dedup();
        touched.retain(|slot| self.entry(*slot).is_some());
        (touched, gone)
    }
}
