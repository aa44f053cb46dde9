//! Secrets that are sealed in the database: they sign, nobody can read them there, and without the key nothing is lost.

use crate::bed::{Bed, ENDPOINT, answered, now, status, until_idle};
use crate::support::receiver::SECRET;
use crate::support::servers::{Database, Kind};
use dealix_webhooks::Verifier;
use dealix_webhooks::sender::{
    DeliveryRequest, DeliveryState, Queue, QueueError, QueueOptions, SecretsAtRest, SecretsKeys, WebhookSubscription,
    WorkOptions,
};
use sqlx::{Connection as _, PgConnection, raw_sql};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KEY: &str = "8ff1e0bbc9c6f4ce9c1d4f4f1e6f0f0c5d3a4a2b6b9c7d8e0f1a2b3c4d5e6f70";
const NEWER_KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";

on_every_database![
    a_sealed_secret_signs_and_is_rotated,
    without_the_key_nothing_is_signed_overwritten_or_abandoned,
    beside_a_worker_without_the_key_everything_is_delivered,
    rekeying_seals_what_was_in_clear_or_sealed_with_another_key,
    rekeying_passes_over_what_is_damaged_and_names_it,
    without_a_key_there_is_no_rekeying,
    a_sealed_text_in_another_row_signs_nothing,
];

fn keys(text: &str) -> SecretsKeys {
    text.parse().expect("keys")
}

async fn opened(url: &str, with: &str) -> Queue {
    let options = QueueOptions { secrets_keys: keys(with), ..Default::default() };
    Queue::open_with(url, options).await.expect("a queue")
}

async fn subscribe(queue: &Queue) -> String {
    let subscription = WebhookSubscription::new("cus_1", ENDPOINT, SECRET, 0);
    queue.add_subscription(subscription).await.expect("a subscription")
}

async fn at_rest(queue: &Queue, id: &str) -> SecretsAtRest {
    queue.subscription(id).await.expect("the subscription").secrets_at_rest
}

async fn a_sealed_secret_signs_and_is_rotated(bed: Bed) {
    let queue = opened(&bed.url, KEY).await;
    let id = subscribe(&queue).await;
    queue.rotate_secret(&id, "whsec_new").await.expect("rotated");
    bed.enqueue().await;
    let requests: Arc<Mutex<Vec<DeliveryRequest>>> = Arc::default();
    let sent = requests.clone();
    let transport = move |request: DeliveryRequest| {
        sent.lock().expect("no panic").push(request);
        std::future::ready(status(200))
    };
    let summary = queue.worker(transport, until_idle()).run(std::future::pending()).await;
    assert_eq!(summary.delivered, 1);

    let request = requests.lock().expect("no panic").pop().expect("a request");
    let signature = request.headers.iter().find(|(name, _)| name == "Dealix-Signature").map(|(_, value)| value.clone());
    for secret in [SECRET, "whsec_new"] {
        let verifier = Verifier::new([secret]).expect("a secret");
        let verified = verifier.verify(signature.as_deref().expect("a signature").as_bytes(), &request.body, now());
        verified.expect("both secrets sign");
    }
}

async fn without_the_key_nothing_is_signed_overwritten_or_abandoned(bed: Bed) {
    let id = subscribe(&opened(&bed.url, KEY).await).await;
    bed.enqueue().await;
    let before = bed.delivery().await;
    for queue in [opened(&bed.url, NEWER_KEY).await, bed.queue.clone()] {
        let stored = queue.subscription(&id).await.expect("it can be listed");
        assert!(matches!(stored.secrets_at_rest, SecretsAtRest::Locked { .. }), "{stored:?}");
        assert_eq!(stored.subscription.active_secrets(now()).count(), 0);
        let rotated = queue.rotate_secret(&id, "whsec_new").await;
        assert!(matches!(rotated, Err(QueueError::SecretsLocked { .. })), "{rotated:?}");
        let worker = queue.worker(answered(status(200)), WorkOptions::default());
        worker.run(tokio::time::sleep(Duration::from_millis(500))).await;
        let after = bed.delivery().await;
        assert_eq!((after.state, after.attempts, after.error), (DeliveryState::Pending, 0, None));
        assert_eq!(after.next_attempt_at, before.next_attempt_at, "it is as due as before");
    }
    // An operator without the key can still do what needs no secret.
    bed.queue.pause_subscription(&id, true).await.expect("paused");
    bed.queue.pause_subscription(&id, false).await.expect("resumed");
    let queue = opened(&bed.url, KEY).await;
    let summary = queue.worker(answered(status(200)), until_idle()).run(std::future::pending()).await;
    assert_eq!(summary.delivered, 1);
}

