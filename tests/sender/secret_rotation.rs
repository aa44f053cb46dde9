//! A subscription's secrets: all active ones sign, from rotation until expiry.

use dealix_webhooks::sender::{
    DeliveryError, DeliveryOptions, DeliveryRequest, DeliveryResult, MAX_ACTIVE_SECRETS, SECRET_OVERLAP_SECONDS,
    Secret, SubscriptionSecret, TooManySecretsError, WebhookDelivery, WebhookSubscription, deliver_once, should_retry,
};
use dealix_webhooks::{ConfigurationError, Verifier, WebhookEvent, serialize_envelope, sign_payload};

const NOW: i64 = 1_700_000_000;

fn subscription() -> WebhookSubscription {
    WebhookSubscription::new("cus_1", "https://receiver.example/", "whsec_old", 0)
}

fn rotated() -> WebhookSubscription {
    let mut subscription = subscription();
    subscription.rotate_secret("whsec_new", NOW).expect("room for another secret");
    subscription
}

fn active(subscription: &WebhookSubscription, now: i64) -> Vec<&str> {
    subscription.active_secrets(now).collect()
}

fn event() -> WebhookEvent {
    let json = r#"{"event_id":"evt_1","event_type":"deal.won","customer_id":"cus_1","payload":{},"timestamp":1}"#;
    WebhookEvent::from_json(json).expect("a record")
}

async fn deliver(subscription: &WebhookSubscription, now: i64) -> WebhookDelivery {
    let transport = |_: DeliveryRequest| async { DeliveryResult { status_code: Some(200), ..Default::default() } };
    let options = DeliveryOptions { now: Some(now), ..Default::default() };
    deliver_once(subscription, &event(), &transport, &options).await
}

#[tokio::test]
async fn every_active_secret_signs_and_the_current_one_comes_first() {
    let mut subscription = rotated();
    subscription.rotate_secret("whsec_newest", NOW + 1).expect("room for another secret");
    let body = serialize_envelope(&event()).expect("a canonical form");
    let v1 = |secret| sign_payload(secret, &body, NOW + 1).expect("signed").split_once(",").expect("a v1").1.to_owned();

    let signature = deliver(&subscription, NOW + 1).await.request_signature;
    let expected = format!("t={},{},{},{}", NOW + 1, v1("whsec_newest"), v1("whsec_new"), v1("whsec_old"));
    assert_eq!(signature, expected);
}

#[tokio::test]
async fn old_and_new_secret_both_verify_during_the_overlap() {
    let body = serialize_envelope(&event()).expect("a canonical form");
    for now in [NOW, NOW + SECRET_OVERLAP_SECONDS - 1] {
        let signature = deliver(&rotated(), now).await.request_signature;
        for (secrets, index) in [
            (vec!["whsec_old"], 0),
            (vec!["whsec_new"], 0),
            (vec!["whsec_new", "whsec_old"], 0),
            (vec!["whsec_other", "whsec_old"], 1),
        ] {
            let verified = Verifier::new(&secrets).expect("secrets").verify(&signature, &body, now);
            assert_eq!(verified.expect("a good signature").secret_index, index, "{secrets:?} at {now}");
        }
        assert!(Verifier::new(["whsec_other"]).expect("a secret").verify(&signature, &body, now).is_err());
    }
}

#[tokio::test]
async fn the_old_secret_signs_for_exactly_one_day() {
    assert_eq!(SECRET_OVERLAP_SECONDS, 86_400);
    let subscription = rotated();
    assert_eq!(active(&subscription, NOW + 86_399), ["whsec_new", "whsec_old"]);
    assert_eq!(active(&subscription, NOW + 86_400), ["whsec_new"]);

    let body = serialize_envelope(&event()).expect("a canonical form");
    let signature = deliver(&subscription, NOW + 86_400).await.request_signature;
    assert!(Verifier::new(["whsec_old"]).expect("a secret").verify(&signature, &body, NOW + 86_400).is_err());
    assert!(Verifier::new(["whsec_new"]).expect("a secret").verify(&signature, &body, NOW + 86_400).is_ok());
}

