//! A receiver in its own process. It accepts every delivery and checks nothing, to be cheap.

use crate::{cpu, exit_with_parent};
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpListener;

pub const ROLE: &str = "receiver";

pub struct Receiver {
    process: Child,
    address: String,
}

impl Receiver {
    pub fn start() -> Self {
        Self::start_with(Duration::ZERO, 0)
    }

    pub fn answering_after(delay: Duration) -> Self {
        Self::start_with(delay, 0)
    }

    /// One that responds with a body of this length.
    pub fn answering(bytes: usize) -> Self {
        Self::start_with(Duration::ZERO, bytes)
    }

    fn start_with(delay: Duration, bytes: usize) -> Self {
        let [milliseconds, bytes] = [delay.as_millis().to_string(), bytes.to_string()];
        let mut process =
            this_program(&[ROLE, &milliseconds, &bytes]).stdin(Stdio::piped()).spawn().expect("the receiver starts");
        let mut address = String::new();
        let stdout = process.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut address).expect("the receiver's address");
        Self { process, address: address.trim().to_owned() }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The CPU time that it has used so far.
    pub fn cpu(&self) -> Duration {
        cpu::of_running(self.process.id())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Runs this program in another role, with its output piped.
pub fn this_program(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments).stdout(Stdio::piped());
    command
}

/// The receiver's process.
pub fn serve(delay: Duration, bytes: usize) {
    exit_with_parent();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        println!("{}", listener.local_addr().expect("an address"));
        let response = Bytes::from(vec![b'x'; bytes]);
        let status = if bytes == 0 { StatusCode::NO_CONTENT } else { StatusCode::OK };
        let take = async move |_: Bytes| {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            (status, response.clone())
        };
        let router = Router::new().fallback(take).layer(DefaultBodyLimit::disable());
        axum::serve(listener, router).await.expect("the receiver serves");
    });
}