async fn beside_a_worker_without_the_key_everything_is_delivered(bed: Bed) {
    let queue = opened(&bed.url, KEY).await;
    subscribe(&queue).await;
    let (told, hears) = tokio::sync::oneshot::channel::<()>();
    let stranger = opened(&bed.url, NEWER_KEY).await.worker(answered(status(200)), WorkOptions::default());
    let stranger = tokio::spawn(stranger.run(async move {
        let _ = hears.await;
    }));
    for _ in 0..100 {
        bed.enqueue().await;
    }
    let summary = queue.worker(answered(status(200)), until_idle()).run(std::future::pending()).await;
    assert_eq!((summary.delivered, summary.dead_letters), (100, 0));
    told.send(()).expect("the stranger works");
    let summary = stranger.await.expect("no panic");
    assert_eq!((summary.delivered, summary.retries, summary.dead_letters), (0, 0, 0));
}

async fn rekeying_seals_what_was_in_clear_or_sealed_with_another_key(bed: Bed) {
    let clear = subscribe(&bed.queue).await;
    let older = opened(&bed.url, KEY).await;
    let sealed = subscribe(&older).await;
    assert_eq!(at_rest(&older, &clear).await, SecretsAtRest::Clear);

    let newer = opened(&bed.url, NEWER_KEY).await;
    let done = newer.reseal_secrets().await.expect("resealed");
    assert_eq!((done.resealed, done.unchanged, done.locked), (1, 0, 1), "{done:?}");
    assert!(matches!(at_rest(&older, &sealed).await, SecretsAtRest::Sealed { .. }), "it was left as it was");

    let both = opened(&bed.url, &format!("{NEWER_KEY} {KEY}")).await;
    let done = both.reseal_secrets().await.expect("resealed");
    assert_eq!((done.resealed, done.unchanged, done.locked), (1, 1, 0), "{done:?}");
    for id in [clear, sealed] {
        let stored = newer.subscription(&id).await.expect("the subscription");
        let current = stored.subscription.active_secrets(now()).collect::<Vec<_>>();
        assert_eq!(current, [SECRET], "the newer key alone opens them");
    }
}

async fn rekeying_passes_over_what_is_damaged_and_names_it(bed: Bed) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(subscribe(&bed.queue).await);
    }
    ids.sort();
    let queue = opened(&bed.url, KEY).await;
    bed.sql(&format!("UPDATE dealix_subscriptions SET secrets = '{{\"key\":\"x\"' || secrets WHERE id = '{}'", ids[1]))
        .await;
    // Only its secrets matter here.
    bed.sql(&format!("UPDATE dealix_subscriptions SET max_per_second = -1 WHERE id = '{}'", ids[0])).await;
    let partly = queue.reseal_secrets().await.expect("the others are resealed");
    assert_eq!((partly.resealed, partly.damaged.len(), &partly.damaged[0].id), (2, 1, &ids[1]));
    assert!(!format!("{partly:?}").contains(SECRET), "{partly:?}");
    bed.sql(&format!("UPDATE dealix_subscriptions SET secrets = substr(secrets, 11) WHERE id = '{}'", ids[1])).await;
    let done = queue.reseal_secrets().await.expect("resealed");
    assert_eq!((done.resealed, done.unchanged, done.damaged.len()), (1, 2, 0));
    let again = queue.reseal_secrets().await.expect("nothing to do");
    assert_eq!((again.resealed, again.unchanged), (0, 3));
}

async fn without_a_key_there_is_no_rekeying(bed: Bed) {
    subscribe(&bed.queue).await;
    assert!(matches!(bed.queue.reseal_secrets().await, Err(QueueError::NoSecretsKey)));
}

