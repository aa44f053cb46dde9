//! `cargo xtask constant-time --statistics`: whether the times of verifications tell which digit of a signature is wrong, or
//! something of the secret: in Rust by dudect-bencher, and in the npm package by the same test in JavaScript.

use crate::command::{output, program, root, run, step};
use crate::{consumer, package, setup};
use anyhow::{Context, Result, bail};

/// The absolute value of t from which on a difference is suspicious, and certain, as dudect has it.
const SUSPICIOUS: f64 = 4.5;
const CERTAIN: f64 = 10.0;

const CONTROL: &str = "control";

pub fn check() -> Result<()> {
    setup::valgrind()?;
    let rust = rust();
    if let Err(error) = &rust {
        eprintln!("{error:#}");
    }
    let package = package();
    rust.and(package)
}

fn rust() -> Result<()> {
    step("constant time: dudect's test in Rust, in a release build");
    let manifest = root().join("tests/constant-time/Cargo.toml");
    let mut cargo = program("cargo");
    cargo.args(["bench", "--quiet", "--locked", "--bench=statistics", "--manifest-path"]).arg(manifest);
    let printed = output(cargo.arg("--target-dir").arg(root().join("target/constant-time")))?;
    let rows: Vec<Row> = printed.lines().filter_map(Row::read).collect();
    println!("\nRust:");
    rows.iter().for_each(Row::print);
    judge(&rows)
}

fn package() -> Result<()> {
    let tarball = package::package()?;
    step("constant time: the same test of the npm package");
    let folder = root().join("target/npm/constant-time");
    consumer::install(&tarball, &folder)?;
    consumer::copy_tests(&folder)?;
    run(program("node").arg("tests/npm/constant-time/main.mjs").current_dir(&folder))
}

/// What dudect-bencher found about a pair of classes.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    /// How many times are compared, in millions.
    millions: f64,
    t: f64,
}

impl Row {
    /// A line such as `bench control ... : n == +1.2M, max t = -3.4, max tau = -0.003, (5/tau)^2 = 2`.
    fn read(line: &str) -> Option<Self> {
        let (name, figures) = line.strip_prefix("bench ")?.split_once(" ... : n == ")?;
        let (millions, figures) = figures.split_once("M, max t = ")?;
        let (t, _) = figures.split_once(',')?;
        Some(Self { name: name.trim().to_owned(), millions: millions.parse().ok()?, t: t.parse().ok()? })
    }

    fn is_control(&self) -> bool {
        self.name == CONTROL
    }

    fn print(&self) {
        let size = self.t.abs();
        let meaning = match self.is_control() {
            true if size < CERTAIN => "the early exit is not seen, so this run sees nothing",
            true => "the early exit is seen",
            false if size < SUSPICIOUS => "no difference seen",
            false if size < CERTAIN => "suspicious: run it again",
            false => "the time differs",
        };
        println!("  {:38}  n {:.3} million  max |t| {size:7.2}  {meaning}", self.name, self.millions);
    }
}

fn judge(rows: &[Row]) -> Result<()> {
    let control = rows.iter().find(|row| row.is_control()).context("dudect-bencher printed no control")?;
    if control.t.abs() < CERTAIN {
        bail!(
            "the control's early exit is not seen, so the run sees nothing; run it on a machine that does nothing else"
        );
    }
    let differs = rows.iter().filter(|row| !row.is_control() && row.t.abs() >= SUSPICIOUS);
    let names: Vec<_> = differs.map(|row| row.name.as_str()).collect();
    if !names.is_empty() {
        bail!("the time of a verification in Rust may tell something ({}); run it again", names.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dudect_bencher_prints_is_read() {
        let line =
            "bench last-digit-or-all   ... : n == +0.990M, max t = -2.25000, max tau = -0.00226, (5/tau)^2 = 4889679";
        let row = Row { name: "last-digit-or-all".to_owned(), millions: 0.99, t: -2.25 };
        assert_eq!(Row::read(line), Some(row));
        assert_eq!(Row::read("bench last-digit-or-all   seeded with 0x0000000000000001"), None);
    }

    #[test]
    fn a_difference_and_an_unseen_control_are_failures() {
        let row = |name: &str, t| Row { name: name.to_owned(), millions: 1.0, t };
        judge(&[row("a", -4.4), row(CONTROL, -90.0)]).expect("no difference");
        for bad in [[row("a", -4.6), row(CONTROL, 90.0)], [row("a", 1.0), row(CONTROL, 9.0)]] {
            assert!(judge(&bad).is_err(), "{bad:?}");
        }
        assert!(judge(&[row("a", 1.0)]).is_err(), "no control");
    }
}
