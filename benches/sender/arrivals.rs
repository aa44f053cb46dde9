//! Endpoints in this process: one that records when each event arrives, and one that never answers.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// When each event first arrived, by event id.
pub struct Arrivals {
    pub url: String,
    times: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Arrivals {
    /// Serves until this process ends.
    pub fn start(answer_after: Duration) -> Self {
        let times = Arc::<Mutex<HashMap<String, Instant>>>::default();
        let noting = times.clone();
        let take = move |headers: HeaderMap| async move {
            let event_id = headers["dealix-event-id"].to_str().expect("ASCII").to_owned();
            noting.lock().expect("no panic").entry(event_id).or_insert_with(Instant::now);
            if !answer_after.is_zero() {
                tokio::time::sleep(answer_after).await;
            }
            StatusCode::NO_CONTENT
        };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                listener.set_nonblocking(true).expect("a socket");
                let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
                axum::serve(listener, Router::new().fallback(take)).await.expect("the receiver serves");
            });
        });
        Self { url, times }
    }

    pub fn times(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.times.lock().expect("no panic")
    }

    /// Waits until this many events have arrived, or until `patience` is over.
    pub async fn wait_for(&self, events: usize, patience: Duration) {
        let started = Instant::now();
        while self.times().len() < events && started.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The URL of an endpoint that accepts every connection but never answers.
pub fn hang() -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for connection in listener.incoming() {
            open.push(connection);
        }
    });
    url
}
