//! Names that are not resolved: whose failure that is, the endpoint's or this machine's.

use crate::support::resolver::{Answer, Resolver, Silent};
use dealix_webhooks::sender::{
    DeliveryError, DeliveryRequest, EndpointError, HttpOptions, HttpTransport, Transport, should_retry,
};
use futures_util::future::join_all;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
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
    let error = result.error.expect("no name stands for an address that may be called");
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
async fn the_third_name_in_a_row_that_fails_shows_that_this_machine_cannot_resolve_names() {
    let transport = transport(Resolver::new(vec![fails(TRY_AGAIN)]));
    assert_eq!(error(&transport, "a.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(error(&transport, "b.example").await, of_the_name(TRY_AGAIN));
    // Clones are of one machine, too; and so it stays, whichever the name.
    for name in ["c.example", "d.example", "a.example", "d.example"] {
        let error = error(&transport.clone(), name).await;
        assert_eq!(error, of_the_machine(TRY_AGAIN), "{name}");
        assert!(should_retry(None, Some(&error)), "{name}");
    }
}

#[tokio::test]
async fn two_names_that_fail_again_and_again_have_themselves_to_blame() {
    let transport = transport(Resolver::new(vec![fails(TRY_AGAIN)]));
    for _ in 0..5 {
        assert_eq!(error(&transport, "a.example").await, of_the_name(TRY_AGAIN));
        assert_eq!(error(&transport, "b.example").await, of_the_name(TRY_AGAIN));
    }
}

#[tokio::test]
async fn transports_know_nothing_of_each_others_names() {
    let resolver = Resolver::new(vec![fails(TRY_AGAIN)]);
    for name in ["a.example", "b.example", "c.example", "d.example"] {
        assert_eq!(error(&transport(resolver.clone()), name).await, of_the_name(TRY_AGAIN));
    }
}

/// Also where the address is one that must not be called: the resolver has done its work.
#[tokio::test]
async fn a_name_that_is_resolved_ends_the_row() {
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
        assert_eq!(error(&transport, name).await, error_of_name, "look-up {number}");
    }
}

#[tokio::test]
async fn a_name_that_there_is_not_is_the_endpoints_own_failure() {
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
    // None of them has counted, and the outage makes no difference to them.
    assert_eq!(error(&transport, "a.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(error(&transport, "b.example").await, of_the_name(TRY_AGAIN));
    assert_eq!(error(&transport, "c.example").await, of_the_machine(TRY_AGAIN));
    for words in known {
        assert_eq!(error(&transport, "d.example").await, of_the_name(words));
    }
}

#[tokio::test]
async fn whatever_else_a_resolver_says_counts_and_is_cut() {
    let long = "é".repeat(1000);
    let words = [TRY_AGAIN, "failed to lookup address information: Try again", &long, "no connection"];
    let transport = transport(Resolver::new(words.map(fails).into()));
    error(&transport, "a.example").await;
    error(&transport, "b.example").await;
    assert_eq!(error(&transport, "c.example").await, of_the_machine(&"é".repeat(120)));
    assert_eq!(error(&transport, "d.example").await, of_the_machine("no connection"));
}

/// As where the only name server is dead: the system's resolver goes on asking for longer than a delivery may take.
#[tokio::test]
async fn a_look_up_without_an_answer_is_given_up_and_counts() {
    let options =
        HttpOptions { resolver: Some(Arc::new(Silent)), timeout: Duration::from_millis(300), ..Default::default() };
    let transport = HttpTransport::new(options).expect("a transport");
    let late = DeliveryError::TimedOut("looking up the name timed out after 0.12 s".to_owned());
    assert_eq!(error(&transport, "a.example").await, late);
    assert_eq!(error(&transport, "b.example").await, late);
    assert_eq!(error(&transport, "c.example").await, of_the_machine("no response in 0.12 s"));
}

/// Fails every look-up after a while, in which it keeps a thread busy as the system's resolver does.
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
    fn resolve(&self, name: Name) -> Resolving {
        self.names.lock().expect("no panic while it is locked").push(name.as_str().to_owned());
        let pause = if name.as_str() == "fast.example" { Duration::ZERO } else { self.look_up };
        let thread = tokio::task::spawn_blocking(move || std::thread::sleep(pause));
        Box::pin(async move {
            thread.await?;
            Err::<Addrs, _>(TRY_AGAIN.into())
        })
    }
}

/// There are 512 threads for it.
#[tokio::test]
async fn one_names_look_ups_take_one_thread_and_leave_the_others_to_other_names() {
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
    // What has ended is not remembered.
    error(&transport, "fast.example").await;
    assert_eq!(resolver.names().len(), 3);
}

#[tokio::test]
async fn a_look_up_that_nobody_waits_for_any_more_is_joined_by_the_next_to_ask() {
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
async fn a_resolver_that_panics_is_a_failed_look_up_and_the_next_is_made_anew() {
    struct Panicking(Mutex<usize>);
    impl Resolve for Panicking {
        fn resolve(&self, _: Name) -> Resolving {
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
