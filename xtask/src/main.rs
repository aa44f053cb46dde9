//! `cargo xtask`: the repository's commands. Each installs what it needs.

mod bench;
mod catalogue;
#[cfg(test)]
mod claims;
mod command;
mod compare;
mod constant_time;
mod consumer;
mod core_bench;
mod demo;
mod deny;
mod fuzz;
mod instructions;
#[cfg(test)]
mod links;
mod load;
mod matrix;
mod mutants;
mod mutants_npm;
mod npm_suite;
mod operate;
mod package;
mod passed;
mod projects;
mod publish;
mod rebuild;
mod reproducible;
#[cfg(test)]
mod rooms;
mod sbom;
mod sender_binary;
mod sender_image;
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
            development dependencies, Debian's Chromium, Firefox ESR, PostgreSQL, Redis, psycopg, curl, openssl,
            faketime, mandoc, systemd-analyze, Valgrind, g++ and Noto fonts, Stripe's SDK for Python, cargo-deny, and the packages of large frameworks' examples
  package   build the npm package: target/npm/package/ and target/npm/dealix-webhooks-<version>.tgz
  demo      send real deliveries to a receiver that runs the packed package, and check its verdicts
  test      run everything that CI runs, but not again what passed within a day and has not changed (`--all`: that too);
            a green run updates docs/runtimes.md and docs/frameworks.md
  constant-time
            check with Valgrind that no branch and no address of a verification depends on a secret; `test` does it too
            `constant-time --statistics`: compare the times of verifications by dudect's test, in Rust and in the npm
            package on each Node; about 15 minutes, on a machine that does nothing else
  fuzz      `fuzz [TARGET …] [--minutes N] [--json]`: fuzz the Rust crate with libFuzzer, N minutes each (default: 1)
            `fuzz TARGET --input FILE`: run one input again; `--keep`: add what was found to tests/fuzz/corpus
  mutants   `mutants [GROUP|FILE …] [--since COMMIT] [--json]`: change the Rust crate in one place at a time with cargo-mutants;
            fails if the tests notice nothing and tests/mutants/survivors.jsonl has no reason for it
            (`--since`: only in the lines that were changed since a commit)
  mutants-npm
            `mutants-npm [FILE …] [--since REF] [--json]`: change the npm package's TypeScript in each small way, and fail if
            the tests notice no difference; `--since`: only in lines that have changed since a commit
  signing-page
            build the page that verifies, explains and signs, as one HTML file, and serve it (`--build`: only
            build target/npm/signing-page.html and its checksum; `--build --json`; `--pictures`: take the README's)
  rebuild   `rebuild TAG [--tarball FILE]`: build the npm package of a release, and compare it byte by byte with the one
            that npm has, or with a file
  reproducible
            build the npm package and the signing page of the current commit in two folders, as two users, and
            compare the bytes; as root
  deny      check the licences and the sources of all crates with cargo-deny; `test` does it too
            `deny advisories`: look all crates up in RustSec's database, which is on GitHub
  sbom      write CycloneDX documents of what is compiled into the npm package and into dealix-sender: target/sbom
  sender-binary
            build dealix-sender as a release has it: with the list of its crates, for `cargo audit bin`, and without a
            path of this machine
  sender-image
            lint the Dockerfile, run its build step, and start the static binary in an empty folder; as root
  lock      `lock PROJECT`: pin the packages of an example, or of tests/npm/projects, that is tested as a project of its own
  bench     the npm package beside its peers, in every runtime: speed, cold start, size, memory; about 10
            minutes, and updates docs/benchmarks.md (`--quick`: 3 minutes, updates nothing; `--json`)
            `bench sender [--json] [SECTION …]`: deliveries per second, with and without the queue, on each
            database; latency, fairness, backlog, cost and more; canonical JSON beside CPython; about 40 minutes
            `bench core [--json]`: sign, verify and canonical JSON in Rust, timed and in instructions
  load      `load [node|worker|sender …] [--minutes N] [--json]`: valid and hostile deliveries to the examples for Node and
            Workers, and the queue on each database with endpoints that fail; 10 minutes each by default, which
            updates docs/benchmarks.md. Fails if memory or disk grows, or if any response or delivery is wrong
  operate   `operate [--minutes N] [--json]`: the sender for an hour on PostgreSQL as its operator runs it, while endpoints,
            workers and the database fail. Fails if a delivery, an alarm, `doctor` or the metrics are wrong
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
        ["test"] => test::test(false),
        ["test", "--all"] => test::test(true),
        ["constant-time"] => constant_time::check(),
        ["constant-time", "--statistics"] => constant_time::statistics(),
        ["fuzz", ref arguments @ ..] => fuzz::fuzz(arguments),
        ["mutants", ref arguments @ ..] => mutants::mutants(arguments),
        ["mutants-npm", ref arguments @ ..] => mutants_npm::judge(arguments),
        ["signing-page"] => signing_page::build_and_serve(),
        ["signing-page", "--build"] => signing_page::build().map(|built| built.print()),
        ["signing-page", "--pictures"] => signing_page::take_pictures(),
        ["signing-page", "--build", "--json"] => signing_page::build().map(|built| built.print_json()),
        ["deny"] => deny::check(),
        ["deny", "advisories"] => deny::advisories(),
        ["rebuild", tag] => rebuild::rebuild(tag, None),
        ["rebuild", tag, "--tarball", file] => rebuild::rebuild(tag, Some(file)),
        ["reproducible"] => reproducible::check(),
        ["sbom"] => sbom::write(),
        ["sender-binary"] => sender_binary::build(),
        ["sender-image"] => sender_image::build(),
        ["lock", example] => projects::lock(example),
        ["bench", ref options @ ..] if options.iter().all(|option| ["--json", "--quick"].contains(option)) => {
            bench::package(options)
        }
        ["bench", "sender", ref arguments @ ..] => bench::sender(arguments),
        ["bench", "core"] => core_bench::core(false),
        ["bench", "core", "--json"] => core_bench::core(true),
        ["load", ref arguments @ ..] => load::load(arguments),
        ["operate", ref arguments @ ..] => operate::operate(arguments),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("unknown command `{}`\n\n{HELP}", arguments.join(" ")),
    }
}

/// How many processors this machine has for us.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
