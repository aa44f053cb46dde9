//! The example receiver on axum, called by the sender.

#[allow(dead_code, reason = "its main function")]
#[path = "../../examples/axum/receiver.rs"]
mod example;

use dealix_webhooks::sender::{
    DeliveryOptions, DeliveryRequest, EndpointPolicy, HttpOptions, HttpTransport, Transport, WebhookSubscription,
    deliver_once, make_event, unix_now,
};
use dealix_webhooks::sign_payload;
use serde_json::{json, value::to_raw_value};

const SECRET: &str = "whsec_test";

async fn start() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/webhooks/dealix", listener.local_addr().expect("an address"));
    let receiver = example::receiver(SECRET).expect("a secret");
    tokio::spawn(async move { axum::serve(listener, receiver).await });
    url
}

fn transport() -> HttpTransport {
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    HttpTransport::new(HttpOptions { endpoints, ..Default::default() }).expect("a transport")
}

async fn deliver(secret: &str, options: &DeliveryOptions) -> Option<u16> {
    let subscription = WebhookSubscription::new("cus_1", start().await, secret, 0);
    let data = to_raw_value(&json!({ "company": "شركة الأفق 🌅", "amount": 12500.0 })).expect("JSON");
    let event = make_event("deal.won", "cus_1", data);
    deliver_once(&subscription, &event, &transport(), options).await.status_code
}

#[tokio::test]
async fn the_axum_example_accepts_a_genuine_delivery() {
    assert_eq!(deliver(SECRET, &DeliveryOptions::default()).await, Some(204));
}

#[tokio::test]
async fn the_axum_example_refuses_what_is_forged_late_unsigned_or_too_large() {
    assert_eq!(deliver("whsec_forged", &DeliveryOptions::default()).await, Some(400));
    let late = DeliveryOptions { now: Some(unix_now() - 3600), ..Default::default() };
    assert_eq!(deliver(SECRET, &late).await, Some(400));
    for (is_signed, length, status) in [(false, 2, 400), (true, 3_000_000, 413)] {
        let body = vec![b' '; length];
        let signature = sign_payload(SECRET, &body, unix_now()).expect("a header");
        let headers = is_signed.then(|| ("Dealix-Signature".to_owned(), signature)).into_iter().collect();
        let request = DeliveryRequest { url: start().await, headers, body: body.into() };
        assert_eq!(transport().send(request).await.status_code, Some(status), "{length}");
    }
}

#[test]
fn the_axum_example_does_not_start_without_a_secret() {
    assert_eq!(example::receiver("").unwrap_err().code(), "empty_secret");
}
