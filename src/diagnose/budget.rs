/// The budget of a search, in bytes hashed: nearly a second in WebAssembly.
const SEARCH: usize = 224 * 1024 * 1024;

/// The budget for guessing the likeliest cause once the search has ended.
const GUESS: usize = 32 * 1024 * 1024;

/// The cost of the smallest step: an HMAC hashes a few more blocks than its message.
const STEP: usize = 256;

/// The cost of reading and rewriting a JSON value, and the extra cost of an object's member and of a float.
const VALUE: usize = 40;
const MEMBER: usize = 120;
const FLOAT: usize = 250;

/// Bounds the time a diagnosis takes by counting its work, because the core has no clock.
pub(super) struct Budget {
    left: usize,
    is_incomplete: bool,
}

impl Budget {
    pub(super) fn for_search() -> Self {
        Self { left: SEARCH, is_incomplete: false }
    }

    pub(super) fn for_guess() -> Self {
        Self { left: GUESS, is_incomplete: false }
    }

    /// Spends the cost of a step over this many bytes. Returns false, from then on, if there is not enough left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes.saturating_add(STEP)) {
            Some(left) => self.left = left,
            None => *self = Self { left: 0, is_incomplete: true },
        }
        self.left > 0
    }

    /// Spends the cost of reading JSON and writing it again.
    pub(super) fn take_json(&mut self, text: &[u8]) -> bool {
        self.take(cost_of_json(text))
    }

    /// Records that something was not tried.
    pub(super) fn overlook(&mut self) {
        self.is_incomplete = true;
    }

    pub(super) fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }
}

/// Estimates by counting the punctuation between values. `true` counts as a float, because of its `e`.
fn cost_of_json(text: &[u8]) -> usize {
    let mut cost = 2 * text.len();
    let mut is_string = false;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => is_string = !is_string,
            b'\\' if is_string => drop(bytes.next()),
            _ if is_string => {}
            b',' | b'[' | b'{' => cost += VALUE,
            b':' => cost += MEMBER,
            b'.' | b'e' | b'E' => cost += FLOAT,
            _ => {}
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_costs_by_its_values_members_and_floats_and_text_by_its_bytes() {
        let list = |item: &str| cost_of_json(["[", &item.repeat(1000), "1]"].concat().as_bytes());
        assert!(list("1,") > 1000 * VALUE);
        assert!(list(r#"{"a":1},"#) > 1000 * (VALUE + VALUE + MEMBER));
        assert!(list("1.5,") > 1000 * (VALUE + FLOAT));
        let text = r#""a\",1.5:[{","#;
        assert_eq!(cost_of_json(text.as_bytes()), 2 * text.len() + VALUE);
    }

    #[test]
    fn what_is_too_much_ends_all_that_follows() {
        let mut budget = Budget::for_search();
        assert!(budget.take(SEARCH / 2) && !budget.is_incomplete());
        assert!(!budget.take(SEARCH) && budget.is_incomplete());
        assert!(!budget.take(0));
    }
}
