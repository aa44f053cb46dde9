//! `cargo xtask`: the repository's commands. Each installs what it needs.

mod bench;
mod catalogue;
mod command;
mod constant_time;
mod consumer;
mod core_bench;
mod demo;
mod fuzz;
mod instructions;
#[cfg(test)]
mod links;
mod matrix;
mod package;
mod projects;
mod publish;
#[cfg(test)]
mod rooms;
mod setup;
mod signing_page;
mod test;
mod wasm;
mod wasm32;
mod worker;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  setup     install what the other commands need: sources of the wasm32 standard library, npm's
            development dependencies, Debian's Chromium, Firefox ESR, PostgreSQL, Redis, psycopg, curl, faketime, Valgrind
            and g++, Stripe's SDK for Python, and the packages of large frameworks' examples
  package   build the npm package: target/npm/package/ and target/npm/dealix-webhooks-<version>.tgz
  demo      send real deliveries to a receiver that runs the packed package, and check its verdicts
  test      run everything that CI runs; a green run updates docs/runtimes.md and docs/frameworks.md
  constant-time
            check with Valgrind that no branch and no address of a verification depends on a secret; `test` does it too
  fuzz      `fuzz [TARGET …] [--minutes N] [--json]`: fuzz the Rust crate with libFuzzer, N minutes each (default: 1)
            `fuzz TARGET --input FILE`: run one input again; `--keep`: add what was found to tests/fuzz/corpus
  signing-page
            build the page that verifies, explains and signs, as one HTML file, and serve it
  lock      `lock PROJECT`: pin the packages of an example, or of tests/npm/projects, that is tested as a project of its own
  bench     the npm package beside its peers, in every runtime: speed, cold start, size, memory; about 10
            minutes, and updates docs/benchmarks.md (`--quick`: 3 minutes, updates nothing; `--json`)
            `bench sender [--json] [SECTION …]`: deliveries per second, with and without the queue, on each
            database; latency, fairness, backlog, cost and more; canonical JSON beside CPython; about 12 minutes
            `bench core [--json]`: sign, verify and canonical JSON in Rust, timed and in instructions
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error:#}", command::styled("1;31", "error:"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["setup"] => setup::everything(),
        ["package"] => package::package().map(drop),
        ["demo"] => demo::demo(),
        ["test"] => test::test(),
        ["constant-time"] => constant_time::check(),
        ["fuzz", ref arguments @ ..] => fuzz::fuzz(arguments),
        ["signing-page"] => signing_page::build_and_serve(),
        ["lock", example] => projects::lock(example),
        ["bench", ref options @ ..] if options.iter().all(|option| ["--json", "--quick"].contains(option)) => {
            bench::package(options)
        }
        ["bench", "sender", ref arguments @ ..] => bench::sender(arguments),
        ["bench", "core"] => core_bench::core(false),
        ["bench", "core", "--json"] => core_bench::core(true),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("unknown command `{}`\n\n{HELP}", arguments.join(" ")),
    }
}
