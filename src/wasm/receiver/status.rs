//! What the functions return: the index of the secret that matched, or a negative number. -1 to -5 are the verdicts, in the
//! contract's order. Nothing but a verdict may be mistaken for one.

/// Returned in place of a key's number.
pub(super) const NO_KEY: f64 = 0.0;
/// A key was replaced by a newer one: the verifier's keys must be recreated.
pub(super) const UNKNOWN_KEY: i32 = -6;
/// A call that the JavaScript side never makes.
pub(super) const REFUSED: i32 = -7;
/// The host's digest is taken, and the next key's is needed.
pub(super) const NEXT: i32 = -8;
/// The MAC lies at the start of the buffer, as hex digits.
pub(super) const SIGNED: i32 = -9;
/// The header is accepted, but no keys were given, so nothing has started.
pub(super) const HEADER_ACCEPTED: i32 = -10;
/// A verification or a signing has started. If the host hashes, this minus the number of bytes that it hashes before the body.
pub(super) const STARTED: i32 = -11;
