//! The suite in `tests/npm`, run in a folder that holds the installed tarball and copies of what the tests need.

use crate::command::{program, root, run, step};
use crate::passed::{self, Passed};
use crate::{consumer, cores, matrix, projects, setup, worker};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs the files that have not passed with what they read as it is now.
pub fn run_on(tarball: &Path, passed: &Passed) -> Result<()> {
    let all = test_files(tarball)?;
    let (known, due): (Vec<_>, Vec<_>) = all.into_iter().partition(|test| passed.has(&test.name, &test.key));
    if !known.is_empty() {
        step(&format!("npm suite: {} files passed as they are now; `--all` runs them again", known.len()));
    }
    if due.is_empty() {
        return Ok(());
    }
    let folder = root().join("target/npm/consumer");
    let mut node = prepared(tarball, &folder)?;
    if known.is_empty() {
        matrix::clear()?;
    }
    let failures = root().join("target/npm/failures");
    let reporter = folder.join("tests/npm/support/failures.mjs");
    node.arg("--test-reporter=spec").arg("--test-reporter-destination=stdout");
    node.arg(format!("--test-reporter={}", reporter.display()));
    node.arg(format!("--test-reporter-destination={}", failures.display()));
    node.args(due.iter().map(|test| folder.join("tests/npm").join(&test.name)));
    step("npm suite: runtimes, browsers, bundlers, frameworks, types, package checks, examples");
    let result = run(&mut node);
    record(&due, &fs::read_to_string(failures)?, result.is_ok(), passed)?;
    result?;
    matrix::write()
}

/// Everything that the tests need is installed and copied.
fn prepared(tarball: &Path, folder: &Path) -> Result<std::process::Command> {
    setup::curl()?;
    setup::openssl()?;
    setup::redis()?;
    let python = setup::stripe_for_python()?;
    projects::install()?;
    let (chromium, firefox) = (setup::chromium()?, setup::firefox()?);
    setup::fonts()?;
    step("npm suite: installing the tarball as a user would");
    consumer::install(tarball, folder)?;
    consumer::copy_tests(folder)?;
    for part in ["docs", "examples", "pkg-placeholder"] {
        consumer::copy(&root().join(part), &folder.join(part))?;
    }
    fs::copy(root().join("README.md"), folder.join("README.md"))?;
    worker::build(&folder.join("examples/worker-rust/build"))?;
    let mut node = program("node");
    node.arg("--test").arg(format!("--test-concurrency={}", cores() + 1));
    node.current_dir(folder).env("DEALIX_TARBALL", tarball).env("CHROMIUM", chromium).env("FIREFOX", firefox);
    node.env("DEALIX_PYTHON", python);
    node.env("DEALIX_PROJECTS", projects::folder()).env("DEALIX_LOCK", root().join("package-lock.json"));
    node.env("DEALIX_SENDER", sender());
    if let Some(vectors) = std::env::var_os("DEALIX_VECTORS") {
        let vectors = fs::canonicalize(root().join(vectors)).context("the folder that DEALIX_VECTORS names")?;
        node.env("DEALIX_VECTORS", vectors);
    }
    Ok(node)
}

/// Built by `cargo test`, whose tests run it too.
fn sender() -> PathBuf {
    root().join("target/debug/dealix-sender")
}

struct TestFile {
    name: String,
    key: String,
}

fn test_files(tarball: &Path) -> Result<Vec<TestFile>> {
    let all = passed::sources(is_read)?;
    let names: BTreeSet<_> = all.iter().filter_map(|path| test_name(path)).collect();
    let owned = owned_folders(&all, &names)?;
    let keys = names.iter().map(|name| {
        let is_of_another = |path: &Path| owner(path, &names, &owned).is_some_and(|owner| owner != *name);
        let mut inputs: BTreeSet<_> = all.iter().filter(|path| !is_of_another(path)).cloned().collect();
        inputs.insert(tarball.to_path_buf());
        if fs::read_to_string(root().join("tests/npm").join(name))?.contains("sender.mjs") {
            inputs.insert(sender());
        }
        Ok(TestFile { name: name.clone(), key: passed::key(&inputs)? })
    });
    keys.collect()
}

