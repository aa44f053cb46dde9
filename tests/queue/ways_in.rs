//! The ways to enqueue: one event, many at once, in the caller's own transaction, and through the outbox.

use crate::bed::{Bed, ENDPOINT, answered, event, status};
use crate::records::enqueued;
use crate::support::servers::Kind;
use dealix_webhooks::sender::{DeliveryRequest, Queue, QueueError, QueueOptions, TracedEvent, make_event};
use serde_json::{json, value::to_raw_value};
use sqlx::{Connection as _, PgConnection, SqliteConnection, query, query_scalar};
use std::sync::{Arc, Mutex};

on_every_database![
    many_events_are_queued_all_or_none,
    an_event_in_the_callers_transaction_shares_its_fate,
    a_transaction_on_another_database_is_refused,
    an_event_in_the_outbox_arrives_with_its_numbers_unchanged,
    an_outbox_event_that_can_never_be_sent_stays_and_blocks_nothing,
    too_long_an_envelope_is_refused_with_its_length,
    a_traceparent_is_the_last_header_of_each_attempt,
];

async fn a_traceparent_is_the_last_header_of_each_attempt(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let (traced, untraced, in_transaction) = (event("a", "cus_1"), event("b", "cus_1"), event("c", "cus_1"));
    let with = |event, traceparent: &str| TracedEvent { event, traceparent: Some(traceparent.parse().expect("valid")) };
    bed.queue.enqueue(with(&traced, &traceparent(1))).await.expect("enqueued");
    bed.queue.enqueue_all([with(&untraced, &traceparent(2)), (&traced).into()]).await.expect("enqueued");
    match bed.kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&bed.url).await.expect("a connection");
            bed.queue.enqueue_in(&mut connection, with(&in_transaction, &traceparent(3))).await.expect("queued");
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&bed.url).await.expect("a connection");
            bed.queue.enqueue_in(&mut connection, with(&in_transaction, &traceparent(3))).await.expect("queued");
        }
    }
    // From SQL, one that is not valid is ignored.
    for (event_type, text) in [("d", traceparent(4)), ("e", "nonsense".to_owned()), ("f", "0".repeat(55))] {
        bed.sql(&match bed.kind {
            Kind::Sqlite => format!(
                "INSERT INTO dealix_outbox (event_type, customer_id, data, traceparent) \
                 VALUES ('{event_type}', 'cus_1', '{{}}', '{text}')"
            ),
            Kind::Postgres => {
                format!("SELECT dealix.enqueue('{event_type}', 'cus_1', '{{}}', traceparent => '{text}')")
            }
        })
        .await;
    }
    let sent: Arc<Mutex<Vec<Headers>>> = Arc::default();
    for code in [500, 204] {
        bed.make_due().await;
        let sent = sent.clone();
        bed.work(move |request: DeliveryRequest| {
            sent.lock().expect("no panic").push(request.headers);
            std::future::ready(status(code))
        })
        .await;
    }
    let sent = sent.lock().expect("no panic");
    let value = |headers: &Headers, name: &str| {
        headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone())
    };
    for (event_type, expected) in
        [("a", Some(1)), ("b", Some(2)), ("c", Some(3)), ("d", Some(4)), ("e", None), ("f", None)]
    {
        let of_type = sent.iter().filter(|headers| value(headers, "Dealix-Event-Type").as_deref() == Some(event_type));
        let of_type: Vec<_> = of_type.collect();
        assert_eq!(of_type.len(), 2, "{event_type}");
        for headers in of_type {
            assert_eq!(value(headers, "traceparent"), expected.map(traceparent), "{event_type}");
            let last = if expected.is_some() { "traceparent" } else { "Dealix-Delivery-Attempt" };
            assert_eq!(headers.last().map(|(name, _)| name.as_str()), Some(last), "{event_type}");
        }
    }
}

fn traceparent(number: u8) -> String {
    format!("00-4bf92f3577b34da6a3ce929d0e0e47{number:02}-00f067aa0ba902b7-01")
}

type Headers = Vec<(String, String)>;

