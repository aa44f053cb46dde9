//! What callgrind counts: the instructions within [`counted_call`], summed up each time [`part_ends`] is called. It
//! finds both functions by name.

use crate::operations::Operation;
use serde_json::{Value, json};
use std::hint::black_box;

/// Calls before the counted ones, to get one-time work done and the heap, whose state costs instructions, settled.
const WARM_UP_CALLS: usize = 10;
/// More than one, to notice a count that varies.
const COUNTED_CALLS: usize = 3;

/// Prints as JSON what will be counted, in order, then makes the calls.
pub fn run(operations: &[Operation]) {
    let described: Vec<_> = operations.iter().map(describe).collect();
    println!("{}", json!({"sha256": sha256(), "counted_calls": COUNTED_CALLS, "operations": described}));
    for operation in operations {
        (0..WARM_UP_CALLS).for_each(|_| operation.run());
        part_ends();
        for _ in 0..COUNTED_CALLS {
            counted_call(operation);
            part_ends();
        }
    }
}

#[inline(never)]
fn counted_call(operation: &Operation) {
    operation.run();
    // Keeps the call above from becoming a jump, after which callgrind would not see this function end.
    black_box(());
}

#[inline(never)]
fn part_ends() {
    black_box(());
}

fn describe(operation: &Operation) -> Value {
    json!({"operation": operation.name, "input": operation.input, "bytes": operation.bytes})
}

/// Which SHA-256 implementation `sha2` chooses on this processor, or on the one that valgrind emulates.
fn sha256() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    let has_instructions = std::arch::is_x86_feature_detected!("sha") && std::arch::is_x86_feature_detected!("sse4.1");
    #[cfg(target_arch = "aarch64")]
    let has_instructions = std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let has_instructions = false;
    if has_instructions { "the processor's SHA instructions" } else { "software" }
}
