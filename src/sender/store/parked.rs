//! Deliveries that wait because the sender itself cannot make their attempts.

use std::collections::BTreeMap;

/// How a parked delivery's `error` begins.
pub(in crate::sender) const PARKED: &str = "parked: ";

/// A delivery whose attempt the sender itself cannot make.
#[derive(Clone, Debug)]
pub(in crate::sender) struct Parked {
    pub delivery_id: String,
    pub reason: String,
}

/// One for each subscription, by its id.
pub(in crate::sender) type ParkedOf = BTreeMap<String, Parked>;
