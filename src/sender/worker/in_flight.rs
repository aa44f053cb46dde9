use crate::sender::store::lease::SHORT_BYTES;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The deliveries whose attempts are in flight, and how long their bodies are.
#[derive(Default)]
pub(super) struct InFlight(Mutex<BySubscription>);

/// The length of each delivery's body by its id, by the subscription's id.
type BySubscription = HashMap<String, HashMap<String, usize>>;

impl InFlight {
    pub(super) fn insert(&self, subscription_id: &str, delivery_id: &str, bytes: usize) {
        self.lock().entry(subscription_id.to_owned()).or_default().insert(delivery_id.to_owned(), bytes);
    }

    pub(super) fn remove(&self, subscription_id: &str, delivery_id: &str) {
        let mut in_flight = self.lock();
        let Some(deliveries) = in_flight.get_mut(subscription_id) else { return };
        deliveries.remove(delivery_id);
        if deliveries.is_empty() {
            in_flight.remove(subscription_id);
        }
    }

    pub(super) fn deliveries(&self) -> Vec<String> {
        self.lock().values().flat_map(|deliveries| deliveries.keys()).cloned().collect()
    }

    pub(super) fn deliveries_to(&self, subscription_id: &str) -> Vec<String> {
        self.lock().get(subscription_id).into_iter().flat_map(|deliveries| deliveries.keys()).cloned().collect()
    }

    /// The total length of the long bodies for the subscriptions that `counts` selects.
    pub(super) fn long_bytes(&self, counts: impl Fn(&str) -> bool) -> usize {
        let in_flight = self.lock();
        let counted = in_flight.iter().filter(|(subscription_id, _)| counts(subscription_id));
        counted.flat_map(|(_, deliveries)| deliveries.values()).filter(|bytes| **bytes > SHORT_BYTES).sum()
    }

    fn lock(&self) -> MutexGuard<'_, BySubscription> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
