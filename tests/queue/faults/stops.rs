//! Workers that are told to stop.

use crate::faults::bed::{Bed, all_deliveries, assert_all_arrived, assert_no_duplicates, enqueue};
use crate::faults::worker::{SENDER, Worker, until};
use crate::support::receiver::Receiver;
use dealix_webhooks::sender::DeliveryState;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

on_every_database![alone: a_worker_told_to_stop_gives_back_what_it_has_not_begun];

async fn a_worker_told_to_stop_gives_back_what_it_has_not_begun(bed: Bed) {
    const IN_FLIGHT: usize = 16;
    const LONG: Duration = Duration::from_secs(4);
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = is_slow.clone();
    let receiver = Receiver::slow(move |_| if slow.load(Relaxed) { LONG } else { Duration::ZERO }).await;
    // An endpoint that is new to the worker gets four places.
    for hook in 0..IN_FLIGHT / 4 {
        bed.subscribe(&receiver.url(&format!("/{hook}")), Some(&format!("deal.{hook}"))).await;
    }
    let mut events = std::collections::BTreeSet::new();
    for hook in 0..IN_FLIGHT / 4 {
        events.extend(enqueue(&bed.queue, &format!("deal.{hook}"), 25).await);
    }
    // A lease so long that the other worker could not wait for it within this test.
    let worker = Worker::start(&bed.url, &["--lease", "10m"]);
    until("16 attempts in flight", || receiver.count() == IN_FLIGHT).await;
    worker.signal("TERM");
    let told = Instant::now();
    is_slow.store(false, Relaxed);
    worker.finish().await;
    assert!(told.elapsed() < LONG + Duration::from_secs(2), "it took {:?} to stop", told.elapsed());
    assert_eq!(receiver.count(), IN_FLIGHT, "no attempt began after that");

    let (delivered, left): (Vec<_>, Vec<_>) =
        all_deliveries(&bed.queue).await.into_iter().partition(|delivery| delivery.state == DeliveryState::Delivered);
    assert_eq!((delivered.len(), left.len()), (IN_FLIGHT, events.len() - IN_FLIGHT), "what was in flight is recorded");
    assert!(left.iter().all(|delivery| (delivery.state, delivery.attempts) == (DeliveryState::Pending, 0)), "{left:?}");
    let leased = bed.number("SELECT count(*) FROM dealix_deliveries WHERE leased_by IS NOT NULL").await;
    assert_eq!(leased, 0, "the rest is released");

    let began = Instant::now();
    Worker::start(&bed.url, &["--until-idle"]).finish().await;
    assert!(began.elapsed() < Duration::from_secs(10), "another worker took {:?}", began.elapsed());
    assert_eq!(assert_all_arrived(&bed.queue, &receiver, &events).await, 0, "every attempt is in the log");
    assert_no_duplicates(&receiver);
}

/// In a namespace of its own it is process 1, as in a container, for which the system ignores signals that it does not handle.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_process_of_a_container_ends_while_it_waits_for_its_database() {
    for (arguments, signal, code, says) in [
        (&["work"][..], "TERM", 0, "stopped before any attempt was made"),
        (&["work"], "INT", 0, "stopped before any attempt was made"),
        (&["secrets", "rekey"], "TERM", 143, "stopped before the command was done"),
        (&["replay", "dlv_1"], "INT", 130, "stopped before the command was done"),
    ] {
        // It accepts the connection and says nothing.
        let database = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("postgres://u@{}/db", database.local_addr().expect("its address"));
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--kill-child", SENDER]).args(arguments).env("DEALIX_DATABASE", url);
        let unshare = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("unshare, as root");
        let connection = database.accept().await.expect("a connection");
        let began = Instant::now();
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let child = std::fs::read_to_string(children).expect("its child");
        let sent = Command::new("kill").args(["-s", signal, child.trim()]).status().expect("kill");
        assert!(sent.success(), "SIG{signal} cannot be sent");
        let output =
            tokio::task::spawn_blocking(|| unshare.wait_with_output()).await.expect("no panic").expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(says), "{arguments:?}: {output:?}");
        assert!(began.elapsed() < Duration::from_secs(3), "it took {:?} to stop", began.elapsed());
        drop(connection);
    }
}
