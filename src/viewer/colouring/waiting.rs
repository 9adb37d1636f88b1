//! Slots of the situation that wait to be looked at: each once, however often it changes meanwhile, in the order in which
//! they came.

use std::collections::VecDeque;

use crate::viewer::slots;

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    order: VecDeque<u32>,
    /// Of each slot. Slots are small numbers and given anew, so this stays short.
    is_in: Vec<bool>,
}

impl Waiting {
    /// Lets a slot wait, where it does not already.
    pub(super) fn wait(&mut self, slot: u32) {
        if let Some(is_in) = slots::entry(&mut self.is_in, slot, || false)
            && !std::mem::replace(is_in, true)
        {
            self.order.push_back(slot);
        }
    }

    /// Takes out those that have waited the longest, so many at most.
    pub(super) fn take(&mut self, most: usize) -> Vec<u32> {
        let count = most.min(self.order.len());
        let taken: Vec<u32> = self.order.drain(..count).collect();
        for slot in &taken {
            if let Some(is_in) = self.is_in.get_mut(*slot as usize) {
                *is_in = false;
            }
        }
        taken
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_waits_once_and_may_wait_again_when_it_was_taken() {
        let mut waiting = Waiting::default();
        for slot in [5, 2, 5, 9, 2] {
            waiting.wait(slot);
        }
        assert_eq!(waiting.take(2), [5, 2]);
        assert!(!waiting.is_empty());
        waiting.wait(5);
        waiting.wait(9);
        assert_eq!(waiting.take(9), [9, 5]);
        assert!(waiting.is_empty());
        assert!(waiting.take(9).is_empty());
    }
}
