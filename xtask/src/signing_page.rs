//! The page that verifies, explains and signs: `examples/signing-page` built on the packed package, and served.

use crate::command::{program, root, run, step};
use crate::{consumer, package, projects};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

const NAME: &str = "signing-page";
const ADDRESS: &str = "http://127.0.0.1:4173/signing-page.html";

/// Builds the page, prints where it is, and serves it until it is interrupted.
pub fn build_and_serve() -> Result<()> {
    let tarball = package::package()?;
    let project = projects::folder().join(NAME);
    projects::install_named(NAME)?;
    step("signing-page: building one HTML file");
    // The tests keep a build of theirs here, by this mark; it is theirs no longer.
    let _ = fs::remove_file(project.join("node_modules/.built"));
    let _ = fs::remove_dir_all(project.join("src"));
    consumer::copy(&root().join("examples").join(NAME), &project)?;
    unpack(&tarball, &project.join("node_modules/@dealix/webhooks"))?;
    run(program("npm").args(["run", "--silent", "build"]).current_dir(&project))?;
    println!("\nOpen {}\n  or {ADDRESS} (Ctrl-C ends it)", project.join("dist/signing-page.html").display());
    run(program("npm").args(["run", "--silent", "preview"]).current_dir(&project))
}

fn unpack(tarball: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder)?;
    run(program("tar").arg("-xzf").arg(tarball).arg("-C").arg(folder).arg("--strip-components=1"))
}
