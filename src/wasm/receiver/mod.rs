//! The npm package's receiver: it converts, and decides nothing.
//!
//! Everything crosses the boundary as a number. Text and bytes go through one fixed buffer, in chunks, and nothing is
//! allocated: wasm memory never grows, and the module holds no allocator. Errors have no message here: JavaScript words
//! them from the code and one fact.
//!
//! A call may be cut off at any point, and leaves the memory in that state: JavaScript continues with a fresh instance.

mod engine;
mod exports;
mod hash;
mod key;
mod keys;
mod payload;
mod room;
mod status;
#[cfg(test)]
mod tests;
