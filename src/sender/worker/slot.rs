use super::endpoints::Ended;
use super::shared::Shared;
use crate::sender::store::lease::Leased;
use std::sync::Arc;

/// The slot that an attempt occupies from its lease until its outcome is recorded. Dropping it frees the slot.
pub(super) struct Slot {
    shared: Arc<Shared>,
    delivery_id: String,
    subscription_id: String,
    /// How the attempt ended; `Otherwise` unless set.
    pub ended: Ended,
}

impl Slot {
    pub(super) fn occupy(shared: Arc<Shared>, leased: &Leased) -> Self {
        let (delivery_id, subscription_id) = (leased.delivery_id.clone(), leased.subscription_id.clone());
        shared.in_flight.insert(&subscription_id, &delivery_id, leased.bytes);
        shared.endpoints.enter(&subscription_id, leased.max_per_second);
        shared.metering.in_flight(1.0);
        Self { shared, delivery_id, subscription_id, ended: Ended::Otherwise }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.in_flight.remove(&self.subscription_id, &self.delivery_id);
        self.shared.endpoints.leave(&self.subscription_id, self.ended);
        self.shared.metering.in_flight(-1.0);
        self.shared.ended.notify_one();
    }
}
