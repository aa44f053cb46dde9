/// Nearly a second in WebAssembly, counted in bytes hashed.
const SEARCH: usize = 224 * 1024 * 1024;

/// What looking at a body for the likeliest cause may cost, once the search has ended.
const GUESS: usize = 32 * 1024 * 1024;

/// What the smallest step costs: an HMAC hashes some blocks more than its message.
const STEP: usize = 256;

/// What reading JSON and writing it again costs for a value, and what more for a member of an object and for a float.
const VALUE: usize = 40;
const MEMBER: usize = 120;
const FLOAT: usize = 250;

/// Bounds the time of a diagnosis by the work that it does. There is no clock.
pub(super) struct Budget {
    left: usize,
    is_incomplete: bool,
}

impl Budget {
    pub(super) fn of_search() -> Self {
        Self { left: SEARCH, is_incomplete: false }
    }

    pub(super) fn of_guess() -> Self {
        Self { left: GUESS, is_incomplete: false }
    }

    /// Takes the cost of a step over so many bytes; false, from then on, where there is not enough left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes.saturating_add(STEP)) {
            Some(left) => self.left = left,
            None => *self = Self { left: 0, is_incomplete: true },
        }
        self.left > 0
    }

    /// Takes the cost of reading JSON and writing it again.
    pub(super) fn take_json(&mut self, text: &[u8]) -> bool {
        self.take(cost_of_json(text))
    }

    /// Notes that something is not tried.
    pub(super) fn overlook(&mut self) {
        self.is_incomplete = true;
    }

    pub(super) fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }
}

/// Estimated by the marks between values. `true` is taken for a float, for its `e`.
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
        let mut budget = Budget::of_search();
        assert!(budget.take(SEARCH / 2) && !budget.is_incomplete());
        assert!(!budget.take(SEARCH) && budget.is_incomplete());
        assert!(!budget.take(0));
    }
}
