//! The npm package's receiver: it converts, and decides nothing.
//!
//! Everything crosses the boundary as a number. Text and bytes go through one fixed buffer, in chunks, and nothing is
//! allocated: wasm memory never grows, and the module holds no allocator. Errors have no message here: JavaScript words
//! them from the code and two facts.
//!
//! A call may be cut off at any point, and leaves the memory in that state: JavaScript continues with a fresh instance.

mod bindings;
mod exports;
mod key;
mod keys;
#[cfg(test)]
mod tests;
