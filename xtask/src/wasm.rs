//! From the crate to the two wasm modules of the npm package, and the glue that wasm-bindgen writes.

use crate::command::{npm_bin, output, root, run, step};
use crate::setup::{StdSources, std_sources};
use crate::wasm32;
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// A module: the crate with one feature, optimised for speed (`3`) or size (`z`).
struct Module {
    name: &'static str,
    feature: &'static str,
    optimise_for: &'static str,
    lto: &'static str,
    rustflags: &'static str,
}

/// The module that production bundles load, and the one for tests and tools. Optimising across crates shrinks the testing module by a
/// tenth; the receiver's would grow by a tenth, since it inlines what runs once a delivery.
const MODULES: [Module; 2] = [
    Module { name: "receiver", feature: "wasm", optimise_for: "3", lto: "off", rustflags: RECEIVER_FLAGS },
    Module { name: "testing", feature: "wasm-testing", optimise_for: "z", lto: "true", rustflags: TESTING_FLAGS },
];

/// Keeps the receiver small at full speed: its hash is vectorised and unrolled by hand, and everything else runs once per
/// delivery. Its stack is 64 KiB, not 1 MiB.
const RECEIVER_FLAGS: &str = " -Cno-vectorize-loops -Cno-vectorize-slp -Cllvm-args=-inline-threshold=10 \
    -Cllvm-args=-unroll-runtime=0 -Clink-arg=-zstack-size=65536";

/// Leaves out source locations, since no panic message is ever shown, and sets a stack small enough that addresses of data
/// take a byte less.
const TESTING_FLAGS: &str = " -Zlocation-detail=none -Clink-arg=-zstack-size=524288";

/// wasm-opt gets each feature by name: with `--all-features` it makes a module that no engine loads.
const WASM_OPT: [&str; 11] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Builds every module into `out`: `<name>.wasm` and `<name>.d.ts`, the types of its exports.
pub fn build(out: &Path) -> Result<()> {
    let sources = std_sources()?;
    for module in MODULES {
        step(&format!("wasm: building the {} module", module.name));
        let compiled = compile(sources, &module)?;
        if is_up_to_date(&compiled, out, &module)? {
            continue;
        }
        let bound = compiled.with_file_name("bound");
        bind(&module, &compiled, &bound)?;
        keep_types(module.name, &bound, out)?;
        optimise(&module, &bound, out)?;
    }
    Ok(())
}

/// Whether what wasm-bindgen and wasm-opt made is newer than the compiled module and than this program.
fn is_up_to_date(compiled: &Path, out: &Path, module: &Module) -> Result<bool> {
    let made = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let Ok(optimised) = made(&finished(module, out)) else { return Ok(false) };
    Ok(made(compiled)? < optimised && made(&std::env::current_exe()?)? < optimised)
}

fn compile(sources: StdSources, module: &Module) -> Result<PathBuf> {
    let target = root().join("target/wasm").join(module.name);
    let mut cargo = wasm32::cargo(sources)?;
    cargo.env("RUSTFLAGS", [RUSTFLAGS, module.rustflags].concat());
    cargo.env("CARGO_PROFILE_WASM_OPT_LEVEL", module.optimise_for);
    cargo.env("CARGO_PROFILE_WASM_LTO", module.lto);
    cargo.args(["rustc", "--crate-type=cdylib", "--package=dealix-webhooks", "--lib", "--profile=wasm"]);
    cargo.args(wasm32::ARGUMENTS);
    if module.optimise_for == "z" {
        cargo.arg("-Zbuild-std-features=optimize_for_size");
    }
    cargo.args(["--features", module.feature, "--target-dir"]).arg(&target);
    run(&mut cargo)?;
    Ok(target.join("wasm32-unknown-unknown/wasm/dealix_webhooks.wasm"))
}

const RUSTFLAGS: &str = "-Ctarget-feature=+simd128,-reference-types -Zunstable-options -Cpanic=immediate-abort";

fn bind(module: &Module, compiled: &Path, bound: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).typescript(true);
    bindgen
        .bundler(true)
        .and_then(|bindgen| bindgen.generate(bound))
        .map_err(|error| anyhow!("wasm-bindgen on the {} module: {error:#}", module.name))
}

/// The exported functions take and return numbers, so JavaScript can call them without wasm-bindgen's glue. Only its types are
/// kept.
fn keep_types(name: &str, bound: &Path, out: &Path) -> Result<()> {
    fs::copy(bound.join(format!("{name}_bg.wasm.d.ts")), out.join(format!("{name}.d.ts")))?;
    Ok(())
}

fn optimise(module: &Module, bound: &Path, out: &Path) -> Result<()> {
    let bound = bound.join(format!("{}_bg.wasm", module.name));
    let level = format!("-O{}", module.optimise_for);
    output(npm_bin("wasm-opt").args(WASM_OPT).arg(level).arg(bound).arg("-o").arg(finished(module, out)))
        .context("wasm-opt, of npm's binaryen")?;
    Ok(())
}

fn finished(module: &Module, out: &Path) -> PathBuf {
    out.join(module.name).with_extension("wasm")
}
