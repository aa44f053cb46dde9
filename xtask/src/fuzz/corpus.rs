//! tests/fuzz/corpus: one file for each target and one input on each line, as a JSON string with a character, U+0000 to U+00FF, for each byte.

use super::seeds::seeds;
use super::targets::Target;
use crate::command::root;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder below target/fuzz, for this target alone.
pub fn folder(kind: &str, target: &Target) -> Result<PathBuf> {
    let folder = root().join("target/fuzz").join(kind).join(target.name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

pub fn empty_folder(kind: &str, target: &Target) -> Result<PathBuf> {
    fs::remove_dir_all(folder(kind, target)?)?;
    folder(kind, target)
}

/// Writes the vectors and the committed inputs into files, as libFuzzer reads them, and returns their folder.
pub fn expand(target: &Target) -> Result<PathBuf> {
    let folder = empty_folder("corpus", target)?;
    let inputs = [seeds(target.name)?, committed(target)?].concat();
    write_all(&folder, &inputs)?;
    Ok(folder)
}

/// Replaces the committed inputs.
pub fn commit(target: &Target, inputs: &[Vec<u8>]) -> Result<()> {
    let lines: Vec<String> = inputs.iter().map(|input| to_line(input)).collect::<Result<_>>()?;
    fs::write(file(target), lines.concat()).with_context(|| file(target).display().to_string())
}

fn file(target: &Target) -> PathBuf {
    root().join("tests/fuzz/corpus").join(target.name).with_extension("jsonl")
}

fn committed(target: &Target) -> Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(file(target)).unwrap_or_default();
    text.lines().map(|line| from_line(line).with_context(|| file(target).display().to_string())).collect()
}

pub fn write_all(folder: &Path, inputs: &[Vec<u8>]) -> Result<()> {
    for (index, input) in inputs.iter().enumerate() {
        fs::write(folder.join(format!("{index:04}")), input)?;
    }
    Ok(())
}

pub fn read_all(folder: &Path) -> Result<Vec<Vec<u8>>> {
    fs::read_dir(folder)?.map(|entry| Ok(fs::read(entry?.path())?)).collect()
}

fn to_line(input: &[u8]) -> Result<String> {
    let text: String = input.iter().copied().map(char::from).collect();
    Ok(serde_json::to_string(&text)? + "\n")
}

fn from_line(line: &str) -> Result<Vec<u8>> {
    let text: String = serde_json::from_str(line)?;
    text.chars().map(|character| u8::try_from(character).context("a character above U+00FF")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive_as_a_line() {
        let input: Vec<u8> = (0..=255).collect();
        let line = to_line(&input).unwrap();
        assert_eq!(line.lines().count(), 1);
        assert_eq!(from_line(line.trim_end()).unwrap(), input);
        assert!(from_line("\"€\"").is_err());
    }
}
