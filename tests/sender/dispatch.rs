//! One event to every subscription that wants it (`tests/vectors/deliver.json`). No failure affects another record.

use crate::support::deliveries::{Recording, TransportResult, is_id, record};
use crate::support::vectors::{Subscription, Tier, read};
use dealix_webhooks::WebhookEvent;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryOptions, DeliveryRequest, DeliveryResult, DispatchSummary, WebhookSubscription, dispatch,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

#[derive(Deserialize)]
struct Dispatch {
    id: String,
    tier: Tier,
    subscriptions: Vec<Subscription>,
    event: String,
    transport_results: Vec<TransportResult>,
    now: i64,
    expect: Value,
}

fn dispatches() -> Vec<Dispatch> {
    let vectors = read::<Value>("deliver.json").into_iter().filter(|vector| vector["kind"] == "dispatch");
    let dispatches: Vec<_> = vectors.map(|vector| Dispatch::deserialize(vector).expect("a dispatch vector")).collect();
    assert!(!dispatches.is_empty(), "deliver.json holds no dispatch vectors");
    dispatches
}

/// The calls and the summary, in the vectors' form.
async fn ours(vector: &Dispatch, results: &[TransportResult]) -> (Value, Value) {
    let subscriptions: Vec<WebhookSubscription> = vector.subscriptions.iter().map(Into::into).collect();
    let event = WebhookEvent::from_json(&vector.event).expect("a record");
    let transport = Recording::new(results);
    let options = DeliveryOptions { now: Some(vector.now), ..Default::default() };
    let summary = dispatch(&subscriptions, &event, &transport, &options).await;
    assert!(summary.deliveries.iter().all(|delivery| is_id(&delivery.attempt_id, "dlv_")), "{}", vector.id);
    let summary = json!({
        "event_id": summary.event_id,
        "event_type": summary.event_type.as_str(),
        "customer_id": summary.customer_id,
        "matched": summary.matched,
        "delivered": summary.delivered,
        "failed": summary.failed,
        "deliveries": summary.deliveries.iter().map(record).collect::<Vec<_>>(),
    });
    (transport.calls(), summary)
}

#[tokio::test]
async fn the_summary_and_the_calls_match_the_reference() {
    for vector in dispatches() {
        if vector.tier != Tier::Must {
            continue;
        }
        let mut expected = vector.expect["summary"].clone();
        for delivery in expected["deliveries"].as_array_mut().expect("deliveries") {
            delivery.as_object_mut().expect("a record").remove("delivery_id_pattern");
        }
        let (calls, summary) = ours(&vector, &vector.transport_results).await;
        assert_eq!(calls, vector.expect["calls"], "{}", vector.id);
        assert_eq!(summary, expected, "{}", vector.id);
    }
}

/// If one transport raises, the reference loses all records and skips the remaining calls.
#[tokio::test]
async fn a_transport_that_raises_does_not_stop_the_other_deliveries() {
    let raising: Vec<_> = dispatches().into_iter().filter(|vector| !vector.expect["raises"].is_null()).collect();
    assert!(!raising.is_empty(), "deliver.json holds no transport that raises");
    for vector in raising {
        let results = &vector.transport_results;
        let (calls, summary) = ours(&vector, results).await;
        assert_eq!(calls.as_array().map(Vec::len), Some(results.len()), "{}", vector.id);
        let raises = |result: &&TransportResult| matches!(result, TransportResult::Raises { .. });
        assert_eq!(summary["failed"], results.iter().filter(raises).count(), "{}", vector.id);
        assert_eq!(summary["delivered"], results.len() - results.iter().filter(raises).count(), "{}", vector.id);
    }
}

fn event() -> WebhookEvent {
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{},"timestamp":1}"#;
    WebhookEvent::from_json(json).expect("a record")
}

fn subscriptions(count: usize) -> Vec<WebhookSubscription> {
    let url = |number| format!("https://receiver.example/{number}");
    (0..count).map(|number| WebhookSubscription::new("cus_1", url(number), "whsec_1", 0)).collect()
}

fn number(request: &DeliveryRequest) -> usize {
    request.url.rsplit('/').next().and_then(|number| number.parse().ok()).expect("the endpoint's number")
}

fn status(status_code: u16) -> DeliveryResult {
    DeliveryResult { status_code: Some(status_code), ..Default::default() }
}

fn statuses(summary: &DispatchSummary) -> Vec<Option<u16>> {
    summary.deliveries.iter().map(|delivery| delivery.status_code).collect()
}

