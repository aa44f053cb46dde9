//! An endpoint's life: it is registered, changed, looked at, pinged and removed.

use crate::bed::{Bed, ENDPOINT, answered, event, now, status, until_idle};
use crate::records::worked;
use crate::support::receiver::SECRET;
use dealix_webhooks::Verifier;
use dealix_webhooks::sender::{
    DeliveryError, DeliveryFilter, DeliveryRequest, DeliveryResult, DeliveryState, Queue, QueueError, QueueOptions,
    SecretsAtRest, SubscriptionUpdate, WebhookSubscription,
};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

on_every_database![
    what_is_pending_goes_to_the_endpoint_that_an_update_names,
    an_update_changes_only_what_it_names,
    what_the_earlier_endpoint_did_says_nothing_about_the_next,
    headers_that_cannot_be_sent_are_refused_before_they_are_stored,
    headers_are_sealed_with_the_secrets_and_never_shown,
    one_with_unreadable_secrets_can_be_disabled_and_enabled,
    damaged_ones_are_named_and_hide_no_other,
    a_removed_subscription_leaves_dead_letters_that_can_be_read,
    an_attempt_that_a_removal_overtakes_is_recorded,
    activity_counts_what_happened_lately,
    a_ping_is_signed_sent_once_and_not_recorded,
    a_customers_event_cannot_pass_for_a_ping,
    a_customers_subscriptions_are_listed,
];

const MOVED: &str = "https://example.com/moved";
const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";
const NEWER_KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
const TOKEN: &str = "Bearer never-shown";

fn to(endpoint_url: &str) -> SubscriptionUpdate {
    SubscriptionUpdate { endpoint_url: Some(endpoint_url.to_owned()), ..Default::default() }
}

fn headers(pairs: &[(&str, &str)]) -> SubscriptionUpdate {
    let headers = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    SubscriptionUpdate { headers: Some(headers), ..Default::default() }
}

/// Makes every attempt that is due, and returns the requests.
async fn sent(queue: &Queue) -> Vec<DeliveryRequest> {
    let requests: Arc<Mutex<Vec<DeliveryRequest>>> = Arc::default();
    let kept = requests.clone();
    let transport = move |request: DeliveryRequest| {
        kept.lock().expect("no panic").push(request);
        std::future::ready(status(200))
    };
    queue.worker(transport, until_idle()).run(std::future::pending()).await;
    std::mem::take(&mut *requests.lock().expect("no panic"))
}

fn header<'r>(request: &'r DeliveryRequest, wanted: &str) -> Option<&'r str> {
    request.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

async fn what_is_pending_goes_to_the_endpoint_that_an_update_names(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let busy = DeliveryResult { retry_after: Some(std::time::Duration::from_secs(3600)), ..status(503) };
    assert_eq!(bed.work(answered(busy)).await, worked(0, 1, 0));
    let stored = bed.subscription(&id).await;
    assert!(stored.failing_since.is_some() && stored.held_until.is_some(), "{stored:?}");

    let stored = bed.queue.update_subscription(&id, to(MOVED)).await.expect("updated");
    assert_eq!(stored.subscription.endpoint_url, MOVED);
    assert_eq!((stored.failing_since, stored.held_until), (None, None), "that was the earlier endpoint");
    bed.sql("UPDATE dealix_deliveries SET due_ms = 0").await;
    bed.enqueue().await;
    let urls: Vec<_> = sent(&bed.queue).await.into_iter().map(|request| request.url).collect();
    assert_eq!(urls, [MOVED, MOVED]);
    let unknown = bed.queue.update_subscription("sub_0", to(MOVED)).await;
    assert!(matches!(unknown, Err(QueueError::NoSubscription(_))));
}

