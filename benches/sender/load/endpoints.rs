//! Endpoints in this process: healthy ones, and one for each way to fail.

use super::watch::Watch;
use crate::arrivals::hang;
use crate::filling::subscribe_one;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use dealix_webhooks::sender::Queue;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// The customers' ids are these with a number.
pub const HEALTHY: &str = "healthy_";
pub const HEALTHY_ENDPOINTS: usize = 8;
/// Takes what it gets, after a while.
pub const SLOW: &str = "slow_";
pub const REFUSES: &str = "refuses_";
const FAILS: &str = "fails_";
const HANGS: &str = "hangs_";
const RESETS: &str = "resets_";
const BREAKS_TLS: &str = "breaks_tls_";
pub const FAULTS: [&str; 5] = [HANGS, RESETS, BREAKS_TLS, FAILS, REFUSES];

const SLOW_ANSWERS_AFTER: Duration = Duration::from_secs(2);

pub struct Endpoints {
    /// Of the server that answers; each path is a customer's prefix.
    address: String,
}

impl Endpoints {
    /// Serves until this process ends.
    pub fn start(watch: Arc<Watch>) -> Self {
        let listener = listen();
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || serve(listener, watch));
        Self { address }
    }

    pub fn url(&self, name: &str) -> String {
        match name {
            HANGS => hang(),
            RESETS => each_connection("http", reset),
            BREAKS_TLS => each_connection("https", |mut stream| drop(stream.write_all(b"this is not TLS"))),
            _ => format!("{}/{name}", self.address),
        }
    }

    pub async fn subscribe_all(&self, queue: &Queue) {
        for number in 0..HEALTHY_ENDPOINTS {
            subscribe_one(queue, format!("{HEALTHY}{number}"), &self.url(HEALTHY)).await;
        }
        for name in FAULTS.into_iter().chain([SLOW]) {
            subscribe_one(queue, format!("{name}0"), &self.url(name)).await;
        }
    }
}

fn serve(listener: TcpListener, watch: Arc<Watch>) {
    let answer = move |uri: Uri, headers: HeaderMap| async move {
        let name = uri.path().trim_start_matches('/');
        if let HEALTHY | SLOW = name {
            watch.note(headers["dealix-event-id"].to_str().expect("ASCII"), name == HEALTHY);
        }
        if name == SLOW {
            tokio::time::sleep(SLOW_ANSWERS_AFTER).await;
        }
        match name {
            HEALTHY | SLOW => StatusCode::NO_CONTENT,
            FAILS => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::NOT_FOUND,
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        listener.set_nonblocking(true).expect("a socket");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        axum::serve(listener, Router::new().fallback(answer)).await.expect("the endpoints serve");
    });
}

/// The URL of a server that does this with each connection, one at a time.
fn each_connection(scheme: &str, act: fn(TcpStream)) -> String {
    let listener = listen();
    let url = format!("{scheme}://{}/hook", listener.local_addr().expect("an address"));
    std::thread::spawn(move || listener.incoming().flatten().for_each(act));
    url
}

/// Closing a connection while bytes are unread resets it.
fn reset(stream: TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a socket");
    let _ = stream.peek(&mut [0]);
}

fn listen() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
}
