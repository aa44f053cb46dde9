//! Hides a fault that only a fuzzer that sees branches finds. If it does not, `cargo xtask test` fails.

pub fn run(data: &[u8]) {
    let word = b"key";
    let mut known = 0;
    for (byte, expected) in data.iter().zip(word) {
        if byte != expected {
            return;
        }
        known += 1;
    }
    assert!(known < word.len(), "the control was found");
}
