//! The keys of JavaScript's verifiers, in a ring: nothing is allocated, and the newest key replaces the oldest.

use super::hash::State;
use super::key::Key;

/// How many keys are kept, and so how many secrets a verifier may have. A key that was replaced by a newer one is recreated
/// on demand, so a Worker that makes a verifier for each request needs no finalizer.
pub(super) const SLOTS: usize = 256;

pub(super) struct Keys {
    slots: [Slot; SLOTS],
    last: u64,
}

/// An empty slot is all zeros, so that the slots take no room in the module's file.
pub(super) struct Slot {
    number: u64,
    pub(super) key: Key,
    /// The state of the hash of the payload in progress.
    pub(super) running: State,
}

impl Keys {
    pub(super) const EMPTY: Self =
        Self { slots: [const { Slot { number: 0, key: Key::EMPTY, running: [0; 8] } }; SLOTS], last: 0 };

    /// Makes room for a key in place of the oldest, and returns its number: one more than the last one's. Numbers never run
    /// out; if one were given twice, an old verifier would find another one's secret.
    pub(super) fn add(&mut self) -> (u64, &mut Key) {
        self.last += 1;
        let slot = &mut self.slots[place(self.last)];
        slot.number = self.last;
        // It may have been derived from the replaced key.
        slot.running = [0; 8];
        (self.last, &mut slot.key)
    }

    /// The key with this number, unless it was replaced.
    pub(super) fn get(&mut self, number: u64) -> Option<&mut Slot> {
        let slot = &mut self.slots[place(number)];
        (number != 0 && slot.number == number).then_some(slot)
    }
}

fn place(number: u64) -> usize {
    (number % SLOTS as u64) as usize
}
