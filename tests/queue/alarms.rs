//! What operators are told: each alarm once when it begins and once when it ends, and none about their own endpoints.

use crate::bed::{Bed, ENDPOINT, answered, event, now, status};
use crate::faults::worker::until_async;
use crate::support::receiver::SECRET;
use crate::support::servers::Kind;
use dealix_webhooks::sender::{
    Alarm, AlarmOptions, DeliveryError, DeliveryFilter, DeliveryRequest, DeliveryResult, OPERATOR, Queue, QueueOptions,
    WebhookSubscription, WorkOptions, WorkSummary,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

on_every_database![
    a_disabled_endpoint_is_told_once_and_so_is_its_return,
    an_endpoint_that_fails_for_an_hour_is_told_and_so_is_its_recovery,
    one_failure_and_an_hour_of_silence_is_no_alarm,
    a_failing_endpoint_that_is_disabled_did_not_recover,
    a_removed_endpoint_did_not_recover,
    dead_letters_are_told_together_and_none_twice,
    overdue_deliveries_are_told_until_they_are_caught_up,
    an_overdue_alarm_lasts_until_little_is_overdue,
    what_waits_for_a_key_or_for_this_machine_becomes_overdue,
    a_parked_delivery_is_told_once_a_day_and_none_of_operators,
    what_was_parked_while_nothing_could_be_told_is_told_later,
    an_alarm_is_sent_to_operators_signed_like_any_event,
    an_operators_own_endpoint_raises_no_alarm,
    of_several_workers_one_raises_an_alarm,
    alarms_about_very_many_endpoints_come_in_portions,
];

async fn raised(bed: &Bed) -> Vec<Alarm> {
    bed.queue.raise_alarms(AlarmOptions::default()).await.expect("the alarms")
}

async fn types(bed: &Bed) -> Vec<&'static str> {
    raised(bed).await.iter().map(Alarm::event_type).collect()
}

const NONE: [&str; 0] = [];

async fn subscribe_operator(bed: &Bed, endpoint_url: &str) -> String {
    let ours = WebhookSubscription::new(OPERATOR, endpoint_url, SECRET, 0);
    bed.queue.add_subscription(ours).await.expect("a subscription")
}

async fn a_disabled_endpoint_is_told_once_and_so_is_its_return(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    assert_eq!(types(&bed).await, NONE);
    bed.enqueue().await;
    assert_eq!(bed.work(answered(status(410))).await.dead_letters, 1);
    // Its worker may have told it already.
    let told = events(&bed, "dealix.endpoint.disabled").await + raised(&bed).await.len() as i64;
    assert_eq!((told, types(&bed).await), (1, NONE.to_vec()));
    bed.queue.enable_subscription(&id, true).await.expect("enabled");
    let alarms = raised(&bed).await;
    assert!(
        matches!(&alarms[..], [Alarm::Enabled { endpoint, .. }] if endpoint.subscription_id == id && endpoint.endpoint_url == ENDPOINT),
        "{alarms:?}"
    );
    assert_eq!(types(&bed).await, NONE);
}

/// How many events of this type there are.
async fn events(bed: &Bed, event_type: &str) -> i64 {
    bed.number(&format!("SELECT count(*) FROM dealix_events WHERE event_type = '{event_type}'")).await
}

async fn an_endpoint_that_fails_for_an_hour_is_told_and_so_is_its_recovery(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.set_failing_since(&id, now() - 3590).await;
    assert_eq!(types(&bed).await, NONE, "not for an hour yet");
    let since = now() - 3600;
    bed.set_failing_since(&id, since).await;
    let alarms = raised(&bed).await;
    assert!(matches!(&alarms[..], [Alarm::Failing { failing_since, .. }] if *failing_since == since), "{alarms:?}");
    assert_eq!(types(&bed).await, NONE);

    bed.enqueue().await;
    bed.work(answered(status(200))).await;
    let told = events(&bed, "dealix.endpoint.recovered").await + raised(&bed).await.len() as i64;
    assert_eq!((told, types(&bed).await), (1, NONE.to_vec()));
}

async fn one_failure_and_an_hour_of_silence_is_no_alarm(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(400))).await;
    let failed = bed.subscription(&id).await;
    assert!(failed.failing_since.is_some() && failed.failed_at == failed.failing_since, "{failed:?}");
    bed.sql("UPDATE dealix_subscriptions SET failing_since = failing_since - 7200, failed_at = failed_at - 5401").await;
    assert_eq!(types(&bed).await, NONE);
    bed.sql("UPDATE dealix_subscriptions SET failed_at = failed_at + 1").await;
    assert_eq!(types(&bed).await, ["dealix.endpoint.failing"], "it was tried again half an hour later");
}