#[test]
fn a_second_rotation_does_not_extend_the_first_secrets_life() {
    let mut subscription = rotated();
    subscription.rotate_secret("whsec_newest", NOW + 1000).expect("room for another secret");
    let expiries: Vec<_> = subscription.secrets.iter().map(|secret| secret.expires_at).collect();
    assert_eq!(expiries, [None, Some(NOW + 1000 + 86_400), Some(NOW + 86_400)]);
}

#[test]
fn at_most_five_secrets_are_active_at_once() {
    let mut subscription = subscription();
    for number in 1..MAX_ACTIVE_SECRETS {
        subscription.rotate_secret(format!("whsec_{number}"), NOW).expect("room for another secret");
    }
    assert_eq!(subscription.active_secrets(NOW).count(), 5);
    assert_eq!(subscription.rotate_secret("whsec_6", NOW + 86_399), Err(TooManySecretsError));
    assert_eq!(active(&subscription, NOW), ["whsec_4", "whsec_3", "whsec_2", "whsec_1", "whsec_old"]);

    subscription.rotate_secret("whsec_6", NOW + 86_400).expect("the others have expired");
    assert_eq!(active(&subscription, NOW + 86_400), ["whsec_6", "whsec_4"]);
}

#[test]
fn a_rotation_removes_expired_secrets() {
    let mut subscription = rotated();
    subscription.rotate_secret("whsec_newest", NOW + 86_400).expect("room for another secret");
    let secrets: Vec<_> = subscription.secrets.iter().map(|secret| secret.secret.expose()).collect();
    assert_eq!(secrets, ["whsec_newest", "whsec_new"]);
}

#[test]
fn a_rotation_at_the_end_of_time_does_not_overflow() {
    let mut subscription = subscription();
    subscription.rotate_secret("whsec_new", i64::MAX).expect("room for another secret");
    assert_eq!(active(&subscription, i64::MAX - 1), ["whsec_new", "whsec_old"]);
}

#[tokio::test]
async fn a_subscription_without_an_active_secret_is_a_permanent_error() {
    let expired = SubscriptionSecret { secret: "whsec_old".into(), expires_at: Some(NOW) };
    for secrets in [vec![], vec![expired]] {
        let delivery = deliver(&WebhookSubscription { secrets, ..subscription() }, NOW).await;
        assert_eq!(delivery.error, Some(DeliveryError::Signature(ConfigurationError::EmptySecret)));
        assert!(!should_retry(delivery.status_code, delivery.error.as_ref()));
        assert_eq!(delivery.request_signature, "");
    }
}

#[tokio::test]
async fn an_empty_secret_among_others_is_an_error() {
    let mut subscription = subscription();
    subscription.rotate_secret("", NOW).expect("room for another secret");
    let delivery = deliver(&subscription, NOW).await;
    assert_eq!(delivery.error, Some(DeliveryError::Signature(ConfigurationError::EmptySecret)));
}

#[tokio::test]
async fn a_guessable_secret_signs_nothing_and_is_dropped_on_rotation() {
    let mut subscription = WebhookSubscription::new("cus_1", "https://receiver.example/", "undefined", 0);
    let delivery = deliver(&subscription, NOW).await;
    assert!(
        matches!(delivery.error, Some(DeliveryError::Signature(ConfigurationError::InvalidSecret(_)))),
        "{delivery:?}"
    );
    assert!(!should_retry(delivery.status_code, delivery.error.as_ref()));
    subscription.rotate_secret("whsec_new", NOW).expect("room for another secret");
    assert_eq!(active(&subscription, NOW), ["whsec_new"]);
    assert!(deliver(&subscription, NOW).await.success);
}

#[tokio::test]
async fn debug_output_shows_no_secrets() {
    let subscription = rotated();
    let verifier = Verifier::new(["whsec_old", "whsec_new"]).expect("secrets");
    let delivery = deliver(&subscription, NOW).await;
    let secret = Secret::from("whsec_old");
    let debug = format!("{secret:?} {secret:#?} {subscription:?} {subscription:#?} {verifier:?} {delivery:?}");
    assert!(debug.contains("[redacted]"), "{debug}");
    for hidden in ["whsec_old", "whsec_new", "v1="] {
        assert!(!debug.contains(hidden), "{hidden} is in {debug}");
    }
}