#[tokio::test]
async fn no_failure_loses_the_records_of_the_others() {
    let subscriptions = {
        let mut subscriptions = subscriptions(7);
        // Permanent, because it cannot be signed.
        subscriptions[5].secrets.clear();
        subscriptions
    };
    let transport = |request: DeliveryRequest| {
        let number = number(&request);
        assert_ne!(number, 1, "a panic in the call");
        async move {
            tokio::task::yield_now().await;
            match number {
                2 => panic!("a panic in the future"),
                3 => {
                    DeliveryResult { error: Some(DeliveryError::Transport("refused".to_owned())), ..Default::default() }
                }
                4 => status(500),
                _ => status(204),
            }
        }
    };
    let summary = dispatch(&subscriptions, &event(), &transport, &DeliveryOptions::default()).await;

    assert_eq!(statuses(&summary), [Some(204), None, None, None, Some(500), None, Some(204)]);
    assert_eq!((summary.matched, summary.delivered, summary.failed), (7, 2, 5));
    let errors: Vec<_> = summary.deliveries.iter().map(|delivery| delivery.error.is_some()).collect();
    assert_eq!(errors, [false, true, true, true, false, true, false]);
    let urls: Vec<_> = summary.deliveries.iter().map(|delivery| &delivery.endpoint_url).collect();
    assert_eq!(urls, subscriptions.iter().map(|subscription| &subscription.endpoint_url).collect::<Vec<_>>());
}

#[tokio::test]
async fn records_keep_the_subscriptions_order_whichever_answers_first() {
    let count = 40;
    let turn = AtomicUsize::new(0);
    // The first called waits longest: within each group of sixteen, the answers arrive in reverse order.
    let transport = |request: DeliveryRequest| {
        let called = turn.fetch_add(1, SeqCst);
        async move {
            for _ in 0..(count - called) {
                tokio::task::yield_now().await;
            }
            status(200 + number(&request) as u16)
        }
    };
    let summary = dispatch(&subscriptions(count), &event(), &transport, &DeliveryOptions::default()).await;
    assert_eq!(statuses(&summary), (0..count).map(|number| Some(200 + number as u16)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_slow_receiver_does_not_hold_up_the_others() {
    let count = 100;
    let (others, all_others) = (AtomicUsize::new(0), Notify::new());
    let transport = |request: DeliveryRequest| {
        let number = number(&request);
        let (others, all_others) = (&others, &all_others);
        async move {
            if number == 0 {
                all_others.notified().await;
            } else if others.fetch_add(1, SeqCst) + 1 == count - 1 {
                all_others.notify_one();
            }
            status(200)
        }
    };
    let (subscriptions, event, options) = (subscriptions(count), event(), DeliveryOptions::default());
    let dispatching = dispatch(&subscriptions, &event, &transport, &options);
    let summary = timeout(Duration::from_secs(5), dispatching).await.expect("the others do not wait for the first");
    assert_eq!(summary.delivered, count);
}

#[tokio::test]
async fn at_most_sixteen_endpoints_are_called_at_once() {
    let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let transport = |_: DeliveryRequest| async {
        most.fetch_max(under_way.fetch_add(1, SeqCst) + 1, SeqCst);
        tokio::task::yield_now().await;
        under_way.fetch_sub(1, SeqCst);
        status(200)
    };
    let summary = dispatch(&subscriptions(100), &event(), &transport, &DeliveryOptions::default()).await;
    assert_eq!(summary.delivered, 100);
    assert_eq!(most.into_inner(), 16);
}

#[tokio::test]
async fn an_event_that_cannot_be_serialized_is_sent_to_no_subscription() {
    let event = WebhookEvent { payload: serde_json::from_str(r#"{"a":1e999}"#).expect("JSON"), ..event() };
    let transport = |_: DeliveryRequest| async { unreachable!("nothing must be sent") };
    let summary = dispatch(&subscriptions(3), &event, &transport, &DeliveryOptions::default()).await;
    assert_eq!((summary.matched, summary.delivered, summary.failed), (3, 0, 3));
    assert!(summary.deliveries.iter().all(|delivery| matches!(delivery.error, Some(DeliveryError::Envelope(_)))));
}

#[tokio::test]
async fn a_dispatch_can_be_spawned() {
    let dispatching = async {
        let transport = |_: DeliveryRequest| async { status(200) };
        dispatch(&subscriptions(2), &event(), &transport, &DeliveryOptions::default()).await
    };
    assert_eq!(tokio::spawn(dispatching).await.expect("no panic").delivered, 2);
}
