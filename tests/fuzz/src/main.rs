//! What `cargo xtask fuzz` runs: libFuzzer around the target that `DEALIX_FUZZ_TARGET` names. One binary for all targets,
//! because linking it takes longer than anything else.

#![no_main]

mod case;
mod desk;
#[path = "../../support/naive.rs"]
mod naive;
mod reference;
mod targets;

// The operators' command, whose modules belong to no library. They find each other at the crate's root.
#[allow(dead_code, unused_imports)]
#[path = "../../../src/bin/dealix-sender/arguments/mod.rs"]
mod arguments;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/batch.rs"]
mod batch;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/damaged.rs"]
mod damaged;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/database.rs"]
mod database;
#[path = "../../../src/bin/dealix-sender/environment.rs"]
#[allow(dead_code)]
mod environment;
#[path = "../../../src/bin/dealix-sender/event.rs"]
mod event;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/output.rs"]
mod output;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/secret.rs"]
mod secret;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/secrets_keys.rs"]
mod secrets_keys;
#[allow(dead_code)]
#[path = "../../../src/bin/dealix-sender/values.rs"]
mod values;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("DEALIX_FUZZ_TARGET").unwrap_or_default();
    targets::target(&name).unwrap_or_else(|| panic!("DEALIX_FUZZ_TARGET names no target: {name:?}"))
});

fuzz_target!(|data: &[u8]| (*TARGET)(data));