async fn an_update_changes_only_what_it_names(bed: Bed) {
    let first = WebhookSubscription {
        events: vec!["deal.won".into()],
        headers: vec![("X-Tenant".to_owned(), "7".into())],
        note: Some("asked for few".to_owned()),
        max_per_second: NonZeroU32::new(5),
        ..WebhookSubscription::new("cus_1", ENDPOINT, SECRET, 0)
    };
    let id = bed.queue.add_subscription(first).await.expect("added");
    bed.queue.pause_subscription(&id, true).await.expect("paused");
    bed.set_failing_since(&id, 7).await;
    let shown = |subscription: &WebhookSubscription| {
        let WebhookSubscription { endpoint_url, events, headers, note, max_per_second, .. } = subscription;
        format!("{endpoint_url} {events:?} {headers:?} {note:?} {max_per_second:?}")
    };
    let before = bed.subscription(&id).await;
    assert!(shown(&before.subscription).contains("X-Tenant"), "{before:?}");
    let after = bed.queue.update_subscription(&id, SubscriptionUpdate::default()).await.expect("updated");
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    let after = bed.queue.update_subscription(&id, to(ENDPOINT)).await.expect("updated");
    assert_eq!((after.failing_since, after.paused), (Some(7), true), "it is the same endpoint");

    let all = SubscriptionUpdate {
        events: Some(vec!["deal.lost".into(), "deal.won".into()]),
        note: Some(Some("moved".to_owned())),
        max_per_second: Some(NonZeroU32::new(9)),
        ..headers(&[("A", "1"), ("B", "2")])
    };
    let after = bed.queue.update_subscription(&id, all).await.expect("updated").subscription;
    assert_eq!((after.events.len(), after.note.as_deref()), (2, Some("moved")));
    assert_eq!((after.headers.len(), after.max_per_second), (2, NonZeroU32::new(9)));
    assert_eq!(after.secrets[0].secret.expose(), SECRET);
    let none =
        SubscriptionUpdate { events: Some(Vec::new()), note: Some(None), max_per_second: Some(None), ..headers(&[]) };
    let after = bed.queue.update_subscription(&id, none).await.expect("updated").subscription;
    assert!(after.events.is_empty() && after.note.is_none() && after.headers.is_empty(), "{after:?}");
    assert_eq!(after.max_per_second, None);
}

async fn what_the_earlier_endpoint_did_says_nothing_about_the_next(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let (queue, moved) = (bed.queue.clone(), id.clone());
    let gone = move |_: DeliveryRequest| {
        let (queue, moved) = (queue.clone(), moved.clone());
        async move {
            queue.update_subscription(&moved, to(MOVED)).await.expect("updated in the middle of an attempt");
            status(410)
        }
    };
    assert_eq!(bed.work(gone).await, worked(0, 0, 1));
    let stored = bed.subscription(&id).await;
    assert!(stored.subscription.enabled && stored.failing_since.is_none(), "{stored:?}");
    bed.enqueue().await;
    bed.work(answered(status(410))).await;
    assert!(!bed.subscription(&id).await.subscription.enabled, "now it is the one that is gone");
}

async fn headers_that_cannot_be_sent_are_refused_before_they_are_stored(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    for (name, value, is_expected) in [
        ("content-TYPE", "text/plain", (|error| matches!(error, DeliveryError::ReservedHeader(_))) as fn(&_) -> bool),
        ("Dealix-Signature", "t=1,v1=2", |error| matches!(error, DeliveryError::ReservedHeader(_))),
        ("Host", "example.com", |error| matches!(error, DeliveryError::ReservedHeader(_))),
        ("", "1", |error| matches!(error, DeliveryError::InvalidHeaderName)),
        ("A B", "1", |error| matches!(error, DeliveryError::InvalidHeaderName)),
        ("A", "never-shown\r\nHost: b", |error| matches!(error, DeliveryError::InvalidHeader(_))),
        ("A", "never-shown é", |error| matches!(error, DeliveryError::InvalidHeader(_))),
    ] {
        let update = headers(&[("X-Fine", "1"), (name, value)]);
        let mut new = WebhookSubscription::new("cus_2", ENDPOINT, SECRET, 0);
        new.headers = update.headers.clone().expect("headers");
        let added = bed.queue.add_subscription(new).await.map(drop);
        let updated = bed.queue.update_subscription(&id, update).await.map(drop);
        for refused in [added, updated] {
            let error = refused.expect_err(name);
            assert!(!format!("{error} {error:?}").contains("never-shown"), "{error:?}");
            assert!(matches!(&error, QueueError::Header(reason) if is_expected(reason)), "{name:?}: {error:?}");
        }
    }
    assert_eq!(bed.number("SELECT count(*) FROM dealix_subscriptions WHERE headers <> '[]'").await, 0);
    assert_eq!(bed.number("SELECT count(*) FROM dealix_subscriptions").await, 1);
}

async fn opened(bed: &Bed, keys: &str) -> Queue {
    let options = QueueOptions { secrets_keys: keys.parse().expect("keys"), ..Default::default() };
    Queue::open_with(&bed.url, options).await.expect("a queue")
}

