//! Deliveries without a queue: the transport alone, and `dispatch`, which also serializes and signs.

use crate::documents::{self, raw};
use crate::receiver::Receiver;
use crate::statistics::median;
use crate::table::{Row, Table};
use crate::{SECRET, runtime, step};
use dealix_webhooks::sender::{
    DeliveryOptions, DeliveryRequest, DeliveryResult, EndpointPolicy, HttpOptions, HttpTransport, Transport,
    WebhookSubscription, dispatch, make_event,
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use std::fmt;
use std::sync::Mutex;
use std::time::Instant;

const ROUNDS: usize = 5;
const DELIVERIES: usize = 10_000;
/// How many deliveries are in flight at once.
const IN_FLIGHT: usize = 64;

/// Deliveries per second.
#[derive(Serialize)]
pub struct Figures {
    transport: f64,
    dispatch: f64,
}

pub fn measure() -> Figures {
    step("deliveries");
    let receiver = Receiver::start();
    let url = receiver.url();
    runtime().block_on(async {
        let transport = transport();
        let subscriptions = [WebhookSubscription::new("cus_1", url, SECRET, 0)];
        let request = prepared(&subscriptions).await;
        let (mut alone, mut dispatched) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(rate(|| async { transport.send(request.clone()).await.status_code == Some(204) }).await);
            dispatched.push(rate(|| dispatch_one(&subscriptions, &transport)).await);
        }
        Figures { transport: median(alone), dispatch: median(dispatched) }
    })
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |label: &str, rate: f64| Row::new(label, [format!("{rate:.0}")]);
        let table = Table {
            about: format!(
                "Deliveries to a receiver on loopback, {IN_FLIGHT} in flight, bodies of 300 bytes; without a queue."
            ),
            columns: vec!["delivered/s"],
            rows: vec![row("transport alone", self.transport), row("dispatch (serialize, sign, send)", self.dispatch)],
        };
        table.fmt(f)
    }
}

pub fn transport() -> HttpTransport {
    let endpoints =
        EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    HttpTransport::new(HttpOptions { endpoints, ..Default::default() }).expect("a transport")
}

/// A request as `dispatch` passes it to the transport.
async fn prepared(subscriptions: &[WebhookSubscription]) -> DeliveryRequest {
    let handed = Mutex::new(None);
    dispatch_one(subscriptions, &|request| {
        *handed.lock().expect("no panic") = Some(request);
        async { DeliveryResult { status_code: Some(204), ..Default::default() } }
    })
    .await;
    handed.into_inner().expect("no panic").expect("a delivery")
}

async fn dispatch_one(subscriptions: &[WebhookSubscription], transport: &impl Transport) -> bool {
    let event = make_event("deal.won", "cus_1", raw(&documents::small()));
    dispatch(subscriptions, &event, transport, &DeliveryOptions::default()).await.delivered == 1
}

async fn rate<F: Future<Output = bool>>(deliver: impl Fn() -> F) -> f64 {
    let started = Instant::now();
    let delivered = stream::iter(0..DELIVERIES).map(|_| deliver()).buffer_unordered(IN_FLIGHT);
    assert!(delivered.all(|delivered| async move { delivered }).await, "the receiver refused a delivery");
    DELIVERIES as f64 / started.elapsed().as_secs_f64()
}
