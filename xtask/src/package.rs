//! The npm package: the two wasm modules, the TypeScript around them, and what npm shows.

use crate::command::{output, program, root, run, step};
use crate::{catalogue, setup, wasm};
use anyhow::{Context, Result};
use dealix_webhooks::diagnose::Cause;
use dealix_webhooks::{DEFAULT_MAX_AGE_SECONDS, EVENT_TYPES, EventType, MAX_HEADER_BYTES};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds `target/npm/package/` and packs it; returns the tarball's path.
pub fn package() -> Result<PathBuf> {
    catalogue::check()?;
    setup::npm_dependencies()?;
    let template = root().join("pkg-template");
    let generated = template.join("src/generated");
    fs::create_dir_all(&generated)?;
    wasm::build(&generated)?;
    write_constants(&generated)?;
    catalogue::write_types(&generated)?;

    step("package: bundling the TypeScript and its types");
    let package = root().join("target/npm/package");
    fs::create_dir_all(&package)?;
    run(program("node").arg(template.join("build.mjs")).arg(&package))?;
    let metadata = crate_metadata()?;
    let version = metadata["version"].as_str().context("the crate has no version")?;
    write_package_json(&template, &package, version, &metadata)?;
    catalogue::write_documents(&package, version)?;
    write_readme(&template, &package)?;
    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root().join(license), package.join(license))?;
    }
    pack(&package)
}

/// What the crate and the TypeScript must agree on: it lives in the crate, and the package's copy is written from it.
fn write_constants(generated: &Path) -> Result<()> {
    let event_types = serde_json::to_string_pretty(&EVENT_TYPES.iter().map(EventType::as_str).collect::<Vec<_>>())?;
    let causes: String = Cause::ALL.iter().map(|cause| format!("\n  | \"{}\"", cause.code())).collect();
    let text = format!(
        "// Written by `cargo xtask package` from the crate's constants.\n\n\
         /** The event types known to this version of the package, in the contract's order. */\n\
         export const EVENT_TYPES = {event_types} as const;\n\n\
         /** How old, or how far in the future, a signature may be by default, in seconds. */\n\
         export const DEFAULT_MAX_AGE_SECONDS = {DEFAULT_MAX_AGE_SECONDS};\n\n\
         /** The longest signature header that is read, in bytes. */\n\
         export const MAX_HEADER_BYTES = {MAX_HEADER_BYTES};\n\n\
         /** Why a signature does not verify. The codes are frozen; a later version may have more. */\n\
         export type Cause ={causes};\n"
    );
    Ok(fs::write(generated.join("constants.ts"), text)?)
}

/// The version and the addresses are the crate's.
fn write_package_json(template: &Path, package: &Path, version: &str, metadata: &Value) -> Result<()> {
    let text = fs::read_to_string(template.join("package.json")).context("pkg-template/package.json")?;
    let text = text.replacen(r#""version": "0.0.0""#, &format!(r#""version": "{version}""#), 1);
    let repository = metadata["repository"].as_str().context("the crate names no repository")?;
    let text = text.replacen("  \"keywords\":", &format!("{}  \"keywords\":", addresses(repository)), 1);
    Ok(fs::write(package.join("package.json"), text)?)
}

/// The manifest's fields that lead to the repository.
fn addresses(repository: &str) -> String {
    format!(
        "  \"repository\": {{ \"type\": \"git\", \"url\": \"git+{repository}.git\" }},\n  \
         \"homepage\": \"{repository}#readme\",\n  \
         \"bugs\": \"{repository}/issues\",\n"
    )
}

/// A line `EXAMPLE <file>` in the template is replaced with that file from `examples/`, which the tests run, and the line
/// `EVENTS` with the table of the catalogue.
fn write_readme(template: &Path, package: &Path) -> Result<()> {
    let mut readme = String::new();
    for line in fs::read_to_string(template.join("README.md"))?.lines() {
        match line.strip_prefix("EXAMPLE ") {
            Some(file) => {
                let code = fs::read_to_string(root().join("examples").join(file)).context(file.to_owned())?;
                let language = match file.rsplit('.').next() {
                    Some("mjs") | None => "js",
                    Some(ending) => ending,
                };
                readme.push_str(&format!("```{language}\n{code}```\n"));
            }
            None if line == "EVENTS" => readme.push_str(&catalogue::table()),
            None => readme.extend([line, "\n"]),
        }
    }
    Ok(fs::write(package.join("README.md"), readme)?)
}

/// What the crate's Cargo.toml says, with what it inherits from the workspace.
fn crate_metadata() -> Result<Value> {
    let metadata = output(program("cargo").args(["metadata", "--no-deps", "--format-version=1", "--locked"]))?;
    let mut metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array_mut().context("cargo metadata lists no packages")?;
    let found = packages.iter_mut().find(|package| package["name"] == "dealix-webhooks");
    Ok(found.context("no dealix-webhooks in cargo metadata")?.take())
}

fn pack(package: &Path) -> Result<PathBuf> {
    let folder = root().join("target/npm");
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            fs::remove_file(path)?;
        }
    }
    let report = output(
        program("npm").args(["pack", "--json", "--loglevel=error", "--pack-destination"]).arg(&folder).arg(package),
    )?;
    let report: Value = serde_json::from_str(&report).context("npm pack --json")?;
    let file = report[0]["filename"].as_str().context("npm pack names no file")?;
    let tarball = folder.join(file);
    step(&format!(
        "package: {} ({} kB packed, {} kB unpacked, {} files)",
        tarball.display(),
        report[0]["size"].as_u64().unwrap_or_default() / 1000,
        report[0]["unpackedSize"].as_u64().unwrap_or_default() / 1000,
        report[0]["entryCount"],
    ));
    Ok(tarball)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dealix_webhooks::diagnose::MAX_BODY_BYTES;

    /// The README spells out limits that live in the crate.
    #[test]
    fn the_readme_names_the_crate_s_limits() {
        let readme = fs::read_to_string(root().join("pkg-template/README.md")).expect("the package's README");
        for limit in [
            format!("does not try a body over {} MiB", MAX_BODY_BYTES >> 20),
            format!("is over {} KiB", MAX_HEADER_BYTES >> 10),
            format!("signatures may be {DEFAULT_MAX_AGE_SECONDS} s old by default"),
        ] {
            assert!(readme.contains(&limit), "{limit}");
        }
        for cause in Cause::ALL {
            assert!(readme.contains(&format!("`{}`", cause.code())), "{}", cause.code());
        }
    }
}
