//! Everything that CI runs. A check that cannot run fails and says why.

use crate::command::{npm_bin, program, root, run, step};
use crate::{constant_time, consumer, fuzz, matrix, package, projects, publish, setup, worker};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

pub fn test() -> Result<()> {
    step("cargo fmt");
    run(program("cargo").args(["fmt", "--all", "--check"])).context("run `cargo fmt --all`")?;
    // Workspaces of their own.
    run(program("cargo").args(["fmt", "--check", "--manifest-path=examples/worker-rust/Cargo.toml"]))?;
    run(program("cargo").args(["fmt", "--check", "--manifest-path=tests/constant-time/Cargo.toml"]))?;
    run(program("cargo").args(["fmt", "--check", "--manifest-path=tests/fuzz/Cargo.toml"]))?;
    step("cargo clippy, warnings denied");
    run(program("cargo").args(CLIPPY))?;
    step("biome: format and lint TypeScript and JavaScript");
    setup::npm_dependencies()?;
    run(npm_bin("biome").args(["check", "--error-on-warnings"])).context("run `npx biome check --write`")?;
    step("cargo doc, warnings denied");
    run(program("cargo").args(["doc", "--no-deps", "--all-features", "--locked"]).env("RUSTDOCFLAGS", "-Dwarnings"))?;
    setup::python()?;
    setup::sender_tests()?;
    step("cargo test");
    let threads = format!("--test-threads={}", 3 * cores());
    run(program("cargo").args(["test", "--workspace", "--all-features", "--locked", "--", &threads]))?;
    constant_time::check()?;
    fuzz::check()?;
    publish::dry_run()?;
    npm_suite(&package::package()?)
}

/// More tests than cores run at a time, since most of them wait for a timer, a database or a process.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

const CLIPPY: [&str; 8] =
    ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];

/// Runs `tests/npm` in a folder that holds the installed tarball and copies of what the tests need.
fn npm_suite(tarball: &Path) -> Result<()> {
    setup::curl()?;
    setup::redis()?;
    let python = setup::stripe_for_python()?;
    projects::install()?;
    let (chromium, firefox) = (setup::chromium()?, setup::firefox()?);
    step("npm suite: installing the tarball as a user would");
    let folder = root().join("target/npm/consumer");
    consumer::install(tarball, &folder)?;
    consumer::copy_tests(&folder)?;
    for part in ["docs", "examples", "pkg-placeholder"] {
        consumer::copy(&root().join(part), &folder.join(part))?;
    }
    fs::copy(root().join("README.md"), folder.join("README.md"))?;
    worker::build(&folder.join("examples/worker-rust/build"))?;

    step("npm suite: runtimes, browsers, bundlers, frameworks, types, package checks, examples");
    matrix::clear()?;
    let mut node = program("node");
    node.args(["--test", "--test-reporter=spec"]).arg(format!("--test-concurrency={}", cores() + 1));
    node.args(test_files(&folder)?);
    node.current_dir(&folder).env("DEALIX_TARBALL", tarball).env("CHROMIUM", chromium).env("FIREFOX", firefox);
    node.env("DEALIX_PYTHON", python);
    node.env("DEALIX_PROJECTS", projects::folder()).env("DEALIX_LOCK", root().join("package-lock.json"));
    // Built by `cargo test`, whose tests run it too.
    node.env("DEALIX_SENDER", root().join("target/debug/dealix-sender"));
    if let Some(vectors) = std::env::var_os("DEALIX_VECTORS") {
        let vectors = fs::canonicalize(root().join(vectors)).context("the folder that DEALIX_VECTORS names")?;
        node.env("DEALIX_VECTORS", vectors);
    }
    run(&mut node)?;
    matrix::write()
}

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder.join("tests/npm"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") || name.ends_with(".test.cjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
