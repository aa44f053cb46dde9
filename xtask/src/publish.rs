//! The crate can be published: `cargo package` builds it without a warning. The npm package's own tests do the same for it.

use crate::command::{program, step};
use anyhow::{Context, Result, bail};

/// Packages the crate as a release would, and builds what was packaged.
pub fn dry_run() -> Result<()> {
    step("cargo package, warnings denied");
    let mut cargo = program("cargo");
    // Tests must run on uncommitted changes too.
    cargo.args(["package", "--package=dealix-webhooks", "--all-features", "--locked", "--allow-dirty"]);
    let output = cargo.output().context("cargo")?;
    let report = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || report.lines().any(|line| line.starts_with("warning")) {
        bail!("the crate is not ready to be published; `cargo package` says:\n{report}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::output;
    use serde_json::Value;

    fn metadata() -> Value {
        let host = output(program("rustc").args(["--print", "host-tuple"])).expect("rustc");
        let mut cargo = program("cargo");
        cargo.args(["metadata", "--format-version=1", "--all-features", "--locked", "--filter-platform", host.trim()]);
        serde_json::from_str(&output(&mut cargo).expect("cargo metadata")).expect("JSON")
    }

    /// Of `1.94` as of `1.94.0`.
    fn version(text: &str) -> [u32; 3] {
        let mut numbers = text.split('.').map(|number| number.parse().expect("a number"));
        std::array::from_fn(|_| numbers.next().unwrap_or(0))
    }

    /// Clippy checks the same for the crate's own code (`incompatible_msrv`).
    #[test]
    fn no_dependency_needs_a_newer_rust_than_the_crate_states() {
        let metadata = metadata();
        let packages = metadata["packages"].as_array().expect("packages");
        let ours = packages.iter().find(|package| package["name"] == "dealix-webhooks").expect("the crate");
        let stated = version(ours["rust_version"].as_str().expect("rust-version"));
        assert!(packages.len() > 100, "these cannot be all: {}", packages.len());
        for package in packages {
            let needed = package["rust_version"].as_str().map(version).unwrap_or_default();
            assert!(needed <= stated, "{} needs Rust {needed:?}", package["id"]);
        }
    }

    #[test]
    fn the_manifest_says_what_registries_show() {
        let metadata = metadata();
        let packages = metadata["packages"].as_array().expect("packages");
        let ours = packages.iter().find(|package| package["name"] == "dealix-webhooks").expect("the crate");
        for field in ["repository", "documentation", "description", "license", "readme", "rust_version"] {
            assert!(ours[field].is_string(), "{field} is missing in Cargo.toml");
        }
        for list in ["keywords", "categories"] {
            let length = ours[list].as_array().expect("a list").len();
            assert!((1..=5).contains(&length), "crates.io takes one to five {list}, not {length}");
        }
    }
}
