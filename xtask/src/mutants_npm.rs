//! `cargo xtask mutants-npm`: changes the npm package's TypeScript in each small way, with StrykerJS's instrumenter, and fails
//! if the tests notice no difference. tests/npm/mutants has the rest.

use crate::command::{program, run, step};
use crate::{consumer, package, projects};
use anyhow::Result;

/// The project with StrykerJS's instrumenter. The user's folder lies in it, so that what is there can import both.
const PROJECT: &str = "mutants";

pub fn judge(arguments: &[&str]) -> Result<()> {
    let tarball = package::package()?;
    projects::install_named(PROJECT)?;
    let folder = projects::folder().join(PROJECT).join("consumer");
    consumer::install(&tarball, &folder)?;
    consumer::copy_tests(&folder)?;
    step("mutants-npm: judging each mutant by the tests that reach it");
    run(program("node").arg(folder.join("tests/npm/mutants/main.mjs")).args(arguments))
}

#[cfg(test)]
mod tests {
    use crate::command::root;
    use serde_json::Value;
    use std::fs;

    #[test]
    fn each_explained_survivor_is_still_in_its_file() {
        let survivors = fs::read_to_string(root().join("tests/npm/mutants/survivors.json")).unwrap();
        let survivors: Value = serde_json::from_str(&survivors).unwrap();
        for group in survivors.as_array().unwrap() {
            assert!(group["reason"].as_str().is_some_and(|reason| reason.ends_with('.')), "{group}");
            for mutant in group["mutants"].as_array().unwrap() {
                let text = |field: &str| mutant[field].as_str().unwrap();
                let source = fs::read_to_string(root().join("pkg-template/src").join(text("file"))).unwrap();
                let line = text("line");
                let begins = source.match_indices(text("original")).any(|(at, _)| line_at(&source, at) == line);
                assert!(begins, "no line of {} is `{line}` and has the original: {mutant}", text("file"));
            }
        }
    }

    fn line_at(source: &str, at: usize) -> &str {
        let from = source[..at].rfind('\n').map_or(0, |before| before + 1);
        source[from..].lines().next().unwrap_or_default().trim()
    }
}
