use super::endpoint::Endpoint;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::time::Instant;

/// All endpoints. The pairs hold a value for the endpoints that are not proven, `[0]`, and one for those that are, `[1]`.
#[derive(Default)]
pub(super) struct State {
    pub in_flight: [usize; 2],
    pub by_subscription: HashMap<Arc<str>, Endpoint>,
    /// The endpoints that have a free slot, by the time from which on they have something for it.
    waiting: [BTreeSet<(Instant, Arc<str>)>; 2],
}

impl State {
    /// The endpoint that has been waiting longest, among the kinds that may have a slot.
    pub(super) fn first_waiting(&self, may: [bool; 2]) -> Option<(Instant, Arc<str>)> {
        let firsts = self.waiting.iter().zip(may).filter(|(_, may)| *may).filter_map(|(waiting, _)| waiting.first());
        firsts.min().cloned()
    }

    /// Changes an endpoint, and the counts and lists that it is in.
    pub(super) fn with(&mut self, subscription_id: &str, limit: usize, act: impl FnOnce(&mut Endpoint)) {
        let Self { in_flight, by_subscription, waiting } = self;
        let id = match by_subscription.get_key_value(subscription_id) {
            Some((id, _)) => id.clone(),
            None => Arc::from(subscription_id),
        };
        let endpoint = by_subscription.entry(id.clone()).or_insert_with(|| Endpoint::new(limit));
        let kind = usize::from(endpoint.is_proven);
        in_flight[kind] -= endpoint.in_flight;
        if let Some(since) = endpoint.waiting_since {
            waiting[kind].remove(&(since, id.clone()));
        }
        act(endpoint);
        let kind = usize::from(endpoint.is_proven);
        in_flight[kind] += endpoint.in_flight;
        endpoint.waiting_since = endpoint.waits_since();
        if let Some(since) = endpoint.waiting_since {
            waiting[kind].insert((since, id));
        }
    }
}
