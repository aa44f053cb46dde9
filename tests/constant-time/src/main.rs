//! What `cargo xtask constant-time` runs under Valgrind: a secret is marked as undefined memory, so that memcheck reports each
//! branch and each address that depends on it, or on what is computed from it, such as the expected MAC.

use dealix_webhooks::{Verifier, sign_payload};
use std::cell::Cell;
use std::hint::black_box;

const NOW: i64 = 1_700_000_000;
/// Over a block of the hash, so that HMAC hashes it first.
const LONG_SECRET: &str = "whsec_of_more_than_64_bytes_0123456789_0123456789_0123456789_0123456789";
const BODY: &[u8] = b"{\"id\":\"evt_1\"}";

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("verify") => verify(published),
        // Control: shows that what is marked reaches the verdict.
        Some("verdict") => verify(|verdict| verdict),
        Some("branch") => branch(),
        Some("lookup") => lookup(),
        _ => panic!("pass verify, verdict, branch or lookup"),
    }
}

/// Verifies what is genuine, what is not, several signatures under several secrets, and a body in chunks.
fn verify(see: fn(bool) -> bool) {
    let secrets = ["whsec_first", LONG_SECRET];
    let verifier = Verifier::new(secrets.map(Secret::new)).unwrap();
    let signed = |secret| sign_payload(secret, BODY, NOW).unwrap();
    let forged = format!("t={NOW},v1={}", "0a".repeat(32));
    let both = format!("{forged},v1={},v1=short", &signed(secrets[1])[16..]);
    for (header, is_genuine) in
        [(signed(secrets[0]), true), (signed("whsec_other"), false), (forged, false), (both, true)]
    {
        assert_eq!(see(verifier.verify(&header, BODY, NOW).is_ok()), is_genuine, "{header}");
        let mut verification = verifier.start(&header, NOW).unwrap();
        BODY.chunks(5).for_each(|chunk| verification.update(chunk));
        assert_eq!(see(verification.finish().is_ok()), is_genuine, "{header}");
    }
}

/// Control: a branch that memcheck must report.
fn branch() {
    let secret = marked("whsec_first");
    if secret[7] > b'f' {
        println!("The second letter is behind f.");
    }
}

/// Control: addresses that memcheck must report: `hex` looks digits up in a table.
fn lookup() {
    let mut digits = [0; 22];
    hex::encode_to_slice(marked("whsec_first"), &mut digits).unwrap();
    black_box(digits);
}

/// Text that is marked when it is read for the second time: the first is [`Verifier::new`]'s check whether anyone can guess the
/// secret, which only its owner can time, at start-up.
struct Secret {
    text: String,
    reads: Cell<u32>,
}

impl Secret {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), reads: Cell::new(0) }
    }
}

impl AsRef<str> for Secret {
    fn as_ref(&self) -> &str {
        self.reads.set(self.reads.get() + 1);
        if self.reads.get() == 2 {
            mark_undefined(self.text.as_bytes());
        }
        black_box(&self.text)
    }
}

fn marked(secret: &str) -> Vec<u8> {
    let secret = secret.as_bytes().to_vec();
    mark_undefined(&secret);
    black_box(secret)
}

/// The verdict is meant to be seen, and may be branched on from here on.
fn published(verdict: bool) -> bool {
    let verdict = [u8::from(verdict)];
    // SAFETY: as below.
    unsafe { mark_defined_memory(verdict.as_ptr(), 1) }
    black_box(verdict)[0] == 1
}

fn mark_undefined(bytes: &[u8]) {
    // SAFETY: outside Valgrind it does nothing, and under it the bytes stay as they are.
    unsafe { mark_undefined_memory(bytes.as_ptr(), bytes.len()) }
}

unsafe extern "C" {
    fn mark_undefined_memory(memory: *const u8, length: usize);
    fn mark_defined_memory(memory: *const u8, length: usize);
}