async fn in_clear(bed: &Bed) -> i64 {
    bed.number("SELECT count(*) FROM dealix_subscriptions WHERE headers LIKE '%never-shown%'").await
}

async fn headers_are_sealed_with_the_secrets_and_never_shown(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    let token = || headers(&[("Authorization", TOKEN), ("User-Agent", "Ours/1")]);
    let stored = bed.queue.update_subscription(&id, token()).await.expect("updated");
    assert!(!format!("{stored:?} {:?}", token()).contains("never-shown"), "{stored:?}");
    assert_eq!((in_clear(&bed).await, &stored.secrets_at_rest), (1, &SecretsAtRest::Clear), "there is no key");

    let sealing = opened(&bed, KEY).await;
    assert_eq!(sealing.reseal_secrets().await.expect("resealed").resealed, 1);
    assert_eq!(in_clear(&bed).await, 0);
    bed.enqueue().await;
    let request = sent(&sealing).await.pop().expect("a request");
    assert_eq!((header(&request, "Authorization"), header(&request, "User-Agent")), (Some(TOKEN), Some("Ours/1")));
    assert!(!format!("{request:?}").contains("never-shown"), "{request:?}");

    // What is stored is always sealed with one key, so that no part is forgotten when a key is replaced.
    let both = opened(&bed, &format!("{NEWER_KEY} {KEY}")).await;
    both.rotate_secret(&id, "whsec_new").await.expect("rotated");
    let newer = opened(&bed, NEWER_KEY).await;
    assert_eq!(newer.subscription(&id).await.expect("opened").subscription.headers.len(), 2);
    both.update_subscription(&id, token()).await.expect("updated");
    assert_eq!(newer.reseal_secrets().await.expect("resealed").unchanged, 1);
    assert_eq!(newer.subscription(&id).await.expect("opened").subscription.headers[0].1.expose(), TOKEN);

    // Without the key, everything but the secrets and the headers can be changed.
    let locked = sealing.update_subscription(&id, headers(&[])).await;
    assert!(matches!(locked, Err(QueueError::SecretsLocked { .. })), "{locked:?}");
    sealing.update_subscription(&id, to(MOVED)).await.expect("updated");
    let stored = newer.subscription(&id).await.expect("opened").subscription;
    assert_eq!((stored.endpoint_url.as_str(), stored.headers.len(), stored.secrets.len()), (MOVED, 2, 2));
}

async fn one_with_unreadable_secrets_can_be_disabled_and_enabled(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.damage_secrets(&id).await;
    let enabled = async || bed.number("SELECT enabled FROM dealix_subscriptions").await;
    bed.queue.enable_subscription(&id, false).await.expect("disabled");
    assert_eq!(enabled().await, 0);
    bed.queue.enable_subscription(&id, true).await.expect("enabled");
    assert_eq!(enabled().await, 1);
    let unknown = bed.queue.enable_subscription("sub_unknown", false).await;
    assert!(matches!(unknown, Err(QueueError::NoSubscription(_))), "{unknown:?}");

    // The first reason stays.
    bed.mend_secrets(&id).await;
    bed.enqueue().await;
    bed.work(answered(status(410))).await;
    bed.queue.enable_subscription(&id, false).await.expect("it is disabled already");
    let reason = bed.subscription(&id).await.disabled_reason.expect("a reason");
    assert!(reason.contains("410"), "{reason}");
}

async fn damaged_ones_are_named_and_hide_no_other(bed: Bed) {
    let whole = bed.subscribe(ENDPOINT).await;
    let mut damaged = std::collections::BTreeMap::new();
    for (damage, reason) in [
        ("secrets = '[' || secrets", "the secrets of {id} are not valid at column"),
        ("headers = '[' || secrets", "the headers of {id} are not valid at column"),
        ("events = secrets", "the events of {id} are not valid at column"),
        ("max_per_second = -1", "an integer is out of range"),
    ] {
        let id = bed.subscribe(ENDPOINT).await;
        bed.sql(&format!("UPDATE dealix_subscriptions SET {damage} WHERE id = '{id}'")).await;
        damaged.insert(id.clone(), reason.replace("{id}", &id));
    }
    let list = bed.queue.subscriptions().await.expect("the subscriptions");
    assert_eq!(list.readable.iter().map(|stored| &stored.id).collect::<Vec<_>>(), [&whole]);
    assert_eq!(list.damaged.len(), damaged.len());
    assert!(list.damaged.iter().all(|one| one.reason.contains(&damaged[&one.id])), "{:?}", list.damaged);
    assert!(!format!("{list:?}").contains(SECRET), "{list:?}");
    let of_customer = bed.queue.subscriptions_of("cus_1").await.expect("the subscriptions");
    assert_eq!((of_customer.readable.len(), of_customer.damaged.len()), (1, damaged.len()));
}