async fn many_events_are_queued_all_or_none(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let mut events: Vec<_> = (0..600).map(|_| event("deal.won", "cus_1")).collect();
    let mut bad = event("deal.won", "cus_1");
    bad.event_id = "é".to_owned();
    events.push(bad);
    assert!(matches!(bed.queue.enqueue_all(&events).await, Err(QueueError::Event("event_id"))));
    assert_eq!(bed.events().await, 0);

    events[600] = events[0].clone();
    let results = bed.queue.enqueue_all(&events).await.expect("enqueued");
    assert_eq!(results[..600], [enqueued(1, false); 600]);
    assert_eq!(results[600], enqueued(0, true), "two events with the same id are one");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 600);
    assert_eq!(bed.queue.enqueue_all(&events[..0]).await.expect("nothing"), []);
}

async fn an_event_in_the_callers_transaction_shares_its_fate(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let (kept, lost) = (event("deal.won", "cus_1"), event("deal.won", "cus_1"));
    match bed.kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&bed.url).await.expect("a connection");
            let mut transaction = connection.begin().await.expect("a transaction");
            assert_eq!(bed.queue.enqueue_in(&mut transaction, &kept).await.expect("queued"), enqueued(1, false));
            transaction.commit().await.expect("committed");
            let mut transaction = connection.begin().await.expect("a transaction");
            assert_eq!(bed.queue.enqueue_in(&mut transaction, &kept).await.expect("queued"), enqueued(0, true));
            assert_eq!(bed.queue.enqueue_in(&mut transaction, &lost).await.expect("queued"), enqueued(1, false));
            transaction.rollback().await.expect("rolled back");
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&bed.url).await.expect("a connection");
            let mut transaction = connection.begin().await.expect("a transaction");
            assert_eq!(bed.queue.enqueue_in(&mut transaction, &kept).await.expect("queued"), enqueued(1, false));
            transaction.commit().await.expect("committed");
            let mut transaction = connection.begin().await.expect("a transaction");
            assert_eq!(bed.queue.enqueue_in(&mut transaction, &kept).await.expect("queued"), enqueued(0, true));
            assert_eq!(bed.queue.enqueue_in(&mut transaction, &lost).await.expect("queued"), enqueued(1, false));
            transaction.rollback().await.expect("rolled back");
        }
    }
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
    assert_eq!(bed.delivery().await.event_id, kept.event_id);
}

async fn a_transaction_on_another_database_is_refused(bed: Bed) {
    let event = event("deal.won", "cus_1");
    let refused = match bed.kind {
        Kind::Sqlite => {
            let postgres = Bed::start(Kind::Postgres).await;
            let mut connection = PgConnection::connect(&postgres.url).await.expect("a connection");
            bed.queue.enqueue_in(&mut connection, &event).await
        }
        Kind::Postgres => {
            let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("a connection");
            bed.queue.enqueue_in(&mut connection, &event).await
        }
    };
    assert!(matches!(refused, Err(QueueError::OtherDatabase)), "{refused:?}");
}

/// A transport that keeps the bodies.
fn keeping() -> (Arc<Mutex<Vec<String>>>, impl dealix_webhooks::sender::Transport + 'static) {
    let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = bodies.clone();
    let transport = move |request: DeliveryRequest| {
        kept.lock().expect("no panic").push(String::from_utf8(request.body.to_vec()).expect("ASCII"));
        std::future::ready(status(200))
    };
    (bodies, transport)
}

async fn an_event_in_the_outbox_arrives_with_its_numbers_unchanged(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let data = r#"{"z": 9007199254740993, "amount": 1e2, "name": "شركة"}"#;
    bed.sql(&match bed.kind {
        Kind::Sqlite => {
            format!("INSERT INTO dealix_outbox (event_type, customer_id, data) VALUES ('deal.won', 'cus_1', '{data}')")
        }
        Kind::Postgres => format!("SELECT dealix.enqueue('deal.won', 'cus_1', '{data}')"),
    })
    .await;
    let (bodies, transport) = keeping();
    assert_eq!(bed.work(transport).await.delivered, 1);
    let body = bodies.lock().expect("no panic")[0].clone();
    let data = r#""data":{"amount":100.0,"name":"\u0634\u0631\u0643\u0629","z":9007199254740993},"id":"evt_"#;
    assert!(body.contains(data), "{body}");
    let id = bed.delivery().await.event_id;
    let digits = id.strip_prefix("evt_").expect("an event's id");
    let is_uuid_v4 = digits.len() == 24 && digits.as_bytes()[12] == b'4' && b"89ab".contains(&digits.as_bytes()[16]);
    assert!(is_uuid_v4, "{id}");
    assert_eq!(bed.number("SELECT count(*) FROM dealix_outbox").await, 0);
}

