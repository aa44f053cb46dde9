use super::endpoint::REST_AFTER_LOCAL_FAILURE;
use super::{Ended, Endpoints};
use std::num::NonZeroU32;
use tokio::time::{Duration, Instant, advance};

fn slots(endpoints: &Endpoints) -> Vec<(String, usize)> {
    let vacancies = endpoints.vacancies().unwrap_or_default();
    vacancies.into_iter().map(|vacancy| (vacancy.subscription_id.to_string(), vacancy.slots)).collect()
}

fn enter(endpoints: &Endpoints, id: &str, attempts: usize) {
    (0..attempts).for_each(|_| endpoints.enter(id, None));
}

fn leave(endpoints: &Endpoints, id: &str, attempts: usize, ended: Ended) {
    (0..attempts).for_each(|_| endpoints.leave(id, ended));
}

#[test]
fn an_endpoint_starts_with_few_slots_and_each_success_adds_one() {
    let endpoints = Endpoints::new(100, 6);
    assert_eq!(slots(&endpoints), []);
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), [("a".to_owned(), 4)]);
    assert_eq!(slots(&endpoints), [], "nothing more is known to be due");
    enter(&endpoints, "a", 4);
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), [], "it has no free slot");
    leave(&endpoints, "a", 3, Ended::Delivered);
    assert_eq!(slots(&endpoints), [("a".to_owned(), 5)]);
}

#[tokio::test(start_paused = true)]
async fn one_that_times_out_is_probed_until_it_responds() {
    let endpoints = Endpoints::new(100, 16);
    let timed_out = Ended::TimedOut(Duration::from_secs(10));
    enter(&endpoints, "a", 4);
    leave(&endpoints, "a", 4, timed_out);
    assert!(endpoints.is_broken("a"));
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), [], "it rests");
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(slots(&endpoints), [("a".to_owned(), 1)]);
    enter(&endpoints, "a", 1);
    leave(&endpoints, "a", 1, Ended::Answered);
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), [("a".to_owned(), 4)]);
}

#[test]
fn the_last_slots_are_for_those_that_work() {
    let endpoints = Endpoints::new(16, 8);
    enter(&endpoints, "works", 1);
    leave(&endpoints, "works", 1, Ended::Delivered);
    enter(&endpoints, "slow", 1);
    leave(&endpoints, "slow", 1, Ended::DeliveredSlowly);
    enter(&endpoints, "hangs", 11);
    for id in ["new", "slow", "works"] {
        endpoints.note_due(id, Instant::now());
    }
    assert_eq!(slots(&endpoints), [("new".to_owned(), 1), ("works".to_owned(), 4)]);
    enter(&endpoints, "new", 1);
    enter(&endpoints, "works", 4);
    assert_eq!(slots(&endpoints), [], "no slot is free");
    leave(&endpoints, "hangs", 1, Ended::Otherwise);
    assert_eq!(slots(&endpoints), [("slow".to_owned(), 1)], "it was not forgotten");
}

#[test]
fn any_number_of_endpoints_that_hang_leaves_slots_for_those_that_work() {
    let endpoints = Endpoints::new(64, 16);
    enter(&endpoints, "works", 1);
    leave(&endpoints, "works", 1, Ended::Delivered);
    endpoints.tidy();
    for number in 0..10_000 {
        endpoints.note_due(&format!("hangs {number}"), Instant::now());
    }
    for (id, count) in slots(&endpoints) {
        enter(&endpoints, &id, count);
    }
    assert_eq!(endpoints.in_flight(), 48);
    endpoints.note_due("works", Instant::now());
    assert_eq!(slots(&endpoints), [("works".to_owned(), 5)]);
}

#[tokio::test(start_paused = true)]
async fn one_where_this_machine_failed_is_left_alone_for_a_while() {
    let endpoints = Endpoints::new(100, 16);
    enter(&endpoints, "a", 1);
    leave(&endpoints, "a", 1, Ended::Locally);
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), []);
    tokio::time::advance(REST_AFTER_LOCAL_FAILURE).await;
    assert_eq!(slots(&endpoints), [("a".to_owned(), 4)]);
}

