//! CPython, whose `json` module the canonical bytes are compared with.

use std::process::{Child, Command, Stdio};

/// Starts python3 on a program whose standard input and output are pipes.
pub fn start(program: &str) -> Child {
    Command::new("python3")
        .args(["-I", "-S", "-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed: the canonical bytes are compared with its json module")
}
