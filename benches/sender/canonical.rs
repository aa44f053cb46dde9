//! Canonical JSON compared with CPython's C encoder and serde_json, in alternating rounds on the same documents.
//!
//! Ours starts from the payload as JSON text, as a sender does. The others start from the parsed document, which is in
//! their favour. All three write the same envelope; ours and Python's are byte for byte the same.

use crate::documents::{self, raw};
use crate::python;
use crate::statistics::median;
use crate::step;
use crate::table::{Row, Table};
use dealix_webhooks::{WebhookEvent, make_event, serialize_envelope};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout};
use std::time::Instant;

const ROUNDS: usize = 51;
/// How many bytes each of them writes per round.
const BYTES_A_ROUND: usize = 512 * 1024;

/// Reads envelopes, one per line, up to an empty line. Then, for each line `document repetitions`, prints the seconds
/// taken, and for `document 0` the canonical text.
const PYTHON: &str = r#"
import json, sys, time
documents = []
for line in sys.stdin:
    if line == "\n":
        break
    documents.append(json.loads(line))
print(sys.version.split()[0], flush=True)
for line in sys.stdin:
    document, repetitions = map(int, line.split())
    envelope = documents[document]
    if repetitions == 0:
        print(json.dumps(envelope, separators=(",", ":"), sort_keys=True), flush=True)
        continue
    started = time.perf_counter()
    for _ in range(repetitions):
        json.dumps(envelope, separators=(",", ":"), sort_keys=True)
    print(time.perf_counter() - started, flush=True)
"#;

#[derive(Serialize)]
pub struct Figures {
    pub python_version: String,
    pub documents: Vec<DocumentFigures>,
}

#[derive(Serialize)]
pub struct DocumentFigures {
    pub name: &'static str,
    pub canonical_bytes: usize,
    pub bytes_per_second: f64,
    pub serde_json_bytes_per_second: f64,
    pub python_bytes_per_second: f64,
    /// How many times as fast ours was: the median over all rounds.
    pub times_serde_json: f64,
    pub times_python: f64,
}

pub fn measure() -> Figures {
    step("canonical");
    let documents =
        documents().map(|(name, payload)| (name, make_event("deal.won", "cus_1", raw(&payload), 1, [7; 16])));
    let canonical: Vec<_> = documents.iter().map(|(_, event)| canonical(event)).collect();
    let mut python = Python::start(&canonical);
    let mut figures = Vec::new();
    for (number, (name, event)) in documents.iter().enumerate() {
        figures.push(measure_one(name, event, &canonical[number], |repetitions| python.seconds(number, repetitions)));
        assert!(python.text(number) == canonical[number], "{name}: our bytes and Python's differ");
    }
    Figures { python_version: python.version.clone(), documents: figures }
}

fn measure_one(
    name: &'static str,
    event: &WebhookEvent,
    canonical_text: &str,
    mut python: impl FnMut(usize) -> f64,
) -> DocumentFigures {
    let parsed: Value = serde_json::from_str(canonical_text).expect("canonical JSON");
    let repetitions = BYTES_A_ROUND.div_ceil(canonical_text.len());
    let (mut ours, mut serdes, mut pythons) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(seconds(repetitions, || serialize_envelope(black_box(event)).expect("canonical")));
        serdes.push(seconds(repetitions, || serde_json::to_vec(black_box(&parsed)).expect("JSON")));
        pythons.push(python(repetitions));
    }
    let bytes = (repetitions * canonical_text.len()) as f64;
    let times = |theirs: &[f64]| median(theirs.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect());
    let (times_serde_json, times_python) = (times(&serdes), times(&pythons));
    DocumentFigures {
        name,
        canonical_bytes: canonical_text.len(),
        bytes_per_second: bytes / median(ours),
        serde_json_bytes_per_second: bytes / median(serdes),
        python_bytes_per_second: bytes / median(pythons),
        times_serde_json,
        times_python,
    }
}

fn canonical(event: &WebhookEvent) -> String {
    String::from_utf8(serialize_envelope(event).expect("canonical")).expect("ASCII")
}

fn seconds<T>(repetitions: usize, act: impl Fn() -> T) -> f64 {
    let started = Instant::now();
    for _ in 0..repetitions {
        black_box(act());
    }
    started.elapsed().as_secs_f64()
}

fn documents() -> [(&'static str, Value); 4] {
    [
        ("a small event", documents::small()),
        ("floats, nested", documents::floats()),
        ("a large event", documents::messages(120)),
        ("non-ASCII text", documents::non_ascii()),
    ]
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |figures: &DocumentFigures| {
            let megabytes = |bytes_per_second: f64| format!("{:.0}", bytes_per_second / 1e6);
            let cells = [
                figures.canonical_bytes.to_string(),
                megabytes(figures.bytes_per_second),
                megabytes(figures.serde_json_bytes_per_second),
                megabytes(figures.python_bytes_per_second),
                format!("{:.2}", figures.times_serde_json),
                format!("{:.1}", figures.times_python),
            ];
            Row::new(figures.name, cells)
        };
        let table = Table {
            about: format!(
                "Canonical JSON, MB/s written: ours from the payload's text, serde_json's to_vec (its own number format and\n\
                 escapes) and CPython {}'s json.dumps from the parsed document.",
                self.python_version
            ),
            columns: vec!["bytes", "ours", "serde_json", "CPython", "× serde_json", "× CPython"],
            rows: self.documents.iter().map(row).collect(),
        };
        table.fmt(f)
    }
}

struct Python {
    process: Child,
    answers: BufReader<ChildStdout>,
    version: String,
}

impl Python {
    fn start(documents: &[String]) -> Self {
        let mut process = python::start(PYTHON);
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut python = Self { process, answers, version: String::new() };
        python.version = python.ask(&format!("{}\n", documents.join("\n")));
        python
    }

    fn seconds(&mut self, document: usize, repetitions: usize) -> f64 {
        self.ask(&format!("{document} {repetitions}")).parse().expect("seconds")
    }

    fn text(&mut self, document: usize) -> String {
        self.ask(&format!("{document} 0"))
    }

    fn ask(&mut self, question: &str) -> String {
        writeln!(self.process.stdin.as_mut().expect("a pipe"), "{question}").expect("python3 reads");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("python3 answers");
        answer.trim_end().to_owned()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