async fn a_failing_endpoint_that_is_disabled_did_not_recover(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.set_failing_since(&id, now() - 4000).await;
    assert_eq!(types(&bed).await, ["dealix.endpoint.failing"]);
    bed.queue.enable_subscription(&id, false).await.expect("disabled");
    assert_eq!(types(&bed).await, ["dealix.endpoint.disabled"]);
    bed.queue.enable_subscription(&id, true).await.expect("enabled");
    assert_eq!(types(&bed).await, ["dealix.endpoint.enabled"]);
}

async fn a_removed_endpoint_did_not_recover(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.set_failing_since(&id, now() - 4000).await;
    assert_eq!(types(&bed).await, ["dealix.endpoint.failing"]);
    bed.sql("DELETE FROM dealix_subscriptions").await;
    assert_eq!(types(&bed).await, NONE);
    assert_eq!(bed.number("SELECT count(*) FROM dealix_alarms WHERE subject <> ''").await, 0, "nothing is left of it");
}

async fn dead_letters_are_told_together_and_none_twice(bed: Bed) {
    let many = bed.subscribe(ENDPOINT).await;
    assert_eq!(types(&bed).await, NONE, "those of the past are not told");
    for _ in 0..3 {
        bed.enqueue().await;
    }
    assert_eq!(bed.work(answered(status(400))).await.dead_letters, 3);
    assert_eq!(types(&bed).await, NONE, "others may still be on their way");
    let later = "UPDATE dealix_alarms SET since = since - 100 WHERE kind = 'dead_letters'; \
                 UPDATE dealix_deliveries SET finished_at = finished_at - 60 WHERE state = 'dead_letter'";
    bed.sql(later).await;
    let alarms = raised(&bed).await;
    let [Alarm::DeadLetters { count: 3, endpoints, .. }] = &alarms[..] else { panic!("{alarms:?}") };
    assert_eq!((endpoints.len(), endpoints[0].count), (1, 3));
    assert_eq!(endpoints[0].endpoint.subscription_id, many);
    let newest = bed.queue.delivery(&endpoints[0].delivery_id).await.expect("the delivery");
    assert_eq!(newest.subscription_id, many);
    assert_eq!(types(&bed).await, NONE, "not twice");
    bed.sql("UPDATE dealix_alarms SET since = since - 60 WHERE kind = 'dead_letters'").await;
    bed.sql("UPDATE dealix_deliveries SET finished_at = finished_at - 300 WHERE state = 'dead_letter'").await;
    assert_eq!(types(&bed).await, NONE, "nor a minute later");
}

async fn overdue_deliveries_are_told_until_they_are_caught_up(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    assert_eq!(types(&bed).await, NONE);
    bed.sql("UPDATE dealix_deliveries SET due_ms = due_ms - 1000000").await;
    let alarms = raised(&bed).await;
    let [Alarm::Overdue { due_since, endpoints }] = &alarms[..] else { panic!("{alarms:?}") };
    assert!((now() - 1002..=now() - 999).contains(due_since), "{alarms:?}");
    assert_eq!(endpoints[0].endpoint.subscription_id, id);
    assert_eq!(types(&bed).await, NONE);
    // A paused endpoint waits for its operator, who knows.
    bed.queue.pause_subscription(&id, true).await.expect("paused");
    assert_eq!(types(&bed).await, ["dealix.queue.caught_up"]);
    bed.queue.pause_subscription(&id, false).await.expect("resumed");
    assert_eq!(types(&bed).await, ["dealix.queue.overdue"]);
    bed.work(answered(status(200))).await;
    let told = events(&bed, "dealix.queue.caught_up").await + raised(&bed).await.len() as i64;
    assert_eq!((told, types(&bed).await), (2, NONE.to_vec()));
}

async fn an_overdue_alarm_lasts_until_little_is_overdue(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    let due = async |seconds_ago: i64| {
        bed.sql(&format!("UPDATE dealix_deliveries SET due_ms = {}", (now() - seconds_ago) * 1000)).await;
    };
    due(1000).await;
    assert_eq!(types(&bed).await, ["dealix.queue.overdue"]);
    // A worker that was started with a longer limit looks at the same queue.
    let patient = AlarmOptions { overdue_by: Duration::from_hours(1), ..Default::default() };
    assert!(bed.queue.raise_alarms(patient).await.expect("the alarms").is_empty());
    for seconds_ago in [890, 910, 120] {
        due(seconds_ago).await;
        assert_eq!(types(&bed).await, NONE, "{seconds_ago} s");
    }
    due(30).await;
    assert_eq!(types(&bed).await, ["dealix.queue.caught_up"]);
    due(120).await;
    assert_eq!(types(&bed).await, NONE);
}