/// Whether a test of the suite may read the file.
fn is_read(path: &str) -> bool {
    const FOLDERS: [&str; 7] =
        ["tests/npm/", "tests/fixtures/", "tests/vectors/", "docs/", "examples/", "pkg-placeholder/", "xtask/src/"];
    const FILES: [&str; 3] = ["README.md", "package-lock.json", "pkg-template/src/wasm/inlined"];
    FOLDERS.iter().chain(&FILES).any(|start| path.starts_with(start))
}

/// The file's name if it is one that `node --test` runs.
fn test_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let is_test = name.ends_with(".test.mjs") || name.ends_with(".test.cjs");
    (is_test && path.parent()? == root().join("tests/npm")).then(|| name.to_owned())
}

/// The test that alone reads the file: a test file itself, or what lies in its folder. `fuzz/` is `fuzz.test.mjs`'s.
fn owner(path: &Path, names: &BTreeSet<String>, owned: &BTreeSet<String>) -> Option<String> {
    let path = path.strip_prefix(root().join("tests/npm")).ok()?;
    let first = path.iter().next()?.to_str()?;
    if names.contains(first) { Some(first.to_owned()) } else { owned.contains(first).then(|| test_of(first)) }
}

fn test_of(folder: &str) -> String {
    format!("{folder}.test.mjs")
}

/// The folders named like a test that no other test mentions.
fn owned_folders(all: &BTreeSet<PathBuf>, names: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let suite = root().join("tests/npm");
    let mut owned: BTreeSet<_> = names.iter().filter_map(|name| name.strip_suffix(".test.mjs")).collect();
    for file in all.iter().filter(|file| file.starts_with(&suite)) {
        let text = String::from_utf8_lossy(&fs::read(file)?).into_owned();
        let inside = file.strip_prefix(&suite)?;
        owned.retain(|folder| {
            let is_own = inside.starts_with(folder) || inside == Path::new(&test_of(folder));
            is_own || !text.contains(&format!("{folder}/"))
        });
    }
    Ok(owned.into_iter().map(str::to_owned).collect())
}

/// Remembers what has passed. `failures` names the files with a failed test, a line each.
fn record(due: &[TestFile], failures: &str, is_green: bool, passed: &Passed) -> Result<()> {
    let failed: Vec<_> = failures.lines().filter_map(|line| Path::new(line).file_name()?.to_str()).collect();
    // Node failed without naming a test: nothing is known.
    if !is_green && failed.is_empty() {
        return Ok(());
    }
    for test in due.iter().filter(|test| !failed.contains(&test.name.as_str())) {
        passed.record(&test.name, &test.key)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_reads_its_own_folder_and_what_is_shared() {
        let all = passed::sources(is_read).unwrap();
        let names: BTreeSet<_> = all.iter().filter_map(|path| test_name(path)).collect();
        let owned = owned_folders(&all, &names).unwrap();
        let owner_of = |path: &str| owner(&root().join(path), &names, &owned);
        assert_eq!(owner_of("tests/npm/snippets/blocks.mjs").as_deref(), Some("snippets.test.mjs"));
        assert_eq!(owner_of("tests/npm/shapes.test.mjs").as_deref(), Some("shapes.test.mjs"));
        assert_eq!(owner_of("tests/npm/bundlers/build.mjs"), None, "other tests bundle too");
        assert_eq!(owner_of("tests/npm/support/failures.mjs"), None);
        assert_eq!(owner_of("docs/benchmarks.md"), None);
    }

    #[test]
    fn what_failed_has_not_passed() {
        let passed = Passed::in_folder(std::env::temp_dir().join(format!("dealix-npm-{}", std::process::id())));
        let test = |name: &str| TestFile { name: name.to_owned(), key: "key".to_owned() };
        let due = [test("a.test.mjs"), test("b.test.mjs")];
        let has = || due.each_ref().map(|test| passed.has(&test.name, &test.key));
        record(&due, "", false, &passed).unwrap();
        assert_eq!(has(), [false, false], "node did not say what failed");
        record(&due, "/tests/npm/b.test.mjs\n", false, &passed).unwrap();
        assert_eq!(has(), [true, false]);
        record(&due, "", true, &passed).unwrap();
        assert_eq!(has(), [true, true]);
    }
}
