use super::corpus;
use super::engine::Fuzzer;
use super::seeds::seeds;
use super::targets::Target;
use crate::command::step;
use anyhow::Result;

/// Longer inputs are not kept.
const MAX_BYTES: usize = 2000;

/// Adds what was found to the committed inputs, and keeps the shortest that reach something new.
pub fn keep(fuzzer: &Fuzzer, target: &Target) -> Result<()> {
    let merged = corpus::empty_folder("merged", target)?;
    let vectors = seeds(target.name)?;
    corpus::write_all(&merged, &vectors)?;
    fuzzer.merge(target, &[merged.clone(), corpus::expand(target)?, corpus::folder("found", target)?])?;
    let mut inputs = corpus::read_all(&merged)?;
    inputs.retain(|input| input.len() <= MAX_BYTES && !vectors.contains(input));
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    inputs.truncate(target.kept);
    step(&format!("fuzz: {} inputs of {} are kept beside the vectors", inputs.len(), target.name));
    corpus::commit(target, &inputs)
}