async fn a_removed_subscription_leaves_dead_letters_that_can_be_read(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(200))).await;
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    bed.enqueue().await;
    assert_eq!(bed.queue.remove_subscription(&id).await.expect("removed"), 2);
    assert!(matches!(bed.queue.remove_subscription(&id).await, Err(QueueError::NoSubscription(_))));
    assert!(matches!(bed.queue.subscription(&id).await, Err(QueueError::NoSubscription(_))));
    bed.queue.enqueue(&event("deal.won", "cus_1")).await.expect("enqueued for nobody");

    // Also the one whose next attempt would have been later.
    assert_eq!(bed.work(answered(status(200))).await, worked(0, 0, 2));
    let filter = DeliveryFilter { subscription_id: Some(id.clone()), ..Default::default() };
    let deliveries = bed.queue.deliveries(&filter, 10).await.expect("the deliveries");
    let states: Vec<_> = deliveries.iter().map(|delivery| (delivery.state, delivery.error.as_deref())).collect();
    let dead = (DeliveryState::DeadLetter, Some("the subscription was removed"));
    assert_eq!(states, [dead, dead, (DeliveryState::Delivered, None)]);
    for delivery in &deliveries {
        bed.queue.attempts(&delivery.delivery_id).await.expect("the log");
        let replayed = bed.queue.replay(&delivery.delivery_id).await;
        assert!(matches!(&replayed, Err(QueueError::Removed(removed)) if *removed == id), "{replayed:?}");
    }
    let all = bed.queue.replay_all(&DeliveryFilter::default(), Default::default()).await;
    assert_eq!(all.expect("replayed"), 0);
    assert_eq!(bed.number("SELECT count(*) FROM dealix_subscriptions").await, 0);
}

async fn an_attempt_that_a_removal_overtakes_is_recorded(bed: Bed) {
    for (code, expected) in [(200, worked(1, 0, 0)), (500, worked(0, 1, 1)), (410, worked(0, 0, 1))] {
        let id = bed.subscribe(ENDPOINT).await;
        bed.enqueue().await;
        let (queue, removed) = (bed.queue.clone(), id.clone());
        let transport = move |_: DeliveryRequest| {
            let (queue, removed) = (queue.clone(), removed.clone());
            async move {
                queue.remove_subscription(&removed).await.expect("removed in the middle of an attempt");
                status(code)
            }
        };
        assert_eq!(bed.work(transport).await, expected, "{code}");
        let delivery = bed.deliveries().await.remove(0);
        assert_eq!(delivery.subscription_id, id);
        let log = bed.queue.attempts(&delivery.delivery_id).await.expect("the log");
        assert_eq!((log.len(), log[0].status_code), (1, Some(code)));
        assert_eq!(bed.number("SELECT count(*) FROM dealix_subscriptions").await, 0);
    }
}

async fn activity_counts_what_happened_lately(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    let other = bed.subscribe("https://example.com/other").await;
    let nothing = bed.queue.subscription_activity(&id).await.expect("the activity");
    assert_eq!((nothing.pending, nothing.last_hour.attempts, nothing.last_hour.median_ms), (0, 0, None));
    assert!(nothing.oldest_pending_at.is_none() && nothing.last_success.is_none() && nothing.last_failure.is_none());

    let took = |ms: u64, result: DeliveryResult| DeliveryResult { duration_ms: ms, ..result };
    let transport = move |request: DeliveryRequest| {
        std::future::ready(if request.url == ENDPOINT { took(30, status(200)) } else { took(900, status(404)) })
    };
    for _ in 0..3 {
        bed.enqueue().await;
    }
    bed.work(transport).await;
    bed.queue.update_subscription(&other, to(MOVED)).await.expect("updated");
    bed.enqueue().await;
    let refused = DeliveryError::Transport("the connection was refused".to_owned());
    bed.work(answered(took(70, DeliveryResult { error: Some(refused), ..Default::default() }))).await;
    bed.enqueue().await;
    bed.sql("UPDATE dealix_attempts SET timestamp = timestamp - 7200 WHERE status_code = 404").await;

    let activity = bed.queue.subscription_activity(&id).await.expect("the activity");
    assert_eq!((activity.pending, activity.due, activity.is_partial), (2, 1, false));
    assert!(activity.oldest_pending_at.is_some_and(|at| (now() - at).abs() < 60), "{activity:?}");
    let hour = activity.last_hour;
    assert_eq!((hour.attempts, hour.successes, hour.median_ms, hour.p95_ms), (4, 3, Some(30), Some(70)));
    let (success, failure) = (activity.last_success.expect("one"), activity.last_failure.expect("one"));
    assert_eq!((success.status_code, success.error), (Some(200), None));
    assert_eq!(failure.error.as_deref(), Some("the connection was refused"));

    let activity = bed.queue.subscription_activity(&other).await.expect("the activity");
    assert_eq!((activity.last_hour.attempts, activity.last_hour.successes), (1, 0), "the others are older");
    assert!(activity.last_success.is_none());
    assert!(matches!(bed.queue.subscription_activity("sub_0").await, Err(QueueError::NoSubscription(_))));
}

