//! The packages of projects that are tested apart from the repository's, because they are large or need other versions than
//! the repository's. Most are examples.

use crate::command::{program, root, run, step};
use anyhow::{Context, Result};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the projects. The tests put an example's files beside its packages.
pub fn folder() -> PathBuf {
    root().join("target/npm/projects")
}

/// Installs the packages of each `tests/npm/projects/<project>/package-lock.json`, unless they are installed already.
pub fn install() -> Result<()> {
    for entry in fs::read_dir(root().join("tests/npm/projects"))? {
        let lock = entry?.path().join("package-lock.json");
        if lock.exists() {
            install_one(&lock).with_context(|| format!("the packages of {}", lock.display()))?;
        }
    }
    Ok(())
}

/// Writes `tests/npm/projects/<project>/package-lock.json` from the project's package.json.
pub fn lock(name: &str) -> Result<()> {
    let project = folder().join(name);
    prepare(&project, name)?;
    let _ = fs::remove_file(project.join("package-lock.json"));
    run(npm(&["install", "--package-lock-only", "--omit-lockfile-registry-resolved"]).current_dir(&project))?;
    let kept = root().join("tests/npm/projects").join(name);
    fs::create_dir_all(&kept)?;
    fs::copy(project.join("package-lock.json"), kept.join("package-lock.json"))?;
    install()
}

/// Installs the packages of one project, unless they are installed already.
pub fn install_named(name: &str) -> Result<()> {
    install_one(&root().join("tests/npm/projects").join(name).join("package-lock.json"))
}

fn install_one(lock: &Path) -> Result<()> {
    let name = lock.parent().and_then(Path::file_name).and_then(OsStr::to_str).context("a name")?;
    let project = folder().join(name);
    let lock = fs::read_to_string(lock)?;
    let installed = project.join("node_modules/.installed-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step(&format!("npm: installing the packages of the project {name}"));
    prepare(&project, name)?;
    fs::write(project.join("package-lock.json"), &lock)?;
    run(npm(&["ci"]).current_dir(&project))?;
    fs::write(installed, lock)?;
    Ok(())
}

/// Puts its package.json into a project: the one beside the lock, or else the example's.
fn prepare(project: &Path, name: &str) -> Result<()> {
    let own = root().join("tests/npm/projects").join(name).join("package.json");
    let path = if own.exists() { own } else { root().join("examples").join(name).join("package.json") };
    let manifest = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    fs::create_dir_all(project)?;
    Ok(fs::write(project.join("package.json"), without_ours(&manifest)?)?)
}

fn npm(words: &[&str]) -> Command {
    let mut npm = program("npm");
    npm.args(words).args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm
}

/// A package.json without our package, which the tests install from the tarball.
fn without_ours(manifest: &str) -> Result<String> {
    let mut manifest: Value = serde_json::from_str(manifest)?;
    if let Some(dependencies) = manifest["dependencies"].as_object_mut() {
        dependencies.remove("@dealix/webhooks");
    }
    Ok(serde_json::to_string_pretty(&manifest)?)
}
