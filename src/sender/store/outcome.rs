use crate::sender::phases::AttemptPhases;
use serde::Serialize;
use std::collections::BTreeMap;

/// An attempt that was made, and what its delivery's state is now.
#[derive(Clone, Serialize)]
pub(in crate::sender) struct Outcome {
    pub attempt_id: String,
    pub delivery_id: String,
    pub attempt: u32,
    pub timestamp: i64,
    pub status_code: Option<u16>,
    /// 0 or 1: neither database converts a JSON boolean to a number.
    pub success: u8,
    pub error: Option<String>,
    pub duration_ms: u64,
    /// From when it was due to its start.
    pub queue_ms: u64,
    #[serde(flatten)]
    pub phases: AttemptPhases,
    pub content_type: Option<String>,
    #[serde(skip)]
    pub excerpt: Option<String>,
    /// The name of a [`DeliveryState`](crate::sender::DeliveryState).
    pub state: &'static str,
    /// How long to wait for the next attempt, if there is one, in milliseconds from now.
    pub delay_ms: Option<u64>,
    #[serde(skip)]
    pub health: Health,
}

/// What an attempt, or a group of them, says about their subscription's endpoint.
#[derive(Clone, Default, Serialize)]
pub(in crate::sender) struct Health {
    pub subscription_id: String,
    /// Where the attempt went. If the subscription has another endpoint by now, this is no news about that one.
    pub endpoint_url: String,
    /// 1 if there was a 2xx response, so that it has not been failing since any earlier time.
    pub works: u8,
    /// Since when it has been failing, unless an earlier time is known; in seconds since 1970.
    pub fails_since: Option<i64>,
    /// For how long it asked to be left alone, in milliseconds.
    pub hold_ms: u64,
    /// Why to disable the subscription.
    pub disable: Option<&'static str>,
    /// Disable it only if it has been failing since exactly this time, so not if it has worked in the meantime.
    pub if_failing_since: Option<i64>,
}

impl Health {
    pub(in crate::sender) fn of(subscription_id: &str, endpoint_url: &str) -> Self {
        let (subscription_id, endpoint_url) = (subscription_id.to_owned(), endpoint_url.to_owned());
        Self { subscription_id, endpoint_url, ..Self::default() }
    }
}

/// The group's news about each endpoint, always sorted: transactions that locked the rows in different orders could deadlock.
pub(in crate::sender) fn health_of_each<'c>(outcomes: impl IntoIterator<Item = &'c Outcome>) -> Vec<Health> {
    let mut latest = BTreeMap::<(&str, &str), Health>::new();
    for Outcome { health, .. } in outcomes {
        let endpoint = (health.subscription_id.as_str(), health.endpoint_url.as_str());
        let merged = latest.entry(endpoint).or_insert_with(|| health.clone());
        if health.works == 1 {
            (merged.works, merged.fails_since) = (1, None);
        } else {
            merged.fails_since = merged.fails_since.or(health.fails_since);
        }
        merged.hold_ms = merged.hold_ms.max(health.hold_ms);
        if health.disable.is_some() {
            (merged.disable, merged.if_failing_since) = (health.disable, health.if_failing_since);
        }
    }
    latest.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::queue::{SecretsAtRest, SecretsKeys, StoredSubscription};
    use crate::sender::store::change::{Change, SubscriptionChange};
    use crate::sender::store::database::{Opening, Store};
    use crate::sender::store::open::open;
    use crate::sender::subscription::WebhookSubscription;
    use futures_util::future::join_all;
    use std::sync::Arc;

    const ENDPOINT: &str = "https://example.com/hook";

    /// A queue with one subscription.
    async fn store(folder: &tempfile::TempDir) -> Arc<dyn Store> {
        let url = format!("sqlite://{}", folder.path().join("queue.db").display());
        let store = open(&url, Opening::Create, SecretsKeys::default()).await.expect("a queue");
        let stored = StoredSubscription {
            id: "sub_1".to_owned(),
            subscription: WebhookSubscription::new("cus_1", ENDPOINT, "whsec_1", 0),
            paused: false,
            disabled_reason: None,
            failing_since: None,
            failed_at: None,
            held_until: None,
            secrets_at_rest: SecretsAtRest::Clear,
        };
        store.change_subscription(SubscriptionChange::Add(Box::new(stored))).await.expect("added");
        store
    }

    fn outcome(number: usize, health: Health) -> Change {
        Change::Record(Box::new(Outcome {
            attempt_id: format!("att_{number}"),
            delivery_id: format!("dlv_{number}"),
            attempt: 1,
            timestamp: 0,
            status_code: None,
            success: health.works,
            error: None,
            duration_ms: 0,
            queue_ms: 0,
            phases: AttemptPhases::default(),
            content_type: None,
            excerpt: None,
            state: "pending",
            delay_ms: None,
            health,
        }))
    }

    fn works() -> Health {
        Health { works: 1, ..Health::of("sub_1", ENDPOINT) }
    }

    fn fails(since: i64) -> Health {
        Health { fails_since: Some(since), ..Health::of("sub_1", ENDPOINT) }
    }

    /// An attempt that failed, and a final one if the endpoint had been failing since `since`.
    fn fails_for_long(since: i64, now: i64) -> Health {
        Health { disable: Some("failing for days"), if_failing_since: Some(since), ..fails(now) }
    }

    /// Since when the endpoint has been failing, and whether it is enabled, after each group of attempts.
    async fn after(groups: &[&[Health]]) -> Vec<(Option<i64>, bool)> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = store(&folder).await;
        let mut states = Vec::new();
        for (group, health) in groups.iter().enumerate() {
            let changes = health.iter().enumerate().map(|(place, health)| outcome(10 * group + place, health.clone()));
            // All are sent to the writer before it takes the first, so they share a transaction.
            for written in join_all(changes.map(|change| store.write(change))).await {
                written.expect("written");
            }
            let stored = store.subscription("sub_1").await.expect("read").expect("the subscription");
            states.push((stored.failing_since, stored.subscription.enabled));
        }
        states
    }

    #[tokio::test]
    async fn a_success_ends_a_failure_whatever_else_is_in_its_group() {
        let states = after(&[&[fails(10)], &[fails(20), works(), fails(30), fails(40)], &[works()]]).await;
        assert_eq!(states, [(Some(10), true), (Some(30), true), (None, true)]);
        let states = after(&[&[works(), fails(10)], &[fails(20), works()], &[fails(30)]]).await;
        assert_eq!(states, [(Some(10), true), (None, true), (Some(30), true)]);
    }

    #[tokio::test]
    async fn what_works_is_not_disabled_for_what_failed_beside_it() {
        for group in [[works(), fails_for_long(10, 90)], [fails_for_long(10, 90), works()]] {
            let states = after(&[&[fails(10)], &group]).await;
            assert!(states[1].1, "{states:?}");
        }
        let states = after(&[&[fails(10)], &[fails(80), fails_for_long(10, 90)]]).await;
        assert_eq!(states[1], (Some(10), false));
    }
}
