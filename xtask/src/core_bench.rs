//! `cargo xtask bench core`: the core's operations, in time and in instructions.

use crate::command::{program, root, run};
use crate::instructions::{self, Instructions, Operation};
use crate::setup;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The median time of a call and the bounds of its 95 % confidence interval, in nanoseconds.
struct Time {
    median: f64,
    low: f64,
    high: f64,
}

pub fn core(as_json: bool) -> Result<()> {
    setup::valgrind()?;
    let native_sha256 = instructions::native_sha256()?;
    let counted = instructions::count()?;
    let criterion = root().join("target/criterion");
    // Criterion's own report shows progress, on standard error; the results go to standard output.
    let mut bench = program("cargo");
    bench.args(["bench", "--quiet", "--locked", "--bench=core"]).env("CRITERION_HOME", &criterion);
    run(bench.stdout(std::io::stderr()))?;
    let times = counted.operations.iter().map(|operation| time(&criterion, operation)).collect::<Result<Vec<_>>>()?;
    if as_json {
        println!("{:#}", report(&native_sha256, &counted, &times));
    } else {
        print_table(&native_sha256, &counted, &times);
    }
    Ok(())
}

fn time(criterion: &Path, operation: &Operation) -> Result<Time> {
    let path: PathBuf = [&operation.name, &operation.input, "new", "estimates.json"].iter().collect();
    let path = criterion.join(path);
    let estimates = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let median = &serde_json::from_str::<Value>(&estimates)?["median"];
    let interval = &median["confidence_interval"];
    let nanoseconds = |value: &Value| value.as_f64().context("criterion's estimates have another form");
    Ok(Time {
        median: nanoseconds(&median["point_estimate"])?,
        low: nanoseconds(&interval["lower_bound"])?,
        high: nanoseconds(&interval["upper_bound"])?,
    })
}

fn report(native_sha256: &str, counted: &Instructions, times: &[Time]) -> Value {
    let operations = counted.operations.iter().zip(times).map(|(operation, time)| {
        json!({
            "operation": operation.name,
            "input": operation.input,
            "bytes": operation.bytes,
            "median_nanoseconds": time.median,
            "median_low_nanoseconds": time.low,
            "median_high_nanoseconds": time.high,
            "bytes_per_second": operation.bytes as f64 / time.median * 1e9,
            "instructions": operation.instructions,
            "instructions_outside_sha256": operation.outside_sha256,
        })
    });
    json!({
        "timed_sha256": native_sha256,
        "counted_sha256": counted.sha256,
        "operations": operations.collect::<Vec<_>>(),
    })
}

fn print_table(native_sha256: &str, counted: &Instructions, times: &[Time]) {
    println!("\nTime: criterion's median, with the bounds of its 95 % confidence interval. SHA-256: {native_sha256}.");
    println!(
        "Instructions: counted by callgrind, the same for every call. SHA-256: {}, on valgrind's virtual processor.",
        counted.sha256
    );
    println!(
        "Outside SHA-256: without the instructions that hash blocks, so the count does not depend on the processor.\n"
    );
    println!(
        "{:36} {:>15} {:>10} {:>22} {:>6} {:>12} {:>9}",
        "", "", "median µs", "95 %", "MB/s", "instructions", "outside"
    );
    for (operation, time) in counted.operations.iter().zip(times) {
        println!(
            "{:36} {:>15} {:>10.3} {:>22} {:>6.0} {:>12} {:>9}",
            operation.name,
            operation.input,
            time.median / 1e3,
            format!("{:.3} to {:.3}", time.low / 1e3, time.high / 1e3),
            operation.bytes as f64 / time.median * 1e3,
            operation.instructions,
            operation.outside_sha256,
        );
    }
}
