//! `cargo xtask deny`: every crate has a licence that deny.toml allows, comes from crates.io, and is none that is banned.

use crate::command::{program, root, run, step};
use crate::setup;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Two workspaces: what is published, and the Worker in Rust.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "examples/worker-rust/Cargo.toml"];
const CHECKS: [&str; 3] = ["licenses", "bans", "sources"];

/// What cargo-deny writes if it has no database.
const NOT_FETCHED: &str = "failed to fetch advisory database";

/// What deny.toml says, and what must make each check fail.
const CONTROLS: [(&str, &str); 3] = [
    (r#""ISC", "#, ""),
    (r#"crate = "native-tls""#, r#"crate = "hmac""#),
    ("[sources]", "[sources]\nallow-registry = []"),
];

pub fn check() -> Result<()> {
    let tool = setup::cargo_deny()?;
    step("cargo deny: licences, bans, sources");
    for manifest in MANIFESTS {
        run(&mut deny(&tool, manifest, &root().join("deny.toml"), &CHECKS))
            .context("deny.toml says what is allowed")?;
    }
    controls(&tool)
}

/// Looks all crates up in RustSec's database.
pub fn advisories() -> Result<()> {
    let tool = setup::cargo_deny()?;
    step("cargo deny: advisories, from RustSec's database on GitHub");
    for manifest in MANIFESTS {
        let looked_up = deny(&tool, manifest, &root().join("deny.toml"), &["advisories"]).output()?;
        let report = String::from_utf8_lossy(&looked_up.stderr);
        eprint!("{report}");
        if !looked_up.status.success() {
            bail!("{manifest}: {}", meaning(&report));
        }
        println!("{manifest}: no crate has an advisory");
    }
    Ok(())
}

/// What it means that the look-up failed.
fn meaning(report: &str) -> &'static str {
    if report.contains(NOT_FETCHED) {
        "RustSec's database could not be fetched, so no crate was looked up; run this where github.com can be reached"
    } else {
        "a crate has an advisory, is yanked, or could not be looked up, as is said above; update it, or ignore the \
         advisory in deny.toml and say why"
    }
}

/// Each check fails once deny.toml forbids what is there.
fn controls(tool: &Path) -> Result<()> {
    let allowed = fs::read_to_string(root().join("deny.toml"))?;
    let config = root().join("target/cargo-deny/control.toml");
    for (check, (part, other)) in CHECKS.iter().zip(CONTROLS) {
        if !allowed.contains(part) {
            bail!("deny.toml holds no {part}, which the control of `{check}` replaces");
        }
        fs::write(&config, allowed.replace(part, other))?;
        let forbidden = deny(tool, "Cargo.toml", &config, &[check]).output()?;
        if !String::from_utf8_lossy(&forbidden.stdout).contains(&format!("{check} FAILED")) {
            bail!("cargo deny: `{check}` lets pass what is forbidden\n{}", String::from_utf8_lossy(&forbidden.stderr));
        }
    }
    Ok(())
}

fn deny(tool: &Path, manifest: &str, config: &Path, checks: &[&str]) -> Command {
    let mut deny = program(tool);
    deny.args(["--locked", "--manifest-path", manifest, "--config"]).arg(config).arg("check").args(checks);
    deny
}
