//! The keys that JavaScript's verifiers use, in a ring: nothing is allocated, and the newest drops the oldest.

use crate::signature::{Key, MAC_BYTES, PayloadMac};
use std::mem;

/// Keys that are kept, and so the most secrets that a verifier may have. A key that was dropped for a newer one is made
/// again on demand, so a Worker that makes a verifier for each request needs no finalizer.
pub(super) const SLOTS: usize = 256;

pub(super) struct Keys {
    slots: [Slot; SLOTS],
    last: u64,
}

/// An empty one is all zeros, so that the module's file holds none of them.
struct Slot {
    number: u64,
    key: Option<Key>,
    mac: Mac,
}

/// What is known of the MAC under a key of the payload that is under way.
pub(super) enum Mac {
    Nothing,
    Running(PayloadMac),
    Made([u8; MAC_BYTES]),
}

impl Keys {
    pub(super) const EMPTY: Self =
        Self { slots: [const { Slot { number: 0, key: None, mac: Mac::Nothing } }; SLOTS], last: 0 };

    /// Keeps a key and answers its number, one more than the last one's. There are more numbers than will ever be used:
    /// were one given twice, an old verifier would find the secret of another.
    pub(super) fn add(&mut self, key: Key) -> u64 {
        self.last += 1;
        let slot = &mut self.slots[place(self.last)];
        *slot = Slot { number: self.last, key: Some(key), mac: Mac::Nothing };
        self.last
    }

    /// The key with this number, unless it was dropped.
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

    /// The MAC, which is known no more: none serves two payloads.
    pub(super) fn take(&mut self, key: &Key) -> Option<[u8; MAC_BYTES]> {
        match mem::replace(self, Self::Nothing) {
            Self::Nothing => None,
            Self::Running(mac) => Some(key.finish(mac)),
            Self::Made(mac) => Some(mac),
        }
    }
}
