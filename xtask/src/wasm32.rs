//! A cargo that compiles for `wasm32-unknown-unknown` together with the standard library, from its sources.

use crate::command::{output, program};
use crate::setup::StdSources;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// The cargo to use with these sources of the standard library; it takes unstable flags, although its compiler is stable.
pub fn cargo(sources: StdSources) -> Result<Command> {
    let mut cargo = match sources {
        StdSources::Rustup => program("cargo"),
        StdSources::Debian => debian_cargo()?,
    };
    cargo.env("RUSTC_BOOTSTRAP", "1").env_remove("CARGO_ENCODED_RUSTFLAGS");
    Ok(cargo)
}

/// The arguments after `cargo build` or `cargo rustc`.
pub const ARGUMENTS: [&str; 3] = ["--locked", "--target=wasm32-unknown-unknown", "-Zbuild-std=std,panic_abort"];

/// Debian's cargo and rustc for Debian's sources, without the variables that rustup set for the cargo that runs this program.
fn debian_cargo() -> Result<Command> {
    let mut cargo = program("/usr/bin/cargo");
    cargo.env("RUSTC", "/usr/bin/rustc").env("PATH", path_with_rust_lld()?);
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER"] {
        cargo.env_remove(name);
    }
    Ok(cargo)
}

/// rust-lld lies in rustup's toolchain; Debian's rustc looks for it on the PATH.
fn path_with_rust_lld() -> Result<std::ffi::OsString> {
    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    let host = output(program("rustc").args(["--print", "host-tuple"]))?;
    let rust_lld = Path::new(sysroot.trim()).join("lib/rustlib").join(host.trim()).join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::env::split_paths(&path).chain([rust_lld]))?)
}
