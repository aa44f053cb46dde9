//! Names that cannot be resolved: whether the endpoint or this machine is to blame.

use crate::support::resolver::{Answer, Resolver, Silent};
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, EndpointError, HttpOptions, HttpTransport, Resolve, Resolving, Transport,
    should_retry,
};
use futures_util::future::join_all;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const TRY_AGAIN: &str = "failed to lookup address information: Temporary failure in name resolution";

fn transport(resolver: Arc<dyn Resolve>) -> HttpTransport {
    let options = HttpOptions { resolver: Some(resolver), ..Default::default() };
    HttpTransport::new(options).expect("a transport")
}

async fn error(transport: &HttpTransport, name: &str) -> DeliveryError {
    let url = format!("https://{name}/path-of-the-url");
    let result = transport.send(DeliveryRequest { url, headers: Vec::new(), body: "{}".into() }).await;
    assert_eq!(result.status_code, None);
    let error = result.error.expect("no name has an address that may be called");
    let text = error.to_string();
    assert!(text.chars().count() <= 200 && !text.contains(name) && !text.contains("of-the-url"), "{text}");
    error
}

fn fails(words: &str) -> Answer {
    Err(words.to_owned())
}

fn of_the_name(words: &str) -> DeliveryError {
    DeliveryError::Transport(words.to_owned())
}

fn of_the_machine(words: &str) -> DeliveryError {
    DeliveryError::Local(format!("names cannot be resolved: {words}"))
}

