//! Which secrets sign, and that none is ever shown.

use crate::bed::{Bed, ENDPOINT, answered, now, status};
use crate::support::receiver::SECRET;
use dealix_webhooks::ConfigurationError;
use dealix_webhooks::Verifier;
use dealix_webhooks::sender::{
    DeliveryRequest, MAX_ACTIVE_SECRETS, QueueError, SubscriptionSecret, WebhookSubscription, WorkOptions,
};
use std::error::Error;
use std::sync::{Arc, Mutex};

on_every_database![
    after_a_rotation_both_secrets_sign_and_an_expired_one_does_not,
    too_many_secrets_and_empty_secrets_are_refused,
    a_guessable_secret_is_refused,
    a_stored_guessable_secret_signs_nothing_until_it_is_replaced,
    concurrent_rotations_lose_no_secret,
    records_and_logs_show_no_secret,
    a_database_error_shows_no_secret,
];

async fn after_a_rotation_both_secrets_sign_and_an_expired_one_does_not(bed: Bed) {
    let mut subscription = WebhookSubscription::new("cus_1", ENDPOINT, "whsec_old", 0);
    let expired = SubscriptionSecret { secret: "whsec_expired".into(), expires_at: Some(now()) };
    subscription.secrets.push(expired);
    let id = bed.queue.add_subscription(subscription).await.expect("a subscription");
    let rotated = bed.queue.rotate_secret(&id, "whsec_new").await.expect("rotated");
    assert_eq!(rotated.subscription.active_secrets(now()).collect::<Vec<_>>(), ["whsec_new", "whsec_old"]);
    bed.enqueue().await;

    let requests: Arc<Mutex<Vec<DeliveryRequest>>> = Arc::default();
    let sent = requests.clone();
    let transport = move |request: DeliveryRequest| {
        sent.lock().expect("no panic").push(request);
        std::future::ready(status(200))
    };
    assert_eq!(bed.work(transport).await.delivered, 1);

    let request = requests.lock().expect("no panic").pop().expect("a request");
    let signature = request.headers.iter().find(|(name, _)| name == "Dealix-Signature").map(|(_, value)| value.clone());
    let verifies = |secret: &str| {
        let verifier = Verifier::new([secret]).expect("a secret");
        verifier.verify(signature.as_deref().expect("a signature").as_bytes(), &request.body, now()).is_ok()
    };
    assert!(verifies("whsec_new") && verifies("whsec_old") && !verifies("whsec_expired"));
}

async fn too_many_secrets_and_empty_secrets_are_refused(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    for number in 1..MAX_ACTIVE_SECRETS {
        bed.queue.rotate_secret(&id, format!("whsec_{number}")).await.expect("rotated");
    }
    assert!(matches!(bed.queue.rotate_secret(&id, "whsec_more").await, Err(QueueError::TooManySecrets(_))));
    let empty = bed.queue.rotate_secret(&id, "").await;
    assert!(matches!(empty, Err(QueueError::Signature(ConfigurationError::EmptySecret))));
    assert!(matches!(bed.queue.rotate_secret("sub_0", "whsec").await, Err(QueueError::NoSubscription(_))));
    assert_eq!(bed.subscription(&id).await.subscription.secrets.len(), MAX_ACTIVE_SECRETS);

    let mut none = WebhookSubscription::new("cus_1", ENDPOINT, "whsec", 0);
    none.secrets.clear();
    for subscription in [none, WebhookSubscription::new("cus_1", ENDPOINT, "", 0)] {
        let refused = bed.queue.add_subscription(subscription).await;
        assert!(matches!(refused, Err(QueueError::Signature(ConfigurationError::EmptySecret))));
    }
}

async fn a_guessable_secret_is_refused(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    for secret in ["undefined", "${NAME}", "whsec_", " "] {
        let added = bed.queue.add_subscription(WebhookSubscription::new("cus_1", ENDPOINT, secret, 0)).await.map(drop);
        let rotated = bed.queue.rotate_secret(&id, secret).await.map(drop);
        for refused in [added, rotated] {
            assert!(matches!(refused, Err(QueueError::Signature(ConfigurationError::InvalidSecret(_)))), "{secret:?}");
        }
    }
    assert_eq!(bed.subscription(&id).await.subscription.active_secrets(now()).collect::<Vec<_>>(), [SECRET]);
}

async fn a_stored_guessable_secret_signs_nothing_until_it_is_replaced(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.store_secret(&id, "undefined").await;
    bed.enqueue().await;
    assert_eq!(bed.work(answered(status(200))).await.dead_letters, 1);
    let dead = bed.delivery().await;
    assert!(dead.error.as_ref().is_some_and(|error| error.contains("anyone can guess it")), "{dead:?}");

    let rotated = bed.queue.rotate_secret(&id, "whsec_new").await.expect("rotated");
    assert_eq!(rotated.subscription.active_secrets(now()).collect::<Vec<_>>(), ["whsec_new"]);
    bed.queue.replay(&dead.delivery_id).await.expect("replayed");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
}

async fn concurrent_rotations_lose_no_secret(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    let rotate = |secret: &'static str| bed.queue.rotate_secret(&id, secret);
    let (a, b, c) = tokio::join!(rotate("whsec_a"), rotate("whsec_b"), rotate("whsec_c"));
    for rotated in [a, b, c] {
        rotated.expect("rotated");
    }
    let stored = bed.subscription(&id).await;
    let mut secrets: Vec<_> = stored.subscription.active_secrets(now()).collect();
    secrets.sort_unstable();
    assert_eq!(secrets, ["whsec_a", "whsec_b", "whsec_c", SECRET]);
    let current = stored.subscription.secrets.iter().filter(|secret| secret.expires_at.is_none()).count();
    assert_eq!(current, 1);
}

async fn records_and_logs_show_no_secret(bed: Bed) {
    let id = bed.subscribe(ENDPOINT).await;
    bed.enqueue().await;
    bed.work(answered(status(500))).await;
    let stored = bed.queue.rotate_secret(&id, SECRET).await.expect("rotated");
    let delivery = bed.delivery().await;
    let log = bed.queue.attempts(&delivery.delivery_id).await.expect("the log");
    let shown = format!("{:?} {stored:?} {delivery:?} {log:?} {:?}", bed.queue, WorkOptions::default());
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains(&id) && shown.contains(&delivery.event_id), "{shown}");
}

/// PostgreSQL's errors quote the values that violate a constraint.
async fn a_database_error_shows_no_secret(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    bed.sql("CREATE UNIQUE INDEX secrets_are_unique ON dealix_subscriptions (secrets)").await;
    let again = WebhookSubscription::new("cus_1", ENDPOINT, SECRET, 0);
    let error = bed.queue.add_subscription(again).await.expect_err("the index refuses the row");
    assert!(matches!(error, QueueError::Database(_)), "{error:?}");
    let chain = std::iter::successors(Some(&error as &dyn Error), |error| (*error).source());
    let shown: String = chain.map(|error| format!("{error} {error:?} {error:#?}")).collect();
    assert!(!shown.contains(SECRET) && shown.to_lowercase().contains("unique"), "{shown}");
}
