//! The npm package: the two wasm modules, the facade in TypeScript, and what npm shows.

use crate::command::{output, program, root, run, step};
use crate::{setup, wasm};
use anyhow::{Context, Result};
use dealix_webhooks::{EVENT_TYPES, EventType};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds `target/npm/package/` and packs it; returns the tarball's path.
pub fn package() -> Result<PathBuf> {
    setup::npm_dependencies()?;
    let template = root().join("pkg-template");
    let generated = template.join("src/generated");
    fs::create_dir_all(&generated)?;
    wasm::build(&generated)?;
    write_event_types(&generated)?;

    step("package: bundling the facade and its types");
    let package = root().join("target/npm/package");
    fs::create_dir_all(&package)?;
    run(program("node").arg(template.join("build.mjs")).arg(&package))?;
    write_package_json(&template, &package)?;
    write_readme(&template, &package)?;
    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root().join(license), package.join(license))?;
    }
    pack(&package)
}

/// The list of event types lives in the crate; the package's copy is written from it.
fn write_event_types(generated: &Path) -> Result<()> {
    let list = serde_json::to_string_pretty(&EVENT_TYPES.iter().map(EventType::as_str).collect::<Vec<_>>())?;
    let text = format!(
        "/** The event types known to this version of the package, in the contract's order. */\n\
         export const EVENT_TYPES = {list} as const;\n"
    );
    Ok(fs::write(generated.join("event-types.ts"), text)?)
}

/// The version is the crate's.
fn write_package_json(template: &Path, package: &Path) -> Result<()> {
    let text = fs::read_to_string(template.join("package.json")).context("pkg-template/package.json")?;
    let with_version = text.replacen(r#""version": "0.0.0""#, &format!(r#""version": "{}""#, crate_version()?), 1);
    Ok(fs::write(package.join("package.json"), with_version)?)
}

/// A line `EXAMPLE <file>` of the template becomes that file of `examples/`, which the tests run.
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
            None => readme.extend([line, "\n"]),
        }
    }
    Ok(fs::write(package.join("README.md"), readme)?)
}

fn crate_version() -> Result<String> {
    let metadata = output(program("cargo").args(["metadata", "--no-deps", "--format-version=1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let version = packages.iter().find(|package| package["name"] == "dealix-webhooks");
    Ok(version.and_then(|package| package["version"].as_str()).context("no dealix-webhooks in it")?.to_owned())
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
