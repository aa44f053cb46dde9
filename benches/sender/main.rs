//! `cargo xtask bench sender`: how fast the sender is on this machine, as a table or, with `--json`, for programs.
//!
//! The receiver and the queue's worker are processes of their own, so that each has its own memory and nobody's work
//! hides in another's. All of them, and the database, share the machine's cores.

mod canonical;
mod deliveries;
#[path = "../support/documents.rs"]
mod documents;
mod queue;
mod receiver;
mod report;
#[allow(dead_code)]
#[path = "../../tests/support/servers.rs"]
mod servers;

use receiver::Receiver;
use report::Report;
use std::process::ExitCode;

/// How many deliveries are in flight at once: what the queue's worker does by default.
const IN_FLIGHT: usize = 64;
const SECRET: &str = "whsec_of_the_bench";

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => print!("{}", measure()),
        ["--json"] => println!("{}", serde_json::to_string_pretty(&measure()).expect("figures have a JSON form")),
        [receiver::ROLE] => receiver::serve(),
        [queue::WORKER_ROLE, url, deliveries] => queue::work(url, deliveries.parse().expect("a number")),
        _ => {
            eprintln!("usage: cargo xtask bench sender [--json]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn measure() -> Report {
    let canonical = canonical::measure();
    let receiver = Receiver::start();
    let (transport, dispatch) = deliveries::measure(&receiver.url());
    let queues = queue::measure(&receiver.url());
    Report {
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        transport,
        dispatch,
        queues,
        canonical,
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}
