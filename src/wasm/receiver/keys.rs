//! The keys of JavaScript's verifiers, in a ring: nothing is allocated, and the newest key replaces the oldest.

use super::key::{Key, PayloadMac};
use crate::signature::MAC_BYTES;
use std::mem;

/// How many keys are kept, and so how many secrets a verifier may have. A key that was replaced by a newer one is recreated
/// on demand, so a Worker that makes a verifier for each request needs no finalizer.
pub(super) const SLOTS: usize = 256;

pub(super) struct Keys {
    slots: [Slot; SLOTS],
    last: u64,
}

/// An empty slot is all zeros, so that the slots take no room in the module's file.
struct Slot {
    number: u64,
    key: Option<Key>,
    mac: Mac,
}

/// What is known of the MAC of the current payload under a key.
pub(super) enum Mac {
    Nothing,
    Running(PayloadMac),
    Finished([u8; MAC_BYTES]),
}

impl Keys {
    pub(super) const EMPTY: Self =
        Self { slots: [const { Slot { number: 0, key: None, mac: Mac::Nothing } }; SLOTS], last: 0 };

    /// Stores a key and returns its number, one more than the last one's. Numbers never run out; if one were given twice,
    /// an old verifier would find another one's secret.
    pub(super) fn add(&mut self, key: Key) -> u64 {
        self.last += 1;
        let slot = &mut self.slots[place(self.last)];
        *slot = Slot { number: self.last, key: Some(key), mac: Mac::Nothing };
        self.last
    }

    /// The key with this number, unless it was replaced.
    pub(super) fn get(&mut self, number: u64) -> Option<(&Key, &mut Mac)> {
        let slot = &mut self.slots[place(number)];
        let key = slot.key.as_ref().filter(|_| slot.number == number)?;
        Some((key, &mut slot.mac))
    }
}

fn place(number: u64) -> usize {
    (number % SLOTS as u64) as usize
}

impl Mac {
    pub(super) fn update(&mut self, chunk: &[u8]) {
        if let Self::Running(mac) = self {
            mac.update(chunk);
        }
    }

    /// Takes the MAC, so that none is used for two payloads.
    pub(super) fn take(&mut self, key: &Key) -> Option<[u8; MAC_BYTES]> {
        match mem::replace(self, Self::Nothing) {
            Self::Nothing => None,
            Self::Running(mac) => Some(key.finish(mac)),
            Self::Finished(mac) => Some(mac),
        }
    }
}
