//! The two WebAssembly modules of the npm package: one for receivers, one for tests and tools.

#[cfg(feature = "wasm")]
mod receiver;
#[cfg(feature = "wasm-testing")]
mod testing;
