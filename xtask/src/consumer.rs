//! A user's folder: the packed tarball installed as npm installs it, nothing of the source tree.

use crate::command::{program, root, run};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// Recreates the folder and installs the tarball into it.
pub fn install(tarball: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("package.json"), r#"{ "private": true, "type": "module" }"#)?;
    let mut npm = program("npm");
    npm.args(["install", "--offline", "--no-save", "--no-audit", "--no-fund", "--silent"]).arg(tarball);
    run(npm.current_dir(folder))
}

/// Copies the package's tests, the data that they share with the crate's, and the one source folder that they test directly.
pub fn copy_tests(folder: &Path) -> Result<()> {
    for part in ["tests/npm", "tests/fixtures", "tests/vectors", "pkg-template/src/wasm/inlined"] {
        copy(&root().join(part), &folder.join(part))?;
    }
    Ok(())
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
