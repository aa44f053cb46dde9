//! The durable queue, the same behaviour on every database.
#![cfg(all(feature = "postgres", feature = "redis"))]

mod support;

use dealix_webhooks::native::{
    EndpointPolicy, HttpOptions, HttpTransport, Queue, WebhookSubscription, WorkOptions, make_event,
};
use serde_json::{json, value::to_raw_value};
use support::receiver::{Receiver, SECRET};
use support::servers::{Database, Kind};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_enqueued_arrives_once() {
    for kind in [Kind::Sqlite, Kind::Postgres, Kind::Redis] {
        let database = Database::start(kind);
        let receiver = Receiver::start(|_| 204).await;
        let queue = Queue::open(&database.url()).await.expect("a queue");
        queue
            .add_subscription(WebhookSubscription::new("cus_1", receiver.url("/hook"), SECRET, 0))
            .await
            .expect("a subscription");
        let event = make_event("deal.won", "cus_1", to_raw_value(&json!({"amount": 1})).expect("JSON"));
        assert_eq!(queue.enqueue(&event).await.expect("enqueued").deliveries, 1);

        let endpoints =
            EndpointPolicy { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
        let transport = HttpTransport::new(HttpOptions { endpoints, ..Default::default() }).expect("a transport");
        let options = WorkOptions { until_idle: true, ..Default::default() };
        let summary = queue.worker(transport, options).run(std::future::pending()).await;

        assert_eq!(summary.delivered, 1, "{kind:?}");
        assert_eq!(receiver.arrivals(), [(event.event_id, 1)].into(), "{kind:?}");
        assert_eq!(receiver.refused(), Vec::<String>::new());
    }
}
