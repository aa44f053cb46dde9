//! Workers in their own processes, with default options except for how long they keep what is finished.

use crate::deliveries::transport;
use crate::receiver::this_program;
use crate::{exit_with_parent, runtime};
use dealix_webhooks::sender::{Queue, WorkOptions};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub const ROLE: &str = "worker";

const TELLING_INTERVAL: Duration = Duration::from_millis(10);
/// A worker that reports nothing for this long is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a worker reports about itself, one line for each change.
#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub delivered: u64,
    pub retries: u64,
    pub dead_letters: u64,
    /// Its peak memory so far.
    pub peak_memory_bytes: usize,
    pub memory_bytes: usize,
}

/// They are killed when dropped, because their attempts may hang.
pub struct Workers {
    processes: Vec<Child>,
    told: mpsc::Receiver<(usize, Tally)>,
    tallies: Vec<Tally>,
    pub started: Instant,
}

impl Workers {
    /// Starts the workers, and waits until each has opened the queue.
    pub fn start(database_url: &str, count: usize) -> Self {
        Self::keeping(WorkOptions::default().keep_finished, database_url, count)
    }

    pub fn keeping(keep_finished: Duration, database_url: &str, count: usize) -> Self {
        let (teller, told) = mpsc::channel();
        let start = |number| start(database_url, keep_finished, number, teller.clone());
        let processes = (0..count).map(start).collect();
        let mut workers = Self { processes, told, tallies: vec![Tally::default(); count], started: Instant::now() };
        (0..count).for_each(|_| workers.hear());
        workers.started = Instant::now();
        workers
    }

    /// Waits until they have delivered this many in total, and returns when. Panics if an attempt fails.
    pub fn wait_for(&mut self, delivered: u64) -> Instant {
        while self.tallies.iter().map(|tally| tally.delivered).sum::<u64>() < delivered {
            self.hear();
            let failed = self.tallies.iter().any(|tally| tally.retries + tally.dead_letters > 0);
            assert!(!failed, "every attempt must succeed");
        }
        Instant::now()
    }

    /// What the first worker reported last.
    pub fn latest(&mut self) -> Tally {
        while let Ok((number, tally)) = self.told.try_recv() {
            self.tallies[number] = tally;
        }
        self.tallies[0]
    }

    /// The peak memory of the worker that used most.
    pub fn peak_memory_bytes(&self) -> usize {
        self.tallies.iter().map(|tally| tally.peak_memory_bytes).max().expect("a worker")
    }

    fn hear(&mut self) {
        let (number, tally) = self.told.recv_timeout(PATIENCE).expect("the worker reports progress");
        self.tallies[number] = tally;
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn start(database_url: &str, keep_finished: Duration, number: usize, teller: mpsc::Sender<(usize, Tally)>) -> Child {
    let seconds = keep_finished.as_secs().to_string();
    let mut process = this_program(&[ROLE, database_url, &seconds]).stdin(Stdio::piped()).spawn().expect("a worker");
    let lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let tally = serde_json::from_str(&line).expect("a tally");
            let _ = teller.send((number, tally));
        }
    });
    process
}

/// The worker's process.
pub fn work(database_url: &str, keep_finished: Duration) {
    exit_with_parent();
    runtime().block_on(async {
        let queue = Queue::open(database_url).await.expect("the queue");
        let worker = queue.worker(transport(), WorkOptions { keep_finished, ..Default::default() });
        let counters = worker.counters();
        let tell = async {
            let mut told = None;
            loop {
                let summary = counters.summary();
                if told.replace(summary) != Some(summary) {
                    let tally = Tally {
                        delivered: summary.delivered,
                        retries: summary.retries,
                        dead_letters: summary.dead_letters,
                        peak_memory_bytes: memory_bytes("VmHWM:"),
                        memory_bytes: memory_bytes("VmRSS:"),
                    };
                    println!("{}", serde_json::to_string(&tally).expect("figures have a JSON form"));
                }
                tokio::time::sleep(TELLING_INTERVAL).await;
            }
        };
        worker.run(tell).await;
    });
}

/// A line of what Linux says about this process.
fn memory_bytes(line: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux's /proc");
    let size = status.lines().find_map(|one| one.strip_prefix(line)).expect("the line");
    size.trim().trim_end_matches(" kB").parse::<usize>().expect("a number of kB") * 1024
}
