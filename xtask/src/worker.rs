//! The example of a Worker in Rust, built as its users' `worker-build` does, but with the wasm-bindgen that we pin and without
//! a compiled standard library, which rustup cannot download everywhere.

use crate::command::{root, run, step};
use crate::setup::std_sources;
use crate::wasm32;
use anyhow::{Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const EXAMPLE: &str = "examples/worker-rust";

/// The part of `worker-build`'s entry that calls the handler; the rest restarts the module after a panic.
const SHIM: &str = r#"import { WorkerEntrypoint } from "cloudflare:workers";
import * as exports from "./index.js";

export default class extends WorkerEntrypoint {
  fetch(request) {
    return exports.fetch.call(this, request, this.env, this.ctx);
  }
}
"#;

/// Writes the Worker into `out`: `shim.js`, which is its entry, `index.js` and `index_bg.wasm`.
pub fn build(out: &Path) -> Result<()> {
    step("wasm: building the example of a Worker in Rust");
    let compiled = compile()?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name("index");
    bindgen.module(true).and_then(|bindgen| bindgen.generate(out)).map_err(|error| {
        anyhow!("wasm-bindgen on {EXAMPLE}; do both Cargo.lock files have the same version of it? {error:#}")
    })?;
    // As `worker-build` does: workerd loads the module through a plain import of the .wasm file.
    let glue = out.join("index.js");
    fs::write(&glue, fs::read_to_string(&glue)?.replace("import source ", "import "))?;
    Ok(fs::write(out.join("shim.js"), SHIM)?)
}

/// Compiles it into a folder that later runs reuse. Unoptimised, since a first run then takes two thirds of the time.
fn compile() -> Result<PathBuf> {
    let target = root().join("target/wasm/worker-rust");
    let mut cargo = wasm32::cargo(std_sources()?)?;
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env_remove("RUSTFLAGS").current_dir(root().join(EXAMPLE));
    cargo.args(["build", "--release"]).args(wasm32::ARGUMENTS).arg("--target-dir").arg(&target);
    run(&mut cargo)?;
    Ok(target.join("wasm32-unknown-unknown/release/worker_rust.wasm"))
}