/// Neither its time nor its state changes, so the alarm about what is overdue tells of it.
async fn what_waits_for_a_key_or_for_this_machine_becomes_overdue(bed: Bed) {
    let secrets_keys = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70".parse().expect("a key");
    let options = QueueOptions { secrets_keys, ..Default::default() };
    let sealing = Queue::open_with(&bed.url, options).await.expect("a queue");
    let locked = sealing.add_subscription(WebhookSubscription::new("cus_1", ENDPOINT, SECRET, 0)).await.expect("added");
    let local = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.sql("UPDATE dealix_deliveries SET due_ms = due_ms - 1000000").await;
    let fails = DeliveryResult { error: Some(DeliveryError::Local("no DNS".to_owned())), ..Default::default() };
    let a_while = tokio::time::sleep(Duration::from_secs(1));
    bed.queue.worker(answered(fails), WorkOptions::default()).run(a_while).await;
    bed.sql("DELETE FROM dealix_alarms").await;
    let alarms = raised(&bed).await;
    let [Alarm::Overdue { endpoints, .. }] = &alarms[..] else { panic!("{alarms:?}") };
    let named: BTreeSet<_> = endpoints.iter().map(|overdue| &overdue.endpoint.subscription_id).collect();
    assert_eq!(named, BTreeSet::from([&locked, &local]));
}

async fn a_parked_delivery_is_told_once_a_day_and_none_of_operators(bed: Bed) {
    let ours = subscribe_operator(&bed, "https://ops.example.com/alarms").await;
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.damage_secrets(&id).await;
    let (_, requests) = work_and_keep(&bed).await;
    assert_eq!(requests.len(), 1, "{requests:?}");
    let envelope: Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    assert_eq!(
        (&envelope["type"], &envelope["data"]["subscription_id"]),
        (&"dealix.endpoint.parked".into(), &id.clone().into())
    );
    let theirs =
        bed.deliveries().await.into_iter().find(|delivery| delivery.subscription_id == id).expect("a delivery");
    assert_eq!(envelope["data"]["delivery_id"], theirs.delivery_id);
    assert!(envelope["data"]["reason"].as_str().is_some_and(|reason| reason.contains(&format!("the secrets of {id}"))));
    assert_eq!(bed.queue.activity().await.expect("the activity").parked, 1);

    let parked_again = async || {
        bed.sql(&format!("UPDATE dealix_deliveries SET due_ms = {} WHERE state = 'pending'", now() * 1000)).await;
        work_and_keep(&bed).await.1.len()
    };
    assert_eq!(parked_again().await, 0, "it is known");
    bed.sql("UPDATE dealix_alarms SET since = since - 86400 WHERE kind = 'parked'").await;
    assert_eq!(parked_again().await, 1, "a day later it still lasts");
    bed.mend_secrets(&id).await;
    assert_eq!(parked_again().await, 1, "the event itself");
    assert_eq!(bed.queue.activity().await.expect("the activity").parked, 0);

    bed.damage_secrets(&ours).await;
    bed.queue.enqueue(&event("deal.won", OPERATOR)).await.expect("enqueued");
    work_and_keep(&bed).await;
    assert_eq!(events(&bed, "dealix.endpoint.parked").await, 2);
}

async fn what_was_parked_while_nothing_could_be_told_is_told_later(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.damage_secrets(&id).await;
    bed.sql("ALTER TABLE dealix_alarms RENAME TO dealix_hidden").await;
    let working = tokio::spawn(bed.queue.worker(answered(status(200)), WorkOptions::default()).run(pending()));
    until_async("it is parked", async || bed.delivery().await.error.is_some()).await;
    // It is tried each second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    bed.sql("ALTER TABLE dealix_hidden RENAME TO dealix_alarms").await;
    let told = "SELECT count(*) FROM dealix_alarms WHERE kind = 'parked'";
    until_async("it is told", async || bed.number(told).await == 1).await;
    working.abort();
}

