//! `cargo xtask rebuild TAG`: whether the published npm package is what its tag builds.

use crate::command::{output, program, root, run, step};
use crate::compare;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the package of a tag, or of any commit, in a worktree of its own, and compares it with a tarball: the one that npm
/// has, unless a file is named.
pub fn rebuild(tag: &str, tarball: Option<&str>) -> Result<()> {
    let folder = root().join("target/rebuild");
    fs::create_dir_all(&folder)?;
    let published = match tarball {
        Some(file) => fs::canonicalize(file).with_context(|| file.to_owned())?,
        None => download(tag, &folder)?,
    };
    let rebuilt = build(tag, &folder.join("worktree"))?;
    step(&format!("rebuild: comparing {} with what {tag} builds", published.display()));
    let question = "Is Rust the release's? Its CycloneDX document names the version (rust-std)";
    compare::tarballs(&published, &rebuilt, &folder.join("compared"))
        .with_context(|| format!("{tag} does not build this package here. {question}"))
}

/// Downloads what npm has under the tag's version.
fn download(tag: &str, folder: &Path) -> Result<PathBuf> {
    let version = tag.strip_prefix('v').with_context(|| {
        format!("{tag} is no tag of a release, such as v0.1.0; name a tarball to compare with, by --tarball FILE")
    })?;
    step(&format!("rebuild: downloading @dealix/webhooks@{version} from npm"));
    let mut npm = program("npm");
    npm.args(["pack", "--loglevel=error", "--pack-destination"]).arg(folder).arg(format!("@dealix/webhooks@{version}"));
    let printed = output(&mut npm)?;
    Ok(folder.join(printed.lines().last().context("npm pack names no file")?))
}

fn build(tag: &str, worktree: &Path) -> Result<PathBuf> {
    remove(worktree)?;
    run(program("git").args(["worktree", "add", "--force", "--quiet", "--detach"]).arg(worktree).arg(tag))?;
    step(&format!("rebuild: `cargo xtask package` at {tag}"));
    let built = run(program("cargo").args(["xtask", "package"]).current_dir(worktree));
    let tarball = built.and_then(|()| keep_tarball(worktree));
    remove(worktree)?;
    tarball
}

fn remove(worktree: &Path) -> Result<()> {
    if worktree.exists() {
        run(program("git").args(["worktree", "remove", "--force"]).arg(worktree))?;
    }
    Ok(())
}

/// Moves the tarball out of a worktree that is about to be removed.
fn keep_tarball(worktree: &Path) -> Result<PathBuf> {
    let built = find_tarball(worktree)?;
    let kept = worktree.with_file_name("rebuilt.tgz");
    fs::copy(built, &kept)?;
    Ok(kept)
}

/// The tarball that `cargo xtask package` made in a checkout.
pub fn find_tarball(checkout: &Path) -> Result<PathBuf> {
    let folder = checkout.join("target/npm");
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tgz") {
            return Ok(path);
        }
    }
    bail!("no tarball in {}", folder.display())
}
