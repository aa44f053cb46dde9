//! A receiver in a process of its own: it takes every delivery, and checks nothing, so as to be cheap.

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use std::io::{BufRead, BufReader, Read};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use tokio::net::TcpListener;

pub const ROLE: &str = "receiver";

pub struct Receiver {
    process: Child,
    address: String,
}

impl Receiver {
    pub fn start() -> Self {
        let mut process = this_program(&[ROLE]).stdin(Stdio::piped()).spawn().expect("the receiver starts");
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

/// This program in another role, its output in a pipe.
pub fn this_program(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(arguments).stdout(Stdio::piped());
    command
}

/// Serves until the standard input ends, which it does with whoever started it.
pub fn serve() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        println!("{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(|_: Bytes| async { StatusCode::NO_CONTENT });
        axum::serve(listener, router).await.expect("the receiver serves");
    });
}
