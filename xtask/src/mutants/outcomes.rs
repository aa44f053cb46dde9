//! What became of each mutant, as cargo-mutants writes it down.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Caught,
    Missed,
    TimedOut,
    /// It does not compile.
    Unviable,
}

#[derive(Clone)]
pub struct Outcome {
    /// The file and the change, without the line, which other changes move.
    pub mutant: String,
    pub end: End,
    /// The change, as a diff.
    pub diff: String,
}

/// The outcomes in the folder that cargo-mutants wrote; none if there was nothing to mutate.
pub fn read(folder: &Path) -> Result<Vec<Outcome>> {
    let file = folder.join("outcomes.json");
    if !file.exists() {
        return Ok(Vec::new());
    }
    let all: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let outcomes = all["outcomes"].as_array().context("cargo-mutants: a file of outcomes without outcomes")?;
    outcomes.iter().filter(|outcome| outcome["scenario"] != "Baseline").map(|outcome| one(outcome, folder)).collect()
}

fn one(outcome: &Value, folder: &Path) -> Result<Outcome> {
    let unknown = || format!("cargo-mutants: an outcome that cannot be read: {outcome}");
    let mutant = &outcome["scenario"]["Mutant"];
    let end = match outcome["summary"].as_str().with_context(unknown)? {
        "CaughtMutant" => End::Caught,
        "MissedMutant" => End::Missed,
        "Timeout" => End::TimedOut,
        "Unviable" => End::Unviable,
        _ => bail!(unknown()),
    };
    Ok(Outcome {
        mutant: mutant["name"].as_str().and_then(without_place).with_context(unknown)?,
        end,
        diff: fs::read_to_string(folder.join(outcome["diff_path"].as_str().with_context(unknown)?))?,
    })
}

/// `src/a.rs: replace …` of `src/a.rs:1:2: replace …`.
fn without_place(name: &str) -> Option<String> {
    let (place, change) = name.split_once(": ")?;
    Some(format!("{}: {change}", place.split(':').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_named_without_its_line() {
        let name = "src/json/path.rs:22:24: replace > with >= in a::b";
        assert_eq!(without_place(name).unwrap(), "src/json/path.rs: replace > with >= in a::b");
    }

    #[test]
    fn the_tools_file_is_read_and_its_baseline_is_no_mutant() {
        let folder = std::env::temp_dir().join(format!("dealix-mutants-{}", std::process::id()));
        assert!(read(&folder).unwrap().is_empty(), "no file: nothing was mutated");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("one.diff"), "-a\n+b\n").unwrap();
        let write = |summary: &str| {
            let mutant = serde_json::json!({"Mutant": {"name": "src/a.rs:1:2: delete ! in b"}});
            let outcomes = [
                serde_json::json!({"scenario": "Baseline", "summary": "Success"}),
                serde_json::json!({"scenario": mutant, "summary": summary, "diff_path": "one.diff"}),
            ];
            fs::write(folder.join("outcomes.json"), serde_json::json!({"outcomes": outcomes}).to_string()).unwrap();
            read(&folder)
        };
        let (timeout, failure) = (write("Timeout").unwrap(), write("Failure"));
        fs::remove_dir_all(folder).unwrap();
        assert_eq!((timeout.len(), timeout[0].end), (1, End::TimedOut));
        assert_eq!((timeout[0].mutant.as_str(), timeout[0].diff.as_str()), ("src/a.rs: delete ! in b", "-a\n+b\n"));
        assert!(failure.is_err(), "an end that is unknown must not be passed over");
    }
}
