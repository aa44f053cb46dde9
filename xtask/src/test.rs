//! Everything that CI runs. A check that cannot run fails and says why.

use crate::command::{npm_bin, program, run, step};
use crate::passed::{self, Passed};
use crate::{constant_time, cores, deny, fuzz, npm_suite, package, publish, setup};
use anyhow::{Context, Result};

/// Runs everything; with `is_fresh`, also what has passed already and has not changed since.
pub fn test(is_fresh: bool) -> Result<()> {
    // CI trusts nobody, and tests of vectors that lie elsewhere have inputs that no key covers.
    let is_fresh = is_fresh || ["CI", "DEALIX_VECTORS"].iter().any(|name| std::env::var_os(name).is_some());
    let passed = Passed::new(is_fresh);
    lint()?;
    rust_suite(&passed)?;
    publish::dry_run()?;
    npm_suite::run_on(&package::package()?, &passed)
}

fn lint() -> Result<()> {
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
    deny::check()?;
    step("cargo doc, warnings denied");
    run(program("cargo").args(["doc", "--no-deps", "--all-features", "--locked"]).env("RUSTDOCFLAGS", "-Dwarnings"))
}

/// Everything in Rust. The repository's own checks, such as of links, read all of its files and take seconds.
fn rust_suite(passed: &Passed) -> Result<()> {
    const CHECK: &str = "rust";
    step("cargo test");
    run(program("cargo").args(["test", "--package", "xtask", "--locked"]))?;
    let key = passed::key(&passed::sources(|path| !path.starts_with("tests/npm/") && !path.starts_with("xtask/"))?)?;
    if passed.has(CHECK, &key) {
        step("cargo test: the rest passed as it is now; `--all` runs it again");
        return Ok(());
    }
    setup::python()?;
    setup::sender_tests()?;
    // More tests than cores run at a time, since most of them wait for a timer, a database or a process.
    let threads = format!("--test-threads={}", 3 * cores());
    let words = ["test", "--workspace", "--exclude", "xtask", "--all-features", "--locked", "--", &threads];
    run(program("cargo").args(words))?;
    constant_time::check()?;
    fuzz::check()?;
    passed.record(CHECK, &key)
}

const CLIPPY: [&str; 8] =
    ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];
