//! CPython, in one process for the whole run.

use serde_json::Value;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};

/// What Python is asked; `reference.py` has a function for each.
#[derive(Clone, Copy)]
pub enum Question {
    /// The canonical text of a payload.
    Canonical = b'c' as isize,
    /// An envelope's fields.
    Envelope = b'e' as isize,
    /// Whether an address, in 4 or 16 bytes, is public.
    Address = b'a' as isize,
    /// The IPv4 address that a host's name is read as.
    Number = b'n' as isize,
}

static PYTHON: LazyLock<Mutex<Child>> = LazyLock::new(|| {
    let mut python = Command::new("python3");
    python.args(["-I", "-S", "-c", include_str!("reference.py")]).stdin(Stdio::piped()).stdout(Stdio::piped());
    Mutex::new(python.spawn().expect("python3 is needed: the crate is compared with it"))
});

pub fn ask(question: Question, input: &[u8]) -> Value {
    let mut python = PYTHON.lock().expect("no panic before this one");
    let length = u32::try_from(input.len() + 1).expect("a short input");
    let request = [&length.to_le_bytes()[..], &[question as u8], input].concat();
    let stdin = python.stdin.as_mut().expect("a pipe");
    stdin.write_all(&request).and_then(|()| stdin.flush()).expect("python3 reads");
    let stdout = python.stdout.as_mut().expect("a pipe");
    let mut length = [0; 4];
    stdout.read_exact(&mut length).expect("python3 answers; what went wrong is above");
    let mut answer = vec![0; u32::from_le_bytes(length) as usize];
    stdout.read_exact(&mut answer).expect("the whole answer");
    serde_json::from_slice(&answer).expect("JSON")
}