async fn an_outbox_event_that_can_never_be_sent_stays_and_blocks_nothing(bed: Bed) {
    bed.subscribe(ENDPOINT).await;
    let insert = |event_id: &str, event_type: &str, data: &str| {
        format!(
            "INSERT INTO dealix_outbox (event_id, event_type, customer_id, data, created_at) \
             VALUES ('{event_id}', '{event_type}', 'cus_1', '{data}', 1700000000)"
        )
    };
    bed.sql(&insert("evt_1", "déal", "{}")).await;
    bed.sql(&insert("evt_2", "deal.won", r#"{"a": "\ud800"}"#)).await;
    bed.sql(&insert("evt_3", "deal.won", "{}")).await;
    bed.sql(&insert("evt_3", "deal.won", "{}")).await;
    assert_eq!(bed.work(answered(status(200))).await.delivered, 1);
    assert_eq!(bed.delivery().await.event_id, "evt_3");
    let parked = "SELECT count(*) FROM dealix_outbox WHERE error IS NOT NULL AND event_id IN ('evt_1', 'evt_2')";
    assert_eq!((bed.number(parked).await, bed.number("SELECT count(*) FROM dealix_outbox").await), (2, 2));
}

async fn too_long_an_envelope_is_refused_with_its_length(bed: Bed) {
    let payload = to_raw_value(&json!({ "text": "x".repeat(2 << 20) })).expect("JSON");
    let long = make_event("deal.won", "cus_1", payload);
    let error = bed.queue.enqueue(&long).await.expect_err("too long");
    assert!(matches!(error, QueueError::TooLarge { limit: 1_048_576, .. }), "{error:?}");
    assert!(error.to_string().contains("bytes; the limit is 1048576"), "{error}");

    let options = QueueOptions { max_envelope_bytes: 4 << 20, ..Default::default() };
    let generous = Queue::open_with(&bed.url, options).await.expect("a queue");
    generous.enqueue(&long).await.expect("enqueued");
}

/// The function takes text, json and jsonb. What could never be sent fails in the caller's transaction.
#[tokio::test(flavor = "multi_thread")]
async fn the_sql_function_takes_all_json_types_and_refuses_invalid_events() {
    let bed = Bed::start(Kind::Postgres).await;
    bed.subscribe(ENDPOINT).await;
    let mut connection = PgConnection::connect(&bed.url).await.expect("a connection");
    for cast in ["text", "json", "jsonb"] {
        let enqueue = format!("SELECT dealix.enqueue('deal.won', 'cus_1', '{{\"a\": 1}}'::{cast}, 'evt_{cast}')");
        let id: String = query_scalar(sqlx::AssertSqlSafe(enqueue)).fetch_one(&mut connection).await.expect("an id");
        assert_eq!(id, format!("evt_{cast}"));
    }
    let untyped = query_scalar("SELECT dealix.enqueue($1, $2, $3)").bind("deal.won").bind("cus_1").bind("{}");
    let id: String = untyped.fetch_one(&mut connection).await.expect("an id");
    assert!(id.starts_with("evt_"), "{id}");
    assert_eq!(bed.work(answered(status(200))).await.delivered, 4);

    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20));
    let long_id = "c".repeat(256);
    for (event_type, customer_id, data, event_id, reason) in [
        ("", "cus_1", "{}", None, "event_type is empty"),
        ("deal\nwon", "cus_1", "{}", None, "event_type is empty or holds characters"),
        ("deal.won", "", "{}", None, "customer_id is empty"),
        ("deal.won", long_id.as_str(), "{}", None, "longer than 255 bytes"),
        ("deal.won", "cus_1", "{", None, "invalid input syntax for type json"),
        ("deal.won", "cus_1", "[]", None, "data is not a JSON object"),
        ("deal.won", "cus_1", "{}", Some("é"), "event_id is empty or holds characters"),
        ("deal.won", "cus_1", &long, None, "the limit is 1048576"),
    ] {
        let call = query("SELECT dealix.enqueue($1, $2, $3, $4)").bind(event_type).bind(customer_id).bind(data);
        let error = call.bind(event_id).execute(&mut connection).await.expect_err("refused").to_string();
        assert!(error.contains(reason), "{error}");
    }
    query("SET dealix.max_data_bytes = 2000000").execute(&mut connection).await.expect("set");
    let raised = query("SELECT dealix.enqueue('deal.won', 'cus_1', $1)").bind(&long);
    raised.execute(&mut connection).await.expect("the limit was raised");
}
