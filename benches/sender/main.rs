//! `cargo xtask bench sender`: how fast the sender is on this machine, as tables or, with `--json`, for programs. Given
//! names of sections, it measures only those.
//!
//! The receiver and the workers are separate processes, so that each has its own memory and the work of one is not
//! counted as another's. They and the database share the machine's cores.

mod arrivals;
mod backlog;
mod canonical;
mod command;
mod cost;
mod cpu;
mod databases;
mod deliveries;
mod distance;
#[path = "../support/documents.rs"]
mod documents;
mod fairness;
mod filling;
mod latency;
mod load;
mod memory;
mod options;
mod proxy;
#[path = "../../tests/support/python.rs"]
mod python;
mod queue;
mod receiver;
mod scraper;
#[allow(dead_code)]
#[path = "../../tests/support/servers.rs"]
mod servers;
mod statistics;
mod table;
mod worker;
mod workers;

use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

const SECRET: &str = "whsec_of_the_bench";

/// The sections by name.
const SECTIONS: [(&str, Measure); 12] = [
    ("deliveries", || Section::of(&deliveries::measure())),
    ("queue", || Section::of(&queue::measure())),
    ("latency", || Section::of(&latency::measure())),
    ("fairness", || Section::of(&fairness::measure())),
    ("workers", || Section::of(&workers::measure())),
    ("backlog", || Section::of(&backlog::measure())),
    ("distance", || Section::of(&distance::measure())),
    ("databases", || Section::of(&databases::measure())),
    ("options", || Section::of(&options::measure())),
    ("cost", || Section::of(&cost::measure())),
    ("memory", || Section::of(&memory::measure())),
    ("canonical", || Section::of(&canonical::measure())),
];

type Measure = fn() -> Section;

/// The same figures for programs and for people.
struct Section {
    json: Value,
    text: String,
}

impl Section {
    fn of<F: Serialize + Display>(figures: &F) -> Self {
        Self { json: serde_json::to_value(figures).expect("figures have a JSON form"), text: figures.to_string() }
    }
}

fn main() -> ExitCode {
    // Cargo passes `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [receiver::ROLE, delay_ms, bytes] => {
            let delay = Duration::from_millis(delay_ms.parse().expect("a number"));
            receiver::serve(delay, bytes.parse().expect("a number"));
        }
        [worker::ROLE, url, keep] => worker::work(url, seconds(keep)),
        [load::ROLE, duration] => load::run(seconds(duration)),
        [latency::ROLE, kind] => latency::produce(kind),
        [latency::BUSY_ROLE] => latency::be_busy(),
        ref arguments => return measure(arguments),
    }
    ExitCode::SUCCESS
}

/// Prints each table as soon as it is measured, or all figures as one JSON document at the end.
fn measure(arguments: &[&str]) -> ExitCode {
    let (options, names): (Vec<&str>, Vec<&str>) = arguments.iter().partition(|argument| argument.starts_with('-'));
    let is_known = |name: &&str| SECTIONS.iter().any(|(known, _)| known == name);
    if !options.iter().all(|option| *option == "--json") || !names.iter().all(is_known) {
        let known = SECTIONS.map(|(name, _)| name).join(", ");
        eprintln!("usage: cargo xtask bench sender [--json] [SECTION …]\nsections: {known}");
        return ExitCode::FAILURE;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut document = Map::from_iter([("cores".to_owned(), cores.into())]);
    if options.is_empty() {
        println!(
            "On {cores} cores, which the receiver and the database share with the sender. All commits are synced."
        );
    }
    for (name, measure) in SECTIONS.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        let section = measure();
        if options.is_empty() {
            println!("\n{}", section.text);
        }
        document.insert((*name).to_owned(), section.json);
    }
    if !options.is_empty() {
        println!("{}", serde_json::to_string_pretty(&document).expect("figures have a JSON form"));
    }
    ExitCode::SUCCESS
}

fn seconds(number: &str) -> Duration {
    Duration::from_secs(number.parse().expect("a number of seconds"))
}

/// Says what is being measured, for whoever waits.
fn step(what: impl Display) {
    eprintln!("bench: {what}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

/// Ends this process when its standard input is closed, which happens when its parent ends.
fn exit_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
}
