//! `cargo xtask sender-image`: what the Dockerfile builds, without Docker. Lints the file, runs its build step in a clean folder, and
//! starts the binary where there is nothing but what the image holds: it must look names up, and know certificates.

use crate::command::{output, program, root, run, step};
use crate::setup;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "endpoint.test";
/// As the Dockerfile has it.
const USER: &str = "65532:65532";
const BINARY: &str = "/usr/bin/dealix-sender";

/// Builds `target/sender-image/image/`, which holds what the image does.
pub fn build() -> Result<()> {
    ensure!(output(program("id").arg("-u"))?.trim() == "0", "sender-image needs root, because it calls chroot");
    let dockerfile = fs::read_to_string(root().join("Dockerfile")).context("Dockerfile")?;
    step("sender-image: linting the Dockerfile");
    run(program(setup::hadolint()?).arg("Dockerfile"))?;

    step("sender-image: running its build step");
    let folder = root().join("target/sender-image");
    let (sources, image) = (folder.join("build"), folder.join("image"));
    copy_context(&sources)?;
    let _ = fs::remove_dir_all(&image);
    let script = build_step(&dockerfile)?.replace("/image/", &format!("{}/", image.display()));
    run(program("sh").args(["-euc", &script]).current_dir(&sources))?;

    step("sender-image: starting the binary in an empty folder");
    run(&mut within(&image, &["--version"]))?;
    run(&mut within(&image, &["migrate"]))?;
    check_network(&folder, &image)?;
    println!("{} ({} MB)", image.display(), fs::metadata(image.join(&BINARY[1..]))?.len() / 1_000_000);
    Ok(())
}

/// The command of the Dockerfile's only `RUN`.
fn build_step(dockerfile: &str) -> Result<String> {
    let (_, after) = dockerfile.split_once("\nRUN ").context("the Dockerfile has no RUN")?;
    let (command, rest) = after.split_once("\n\n").context("the Dockerfile ends with its RUN")?;
    ensure!(!rest.contains("\nRUN "), "the Dockerfile has a second RUN");
    Ok(command.replace("\\\n", " "))
}

/// Copies what the file `.dockerignore` lets through. What was built before stays.
fn copy_context(sources: &Path) -> Result<()> {
    fs::create_dir_all(sources)?;
    let ignore = fs::read_to_string(root().join(".dockerignore")).context(".dockerignore")?;
    for path in ignore.lines().filter_map(|line| line.strip_prefix('!')) {
        let (from, to) = (root().join(path), sources.join(path));
        let _ = fs::remove_dir_all(&to);
        fs::create_dir_all(to.parent().context("a folder")?)?;
        run(program("cp").args(["--recursive", "--preserve=timestamps", "--no-target-directory"]).args([from, to]))?;
    }
    Ok(())
}

/// The binary with the folder as its whole file system, as the image's user.
fn within(image: &Path, arguments: &[&str]) -> Command {
    let mut command = program("chroot");
    command.arg(format!("--userspec={USER}")).arg(image).arg(BINARY).args(arguments);
    // `chroot` itself must still be found.
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("DEALIX_DATABASE", "sqlite:///data/queue.db");
    command.env("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt");
    command
}

/// `doctor` looks a name up and calls it, in a copy of the image whose only certificate is that server's.
fn check_network(folder: &Path, image: &Path) -> Result<()> {
    let copy = folder.join("network");
    let _ = fs::remove_dir_all(&copy);
    run(program("cp").args(["--archive", "--no-target-directory"]).arg(image).arg(&copy))?;
    let (certificate, key) = (copy.join("etc/ssl/certs/ca-certificates.crt"), folder.join("key.pem"));
    make_certificate(&certificate, &key)?;
    fs::write(copy.join("etc/resolv.conf"), "nameserver 127.0.0.1\n")?;

    let url = format!("https://{NAME}/");
    let doctor = within(&copy, &["doctor", "--resolve", NAME, "--clock-from", &url]);
    let mut network = program("unshare");
    network.args(["--net", "sh", "-euc", "ip link set lo up; exec \"$@\"", "sh", "python3"]);
    network.arg(root().join("xtask/src/sender_image/network.py")).args([certificate, key]);
    network.arg(doctor.get_program()).args(doctor.get_args());
    for (name, value) in doctor.get_envs().filter_map(|(name, value)| Some((name, value?))) {
        network.env(name, value);
    }
    let report = output(&mut network)?;
    print!("{report}");
    let found = |check: &str| report.lines().any(|line| line.starts_with("ok") && line.contains(check));
    if !found(&format!("{NAME} is 127.0.0.1")) || !found("the one of --clock-from") {
        bail!("the binary cannot look names up or knows no certificates");
    }
    Ok(())
}

fn make_certificate(certificate: &PathBuf, key: &PathBuf) -> Result<()> {
    let mut openssl = program("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]);
    openssl.args(["-subj", &format!("/CN={NAME}"), "-addext", &format!("subjectAltName=DNS:{NAME}")]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-out"]).arg(certificate).arg("-keyout").arg(key);
    output(&mut openssl).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_step_is_what_the_dockerfile_runs() {
        let dockerfile = "FROM a\nCOPY . .\nRUN one \\\n    && two\n\nFROM scratch\n";
        assert_eq!(build_step(dockerfile).expect("a step"), "one      && two");
        for bad in ["FROM a\n", "FROM a\nRUN one", "FROM a\nRUN one\n\nFROM b\nRUN two\n"] {
            assert!(build_step(bad).is_err(), "{bad}");
        }
    }
}
