//! Which subscriptions get an event (`tests/vectors/match.json`).

use crate::support::vectors::{Subscription, read};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{WebhookSubscription, matching_subscriptions};
use serde::Deserialize;

#[derive(Deserialize)]
struct Match {
    id: String,
    subscriptions: Vec<Subscription>,
    event_type: String,
    customer_id: String,
    matched: Vec<usize>,
}

#[test]
fn matching_subscriptions_are_the_references_in_the_same_order() {
    for vector in read::<Match>("match.json") {
        let subscriptions: Vec<WebhookSubscription> = vector.subscriptions.iter().map(Into::into).collect();
        let matching = matching_subscriptions(&subscriptions, &vector.event_type, &vector.customer_id);
        let matched: Vec<_> = matching
            .iter()
            .map(|matching| subscriptions.iter().position(|subscription| std::ptr::eq(subscription, *matching)))
            .collect();
        assert_eq!(matched, vector.matched.into_iter().map(Some).collect::<Vec<_>>(), "{}", vector.id);
    }
}

#[test]
fn a_subscription_wants_only_the_events_that_match_it() {
    let record = |customer_id| {
        let json = format!(
            r#"{{"event_id":"evt_1","event_type":"deal.won","customer_id":"{customer_id}","payload":{{}},"timestamp":1}}"#
        );
        WebhookEvent::from_json(&json).expect("a record")
    };
    let subscription = WebhookSubscription::new("cus_1", "https://receiver.example/", "whsec_1", 0);
    assert!(subscription.wants(&record("cus_1")));
    assert!(!subscription.wants(&record("cus_2")));
}
