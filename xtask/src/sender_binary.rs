//! `cargo xtask sender-binary`: `dealix-sender` as a release has it. The binary lists its crates, so that `cargo audit bin` can
//! read them, and names no folder of the machine that built it.

use crate::command::{output, program, root, run, step, succeeds};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

const AUDITABLE: &str = "0.7.7";
/// The section that `cargo auditable` adds.
const AUDITABLE_SECTION: &str = ".dep-v0";

/// Builds `target/sender-binary/dealix-sender`.
pub fn build() -> Result<()> {
    let tools = root().join("target/tools");
    install_auditable(&tools)?;
    step("sender-binary: building dealix-sender");
    let folder = root().join("target/sender-binary");
    let folders = machine_folders()?;
    let mut cargo = program(tools.join("bin/cargo-auditable"));
    cargo.args([
        "auditable",
        "build",
        "--release",
        "--locked",
        "--features=cli",
        "--bin=dealix-sender",
        "--target-dir",
    ]);
    cargo.arg(&folder).env("CARGO_ENCODED_RUSTFLAGS", renamed(&folders, "--remap-path-prefix", "\x1f"));
    run(cargo.env("CFLAGS", renamed(&folders, "-ffile-prefix-map", " ")))?;

    let binary = folder.join("release/dealix-sender");
    check(&fs::read(&binary).with_context(|| binary.display().to_string())?, &folders)?;
    let kept = folder.join("dealix-sender");
    fs::copy(binary, &kept)?;
    println!("{}", kept.display());
    Ok(())
}

fn install_auditable(tools: &Path) -> Result<()> {
    if succeeds(program(tools.join("bin/cargo-auditable")).arg("--version")) {
        return Ok(());
    }
    step("sender-binary: installing cargo-auditable");
    run(program("cargo")
        .args(["install", "--quiet", "--locked", "cargo-auditable", "--version", AUDITABLE, "--root"])
        .arg(tools))
}

/// The folders of this machine that a compiler writes into panic messages, and what it writes instead.
fn machine_folders() -> Result<[(PathBuf, &'static str); 3]> {
    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    Ok([(sysroot.trim().into(), "/rust"), (cargo_home, "/cargo"), (root(), "/dealix-webhooks")])
}

fn renamed(folders: &[(PathBuf, &str)], option: &str, between: &str) -> String {
    let options = folders.iter().map(|(folder, name)| format!("{option}={}={name}", folder.display()));
    options.collect::<Vec<_>>().join(between)
}

fn check(binary: &[u8], folders: &[(PathBuf, &str)]) -> Result<()> {
    let holds = |text: &str| binary.windows(text.len()).any(|window| window == text.as_bytes());
    for (folder, _) in folders {
        if holds(&folder.display().to_string()) {
            bail!("the binary holds a folder of this machine: {}", folder.display());
        }
    }
    // Without it, the folders would not be renamed in a binary that holds any.
    if !holds("/cargo/registry/src/") {
        bail!("the binary names no source file, so that the check for folders sees nothing");
    }
    if !holds(AUDITABLE_SECTION) {
        bail!("the binary does not list its crates: there is no section {AUDITABLE_SECTION}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_with_a_folder_of_the_machine_is_refused() {
        let folders = [(PathBuf::from("/home/ann/dealix"), "/dealix-webhooks")];
        let good = b"\0/cargo/registry/src/x/lib.rs\0.dep-v0\0".as_slice();
        check(good, &folders).expect("a good binary");
        for (part, other) in [("/cargo/", "/home/ann/dealix/"), (".dep-v0", ".bss"), ("/registry/", "/elsewhere/")] {
            let bad = String::from_utf8_lossy(good).replace(part, other);
            assert!(check(bad.as_bytes(), &folders).is_err(), "{other}");
        }
    }
}
