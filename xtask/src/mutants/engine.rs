//! cargo-mutants, on a copy of the repository. The copy has a target folder of its own, so that no mutant's build is taken for
//! a build of the repository, and always the same path, so that a later run finds what this one has compiled.

use super::groups::{Group, Round, Selected};
use super::outcomes::{self, End, Outcome};
use crate::command::{output, program, root, run, step};
use crate::passed;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = "27.1.0";
/// A mutant loops if its tests take this many times as long as without it, and at least so many seconds.
const TIMEOUT: [&str; 2] = ["--timeout-multiplier=4", "--minimum-test-timeout=15"];
/// The sender's tests wait more than they compute.
const THREADS: &str = "--test-threads=16";
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

pub struct Engine {
    tool: PathBuf,
    folder: PathBuf,
    /// What has changed, if only that is to be mutated.
    diff: Option<PathBuf>,
}

impl Engine {
    /// Copies the repository as it is, with what is not committed.
    pub fn start(since: Option<&str>) -> Result<Self> {
        let tools = root().join("target/tools");
        install(&tools)?;
        let folder = root().join("target/mutants");
        copy(&folder.join("tree"))?;
        fs::write(folder.join("root.pem"), first_root()?)?;
        let diff = since.map(|commit| write_diff(commit, &folder)).transpose()?;
        Ok(Self { tool: tools.join("bin/cargo-mutants"), folder, diff })
    }

    /// Mutates a group's files one by one, and runs the group's tests on each mutant, after a run on the files as they are.
    pub fn judge(&self, selected: &Selected) -> Result<Vec<Outcome>> {
        let Group { name, rounds, .. } = selected.group;
        let log = self.folder.join(name);
        if log.exists() {
            fs::remove_dir_all(&log)?;
        }
        fs::create_dir_all(&log)?;
        let mut judged: Vec<Outcome> = Vec::new();
        for (number, round) in rounds.iter().enumerate() {
            if number > 0 && judged.iter().all(|outcome| outcome.end != End::Missed) {
                break;
            }
            step(&format!("mutants: {name}, round {} of {}", number + 1, rounds.len()));
            judged.retain(|outcome| outcome.end != End::Missed);
            judged.extend(self.play(selected, round, &log)?);
        }
        Ok(judged)
    }

    /// One round, on the mutants that the round before missed.
    fn play(&self, selected: &Selected, round: &Round, log: &Path) -> Result<Vec<Outcome>> {
        let results = log.join("mutants.out");
        settle_timeouts(&results)?;
        let mut command = self.command(selected, round, log);
        let status = command.stdin(Stdio::null()).stdout(io::stderr()).status().context("cargo-mutants")?;
        match status.code() {
            // All were caught, or some were not, or some timed out.
            Some(0 | 2 | 3) => outcomes::read(&results),
            Some(4) => bail!("mutants: tests fail without any mutant; run {}", as_cargo_test(selected.group, round)),
            _ => bail!("mutants: cargo-mutants ended with {status}; {} has its logs", log.display()),
        }
    }

    fn command(&self, selected: &Selected, round: &Round, log: &Path) -> Command {
        let mut command = program(&self.tool);
        command.args(["mutants", "--iterate", "--in-place", "--package=dealix-webhooks", "--dir"]);
        command.arg(self.folder.join("tree")).arg("--output").arg(log).args(TIMEOUT);
        command.env("CARGO_TARGET_DIR", self.folder.join("build"));
        // Reading all of the system's certificates for each transport would be most of what the sender's tests compute. Cargo
        // sets a variable that is not set, so the folder is one without certificates.
        command.env("SSL_CERT_FILE", self.folder.join("root.pem")).env("SSL_CERT_DIR", &self.folder);
        // A test that fails would spend seconds on naming the functions of its backtrace.
        command.env("RUST_BACKTRACE", "0");
        command.args(selected.globs().map(|glob| format!("--file={glob}")));
        command.arg(format!("--features={}", selected.group.features));
        command.args(round.targets.iter().map(|target| format!("--cargo-arg={target}")));
        command.args(self.diff.iter().map(|diff| format!("--in-diff={}", diff.display())));
        command.args(["--", "--", THREADS]).args(round.options());
        command
    }
}

/// A mutant that loops in one round would in the next: cargo-mutants passes over what it finds among the caught ones.
fn settle_timeouts(results: &Path) -> Result<()> {
    let (timeouts, caught) = (results.join("timeout.txt"), results.join("caught.txt"));
    if timeouts.exists() {
        fs::write(&caught, [fs::read(&caught)?, fs::read(timeouts)?].concat())?;
    }
    Ok(())
}

fn install(tools: &Path) -> Result<()> {
    let version = output(program(tools.join("bin/cargo-mutants")).args(["mutants", "--version"]));
    if version.is_ok_and(|version| version.trim() == format!("cargo-mutants {VERSION}")) {
        return Ok(());
    }
    step("mutants: installing cargo-mutants");
    run(program("cargo")
        .args(["install", "--quiet", "--locked", "cargo-mutants", "--version", VERSION, "--force", "--root"])
        .arg(tools))
}

fn copy(tree: &Path) -> Result<()> {
    if tree.exists() {
        fs::remove_dir_all(tree)?;
    }
    for file in passed::sources(|_| true)? {
        let copy = tree.join(file.strip_prefix(root())?);
        fs::create_dir_all(copy.parent().context("a file lies in a folder")?)?;
        fs::copy(&file, copy).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// One of the certificates that the system trusts, because the client refuses to do without any.
fn first_root() -> Result<String> {
    const END: &str = "-----END CERTIFICATE-----";
    let roots = fs::read_to_string(SYSTEM_ROOTS).context(SYSTEM_ROOTS)?;
    let end = roots.find(END).with_context(|| format!("{SYSTEM_ROOTS} has no certificate"))?;
    Ok(roots[..end + END.len()].to_owned() + "\n")
}

fn write_diff(commit: &str, folder: &Path) -> Result<PathBuf> {
    let diff = output(program("git").args(["diff", "--no-ext-diff", "--merge-base", commit, "--", "src"]))?;
    let file = folder.join("since.diff");
    fs::write(&file, diff)?;
    Ok(file)
}

fn as_cargo_test(group: &Group, round: &Round) -> String {
    let options: Vec<_> = round.options().collect();
    format!("`cargo test --features={} {} -- {}`", group.features, round.targets.join(" "), options.join(" "))
}