#[test]
fn what_is_due_later_is_not_asked_for_now() {
    let endpoints = Endpoints::new(100, 16);
    let later = Instant::now() + Duration::from_secs(60);
    endpoints.note_due("a", later);
    assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), later);
    endpoints.note_due("a", later + Duration::from_secs(60));
    assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), later, "the earlier counts");
    endpoints.tidy();
    assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), later, "it is not forgotten");
}

/// Starts everything that may start at an endpoint that always has something due, and succeeds at once.
fn start_all(endpoints: &Endpoints, id: &str, max_per_second: u32) -> usize {
    endpoints.note_due(id, Instant::now());
    let started = slots(endpoints).into_iter().map(|(_, slots)| slots).sum();
    for _ in 0..started {
        endpoints.enter(id, NonZeroU32::new(max_per_second));
        endpoints.leave(id, Ended::Delivered);
    }
    started
}

#[tokio::test(start_paused = true)]
async fn attempts_at_an_endpoint_with_a_rate_are_spread_over_time() {
    for (max_per_second, at_once) in [(1, 1), (3, 1), (10, 1), (25, 3), (100, 10), (1000, 100)] {
        let endpoints = Endpoints::new(1000, 1000);
        // The database leases no more than this before the worker knows the rate.
        endpoints.enter("a", NonZeroU32::new(max_per_second));
        endpoints.leave("a", Ended::Delivered);
        let mut in_ms = vec![1];
        for _ in 1..=5000 {
            advance(Duration::from_millis(1)).await;
            in_ms.push(start_all(&endpoints, "a", max_per_second));
        }
        let most = in_ms.windows(1000).map(|second| second.iter().sum::<usize>()).max();
        let limit = max_per_second as usize + at_once - 1;
        assert!(most <= Some(limit), "{max_per_second} a second: {most:?} in one");
        let all: usize = in_ms.iter().sum();
        let expected = 5 * max_per_second as usize;
        assert!((expected..=expected + at_once).contains(&all), "{max_per_second} a second: {all} in five");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_that_is_used_up_says_when_to_look_again() {
    let endpoints = Endpoints::new(100, 16);
    assert_eq!(start_all(&endpoints, "b", 2), 4, "of one whose rate is not known yet, the database leases fewer");
    let endpoints = Endpoints::new(100, 16);
    endpoints.enter("a", NonZeroU32::new(2));
    endpoints.note_due("a", Instant::now());
    endpoints.note_due("other", Instant::now());
    assert_eq!(slots(&endpoints), [("other".to_owned(), 4)], "what waits for its rate takes no slot");
    let next = Instant::now() + Duration::from_millis(500);
    assert_eq!(endpoints.vacancies().map(|_| ()).expect_err("nothing yet"), next);
    endpoints.tidy();
    advance(Duration::from_millis(500)).await;
    assert_eq!(slots(&endpoints), [("a".to_owned(), 1)], "it was not forgotten");

    // Each lease brings the rate as it is then.
    endpoints.enter("a", NonZeroU32::new(1000));
    advance(Duration::from_millis(2)).await;
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), [("a".to_owned(), 2)]);
    endpoints.enter("a", None);
    endpoints.note_due("a", Instant::now());
    assert_eq!(slots(&endpoints), [("a".to_owned(), 1)], "no rate: all free slots of the four");
}

#[tokio::test(start_paused = true)]
async fn the_largest_rate_limits_nothing() {
    let endpoints = Endpoints::new(100, 8);
    let started = [(); 3].map(|()| start_all(&endpoints, "a", u32::MAX));
    assert_eq!(started, [4, 8, 8], "all free slots, as without a rate");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_idle_does_not_catch_up() {
    let endpoints = Endpoints::new(1000, 1000);
    endpoints.enter("a", NonZeroU32::new(50));
    endpoints.leave("a", Ended::Delivered);
    advance(Duration::from_secs(3600)).await;
    assert_eq!(start_all(&endpoints, "a", 50), 5);
    assert_eq!(start_all(&endpoints, "a", 50), 0);
}
