//! `cargo xtask reproducible`: two builds of the npm package and of the signing page, in two folders and by two users, give
//! the same bytes.

use crate::command::{output, program, root, run, step};
use crate::{compare, projects, rebuild, setup, signing_page};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The users, who need no name, and where each builds. The paths have different lengths.
const BUILDS: [(&str, &str); 2] = [("61001", "a"), ("61002", "another-folder/that-is/deeper")];

/// Shows the builder what lies where only root can read, the toolchain and npm's packages, and drops root's rights.
const AS_USER: &str = r#"
set -e
toolchain=$1 toolchain_here=$2 packages=$3 packages_here=$4 user=$5
mount --bind "$toolchain" "$toolchain_here"
mount --bind "$packages" "$packages_here"
exec setpriv --reuid="$user" --regid="$user" --clear-groups cargo xtask signing-page --build
"#;

/// What rustup and cargo have set for this program.
const NOT_PASSED_ON: [&str; 7] =
    ["CARGO", "CARGO_TARGET_DIR", "LD_LIBRARY_PATH", "RUSTC", "RUSTFLAGS", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

pub fn check() -> Result<()> {
    if output(program("id").arg("-u"))?.trim() != "0" {
        bail!("only root can build as two other users: run it in a container, or with sudo");
    }
    setup::npm_dependencies()?;
    projects::install_named(signing_page::NAME)?;
    setup::std_sources()?;
    let scratch = Path::new("/var/tmp").join(format!("dealix-reproducible-{}", std::process::id()));
    let result = compare_builds(&scratch);
    fs::remove_dir_all(&scratch)?;
    result
}

fn compare_builds(scratch: &Path) -> Result<()> {
    let mut clones = Vec::new();
    for (user, folder) in BUILDS {
        clones.push(build(user, &scratch.join(folder)).with_context(|| format!("the build by user {user}"))?);
    }
    step("reproducible: comparing the tarballs and the pages");
    let [first, second] = [rebuild::find_tarball(&clones[0])?, rebuild::find_tarball(&clones[1])?];
    let package = compare::tarballs(&first, &second, &scratch.join("compared"));
    let page = compare::files(&clones[0].join(signing_page::BUILT), &clones[1].join(signing_page::BUILT));
    let faults: Vec<_> = [package, page].into_iter().filter_map(Result::err).map(|fault| fault.to_string()).collect();
    if !faults.is_empty() {
        bail!("a build depends on who builds, or where:\n{}", faults.join("\n"));
    }
    Ok(())
}

/// Builds the current commit in a clone, with a home and a CARGO_HOME of its own.
fn build(user: &str, folder: &Path) -> Result<PathBuf> {
    step(&format!("reproducible: building as user {user} in {}", folder.display()));
    let [clone, home, toolchain] = ["clone", "home", "toolchain"].map(|name| folder.join(name));
    fs::create_dir_all(&home)?;
    fs::create_dir_all(&toolchain)?;
    run(program("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(root()).arg(&clone))?;
    let packages = clone.join("node_modules");
    fs::create_dir_all(&packages)?;
    copy_page_packages(&clone)?;
    run(program("chown").args(["--recursive", &format!("{user}:{user}")]).arg(folder))?;

    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    let mut builder = Command::new("unshare");
    builder.args(["--mount", "sh", "-c", AS_USER, "sh", sysroot.trim()]).arg(&toolchain);
    builder.arg(fs::canonicalize(root().join("node_modules"))?).arg(&packages).arg(user);
    for name in NOT_PASSED_ON {
        builder.env_remove(name);
    }
    builder.env("HOME", &home).env("CARGO_HOME", home.join("cargo")).env("PATH", path_with(&toolchain.join("bin"))?);
    run(builder.current_dir(&clone))?;
    Ok(clone)
}

/// Copied, because a build puts the npm package among them.
fn copy_page_packages(clone: &Path) -> Result<()> {
    let there = clone.join("target/npm/projects");
    fs::create_dir_all(&there)?;
    run(program("cp").arg("--archive").arg(projects::folder().join(signing_page::NAME)).arg(there))
}

fn path_with(folder: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths([folder.to_path_buf()].into_iter().chain(std::env::split_paths(&path)))?)
}