/// Works with a transport that keeps the requests that it answers with 200.
async fn work_and_keep(bed: &Bed) -> (WorkSummary, Vec<DeliveryRequest>) {
    let requests: Arc<Mutex<Vec<DeliveryRequest>>> = Arc::default();
    let sent = requests.clone();
    let summary = bed
        .work(move |request: DeliveryRequest| {
            sent.lock().expect("no panic").push(request);
            std::future::ready(status(200))
        })
        .await;
    let requests = requests.lock().expect("no panic").clone();
    (summary, requests)
}

async fn an_alarm_is_sent_to_operators_signed_like_any_event(bed: Bed) {
    subscribe_operator(&bed, "https://ops.example.com/alarms").await;
    let id = bed.subscribe(ENDPOINT).await;
    bed.queue.enable_subscription(&id, false).await.expect("disabled");
    raised(&bed).await;
    let (summary, requests) = work_and_keep(&bed).await;
    assert_eq!((summary.delivered, requests.len()), (1, 1));
    assert_eq!(requests[0].url, "https://ops.example.com/alarms");
    let header = requests[0].headers.iter().find(|(name, _)| name == "Dealix-Signature").expect("signed");
    let verifier = dealix_webhooks::Verifier::new([SECRET]).expect("a secret");
    verifier.verify(header.1.as_bytes(), &requests[0].body, now()).expect("it verifies");
    let envelope: Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    assert_eq!((&envelope["type"], &envelope["customer_id"]), (&"dealix.endpoint.disabled".into(), &OPERATOR.into()));
    let data = &envelope["data"];
    assert_eq!(data["subscription_id"], id);
    assert_eq!((&data["customer_id"], &data["endpoint_url"]), (&"cus_1".into(), &ENDPOINT.into()));
    assert_eq!(data["reason"], "disabled by an operator");
}

async fn an_operators_own_endpoint_raises_no_alarm(bed: Bed) {
    let ours = subscribe_operator(&bed, ENDPOINT).await;
    bed.set_failing_since(&ours, now() - 4000).await;
    assert_eq!(types(&bed).await, NONE);
    let theirs = bed.subscribe(ENDPOINT).await;
    bed.queue.enable_subscription(&theirs, false).await.expect("disabled");
    assert_eq!(types(&bed).await, ["dealix.endpoint.disabled"]);
    assert_eq!(bed.work(answered(status(400))).await.dead_letters, 1);
    bed.sql("UPDATE dealix_alarms SET since = since - 100 WHERE kind = 'dead_letters'").await;
    bed.sql("UPDATE dealix_deliveries SET finished_at = finished_at - 60").await;
    bed.queue.enable_subscription(&ours, false).await.expect("disabled");
    assert_eq!(types(&bed).await, NONE);
    assert_eq!(bed.queue.count(&DeliveryFilter::default()).await.expect("a count"), 1);
}

async fn alarms_about_very_many_endpoints_come_in_portions(bed: Bed) {
    let series = match bed.kind {
        Kind::Sqlite => "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1500)",
        Kind::Postgres => "WITH s AS (SELECT generate_series(1, 1500) AS n)",
    };
    bed.sql(&format!(
        "INSERT INTO dealix_subscriptions (id, customer_id, endpoint_url, secrets, events, enabled, created_at) {series} \
         SELECT 'sub_' || n, 'cus_' || n, '{ENDPOINT}', '[]', '[]', 0, 0 FROM s"
    ))
    .await;
    assert_eq!([types(&bed).await.len(), types(&bed).await.len(), types(&bed).await.len()], [1000, 500, 0]);
    bed.sql("UPDATE dealix_subscriptions SET enabled = 1").await;
    assert_eq!([types(&bed).await.len(), types(&bed).await.len(), types(&bed).await.len()], [1000, 500, 0]);
    assert_eq!(events(&bed, "dealix.endpoint.enabled").await, 1500);
}

async fn of_several_workers_one_raises_an_alarm(bed: Bed) {
    for _ in 0..5 {
        let id = bed.subscribe(ENDPOINT).await;
        bed.queue.enable_subscription(&id, false).await.expect("disabled");
    }
    let looking = (0..8).map(|_| {
        let queue = bed.queue.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            queue.raise_alarms(AlarmOptions::default()).await.expect("the alarms").len()
        })
    });
    let mut all = 0;
    for looks in looking.collect::<Vec<_>>() {
        all += looks.await.expect("no panic");
    }
    assert_eq!((all, events(&bed, "dealix.endpoint.disabled").await), (5, 5));
}
