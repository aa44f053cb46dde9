//! How many instructions the operations of `benches/core` take, counted by callgrind: the same number every time.

use crate::command::{output, program, root};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Leaves out the function of `sha2` that hashes every block.
const OUTSIDE_SHA256: &str = "--toggle-collect=*compress256*";

pub struct Instructions {
    /// Which SHA-256 implementation was counted. Valgrind's virtual processor may choose another than this one does.
    pub sha256: String,
    pub operations: Vec<Operation>,
}

pub struct Operation {
    pub name: String,
    pub input: String,
    pub bytes: u64,
    pub instructions: u64,
    pub outside_sha256: u64,
}

pub fn count() -> Result<Instructions> {
    let (described, all) = run_counted(&[])?;
    let (_, outside_sha256) = run_counted(&[OUTSIDE_SHA256])?;
    if all == outside_sha256 {
        bail!("callgrind did not find the function that {OUTSIDE_SHA256} names");
    }
    let described_operations = described["operations"].as_array().context("no operations")?;
    let counts = all.into_iter().zip(outside_sha256);
    let operations = described_operations.iter().zip(counts).map(|(described, (instructions, outside_sha256))| {
        Ok(Operation {
            name: text(described, "operation")?,
            input: text(described, "input")?,
            bytes: described["bytes"].as_u64().context("no bytes")?,
            instructions,
            outside_sha256,
        })
    });
    Ok(Instructions { sha256: text(&described, "sha256")?, operations: operations.collect::<Result<_>>()? })
}

/// The SHA-256 implementation that `sha2` chooses on this machine's processor.
pub fn native_sha256() -> Result<String> {
    text(&run_described(&[])?, "sha256")
}

/// The bench's description of what it ran, and the count for each operation.
fn run_counted(toggles: &[&str]) -> Result<(Value, Vec<u64>)> {
    let folder = root().join("target/callgrind");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let out = format!("--callgrind-out-file={}", folder.join("part").display());
    let mut runner = vec!["valgrind", "--quiet", "--tool=callgrind", "--dump-before=*part_ends*", &out];
    runner.push("--toggle-collect=*counted_call*");
    runner.extend(toggles);
    let described = run_described(&["--config", &format!("target.'cfg(all())'.runner={runner:?}")])?;

    let operations = described["operations"].as_array().context("no operations")?.len();
    let counted_calls = described["counted_calls"].as_u64().context("no counted calls")? as usize;
    let parts = (1..=operations * (1 + counted_calls)).map(|part| total(&folder.join(format!("part.{part}"))));
    let parts = parts.collect::<Result<Vec<u64>>>()?;
    // The first part of each operation is its warm-up.
    let counts = parts.chunks(1 + counted_calls).map(|parts| the_same(&parts[1..])).collect::<Result<_>>()?;
    Ok((described, counts))
}

fn run_described(options: &[&str]) -> Result<Value> {
    let bench = ["bench", "--quiet", "--locked", "--bench=core"];
    let described = output(program("cargo").args(bench).args(options).args(["--", "count"]))?;
    serde_json::from_str(&described).with_context(|| format!("the bench printed no JSON but {described}"))
}

fn total(part: &Path) -> Result<u64> {
    let profile = fs::read_to_string(part).with_context(|| format!("{}", part.display()))?;
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: ")).context("a part without a total")?;
    Ok(total.trim().parse()?)
}

fn the_same(counts: &[u64]) -> Result<u64> {
    match counts {
        [0, ..] => bail!("callgrind counted nothing; it did not find the functions of benches/core/count.rs"),
        [first, rest @ ..] if rest.iter().all(|count| count == first) => Ok(*first),
        _ => bail!("an operation took {counts:?} instructions, not the same number every time"),
    }
}

fn text(described: &Value, field: &str) -> Result<String> {
    Ok(described[field].as_str().with_context(|| format!("the bench says nothing of its {field}"))?.to_owned())
}
