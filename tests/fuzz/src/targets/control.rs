//! Hides a fault that any fuzzer finds. If it is not found, `cargo xtask test` fails.

pub fn run(data: &[u8]) {
    let word = b"k";
    let mut known = 0;
    for (byte, expected) in data.iter().zip(word) {
        if byte != expected {
            return;
        }
        known += 1;
    }
    assert!(known < word.len(), "the control was found");
}