async fn a_ping_is_signed_sent_once_and_not_recorded(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    let only_others = SubscriptionUpdate { events: Some(vec!["deal.won".into()]), ..headers(&[("X-Tenant", "7")]) };
    bed.queue.update_subscription(&id, only_others).await.expect("updated");
    bed.queue.enable_subscription(&id, false).await.expect("disabled");
    let requests: Arc<Mutex<Vec<DeliveryRequest>>> = Arc::default();
    let kept = requests.clone();
    let transport = move |request: DeliveryRequest| {
        kept.lock().expect("no panic").push(request);
        std::future::ready(status(503))
    };
    let delivery = bed.queue.ping(&id, &transport).await.expect("an attempt");
    assert_eq!((delivery.success, delivery.status_code, delivery.attempt), (false, Some(503), 1));

    let request = requests.lock().expect("no panic").pop().expect("a request");
    assert_eq!((header(&request, "Dealix-Event-Type"), header(&request, "X-Tenant")), (Some("dealix.ping"), Some("7")));
    let signature = header(&request, "Dealix-Signature").expect("a signature").as_bytes();
    Verifier::new([SECRET]).expect("a secret").verify(signature, &request.body, now()).expect("verified");
    let envelope: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!((&envelope["type"], &envelope["data"]["subscription_id"]), (&"dealix.ping".into(), &id.clone().into()));
    assert!(bed.deliveries().await.is_empty() && bed.events().await == 0);
    assert_eq!(bed.subscription(&id).await.failing_since, None);

    let unknown = bed.queue.ping("sub_0", &transport).await;
    assert!(matches!(unknown, Err(QueueError::NoSubscription(_))));
    opened(&bed, KEY).await.reseal_secrets().await.expect("sealed");
    let locked = bed.queue.ping(&id, &transport).await;
    assert!(matches!(locked, Err(QueueError::SecretsLocked { .. })), "{locked:?}");
    assert!(requests.lock().expect("no panic").is_empty(), "nothing was sent");
}

async fn a_customers_event_cannot_pass_for_a_ping(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    let refused = bed.queue.enqueue(&event("dealix.ping", "cus_1")).await;
    assert!(matches!(refused, Err(QueueError::ReservedEventType(_))), "{refused:?}");
    let outbox = "INSERT INTO dealix_outbox (event_id, event_type, customer_id, data, created_at) VALUES";
    bed.sql(&format!("{outbox} ('evt_1', 'dealix.ping', 'cus_1', '{{}}', {})", now())).await;
    assert!(sent(&bed.queue).await.is_empty(), "{id}");
    assert_eq!(bed.queue.depth().await.expect("the depth").refused, 1);
}

async fn a_customers_subscriptions_are_listed(bed: Bed) {
    let first = bed.subscribe(ENDPOINT).await;
    let other = WebhookSubscription::new("cus_2", ENDPOINT, SECRET, 0);
    bed.queue.add_subscription(other).await.expect("added");
    bed.sql("UPDATE dealix_subscriptions SET created_at = created_at + 1 WHERE customer_id = 'cus_2'").await;
    let second = bed.subscribe(MOVED).await;
    let listed = bed.queue.subscriptions_of("cus_1").await.expect("a list").readable;
    let mut ids: Vec<_> = listed.iter().map(|stored| stored.id.as_str()).collect();
    ids.sort_unstable();
    let mut expected = [first.as_str(), &second];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert!(bed.queue.subscriptions_of("cus_0").await.expect("a list").readable.is_empty());
}
