//! Reads a worker's metrics twice a second, which is far more often than Prometheus does.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(500);

pub struct Scraper {
    /// Where the worker is to listen.
    pub address: SocketAddr,
    stop: Sender<()>,
    thread: JoinHandle<usize>,
}

impl Scraper {
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut scraped = 0;
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                scraped += usize::from(scrape(address).contains("dealix_attempts_total"));
            }
            scraped
        });
        Self { address, stop, thread }
    }

    /// Panics if the worker has shown no metrics.
    pub fn stop(self) {
        drop(self.stop);
        assert!(self.thread.join().expect("no panic") > 0, "the worker showed no metrics");
    }
}

/// Nothing if the worker has just ended.
fn scrape(address: SocketAddr) -> String {
    let mut metrics = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: worker\r\n\r\n");
        let _ = stream.read_to_string(&mut metrics);
    }
    metrics
}
