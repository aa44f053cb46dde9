//! What a run reached, and what failed.

use super::targets::Target;
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;

pub struct Report {
    target: &'static str,
    executions: u64,
    /// Covered, of all that were compiled in: the standard library's and other crates' too.
    edges: u64,
    all_edges: u64,
    /// Inputs that each reach something new.
    inputs: u64,
    seconds: u64,
}

impl Report {
    pub fn read(target: &Target, log: &str) -> Result<Self> {
        let missing = || format!("fuzz: {}: libFuzzer's log does not say what it did", target.name);
        let last = log.lines().rfind(|line| line.contains(" cov: ")).with_context(missing)?;
        let all = log.lines().find_map(|line| line.split_once("inline 8-bit counters")).with_context(missing)?.0;
        let done = log.lines().rfind(|line| line.starts_with("Done ")).with_context(missing)?;
        Ok(Self {
            target: target.name,
            executions: number_after(done, "Done ").with_context(missing)?,
            edges: number_after(last, " cov: ").with_context(missing)?,
            all_edges: all.rsplit('(').next().and_then(|text| text.trim().parse().ok()).with_context(missing)?,
            inputs: number_after(last, " corp: ").with_context(missing)?,
            seconds: number_after(done, " in ").with_context(missing)?,
        })
    }
}

fn number_after(line: &str, label: &str) -> Option<u64> {
    let (_, after) = line.split_once(label)?;
    after.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

pub fn print(reports: &[Report], is_json: bool) -> Result<()> {
    if is_json {
        let rows: Vec<_> = reports.iter().map(to_json).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    println!("{:<10} {:>12} {:>8} {:>8} {:>8}", "target", "executions", "edges", "inputs", "seconds");
    for Report { target, executions, edges, inputs, seconds, .. } in reports {
        println!("{target:<10} {executions:>12} {edges:>8} {inputs:>8} {seconds:>8}");
    }
    Ok(())
}

fn to_json(report: &Report) -> serde_json::Value {
    let Report { target, executions, edges, all_edges, inputs, seconds } = report;
    json!({
        "target": target, "executions": executions, "edges": edges, "all_edges": all_edges, "inputs": inputs,
        "seconds": seconds,
    })
}

/// What went wrong, the input as a Rust byte string, where it is kept, and how to run it again.
pub fn failure(target: &Target, log: &str) -> String {
    let name = target.name;
    let what = what_went_wrong(log);
    let Some(path) = log.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, path)| path) else {
        return format!("fuzz, {name}: {what}");
    };
    let input = fs::read(path).unwrap_or_default();
    format!(
        "fuzz, {name}: {what}\n  input:   b\"{}\"\n  kept in: {path}\n  again:   cargo xtask fuzz {name} --input {path}",
        input.escape_ascii()
    )
}

/// The panic's message, or libFuzzer's own line about a timeout or too much memory, or the end of the log.
fn what_went_wrong(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let is_start = |line: &&str| line.contains("panicked at ") || line.contains("ERROR: libFuzzer: ");
    let start = lines.iter().position(is_start).unwrap_or(lines.len().saturating_sub(20));
    let message = lines[start..].iter().take_while(|line| !line.starts_with("note: ") && !line.starts_with("    #"));
    message.take(20).copied().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::targets::TARGETS;
    use super::*;

    const LOG: &str = "INFO: Loaded 1 modules   (24131 inline 8-bit counters): 24131 [0x1, 0x2), \n\
        #2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 40Mb\n\
        #9876\tDONE   cov: 345 ft: 999 corp: 42/1234b lim: 4096 exec/s: 0 rss: 40Mb\n\
        Done 9876 runs in 11 second(s)\n";

    #[test]
    fn the_log_says_what_was_reached() {
        let Report { executions, edges, all_edges, inputs, seconds, .. } = Report::read(&TARGETS[0], LOG).unwrap();
        assert_eq!((executions, edges, all_edges, inputs, seconds), (9876, 345, 24131, 42, 11));
        assert!(Report::read(&TARGETS[0], "Killed").is_err());
    }

    #[test]
    fn a_failure_shows_the_panic_the_input_and_how_to_run_it_again() {
        let file = std::env::temp_dir().join(format!("dealix-fuzz-{}", std::process::id()));
        fs::write(&file, b"t=1,\xff\n").unwrap();
        let log = format!(
            "thread '<unnamed>' panicked at src/a.rs:1:2:\nassertion failed\nnote: run with\nTest unit written to {}\n",
            file.display()
        );
        let shown = failure(&TARGETS[0], &log);
        fs::remove_file(&file).unwrap();
        assert!(shown.starts_with("fuzz, header: thread '<unnamed>' panicked at src/a.rs:1:2:\nassertion failed\n"));
        assert!(shown.contains(r#"b"t=1,\xff\n""#), "{shown}");
        assert!(shown.ends_with(&format!("cargo xtask fuzz header --input {}", file.display())), "{shown}");
    }
}
