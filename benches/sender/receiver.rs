//! A receiver in its own process. It accepts every delivery and checks nothing, to be cheap.

use crate::exit_with_parent;
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
        Self::answering_after(Duration::ZERO)
    }

    pub fn answering_after(delay: Duration) -> Self {
        let milliseconds = delay.as_millis().to_string();
        let mut process =
            this_program(&[ROLE, &milliseconds]).stdin(Stdio::piped()).spawn().expect("the receiver starts");
        let mut address = String::new();
        let stdout = process.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut address).expect("the receiver's address");
        Self { process, address: address.trim().to_owned() }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
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
pub fn serve(delay: Duration) {
    exit_with_parent();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        println!("{}", listener.local_addr().expect("an address"));
        let take = move |_: Bytes| async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            StatusCode::NO_CONTENT
        };
        let router = Router::new().fallback(take).layer(DefaultBodyLimit::disable());
        axum::serve(listener, router).await.expect("the receiver serves");
    });
}
