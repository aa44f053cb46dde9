/// Bytes that may be hashed or rewritten: a second or two of work, whatever is to be diagnosed.
const LIMIT: usize = 128 * 1024 * 1024;

/// What the smallest step costs, in bytes: an HMAC hashes some blocks more than its message.
const STEP: usize = 256;

/// Bounds the search's time.
pub(super) struct Budget {
    left: usize,
    is_incomplete: bool,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: LIMIT, is_incomplete: false }
    }

    /// Takes the cost of a step over so many bytes; false, from then on, where there is not enough left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes.saturating_add(STEP)) {
            Some(left) => self.left = left,
            None => *self = Self { left: 0, is_incomplete: true },
        }
        self.left > 0
    }

    /// Notes that something is not tried.
    pub(super) fn overlook(&mut self) {
        self.is_incomplete = true;
    }

    pub(super) fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }
}
