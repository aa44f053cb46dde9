//! What lies beneath an error.

use std::error::Error;

/// The error, its cause, the cause's cause and so on.
pub(super) fn sources<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The cause at the bottom, in whose words there is neither the URL nor the address.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}