async fn a_sealed_text_in_another_row_signs_nothing(bed: Bed) {
    let queue = opened(&bed.url, KEY).await;
    let (theirs, ours) = (subscribe(&queue).await, subscribe(&queue).await);
    bed.sql(&format!(
        "UPDATE dealix_subscriptions SET secrets = (SELECT secrets FROM dealix_subscriptions WHERE id = '{theirs}') \
         WHERE id = '{ours}'"
    ))
    .await;
    let read = queue.subscription(&ours).await;
    assert!(matches!(read, Err(QueueError::Damaged(_))), "{read:?}");
    queue.subscription(&theirs).await.expect("it is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_rekeying_waits_for_a_transaction_nobody_else_does() {
    let bed = Bed::start(Kind::Postgres).await;
    subscribe(&bed.queue).await;
    let mut reading = PgConnection::connect(&bed.url).await.expect("a connection");
    raw_sql("BEGIN; SELECT * FROM dealix_subscriptions").execute(&mut reading).await.expect("read");
    let queue = opened(&bed.url, KEY).await;
    let rekeying = tokio::spawn(async move { queue.reseal_secrets().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let enqueued = tokio::time::timeout(Duration::from_secs(10), bed.enqueue()).await;
    enqueued.expect("an event is enqueued while the transaction is open");
    let done = rekeying.await.expect("no panic").expect("resealed");
    assert_eq!((done.resealed, done.scrubbed), (1, false));
    raw_sql("COMMIT").execute(&mut reading).await.expect("committed");
    assert!(opened(&bed.url, KEY).await.reseal_secrets().await.expect("repeated").scrubbed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_rewrite_the_table_says_so() {
    let bed = Bed::start(Kind::Postgres).await;
    let id = subscribe(&bed.queue).await;
    let database = bed.url.rsplit_once('/').expect("a URL").1;
    let role = format!("rekeys_{database}");
    bed.sql(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA public TO {role}")).await;
    let queue = opened(&bed.url.replace("postgres@", &format!("{role}@")), KEY).await;
    let done = queue.reseal_secrets().await.expect("resealed");
    assert_eq!((done.resealed, done.scrubbed), (1, false));
    assert!(matches!(at_rest(&queue, &id).await, SecretsAtRest::Sealed { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_a_sqlite_queue_holds_a_sealed_secret() {
    no_file_holds_a_sealed_secret(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_of_a_postgres_queue_holds_a_sealed_secret() {
    no_file_holds_a_sealed_secret(Kind::Postgres).await;
}

async fn no_file_holds_a_sealed_secret(kind: Kind) {
    let database = tokio::task::spawn_blocking(move || Database::start(kind)).await.expect("a server");
    let (first, second, clear) = ("whsec_the_first_one", "whsec_the_second_one", "whsec_one_in_clear");
    let queue = opened(&database.url(), KEY).await;
    let id = queue.add_subscription(WebhookSubscription::new("cus_1", ENDPOINT, first, 0)).await.expect("added");
    queue.rotate_secret(&id, second).await.expect("rotated");
    queue.enqueue(&crate::bed::event("deal.won", "cus_1")).await.expect("enqueued");
    queue.worker(answered(status(500)), until_idle()).run(std::future::pending()).await;
    for secret in [first, second] {
        assert_eq!(files_with(database.folder(), secret), Vec::<String>::new());
    }

    // What is in clear is found, so the search sees something, until it is resealed.
    let unsealed = Queue::open(&database.url()).await.expect("a queue");
    // So many that pages were split, and some rows were rewritten in another place.
    for number in 0..50 {
        let subscription = WebhookSubscription::new("cus_2", ENDPOINT, format!("{clear}_{number}"), 0);
        let id = unsealed.add_subscription(subscription).await.expect("added");
        if number % 3 == 0 {
            unsealed.enable_subscription(&id, false).await.expect("disabled");
        }
    }
    drop(unsealed);
    assert!(!files_with(database.folder(), clear).is_empty());
    let done = queue.reseal_secrets().await.expect("resealed");
    assert!(done.scrubbed, "{done:?}");
    let in_tables = files_with(database.folder(), clear).into_iter().filter(|file| !file.contains("pg_wal"));
    assert_eq!(in_tables.collect::<Vec<_>>(), Vec::<String>::new());
}

/// The files beneath a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(text.len()).any(|window| window == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}
