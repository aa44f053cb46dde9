use super::budget::Budget;
use super::mistake::Mistake;

/// What the body was before a mistake, and which mistake it was; `None` if it cannot have happened.
pub(super) type Undone = Option<(Vec<u8>, Mistake)>;

pub(super) type Undo = fn(&[u8], &mut Budget) -> Undone;
