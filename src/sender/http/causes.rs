//! The chain of causes beneath an error.

use std::error::Error;

/// The error, its cause, the cause of that, and so on.
pub(super) fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The text of the innermost cause, which holds neither the URL nor the address.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}