#[tokio::test]
async fn three_names_failing_in_a_row_are_blamed_on_this_machine() {
    let transport = transport(Resolver::new(vec![fails(TRY_AGAIN)]));
    assert_eq!(error(&transport, "a.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(error(&transport, "b.example").await, of_the_name(TRY_AGAIN));
    // The count is shared by clones, and from now on every failing name is blamed on this machine.
    for name in ["c.example", "d.example", "a.example", "d.example"] {
        let error = error(&transport.clone(), name).await;
        assert_eq!(error, of_the_machine(TRY_AGAIN), "{name}");
        assert!(should_retry(None, Some(&error)), "{name}");
    }
}

#[tokio::test]
async fn two_names_that_keep_failing_are_blamed_on_their_endpoints() {
    let transport = transport(Resolver::new(vec![fails(TRY_AGAIN)]));
    for _ in 0..5 {
        assert_eq!(error(&transport, "a.example").await, of_the_name(TRY_AGAIN));
        assert_eq!(error(&transport, "b.example").await, of_the_name(TRY_AGAIN));
    }
}

#[tokio::test]
async fn transports_count_failing_names_separately() {
    let resolver = Resolver::new(vec![fails(TRY_AGAIN)]);
    for name in ["a.example", "b.example", "c.example", "d.example"] {
        assert_eq!(error(&transport(resolver.clone()), name).await, of_the_name(TRY_AGAIN));
    }
}

/// Even if the address must not be called, the resolver works.
#[tokio::test]
async fn a_resolved_name_resets_the_count() {
    let resolved = Ok(vec!["10.0.0.1".parse().expect("an address")]);
    let mut answers = vec![fails(TRY_AGAIN), fails(TRY_AGAIN), resolved.clone()];
    answers.extend([fails(TRY_AGAIN), fails(TRY_AGAIN), fails(TRY_AGAIN), resolved, fails(TRY_AGAIN)]);
    let transport = transport(Resolver::new(answers));
    let refused = DeliveryError::Endpoint(EndpointError::NotPublic);
    let expected = [
        ("a.example", of_the_name(TRY_AGAIN)),
        ("b.example", of_the_name(TRY_AGAIN)),
        ("c.example", refused.clone()),
        ("d.example", of_the_name(TRY_AGAIN)),
        ("e.example", of_the_name(TRY_AGAIN)),
        ("f.example", of_the_machine(TRY_AGAIN)),
        ("c.example", refused),
        ("f.example", of_the_name(TRY_AGAIN)),
    ];
    for (number, (name, error_of_name)) in expected.into_iter().enumerate() {
        assert_eq!(error(&transport, name).await, error_of_name, "lookup {number}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_the_endpoints_failure() {
    let known = [
        "failed to lookup address information: Name or service not known",
        "failed to lookup address information: No address associated with hostname",
        "failed to lookup address information: Name does not resolve",
        "failed to lookup address information: Name has no usable address",
        "failed to lookup address information: nodename nor servname provided, or not known",
        "No such host is known. (os error 11001)",
    ];
    let mut answers: Vec<_> = known.map(fails).into();
    answers.extend([fails(TRY_AGAIN), fails(TRY_AGAIN), fails(TRY_AGAIN)]);
    answers.extend(known.map(fails));
    let transport = transport(Resolver::new(answers));
    for (number, words) in known.into_iter().enumerate() {
        assert_eq!(error(&transport, &format!("{number}.example")).await, of_the_name(words));
    }
    // None of them counts, and an outage does not change how they are reported.
    assert_eq!(error(&transport, "a.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(error(&transport, "b.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(error(&transport, "c.example").await, of_the_machine(TRY_AGAIN));
    for words in known {
        assert_eq!(error(&transport, "d.example").await, of_the_name(words));
    }
}

/// `ENFILE` and `EMFILE`.
#[cfg(unix)]
#[tokio::test]
async fn a_lookup_without_file_descriptors_is_this_machines_failure() {
    struct Exhausted(i32);
    impl Resolve for Exhausted {
        fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
            Box::pin(async { Err(io::Error::from_raw_os_error(self.0).into()) })
        }
    }
    for (code, is_local) in [(22, false), (23, true), (24, true), (25, false)] {
        let error = error(&transport(Arc::new(Exhausted(code))), "a.example").await;
        assert_eq!(matches!(error, DeliveryError::Local(_)), is_local, "{error:?}");
    }
}

#[tokio::test]
async fn any_other_resolver_error_counts_and_is_truncated() {
    let long = "é".repeat(1000);
    let words = [TRY_AGAIN, "failed to lookup address information: Try again", &long, "no connection"];
    let transport = transport(Resolver::new(words.map(fails).into()));
    error(&transport, "a.example").await;
    error(&transport, "b.example").await;
    assert_eq!(error(&transport, "c.example").await, of_the_machine(&"é".repeat(120)));
    assert_eq!(error(&transport, "d.example").await, of_the_machine("no connection"));
}

/// As with a dead name server: the system's resolver keeps trying for longer than a delivery may take.
#[tokio::test]
async fn a_lookup_without_an_answer_times_out_and_counts() {
    let options =
        HttpOptions { resolver: Some(Arc::new(Silent)), timeout: Duration::from_millis(300), ..Default::default() };
    let transport = HttpTransport::new(options).expect("a transport");
    let late = DeliveryError::TimedOut("looking up the name timed out after 0.12 s".to_owned());
    assert_eq!(error(&transport, "a.example").await, late);
    assert_eq!(error(&transport, "b.example").await, late);
    assert_eq!(error(&transport, "c.example").await, of_the_machine("no response in 0.12 s"));
}

/// Fails every lookup after a while, and blocks a thread until then, as the system's resolver does.
struct Blocking {
    look_up: Duration,
    names: Mutex<Vec<String>>,
}

impl Blocking {
    fn new(look_up: Duration) -> Arc<Self> {
        Arc::new(Self { look_up, names: Mutex::default() })
    }

    fn names(&self) -> Vec<String> {
        self.names.lock().expect("no panic while it is locked").clone()
    }
}

impl Resolve for Blocking {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        self.names.lock().expect("no panic while it is locked").push(name.to_owned());
        let pause = if name == "fast.example" { Duration::ZERO } else { self.look_up };
        let thread = tokio::task::spawn_blocking(move || std::thread::sleep(pause));
        Box::pin(async move {
            thread.await?;
            Err(TRY_AGAIN.into())
        })
    }
}

/// Tokio has 512 threads for blocking work such as lookups.
#[tokio::test]
async fn lookups_of_one_name_share_one_thread() {
    let resolver = Blocking::new(Duration::from_secs(2));
    let transport = transport(resolver.clone());
    let slow = join_all((0..1024).map(|_| error(&transport, "slow.example")));
    let fast = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let started = Instant::now();
        assert_eq!(error(&transport, "fast.example").await, of_the_name(TRY_AGAIN));
        started.elapsed()
    };
    let (slow, fast) = tokio::join!(slow, fast);
    assert!(fast < Duration::from_secs(1), "{fast:?}");
    assert!(slow.iter().all(|error| *error == of_the_name(TRY_AGAIN)), "{slow:?}");
    assert_eq!(resolver.names(), ["slow.example", "fast.example"]);
    // A finished lookup is not remembered.
    error(&transport, "fast.example").await;
    assert_eq!(resolver.names().len(), 3);
}

#[tokio::test]
async fn an_abandoned_lookup_is_joined_by_the_next_request() {
    let resolver = Blocking::new(Duration::from_millis(1200));
    let options =
        HttpOptions { resolver: Some(resolver.clone()), timeout: Duration::from_secs(2), ..Default::default() };
    let transport = HttpTransport::new(options).expect("a transport");
    let late = DeliveryError::TimedOut("looking up the name timed out after 0.8 s".to_owned());
    assert_eq!(error(&transport, "slow.example").await, late);
    assert_eq!(error(&transport, "slow.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(resolver.names(), ["slow.example"]);
}

#[tokio::test]
async fn a_panic_in_the_resolver_is_a_failed_lookup_and_is_not_remembered() {
    struct Panicking(Mutex<usize>);
    impl Resolve for Panicking {
        fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
            let mut count = self.0.lock().expect("no panic while it is locked");
            *count += 1;
            drop(count);
            panic!("whsec_1")
        }
    }
    let resolver = Arc::new(Panicking(Mutex::default()));
    let transport = transport(resolver.clone());
    for _ in 0..2 {
        assert_eq!(error(&transport, "a.example").await, of_the_name("the resolver panicked"));
    }
    assert_eq!(*resolver.0.lock().expect("no panic while it is locked"), 2);
}
